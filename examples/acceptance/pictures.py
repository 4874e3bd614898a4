"""Pictures to send, and what is wrong with one that came."""

from __future__ import annotations

import io
import random
from base64 import b64encode
from collections.abc import Iterator
from functools import cache

from PIL import Image, UnidentifiedImageError

Size = tuple[int, int]


@cache
def large_data_uri() -> str:
    """A picture of 1024x768 that is more than 3 MiB as a data URI: noise, which no container makes smaller."""
    target = io.BytesIO()
    noise = random.Random(0).randbytes(1024 * 768 * 3)
    Image.frombytes("RGB", (1024, 768), noise).save(target, "png", compress_level=1)
    return f"data:image/png;base64,{b64encode(target.getvalue()).decode()}"


def picture_reasons(data: bytes, size: Size) -> Iterator[str]:
    """Why these bytes are no picture of that size; nothing if they are."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            if picture.size != size:
                yield f"expected a picture of {_spelt(size)}, received one of {_spelt(picture.size)}"
    except (UnidentifiedImageError, OSError, SyntaxError):
        yield f"expected a picture, received {data[:40]!r}"


def _spelt(size: Size) -> str:
    return "x".join(map(str, size))
