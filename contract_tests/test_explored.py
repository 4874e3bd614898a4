"""Requests that Hypothesis thinks of: the contract says of each whether it is accepted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy
from pixelpact.cases.broken import MODEL_REFUSED_WITH
from pixelpact.cases.strategies import bodies, wild_bodies
from pixelpact.checks.errors import Refusal
from pixelpact.checks.judge import judge, judge_refusal
from pixelpact.contract.contract import Contract
from pixelpact.contract.models import Model

from .client import Client
from .conftest import hold


@pytest.fixture(scope="session")
def explore(pytestconfig: pytest.Config) -> Callable[[SearchStrategy[Any], Callable[[Any], None]], None]:
    """Tries a property on what a strategy draws, and shrinks what breaks it."""
    examples = pytestconfig.getoption("pixelpact_examples")

    def run(strategy: SearchStrategy[Any], holds: Callable[[Any], None]) -> None:
        if examples == 0:
            pytest.skip("no examples asked for")
        quiet = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            # Two bugs at once would come as a group, and hide the findings of both.
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            derandomize=pytestconfig.getoption("--hypothesis-seed", None) is None,
        )
        quiet(given(strategy)(holds))()

    return run


def test_any_valid_request_is_answered_in_full(
    model: Model, client: Client, explore: Callable[[SearchStrategy[Any], Callable[[Any], None]], None]
) -> None:
    def holds(body: dict[str, Any]) -> None:
        hold(judge(client.generate(model, body, json.dumps(body).encode())))

    explore(bodies(model), holds)


def test_any_request_is_accepted_or_refused_as_the_contract_says(
    contract: Contract,
    model: Model,
    client: Client,
    explore: Callable[[SearchStrategy[Any], Callable[[Any], None]], None],
) -> None:
    def holds(body: dict[str, Any]) -> None:
        payload = json.dumps(body).encode()
        breaches = list(model.breaches(body))
        if not breaches:
            hold(judge(client.generate(model, body, payload)))
        elif client.strict or not all(breach.assumed for breach in breaches):
            sources = tuple(source for breach in breaches for source in breach.sources)
            hold(judge_refusal(Refusal(contract, client.post(payload), MODEL_REFUSED_WITH, sources, client.strict)))

    explore(wild_bodies(model), holds)
