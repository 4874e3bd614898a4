"""A model's fields as its requests should ask them: no more pictures than a test needs, and none larger."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..contract.models import Model
from ..contract.rules import Dimensions
from ..contract.samples import LOCAL_EDIT
from .schemas import Schema, accepts, interval, kinds, says

# Two tell whether several come; a bound of ten is still tried where nobody pays.
MOST_COUNT = 10
# What is no smaller counts as large, where a field chooses among names of sizes.
LARGE = 2**21
SIDES = 64, 2048
# The least side of a picture that another is as large as: room enough to tell what an edit keeps.
PICTURED = 288
Sides = tuple[int, int]


def asked(model: Model, *, sides: Sides = SIDES, count: int = MOST_COUNT, large: bool = True) -> dict[str, Schema]:
    """The schema of each field that has a rule or is required; the model's own takes every value of it.

    Sides of pictures are between `sides`, if they may be, pictures at most `count`, and names of sizes `large`.
    """
    found = {name: schema for name, schema in model.request["properties"].items() if says(schema)}
    # What is required without a rule may be anything, so it is a word.
    found |= {name: {"type": "string"} for name in model.request["required"] if name not in found}
    if "x-edit" in model.request and "prompt" in found:
        found["prompt"] = _local(found["prompt"])
    for field in count_fields(model) & found.keys():
        found[field] = _counted(found[field], count)
    for way in model.request.get("x-output-size", ()):
        for field, narrowed in _sided(way, sides).items():
            found |= {field: narrowed(found[field])} if field in found else {}
    return found if large else {name: _small(model, name, schema) for name, schema in found.items()}


def count_fields(model: Model) -> set[str]:
    """The field that says how many pictures come, if there is one."""
    return {model.request["x-count"]["field"]} if "x-count" in model.request else set()


def side_fields(model: Model) -> set[str]:
    """The fields whose numbers, or whose pictures, give the sides of the picture."""
    return {field for way in model.request.get("x-output-size", ()) for field in _sided(way, SIDES)}


def areas(model: Model, field: str, values: list[Any]) -> list[int]:
    """How many pixels a picture has at each value of a field; 0 where the field alone does not say."""
    return [max((math.prod(size) for size in _sizes(model, field, value)), default=0) for value in values]


def named(schema: Schema) -> list[Any]:
    """The values that a schema lists, in itself or in its branches."""
    return [*schema.get("enum", ()), *(value for branch in schema.get("anyOf", ()) for value in named(branch))]


def beside(model: Model, field: str) -> dict[str, Any]:
    """What a body needs for that field to decide the size: a tier such as 4K counts with a ratio alone."""
    ways = model.request.get("x-output-size", ())
    ratios = [way["field"] for way in ways if way.get("scale", {}).get("field") == field]
    return {name: values[0] for name in ratios if (values := named(model.request["properties"].get(name, {})))}


def _local(schema: Schema) -> Schema:
    """The schema of a prompt with one that keeps most of a picture, where the docs have none."""
    fits = "examples" not in schema and accepts(schema, LOCAL_EDIT)
    return {**schema, "examples": [LOCAL_EDIT]} if fits else schema


def _counted(schema: Schema, most: int) -> Schema:
    if "enum" in schema or "const" in schema or "anyOf" in schema:
        return schema
    least, bound = interval(schema, whole=True)
    # A fraction of a picture is nobody's promise, and neither is none.
    ends = {"minimum": int(max(least, 1)), "maximum": int(min(bound, max(most, least)))}
    return {**_unbounded(schema), "type": _whole(schema), **ends}


def _sided(way: Mapping[str, Any], sides: Sides) -> dict[str, Callable[[Schema], Schema]]:
    """For each field of a way to the size, what makes its sides such that a picture can be drawn and judged."""
    if way["as"] == "sides":
        return dict.fromkeys((way["field"], way["height"]), lambda schema: _side(schema, sides))
    if way["as"] == "input":
        return {way["field"]: _pictured}
    if way["as"] == "object":
        return {way["field"]: lambda schema: _sides(schema, (way["width"], way["height"]), sides)}
    return {}


def _sides(schema: Schema, names: tuple[str, str], sides: Sides) -> Schema:
    if "anyOf" in schema:
        return {**schema, "anyOf": [_sides(branch, names, sides) for branch in schema["anyOf"]]}
    known = schema.get("properties", {})
    inner = {name: _side(part, sides) if name in names else part for name, part in known.items()}
    return {**schema, "properties": inner} if known else schema


def _side(schema: Schema, sides: Sides) -> Schema:
    if "enum" in schema or "const" in schema or not {"integer", "number"} & set(kinds(schema)):
        return schema
    least, most = interval(schema, whole=True)
    # What is narrower than a few pixels is no picture, whatever a schema leaves open.
    shortest = int(min(max(least, sides[0]), most))
    ends = {"minimum": shortest, "maximum": int(min(most, max(sides[1], shortest)))}
    return {**_unbounded(schema), "type": _whole(schema), **ends}


def _pictured(schema: Schema) -> Schema:
    """The schema without the pictures that are so small that nothing can be seen in one of their size."""
    inner: dict[str, Any] = {"items": _pictured(schema["items"])} if "items" in schema else {}
    if "anyOf" in schema:
        inner |= {"anyOf": [_pictured(branch) for branch in schema["anyOf"]]}
    if "x-image" in schema:
        rule = schema["x-image"]
        most = math.isqrt(rule.get("maxPixels", PICTURED**2) * 3 // 4)
        inner |= {"x-image": {**rule, "minSide": max(rule.get("minSide", 1), min(PICTURED, most))}}
    return {**schema, **inner}


def _unbounded(schema: Schema) -> dict[str, Any]:
    return {keyword: rule for keyword, rule in schema.items() if not keyword.startswith("exclusive")}


def _whole(schema: Schema) -> list[str]:
    return ["integer", *(["null"] if "null" in kinds(schema) else [])]


def _small(model: Model, field: str, schema: Schema) -> Schema:
    """The schema without the names of large pictures, but for the least where all are."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [_small(model, field, branch) for branch in schema["anyOf"]]}
    if "enum" not in schema:
        return schema
    sized = list(zip(schema["enum"], areas(model, field, schema["enum"]), strict=True))
    least = min(area for _, area in sized)
    return {**schema, "enum": [value for value, area in sized if area <= max(LARGE, least)]}


def _sizes(model: Model, field: str, value: Any) -> Iterator[Dimensions]:
    ways = model.request.get("x-output-size", ())
    decide = {name for way in ways for name in (way.get("field"), way.get("height"), way.get("scale", {}).get("field"))}
    if field in decide:
        yield from (size.dimensions for size in model.promised_sizes({**beside(model, field), field: value}, {}))
