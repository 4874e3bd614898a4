"""Small silhouettes that stand in a landscape: a pine, a bird in flight, a boat under sail."""

from __future__ import annotations

from .canvas import Outline

PINE = (
    ((-0.24, 0.1), (0.0, 0.6), (0.24, 0.1)),
    ((-0.19, 0.34), (0.0, 0.8), (0.19, 0.34)),
    ((-0.13, 0.58), (0.0, 1.0), (0.13, 0.58)),
    ((-0.03, 0.0), (-0.03, 0.2), (0.03, 0.2), (0.03, 0.0)),
)
BIRD = ((-1, 0.5), (-0.45, 0.55), (0, 0), (0.45, 0.55), (1, 0.5), (0.45, 0.3), (0, -0.28), (-0.45, 0.3))
HULL = ((-0.4, 0.08), (0.5, 0.08), (0.3, -0.07), (-0.28, -0.07))
SAILS = (((0, 1.0), (0, 0.12), (0.42, 0.12)), ((-0.05, 0.85), (-0.05, 0.12), (-0.3, 0.12)))


def pine(x: float, y: float, size: float) -> list[Outline]:
    """Return a pine that stands at a point."""
    return [_placed(part, x, y, size) for part in PINE]


def bird(x: float, y: float, size: float) -> Outline:
    """Return a bird, far off, at a point."""
    return _placed(BIRD, x, y, size)


def boat(x: float, y: float, size: float) -> tuple[Outline, list[Outline]]:
    """Return a hull at a point, and its sails."""
    return _placed(HULL, x, y, size), [_placed(sail, x, y, size) for sail in SAILS]


def _placed(outline: tuple[tuple[float, float], ...], x: float, y: float, size: float) -> Outline:
    return [(x + across * size, y - up * size) for across, up in outline]
