"""How a test of the suite says what it found: nothing, warnings, or a broken contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pixelpact.cases.asked import MOST_COUNT
from pixelpact.cases.case import Case
from pixelpact.checks.errors import Refusal
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Finding, Reason, finding
from pixelpact.checks.judge import Judgement
from pixelpact.checks.validity import breaches, is_malformed
from pixelpact.contract.models import Model

from .session import NotAsked, Session

# What a stranger may answer to a body that is no request: the statuses of a client's error (RFC 9110, 15.5).
CLIENT_ERRORS = tuple(range(400, 500))


class Held(Exception):
    """What was found; `findings` say where. It is raised for warnings too, as a test has no other way to say so."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n\n".join(map(str, findings)))
        self.findings = tuple(findings)


def hold(findings: Sequence[Finding]) -> None:
    """Raise Held if there are findings."""
    if findings:
        raise Held(findings)


def accept(session: Session, model: Model, case: Case) -> None:
    """Send a request that should be accepted, and hold the server to it; on the mock, try what failed again."""
    generation = session.generate(model, case)
    if generation.exchange.status in case.tolerated:
        hold(session.judge_refusal(_refusal(session, replace(case, refused=case.tolerated), generation.exchange)))
        return
    again = (lambda: session.generate(model, case)) if session.strict else None
    hold(session.judge(generation, again))


def refuse(session: Session, model: Model, case: Case, check: str = "refusal") -> None:
    """Send a request that should be refused, and hold the server to it. Raises NotAsked if it is valid after all."""
    based = case.on(session.base(model)) if case.change else case

    _check_broken(model, based)
    sure = session.strict or not case.assumed
    names_model = case.raw is None and (case.change is None or case.change.field != "model")

    def asked() -> Exchange:
        return session.refusal(
            model,
            lambda: session.client.post(based.payload, based.content_type, model.path),
            sure=sure,
            names_model=names_model,
            pictures=min(model.count(based.body), MOST_COUNT),
        )

    exchange = asked()
    check_in_service(session, model, exchange)
    if case.change and exchange.status in case.refused:
        session.refused.add((model.key, case.change.field, case.change.keyword))
    hold(session.judge_refusal(_refusal(session, based, exchange), check, asked))


def check_in_service(session: Session, model: Model, exchange: Exchange) -> None:
    """Hold a server to having the model at all."""
    found: tuple[Finding, ...] = ()
    if model.key in session.retired:
        reason = Reason(f"{model.id} in service", session.retired[model.key], model.promised_by)
        found = (finding("retired", reason, exchange, strict=session.strict),)
    hold(session.verdicts.judged(Judgement(found, ("retired",))))


def _refusal(session: Session, case: Case, exchange: Exchange) -> Refusal:
    field = case.change.field if case.change else None
    return Refusal(session.contract, exchange, case.refused, case.sources, session.strict, field)


def _check_broken(model: Model, case: Case) -> None:
    """A judge of its own reads the bytes that will be sent: what became valid must not be refused."""
    if not is_malformed(case.payload, case.content_type) and not list(breaches(model, case.payload)):
        raise NotAsked("the request is valid after all")
