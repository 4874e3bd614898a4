"""Every check of one exchange by its name, and what all of them find in one generation or one refusal.

A status that is no success, or no refusal, hides the rest: what else is wrong follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ..contract.sources import Source
from . import answers, errors, leaks, pictures, sizes, urls
from .errors import Refusal
from .exchange import Exchange
from .findings import Finding, Reason, Unjudged, finding, reasons_of
from .generation import Generation

Judged = TypeVar("Judged", Generation, Refusal)

ACCEPTED: dict[str, Callable[[Generation], Iterator[Reason | Unjudged]]] = {
    "content-type": answers.content_type,
    "schema": answers.schema,
    "form": answers.form,
    "count": answers.count,
    "echo": answers.echo,
    "cost": answers.cost,
    "clock": answers.clock,
    "url": urls.signature,
    "download": pictures.download,
    "picture": pictures.decodable,
    "content": pictures.content,
    "container": pictures.container,
    "distinct": pictures.distinct,
    "artefact": pictures.artefact,
    "size": sizes.size,
    "edit": pictures.edit,
}
REFUSED: dict[str, Callable[[Refusal], Iterator[Reason | Unjudged]]] = {
    "error-content-type": errors.content_type,
    "error-envelope": errors.envelope,
    "error-agreement": errors.agreement,
    "error-clock": errors.clock,
    "error-field": errors.names_field,
    "error-text": errors.texts,
    "charge": errors.charge,
}


@dataclass(frozen=True)
class Judgement:
    """What some checks found, which of them were made, and why the others were not."""

    findings: tuple[Finding, ...] = ()
    made: tuple[str, ...] = ()
    unjudged: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: Judgement) -> Judgement:
        return Judgement(self.findings + other.findings, self.made + other.made, self.unjudged + other.unjudged)


def judge(generation: Generation) -> Judgement:
    """What is found on a request that should have been accepted."""
    promised_by = generation.model.promised_by
    status = _judged({"status": answers.status}, generation, promised_by)
    if not generation.exchange.accepted:
        return status
    return status + _judged(ACCEPTED, generation, promised_by)


def judge_refusal(refusal: Refusal, check: str = "refusal", *, body: bool = True) -> Judgement:
    """What is found on a request that should have been refused; `check` is what its acceptance breaks.

    Without `body`, the status alone is judged: what answers at another path may be no part of the API.
    """
    promised_by = refusal.contract.error_sources
    status = _judged({check: errors.refused}, refusal, promised_by)
    if refusal.exchange.status < 400 or not body:
        return status
    return status + _judged(REFUSED, refusal, promised_by)


def judge_any(exchange: Exchange, others: Iterable[str], sources: tuple[Source, ...]) -> Judgement:
    """What is found on any exchange at all, whatever it was for; `others` are words that only other requests had."""
    found = {"leak": leaks.leaks(exchange), "cross-leak": leaks.cross_leaks(exchange, others)}
    sourced = [(name, replace(reason, sources=sources)) for name, reasons in found.items() for reason in reasons]
    return Judgement(tuple(finding(name, reason, exchange) for name, reason in sourced), tuple(found))


def _judged(
    checks: Mapping[str, Callable[[Judged], Iterator[Reason | Unjudged]]],
    judged: Judged,
    promised_by: tuple[Source, ...],
) -> Judgement:
    reasons = list(reasons_of(checks, judged, promised_by))
    unjudged = tuple((name, reason.why) for name, reason in reasons if isinstance(reason, Unjudged))
    findings = (
        finding(name, reason, judged.exchange, strict=judged.strict)
        for name, reason in reasons
        if isinstance(reason, Reason)
    )
    not_made = {name for name, _ in unjudged}
    return Judgement(tuple(findings), tuple(name for name in checks if name not in not_made), unjudged)
