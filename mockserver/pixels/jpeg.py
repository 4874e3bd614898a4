"""A JPEG, written in bands: each is encoded alone, and their scans are joined by restart markers (ITU-T T.81, E.1.4).

So no more than a band is in memory, and other threads have their turn between two bands: the encoder keeps the
interpreter's lock while it works.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

from PIL import Image

from .poster import BLOCK, Picture, bands, rows

SOS, RESTART = 0xDA, 0xD0
FRAMES = (0xC0, 0xC1, 0xC2)
END = b"\xff\xd9"


def written(picture: Picture, options: dict[str, Any]) -> bytes:
    """Return the file, by options of Pillow's writer."""
    width, height = picture.size
    if height <= rows(picture.size):
        return _file(picture.band(0, height), options)
    blocks = -(-width // BLOCK) * rows(picture.size) // BLOCK
    first, *others = _scans(picture, {**options, "restart_marker_blocks": blocks})
    parts = [_headed(first, height)]
    for number, scan in enumerate(others):
        parts += [bytes((0xFF, RESTART + number % 8)), scan]
    return b"".join([*parts, END])


def _scans(picture: Picture, options: dict[str, Any]) -> Iterator[bytes]:
    """Give the first band with all before it, then the bare scans of the others."""
    plain = {name: value for name, value in options.items() if name not in ("exif", "comment")}
    for number, band in enumerate(bands(picture)):
        file = _file(band, plain if number else options)
        yield file[_scan(file) if number else 0 : -len(END)]


def _file(band: Image.Image, options: dict[str, Any]) -> bytes:
    target = io.BytesIO()
    band.save(target, "JPEG", **options)
    return target.getvalue()


def _headed(file: bytes, height: int) -> bytes:
    """Return a file whose frame has another height."""
    at = next(at for kind, at in _segments(file) if kind in FRAMES)
    return file[: at + 5] + struct.pack(">H", height) + file[at + 7 :]


def _scan(file: bytes) -> int:
    """Return where the scan of a file begins, behind its header."""
    at = next(at for kind, at in _segments(file) if kind == SOS)
    (length,) = struct.unpack_from(">H", file, at + 2)
    return int(at + 2 + length)


def _segments(file: bytes) -> Iterator[tuple[int, int]]:
    """Give the kind of each segment of a header, and where it begins."""
    at = 2
    while True:
        kind = file[at + 1]
        yield kind, at
        if kind == SOS:
            return
        at += 2 + struct.unpack_from(">H", file, at + 2)[0]
