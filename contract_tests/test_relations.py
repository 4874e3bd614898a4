"""Pictures against each other: what must be the same is, and what must differ does."""

from __future__ import annotations

from contextlib import suppress

from pixelpact.cases.case import Case
from pixelpact.cases.relations import Relation
from pixelpact.checks.findings import Finding, Reason, finding
from pixelpact.checks.generation import Generation
from pixelpact.checks.judge import Judgement
from pixelpact.checks.pictures import is_shown, no_effect, same_picture
from pixelpact.contract.models import Model
from pixelpact.errors import PixelpactError

from .holding import hold
from .session import Session


def test_two_pictures_relate_as_promised(model: Model, relation: Relation, session: Session) -> None:
    before = session.generation(model, relation.of)
    body = relation.change(model, before.body) or {}
    sources = model.rule_sources(relation.field, "type")
    after = session.generate(model, Case(relation.name, model.id, body, sources=sources))
    found = session.judge(after)
    hold(found if found else _related(session, relation, before, after))


def _related(session: Session, relation: Relation, before: Generation, after: Generation) -> list[Finding]:
    shown = [picture for each in (before, after) for picture in each.pictures[:1] if is_shown(picture)]
    if len(shown) < 2:
        # What is missing was found already.
        return []
    one, other = shown
    came = same_picture(one, other) if relation.same else no_effect(one, other, faint=relation.faint)
    check = _which(session, relation, before) if came and relation.same else relation.check
    reason = Reason(relation.promise, came or "", after.model.rule_sources(relation.field, "type"))
    compared = finding(check, reason, after.exchange, strict=session.strict, beside=before.exchange)
    found = (compared,) if came else ()
    # One seed by two forms proves both.
    made = (relation.check, "same-seed") if relation.same else (relation.check,)
    return session.verdicts.judged(Judgement(found, made))


def _which(session: Session, relation: Relation, before: Generation) -> str:
    """Whether the seed or the form is to blame: the seed, if the same request gives another picture too."""
    with suppress(PixelpactError):
        third = session.generate(before.model, Case("one-seed", before.model.id, before.body))
        if third.pictures and same_picture(before.pictures[0], third.pictures[0]):
            return "same-seed"
    return relation.check
