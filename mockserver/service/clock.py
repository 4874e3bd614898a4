"""The virtual clock of a tenant: it runs with the real one, and can be put forward."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from .calls import now


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

        Raises ValueError for a step back, or one beyond the year 9999.
        """
        try:
            step = timedelta(**time)
            if step < timedelta():
                raise ValueError(f"clock: expected a step forward, received {step.total_seconds():g} seconds")
            with self._lock:
                now() + self._ahead + step
                self._ahead += step
        except OverflowError as reason:
            raise ValueError(f"clock: expected a moment before the year 10000, received {time}") from reason
        return self.now()

    def reset(self) -> None:
        """Run with the real time again."""
        with self._lock:
            self._ahead = timedelta()
