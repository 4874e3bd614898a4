"""Sizes in requests and schemas: what a body asks for, and the most that a model promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...contract.rules import parse_size
from ..importing.spellings import area_of, ratio_of

FIELDS = ("size", "image_size", "aspect_ratio", "resolution", "width", "height", "max_resolution")

Way = Mapping[str, Any]
Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """The size that a request asks for: how it says so, and width and height or their ratio where it is exact."""

    text: str
    size: tuple[int, int] | None = None
    ratio: float | None = None


def asked(body: Any) -> Asked | None:
    """The size that a body asks for, None where it leaves it to the model."""
    if not isinstance(body, dict):
        return None
    named = {name: body[name] for name in FIELDS if name in body}
    if not named:
        return None
    sizes = [size for value in (*named.values(), named) if (size := _size(value))]
    if sizes:
        return Asked(f"{sizes[0][0]}x{sizes[0][1]}", sizes[0], sizes[0][0] / sizes[0][1])
    ratio = ratio_of(named.get("aspect_ratio"))
    text = ", ".join(f"{name} {value}" for name, value in named.items())
    return Asked(text, None, ratio[0] / ratio[1] if ratio else None)


def takes_size(fields: Mapping[str, Any]) -> bool:
    """Whether a request may say anything of the size."""
    return any(name in fields and len(fields[name].get("enum", ("", ""))) > 1 for name in FIELDS)


def largest_area(request: Mapping[str, Any]) -> int | None:
    """The most pixels that a picture may have, None where the schema does not tell."""
    ways = request.get("x-output-size")
    if ways is not None:
        areas = [AREAS[way["as"]](way, request.get("properties", {})) for way in ways]
        return max((area for area in areas if area), default=None) if all(areas) else None
    fields = request.get("properties", {})
    found = [area for name in FIELDS if name in fields for area in _areas(fields[name])]
    return max(found, default=None)


def _size(value: Any) -> tuple[int, int] | None:
    if isinstance(value, str):
        return parse_size(value)
    if isinstance(value, dict):
        sides = value.get("width"), value.get("height")
        whole = [side for side in sides if isinstance(side, int) and not isinstance(side, bool) and side > 0]
        return (whole[0], whole[1]) if len(whole) == 2 else None
    return None


def _areas(schema: Mapping[str, Any]) -> Iterator[int]:
    """What the schema of a size field says outright."""
    for branch in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        for value in branch.get("enum", ()):
            if area := area_of("", value):
                yield area
            elif size := _size(value):
                yield size[0] * size[1]
        sides = [branch.get("properties", {}).get(name, {}).get("maximum") for name in ("width", "height")]
        if all(sides):
            yield int(sides[0] * sides[1])
        if "maxArea" in branch.get("x-size", {}):
            yield branch["x-size"]["maxArea"]


def _field(way: Way, fields: Fields) -> int | None:
    return max(_areas(fields.get(way["field"], {})), default=None)


def _sides(way: Way, fields: Fields) -> int | None:
    sides = [fields.get(way[name], {}).get("maximum") for name in ("field", "height")]
    return int(sides[0] * sides[1]) if all(sides) else None


def _adaptive(way: Way, _: Fields) -> int | None:
    rows = way["table"]
    return max(row[-2] * row[-1] for row in rows) if isinstance(rows, (list, tuple)) else None


def _area(text: str) -> int:
    width, height = parse_size(text) or (0, 0)
    return width * height


# The most pixels that each way to an output size can come to.
AREAS: dict[str, Callable[[Way, Fields], int | None]] = {
    "WxH": _field,
    "object": _field,
    "names": lambda way, _: max(map(_area, way["sizes"].values())),
    "sides": _sides,
    "ratio": lambda way, _: max([way["area"], *way.get("scale", {}).get("areas", {}).values()]),
    "adaptive": _adaptive,
    "fixed": lambda way, _: _area(way["size"]),
    "input": lambda way, _: way.get("maxArea"),
}
