"""What a process asks of the network, as the interpreter reports it: each name resolved, each place connected to.

No connection is missed: the interpreter raises an audit event for each, whatever library asks (PEP 578).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

NAMES = ("socket.getaddrinfo", "socket.gethostbyname")
PLACES = ("socket.connect", "socket.sendto", "socket.sendmsg")


@dataclass(frozen=True)
class Asked:
    """Names that were resolved, and places that were connected or sent to."""

    names: list[str] = field(default_factory=list)
    places: list[Any] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether the network was left alone."""
        return not self.names and not self.places


@contextmanager
def watched() -> Iterator[Asked]:
    """Note what this process asks meanwhile, in any thread. What would leave the machine fails at once."""
    asked = Asked()
    _WATCHING.append(asked)
    try:
        yield asked
    finally:
        _WATCHING.remove(asked)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _WATCHING or not event.startswith("socket."):
        return
    for asked in _WATCHING:
        if event in NAMES:
            asked.names.append(str(arguments[0]))
        elif event in PLACES:
            asked.places.append(arguments[1])
            if not _is_here(arguments[1]):
                raise ConnectionRefusedError("no network in a test")


def _is_here(place: Any) -> bool:
    return not isinstance(place, tuple) or str(place[0]) in ("127.0.0.1", "::1")


_WATCHING: list[Asked] = []
# It cannot be taken away again: idle, it costs a comparison.
sys.addaudithook(_hook)
