"""Summaries: what the turns of one contender come to, as medians over the rounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .sample import spread
from .turns import LARGE, Turn


@dataclass(frozen=True)
class Summary:
    """All turns of one contender that came to something. Raises KeyError for a load that it was not given."""

    turns: Sequence[Turn]

    def rate(self, load: str = "valid") -> float:
        """Answers a second."""
        return median(turn.samples[load].rate for turn in self.turns)

    def relative(self, load: str = "valid") -> float:
        """Answers a second in those of the reference, measured just before and after."""
        return median(self._relatives(load))

    def spread(self, load: str = "valid") -> float:
        """How far the furthest round is from that."""
        return spread(self._relatives(load))

    def p50(self, load: str = "valid") -> float:
        """Milliseconds."""
        return median(turn.samples[load].p50 for turn in self.turns)

    def p99(self, load: str = "valid") -> float:
        """Milliseconds."""
        return median(turn.samples[load].p99 for turn in self.turns)

    def cost(self, load: str = "valid") -> float:
        """Microseconds of processor time for an answer."""
        return median(turn.samples[load].cost for turn in self.turns) * 1000

    def slower(self) -> float:
        """How often the reference's own milliseconds an answer to a body of 4 MiB takes."""
        return median(turn.samples[LARGE].p50 / turn.reference[LARGE] for turn in self.turns)

    @property
    def memory(self) -> float:
        """MB after the loads, at most."""
        return max(turn.memory for turn in self.turns)

    @property
    def start(self) -> float:
        """Seconds to the first answer."""
        return median(start for turn in self.turns for start in turn.starts)

    @property
    def broken(self) -> int:
        """Calls that got no answer."""
        return sum(sum(sample.broken.values()) for turn in self.turns for sample in turn.samples.values())

    def _relatives(self, load: str) -> list[float]:
        return [turn.samples[load].rate / turn.reference["valid"] for turn in self.turns]


def summaries(turns: Iterable[Turn]) -> dict[str, Summary]:
    """Each contender's, by its name."""
    by_name: dict[str, list[Turn]] = {}
    for turn in turns:
        if not turn.problem:
            by_name.setdefault(turn.name, []).append(turn)
    return {name: Summary(found) for name, found in by_name.items()}


def problems(turns: Iterable[Turn]) -> Mapping[str, str]:
    """Why some could not be measured."""
    return {turn.name: turn.problem for turn in turns if turn.problem}
