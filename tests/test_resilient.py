"""A client under faults: `examples/resilient.py` is the program, and these are tests such as yours may be.

Nobody waits here: the program's sleep puts the clock of its tenant forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pixelpact.doors.handle import Handle

from examples.resilient import Client, NoPicture

LIGHTHOUSE = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse at dusk", "size": "512x512"}
JPEG = b"\xff\xd8"


@pytest.fixture
def client(pixelpact_server: Handle) -> Iterator[Client]:
    """The program under test, with a short read timeout."""

    def sleep(seconds: float) -> None:
        pixelpact_server.clock.advance(seconds=seconds)

    with httpx.Client(timeout=0.5) as http:
        yield Client(pixelpact_server.url, pixelpact_server.api_key, sleep=sleep, http=http)


# What made no picture is asked for again.


def test_it_waits_as_long_as_it_is_told(client: Client, pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add("status", code=429, retry_after=30, first=1)

    assert client.picture(**LIGHTHOUSE).startswith(JPEG)

    pixelpact_server.journal.assert_called(times=2, prompt="a lighthouse*")
    pixelpact_server.credits.assert_spent(pictures=1)
    pixelpact_server.assert_well_behaved()


def test_it_waits_for_its_quota(client: Client, pixelpact_server: Handle) -> None:
    pixelpact_server.limits.set("1/minute")

    # A new minute may begin between two of them, but not between each.
    pictures = {client.picture(**LIGHTHOUSE, seed=seed) for seed in (1, 2, 3)}

    assert len(pictures) == 3
    pixelpact_server.journal.assert_called(status=429)
    pixelpact_server.assert_well_behaved()


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_it_outlasts_an_overload(client: Client, pixelpact_server: Handle, code: int) -> None:
    pixelpact_server.faults.add("status", code=code, first=2)

    assert client.picture(**LIGHTHOUSE).startswith(JPEG)

    pixelpact_server.journal.assert_called(times=3)
    pixelpact_server.credits.assert_spent(pictures=1)
    pixelpact_server.assert_well_behaved()


def test_it_outlasts_a_proxy_that_speaks_html(client: Client, pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add("html", code=502, first=1)

    assert client.picture(**LIGHTHOUSE).startswith(JPEG)

    pixelpact_server.assert_well_behaved()


def test_it_gives_up_in_the_end(client: Client, pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add("status", code=503)

    with pytest.raises(NoPicture, match="gave up after 4 attempts: 503 Service unavailable"):
        client.picture(**LIGHTHOUSE)

    pixelpact_server.journal.assert_called(times=4)
    pixelpact_server.assert_well_behaved()


# A refusal is final.


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        ({"kind": "status", "code": 400}, "400"),
        ({"kind": "status", "code": 401}, "401 This request requires a valid API key"),
        ({"kind": "status", "code": 403}, "403 You've run out of credits"),
        ({"kind": "status", "code": 404}, "404 Cannot POST"),
        ({"kind": "moderation"}, "400 .* may contain sensitive information"),
    ],
    ids=["400", "401", "403", "404", "moderation"],
)
def test_it_takes_no_for_an_answer(
    client: Client, pixelpact_server: Handle, refusal: dict[str, Any], says: str
) -> None:
    pixelpact_server.faults.add(**refusal)

    with pytest.raises(NoPicture, match=says):
        client.picture(**LIGHTHOUSE)

    pixelpact_server.journal.assert_called(times=1)
    pixelpact_server.credits.assert_spent(pictures=0)
    pixelpact_server.assert_well_behaved()


def test_it_stops_when_its_credits_are_spent(client: Client, pixelpact_server: Handle) -> None:
    pixelpact_server.credits.set(pictures=1)
    client.picture(**LIGHTHOUSE)

    with pytest.raises(NoPicture, match="run out of credits"):
        client.picture(**LIGHTHOUSE)

    pixelpact_server.assert_well_behaved()


# What may have been paid for is not asked for again: the API has no key by which it would know the same request.


@pytest.mark.parametrize("kind", ["reset", "empty", "timeout", "truncated", "malformed-chunk"])
def test_a_lost_answer_is_not_paid_for_twice(client: Client, pixelpact_server: Handle, kind: str) -> None:
    pixelpact_server.faults.add(kind, paid=True, first=1)

    with pytest.raises(httpx.TransportError):
        client.picture(**LIGHTHOUSE)

    pixelpact_server.credits.assert_spent(pictures=1)
    # Of the picture that was lost nobody knows the link.
    pixelpact_server.assert_well_behaved()


def test_an_answer_that_cannot_be_read_is_not_paid_for_twice(client: Client, pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add("garbage", first=1)

    with pytest.raises(NoPicture, match="an answer without a link"):
        client.picture(**LIGHTHOUSE)

    pixelpact_server.credits.assert_spent(pictures=1)
    pixelpact_server.assert_well_behaved()


# A download costs nothing, and is begun again.


@pytest.mark.parametrize("kind", ["reset", "empty", "timeout", "truncated", "malformed-chunk", "html", "garbage"])
def test_a_download_that_fails_is_begun_again(client: Client, pixelpact_server: Handle, kind: str) -> None:
    pixelpact_server.faults.add(kind, on="download", first=1)

    assert client.picture(**LIGHTHOUSE).startswith(JPEG)

    pixelpact_server.journal.assert_called(times=1)
    pixelpact_server.credits.assert_spent(pictures=1)
    pixelpact_server.assert_well_behaved()


def test_an_expired_link_is_replaced(client: Client, pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add("expired", first=1)

    assert client.picture(**LIGHTHOUSE).startswith(JPEG)

    # The first picture is lost with its link, so that the second cannot be avoided.
    pixelpact_server.credits.assert_spent(pictures=2)
    pixelpact_server.assert_well_behaved()


# What is only odd does no harm.


@pytest.mark.parametrize("on", ["api", "download"])
@pytest.mark.parametrize("odd", [{"kind": "dribble", "seconds": 0.2}, {"kind": "content-type"}], ids=["slow", "odd"])
def test_a_slow_or_mislabelled_answer_is_taken(
    client: Client, pixelpact_server: Handle, odd: dict[str, Any], on: str
) -> None:
    pixelpact_server.faults.add(**odd, on=on)

    assert client.picture(**LIGHTHOUSE).startswith(JPEG)

    pixelpact_server.credits.assert_spent(pictures=1)
    pixelpact_server.assert_well_behaved()
