"""A picture that is made band by band, from the top down: no more of it is in memory than is encoded at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

Ink = int | tuple[int, ...]
# In pixels, what of a picture is painted, coloured and encoded at a time: as much as a processor's cache holds.
BAND = 2**20
# Rows of a block of a JPEG, 4:2:0.
BLOCK = 16


class Picture(Protocol):
    """What can be encoded: its size, and any rows of it, in RGB or RGBX."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""

    def band(self, upper: int, lower: int) -> Image.Image:
        """Return the rows from `upper` on, as far as `lower`; they are the caller's to change."""


@dataclass(frozen=True)
class Whole:
    """A picture that is all there."""

    image: Image.Image

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.image.size

    def band(self, upper: int, lower: int) -> Image.Image:
        """Return some rows of it."""
        return self.image.crop((0, upper, self.image.width, lower))


@dataclass(frozen=True)
class Patch:
    """What is laid on a picture at a place: an ink through a mask, or another picture."""

    left: int
    top: int
    mask: Image.Image
    ink: Ink | None = None

    def lay(self, band: Image.Image, upper: int) -> None:
        """Lay on a band, that begins at a row, what reaches into it."""
        top, (width, height) = self.top - upper, self.mask.size
        if top < band.height and top + height > 0:
            box = self.left, top, self.left + width, top + height
            if self.ink is None:
                band.paste(self.mask.convert(band.mode), box)
            else:
                band.paste(self.ink, box, self.mask)


@dataclass(frozen=True)
class Covered:
    """A picture with patches on it."""

    under: Picture
    patches: tuple[Patch, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.under.size

    def band(self, upper: int, lower: int) -> Image.Image:
        """Return some rows of it."""
        band = self.under.band(upper, lower)
        for patch in self.patches:
            patch.lay(band, upper)
        return band


def rows(size: tuple[int, int]) -> int:
    """Return how many rows a band has: whole blocks of a JPEG."""
    return max(1, BAND // size[0] // BLOCK) * BLOCK


def bands(picture: Picture) -> Iterator[Image.Image]:
    """Give a picture's bands, from the top down."""
    height, step = picture.size[1], rows(picture.size)
    for upper in range(0, height, step):
        yield picture.band(upper, min(height, upper + step))


def whole(picture: Picture) -> Image.Image:
    """Return all of a picture, in RGB."""
    if isinstance(picture, Whole):
        return picture.image
    image, step = Image.new("RGB", picture.size), rows(picture.size)
    for number, band in enumerate(bands(picture)):
        image.paste(band.convert("RGB"), (0, number * step))
    return image
