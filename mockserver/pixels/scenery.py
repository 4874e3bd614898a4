"""Landscapes, composed by lot: a sky, a sun or a moon, clouds, birds, then a valley, a mountain range or the sea.

Paints tones on a canvas and draws every lot from the generator it is given; knows nothing of colours or words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import pi, pow, sin
from random import Random

from .canvas import Canvas, Outline, Oval, Point
from .things import bird, boat, pine

Line = Callable[[float], float]


@dataclass(frozen=True)
class Light:
    """How a scene is lit, in tones: the top and the foot of the sky, the farthest and the nearest land."""

    zenith: int
    horizon: int
    far: int
    near: int

    @property
    def dark(self) -> bool:
        """Whether it is night."""
        return self.zenith < 60

    def sky(self, share: float) -> float:
        """Return the tone of the sky at a share of the way down."""
        return self.zenith + (self.horizon - self.zenith) * share

    def land(self, share: float) -> float:
        """Return the tone of the land at a share of the way towards the viewer."""
        return self.far + (self.near - self.far) * pow(share, 0.8)


LIGHTS = (
    Light(zenith=136, horizon=228, far=186, near=26),
    Light(zenith=178, horizon=238, far=200, near=34),
    Light(zenith=88, horizon=214, far=160, near=14),
    Light(zenith=212, horizon=176, far=140, near=20),
    Light(zenith=30, horizon=138, far=104, near=6),
    Light(zenith=58, horizon=184, far=132, near=10),
)


@dataclass(frozen=True)
class Scene:
    """What every part of a scene is told: where to paint, whose lots, the light, the horizon, where the orb stands."""

    canvas: Canvas
    lots: Random
    light: Light
    horizon: float
    orb: float

    def down(self, share: float) -> float:
        """Return the height at a share of the way from the horizon to the foot of the picture."""
        return self.horizon + (self.canvas.height - self.horizon) * share


def paint(canvas: Canvas, lots: Random) -> None:
    """Paint a landscape over the whole canvas."""
    horizon, orb = canvas.height * lots.uniform(0.5, 0.64), canvas.width * lots.uniform(0.2, 0.82)
    scene = Scene(canvas, lots, lots.choice(LIGHTS), horizon, orb)
    _sky(scene)
    lots.choice((_valley, _range, _sea))(scene)
    _flock(scene)


def _sky(scene: Scene) -> None:
    canvas, lots, light = scene.canvas, scene.lots, scene.light
    canvas.wash(light.zenith, light.horizon, 0, round(scene.horizon))
    canvas.wash(light.horizon, light.horizon, round(scene.horizon), canvas.height)
    if light.dark:
        _stars(scene)
    radius = lots.uniform(0.07, 0.15) * canvas.unit
    height = max(lots.uniform(0.3, 0.95) * scene.horizon, radius * 1.4)
    canvas.glow(scene.orb, height, radius * 5.5, 0.9)
    canvas.fill([Oval(scene.orb, height, radius, radius)], 255, 248)
    for _ in range(lots.randrange(2, 6)):
        _cloud(scene)


def _stars(scene: Scene) -> None:
    canvas, lots = scene.canvas, scene.lots
    for tone in (150, 190, 235):
        sizes = [canvas.unit * lots.uniform(0.0009, 0.0022) for _ in range(lots.randrange(20, 36))]
        places = [(lots.random() * canvas.width, lots.random() ** 1.4 * scene.horizon) for _ in sizes]
        canvas.fill([Oval(x, y, size, size) for (x, y), size in zip(places, sizes, strict=True)], tone, tone - 20)


def _cloud(scene: Scene) -> None:
    lots, unit = scene.lots, scene.canvas.unit
    x, y = lots.random() * scene.canvas.width, lots.uniform(0.12, 0.8) * scene.horizon
    tone = scene.light.sky(y / scene.horizon) + lots.choice((-12, 16, 24))
    wisps = [
        Oval(
            x + unit * lots.uniform(-0.1, 0.1),
            y - layer * unit * 0.011,
            unit * lots.uniform(0.1, 0.24) * (1 - layer * 0.16),
            unit * 0.009,
        )
        for layer in range(4)
    ]
    scene.canvas.fill(wisps, tone + 6, tone - 4)


def _flock(scene: Scene) -> None:
    canvas, lots, unit = scene.canvas, scene.lots, scene.canvas.unit
    x, y = lots.uniform(0.15, 0.8) * canvas.width, lots.uniform(0.1, 0.35) * canvas.height
    tone = 214 if scene.light.dark else scene.light.near
    flock = [
        bird(
            x + lots.uniform(-0.16, 0.16) * unit,
            y + lots.uniform(-0.06, 0.06) * unit,
            unit * lots.uniform(0.012, 0.022),
        )
        for _ in range(lots.randrange(3, 8))
    ]
    canvas.fill(flock, tone, tone)


def _valley(scene: Scene) -> None:
    """Rolling hills, one behind the other, trees on the nearest."""
    lots, unit = scene.lots, scene.canvas.unit
    count = lots.randrange(4, 7)
    for index in range(count):
        share = index / (count - 1)
        line = _rolling(lots, scene.down(share * 0.78), unit * (0.05 + 0.03 * share), unit * lots.uniform(0.7, 1.3))
        trees = _grove(scene, line) if share > 0.6 else []
        _land(scene, line, trees, scene.light.land(share), 30 * (1 - share))


def _range(scene: Scene) -> None:
    """Mountains, snow on the farthest, a wood before them."""
    unit, light = scene.canvas.unit, scene.light
    for index in range(3):
        crest = _peaks(scene, scene.down(0.16 * index + 0.08), unit * (0.36 - 0.09 * index))
        tone = light.land(index * 0.22)
        scene.canvas.ground(crest, [], tone, min(tone + 46, light.horizon))
        if index == 0:
            _snow(scene, crest, min(251, tone + 60))
    for share in (0.8, 1.0):
        line = _rolling(scene.lots, scene.down(share * 0.8), unit * 0.03, unit)
        _land(scene, line, _wood(scene, line), light.land(share), 8)


def _sea(scene: Scene) -> None:
    """Water under the sun, islands behind it, a sail, a headland."""
    canvas, lots, light, unit = scene.canvas, scene.lots, scene.light, scene.canvas.unit
    for share in (0.1, 0.35):
        line = _rolling(lots, scene.horizon, unit * 0.07, unit * lots.uniform(0.4, 0.8))
        _land(scene, line, [], light.land(share), 10)
    canvas.wash(light.horizon - 26, light.near + 24, round(scene.horizon), canvas.height)
    canvas.fill(_glints(scene), 252, 180)
    hull, sails = boat(
        lots.uniform(0.12, 0.88) * canvas.width, scene.down(lots.uniform(0.08, 0.3)), unit * lots.uniform(0.08, 0.13)
    )
    canvas.fill([hull], light.near, light.near)
    canvas.fill(sails, 253, 236)
    line = _rolling(lots, scene.down(lots.uniform(0.78, 0.94)), unit * 0.1, unit * 1.6)
    _land(scene, line, _grove(scene, line), light.near, 0)


def _land(scene: Scene, line: Line, trees: list[Outline], tone: float, mist: float) -> None:
    crest = [(x, line(x)) for x in (scene.canvas.width * step / 96 for step in range(97))]
    scene.canvas.ground(crest, trees, tone, tone + mist)


def _rolling(lots: Random, base: float, swing: float, length: float) -> Line:
    waves = [(swing / (n + 1), 2 * pi * (n + 1) / length / lots.uniform(0.8, 1.5), lots.random() * 7) for n in range(3)]
    return lambda x: base + sum(height * sin(x * pace + start) for height, pace, start in waves)


def _peaks(scene: Scene, base: float, rise: float) -> list[Point]:
    """Return a crest: peaks and saddles by turns, roughened by halving each side and moving its middle."""
    lots, width = scene.lots, scene.canvas.width
    count = max(3, min(40, round(width / scene.canvas.unit * 4.5)))
    heights = [lots.uniform(0.5, 1.0) if index % 2 else lots.uniform(0.0, 0.35) for index in range(count)]
    for rough in (0.12, 0.07, 0.04, 0.02):
        middles = [(a + b) / 2 + lots.uniform(-rough, rough) for a, b in pairwise(heights)]
        heights = [height for pair in zip(heights, middles, strict=False) for height in pair] + heights[-1:]
    # Even spacing would show: the peaks are drawn towards one side, the ends staying where they are.
    shares, pull = [index / (len(heights) - 1) for index in range(len(heights))], lots.uniform(-0.13, 0.13)
    places = [width * (share + pull * sin(2 * pi * share)) for share in shares]
    return [(x, base - rise * height) for x, height in zip(places, heights, strict=True)]


def _snow(scene: Scene, crest: list[Point], tone: float) -> None:
    """Cap what rises above a line, down to a ragged edge."""
    top, foot = min(y for _, y in crest), max(y for _, y in crest)
    edge, rough = top + (foot - top) * 0.36, (foot - top) * 0.12
    hems = [max(y, edge + scene.lots.choice((-1, 1)) * scene.lots.uniform(0.2, 1.0) * rough) for _, y in crest]
    caps = [
        [(ax, ay), (bx, by), (bx, below), (ax, above)]
        for ((ax, ay), (bx, by)), (above, below) in zip(pairwise(crest), pairwise(hems), strict=True)
        if (above, below) != (ay, by)
    ]
    if caps:
        scene.canvas.fill(caps, tone, tone - 24)


def _grove(scene: Scene, line: Line) -> list[Outline]:
    lots, unit = scene.lots, scene.canvas.unit
    middle = lots.random() * scene.canvas.width
    return _trees(scene, line, [lots.gauss(middle, unit * 0.3) for _ in range(lots.randrange(6, 18))])


def _wood(scene: Scene, line: Line) -> list[Outline]:
    width = scene.canvas.width
    count = min(120, round(30 * width / scene.canvas.unit))
    return _trees(scene, line, [scene.lots.uniform(0, width) for _ in range(count)])


def _trees(scene: Scene, line: Line, places: list[float]) -> list[Outline]:
    sizes = [scene.canvas.unit * scene.lots.uniform(0.04, 0.1) for _ in places]
    return [part for x, size in zip(places, sizes, strict=True) for part in pine(x, line(x) + size * 0.12, size)]


def _glints(scene: Scene) -> list[Outline]:
    lots, unit = scene.lots, scene.canvas.unit
    shares = [(step + 0.5) / 34 for step in range(34)]
    return [
        Oval(
            scene.orb + unit * lots.uniform(-0.06, 0.06) * (0.4 + share),
            scene.down(share**1.3),
            unit * lots.uniform(0.02, 0.07) * (0.7 + 1.6 * share),
            unit * 0.0035,
        )
        for share in shares
    ]
