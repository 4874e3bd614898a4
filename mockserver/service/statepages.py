"""The pages of a journal, and how many there may be: in number, in bytes, and in bytes of all journals together."""

from __future__ import annotations

import marshal
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from .state import MOST_BYTES, MOST_ENTRIES, Room

if TYPE_CHECKING:
    from .journal import Entry

# What an entry takes beside its facts and its prompt. Bytes.
ENTRY = 500


class Later(Mapping[str, Any]):
    """Facts of which some are made when they are read; `weight` is about what all take, in bytes."""

    __slots__ = ("_known", "_make", "weight")

    def __init__(self, known: dict[str, Any], make: Callable[[], dict[str, Any]], weight: int) -> None:
        self._known = known
        self._make: Callable[[], dict[str, Any]] | None = make
        self.weight = weight

    def __getitem__(self, name: str) -> Any:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Any]:
        make = self._make
        if make:
            # In this order: threads may read at once.
            self._known = {**self._known, **make()}
            self._make = None
        return self._known


class Pages(Protocol):
    """Where a journal is written; several may write at once. What is too much goes, the oldest first."""

    def append(self, entry: Entry) -> None:
        """Write down a call."""

    def entries(self) -> list[Entry]:
        """What is kept, oldest first."""

    def mark(self, request_id: str, facts: Mapping[str, Any]) -> None:
        """Add facts to a call, as `Journal.mark` says."""

    def dropped(self) -> int:
        """How many are not kept any more."""

    def clear(self) -> None:
        """Forget all, and that there were any."""


class MemoryPages:
    """A journal in the memory of this process; `room` is what all of them take together."""

    def __init__(self, most: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES, room: Room | None = None) -> None:
        # Each with the real time at which it was written, in seconds, and its bytes.
        self._written: deque[tuple[Entry, float, int]] = deque()
        self._most, self._most_bytes = most, most_bytes
        self._room = room or Room()
        self._count = self._bytes = 0
        self._lock = Lock()

    def append(self, entry: Entry) -> None:
        """Write down a call."""
        size = _weight(entry)
        with self._lock:
            self._written.append((entry, time.monotonic(), size))
            self._count += 1
            while len(self._written) > self._most or (self._bytes + size > self._most_bytes and len(self._written) > 1):
                size -= self._written.popleft()[2]
            self._bytes += size
        if size:
            self._room.take(size)

    def entries(self) -> list[Entry]:
        """What is kept, oldest first."""
        with self._lock:
            return [entry for entry, *_ in self._written]

    def mark(self, request_id: str, facts: Mapping[str, Any]) -> None:
        """Add facts to a call."""
        with self._lock:
            for index, (entry, since, size) in enumerate(self._written):
                if entry.request_id == request_id:
                    self._written[index] = (marked(entry, facts, time.monotonic() - since), since, size)

    def dropped(self) -> int:
        """How many are not kept any more."""
        with self._lock:
            return self._count - len(self._written)

    def clear(self) -> None:
        """Forget all, and that there were any."""
        with self._lock:
            self._room.take(-self._bytes)
            self._written.clear()
            self._count = self._bytes = 0


def marked(entry: Entry, facts: Mapping[str, Any], after: float) -> Entry:
    """An entry with the facts that came later; `after` so many seconds."""
    late = {"gone_after": round(after, 3)} if facts.get("gone") else {}
    return replace(entry, facts={**entry.facts, **late, **facts})


def _weight(entry: Entry) -> int:
    """Its bytes, about: what Python writes of plain values is the quickest to ask for."""
    prompt = 0 if entry.recipe is None else len(entry.recipe.prompt)
    facts: Any = entry.facts
    if isinstance(facts, Later):
        return facts.weight + prompt + ENTRY
    try:
        return len(marshal.dumps(facts)) + prompt + ENTRY
    except ValueError:
        # There is something beside plain values.
        return len(repr(facts)) + prompt + ENTRY
