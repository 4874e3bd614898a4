"""Spans of the soak, and the verdict over all of them: no error, memory flat, p99 steady."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from statistics import linear_regression, median

GROWTH = 10.0  # MB that the whole run may add, by the slope
SLOWER = 1.5  # times that the last third's p99 may take of the first's
SLACK = 2.0  # milliseconds, in which a difference says nothing
PUNCTUAL = 0.95  # of the calls that are due must be answered in their span
FEWEST = 6  # spans that anything but an error can be told of
SETTLING = 180.0  # seconds, at most half of the run, in which caches and journals fill up to their bounds


@dataclass(frozen=True)
class Span:
    """One minute, or what else was asked: calls a second, errors, milliseconds, and MB at its end."""

    rate: float
    due: float
    p50: float
    p99: float
    memory: float
    turns: int
    seconds: float
    errors: dict[str, int] = field(default_factory=dict)


def held_spans(spans: Sequence[Span]) -> Sequence[Span]:
    """Those by which memory and times are judged: without the beginning."""
    settling = min(SETTLING, sum(span.seconds for span in spans) / 2)
    ends = accumulate(span.seconds for span in spans)
    return [span for span, end in zip(spans, ends, strict=True) if end > settling + spans[0].seconds / 2]


def growth(spans: Sequence[Span]) -> float:
    """MB that memory would grow over these spans, by the line through them."""
    line = linear_regression(range(len(spans)), [span.memory for span in spans])
    return float(line.slope) * (len(spans) - 1)


def slower(spans: Sequence[Span]) -> tuple[float, float]:
    """The median p99 of the first third of these spans and of the last."""
    third = max(1, len(spans) // 3)
    first, last = spans[:third], spans[-third:]
    return median(span.p99 for span in first), median(span.p99 for span in last)


def failures(spans: Sequence[Span]) -> Iterator[str]:
    """What does not hold; no failures means that the run passed."""
    for number, span in enumerate(spans, 1):
        for error, count in span.errors.items():
            yield f"{count} times in span {number}: {error}"
    held = held_spans(spans)
    if len(held) < FEWEST:
        return
    for number, span in enumerate(spans, 1):
        if span.rate < PUNCTUAL * span.due:
            yield f"span {number}: {span.rate:,.0f} calls a second, where {span.due:,.0f} were due"
    if (more := growth(held)) > GROWTH:
        yield f"memory grew by {more:.1f} MB, expected at most {GROWTH:.0f}"
    before, after = slower(held)
    if after > before * SLOWER + SLACK:
        yield f"p99 went from {before:.1f} to {after:.1f} ms"


def line(number: int, span: Span) -> str:
    """A span as a line."""
    return (
        f"{number:4} {span.rate:8,.0f}/s p50 {span.p50:7.2f} p99 {span.p99:7.2f} ms  {span.memory:7.1f} MB  "
        f"{span.turns:5} flows  {sum(span.errors.values())} errors"
    )
