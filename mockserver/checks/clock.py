"""Moments that an answer tells, against the clock: the server's own Date where it sends one, else ours."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .exchange import Exchange

# Two machines of one service may be a little apart, and Date has whole seconds.
SKEW = 5.0
# Without a Date, this machine's own clock is the judge, and nobody may have set it well.
OWN_SKEW = 30.0


def moment_reason(exchange: Exchange, told: float) -> tuple[str, str] | None:
    """What was promised of a moment, in seconds since 1970, and what came; None if it fits, or nothing can be said."""
    answered, skew = _answered(exchange)
    if answered is None or answered - exchange.seconds - skew <= told <= answered + skew:
        return None
    return f"the moment of the answer, {_shown(answered)}, within {skew:.0f} s", _shown(told)


def _answered(exchange: Exchange) -> tuple[float | None, float]:
    try:
        return parsedate_to_datetime(exchange.headers["date"]).timestamp(), SKEW
    except (KeyError, ValueError, OverflowError):
        own = None if exchange.moment is None else exchange.moment + exchange.seconds
        return own, OWN_SKEW


def _shown(moment: float) -> str:
    try:
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return f"{moment:,.0f} seconds since 1970"
