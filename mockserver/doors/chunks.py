"""A body that comes in chunks, put together; extensions and trailers are passed over."""

from __future__ import annotations

import re

# The longest line that begins a chunk, and the longest trailer.
LINE_LIMIT = 4 * 2**10
TRAILER_LIMIT = 64 * 2**10
# Of more chunks than that, each holds so much on average: crumbs take long to read, and nobody means to send them.
MANY, CRUMB = 10_000, 16  # bytes
SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?")


class Refused(Exception):
    """A request that is not read to its end; the message is the status line of its answer."""


class Chunks:
    """The chunks of one body. `is_over` once the last has come."""

    __slots__ = ("_count", "_is_last", "_left", "_passed", "_rest", "_size", "is_over")

    def __init__(self) -> None:
        self.is_over = False
        self._is_last = False
        # Of the present chunk, with the line break that ends it.
        self._left = 0
        self._passed = 0
        self._count = self._size = 0
        self._rest = b""

    def take(self, data: bytes) -> tuple[list[bytes], bytes]:
        """The parts of the body in it, and what is left once it is over. Raises Refused."""
        parts: list[bytes] = []
        data, self._rest = self._rest + data, b""
        at = 0
        while not self.is_over:
            after = self._chunk(data, at, parts) if self._left else self._line(data, at)
            if after is None:
                self._rest = data[at:]
                return parts, b""
            at = after
        return parts, data[at:]

    def _chunk(self, data: bytes, at: int, parts: list[bytes]) -> int | None:
        """Take of a chunk what there is; where it ends, or None where more is to come."""
        here = len(data) - at
        if here <= 0:
            return None
        own = min(here, self._left - 2)
        if own > 0:
            parts.append(data[at : at + own])
            self._left -= own
            return at + own
        if here < 2:
            return None
        if data[at : at + 2] != b"\r\n":
            raise Refused("400 Bad Request")
        self._left = 0
        return at + 2

    def _line(self, data: bytes, at: int) -> int | None:
        """Read the line that begins a chunk, or one of the trailer; where it ends, or None where more is to come."""
        end = data.find(b"\r\n", at)
        limit = TRAILER_LIMIT - self._passed if self._is_last else LINE_LIMIT
        if (len(data) if end < 0 else end) - at > limit:
            raise Refused("431 Request Header Fields Too Large" if self._is_last else "400 Bad Request")
        if end < 0:
            return None
        if self._is_last:
            self._passed += end + 2 - at
            self.is_over = end == at
            return end + 2
        told = SIZE.fullmatch(data[at:end])
        if not told:
            raise Refused("400 Bad Request")
        size = int(told[1], 16)
        self._count += 1
        self._size += size
        if self._count > MANY and self._size < self._count * CRUMB:
            raise Refused("400 Bad Request")
        self._is_last = not size
        self._left = size + 2 if size else 0
        return end + 2
