"""Plans and samples: what a load generator is to send, as a process under a limit of time, and what it saw."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]


class Unanswered(RuntimeError):
    """A load that gave no sample; with what its process said."""


@dataclass(frozen=True)
class Plan:
    """What to send: whole requests from files, in turn, for some seconds or until so many are answered.

    `expected` has the status that each must be answered with; `rate` is how many a second fall due, whatever the server
    does. Without it, each connection sends when it is answered.
    """

    port: int
    requests: Sequence[str]
    connections: int = 16
    seconds: float = 5.0
    warmup: float = 0.5
    count: int | None = None
    host: str = "127.0.0.1"
    expected: Sequence[int] = ()
    rate: float | None = None


@dataclass(frozen=True)
class Sample:
    """What came: answers by status, what broke, and how long answers took, in milliseconds.

    `busy` is how busy the generator was, from 0 to 1; `cost` the server's own processor time for an answer, in
    milliseconds, where it was taken.
    """

    seconds: float
    requests: int
    statuses: Mapping[str, int]
    broken: Mapping[str, int]
    p50: float
    p90: float
    p99: float
    worst: float
    busy: float
    cost: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


def sampled(
    took: Iterable[float], seconds: float, statuses: Mapping[str, int], broken: Mapping[str, int], busy: float
) -> Sample:
    """A sample of times in seconds."""
    ordered = [second * 1000 for second in sorted(took)]
    p50, p90, p99, worst = (percentile(ordered, part) for part in (0.5, 0.9, 0.99, 1))
    return Sample(seconds, len(ordered), statuses, broken, p50, p90, p99, worst, busy)


def percentile(ordered: Sequence[float], part: float) -> float:
    """The smallest value that at least this part of them does not pass; NaN of none."""
    if not ordered:
        return float("nan")
    return ordered[max(0, -int(-len(ordered) * part // 1) - 1)]


def spread(values: Sequence[float]) -> float:
    """How far the furthest is from the median, as a part of it."""
    middle = median(values)
    return max(abs(value - middle) for value in values) / middle if middle else 0.0


def sampled_by(plan: Plan) -> Sample:
    """What came of a plan. Raises `Unanswered`."""
    longest = 60 + plan.warmup + plan.seconds
    command = [sys.executable, "-m", "benchmarks.speed.load"]
    given = json.dumps(asdict(plan))
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, cwd=ROOT, timeout=longest, check=False
        )
    except subprocess.TimeoutExpired as reason:
        raise Unanswered(f"no sample within {longest:.0f} s") from reason
    if done.returncode:
        raise Unanswered(done.stderr.strip()[-300:])
    return Sample(**json.loads(done.stdout))
