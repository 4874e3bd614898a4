"""The plainest value that a schema takes, and the smallest body that a model takes. All words are our own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..contract.models import Model
from ..contract.rules import size_errors
from .asked import asked
from .pictures import plain_picture
from .schemas import Schema, UnknownKeyword, accepts, branches, interval, kinds, place_of

TEXT = "A lighthouse at dusk."
ADDRESS = "https://pixelpact.example/lighthouse"
SIZES = ("1024x1024", "512x512", "2048x2048")


def base_body(model: Model) -> dict[str, Any]:
    """The smallest body that the model accepts: its required fields, each at its plainest. Raises UnknownKeyword."""
    fields = {**model.request["properties"], **asked(model)}
    return {name: plain(fields[name]) for name in model.request["required"]}


def plain(schema: Schema) -> Any:
    """A value that a schema takes, as plain as can be. Raises UnknownKeyword where none is found."""
    for keyword, maker in BY_KEYWORD.items():
        found = maker(schema) if keyword in schema else ()
        for value in found:
            if accepts(schema, value):
                return value
    for kind in kinds(schema) or ["string"]:
        value = BY_KIND[kind](schema)
        if accepts(schema, value):
            return value
    raise UnknownKeyword(("rules that nothing plain keeps to",), place_of(schema))


def plain_items(schema: Schema) -> list[Any]:
    """As few items as an array needs, but one."""
    return [plain(schema.get("items", {"type": "string"}))] * max(schema.get("minItems", 0), 1)


def fitted(text: str, schema: Schema) -> str:
    """The text as long as a schema wants it."""
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    long = f"{text} " * -(-least // (len(text) + 1)) if len(text) < least else text
    return long[: int(min(most, max(least, len(text))))]


def sizes_at(rule: Mapping[str, int]) -> Iterator[str]:
    """Sizes exactly at the least and the most area, square and narrow; no evidence promises the extreme sides."""
    for area in (rule[key] for key in ("minArea", "maxArea") if key in rule):
        side = math.isqrt(area)
        for width in (side, max(side // 4, 1), side * 4):
            if area % width == 0:
                yield f"{width}x{area // width}"


def _sizes(schema: Schema) -> Iterator[str]:
    rule = schema["x-size"]
    sides = [rule.get("minSide", 1), rule.get("maxSide", 1), -(-math.isqrt(rule.get("minArea", 1)) // 16 + 1) * 16]
    known = [*SIZES, *sizes_at(rule), *(f"{side}x{side}" for side in sides)]
    yield from (text for text in known if not list(size_errors(rule, text)))


def _any_of(schema: Schema) -> Iterator[Any]:
    yield from (plain(branch) for branch in branches(schema))


def _string(schema: Schema) -> str:
    return fitted(ADDRESS if schema.get("format") == "uri" else TEXT, schema)


def _number(schema: Schema, *, whole: bool) -> float:
    least, most = interval(schema, whole=whole)
    wanted = schema.get("default", 1)
    inside = wanted if isinstance(wanted, (int, float)) and accepts(schema, wanted) else 1
    return inside if least <= inside <= most else least if most == math.inf or least > 1 else most


def _object(schema: Schema) -> dict[str, Any]:
    known = schema.get("properties", {})
    return {name: plain(known.get(name, {"type": "string"})) for name in schema.get("required", ())}


BY_KEYWORD: dict[str, Callable[[Schema], Any]] = {
    "x-image": lambda schema: [plain_picture(schema)],
    "const": lambda schema: [schema["const"]],
    "enum": lambda schema: schema["enum"],
    "examples": lambda schema: schema["examples"],
    "x-size": _sizes,
    "anyOf": _any_of,
}
BY_KIND: dict[str, Callable[[Schema], Any]] = {
    "string": _string,
    "integer": lambda schema: _number(schema, whole=True),
    "number": lambda schema: _number(schema, whole=False),
    "boolean": lambda _: False,
    "array": plain_items,
    "object": _object,
    "null": lambda _: None,
}
