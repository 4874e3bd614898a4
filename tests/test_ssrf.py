"""Places that a caller's URL must not lead to: by every way in, not one connection and not one name asked for."""

from __future__ import annotations

import base64
import gzip
import io
import ipaddress
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pixelpact.contract.contract import load
from pixelpact.contract.samples import PICTURE, sample
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings

from .spying import watched

PATH = "/v1/images/generations"
KEY = {"Authorization": "Bearer test-key"}
EDIT = "bytedance/seededit-3.0-i2i"
PUBLIC = "93.184.215.14"
LISTED = "images.example"

# {port} is a server of this machine that counts; `images.example` a host that was listed, if any was.
FORMS = {
    "loopback": "http://127.0.0.1:{port}/",
    "loopback-elsewhere": "http://127.8.8.8:{port}/",
    "localhost": "http://localhost:{port}/",
    "localhost-subdomain": "http://images.localhost:{port}/",
    "localhost-dot": "http://localhost.:{port}/",
    "localhost-upper": "HTTP://LOCALHOST:{port}/",
    "localhost-v6": "http://ip6-localhost:{port}/",
    "this-host": "http://0.0.0.0:{port}/",
    "zero": "http://0:{port}/",
    "private-10": "http://10.0.0.1/",
    "private-172": "http://172.16.0.1/",
    "private-192": "http://192.168.0.1/",
    "carrier": "http://100.64.0.1/",
    "link-local": "http://169.254.1.1/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata-decimal": "http://2852039166/latest/meta-data/",
    "metadata-name": "http://metadata.google.internal/computeMetadata/v1/",
    "metadata-alibaba": "http://100.100.100.200/latest/meta-data/",
    "metadata-azure": "http://168.63.129.16/machine?comp=goalstate",
    "metadata-oracle": "http://192.0.0.192/latest/meta-data/",
    "metadata-v6": "http://[fd00:ec2::254]/latest/meta-data/",
    "multicast": "http://224.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "reserved": "http://240.0.0.1/",
    "v6-loopback": "http://[::1]:{port}/",
    "v6-any": "http://[::]:{port}/",
    "v6-mapped": "http://[::ffff:127.0.0.1]:{port}/",
    "v6-mapped-hex": "http://[::ffff:7f00:1]:{port}/",
    "v6-long": "http://[0000:0000:0000:0000:0000:ffff:7f00:0001]:{port}/",
    "v6-compatible": "http://[::127.0.0.1]:{port}/",
    "v6-translated": "http://[::ffff:0:127.0.0.1]:{port}/",
    "v6-nat64": "http://[64:ff9b::7f00:1]:{port}/",
    "v6-nat64-local": "http://[64:ff9b:1::7f00:1]:{port}/",
    "v6-6to4": "http://[2002:7f00:1::1]:{port}/",
    "v6-teredo": "http://[2001:0:7f00:1::80ff:fffe]:{port}/",
    "v6-link-local": "http://[fe80::1]:{port}/",
    "v6-zone": "http://[fe80::1%25lo]:{port}/",
    "v6-zone-plain": "http://[::1%lo]:{port}/",
    "v6-unique-local": "http://[fc00::1]:{port}/",
    "v6-multicast": "http://[ff02::1]:{port}/",
    "decimal": "http://2130706433:{port}/",
    "octal": "http://0177.0.0.1:{port}/",
    "octal-whole": "http://017700000001:{port}/",
    "hexadecimal": "http://0x7f000001:{port}/",
    "hexadecimal-parts": "http://0x7f.0x0.0x0.0x1:{port}/",
    "short": "http://127.1:{port}/",
    "shorter": "http://127.0.1:{port}/",
    "mixed": "http://0x7f.1:{port}/",
    "overflow": "http://4294967296:{port}/",
    "leading-zeros": "http://127.0.0.001:{port}/",
    "trailing-dot": "http://127.0.0.1.:{port}/",
    "full-width": "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11:{port}/",
    "circled": "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460:{port}/",
    "circled-name": "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3:{port}/",
    "ideographic-dots": "http://127\u30020\u30020\u30021:{port}/",
    "full-width-dots": "http://127\uff0e0\uff0e0\uff0e1:{port}/",
    "half-width-dots": "http://127\uff610\uff610\uff611:{port}/",
    "soft-hyphen": "http://local\u00adhost:{port}/",
    "zero-width": "http://local\u200bhost:{port}/",
    "long-s": "http://localho\u017ft:{port}/",
    "user": "http://images.example@127.0.0.1:{port}/",
    "user-and-password": "http://images.example:80@127.0.0.1:{port}/",
    "user-slash": "http://images.example%2f@127.0.0.1:{port}/",
    "user-empty": "http://@127.0.0.1:{port}/",
    "two-users": "http://a@images.example@127.0.0.1:{port}/",
    "listed-behind-at": "http://127.0.0.1:{port}@images.example/",
    "backslash": "http://127.0.0.1:{port}\\@images.example/",
    "backslash-behind": "http://images.example\\@127.0.0.1:{port}/",
    "backslashes": "http:\\\\127.0.0.1:{port}\\",
    "fragment": "http://127.0.0.1:{port}#@images.example/",
    "query": "http://127.0.0.1:{port}?@images.example/",
    "semicolon": "http://127.0.0.1:{port};images.example/",
    "comma": "http://127.0.0.1:{port},images.example/",
    "subdomain": "http://images.example.127.0.0.1.nip.io:{port}/",
    "prefixed": "http://evil-images.example:{port}/",
    "listed-other-port": "http://images.example:{port}/",
    "port-twice": "http://images.example:80:{port}/",
    "port-large": "http://127.0.0.1:65616/",
    "port-empty": "http://127.0.0.1:/",
    "nul": "http://127.0.0.1%00.images.example:{port}/",
    "nul-raw": "http://127.0.0.1\0.images.example:{port}/",
    "line-break": "http://images.example:{port}\r\nHost: 127.0.0.1/",
    "tab": "http://127.0.0.1\t:{port}/",
    "percent-host": "http://%31%32%37.0.0.1:{port}/",
    "percent-dot": "http://127%2e0%2e0%2e1:{port}/",
    "no-slashes": "http:127.0.0.1:{port}/",
    "three-slashes": "http:///127.0.0.1:{port}/",
    "no-scheme": "//127.0.0.1:{port}/",
    "space-before": " http://127.0.0.1:{port}/",
    "ftp": "ftp://127.0.0.1:{port}/",
    "ftps": "ftps://127.0.0.1:{port}/",
    "gopher": "gopher://127.0.0.1:{port}/_GET%20/",
    "dict": "dict://127.0.0.1:{port}/info",
    "ldap": "ldap://127.0.0.1:{port}/",
    "sftp": "sftp://127.0.0.1:{port}/",
    "websocket": "ws://127.0.0.1:{port}/",
    "jar": "jar:http://127.0.0.1:{port}/!/a.png",
    "url-prefix": "url:http://127.0.0.1:{port}/",
    "view-source": "view-source:http://127.0.0.1:{port}/",
    "http-unix": "http+unix://%2Fvar%2Frun%2Fdocker.sock/images",
    "unix": "unix:///var/run/docker.sock",
    "file": "file:///etc/passwd",
    "file-host": "file://127.0.0.1/etc/passwd",
    "share": "\\\\127.0.0.1\\share\\a.png",
    "nested-data": "data:text/html,<img src=http://127.0.0.1:{port}/>",
    "svg": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciPjwvc3ZnPg==",
}


class Server(ThreadingHTTPServer):
    """Counts connections, and leads whoever asks for `/to?N` to the N-th of its targets; anything else is a picture."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections = 0
        self.targets: list[str] = []

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def get_request(self) -> tuple[socket.socket, Any]:
        connection = super().get_request()
        self.connections += 1
        return connection


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path.startswith("/to?"):
            target = self.server.targets[int(self.path[4:])]
            self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: " + target.encode("utf-8", "replace") + b"\r\n\r\n")
            return
        head, body = ANSWERS.get(self.path, (b"", picture))
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body())

    def log_message(self, *_: object) -> None:
        pass


@cache
def picture() -> bytes:
    return base64.b64decode(PICTURE)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is so large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(2**20), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


ANSWERS: dict[str, tuple[bytes, Callable[[], bytes]]] = {
    "/pixels": (b"", lambda: bomb(65_535, 65_535)),
    "/wide": (b"", lambda: bomb(2**31 - 1, 1)),
    "/packed": (b"Content-Encoding: gzip\r\n", lambda: gzip.compress(bytes(2**24))),
    "/packed-unsaid": (b"", lambda: gzip.compress(bytes(2**24))),
    "/page": (b"Content-Type: text/html\r\n", lambda: b"<html><img src=http://127.0.0.1/></html>"),
    "/drawing": (b"", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1/"/></svg>'),
    "/nothing": (b"", lambda: b""),
    "/long": (b"", lambda: picture() + bytes(11 * 2**20)),
    "/cut": (b"Content-Length: 999999\r\n", picture),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.005,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True)
class Way:
    """A way into the mock for a URL: a field of a model, filled by itself or within a list."""

    path: str
    body: Mapping[str, Any] = field(hash=False)
    name: str
    listed: bool

    def __str__(self) -> str:
        return f"{self.body['model']}-{self.name}"

    def with_url(self, *urls: str) -> dict[str, Any]:
        return {**self.body, self.name: list(urls) if self.listed else urls[0]}


def ways() -> Iterator[Way]:
    """Every field of every model that takes a URL."""
    for entry in (contract := load()).entries:
        model = contract.models[entry.key]
        body = sample(model)
        for name, rule in model.images.items():
            if body and "url" in rule["forms"]:
                yield Way(entry.path, body, name, not any(model.breaches({**body, name: ["http://a.example/"]})))


WAYS = list(ways())
PLAIN = next(way for way in WAYS if way.body["model"] == EDIT)
LIST = next(way for way in WAYS if way.listed)


def posted(client: Any, way: Way, *urls: str) -> int:
    text = json.dumps(way.with_url(*urls))
    answer = client.post(way.path, data=text, headers={**KEY, "Content-Type": "application/json"})
    assert answer.status_code in (200, 201, 400), answer.text
    return int(answer.status_code)


@pytest.fixture(scope="module")
def closed() -> Any:
    """A mock as it comes: no host is allowed."""
    return create_app().test_client()


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that leads every name to this machine."""
    monkeypatch.setattr(socket, "getaddrinfo", leading_to("127.0.0.1"))


def leading_to(*addresses: str) -> Callable[..., list[Any]]:
    """A resolver that answers with these, one each time a name is asked for, and with the last one from then on."""
    left = list(addresses)

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        address = host if is_address(host) else left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    return getaddrinfo


def is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_without_an_allowed_host_no_form_reaches_anything_by_any_way(form: str, server: Server, closed: Any) -> None:
    url, before = form.format(port=server.server_port), server.connections

    with watched() as asked:
        for way in WAYS:
            posted(closed, way, url)

    assert asked.nothing
    assert server.connections == before


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_beside_an_allowed_host_no_form_reaches_anything(form: str, server: Server) -> None:
    url, before = form.format(port=server.server_port), server.connections
    client = app_for(LISTED)

    with watched() as asked:
        posted(client, PLAIN, url)
        posted(client, LIST, url, url)

    assert asked.places == []
    assert server.connections == before


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_redirect_from_an_allowed_host_reaches_nothing_of_these_forms(form: str, server: Server) -> None:
    # What the server may be asked for itself is no other place.
    url = form.format(port=server.server_port + 1)
    server.targets.append(url)

    with watched() as asked:
        posted(app_for(server.place), PLAIN, f"http://{server.place}/to?{len(server.targets) - 1}")

    assert [place[:2] for place in asked.places if place[:2] != server.server_address] == []
    assert len(asked.places) >= 1


@cache
def app_for(*hosts: str) -> Any:
    return create_app(Settings(allowed_hosts=frozenset(hosts))).test_client()


PRIVATE = [
    "127.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.88.99.1",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2001:0:7f00:1::80ff:fffe",
    "2002:7f00:1::1",
    "3fff::1",
    "fe80::1%lo",
    "fd00:ec2::254",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_allowed_name_that_leads_to_a_private_address_reaches_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", leading_to(address))

    with watched() as asked:
        statuses = [posted(app_for(LISTED), way, f"http://{LISTED}/a.png") for way in (PLAIN, LIST)]

    assert statuses == [400, 400]
    assert asked.places == []


def test_a_name_that_is_bound_anew_between_check_and_connection_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", leading_to(PUBLIC, "127.0.0.1"))

    with watched() as asked:
        status = posted(app_for(LISTED), PLAIN, f"http://{LISTED}/a.png")

    assert status == 400
    assert asked.places == [(PUBLIC, 80)]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_each_way_does_fetch_from_an_allowed_host(way: Way, server: Server) -> None:
    with watched() as asked:
        posted(app_for(server.place), way, f"http://{server.place}/picture.png")

    assert asked.places == [server.server_address]


@pytest.mark.parametrize("path", ANSWERS)
def test_an_answer_that_is_no_picture_is_refused_soon(path: str, server: Server) -> None:
    began = time.monotonic()

    status = posted(app_for(server.place), PLAIN, f"http://{server.place}{path}")

    assert status == 400
    assert time.monotonic() - began < 1


ELSEWHERE: dict[str, Callable[[Any, str], Any]] = {
    "prompt": lambda to, url: to.post(PATH, json={"model": EDIT, "prompt": url, "image": PICTURE}, headers=KEY),
    "unknown-fields": lambda to, url: to.post(
        PATH,
        json={**dict(PLAIN.body), "webhook_url": url, "callback": url, "image_url": url, "mask_url": [url]},
        headers=KEY,
    ),
    "headers": lambda to, url: to.post(
        PATH,
        json=dict(PLAIN.body),
        headers={**KEY, "Referer": url, "Origin": url, "X-Forwarded-Host": url, "Link": f"<{url}>", "Prefer": url},
    ),
    "host": lambda to, url: to.post(
        PATH, json=PLAIN.with_url(url), headers={**KEY, "Host": url.partition("//")[2].partition("/")[0]}
    ),
    "form-text": lambda to, url: to.post(
        "/v1/images/edits",
        data={"model": "openai/gpt-image-1", "prompt": "a", "image": url, "mask": url},
        content_type="multipart/form-data",
        headers=KEY,
    ),
    "form-file": lambda to, url: to.post(
        "/v1/images/edits",
        data={"model": "openai/gpt-image-1", "prompt": "a", "image": (io.BytesIO(url.encode()), url)},
        headers=KEY,
    ),
    "form-urls": lambda to, url: to.post(
        PATH, data={"model": EDIT, "prompt": "a", "image": url}, content_type="multipart/form-data", headers=KEY
    ),
    "with-url": lambda to, url: to.post(
        f"{PATH}/with-url",
        json={"model": "stabilityai/stable-diffusion-xl-base-1.0", "prompt": url, "image_url": url, "url": url},
        headers=KEY,
    ),
    "path": lambda to, url: to.get(f"/{url}"),
    "rehearsal": lambda to, url: to.put(
        "/_pixelpact/models", json={"model": EDIT, "state": "deprecated", "link": url}, headers=KEY
    ),
}


@pytest.mark.parametrize("send", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_url_elsewhere_in_a_request_reaches_nothing_though_its_host_is_allowed(
    send: Callable[[Any, str], Any], server: Server
) -> None:
    with watched() as asked:
        answer = send(app_for(f"{server.place}, "), f"http://{server.place}/picture.png")

    assert answer.status_code < 500
    assert asked.nothing


# A real server: its own process says what it asked of the network

SPY = """
import os, socket, sys
def said(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        place = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
        os.write(SAID, f"{event} {place!r}\\n".encode())
SAID = os.open(os.environ["SPY"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
sys.addaudithook(said)
"""


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[str, Path]]:
    """A mock of its own and the file where its process notes what it asks of the network, from its first line on."""
    (folder / "sitecustomize.py").write_text(SPY)
    notes = folder / "asked.txt"
    notes.touch()
    command = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", "serve", "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(folder), "SPY": str(notes)}
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), notes
        finally:
            process.terminate()
            process.communicate(timeout=30)


def sent(base: str, body: Mapping[str, Any]) -> int:
    request = urllib.request.Request(f"{base}{PATH}", json.dumps(body).encode(), {**KEY, "Content-Type": "text/json"})
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_process_of_a_mock_connects_to_nothing_whatever_it_is_sent(server: Server, tmp_path: Path) -> None:
    before = server.connections

    with serving(tmp_path) as (base, notes):
        statuses = {sent(base, PLAIN.with_url(form.format(port=server.server_port))) for form in FORMS.values()}

    assert statuses <= {200, 400}
    assert "socket.connect" not in notes.read_text()
    assert server.connections == before


def test_the_process_of_a_mock_connects_to_what_was_allowed_alone(server: Server, tmp_path: Path) -> None:
    with serving(tmp_path, "--allow-host", server.place) as (base, notes):
        sent(base, PLAIN.with_url(f"http://{server.place}/picture.png"))
        statuses = {sent(base, PLAIN.with_url(form.format(port=server.server_port + 1))) for form in FORMS.values()}

    assert statuses <= {200, 400}
    connected = [line for line in notes.read_text().splitlines() if line.startswith("socket.connect")]
    assert connected == [f"socket.connect {server.server_address!r}"]
