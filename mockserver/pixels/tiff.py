"""A TIFF made plain: its first picture under a directory of just the entries that pixels need, each of a sane form.

Pillow warns of whatever else is malformed in one, reads it all, and goes on to further pictures.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from itertools import islice

from .exif import MOST_ENTRIES, SHORT, Entry, entries
from .quiet import silence

LONG, RATIONAL, UNDEFINED = 4, 5, 7
SIZES = {SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1}
WIDTH, LENGTH, SAMPLES, TILE_WIDTH, TILE_LENGTH = 256, 257, 277, 322, 323
# Compression, colours, order, orientation, samples, rows, planes, fax, prediction, YCbCr: one value each.
SINGLE = frozenset({WIDTH, LENGTH, 259, 262, 266, 274, SAMPLES, 278, 284, 292, 293, 317, TILE_WIDTH, TILE_LENGTH, 531})
# Bits, strips, colour map, tiles, further samples, their format, JPEG tables, YCbCr: several.
SEVERAL = frozenset({258, 273, 279, 320, 324, 325, 338, 339, 347, 529, 530, 532})
# What a reader makes room for, whatever the picture's size.
MOST_TILE = 2**24
# Past this Pillow gives up, not without an error in the log.
MOST_SAMPLES = 6


def bare(data: bytes) -> bytes:
    """Return a TIFF without what does not touch its first picture. Raises ValueError for one without such entries."""
    silence()
    kept = {entry.tag: entry for entry in islice(entries(data), _count(data)) if _is_sane(entry, data)}
    if not {WIDTH, LENGTH} <= kept.keys():
        raise ValueError("no width and height in the directory")
    _check_room(kept, data)
    order = next(iter(kept.values())).order
    written = b"".join(data[entry.at - 8 : entry.at + 4] for _, entry in sorted(kept.items()))
    # Behind the file, as all offsets count from its beginning; at an even place, as the standard asks.
    start = len(data) + len(data) % 2
    directory = struct.pack(f"{order}H", len(kept)) + written + bytes(4)
    return b"".join((data[:4], struct.pack(f"{order}I", start), data[8:], bytes(len(data) % 2), directory))


def _count(data: bytes) -> int:
    order = "<" if data[:2] == b"II" else ">"
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, start)
    return int(min(count, MOST_ENTRIES))


def _is_sane(entry: Entry, data: bytes) -> bool:
    if entry.tag not in SINGLE | SEVERAL or entry.kind not in SIZES or entry.count < 1:
        return False
    if entry.tag in SINGLE and (entry.count > 1 or entry.kind not in (SHORT, LONG)):
        return False
    return _size(entry) <= 4 or _first(entry, data, LONG) + _size(entry) <= len(data)


def _size(entry: Entry) -> int:
    return SIZES[entry.kind] * entry.count


def _first(entry: Entry, data: bytes, kind: int) -> int:
    (value,) = struct.unpack_from(entry.order + ("H" if kind == SHORT else "I"), data, entry.at)
    return int(value)


def _check_room(kept: Mapping[int, Entry], data: bytes) -> None:
    if sum(map(_size, kept.values())) > len(data):
        raise ValueError("entries of more bytes than there are")
    across, down, samples = (
        _first(kept[tag], data, kept[tag].kind) if tag in kept else 0 for tag in (TILE_WIDTH, TILE_LENGTH, SAMPLES)
    )
    if across * down > MOST_TILE:
        raise ValueError(f"tiles of {across}x{down}")
    if samples > MOST_SAMPLES:
        raise ValueError(f"{samples} samples a pixel")
