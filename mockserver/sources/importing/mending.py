"""A schema of facts made to hold together: without contradictions, with its types said and its defaults possible."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from .reports import Spot
from .sourced import Schema, without

RANGES = (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"))
# A grid of so few values is a list of them.
MOST_MULTIPLES = 512
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def mended(schema: Schema, spot: Spot) -> Schema:
    """The schema as it can be held; what has to go is reported."""
    for change in (_ranges, _values, _grid, _typed, _with_default, _with_required):
        schema = change(schema, spot)
    return schema


def accepts(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a schema takes a value, its `x-` keywords aside."""
    return bool(Draft202012Validator(schema).is_valid(value))


def shown(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _ranges(schema: Schema, spot: Spot) -> Schema:
    for least, most in RANGES:
        if least in schema and most in schema and schema[least] > schema[most]:
            spot.problem(f"{least} {schema[least]} is above {most} {schema[most]}: both left out")
            schema = without(schema, least, most)
    return schema


def _values(schema: Schema, spot: Spot) -> Schema:
    """A schema whose listed values are all of its type."""
    if "enum" not in schema or "type" not in schema:
        return schema
    kinds = schema["type"]
    fitting = [value for value in schema["enum"] if accepts({"type": kinds}, value)]
    if not fitting:
        spot.problem(f"no value of `enum` is of type {shown(kinds)}: the type is left out")
        return without(schema, "type")
    if len(fitting) < len(schema["enum"]):
        spot.problem(f"values of `enum` that are not of type {shown(kinds)} are left out")
    return {**schema, "enum": fitting}


def _grid(schema: Schema, spot: Spot) -> Schema:
    """A schema without `multipleOf`: few multiples are a list, whole numbers are integers."""
    step = schema.get("multipleOf")
    if step is None:
        return schema
    rest = without(schema, "multipleOf")
    if step == 1:
        return {**rest, "type": "integer"} if rest.get("type") == "number" else rest
    least, most = rest.get("minimum"), rest.get("maximum")
    if isinstance(step, int) and isinstance(least, int) and isinstance(most, int) and step and "enum" not in rest:
        values = range(-(-least // step) * step, most + 1, step)
        if 0 < len(values) <= MOST_MULTIPLES:
            return {**rest, "enum": list(values)}
    spot.inside("multipleOf").problem("`multipleOf` cannot be held: left out")
    return rest


def _typed(schema: Schema, _: Spot) -> Schema:
    """A schema whose type is said: a list of texts is of texts, what has fields is an object."""
    if "type" in schema:
        return schema
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    told = {"properties": "object", "items": "array"}
    kinds = [kind for keyword, kind in told.items() if keyword in schema]
    kinds = kinds or list(dict.fromkeys(KINDS.get(type(value), "null") for value in values))
    return {"type": kinds[0], **schema} if len(kinds) == 1 else schema


def _with_default(schema: Schema, spot: Spot) -> Schema:
    """A schema whose default, if it has one, is a value that it takes."""
    if "default" not in schema or accepts(without(schema, "default"), schema["default"]):
        return schema
    said = f"the default {shown(schema['default'])} is no value that the field takes: left out"
    spot.inside("default").note(said)
    return without(schema, "default")


def _with_required(schema: Schema, spot: Spot) -> Schema:
    """A schema that has every field that it requires."""
    fields = schema.get("properties", {})
    missing = [name for name in schema.get("required", ()) if name not in fields]
    for name in missing:
        spot.inside("required").note(f"{name!r} is required, but no rule is given for it")
    return {**schema, "properties": {**fields, **{name: {} for name in missing}}} if missing else schema
