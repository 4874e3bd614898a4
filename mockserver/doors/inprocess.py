"""A call into the mock without a socket: one request in, and out comes what a server would put on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ..service.calls import DELIVERY, Delivery, nothing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Pairs = Iterable[tuple[str, str]]
TIMEOUT, RESET, EMPTY, DRIBBLE = "timeout", "reset", "empty", "dribble"
TRUNCATED, MALFORMED = "truncated", "malformed-chunk"
CUT = {TRUNCATED, MALFORMED}
BAD_CHUNK = b"no-size\r\n"


@dataclass(frozen=True)
class Outcome:
    """What the mock answers to one call, and how that is to travel.

    `close` is called once, when the client has its answer or never will: until then the call is under way.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    delivery: Delivery = field(default_factory=Delivery)
    close: Callable[[], None] = nothing


@dataclass(frozen=True)
class Arrival:
    """What reaches the client after `wait` seconds; `act` is what went wrong on the way, if anything did."""

    wait: float
    act: str
    outcome: Outcome

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """As they were sent: a chunk that is malformed comes in an answer of chunks."""
        if self.act != MALFORMED:
            return self.outcome.headers
        kept = ((name, value) for name, value in self.outcome.headers if name.lower() != "content-length")
        return (*kept, ("Transfer-Encoding", "chunked"))

    @property
    def body(self) -> bytes:
        """What arrives of the body: half of one that is cut."""
        whole = self.outcome.body
        return whole[: len(whole) // 2] if self.act in CUT else whole

    def written(self) -> bytes:
        """The answer as HTTP/1.1 writes it, up to where the connection ends."""
        first = f"HTTP/1.1 {self.outcome.status} {self.outcome.reason}"
        lines = [first, *(f"{name}: {value}" for name, value in self.headers), "", ""]
        head = "\r\n".join(lines).encode("latin-1")
        if self.act != MALFORMED:
            return head + self.body
        # A chunk without length would be the last one.
        chunk = b"%x\r\n%b\r\n" % (len(self.body), self.body) if self.body else b""
        return head + chunk + BAD_CHUNK


def call(app: WSGIApplication, method: str, url: str, headers: Pairs, body: bytes) -> Outcome:
    """One request through the app; links in its answer are on the URL's own origin. The body is the whole one."""
    passed: list[WSGIEnvironment] = []

    def watched(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # `run_wsgi_app` hands the app a copy.
        passed.append(environ)
        return app(environ, start_response)

    parts, status, given = run_wsgi_app(watched, _environ(method, url, headers, body))
    code, _, reason = status.partition(" ")
    return Outcome(
        status=int(code),
        reason=reason,
        headers=tuple(given.items()),
        body=b"".join(parts),
        delivery=passed[0].get(DELIVERY, Delivery()),
        close=getattr(parts, "close", nothing),
    )


def _environ(method: str, url: str, headers: Pairs, body: bytes) -> dict[str, Any]:
    target = urlsplit(url)
    given = Headers(list(headers))
    host = given.setdefault("Host", target.netloc.rpartition("@")[2])
    # However it was sent, it is whole now.
    given.remove("Transfer-Encoding")
    builder = EnvironBuilder(
        method=method,
        base_url=f"{target.scheme}://{host}/",
        query_string=target.query,
        headers=given,
        input_stream=BytesIO(body),
        environ_base={"REMOTE_ADDR": "127.0.0.1"},
    )
    # Not by its argument, which takes two slashes for the start of a host.
    builder.path = target.path or "/"
    return builder.get_environ()


@contextmanager
def delivering(outcome: Outcome, patience: float | None) -> Iterator[Arrival]:
    """Inside it the caller waits as long as the arrival says; after it the app knows how that went.

    `patience` is how long the client waits for the next bytes, in seconds; None: for ever. Whoever leaves it by an
    error, as a task that is cancelled does, has hung up.
    """
    arrival = arriving(outcome, patience)
    heard = False
    try:
        yield arrival
        heard = arrival.act != TIMEOUT
    finally:
        if not heard:
            outcome.delivery.gone()
        outcome.close()


def arriving(outcome: Outcome, patience: float | None) -> Arrival:
    """What reaches a client of that patience. The act `timeout` does at once: a test must not wait for it.

    A body that dribbles arrives whole, when the last of it would have.
    """
    delivery = outcome.delivery
    if delivery.act == TIMEOUT:
        return Arrival(0, TIMEOUT, outcome)
    if patience is not None and delivery.delay >= patience:
        return Arrival(patience, TIMEOUT, outcome)
    if delivery.act == DRIBBLE:
        return Arrival(delivery.delay + delivery.seconds, "", outcome)
    return Arrival(delivery.delay, delivery.act, outcome)
