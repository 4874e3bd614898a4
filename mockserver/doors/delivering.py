"""One answer that is late, lost or broken on its way, on an event loop: nothing waits in a thread."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from math import inf
from typing import Protocol

from ..service.calls import Delivery
from .acts import ACTIONS, AT_ONCE, RESETTING, TIMEOUT, Step
from .replies import Reply


class Sender(Protocol):
    """The connection on which it is delivered."""

    transport: asyncio.Transport

    def send(self, reply: Reply) -> None:
        """Send a whole answer, and go on to the next request."""


class Delivering:
    """What happens to one answer, step by step, until it is done, the client leaves, or the server drops it."""

    def __init__(self, sender: Sender, reply: Reply, delivery: Delivery, loop: asyncio.AbstractEventLoop) -> None:
        self._sender, self._reply, self._delivery, self._loop = sender, reply, delivery, loop
        self._steps: Iterator[Step] = iter(())
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False

    @property
    def lasts(self) -> float:
        """How long it takes in all, in seconds; without end where the client is to have no answer."""
        return inf if self._delivery.act == TIMEOUT else self._delivery.delay + self._delivery.seconds

    def begin(self) -> None:
        """Let the delay pass, then act."""
        self._later(self._delivery.delay, self._act)

    def leave(self) -> None:
        """The client has hung up before it had its answer."""
        if not self._is_over:
            self._delivery.gone()
            self.drop()

    def drop(self) -> None:
        """End the connection as it is."""
        if self._settled():
            self._sender.transport.close()

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._timer = self._loop.call_later(seconds, self._do, act)

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException:
            # Nobody waits for what does not come.
            self._sender.transport.abort()
            raise

    def _act(self) -> None:
        if self._delivery.act:
            self._steps = ACTIONS[self._delivery.act](self._reply, self._delivery.seconds)
            self._next()
        elif self._settled():
            self._sender.send(self._reply)

    def _next(self) -> None:
        step = next(self._steps, None)
        if step:
            self._later(step.wait, partial(self._send, step.data))
        elif self._settled():
            self._end()

    def _send(self, data: bytes) -> None:
        self._sender.transport.write(data)
        self._next()

    def _end(self) -> None:
        transport = self._sender.transport
        if self._delivery.act not in RESETTING:
            transport.close()
            return
        with suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        transport.abort()

    def _settled(self) -> bool:
        """Say that the call is over; whether it was not before."""
        if self._is_over:
            return False
        self._is_over = True
        if self._timer:
            self._timer.cancel()
        self._delivery.finished()
        self._reply.close()
        return True
