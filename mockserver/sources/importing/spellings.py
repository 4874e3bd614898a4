"""What one value of a request means for the size of its pictures: pixels, a ratio, an amount, or the input's own."""

from __future__ import annotations

import json
import re
from typing import Any

from ...contract.rules import Dimensions, parse_size
from ...contract.sizes import shaped
from .names import AREA, FROM_INPUT, LONG_SIDE, MULTIPLE, PRESETS, SCALES

Ratio = tuple[float, float]
SQUARE: Ratio = (1, 1)

_PIXELS = re.compile(r"([1-9]\d{1,4})\s*[xX*\u00d7]\s*([1-9]\d{1,4})", re.ASCII)
_RATIO = re.compile(r"([1-9]\d{0,4}(?:\.\d+)?)\s*:\s*([1-9]\d{0,4}(?:\.\d+)?)", re.ASCII)
_PRESET = re.compile(r"(?:portrait|landscape|square|ratio)_(\d{1,2})_(\d{1,2})(?:_hd)?", re.ASCII)
_THOUSANDS = re.compile(r"(?:auto_)?(\d{1,2}(?:\.\d+)?)\s*[kK]", re.ASCII)
_LINES = re.compile(r"(\d{3,4})p?", re.ASCII)
_ONE_SIDE = re.compile(r"(\d{3,4})\s*px", re.ASCII)
_MEGAPIXELS = re.compile(r"(\d{1,2}(?:\.\d+)?)(?:\s*MP)?", re.ASCII | re.IGNORECASE)


def written(size: Dimensions) -> str:
    """A size as `1024x768`."""
    return "{}x{}".format(*size)


def of_ratio(ratio: Ratio, area: int = AREA) -> Dimensions:
    """The size of a picture of that shape and about that area."""
    return shaped(*ratio, area, MULTIPLE)


def size_of(value: str) -> Dimensions | None:
    """The size that a value means by itself: `1024x1024`, `1024*768`, `square_hd`, `512px`."""
    if match := _PIXELS.fullmatch(value):
        return int(match[1]), int(match[2])
    if value in PRESETS:
        return parse_size(PRESETS[value])
    if match := _PRESET.fullmatch(value):
        return _of_long_side(int(match[1]), int(match[2]))
    match = _ONE_SIDE.fullmatch(value)
    return (int(match[1]), int(match[1])) if match else None


def ratio_of(value: Any) -> Ratio | None:
    """Width and height of a ratio as `16:9`."""
    match = _RATIO.fullmatch(value) if isinstance(value, str) else None
    return (float(match[1]), float(match[2])) if match else None


def area_of(name: str, value: Any) -> int | None:
    """The pixels that an amount means: `2K`, and in a field for amounts `1080p`, `512px`, `1 MP`."""
    text = value if isinstance(value, str) else json.dumps(value)
    if match := _THOUSANDS.fullmatch(text):
        return round(float(match[1]) * 1024) ** 2
    if name not in SCALES:
        return None
    if match := _ONE_SIDE.fullmatch(text):
        return int(match[1]) ** 2
    if name == "megapixels" and (match := _MEGAPIXELS.fullmatch(text)):
        return round(float(match[1]) * AREA)
    match = _LINES.fullmatch(text)
    return round(int(match[1]) ** 2 * 16 / 9) if match else None


def is_known(value: str) -> bool:
    """Whether a value means anything for a size."""
    return bool(size_of(value) or ratio_of(value) or area_of("", value)) or value.lower() in FROM_INPUT


def _of_long_side(width: int, height: int) -> Dimensions:
    scale = LONG_SIDE / max(width, height)
    one, other = (max(1, round(side * scale / MULTIPLE)) * MULTIPLE for side in (width, height))
    return one, other
