"""A picture at another size, for people who look through many, or at two side by side."""

from __future__ import annotations

import io

from PIL import Image

from . import containers
from .measure import MOST_PIXELS
from .values import Size

LONGEST_SIDE = 256


def thumbnail(data: bytes, longest: int = LONGEST_SIDE, *, container: str = "jpeg", quality: int = 85) -> bytes | None:
    """Return a JPEG or WebP of at most that side, without any text of the file; None if it cannot be decoded."""
    try:
        width, height = containers.announced(data)
        if width * height > MOST_PIXELS:
            return None
        picture = containers.header(data)
        picture.load()
        small = containers.rgb(picture)
    except containers.UNREADABLE:
        return None
    small.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    # A comment of the file would be written again.
    small.info.clear()
    written = io.BytesIO()
    small.save(written, container, quality=quality)
    return written.getvalue()


def resized(data: bytes, size: Size) -> bytes:
    """Return a JPEG of a picture at that size, without any text of the file. The data is that of a picture."""
    picture = containers.rgb(containers.header(data)).resize((size.width, size.height), Image.Resampling.LANCZOS)
    picture.info.clear()
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=90)
    return written.getvalue()
