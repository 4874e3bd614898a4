"""Hard-coded calls to the API, answered in process: every client library that is installed is intercepted."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..errors import PixelpactError
from .gate import Gate, refusals

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOSTS = ("api.aimlapi.com",)
# What is intercepted belongs to the whole process, and so does this.
ONE = threading.Lock()


@dataclass
class CannotIntercept(PixelpactError):
    """A client library is installed, and what intercepts it is not: its calls would be sent, and paid for."""

    client: str
    missing: tuple[str, ...]

    def __str__(self) -> str:
        mend = f"pip install {' '.join(self.missing)}"
        return f"{self.client} is installed, but nothing that intercepts it, so its calls would be paid for: {mend}"


class AlreadyIntercepted(PixelpactError):
    """Another interception has not ended: which of the two would answer?"""

    def __str__(self) -> str:
        return "an interception lasts already, pixelpact_mock or another: expected one at a time"


class Interception:
    """While it lasts, requests to `hosts` are answered by the app, and to all others refused but to `allow_hosts`.

    A context manager. Reached are httpx, httpx2, requests and aiohttp, whichever are installed, and so the SDKs on top
    of them; clients that open sockets of their own (urllib, urllib3, niquests, other processes) are not. Raises
    CannotIntercept or AlreadyIntercepted on entering.

    A host to allow is a name, for all its ports, or `host:port`. A request for another raises `gate.Refused` where it
    was made; `refused` lists them, as the code under test may have caught that. A test's own respx or responses, within
    it or around it, may answer other hosts.
    """

    def __init__(
        self, app: WSGIApplication, hosts: Collection[str] = HOSTS, *, allow_hosts: Collection[str] = ()
    ) -> None:
        self._gate = Gate(app, hosts, allow_hosts)
        self._doors = ExitStack()

    @property
    def refused(self) -> list[str]:
        """What was refused, as `GET https://example.com`."""
        return self._gate.refused

    def swallowed(self, error: BaseException | None) -> list[str]:
        """What was refused and is not told by this error, in which the test ended (None: it passed): it was caught."""
        told = Counter(refused.request for refused in refusals(error))
        return list((Counter(self.refused) - told).elements())

    def __enter__(self) -> Self:
        found = [client for client in CLIENTS if find_spec(client.name)]
        for client in found:
            client.check()
        with ExitStack() as doors:
            doors.enter_context(_alone())
            for client in found:
                doors.enter_context(client.door(self._gate))
            self._doors = doors.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._doors.close()


@contextmanager
def _alone() -> Iterator[None]:
    if not ONE.acquire(blocking=False):
        raise AlreadyIntercepted
    try:
        yield
    finally:
        ONE.release()


@dataclass(frozen=True)
class Client:
    """A client library: its name, the modules that intercept it with their distributions, and how that is done."""

    name: str
    needs: Mapping[str, str]
    door: Callable[[Gate], AbstractContextManager[object]]

    def check(self) -> None:
        """Raise CannotIntercept if a module is missing."""
        missing = tuple(distribution for module, distribution in self.needs.items() if not find_spec(module))
        if missing:
            raise CannotIntercept(self.name, missing)


# Each door imports its library, so it is imported where it is needed.


def _httpx(gate: Gate) -> AbstractContextManager[object]:
    import httpcore

    from .httpx_door import HttpxDoor

    return HttpxDoor(gate, httpcore)


def _httpx2(gate: Gate) -> AbstractContextManager[object]:
    import httpcore2

    # Imported for its effect: it teaches respx the name `httpcore2`.
    import pytest_httpx2  # noqa: F401

    from .httpx_door import HttpxDoor

    return HttpxDoor(gate, httpcore2)


def _requests(gate: Gate) -> AbstractContextManager[object]:
    from .requests_door import requests_door

    return requests_door(gate)


def _aiohttp(gate: Gate) -> AbstractContextManager[object]:
    from .aiohttp_door import aiohttp_door

    return aiohttp_door(gate)


CLIENTS = (
    Client("httpx", {"respx": "respx"}, _httpx),
    Client("httpx2", {"respx": "respx", "pytest_httpx2": "pytest-httpx2"}, _httpx2),
    Client("requests", {"responses": "responses"}, _requests),
    Client("aiohttp", {}, _aiohttp),
)
