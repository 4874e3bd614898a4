"""The facts of a documented schema: its rules with their source, and not one of the vendor's sentences.

A keyword that our dialect cannot hold is left out and reported; titles, descriptions and examples are left out by
intent. Nothing here infers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from ..texts import is_secret
from .mending import mended, shown
from .reports import Spot
from .sourced import Schema, types_of, without

Reader = Callable[[Any, Spot], Schema | None]
# Words, and what only tools for documents use.
UNHELD = {
    *("title", "description", "example", "examples", "$comment", "$schema", "$id", "$anchor"),
    *("xml", "externalDocs", "discriminator", "readOnly", "writeOnly"),
}
TYPES = {"string", "number", "integer", "boolean", "array", "object", "null"}
WIDTHS = ("float", "double", "int32", "int64")


def facts(schema: Mapping[str, Any], spot: Spot) -> Schema:
    """The rules of a normalised schema, in its order, each with the file as its source."""
    found: Schema = {}
    for keyword, value in schema.items():
        if keyword in UNHELD or keyword.startswith("x-"):
            continue
        reader = READERS.get(keyword)
        if reader is None:
            spot.inside(keyword).problem(f"`{keyword}` cannot be held: left out")
        elif (held := reader(value, spot.inside(keyword))) is not None:
            found |= held
    found = mended(found, spot)
    unsourced = {"properties", "items"}
    return {**found, "x-source": {"*": spot.source}} if found.keys() - unsourced else found


def is_plain(value: Any) -> bool:
    """Whether a value can be written as JSON, and read by whoever follows references."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return "$ref" not in value and all(map(is_plain, value.values()))
    return all(map(is_plain, value)) if isinstance(value, list) else True


def is_number(value: Any) -> bool:
    """Whether a value is a number, and one that JSON can write."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _type(value: Any, spot: Spot) -> Schema | None:
    kinds = [value] if isinstance(value, str) else value
    if isinstance(kinds, list) and kinds and all(isinstance(kind, str) and kind in TYPES for kind in kinds):
        return {"type": kinds[0] if len(kinds) == 1 else list(dict.fromkeys(kinds))}
    spot.problem(f"no type of JSON: {shown(value)}")
    return None


def _enum(value: Any, spot: Spot) -> Schema | None:
    if isinstance(value, list) and value and is_plain(value):
        # In Python true is 1.
        values = list({json.dumps(item, sort_keys=True): item for item in value}.values())
        public = [item for index, item in enumerate(values) if not _is_secret(item, spot.inside(index))]
        return {"enum": public} if public else None
    spot.problem("no list of values: left out")
    return None


def _value(keyword: str) -> Reader:
    def read(value: Any, spot: Spot) -> Schema | None:
        if is_plain(value):
            return None if _is_secret(value, spot) else {keyword: value}
        spot.problem("no value that can be held: left out")
        return None

    return read


def _is_secret(value: Any, spot: Spot) -> bool:
    """Whether anything in a value looks like a secret, which is reported without it."""
    found = is_secret(json.dumps(value, ensure_ascii=False))
    if found:
        spot.problem("a value that looks like a secret: left out")
    return found


def _number(keyword: str, least: float = -math.inf, whole: bool = False) -> Reader:
    def read(value: Any, spot: Spot) -> Schema | None:
        # 3.0 is a whole number in JSON.
        number = int(value) if whole and isinstance(value, float) and value.is_integer() else value
        if is_number(number) and isinstance(number, int if whole else (int, float)) and number >= least:
            return {keyword: number}
        spot.problem(f"no number that `{keyword}` can be: {shown(value)}")
        return None

    return read


def _flag(keyword: str) -> Reader:
    def read(value: Any, spot: Spot) -> Schema | None:
        if isinstance(value, bool):
            return {keyword: value} if value else {}
        spot.problem(f"neither true nor false: {shown(value)}")
        return None

    return read


def _additional(value: Any, spot: Spot) -> Schema | None:
    if isinstance(value, bool):
        return {} if value else {"additionalProperties": False}
    if value != {}:
        spot.problem("a schema for all other fields cannot be held: left out")
    return None


def _format(value: Any, spot: Spot) -> Schema | None:
    if value in ("uri", "url"):
        return {"format": "uri"}
    if value not in WIDTHS:
        spot.note(f"the format {shown(value)} is not judged")
    return None


def _properties(value: Any, spot: Spot) -> Schema | None:
    if not isinstance(value, dict):
        spot.problem("no object: left out")
        return None
    held = {}
    for name, schema in value.items():
        if name == "$ref":
            spot.inside(name).problem("a field of this name cannot be held: left out")
        elif not _is_secret(name, spot.inside(name)):
            held[name] = facts(schema, spot.inside(name)) if isinstance(schema, dict) else {}
    return {"properties": held}


def _items(value: Any, spot: Spot) -> Schema | None:
    if isinstance(value, dict):
        return {"items": facts(value, spot)}
    spot.problem("no schema: left out")
    return None


def _branches(value: Any, spot: Spot) -> Schema | None:
    """Branches, of which one that is null alone becomes a type of the other."""
    if not isinstance(value, list) or not value or not all(isinstance(branch, dict) for branch in value):
        spot.problem("no list of schemas: left out")
        return None
    held = [facts(branch, spot.inside(index)) for index, branch in enumerate(value)]
    rules = [without(branch, "x-source", "default", "deprecated") for branch in held]
    if {} in rules:
        return {}
    plain = [branch for branch, rule in zip(held, rules, strict=True) if rule != {"type": "null"}]
    if len(plain) == 1:
        only = without(plain[0], "x-source")
        return only if len(held) == 1 else _nullable(only, held)
    return {"anyOf": held}


def _nullable(only: Schema, held: list[Schema]) -> Schema:
    if "type" not in only or "enum" in only or "const" in only:
        return {"anyOf": held}
    return {**only, "type": list(dict.fromkeys([*types_of(only), "null"]))}


def _alternatives(value: Any, spot: Spot) -> Schema | None:
    held = _branches(value, spot)
    if held and "anyOf" in held:
        spot.note("`oneOf` is held as `anyOf`")
    return held


def _required(value: Any, spot: Spot) -> Schema | None:
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return {"required": list(dict.fromkeys(name for name in value if name != "$ref" and not is_secret(name)))}
    spot.problem("no list of names: left out")
    return None


READERS: dict[str, Reader] = {
    "type": _type,
    "enum": _enum,
    "const": _value("const"),
    "default": _value("default"),
    "format": _format,
    "minimum": _number("minimum"),
    "maximum": _number("maximum"),
    "exclusiveMinimum": _number("exclusiveMinimum"),
    "exclusiveMaximum": _number("exclusiveMaximum"),
    "minLength": _number("minLength", 0, True),
    "maxLength": _number("maxLength", 0, True),
    "minItems": _number("minItems", 0, True),
    "maxItems": _number("maxItems", 0, True),
    # Held for a moment: a grid becomes a list of its values.
    "multipleOf": _number("multipleOf", 0),
    "items": _items,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "anyOf": _branches,
    "oneOf": _alternatives,
    "deprecated": _flag("deprecated"),
}
