"""Requests one by one: every boundary of the schema accepted, every breach of it refused."""

from __future__ import annotations

import pytest
from pixelpact.cases.case import Case
from pixelpact.checks.errors import Refusal
from pixelpact.checks.judge import judge, judge_refusal
from pixelpact.contract.contract import Contract
from pixelpact.contract.models import Model

from .client import Client
from .conftest import hold


@pytest.mark.pixelpact_cases("boundary")
def test_a_value_on_the_boundary_is_accepted(model: Model, case: Case, client: Client) -> None:
    hold(judge(client.generate(model, case.body, case.payload, case.sources)))


@pytest.mark.pixelpact_cases("broken")
def test_a_broken_request_is_refused(contract: Contract, model: Model, case: Case, client: Client) -> None:
    hold(judge_refusal(Refusal(contract, client.post(case.payload), case.refused, case.sources, client.strict)))


@pytest.mark.pixelpact_cases("malformed")
def test_a_malformed_body_is_refused(contract: Contract, model: Model, case: Case, client: Client) -> None:
    exchange = client.post(case.payload, case.content_type)
    hold(judge_refusal(Refusal(contract, exchange, case.refused, case.sources, client.strict)))
