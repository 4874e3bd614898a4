"""Requests to the mock by two ways: to its application in this process, or as bytes to a socket of `serve`."""

from __future__ import annotations

import io
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from .fuzz_requests import Sent

PATIENCE = 20.0  # seconds


@dataclass(frozen=True)
class Came:
    """What came of a request: `seconds` until all of it was there."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


def asked(app: Any, sent: Sent) -> Came:
    """What the application answers, and how long the processor took: whatever else this machine does."""
    began = time.thread_time()
    said: list[Any] = []
    environ = environment(sent)
    given: Iterable[bytes] = app(environ, lambda status, headers, *_: said.extend((status, headers)))
    try:
        body = b"".join(given)
    finally:
        getattr(given, "close", lambda: None)()
    seconds = time.thread_time() - began
    return Came(int(said[0][:3]), {name.lower(): value for name, value in said[1]}, body, seconds)


def environment(sent: Sent) -> dict[str, Any]:
    """The request as a server hands it to an application."""
    path, _, query = sent.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("utf-8", "replace")).decode("latin-1"),
        "QUERY_STRING": query.encode("utf-8", "replace").decode("latin-1"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8080",
        "CONTENT_LENGTH": str(len(sent.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in sent.headers:
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value.encode("utf-8").decode("latin-1")
    return environ


@contextmanager
def served() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A mock of its own on a port of this machine."""
    command = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=-1, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline().rpartition(":")[2]), process
        finally:
            process.terminate()


def told(port: int, sent: Sent, draw: random.Random) -> Came | None:
    """What a server answers to bytes that it gets; None if it ended the connection without a word.

    Raises TimeoutError if it does neither, though no more bytes can come.
    """
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        # A server may have refused, and gone, before all was sent.
        with suppress(ConnectionError):
            connection.sendall(written(sent, draw))
            connection.shutdown(socket.SHUT_WR)
        raw = _read(connection)
    return _came(raw, time.perf_counter() - began) if raw else None


def written(sent: Sent, draw: random.Random) -> bytes:
    """The request in HTTP/1.1, now and then with a lie about its length."""
    lie = draw.choice(LIES) if draw.random() < 0.2 else "Content-Length: {length}\r\n"
    lines = [f"{sent.method} {sent.target or '/'} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in sent.headers if name.lower() not in ("host", "connection")]
    head = (
        "\r\n".join(lines)
        + "\r\n"
        + lie.format(length=len(sent.body), more=len(sent.body) + 9, less=max(len(sent.body) - 9, 0))
    )
    return head.encode("utf-8", "replace") + b"\r\n" + sent.body


LIES = (
    "Content-Length: {more}\r\n", "Content-Length: {less}\r\n", "Content-Length: -1\r\n",
    "Content-Length: 99999999999999\r\n",
    "Content-Length: {length}\r\nContent-Length: {more}\r\n", "Content-Length: 0x10\r\n", "Content-Length: +5\r\n", "",
    "Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\n",
    "Content-Length:\r\n",
    "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding : chunked\r\n",
    "Transfer-Encoding:\x0bchunked\r\nContent-Length: {length}\r\n", "Content-Length: {length}\r\n folded: yes\r\n",
    "Content-Length: {length}\nX: y\r\n", "Expect: 100-continue\r\nContent-Length: {length}\r\n", "X: \0\r\n",
)  # fmt: skip


def _read(connection: socket.socket) -> bytes:
    raw = b""
    with suppress(ConnectionError):
        while some := connection.recv(65536):
            raw += some
    return raw


def _came(raw: bytes, seconds: float) -> Came:
    head, _, body = raw.partition(b"\r\n\r\n")
    while re.match(rb"HTTP/1.1 1\d\d", head):
        head, _, body = body.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    status = re.match(r"HTTP/1\.[01] (\d{3})", first)
    return Came(int(status[1]) if status else 0, headers, _whole(headers, body), seconds)


def _whole(headers: dict[str, str], body: bytes) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return body[: int(headers["content-length"])] if "content-length" in headers else body
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        whole, body = whole + body[:length], body[length + 2 :]
    return whole
