"""Requests one by one: every boundary of the schema accepted, every breach of it refused, nothing else understood."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pixelpact.cases.case import Case
from pixelpact.contract.models import Model

from .holding import CLIENT_ERRORS, accept, refuse
from .session import Session


@pytest.mark.pixelpact_cases("broken")
def test_a_broken_request_is_refused(model: Model, case: Case, session: Session) -> None:
    refuse(session, model, case)


@pytest.mark.pixelpact_cases("malformed")
def test_a_malformed_body_is_refused(model: Model, case: Case, session: Session) -> None:
    # Which of the client's errors it is, is assumed.
    refuse(session, model, case if session.strict else replace(case, refused=CLIENT_ERRORS), "malformed")


@pytest.mark.pixelpact_tier("l3")
@pytest.mark.pixelpact_cases("odd")
def test_an_odd_request_breaks_nothing(model: Model, case: Case, session: Session) -> None:
    accept(session, model, case)


@pytest.mark.pixelpact_explore
@pytest.mark.pixelpact_cases("boundary")
def test_a_value_on_the_boundary_is_accepted(model: Model, case: Case, session: Session) -> None:
    accept(session, model, case)
