"""Fields that are sizes or sides of a picture, held to what a picture can have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...contract.rules import Dimensions, parse_size
from ...contract.sizes import shaped
from .. import descriptions
from .choices import is_number, whole
from .names import AREA, LEAST_SIDE, MOST_SIDE, RULES, SIDES, SIZES, USUAL_SIDE
from .sourced import Schema, sourced

Fields = Mapping[str, Schema]
BOTH = ("width", "height")
# Pixels of fewer than that are those of a side.
_LEAST_AREA = 10_000
_SIZES = re.compile(descriptions.SIZES)
_AREAS = re.compile(descriptions.SPAN + descriptions.PIXELS)
_EACH = re.compile(
    r"\b(?:each|both|sides?|dimensions?)\b[^.;:\d]{0,40}\b(?:between|from|of)\s+(\d{2,5})(?:\s*px| pixels)?"
    r"\s*(?:and|to|-|\u2013)\s*(\d{2,5})\b(?!\s*[x\u00d7*])",
    re.IGNORECASE,
)
_SPOKEN_OF = re.compile(
    rf"width\s*[x\u00d7*]\s*height|height\s*[x\u00d7*]\s*width|\bWxH\b|{descriptions.SIZE}", re.IGNORECASE
)


def held(fields: Fields, raw: Mapping[str, Any], source: str) -> dict[str, Schema]:
    """The fields, those that are sides or sizes with the limits that are documented or assumed."""
    sides = {name: whole(fields[name], LEAST_SIDE, MOST_SIDE) for pair in pairs(fields) for name in pair}
    sizes = {name: fields[name] for name in SIZES if name in fields}
    limited = {name: _with_limits(_with_sides(schema), raw.get(name, {}), source) for name, schema in sizes.items()}
    return {**fields, **sides, **limited}


def pairs(fields: Fields) -> Iterator[tuple[str, str]]:
    """The pairs of fields that are a width and a height."""
    return (pair for pair in SIDES if all(name in fields and is_number(fields[name]) for name in pair))


def objects(schema: Schema) -> Iterator[Schema]:
    """The objects with a width and a height that a field can be."""
    for part in (schema, *schema.get("anyOf", ())):
        if set(BOTH) <= part.get("properties", {}).keys():
            yield part


def side_of(schema: Schema) -> int:
    """A side that is left out: its default, else 1024 within its limits."""
    default = schema.get("default")
    if isinstance(default, (int, float)) and not isinstance(default, bool) and default >= 1:
        return int(default)
    return int(min(max(USUAL_SIDE, schema.get("minimum", USUAL_SIDE)), schema.get("maximum", MOST_SIDE)))


def usual(fields: Fields) -> Dimensions:
    """1024x1024, or what comes nearest to it within the limits of the sizes."""
    for schema in (fields[name] for name in SIZES if name in fields):
        for part in objects(schema):
            return side_of(part["properties"]["width"]), side_of(part["properties"]["height"])
        rule = schema.get("x-size", {})
        for area in (rule.get("minArea", 0), rule.get("maxArea", AREA)):
            if not rule.get("minArea", 0) <= AREA <= rule.get("maxArea", AREA) and area:
                return shaped(1, 1, area, 1)
        listed = [size for value in schema.get("enum", ()) if (size := parse_size(str(value)))]
        if listed and (USUAL_SIDE, USUAL_SIDE) not in listed:
            return listed[0]
    return USUAL_SIDE, USUAL_SIDE


def _with_sides(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return {**schema, "anyOf": [_with_sides(branch) for branch in schema["anyOf"]]}
    fields = schema.get("properties", {})
    if not set(BOTH) <= fields.keys():
        return schema
    sides = {name: _side(fields[name]) for name in BOTH if is_number(fields[name])}
    return {**schema, "properties": {**fields, **sides}}


def _side(schema: Schema) -> Schema:
    # More than nothing is all that some say.
    if schema.get("exclusiveMinimum", 1) == 0 or schema.get("minimum", LEAST_SIDE) < 1:
        schema = sourced(schema, {"minimum": LEAST_SIDE}, RULES)
    return whole(schema, LEAST_SIDE, MOST_SIDE)


def _with_limits(schema: Schema, raw: Any, source: str) -> Schema:
    """A free string with the `x-size` that its description, default or example speaks of."""
    if schema.get("type") != "string" or schema.keys() & {"enum", "const"}:
        return schema
    said = str(raw.get("description", ""))
    examples = raw.get("examples")
    shown = [schema.get("default"), *(examples if isinstance(examples, list) else [])]
    if not _SPOKEN_OF.search(said) and not any(isinstance(value, str) and parse_size(value) for value in shown):
        return schema
    told = _limits(said)
    rule = told or {"minSide": LEAST_SIDE, "maxSide": MOST_SIDE}
    return sourced(schema, {"x-size": rule}, [source, RULES] if told else RULES)


def _limits(said: str) -> Schema:
    if match := _EACH.search(said):
        least, most = int(match[1]), int(match[2])
        return {"minSide": least, "maxSide": most} if 0 < least <= most else {}
    areas = [tuple(map(descriptions.number, found)) for found in _AREAS.findall(said)]
    if known := [(int(least), int(most)) for least, most in areas if least >= _LEAST_AREA]:
        least, most = known[0]
    elif match := _SIZES.search(said):
        # Between two sizes means between their areas: 1888x301 was drawn where 512x512 is the least.
        least, most = int(match[1]) * int(match[2]), int(match[3]) * int(match[4])
    else:
        return {}
    return {"minArea": least, "maxArea": most} if 0 < least <= most else {}
