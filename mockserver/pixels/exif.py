"""A directory of EXIF, which is that of a TIFF, read from raw bytes: Pillow's reader warns of whatever is malformed."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

ORIENTATION, ARTIST = 0x0112, 0x013B
ASCII, SHORT = 2, 3
# A directory of this many entries is no camera's.
MOST_ENTRIES = 512


@dataclass(frozen=True)
class Entry:
    """An entry of the first directory: tag, type, count, where its four bytes of value stand, the byte order."""

    tag: int
    kind: int
    count: int
    at: int
    order: str


def orientation(exif: bytes) -> int:
    """Return the orientation, 1 to 8; 1 if it is absent or malformed."""
    tiff = exif.removeprefix(b"Exif\0\0")
    entry = _entry(tiff, ORIENTATION)
    if entry is None or entry.kind != SHORT:
        return 1
    (value,) = struct.unpack_from(f"{entry.order}H", tiff, entry.at)
    return value if 1 <= value <= 8 else 1


def artist(exif: bytes) -> str:
    """Return the artist; an empty string if it is absent or malformed."""
    tiff = exif.removeprefix(b"Exif\0\0")
    entry = _entry(tiff, ARTIST)
    if entry is None or entry.kind != ASCII:
        return ""
    (start,) = (entry.at,) if entry.count <= 4 else struct.unpack_from(f"{entry.order}I", tiff, entry.at)
    return tiff[start : start + entry.count].rstrip(b"\0").decode("ascii", "replace")


def entries(tiff: bytes) -> Iterator[Entry]:
    """Give the entries of the first directory, as many as there are, or as a camera may have."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    for at in range(start + 2, min(len(tiff) - 11, start + 2 + 12 * MOST_ENTRIES), 12):
        tag, kind, count = struct.unpack_from(f"{order}HHI", tiff, at)
        yield Entry(tag, kind, count, at + 8, order)


def _entry(tiff: bytes, tag: int) -> Entry | None:
    return next((entry for entry in entries(tiff) if entry.tag == tag), None)
