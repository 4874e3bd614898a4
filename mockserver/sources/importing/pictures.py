"""Which fields of a request are pictures, what they may be, and which of them is edited."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .. import descriptions
from .names import ASIDE, FILE, OTHER_LINKS, PICTURE_ENDS, PICTURES, RULES, words
from .sourced import Schema, sourced, types_of

Raw = Mapping[str, Any]
FORMATS = ("jpeg", "png", "webp")
BYTES = re.compile(r"(\d+(?:\.\d+)?)\s*(KB|MB|KiB|MiB)\b")
SCALE = {"K": 1024, "M": 1024 * 1024}
PIXELS = re.compile(r"([0-9][0-9,]{3,})" + descriptions.PIXELS, re.IGNORECASE)
SQUARE = re.compile(r"resolution:?\s*(?:of\s*)?" + descriptions.SIZE, re.IGNORECASE)
# Where the docs exclude all but links.
LINKS_ALONE = re.compile(
    r"\bur[il]s? only\b|\bonly (?:\w+ ){0,3}ur[il]s?\b|\b(?:base64|data ur[il]s?)\b[^.]{0,40}\bnot\b"
    r"|\b(?:not|no) (?:\w+ ){0,3}(?:base64|data ur[il]s?)\b",
    re.IGNORECASE,
)
EDIT = {"block": 32, "within": 8, "kept": 0.75, "changed": 40}


def is_picture(name: str, schema: Raw) -> bool:
    """Whether a field of that name is a picture: by a word of its name, or as a link that is to nothing else."""
    split = words(name)
    if not split or set(split) & OTHER_LINKS or "enum" in schema or "const" in schema:
        return False
    if set(split) & PICTURES and split[-1] in PICTURE_ENDS:
        return True
    return schema.get("format") == "uri" or schema.get("items", {}).get("format") == "uri"


def with_pictures(name: str, schema: Schema, raw: Raw, source: str) -> Schema:
    """The schema of a field with `x-image` wherever a picture can stand in it; as it is where none can."""
    if not is_picture(name, schema) and not _is_upload(schema):
        return schema
    # An object of whatever names is no file.
    if isinstance(raw.get("additionalProperties"), dict):
        return schema
    return _marked(schema, _description(raw), source)


def holds_picture(schema: Raw) -> bool:
    """Whether a picture stands anywhere in a schema."""
    parts = [*schema.get("anyOf", ()), *schema.get("properties", {}).values()]
    inner = [*parts, *([schema["items"]] if "items" in schema else [])]
    return "x-image" in schema or any(map(holds_picture, inner))


def edited(fields: Mapping[str, Schema], required: Sequence[str]) -> str | None:
    """The field whose first picture is edited: a required one before an optional, never a reference, mask or style."""
    pictures = [name for name, schema in fields.items() if holds_picture(schema) and not set(words(name)) & ASIDE]
    needed = [name for name in pictures if name in required]
    named = [name for name in pictures if set(words(name)) & PICTURES]
    return next(iter([*needed, *named]), None)


def edit(field: str) -> Schema:
    """The `x-edit` rule of a field: what the pictures published for SeedEdit kept, assumed of every other model."""
    return {"input": field, **EDIT}


def _marked(schema: Schema, said: str, source: str) -> Schema:
    if "anyOf" in schema:
        return {**schema, "anyOf": [_marked(branch, said, source) for branch in schema["anyOf"]]}
    if "items" in schema:
        return {**schema, "items": _marked(schema["items"], said, source)}
    if "string" in types_of(schema) and not schema.keys() & {"enum", "const"}:
        return _with_rule(schema, _forms(schema, said), said, source)
    if _is_upload(schema) or ("object" in types_of(schema) and not schema.get("properties")):
        return _with_rule(_upload(schema), ["file"], said, source)
    return schema


def _with_rule(schema: Schema, forms: list[str], said: str, source: str) -> Schema:
    documented = _limits(said)
    rule = {"forms": forms, "formats": list(FORMATS), **documented}
    return sourced(schema, {"x-image": rule}, [source, RULES] if documented else RULES)


def _is_upload(schema: Raw) -> bool:
    """Whether an object is a file, with the facts that a service keeps of it."""
    return "object" in types_of(schema) and schema.get("properties", {}).keys() >= FILE


def _upload(schema: Schema) -> Schema:
    """The object of a file. Its bytes are for `x-image` to judge: a schema would look at every one of them."""
    fields = schema.get("properties", {})
    if "buffer" not in fields:
        return schema
    kind = {"type": "string", "enum": ["Buffer"]}
    buffer = {"type": "object", "properties": {"type": kind, "data": {"type": "array"}}, "required": ["type", "data"]}
    return {**schema, "properties": {**fields, "buffer": _assumed(buffer)}}


def _assumed(schema: Schema) -> Schema:
    inner = {name: _assumed(field) for name, field in schema.get("properties", {}).items()}
    return {**schema, **({"properties": inner} if inner else {}), "x-source": {"*": RULES}}


def _forms(schema: Raw, said: str) -> list[str]:
    if LINKS_ALONE.search(said):
        return ["url"]
    text = said.lower()
    # A data URI is a URI, and clients send it where URLs are spoken of.
    if schema.get("format") == "uri" or ("url" in text and "base64" not in text and "data ur" not in text):
        return ["url", "data-uri"]
    return ["data-uri", "base64", "url"]


def _limits(said: str) -> Schema:
    """The limits that a description states: formats, bytes, pixels."""
    found: Schema = {}
    named = [format for format in FORMATS if re.search(rf"\b{format}\b", said.lower().replace("jpg", "jpeg"))]
    if named:
        found["formats"] = named
    if match := BYTES.search(said):
        found["maxBytes"] = int(float(match[1]) * SCALE[match[2][0]])
    if match := PIXELS.search(said):
        found["maxPixels"] = int(descriptions.number(match[1]))
    elif match := SQUARE.search(said):
        found["maxPixels"] = int(match[1]) * int(match[2])
    return found


def _description(raw: Raw) -> str:
    """What a field's descriptions say, its own and those inside."""
    own = raw.get("description", "")
    inner = [*raw.get("anyOf", ()), *([raw["items"]] if isinstance(raw.get("items"), dict) else [])]
    return " ".join([own if isinstance(own, str) else "", *(_description(part) for part in inner)]).strip()
