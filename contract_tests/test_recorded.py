"""Recorded exchanges, judged by the same checks with no server."""

from __future__ import annotations

from pixelpact.checks.errors import Refusal
from pixelpact.checks.findings import Unjudged
from pixelpact.checks.generation import Generation
from pixelpact.checks.judge import judge, judge_any, judge_refusal
from pixelpact.checks.recorded import Recorded
from pixelpact.contract.contract import Contract

from .holding import hold
from .session import NotAsked
from .verdicts import Verdicts


def test_a_recorded_exchange_keeps_to_the_contract(
    recorded: Recorded, contract: Contract, verdicts: Verdicts, judged: list[Generation]
) -> None:
    meant = recorded.judged_as(contract)
    if isinstance(meant, Unjudged):
        raise NotAsked(meant.why)
    if isinstance(meant, Refusal):
        found = judge_refusal(meant)
    else:
        judged.append(meant)
        found = judge(meant)
    hold(verdicts.judged(found + judge_any(meant.exchange, (), contract.error_sources)))
