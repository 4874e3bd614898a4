"""Answers as bytes of a connection: where one ends, and whether the connection ends with it."""

from __future__ import annotations

from typing import NamedTuple


class Broken(ValueError):
    """What came is no answer, or not the whole of one."""


class Head(NamedTuple):
    """The first part of an answer; `length` counts its head too, and is None where only its end can tell."""

    status: bytes
    length: int | None
    closes: bool
    chunked: bool


def head(data: bytes) -> Head | None:
    """The head of an answer, or None where more must come. Raises `Broken`."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    if data[:5] != b"HTTP/":
        raise Broken("no answer")
    # Searched, not parsed: a parser takes longer than some servers do.
    closes = data.find(b"onnection: close", 0, end) >= 0 or data.find(b"onnection: Close", 0, end) >= 0
    at = data.find(b"ontent-", 0, end)
    while at >= 0:
        if data[at + 7 : at + 15] in (b"Length: ", b"length: "):
            stop = data.index(b"\r", at)
            return Head(data[9:12], end + 4 + int(data[at + 15 : stop]), closes, chunked=False)
        at = data.find(b"ontent-", at + 7, end)
    if data[9:12] in (b"204", b"304"):
        return Head(data[9:12], end + 4, closes, chunked=False)
    chunked = b"chunked" in data[:end].lower()
    return Head(data[9:12], None, closes, chunked)


class Pending:
    """An answer that comes in parts; the parts themselves are not kept."""

    def __init__(self, data: bytes) -> None:
        self.head: Head | None = None
        self.got = 0
        self._kept = b""
        self.add(data)

    def add(self, data: bytes) -> None:
        """Take the next part. Raises `Broken`."""
        self.got += len(data)
        if self.head is None:
            self._kept += data
            self.head = head(self._kept)
        self._kept = (self._kept + data)[-8:] if self.head else self._kept

    def is_whole(self, *, at_end: bool) -> bool:
        """Whether all of it is there. Raises `Broken` where the connection ended before that."""
        if self.head is None:
            whole = False
        elif self.head.length is not None:
            whole = self.got >= self.head.length
        elif self.head.chunked:
            whole = self._kept.endswith(b"0\r\n\r\n")
        else:
            return at_end
        if at_end and not whole:
            raise Broken("ended early" if self.got else "closed")
        return whole
