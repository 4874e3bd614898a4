"""The virtual clock of a tenant: it runs with the real one, and can be put forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .calls import now
from .state import Cell, Memory

UNITS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")
# A link's name has its moment in thirteen digits of milliseconds.
LATEST = datetime(2286, 11, 20, tzinfo=UTC)


class Clock:
    """What time it is for one tenant: links expire by it, quotas move on by it, answers are dated by it.

    The cell has how far it is ahead of the real time.
    """

    def __init__(self, ahead: Cell[timedelta] | None = None) -> None:
        self._ahead = Memory(timedelta()) if ahead is None else ahead

    def now(self) -> datetime:
        """The tenant's present, in UTC."""
        return now() + self._ahead.value

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of the real time."""
        return self._ahead.value

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

        def further(ahead: timedelta) -> timedelta:
            if step > LATEST - now() - ahead:
                raise ValueError(f"clock: expected a moment before {LATEST:%Y-%m-%d}, received a step of {time}")
            return ahead + step

        return now() + self._ahead.change(further)

    def reset(self) -> None:
        """Run with the real time again."""
        self._ahead.change(lambda _: timedelta())
