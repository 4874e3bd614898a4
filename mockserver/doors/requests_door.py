"""requests answered in process: its adapters get connections that lead to the gate. The rest is its own and urllib3's.

So urllib3 itself tries again as its `Retry` says, pauses, and gives up. Responses answers a step higher: it knows of
statuses only, and what it lets pass leaves. So one public method of the adapters is replaced below it,
`HTTPAdapter.get_connection_with_tls_context`.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import parse_headers
from io import BytesIO
from typing import Any
from unittest.mock import patch

import requests
import responses
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import connection_from_url
from werkzeug.serving import DechunkedInput

from .gate import Gate
from .inprocess import EMPTY, RESET, TIMEOUT, delivering

Send = Callable[..., requests.Response]


@contextmanager
def requests_door(gate: Gate) -> Iterator[None]:
    """Answers what goes through the adapters of requests."""
    connection = HTTPAdapter.get_connection_with_tls_context

    def connect(
        adapter: HTTPAdapter, request: requests.PreparedRequest, *arguments: Any, **options: Any
    ) -> urllib3.connectionpool.ConnectionPool:
        if gate.answers(request.method or "", request.url or ""):
            return _pool(gate, request)
        return connection(adapter, request, *arguments, **options)

    with patch.object(HTTPAdapter, "get_connection_with_tls_context", connect), _beside_responses(gate):
        yield


@contextmanager
def _beside_responses(gate: Gate) -> Iterator[None]:
    """What the mock answers does not come to a test's own responses, whether that began earlier or begins later."""
    # Sends as requests does, whoever answers in its place.
    through = responses.RequestsMock(passthru_prefixes=("",)).unbound_on_send()
    begun = responses.RequestsMock.unbound_on_send

    def around(send: Send) -> Send:
        def sent(adapter: HTTPAdapter, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> Any:
            chosen = through if gate.owns(request.url or "") else send
            return chosen(adapter, request, *arguments, **options)

        return sent

    with (
        patch.object(HTTPAdapter, "send", around(HTTPAdapter.send)),
        patch.object(responses.RequestsMock, "unbound_on_send", lambda mock: around(begun(mock))),
    ):
        yield


def _pool(gate: Gate, request: requests.PreparedRequest) -> urllib3.HTTPConnectionPool:
    """A pool for this request alone, so that nothing of the mock outlives it, and no proxy is asked."""
    pool = connection_from_url(request.url or "", line=partial(_Line, gate, request))
    pool.ConnectionCls = _Secure if pool.scheme == "https" else _Plain
    return pool


class _Plain(HTTPConnection):
    """A connection into the mock."""

    def __init__(self, *arguments: Any, line: Callable[[], _Line], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._line = line

    def connect(self) -> None:
        """Connect, with nobody to verify."""
        self.sock = self._line()
        self.is_verified = True

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3's own is
        """Receive the answer; a next request has a line of its own."""
        answer = super().getresponse()
        self.sock = None
        return answer


class _Secure(_Plain, HTTPSConnection):
    """The same, as pools of `https` make it."""


class _Line:
    """A socket as far as `http.client` uses one: takes a request, and asks the mock when its answer is to be read."""

    def __init__(self, gate: Gate, request: requests.PreparedRequest) -> None:
        self._gate = gate
        self._request = request
        self._patience: float | None = None
        self._sent: list[bytes] = []

    def settimeout(self, seconds: float | None) -> None:
        self._patience = seconds

    def sendall(self, data: bytes) -> None:
        self._sent.append(bytes(data))

    def makefile(self, *_: object) -> BytesIO:
        sent = BytesIO(b"".join(self._sent))
        sent.readline()
        headers = parse_headers(sent)
        body = DechunkedInput(sent) if "Transfer-Encoding" in headers else sent
        request = self._request
        outcome = self._gate.call(request.method or "", request.url or "", headers.items(), body.read())
        with delivering(outcome, self._patience) as arrival:
            time.sleep(arrival.wait)
        if arrival.act in FAILED:
            raise FAILED[arrival.act]()
        return BytesIO(b"" if arrival.act == EMPTY else arrival.written())

    def close(self) -> None:
        """Nothing is open."""


def _connection_reset() -> Exception:
    return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))


# What comes of a socket; urllib3 and requests make their own of it.
FAILED: dict[str, Callable[[], Exception]] = {
    TIMEOUT: partial(TimeoutError, "timed out"),
    RESET: _connection_reset,
}
