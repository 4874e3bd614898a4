"""The caller's picture with one thing added to it, and the rest kept as well as the real service kept it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageStat

from . import mark, objects, room
from .objects import AIR, Colour
from .references import shows
from .values import Recipe

# Colours so strong, and so far from each other, that against any background one differs by 99 levels at least.
COLOURS: tuple[Colour, ...] = (
    (240, 36, 48),
    (255, 128, 0),
    (255, 214, 10),
    (0, 206, 120),
    (0, 196, 224),
    (16, 84, 232),
    (76, 24, 176),
    (255, 56, 152),
)
PAPER: Colour = (250, 247, 240)
# Levels of 255, in the mean of the channels, by which a thing's colour must differ from what it is laid on.
CONTRAST = 80
# In pixels, the radius from which on a thing covers a block well; a smaller one differs as much as any colour can.
FILLING = 40
# What is many times as large is reduced by whole numbers first: in a photograph that is a level's difference at most.
REDUCED = 2.0
# In pixels, how far the shadow of a thing that keeps to its room falls beyond it.
LIFT = 3


def edit(recipe: Recipe, source: Image.Image) -> Image.Image:
    """Return the source (RGB) at the recipe's size, with one thing that the prompt and the seed choose and place."""
    lots = Random(recipe.key)
    resized = source.resize((recipe.size.width, recipe.size.height), Image.Resampling.BICUBIC, reducing_gap=REDUCED)
    edited = resized.point(_retone(lots))
    name = objects.named(recipe.prompt) or lots.choice(sorted(objects.OBJECTS))
    lay = _lay_freely if _is_roomy(recipe) else _lay_in_room
    lay(recipe, edited, name, lots)
    if recipe.watermark:
        for patch in mark.patches(*edited.size, short=_is_short(recipe)):
            patch.lay(edited, 0)
    return edited


def _is_roomy(recipe: Recipe) -> bool:
    """Whether a thing may lie anywhere, and the mark be in words; also where there is no room to keep to."""
    if min(recipe.size.width, recipe.size.height) < room.SMALLEST:
        return True
    reach = round(_radius(recipe) * AIR)
    lift = max(1, 2 * reach // 50)
    return room.widest(2 * reach + 2 * lift) + _marked(recipe, short=False) <= room.budget(recipe.size)


def _is_short(recipe: Recipe) -> bool:
    """Whether the mark is short, for the thing to have whole room, or as much as there is."""
    if min(recipe.size.width, recipe.size.height) < room.SMALLEST:
        return False
    return room.budget(recipe.size) - _marked(recipe, short=False) < room.WHOLE**2


def _marked(recipe: Recipe, *, short: bool) -> int:
    return room.touched(mark.box(recipe.size.width, recipe.size.height, short=short)) if recipe.watermark else 0


def _lay_freely(recipe: Recipe, picture: Image.Image, name: str, lots: Random) -> None:
    radius = _radius(recipe)
    # Further pictures that do not show move the thing.
    moved = recipe.references and not shows(recipe.size)
    placing = Random(f"{recipe.key}{recipe.references}") if moved else lots
    middle = _place(recipe.size.width, placing, radius), _place(recipe.size.height, placing, radius)
    _lay(picture, objects.pictured(name, radius, _colour(picture, lots, middle, radius)), middle)


def _lay_in_room(recipe: Recipe, picture: Image.Image, name: str, lots: Random) -> None:
    """Lay a thing inside of whole blocks; where these are few, on a plate, so that one of them changes enough."""
    left = room.budget(recipe.size) - _marked(recipe, short=_is_short(recipe))
    square = room.chosen(recipe, lots, room.blocks(recipe.size, left))
    middle = square.left + square.side // 2, square.top + square.side // 2
    if square.blocks == room.WHOLE:
        radius = int((square.side / 2 - LIFT) / AIR)
        _lay(picture, objects.pictured(name, radius, _colour(picture, lots, middle, radius)), middle)
        return
    colour = _colour(picture, lots, middle, square.side / 2 / 0.7)
    inset = 0, 0, square.side - 1, square.side - 1
    plate = Image.new("L", (square.side, square.side))
    ImageDraw.Draw(plate).rounded_rectangle(inset, radius=square.side // 8, fill=255)
    picture.paste(colour, square.box, plate)
    thing = objects.pictured(name, int(square.side / 2 / AIR) - 2, PAPER)
    picture.paste(thing.convert("RGB"), (middle[0] - thing.width // 2, middle[1] - thing.height // 2), thing)


def _retone(lots: Random) -> list[int]:
    """Return a table that moves levels by up to 3: what the service does not edit is slightly re-toned, never equal."""
    shifts = [lots.choice((-1.2, 1.2)) for _ in range(3)]
    return [round(128 + (level - 128) * 0.986 + shift) for shift in shifts for level in range(256)]


def _radius(recipe: Recipe) -> int:
    """Return about a tenth of the shorter side: the stronger the guidance, the larger the thing."""
    strength = 0.96 + 0.02 * max(0.0, min(10.0, 5.5 if recipe.guidance is None else recipe.guidance))
    short = min(recipe.size.width, recipe.size.height)
    # On a small picture it grows, so that it still fills a block of 32 pixels; but never beyond the picture.
    return max(1, round(min(max(0.1 * strength * short, FILLING), 0.44 * short)))


def _place(length: int, lots: Random, radius: int) -> int:
    return round(radius * 1.2 + lots.uniform(0.06, 0.94) * max(0.0, length - 2.4 * radius))


def _colour(picture: Image.Image, lots: Random, middle: tuple[int, int], radius: float) -> Colour:
    x, y = middle
    reach = max(1, round(0.7 * radius))
    there = ImageStat.Stat(picture.crop((x - reach, y - reach, x + reach, y + reach))).mean
    if radius < FILLING:
        return max(COLOURS, key=lambda colour: contrast(colour, there))
    return lots.choice([colour for colour in COLOURS if contrast(colour, there) >= CONTRAST])


def contrast(colour: Colour, there: Sequence[float]) -> float:
    """Return the mean difference of the channels of two colours."""
    return sum(abs(part - level) for part, level in zip(colour, there, strict=True)) / 3


def _lay(picture: Image.Image, thing: Image.Image, middle: tuple[int, int]) -> None:
    """Paste a thing, with a thin rim and a soft shadow that lift it off the picture."""
    alpha = thing.getchannel("A")
    corner = middle[0] - thing.width // 2, middle[1] - thing.height // 2
    lift = max(1, thing.width // 50)
    shadow = alpha.filter(ImageFilter.GaussianBlur(lift * 1.5)).point([level * 2 // 5 for level in range(256)])
    picture.paste((0, 0, 0), (corner[0] + lift, corner[1] + 2 * lift), shadow)
    # A blur made steep again widens the outline, in a tenth of the time of a filter of maxima.
    rim = alpha.filter(ImageFilter.BoxBlur(lift)).point([min(255, level * (2 * lift + 1)) for level in range(256)])
    picture.paste(PAPER, corner, rim)
    picture.paste(thing.convert("RGB"), corner, alpha)
