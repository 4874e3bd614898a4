"""The lane past Flask: whatever comes, it is answered with the bytes that Flask alone gives, and written down alike."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from pixelpact.service import calls
from pixelpact.service.app import app_of
from pixelpact.service.calls import DELIVERY, HEAD, Delivery
from pixelpact.service.endpoint import Endpoint
from pixelpact.service.harmless import is_harmless
from pixelpact.service.lane import lane
from pixelpact.service.mock import Mock, build
from pixelpact.service.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

PATH = "/v1/images/generations"
KEY = "test-key"
DRAWN = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "512x512", "seed": 7}
EDITED = {"model": "bytedance/seededit-3.0-i2i", "prompt": "a hat", "image": "https://example.com/a.jpg", "seed": 7}
FORM = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nopenai/gpt-image-1\r\n--b--\r\n'
Reply = tuple[str, list[tuple[str, str]], bytes]


class Frozen(datetime):
    """A clock that stands."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime(2026, 11, 22, 21, 0, 0, 500000, tzinfo=UTC)


class Drawn(random.Random):
    """What is always drawn alike."""

    def getrandbits(self, count: int) -> int:
        return int(2**count) - 2

    def randbytes(self, count: int) -> bytes:
        return bytes(count)


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn for each call is always the same."""
    monkeypatch.setattr(calls, "datetime", Frozen)
    monkeypatch.setattr(calls, "DRAWN", Drawn())


def environ(body: bytes, method: str = "POST", path: str = PATH, **more: str | None) -> WSGIEnvironment:
    usual = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "127.0.0.1:8080",
        "HTTP_AUTHORIZATION": f"Bearer {KEY}",
        "HTTP_USER_AGENT": "OpenAI/Python 3.54",
    }
    known = {name: value for name, value in {**usual, **more}.items() if value is not None}
    streams = {"wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http"}
    return {**known, **streams, "wsgi.version": (1, 0), "wsgi.input_terminated": True}


def asked(app: WSGIApplication, request: WSGIEnvironment) -> Reply:
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    body: Iterable[bytes] = app(request, lambda status, headers, _=None: begun.append((status, headers)))  # type: ignore[arg-type]
    return (*begun[0], b"".join(body))


def journal(mock: Mock) -> list[dict[str, Any]]:
    tenants = mock.tenants
    tenant = tenants.recognise({"authorization": f"Bearer {KEY}"}) or tenants.strangers
    return [{**entry.json(), "milliseconds": 0} for entry in tenant.journal]


def sent(body: Any, **more: str | None) -> tuple[bytes, dict[str, Any]]:
    return (body if isinstance(body, bytes) else json.dumps(body).encode()), more


REQUESTS = {
    "a picture": sent(DRAWN),
    "a picture, at the path without the version": sent(DRAWN, path="/images/generations"),
    "a picture in base64": sent({**DRAWN, "response_format": "b64_json"}),
    "an edit": sent(EDITED),
    "a client's own id": sent(DRAWN, HTTP_X_CLIENT_REQUEST_ID="mine"),
    "a preference": sent(DRAWN, HTTP_PREFER="code=429"),
    "a preference that cannot be": sent(DRAWN, HTTP_PREFER="code=999"),
    "a broken rule": sent({**DRAWN, "guidance_scale": 11}),
    "an unknown model": sent({**DRAWN, "model": "bytedance/seedream-3"}),
    "no object": sent([]),
    "no JSON": sent(b'{"model": '),
    "no UTF-8": sent(b"\xff\xfe"),
    "no body": sent(b""),
    "no key": sent(DRAWN, HTTP_AUTHORIZATION=None),
    "a wrong key": sent(DRAWN, HTTP_AUTHORIZATION="Bearer invalid-key"),
    "a key in other letters": sent(DRAWN, HTTP_AUTHORIZATION="Bearer cl\xe9"),
    "another type": sent(DRAWN, CONTENT_TYPE="text/plain"),
    "no type": sent(DRAWN, CONTENT_TYPE=None),
    "a form": sent(FORM, CONTENT_TYPE="multipart/form-data; boundary=b"),
    "a page's origin": sent(DRAWN, HTTP_ORIGIN="https://app.example"),
    "a private network": sent(DRAWN, HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK="true"),
    "a host in capitals": sent(DRAWN, HTTP_HOST="LocalHost:8080"),
    "a host with the port of the scheme": sent(DRAWN, HTTP_HOST="localhost:80"),
    "a host of IPv6": sent(DRAWN, HTTP_HOST="[::1]:8080"),
    "a host of a container": sent(DRAWN, HTTP_HOST="mock_server:8080"),
    "a host that is none": sent(DRAWN, HTTP_HOST="a b"),
    "a port that is none": sent(DRAWN, HTTP_HOST="localhost:99999"),
    "a host of dots": sent(DRAWN, HTTP_HOST="a..b"),
    "no host": sent(DRAWN, HTTP_HOST=None),
    "no length": sent(DRAWN, CONTENT_LENGTH=None),
    "a length that is none": sent(DRAWN, CONTENT_LENGTH="many"),
    "a body that ends too soon": sent(DRAWN, CONTENT_LENGTH="5000"),
    "a body that is too large": sent(b" " * 5001),
    "a body in chunks": sent(DRAWN, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH=None),
    "another path": sent(DRAWN, path="/v1/images/generation"),
    "a slash too many": sent(DRAWN, path=f"{PATH}/"),
    "another method": sent(DRAWN, method="PUT"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_both_ways_give_the_same_bytes(name: str) -> None:
    body, more = REQUESTS[name]
    mocks = [build(Settings(body_limit=5000)) for _ in range(2)]
    replies = [asked(way, environ(body, **more)) for way in (app_of(mocks[0]), lane(mocks[1]))]
    assert replies[1] == replies[0]
    assert journal(mocks[1]) == journal(mocks[0])


@pytest.mark.parametrize("name", [name for name in REQUESTS if name.startswith("a picture")])
def test_a_plain_call_never_comes_to_flask(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    way = lane(build(Settings()))
    monkeypatch.setattr(Flask, "__init__", None)
    body, more = REQUESTS[name]
    assert asked(way, environ(body, **more))[0] == "200 OK"


def test_an_error_that_nobody_foresaw_is_answered_as_flask_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(Endpoint, "_read", broken)
    body, more = REQUESTS["a picture"]
    monkeypatch.setattr(Endpoint, "refuse", lambda _, call, error: calls.Answer(500, repr(error).encode()))
    replies = [asked(way, environ(body, **more)) for way in (app_of(build(Settings())), lane(build(Settings())))]
    assert replies[0][0].startswith("500")
    assert replies[1] == replies[0]


@pytest.mark.parametrize("name", [name for name in REQUESTS if name.startswith(("a picture", "an edit"))])
def test_facts_that_are_made_when_they_are_read_are_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body, more = REQUESTS[name]
    journals = []
    for given in (is_harmless, lambda *_: False):
        monkeypatch.setattr("pixelpact.service.endpoint.is_harmless", given)
        mock = build(Settings())
        asked(lane(mock), environ(body, **more))
        journals.append(journal(mock))
    assert list(journals[0][0]["facts"].items()) == list(journals[1][0]["facts"].items())
    assert journals[0] == journals[1]


def test_what_is_known_of_a_head_is_known_of_no_other() -> None:
    way = lane(build(Settings()))
    known: dict[str, Any] = {}
    body = json.dumps(DRAWN).encode()
    statuses = [asked(way, {**environ(body), HEAD: known})[0] for _ in range(2)]
    statuses += [asked(way, {**environ(body, HTTP_AUTHORIZATION=None), HEAD: {}})[0]]
    statuses += [asked(lane(build(Settings(api_keys=frozenset({"another-key"})))), {**environ(body), HEAD: known})[0]]
    assert [status[:3] for status in statuses] == ["200", "200", "401", "401"]


def test_processes_of_one_parent_draw_other_ids() -> None:
    drawing = (
        "import os; from pixelpact.service.calls import uuid4; os.fork(); os.fork(); os.write(1, uuid4().encode())"
    )
    ids = subprocess.run([sys.executable, "-c", drawing], capture_output=True, text=True, check=True).stdout
    assert len({ids[at : at + 36] for at in range(0, len(ids), 36)}) == 4


def test_a_fault_of_the_wire_is_left_to_the_door() -> None:
    mock = build(Settings())
    tenant = mock.tenants.hold(KEY)
    tenant.faults.add("latency", seconds=2)
    request = environ(json.dumps(DRAWN).encode())
    asked(lane(mock), request)
    way: Delivery = request[DELIVERY]
    assert replace(way, gone=calls.nothing, finished=calls.nothing) == Delivery(delay=2)


def test_a_call_on_the_lane_gives_its_place_back() -> None:
    mock = build(Settings())
    tenant = mock.tenants.hold(KEY)
    tenant.limits.set(concurrency=1)
    way = lane(mock)
    statuses = [asked(way, environ(json.dumps(DRAWN).encode()))[0] for _ in range(3)]
    assert statuses == ["200 OK"] * 3


def test_a_call_on_the_lane_is_logged_as_any_other(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="pixelpact.calls")
    body, more = REQUESTS["a picture"]
    for way in (app_of(build(Settings())), lane(build(Settings()))):
        asked(way, environ(body, **more))
    said = [record.getMessage().rsplit(" ", 2)[0] for record in caplog.records]
    assert said == [f"POST {PATH} 200"] * 2
