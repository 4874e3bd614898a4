"""What an application answers, taken from WSGI as one value, and how it is written on a connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from asyncio import Transport

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

FRAMING = {"content-length", "transfer-encoding", "connection"}
BODILESS = ("204", "304")
# A body is copied behind its head up to that size.
TOGETHER = 64 * 2**10  # bytes
NAME = itemgetter(0)


class Reply(NamedTuple):
    """What the application answered."""

    status: str
    headers: list[tuple[str, str]]
    body: Iterable[bytes]

    def close(self) -> None:
        """Tell the application that its answer is done with."""
        close = getattr(self.body, "close", None)
        if close:
            close()

    def head(self, *framing: str) -> bytes:
        """The status line and headers, framed in another way; the last answer of its connection."""
        own = [f"{name}: {value}" for name, value in self.dated() if name.lower() not in FRAMING]
        lines = [f"HTTP/1.1 {self.status}", *own, *framing, "Connection: close"]
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")

    def dated(self) -> list[tuple[str, str]]:
        """The headers with a date: the tenant's, which the application knows, or the present one."""
        is_dated = any(name.lower() == "date" for name, _ in self.headers)
        return self.headers if is_dated else [*self.headers, ("Date", formatdate(usegmt=True))]

    def length(self, data: bytes) -> str:
        """The header that tells the length of the whole body; an answer to HEAD has none, but tells of one."""
        told = {name.lower(): value for name, value in self.headers}
        return f"Content-Length: {told.get('content-length', len(data))}"


FULL = Reply("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "1")], [b"try again\n"])


def pieces(reply: Reply, environ: WSGIEnvironment, date: Callable[[], str], *, keep: bool) -> tuple[bytes, ...]:
    """An answer in the pieces in which it is sent: a picture is not copied for that."""
    status, headers, parts = reply
    lines = [f"HTTP/1.1 {status}", *map(": ".join, headers)]
    named = _lower(tuple(map(NAME, headers)))
    body = b"".join(parts)
    is_bodiless = status[:3] in BODILESS
    if "date" not in named:
        lines.append(f"Date: {date()}")
    if "content-length" not in named and not is_bodiless:
        lines.append(f"Content-Length: {len(body)}")
    if not keep:
        lines.append("Connection: close")
    elif environ["SERVER_PROTOCOL"] == "HTTP/1.0":
        lines.append("Connection: keep-alive")
    head = "\r\n".join([*lines, "\r\n"]).encode("latin-1")
    if is_bodiless or environ["REQUEST_METHOD"] == "HEAD":
        return (head,)
    return (head + body,) if len(body) < TOGETHER else (head, body)


@lru_cache(maxsize=64)
def _lower(names: tuple[str, ...]) -> set[str]:
    """An application names the headers of its answers alike, again and again."""
    return {name.lower() for name in names}


def asked(app: WSGIApplication, environ: WSGIEnvironment) -> Reply:
    """What the application answers."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        begun.append((status, headers))
        return _unwritten

    body = app(environ, start)
    if not begun:
        # One that is a generator begins its answer with the first part.
        parts = iter(body)
        body = ClosingIterator(chain([next(parts, b"")], parts), getattr(body, "close", None))
    return Reply(*begun[-1], body)


def whole(reply: Reply) -> Reply:
    """The answer with its body as it is when it has come as a whole; closing it is still to be done."""
    if isinstance(reply.body, list):
        return reply
    return Reply(reply.status, reply.headers, _Whole([b"".join(reply.body)], reply.close))


def ended(transport: Transport) -> bool:
    """End our side of a connection; False where that cannot be, as of one whose client has reset it."""
    try:
        transport.write_eof()
    except (OSError, NotImplementedError):
        return False
    return True


@dataclass(frozen=True)
class _Whole:
    parts: list[bytes]
    close: Callable[[], None]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)


def _unwritten(_: bytes) -> object:
    raise NotImplementedError("an application behind a door gives its body back, and does not write it")
