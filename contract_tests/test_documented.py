"""The requests that the docs print."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pixelpact.cases.case import Case
from pixelpact.cases.plan import first
from pixelpact.cases.relations import FIRST
from pixelpact.contract.models import Model

from .holding import accept, check_in_service, hold, refuse
from .session import Session


@pytest.mark.pixelpact_tier("l1")
def test_the_first_documented_request_is_answered_in_full(model: Model, session: Session) -> None:
    generation = session.generation(model, FIRST)
    check_in_service(session, model, generation.exchange)
    case = replace(first(model), name="first-again")
    free = session.strict or not generation.exchange.accepted
    hold(session.judge(generation, (lambda: session.generate(model, case)) if free else None))


@pytest.mark.pixelpact_cases("documented")
def test_a_documented_request_is_answered_as_the_profile_says(model: Model, case: Case, session: Session) -> None:
    if case.refused:
        refuse(session, model, case)
    else:
        accept(session, model, case)
