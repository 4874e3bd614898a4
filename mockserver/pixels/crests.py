"""Outlines that scenery is made of, drawn once by lot and kept: long lines of hills, mountains and woods, clouds.

Each is flat (x, y, x, y, …), in units of its own: a line has heights from 0 to 1 over lengths from 0 to LENGTH.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from functools import cache
from itertools import chain, pairwise
from math import cos, pi, sin
from random import Random

Flat = tuple[float, ...]
Point = tuple[float, float]

LENGTH = 6.0
KINDS = 6
# Points of a line for each unit, for a small picture and for a large one.
COARSE, FINE = 32, 96
TIERS = ((0.32, 0.0), (0.13, 0.4), (0.26, 0.36), (0.09, 0.7), (0.18, 0.67), (0.0, 1.0))


@cache
def hills(kind: int, points: int) -> Flat:
    """Return a rolling line."""
    lots = Random(f"hills {kind}")
    waves = [(1 / (n + 1), 2 * pi * (n + 1) / lots.uniform(0.9, 1.6), lots.random() * 7) for n in range(3)]
    steps = int(LENGTH * points)
    heights = [sum(height * sin(n * pace / points + start) for height, pace, start in waves) for n in range(steps + 1)]
    return _line([(n / points, height) for n, height in enumerate(heights)])


@cache
def peaks(kind: int, points: int) -> Flat:
    """Return a crest: peaks and saddles by turns, roughened by halving each side and moving its middle."""
    lots = Random(f"peaks {kind}")
    heights = [lots.uniform(0.5, 1.0) if index % 2 else lots.uniform(0.0, 0.35) for index in range(33)]
    for rough in (0.12, 0.07, 0.04, 0.02)[: 3 if points == COARSE else 4]:
        middles = [(a + b) / 2 + lots.uniform(-rough, rough) for a, b in pairwise(heights)]
        heights = [height for pair in zip(heights, middles, strict=False) for height in pair] + heights[-1:]
    count = len(heights) - 1
    places = [LENGTH * n / count + 0.1 * sin(2 * pi * n / count * 5) for n in range(count + 1)]
    return _line(list(zip(places, heights, strict=True)))


@cache
def rocks(kind: int, points: int) -> Flat:
    """Return the crest of the same number as far as no snow lies on it."""
    lots, line = Random(f"rocks {kind}"), peaks(kind, points)
    ragged = [min(y, 0.66 + lots.choice((-1, 1)) * lots.uniform(0.02, 0.11)) for y in line[1::2]]
    return tuple(chain.from_iterable(zip(line[::2], ragged, strict=True)))


@cache
def woods(kind: int, points: int) -> Flat:
    """Return a low line of hills with groves or a whole wood of pines on it."""
    lots, line = Random(f"woods {kind}"), hills(kind, points)
    spots = list(zip(line[::2], line[1::2], strict=True))
    return _line([*_wooded(lots, spots, share=(0.35, 0.6, 0.9)[kind % 3])])


def _wooded(lots: Random, spots: list[Point], share: float) -> Iterator[Point]:
    grown, dense = -1.0, False
    for x, y in spots:
        if lots.random() < 0.06:
            dense = lots.random() < share
        if x <= grown:
            continue
        yield x, y * 0.4
        if dense:
            size = lots.uniform(0.5, 1.0)
            half = 0.06 * size
            foot = y * 0.4 - 0.05
            grown = x + half * 2 * lots.uniform(0.55, 0.9)
            yield from ((x + half - across * half * 3, foot + up * size) for across, up in TIERS)
            yield from ((x + half + across * half * 3, foot + up * size) for across, up in TIERS[-2::-1])
            grown = max(grown, x + half + 0.32 * half * 3)


@cache
def cloud(kind: int) -> Flat:
    """Return a bank of cloud, 2 wide and less than 1 high: round above, flat below."""
    lots = Random(f"cloud {kind}")
    bumps = 3 + kind % 3
    rises = [lots.uniform(0.25, 0.9) for _ in range(bumps)]
    arcs = [
        (-1 + (2 * n + 1 - cos(pi * step / 7)) / bumps, 0.12 + rises[n] * sin(pi * step / 7) ** 0.7)
        for n in range(bumps)
        for step in range(8)
    ]
    return tuple(chain.from_iterable([(-1.08, 0.0), *arcs, (1.08, 0.0)]))


def _line(points: list[Point]) -> Flat:
    """Return points with heights from 0 to 1."""
    low, high = min(y for _, y in points), max(y for _, y in points)
    return tuple(chain.from_iterable((x, (y - low) / (high - low)) for x, y in points))


def window(line: Flat, start: float, end: float) -> Flat:
    """Return the part of a line from a place to another, closed below at height 0."""
    xs = line[::2]
    first, last = max(0, bisect(xs, start) - 2), min(len(xs) - 1, bisect(xs, end) + 1)
    return (xs[first], 0.0, *line[2 * first : 2 * last + 2], xs[last], 0.0)
