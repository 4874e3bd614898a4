"""A small picture of a picture, for people who look through recordings."""

from __future__ import annotations

import io

from PIL import Image

from . import containers
from .measure import MOST_PIXELS

LONGEST_SIDE = 256


def thumbnail(data: bytes) -> bytes | None:
    """Return a JPEG whose longest side is at most 256, without any text of the file; None if it cannot be decoded."""
    try:
        width, height = containers.announced(data)
        if width * height > MOST_PIXELS:
            return None
        picture = containers.header(data)
        picture.load()
        small = containers.rgb(picture)
    except containers.UNREADABLE:
        return None
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    # A comment of the file would be written again.
    small.info.clear()
    written = io.BytesIO()
    small.save(written, "JPEG", quality=85)
    return written.getvalue()
