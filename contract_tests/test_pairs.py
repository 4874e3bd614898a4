"""Rows of a covering array: every pair of boundary values, and on the mock every three, in one request somewhere."""

from __future__ import annotations

import pytest
from pixelpact.cases.case import Case
from pixelpact.contract.models import Model

from .holding import accept, hold
from .session import Session


@pytest.mark.pixelpact_cases("pairs")
def test_every_pair_of_boundary_values_is_accepted(model: Model, case: Case, session: Session) -> None:
    generation = session.generation(model, case.name)
    again = (lambda: session.generate(model, case)) if session.strict else None
    hold(session.judge(generation, again))


@pytest.mark.pixelpact_explore
@pytest.mark.pixelpact_cases("triples")
def test_every_three_boundary_values_are_accepted(model: Model, case: Case, session: Session) -> None:
    accept(session, model, case)
