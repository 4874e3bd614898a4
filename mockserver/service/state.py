"""Where a tenant's state is kept: values that are read and changed atomically. Here in the memory of one process.

Each part of a tenant (its clock, faults, credits…) works on one of these; `shared` has them in a Redis instead.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeVar

from ..errors import StorageUnusable

MEBIBYTE = 2**20
# Of the journals: in entries and bytes of one tenant, and in bytes of all together.
MOST_ENTRIES = 1000
MOST_BYTES = 16 * MEBIBYTE
MOST_BYTES_OF_ALL = 256 * MEBIBYTE

Value = TypeVar("Value")


class Stale(Exception):
    """A call was answered by what held before a change that came first: it is to be answered again.

    Nothing was given away and nothing was written down; no error of the caller, nor of whoever runs the mock.
    """


class StateUnusable(StorageUnusable):
    """The Redis that holds what replicas share cannot be used."""

    def __str__(self) -> str:
        return f"shared state: expected {self.expected}"


class Cell(Protocol[Value]):
    """One value that several may read and change at once."""

    @property
    def value(self) -> Value:
        """The value as it is now."""

    def change(self, step: Callable[[Value], Value]) -> Value:
        """Let the step's result hold, and give it; what the step raises changes nothing.

        A step may be asked more than once, so it does nothing else.
        """


class Memory(Generic[Value]):
    """A cell in the memory of this process."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self._lock = Lock()

    def change(self, step: Callable[[Value], Value]) -> Value:
        """Let the step's result hold, and give it."""
        with self._lock:
            self.value = step(self.value)
            return self.value


class Room:
    """How many bytes the journals of all tenants take together."""

    def __init__(self, most: int = MOST_BYTES_OF_ALL) -> None:
        self._most = most
        self._taken = 0
        self._lock = Lock()

    def take(self, count: int) -> None:
        """Note so many bytes more, or less."""
        with self._lock:
            self._taken += count

    @property
    def is_full(self) -> bool:
        """Whether they take more than they may."""
        return self._taken > self._most


class Places(Protocol):
    """The calls of a tenant that are under way."""

    def take(self, most: int | None) -> Callable[[], None] | None:
        """What gives a place back, once however often it is called; None if as many as that are taken."""

    @property
    def taken(self) -> int:
        """How many calls are under way."""


class MemoryPlaces:
    """The calls under way in this process: all are counted, so that a limit that comes later finds them."""

    def __init__(self) -> None:
        self.taken = 0
        self._lock = Lock()

    def take(self, most: int | None) -> Callable[[], None] | None:
        """What gives a place back; None if none is left."""
        with self._lock:
            if most is not None and self.taken >= most:
                return None
            self.taken += 1
        held = True

        def leave() -> None:
            nonlocal held
            with self._lock:
                self.taken -= held
                held = False

        return leave
