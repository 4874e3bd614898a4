"""Limits of a tenant: calls in a window of its clock, and calls at once, counted here or in a Redis."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..errors import StorageUnusable
from .failures import Failure
from .redises import PATIENCE, Warnings, opened
from .state import Cell, Memory, MemoryPlaces, Places
from .stateallowed import LONGEST, Allowed, Quota, allowed

# The library takes longer to load than a mock may to start, and few mocks have quotas: it is loaded where it is used.
if TYPE_CHECKING:
    from limits.storage import RedisStorage
    from limits.storage import Storage as Backend

LOG = logging.getLogger("pixelpact.limits")
# A counter outlives its window a little, should the clock that numbers the windows be late. Seconds.
GRACE = 60
# What tells of a clearing outlives every counter from before it. Seconds.
REMEMBERED = LONGEST + 366 * 86_400
# Assumed: nobody has seen the API refuse a call for its company.
PLACE_WAIT = 1  # seconds


@dataclass(frozen=True)
class Counter:
    """A quota's counter in one window; `wait` is the whole seconds until the window ends."""

    key: str
    quota: Quota
    wait: int


class Storage:
    """Counters that several tenants, and with Redis several servers, share."""

    def __init__(self, backend: Backend | None = None, url: str = "") -> None:
        self._given = backend
        # The library's memory loses counts, and starts its timer twice, where two threads write at once.
        self._lock: AbstractContextManager[Any] = Lock() if _is_memory(backend) else nullcontext()
        self._warnings = Warnings(LOG, "storage of quotas", url)

    @cached_property
    def _backend(self) -> Backend:
        from limits.storage import MemoryStorage

        return self._given or MemoryStorage(wrap_exceptions=True)

    def take(self, counters: Sequence[Counter]) -> list[Counter]:
        """Take one call from each, or none at all; gives those that were full. Raises StorageUnusable.

        Of calls at one moment through several servers too many are never let in; now and then too few may be.
        """
        with self._turn():
            full = [each for each in counters if self._count(each.key, each.wait, 1) > each.quota.calls]
            for each in counters if full else ():
                self._count(each.key, each.wait, -1)
        return full

    def used(self, key: str) -> int:
        """How many calls a counter has. Raises StorageUnusable."""
        with self._turn():
            return self._backend.get(key)

    def next(self, key: str) -> None:
        """Count one more generation of a tenant's counters: no server uses the earlier ones. Raises StorageUnusable."""
        with self._turn():
            self._count(key, REMEMBERED, 1)

    def _count(self, key: str, wait: int, calls: int) -> int:
        return self._backend.incr(key, wait + GRACE, calls)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        from limits.errors import StorageError

        with self._lock:
            try:
                yield
            except StorageError as reason:
                self._warnings.tell(reason.storage_error)
                raise StorageUnusable("a Redis that answers, received an error", str(reason.storage_error)) from reason
            self._warnings.answered()


def storage(url: str | None = None) -> Storage:
    """Where a server counts: in its own memory, or in the Redis at `redis://`, `rediss://` or `redis+unix://`.

    Raises StorageUnusable if that cannot be reached, or the `redis` package is missing.
    """
    return Storage() if url is None else opened(url, _reached, StorageUnusable)


def _reached(url: str) -> Storage:
    from limits.errors import ConfigurationError

    try:
        found = Storage(_redis(url), url)
    except ConfigurationError as reason:
        raise StorageUnusable("the package redis, which pip install 'pixelpact[redis]' brings") from reason
    found.used("reachable")
    return found


def _is_memory(backend: Backend | None) -> bool:
    if backend is None:
        return True
    from limits.storage import MemoryStorage

    return isinstance(backend, MemoryStorage)


def _redis(url: str) -> RedisStorage:
    from limits.storage import RedisStorage

    return RedisStorage(
        url, key_prefix="pixelpact", wrap_exceptions=True, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
    )


class Limits:
    """A tenant's quotas, as `10/minute` or `10 per hour; 100 per day`, and how many of its calls may be under way.

    The tenant's own clock moves the windows on. A bad value is a ValueError that names field, rule and value.
    """

    def __init__(
        self,
        name: str,
        storage: Storage,
        *quotas: str,
        concurrency: int | None = None,
        cell: Cell[Allowed] | None = None,
        places: Places | None = None,
    ) -> None:
        self._name = name
        self._storage = storage
        self._allowed = Memory(allowed(*quotas, concurrency=concurrency)) if cell is None else cell
        self._places = MemoryPlaces() if places is None else places

    def set(self, *quotas: str, concurrency: int | None = None) -> None:
        """Let these limits hold, and no others. A quota that held before keeps its count."""
        new = allowed(*quotas, concurrency=concurrency)
        self._allowed.change(lambda _: new)

    def clear(self) -> None:
        """Hold no limits, and forget what any server counted for this tenant. Raises StorageUnusable."""
        self._allowed.change(lambda _: Allowed())
        self._storage.next(self._generation)

    def enter(self, moment: datetime) -> Callable[[], None]:
        """Take one call of each quota, and a place; gives what gives the place back, once, however often it is called.

        Raises Failure with the wait in `Retry-After`, of several full quotas the longest; a refused call takes nothing.
        Raises StorageUnusable.
        """
        now = self._allowed.value
        leave = self._places.take(now.concurrency)
        if leave is None:
            raise _refused(f"{self._places.taken} calls are under way, {now.concurrency} may be", PLACE_WAIT)
        if now.quotas:
            try:
                self._take(now.quotas, moment)
            except BaseException:
                leave()
                raise
        return leave

    def remaining(self, moment: datetime) -> dict[str, int]:
        """How many calls each quota still lets in at a moment. Raises StorageUnusable."""
        used = {each.quota: self._storage.used(each.key) for each in self._counters(self._allowed.value.quotas, moment)}
        # A call that another server is about to refuse may count for a moment.
        return {str(quota): max(0, quota.calls - calls) for quota, calls in used.items()}

    def json(self) -> dict[str, Any]:
        """The limits that hold, and how many calls are under way, for the control API."""
        now = self._allowed.value
        quotas = [str(quota) for quota in now.quotas]
        return {"quotas": quotas, "concurrency": now.concurrency, "under_way": self._places.taken}

    @property
    def _generation(self) -> str:
        return f"{self._name}/generation"

    def _take(self, quotas: Sequence[Quota], moment: datetime) -> None:
        full = self._storage.take(self._counters(quotas, moment))
        if full:
            longest = max(full, key=lambda counter: counter.wait)
            raise _refused(f"{longest.quota}, its window ends in {longest.wait} s", longest.wait)

    def _counters(self, quotas: Sequence[Quota], moment: datetime) -> list[Counter]:
        if not quotas:
            return []
        beginning = f"{self._name}/{self._storage.used(self._generation)}"
        windows = [(quota, *quota.window(moment)) for quota in quotas]
        return [Counter(f"{beginning}/{quota}/{number}", quota, wait) for quota, number, wait in windows]


def _refused(reason: str, wait: int) -> Failure:
    return Failure("too_many_requests", {"reason": reason}, headers={"Retry-After": str(wait)})
