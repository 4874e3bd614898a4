"""The size of the picture that a request is promised: from its size, a ratio, its input, or a default."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .rules import Dimensions, parse_size
from .sources import Source, Sources

Row = Sequence[float]
Body = Mapping[str, Any]
Inputs = Mapping[str, Dimensions]
# Ways that nobody knows the exact size of: what is known is the ratio of the sides.
LOOSE = ("ratio", "input")
MULTIPLE = 16
SIDE = r"([1-9][0-9]{0,4}(?:\.[0-9]{1,3})?)"
RATIO = re.compile(f"{SIDE}:{SIDE}", re.ASCII)


@dataclass(frozen=True)
class PromisedSize:
    """Width and height in pixels, and where the rule that gives them comes from.

    `ratio_only`: the rule is about width to height, and the exact size is but the mock's choice.
    """

    dimensions: Dimensions
    source: Source
    ratio_only: bool = False

    def __str__(self) -> str:
        return "{}x{}".format(*self.dimensions)


def adaptive(table: Sequence[Row], size: Dimensions, reading: Literal["label", "exact"] = "label") -> Dimensions:
    """The row [label ratio, width, height] closest to an input's width/height, the first of equals.

    `label` compares with the table's rounded ratio, `exact` with the row's own width/height: the upstream vendor does
    not say which, and they differ for about 4 % of inputs. Upstream: volcengine.com/docs/82379/1666946.
    """
    wanted = size[0] / size[1]
    row = min(table, key=lambda row: abs((row[0] if reading == "label" else row[1] / row[2]) - wanted))
    return int(row[1]), int(row[2])


def promised_sizes(
    request: Mapping[str, Any], body: Body, inputs: Inputs, sources: Sources
) -> tuple[PromisedSize, ...]:
    """The sizes that `x-output-size` allows for a valid body: the first is the likeliest, often the only one.

    `inputs` has the width and height of the first picture of each field.
    """
    for way in request["x-output-size"]:
        found = dict.fromkeys(WAYS[way["as"]](way, request["properties"], body, inputs))
        if found:
            loose = way["as"] in LOOSE
            return tuple([PromisedSize(size, sources[way["source"]], loose) for size in found])
    return ()


def deciding(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that the promised sizes of a body hang on."""
    ways = request["x-output-size"]
    named = [way.get(name) for way in ways for name in ("field", "height")]
    scales = [way["scale"]["field"] for way in ways if "scale" in way]
    return tuple(dict.fromkeys(name for name in (*named, *scales) if isinstance(name, str)))


def shaped(width: float, height: float, area: float, multiple: int) -> Dimensions:
    """Sides in that ratio, of about that area, both multiples of `multiple` and never 0."""
    scale = math.sqrt(area / (width * height))
    sides = (max(1, round(side * scale / multiple)) * multiple for side in (width, height))
    return next(sides), next(sides)


def _by_string(way: Body, _: Body, body: Body, __: Inputs) -> Iterator[Dimensions]:
    size = parse_size(str(body.get(way["field"], "")))
    if size:
        yield size


def _by_names(way: Body, _: Body, body: Body, __: Inputs) -> Iterator[Dimensions]:
    name = body.get(way["field"])
    size = parse_size(way["sizes"].get(name if isinstance(name, str) else json.dumps(name), ""))
    if size:
        yield size


def _by_table(way: Body, _: Body, __: Body, inputs: Inputs) -> Iterator[Dimensions]:
    if way["field"] in inputs:
        other: Literal["label", "exact"] = "exact" if way["reading"] == "label" else "label"
        yield adaptive(way["table"], inputs[way["field"]], way["reading"])
        yield adaptive(way["table"], inputs[way["field"]], other)


def _by_object(way: Body, _: Body, body: Body, __: Inputs) -> Iterator[Dimensions]:
    value = body.get(way["field"])
    if isinstance(value, Mapping):
        otherwise = way.get("otherwise", {})
        width, height = (value.get(way[side], otherwise.get(side)) for side in ("width", "height"))
        if width and height:
            yield int(width), int(height)


def _by_sides(way: Body, _: Body, body: Body, __: Inputs) -> Iterator[Dimensions]:
    names = way["field"], way["height"]
    if any(body.get(name) is not None for name in names):
        otherwise = parse_size(way.get("otherwise", "")) or (None, None)
        width, height = (body.get(name) or other for name, other in zip(names, otherwise, strict=True))
        if width and height:
            yield int(width), int(height)


def _by_ratio(way: Body, fields: Body, body: Body, __: Inputs) -> Iterator[Dimensions]:
    found = RATIO.fullmatch(str(body.get(way["field"], "")))
    if found:
        yield shaped(float(found[1]), float(found[2]), _area(way, fields, body), way.get("multiple", MULTIPLE))


def _area(way: Body, fields: Body, body: Body) -> int:
    scale = way.get("scale")
    if scale is None:
        return int(way["area"])
    named = body.get(scale["field"], fields.get(scale["field"], {}).get("default"))
    return int(scale["areas"].get(named, way["area"])) if isinstance(named, str) else int(way["area"])


def _by_input(way: Body, _: Body, __: Body, inputs: Inputs) -> Iterator[Dimensions]:
    if way["field"] in inputs:
        width, height = inputs[way["field"]]
        most = way.get("maxArea", width * height)
        multiple = way.get("multiple", 1)
        yield shaped(width, height, min(most, width * height), multiple)


def _fixed(way: Body, _: Body, __: Body, ___: Inputs) -> Iterator[Dimensions]:
    size = parse_size(way["size"])
    if size:
        yield size


# A way: its rule, the request's fields, the body, the sizes of the input pictures.
Way = Callable[[Body, Body, Body, Inputs], Iterator[Dimensions]]
WAYS: dict[str, Way] = {
    "WxH": _by_string,
    "names": _by_names,
    "adaptive": _by_table,
    "object": _by_object,
    "sides": _by_sides,
    "ratio": _by_ratio,
    "input": _by_input,
    "fixed": _fixed,
}
