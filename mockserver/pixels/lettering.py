"""Words in a picture: what of a text the embedded font can show, how it is broken into lines, at what size it fits.

The font is the one inside Pillow, laid out without Raqm, so that a text looks the same on every machine.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt

from PIL import Image, ImageDraw, ImageFont

# All that the embedded font has a glyph for, found by comparing each glyph with that of an unassigned code point.
GLYPHS = frozenset(map(chr, range(0x20, 0x7F))) | frozenset(
    "\xa9\xab\xb0\xb1\xb4\xb7\xbb\u2018\u2019\u201c\u201d\u2026\u2039\u203a\u2044\u2122"
)
SMALLEST = 9
LEADING = 1.24
# A caption never needs more, and a prompt may be a megabyte.
LONGEST = 240


# Left, top, right, bottom, and the mask that ink goes through.
Letter = tuple[int, int, int, int, Image.Image]


@dataclass(frozen=True)
class Block:
    """Lines of text at a size in pixels, and the room that they take."""

    lines: tuple[str, ...]
    size: int
    width: float
    height: float


def font(size: float) -> ImageFont.FreeTypeFont:
    """Return the embedded font at a size; made anew, as a font object is not safe to share between threads."""
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return found.font_variant(layout_engine=ImageFont.Layout.BASIC)


def legible(text: str) -> str:
    """Return the text with what the font cannot show spelt out: accents dropped, anything else as `U+4E2D`."""
    whole = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return " ".join("".join(map(_shown, whole)).split())


def fit(text: str, width: float, height: float, largest: float) -> Block | None:
    """Return the largest setting of a text in a box, cut with an ellipsis if even the smallest is too large.

    None if there is no text, or the box has no room for one line.
    """
    shown = legible(text)
    if not shown:
        return None
    # The letters alone, without what lines leave empty, have no room at a larger size.
    most = sqrt(max(0.0, width * height) / (LEADING * sum(map(ems, shown.split(" ")))))
    size = max(SMALLEST, min(round(largest), ceil(most)))
    while size > SMALLEST:
        block = _block(broken(shown, width / size), size)
        if block.width <= width and block.height <= height:
            return block
        size = max(SMALLEST, min(size - 1, round(size * 0.9)))
    room = int(height / (SMALLEST * LEADING))
    if room < 1 or width < 4 * SMALLEST:
        return None
    lines = broken(shown, width / SMALLEST)
    return _block(lines if len(lines) <= room else _cut(lines, room, width / SMALLEST), SMALLEST)


def broken(text: str, width: float) -> list[str]:
    """Return the text in lines of at most `width` ems, broken between words, or within one that is wider."""
    lines, line, used = [], "", 0.0
    for word in text.split(" "):
        for part in _parts(word, width):
            taken = ems(part)
            if line and used + ems(" ") + taken > width:
                lines.append(line)
                line, used = part, taken
            else:
                line, used = (f"{line} {part}", used + ems(" ") + taken) if line else (part, taken)
    return [*lines, line]


@lru_cache(maxsize=1024)
def ems(text: str) -> float:
    """Return the width of a text, in units of its size."""
    return sum(map(_advance, text))


def _block(lines: list[str], size: int) -> Block:
    return Block(tuple(lines), size, max(map(ems, lines)) * size, len(lines) * size * LEADING)


def _cut(lines: list[str], room: int, width: float) -> list[str]:
    last = lines[room - 1]
    while last and ems(last + "…") > width:
        last = last[:-1]
    return [*lines[: room - 1], last.rstrip() + "…"]


def _parts(word: str, width: float) -> list[str]:
    if ems(word) <= width:
        return [word]
    parts = [""]
    for char in word:
        if parts[-1] and ems(parts[-1] + char) > width:
            parts.append("")
        parts[-1] += char
    return parts


def _shown(char: str) -> str:
    if char in GLYPHS:
        return char
    if char.isspace():
        return " "
    base = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    return base if base and GLYPHS.issuperset(base) else f" U+{ord(char):04X} "


def letters(block: Block, left: float, top: float) -> Iterator[Letter]:
    """Give the letters of a block whose corner is at a point."""
    for number, line in enumerate(block.lines):
        x, baseline = left, round(top + (number + 0.5) * block.size * LEADING + 0.3 * block.size)
        for char in line:
            if char != " ":
                (west, north, east, south, mask), place = _letter(char, block.size), round(x)
                yield place + west, baseline + north, place + east, baseline + south, mask
            x += _advance(char) * block.size


@lru_cache(maxsize=256)
def _letter(char: str, size: int) -> Letter:
    """A letter, seen from its place on the line."""
    face = font(size)
    left, top, right, bottom = map(int, face.getbbox(char, anchor="ls"))
    picture = Image.new("L", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(picture).text((-left, -top), char, fill=255, font=face, anchor="ls")
    return left, top, left + picture.width, top + picture.height, picture


@lru_cache(maxsize=len(GLYPHS))
def _advance(char: str) -> float:
    return font(100).getlength(char) / 100
