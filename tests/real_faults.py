"""Real faults: what goes wrong between a client and an API, done on plain sockets by a server that knows no Pixelpact.

It is what our faults are measured against. Each conduct does what its name says by the means of the real world: a
process that dies, a proxy that gives up, a store that refuses.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

API, DOWNLOAD = "api", "download"
PATH = "/v1/images/generations"
JPEG = b"\xff\xd8\xff\xe0" + bytes(4000)
# Closed with this, a connection is not ended but reset, as the kernel does to those of a process that was killed.
AT_ONCE = struct.pack("ii", 1, 0)
LATE = 0.05  # seconds
PIECES = 20
LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """An answer as it would be, were all well."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[str, ...] = ()

    def head(self, framing: str) -> bytes:
        first = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"
        lines = [first, f"Content-Type: {self.content_type}", framing, *self.headers, "Connection: close", "", ""]
        return "\r\n".join(lines).encode()

    @property
    def whole(self) -> bytes:
        return self.head(f"Content-Length: {len(self.body)}") + self.body


Conduct = Callable[[socket.socket, Reply], None]

# What goes wrong on the way.


def well(connection: socket.socket, reply: Reply) -> None:
    connection.sendall(reply.whole)


def silence(connection: socket.socket, _: Reply) -> None:
    """A backend that hangs: nothing comes, for as long as the client stays."""
    connection.recv(1)


def late(connection: socket.socket, reply: Reply) -> None:
    time.sleep(LATE)
    well(connection, reply)


def reset(connection: socket.socket, _: Reply) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    connection.close()


def empty(connection: socket.socket, _: Reply) -> None:
    """A worker that ends before its answer: FIN, and not a byte."""
    connection.shutdown(socket.SHUT_RDWR)


def truncated(connection: socket.socket, reply: Reply) -> None:
    connection.sendall(reply.whole[: -len(reply.body) // 2])


def malformed_chunk(connection: socket.socket, reply: Reply) -> None:
    """A proxy that counts a chunk too short: the rest of it stands where the next size should."""
    half = reply.body[: len(reply.body) // 2]
    chunk = b"%x\r\n%b\r\n" % (len(half), half)
    # At once: aiohttp 3.14.5 waits for ever, its `sock_read` notwithstanding, for a bad size that comes after the head.
    connection.sendall(reply.head("Transfer-Encoding: chunked") + chunk + b"rest of the chunk\r\n")


def dribble(connection: socket.socket, reply: Reply) -> None:
    connection.sendall(reply.head(f"Content-Length: {len(reply.body)}"))
    step = -(-len(reply.body) // PIECES)
    for start in range(0, len(reply.body), step):
        time.sleep(LATE / PIECES)
        connection.sendall(reply.body[start : start + step])


# What is answered instead.


def instead(other: Reply) -> Conduct:
    return lambda connection, _: well(connection, other)


def mislabelled(connection: socket.socket, reply: Reply) -> None:
    well(connection, replace(reply, content_type="text/plain"))


def refused(status: int, name: str, message: str, **more: Any) -> Reply:
    """A refusal of the API in the form of its live bodies, as in `fixtures/exchanges/error-live-2026-403.json`."""
    outer = {"title": HTTPStatus(status).phrase, "status": status, "message": message, "instance": PATH}
    body = {**outer, "error": {"name": name, "message": message, **more}}
    wait = ("Retry-After: 1",) if status == HTTPStatus.TOO_MANY_REQUESTS else ()
    return Reply(status, "application/json", json.dumps(body).encode(), wait)


def denied(status: int, code: str, message: str, more: str = "") -> Reply:
    """A refusal of an object store, as S3 writes it: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html."""
    inner = f"<Code>{code}</Code><Message>{message}</Message>{more}<RequestId>4442587FB7D0A2F9</RequestId>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
    return Reply(status, "application/xml", body.encode())


# As nginx writes it.
PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
# As quoted in danny-avila/LibreChat issue 10145.
EXPIRED = denied(403, "AccessDenied", "Request has expired", "<X-Amz-Expires>86400</X-Amz-Expires>")
# Live bodies were seen of 400, 401 and 403; the names of the others are those of the framework that wrote these.
REFUSALS = (
    refused(400, "BadRequestException", "Invalid payload provided"),
    refused(401, "UnauthorizedException", "This request requires a valid API key."),
    refused(403, "ForbiddenException", "You've run out of credits.", data={"kind": "err_insufficent_credits"}),
    refused(404, "NotFoundException", f"Cannot POST {PATH}"),
    refused(429, "ThrottlerException", "Too Many Requests"),
    refused(500, "InternalServerErrorException", "Internal server error"),
    refused(502, "BadGatewayException", "Bad Gateway"),
    refused(503, "ServiceUnavailableException", "Service unavailable"),
    refused(504, "GatewayTimeoutException", "Generation timeout"),
)
DENIALS = (
    denied(403, "AccessDenied", "Access Denied"),
    denied(404, "NoSuchKey", "The specified key does not exist."),
    denied(500, "InternalError", "We encountered an internal error. Please try again."),
    denied(503, "SlowDown", "Please reduce your request rate."),
)
ON_BOTH: Mapping[str, Conduct] = {
    "latency": late,
    "late": silence,
    "timeout": silence,
    "reset": reset,
    "empty": empty,
    "truncated": truncated,
    "malformed-chunk": malformed_chunk,
    "dribble": dribble,
    "content-type": mislabelled,
    "garbage": instead(Reply(200, "application/json", b'{"data": [{"ur')),
    "html": instead(Reply(502, "text/html", PAGE.encode(), ("Server: nginx",))),
}


def _each(replies: tuple[Reply, ...]) -> dict[str, Conduct]:
    return {str(reply.status): instead(reply) for reply in replies}


CONDUCTS: Mapping[str, Mapping[str, Conduct]] = {
    API: {
        **_each(REFUSALS),
        # Assumed: a 400 in the upstream's words.
        "moderation": instead(refused(400, "BadRequestException", "InputTextSensitiveContentDetected")),
        **ON_BOTH,
    },
    DOWNLOAD: {**_each(DENIALS), "expired": instead(EXPIRED), **ON_BOTH},
}
# How the fault is named to Pixelpact that should do the same; a status by its code, all others by their name alone.
WORDS: Mapping[str, Mapping[str, Any]] = {
    "latency": {"kind": "latency", "seconds": LATE},
    "late": {"kind": "latency", "seconds": 60},
    "dribble": {"kind": "dribble", "seconds": LATE},
}
# The read timeouts of the clients that are to lose their patience, in seconds.
PATIENCE: Mapping[str, float] = {"late": 0.05, "timeout": 0.05}


def worded(name: str, hop: str) -> dict[str, Any]:
    """The fault of that name in Pixelpact's words."""
    plain = {"kind": "status", "code": int(name)} if name.isdecimal() else {"kind": name}
    return {**WORDS.get(name, plain), "on": hop}


# The server.


class _Handler(BaseRequestHandler):
    """One connection: a request is read whole, then comes what is to come of its hop."""

    server: _Server

    def handle(self) -> None:
        # A client that has gone is none of our business.
        with suppress(ConnectionError):
            hop = API if _read(self.request).startswith(b"POST") else DOWNLOAD
            self.server.conducts.get(hop, well)(self.request, self.server.reply(hop))


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, conducts: Mapping[str, Conduct]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.conducts = conducts
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def reply(self, hop: str) -> Reply:
        if hop == DOWNLOAD:
            return Reply(200, "image/jpeg", JPEG)
        made = {"created": 1760000000, "data": [{"url": f"{self.url}/picture.jpeg"}]}
        return Reply(200, "application/json", json.dumps(made).encode())


def _read(connection: socket.socket) -> bytes:
    """The head of a request whose body was read too."""
    data = _more(connection)
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    while length and len(body) < int(length[1]):
        body += _more(connection)
    return head


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionAbortedError("the request has no end")
    return data


@contextmanager
def really(hop: str, name: str) -> Iterator[str]:
    """The base URL, without `/v1`, of a server where that goes wrong on that hop each time, and all else is well."""
    with _Server({hop: CONDUCTS[hop][name]}) as server:
        thread = Thread(target=server.serve_forever, args=(0.002,), daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()
