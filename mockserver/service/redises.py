"""What the users of a Redis have in common: the URLs that name one, and that it is told once when one is away."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from ..errors import StorageUnusable

SCHEMES = ("redis://", "rediss://", "redis+unix://")
PATIENCE = 2.0  # seconds, to connect and for each answer
SILENCE = 60  # seconds, from one warning to the next, should one come and go

Value = TypeVar("Value")


def opened(url: str, make: Callable[[str], Value], error: type[StorageUnusable]) -> Value:
    """What is made of a URL, one that can be read. Raises the error, which never quotes the URL, password and all."""
    if not url.startswith(SCHEMES):
        raise error(f"a URL that begins with {' or '.join(SCHEMES)}, received another form")
    try:
        if "@" in "".join(urlsplit(url)[2:]):
            raise ValueError("a password that is not percent-encoded, whose end would be taken for a host")
        return make(url)
    except (TypeError, ValueError):
        raise error("the URL of a Redis, received one that cannot be read") from None


class Outages:
    """When a Redis is away, told once for all of this process that ask it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = -math.inf
        self._away = False

    def begins(self) -> bool:
        """Whether this failure is the first, and to be told; one that is too soon is left for a later one to tell."""
        with self._lock:
            if self._away or (now := monotonic()) - self._last < SILENCE:
                return False
            self._away, self._last = True, now
            return True

    def ends(self) -> None:
        """The Redis answered."""
        # Each answer comes here, and hardly ever with something to do.
        if self._away:
            self._away = False


# By the place of a Redis, for as long as somebody asks it: who asks what knows nothing of each other.
_OUTAGES: WeakValueDictionary[str, Outages] = WeakValueDictionary()
_LOCK = Lock()


class Warnings:
    """What whoever runs the mock is told of the Redis at a URL: one line when it goes away, whoever finds it first."""

    def __init__(self, log: logging.Logger, about: str, url: str = "") -> None:
        self._log, self._about = log, about
        with _LOCK:
            self._outages = _OUTAGES.setdefault(_place(url), Outages()) if url else Outages()
        self.answered = self._outages.ends

    def tell(self, reason: object) -> None:
        """Warn, unless that was done for this outage or a moment ago."""
        if self._outages.begins():
            self._log.warning("%s: %s", self._about, reason)


def _place(url: str) -> str:
    """Host and port of a Redis, or the path of its socket."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path
