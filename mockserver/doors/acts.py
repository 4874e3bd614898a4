"""What a delivery does to an answer instead of plain sending: what is sent, when, and how the connection ends."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .replies import Reply

PIECES = 20
# Closed with this as SO_LINGER, a connection is not ended but reset.
AT_ONCE = struct.pack("ii", 1, 0)
# The acts that end a connection as a process that dies does; after any other it ends in order.
RESETTING = {"reset"}
# The act that is no answer, however long it takes.
TIMEOUT = "timeout"


@dataclass(frozen=True)
class Step:
    """Bytes that are sent once so many seconds have passed since the step before."""

    wait: float
    data: bytes


def _nothing(_: Reply, __: float) -> Iterator[Step]:
    return iter(())


def _hold(_: Reply, seconds: float) -> Iterator[Step]:
    """Send nothing, for so long."""
    yield Step(seconds, b"")


def _mangle(reply: Reply, _: float) -> Iterator[Step]:
    """Send half of the body as a chunk, and begin another of a size that is none."""
    data = b"".join(reply.body)
    half = data[: len(data) // 2]
    chunk = b"%x\r\n%b\r\n" % (len(half), half) if half else b""
    yield Step(0, reply.head("Transfer-Encoding: chunked") + chunk + b"no size\r\n")


def _truncate(reply: Reply, _: float) -> Iterator[Step]:
    """Send half of the body, and say that it is longer."""
    data = b"".join(reply.body)
    yield Step(0, reply.head(reply.length(data)) + data[: len(data) // 2])


def _dribble(reply: Reply, seconds: float) -> Iterator[Step]:
    """Send the body piece by piece."""
    data = b"".join(reply.body)
    yield Step(0, reply.head(reply.length(data)))
    size = math.ceil(len(data) / PIECES) or 1
    for start in range(0, len(data), size):
        yield Step(seconds / PIECES, data[start : start + size])


ACTIONS: Mapping[str, Callable[[Reply, float], Iterator[Step]]] = {
    "timeout": _hold,
    "reset": _nothing,
    "empty": _nothing,
    "malformed-chunk": _mangle,
    "truncated": _truncate,
    "dribble": _dribble,
}
