"""Deliveries on the wire: a WSGI middleware that is late, loses or breaks an answer on the client's own socket.

For servers that hand the socket to the application, as Werkzeug's and gunicorn's do; `connection` needs none of it.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Lock
from typing import TYPE_CHECKING

from ..service.calls import DELIVERY, Delivery
from .acts import ACTIONS, AT_ONCE, RESETTING
from .replies import Reply, asked

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SOCKETS = ("werkzeug.socket", "gunicorn.socket")
# Of a client that has sent more than its request, only time can tell whether it is there.
GLANCE = 0.05  # seconds
NO_SOCKET = (
    "The fault {0!r} needs the client's socket, and this server hands none to the application: it would have to set "
    f"{' or '.join(SOCKETS)} in the WSGI environ. `pixelpact serve` needs none.\n"
)


class Wire:
    """An application whose answers are delivered as their `Delivery` says."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._held = _Held()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as WSGI has it. Raises ConnectionResetError where nothing is left for the server to send."""
        environ.pop(DELIVERY, None)
        reply = asked(self._app, environ)
        delivery = environ.get(DELIVERY)
        if delivery:
            reply = self._delivered(environ, reply, delivery)
        start_response(reply.status, reply.dated())
        return reply.body

    def close(self) -> None:
        """Let go of every client that waits, and keep no other waiting: the server stops."""
        self._held.close()

    def _delivered(self, environ: WSGIEnvironment, reply: Reply, delivery: Delivery) -> Reply:
        """What the server is to send, when it is. Raises ConnectionResetError where that is nothing."""
        connection = next((environ[name] for name in SOCKETS if name in environ), None)
        with ExitStack() as lost:
            lost.callback(reply.close)
            # Now, as a client that has the last byte may call again at once.
            lost.callback(delivery.finished)
            if connection is None:
                reply = self._without_socket(reply, delivery)
            elif not delivery.is_plain:
                self._deliver(connection, reply, delivery)
            # The server closes what it is given.
            lost.pop_all()
        delivery.finished()
        return reply

    def _without_socket(self, reply: Reply, delivery: Delivery) -> Reply:
        self._held.closing.wait(delivery.delay)
        if not delivery.act:
            return reply
        reply.close()
        text = NO_SOCKET.format(delivery.act).encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
        return Reply("500 Internal Server Error", headers, [text])

    def _deliver(self, connection: socket.socket, reply: Reply, delivery: Delivery) -> None:
        """Wait, then return if the answer is to be sent as it is; else raise ConnectionResetError when all is done."""
        try:
            with self._held.holding(connection):
                self._held.wait(connection, delivery.delay)
                if not delivery.act:
                    return
                for step in ACTIONS[delivery.act](reply, delivery.seconds):
                    self._held.wait(connection, step.wait)
                    connection.sendall(step.data)
                if delivery.act in RESETTING:
                    _reset(connection)
        except (ConnectionError, TimeoutError):
            if not self._held.closing.is_set():
                delivery.gone()
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        # What servers take for a client that hung up: they log nothing and send nothing.
        raise ConnectionResetError(errno.ECONNRESET, "the client was not to have this answer")


def _reset(connection: socket.socket) -> None:
    """End the connection as a process that dies does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    dead, other = socket.socketpair()
    # The server holds this socket object in several places; it goes on with one that has ended, and ours is gone.
    with dead, other:
        os.dup2(dead.fileno(), connection.fileno(), inheritable=False)


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
