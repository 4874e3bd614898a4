"""The gate that every intercepted request comes to: the mock's hosts are answered, allowed ones pass, others do not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from ..errors import PixelpactError
from .inprocess import Outcome, Pairs, call

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# What the mock fetches while it answers is its own: it guards that itself.
ANSWERING: ContextVar[bool] = ContextVar("ANSWERING", default=False)
PORTS = {"http": 80, "https": 443}


@dataclass
class BadHost(PixelpactError):
    """A host to allow that is not written as one."""

    received: str

    def __str__(self) -> str:
        return f"allow_hosts: expected a host, or host:port, received {self.received!r}"


@dataclass(eq=False)
class Refused(BaseException):
    """A request, as `GET https://example.com`, left for a host that nobody allowed; `answered` are those of the mock.

    Not an Exception: clients take those of their transport for a connection that failed, and try again, as versions 1
    and 2 of the OpenAI SDK do with any.
    """

    request: str
    answered: tuple[str, ...]

    def __str__(self) -> str:
        ours = ", ".join(f"https://{host}" for host in self.answered)
        return (
            f"{self.request} was refused: pixelpact_mock answers {ours} alone; to let others pass, name them in the "
            "fixture pixelpact_allow_hosts (of an Interception: allow_hosts)"
        )


class Gate:
    """Who is let through. `refused` has a line for each request that was not, as `GET https://example.com`.

    A host means all its ports, `host:port` that one. Raises BadHost for one to allow that is neither.
    """

    def __init__(self, app: WSGIApplication, hosts: Collection[str], allow_hosts: Collection[str]) -> None:
        for host in allow_hosts:
            if "/" in host:
                raise BadHost(host)
        self._app = app
        self._hosts = tuple(host.lower() for host in hosts)
        self._allowed = {host.lower() for host in allow_hosts}
        self.refused: list[str] = []

    def owns(self, url: str) -> bool:
        """Whether a request to this URL is answered."""
        return not ANSWERING.get() and not _names(url).isdisjoint(self._hosts)

    def knows(self, url: str) -> bool:
        """Whether a request to this URL is answered or passes."""
        return ANSWERING.get() or not _names(url).isdisjoint({*self._hosts, *self._allowed})

    def answers(self, method: str, url: str) -> bool:
        """Whether the mock answers this request; if not, it passes to the network. Raises Refused, and notes it."""
        if self.knows(url):
            return self.owns(url)
        # The host alone: paths and queries may hold secrets.
        request = f"{method} {urlsplit(url).scheme}://{_shown(urlsplit(url))}"
        self.refused.append(request)
        raise Refused(request, self._hosts)

    def call(self, method: str, url: str, headers: Pairs, body: bytes) -> Outcome:
        """The mock's answer."""
        token = ANSWERING.set(True)
        try:
            return call(self._app, method, url, headers, body)
        finally:
            ANSWERING.reset(token)


def refusals(error: BaseException | None) -> Iterator[Refused]:
    """The refusals that an error tells: itself, those that led to it, and those of a group."""
    # By id: an error need not be hashable.
    waiting, seen = [error], set[int]()
    while waiting:
        told = waiting.pop()
        if told is None or id(told) in seen:
            continue
        seen.add(id(told))
        if isinstance(told, Refused):
            yield told
        group = told.exceptions if isinstance(told, BaseExceptionGroup) else ()
        waiting += [told.__cause__, None if told.__suppress_context__ else told.__context__, *group]


def _names(url: str) -> set[str]:
    """What a list may call the host of a URL: alone, or with its port."""
    parts = urlsplit(url)
    # A name may end in the dot of the root: it is the same host.
    host = (parts.hostname or "").rstrip(".")
    bracketed = f"[{host}]" if ":" in host else host
    return {host, bracketed, f"{bracketed}:{parts.port or PORTS.get(parts.scheme)}"}


def _shown(parts: SplitResult) -> str:
    """The host as it was written, without user and password."""
    return parts.netloc.rpartition("@")[2]
