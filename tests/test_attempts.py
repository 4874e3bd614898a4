"""Attempts: workers that share a key are right together, and one that is not is still seen."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, count
from random import Random
from typing import Any

import pytest
from pixelpact.service.journal import API, DOWNLOAD, Entry
from pixelpact.service.nearmiss import Subject, demand
from pixelpact.service.redacted import facts_of
from pixelpact.service.verdicts import judge

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATH, STORE = "/v1/images/generations", "/seedream-3-0-t2i"
CAT = {"model": "bytedance/seedream-3.0", "prompt": "a cat", "size": "1024x1024"}
PRICE = 63000
HOURS = 3600.0
IDS = count()
PYTHON = "OpenAI/Python 3.54.0"
AGENT: dict[str, Any] = {"client": {"user_agent": PYTHON}}


def call(at: float, status: int = 200, seed: int = 0, ms: float = 5, **facts: Any) -> Entry:
    """A call of the API, so many seconds after noon; one that is accepted is paid for, and answered with a link."""
    id = f"api-{next(IDS)}"
    paid = {"charged": PRICE, "form": "url", "link": f"{STORE}/{id}.jpeg"} if status < 400 else {}
    kept = {**facts_of({**CAT, "seed": seed}, ""), **paid, **facts}
    return Entry(API, NOON + timedelta(seconds=at), id, "POST", PATH, status, ms, kept)


def base64(at: float, seed: int = 0, ms: float = 5, **facts: Any) -> Entry:
    return call(at, 200, seed, ms, form="b64_json", link=None, **facts)


def download(of: Entry, after: float = 0.01, status: int = 200, ms: float = 2, **facts: Any) -> Entry:
    link = of.facts["link"]
    moment = of.ended + timedelta(seconds=after)
    return Entry(DOWNLOAD, moment, f"get-{next(IDS)}", "GET", link, status, ms, {"link": link, **facts})


def limited(at: float, wait: float = 1, **facts: Any) -> Entry:
    return call(at, 429, retry_after=wait, **facts)


def agent(number: int) -> dict[str, Any]:
    return {"client": {"user_agent": PYTHON, "retry_count": number}}


def codes(*entries: Entry, **how: Any) -> list[str]:
    return [verdict.code for verdict in judge(entries, **how)]


# Workers that are right


class Workers:
    """Some workers with one key and User-Agent, each of which waits as it is told, or longer from try to try.

    A server answers them by a table of chances. `apart`: no two calls overlap; else all begin at once. With `patience`
    they give up after so many tries; else all get their pictures, at the last try at the latest.
    """

    def __init__(self, seed: int, *, apart: bool, patience: bool, numbered: bool = False) -> None:
        self.random = Random(seed)
        self.apart, self.patience, self.numbered = apart, patience, numbered
        self.entries: list[Entry] = []
        self.free = 0.0
        self.prompts = self.random.randint(1, 2)
        self.troubled = self.random.uniform(0.1, 0.95)

    def run(self) -> list[Entry]:
        """What they all called."""
        workers = [self._work() for _ in range(self.random.randint(2, 6))]
        ready = [(self.random.uniform(0, 20 if self.apart else 0.004), number) for number in range(len(workers))]
        for worker in workers:
            next(worker)
        heapq.heapify(ready)
        while ready:
            at, number = heapq.heappop(ready)
            busy = self.apart and at < self.free
            due = self.free + self.random.uniform(0.0001, 0.01) if busy else workers[number].send(at)
            if due < math.inf:
                heapq.heappush(ready, (due, number))
        return self.entries

    def _work(self) -> Generator[float, float, None]:
        """Gets the time of each of its calls, and gives when the next is due."""
        at = yield 0.0
        for _ in range(self.random.randint(1, 4)):
            seed = self.random.randrange(self.prompts)
            for number in range(4):
                entry, wait = self._call(at, seed, number)
                if wait is None or (self.patience and number == 2):
                    break
                at = yield self.free + wait
            if entry.facts.get("link"):
                at = yield self.free + self.random.uniform(0, 0.02)
                self._keep(replace(download(entry), moment=NOON + timedelta(seconds=at)))
            at = yield self.free + self.random.choice([0, 0, 0.01, 0.5, 3])
        yield math.inf

    def _call(self, at: float, seed: int, number: int) -> tuple[Entry, float | None]:
        """One try, and how long to wait before the next; None if it brought a picture, or a refusal."""
        ms = self.random.uniform(5, 40)
        client = {"client": {"user_agent": PYTHON if self.numbered else "w", **self._count(number)}}
        backoff = 0.5 * 2**number * self.random.uniform(0.75, 1)
        told = self.random.choice([0.2, 1, 1, 3])
        if not self.apart and self.random.random() < 0.1:
            return self._keep(call(at, 400, seed, ms, **client)), None
        if self.random.random() < self.troubled and (number < 3 or self.patience):
            fault: dict[str, Any] = self.random.choice(
                [{"status": 429, "retry_after": told}, {"status": 503}, {"status": 429, "retry_after": told}]
            )
            wait = max(backoff, fault.get("retry_after", 0)) + self.random.uniform(0, 0.02)
            return self._keep(call(at, fault.pop("status"), seed, ms, **fault, **client)), wait
        makes: Sequence[Callable[..., Entry]] = (call, base64)
        return self._keep(self.random.choice(makes)(at, seed=seed, ms=ms, **client)), None

    def _count(self, number: int) -> dict[str, int]:
        return {"retry_count": number} if self.numbered else {}

    def _keep(self, entry: Entry) -> Entry:
        self.entries.append(entry)
        # When its worker is free of it, and any other where no two may overlap.
        self.free = (entry.ended - NOON).total_seconds() + 0.0002
        return entry


def accused(entries: Sequence[Entry]) -> set[str]:
    return {verdict.code for verdict in judge(entries)} - {"never-downloaded"}


WAYS = {
    "at once": {"apart": False, "patience": False},
    "at once, and some give up": {"apart": False, "patience": True},
    "at once, and numbered": {"apart": False, "patience": False, "numbered": True},
    "at once, numbered, and some give up": {"apart": False, "patience": True, "numbered": True},
    "never two at once": {"apart": True, "patience": False},
    "never two at once, and numbered": {"apart": True, "patience": False, "numbered": True},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("start", range(0, 400, 100))
def test_workers_that_are_right_are_never_accused(start: int, way: dict[str, bool]) -> None:
    wrong = {seed: accused(Workers(seed, **way).run()) for seed in range(start, start + 100)}

    assert {seed: codes for seed, codes in wrong.items() if codes} == {}


def test_who_draws_its_next_picture_is_not_who_was_told_to_wait() -> None:
    first, limit, second, waited = call(0), limited(0.01), call(0.05), call(1.1)

    assert codes(first, limit, download(first), second, download(second), waited, download(waited)) == []


def test_who_draws_its_next_picture_is_not_who_gave_up() -> None:
    first, limit, second = call(0), limited(0.01), call(0.05)

    assert codes(first, limit, download(first), second, download(second)) == []


def test_who_draws_its_next_picture_is_not_who_gave_up_after_three_tries() -> None:
    assert codes(limited(0), limited(1.1), limited(2.2), base64(2.5)) == []


def test_two_that_back_off_are_no_storm() -> None:
    failed = [call(at, 503) for at in (0, 0.2, 0.5, 0.7, 1.5, 1.7)]

    assert codes(*failed, base64(3.5), base64(3.7)) == []


def test_who_had_its_picture_in_base64_is_not_who_was_told_to_wait() -> None:
    assert codes(base64(0), limited(0.01), base64(0.05), base64(1.1)) == []


def test_calls_that_overlap_once_are_of_several_whatever_they_are_for() -> None:
    assert codes(base64(0, ms=20), base64(0.01, seed=1), limited(5), base64(5.1)) == []


def test_a_download_by_another_library_can_overlap_too() -> None:
    first = call(0, **AGENT)

    assert codes(first, download(first, ms=3000), limited(1, **AGENT), base64(1.1, **AGENT)) == []


def test_retries_whose_number_cannot_be_theirs_are_of_several() -> None:
    gave_up, waits, came = limited(0, 30, **agent(0)), limited(0.2, **agent(0)), base64(0.5, **agent(0))

    assert codes(gave_up, waits, came, base64(1.3, **agent(1))) == []


def test_each_numbered_retry_is_read_as_that_of_the_call_it_may_follow() -> None:
    long, short = limited(0, 3, **agent(0)), limited(0, 1, **agent(0))

    assert codes(long, short, base64(1.1, **agent(1)), base64(3.1, **agent(1))) == []


# One that is not


@pytest.mark.parametrize("times", [1, 2, 3, 8, 40])
@pytest.mark.parametrize("gap", [0, 0.05, 0.1, 0.2])
def test_one_client_that_comes_back_too_soon_is_seen(gap: float, times: int) -> None:
    limits = [limited(at) for at in accumulate([0.0, *[0.005 + gap] * (times - 1)])]
    came = call(times * (0.005 + gap))

    assert "ignored-retry-after" in codes(*limits, came, download(came))


def test_one_client_that_comes_back_too_soon_is_seen_though_it_draws_another_later() -> None:
    came, another = call(0.1), call(0.4)

    assert codes(limited(0), came, download(came), another, download(another)) == ["ignored-retry-after"]


def test_among_several_a_numbered_retry_that_comes_too_soon_is_seen() -> None:
    patient, hasty = limited(0, **agent(0)), limited(0, **agent(0))
    verdicts = judge([patient, hasty, base64(0.3, **agent(1)), base64(1.1, **agent(1))])

    assert [(verdict.code, len(verdict.entries)) for verdict in verdicts] == [("ignored-retry-after", 2)]


def test_among_several_a_numbered_retry_of_a_refusal_is_seen() -> None:
    assert codes(call(0, 400, **agent(0)), base64(0.001, seed=1, **agent(0)), call(1, 400, **agent(1))) == [
        "retried-refusal"
    ]


@pytest.mark.parametrize("gap", [0, 0.01])
def test_one_client_that_hammers_is_seen_though_it_draws_another_later(gap: float) -> None:
    failed = [call(at, 503) for at in accumulate([0.0, *[0.005 + gap] * 11])]
    came = base64(12 * (0.005 + gap))

    assert codes(*failed, came, base64(4)) == ["retry-storm", "no-backoff"]


# How long a try counts


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_the_same_request_hours_after_a_refusal_is_no_retry(status: int) -> None:
    assert codes(call(0, status), call(24 * HOURS, status)) == []


def test_a_picture_paid_for_hours_after_one_was_lost_is_another() -> None:
    again = call(24 * HOURS)

    assert codes(call(0, faults=["truncated"]), again, download(again)) == []


def test_the_same_request_minutes_after_a_refusal_is_a_retry() -> None:
    assert codes(call(0, 403), call(120, 403)) == ["retried-refusal"]


def test_a_time_told_may_be_ignored_for_hours() -> None:
    assert codes(limited(0, 86400), base64(HOURS)) == ["ignored-retry-after"]


def test_a_picture_paid_for_again_after_a_long_wait_as_told_is_paid_twice() -> None:
    lost = call(0, 502, faults=["html"], charged=PRICE, retry_after=HOURS)

    assert codes(lost, base64(HOURS + 1)) == ["paid-twice"]


# Links that have expired


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("status", [200, 206])
def test_a_picture_that_was_had_in_time_may_expire(status: int, method: str) -> None:
    first = call(0)
    late = replace(download(first, 25 * HOURS, 403, kind="expired"), method=method)

    assert codes(first, download(first, 1, status), late) == []


@pytest.mark.parametrize("facts", [{"faults": ["truncated"]}, {"gone": True}])
def test_a_picture_that_was_had_in_part_may_not(facts: dict[str, Any]) -> None:
    first = call(0)

    assert "expired-link" in codes(first, download(first, 1, **facts), download(first, 25 * HOURS, 403, kind="expired"))


def test_a_look_at_a_link_brings_no_picture() -> None:
    first = call(0)
    looked, late = replace(download(first, 1), method="HEAD"), download(first, 25 * HOURS, 403, kind="expired")

    assert "expired-link" in codes(first, looked, late)


# What is said


def test_whoever_pretends_to_sleep_is_told_of_the_clock() -> None:
    (verdict,) = judge([limited(0, 30), base64(0.01)])

    assert verdict.says == (
        "came back after 0.01 s, though 429 told it to wait 30 s "
        "(by the mock's clock: a sleep that is only pretended must advance it)"
    )


def failure(noun: str, subjects: Sequence[Subject], **fields: Any) -> pytest.ExceptionInfo[AssertionError]:
    with pytest.raises(AssertionError) as caught:
        demand(noun, subjects, fields)
    return caught


def test_without_any_call_the_reason_is_guessed() -> None:
    hint = "there was none: does the client use this mock's URL and key?"

    assert str(failure("API call", []).value) == f"expected an API call; {hint}"
    assert str(failure("API call", [], n=1).value) == f"expected an API call with n=1; {hint}"
    assert "does the client follow the links" in str(failure("download", []).value)


def test_a_field_that_was_not_sent_is_not_shown_as_if_it_were() -> None:
    subject = Subject("call 1 of 1", {"size": "512x512"}, {"seed": 7, "size": "512x512", "status": 200})

    assert str(failure("API call", [subject], seed=8, size="512x512", status=201).value).splitlines()[2:] == [
        "call 1 of 1",
        "  ! seed    wanted 8    came 7 (not sent: the picture's)",
        "  = size    '512x512'",
        "  ! status  wanted 201  came 200",
    ]


def test_what_compares_calls_is_not_in_a_traceback() -> None:
    traceback = failure("API call", []).traceback

    assert [step.name for step in traceback.filter(failure("API call", []))] == ["failure"]


def test_a_full_journal_that_can_be_read_in_many_ways_is_judged_at_once() -> None:
    entries = [call(number, 503 if number % 2 else 200, form="b64_json") for number in range(1000)]
    started = datetime.now(UTC)

    assert codes(*entries) == []
    assert datetime.now(UTC) - started < timedelta(seconds=5)
