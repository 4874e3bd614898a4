"""The suite's one way to a server: HTTP, every request counted, and none repeated that may have been billed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
from pixelpact.checks.exchange import Exchange
from pixelpact.contract.contract import PATH

from .patience import Patience

# Long enough for a slow model; whoever answers later is not waited for.
LONGEST = 180
TIMEOUT = httpx.Timeout(LONGEST, connect=20)
# The largest picture has 4 megapixels; in base64 and as PNG it stays far below.
LARGEST = 64 * 2**20


class Endless(Exception):
    """A body that is too long, or does not end in time."""


@dataclass
class Client:
    """Sends to one server with one key, and keeps what came since it was last asked.

    `name` begins the id of each request.
    """

    url: str
    key: str = field(repr=False)
    patience: Patience = field(default_factory=Patience)
    name: str = "pixelpact"
    requests: int = 0
    waits: list[Exchange] = field(default_factory=list)
    kept: list[Exchange] = field(default_factory=list)
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=TIMEOUT, trust_env=False), repr=False)

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Exchange:
        """One request with exactly these headers, and an id of its own where they have none."""
        self.requests += 1
        sent = {"x-client-request-id": f"{self.name}-{self.requests:06}", **_lower(headers or {})}
        tries: list[Exchange] = []

        def once() -> Exchange:
            tries.append(self._sent(method, f"{self.url}{path}", body, sent, follow=False))
            return tries[-1]

        self.patience.send(once)
        *asked_to_wait, last = tries
        self.waits += asked_to_wait
        self.kept.append(last)
        return last

    def post(self, payload: bytes, content_type: str = "application/json", path: str = PATH) -> Exchange:
        """A request to the endpoint, with the key."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": content_type}
        return self.send("POST", path, payload, headers)

    def download(self, url: str) -> Exchange:
        """A picture, without the key, as a browser would: its link may lead on."""
        exchange = self._sent("GET", url, b"", {}, follow=True)
        self.kept.append(exchange)
        return exchange

    def taken(self) -> list[Exchange]:
        """What was exchanged since this was last asked."""
        kept, self.kept = self.kept, []
        return kept

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def _sent(self, method: str, url: str, body: bytes, sent: Mapping[str, str], *, follow: bool) -> Exchange:
        moment, started = time.time(), time.perf_counter()
        try:
            with self._http.stream(method, url, content=body or None, headers=sent, follow_redirects=follow) as got:
                status, came, content = got.status_code, _lower(got.headers), _read(got, started + LONGEST)
        except (httpx.RequestError, httpx.InvalidURL, UnicodeError, Endless) as reason:
            # A server that drops a request is judged like one that answers it wrongly: no status is any status's fault.
            status, came, content = 0, {}, f"no answer: {reason!r}".encode()
        seconds = time.perf_counter() - started
        return Exchange(method, url, sent, body, status, came, content, seconds, moment, self.requests, self.key)


def _read(got: httpx.Response, deadline: float) -> bytes:
    """The body, as long as it is one that a picture can have, and comes in time. Raises Endless."""
    content = bytearray()
    for chunk in got.iter_bytes():
        content += chunk
        if len(content) > LARGEST:
            raise Endless(f"a body of more than {LARGEST:,} bytes")
        if time.perf_counter() > deadline:
            raise Endless(f"a body that took more than {LONGEST} s")
    return bytes(content)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
