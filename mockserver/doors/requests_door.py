"""requests answered in process, through responses: where it would open a connection, the gate decides.

What urllib3 would do about a connection that fails, if its `Retry` says so, is not done: responses knows statuses only.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPResponse, RemoteDisconnected
from io import BytesIO
from typing import Any
from weakref import WeakKeyDictionary

import requests
import responses
import urllib3
from urllib3.connectionpool import connection_from_url
from urllib3.exceptions import MaxRetryError, ProtocolError, ReadTimeoutError

from .gate import Gate
from .inprocess import EMPTY, RESET, TIMEOUT, Arrival, delivering


def requests_door(gate: Gate) -> responses.RequestsMock:
    """Answers what goes through the adapters of requests. A context manager."""
    mock = responses.RequestsMock(assert_all_requests_are_fired=False, response_callback=_Pauses())
    mock.add(_Answer(gate))
    # What the one answer does not take is what the gate lets pass.
    mock.add_passthru(re.compile(""))
    return mock


class _Answer(responses.BaseResponse):
    """The answer to every request that the gate takes."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(method="", url="")
        self._gate = gate

    def matches(self, request: requests.PreparedRequest) -> tuple[bool, str]:
        return self._gate.answers(request.method or "", request.url or ""), "the gate lets it pass"

    def get_response(self, request: requests.PreparedRequest) -> urllib3.HTTPResponse:
        outcome = self._gate.call(request.method or "", request.url or "", request.headers.items(), _body(request.body))
        with delivering(outcome, _patience(request)) as arrival:
            time.sleep(arrival.wait)
        if arrival.act in FAILED:
            raise FAILED[arrival.act](request)
        return _read(arrival, request)


class _Pauses:
    """The pauses of urllib3's `Retry` between attempts: responses repeats a request as that says, but at once."""

    def __init__(self) -> None:
        self._attempts: WeakKeyDictionary[requests.PreparedRequest, urllib3.Retry] = WeakKeyDictionary()

    def __call__(self, answer: requests.Response) -> requests.Response:
        request, method = answer.request, answer.request.method or ""
        # `connection` is the adapter that sent it.
        retries = self._attempts.pop(request, None) or answer.connection.max_retries
        if retries.is_retry(method, answer.status_code, "Retry-After" in answer.headers):
            with suppress(MaxRetryError):
                self._attempts[request] = retries.increment(method, request.url, response=answer.raw)
                self._attempts[request].sleep(answer.raw)
        return answer


def _body(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    # None, bytes, or a generator of bytes; responses has read a file already.
    return body if isinstance(body, bytes) else b"".join(body or ())


def _patience(request: requests.PreparedRequest) -> float | None:
    """The time to wait for an answer: requests takes one number, a pair of numbers or urllib3's own."""
    # What `send` was called with; responses puts it there for matchers.
    given: Any = getattr(request, "req_kwargs", {}).get("timeout")
    if isinstance(given, urllib3.Timeout):
        given = given.read_timeout
    read = given[1] if isinstance(given, tuple) else given
    return float(read) if isinstance(read, int | float) else None


class _Line:
    """A socket as far as `http.client` reads one."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: object) -> BytesIO:
        return BytesIO(self._data)


def _read(arrival: Arrival, request: requests.PreparedRequest) -> urllib3.HTTPResponse:
    """The answer as urllib3 makes it of what it reads: a body that is cut fails as it does there, and when."""
    read = HTTPResponse(_Line(arrival.written()), method=request.method)  # type: ignore[arg-type]  # all it reads
    read.begin()
    return urllib3.HTTPResponse(
        body=read,
        headers=urllib3.HTTPHeaderDict(arrival.headers),
        status=read.status,
        version=read.version,
        reason=read.reason,
        preload_content=False,
        decode_content=False,
        original_response=read,
        request_method=request.method,
        request_url=request.url,
    )


def _timed_out(request: requests.PreparedRequest) -> Exception:
    pool = connection_from_url(request.url or "")
    return requests.ReadTimeout(ReadTimeoutError(pool, request.url or "", "Read timed out."), request=request)


def _aborted(reason: OSError) -> Exception:
    return ProtocolError("Connection aborted.", reason)


def _reset(request: requests.PreparedRequest) -> Exception:
    reset = ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
    return requests.ConnectionError(_aborted(reset), request=request)


def _empty(request: requests.PreparedRequest) -> Exception:
    gone = RemoteDisconnected("Remote end closed connection without response")
    return requests.ConnectionError(_aborted(gone), request=request)


FAILED: dict[str, Callable[[requests.PreparedRequest], Exception]] = {
    TIMEOUT: _timed_out,
    RESET: _reset,
    EMPTY: _empty,
}
