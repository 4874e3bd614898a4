"""The gate that every intercepted request comes to: the mock's hosts are answered, allowed ones pass, others do not."""

from __future__ import annotations

from collections.abc import Collection
from contextvars import ContextVar
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from .inprocess import Outcome, Pairs, call

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# What the mock fetches while it answers is its own: it guards that itself.
ANSWERING: ContextVar[bool] = ContextVar("ANSWERING", default=False)


class Refused(BaseException):
    """A request left for a host that nobody allowed.

    Not an Exception: clients take those of their transport for a connection that failed, and try again, as versions 1
    and 2 of the OpenAI SDK do with any.
    """


class Gate:
    """Who is let through. `refused` has a line for each request that was not, as `GET https://example.com`."""

    def __init__(self, app: WSGIApplication, hosts: Collection[str], allow_hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = [host.lower() for host in hosts]
        self._allowed = {host.lower() for host in allow_hosts}
        self.refused: list[str] = []

    def knows(self, url: str) -> bool:
        """Whether a request to this URL is answered or passes."""
        return ANSWERING.get() or _host(urlsplit(url)) in {*self._hosts, *self._allowed}

    def answers(self, method: str, url: str) -> bool:
        """Whether the mock answers this request; if not, it passes to the network. Raises Refused, and notes it."""
        if self.knows(url):
            return not ANSWERING.get() and _host(urlsplit(url)) in self._hosts
        # The host alone: paths and queries may hold secrets.
        request = f"{method} {urlsplit(url).scheme}://{_shown(urlsplit(url))}"
        self.refused.append(request)
        ours = ", ".join(f"https://{host}" for host in self._hosts)
        raise Refused(
            f"{request} was refused: pixelpact_mock answers {ours} alone; name the host in allow_hosts to let it pass"
        )

    def call(self, method: str, url: str, headers: Pairs, body: bytes) -> Outcome:
        """The mock's answer."""
        token = ANSWERING.set(True)
        try:
            return call(self._app, method, url, headers, body)
        finally:
            ANSWERING.reset(token)


def _host(parts: SplitResult) -> str:
    # A name may end in the dot of the root: it is the same host.
    return (parts.hostname or "").rstrip(".")


def _shown(parts: SplitResult) -> str:
    """The host as it was written, without user and password."""
    return parts.netloc.rpartition("@")[2]
