"""Findings: what was promised, what came, who promised it, and the line that repeats it."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.sources import Source
from .exchange import Exchange


@dataclass(frozen=True)
class Reason:
    """Why a check does not hold."""

    promised: str
    came: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A check that failed, on one exchange."""

    check: str
    promised: str
    came: str
    sources: tuple[str, ...]
    curl: str

    def __str__(self) -> str:
        lines = [self.check, f"  promised  {self.promised}", f"  came      {self.came}"]
        lines += [f"  source    {source}" for source in self.sources]
        return "\n".join([*lines, f"  repeat    {self.curl}"])


def finding(check: str, reason: Reason, exchange: Exchange) -> Finding:
    """The finding that a reason is, on an exchange; a key that the server sent back is not repeated."""
    sources = tuple(map(str, reason.sources))
    return Finding(check, reason.promised, exchange.masked(reason.came), sources, exchange.curl())
