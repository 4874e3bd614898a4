"""One client's connection: its requests in turn, each asked of the application, and the answers as they are delivered.

Who asks the application, and where, is the door's business.
"""

from __future__ import annotations

import asyncio
from logging import INFO
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Protocol, cast

from ..service.calls import DELIVERY
from ..service.responses import LOG, said
from .chunks import Refused
from .delivering import Delivering
from .incoming import Head, Incoming, Reader
from .replies import FULL, Reply, ended, pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIEnvironment

# A request that is not there this long after its first byte is given up, and so is a connection on which nothing is
# asked for, or nothing is taken of an answer.
PATIENCE = 60.0  # seconds
# What a client is still sending after its answer is read and thrown away for so long: reset, it might miss the answer.
LINGER = 5.0  # seconds
# A request in flight has so long to be answered once the server is told to stop.
GRACE = 10.0  # seconds
# Of requests that are not answered and answers that are not sent, all together: beyond that, large ones are refused.
MOST_HELD = 256 * 2**20  # bytes
# More than that is large, and is not read ahead of an answer.
AHEAD = 64 * 2**10  # bytes
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Door(Protocol):
    """What a connection needs of its server."""

    body_limit: int
    buffer: memoryview
    is_closing: bool
    connections: set[Connection]
    most_connections: int
    held: int
    loop: asyncio.AbstractEventLoop

    def ask(self, environ: WSGIEnvironment, size: int, answered: Callable[[Reply | None], None]) -> None:
        """Have the application answer: now, or later on this thread; with None if it could not."""

    def read(self, head: bytes) -> Head:
        """What a head says. Raises Refused."""

    def date(self) -> str:
        """The present, as a header has it."""


class Connection(asyncio.BufferedProtocol):
    """A client, from its first byte to its last."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._reader = Reader(door.body_limit, door.read)
        self._environ: WSGIEnvironment = {}
        self._asked: Incoming | None = None
        self._delivering: Delivering | None = None
        # In bytes: what waited to be taken at the last look; what is being answered, and answers that wait for their
        # time; all that the door knows of.
        self._unsent = self._owed = self._held = 0
        # Answering; ended by the client; to be closed once what was sent is thrown away; full of what it does not take.
        self._is_busy = self._has_ended = self._is_draining = self._is_full = False
        self.since = monotonic()

    # What asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)
        if len(self._door.connections) >= self._door.most_connections:
            self._is_draining = True
            self.transport.abort()
            return
        peer = transport.get_extra_info("peername") or ("", 0)
        self._peer = {"REMOTE_ADDR": peer[0], "REMOTE_PORT": peer[1]}
        self._door.connections.add(self)

    def get_buffer(self, _: int) -> memoryview:
        """Where to put what comes: all share one place, as each takes it out at once."""
        return self._door.buffer

    def buffer_updated(self, size: int) -> None:
        """Read on."""
        if self._is_draining:
            return
        was_amid = self._reader.is_amid
        self._reader.feed(bytes(self._door.buffer[:size]))
        self._advance()
        if self._reader.is_amid:
            if not was_amid:
                self.since = monotonic()
            self._bound()

    def eof_received(self) -> bool:
        """Answer what was asked before; but who waits for a late answer has hung up, as far as anybody can tell."""
        self._has_ended = True
        if self._delivering:
            self._delivering.leave()
        self._advance()
        # Once all is answered, it is closed by us.
        return True

    def connection_lost(self, _: Exception | None) -> None:
        """Nobody is there any more: what was asked ahead is not answered."""
        self._is_draining = True
        self._reader.drop()
        self._door.connections.discard(self)
        if self._delivering:
            self._delivering.leave()
            self._owed = 0
        self._weigh()

    def pause_writing(self) -> None:
        """Answer no more until the client takes what it has been sent."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Go on."""
        self._is_full = False
        self.transport.resume_reading()
        self._advance()

    # What is done

    def _weigh(self) -> None:
        """Have the door know how many bytes are kept here."""
        held = self._reader.held + self._owed + self.transport.get_write_buffer_size()
        self._door.held += held - self._held
        self._held = held

    def _is_too_much(self, size: int) -> bool:
        """Whether so many bytes cannot be kept here, for all that is kept elsewhere."""
        return size > AHEAD and self._door.held - self._held + size > MOST_HELD

    def _bound(self) -> None:
        """Read no more than there is room for."""
        if self._is_too_much(self._reader.held):
            if not self._is_busy:
                self._refuse(FULL.status, "Retry-After: 1\r\n")
                return
            # What was sent ahead is not answered: that ends with the present request.
            self._keep = False
            self._reader.drop()
            self._weigh()
        if (self._is_busy or self._is_full) and self._reader.ahead > AHEAD:
            self.transport.pause_reading()

    def _advance(self) -> None:
        """Have the next request answered, if there is one and it is its turn."""
        while not (self._is_busy or self._is_full or self._is_draining):
            incoming = self._next()
            if incoming is None:
                break
            if self._is_too_much(incoming.size):
                self._refuse(FULL.status, "Retry-After: 1\r\n")
                break
            self._is_busy = True
            self._owed = incoming.size
            # Of one that is cut, the rest is not read as another.
            self._keep = incoming.head.keep and not incoming.is_cut
            self._environ = incoming.environ(self._peer)
            self._door.ask(self._environ, incoming.size, self._answered)
        if self._is_busy or self._held or self._reader.is_amid:
            self._weigh()
        if self._has_ended and not (self._is_busy or (self._is_full and self._reader.is_amid)):
            self.transport.close()

    def _next(self) -> Incoming | None:
        try:
            incoming = self._reader.next()
        except Refused as refused:
            self._tell(int(str(refused)[:3]))
            self._refuse(str(refused))
            return None
        begun = self._reader.incoming
        if begun and begun.head.expects and begun is not self._asked:
            self._asked = begun
            self.transport.write(CONTINUE)
        return incoming

    def _answered(self, reply: Reply | None) -> None:
        """Send the answer that the application gave; a connection that cannot have it is closed."""
        try:
            self._give(reply)
        except BaseException:
            self.transport.abort()
            raise
        finally:
            if self._held or self._owed:
                self._weigh()

    def _give(self, reply: Reply | None) -> None:
        """Send an answer in the way that it is to be delivered."""
        asked, self._owed = self._owed, 0
        delivery = self._environ.get(DELIVERY)
        if reply is None:
            if delivery:
                delivery.finished()
            self.transport.close()
            return
        size = sum(map(len, reply.body))
        if self._is_too_much(size):
            reply.close()
            reply = FULL
        if delivery is None or delivery.is_plain:
            # Before the last byte, as a client that has it may call again at once.
            if delivery:
                delivery.finished()
            reply.close()
            self.send(reply)
        else:
            self._owed = asked + size
            self._deliver(Delivering(self, reply, delivery, self._door.loop))

    def _deliver(self, delivering: Delivering) -> None:
        self._delivering = delivering
        delivering.begin()
        if self._has_ended or self.transport.is_closing():
            delivering.leave()
        elif self._door.is_closing and delivering.lasts > GRACE:
            delivering.drop()

    def send(self, reply: Reply) -> None:
        """Send a whole answer, and go on to the next request."""
        self._delivering, self._owed = None, 0
        keep = self._keep and not self._door.is_closing
        for part in pieces(reply, self._environ, self._door.date, keep=keep):
            self.transport.write(part)
        # A body is not kept for as long as the connection is.
        self._environ, self._asked, self._is_busy = {}, None, False
        self.since = monotonic()
        if self._held or self.transport.get_write_buffer_size():
            self._weigh()
        if not keep:
            self._drain()
        elif self._reader.is_amid or self._has_ended:
            self.transport.resume_reading()
            self._door.loop.call_soon(self._advance)

    def _tell(self, status: int, waited: float = 0.0) -> None:
        """Log what no application has seen."""
        if LOG.isEnabledFor(INFO):
            said(*self._reader.told(), status, perf_counter() - waited)

    def _refuse(self, status: str, more: str = "") -> None:
        """Answer what cannot be read; `more` are further lines of the head."""
        text = f"{status}\n"
        head = f"Content-Type: text/plain\r\nContent-Length: {len(text)}\r\nDate: {self._door.date()}\r\n{more}"
        self.transport.write(f"HTTP/1.1 {status}\r\n{head}Connection: close\r\n\r\n{text}".encode())
        self._drain()

    def _drain(self) -> None:
        """End our side, and throw away what the client still sends."""
        self._is_draining = True
        self._reader.drop()
        self._weigh()
        self.since = monotonic()
        if not self._has_ended and ended(self.transport):
            self.transport.resume_reading()
        else:
            self.transport.close()

    # What the door tells

    def stop(self, *, is_late: bool) -> None:
        """The door closes: who waits for nothing, or too long, is let go; and soon who is still sending."""
        if self._delivering:
            if self._delivering.lasts > GRACE:
                self._delivering.drop()
        elif not self._is_busy and (is_late or not self._reader.is_amid):
            self.transport.close()

    def look(self, now: float) -> None:
        """Give up a client that has had its time."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent, self.since = unsent, now
        if self._held:
            self._weigh()
        if self._is_busy and not unsent:
            return
        if now - self.since > (LINGER if self._is_draining and not unsent else PATIENCE):
            if self._reader.is_amid and not unsent and not self._is_draining:
                self._tell(408, now - self.since)
                self._refuse("408 Request Timeout")
            else:
                self.transport.abort()
