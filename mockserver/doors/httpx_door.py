"""httpx and httpx2 answered in process, through respx: where they would open a connection, the gate decides.

At the core of their transports, not at their clients: one with a transport of its own, as the test clients of web
frameworks have, goes its own way.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from types import ModuleType

import anyio
import httpx
from respx import MockRouter
from respx.models import AllMockedAssertionError

from .gate import Gate
from .inprocess import EMPTY, MALFORMED, RESET, TIMEOUT, TRUNCATED, Arrival, Outcome, delivering

# As the core of either library raises them: its transport turns each into the exception of the client.
FAILED = {
    TIMEOUT: ("ReadTimeout", "The read operation timed out"),
    RESET: ("ReadError", "[Errno 104] Connection reset by peer"),
    EMPTY: ("RemoteProtocolError", "Server disconnected without sending a response."),
}
BROKEN = {
    TRUNCATED: (
        "RemoteProtocolError",
        "peer closed connection without sending complete message body (received {received} bytes, expected {length})",
    ),
    MALFORMED: ("RemoteProtocolError", "illegal chunk header: bytearray(b'no-size')"),
}


class HttpxDoor(MockRouter):
    """Answers what goes through one core: `httpcore` or `httpcore2`. A context manager, and so on from respx."""

    def __init__(self, gate: Gate, core: ModuleType) -> None:
        super().__init__(assert_all_called=False, using=core.__name__)
        self._gate = gate
        self._core = core
        # What comes to the routes is what the gate lets pass.
        self.route().pass_through()

    def start(self) -> None:
        """Begin, ahead of a test's own router: that may let pass what is answered here."""
        super().start()
        if self.Mocker:
            self.Mocker.routers.insert(0, self.Mocker.routers.pop())

    def handler(self, request: httpx.Request) -> httpx.Response:
        """Answer a client that waits in its thread."""
        if not self._answers(request):
            return super().handler(request)
        with delivering(self._outcome(request), _patience(request)) as arrival:
            time.sleep(arrival.wait)
        return self._response(arrival, request.method)

    async def async_handler(self, request: httpx.Request) -> httpx.Response:
        """Answer a client that waits in its event loop, whichever that is."""
        if not self._answers(request):
            return await super().async_handler(request)
        with delivering(self._outcome(request), _patience(request)) as arrival:
            await anyio.sleep(arrival.wait)
        return self._response(arrival, request.method)

    def _answers(self, request: httpx.Request) -> bool:
        url = str(request.url)
        others = self.Mocker.routers[-1] is not self if self.Mocker else False
        if others and not self._gate.knows(url):
            # Then respx asks the next router: the test's own, which refuses what it does not know itself.
            raise AllMockedAssertionError(f"{request.method} {request.url.host}")
        return self._gate.answers(request.method, url)

    def _outcome(self, request: httpx.Request) -> Outcome:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        return self._gate.call(request.method, str(request.url), headers, request.content)

    def _response(self, arrival: Arrival, method: str) -> httpx.Response:
        if arrival.act in FAILED:
            raise self._error(*FAILED[arrival.act])
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in arrival.headers]
        extensions = {"http_version": b"HTTP/1.1", "reason_phrase": arrival.outcome.reason.encode("latin-1")}
        stream = _Stream(arrival.body, self._broken(arrival, method))
        return httpx.Response(arrival.outcome.status, headers=headers, stream=stream, extensions=extensions)

    def _broken(self, arrival: Arrival, method: str) -> Exception | None:
        received, length = len(arrival.body), len(arrival.outcome.body)
        # Nothing is read of the body of an answer to HEAD, nor missed of one that has none.
        whole = received == length if arrival.act == TRUNCATED else method == "HEAD"
        if whole or not arrival.act:
            return None
        name, text = BROKEN[arrival.act]
        return self._error(name, text.format(received=received, length=length))

    def _error(self, name: str, text: str) -> Exception:
        error: Exception = getattr(self._core, name)(text)
        return error


class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that arrives in one piece; then the error, if there is one."""

    def __init__(self, body: bytes, error: Exception | None) -> None:
        self._body = body
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        if self._error:
            raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


def _patience(request: httpx.Request) -> float | None:
    read: float | None = request.extensions.get("timeout", {}).get("read")
    return read
