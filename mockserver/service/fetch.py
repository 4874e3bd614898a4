"""The guarded fetch of a caller's image URL, from allowed hosts only. Nothing else in the service opens a connection.

A name is resolved once, every address it has is judged, and the connection goes to a judged address: what the name says
a moment later does not matter. An operator who lists `localhost` or an address itself has asked for that very place.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from typing import Any, Self

import httpx

from ..errors import PixelpactError

PORTS = {"http": 80, "https": 443}
SHOWN = 200  # characters of a URL in a message

_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Not even an empty user; no backslash, which ends a host for some readers only; no dot but the dot.
_DOUBTFUL_AUTHORITY = re.compile(r"[^/?#]*//[^/?#]*[@\\\u3002\uff0e\uff61]")


@dataclass
class FetchRefused(PixelpactError):
    """A caller's picture could not or must not be fetched; `url` is free of query, user and password."""

    url: str
    reason: str

    def __str__(self) -> str:
        return f"{self.url!r} is not fetched: {self.reason}"


@dataclass(frozen=True)
class Fetcher:
    """Fetches from `allowed_hosts`: `host` means the scheme's own port, `host:port` that one; IPv6 in brackets.

    International names are listed in their `xn--` form. `tls` says whom to trust.
    """

    allowed_hosts: frozenset[str]
    max_bytes: int = 10 * 2**20
    timeout: float = 5.0
    max_redirects: int = 3
    tls: ssl.SSLContext = field(
        default_factory=lambda: httpx.create_ssl_context(trust_env=False), repr=False, compare=False
    )

    def allows(self, url: str) -> bool:
        """Tell whether the URL may be fetched as far as its text says; its addresses are judged when it is."""
        return not any(self._objections(url))

    def fetch(self, url: str) -> bytes:
        """Return the body behind the URL within the limits of size, time and redirects, or raise FetchRefused."""
        deadline = time.monotonic() + self.timeout
        here = url
        for _ in range(self.max_redirects + 1):
            answer = self._visit(here, deadline)
            if isinstance(answer, bytes):
                return answer
            here = answer
        raise FetchRefused(_shown(url), f"expected at most {self.max_redirects} redirects, received more")

    def _objections(self, url: str) -> Iterator[str]:
        target = _parsed(url)
        if target is None or target.scheme not in PORTS or not target.host:
            yield "expected an http or https URL"
            return
        if _DOUBTFUL_AUTHORITY.match(url):
            yield "expected a plain host, without user or backslash"
        if _names(target).isdisjoint(name.lower() for name in self.allowed_hosts):
            yield f"expected a host of {sorted(self.allowed_hosts)}, received {_authority(target)!r}"

    def _visit(self, url: str, deadline: float) -> bytes | str:
        """Return the body, or the URL to go to instead."""
        for objection in self._objections(url):
            raise FetchRefused(_shown(url), objection)
        target = httpx.URL(url)
        failure: httpx.HTTPError | httpx.InvalidURL | None = None
        for address in self._addresses(target, deadline):
            watch = _Watch(deadline - time.monotonic())
            try:
                return self._ask(target, address, watch)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                failure = error
                if not isinstance(error, httpx.ConnectError):
                    break
        raise FetchRefused(_shown(url), self._trouble(failure, deadline)) from failure

    def _addresses(self, target: httpx.URL, deadline: float) -> list[str]:
        host = target.raw_host.decode("ascii")
        found = _resolved(host, _port(target), deadline - time.monotonic())
        refused = [address for address in found if not _is_reachable(host, address)]
        if refused:
            raise FetchRefused(_shown(str(target)), f"expected public addresses, received {refused}")
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
            raise FetchRefused(_shown(str(target)), objection)
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self.max_bytes:
                raise FetchRefused(_shown(str(target)), f"expected at most {self.max_bytes} bytes, received more")
        # A connection that was cut can look like one that ended.
        if watch.over:
            raise httpx.ReadTimeout("cut")
        return bytes(body)

    def _trouble(self, failure: httpx.HTTPError | httpx.InvalidURL | None, deadline: float) -> str:
        if time.monotonic() >= deadline or isinstance(failure, httpx.TimeoutException):
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


def _shown(url: str) -> str:
    """The URL as a message may show it: query and user carry signatures and passwords."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    return re.sub(r"^([A-Za-z][\w+.-]*:)?[/\\]*[^/\\]*@", r"\1//", bare)[:SHOWN]


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


def _resolved(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name in the resolver's order, none if it has none or takes longer than that."""
    answers: SimpleQueue[list[str]] = SimpleQueue()
    # Nothing can interrupt the system's resolver, so a thread waits for it and nobody for the thread.
    threading.Thread(target=lambda: answers.put(_looked_up(host, port)), daemon=True).start()
    try:
        return answers.get(timeout=max(seconds, 0))
    except Empty:
        return []


def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_reachable(host: str, text: str) -> bool:
    address = ip_address(text)
    if host == "localhost":
        return address.is_loopback
    with suppress(ValueError):
        return ip_address(host) == address
    return _is_public(address)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is one machine of the open net, seen through the forms that wrap an IPv4 address."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return _is_public(address.ipv4_mapped)
    if isinstance(address, IPv6Address) and address in _NAT64:
        return _is_public(IPv4Address(int(address) % 2**32))
    if isinstance(address, IPv6Address):
        return address.is_global and address in _UNICAST and address.sixtofour is None
    return address.is_global and not address.is_multicast
