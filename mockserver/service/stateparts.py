"""The parts of a tenant's state together: what they begin as, and where each of them is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from .credits import Credits
from .faults import Fault
from .lifecycle import Lifecycle, Stages
from .settings import Beginning
from .state import MOST_BYTES, MOST_ENTRIES, Cell, Memory, MemoryPlaces, Places, Room
from .stateallowed import Allowed, allowed
from .statebooks import MemoryPurse, Purse
from .statepages import MemoryPages, Pages

# What there is room for of each call where more are kept than usual; most take less.
BYTES_OF_A_CALL = 4096


@dataclass(frozen=True)
class Values:
    """The state of a tenant that has not called yet."""

    ahead: timedelta
    faults: tuple[Fault, ...]
    allowed: Allowed
    stages: Stages
    balance: int | None


@dataclass(frozen=True)
class Parts:
    """Where the parts of one tenant are kept."""

    ahead: Cell[timedelta]
    faults: Cell[tuple[Fault, ...]]
    allowed: Cell[Allowed]
    stages: Cell[Stages]
    purse: Purse
    places: Places
    pages: Pages


def begun(start: Beginning, known: Collection[str], now: Callable[[], datetime]) -> Values:
    """What a tenant begins with, now. ValueError for what none can begin with."""
    stages: Memory[Stages] = Memory(Stages())
    Lifecycle(known, now=now, deprecated=start.deprecated, removed=start.removed, stages=stages)
    return Values(
        ahead=timedelta(),
        faults=start.faults,
        allowed=allowed(*start.quotas, concurrency=start.concurrency),
        stages=stages.value,
        balance=Credits(start.credits).balance,
    )


def in_memory(values: Values, room: Room, calls: int = MOST_ENTRIES) -> Parts:
    """Parts in the memory of this process; `room` is what all journals take there, `calls` how many each keeps."""
    return Parts(
        ahead=Memory(values.ahead),
        faults=Memory(values.faults),
        allowed=Memory(values.allowed),
        stages=Memory(values.stages),
        purse=MemoryPurse(values.balance),
        places=MemoryPlaces(),
        pages=MemoryPages(calls, max(MOST_BYTES, calls * BYTES_OF_A_CALL), room),
    )
