"""The server of `pixelpact serve` answers what Werkzeug's answers, and what no client sees of it is in order too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pixelpact.doors.server import Server
from pixelpact.service.app import app_of
from pixelpact.service.lane import lane
from pixelpact.service.mock import build
from pixelpact.service.settings import Settings

from tests.senders import SENDERS
from tests.serving import Served
from tests.test_door_parity import CASES, Door, differences


@pytest.fixture(scope="module")
def doors() -> Iterator[tuple[Door, Door]]:
    mock = build(Settings())
    with ExitStack() as stack:
        servers = stack.enter_context(Server(app_of(mock))), stack.enter_context(Served(lane(mock)))
        plain, own = (Door(server.url, SENDERS["httpx"]) for server in servers)
        yield plain, own


@pytest.mark.parametrize("case", CASES)
def test_both_servers_answer_the_same(case: str, doors: tuple[Door, Door]) -> None:
    status, ask = CASES[case]
    plain, own = doors
    expected, received = ask(plain), ask(own)

    assert list(differences(expected, plain.base, received, own.base)) == []
    assert received.status == status
    assert "date" in dict(received.headers)
