"""The requests that the docs print."""

from __future__ import annotations

import pytest
from pixelpact.cases.case import Case
from pixelpact.checks.errors import Refusal
from pixelpact.checks.judge import judge, judge_refusal
from pixelpact.contract.contract import Contract
from pixelpact.contract.models import Model

from .client import Client
from .conftest import hold


@pytest.mark.pixelpact_cases("documented")
def test_a_documented_request_is_answered_as_the_profile_says(
    contract: Contract, model: Model, case: Case, client: Client
) -> None:
    if case.refused:
        hold(judge_refusal(Refusal(contract, client.post(case.payload), case.refused, case.sources, client.strict)))
    else:
        hold(judge(client.generate(model, case.body, case.payload, case.sources)))
