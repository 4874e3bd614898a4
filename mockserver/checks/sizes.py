"""Checks of how large a picture is: exactly as promised, or in the ratio that was asked for where no more is known."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..contract.keywords import Dimensions
from ..contract.sizes import PromisedSize, promised_sizes
from ..pixels.measure import facts
from .findings import Reason, Unjudged
from .generation import Generation

# How far width to height may be from what was asked for: a rounding to multiples of 64 moves it by less.
LOOSE = 0.05
FIXED = "fixed"
BY_INPUT = ("adaptive", "input")
Fits = Callable[[Dimensions, Dimensions], bool]


def size(generation: Generation) -> Iterator[Reason | Unjudged]:
    """Every picture is exactly as large as the request was promised.

    On a server that is not ours, a size that is only assumed, or a ratio's, is judged by width to height, and one that
    is only assumed of a request that asks for none is not judged.
    """
    way, promised = _promised(generation)
    if not promised:
        yield Unjudged("the size of the input is not known" if generation.asked else "the request is not known")
        return
    assumed = promised[0].source.standing == "assumed" and not generation.strict
    if assumed and way["as"] == FIXED:
        yield Unjudged("no size was asked for, and nobody knows which comes then")
        return
    loose = (assumed or promised[0].ratio_only) and not generation.strict
    yield from _size_reasons(generation, promised, loose)


def _size_reasons(generation: Generation, promised: Sequence[PromisedSize], loose: bool) -> Iterator[Reason]:
    wanted = " or ".join(dict.fromkeys(map(str, promised)))
    said = f"as wide to high as {wanted}, within {LOOSE:.0%}" if loose else f"of {wanted}"
    fits: Fits = _is_alike if loose else operator.eq
    for picture in generation.pictures:
        came = picture.facts.size if picture.facts else None
        if came is not None and not any(fits((came.width, came.height), known.dimensions) for known in promised):
            yield Reason(f"{picture.pointer}: a picture {said}", str(came), (promised[0].source,))


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


def _is_alike(came: Dimensions, promised: Dimensions) -> bool:
    wide, high = came[0] * promised[1], came[1] * promised[0]
    return abs(wide - high) <= LOOSE * high
