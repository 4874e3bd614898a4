"""Deliveries on the wire: what raw sockets see, and which exception each client makes of it."""

from __future__ import annotations

import errno
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import httpx2
import pytest
import requests
from pixelpact.doors.acts import ACTIONS, PIECES
from pixelpact.doors.server import Server
from pixelpact.doors.wire import Wire
from pixelpact.service.calls import DELIVERY, Delivery
from pixelpact.service.faults import ACTS
from werkzeug.test import Client

from tests.serving import Served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BODY = json.dumps({"answer": "x" * 4000}).encode()
REQUEST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
# On a connection that the server ends.
LAST = REQUEST.replace(b"Host", b"Connection: close\r\nHost")
LATE = 5.0  # seconds: no test waits for so long
TIMES = 20


class App:
    """Answers BODY, delivered as `delivery` says; `events` are what the wire told it, in order."""

    def __init__(self) -> None:
        self.delivery = Delivery()
        self.calls = threading.Semaphore(0)
        self.events: list[str] = []
        self._changed = threading.Condition()

    def deliver(self, act: str = "", seconds: float = 0.0, delay: float = 0.0) -> None:
        """Have answers delivered like this from now on."""
        self.delivery = Delivery(delay, act, seconds, lambda: self.note("gone"))

    def note(self, event: str) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def heard(self, *events: str) -> bool:
        """Whether just these are heard, soon enough."""
        with self._changed:
            return self._changed.wait_for(lambda: tuple(self.events) == events, timeout=LATE)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ[DELIVERY] = self.delivery
        self.calls.release()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))])
        return Body(self, environ["REQUEST_METHOD"])


class Body:
    """A body whose closing is heard."""

    def __init__(self, app: App, method: str) -> None:
        self._app = app
        self._chunks = [] if method == "HEAD" else [BODY]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def close(self) -> None:
        self._app.note("closed")


@pytest.fixture
def app(capfd: pytest.CaptureFixture[str]) -> Iterator[App]:
    """An application whose server has nothing to say of what happens to its answers."""
    made = App()
    yield made
    assert capfd.readouterr() == ("", "")


DOORS = {"werkzeug": Server, "serve": Served}


@pytest.fixture(params=DOORS)
def server(app: App, request: pytest.FixtureRequest) -> Iterator[Server | Served]:
    """The socket of the fixtures, and that of `pixelpact serve`."""
    with DOORS[request.param](app) as running:
        yield running


def connected(server: Server | Served) -> socket.socket:
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port or 0), timeout=LATE)


def asking(server: Server | Served, request: bytes = REQUEST) -> socket.socket:
    """A connection on which a request was sent."""
    connection = connected(server)
    connection.sendall(request)
    return connection


def read(connection: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def asked(server: Server | Served, request: bytes = REQUEST) -> tuple[bytes, bytes]:
    """Head and body of all that comes."""
    with closing(asking(server, request)) as connection:
        head, _, body = read(connection).partition(b"\r\n\r\n")
    return head, body


def elapsed(act: Callable[[], object]) -> float:
    start = time.monotonic()
    act()
    return time.monotonic() - start


def hang_up(connection: socket.socket) -> None:
    connection.close()


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


# On the socket


def test_an_answer_without_a_delivery_is_sent_as_it_is(app: App, server: Server | Served) -> None:
    head, body = asked(server, LAST)

    assert (head.splitlines()[0], body) == (b"HTTP/1.1 200 OK", BODY)
    assert app.heard("closed")


def test_a_late_answer_is_whole(app: App, server: Server | Served) -> None:
    app.deliver(delay=0.2)
    start = time.monotonic()

    _, body = asked(server, LAST)

    assert body == BODY
    assert 0.2 <= time.monotonic() - start < LATE
    assert app.heard("closed")


def end_own_side(connection: socket.socket) -> None:
    """What nobody can tell from hanging up."""
    connection.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("leave", [hang_up, reset, end_own_side])
@pytest.mark.parametrize("act", ["", "timeout", "dribble"])
def test_a_client_that_leaves_before_its_answer_is_noticed(
    app: App, server: Server | Served, act: str, leave: Callable[[socket.socket], None]
) -> None:
    app.deliver(act, seconds=60, delay=0 if act else 60)
    with asking(server) as connection:
        assert app.calls.acquire(timeout=LATE)

        leave(connection)

        # Whoever waits for both learns of the client first.
        assert app.heard("gone", "closed")


def test_a_reset_leaves_the_client_without_a_byte(app: App, server: Server | Served) -> None:
    app.deliver("reset")
    outcomes = []
    for _ in range(TIMES):
        with closing(asking(server)) as connection, pytest.raises(OSError, match="reset") as raised:
            read(connection)
        outcomes.append(raised.value.errno)

    assert outcomes == [errno.ECONNRESET] * TIMES
    assert app.heard(*["closed"] * TIMES)


def test_an_empty_answer_ends_the_connection_without_a_byte(app: App, server: Server | Served) -> None:
    app.deliver("empty")

    assert [asked(server) for _ in range(TIMES)] == [(b"", b"")] * TIMES
    assert app.heard(*["closed"] * TIMES)


def test_a_timeout_ends_the_connection_when_its_time_is_over(app: App, server: Server | Served) -> None:
    app.deliver("timeout", seconds=0.2)
    start = time.monotonic()

    assert asked(server) == (b"", b"")
    assert 0.2 <= time.monotonic() - start < LATE
    assert app.heard("closed")


def test_a_malformed_chunk_comes_after_a_good_one(app: App, server: Server | Served) -> None:
    app.deliver("malformed-chunk")

    head, body = asked(server)

    assert b"\r\nTransfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    half = BODY[: len(BODY) // 2]
    assert body == b"%x\r\n" % len(half) + half + b"\r\nno size\r\n"


def test_a_truncated_answer_promises_more_than_it_has(app: App, server: Server | Served) -> None:
    app.deliver("truncated")

    head, body = asked(server)

    assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
    assert b"\r\nContent-Length: %d\r\n" % len(BODY) in head
    assert head.count(b"\r\nDate: ") == 1
    assert body == BODY[: len(BODY) // 2]


def test_a_dribble_comes_in_pieces(app: App, server: Server | Served) -> None:
    app.deliver("dribble", seconds=0.6)
    start = time.monotonic()
    with closing(asking(server)) as connection:
        pieces = list(iter(lambda: connection.recv(65536), b""))
    took = time.monotonic() - start

    head, _, body = b"".join(pieces).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == BODY
    # Some may have come together, if this machine is busy.
    assert PIECES / 4 <= len(pieces) <= 1 + PIECES
    assert 0.5 < took < LATE
    assert app.heard("closed")


@pytest.mark.parametrize("act", ["truncated", "malformed-chunk", "dribble"])
def test_the_head_of_an_answer_is_delivered_like_another(app: App, server: Server | Served, act: str) -> None:
    app.deliver(act)

    head, body = asked(server, b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == (b"no size\r\n" if act == "malformed-chunk" else b"")


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"reset", "timeout"}))
def test_a_delay_comes_before_an_act(app: App, server: Server | Served, act: str) -> None:
    app.deliver(act, delay=0.2)

    assert elapsed(lambda: asked(server)) >= 0.2


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"timeout"}))
def test_no_other_request_is_answered_after_an_act(app: App, server: Server | Served, act: str) -> None:
    app.deliver(act)
    with closing(asking(server, REQUEST * 2)) as connection, suppress(ConnectionResetError):
        assert read(connection).count(b"HTTP/1.1") <= 1

    assert app.heard("closed")


def test_the_next_client_is_served_after_every_act(app: App, server: Server | Served) -> None:
    for act in ACTS:
        app.deliver(act)
        with suppress(ConnectionResetError):
            asked(server)
    app.deliver()

    assert asked(server, LAST)[1] == BODY


def test_there_is_an_action_for_every_act() -> None:
    assert set(ACTIONS) == set(ACTS)


# Real clients

LIBRARIES: dict[str, Any] = {"httpx": httpx, "httpx2": httpx2, "requests": requests}
IMPATIENT = 0.1  # seconds


def client(library: str) -> Any:
    """A client of that library, which keeps its connections."""
    return requests.Session() if library == "requests" else LIBRARIES[library].Client()


def outcome(session: Any, url: str, timeout: float = LATE) -> type[BaseException] | int:
    """The status of the answer to a client that waits for so many seconds, or what it raises."""
    try:
        answer = session.post(url, json={}, timeout=timeout)
    except (httpx.HTTPError, httpx2.HTTPError, requests.RequestException) as error:
        return type(error)
    assert answer.content == BODY
    return int(answer.status_code)


RAISED: dict[str, dict[str, type[BaseException] | int]] = {
    "httpx": {
        "timeout": httpx.ReadTimeout,
        "reset": httpx.ReadError,
        "empty": httpx.RemoteProtocolError,
        "malformed-chunk": httpx.RemoteProtocolError,
        "truncated": httpx.RemoteProtocolError,
        "dribble": 200,
    },
    "httpx2": {
        "timeout": httpx2.ReadTimeout,
        "reset": httpx2.ReadError,
        "empty": httpx2.RemoteProtocolError,
        "malformed-chunk": httpx2.RemoteProtocolError,
        "truncated": httpx2.RemoteProtocolError,
        "dribble": 200,
    },
    "requests": {
        "timeout": requests.exceptions.ReadTimeout,
        "reset": requests.exceptions.ConnectionError,
        "empty": requests.exceptions.ConnectionError,
        "malformed-chunk": requests.exceptions.ChunkedEncodingError,
        "truncated": requests.exceptions.ChunkedEncodingError,
        "dribble": 200,
    },
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_each_client_raises_the_same_each_time(app: App, server: Server | Served, library: str, act: str) -> None:
    app.deliver(act, seconds={"timeout": 60, "dribble": 0.1}.get(act, 0))
    times = 5 if act in ("timeout", "dribble") else TIMES
    with client(library) as session:
        outcomes = [outcome(session, server.url, IMPATIENT if act == "timeout" else LATE) for _ in range(times)]

    assert outcomes == [RAISED[library][act]] * times


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_client_gives_up_on_an_answer_that_is_too_late(app: App, server: Server | Served, library: str) -> None:
    app.deliver(delay=60)
    with client(library) as session:
        assert outcome(session, server.url, IMPATIENT) is RAISED[library]["timeout"]

    assert app.heard("gone", "closed")


# Stopping


@pytest.mark.parametrize("act", ["", "timeout", "dribble"])
def test_a_server_stops_at_once_however_many_it_keeps_waiting(app: App, act: str) -> None:
    app.deliver(act, seconds=60, delay=0 if act else 60)
    # By their names: a thread of another test may end meanwhile.
    before = {thread.name for thread in threading.enumerate()}
    with Server(app) as server:
        connections = [asking(server) for _ in range(20)]
        assert all(app.calls.acquire(timeout=LATE) for _ in connections)
        assert len({thread.name for thread in threading.enumerate()} - before) >= 20
        start = time.monotonic()
    stopped = time.monotonic() - start

    ends = [read(connection).partition(b"\r\n\r\n")[2] for connection in connections]
    for connection in connections:
        connection.close()
    # It takes some 20 ms, which are those of the thread that listens; a busy machine may take longer.
    assert stopped < 1
    assert [end for end in ends if end] == []
    # The clients did not hang up: they were.
    assert app.heard(*["closed"] * 20)


def test_nobody_is_kept_waiting_by_a_server_that_has_stopped(app: App) -> None:
    app.deliver("timeout", seconds=60)
    wire = Wire(app)
    wire.close()
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(ConnectionResetError):
        wire({**environ(), "werkzeug.socket": ours}, started)

    assert app.heard("closed")


# Other servers


def environ() -> dict[str, Any]:
    return {"REQUEST_METHOD": "POST", "wsgi.input": Nothing()}


class Nothing:
    """An empty request body."""

    def read(self, _: int) -> bytes:
        return b""


def started(*_: object) -> Callable[[bytes], object]:
    return lambda _: None


@pytest.mark.parametrize("name", ["werkzeug.socket", "gunicorn.socket"])
def test_any_server_that_gives_its_socket_will_do(app: App, name: str) -> None:
    app.deliver("truncated")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(ConnectionResetError) as raised:
            Wire(app)({**environ(), name: ours}, started)
        sent = read(theirs)

    # Servers say nothing of a client that has reset its connection.
    assert raised.value.errno == errno.ECONNRESET
    assert sent.endswith(BODY[: len(BODY) // 2])


def test_an_answer_that_has_a_date_gets_no_other() -> None:
    def dated(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        environ[DELIVERY] = Delivery(act="truncated")
        start_response("200 OK", [("date", "Sun, 22 Nov 2026 08:30:09 GMT")])
        return [BODY]

    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(ConnectionResetError):
            Wire(dated)({**environ(), "werkzeug.socket": ours}, started)
        head = read(theirs).partition(b"\r\n\r\n")[0].lower()

    assert re.findall(rb"date: .*", head) == [b"date: sun, 22 nov 2026 08:30:09 gmt\r"]


def test_what_a_client_sends_meanwhile_neither_hastens_its_answer_nor_is_lost(app: App) -> None:
    app.deliver(delay=0.2)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"the next request")
        took = elapsed(lambda: Wire(app)({**environ(), "werkzeug.socket": ours}, started))

        assert ours.recv(100) == b"the next request"
    assert took >= 0.2
    # The server has the answer now, and closes it when it is sent.
    assert app.heard()


@pytest.mark.parametrize("act", ACTS)
def test_a_server_that_gives_no_socket_says_so(app: App, act: str) -> None:
    app.deliver(act)

    answer = Client(Wire(app)).post("/", json={})

    assert answer.status_code == 500
    assert answer.text.startswith(f"The fault '{act}' needs the client's socket, and this server hands none")
    assert app.heard("closed")


def test_an_answer_is_late_without_a_socket_too(app: App) -> None:
    app.deliver(delay=0.2)

    assert elapsed(lambda: Client(Wire(app)).post("/", json={}).close()) >= 0.2
    assert app.heard("closed")


def test_the_delivery_of_one_call_is_not_that_of_the_next() -> None:
    def plain(_: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        return [BODY]

    assert list(Wire(plain)({**environ(), DELIVERY: Delivery(act="empty")}, started)) == [BODY]


def test_an_application_that_writes_instead_of_giving_its_body_back_is_refused() -> None:
    def writing(_: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])(BODY)
        return []

    with pytest.raises(NotImplementedError, match="gives its body back, and does not write it"):
        Wire(writing)(environ(), started)
