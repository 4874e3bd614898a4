"""All requests of the run together, last of all: ids and links that repeat, words that wander, time, headers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pixelpact.cases.schemas import accepts
from pixelpact.checks.together import TOGETHER
from pixelpact.contract.models import Model

from .holding import hold
from .session import Session

CANARIES = ("a heron of pewter", "a kettle of basalt")


def test_nothing_of_one_request_is_in_the_answer_to_another(model: Model, session: Session) -> None:
    # Every exchange is judged for that; here each has words of its own, and is refused, so that it costs nothing.
    for canary in CANARIES:
        prompt = {"prompt": f"{canary}, in the rain"} if "prompt" in model.request["properties"] else {}
        body = json.dumps({**session.base(model), **prompt, **_refused_words(model, f"no value but {canary}")}).encode()
        session.refusal(model, lambda sent=body: session.client.post(sent, path=model.path))  # type: ignore[misc]


@pytest.mark.parametrize("check", TOGETHER)
def test_all_requests_of_the_run_fit_together(check: str, session: Session) -> None:
    hold(session.fit_together([check]))


def _refused_words(model: Model, words: str) -> dict[str, Any]:
    """A field in which those words are refused: the form, if it can be chosen, or else what takes no such text."""
    preferred = model.request.get("x-form", {}).get("field")
    known = sorted(model.request["properties"], key=lambda name: (name != preferred, name == "model"))
    refusing = (name for name in known if not accepts(model.request["properties"][name], words))
    return {next(refusing, "model"): words}
