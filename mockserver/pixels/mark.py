"""The visible mark that a picture is generated: bottom right, in words wherever they fit. Drawn and edited share it."""

from __future__ import annotations

from PIL import Image, ImageDraw

from . import lettering

TEXT = "AI generated"
# On a picture of few blocks.
SHORT = "AI"
SHORT_ROOM = 24, 20

Box = tuple[int, int, int, int]


def box(width: int, height: int, *, short: bool = False) -> Box:
    """Return the corner that the mark keeps to (left, top, right, bottom), whether it is drawn or not."""
    across, down = SHORT_ROOM if short else _room(width, height)
    if across > width or down > height:
        across, down = max(1, min(width, 3 * height) // 3), max(1, min(height, 3 * width) // 3)
    return width - across, height - down, width, height


def stamp(picture: Image.Image, *, short: bool = False) -> None:
    """Draw the mark into a picture: the words, or a white block where there is no room for them."""
    left, top, right, bottom = box(*picture.size, short=short)
    pen = ImageDraw.Draw(picture, "RGBA")
    if not short and not _fits(*picture.size):
        pen.rectangle((left, top, right - 1, bottom - 1), fill="white", outline="black")
        return
    size = _size(*picture.size)
    plate = left + 0.2 * size, top + 0.1 * size, right - 0.4 * size, bottom - 0.4 * size
    pen.rounded_rectangle(plate, radius=0.5 * size, fill=(0, 0, 0, 96))
    middle = (plate[0] + plate[2]) / 2, (plate[1] + plate[3]) / 2
    text = SHORT if short else TEXT
    pen.text(middle, text, fill=(255, 255, 255, 235), font=lettering.font(size), anchor="mm")


def _fits(width: int, height: int) -> bool:
    across, down = _room(width, height)
    return across <= width and down <= height


def _room(width: int, height: int) -> tuple[int, int]:
    size = _size(width, height)
    return round((lettering.ems(TEXT) + 1.6) * size), round(2.0 * size)


def _size(width: int, height: int) -> int:
    return max(lettering.SMALLEST + 1, round(min(width, height) * 0.026))
