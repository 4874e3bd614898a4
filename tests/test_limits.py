"""Quotas by the tenant's clock and calls at once: never more than allowed, and a wait that is worth waiting."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from limits.storage import MemoryStorage
from pixelpact.contract.contract import load
from pixelpact.errors import StorageUnusable
from pixelpact.service.clock import Clock
from pixelpact.service.failures import Failure
from pixelpact.service.limits import Limits, Storage, storage
from pixelpact.service.redises import Warnings

from tests.redis_server import PASSWORD, client, needs_redis, running, started, url_of

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
UNANSWERED = "storage of quotas: expected a Redis that answers, received an error"
NAMES = (f"tenant-{number}" for number in count())


@pytest.fixture(scope="module")
def memory() -> Storage:
    return storage()


@pytest.fixture
def make(memory: Storage) -> Callable[..., Limits]:
    """Limits of a tenant of its own."""
    return lambda *quotas, concurrency=None: Limits(next(NAMES), memory, *quotas, concurrency=concurrency)


class SlowMemory(MemoryStorage):
    """A memory that takes its time, and notes how many threads it ever saw at once."""

    def __init__(self) -> None:
        super().__init__(wrap_exceptions=True)
        self.inside = self.most = 0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        self.inside += 1
        self.most = max(self.most, self.inside)
        sleep(0.005)
        taken = super().incr(key, expiry, amount)
        self.inside -= 1
        return taken


def at_once(work: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each gives, begun together in threads."""
    together = threading.Barrier(len(work))

    def one(each: Callable[[], Any]) -> Any:
        together.wait()
        return each()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, work))


def waited(limits: Limits, moment: datetime = NOON) -> int:
    """How long a call is told to wait: 0 if it was let in."""
    try:
        limits.enter(moment)()
    except Failure as failure:
        return int(failure.headers["Retry-After"])
    return 0


def let_in(limits: Limits, calls: int, moment: datetime = NOON) -> int:
    """How many of so many calls were let in."""
    return sum(not waited(limits, moment) for _ in range(calls))


# Quotas


def test_a_tenant_without_limits_is_never_refused(make: Callable[..., Limits]) -> None:
    limits = make()
    assert let_in(limits, 50) == 50
    assert limits.json() == {"quotas": [], "concurrency": None, "under_way": 0}


@pytest.mark.parametrize(
    ("texts", "quotas"),
    [
        (["10/minute"], ["10 per minute"]),
        (["10 per 1 minute"], ["10 per minute"]),
        (["1/second", "5 PER 2 Hours"], ["1 per second", "5 per 2 hours"]),
        (["10 per hour; 100 per day, 1000/year"], ["10 per hour", "100 per day", "1000 per year"]),
        (["10/minute", "10 per minute; 10 per 1 minutes"], ["10 per minute"]),
    ],
)
def test_quotas_are_read_in_the_common_notation(
    make: Callable[..., Limits], texts: list[str], quotas: list[str]
) -> None:
    assert make(*texts).json()["quotas"] == quotas


@given(calls=st.integers(1, 10**6), units=st.integers(1, 10), unit=st.sampled_from(["second", "hour", "month", "year"]))
def test_a_quota_that_is_told_can_be_set_again(memory: Storage, calls: int, units: int, unit: str) -> None:
    limits = Limits("told", memory, f"{calls} per {units} {unit}")
    told = limits.json()["quotas"]
    limits.set(*told)
    assert limits.json()["quotas"] == told


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["ten"], 'quotas: expected the form 10/minute or 10 per 2 hours, received "ten"'),
        ([""], 'quotas: expected the form 10/minute or 10 per 2 hours, received ""'),
        (["10/fortnight"], 'quotas: expected the form 10/minute or 10 per 2 hours, received "10/fortnight"'),
        (["-1/minute"], 'quotas: expected the form 10/minute or 10 per 2 hours, received "-1/minute"'),
        ([7], "quotas: expected the form 10/minute or 10 per 2 hours, received 7"),
        (["1/day", "0/minute"], 'quotas: expected 1 call or more, received "0/minute"'),
        (["10 per 0 minutes"], 'quotas: expected a window of 1 unit or more, received "10 per 0 minutes"'),
        (["10/00day"], 'quotas: expected a window of 1 unit or more, received "10/00day"'),
        (["1 per 11 years"], 'quotas: expected a window of 10 years at most, received "1 per 11 years"'),
        (["1 per 9999999999999 days"], "quotas: expected a window of 10 years at most, received"),
        ([f"{'9' * 5000}/day"], "quotas: expected the form 10/minute or 10 per 2 hours, received a string of 5,004"),
    ],
)
def test_a_quota_that_is_none_is_refused_and_the_limits_stay(
    make: Callable[..., Limits], texts: list[Any], message: str
) -> None:
    limits = make("3/minute", concurrency=2)
    before = limits.json()
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole message is compared.
        limits.set(*texts)
    assert str(refusal.value).startswith(message)
    assert limits.json() == before


def test_a_quota_lets_in_so_many_and_no_more(make: Callable[..., Limits]) -> None:
    assert let_in(make("3/minute"), 5) == 3


def test_a_refusal_is_a_failure_that_the_contract_knows(make: Callable[..., Limits]) -> None:
    limits = make("1/minute")
    limits.enter(NOON)
    with pytest.raises(Failure) as failure:
        limits.enter(NOON + 43 * SECOND)
    assert load().errors[failure.value.kind].status == 429
    assert failure.value.fields == {"reason": "1 per minute, its window ends in 17 s"}
    assert failure.value.headers == {"Retry-After": "17"}


@pytest.mark.parametrize(
    ("quota", "moment", "wait"),
    [
        ("1/second", NOON, 1),
        ("1/second", NOON + 0.999_999 * SECOND, 1),
        ("1/minute", NOON, 60),
        ("1/minute", NOON + SECOND / 2, 60),
        ("1/minute", NOON + MINUTE - SECOND / 1000, 1),
        ("1 per 5 minutes", NOON + 4 * MINUTE, 60),
        ("1/hour", NOON + 30 * MINUTE, 1800),
        # A day ends at 00:00 UTC, wherever the moment is told.
        ("1/day", NOON, 12 * 3600),
        ("1/day", datetime.fromisoformat("2026-08-22T08:59:00+09:00"), 60),
        # Months and years are those of the calendar.
        ("1/month", datetime(2026, 8, 31, 23, 59, 1, tzinfo=UTC), 59),
        ("1/month", datetime(2026, 12, 31, 23, 59, 1, tzinfo=UTC), 59),
        ("1/month", datetime(2028, 2, 28, tzinfo=UTC), 2 * 86_400),
        ("1 per 3 months", datetime(2026, 8, 1, tzinfo=UTC), 61 * 86_400),
        ("1/year", datetime(2026, 12, 31, tzinfo=UTC), 86_400),
        ("1/year", datetime.max.replace(tzinfo=UTC), 1),
    ],
)
def test_the_wait_is_until_the_window_ends(
    make: Callable[..., Limits], quota: str, moment: datetime, wait: int
) -> None:
    limits = make(quota)
    limits.enter(moment)
    assert waited(limits, moment) == wait


def test_of_several_full_quotas_the_longest_wait_is_told(make: Callable[..., Limits]) -> None:
    limits = make("1/second", "1/day", "1/minute")
    limits.enter(NOON)
    assert waited(limits) == 12 * 3600


def test_a_refused_call_takes_nothing_of_the_other_quotas(make: Callable[..., Limits]) -> None:
    limits = make("5/day", "1/minute")
    refused = 3 - let_in(limits, 3)
    assert refused == 2
    assert limits.remaining(NOON) == {"5 per day": 4, "1 per minute": 0}


def test_what_remains_is_counted_by_window(make: Callable[..., Limits]) -> None:
    limits = make("3/minute")
    let_in(limits, 2)
    assert limits.remaining(NOON) == {"3 per minute": 1}
    assert limits.remaining(NOON + MINUTE) == {"3 per minute": 3}


def test_asking_what_remains_takes_nothing(make: Callable[..., Limits]) -> None:
    limits = make("1/minute")
    limits.remaining(NOON)
    assert let_in(limits, 2) == 1


def test_a_tenants_clock_put_forward_moves_its_quotas_on(make: Callable[..., Limits]) -> None:
    clock, limits = Clock(), make("1/day")
    limits.enter(clock.now())
    wait = waited(limits, clock.now())
    clock.advance(seconds=wait)
    assert waited(limits, clock.now()) == 0


def test_a_clock_set_back_finds_the_counts_of_its_window(make: Callable[..., Limits]) -> None:
    limits = make("1/minute")
    let_in(limits, 1)
    let_in(limits, 1, NOON + DAY)
    assert waited(limits, NOON) == 60


def test_tenants_do_not_use_each_others_quotas(make: Callable[..., Limits]) -> None:
    one, other = make("1/minute"), make("1/minute")
    assert (let_in(one, 2), let_in(other, 2)) == (1, 1)


def test_two_servers_in_their_own_memory_count_apart() -> None:
    one, other = (Limits("same", storage(), "1/minute") for _ in range(2))
    assert (let_in(one, 2), let_in(other, 2)) == (1, 1)


def test_a_quota_that_is_set_again_keeps_its_count(make: Callable[..., Limits]) -> None:
    limits = make("2/minute")
    let_in(limits, 1)
    limits.set("2 per 1 minute", "9/day")
    assert limits.remaining(NOON) == {"2 per minute": 1, "9 per day": 9}


def test_setting_limits_replaces_the_ones_before(make: Callable[..., Limits]) -> None:
    limits = make("1/minute", concurrency=1)
    limits.set("2/hour")
    assert limits.json() == {"quotas": ["2 per hour"], "concurrency": None, "under_way": 0}


def test_cleared_limits_hold_no_more_and_forget_their_counts(make: Callable[..., Limits]) -> None:
    limits = make("2/minute", concurrency=1)
    let_in(limits, 2)
    limits.clear()
    assert let_in(limits, 5) == 5
    limits.set("2/minute")
    assert limits.remaining(NOON) == {"2 per minute": 2}


def test_cleared_limits_forget_the_counts_of_every_window_and_quota(make: Callable[..., Limits]) -> None:
    limits = make("2/day", "9/hour")
    let_in(limits, 2)
    let_in(limits, 1, NOON + DAY)
    limits.clear()
    limits.set("2/day", "9/hour")
    assert limits.remaining(NOON) == limits.remaining(NOON + DAY) == {"2 per day": 2, "9 per hour": 9}


def test_limits_that_begin_anew_can_clear_what_was_counted_before_them(memory: Storage) -> None:
    name = next(NAMES)
    let_in(Limits(name, memory, "2/day"), 2)
    Limits(name, memory).clear()
    assert let_in(Limits(name, memory, "2/day"), 3) == 2


def test_limits_can_be_cleared_again_and_again(make: Callable[..., Limits]) -> None:
    limits = make()
    taken = []
    for _ in range(3):
        limits.clear()
        limits.set("2/day")
        taken.append(let_in(limits, 3))
    assert taken == [2, 2, 2]


def test_clearing_a_tenants_limits_leaves_the_counts_of_others(make: Callable[..., Limits]) -> None:
    one, other = make("1/day"), make("1/day")
    let_in(other, 1)
    one.clear()
    assert let_in(other, 1) == 0


UNITS: dict[str, Callable[[datetime], Any]] = {
    "second": lambda moment: int(moment.timestamp()),
    "minute": lambda moment: int(moment.timestamp()) // 60,
    "hour": lambda moment: int(moment.timestamp()) // 3600,
    "day": lambda moment: moment.date(),
    "month": lambda moment: (moment.year, moment.month),
    "year": lambda moment: moment.year,
}


@pytest.mark.parametrize("unit", UNITS)
@settings(max_examples=25, deadline=None)
@given(
    allowed=st.integers(1, 4),
    start=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    steps=st.lists(st.sampled_from([0, 0.3, 0.7, 1, 31, 1800, 43_200, 86_400, 86_400 * 15]), max_size=25),
)
@example(allowed=1, start=NOON, steps=[0, 0])
def test_in_no_window_are_there_more_calls_than_allowed_nor_fewer(
    memory: Storage, unit: str, allowed: int, start: datetime, steps: list[float]
) -> None:
    limits = Limits(next(NAMES), memory, f"{allowed}/{unit}")
    moments = [start + timedelta(seconds=sum(steps[:number])) for number in range(len(steps))]
    came = Counter(UNITS[unit](moment) for moment in moments)
    taken = Counter(UNITS[unit](moment) for moment in moments if not waited(limits, moment))
    assert taken == {window: min(calls, allowed) for window, calls in came.items()}


@settings(max_examples=100, deadline=None)
@given(
    quotas=st.lists(
        st.builds("{} per {} {}".format, st.integers(1, 3), st.integers(1, 9), st.sampled_from(list(UNITS))),
        min_size=1,
        max_size=3,
    ),
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
)
def test_a_client_that_waits_as_it_was_told_is_let_in(memory: Storage, quotas: list[str], moment: datetime) -> None:
    limits = Limits(next(NAMES), memory, *quotas)
    wait = next(wait for wait in (waited(limits, moment) for _ in range(5)) if wait)
    assert waited(limits, moment + timedelta(seconds=wait)) == 0


def test_many_threads_together_get_exactly_the_quota(make: Callable[..., Limits]) -> None:
    limits = make("50/day", "60/month")
    taken = at_once([lambda: let_in(limits, 20)] * 8)
    assert sum(taken) == 50
    assert limits.remaining(NOON) == {"50 per day": 0, "60 per month": 10}


def test_tenants_that_share_a_memory_count_in_it_one_after_the_other() -> None:
    memory = SlowMemory()
    shared = Storage(memory)
    tenants = [Limits(str(number), shared, "2/day") for number in range(4)]
    taken = at_once([partial(let_in, limits, 3) for limits in tenants])
    assert (taken, memory.most) == ([2] * 4, 1)


# Calls at once


def test_no_more_calls_than_allowed_are_under_way(make: Callable[..., Limits]) -> None:
    limits = make(concurrency=2)
    leave = limits.enter(NOON)
    limits.enter(NOON)
    with pytest.raises(Failure) as failure:
        limits.enter(NOON)
    assert failure.value.kind == "too_many_requests"
    assert failure.value.headers == {"Retry-After": "1"}
    assert failure.value.fields == {"reason": "2 calls are under way, 2 may be"}
    leave()
    assert waited(limits) == 0


def test_a_place_is_given_back_once(make: Callable[..., Limits]) -> None:
    limits = make(concurrency=2)
    leave = limits.enter(NOON)
    limits.enter(NOON)
    leave()
    leave()
    assert limits.json()["under_way"] == 1


def test_a_call_that_finds_no_place_takes_nothing_of_the_quota(make: Callable[..., Limits]) -> None:
    limits = make("5/minute", concurrency=1)
    limits.enter(NOON)
    assert waited(limits) == 1
    assert limits.remaining(NOON) == {"5 per minute": 4}


def test_a_call_beyond_the_quota_takes_no_place(make: Callable[..., Limits]) -> None:
    limits = make("1/minute", concurrency=2)
    let_in(limits, 3)
    assert limits.json()["under_way"] == 0


def test_calls_that_were_under_way_count_once_a_limit_is_set(make: Callable[..., Limits]) -> None:
    limits = make()
    leave = limits.enter(NOON)
    limits.set(concurrency=1)
    assert waited(limits) == 1
    leave()
    assert waited(limits) == 0


def test_places_are_given_back_after_the_limits_are_cleared(make: Callable[..., Limits]) -> None:
    limits = make(concurrency=1)
    leave = limits.enter(NOON)
    limits.clear()
    leave()
    assert limits.json()["under_way"] == 0


@pytest.mark.parametrize("places", [0, -1, True, 1.5, "2"])
def test_a_number_of_places_that_is_none_is_refused(make: Callable[..., Limits], places: Any) -> None:
    message = rf"^concurrency: expected a whole number, 1 or more, received {json.dumps(places)}$"
    with pytest.raises(ValueError, match=message):
        make(concurrency=places)


def test_of_threads_that_come_together_only_as_many_get_in_as_there_are_places() -> None:
    limits = Limits("crowd", Storage(SlowMemory()), "9/day", concurrency=2)

    def stays() -> bool:
        try:
            limits.enter(NOON)
        except Failure:
            return False
        return True

    assert sorted(at_once([stays] * 5)) == [False] * 3 + [True] * 2
    assert limits.remaining(NOON) == {"9 per day": 7}


# Redis


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with running() as (_, url):
        yield url


def keys(url: str) -> dict[str, int]:
    """The keys in a Redis, and how many seconds each has left."""
    with client(url) as asking:
        return {str(key): int(asking.ttl(str(key))) for key in asking.scan_iter()}


@needs_redis
def test_servers_that_share_a_redis_share_the_quotas_of_a_tenant(redis_url: str) -> None:
    one, other = (Limits("shared", storage(redis_url), "5/minute") for _ in range(2))
    assert (let_in(one, 3), let_in(other, 3)) == (3, 2)
    assert one.remaining(NOON) == {"5 per minute": 0}


@needs_redis
def test_tenants_of_one_redis_count_apart(redis_url: str) -> None:
    shared = storage(redis_url)
    one, other = (Limits(next(NAMES), shared, "1/minute") for _ in range(2))
    assert (let_in(one, 2), let_in(other, 2)) == (1, 1)


@needs_redis
def test_many_threads_of_two_servers_never_get_more_than_the_quota(redis_url: str) -> None:
    servers = [Limits("crowd", storage(redis_url), "40/day") for _ in range(2)]
    taken = at_once([partial(let_in, servers[number % 2], 15) for number in range(6)])
    assert sum(taken) == 40
    assert servers[0].remaining(NOON) == {"40 per day": 0}


@needs_redis
def test_keys_in_a_redis_hold_the_tenants_name_and_expire(redis_url: str) -> None:
    before = keys(redis_url)
    limits = Limits("named", storage(redis_url), "2/minute", "9/day")
    let_in(limits, 3, NOON + 43 * SECOND)
    new = {key: left for key, left in keys(redis_url).items() if key not in before}
    assert all(key.startswith("pixelpact:named/") for key in new)
    # Until the window ends, and a minute more.
    assert all(
        most - 30 < left <= most
        for left, most in zip(sorted(new.values()), [17 + 60, 12 * 3600 - 43 + 60], strict=True)
    )


@needs_redis
def test_cleared_limits_forget_their_counts_in_a_redis(redis_url: str) -> None:
    limits = Limits("cleared", storage(redis_url), "2/minute")
    let_in(limits, 2)
    limits.clear()
    limits.set("2/minute")
    assert let_in(limits, 3) == 2


@needs_redis
def test_a_server_that_was_started_again_clears_what_another_run_counted(redis_url: str) -> None:
    before, other = (Limits("runs", storage(redis_url), "2/day") for _ in range(2))
    let_in(before, 1)
    let_in(other, 1)
    let_in(before, 1, NOON + DAY)
    Limits("runs", storage(redis_url), "2/day").clear()
    assert other.remaining(NOON) == {"2 per day": 2}
    assert let_in(other, 3) == 2
    assert let_in(before, 3, NOON + DAY) == 2


@needs_redis
def test_what_is_kept_of_a_clearing_outlives_every_counter_and_expires(redis_url: str) -> None:
    longest = Limits("longest", storage(redis_url), "1 per 10 years")
    let_in(longest, 1, datetime(2020, 1, 1, tzinfo=UTC))
    [counter] = [left for key, left in keys(redis_url).items() if key.startswith("pixelpact:longest/")]
    longest.clear()
    assert counter < max(left for key, left in keys(redis_url).items() if key.startswith("pixelpact:longest/"))
    assert all(left > 0 for left in keys(redis_url).values())


@needs_redis
def test_clearing_while_servers_count_lets_in_one_more_quota_each_time_and_no_more(redis_url: str) -> None:
    servers = [Limits("busy", storage(redis_url), "5/day") for _ in range(2)]
    third = Limits("busy", storage(redis_url))
    taken = at_once([*(partial(let_in, server, 60) for server in servers), third.clear, third.clear])
    assert sum(calls for calls in taken if calls) in range(5, 16)
    third.clear()
    assert sum(at_once([partial(let_in, server, 10) for server in servers])) == 5


@needs_redis
def test_a_wrong_password_is_told_to_whoever_runs_the_mock_without_it(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StorageUnusable) as refusal:
        storage(redis_url.replace(PASSWORD, "secret"))
    assert str(refusal.value) == UNANSWERED
    assert refusal.value.reason.startswith("invalid username-password pair")
    assert caplog.messages == [f"storage of quotas: {refusal.value.reason}"]
    assert not any("secret" in text for text in (caplog.text, repr(refusal.value), refusal.value.reason))


@needs_redis
def test_a_redis_that_went_away_is_told_and_takes_no_place() -> None:
    with running() as (server, url):
        limits = Limits("orphan", storage(url), "2/minute", concurrency=1)
        let_in(limits, 1)
        server.kill()
        server.wait()
        with pytest.raises(StorageUnusable) as refusal:
            limits.enter(NOON)
    assert limits.json()["under_way"] == 0
    assert str(refusal.value) == UNANSWERED
    place = url.rpartition("@")[2]
    assert place in refusal.value.reason
    assert place not in repr(refusal.value)


@needs_redis
def test_a_redis_that_went_away_is_warned_of_once_however_long_that_lasts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = count(1000, 20)
    monkeypatch.setattr("pixelpact.service.redises.monotonic", lambda: next(now))
    with running() as (server, url):
        limits = Limits("orphan", storage(url), "2/minute")
        server.kill()
        server.wait()
        for _ in range(5):
            with pytest.raises(StorageUnusable) as refusal:
                limits.enter(NOON)
    warning = ("pixelpact.limits", logging.WARNING, f"storage of quotas: {refusal.value.reason}")
    assert caplog.record_tuples == [warning]


@needs_redis
def test_a_redis_that_goes_away_again_is_warned_of_again_but_not_within_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    now = count(1000, 35)
    monkeypatch.setattr("pixelpact.service.redises.monotonic", lambda: next(now))
    warned = []
    with started(tmp_path):
        shared = storage(url_of(tmp_path))
    for _ in range(4):
        with started(tmp_path):
            shared.used("reachable")
        with pytest.raises(StorageUnusable):
            shared.used("reachable")
        warned.append(len(caplog.records))
    assert warned == [1, 1, 2, 2]


def test_an_outage_that_begins_too_soon_to_be_told_is_told_once_it_lasts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = count(1000, 25)
    monkeypatch.setattr("pixelpact.service.redises.monotonic", lambda: next(now))
    warnings = Warnings(logging.getLogger("pixelpact.limits"), "storage of quotas")
    warnings.tell("a moment")
    warnings.answered()
    told = []
    for _ in range(5):
        warnings.tell("for hours")
        told.append(len(caplog.records))
    assert told == [1, 1, 2, 2, 2]


@needs_redis
def test_limits_can_be_cleared_though_their_redis_went_away() -> None:
    with running() as (server, url):
        limits = Limits("orphan", storage(url), "2/minute")
        let_in(limits, 1)
        server.kill()
        server.wait()
        with pytest.raises(StorageUnusable):
            limits.clear()
    assert let_in(limits, 5) == 5


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"redis://:{PASSWORD}@127.0.0.1:1/0", "connecting to 127.0.0.1:1."),
        (f"redis+unix://:{PASSWORD}@/nowhere/redis.sock", "connecting to /nowhere/redis.sock."),
    ],
)
def test_where_no_redis_was_found_is_told_to_whoever_runs_the_mock_alone(
    caplog: pytest.LogCaptureFixture, url: str, reason: str
) -> None:
    with pytest.raises(StorageUnusable) as refusal:
        storage(url)
    assert str(refusal.value) == UNANSWERED
    assert reason in refusal.value.reason
    assert reason in caplog.text
    assert PASSWORD not in caplog.text + refusal.value.reason


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            f"redis://:{PASSWORD[:3]}/{PASSWORD[3:]}@127.0.0.1:1",
            "expected the URL of a Redis, received one that cannot",
        ),
        (f"redis://127.0.0.1:1/?{PASSWORD}=1", "expected the URL of a Redis, received one that cannot be read"),
        # A password with a slash, a query's or a fragment's beginning in it, which ends where the host is read.
        *(
            (f"{form}:{PASSWORD[:3]}{sign}{PASSWORD[3:]}@127.0.0.1:1/", "received one that cannot be read")
            for form in ("redis+unix://", "redis://user")
            for sign in "/?#"
        ),
        (f"redis://{PASSWORD[:3]}/{PASSWORD[3:]}@127.0.0.1:1", "received one that cannot be read"),
        (f"redis://[{PASSWORD}@127.0.0.1:1", "received one that cannot be read"),
        ("memcached://127.0.0.1", "expected a URL that begins with redis:// or rediss:// or redis+unix://, received"),
        (PASSWORD, "expected a URL that begins with redis:// or rediss:// or redis+unix://, received another form"),
        ("", "expected a URL that begins with redis:// or rediss:// or redis+unix://, received another form"),
    ],
)
def test_a_storage_that_cannot_be_used_says_why_and_no_password(
    caplog: pytest.LogCaptureFixture, url: str, message: str
) -> None:
    with pytest.raises(StorageUnusable) as refusal:
        storage(url)
    assert str(refusal.value).startswith("storage of quotas: ")
    assert message in str(refusal.value)
    told = f"{refusal.value} {refusal.value.reason} {caplog.text}"
    assert not any(part in told for part in (PASSWORD, PASSWORD[:3], PASSWORD[3:]))


def test_a_redis_that_does_not_answer_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pixelpact.service.limits.PATIENCE", 0.05)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(StorageUnusable) as refusal,
    ):
        storage(f"redis://127.0.0.1:{silent.getsockname()[1]}")
    assert refusal.value.reason.startswith("Timeout")


def test_a_missing_redis_package_is_told_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(StorageUnusable, match=r"expected the package redis, which pip install 'pixelpact\[redis\]' br"):
        storage("redis://127.0.0.1:1")
