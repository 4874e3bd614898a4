"""When a request may be sent again: only where the server itself asked for that, and said how long to wait.

Anything else is a verdict: a request that failed, timed out or was dropped may have been billed, and is not repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pixelpact.checks.exchange import Exchange

ASKING = (429, 503)
REPEATS = 2


@dataclass(frozen=True)
class Answered:
    """The last answer, the seconds waited before each repeat, and why a further wait that was asked for is refused."""

    exchange: Exchange
    waits: tuple[float, ...]
    reason: str


@dataclass(frozen=True)
class Patience:
    """How long a request may wait for its turn: `longest` seconds over all its repeats."""

    longest: float = 120
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, request: Callable[[], Exchange]) -> Answered:
        """Send a request, and again after each wait that its answer asks for, as long as that is allowed."""
        waits: tuple[float, ...] = ()
        while True:
            exchange = request()
            wait = wanted(exchange.status, exchange.headers, self.now())
            reason = "" if wait is None else self.refusal(wait, waits)
            if wait is None or reason:
                return Answered(exchange, waits, reason)
            self.sleep(wait)
            waits += (wait,)

    def refusal(self, wait: float, waits: tuple[float, ...]) -> str:
        """Why a further wait is not allowed after those; empty where it is."""
        if len(waits) == REPEATS:
            return f"asked to wait {wait:.0f} s more after {REPEATS} repeats"
        if sum(waits) + wait > self.longest:
            return f"asked to wait {wait:.0f} s after {sum(waits):.0f} s, more than {self.longest:.0f} s in all"
        return ""


def wanted(status: int, headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds after which a server wants to be asked again; None where it did not say so."""
    return retry_after(headers, now) if status in ASKING else None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the `Retry-After` of an answer, never below 0; None without one that makes sense.

    Seconds or any of HTTP's three dates. Header names are in lower case; `now` has a time zone.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now.timestamp())
