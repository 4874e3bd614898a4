"""Limits of a tenant: calls in a window of its clock, and calls at once. Nothing else knows the library that counts."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.storage import Storage as Backend

from ..contract.breaches import shown
from ..errors import StorageUnusable
from .calls import nothing
from .failures import Failure

LOG = logging.getLogger("pixelpact.limits")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
# A month of the calendar, as a person means it; the library has one of 30 days, and a year of 360.
MONTHS = {"month": 1, "year": 12}
NO_UNITS = re.compile(r"(/|per)\s*0+\s*[a-z]", re.IGNORECASE)
LONGEST = 10 * 360 * 86_400
# A counter outlives its window a little, should the clock that numbers the windows be late. Seconds.
GRACE = 60
# What tells of a clearing outlives every counter from before it. Seconds.
REMEMBERED = LONGEST + 366 * 86_400
PATIENCE = 2.0  # seconds, for a Redis
SILENCE = 60  # seconds, from one warning to the next
SCHEMES = ("redis://", "rediss://", "redis+unix://")
# Assumed: nobody has seen the API refuse a call for its company.
PLACE_WAIT = 1  # seconds


@dataclass(frozen=True)
class Quota:
    """So many calls in each window of so many units. Windows are aligned as the vendor's: days begin at 00:00 UTC."""

    calls: int
    units: int
    unit: str

    def window(self, moment: datetime) -> tuple[int, int]:
        """The number of the window at a moment, and the whole seconds until it ends: at least 1."""
        number, left = self._months(moment) if self.unit in MONTHS else self._fixed(moment)
        return number, max(1, math.ceil(left / timedelta(seconds=1)))

    def _fixed(self, moment: datetime) -> tuple[int, timedelta]:
        length = timedelta(seconds=self.units * SECONDS[self.unit])
        number, into = divmod(moment - EPOCH, length)
        return number, length - into

    def _months(self, moment: datetime) -> tuple[int, timedelta]:
        length = self.units * MONTHS[self.unit]
        today = moment.astimezone(UTC)
        number = (today.year * 12 + today.month - 1) // length
        year, month = divmod((number + 1) * length, 12)
        end = datetime(year, month + 1, 1, tzinfo=UTC) if year <= MAXYEAR else datetime.max.replace(tzinfo=UTC)
        return number, end - moment

    def __str__(self) -> str:
        return f"{self.calls} per {self.unit if self.units == 1 else f'{self.units} {self.unit}s'}"


@dataclass(frozen=True)
class Counter:
    """A quota's counter in one window; `wait` is the whole seconds until the window ends."""

    key: str
    quota: Quota
    wait: int


class Storage:
    """Counters that several tenants, and with Redis several servers, share."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        # The library's memory loses counts, and starts its timer twice, where two threads write at once.
        self._lock: AbstractContextManager[Any] = Lock() if isinstance(backend, MemoryStorage) else nullcontext()
        self._warning = Lock()
        self._warned = -math.inf

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
        with self._lock:
            try:
                yield
            except StorageError as reason:
                self._warn(str(reason.storage_error))
                raise StorageUnusable("a Redis that answers, received an error", str(reason.storage_error)) from reason

    def _warn(self, reason: str) -> None:
        with self._warning:
            now = monotonic()
            if now - self._warned < SILENCE:
                return
            self._warned = now
        LOG.warning("storage of quotas: %s", reason)


def storage(url: str | None = None) -> Storage:
    """Where a server counts: in its own memory, or in the Redis at `redis://`, `rediss://` or `redis+unix://`.

    Raises StorageUnusable if that cannot be reached, or the `redis` package is missing.
    """
    if url is None:
        return Storage(MemoryStorage(wrap_exceptions=True))
    if not url.startswith(SCHEMES):
        raise StorageUnusable(f"a URL that begins with {' or '.join(SCHEMES)}, received another form")
    try:
        if "@" in "".join(urlsplit(url)[2:]):
            raise ValueError("a password that is not percent-encoded, whose end would be taken for a host")
        found = Storage(_redis(url))
        found.used("reachable")
    except ConfigurationError as reason:
        raise StorageUnusable("the package redis, which pip install 'pixelpact[redis]' brings") from reason
    except (TypeError, ValueError):
        # Their reasons quote the URL, password and all.
        raise StorageUnusable("the URL of a Redis, received one that cannot be read") from None
    return found


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        url, key_prefix="pixelpact", wrap_exceptions=True, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
    )


class Limits:
    """A tenant's quotas, as `10/minute` or `10 per hour; 100 per day`, and how many of its calls may be under way.

    The tenant's own clock moves the windows on. Calls under way are counted in this process alone. A bad value is a
    ValueError that names field, rule and value.
    """

    def __init__(self, name: str, storage: Storage, *quotas: str, concurrency: int | None = None) -> None:
        self._name = name
        self._generation = f"{name}/generation"
        self._storage = storage
        self._under_way = 0
        self._lock = Lock()
        self.set(*quotas, concurrency=concurrency)

    def set(self, *quotas: str, concurrency: int | None = None) -> None:
        """Let these limits hold, and no others. A quota that held before keeps its count."""
        read = tuple(dict.fromkeys(quota for text in quotas for quota in _quotas(text)))
        places = None if concurrency is None else _places(concurrency)
        with self._lock:
            self._quotas, self._concurrency = read, places

    def clear(self) -> None:
        """Hold no limits, and forget what any server counted for this tenant. Raises StorageUnusable."""
        with self._lock:
            self._quotas, self._concurrency = (), None
            self._storage.next(self._generation)

    def enter(self, moment: datetime) -> Callable[[], None]:
        """Take one call of each quota, and a place; gives what gives the place back, once, however often it is called.

        Raises Failure with the wait in `Retry-After`, of several full quotas the longest; a refused call takes nothing.
        Raises StorageUnusable.
        """
        with self._lock:
            if self._concurrency is not None and self._under_way >= self._concurrency:
                raise _refused(f"{self._under_way} calls are under way, {self._concurrency} may be", PLACE_WAIT)
            counters = self._counters(moment)
            full = self._storage.take(counters)
            if full:
                longest = max(full, key=lambda counter: counter.wait)
                raise _refused(f"{longest.quota}, its window ends in {longest.wait} s", longest.wait)
            self._under_way += 1
        return self._place()

    def remaining(self, moment: datetime) -> dict[str, int]:
        """How many calls each quota still lets in at a moment. Raises StorageUnusable."""
        with self._lock:
            used = {each.quota: self._storage.used(each.key) for each in self._counters(moment)}
        # A call that another server is about to refuse may count for a moment.
        return {str(quota): max(0, quota.calls - calls) for quota, calls in used.items()}

    def json(self) -> dict[str, Any]:
        """The limits that hold, and how many calls are under way, for the control API."""
        with self._lock:
            quotas = [str(quota) for quota in self._quotas]
            return {"quotas": quotas, "concurrency": self._concurrency, "under_way": self._under_way}

    def _counters(self, moment: datetime) -> list[Counter]:
        if not self._quotas:
            return []
        beginning = f"{self._name}/{self._storage.used(self._generation)}"
        windows = [(quota, *quota.window(moment)) for quota in self._quotas]
        return [Counter(f"{beginning}/{quota}/{number}", quota, wait) for quota, number, wait in windows]

    def _place(self) -> Callable[[], None]:
        give_back = self._leave

        def leave() -> None:
            nonlocal give_back
            with self._lock:
                give_back()
                give_back = nothing

        return leave

    def _leave(self) -> None:
        self._under_way -= 1


def _places(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"concurrency: expected a whole number, 1 or more, received {shown(value)}")
    return value


def _quotas(text: str) -> Iterator[Quota]:
    try:
        items = parse_many(text)
    except ValueError as reason:
        raise ValueError(f"quotas: expected the form 10/minute or 10 per 2 hours, received {shown(text)}") from reason
    if NO_UNITS.search(text):
        # The library would read a window of none as one of one.
        raise ValueError(f"quotas: expected a window of 1 unit or more, received {shown(text)}")
    for item in items:
        yield _quota(item, text)


def _quota(item: RateLimitItem, text: str) -> Quota:
    if item.amount < 1:
        raise ValueError(f"quotas: expected 1 call or more, received {shown(text)}")
    if item.get_expiry() > LONGEST:
        raise ValueError(f"quotas: expected a window of 10 years at most, received {shown(text)}")
    return Quota(item.amount, item.multiples, item.GRANULARITY.name)


def _refused(reason: str, wait: int) -> Failure:
    return Failure("too_many_requests", {"reason": reason}, headers={"Retry-After": str(wait)})
