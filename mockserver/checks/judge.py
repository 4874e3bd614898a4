"""Every check by its name, and the findings of all of them on one generation or one refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from . import answers, errors, pictures, urls
from .errors import Refusal
from .findings import Finding, Reason, finding
from .generation import Generation

ACCEPTED: dict[str, Callable[[Generation], Iterator[Reason]]] = {
    "status": answers.status,
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
    "refusal": errors.refused,
    "error-content-type": errors.content_type,
    "error-envelope": errors.envelope,
    "error-agreement": errors.agreement,
    "error-leak": errors.leaks,
}


def judge(generation: Generation) -> list[Finding]:
    """Every finding on a request that should have been accepted; a wrong status hides the rest."""
    curl = generation.exchange.curl()
    wrong = [finding("status", reason, curl) for reason in answers.status(generation)]
    if wrong:
        return wrong
    return [finding(name, reason, curl) for name, check in ACCEPTED.items() for reason in check(generation)]


def judge_refusal(refusal: Refusal) -> list[Finding]:
    """Every finding on a request that should have been refused; a wrong status hides the rest."""
    curl = refusal.exchange.curl()
    wrong = [finding("refusal", reason, curl) for reason in errors.refused(refusal)]
    if wrong:
        return wrong
    return [finding(name, reason, curl) for name, check in REFUSED.items() for reason in check(refusal)]
