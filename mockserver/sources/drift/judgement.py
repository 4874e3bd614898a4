"""The form of a judgement: two severities, the reason, the advice."""

from __future__ import annotations

from dataclasses import dataclass

from .values import Severity

HARMLESS, RISKY, BREAKING = Severity.HARMLESS, Severity.RISKY, Severity.BREAKING
NOTHING = "nothing to do"


@dataclass(frozen=True)
class Judgement:
    """What a change is for callers and for readers of answers. `{name}`, `{before}` and `{after}` stand for its own."""

    callers: Severity
    answers: Severity
    why: str
    do: str = NOTHING


@dataclass(frozen=True)
class Kind:
    """A kind of change: its name in words, and its judgement in a request and in an answer; None where it cannot be."""

    title: str
    request: Judgement | None = None
    answer: Judgement | None = None


def callers(severity: Severity, why: str, do: str = NOTHING) -> Judgement:
    """A judgement of what only whoever sends meets."""
    return Judgement(severity, HARMLESS, why, do)


def readers(severity: Severity, why: str, do: str = NOTHING) -> Judgement:
    """A judgement of what only whoever reads meets."""
    return Judgement(HARMLESS, severity, why, do)
