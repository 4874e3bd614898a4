"""A picture drawn from a recipe alone: a small poster, the prompt on a panel over a landscape.

The one place where scene, words and colours meet; a pure function, so that equal recipes are equal pictures.
"""

from __future__ import annotations

from math import ceil
from random import Random

from PIL import Image, ImageDraw

from . import lettering, mark, palette, scenery
from .canvas import Canvas
from .values import Recipe, Size

# Past this area a scene is painted smaller and enlarged: soft shapes do not show it, the words are set afterwards.
LARGEST_SCENE = 2**22
INK, PAPER = 14, 250


def draw(recipe: Recipe) -> Image.Image:
    """Return the picture of a recipe: RGB, exactly its size."""
    lots = Random(recipe.key)
    colours = palette.table(lots.choice(palette.RAMPS), palette.vividness(recipe.guidance))
    tones = _scene(recipe.size, lots)
    _caption(tones, recipe.prompt)
    tones.putpalette(colours)
    picture = tones.convert("RGB")
    if recipe.watermark:
        mark.stamp(picture)
    return picture


def _scene(size: Size, lots: Random) -> Image.Image:
    scale = min(1.0, (LARGEST_SCENE / (size.width * size.height)) ** 0.5)
    canvas = Canvas(ceil(size.width * scale), ceil(size.height * scale))
    scenery.paint(canvas, lots)
    return canvas.image.resize((size.width, size.height), Image.Resampling.BILINEAR) if scale < 1 else canvas.image


def _caption(tones: Image.Image, prompt: str) -> None:
    """Set the prompt on a dark panel, bottom left, clear of the corner that the mark keeps."""
    width, height = tones.size
    flat = width > 2 * height
    foot = height if flat else mark.box(width, height)[1]
    unit = min(width, height)
    margin = unit * (0.08 if flat else 0.05)
    pad = unit * 0.035
    room = (width * 0.55 if flat else width) - 2 * (margin + pad), (foot - margin) * (1.0 if flat else 0.42) - 2 * pad
    block = lettering.fit(prompt, *room, largest=unit * (0.115 if flat else 0.075 if height > 1.5 * width else 0.054))
    if block:
        left, bottom = margin, foot - (margin if flat else pad)
        _panel(tones, (left, bottom - block.height - 2 * pad, left + block.width + 2 * pad, bottom), pad)
        _set(tones, block, left + pad, bottom - block.height - pad)


def _panel(tones: Image.Image, edges: tuple[float, float, float, float], radius: float) -> None:
    box = tuple(map(round, edges))
    mask = Image.new("L", (2 * (box[2] - box[0]), 2 * (box[3] - box[1])))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), radius=2 * radius, fill=216)
    tones.paste(INK, (box[0], box[1]), mask.reduce(2))


def _set(tones: Image.Image, block: lettering.Block, left: float, top: float) -> None:
    pen, face = ImageDraw.Draw(tones), lettering.font(block.size)
    for index, line in enumerate(block.lines):
        middle = top + (index + 0.5) * block.size * lettering.LEADING
        pen.text((left, middle + block.size * 0.3), line, fill=PAPER, font=face, anchor="ls")
