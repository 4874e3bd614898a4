"""Pictures, drawn or edited by a recipe: bytes are a function of the recipe alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageStat

from .rules import fitted
from .wire import Fault, Recipe

Colour = tuple[int, int, int]
COLOURS: Sequence[Colour] = ((235, 40, 50), (250, 210, 20), (0, 190, 120), (20, 80, 230), (250, 60, 150), (60, 20, 90))
QUALITY = 95


def made(recipe: Recipe, fault: Fault) -> bytes:
    """The file of a recipe's picture: JPEG of exactly its size."""
    return fault.file(encoded(fault.picture(right(recipe), recipe)), recipe)


def encoded(picture: Image.Image, container: str = "jpeg", **options: int) -> bytes:
    """A picture as a file."""
    target = io.BytesIO()
    picture.save(target, container, **{"quality": QUALITY, **options})
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    """The picture in a file."""
    return Image.open(io.BytesIO(data)).convert("RGB")


@lru_cache(64)
def right(recipe: Recipe) -> Image.Image:
    """The picture that a recipe promises; not to be drawn upon."""
    return _edited(recipe) if recipe.image else _drawn(recipe)


def _drawn(recipe: Recipe) -> Image.Image:
    """Soft colours with hard shapes before them; guidance is contrast."""
    lots = _lots(recipe)
    sky = Image.frombytes("RGB", (5, 4), lots.randbytes(60)).resize((256, 256), Image.Resampling.BICUBIC)
    sky = ImageEnhance.Contrast(sky).enhance(0.7 + 0.04 * recipe.guidance)
    picture = sky.resize(recipe.size, Image.Resampling.BILINEAR)
    for _ in range(24):
        _shape(picture, lots, 0.02 + 0.1 * lots.random(), tuple(lots.randbytes(3)))
    return _marked(picture) if recipe.watermark else picture


def _edited(recipe: Recipe) -> Image.Image:
    """The caller's picture with one strong ellipse; guidance is its size."""
    picture, lots = fitted(recipe.image or "").copy(), _lots(recipe)
    radius = 0.1 + 0.005 * recipe.guidance
    before = picture.copy()
    place = lots.random(), lots.random()
    box = _box(picture.size, radius, place)
    there = ImageStat.Stat(before.crop(box)).mean
    fitting = [one for one in COLOURS if sum(abs(a - b) for a, b in zip(one, there, strict=True)) > 240]
    ImageDraw.Draw(picture).ellipse(box, fill=lots.choice(fitting), outline=(255, 255, 255), width=4)
    return _marked(picture) if recipe.watermark else picture


def _lots(recipe: Recipe) -> Random:
    return Random(ascii((recipe.model, recipe.prompt, recipe.seed)))


def _shape(picture: Image.Image, lots: Random, radius: float, colour: tuple[int, ...]) -> None:
    pen = ImageDraw.Draw(picture)
    lots.choice((pen.ellipse, pen.rectangle))(_box(picture.size, radius, (lots.random(), lots.random())), fill=colour)


def _box(size: tuple[int, int], radius: float, place: tuple[float, float]) -> tuple[int, int, int, int]:
    (width, height), (x, y) = size, (radius + (1 - 2 * radius) * part for part in place)
    left, top, right, bottom = x - radius, y - radius, x + radius, y + radius
    return int(left * width), int(top * height), int(right * width), int(bottom * height)


def _marked(picture: Image.Image) -> Image.Image:
    """The words that tell a generated picture, bottom right."""
    font = ImageFont.load_default(max(12, min(picture.size) // 20))
    corner = picture.width * 0.98, picture.height * 0.97
    pen = ImageDraw.Draw(picture)
    pen.text(corner, "AI generated", (255, 255, 255), font, anchor="rd", stroke_width=2, stroke_fill=(0, 0, 0))
    return picture
