"""An answer's bytes: the JPEG that the real service writes, with the recipe's digest where its marker stood."""

from __future__ import annotations

import io
import re
from typing import Any

from PIL import Image

from ..errors import PictureRefused
from . import containers, exif
from .values import Encoding

# libjpeg stops here, though the format would go to 65535.
LONGEST_SIDE = 65_500


def encode(image: Image.Image, encoding: Encoding, digest: str) -> bytes:
    """Return a baseline JPEG, 4:2:0, standard tables, that carries the digest.

    Raises PictureRefused if a side is longer than JPEG writers can write.
    """
    if max(image.size) > LONGEST_SIDE:
        raise PictureRefused("max_side", f"at most {LONGEST_SIDE} pixels a side", f"{image.width}x{image.height}")
    written = io.BytesIO()
    image.save(written, "JPEG", quality=encoding.quality, subsampling="4:2:0", **_carrying(encoding, digest))
    return written.getvalue()


def read_digest(data: bytes) -> str | None:
    """Return the digest that a JPEG of ours carries, in either place, or None."""
    if containers.container(data) != "jpeg":
        return None
    try:
        info = containers.header(data).info
    except containers.UNREADABLE:
        return None
    found = exif.artist(info.get("exif", b"")) or info.get("comment", b"").decode("ascii", "replace")
    return found if re.fullmatch("[0-9a-f]{64}", found) else None


def _carrying(encoding: Encoding, digest: str) -> dict[str, Any]:
    if encoding.digest_in == "comment":
        return {"comment": digest.encode("ascii")}
    entries = Image.Exif()
    entries[exif.ARTIST] = digest
    return {"exif": entries.tobytes()}
