"""What the users of a Redis have in common: the URLs that name one, and how often its failures are told."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import TypeVar
from urllib.parse import urlsplit

from ..errors import StorageUnusable

SCHEMES = ("redis://", "rediss://", "redis+unix://")
PATIENCE = 2.0  # seconds, to connect and for each answer
SILENCE = 60  # seconds, from one warning to the next

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


class Warnings:
    """What whoever runs the mock is told, now and then."""

    def __init__(self, log: logging.Logger, about: str) -> None:
        self._log, self._about = log, about
        self._lock = Lock()
        self._last = -math.inf

    def tell(self, reason: object) -> None:
        """Warn, unless that was done a moment ago."""
        with self._lock:
            now = monotonic()
            if now - self._last < SILENCE:
                return
            self._last = now
        self._log.warning("%s: %s", self._about, reason)
