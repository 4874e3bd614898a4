"""Deliveries on the wire: a WSGI middleware that is late, loses or breaks an answer on the client's own socket.

For servers that hand the socket to the application. Nothing else touches a socket that a server holds.
"""

from __future__ import annotations

import errno
import math
import os
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from email.utils import formatdate
from itertools import chain
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import ClosingIterator

from ..service.calls import DELIVERY, Delivery

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SOCKETS = ("werkzeug.socket", "gunicorn.socket")
FRAMING = {"content-length", "transfer-encoding", "connection"}
PIECES = 20
# Of a client that has sent more than its request, only time can tell whether it is there.
GLANCE = 0.05  # seconds
# Closed with this, a connection is not ended but reset.
AT_ONCE = struct.pack("ii", 1, 0)
NO_SOCKET = (
    "The fault {0!r} needs the client's socket, and this server hands none to the application: it would have to set "
    f"{' or '.join(SOCKETS)} in the WSGI environ, as the server of `pixelpact serve` does.\n"
)


@dataclass(frozen=True)
class _Reply:
    """What the application answered."""

    status: str
    headers: list[tuple[str, str]]
    body: Iterable[bytes]

    def close(self) -> None:
        getattr(self.body, "close", lambda: None)()

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


class Wire:
    """An application whose answers are delivered as their `Delivery` says."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._held = _Held()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as WSGI has it. Raises ConnectionResetError where nothing is left for the server to send."""
        environ.pop(DELIVERY, None)
        reply = _asked(self._app, environ)
        delivery = environ.get(DELIVERY, Delivery())
        connection = next((environ[name] for name in SOCKETS if name in environ), None)
        with ExitStack() as lost:
            lost.callback(reply.close)
            if connection is None:
                reply = self._without_socket(reply, delivery)
            elif delivery.delay or delivery.act:
                self._deliver(connection, reply, delivery)
            # The server closes what it is given.
            lost.pop_all()
        # Now, as a client that has the last byte may call again at once.
        delivery.finished()
        start_response(reply.status, reply.dated())
        return reply.body

    def close(self) -> None:
        """Let go of every client that waits, and keep no other waiting: the server stops."""
        self._held.close()

    def _without_socket(self, reply: _Reply, delivery: Delivery) -> _Reply:
        self._held.closing.wait(delivery.delay)
        if not delivery.act:
            return reply
        reply.close()
        text = NO_SOCKET.format(delivery.act).encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
        return _Reply("500 Internal Server Error", headers, [text])

    def _deliver(self, connection: socket.socket, reply: _Reply, delivery: Delivery) -> None:
        """Wait, then return if the answer is to be sent as it is; else raise ConnectionResetError when all is done."""
        try:
            with self._held.holding(connection):
                self._held.wait(connection, delivery.delay)
                if not delivery.act:
                    return
                ACTIONS[delivery.act](_Act(connection, reply, delivery.seconds, self._held))
        except (ConnectionError, TimeoutError):
            if not self._held.closing.is_set():
                delivery.gone()
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        # What servers take for a client that hung up: they log nothing and send nothing.
        raise ConnectionResetError(errno.ECONNRESET, "the client was not to have this answer")


def _asked(app: WSGIApplication, environ: WSGIEnvironment) -> _Reply:
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
    return _Reply(*begun[-1], body)


def _unwritten(_: bytes) -> object:
    raise NotImplementedError("an application behind the wire gives its body back, and does not write it")


class _Held:
    """The connections that are kept waiting. `closing` is set once the server stops."""

    def __init__(self) -> None:
        self.closing = Event()
        self._connections: set[socket.socket] = set()
        self._lock = Lock()

    @contextmanager
    def holding(self, connection: socket.socket) -> Iterator[None]:
        """Have the connection let go if the server stops meanwhile."""
        with self._lock:
            self._connections.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._connections.discard(connection)

    def close(self) -> None:
        """Let go of all, now and from now on."""
        with self._lock:
            self.closing.set()
            for connection in self._connections:
                # This wakes whoever watches it.
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def wait(self, connection: socket.socket, seconds: float) -> None:
        """Let time pass. Raises ConnectionError as soon as the client hangs up or the server stops.

        One that has only ended its own side is taken for one that hung up: TCP tells the same of both until something
        is sent. Clients that give up are common, those that end their side and wait are rare.
        """
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            while not self.closing.is_set() and (left := end - time.monotonic()) > 0:
                if not selector.select(left):
                    return
                if not connection.recv(1, socket.MSG_PEEK):
                    raise _nobody()
                self.closing.wait(min(left, GLANCE))
        if self.closing.is_set():
            raise _nobody()


def _nobody() -> ConnectionError:
    return ConnectionAbortedError(errno.ECONNABORTED, "nobody waits for the answer any more")


@dataclass(frozen=True)
class _Act:
    """What is done to one answer on its connection; it is ended afterwards."""

    connection: socket.socket
    reply: _Reply
    seconds: float
    held: _Held

    def hold(self) -> None:
        """Send nothing, for so long."""
        self.held.wait(self.connection, self.seconds)

    def end(self) -> None:
        """Send nothing."""

    def reset(self) -> None:
        """End the connection as a process that dies does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        dead, other = socket.socketpair()
        # The server holds this socket object in several places; it goes on with one that has ended, and ours is gone.
        with dead, other:
            os.dup2(dead.fileno(), self.connection.fileno(), inheritable=False)

    def mangle(self) -> None:
        """Send half of the body as a chunk, and begin another of a size that is none."""
        data = b"".join(self.reply.body)
        half = data[: len(data) // 2]
        chunk = b"%x\r\n%b\r\n" % (len(half), half) if half else b""
        self.connection.sendall(self.reply.head("Transfer-Encoding: chunked") + chunk + b"no size\r\n")

    def truncate(self) -> None:
        """Send half of the body, and say that it is longer."""
        data = b"".join(self.reply.body)
        self.connection.sendall(self.reply.head(self.reply.length(data)) + data[: len(data) // 2])

    def dribble(self) -> None:
        """Send the body piece by piece."""
        data = b"".join(self.reply.body)
        self.connection.sendall(self.reply.head(self.reply.length(data)))
        size = math.ceil(len(data) / PIECES) or 1
        for start in range(0, len(data), size):
            self.held.wait(self.connection, self.seconds / PIECES)
            self.connection.sendall(data[start : start + size])


ACTIONS: Mapping[str, Callable[[_Act], None]] = {
    "timeout": _Act.hold,
    "reset": _Act.reset,
    "empty": _Act.end,
    "malformed-chunk": _Act.mangle,
    "truncated": _Act.truncate,
    "dribble": _Act.dribble,
}
