"""A picture in one band, painted in tones from 0 (ink) to 255 (paper): the few strokes that scenery is made of.

Painting tones, and colouring them last, keeps every blended edge on the palette's ramp, at a third of the cost of RGB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from PIL import Image, ImageDraw

Point = tuple[float, float]
Polygon = Sequence[Point]

# The tone of Pillow's radial gradient where its circle touches the square that it comes in.
RIM = 178


@dataclass(frozen=True)
class Oval:
    """An ellipse by its middle and half axes."""

    x: float
    y: float
    across: float
    down: float


Outline = Polygon | Oval


class Canvas:
    """The band that is painted on, and `unit`, the length that shapes are scaled by."""

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("L", (width, height))
        self.width, self.height = width, height
        # Between the shorter side and the mean one, so that shapes neither vanish from a flat picture nor burst it.
        self.unit = min(sqrt(width * height), 1.8 * min(width, height))

    def wash(self, top: float, bottom: float, upper: int, lower: int) -> None:
        """Cover the rows from `upper` to `lower` with a gradient."""
        if lower > upper:
            self.image.paste(gradient((self.width, lower - upper), top, bottom), (0, upper))

    def fill(self, outlines: Sequence[Outline], top: float, bottom: float) -> None:
        """Fill outlines, as one shape with smooth edges, with a gradient that runs down it."""
        box = _bounds(outlines, self.width, self.height)
        if box[0] < box[2] and box[1] < box[3]:
            mask = _mask(outlines, box)
            self.image.paste(gradient(mask.size, top, bottom), box[:2], mask)

    def ground(self, crest: Polygon, standing: Sequence[Outline], top: float, bottom: float) -> None:
        """Fill all below a crest that spans the picture, and what stands on it, with a gradient that runs down it."""
        upper, lower = min(y for _, y in crest), min(self.height, int(max(y for _, y in crest)) + 1)
        seam = top + (bottom - top) * (lower - upper) / max(1.0, self.height - upper)
        # Only the crest needs smooth edges; below it, plain rows are ten times as fast.
        self.fill([[*crest, (self.width, lower), (0, lower)], *standing], top, seam)
        self.wash(seam, bottom, max(0, lower), self.height)

    def glow(self, x: float, y: float, radius: float, strength: float) -> None:
        """Lighten softly around a point."""
        left, top, side = x - radius, y - radius, 2 * radius
        box = max(0, int(left)), max(0, int(top)), min(self.width, int(left + side)), min(self.height, int(top + side))
        if box[0] < box[2] and box[1] < box[3]:
            halo = Image.radial_gradient("L").point([_falloff(tone, strength) for tone in range(256)])
            # Only the visible part is enlarged: a halo may be far larger than a flat picture.
            part = [(edge - start) * 256 / side for edge, start in zip(box, (left, top, left, top), strict=True)]
            size = box[2] - box[0], box[3] - box[1]
            whole = max(0.0, part[0]), max(0.0, part[1]), min(256.0, part[2]), min(256.0, part[3])
            self.image.paste(255, box, halo.resize(size, Image.Resampling.BILINEAR, box=whole))


def gradient(size: tuple[int, int], top: float, bottom: float) -> Image.Image:
    """Return one band that runs evenly from one tone down to another."""
    ends = Image.frombytes("L", (1, 2), bytes((_tone(top), _tone(bottom))))
    # From the middle of the one pixel to the middle of the other: there the interpolation is a straight line.
    column = ends.resize((1, size[1]), Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))
    return column.resize(size, Image.Resampling.NEAREST)


def _mask(outlines: Sequence[Outline], box: tuple[int, int, int, int]) -> Image.Image:
    """Return the coverage of outlines within a box, drawn at twice its size and reduced: that smooths the edges."""
    left, top, right, bottom = box
    mask = Image.new("L", (2 * (right - left), 2 * (bottom - top)))
    pen = ImageDraw.Draw(mask)
    for outline in outlines:
        if isinstance(outline, Oval):
            x, y, across, down = (
                2 * part for part in (outline.x - left, outline.y - top, outline.across, outline.down)
            )
            pen.ellipse((x - across, y - down, x + across, y + down), fill=255)
        else:
            pen.polygon([(2 * (x - left), 2 * (y - top)) for x, y in outline], fill=255)
    return mask.reduce(2)


def _bounds(outlines: Sequence[Outline], width: int, height: int) -> tuple[int, int, int, int]:
    corners = [corner for outline in outlines for corner in _corners(outline)]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    right, bottom = max(x for x, _ in corners), max(y for _, y in corners)
    return max(0, int(left)), max(0, int(top)), min(width, int(right) + 1), min(height, int(bottom) + 1)


def _corners(outline: Outline) -> Polygon:
    if isinstance(outline, Oval):
        x, y, across, down = outline.x, outline.y, outline.across, outline.down
        return (x - across, y - down), (x + across, y + down)
    return outline


def _falloff(tone: int, strength: float) -> int:
    near = max(0.0, 1 - tone / RIM)
    return round((0.55 * near**2 + 0.45 * near**7) * 255 * strength)


def _tone(value: float) -> int:
    return max(0, min(255, round(value)))
