"""What a request must be, from the facts alone: each broken rule is a field and what was expected."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from PIL import Image, UnidentifiedImageError

from .tables import ADAPTIVE
from .wire import DRAW, EDIT, Body

Rule = tuple[Callable[[Any], bool], str]
SIZE = re.compile(r"([1-9][0-9]{0,7})x([1-9][0-9]{0,7})", re.ASCII)
DATA_URI = re.compile(r"data:image/(?:jpeg|jpg|png);base64,")
WEB_URL = re.compile(r"https?://[^\s/?#:@\[\]]+(:[0-9]{1,5})?([/?#]\S*)?")
MOST_BYTES, MOST_PIXELS, LEAST_SIDE = 10 * 1024 * 1024, 36_000_000, 15


def number(value: Any) -> bool:
    """Whether it is a number, which a boolean is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def sides(size: str) -> tuple[int, int] | None:
    """Width and height of a text as `WxH`."""
    match = SIZE.fullmatch(size)
    return (int(match[1]), int(match[2])) if match else None


def breaches(body: Body) -> Iterator[tuple[str, str]]:
    """Each field that breaks its rule, and what was expected of it; unknown fields break none."""
    model = body.get("model")
    if not isinstance(model, str) or model not in RULES:
        yield "model", f"one of {', '.join(RULES)}"
        return
    for field, (holds, expected) in RULES[model].items():
        if field not in body:
            if field in REQUIRED:
                yield field, "it is required"
        elif not holds(body[field]):
            yield field, expected


def is_picture(value: Any) -> bool:
    """Whether a value is a picture that may be edited."""
    try:
        return isinstance(value, str) and fitted(value) is not None
    except (ValueError, OSError, SyntaxError, binascii.Error, UnidentifiedImageError, Image.DecompressionBombError):
        return False


@lru_cache(32)
def fitted(value: str) -> Image.Image:
    """The caller's picture at its row of the table. Raises ValueError, or what Pillow does, if it may not be edited."""
    picture = given(value)
    row = min(ADAPTIVE, key=lambda row: abs(row[0] - picture.width / picture.height))
    return picture.resize(row[1:], Image.Resampling.LANCZOS)


def given(value: str) -> Image.Image:
    """The caller's picture as it came. Raises as `fitted` does."""
    return _stand_in() if WEB_URL.fullmatch(value) else _decoded(value)


def _decoded(value: str) -> Image.Image:
    if value[:5].lower() == "data:" and not DATA_URI.match(value):
        raise ValueError("not such a data URI")
    data = base64.b64decode(DATA_URI.sub("", value, count=1), validate=True)
    if len(data) > MOST_BYTES:
        raise ValueError("too many bytes")
    picture = Image.open(io.BytesIO(data), formats=["JPEG", "PNG"])
    width, height = picture.size
    fits = min(width, height) >= LEAST_SIDE and width * height <= MOST_PIXELS
    if not (fits and width <= 3 * height and height <= 3 * width):
        raise ValueError("too small, too large or too narrow")
    return picture.convert("RGB")


def _stand_in() -> Image.Image:
    """What lies behind every URL: nothing is fetched."""
    return Image.merge("RGB", [Image.radial_gradient("L").rotate(turn) for turn in (0, 90, 45)]).resize((1024, 768))


def _is_size(value: Any) -> bool:
    found = sides(value) if isinstance(value, str) else None
    return found is not None and 262_144 <= found[0] * found[1] <= 4_194_304


COMMON: dict[str, Rule] = {
    "prompt": (lambda value: isinstance(value, str) and value != "", "a text that is not empty"),
    "response_format": (lambda value: value in ("url", "b64_json"), "url or b64_json"),
    "seed": (
        lambda value: number(value) and -1 <= value <= 2_147_483_647 and value == int(value),
        "a whole number from -1 to 2147483647",
    ),
    "guidance_scale": (lambda value: number(value) and 1 <= value <= 10, "a number from 1 to 10"),
    "watermark": (lambda value: isinstance(value, bool), "true or false"),
}
RULES: dict[str, dict[str, Rule]] = {
    DRAW: {**COMMON, "size": (_is_size, "a size as WxH with an area from 262144 to 4194304 pixels")},
    EDIT: {
        **COMMON,
        "size": (lambda value: value == "adaptive", "adaptive"),
        "image": (is_picture, "one picture, JPEG or PNG, as a data URI, base64 or URL"),
    },
}
REQUIRED = {"prompt", "image"}
