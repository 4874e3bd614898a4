"""The guarded fetch of a caller's image URL, from allowed hosts only. Nothing else in the service opens a connection.

A name is resolved once, every address it has is judged, and the connection goes to a judged address: what the name says
a moment later does not matter. An operator who lists `localhost` or an address itself has asked for that very place.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from .refusals import FetchRefused, shown

if TYPE_CHECKING:
    import ssl

__all__ = ["FetchRefused", "Fetcher"]


@dataclass(frozen=True)
class Fetcher:
    """Fetches from `allowed_hosts`: `host` means the scheme's own port, `host:port` that one; IPv6 in brackets.

    International names are listed in their `xn--` form. `tls` says whom to trust: by default the usual authorities.
    Without an allowed host nothing is read of a URL, and the HTTP library is not even imported.
    """

    allowed_hosts: frozenset[str]
    max_bytes: int = 10 * 2**20
    timeout: float = 5.0
    max_redirects: int = 3
    tls: ssl.SSLContext | None = field(default=None, repr=False, compare=False)

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
        raise FetchRefused(shown(url), f"expected at most {self.max_redirects} redirects, received more")

    def _visit(self, url: str, deadline: float) -> bytes | str:
        """Return the body, or the URL to go to instead."""
        for objection in self._objections(url):
            raise FetchRefused(shown(url), objection)
        from .visits import Visits

        return Visits(self._tls, self.max_bytes, self.timeout, deadline).visit(url)

    def _objections(self, url: str) -> Iterable[str]:
        if not self.allowed_hosts:
            return ("expected no URL to fetch, as no host is allowed",)
        from .visits import objections

        return objections(url, self.allowed_hosts)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        from .visits import trust

        return self.tls or trust()
