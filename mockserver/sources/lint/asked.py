"""Sizes in requests and schemas: what a body asks for, and the most that a model promises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...contract.keywords import parse_size

FIELDS = ("size", "image_size", "aspect_ratio", "resolution", "width", "height", "max_resolution")
KILO = re.compile(r"(\d+(?:\.\d+)?)K", re.IGNORECASE)
RATIO = re.compile(r"([1-9]\d*):([1-9]\d*)")


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
    ratio = RATIO.fullmatch(str(named.get("aspect_ratio", "")))
    text = ", ".join(f"{name} {value}" for name, value in named.items())
    return Asked(text, None, int(ratio[1]) / int(ratio[2]) if ratio else None)


def takes_size(fields: Mapping[str, Any]) -> bool:
    """Whether a request may say anything of the size."""
    return any(name in fields and len(fields[name].get("enum", ("", ""))) > 1 for name in FIELDS)


def largest_area(request: Mapping[str, Any]) -> int | None:
    """The most pixels that a picture may have, None where the schema does not tell."""
    ways = request.get("x-output-size")
    if ways is not None:
        areas = [AREAS.get(way["as"], _unknown)(way, request.get("properties", {})) for way in ways]
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
            kilo = KILO.fullmatch(str(value))
            if kilo:
                yield int((float(kilo[1]) * 1024) ** 2)
            elif size := _size(value):
                yield size[0] * size[1]
        sides = [branch.get("properties", {}).get(name, {}).get("maximum") for name in ("width", "height")]
        if all(sides):
            yield int(sides[0] * sides[1])
        if "maxArea" in branch.get("x-size", {}):
            yield branch["x-size"]["maxArea"]


def _field(way: Mapping[str, Any], fields: Mapping[str, Any]) -> int | None:
    return max(_areas(fields.get(way["field"], {})), default=None)


def _named(way: Mapping[str, Any], _: Mapping[str, Any]) -> int | None:
    return max((size[0] * size[1] for text in way["sizes"].values() if (size := parse_size(text))), default=None)


def _sides(way: Mapping[str, Any], fields: Mapping[str, Any]) -> int | None:
    sides = [fields.get(way[name], {}).get("maximum") for name in ("field", "height")]
    return int(sides[0] * sides[1]) if all(sides) else None


def _ratio(way: Mapping[str, Any], _: Mapping[str, Any]) -> int | None:
    areas = way.get("scale", {}).get("areas", {}).values()
    return max([way["area"], *areas], default=None)


def _adaptive(way: Mapping[str, Any], _: Mapping[str, Any]) -> int | None:
    rows = way.get("table")
    return max((row[-2] * row[-1] for row in rows), default=None) if isinstance(rows, (list, tuple)) else None


def _fixed(way: Mapping[str, Any], _: Mapping[str, Any]) -> int | None:
    size = parse_size(way["size"])
    return size[0] * size[1] if size else None


def _input(way: Mapping[str, Any], _: Mapping[str, Any]) -> int | None:
    return way.get("maxArea")


def _unknown(*_: Any) -> int | None:
    return None


AREAS = {
    "WxH": _field,
    "object": _field,
    "names": _named,
    "sides": _sides,
    "ratio": _ratio,
    "adaptive": _adaptive,
    "fixed": _fixed,
    "input": _input,
}
