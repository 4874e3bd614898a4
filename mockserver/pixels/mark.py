"""The visible mark that a picture is generated: bottom right, in words wherever they fit. Drawn and edited share it."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw

from . import lettering
from .poster import Patch

TEXT = "AI generated"
# On a picture of few blocks.
SHORT = "AI"
SHORT_ROOM = 24, 20
BLACK, WHITE = (0, 0, 0), (255, 255, 255)

Box = tuple[int, int, int, int]


def box(width: int, height: int, *, short: bool = False) -> Box:
    """Return the corner that the mark keeps to (left, top, right, bottom), whether it is drawn or not."""
    across, down = SHORT_ROOM if short else _room(width, height)
    if across > width or down > height:
        across, down = max(1, min(width, 3 * height) // 3), max(1, min(height, 3 * width) // 3)
    return width - across, height - down, width, height


@lru_cache(16)
def patches(width: int, height: int, *, short: bool = False) -> tuple[Patch, ...]:
    """Return the mark of a picture of that size: the words, or a white block where there is no room for them."""
    left, top, right, bottom = box(width, height, short=short)
    across, down = right - left, bottom - top
    if not short and not _fits(width, height):
        block = Image.new("RGB", (across, down), "white")
        ImageDraw.Draw(block).rectangle((0, 0, across - 1, down - 1), outline="black")
        return (Patch(left, top, block),)
    size = _size(width, height)
    plate = Image.new("L", (across, down))
    edges = 0.2 * size, 0.1 * size, across - 0.4 * size, down - 0.4 * size
    ImageDraw.Draw(plate).rounded_rectangle(edges, radius=0.5 * size, fill=96)
    words = Image.new("L", (across, down))
    middle = (edges[0] + edges[2]) / 2, (edges[1] + edges[3]) / 2
    ImageDraw.Draw(words).text(middle, SHORT if short else TEXT, fill=235, font=lettering.font(size), anchor="mm")
    return Patch(left, top, plate, BLACK), Patch(left, top, words, WHITE)


def _fits(width: int, height: int) -> bool:
    across, down = _room(width, height)
    return across <= width and down <= height


def _room(width: int, height: int) -> tuple[int, int]:
    size = _size(width, height)
    return round((lettering.ems(TEXT) + 1.6) * size), round(2.0 * size)


def _size(width: int, height: int) -> int:
    return max(lettering.SMALLEST + 1, round(min(width, height) * 0.026))
