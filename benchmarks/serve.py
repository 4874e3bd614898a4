"""Sockets for a bench: HTTP to it and back. Alone: `python -m benchmarks.serve [NAME]` serves one fault."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from .server import Bench
from .wire import Call, Fault


class Handler(BaseHTTPRequestHandler):
    """Carries HTTP to a bench and back."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "benchmark", ""
    # One write an answer: two would wait for the acknowledgement of the first.
    wbufsize = -1
    server: Listener

    def carry(self) -> None:
        """Answer one request."""
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        answer = self.server.bench.answer(Call(self.command, parts.path, parts.query, headers, body))
        time.sleep(answer.delay)
        if not answer.status:
            self.close_connection = True
            return
        chunked = "transfer-encoding" in answer.headers
        self.send_response(answer.status)
        size = {} if chunked or answer.status == 204 else {"Content-Length": str(len(answer.body))}
        for name, value in {**size, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and answer.status != 204:
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(answer.body), answer.body) if chunked else answer.body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Any method at all is carried."""
        if not name.startswith("do_"):
            raise AttributeError(name)
        return self.carry

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Listener(ThreadingHTTPServer):
    """A socket that a bench answers at."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, bench: Bench, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.bench = bench

    @cached_property
    def host(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Count what broke here: it is no planted fault. Callers may hang up."""
        self.bench.crashes += not isinstance(sys.exc_info()[1], ConnectionError)


@contextmanager
def serving(fault: Fault | None = None, port: int = 0) -> Iterator[tuple[str, Bench]]:
    """The base URL of a server with a fault, and its bench; its pictures may lie on a socket of their own."""
    bench = Bench(fault or Fault())
    listeners = [Listener(bench, port), *([Listener(bench)] if bench.fault.elsewhere else [])]
    bench.store = listeners[1].host if bench.fault.elsewhere else ""
    for listener in listeners:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
    try:
        yield f"http://{listeners[0].host}", bench
    finally:
        for listener in listeners:
            listener.shutdown()
            listener.server_close()


if __name__ == "__main__":
    from .runs import ALL

    with serving(ALL[sys.argv[1]].fault if len(sys.argv) > 1 else None) as (url, _):
        print(url, flush=True)
        threading.Event().wait()
