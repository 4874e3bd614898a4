"""The suite's one way to a server: HTTP, every request and picture counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.generation import Generation, collect
from pixelpact.contract.images import read_image
from pixelpact.contract.models import Model
from pixelpact.contract.sources import Source

PATH = "/v1/images/generations"


@dataclass
class Client:
    """Sends to one server with one key. `requests` and `pictures` count what was asked for and what came."""

    url: str
    key: str = field(repr=False)
    strict: bool
    requests: int = 0
    pictures: int = 0
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=120, trust_env=False), repr=False)

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Exchange:
        """One request with exactly these headers, to a path of the server or to a whole URL."""
        url = path if "://" in path else f"{self.url}{path}"
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        self.requests += 1
        started = time.perf_counter()
        try:
            # A picture's link may lead on, as a browser's would; a request to the API may not.
            got = self._http.request(method, url, content=body or None, headers=sent, follow_redirects="://" in path)
        except (httpx.RequestError, httpx.InvalidURL) as reason:
            # A server that drops a request is judged like one that answers it wrongly: no status is any status's fault.
            return Exchange(method, url, sent, body, 0, {}, f"no answer: {reason!r}".encode())
        came = {name.lower(): value for name, value in got.headers.items()}
        seconds = time.perf_counter() - started
        return Exchange(method, url, sent, body, got.status_code, came, got.content, seconds)

    def post(self, payload: bytes, content_type: str = "application/json") -> Exchange:
        """A request to the endpoint, with the key."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": content_type}
        return self.send("POST", PATH, payload, headers)

    def download(self, url: str) -> Exchange:
        """A picture, without the key, as a browser would."""
        return self.send("GET", url)

    def generate(
        self, model: Model, body: Mapping[str, object], payload: bytes, sources: tuple[Source, ...] = ()
    ) -> Generation:
        """A request that should be accepted, as `sources` promise, and everything behind its answer."""
        exchange = self.post(payload)
        pictures = collect(model, exchange, self.download) if exchange.status == model.success else ()
        self.pictures += len(pictures)
        return Generation(model, body, exchange, pictures, _input(model, body), self.strict, sources)

    def close(self) -> None:
        """Close every connection."""
        self._http.close()


def _input(model: Model, body: Mapping[str, object]) -> bytes | None:
    """The bytes of the caller's picture, where the body carries them."""
    for name, rule in model.images.items():
        if name in body:
            return read_image(rule, str(body[name])).data
    return None
