"""A picture drawn from a recipe alone: a small poster, the prompt on a panel over a landscape.

The one place where scene, words and colours meet; a pure function, so that equal recipes are equal pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from PIL import Image

from . import lettering, mark, palette, scenery
from .canvas import Canvas
from .poster import Covered, Picture, whole
from .values import Recipe

INK, PAPER = 22, 250


@dataclass(frozen=True)
class Poster:
    """A scene in tones, the letters of its caption, and the colours of the tones."""

    canvas: Canvas
    letters: tuple[lettering.Letter, ...]
    colours: bytes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.canvas.width, self.canvas.height

    def band(self, upper: int, lower: int) -> Image.Image:
        """Return some rows, in RGBX, which is coloured and encoded faster than RGB."""
        tones = self.canvas.band(upper, lower)
        # What an image's own `paste` comes to, which takes as long again to look at what it was given.
        paste = tones.im.paste
        for left, top, right, bottom, mask in self.letters:
            if top < lower and bottom > upper:
                paste(PAPER, (left, top - upper, right, bottom - upper), mask.im)
        tones.putpalette(self.colours)
        return tones.convert("RGBX")


def draw(recipe: Recipe) -> Image.Image:
    """Return the picture of a recipe: RGB, exactly its size."""
    return whole(poster(recipe))


def poster(recipe: Recipe) -> Picture:
    """Return the picture of a recipe, to be painted band by band."""
    lots, (width, height) = Random(recipe.key), (recipe.size.width, recipe.size.height)
    colours = palette.table(lots.choice(palette.RAMPS), palette.vividness(recipe.guidance))
    canvas = Canvas(width, height)
    scenery.paint(canvas, lots)
    made = Poster(canvas, _caption(canvas, recipe.prompt), colours)
    return Covered(made, mark.patches(width, height)) if recipe.watermark else made


def _caption(canvas: Canvas, prompt: str) -> tuple[lettering.Letter, ...]:
    """Paint a dark panel, bottom left, clear of the corner that the mark keeps; return the letters of the prompt."""
    width, height = canvas.width, canvas.height
    flat = width > 2 * height
    foot = height if flat else mark.box(width, height)[1]
    unit = min(width, height)
    margin = unit * (0.08 if flat else 0.05)
    pad = unit * 0.035
    room = (width * 0.55 if flat else width) - 2 * (margin + pad), (foot - margin) * (1.0 if flat else 0.42) - 2 * pad
    block = lettering.fit(prompt, *room, largest=unit * (0.115 if flat else 0.075 if height > 1.5 * width else 0.054))
    if not block:
        return ()
    left, bottom = margin, foot - (margin if flat else pad)
    top = bottom - block.height - 2 * pad
    canvas.panel((left, top, left + block.width + 2 * pad, bottom), pad, INK)
    return tuple(lettering.letters(block, left + pad, top + pad))
