"""A thousand of the generated requests that `python -m benchmarks.fuzz` asks by the million; and its judgement."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from pixelpact.contract.contract import load

from benchmarks.fuzz import LONGEST_ERROR, Judge, Results, by_socket, in_process
from benchmarks.fuzz_asking import Came
from benchmarks.fuzz_requests import KEY, KINDS, Sent, request

JSON = {"content-type": "application/json"}
ERROR = b'{"message": "m", "path": "/", "requestId": "i", "statusCode": 400, "timestamp": "2026-01-01T00:00:00.000Z"}'


@pytest.fixture(autouse=True)
def _loud() -> Iterator[None]:
    """The run silences the log of calls."""
    logger = logging.getLogger("pixelpact.calls")
    level = logger.level
    yield
    logger.setLevel(level)


def wrong(results: Results) -> list[tuple[int, str, str]]:
    # How fast this machine is just now is no matter of a test.
    return [finding for finding in results.findings if " ms for " not in finding[2]]


def test_a_thousand_generated_requests_are_answered_as_they_may_be() -> None:
    results = in_process(range(1000), seed=1)

    assert wrong(results) == []
    assert results.count == 1000
    assert {200, 400, 401, 404, 415} <= set(results.statuses)


def test_generated_bytes_at_a_socket_are_answered_as_they_may_be() -> None:
    results = by_socket(range(1000, 1300), seed=1)

    assert wrong(results) == []
    assert results.count >= 200


def test_a_number_is_the_same_request_each_time_and_every_kind_comes() -> None:
    once, again = ([request(number, 5) for number in range(400)] for _ in range(2))

    assert once == again
    assert len({sent.kind for sent in once}) > len(KINDS)


ASKED = Sent("good", "POST", "/v1/images/generations")
WISHED = Sent("headers", "POST", "/v1/images/generations", [("Prefer", 'code="503"')])
PLANTED: dict[str, tuple[Sent, Came, str]] = {
    "a failure": (ASKED, Came(500, JSON, ERROR, 0), "status 500"),
    "no status": (ASKED, Came(0, JSON, ERROR, 0), "status 0"),
    "a key": (ASKED, Came(200, JSON, KEY.encode(), 0), "the key in the answer"),
    "a key in a header": (ASKED, Came(200, {**JSON, "x": KEY}, b"{}", 0), "the key in the answer"),
    "a broken header": (ASKED, Came(200, {"x": "a\r\nb"}, b"{}", 0), "a line break"),
    "a long error": (ASKED, Came(400, JSON, b" " * LONGEST_ERROR + ERROR, 0), "an error of "),
    "a page": (ASKED, Came(404, {"content-type": "text/html"}, b"<h1>", 0), "no JSON"),
    "another error": (ASKED, Came(400, JSON, b'{"error": "no"}', 0), "not as documented"),
}


@pytest.mark.parametrize(("sent", "came", "told"), PLANTED.values(), ids=PLANTED)
def test_what_may_not_be_answered_is_found(sent: Sent, came: Came, told: str) -> None:
    assert any(told in finding for finding in Judge(load()).findings(sent, came))


@pytest.mark.parametrize(
    ("sent", "came"), [(ASKED, Came(400, JSON, ERROR, 0)), (WISHED, Came(503, JSON, ERROR, 0))], ids=["error", "wished"]
)
def test_what_may_be_answered_is_not(sent: Sent, came: Came) -> None:
    assert list(Judge(load()).findings(sent, came)) == []


@pytest.mark.parametrize(
    ("seconds", "body", "slow"), [(0.2, b"", True), (0.01, b"", False), (0.2, bytes(2**20), False)]
)
def test_an_answer_is_slow_for_a_small_body_alone(seconds: float, body: bytes, slow: bool) -> None:
    sent = Sent("good", "POST", "/", body=body)

    assert Judge(load()).is_slow(sent, Came(200, JSON, b"{}", seconds)) == slow
