"""All requests of the run together, last of all: ids and links that repeat, words that wander, time, headers."""

from __future__ import annotations

import json

import pytest
from pixelpact.checks.findings import finding
from pixelpact.checks.judge import Judgement
from pixelpact.checks.together import TOGETHER, Run
from pixelpact.contract.models import Model

from .holding import hold
from .session import Session

CANARIES = ("a heron of pewter", "a kettle of basalt")


def test_nothing_of_one_request_is_in_the_answer_to_another(model: Model, session: Session) -> None:
    # Every exchange is judged for that; here each has words of its own, and is refused, so that it costs nothing.
    for canary in CANARIES:
        body = {**session.base(model), "prompt": f"{canary}, in the rain", "response_format": f"no form but {canary}"}
        session.refusal(model, lambda sent=body: session.client.post(json.dumps(sent).encode()))  # type: ignore[misc]


@pytest.mark.parametrize("check", TOGETHER)
def test_all_requests_of_the_run_fit_together(check: str, session: Session) -> None:
    run = Run(session.contract, session.verdicts.exchanges, session.generations, session.client.waits)
    found = tuple(finding(check, reason, exchange, strict=session.strict) for reason, exchange in TOGETHER[check](run))
    hold(session.verdicts.judged(Judgement(found, (check,))))
