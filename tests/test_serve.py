"""The server of `pixelpact serve`: what it does with connections, bodies and slow clients, and how it stops."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest
from pixelpact.doors import connection as connections
from pixelpact.doors import serving
from pixelpact.doors.replies import ended
from pixelpact.service.calls import DELIVERY, Delivery

from tests.serving import Served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LIMIT = 100_000
LATE = 5.0  # seconds


class Echo:
    """Tells what was asked, as JSON. /slow waits for `may_go`, /late is late, /fails raises."""

    def __init__(self) -> None:
        self.may_go = threading.Event()
        self.began = threading.Semaphore(0)
        self.threads: set[str] = set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.threads.add(threading.current_thread().name)
        self.began.release()
        if path == "/slow":
            assert self.may_go.wait(LATE)
        if path == "/late":
            environ[DELIVERY] = Delivery(float(environ["QUERY_STRING"] or 60))
        if path == "/fails":
            raise ZeroDivisionError
        body = environ["wsgi.input"].read()
        length = int(environ.get("CONTENT_LENGTH") or len(body))
        told = json.dumps({"method": environ["REQUEST_METHOD"], "path": path, "length": length, "read": len(body)})
        status = "413 Content Too Large" if max(length, len(body)) > LIMIT else "200 OK"
        start_response("304 Not Modified" if path == "/304" else status, [("Content-Type", "application/json")])
        return [told.encode()] if environ["REQUEST_METHOD"] != "HEAD" else []


@pytest.fixture
def app() -> Echo:
    return Echo()


@pytest.fixture
def served(app: Echo) -> Iterator[Served]:
    with Served(app, LIMIT) as running:
        yield running
        app.may_go.set()


def connected(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(served.url).port or 0), timeout=LATE)


def asked(served: Served, *parts: bytes) -> bytes:
    """All that comes back on one connection."""
    with closing(connected(served)) as client:
        for part in parts:
            client.sendall(part)
        return rest(client)


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + LATE
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    return holds()


def rest(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65536), b""))


def request(path: str = "/", method: str = "GET", *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: here", *headers]
    return "".join(f"{line}\r\n" for line in [*lines, f"Content-Length: {len(body)}", ""]).encode() + body


CLOSE = "Connection: close"
JSON = "Content-Type: application/json"


def test_one_connection_has_many_answers_in_order(served: Served) -> None:
    said = asked(served, *(request(f"/{number}") for number in range(50)), request("/last", "GET", CLOSE))

    assert said.count(b"HTTP/1.1 200 OK\r\n") == 51
    assert [f'"/{number}"'.encode() in part for number, part in enumerate(said.split(b"HTTP/1.1 ")[1:51])] == [
        True
    ] * 50


def test_requests_that_come_together_are_answered_one_after_the_other(served: Served) -> None:
    said = asked(served, request("/a", "POST", body=b"{}") * 200 + request("/b", "GET", CLOSE))

    assert (said.count(b'"/a"'), said.count(b'"/b"')) == (200, 1)


def test_a_head_has_the_length_and_no_body(served: Served) -> None:
    said = asked(served, request("/", "HEAD", CLOSE))

    assert said.endswith(b"\r\n\r\n")
    assert b"Content-Length: 0\r\n" in said


@pytest.mark.parametrize("way", ["/304"])
def test_what_has_no_body_has_no_length(served: Served, way: str) -> None:
    said = asked(served, request(way, "GET", CLOSE))

    assert said.endswith(b"\r\n\r\n")
    assert b"Content-Length" not in said


def test_a_body_in_chunks_is_put_together(served: Served) -> None:
    head = b"POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"

    assert b'"read": 5}' in asked(served, head, b"2\r\nab\r\n", b"3\r\ncde\r\n0\r\n\r\n")


def test_a_client_that_expects_to_be_asked_for_its_body_is_asked(served: Served) -> None:
    head, body = request("/", "POST", CLOSE, "Expect: 100-continue", body=b"x" * 10)[:-10], b"x" * 10
    with closing(connected(served)) as client:
        client.sendall(head)
        told = client.recv(100)
        client.sendall(body)
        said = rest(client)

    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert b'"read": 10}' in said


@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_body_over_the_limit_is_refused_and_its_sender_hears_of_it(served: Served, in_chunks: bool) -> None:
    body = b"x" * 4_000_000
    parts = (body[start : start + 1000] for start in range(0, len(body), 1000))
    answer = httpx.post(served.url, content=parts if in_chunks else body, trust_env=False)

    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert answer.json()["read"] <= LIMIT + serving.BUFFER


def test_who_sends_too_much_is_heard_to_the_end(served: Served) -> None:
    sent = request("/", "POST", body=b"x" * 4_000_000)
    with closing(connected(served)) as client:
        for start in range(0, len(sent), 100_000):
            client.sendall(sent[start : start + 100_000])
            time.sleep(0.002)

        assert rest(client).startswith(b"HTTP/1.1 413 ")


def test_what_is_too_much_is_not_asked_for(served: Served) -> None:
    said = asked(served, request("/", "POST", "Expect: 100-continue", body=b"x" * (LIMIT + 2))[: -LIMIT - 2])

    assert said.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400 Bad Request"),
        (b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\n\r\n", b"414 URI Too Long"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", b"431 Request Header Fields Too Large"),
    ],
)
def test_what_cannot_be_read_is_refused_after_what_could(served: Served, sent: bytes, status: bytes) -> None:
    said = asked(served, request("/before") + sent)

    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 " + status + b"\r\n" in said


def test_a_client_that_ends_its_side_has_its_answer(served: Served, app: Echo) -> None:
    with closing(connected(served)) as client:
        client.sendall(request("/slow"))
        client.shutdown(socket.SHUT_WR)
        assert app.began.acquire(timeout=LATE)
        app.may_go.set()

        assert b'"/slow"' in rest(client)


def test_an_old_client_keeps_its_connection_if_it_asks(served: Served) -> None:
    said = asked(served, b"GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", b"GET /2 HTTP/1.0\r\n\r\n")

    assert said.count(b"Connection: keep-alive\r\n") == 1
    assert said.count(b"Connection: close\r\n") == 1


# What is slow


def test_what_is_small_is_answered_on_the_loop_and_the_rest_in_threads(served: Served, app: Echo) -> None:
    loop = served._thread.name
    asked(served, request("/", "POST", JSON, CLOSE, body=b'{"prompt": "x"}'))

    assert app.threads == {loop}


HEAVY_BODIES = [
    *(b'{"image": "x"}', b'{"Image_URL": "x"}', b'{"\\u0069mage": "x"}', b'{"response_format": "b64_json"}'),
    *(b'{"convert_base64_to_url": false}', b'{"any": "https://x"}', b'{"any": "data:,A"}'),
    *(b'{"enable_sync_mode": true}', b'{"mask": "x"}', b'{"type": "Buffer"}'),
    b'{"any": "%b"}' % (b"iVBORw0KGgo" * 40),
    b'{"prompt": "%b"}' % (b"x " * 1100),
]


@pytest.mark.parametrize("body", HEAVY_BODIES)
def test_what_may_hold_or_ask_for_a_picture_is_answered_in_a_thread(served: Served, app: Echo, body: bytes) -> None:
    asked(served, request("/", "POST", JSON, CLOSE, body=body))

    assert all(name.startswith("pixelpact") for name in app.threads)


def test_a_form_and_a_question_are_answered_in_threads(served: Served, app: Echo) -> None:
    form = "Content-Type: multipart/form-data; boundary=b"
    asked(served, request("/", "POST", form, body=b"{}"), request("/", "GET", CLOSE))

    assert all(name.startswith("pixelpact") for name in app.threads)


def test_an_application_that_is_slow_is_waited_for_in_threads_until_it_is_quick(served: Served, app: Echo) -> None:
    loop = served._thread.name
    small, slow = (request(path, "POST", JSON, CLOSE, body=b"{}") for path in ("/", "/slow"))
    threading.Timer(0.1, app.may_go.set).start()
    asked(served, slow)
    app.threads = set()
    asked(served, small)
    meanwhile, app.threads = app.threads, set()
    asked(served, small)

    assert loop not in meanwhile
    assert app.threads == {loop}


def test_beyond_so_many_connections_further_ones_are_closed(served: Served) -> None:
    served.serving.most_connections = 2
    with closing(connected(served)) as one, closing(connected(served)) as two:
        for client in (one, two):
            client.sendall(request("/"))
            assert b"200 OK" in client.recv(1000)
        with closing(connected(served)) as third, suppress(ConnectionError):
            assert rest(third) == b""
    assert b"200 OK" in asked(served, request("/", "GET", CLOSE))


def test_bodies_that_do_not_come_whole_hold_so_much_and_no_more(app: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_HELD", 150_000)
    part = b"POST / HTTP/1.1\r\nContent-Length: 500000\r\n\r\n" + bytes(100_000)
    with Served(app, 1_000_000) as served:
        with closing(connected(served)) as one, closing(connected(served)) as two:
            one.sendall(part)
            assert eventually(lambda: served.serving.held == 100_000)
            two.sendall(part)
            assert rest(two).startswith(b"HTTP/1.1 503 ")
        assert eventually(lambda: served.serving.held == 0)


def test_others_are_served_while_a_few_are_slow_and_many_are_late(served: Served, app: Echo) -> None:
    with ExitStack() as stack:
        for number in range(70):
            client = stack.enter_context(closing(connected(served)))
            client.sendall(request("/slow") if number < 10 else request("/late", "POST", body=b"{}"))
        for _ in range(70):
            assert app.began.acquire(timeout=LATE)
        before = time.monotonic()
        said = [asked(served, request("/", "POST", CLOSE, body=b"{}")) for _ in range(20)]
        took = time.monotonic() - before
        threads = threading.active_count()
        app.may_go.set()

    assert all(b"200 OK" in each for each in said)
    # Late ones wait in no thread.
    assert threads < 40
    assert took < 2


def test_slow_senders_stop_nobody_and_are_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.7)
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(connected(served))) for _ in range(200)]
        for number, client in enumerate(clients):
            client.sendall([b"", b"GET / HT", request("/", "POST", body=b"{}")[:-1]][number % 3])
        answer = httpx.get(served.url, trust_env=False)
        ends = [rest(client)[:12] for client in clients[:6]]

    assert answer.status_code == 200
    assert ends == [b"", b"HTTP/1.1 408", b"HTTP/1.1 408"] * 2


def test_a_byte_now_and_then_is_not_enough(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.7)
    with closing(connected(served)) as client:
        client.settimeout(0.1)
        said = b""
        for byte in request("/", "GET", "X: " + "y" * 1000):
            client.sendall(bytes([byte]))
            try:
                said = client.recv(100)
                break
            except TimeoutError:
                pass

    assert said.startswith(b"HTTP/1.1 408 ")


def test_an_application_that_fails_ends_its_connection_and_no_other(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    assert asked(served, request("/fails")) == b""
    assert asked(served, request("/fails", "POST", body=b"{}")) == b""
    assert b"200 OK" in asked(served, request("/", "GET", CLOSE))
    assert caplog.text.count("\nZeroDivisionError") == 2


@pytest.mark.parametrize("act", ["reset", "truncated", "malformed-chunk", "empty"])
def test_broken_answers_leave_nothing_behind(act: str) -> None:
    def broken(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        environ[DELIVERY] = Delivery(act=act)
        start_response("200 OK", [])
        return [b"x" * 100]

    with Served(broken, LIMIT) as served:
        ask(served, 1)
        before = opened()
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: ask(served, 16), range(16)))
        end = time.monotonic() + LATE
        while served.serving.connections and time.monotonic() < end:
            time.sleep(0.01)

        assert (served.serving.connections, opened()) == (set(), before)


def opened() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def ask(served: Served, times: int) -> None:
    for _ in range(times):
        with suppress(ConnectionResetError):
            asked(served, request("/", "POST", body=b"{}"))


# Stopping


def test_what_is_under_way_is_answered_before_it_stops(served: Served, app: Echo) -> None:
    with closing(connected(served)) as slow, closing(connected(served)) as idle:
        slow.sendall(request("/slow"))
        idle.sendall(request("/"))
        assert b"200 OK" in idle.recv(1000)
        assert app.began.acquire(timeout=LATE)
        served.stop()

        assert rest(idle) == b""
        with pytest.raises(OSError, match="refused"):
            connected(served)
        app.may_go.set()
        said = rest(slow)

    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in said


def test_an_answer_that_is_a_little_late_still_comes_when_the_server_stops(served: Served, app: Echo) -> None:
    with closing(connected(served)) as late:
        late.sendall(request("/late?0.4"))
        assert app.began.acquire(timeout=LATE)
        served.stop()

        assert rest(late).startswith(b"HTTP/1.1 200 OK\r\n")


def test_who_waits_for_an_answer_that_comes_too_late_is_let_go(served: Served, app: Echo) -> None:
    with closing(connected(served)) as late:
        late.sendall(request("/late"))
        assert app.began.acquire(timeout=LATE)
        before = time.monotonic()
        served.stop()

        assert rest(late) == b""
    assert time.monotonic() - before < 2


def hurried(served: Served) -> None:
    served.stop()


def patient(_: Served) -> None:
    """Let the grace pass."""


@pytest.mark.parametrize("then", [hurried, patient])
def test_it_does_not_wait_for_ever(app: Echo, monkeypatch: pytest.MonkeyPatch, then: Callable[[Served], None]) -> None:
    monkeypatch.setattr(serving, "GRACE", 0.3 if then is patient else 60)
    with Served(app, LIMIT) as served, closing(connected(served)) as slow:
        slow.sendall(request("/slow"))
        assert app.began.acquire(timeout=LATE)
        served.stop()
        time.sleep(0.1)
        then(served)
        served._thread.join(LATE)
        app.may_go.set()

    assert served.has_ended is False


# What is kept of all together


def tall(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answers with as many bytes as its path says."""
    if environ["QUERY_STRING"]:
        environ[DELIVERY] = Delivery(float(environ["QUERY_STRING"]))
    start_response("200 OK", [])
    return [bytes(int(environ["PATH_INFO"][1:]))]


BUSY = b"HTTP/1.1 503 Service Unavailable\r\n"


def test_bodies_that_are_answered_count_until_they_are(app: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_HELD", 150_000)
    with Served(app, 1_000_000) as served:
        with closing(connected(served)) as one:
            one.sendall(request("/slow", "POST", CLOSE, body=bytes(100_000)))
            assert app.began.acquire(timeout=LATE)
            refused = asked(served, request("/", "POST", body=bytes(70_000)))
            small = asked(served, request("/", "POST", CLOSE, body=bytes(30_000)))
            app.may_go.set()
            assert b"200 OK" in rest(one)
        assert eventually(lambda: served.serving.held == 0)
        again = asked(served, request("/", "POST", CLOSE, body=bytes(70_000)))

    assert refused.startswith(BUSY)
    assert b"\r\nRetry-After: 1\r\n" in refused
    assert b"200 OK" in small
    assert b"200 OK" in again


MUCH = 8_000_000


@pytest.mark.parametrize("way", [f"/{MUCH}", f"/{MUCH}?60"])
def test_answers_that_nobody_takes_and_late_ones_count_until_they_are_sent(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(connections, "MOST_HELD", MUCH + MUCH // 4)
    with Served(tall, LIMIT) as served:
        with closing(connected(served)) as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(request(way))
            assert eventually(lambda: served.serving.held > MUCH // 3)
            refused = asked(served, request(f"/{MUCH}", "GET", CLOSE))
            small = asked(served, request("/1000", "GET", CLOSE))
        assert eventually(lambda: served.serving.held == 0)
        again = asked(served, request(f"/{MUCH}", "GET", CLOSE))

    assert refused.startswith(BUSY)
    assert b"\r\nRetry-After: 1\r\n" in refused
    assert small.endswith(bytes(1000))
    assert len(again) > MUCH


class Narrow(socket.socket):
    """A listener whose connections keep nearly all that is not taken in the server."""

    def accept(self) -> tuple[socket.socket, object]:
        accepted, peer = super().accept()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return accepted, peer


def test_an_answer_counts_no_more_once_it_is_taken() -> None:
    length = connections.AHEAD - 1000
    with Served(tall, LIMIT, Narrow) as served, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(LATE)
        client.connect(("127.0.0.1", urlsplit(served.url).port))
        client.sendall(request(f"/{length}"))
        assert eventually(lambda: served.serving.held > 0)
        taken = 0
        while taken < length:
            taken += len(client.recv(65536))

        assert eventually(lambda: served.serving.held == 0)


def test_what_is_sent_ahead_while_too_much_is_kept_is_not_answered(app: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_HELD", connections.AHEAD)
    with Served(app, 1_000_000) as served, closing(connected(served)) as one:
        one.sendall(request("/slow", "POST", body=b"{}"))
        assert app.began.acquire(timeout=LATE)
        one.sendall(request("/ahead", "POST", body=bytes(200_000)))
        assert eventually(lambda: not one_of(served)._keep)
        assert eventually(lambda: served.serving.held < connections.AHEAD + 1)
        app.may_go.set()
        said = rest(one)

    assert said.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close\r\n" in said


def one_of(served: Served) -> connections.Connection:
    (only,) = served.serving.connections
    return only


@pytest.mark.parametrize("pause", [0.0, 0.2])
def test_what_was_asked_is_answered_though_the_client_ends_its_side_while_it_takes_nothing(pause: float) -> None:
    with Served(tall, LIMIT) as served, closing(connected(served)) as client:
        client.sendall(request(f"/{MUCH}") + request("/1000") + request("/2000"))
        client.shutdown(socket.SHUT_WR)
        assert eventually(lambda: bool(served.serving.connections) and one_of(served)._is_full)
        time.sleep(pause)

        said = rest(client)

    assert said.count(b"HTTP/1.1 200 OK\r\n") == 3


@pytest.mark.parametrize("late", ["", "0.05"])
def test_an_answer_that_cannot_be_written_ends_its_connection(late: str, caplog: pytest.LogCaptureFixture) -> None:
    def odd(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        if late:
            environ[DELIVERY] = Delivery(float(late))
        start_response("200 OK", [("X-Odd", "\N{SNOWMAN}")])
        return [b""]

    with Served(odd, LIMIT) as served:
        with suppress(ConnectionError):
            assert asked(served, request("/")) == b""
        assert eventually(lambda: not served.serving.connections)

    assert caplog.text.count("\nUnicodeEncodeError") == 1


def test_that_there_is_no_room_for_a_connection_is_said_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, app: Echo
) -> None:
    class Listener(socket.socket):
        """A socket of a system that has no descriptor left, for a while."""

        tries = 0

        def accept(self) -> tuple[socket.socket, object]:
            Listener.tries += 1
            if Listener.tries <= serving.AT_ONCE:
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    with Served(app, LIMIT, Listener) as served:
        said = asked(served, request("/", "GET", CLOSE))

    assert b"200 OK" in said
    assert [record.message for record in caplog.records] == [
        "no connection can be accepted: Too many open files; it is tried again every second"
    ]


class Reset(asyncio.Transport):
    def write_eof(self) -> None:
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")


def test_our_side_of_a_connection_that_was_reset_cannot_be_ended() -> None:
    assert ended(Reset()) is False
