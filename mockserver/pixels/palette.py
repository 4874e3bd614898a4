"""Colours: each palette is a ramp from its darkest ink to its lightest paper, on which every tone of a scene falls."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, pairwise

from PIL import ImageColor

Colour = tuple[int, int, int]

RAMPS: tuple[tuple[str, ...], ...] = (
    ("#1b1036", "#4a2268", "#a8426f", "#f08a5d", "#ffe3b0"),
    ("#0b1d33", "#1f4e6e", "#4b8ca8", "#a9d0d6", "#fdf3e0"),
    ("#0c1f1c", "#1d4a3f", "#4c8a64", "#b3cf8b", "#fdf6d0"),
    ("#2a1220", "#6b2737", "#b9543f", "#eaa45f", "#ffeccb"),
    ("#171438", "#433b82", "#8a78bd", "#d8b4d8", "#fff0e6"),
    ("#06223a", "#0b5d77", "#18a19a", "#8fd9b6", "#fff6c9"),
    ("#2b1230", "#6d2a56", "#c05a7c", "#f2a7a0", "#fff1e0"),
    ("#1f1410", "#5a2a1b", "#a9522a", "#e39a3f", "#ffe9b8"),
    ("#10222b", "#2c5a63", "#6aa39a", "#bfdcc5", "#fdfbea"),
    ("#0e1b3d", "#2f4686", "#8d6fa8", "#f59a8b", "#ffe9c7"),
    ("#101a2b", "#2f4258", "#7f7f74", "#dcb35e", "#fff3cf"),
    ("#0d1440", "#1c3f94", "#3f7fd0", "#9cc9ee", "#fff7e3"),
)


@lru_cache(64)
def table(ramp: tuple[str, ...], vividness: float) -> bytes:
    """Return the 256 RGB entries (768 bytes) of a ramp, its colours pulled towards grey or away from it."""
    stops = [_vivid(ImageColor.getrgb(stop), vividness) for stop in ramp]
    return bytes(chain.from_iterable(_entries(stops)))


def vividness(guidance: float | None) -> float:
    """Return how vivid a guidance scale makes a picture: the further the scale goes, the louder the colours."""
    return 1.0 if guidance is None else min(1.7, max(0.45, 0.55 + 0.1 * guidance))


def _vivid(colour: tuple[int, ...], factor: float) -> Colour:
    grey = (299 * colour[0] + 587 * colour[1] + 114 * colour[2]) / 1000
    red, green, blue = (max(0, min(255, round(grey + (part - grey) * factor))) for part in colour[:3])
    return red, green, blue


def _entries(stops: list[Colour]) -> Iterator[Iterator[int]]:
    reach = 255 / (len(stops) - 1)
    segments = list(pairwise(stops))
    for tone in range(256):
        place = min(int(tone / reach), len(segments) - 1)
        share = tone / reach - place
        yield (round(low + (high - low) * share) for low, high in zip(*segments[place], strict=True))
