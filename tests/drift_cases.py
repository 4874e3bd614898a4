"""Changes, one of each kind and more, with the class that each must have."""

from __future__ import annotations

from typing import Any, NamedTuple

from pixelpact.sources.drift.values import SEEN, SPEC, Offer

Schema = dict[str, Any]
PATH = "/v1/images/generations"
POST = f"POST {PATH}"
B, R, H = "breaking", "risky", "harmless"


class Planted(NamedTuple):
    """A field, or a whole schema, before and after; the class for callers in a request, for readers in an answer."""

    kind: str
    old: Any
    new: Any
    request: str
    answer: str


def fields(*required: str, **properties: Any) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
FIELDS = [
    Planted("type-changed", TEXT, {"type": "boolean"}, B, B),
    Planted("type-narrowed", NUMBER, {"type": "integer"}, B, H),
    Planted("type-narrowed", {"type": ["string", "array"]}, TEXT, B, H),
    Planted(
        "type-narrowed", {"anyOf": [{**TEXT, "enum": ["a"]}, {**TEXT, "minLength": 3}]}, {**TEXT, "enum": ["a"]}, B, H
    ),
    Planted("type-narrowed", {}, TEXT, B, H),
    Planted("type-widened", {"type": "integer"}, NUMBER, H, B),
    Planted("type-widened", TEXT, {"anyOf": [TEXT, {"type": "array"}]}, H, B),
    Planted("type-spelt", {"enum": ["a"]}, {"type": "string", "enum": ["a"]}, H, H),
    Planted("nullable", TEXT, {"type": ["string", "null"]}, H, B),
    Planted("not-nullable", {"anyOf": [TEXT, {"type": "null"}]}, TEXT, B, H),
    Planted("list-stated", TEXT, {**TEXT, "enum": ["a", "b"]}, B, H),
    Planted("list-dropped", {**TEXT, "enum": ["a", "b"]}, TEXT, H, B),
    Planted("list-narrowed", {**TEXT, "enum": ["a", "b"]}, {**TEXT, "const": "b"}, B, H),
    Planted("list-widened", {**TEXT, "enum": ["a"]}, {**TEXT, "enum": ["b", "a"]}, H, B),
    Planted("list-changed", {**TEXT, "enum": ["a"]}, {**TEXT, "enum": ["b"]}, B, B),
    Planted("bound-tightened", {**NUMBER, "maximum": 10}, {**NUMBER, "maximum": 9}, B, H),
    Planted("bound-tightened", {**NUMBER, "maximum": 10}, {**NUMBER, "exclusiveMaximum": 10}, B, H),
    Planted("bound-tightened", TEXT, {**TEXT, "maxLength": 400}, B, H),
    Planted("bound-loosened", {**NUMBER, "minimum": 1}, {**NUMBER, "minimum": 0}, H, R),
    Planted("bound-loosened", {**TEXT, "minLength": 1}, {**TEXT, "minLength": 0}, H, R),
    Planted("bound-loosened", {"type": "array", "maxItems": 4}, {"type": "array", "maxItems": 9}, H, R),
    Planted("bound-tightened", {**TEXT, "x-size": {"minArea": 9}}, {**TEXT, "x-size": {"minArea": 99}}, B, H),
    Planted("bound-loosened", {**TEXT, "x-image": {"maxRatio": "2:1"}}, {**TEXT, "x-image": {"maxRatio": "3:1"}}, H, R),
    Planted(
        "list-narrowed", {**TEXT, "x-image": {"forms": ["url", "file"]}}, {**TEXT, "x-image": {"forms": ["url"]}}, B, H
    ),
    Planted("rule-stated", TEXT, {**TEXT, "format": "uri"}, B, H),
    Planted("rule-dropped", {**TEXT, "pattern": "a"}, TEXT, H, R),
    Planted("rule-changed", {**TEXT, "format": "uri"}, {**TEXT, "format": "date"}, B, R),
    Planted("meaning-changed", {**TEXT, "x-value": "url"}, {**TEXT, "x-value": "prompt"}, R, R),
    Planted("default-stated", NUMBER, {**NUMBER, "default": 2.5}, H, H),
    Planted("default-changed", {**NUMBER, "default": 0}, {**NUMBER, "default": 2.5}, R, H),
    Planted("default-dropped", {**NUMBER, "default": None}, NUMBER, R, H),
    Planted("deprecated", TEXT, {**TEXT, "deprecated": True}, R, R),
    Planted("undeprecated", {**TEXT, "deprecated": True}, {**TEXT, "deprecated": False}, H, H),
    Planted("prose-stated", TEXT, {**TEXT, "description": "Less than 50MB."}, R, R),
    Planted("prose-changed", {"description": "Less than 50MB."}, {"description": "Less than 30MB."}, R, R),
    Planted("prose-dropped", {"description": "Up to 16 images."}, {"description": "Images."}, R, R),
    Planted("wording", {"description": "A picture."}, {"description": "Any picture."}, H, H),
    Planted("wording", {**TEXT, "examples": ["a"]}, TEXT, H, H),
]
WHOLE = [
    Planted("replaced", fields(status=TEXT, output=TEXT), fields(data=TEXT, meta=TEXT), B, B),
    Planted("field-added", fields(size=TEXT), fields(size=TEXT, seed=NUMBER), H, H),
    Planted(
        "field-admitted",
        {**fields(a=TEXT), "additionalProperties": False},
        {**fields(a=TEXT, z=NUMBER), "additionalProperties": False},
        H,
        R,
    ),
    Planted("field-needed", fields(size=TEXT), fields("seed", size=TEXT, seed=NUMBER), B, H),
    Planted(
        "field-needed-too",
        {**fields(a=TEXT), "additionalProperties": False},
        {**fields("z", a=TEXT, z=NUMBER), "additionalProperties": False},
        B,
        R,
    ),
    Planted("field-removed", fields(size=TEXT, seed=NUMBER), fields(size=TEXT), B, B),
    Planted(
        "field-renamed", fields("tokens_used", tokens_used=NUMBER), fields("credits_used", credits_used=NUMBER), B, B
    ),
    Planted("field-renamed", fields(image=TEXT, seed=NUMBER), fields(image_url=TEXT, seed=NUMBER), B, B),
    Planted("required", fields(size=TEXT), fields("size", size=TEXT), B, H),
    Planted("optional", fields("size", size=TEXT), fields(size=TEXT), H, B),
    Planted("closed", fields(size=TEXT), {**fields(size=TEXT), "additionalProperties": False}, B, H),
    Planted("opened", {**fields(size=TEXT), "additionalProperties": False}, fields(size=TEXT), H, R),
    Planted(
        "meaning-changed",
        {"x-output-size": [{"as": "fixed", "size": "1x1"}]},
        {"x-output-size": [{"as": "fixed", "size": "2x2"}]},
        R,
        R,
    ),
    Planted("meaning-changed", {}, {"x-count": {"field": "n", "source": "s"}}, R, R),
    Planted("wording", fields("a", "b", a=TEXT, b=TEXT), fields("b", "a", a=TEXT, b=TEXT), H, H),
    Planted("wording", fields(a=TEXT, b=TEXT), fields(b=TEXT, a=TEXT), H, H),
]
# With the name of the field, as it decides what comes.
NAMED = {
    "form-default-changed": ({**TEXT, "default": "url"}, {**TEXT, "default": "b64_json"}, (R, B)),
    "form-default-dropped": ({**TEXT, "default": "url"}, TEXT, (R, R)),
}


# Whole offers, with the class for callers and for readers.


ANSWER = fields(data={"type": "array"})
OFFER = Offer("one/two", POST, "one.json", SPEC, request=fields(prompt=TEXT), answers={"200": ANSWER}, security={})
KEY = {"key": {"type": "http", "scheme": "bearer"}}
HEADER = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}


def offer(**other: Any) -> Offer:
    return Offer(**{**OFFER.__dict__, **other})


OFFERS: list[tuple[str, Offer, Offer, str, str]] = [
    ("security-dropped", offer(security=KEY), offer(), R, H),
    ("security-added", offer(), offer(security=KEY), B, H),
    ("security-changed", offer(security=KEY), offer(security=HEADER), B, H),
    ("security-spelt", offer(security={"key": {**KEY["key"], "in": "header"}}), offer(security=KEY), H, H),
    ("server-changed", offer(facts={"server": "https://a"}), offer(facts={"server": "https://b"}), R, H),
    ("price-changed", offer(facts={"price": "1"}), offer(facts={"price": "2"}), R, H),
    ("picture-changed", offer(facts={"picture": "jpeg"}), offer(facts={"picture": "png"}), H, R),
    ("standing-worse", offer(), offer(facts={"standing": "deprecated"}), R, H),
    ("standing-better", offer(facts={"standing": "removed"}), offer(facts={"standing": "current"}), H, H),
    ("body-described", offer(request=None), offer(), R, H),
    ("body-undescribed", offer(), offer(request={"description": "Anything."}), R, H),
    (
        "media-changed",
        offer(media={"answer 200": ("application/json",)}),
        offer(media={"answer 200": ("text/plain",)}, answers={"200": None}),
        H,
        B,
    ),
    ("media-changed", offer(media={"request": ("application/json",)}), offer(media={"request": ("text/xml",)}), B, H),
    ("field-removed", offer(headers={"200": fields(link=TEXT)}), offer(headers={"200": fields()}), H, B),
    ("field-added", offer(headers={"200": fields()}), offer(headers={"200": fields(link=TEXT)}), H, H),
    ("status-replaced", offer(answers={"201": ANSWER}), offer(), R, B),
    ("success-added", offer(), offer(answers={"200": ANSWER, "202": None}), H, R),
    ("success-removed", offer(answers={"200": ANSWER, "202": None}), offer(), H, B),
    ("status-added", offer(), offer(answers={"200": ANSWER, "429": None}), H, H),
    ("status-removed", offer(answers={"200": ANSWER, "429": None}), offer(), H, R),
    ("answer-described", offer(answers={"200": {}}), offer(), H, R),
    ("answer-undescribed", offer(), offer(answers={"200": None}), H, R),
    ("required", offer(parameters=fields(key=TEXT)), offer(parameters=fields("key", key=TEXT)), B, H),
    ("type-changed", offer(error=fields(code=TEXT)), offer(error=fields(code=NUMBER)), H, B),
    ("wording", offer(loose={"samples": 1}), offer(loose={"samples": 2}), H, H),
    ("wording", offer(text="[1, 2]"), offer(text="[1, 3]"), H, H),
    (
        "undocumented",
        offer(),
        offer(nature=SEEN, answers={"200": fields(created=NUMBER, **ANSWER["properties"])}),
        H,
        H,
    ),
    ("unpromised", offer(nature=SEEN, answers={"200": fields(created=NUMBER, **ANSWER["properties"])}), offer(), H, R),
]


ALIAS = offer(endpoint="POST /images/generations")
SIDES: list[tuple[str, tuple[Offer, ...], tuple[Offer, ...], str]] = [
    ("model-added", (OFFER,), (OFFER, offer(model="one/three")), H),
    ("model-removed", (OFFER, offer(model="one/three")), (OFFER,), B),
    ("path-moved", (OFFER,), (ALIAS,), B),
    ("path-added", (OFFER,), (OFFER, ALIAS), H),
    ("path-removed", (OFFER, ALIAS), (OFFER,), B),
]
