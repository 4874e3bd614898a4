"""What a run covers, in numbers: keywords of the schemas by polarity, pairs of levels, checks made and not made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pixelpact.cases.broken import broken
from pixelpact.cases.plan import coverage as pair_coverage
from pixelpact.cases.plan import rows
from pixelpact.cases.schemas import SILENT
from pixelpact.checks.codes import CHECKS
from pixelpact.contract.models import Model

from .session import Session
from .verdicts import Verdicts


def summary(verdicts: Verdicts, session: Session | None, models: list[Model]) -> dict[str, Any]:
    """What a report says of a run as a whole; every value is JSON. Without a session, no server was asked."""
    checks = {name: {"ran": verdicts.made[name], "unjudged": dict(verdicts.unjudged[name])} for name in CHECKS}
    if session is None:
        return {"checks": checks}
    return {
        "checks": checks,
        "coverage": {"keywords": _keywords(session, models), "pairs": _pairs(session, models)},
        "spent": session.ledger.summary() if session.paid else None,
        "budget": session.over_budget or None,
        "retired": session.retired,
    }


def _keywords(session: Session, models: list[Model]) -> dict[str, list[int]]:
    """Of each keyword of a request: whether a value that keeps to it was accepted, and one that breaks it refused."""
    rules = {(model.key, field, keyword) for model in models for field, keyword in _rules(model)}
    kept = {
        (generation.model.key, field, keyword)
        for generation in session.generations
        if generation.exchange.accepted
        for field, keyword in _rules(generation.model)
        if field in generation.body
    }
    changes = [(model.key, case.change) for model in models for case in broken(model)]
    can_break = {(model, change.field, change.keyword) for model, change in changes if change}
    return {"accepted": [len(kept & rules), len(rules)], "refused": [len(session.refused & can_break), len(can_break)]}


def _rules(model: Model) -> Iterable[tuple[str, str]]:
    return ((field, word) for field, schema in model.request["properties"].items() for word in schema.keys() - SILENT)


def _pairs(session: Session, models: list[Model]) -> dict[str, list[int]]:
    done = {
        model.key: {case.name for case in rows(model) if session.was_accepted(model, case.name)} for model in models
    }
    return {model.key: list(pair_coverage(model, done[model.key])) for model in models}
