"""Every check by its name, and the findings of all of them on one generation or one refusal.

A wrong status hides the rest: what else is wrong follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from ..contract.sources import Source
from . import answers, errors, pictures, urls
from .errors import Refusal
from .findings import Finding, Reason, finding
from .generation import Generation

Judged = TypeVar("Judged", Generation, Refusal)

ACCEPTED: dict[str, Callable[[Generation], Iterator[Reason]]] = {
    "content-type": answers.content_type,
    "schema": answers.schema,
    "form": answers.form,
    "cost": answers.cost,
    "url": urls.signature,
    "download": pictures.download,
    "picture": pictures.decodable,
    "container": pictures.container,
    "size": pictures.size,
    "edit": pictures.edit,
}
REFUSED: dict[str, Callable[[Refusal], Iterator[Reason]]] = {
    "error-content-type": errors.content_type,
    "error-envelope": errors.envelope,
    "error-agreement": errors.agreement,
    "error-leak": errors.leaks,
}


def judge(generation: Generation) -> list[Finding]:
    """Every finding on a request that should have been accepted."""
    promised_by = generation.model.promised_by
    return _found({"status": answers.status}, generation, promised_by) or _found(ACCEPTED, generation, promised_by)


def judge_refusal(refusal: Refusal) -> list[Finding]:
    """Every finding on a request that should have been refused."""
    promised_by = refusal.contract.error_sources
    return _found({"refusal": errors.refused}, refusal, promised_by) or _found(REFUSED, refusal, promised_by)


def _found(
    checks: Mapping[str, Callable[[Judged], Iterator[Reason]]], judged: Judged, promised_by: tuple[Source, ...]
) -> list[Finding]:
    """The findings of some checks; a reason that names no source rests on what promised the answer as a whole."""
    reasons = ((name, reason) for name, check in checks.items() for reason in check(judged))
    sourced = ((name, reason if reason.sources else replace(reason, sources=promised_by)) for name, reason in reasons)
    return [finding(name, reason, judged.exchange) for name, reason in sourced]
