"""How a request decides the size of its pictures: the `x-output-size` of a model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...contract.rules import Dimensions, parse_size
from .names import AREA, MOST_PIXELS, MOST_SIDE, MULTIPLE, RATIOS, RULES, SCALES, SIZES
from .reports import Spot
from .sides import BOTH, Fields, held, objects, pairs, side_of, usual
from .sourced import Schema
from .spellings import SQUARE, Ratio, area_of, is_known, of_ratio, ratio_of, size_of, written

_DEFAULT = re.compile(r"default(?:s to| value is| is|:)?\s*[\"'`]?([\w.:-]*\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """A field that has a say in the size: its name, its schema, the values listed for it, and its default.

    `areas` are the pixels that its values mean, where these are amounts such as 2K or 1080p. `told`: the default is
    only told of in a description, which may mean where there is no input picture.
    """

    name: str
    schema: Schema
    values: tuple[Any, ...]
    areas: Mapping[str, int]
    default: Any
    told: bool


@dataclass(frozen=True)
class Edited:
    """The field whose picture is edited, whether it must come, and the way from the model to its set's folder."""

    field: str
    needed: bool
    up: str


@dataclass(frozen=True)
class Sizing:
    """The ways to the size, and the fields, held to what is assumed beside what is documented."""

    ways: list[Schema]
    fields: Fields


@dataclass(frozen=True)
class _Request:
    fields: Fields
    sizes: list[Asked]
    ratios: list[Asked]
    scales: list[Asked]

    @property
    def amounts(self) -> list[Asked]:
        """The fields of which a value is an amount of pixels."""
        return [asked for asked in [*self.scales, *self.sizes] if asked.areas]

    @property
    def shape(self) -> Ratio:
        """The ratio where a request names none."""
        return next((ratio for asked in self.ratios if (ratio := ratio_of(asked.default))), SQUARE)

    @property
    def is_shaped(self) -> bool:
        """Whether a shape is documented where a request names none; without one, an amount takes the input's."""
        return not self.amounts or any(ratio_of(asked.default) and not asked.told for asked in self.ratios)

    @property
    def area(self) -> int | None:
        """The amount where a request names none."""
        return next((area for asked in self.amounts if (area := asked.areas.get(str(asked.default)))), None)


def sizing(fields: Fields, raw: Mapping[str, Any], edited: Edited | None, spot: Spot) -> Sizing:
    """How the size of a model's pictures is decided; `raw` has the fields with their descriptions."""
    narrowed = held(fields, raw, spot.source)
    request = _Request(narrowed, *(list(_asked(narrowed, raw, names)) for names in (SIZES, RATIOS, SCALES)))
    ways = [way for asked in request.sizes for way in _size_ways(asked, request, spot)]
    ways += _side_ways(narrowed, spot.source)
    ways += [way for asked in request.ratios for way in _ratio_ways(asked, request.amounts, spot.source)]
    if edited and not request.is_shaped:
        ways.append(_from_input(edited, request.sizes))
    # An amount alone says nothing of the shape, which is the default's, or the input's.
    if request.ratios or not (edited and edited.needed):
        ways += [way for asked in request.amounts for way in _amount_ways(asked, request.shape)]
    ways += [way for asked in request.scales for way in _named_ways(asked)]
    default = _default(request)
    if edited and (default is None or not _is_documented(request)):
        ways.append(_from_input(edited, request.sizes))
    ways.append({"as": "fixed", "size": written(default or usual(narrowed)), "source": RULES})
    return Sizing(list(_once(ways)), narrowed)


def _asked(fields: Fields, raw: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Asked]:
    for name in (name for name in names if name in fields):
        schema = fields[name]
        values = tuple(value for part in (schema, *schema.get("anyOf", ())) for value in part.get("enum", ()))
        amounts = ((str(value), area_of(name, value)) for value in values)
        areas = {value: area for value, area in amounts if area}
        said = _DEFAULT.search(str(raw.get(name, {}).get("description", "")))
        told = said[1] if said and said[1] in values else None
        yield Asked(name, schema, values, areas, schema.get("default", told), "default" not in schema)


def _size_ways(asked: Asked, request: _Request, spot: Spot) -> Iterator[Schema]:
    strings = [value for value in asked.values if isinstance(value, str)]
    if any(parse_size(value) for value in strings) or (not strings and _is_text(asked.schema)):
        # Free texts of which nothing is documented are taken for sizes.
        free = not strings and asked.schema.get("x-source", {}).get("x-size") in (None, RULES)
        yield {"field": asked.name, "as": "WxH", "source": RULES if free else spot.source}
    yield from _named_ways(asked)
    yield from _ratio_ways(asked, [], spot.source)
    if not request.ratios:
        yield from _amount_ways(asked, SQUARE)
    for part in objects(asked.schema):
        yield from _object_ways(asked.name, part, spot.source)
    for value in strings:
        if not is_known(value):
            spot.inside("properties", asked.name).note(f"no size is known for {value!r}: the default's is assumed")
        if (size := size_of(value)) and size[0] * size[1] > MOST_PIXELS:
            spot.inside("properties", asked.name).note(f"{value!r} is larger than any picture that can be drawn")


def _is_text(schema: Schema) -> bool:
    kinds = [part.get("type", "string") for part in (schema, *schema.get("anyOf", ())) if "anyOf" not in part]
    return any("string" in kind for kind in kinds)


def _named_ways(asked: Asked) -> Iterator[Schema]:
    """Names whose size is known, and sizes that are not written as WxH."""
    named = {value: size_of(value) for value in asked.values if isinstance(value, str) and not parse_size(value)}
    yield from _by_names(asked.name, {value: size for value, size in named.items() if size})


def _by_names(name: str, sizes: Mapping[str, Dimensions]) -> Iterator[Schema]:
    if sizes:
        texts = {value: written(size) for value, size in sizes.items()}
        yield {"field": name, "as": "names", "sizes": texts, "source": RULES}


def _object_ways(name: str, schema: Schema, source: str) -> Iterator[Schema]:
    fields = schema["properties"]
    way: Schema = {"field": name, "as": "object", "width": "width", "height": "height"}
    if set(BOTH) <= set(schema.get("required", ())):
        yield {**way, "source": source}
    else:
        otherwise = {side: side_of(fields[side]) for side in BOTH}
        yield from _documented_first(way, otherwise, [fields[side] for side in BOTH], source)


def _side_ways(fields: Fields, source: str) -> Iterator[Schema]:
    for width, height in pairs(fields):
        way: Schema = {"field": width, "as": "sides", "height": height}
        sides = [fields[width], fields[height]]
        otherwise = written((side_of(fields[width]), side_of(fields[height])))
        yield from _documented_first(way, otherwise, sides, source)


def _documented_first(way: Schema, otherwise: Any, sides: list[Schema], source: str) -> Iterator[Schema]:
    """Both sides as the request names them; where it leaves one out, what the docs say of it, or is assumed."""
    if all("default" in side for side in sides):
        yield {**way, "otherwise": otherwise, "source": source}
    else:
        yield {**way, "source": source}
        yield {**way, "otherwise": otherwise, "source": RULES}


def _ratio_ways(asked: Asked, amounts: list[Asked], source: str) -> Iterator[Schema]:
    if any(map(ratio_of, asked.values)):
        scale = next(({"field": each.name, "areas": dict(each.areas)} for each in amounts), None)
        way = {"field": asked.name, "as": "ratio", "area": AREA, "multiple": MULTIPLE}
        yield {**way, **({"scale": scale} if scale else {}), "source": source}


def _amount_ways(asked: Asked, shape: Ratio) -> Iterator[Schema]:
    yield from _by_names(asked.name, {value: of_ratio(shape, area) for value, area in asked.areas.items()})


def _default(request: _Request) -> Dimensions | None:
    """The size where a request says nothing about it; None where nothing is known."""
    for asked in [*request.sizes, *request.ratios]:
        if found := _default_of(asked, request.area or AREA):
            return found
    if request.area:
        return of_ratio(request.shape, request.area)
    parts = [part["properties"] for asked in request.sizes for part in objects(asked.schema)]
    sides = [(request.fields[width], request.fields[height]) for width, height in pairs(request.fields)]
    for width, height in [*sides, *((part["width"], part["height"]) for part in parts)]:
        if "default" in width and "default" in height:
            return side_of(width), side_of(height)
    return None


def _default_of(asked: Asked, area: int) -> Dimensions | None:
    default = asked.default
    if isinstance(default, dict) and all(isinstance(default.get(side), int) and default[side] > 0 for side in BOTH):
        return default["width"], default["height"]
    if ratio := ratio_of(default):
        return of_ratio(ratio, area)
    return size_of(default) if isinstance(default, str) else None


def _is_documented(request: _Request) -> bool:
    """Whether the default of a shape is documented, not only told of; an amount, or a side of an object, is none."""
    sides = [request.fields[name] for pair in pairs(request.fields) for name in pair]
    return any(not each.told for each in [*request.sizes, *request.ratios]) or any("default" in side for side in sides)


def _from_input(edited: Edited, sizes: list[Asked]) -> Schema:
    if any("adaptive" in asked.values for asked in sizes):
        table = {"$ref": f"{edited.up}shared/adaptive-sizes.json"}
        return {"field": edited.field, "as": "adaptive", "table": table, "reading": "label", "source": RULES}
    return {"field": edited.field, "as": "input", "maxArea": MOST_SIDE * MOST_SIDE, "source": RULES}


def _once(ways: list[Schema]) -> Iterator[Schema]:
    for index, way in enumerate(ways):
        if way not in ways[:index]:
            yield way
