"""The demands on our own figures, each with what came and whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .summary import Summary

OURS, TWO, STATE = "pixelpact", "pixelpact --workers 2", "pixelpact --workers 2 --state"
QUIET, TWO_QUIET = "pixelpact --quiet", "pixelpact --workers 2 --quiet"
# The reference's own time for a body of 4 MiB, where 20 ms are asked of ours.
LARGE_LIMIT = 20 / 12


@dataclass(frozen=True)
class Figures:
    """All that was measured: contenders by name, and the single figures of the scenes."""

    of: Mapping[str, Summary]
    scenes: Mapping[str, float]


@dataclass(frozen=True)
class Demand:
    """One figure and its limit: at least, or at most."""

    what: str
    figure: Callable[[Figures], float]
    limit: float
    unit: str = ""
    at_most: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value is within the limit."""
        return value <= self.limit if self.at_most else value >= self.limit

    @property
    def asked(self) -> str:
        """The limit in words."""
        return f"at {'most' if self.at_most else 'least'} {self.limit:,.3g}{self.unit}"


@dataclass(frozen=True)
class Verdict:
    """A demand, and what came; None where it was not measured."""

    demand: Demand
    value: float | None

    @property
    def word(self) -> str:
        """Held, not held, or not measured."""
        if self.value is None:
            return "not measured"
        return "held" if self.demand.holds(self.value) else "**not held**"


def verdicts(figures: Figures) -> Iterator[Verdict]:
    """Every demand, with what came."""
    for demand in DEMANDS:
        try:
            yield Verdict(demand, demand.figure(figures))
        except KeyError:
            yield Verdict(demand, None)


def _ratio(one: str, other: str, load: str = "valid") -> Callable[[Figures], float]:
    return lambda figures: figures.of[one].relative(load) / figures.of[other].relative(load)


def _p99(load: str) -> Callable[[Figures], float]:
    return lambda figures: figures.of[OURS].p99(load)


def _scene(name: str) -> Callable[[Figures], float]:
    return lambda figures: figures.scenes[name]


DEMANDS = (
    Demand("valid POST, one process, to Prism as shipped", _ratio(OURS, "prism"), 5),
    Demand("valid POST, one process, to Prism with its log off", _ratio(OURS, "prism, log off"), 2.5),
    Demand("the same, both logs off", _ratio(QUIET, "prism, log off"), 2.5),
    Demand("valid POST, one process, to openapi-backend", _ratio(OURS, "openapi-backend"), 1),
    Demand("the same, no log either", _ratio(QUIET, "openapi-backend"), 1),
    Demand("invalid POST, one process, to Prism as shipped", _ratio(OURS, "prism", "invalid"), 2),
    Demand("valid POST, two processes, to WireMock", _ratio(TWO, "wiremock"), 1),
    Demand("the same, no log either", _ratio(TWO_QUIET, "wiremock"), 1),
    Demand(
        "memory, two processes, to WireMock",
        lambda figures: figures.of[TWO].memory / figures.of["wiremock"].memory,
        0.1,
        at_most=True,
    ),
    Demand("p99 at 1 connection", _p99("valid, 1 connection"), 0.6, " ms", at_most=True),
    Demand("p99 at 16 connections", _p99("valid"), 5, " ms", at_most=True),
    Demand("p99 at 64 connections", _p99("valid, 64 connections"), 12, " ms", at_most=True),
    Demand("first answer after the start", lambda figures: figures.of[OURS].start, 0.3, " s", at_most=True),
    Demand(
        "first answer, to Prism",
        lambda figures: figures.of[OURS].start / figures.of["prism"].start,
        0.3,
        at_most=True,
    ),
    Demand("memory, one process", lambda figures: figures.of[OURS].memory, 80, " MB", at_most=True),
    Demand("memory, more after all requests than after 1,000", _scene("growth"), 10, " MB", at_most=True),
    Demand("valid POST, two processes with shared state, to two without", _ratio(STATE, TWO), 0.4),
    Demand("p99 of POST beside a client that draws 4096x4096", _scene("beside drawing"), 20, " ms", at_most=True),
    Demand(
        "POST with a data URI of 4 MiB, to the bare server that parses it",
        lambda figures: figures.of[OURS].slower(),
        LARGE_LIMIT,
        at_most=True,
    ),
    Demand("`b64_json` at 1024x1024 a second, on one core", _scene("b64"), 100),
)
