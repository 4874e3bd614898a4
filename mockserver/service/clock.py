"""The virtual clock of a tenant: it runs with the real one, and can be put forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock

from .calls import now

UNITS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")
# A link's name has its moment in thirteen digits of milliseconds.
LATEST = datetime(2286, 11, 20, tzinfo=UTC)


class Clock:
    """What time it is for one tenant: links expire by it, quotas move on by it, answers are dated by it."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._lock = Lock()

    def now(self) -> datetime:
        """The tenant's present, in UTC."""
        return now() + self._ahead

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of the real time."""
        return self._ahead

    def advance(self, **time: float) -> datetime:
        """Put the clock forward by `hours=25` or any other names of a timedelta, and give the new present.

        Raises ValueError for a step back, one of another name, or one beyond the year 2286.
        """
        unknown = time.keys() - set(UNITS)
        if unknown:
            raise ValueError(f"clock: expected {' | '.join(UNITS)}, received {', '.join(sorted(unknown))}")
        try:
            step = timedelta(**time)
        except OverflowError:
            step = timedelta.max
        if step < timedelta():
            raise ValueError(f"clock: expected a step forward, received {step.total_seconds():g} seconds")
        with self._lock:
            if step > LATEST - now() - self._ahead:
                raise ValueError(f"clock: expected a moment before {LATEST:%Y-%m-%d}, received a step of {time}")
            self._ahead += step
        return self.now()

    def reset(self) -> None:
        """Run with the real time again."""
        with self._lock:
            self._ahead = timedelta()
