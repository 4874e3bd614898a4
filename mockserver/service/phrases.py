"""Numbers as people say them, for what is told of calls."""

from __future__ import annotations

from datetime import timedelta

from ..contract.answers import CREDITS_PER_USD

UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def times(count: int) -> str:
    """As `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def counted(count: int, noun: str) -> str:
    """As `1 call`, `2 calls`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def others(count: int) -> str:
    """What is appended to the first of so many occasions."""
    return f", and {times(count - 1)} more" if count > 1 else ""


def money(credits: int) -> str:
    """As `63,000 credits ($0.0315)`."""
    return f"{credits:,} credits (${credits / CREDITS_PER_USD:.4f})"


def span(time: timedelta) -> str:
    """As `25 hours`, `0.40 s`: a whole number of the largest unit of which there are two."""
    seconds = max(0.0, time.total_seconds())
    name, unit = next(((name, unit) for name, unit in UNITS if seconds >= 2 * unit), ("", 1))
    return f"{seconds / unit:.0f} {name}s" if name else f"{seconds:.2f} s"
