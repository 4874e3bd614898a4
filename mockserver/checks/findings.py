"""Findings: what was promised, what came, who promised it, and the line that repeats it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from ..contract.sources import Source, Standing
from .codes import CHECKS, Severity
from .exchange import Exchange

STANDINGS: tuple[Standing, ...] = ("documented", "observed", "upstream", "assumed")
Verdict = Literal["once", "hard", "flaky"]
Judged = TypeVar("Judged")


@dataclass(frozen=True)
class Reason:
    """Why a check does not hold."""

    promised: str
    came: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Unjudged:
    """Why a check could not be made: what it needs is not there."""

    why: str


@dataclass(frozen=True)
class Finding:
    """A check that failed, on one exchange. `request` is the exchange's number in its session, 0 if it has none.

    `beside` is the number of the exchange that it was compared with, 0 if it stands alone.

    `verdict` is `hard` if it failed again each time that it was repeated, `flaky` if not, `once` if it was not
    repeated. Only findings of severity `error` break the contract.
    """

    code: str
    check: str
    severity: Severity
    promised: str
    came: str
    sources: tuple[str, ...]
    standing: Standing
    curl: str
    request: int = 0
    verdict: Verdict = "once"
    beside: int = 0

    def __str__(self) -> str:
        marks = [mark for mark in (self.severity, self.verdict) if mark in ("warning", "flaky")]
        lines = [" ".join([self.code, self.check, *(f"({mark})" for mark in marks)])]
        lines += [f"  promised  {self.promised}", f"  came      {self.came}"]
        lines += [f"  source    {source}" for source in self.sources]
        return "\n".join([*lines, *repeated(self.curl, "  ")])


def repeated(curl: str, margin: str) -> Iterator[str]:
    """The lines that repeat a finding, with what each is before it."""
    yield from (f"{margin}repeat    {line}" for line in curl.split("\n"))


def finding(
    check: str, reason: Reason, exchange: Exchange, *, strict: bool = False, beside: Exchange | None = None
) -> Finding:
    """The finding that a reason is, on an exchange; a key that the server sent back is not repeated.

    `strict`: what is only assumed weighs in full, which is only fair to our own mock. `beside` is the exchange that it
    was compared with, which is repeated first.
    """
    known = CHECKS[check]
    standing = best_standing(reason.sources)
    weighs = known.severity == "error" and (strict or standing != "assumed")
    return Finding(
        known.code,
        check,
        "error" if weighs else "warning",
        reason.promised,
        exchange.masked(reason.came),
        tuple(map(str, reason.sources)),
        standing,
        "\n".join(each.curl() for each in (beside, exchange) if each),
        exchange.number,
        beside=beside.number if beside else 0,
    )


def best_standing(sources: Iterable[Source]) -> Standing:
    """The best evidence among some sources; a rule without any is only assumed."""
    return min((source.standing for source in sources), key=STANDINGS.index, default="assumed")


def reasons_of(
    checks: Mapping[str, Callable[[Judged], Iterator[Reason | Unjudged]]],
    judged: Judged,
    promised_by: tuple[Source, ...],
) -> Iterator[tuple[str, Reason | Unjudged]]:
    """Check and reason of each that fails or cannot be made; one that names no source rests on `promised_by`."""
    for name, check in checks.items():
        for reason in check(judged):
            if isinstance(reason, Reason) and not reason.sources:
                yield name, replace(reason, sources=promised_by)
            else:
                yield name, reason
