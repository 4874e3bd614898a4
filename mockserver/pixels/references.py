"""Further pictures that a caller sent, as small prints laid along the top of the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import sqrt

from PIL import Image, ImageDraw

from .decode import open_input
from .poster import Patch
from .values import Size, Source

# Of the picture's area, so much at most for all prints: an edit keeps the rest.
MOST_OF_ALL = 0.06
# Of the shorter side, the side of a print.
LARGEST = 0.18
# In pixels: to make larger prints takes as long as to paint the scene.
LONGEST = 256
# What is twice as large as its print, or more, is reduced by a whole number first: prints are small.
REDUCED = 1.0
# Of an edit that shows prints, the shorter side: a smaller one has no room for them and the thing.
LEAST_EDIT = 512
PAPER, EDGE = (250, 247, 240), (90, 90, 90)


def shows(size: Size) -> bool:
    """Whether an edit of that size has room for prints."""
    return min(size.width, size.height) >= LEAST_EDIT


def prints(references: Sequence[Source], size: Size) -> Iterator[Image.Image]:
    """Give a square print of each picture for a result of this size; one large picture is open at a time.

    Raises PictureRefused for a picture that breaks its limits.
    """
    side = _side(size, len(references))
    for reference in references:
        yield _print(open_input(reference.data, reference.limits, Size(side, side)), side)


def laid(prints: Iterable[Image.Image]) -> Iterator[Patch]:
    """Give the places of prints along the top of a picture, from the left on."""
    left = gap = 0
    for each in prints:
        gap = gap or max(1, each.width // 6)
        yield Patch(left + gap, gap, each)
        left += gap + each.width


def _side(size: Size, count: int) -> int:
    # With a sixth of its side between each two of them.
    across = size.width / (count * 7 / 6 + 1 / 6)
    fair = sqrt(MOST_OF_ALL * size.width * size.height / count)
    return max(1, int(min(across, fair, LARGEST * min(size.width, size.height), LONGEST)))


def _print(picture: Image.Image, side: int) -> Image.Image:
    """The middle of a picture on paper, with a thin edge where there is room."""
    border = side // 16
    short = min(picture.size)
    left, top = (picture.width - short) // 2, (picture.height - short) // 2
    inner = max(1, side - 2 * border)
    middle = left, top, left + short, top + short
    # To enlarge by boxes would show them.
    smooth = Image.Resampling.BOX if short > inner else Image.Resampling.BILINEAR
    small = picture.resize((inner, inner), smooth, box=middle, reducing_gap=REDUCED)
    paper = Image.new("RGB", (side, side), PAPER)
    if border:
        ImageDraw.Draw(paper).rectangle((0, 0, side - 1, side - 1), outline=EDGE)
    paper.paste(small, (border, border))
    return paper
