"""Requests that Hypothesis thinks of: the contract says of each whether it is accepted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Verbosity, given, settings
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy
from pixelpact.cases.case import Case
from pixelpact.cases.strategies import bodies, wild_bodies
from pixelpact.checks.errors import Refusal
from pixelpact.contract.models import Model
from pixelpact.errors import PixelpactError

from .examples import Examples, ExamplesLost
from .holding import Held, accept, hold
from .session import Session

# A model that does not exist may also be not found.
REFUSED_WITH = (400, 404, 422)
pytestmark = pytest.mark.pixelpact_explore
Explore = Callable[[SearchStrategy[Any], Callable[[Any], None]], None]


@pytest.fixture
def explore(pytestconfig: pytest.Config, examples: Examples | None, request: pytest.FixtureRequest) -> Explore:
    """Tries a property on what a strategy draws, and shrinks what breaks it.

    What is found once and not again is flaky. With shared examples, those that others found come first, and each run
    draws others.
    """

    def run(strategy: SearchStrategy[Any], holds: Callable[[Any], None]) -> None:
        shared = examples.of(request.node.name) if examples else None
        quiet = settings(
            max_examples=pytestconfig.getoption("pixelpact_examples"),
            deadline=None,
            database=shared,
            # Two bugs at once would come as a group, and hide the findings of both.
            report_multiple_bugs=False,
            # A finding has its curl line; beside another error a body with pictures would be all that is seen.
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
            derandomize=shared is None and pytestconfig.getoption("--hypothesis-seed", None) is None,
        )
        try:
            quiet(given(strategy)(holds))()
        except Flaky as reason:
            raise _told(reason) from None
        if examples and shared and shared.lost:
            pytest.fail(str(ExamplesLost(examples.place, shared.lost)), pytrace=False)

    return run


def _told(reason: Exception) -> Exception:
    """What a flaky run found, as findings; where that is not all, or nothing, the reason itself."""
    causes = list(_causes(reason))
    held = [cause for cause in causes if isinstance(cause, Held)]
    others = [cause for cause in causes if not isinstance(cause, PixelpactError | Held)]
    if others or not causes:
        return reason
    # The last is the smallest.
    return Held([replace(found, verdict="flaky") for found in held[-1].findings]) if held else causes[0]


def _causes(reason: BaseException) -> Iterator[Exception]:
    """The exceptions that a group is of, however deep."""
    for cause in reason.exceptions if isinstance(reason, BaseExceptionGroup) else ():
        yield from _causes(cause) if isinstance(cause, BaseExceptionGroup) else [cause]


def test_any_valid_request_is_answered_in_full(model: Model, session: Session, explore: Explore) -> None:
    explore(bodies(model), lambda body: accept(session, model, Case("explored", model.id, body)))


def test_any_request_is_accepted_or_refused_as_the_contract_says(
    model: Model, session: Session, explore: Explore
) -> None:
    def holds(body: dict[str, Any]) -> None:
        breaches = list(model.breaches(body))
        if not breaches:
            accept(session, model, Case("explored", model.id, body))
        elif session.strict or not all(breach.assumed for breach in breaches):
            sources = tuple(source for breach in breaches for source in breach.sources)
            exchange = session.client.post(json.dumps(body).encode(), path=model.path)
            refusal = Refusal(session.contract, exchange, REFUSED_WITH, sources, session.strict)
            hold(session.judge_refusal(refusal))

    explore(wild_bodies(model), holds)
