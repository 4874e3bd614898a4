"""How bad each kind of change is, for callers and for those who read the answers; why, and what to do about it.

A request that takes less breaks callers, one that takes more does not; of an answer the reverse holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .endpoint_kinds import ENDPOINT_KINDS
from .judgement import Judgement, Kind
from .schema_kinds import SCHEMA_KINDS
from .values import ENDPOINT, PARAMETERS, REQUEST, Change, Severity

KINDS: dict[str, Kind] = {**ENDPOINT_KINDS, **SCHEMA_KINDS}


@dataclass(frozen=True)
class Finding:
    """A change with its judgement, and the models that it is one of, each with its endpoint."""

    change: Change
    title: str
    judgement: Judgement
    models: tuple[tuple[str, str], ...] = ()

    @property
    def severity(self) -> Severity:
        """The worse of the two."""
        return max(self.judgement.callers, self.judgement.answers)


def judged(change: Change) -> Finding:
    """A change with its class."""
    kind = KINDS[change.kind]
    sends = change.part in (ENDPOINT, REQUEST, PARAMETERS)
    judgement = kind.request if sends else kind.answer
    if judgement is None:
        raise KeyError(f"no class for {change.kind} in {change.part}")
    words = {"name": change.name or "the whole", "before": change.before, "after": change.after}
    told = replace(judgement, why=judgement.why.format(**words), do=judgement.do.format(**words))
    return Finding(change, kind.title, told)
