"""One visit to an allowed URL: connected to an address that was judged, asked once, and left in time.

The service's only use of httpx; `fetch` imports this when the first allowed host is asked for, as that takes time.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, Self

import httpx

from .addresses import is_reachable, resolved
from .refusals import FetchRefused, shown

PORTS = {"http": 80, "https": 443}

# Not even an empty user; no backslash, which ends a host for some readers only; no dot but the dot.
_DOUBTFUL_AUTHORITY = re.compile(r"[^/?#]*//[^/?#]*[@\\\u3002\uff0e\uff61]")


def objections(url: str, allowed_hosts: frozenset[str]) -> Iterator[str]:
    """What is wrong with a URL as far as its text says."""
    target = _parsed(url)
    if target is None or target.scheme not in PORTS or not target.host:
        yield "expected an http or https URL"
        return
    if _DOUBTFUL_AUTHORITY.match(url):
        yield "expected a plain host, without user or backslash"
    if _names(target).isdisjoint(name.lower() for name in allowed_hosts):
        yield f"expected a host of {sorted(allowed_hosts)}, received {_authority(target)!r}"


def trust() -> ssl.SSLContext:
    """The usual authorities, whatever the environment says."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(frozen=True)
class Visits:
    """Visits within the limits of one fetch; `deadline` is by the monotonic clock."""

    tls: ssl.SSLContext
    max_bytes: int
    timeout: float
    deadline: float

    def visit(self, url: str) -> bytes | str:
        """Return the body, or the URL to go to instead. Raises FetchRefused; the URL has been found good before."""
        target = httpx.URL(url)
        failure: httpx.HTTPError | httpx.InvalidURL | None = None
        for address in self._addresses(target):
            watch = _Watch(self.deadline - time.monotonic())
            try:
                return self._ask(target, address, watch)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                failure = error
                if not isinstance(error, httpx.ConnectError):
                    break
        raise FetchRefused(shown(url), self._trouble(failure)) from failure

    def _addresses(self, target: httpx.URL) -> list[str]:
        host = target.raw_host.decode("ascii")
        found = resolved(host, _port(target), self.deadline - time.monotonic())
        refused = [address for address in found if not is_reachable(host, address)]
        if refused:
            raise FetchRefused(shown(str(target)), f"expected public addresses, received {refused}")
        return found

    def _ask(self, target: httpx.URL, address: str, watch: _Watch) -> bytes | str:
        request = httpx.Request(
            "GET",
            target.copy_with(host=address),
            headers={"Host": _authority(target), "Accept-Encoding": "identity", "User-Agent": "pixelpact"},
            extensions={
                "sni_hostname": target.raw_host.decode("ascii"),
                "timeout": httpx.Timeout(watch.seconds).as_dict(),
                "trace": watch.trace,
            },
        )
        with (
            watch,
            # A transport each: connections are kept by address, so a second name there would pass on the first one's
            # TLS. No client, as that logs the URL with its query.
            httpx.HTTPTransport(verify=self.tls, trust_env=False) as transport,
            closing(transport.handle_request(request)) as response,
        ):
            if response.has_redirect_location:
                # Not response.next_request: that one is relative to the address.
                return str(target.join(response.headers["Location"]))
            return self._body(response, target, watch)

    def _body(self, response: httpx.Response, target: httpx.URL, watch: _Watch) -> bytes:
        for objection in _answer_objections(response):
            raise FetchRefused(shown(str(target)), objection)
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self.max_bytes:
                raise FetchRefused(shown(str(target)), f"expected at most {self.max_bytes} bytes, received more")
        # A connection that was cut can look like one that ended.
        if watch.over:
            raise httpx.ReadTimeout("cut")
        return bytes(body)

    def _trouble(self, failure: httpx.HTTPError | httpx.InvalidURL | None) -> str:
        if time.monotonic() >= self.deadline or isinstance(failure, httpx.TimeoutException):
            return f"expected an answer within {self.timeout} s, received none"
        if failure is None:
            return "expected a name with an address, received none"
        return f"expected an HTTP answer, received {type(failure).__name__}"


class _Watch:
    """Cuts a connection when its time is over: httpx bounds each read, never their sum."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(seconds, 0.001)
        self.over = False
        self._timer = threading.Timer(self.seconds, self._cut)
        self._twin: socket.socket | None = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._twin is not None:
            self._twin.close()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take hold of the connection as soon as there is one: httpx calls this at each step of a request."""
        if event == "connection.connect_tcp.complete":
            # A duplicate, for TLS takes the original over.
            self._twin = info["return_value"].get_extra_info("socket").dup()
            if self.over:
                self._cut()

    def _cut(self) -> None:
        self.over = True
        if self._twin is not None:
            with suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)


def _parsed(url: str) -> httpx.URL | None:
    try:
        return httpx.URL(url)
    # A lone surrogate is a UnicodeError, which is a ValueError.
    except (httpx.InvalidURL, ValueError):
        return None


def _answer_objections(response: httpx.Response) -> Iterator[str]:
    if response.status_code != 200:
        yield f"expected status 200, received {response.status_code}"
    coding = response.headers.get("Content-Encoding", "identity")
    # It was told so. What is never unpacked cannot swell past the limit.
    if coding.lower() != "identity":
        yield f"expected a body without coding, received {coding!r}"


def _port(target: httpx.URL) -> int:
    return target.port or PORTS[target.scheme]


def _authority(target: httpx.URL) -> str:
    return target.netloc.decode("ascii")


def _names(target: httpx.URL) -> set[str]:
    """The ways in which an operator may have listed this host and port."""
    host = target.raw_host.decode("ascii")
    host = f"[{host}]" if ":" in host else host
    port = _port(target)
    return {f"{host}:{port}"} | ({host} if port == PORTS[target.scheme] else set())
