"""Checks of how large a picture is: exactly as promised, or in the ratio that was asked for where no more is known."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..contract.rules import Dimensions
from ..contract.sizes import PromisedSize, promised_sizes
from ..contract.sources import Source
from ..pixels.measure import facts
from .choices import said_by
from .findings import Reason, Unjudged, best_standing
from .generation import Generation

# How far width to height may be from what was asked for: a rounding to multiples of 64 moves it by less.
LOOSE = 0.05
FIXED = "fixed"
BY_INPUT = ("adaptive", "input")
# Ways in which a request itself says width and height, or their ratio; a name such as `square_hd` has to be read.
BY_NUMBERS = ("WxH", "object", "sides", "ratio")
Fits = Callable[[Dimensions, Dimensions], bool]


def size(generation: Generation) -> Iterator[Reason | Unjudged]:
    """Every picture is exactly as large as the request was promised.

    On a server that is not ours, a size that is only assumed, or a ratio's, is judged by width to height, and one that
    is only assumed of a request that asks for none is not judged. What the request says in numbers is not assumed.
    """
    way, promised = _promised(generation)
    if not promised:
        yield Unjudged("the size of the input is not known" if generation.asked else "the request is not known")
        return
    sources = _sources(generation, way, promised[0])
    assumed = best_standing(sources) == "assumed" and not generation.strict
    if assumed and way["as"] == FIXED:
        yield Unjudged("no size was asked for, and nobody knows which comes then")
        return
    loose = (assumed or promised[0].ratio_only) and not generation.strict
    yield from (replace(reason, sources=sources) for reason in _size_reasons(generation, promised, loose))


def _size_reasons(generation: Generation, promised: Sequence[PromisedSize], loose: bool) -> Iterator[Reason]:
    wanted = " or ".join(dict.fromkeys(map(str, promised)))
    said = f"as wide to high as {wanted}, within {LOOSE:.0%}" if loose else f"of {wanted}"
    fits: Fits = is_alike if loose else operator.eq
    for picture in generation.pictures:
        came = picture.facts.size if picture.facts else None
        if came is not None and not any(fits((came.width, came.height), known.dimensions) for known in promised):
            yield Reason(f"{picture.pointer}: a picture {said}", str(came))


def _sources(generation: Generation, way: Mapping[str, Any], promised: PromisedSize) -> tuple[Source, ...]:
    """Where a size comes from: the fields that say it in numbers, or the rule that reads them."""
    known = (promised.source,)
    return (_said_in_numbers(generation, way) or known) if promised.source.standing == "assumed" else known


def _said_in_numbers(generation: Generation, way: Mapping[str, Any]) -> tuple[Source, ...]:
    """Where the fields come from that say width and height; none if they do not, or other fields of the body do too."""
    ways, body = generation.model.request["x-output-size"], generation.body
    others = {name for each in ways if each["as"] not in BY_INPUT for name in _fields(each)} - set(_fields(way))
    if way["as"] not in BY_NUMBERS or any(body.get(name) is not None for name in others):
        return ()
    value = body.get(way["field"])
    # A side that is left out comes from a default.
    whole = way["as"] != "object" or (isinstance(value, Mapping) and {way["width"], way["height"]} <= value.keys())
    return said_by(generation, *_fields(way)) if whole else ()


def _fields(way: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that a way goes by."""
    if way["as"] == FIXED:
        return ()
    return (way["field"], way["height"]) if way["as"] == "sides" else (way["field"],)


def _promised(generation: Generation) -> tuple[Mapping[str, Any], tuple[PromisedSize, ...]]:
    """The way that decides, with what it gives; nothing if it goes by what nobody has seen."""
    request, sources = generation.model.request, generation.model.sources
    measured = _measured(generation)
    for way in request["x-output-size"] if generation.asked else ():
        if way["as"] in BY_INPUT and way["field"] in generation.carried - measured.keys():
            break
        found = promised_sizes({**request, "x-output-size": [way]}, generation.body, measured, sources)
        if found:
            return way, found
    return {}, ()


def _measured(generation: Generation) -> dict[str, Dimensions]:
    """Width and height of each field's first picture, as far as it can be read."""
    known = {field: facts(data).size for field, data in generation.inputs.items()}
    return {field: (seen.width, seen.height) for field, seen in known.items() if seen}


def is_alike(came: Dimensions, promised: Dimensions) -> bool:
    """Whether width to height is the same, as near as a rounding leaves it."""
    wide, high = came[0] * promised[1], came[1] * promised[0]
    return abs(wide - high) <= LOOSE * high
