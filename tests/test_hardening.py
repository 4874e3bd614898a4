"""The promises of SECURITY.md that no other tests are about: who controls, what a link opens, what is written."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from pixelpact.service.app import create_app, mock_of
from pixelpact.service.artefacts import RECIPE, TENANT
from pixelpact.service.settings import Settings
from pixelpact.service.tos4 import sign

APP = create_app()
PATH = "/v1/images/generations"
KEY = "sk-0123456789-of-nobody"
HEADERS = {"Authorization": f"Bearer {KEY}"}
BODY = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "512x512"}
FAULT = {"kind": "status", "code": 503}


def drawn() -> str:
    """The link of a picture."""
    link: str = APP.test_client().post(PATH, json=BODY, headers=HEADERS).get_json()["data"][0]["url"]
    return link


# The control API

PAGES = {
    "another-site": {"Origin": "https://page.test"},
    "another-port": {"Origin": "http://localhost:3000"},
    "no-origin-to-tell": {"Origin": "null"},
    "a-name-like-ours": {"Origin": "http://localhost.page.test"},
    "a-scheme-of-another-kind": {"Origin": "chrome-extension://abcdef"},
    "an-empty-origin": {"Origin": ""},
    "two-origins": {"Origin": "http://localhost, http://page.test"},
    "bound-to-us": {"Host": "page.test"},
    "bound-with-a-port": {"Host": "page.test:8080"},
    "a-number-that-leads-here": {"Host": "2130706433"},
    "a-name-that-leads-here": {"Host": "localtest.me"},
    "a-user-before": {"Host": "localhost@page.test"},
    "through-a-proxy": {"X-Forwarded-For": "203.0.113.9"},
    "through-a-standard-proxy": {"Forwarded": "for=203.0.113.9"},
    "through-nginx": {"X-Real-IP": "203.0.113.9"},
    "through-any": {"Via": "1.1 proxy"},
}


@pytest.mark.parametrize("headers", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_call_that_is_not_of_this_machine_controls_nothing(method: str, headers: dict[str, str]) -> None:
    client = APP.test_client()

    answer = client.open("/_pixelpact/faults", method=method, json=FAULT, headers={**HEADERS, **headers})

    assert answer.status_code == 404
    assert client.get("/_pixelpact/faults", headers=HEADERS).get_json() == []


@pytest.mark.parametrize("origin", ["http://localhost", "http://LOCALHOST"])
def test_a_page_of_the_mock_itself_controls_it(origin: str) -> None:
    answer = APP.test_client().get("/_pixelpact/faults", headers={**HEADERS, "Origin": origin})

    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"])
def test_what_a_page_may_send_without_asking_has_no_key_and_changes_nothing(kind: str) -> None:
    client = APP.test_client()

    answer = client.post("/_pixelpact/faults", data=json.dumps(FAULT), headers={"Content-Type": kind})

    assert answer.status_code == 401
    assert client.get("/_pixelpact/faults", headers=HEADERS).get_json() == []


@pytest.mark.parametrize("token", ["", "sesam", "sesame ", "Sesame", "sesame\xff", "sesame" * 100, "\u0455esame"])
def test_a_token_that_is_nearly_right_opens_nothing(token: str) -> None:
    client = create_app(Settings(control_token="sesame")).test_client()
    environ = {"HTTP_X_PIXELPACT_TOKEN": token.encode().decode("latin-1")}

    assert client.get("/_pixelpact/journal", headers=HEADERS, environ_overrides=environ).status_code == 404


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "CONNECT"])
def test_no_other_method_controls_anything(method: str) -> None:
    answer = APP.test_client().open("/_pixelpact/faults", method=method, headers=HEADERS)

    assert answer.status_code in (404, 405) or (method == "HEAD" and answer.data == b"")


# Links

WAYS_OUT = [
    "..",
    "%2e%2e",
    "%2e%2e%2f",
    "..%2f",
    "%252e%252e%252f",
    "..%5c",
    "..%255c",
    "%c0%ae%c0%ae%c0%af",
    "%e0%80%ae%e0%80%ae/",
    "%uff0e%uff0e%u2215",
    "%ef%bc%8e%ef%bc%8e%ef%bc%8f",
    "....//",
    "..;/",
    "..%00/",
    "%00",
    "%0a",
    "%0d%0a",
    "\\..\\",
    "//",
    "~root/",
    "/etc/passwd",
    "file:///etc/passwd",
    "C:%5cwindows%5cwin.ini",
    "%2fproc%2fself%2fenviron",
]


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize("base", ["/", "/seedream-3-0-t2i/", "/_pixelpact/journal/", f"{PATH}/"])
def test_no_way_out_of_a_path_leads_to_a_file(base: str, way: str) -> None:
    answer = APP.test_client().get(f"{base}{way}{way}{way}etc/passwd", headers=HEADERS)

    assert answer.status_code in (400, 403, 404)
    assert b"root:" not in answer.data


def test_a_link_opens_for_no_other_tenant_than_it_names() -> None:
    url = re.sub(rf"(?<={TENANT}=)\w", lambda digit: "0" if digit[0] != "0" else "1", drawn())

    assert APP.test_client().get(url).status_code == 403


def every_character(url: str) -> Iterator[str]:
    """The link with each character of its signed part changed in turn."""
    base, _, query = url.partition("?")
    for name, value in (pairs := dict(parse_qsl(query))).items():
        for at in range(0, len(value), 1 + len(value) // 20):
            changed = value[:at] + ("a" if value[at] != "a" else "b") + value[at + 1 :]
            yield f"{base}?{urlencode({**pairs, name: changed})}"


def test_a_link_with_any_character_changed_is_refused() -> None:
    statuses = {APP.test_client().get(url).status_code for url in every_character(drawn())}

    assert statuses == {403}


def forged(recipe: bytes) -> str:
    """A link that was signed by somebody who knows the secret."""
    path = urlsplit(drawn()).path
    packed = base64.urlsafe_b64encode(zlib.compress(recipe)).decode().rstrip("=")
    credential = mock_of(APP).artefacts._credential
    extra = {RECIPE: packed, TENANT: ""}
    return f"{path}?" + sign(credential, host="localhost", path=path, moment=datetime.now(UTC), expires=60, extra=extra)


ODD: tuple[Any, ...] = (
    None, "a", -1, 1e300, [], {}, {"width": "a", "height": []}, {"width": 10**9, "height": 10**9}, [[]],
)  # fmt: skip
GOOD: dict[str, Any] = {
    "model": "bytedance/seedream-3.0",
    "prompt": "a",
    "seed": 1,
    "size": {"width": 64, "height": 64},
    "guidance": None,
    "watermark": False,
    "image": None,
    "container": "jpeg",
}
RECIPES: dict[str, bytes] = {
    "nothing": b"",
    "no-json": b"{",
    "deep": b"[" * 100_000,
    "a-list": b"[]",
    "null": b"null",
    "large": bytes(2**24),
    **{f"{name}-{value!r:.12}": json.dumps({**GOOD, name: value}).encode() for name in GOOD for value in ODD},
    "no-area": json.dumps({**GOOD, "size": {"width": -70_000, "height": -70_000}}).encode(),
    "references": json.dumps({**GOOD, "references": ["sha256:" + "0" * 64, 5, None]}).encode(),
    "a-path": json.dumps({**GOOD, "image": "sha256:../../../../etc/passwd"}).encode(),
    "a-fetch": json.dumps({**GOOD, "image": "http://127.0.0.1/"}).encode(),
    "unknown-field": json.dumps({**GOOD, "command": "id"}).encode(),
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_link_that_was_forged_with_the_secret_breaks_nothing(recipe: bytes) -> None:
    assert APP.test_client().get(forged(recipe)).status_code in (200, 403, 404)


# What is written down

SECRETS = ["sk-live-0123456789abcdefghij", "AKLTfake0123456789fake0123456789", "hunter2hunter2hunter2"]
HOSTILE = "\x1b[31mred\x1b]0;title\x07\u202egnp\u2066\r\nFake: line\x00\x9b2J"
QUOTED = "%1b%5b31m%1b%5d0;title%07%e2%80%aegnp%0d%0aFake:%20line%00%c2%9b2J%ff"


@contextmanager
def served(*options: str) -> Iterator[tuple[int, Any]]:
    """A mock of its own; afterwards `process.said` has all that it wrote."""
    command = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=-1, stderr=subprocess.STDOUT, env=os.environ) as process:
        assert process.stdout is not None
        watch = threading.Timer(60, process.kill)
        watch.start()
        said = [process.stdout.readline()]
        try:
            yield int(said[0].rpartition(b":")[2]), said
        finally:
            process.terminate()
            said.append(process.communicate()[0])
            watch.cancel()


def sent(port: int, head: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """What a server answers to a request that no client would send."""
    lines = [head, *(f"{name}: {value}" for name, value in headers.items())]
    raw = "\r\n".join([*lines, f"Content-Length: {len(body)}", "Connection: close", "", ""]).encode("utf-8")
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(raw + body)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_what_a_server_writes_has_no_key_no_signature_and_nothing_that_a_terminal_obeys() -> None:
    fields = {
        "model": BODY["model"],
        "prompt": f"{HOSTILE} {' '.join(SECRETS)}",
        "api_key": SECRETS[2],
        "size": HOSTILE,
    }
    with served("--api-key", SECRETS[0], "--control-token", SECRETS[2]) as (port, said):
        mine = {
            "Host": f"127.0.0.1:{port}",
            "Authorization": f"Bearer {SECRETS[0]}",
            "Content-Type": "application/json",
        }
        control = {**mine, "X-Pixelpact-Token": SECRETS[2]}
        answer = sent(port, f"POST {PATH} HTTP/1.1", mine, json.dumps(BODY).encode())
        link = urlsplit(json.loads(answer.partition(b"\r\n\r\n")[2])["data"][0]["url"])
        signature = dict(parse_qsl(link.query))["X-Tos-Signature"]
        seen = [
            sent(port, f"POST {PATH} HTTP/1.1", {**mine, "User-Agent": HOSTILE[:9]}, json.dumps(fields).encode()),
            sent(port, f"GET /{QUOTED}/{SECRETS[0]}?key={SECRETS[1]} HTTP/1.1", mine),
            sent(port, f"GET /seedream-3-0-t2i/{QUOTED}?{link.query} HTTP/1.1", mine),
            sent(port, f"GET /{SECRETS[0]} HTTP/1.1", {**mine, "Authorization": f"Basic {SECRETS[0]}"}),
            sent(port, f"GET {link.path}?{link.query}&{QUOTED} HTTP/1.1", {**mine, "Referer": QUOTED}),
            sent(port, "GET /openapi.json HTTP/1.1", {**mine, "X-Forwarded-Host": HOSTILE[:4]}),
            sent(port, "GET /_pixelpact/journal HTTP/1.1", control),
        ]
        sent(port, f"GET {link.path}?{link.query} HTTP/1.1", mine)

    written = b"".join(said)
    assert written.count(b"\n") >= 9
    for text in (written, seen[-1]):
        assert [word for word in (*SECRETS, signature) if word.encode() in text] == []
    # A path is told to whoever asked for it.
    assert [word for answer in (seen[0], seen[4], seen[5]) for word in SECRETS if word.encode() in answer] == []
    assert re.findall(rb"[^\n\x20-\x7e]", written) == []
    assert re.findall(rb"[^\r\n\x20-\x7e]", seen[-1]) == []
    assert b"\nFake" not in written


# The promises


def test_every_promise_names_a_test_that_is_there() -> None:
    here = Path(__file__).parent
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", (here.parent / "SECURITY.md").read_text())

    missing = [name for file, name in named if f"def {name}(" not in (here / file).read_text()]

    assert missing == []
    assert len(named) > 20
