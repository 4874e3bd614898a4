"""Two mocks in processes of their own that share nothing but a Redis, and a proxy that asks them in turn."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit

MAIN = "from pixelpact.cli.main import main; main()"
DRAWN = "bytedance/seedream-3.0"
# Names the connection alone.
OWN = {"connection", "transfer-encoding", "keep-alive", "date", "server"}


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def url(self) -> str:
        """The link to the picture."""
        return str(self.json["data"][0]["url"])


def ask(base: str, method: str, path: str, key: str = "", body: Any = None) -> Reply:
    """One request on a connection of its own; a link may be asked for at another place than its own."""
    link, place = urlsplit(path), urlsplit(base)
    connection = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=30)
    headers = {"Host": link.netloc or place.netloc, "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    try:
        target = f"{link.path}?{link.query}" if link.query else link.path
        connection.request(method, target, None if body is None else json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Replicas:
    """Each replica's own base URL, and that of the proxy."""

    each: tuple[str, ...]
    proxy: str

    def post(self, key: str, at: str | None = None, **fields: Any) -> Reply:
        """A generation, through the proxy or `at` a replica."""
        body = {"model": DRAWN, "prompt": "a cat", "size": "512x512", **fields}
        return ask(at or self.proxy, "POST", "/v1/images/generations", key, body)

    def control(self, method: str, resource: str, key: str, body: Any = None, at: str | None = None) -> Any:
        """What the control API says, through the proxy or `at` a replica."""
        reply = ask(at or self.proxy, method, f"/_pixelpact/{resource}", key, body)
        assert reply.status == 200, reply.body
        return reply.json

    def everywhere(self, resource: str, key: str) -> list[Any]:
        """What each replica says."""
        return [self.control("GET", resource, key, at=replica) for replica in self.each]


@contextmanager
def replicas(state: str, folder: Path, *options: str, count: int = 2) -> Iterator[Replicas]:
    """So many replicas, each with a folder for temporary files that no other sees."""
    with ExitStack() as stack:
        each = tuple(stack.enter_context(_served(state, folder / str(number), *options)) for number in range(count))
        yield Replicas(each, stack.enter_context(_proxy(each)))


@contextmanager
def _served(state: str, folder: Path, *options: str) -> Iterator[str]:
    folder.mkdir()
    command = [sys.executable, "-c", MAIN, "serve", "--port", "0", "--state", state, *options]
    with subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(folder)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, "the replica did not start"
            yield url
        finally:
            process.terminate()


@contextmanager
def _proxy(each: tuple[str, ...]) -> Iterator[str]:
    turns, lock = cycle(each), Lock()

    class Proxy(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            with lock:
                [replica] = islice(turns, 1)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            place = urlsplit(replica)
            connection = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=30)
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {*OWN, "content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_GET = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815 - the names that the library calls

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Listening(ThreadingHTTPServer):
        # Of connections that wait to be taken: sixteen come at once.
        request_queue_size = 128

    server = Listening(("127.0.0.1", 0), Proxy)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
