"""aiohttp answered in process: its connector gives out connections that lead to the gate. All else is aiohttp's own.

No kept library does this: aioresponses 0.7.9 cannot make an answer of aiohttp 3.14 (pnuckowski/aioresponses issue 289),
and knows neither the timeouts nor the middlewares of a session. So one public method, `TCPConnector.connect`, is
replaced, and what it gives is written to, read, timed and closed by aiohttp as any connection is.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

import aiohttp
from aiohttp.base_protocol import BaseProtocol
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import HttpRequestParser, RawRequestMessage

from .gate import Gate
from .inprocess import CUT, DRIBBLE, EMPTY, RESET, TIMEOUT, Arrival, Outcome, arriving

# A request is taken whole, however large.
UNLIMITED = 2**30
# So many parts of a body that dribbles.
PARTS = 20


def aiohttp_door(gate: Gate) -> AbstractContextManager[object]:
    """Answers what goes through aiohttp's TCP connectors."""
    real = aiohttp.TCPConnector.connect

    async def connect(
        self: aiohttp.TCPConnector, req: aiohttp.ClientRequest, traces: list[Any], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        if not gate.answers(req.method, str(req.url)):
            return await real(self, req, traces, timeout)
        loop = asyncio.get_running_loop()
        near = ResponseHandler(loop)
        # It does not outlive its answer, so that nobody finds it in the pool.
        near.force_close()
        near.connection_made(_Line(gate, near, str(req.url), timeout))
        return Connection(self, req.connection_key, near, loop)

    return patch.object(aiohttp.TCPConnector, "connect", connect)


class _Line(asyncio.Transport):
    """The transport of a connection into the mock: takes one request, and gives its answer to the end that is near."""

    def __init__(self, gate: Gate, near: ResponseHandler, url: str, timeout: aiohttp.ClientTimeout) -> None:
        super().__init__()
        self._gate = gate
        self._near = near
        self._url = url
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._parser = HttpRequestParser(BaseProtocol(self._loop), self._loop, UNLIMITED, auto_decompress=False)
        self._request: tuple[RawRequestMessage, aiohttp.StreamReader] | None = None
        self._outcome: Outcome | None = None
        self._steps: list[asyncio.Handle] = []
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take a part of the request; with the last of it, ask the mock."""
        messages, _, _ = self._parser.feed_data(bytes(data))
        for message in messages:
            self._request = message
            if message[0].headers.get("Expect", "").lower() == "100-continue":
                self._after(0, self._near.data_received, b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._request and self._request[1].is_eof():
            head, body = self._request
            headers = head.headers.items()
            self._answer(self._gate.call(head.method, self._url, headers, body.read_nowait()))

    def _answer(self, outcome: Outcome) -> None:
        self._outcome = outcome
        arrival = arriving(outcome, None)
        if arrival.act == TIMEOUT:
            self._after(0, self._near.set_exception, self._late())
        elif arrival.act in LOST:
            self._after(arrival.wait, self._end, LOST[arrival.act])
        else:
            self._send(arrival, outcome.delivery.seconds if outcome.delivery.act == DRIBBLE else 0)

    def _late(self) -> Exception:
        """What ends the wait: the shorter of its two limits."""
        read, total = self._timeout.sock_read, self._timeout.total
        if read and (not total or read <= total):
            return aiohttp.SocketTimeoutError("Timeout on reading data from socket")
        return TimeoutError()

    def _send(self, arrival: Arrival, seconds: float) -> None:
        data = arrival.written()
        parts = PARTS if seconds else 1
        step = -(-len(data) // parts)
        for number in range(parts):
            left = seconds * (1 - (number + 1) / parts)
            part = data[number * step : (number + 1) * step]
            self._after(arrival.wait - left, self._arrive, part, number + 1 == parts)
        if arrival.act in CUT:
            self._after(arrival.wait, self._end, None)

    def _arrive(self, part: bytes, last: bool) -> None:
        if last:
            self._tell()
        self._near.data_received(part)

    def _end(self, reason: Callable[[], Exception] | None) -> None:
        self._tell()
        self._closing = True
        self._near.connection_lost(reason() if reason else None)

    def _after(self, seconds: float, step: Callable[..., object], *arguments: object) -> None:
        self._steps.append(self._loop.call_later(seconds, step, *arguments))

    def _tell(self, *, gone: bool = False) -> None:
        outcome, self._outcome = self._outcome, None
        if outcome is None:
            return
        if gone:
            outcome.delivery.gone()
        outcome.close()

    def close(self) -> None:
        """Hang up: what has not arrived by now never will."""
        if self._closing:
            return
        self._closing = True
        for step in self._steps:
            step.cancel()
        self._tell(gone=True)
        self._loop.call_soon(self._near.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._closing


def _connection_reset() -> Exception:
    return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))


LOST: dict[str, Callable[[], Exception] | None] = {RESET: _connection_reset, EMPTY: None}
