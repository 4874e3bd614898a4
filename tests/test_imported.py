"""The kit's imports: every one of them is served, and judged in this process, with nothing found.

`pixelpact verify --model all` does the same over HTTP and with the whole plan, in minutes.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from pixelpact.cases.boundary import boundary
from pixelpact.cases.broken import broken
from pixelpact.cases.case import Case
from pixelpact.cases.malformed import malformed
from pixelpact.cases.plan import first
from pixelpact.contract.contract import load
from pixelpact.contract.models import Model
from pixelpact.contract_tests.client import Client
from pixelpact.contract_tests.holding import accept, refuse
from pixelpact.contract_tests.ledger import Ledger
from pixelpact.contract_tests.session import Session
from pixelpact.contract_tests.verdicts import Verdicts
from pixelpact.service.app import create_app

CONTRACT = load()
DECIDING = ("x-count", "x-form", "x-container")


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(transport=httpx.WSGITransport(create_app())) as client:
        yield client


@pytest.fixture
def session(http: httpx.Client, key: str) -> Session:
    """A run of the suite on one model of a mock in this process."""
    client = Client("http://mock.example", "a-key", _http=http)
    models = (CONTRACT.models[key],)
    return Session(CONTRACT, client, Ledger(None, None, 0), Verdicts(CONTRACT), strict=True, models=models)


def deciding(model: Model) -> list[Case]:
    """Of each field that decides the number, form, container or size of the pictures, the first value and the last."""
    rules = [model.request.get(name, {}) for name in DECIDING] + list(model.request["x-output-size"])
    fields = {rule[part] for rule in rules for part in ("field", "width", "height") if part in rule}
    smallest, *cases = boundary(model)
    ends: dict[str, list[Case]] = {}
    for case in cases:
        for field in fields:
            if case.body.get(field) != smallest.body.get(field):
                ends[field] = [*ends.get(field, [case])[:1], case]
    return list({case.name: case for pair in ends.values() for case in pair}.values())


@pytest.mark.parametrize("key", CONTRACT.models)
def test_what_decides_the_pictures_of_a_packaged_model_is_kept(key: str, session: Session) -> None:
    (model,) = session.models

    for case in (first(model), *deciding(model)):
        accept(session, model, case)

    assert session.pictures > 0


@pytest.mark.parametrize("key", CONTRACT.models)
def test_whatever_a_packaged_model_forbids_is_refused(key: str, session: Session) -> None:
    (model,) = session.models

    for case in broken(model):
        refuse(session, model, case)
    for case in malformed(model):
        refuse(session, model, case, "malformed")

    assert session.client.requests > 30
