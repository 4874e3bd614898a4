"""All doors lead to one mock: the same request has the same answer on a socket and in process, whoever sends it."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import openai
import pytest
from pixelpact.doors.interception import Interception
from pixelpact.doors.server import Server
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Size
from pixelpact.service.app import create_app

from tests.senders import SENDERS, Reply, Sending, pairs

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

API = "https://api.aimlapi.com"
PATH = "/v1/images/generations"
DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
KEY = "sk-of-a-client"
JSON = {"Content-Type": "application/json"}
HEADERS = {**JSON, "Authorization": f"Bearer {KEY}"}
PICTURE = f"data:image/png;base64,{base64.b64encode(sample(Size(64, 48))).decode()}"
# The docs' own sample, but for the seed.
DRAWN = {"model": DREAM, "prompt": "A T-Rex relaxing on a beach.", "size": "1888x301", "watermark": False, "seed": 7}
EDITED = {"model": EDIT, "prompt": "Add a crown.", "image": PICTURE, "seed": 7}
B64 = {**DRAWN, "size": "512x512", "response_format": "b64_json"}
BROKEN = {**DRAWN, "guidance_scale": 11}
PREFLIGHT = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}


@dataclass(frozen=True)
class Door:
    """A way to the mock: a base URL, and whoever sends."""

    base: str
    send: Callable[[Sending], Reply]

    def ask(self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Reply:
        url = target if "://" in target else self.base + target
        return self.send(Sending(method, url, HEADERS if headers is None else headers, body))

    def post(self, body: Any, **headers: str) -> Reply:
        return self.ask("POST", PATH, {**HEADERS, **headers}, json.dumps(body).encode())

    def link(self) -> str:
        url: str = json.loads(self.post(DRAWN).body)["data"][0]["url"]
        return url


# What is sent, and the status that tells that it was the case that was meant.
CASES: dict[str, tuple[int, Callable[[Door], Reply]]] = {
    "drawn": (200, lambda door: door.post(DRAWN)),
    "edited": (200, lambda door: door.post(EDITED)),
    "b64_json": (200, lambda door: door.post(B64)),
    "broken": (400, lambda door: door.post(BROKEN)),
    "not JSON": (400, lambda door: door.ask("POST", PATH, HEADERS, b"{")),
    "no key": (401, lambda door: door.ask("POST", PATH, JSON, b"{}")),
    "wrong path": (404, lambda door: door.ask("GET", "/v1/nowhere")),
    "two slashes": (404, lambda door: door.ask("GET", "/v1//models")),
    "two slashes first": (200, lambda door: door.ask("GET", "//v1/models")),
    "coded path": (200, lambda door: door.ask("GET", "/v1/%6dodels?include=pricing")),
    "wrong method": (404, lambda door: door.ask("DELETE", PATH)),
    "too many": (429, lambda door: door.post(DRAWN, Prefer="code=429")),
    "models": (200, lambda door: door.ask("GET", "/v1/models")),
    "models unchanged": (304, lambda door: door.ask("GET", "/v1/models", {"If-None-Match": models_tag(door)})),
    "preflight": (200, lambda door: door.ask("OPTIONS", PATH, PREFLIGHT)),
    "download": (200, lambda door: door.ask("GET", door.link(), {})),
    "range": (206, lambda door: door.ask("GET", door.link(), {"Range": "bytes=10-99"})),
    "range beyond": (416, lambda door: door.ask("GET", door.link(), {"Range": "bytes=99999999-"})),
    "head": (200, lambda door: door.ask("HEAD", door.link(), {})),
    "tampered": (403, lambda door: door.ask("GET", door.link().replace("=86400", "=86401"), {})),
}


def models_tag(door: Door) -> str:
    return door.ask("GET", "/v1/models").header("etag")


Socket = Callable[[str], tuple[Reply, str]]

# What is random by design is compared by its form: each value of these names has to be of it.

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|\+00:00)"
RANDOM = {
    "x-request-id": UUID,
    "x-tos-request-id": UUID,
    "requestId": UUID,
    "x-inference-id": r"[\w-]{21}",
    "timestamp": MOMENT,
    "created": r"[0-9]{10}",
    "X-Tos-Credential": r"AKLT\w{43}/[0-9]{8}/[\w-]+/tos/request",
    "X-Tos-Date": r"[0-9]{8}T[0-9]{6}Z",
    "X-Tos-Signature": r"[0-9a-f]{64}",
}
NAME = re.compile(r"/02[0-9]{13}[0-9a-f]{38}\.jpeg")
# A server on a socket frames its answers, and says who it is and when.
SERVERS_OWN = {"date", "server", "connection"}


def settled(name: str, value: Any, base: str) -> Any:
    """The value, or its form if it is another one each time."""
    if isinstance(value, dict):
        return {key: settled(key, held, base) for key, held in value.items()}
    if isinstance(value, list):
        return [settled(name, held, base) for held in value]
    if name == "url":
        return link(value, base)
    return RANDOM[name] if re.fullmatch(RANDOM.get(name, "(?!)"), str(value)) else value


def link(url: str, base: str) -> Any:
    """A link by its parts: on the caller's own origin, with a name of the form."""
    parts = urlsplit(url)
    query = [(name, settled(name, value, base)) for name, value in parse_qsl(parts.query)]
    return url.startswith(f"{base}/"), NAME.sub("/NAME", parts.path), query


def headers(reply: Reply, base: str) -> list[tuple[str, Any]]:
    # A body is as long as its link, and that as its origin.
    length = ("content-length", str(len(reply.body)))
    own = [header for header in reply.headers if header[0] not in SERVERS_OWN]
    return sorted(
        (name, "OF THE BODY" if (name, value) == length else settled(name, value, base)) for name, value in own
    )


def body(reply: Reply, base: str) -> Any:
    kind = dict(reply.headers).get("content-type", "")
    if kind == "application/json":
        return settled("", json.loads(reply.body), base)
    if kind == "application/xml":
        return NAME.sub("/NAME", re.sub(rf"<RequestId>{UUID}<", "<RequestId>UUID<", reply.body.decode()))
    return reply.body


def differences(expected: Reply, there: str, received: Reply, here: str) -> Iterator[str]:
    """In what two answers differ, beyond what is random by design."""
    for name, tell in {"status": lambda reply, _: reply.status, "headers": headers, "body": body}.items():
        promised, came = tell(expected, there), tell(received, here)
        if promised != came:
            yield f"{name}: expected {promised!r}, received {came!r}"


@pytest.fixture(scope="module")
def app() -> WSGIApplication:
    return create_app()


@pytest.fixture(scope="module")
def server(app: WSGIApplication) -> Iterator[Server]:
    with Server(app) as running:
        yield running


@pytest.fixture(scope="module")
def socket(server: Server) -> Socket:
    """What httpx has on a socket for a case, and under which base."""
    door = Door(server.url, SENDERS["httpx"])
    return cache(lambda case: (CASES[case][1](door), door.base))


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_what_it_says(case: str, socket: Socket) -> None:
    assert socket(case)[0].status == CASES[case][0]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("library", SENDERS)
def test_in_process_is_as_on_a_socket(library: str, case: str, socket: Socket, app: WSGIApplication) -> None:
    expected, there = socket(case)

    with Interception(app):
        received = CASES[case][1](Door(API, SENDERS[library]))

    assert list(differences(expected, there, received, API)) == []


@pytest.mark.parametrize("case", CASES)
def test_requests_has_on_a_socket_what_httpx_has(case: str, server: Server, socket: Socket) -> None:
    expected, there = socket(case)

    received = CASES[case][1](Door(server.url, SENDERS["requests"]))

    assert list(differences(expected, there, received, there)) == []


# The OpenAI SDK, which asks in its own way.


def raw(answer: Any) -> Reply:
    response = answer.http_response
    return Reply(response.status_code, pairs(response.headers.multi_items()), response.content)


def arguments(fields: dict[str, Any]) -> dict[str, Any]:
    named = {"model", "prompt", "size", "response_format"}
    return {
        **{name: value for name, value in fields.items() if name in named},
        "extra_body": {name: value for name, value in fields.items() if name not in named},
    }


def by_sdk(base: str, fields: dict[str, Any], **headers: str) -> Reply:
    with openai.OpenAI(base_url=f"{base}/v1", api_key=KEY, max_retries=0) as client:
        try:
            return raw(client.images.with_raw_response.generate(**arguments(fields), extra_headers=headers))
        except openai.APIStatusError as refused:
            return Reply(refused.status_code, pairs(refused.response.headers.multi_items()), refused.response.content)


def by_async_sdk(base: str, fields: dict[str, Any], **headers: str) -> Reply:
    async def ask() -> Reply:
        async with openai.AsyncOpenAI(base_url=f"{base}/v1", api_key=KEY, max_retries=0) as client:
            try:
                answer = await client.images.with_raw_response.generate(**arguments(fields), extra_headers=headers)
            except openai.APIStatusError as refused:
                response = refused.response
                return Reply(refused.status_code, pairs(response.headers.multi_items()), response.content)
            return raw(answer)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("case", "fields", "more"),
    [
        ("drawn", DRAWN, {}),
        ("edited", EDITED, {}),
        ("b64_json", B64, {}),
        ("broken", BROKEN, {}),
        ("too many", DRAWN, {"Prefer": "code=429"}),
    ],
    ids=["drawn", "edited", "b64_json", "broken", "too many"],
)
@pytest.mark.parametrize("sdk", [by_sdk, by_async_sdk], ids=["sync", "async"])
def test_the_openai_sdk_has_the_same_in_process(
    sdk: Callable[..., Reply],
    case: str,
    fields: dict[str, Any],
    more: dict[str, str],
    socket: Socket,
    app: WSGIApplication,
) -> None:
    expected, there = socket(case)

    with Interception(app):
        received = sdk(API, fields, **more)

    assert list(differences(expected, there, received, API)) == []


def test_the_openai_sdk_lists_the_same_models_in_process(socket: Socket, app: WSGIApplication) -> None:
    expected, there = socket("models")

    with Interception(app), openai.OpenAI(base_url=f"{API}/v1", api_key=KEY) as client:
        received = raw(client.models.with_raw_response.list())

    assert list(differences(expected, there, received, API)) == []


# A difference is seen.


@dataclass(frozen=True)
class Planted:
    """The mock with one thing about its answers changed."""

    app: WSGIApplication
    header: tuple[str, str] | None = None
    body: tuple[bytes, bytes] = (b"", b"")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
            return start_response(status, [*headers, *([self.header] if self.header else [])])

        return [part.replace(*self.body) for part in self.app(environ, start)]


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ({"header": ("Vary", "Origin")}, ["headers"]),
        ({"header": ("X-Inference-Id", "short")}, ["headers"]),
        ({"body": (b"credits_used", b"credits_user")}, ["body"]),
        ({"body": (b"/seedream-3-0-t2i/02", b"/seedream-3-0-t2i/03")}, ["body"]),
        ({"body": (API.encode(), b"https://cdn.aimlapi.com")}, ["body"]),
    ],
    ids=["header", "identifier", "field", "name", "origin"],
)
@pytest.mark.parametrize("library", SENDERS)
def test_a_planted_difference_is_seen(
    library: str, planted: dict[str, Any], told: list[str], socket: Socket, app: WSGIApplication
) -> None:
    expected, there = socket("drawn")

    with Interception(Planted(app, **planted)):
        received = CASES["drawn"][1](Door(API, SENDERS[library]))

    assert [line.partition(":")[0] for line in differences(expected, there, received, API)] == told


def test_a_planted_status_is_seen(socket: Socket) -> None:
    expected, there = socket("drawn")

    told = list(differences(expected, there, replace(expected, status=201), there))

    assert told == ["status: expected 200, received 201"]
