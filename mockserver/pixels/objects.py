"""The things that an edit adds to a picture: flat silhouettes with a little shading, each a table of parts.

Coordinates run from -1 to 1, up being positive; a part's ink names the shade of the thing's one colour that fills it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Literal

from PIL import Image, ImageDraw

Ink = Literal["body", "shade", "light", "dark"]
Outline = tuple[tuple[float, float], ...]
Colour = tuple[int, int, int]
# The square of a thing is so much larger than the thing.
AIR = 1.16


@dataclass(frozen=True)
class Part:
    """An outline and the shade that fills it."""

    ink: Ink
    outline: Outline


def oval(x: float, y: float, across: float, down: float, lean: float = 0.0) -> Outline:
    """Return an ellipse, leaning by an angle, as an outline."""
    turns = [2 * pi * step / 48 for step in range(48)]
    spokes = [(across * cos(turn), down * sin(turn)) for turn in turns]
    return tuple((x + a * cos(lean) - b * sin(lean), y + a * sin(lean) + b * cos(lean)) for a, b in spokes)


def rays(count: int, outer: float, inner: float) -> Outline:
    """Return a star."""
    steps = [(pi / 2 + pi * step / count, inner if step % 2 else outer) for step in range(2 * count)]
    return tuple((reach * cos(turn), reach * sin(turn)) for turn, reach in steps)


def _heart() -> Outline:
    turns = [2 * pi * step / 64 for step in range(64)]
    return tuple(
        (sin(t) ** 3 * 0.95, (13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)) / 17 + 0.08) for t in turns
    )


def _blade(width: float) -> Outline:
    """Return one half of a leaf."""
    return tuple((width * sin(pi * step / 24) ** 0.8, 1 - step / 12) for step in range(25))


def _petals() -> tuple[Part, ...]:
    turns = [pi / 2 + 2 * pi * step / 6 for step in range(6)]
    return tuple(Part("body", oval(0.56 * cos(turn), 0.56 * sin(turn), 0.42, 0.3, turn)) for turn in turns)


OBJECTS: dict[str, tuple[Part, ...]] = {
    "bird": (
        Part("shade", ((-0.5, 0.0), (-1.0, 0.28), (-0.98, -0.08), (-0.5, -0.3))),
        Part("dark", ((0.66, 0.52), (1.0, 0.4), (0.66, 0.3))),
        Part("dark", ((-0.02, -0.6), (0.04, -0.6), (0.1, -0.95), (0.04, -0.95))),
        Part("dark", ((0.18, -0.6), (0.24, -0.6), (0.3, -0.95), (0.24, -0.95))),
        Part("body", oval(0.0, -0.08, 0.72, 0.58, 0.25)),
        Part("body", oval(0.44, 0.42, 0.36, 0.34)),
        Part("light", oval(0.22, -0.32, 0.4, 0.28, 0.4)),
        Part("shade", ((0.2, 0.16), (-0.2, 0.3), (-0.86, 0.62), (-0.66, 0.02), (-0.3, -0.24), (0.06, -0.16))),
        Part("dark", oval(0.54, 0.5, 0.07, 0.07)),
    ),
    "balloon": (
        Part("dark", ((-0.02, -0.55), (0.02, -0.55), (0.06, -0.8), (0.02, -1.0), (-0.02, -1.0), (0.02, -0.8))),
        Part("shade", ((0.0, -0.46), (-0.12, -0.64), (0.12, -0.64))),
        Part("body", oval(0.0, 0.25, 0.68, 0.76)),
        Part("shade", (*oval(0.0, 0.25, 0.68, 0.76)[28:47], *oval(-0.1, 0.36, 0.62, 0.7)[46:28:-1])),
        Part("light", oval(-0.26, 0.56, 0.14, 0.24, -0.5)),
    ),
    "crown": (
        Part("body", ((-0.85, -0.6), (-1.0, 0.5), (-0.48, 0.0), (0.0, 0.8), (0.48, 0.0), (1.0, 0.5), (0.85, -0.6))),
        Part("shade", ((-0.85, -0.6), (-0.89, -0.3), (0.89, -0.3), (0.85, -0.6))),
        *(Part("light", oval(x, y, 0.12, 0.12)) for x, y in ((-1.0, 0.55), (0.0, 0.84), (1.0, 0.55))),
        *(Part("dark", oval(x, -0.45, 0.09, 0.09)) for x in (-0.5, 0.0, 0.5)),
    ),
    "star": (
        Part("body", rays(5, 1.0, 0.48)),
        *(Part("shade", ((0.0, 0.0), rays(5, 1.0, 0.48)[n], rays(5, 1.0, 0.48)[n + 1])) for n in (1, 3, 5, 7)),
        Part("shade", ((0.0, 0.0), rays(5, 1.0, 0.48)[9], rays(5, 1.0, 0.48)[0])),
    ),
    "leaf": (
        Part("body", _blade(0.62)),
        Part("shade", _blade(-0.62)),
        *(Part("light", ((0.0, y), (0.34, y + 0.26), (0.34, y + 0.2), (0.0, y - 0.06))) for y in (-0.5, -0.1, 0.3)),
        Part("dark", ((-0.03, 0.9), (0.03, 0.9), (0.03, -1.0), (-0.03, -1.0))),
    ),
    "fish": (
        Part("shade", ((-0.45, 0.0), (-1.0, 0.52), (-0.84, 0.0), (-1.0, -0.52))),
        Part("shade", ((-0.2, 0.4), (0.0, 0.78), (0.38, 0.3))),
        Part("body", oval(0.18, 0.0, 0.8, 0.52)),
        Part("light", oval(0.24, -0.22, 0.56, 0.22)),
        Part("shade", ((0.2, 0.06), (-0.18, 0.16), (-0.12, -0.2))),
        Part("dark", oval(0.62, 0.14, 0.08, 0.08)),
    ),
    "heart": (Part("body", _heart()), Part("light", oval(-0.44, 0.5, 0.2, 0.12, 0.7))),
    "flower": (*_petals(), Part("shade", oval(0.0, 0.0, 0.34, 0.34)), Part("light", oval(0.0, 0.0, 0.24, 0.24))),
    "boat": (
        Part("body", ((-0.06, 1.0), (-0.06, -0.34), (-0.85, -0.34))),
        Part("light", ((0.04, 0.86), (0.04, -0.34), (0.7, -0.34))),
        Part("shade", ((-1.0, -0.42), (1.0, -0.42), (0.66, -0.86), (-0.62, -0.86))),
        Part("dark", ((-0.06, 1.0), (0.04, 1.0), (0.04, -0.42), (-0.06, -0.42))),
    ),
    "butterfly": (
        *(Part("body", oval(side * 0.52, 0.36, 0.52, 0.4, side * 0.6)) for side in (-1, 1)),
        *(Part("shade", oval(side * 0.42, -0.38, 0.38, 0.36, -side * 0.5)) for side in (-1, 1)),
        *(Part("light", oval(side * 0.6, 0.42, 0.2, 0.16, side * 0.6)) for side in (-1, 1)),
        Part("dark", oval(0.0, 0.0, 0.09, 0.62)),
    ),
}

# The words of a prompt that ask for each thing.
WORDS = {
    word: name
    for name, words in {
        "bird": "bird parrot owl duck",
        "balloon": "balloon",
        "crown": "crown hat king queen",
        "star": "star sky",
        "leaf": "leaf tree plant",
        "fish": "fish shark",
        "heart": "heart love",
        "flower": "flower rose",
        "boat": "boat ship sea",
        "butterfly": "butterfly wing",
    }.items()
    for word in words.split()
}


def named(prompt: str) -> str | None:
    """Return the thing that the first word of a prompt that names one asks for, singular or plural."""
    words = "".join(char if char.isalpha() else " " for char in prompt[:2000].lower()).split()
    found = (WORDS.get(word) or WORDS.get(word.removesuffix("s")) for word in words)
    return next(filter(None, found), None)


def pictured(name: str, radius: int, colour: Colour) -> Image.Image:
    """Return a thing in one colour and its shades, RGBA, in a square of twice its radius and a little air."""
    reach = round(radius * AIR)
    layer = Image.new("RGBA", (8 * reach, 8 * reach), (*colour, 0))
    pen = ImageDraw.Draw(layer)
    for part in OBJECTS[name]:
        spots = [(4 * (reach + x * radius), 4 * (reach - y * radius)) for x, y in part.outline]
        pen.polygon(spots, fill=_shaded(colour, part.ink))
    return layer.reduce(4)


def _shaded(colour: Colour, ink: Ink) -> Colour:
    towards, share = {"body": (0, 0.0), "shade": (0, 0.16), "light": (255, 0.26), "dark": (12, 0.8)}[ink]
    red, green, blue = (round(part + (towards - part) * share) for part in colour)
    return red, green, blue
