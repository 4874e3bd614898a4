"""A picture in one band, painted in tones from 0 (ink) to 255 (paper): the few strokes that scenery is made of.

Strokes are kept and painted band by band, so that a large picture never is in memory as a whole, and what is painted is
in the processor's cache when it is coloured and encoded. Edges are smooth as each row is the sum of two that were
painted in half the tone. Both are views of the memory that was painted in, so that nothing is copied to add them: a
tenth of the time that it takes to reduce a picture, or less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import cos, floor, pi, sin, sqrt
from typing import Protocol

from PIL import Image, ImageChops, ImageDraw, ImagePath

Flat = Sequence[float]
# What is painted of each row of a picture, and how far points are moved there, as they are cut to whole numbers.
ROWS, SHIFT = 2, 0.5
# Of a gradient, how many tones are one strip.
STRIP = 3
# Of a rectangle with round corners: which corner, and where on its arc.
CORNERS = tuple(
    (i, j, cos((quarter + step / 12) * pi / 2), sin((quarter + step / 12) * pi / 2))
    for quarter, (i, j) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1)))
    for step in range(13)
)


@dataclass(frozen=True)
class Bed:
    """What is painted on: ROWS rows for each of the picture from the row `upper` on."""

    image: Image.Image
    pen: ImageDraw.ImageDraw
    upper: int


class Stroke(Protocol):
    """What can be painted; nothing of it is above the row `upper`, or below the row `lower`."""

    @property
    def upper(self) -> float:
        """The first row."""

    @property
    def lower(self) -> float:
        """The row behind the last."""

    def paint(self, bed: Bed) -> None:
        """Paint what of it is on a bed."""


@dataclass(frozen=True)
class Wash:
    """All of some rows, with a gradient."""

    upper: int
    lower: int
    top: float
    bottom: float

    def paint(self, bed: Bed) -> None:
        """Fill the rows, in strips of one tone."""
        (width, height), rows, change = bed.image.size, self.lower - self.upper, self.bottom - self.top
        steps = max(1, min(rows, round(abs(change)) // STRIP))
        end = ROWS * (self.upper - bed.upper)
        for step in range(steps):
            start, end = end, ROWS * (self.upper + rows * (step + 1) // steps - bed.upper)
            if end > 0 and start < height:
                tone = _half(self.top + change * (step + 0.5) / steps)
                bed.image.paste(tone, (0, max(0, start), width, min(height, end)))


@dataclass(frozen=True)
class Shape:
    """What a closed line goes round, in half a tone; the line as on a bed that begins with the picture."""

    path: ImagePath.Path
    half: int
    upper: float
    lower: float

    def paint(self, bed: Bed) -> None:
        """Fill the shape."""
        path = self.path
        if bed.upper:
            path = ImagePath.Path(path)
            path.transform((1, 0, 0, 0, 1, -ROWS * bed.upper))
        bed.pen.polygon(path, fill=self.half)


@dataclass(frozen=True)
class Disc:
    """A circle in half a tone."""

    x: float
    y: float
    radius: float
    half: int

    @property
    def upper(self) -> float:
        """The first row."""
        return self.y - self.radius

    @property
    def lower(self) -> float:
        """The row behind the last."""
        return self.y + self.radius + 1

    def paint(self, bed: Bed) -> None:
        """Fill the circle."""
        side, left = int(2 * self.radius), floor(self.x - self.radius + SHIFT)
        top = floor(ROWS * (self.y - self.radius - bed.upper) + SHIFT)
        bed.pen.ellipse((left, top, left + side, top + ROWS * side), fill=self.half)


class Canvas:
    """What was painted, and `unit`, the length that shapes are scaled by."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        # Between the shorter side and the mean one, so that shapes neither vanish from a flat picture nor burst it.
        self.unit = min(sqrt(width * height), 1.8 * min(width, height))
        self._strokes: list[Stroke] = []

    def wash(self, top: float, bottom: float, upper: float, lower: float) -> None:
        """Cover the rows from `upper` to `lower` with a gradient."""
        self._strokes.append(Wash(int(upper), min(self.height, int(lower)), top, bottom))

    def disc(self, x: float, y: float, radius: float, tone: float) -> None:
        """Fill a circle."""
        self._strokes.append(Disc(x, y, radius, _half(tone)))

    def shape(self, outline: Flat, matrix: tuple[float, float, float, float, float, float], tone: float) -> None:
        """Fill an outline (x, y, x, y, …) of which each point is at (a x + b y + c, d x + e y + f)."""
        a, b, c, d, e, f = matrix
        path = ImagePath.Path(outline)
        path.transform((a, b, c + SHIFT, ROWS * d, ROWS * e, ROWS * f + SHIFT))
        _, upper, _, lower = path.getbbox()
        self._strokes.append(Shape(path, _half(tone), upper / ROWS, lower / ROWS + 1))

    def panel(self, edges: tuple[float, float, float, float], radius: float, tone: float) -> None:
        """Fill a rectangle with round corners."""
        left, top, right, bottom = edges
        x, y, across, down = (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2
        reach = min(radius, across, down)
        turns = ((i * (across - reach) + reach * a, j * (down - reach) + reach * b) for i, j, a, b in CORNERS)
        self.shape(tuple(chain.from_iterable(turns)), (1, 0, x, 0, 1, y), tone)

    def band(self, upper: int, lower: int) -> Image.Image:
        """Return the rows from `upper` to `lower`; a wash must cover each of them."""
        width, height = self.width, lower - upper
        # A row more than is painted, so that the second view has as many bytes as the first.
        memory = bytearray(width * (ROWS * height + 1))
        self._paint(_view(memory, width, ROWS * height, width), upper, lower)
        # Read as rows of twice the length, the same bytes are the upper row of each pair, or from a row on the lower.
        pairs = (_view(memoryview(memory)[start:], width, height, ROWS * width) for start in (0, width))
        return ImageChops.add_modulo(*pairs)

    def _paint(self, image: Image.Image, upper: int, lower: int) -> None:
        bed = Bed(image, ImageDraw.Draw(image), upper)
        for stroke in self._strokes:
            if stroke.upper < lower and stroke.lower >= upper:
                stroke.paint(bed)


def _view(memory: bytearray | memoryview, width: int, height: int, stride: int) -> Image.Image:
    """Return a picture that is the memory itself: what is painted on it is there."""
    # Any buffer will do, whatever Pillow declares.
    view = Image.frombuffer("L", (width, height), memory, "raw", "L", stride, 1)  # type: ignore[arg-type]
    # Else a pen would copy it.
    view.readonly = 0
    return view


def _half(tone: float) -> int:
    return max(0, min(127, round(tone / 2)))
