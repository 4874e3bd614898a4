"""Landscapes, composed by lot: a sky, a sun or a moon, clouds, birds, then a valley, a mountain range or the sea.

Paints tones on a canvas and draws every lot from the generator it is given; knows nothing of colours or words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pow
from random import Random

from . import crests, things
from .canvas import Canvas

Line = Callable[[int, int], crests.Flat]

# Past this width, in pixels, lines have more points.
FINE = 1400


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
# How far down the sky is painted: what is before it begins above that.
SKY = 0.12
# How far a halo reaches, in radii of what it is round, and how bright it is.
HALOS = ((3.6, 0.12), (2.5, 0.28), (1.65, 0.5))


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

    @property
    def points(self) -> int:
        """Points of a line for each unit."""
        return crests.FINE if self.canvas.width > FINE else crests.COARSE


def paint(canvas: Canvas, lots: Random) -> None:
    """Paint a landscape over the whole canvas."""
    horizon, orb = canvas.height * lots.uniform(0.5, 0.64), canvas.width * lots.uniform(0.2, 0.82)
    scene = Scene(canvas, lots, lots.choice(LIGHTS), horizon, orb)
    _sky(scene)
    lots.choice((_valley, _range, _sea))(scene)
    _flock(scene)


def _sky(scene: Scene) -> None:
    canvas, lots, light = scene.canvas, scene.lots, scene.light
    canvas.wash(light.zenith, light.horizon, 0, scene.horizon)
    canvas.wash(light.horizon, light.horizon, scene.horizon, scene.down(SKY))
    if light.dark:
        _stars(scene)
    radius = lots.uniform(0.07, 0.13) * canvas.unit
    height = max(lots.uniform(0.3, 0.95) * scene.horizon, radius * 1.4)
    # No ring is darker than any of the sky that it covers.
    reach = (-HALOS[0][0] * radius, HALOS[0][0] * radius)
    there = max(light.sky(min(1.0, max(0.0, (height + part) / scene.horizon))) for part in reach)
    for radii, share in HALOS:
        canvas.disc(scene.orb, height, radius * radii, there + (252 - there) * share)
    canvas.disc(scene.orb, height, radius, 254)
    for _ in range(lots.randrange(2, 5)):
        _cloud(scene)


def _stars(scene: Scene) -> None:
    canvas, lots = scene.canvas, scene.lots
    for _ in range(lots.randrange(18, 30)):
        size = canvas.unit * lots.uniform(0.0015, 0.006)
        x, y = lots.random() * canvas.width, lots.random() ** 1.4 * scene.horizon
        canvas.shape(things.STAR, (size, 0, x, 0, size, y), lots.choice((150, 190, 235)))


def _cloud(scene: Scene) -> None:
    lots, unit = scene.lots, scene.canvas.unit
    x, y = lots.random() * scene.canvas.width, lots.uniform(0.12, 0.8) * scene.horizon
    tone = scene.light.sky(y / scene.horizon) + lots.choice((-14, 16, 26))
    across, up = unit * lots.uniform(0.09, 0.2) * lots.choice((-1, 1)), unit * lots.uniform(0.03, 0.06)
    outline = crests.cloud(lots.randrange(crests.KINDS))
    for back, change in ((1.0, 0.0), (0.62, 9.0)):
        aside = across * 0.5 * (1 - back)
        scene.canvas.shape(outline, (across * back, 0, x + aside, 0, -up * back, y), tone + change)


def _flock(scene: Scene) -> None:
    canvas, lots, unit = scene.canvas, scene.lots, scene.canvas.unit
    x, y = lots.uniform(0.15, 0.8) * canvas.width, lots.uniform(0.1, 0.35) * canvas.height
    tone = 214 if scene.light.dark else scene.light.near
    for _ in range(lots.randrange(3, 7)):
        left, top = x + lots.uniform(-0.16, 0.16) * unit, y + lots.uniform(-0.06, 0.06) * unit
        size = unit * lots.uniform(0.012, 0.022)
        canvas.shape(things.BIRD, (size, 0, left, 0, -size, top), tone)


def _valley(scene: Scene) -> None:
    """Rolling hills, one behind the other, trees on the nearest."""
    lots, unit, light = scene.lots, scene.canvas.unit, scene.light
    count = lots.randrange(4, 6)
    feet = [*(scene.down(SKY + index / (count - 1) * 0.72) for index in range(count)), scene.canvas.height]
    for index in range(count):
        share = index / (count - 1)
        line = crests.woods if share > 0.6 and lots.random() < 0.75 else crests.hills
        tone, rise = light.land(share), unit * (0.1 + 0.06 * share)
        _crest(scene, line, _stretch(scene, unit * lots.uniform(0.6, 1.1)), feet[index], rise, tone)
        scene.canvas.wash(tone, tone + 30 * (1 - share), feet[index], feet[index + 1])


def _range(scene: Scene) -> None:
    """Mountains, snow on the farthest, a wood before them."""
    canvas, lots, light, unit = scene.canvas, scene.lots, scene.light, scene.canvas.unit
    feet = [*(scene.down(share) for share in (SKY, 0.26, 0.44, 0.68, 0.86)), canvas.height]
    for index in range(3):
        tone, rise = light.land(index * 0.22), unit * (0.36 - 0.09 * index)
        stretch = _stretch(scene, unit * lots.uniform(0.6, 0.95))
        if index == 0:
            _crest(scene, crests.peaks, stretch, feet[0], rise, min(251, tone + 60))
        _crest(scene, crests.peaks if index else crests.rocks, stretch, feet[index], rise, tone)
        canvas.wash(tone, min(tone + 46, light.horizon), feet[index], feet[index + 1])
    for index, share in ((3, 0.8), (4, 1.0)):
        _crest(scene, crests.woods, _stretch(scene, unit * 0.6), feet[index], unit * 0.12, light.land(share))
        canvas.wash(light.land(share), light.land(share) + 6, feet[index], feet[index + 1])


def _sea(scene: Scene) -> None:
    """Water under the sun, islands behind it, a sail, a headland."""
    canvas, lots, light, unit = scene.canvas, scene.lots, scene.light, scene.canvas.unit
    for share in (0.1, 0.35):
        stretch = _stretch(scene, unit * lots.uniform(0.4, 0.8))
        _crest(scene, crests.hills, stretch, scene.horizon + unit * 0.02, unit * 0.08, light.land(share))
    foot = scene.down(lots.uniform(0.84, 0.96))
    canvas.wash(light.horizon - 26, light.near + 24, scene.horizon, foot)
    _glints(scene)
    _sail(scene)
    _crest(scene, crests.woods, _stretch(scene, unit * 0.8), foot, unit * 0.15, light.near)
    canvas.wash(light.near, light.near, foot, canvas.height)


def _glints(scene: Scene) -> None:
    lots, unit, count = scene.lots, scene.canvas.unit, 16
    for share in ((step + 0.5) / count for step in range(count)):
        x = scene.orb + unit * lots.uniform(-0.06, 0.06) * (0.4 + share)
        across = unit * lots.uniform(0.02, 0.07) * (0.7 + 1.6 * share)
        matrix = (across, 0, x, 0, unit * 0.004, scene.down(share**1.3))
        scene.canvas.shape(things.GLINT, matrix, 252 - 60 * share)


def _sail(scene: Scene) -> None:
    canvas, lots = scene.canvas, scene.lots
    x, y = lots.uniform(0.12, 0.88) * canvas.width, scene.down(lots.uniform(0.08, 0.3))
    size = canvas.unit * lots.uniform(0.08, 0.13)
    for outline, tone in ((things.HULL, scene.light.near), *((sail, 250) for sail in things.SAILS)):
        canvas.shape(outline, (size, 0, x, 0, -size, y), tone)


@dataclass(frozen=True)
class Stretch:
    """A part of a line: of which, from where on, how many pixels its unit has, and which way it runs."""

    kind: int
    start: float
    length: float
    mirrored: bool


def _stretch(scene: Scene, length: float) -> Stretch:
    lots, width = scene.lots, scene.canvas.width
    # A line is as long as it is: across a very flat picture it is drawn out.
    fitting = max(length, width / (crests.LENGTH - 0.5))
    start = lots.uniform(0.1, crests.LENGTH - 0.1 - width / fitting)
    return Stretch(lots.randrange(crests.KINDS), start, fitting, lots.random() < 0.5)


def _crest(scene: Scene, line: Line, stretch: Stretch, foot: float, rise: float, tone: float) -> None:
    """Fill below a line, down to its foot."""
    width, (start, length) = scene.canvas.width, (stretch.start, stretch.length)
    outline = crests.window(line(stretch.kind, scene.points), start, start + width / length)
    across = (-length, 0, width + start * length) if stretch.mirrored else (length, 0, -start * length)
    scene.canvas.shape(outline, (*across, 0, -rise, foot), tone)
