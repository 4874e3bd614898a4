"""The JPEG quality that a file's tables tell, if they are the standard's own, scaled as libjpeg scales them.

The two tables are K.1 and K.2 of ITU-T T.81, row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
CHROMINANCE = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8,) * 4,
)

Tables = tuple[tuple[int, ...], ...]


def quality(tables: Mapping[int, Sequence[int]]) -> int | None:
    """Return the quality, 1 to 100, at which libjpeg writes these tables (row by row), or None."""
    found = tuple(tuple(tables[key]) for key in sorted(tables))
    return next((level for level in range(100, 0, -1) if found in (standard(level), standard(level)[:1])), None)


@cache
def standard(level: int) -> Tables:
    """Return the two standard tables at a quality, row by row."""
    scale = 5000 // level if level < 50 else 200 - 2 * level
    return tuple(
        tuple(max(1, min(255, (base * scale + 50) // 100)) for row in table for base in row)
        for table in (LUMINANCE, CHROMINANCE)
    )
