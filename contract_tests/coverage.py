"""What a run covers, in numbers: keywords of the schemas by polarity, pairs of levels, checks made and not made.

A run of several processes is one run: what each of them says of its part is JSON, and the parts make one whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from pixelpact.cases.broken import broken
from pixelpact.cases.levels import levels
from pixelpact.cases.plan import coverage as pair_coverage
from pixelpact.cases.plan import rows, tried
from pixelpact.cases.schemas import SILENT
from pixelpact.checks.codes import CHECKS
from pixelpact.contract.models import Model

from .session import Session
from .verdicts import Verdicts

Part = dict[str, Any]


def part(verdicts: Verdicts, session: Session | None, models: Sequence[Model]) -> Part:
    """What one process has to tell of a run. Without a session, no server was asked."""
    unjudged = {name: dict(why) for name, why in verdicts.unjudged.items()}
    return {"made": dict(verdicts.made), "unjudged": unjudged, "session": session and _of_session(session, models)}


def summary(parts: Sequence[Part], models: Sequence[Model]) -> dict[str, Any]:
    """What a report says of a run as a whole, by the parts of its processes; every value is JSON."""
    made, unjudged = Counter[str](), {name: Counter[str]() for name in CHECKS}
    for each in parts:
        made.update(each["made"])
        for name, why in each["unjudged"].items():
            unjudged[name].update(why)
    checks = {name: {"ran": made[name], "unjudged": dict(unjudged[name])} for name in CHECKS}
    sessions = [each["session"] for each in parts if each["session"]]
    if not sessions:
        return {"checks": checks}
    return {
        "checks": checks,
        "coverage": {"keywords": _keywords(sessions, models), "pairs": _pairs(sessions, models)},
        "grid": _grid(sessions, models),
        "spent": "; ".join(each["spent"] for each in sessions if each["spent"]) or None,
        "budget": next((each["budget"] for each in sessions if each["budget"]), None),
        "retired": {key: why for each in sessions for key, why in each["retired"].items()},
    }


def _of_session(session: Session, models: Sequence[Model]) -> Part:
    kept = {
        (generation.model.key, field, keyword)
        for generation in session.generations
        if generation.exchange.accepted
        for field, keyword in _rules(generation.model)
        if field in generation.body
    }
    done = {
        model.key: [case.name for case in rows(model) if session.was_accepted(model, case.name)] for model in models
    }
    return {
        "accepted": sorted(kept),
        "refused": sorted(session.refused),
        "rows": done,
        "spent": session.ledger.summary() if session.paid else None,
        "budget": session.over_budget or None,
        "retired": session.retired,
    }


def _keywords(sessions: Sequence[Part], models: Sequence[Model]) -> dict[str, list[int]]:
    """Of each keyword of a request: whether a value that keeps to it was accepted, and one that breaks it refused."""
    rules = {(model.key, field, keyword) for model in models for field, keyword in _rules(model)}
    changes = [(model.key, case.change) for model in models for case in broken(model)]
    can_break = {(model, change.field, change.keyword) for model, change in changes if change}
    kept, refused = _together(sessions, "accepted"), _together(sessions, "refused")
    return {"accepted": [len(kept & rules), len(rules)], "refused": [len(refused & can_break), len(can_break)]}


def _together(sessions: Sequence[Part], name: str) -> set[tuple[str, ...]]:
    return {tuple(rule) for each in sessions for rule in each[name]}


def _rules(model: Model) -> Iterable[tuple[str, str]]:
    return ((field, word) for field, schema in model.request["properties"].items() for word in schema.keys() - SILENT)


def _pairs(sessions: Sequence[Part], models: Sequence[Model]) -> dict[str, list[int]]:
    return {model.key: list(pair_coverage(model, _done(sessions, model))) for model in models}


def _grid(sessions: Sequence[Part], models: Sequence[Model]) -> dict[str, Any]:
    """By model, what the pairs are made of: the labels of each field's levels, and the rows that were accepted."""
    return {
        model.key: {
            "fields": {name: [level.label for level in known] for name, known in levels(model).items()},
            "rows": tried(model, _done(sessions, model)),
        }
        for model in models
    }


def _done(sessions: Sequence[Part], model: Model) -> set[str]:
    return set(chain.from_iterable(each["rows"][model.key] for each in sessions))
