"""How much a tenant may call: quotas as people write them, and the windows that they count in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..contract.breaches import shown

# It takes longer to load than a mock may to start, and few mocks have quotas: it is loaded where it is used.
if TYPE_CHECKING:
    from limits import RateLimitItem

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
# A month of the calendar, as a person means it; the library has one of 30 days, and a year of 360.
MONTHS = {"month": 1, "year": 12}
NO_UNITS = re.compile(r"(/|per)\s*0+\s*[a-z]", re.IGNORECASE)
LONGEST = 10 * 360 * 86_400


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
class Allowed:
    """How much may be called: the quotas that hold, and how many calls may be under way."""

    quotas: tuple[Quota, ...] = ()
    concurrency: int | None = None


def allowed(*quotas: str, concurrency: int | None = None) -> Allowed:
    """Quotas as they are written, such as `10/minute`, and calls at once. Raises ValueError."""
    read = tuple(dict.fromkeys(quota for text in quotas for quota in _quotas(text)))
    return Allowed(read, None if concurrency is None else _places(concurrency))


def _places(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"concurrency: expected a whole number, 1 or more, received {shown(value)}")
    return value


def _quotas(text: str) -> Iterator[Quota]:
    from limits import parse_many

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
