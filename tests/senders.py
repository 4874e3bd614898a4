"""One request through each client library, and what came back, as plain values."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import httpx
import httpx2
import requests

T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """An answer as its client gives it. Header names are in lower case, each header as often as it came."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers)[name]


@dataclass(frozen=True)
class Sending:
    """A request. `timeout`, in seconds, is how long the client waits for an answer to begin."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout: float = 10.0


def pairs(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value) for name, value in headers)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def with_httpx(sending: Sending) -> Reply:
    with httpx.Client(timeout=sending.timeout) as client:
        answer = client.request(sending.method, sending.url, headers=sending.headers, content=sending.body or None)
    return Reply(answer.status_code, pairs(answer.headers.multi_items()), answer.content)


def with_httpx2(sending: Sending) -> Reply:
    with httpx2.Client(timeout=sending.timeout) as client:
        answer = client.request(sending.method, sending.url, headers=sending.headers, content=sending.body or None)
    return Reply(answer.status_code, pairs(answer.headers.multi_items()), answer.content)


async def by_httpx(sending: Sending) -> Reply:
    async with httpx.AsyncClient(timeout=sending.timeout) as client:
        answer = await client.request(
            sending.method, sending.url, headers=sending.headers, content=sending.body or None
        )
    return Reply(answer.status_code, pairs(answer.headers.multi_items()), answer.content)


async def by_httpx2(sending: Sending) -> Reply:
    async with httpx2.AsyncClient(timeout=sending.timeout) as client:
        answer = await client.request(
            sending.method, sending.url, headers=sending.headers, content=sending.body or None
        )
    return Reply(answer.status_code, pairs(answer.headers.multi_items()), answer.content)


def with_requests(sending: Sending) -> Reply:
    answer = requests.request(
        sending.method, sending.url, headers=sending.headers, data=sending.body or None, timeout=sending.timeout
    )
    return Reply(answer.status_code, pairs(answer.raw.headers.items()), answer.content)


async def by_aiohttp(sending: Sending) -> Reply:
    timeout = aiohttp.ClientTimeout(sock_read=sending.timeout)
    # It warns of bytes that are many.
    data = io.BytesIO(sending.body) if sending.body else None
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.request(sending.method, sending.url, headers=sending.headers, data=data) as answer,
    ):
        raw = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers)
        return Reply(answer.status, pairs(raw), await answer.read())


def waiting(by: Callable[[Sending], Coroutine[Any, Any, Reply]]) -> Callable[[Sending], Reply]:
    return lambda sending: run(by(sending))


ASYNC: dict[str, Callable[[Sending], Coroutine[Any, Any, Reply]]] = {
    "httpx-async": by_httpx,
    "httpx2-async": by_httpx2,
    "aiohttp": by_aiohttp,
}
SENDERS: dict[str, Callable[[Sending], Reply]] = {
    "httpx": with_httpx,
    "httpx2": with_httpx2,
    "requests": with_requests,
    **{name: waiting(by) for name, by in ASYNC.items()},
}
