"""Cases that must be accepted: each field at each of its bounds, one field at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..contract.images import ratio
from ..contract.keywords import parse_size
from ..contract.models import Model
from .case import SILENT, Case, UnknownKeyword, base_body, data_uri

Values = Iterator[tuple[str, Any]]
Schema = Mapping[str, Any]
# A host that no server can resolve (RFC 2606), so that a probe of ours never reaches a stranger.
REMOTE = "https://pictures.example/t-rex.png"
TEXTS = {
    "one-character": "x",
    "unicode": "Ein Fuchs 狐 🦊 رسم é",
    "markup": "<b>\"quoted\" & 'escaped' \\n</b>\n\ttabs",
    "long": "a very tall lighthouse, " * 80,
}


def boundary(model: Model) -> Iterator[Case]:
    """Every value on a boundary of the model's request schema, in a body that is otherwise the smallest."""
    base = base_body(model)
    yield Case("smallest", model.id, base)
    for field, schema in model.request["properties"].items():
        for keyword, label, value in accepted(schema):
            name = f"{field}-{label}"
            yield Case(name, model.id, {**base, field: value}, sources=model.rule_sources(field, keyword))


def accepted(schema: Schema) -> Iterator[tuple[str, str, Any]]:
    """Keyword, label and value of each boundary of a field's schema. Raises UnknownKeyword."""
    unknown = sorted(schema.keys() - ACCEPTED.keys() - SILENT)
    if unknown:
        raise UnknownKeyword(tuple(unknown), schema.get("description", "a schema"))
    for keyword in (keyword for keyword in schema if keyword in ACCEPTED):
        for label, value in ACCEPTED[keyword](schema):
            yield keyword, label, value


def _nothing(_: Schema) -> Values:
    yield from ()


def _type(schema: Schema) -> Values:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if schema.keys() & {"enum", "const", "pattern", "x-size", "x-image"}:
        return
    for kind in kinds:
        yield from TYPED.get(kind, _nothing)(schema)


def _texts(schema: Schema) -> Values:
    for label, text in TEXTS.items():
        if schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", math.inf):
            yield label, text


def _integers(schema: Schema) -> Values:
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    wanted = {"zero": 0, "one": 1, "integral-float": 7.0, "31-bit": 2**31 - 1}
    yield from ((label, value) for label, value in wanted.items() if least <= value <= most)


def _numbers(schema: Schema) -> Values:
    if "minimum" in schema and "maximum" in schema:
        yield "fraction", round((schema["minimum"] + schema["maximum"]) / 2 + 0.25, 2)


def _x_size(schema: Schema) -> Values:
    rule = schema["x-size"]
    for text in [*schema.get("examples", []), *sorted(_sizes_at(rule))]:
        yield text, text


def _sizes_at(rule: Mapping[str, int]) -> set[str]:
    """Sizes exactly at the least and the most area, square and narrow."""
    found = set()
    for area in (rule[key] for key in ("minArea", "maxArea") if key in rule):
        side = math.isqrt(area)
        for width in (side, max(side // 4, 1), side * 4):
            size = f"{width}x{area // width}"
            if area % width == 0 and _within(rule, size):
                found.add(size)
    return found


def _within(rule: Mapping[str, int], text: str) -> bool:
    size = parse_size(text)
    return size is not None and rule.get("minSide", 1) <= min(size) and max(size) <= rule.get("maxSide", math.inf)


def _x_image(schema: Schema) -> Values:
    rule = schema["x-image"]
    bare = data_uri(64, 48).partition(",")[2]
    forms = {"base64": bare, "url": REMOTE}
    yield from ((form, forms[form]) for form in rule["forms"] if form in forms)
    if "data-uri" in rule["forms"]:
        yield from ((f"data-uri-{container}", data_uri(96, 64, container)) for container in rule["formats"])
    yield from (("x".join(map(str, size)), data_uri(*size)) for size in _input_sizes(rule))


def _input_sizes(rule: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    side = rule.get("minSide", 16)
    yield side, side
    for key in ("minRatio", "maxRatio"):
        if key in rule:
            shape = ratio(rule[key])
            times = -(-side // min(shape.numerator, shape.denominator))
            yield shape.numerator * times, shape.denominator * times


TYPED: dict[str, Callable[[Schema], Values]] = {
    "string": _texts,
    "integer": _integers,
    "number": _numbers,
    "boolean": lambda _: iter([("true", True), ("false", False)]),
    "null": lambda _: iter([("null", None)]),
}
ACCEPTED: dict[str, Callable[[Schema], Values]] = {
    "type": _type,
    "enum": lambda schema: ((str(value), value) for value in schema["enum"]),
    "minimum": lambda schema: iter([("minimum", schema["minimum"])]),
    "maximum": lambda schema: iter([("maximum", schema["maximum"])]),
    "minLength": lambda schema: iter([("minLength", "é" * schema["minLength"])]),
    "maxLength": lambda schema: iter([("maxLength", "é" * schema["maxLength"])]),
    "x-size": _x_size,
    "x-image": _x_image,
}
