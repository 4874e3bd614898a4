"""The mock in process: a call without a socket, who is answered and who refused, and faults as each client has them."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import httpx2
import openai
import pytest
import requests
import responses
import respx
import urllib3
from pixelpact.doors import interception
from pixelpact.doors.gate import BadHost, Gate, Refused
from pixelpact.doors.inprocess import CUT, DRIBBLE, EMPTY, RESET, TIMEOUT, call
from pixelpact.doors.interception import AlreadyIntercepted, CannotIntercept, Interception
from pixelpact.doors.server import Server
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Size
from pixelpact.service.app import create_app, mock_of
from pixelpact.service.calls import DELIVERY, Delivery
from pixelpact.service.faults import ACTS
from pixelpact.service.settings import Settings

from tests.senders import ASYNC, SENDERS, Reply, Sending, run

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

API = "https://api.aimlapi.com"
ENDPOINT = f"{API}/v1/images/generations"
HEADERS = {"Authorization": "Bearer k", "Content-Type": "application/json"}
DRAWN = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "512x512", "seed": 1}
BODY = b'{"a": "%b"}' % (b"x" * 400)


@dataclass
class Tiny:
    """An app of one answer. `told` is what it hears of the delivery, `seen` what it was asked."""

    delivery: Delivery = field(default_factory=Delivery)
    headers: list[tuple[str, str]] = field(default_factory=lambda: [("Content-Type", "application/json")])
    body: bytes = BODY
    status: str = "200 OK"
    told: list[str] = field(default_factory=list)
    seen: list[WSGIEnvironment] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.seen.append(environ)
        self.asked.append(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        environ[DELIVERY] = replace(self.delivery, gone=lambda: self.told.append("gone"))
        start_response(self.status, [*self.headers, ("Content-Length", str(len(self.body)))])
        return _Parts(self, b"" if environ["REQUEST_METHOD"] == "HEAD" else self.body)

    def close(self) -> None:
        self.told.append("closed")


@dataclass
class _Parts:
    app: Tiny
    body: bytes

    def __iter__(self) -> Iterator[bytes]:
        yield self.body

    def close(self) -> None:
        self.app.close()


@pytest.fixture(scope="module")
def served() -> Iterator[Server]:
    """Another server on this machine."""
    with Server(Tiny()) as server:
        yield server


def tiny(act: str = "", seconds: float = 0.0, delay: float = 0.0) -> Tiny:
    return Tiny(Delivery(delay, act, seconds))


def draw(**fields: Any) -> Sending:
    return Sending("POST", ENDPOINT, HEADERS, json.dumps({**DRAWN, **fields}).encode())


# A call


def test_a_call_keeps_what_was_asked_and_answered() -> None:
    app = Tiny(headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])

    outcome = call(app, "PUT", "https://host.example:8443/a%20b//c?d=%2F&d=", [("X-One", "1"), ("X-One", "2")], b"body")

    assert (outcome.status, outcome.reason, outcome.body) == (200, "OK", BODY)
    assert outcome.headers == (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Length", str(len(BODY))))
    (seen,) = app.seen
    names = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_HOST", "wsgi.url_scheme", "REMOTE_ADDR", "HTTP_X_ONE")
    assert [seen[name] for name in names] == [
        *("PUT", "/a b//c", "d=%2F&d=", "host.example:8443", "https", "127.0.0.1", "1, 2")
    ]
    assert app.asked == [b"body"]


@pytest.mark.parametrize(
    ("url", "path"),
    [(API, "/"), (f"{API}?a", "/"), (f"{API}//x/y", "//x/y"), (f"{API}/caf%C3%A9", "/caf\u00c3\u00a9")],
)
def test_the_path_is_as_a_server_gives_it(url: str, path: str) -> None:
    app = Tiny()

    call(app, "GET", url, [], b"")

    assert app.seen[0]["PATH_INFO"] == path


def test_a_host_that_was_sent_counts_more_than_that_of_the_url() -> None:
    app = Tiny()

    call(app, "GET", "https://user:word@there.example/", [("Host", "here.example")], b"")
    call(app, "GET", "https://user:word@there.example/", [], b"")

    assert [seen["HTTP_HOST"] for seen in app.seen] == ["here.example", "there.example"]


def test_a_body_that_came_in_chunks_is_whole() -> None:
    app = Tiny()

    call(app, "POST", API, [("Transfer-Encoding", "chunked")], b"body")

    assert (app.asked, app.seen[0]["CONTENT_LENGTH"]) == ([b"body"], "4")
    assert "HTTP_TRANSFER_ENCODING" not in app.seen[0]


def test_a_call_is_under_way_until_it_is_closed() -> None:
    app = tiny("reset", delay=3)

    outcome = call(app, "GET", API, [], b"")
    before = list(app.told)
    outcome.close()

    assert (outcome.delivery.act, outcome.delivery.delay) == ("reset", 3)
    assert (before, app.told) == ([], ["closed"])


def test_every_act_of_a_fault_is_known_in_process() -> None:
    assert {TIMEOUT, RESET, EMPTY, DRIBBLE, *CUT} == set(ACTS)


# Who is answered


def test_a_link_leads_back_into_the_mock() -> None:
    with Interception(create_app()):
        link = json.loads(SENDERS["requests"](draw()).body)["data"][0]["url"]
        pictures = {SENDERS[library](Sending("GET", link)).body for library in SENDERS}

    assert link.startswith(f"{API}/")
    assert len(pictures) == 1
    assert pictures.pop().startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("url", ["http://api.aimlapi.com/health", "https://API.aimlapi.com:443/health"])
@pytest.mark.parametrize("library", SENDERS)
def test_the_host_alone_decides(library: str, url: str) -> None:
    with Interception(create_app()):
        assert SENDERS[library](Sending("GET", url)).status == 200


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://api.aimlapi.com/", "api.aimlapi.com"),
        ("https://api.aimlapi.com/", "api.aimlapi.com"),
        ("http://api.aimlapi.com:8443/", "api.aimlapi.com:8443"),
    ],
)
@pytest.mark.parametrize("library", SENDERS)
def test_a_port_is_sent_unless_it_is_the_schemes_own(library: str, url: str, host: str) -> None:
    app = Tiny()
    with Interception(app):
        SENDERS[library](Sending("GET", url))

    assert app.seen[0]["HTTP_HOST"] == host


@pytest.mark.parametrize("library", SENDERS)
def test_a_large_request_and_answer_arrive_whole(library: str) -> None:
    app = Tiny(body=bytes(range(256)) * 20_000)

    with Interception(app):
        reply = SENDERS[library](Sending("POST", ENDPOINT, {}, b"0123456789" * 500_000))

    assert app.asked == [b"0123456789" * 500_000]
    assert reply.body == app.body


async def parts() -> AsyncIterator[bytes]:
    for part in (b"one ", b"two"):
        yield part


def test_a_body_of_parts_arrives_whole_from_each_client() -> None:
    async def by_both() -> None:
        async with httpx.AsyncClient() as client, aiohttp.ClientSession() as session:
            await client.post(ENDPOINT, content=parts())
            async with session.post(ENDPOINT, data=parts()) as answer:
                await answer.read()

    app = Tiny()
    with Interception(app):
        asyncio.run(by_both())
        httpx.post(ENDPOINT, content=iter([b"one ", b"two"]))
        requests.post(ENDPOINT, data=iter([b"one ", b"two"]), timeout=9)

    assert app.asked == [b"one two"] * 4


def test_aiohttp_keeps_its_own_ways() -> None:
    async def sign(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        request.headers["Authorization"] = "Bearer of-a-middleware"
        return await handler(request)

    async def ask() -> None:
        async with aiohttp.ClientSession(base_url=API, middlewares=(sign,), cookies={"c": "1"}) as session:
            async with session.post("/v1/x", json={"a": 1}, params={"b": "2"}, expect100=True) as answer:
                assert await answer.json() == json.loads(BODY)
            assert [cookie.key for cookie in session.cookie_jar] == ["c", "set"]

    app = Tiny(headers=[("Content-Type", "application/json"), ("Set-Cookie", "set=1")])
    with Interception(app):
        asyncio.run(ask())

    (seen,) = app.seen
    names = ("HTTP_AUTHORIZATION", "CONTENT_TYPE", "PATH_INFO", "QUERY_STRING", "HTTP_COOKIE")
    assert [seen[name] for name in names] == ["Bearer of-a-middleware", "application/json", "/v1/x", "b=2", "c=1"]
    assert app.asked == [b'{"a": 1}']


def test_requests_keeps_cookies_and_its_hooks() -> None:
    heard: list[str] = []
    with Interception(Tiny(headers=[("Set-Cookie", "set=1")])), requests.Session() as session:
        session.get(API, hooks={"response": lambda answer, **_: heard.append(answer.url)})
        cookies = session.cookies.get_dict()

    assert (heard, cookies) == ([f"{API}/"], {"set": "1"})


def test_a_client_of_a_web_framework_goes_its_own_way() -> None:
    with Interception(Tiny()), httpx.Client(transport=httpx.WSGITransport(Tiny(body=b"own"))) as client:
        assert client.get("http://testserver/").content == b"own"


def test_a_session_that_outlives_the_interception_finds_nothing_of_it_in_its_pool(served: Server) -> None:
    async def ask() -> list[bytes]:
        async with aiohttp.ClientSession() as session:
            with Interception(Tiny(body=b"mocked"), hosts=["127.0.0.1"]):
                first = await (await session.get(served.url)).read()
            return [first, await (await session.get(served.url)).read()]

    assert asyncio.run(ask()) == [b"mocked", BODY]


def test_a_connection_from_before_is_not_used_while_it_lasts(served: Server) -> None:
    with requests.Session() as session:
        bodies = [session.get(served.url).content]
        with Interception(Tiny(body=b"mocked"), hosts=["127.0.0.1"]):
            bodies.append(session.get(served.url).content)
        bodies.append(session.get(served.url).content)

    assert bodies == [BODY, b"mocked", BODY]


@pytest.mark.parametrize("url", [f"{API}/health", "http://api.aimlapi.com/health"])
@pytest.mark.parametrize("library", SENDERS)
def test_a_proxy_of_the_environment_is_not_asked(library: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with Interception(create_app()):
        assert SENDERS[library](Sending("GET", url)).status == 200


@pytest.mark.parametrize("library", SENDERS)
def test_after_it_the_clients_are_as_before(library: str, served: Server) -> None:
    with suppress(ZeroDivisionError), Interception(Tiny()):
        raise ZeroDivisionError

    assert SENDERS[library](Sending("GET", served.url)).body == BODY


# Who is refused

ELSEWHERE = "https://user:secret@example.com:81/secret?key=secret"
REFUSED = "GET https://example.com:81"
SAID = (
    f"{REFUSED} was refused: pixelpact_mock answers {API} alone; to let others pass, name them in the fixture "
    "pixelpact_allow_hosts (of an Interception: allow_hosts)"
)


@pytest.mark.parametrize("library", SENDERS)
def test_another_host_is_refused_by_its_name(library: str) -> None:
    with Interception(Tiny()) as intercepted, pytest.raises(Refused) as caught:
        SENDERS[library](Sending("GET", ELSEWHERE))

    assert str(caught.value) == SAID
    assert intercepted.refused == [REFUSED]


@pytest.mark.parametrize(
    "url", ["https://xapi.aimlapi.com/", "https://api.aimlapi.com.example/", "https://aimlapi.com/"]
)
@pytest.mark.parametrize("library", SENDERS)
def test_a_host_of_a_similar_name_is_another(library: str, url: str) -> None:
    with Interception(Tiny()), pytest.raises(Refused):
        SENDERS[library](Sending("GET", url))


@pytest.mark.parametrize("library", SENDERS)
def test_this_machine_is_another_host(library: str, served: Server) -> None:
    with Interception(Tiny()), pytest.raises(Refused, match=r"GET http://127\.0\.0\.1:"):
        SENDERS[library](Sending("GET", served.url))


@pytest.mark.parametrize("library", SENDERS)
def test_an_allowed_host_is_asked_itself(library: str, served: Server) -> None:
    app = Tiny(body=b"mocked")

    with Interception(app, allow_hosts=["127.0.0.1"]) as intercepted:
        replies = [SENDERS[library](Sending("POST", url, {}, b"asked")).body for url in (served.url, API)]

    assert (replies, intercepted.refused) == ([BODY, b"mocked"], [])


@pytest.mark.parametrize("library", SENDERS)
def test_a_host_may_be_allowed_on_one_port_alone(library: str, served: Server) -> None:
    with Interception(Tiny(), allow_hosts=[urlsplit(served.url).netloc]) as intercepted:
        body = SENDERS[library](Sending("GET", served.url)).body
        with pytest.raises(Refused):
            SENDERS[library](Sending("GET", "http://127.0.0.1:9/"))

    assert (body, intercepted.refused) == (BODY, ["GET http://127.0.0.1:9"])


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("EXAMPLE.com:443", "https://example.com/"),
        ("example.com:80", "http://example.com./"),
        ("::1", "http://[::1]:8080/"),
        ("[::1]", "http://[::1]:8080/"),
        ("[::1]:8080", "http://[::1]:8080/"),
    ],
)
def test_an_allowed_host_is_known_however_it_is_written(allowed: str, url: str) -> None:
    assert not Gate(Tiny(), ["api.aimlapi.com"], [allowed]).answers("GET", url)


def test_an_allowed_host_that_is_none_is_told() -> None:
    with pytest.raises(BadHost) as caught:
        Interception(Tiny(), allow_hosts=["http://127.0.0.1:5000"])

    assert str(caught.value) == "allow_hosts: expected a host, or host:port, received 'http://127.0.0.1:5000'"


def test_an_sdk_neither_swallows_a_refusal_nor_tries_again() -> None:
    with (
        Interception(Tiny()) as intercepted,
        openai.OpenAI(base_url="https://api.openai.com/v1", api_key="k", max_retries=5) as client,
        pytest.raises(Refused),
    ):
        client.models.list()

    assert intercepted.refused == ["GET https://api.openai.com"]


def test_a_refusal_that_was_caught_is_remembered() -> None:
    with Interception(Tiny()) as intercepted:
        for library in SENDERS:
            with suppress(BaseException):
                SENDERS[library](Sending("GET", ELSEWHERE))

    assert intercepted.refused == [REFUSED] * len(SENDERS)


def caught_itself() -> None:
    with suppress(BaseException):
        httpx.get(ELSEWHERE)


def came_out() -> None:
    httpx.get(ELSEWHERE)


def came_out_after_another() -> None:
    caught_itself()
    httpx.get(ELSEWHERE)


def came_out_of_a_group() -> None:
    async def both() -> None:
        async with asyncio.TaskGroup() as group, httpx.AsyncClient() as client:
            group.create_task(client.get(ELSEWHERE))
            await asyncio.sleep(1)

    asyncio.run(both())


def came_out_within_another() -> None:
    try:
        httpx.get(ELSEWHERE)
    except BaseException:  # noqa: BLE001  # what a program may do
        raise BadHost("of a class that cannot be hashed")  # noqa: B904


def hidden_by_another() -> None:
    try:
        httpx.get(ELSEWHERE)
    except BaseException:  # noqa: BLE001  # what a program may do
        raise ValueError from None


@pytest.mark.parametrize(
    ("work", "swallowed"),
    [
        (caught_itself, 1),
        (came_out, 0),
        (came_out_after_another, 1),
        (came_out_of_a_group, 0),
        (came_out_within_another, 0),
        (hidden_by_another, 1),
    ],
)
def test_a_refusal_is_swallowed_if_what_ends_the_test_does_not_tell_it(
    work: Callable[[], None], swallowed: int
) -> None:
    error: BaseException | None = None
    with Interception(Tiny()) as intercepted:
        try:
            work()
        except BaseException as end:  # noqa: BLE001  # as pytest does
            error = end

    assert intercepted.swallowed(error) == [REFUSED] * swallowed


@pytest.mark.parametrize("library", SENDERS)
def test_code_that_shrugs_off_every_exception_stumbles_over_a_refusal(library: str) -> None:
    with Interception(Tiny()), pytest.raises(Refused), suppress(Exception):
        SENDERS[library](Sending("GET", ELSEWHERE))


def test_a_tests_own_respx_may_answer_other_hosts() -> None:
    with Interception(Tiny()) as intercepted, respx.mock as router:
        router.get("https://example.com/").respond(201)
        statuses = [httpx.get(url).status_code for url in ("https://example.com/", API)]
        with pytest.raises(AssertionError, match="not mocked"):
            httpx.get("https://example.org/")

    assert (statuses, intercepted.refused) == ([201, 200], [])


@pytest.mark.parametrize("inner", [True, False], ids=["within", "around"])
def test_what_a_tests_own_respx_lets_pass_is_answered_all_the_same(inner: bool, served: Server) -> None:
    intercepted, own = Interception(Tiny(body=b"mocked"), hosts=["127.0.0.1"]), respx.mock(assert_all_called=False)
    own.route().pass_through()
    with ExitStack() as both:
        for mock in (intercepted, own) if inner else (own, intercepted):
            both.enter_context(mock)
        assert httpx.get(served.url).content == b"mocked"


@contextmanager
def theirs(*, lets_pass: str = "") -> Iterator[None]:
    """A test's own responses."""
    with responses.RequestsMock() as mock:
        mock.get("https://example.com/", status=201)
        if lets_pass:
            mock.add_passthru(lets_pass)
        yield


@pytest.mark.parametrize("inner", [True, False], ids=["within", "around"])
@pytest.mark.parametrize("lets_pass", ["", API])
def test_a_tests_own_responses_may_answer_other_hosts(lets_pass: str, inner: bool) -> None:
    intercepted, own = Interception(Tiny()), theirs(lets_pass=lets_pass)
    with ExitStack() as both:
        for mock in (intercepted, own) if inner else (own, intercepted):
            both.enter_context(mock)
        statuses = [requests.get(url, timeout=9).status_code for url in ("https://example.com/", API)]
        with pytest.raises(requests.ConnectionError, match="refused by Responses"):
            requests.get("https://example.org/", timeout=9)

    assert (statuses, intercepted.refused) == ([201, 200], [])


@pytest.mark.parametrize("inner", [True, False], ids=["within", "around"])
def test_what_a_tests_own_responses_lets_pass_is_refused_below_it(inner: bool) -> None:
    intercepted, own = Interception(Tiny()), theirs(lets_pass="https://")
    with ExitStack() as both:
        for mock in (intercepted, own) if inner else (own, intercepted):
            both.enter_context(mock)
        status = requests.get("https://example.com/", timeout=9).status_code
        with pytest.raises(Refused):
            requests.get("https://example.org/", timeout=9)

    assert (status, intercepted.refused) == (201, ["GET https://example.org"])


def test_a_tests_own_responses_is_as_before_afterwards() -> None:
    with theirs():
        with Interception(Tiny()):
            requests.get(API, timeout=9)
        with pytest.raises(requests.ConnectionError, match="refused by Responses"):
            requests.get(API, timeout=9)
        requests.get("https://example.com/", timeout=9)


def test_what_the_mock_fetches_itself_is_not_refused() -> None:
    picture = Tiny(headers=[("Content-Type", "image/png")], body=sample(Size(64, 48)))
    with Server(picture) as server:
        host = urlsplit(server.url).netloc
        app = create_app(Settings(allowed_hosts=frozenset({host})))
        with Interception(app):
            edit = {"model": "bytedance/seededit-3.0-i2i", "image": f"{server.url}/picture.png"}
            statuses = [SENDERS[library](draw(**edit, size="adaptive")).status for library in SENDERS]

    assert (statuses, len(picture.seen)) == ([200] * len(SENDERS), len(SENDERS))


# One at a time


def test_a_second_interception_is_refused_until_the_first_has_ended() -> None:
    with Interception(Tiny()) as first:
        for again in (first, Interception(Tiny())):
            with pytest.raises(AlreadyIntercepted) as caught:
                again.__enter__()
        assert SENDERS["requests"](Sending("GET", API)).status == 200

    assert str(caught.value) == "an interception lasts already, pixelpact_mock or another: expected one at a time"
    with first:
        assert SENDERS["requests"](Sending("GET", API)).status == 200


# What is missing


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """As if these modules were not installed."""
    find = importlib.util.find_spec
    monkeypatch.setattr(interception, "find_spec", lambda name: None if name in names else find(name))


@pytest.mark.parametrize(
    ("client", "modules", "distributions"),
    [
        ("httpx", ["respx"], "respx"),
        ("httpx2", ["pytest_httpx2"], "pytest-httpx2"),
        ("requests", ["responses"], "responses"),
    ],
)
def test_a_client_that_nothing_intercepts_is_told_with_what_mends_it(
    client: str, modules: list[str], distributions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, *modules)

    with pytest.raises(CannotIntercept) as caught:
        Interception(Tiny()).__enter__()

    assert str(caught.value) == (
        f"{client} is installed, but nothing that intercepts it, so its calls would be paid for: "
        f"pip install {distributions}"
    )
    assert not respx.mocks.HTTPCoreMocker.routers
    monkeypatch.undo()
    with Interception(Tiny()):
        assert SENDERS["requests"](Sending("GET", API)).status == 200


def test_a_client_that_is_not_installed_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "httpx2", "pytest_httpx2", "requests", "responses", "aiohttp")

    with Interception(create_app()):
        assert SENDERS["httpx"](draw()).status == 200


def test_no_client_is_loaded_before_it_is_intercepted() -> None:
    code = "import sys, pixelpact.doors.interception; print(*{name.partition('.')[0] for name in sys.modules})"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert "pixelpact" in loaded
    assert {"httpx", "httpx2", "requests", "aiohttp", "respx", "responses", "flask"}.isdisjoint(loaded)


# Faults. What a client raises on a socket is the truth.

IMPATIENT = 0.3
METHODS = ("POST", "GET", "HEAD")


def ended(library: str, url: str, method: str) -> tuple[type[BaseException] | int, ...]:
    """How a call ends: in a status, or in an exception and the causes that it names."""
    try:
        return (SENDERS[library](Sending(method, url, timeout=IMPATIENT)).status,)
    except (httpx.HTTPError, httpx2.HTTPError, requests.RequestException, aiohttp.ClientError, TimeoutError) as error:
        return (type(error), *(type(told) for told in _told(error)))


def _told(error: BaseException) -> Iterator[BaseException]:
    for argument in error.args:
        if isinstance(argument, BaseException):
            yield argument
            yield from _told(argument)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("library", SENDERS)
def test_an_act_ends_in_process_as_on_a_socket(library: str, act: str, method: str) -> None:
    app = tiny(act, seconds={TIMEOUT: 60, DRIBBLE: 0.02}.get(act, 0))
    with Server(app) as server:
        expected = ended(library, server.url, method)

    with Interception(app):
        assert ended(library, ENDPOINT, method) == expected
    assert expected != (200,) or act == DRIBBLE or method == "HEAD"


@pytest.mark.parametrize("act", sorted(CUT))
@pytest.mark.parametrize("library", SENDERS)
def test_an_answer_without_a_body_is_cut_as_on_a_socket(library: str, act: str) -> None:
    app = replace(tiny(act), body=b"")
    with Server(app) as server:
        expected = ended(library, server.url, "POST")

    with Interception(app):
        assert ended(library, ENDPOINT, "POST") == expected
    assert (expected == (200,)) == (act == "truncated")


RAISED: dict[str, dict[str, type[BaseException]]] = {
    TIMEOUT: {"httpx": httpx.ReadTimeout, "requests": requests.ReadTimeout, "aiohttp": aiohttp.SocketTimeoutError},
    RESET: {"httpx": httpx.ReadError, "requests": requests.ConnectionError, "aiohttp": aiohttp.ClientOSError},
    EMPTY: {
        "httpx": httpx.RemoteProtocolError,
        "requests": requests.ConnectionError,
        "aiohttp": aiohttp.ServerDisconnectedError,
    },
}


@pytest.mark.parametrize("library", ["httpx", "requests", "aiohttp"])
@pytest.mark.parametrize("act", RAISED)
def test_an_act_is_the_exception_that_is_documented(act: str, library: str) -> None:
    with Interception(tiny(act)), pytest.raises(RAISED[act][library]):
        SENDERS[library](Sending("POST", ENDPOINT))


def read_by_httpx(url: str) -> list[Any]:
    with httpx.stream("GET", url) as answer:
        return _read(answer.status_code, answer.iter_raw())


def read_by_requests(url: str) -> list[Any]:
    with requests.get(url, stream=True, timeout=9) as answer:
        return _read(answer.status_code, answer.iter_content(50))


def _read(status: int, parts: Iterator[bytes]) -> list[Any]:
    """The status, how much came, and in what that ended."""
    length = 0
    try:
        for part in parts:
            length += len(part)
    except (httpx.HTTPError, requests.RequestException) as error:
        return [status, length, type(error)]
    return [status, length]


@pytest.mark.parametrize("act", sorted(CUT))
@pytest.mark.parametrize("read", [read_by_httpx, read_by_requests], ids=["httpx", "requests"])
def test_a_body_that_is_cut_fails_while_it_is_read(read: Callable[[str], list[Any]], act: str) -> None:
    app = tiny(act)
    with Server(app) as server:
        expected = read(server.url)

    with Interception(app):
        assert read(ENDPOINT) == expected
    assert expected[0] == 200
    assert expected[1] > 0


def test_aiohttp_has_the_head_before_the_body_breaks() -> None:
    async def ask() -> int:
        async with aiohttp.ClientSession() as session, session.post(ENDPOINT) as answer:
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()
            return answer.status

    with Interception(tiny("truncated")):
        assert asyncio.run(ask()) == 200


@pytest.mark.parametrize("act", [RESET, EMPTY])
def test_aiohttp_asks_again_for_what_may_be_asked_twice(act: str) -> None:
    app = tiny(act)
    with Interception(app), suppress(aiohttp.ClientConnectionError):
        SENDERS["aiohttp"](Sending("GET", ENDPOINT))

    assert len(app.seen) == 2


# Time


def taken(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def attempted(library: str, timeout: float) -> type[BaseException] | int:
    try:
        return SENDERS[library](Sending("POST", ENDPOINT, timeout=timeout)).status
    except (httpx.TimeoutException, httpx2.TimeoutException, requests.Timeout, TimeoutError) as error:
        return type(error)


LATE: dict[str, type[BaseException]] = {
    "httpx": httpx.ReadTimeout,
    "httpx-async": httpx.ReadTimeout,
    "httpx2": httpx2.ReadTimeout,
    "httpx2-async": httpx2.ReadTimeout,
    "requests": requests.ReadTimeout,
    "aiohttp": aiohttp.SocketTimeoutError,
}


@pytest.mark.parametrize("library", SENDERS)
def test_a_delay_is_waited_for_and_the_call_under_way_until_then(library: str) -> None:
    app = tiny(delay=0.15)
    with Interception(app):
        elapsed = taken(lambda: SENDERS[library](Sending("POST", ENDPOINT)))

    assert 0.15 <= elapsed < 1
    assert app.told == ["closed"]


@pytest.mark.parametrize("library", SENDERS)
def test_a_client_gives_up_on_a_delay_when_it_would(library: str) -> None:
    app = tiny(delay=30)
    with Interception(app):
        start = time.perf_counter()
        end = attempted(library, timeout=0.1)
        elapsed = time.perf_counter() - start

    assert end is LATE[library]
    assert 0.1 <= elapsed < 1
    assert app.told == ["gone", "closed"]


@pytest.mark.parametrize("library", SENDERS)
def test_a_timeout_is_not_waited_for(library: str) -> None:
    app = tiny(TIMEOUT, seconds=60, delay=30)
    with Interception(app):
        start = time.perf_counter()
        end = attempted(library, timeout=60)
        elapsed = time.perf_counter() - start

    assert end is LATE[library]
    assert elapsed < 1
    assert app.told == ["gone", "closed"]


@pytest.mark.parametrize("library", SENDERS)
def test_a_body_that_dribbles_takes_its_time(library: str) -> None:
    app = tiny(DRIBBLE, seconds=0.3, delay=0.1)
    with Interception(app):
        start = time.perf_counter()
        reply = SENDERS[library](Sending("POST", ENDPOINT, timeout=0.2))
        elapsed = time.perf_counter() - start

    assert reply.body == BODY
    assert 0.4 <= elapsed < 1.5
    assert app.told == ["closed"]


@pytest.mark.parametrize("library", ASYNC)
def test_a_delay_does_not_hold_the_event_loop(library: str) -> None:
    async def ten() -> list[Reply]:
        return await asyncio.gather(*[ASYNC[library](Sending("POST", ENDPOINT)) for _ in range(10)])

    with Interception(tiny(delay=0.5)):
        elapsed = taken(lambda: run(ten()))

    # One after the other, it would be 5.
    assert 0.5 <= elapsed < 4


@pytest.mark.parametrize("library", ASYNC)
def test_a_call_that_is_cancelled_has_hung_up(library: str) -> None:
    app = tiny(delay=30)

    async def impatient() -> list[str]:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await ASYNC[library](Sending("POST", ENDPOINT))
        return list(app.told)

    with Interception(app):
        assert run(impatient()) == ["gone", "closed"]


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"total": 0.1}, TimeoutError),
        ({"total": 9, "sock_read": 0.1}, aiohttp.SocketTimeoutError),
        ({"total": 0.1, "sock_read": 9}, TimeoutError),
    ],
)
@pytest.mark.parametrize("faulty", [{"delay": 30}, {"act": TIMEOUT}], ids=["delay", "timeout"])
def test_aiohttp_gives_up_by_the_shorter_of_its_limits(
    faulty: dict[str, Any], limits: dict[str, float], error: type[BaseException]
) -> None:
    async def ask() -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(**limits)) as session:
            await session.post(ENDPOINT)

    with Interception(tiny(**faulty)), pytest.raises(TimeoutError) as caught:
        asyncio.run(ask())

    assert caught.type is error


@pytest.mark.parametrize(
    "timeout", [0.1, (60, 0.1), urllib3.Timeout(connect=60, read=0.1)], ids=["number", "pair", "urllib3"]
)
def test_requests_gives_up_by_any_of_its_timeouts(timeout: Any) -> None:
    with Interception(tiny(delay=30)), pytest.raises(requests.ReadTimeout, match="Read timed out"):
        requests.post(ENDPOINT, timeout=timeout)


@pytest.mark.parametrize("timeout", [None, (9, None), urllib3.Timeout(connect=9)], ids=["none", "pair", "urllib3"])
def test_requests_without_a_timeout_waits(timeout: Any) -> None:
    with Interception(tiny(delay=0.01)):
        assert requests.post(ENDPOINT, timeout=timeout).status_code == 200


def test_requests_pauses_before_it_tries_again() -> None:
    app = Tiny(headers=[("Retry-After", "1")], status="429 Too Many Requests")
    again = urllib3.Retry(1, status_forcelist=[429], allowed_methods=None, raise_on_status=False)
    with Interception(app), requests.Session() as session:
        session.mount("https://", requests.adapters.HTTPAdapter(max_retries=again))
        statuses: list[int] = []
        elapsed = taken(lambda: statuses.append(session.post(ENDPOINT, timeout=9).status_code))

    assert (statuses, len(app.seen)) == ([429], 2)
    assert 1 <= elapsed < 2


def trying(total: int, **how: Any) -> requests.Session:
    """A session that tries again, whatever the method."""
    session = requests.Session()
    for scheme in ("http://", "https://"):
        again = urllib3.Retry(total, allowed_methods=None, **how)
        session.mount(scheme, requests.adapters.HTTPAdapter(max_retries=again))
    return session


def ended_again(url: str, **how: Any) -> list[Any]:
    with trying(2, **how) as session:
        try:
            return [session.post(url, data=b"body", timeout=IMPATIENT / 2).status_code]
        except requests.RequestException as error:
            (reason,) = error.args
            return [type(error), type(reason), type(getattr(reason, "reason", None))]


@pytest.mark.parametrize("how", [{}, {"read": 1}, {"read": False}], ids=str)
@pytest.mark.parametrize("act", [TIMEOUT, RESET, EMPTY, *sorted(CUT)])
def test_requests_tries_a_failed_connection_again_as_on_a_socket(act: str, how: dict[str, Any]) -> None:
    app = tiny(act, seconds=60 if act == TIMEOUT else 0)
    with Server(app) as server:
        expected = ended_again(server.url, **how)
    asked = app.asked.copy()
    app.asked.clear()

    with Interception(app):
        assert ended_again(ENDPOINT, **how) == expected
    assert app.asked == asked == [b"body"] * (1 if act in CUT or how.get("read") is False else how.get("read", 2) + 1)


@pytest.mark.parametrize(("kind", "how"), [(TIMEOUT, {}), (RESET, {}), (EMPTY, {}), ("status", {"code": 500})])
def test_a_client_that_tries_again_has_its_picture(kind: str, how: dict[str, Any]) -> None:
    app = create_app(Settings(one_tenant=True))
    mock_of(app).tenants.hold("k").faults.add(kind, first=1, **how)
    with Interception(app), trying(1, status_forcelist=[500]) as session:
        answer = session.post(ENDPOINT, headers=HEADERS, json=DRAWN, timeout=9)

    assert answer.json()["data"][0]["url"].startswith(API)


def test_httpx_without_a_timeout_waits() -> None:
    with Interception(tiny(delay=0.01)):
        assert httpx.post(ENDPOINT, timeout=None).status_code == 200
