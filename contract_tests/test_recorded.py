"""Recorded exchanges, judged by the same checks with no server."""

from __future__ import annotations

from pixelpact.checks.errors import Refusal
from pixelpact.checks.findings import Unjudged
from pixelpact.checks.judge import judge, judge_any, judge_refusal
from pixelpact.checks.recorded import Recorded
from pixelpact.contract.contract import Contract

from .holding import hold
from .session import NotAsked
from .verdicts import Verdicts


def test_a_recorded_exchange_keeps_to_the_contract(recorded: Recorded, contract: Contract, verdicts: Verdicts) -> None:
    judged = recorded.judged_as(contract)
    if isinstance(judged, Unjudged):
        raise NotAsked(judged.why)
    found = judge_refusal(judged) if isinstance(judged, Refusal) else judge(judged)
    hold(verdicts.judged(found + judge_any(judged.exchange, (), contract.error_sources)))
