"""What replicas keep in a Redis: read as it was written, and within limits; and what they do if it goes away."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pixelpact.contract.contract import load
from pixelpact.errors import PixelpactError, StorageUnusable
from pixelpact.pixels.values import Recipe, Size
from pixelpact.service import sharedscripts
from pixelpact.service.app import create_app, mock_of
from pixelpact.service.calls import Answer, Call, json_answer
from pixelpact.service.failures import Failure
from pixelpact.service.faults import fault
from pixelpact.service.journal import Entry
from pixelpact.service.lifecycle import Stage, Stages
from pixelpact.service.limits import storage
from pixelpact.service.mock import Mock, build
from pixelpact.service.settings import Beginning, Settings
from pixelpact.service.sharedcalls import Steady
from pixelpact.service.sharedlink import Link
from pixelpact.service.sharedtexts import FORMS, charge_of, charge_text, entry_of, entry_text, mark_text
from pixelpact.service.shareduploads import SharedUploads
from pixelpact.service.state import MOST_BYTES_OF_ALL, MOST_ENTRIES, Stale
from pixelpact.service.stateallowed import allowed
from pixelpact.service.statebooks import Charge
from pixelpact.service.tenants import Tenant

from tests.redis_server import PASSWORD, client, needs_redis, running, started, url_of
from tests.replicas import MAIN

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)
PATH = "/v1/images/generations"
BODY = json.dumps({"model": "bytedance/seedream-3.0", "prompt": "a cat"}).encode()
KEYS = (f"key-{number}" for number in count())
TEXTS = st.text(max_size=20)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
FACTS = st.dictionaries(TEXTS, PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(TEXTS, PLAIN, max_size=3))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
STAGE = st.builds(Stage, st.none() | MOMENTS, st.none() | MOMENTS, st.none() | TEXTS, st.none() | MOMENTS)
STAGES = st.dictionaries(TEXTS, STAGE, max_size=3)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running() as (_, place):
        yield place


@pytest.fixture
def redis(url: str) -> Iterator[Any]:
    with client(url) as asking:
        yield asking


@pytest.fixture
def key() -> str:
    return next(KEYS)


@pytest.fixture
def mocks(url: str, tmp_path: Path) -> Iterator[tuple[Mock, Mock]]:
    """Two that share nothing but a Redis."""
    made = [build(Settings(state=url, uploads=tmp_path / str(number))) for number in range(2)]
    yield made[0], made[1]
    for mock in made:
        mock.uploads.close()


def post(mock: Mock, key: str, body: bytes = BODY) -> int:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    answer = mock.endpoint.answer(Call("POST", PATH, headers, body, "http://mock.test"))
    answer.delivery.finished()
    return answer.status


def tenant(mock: Mock, key: str) -> Tenant:
    return mock.tenants.admit({"authorization": f"Bearer {key}"}, afresh=True)


def entry(number: int = 0, **facts: Any) -> Entry:
    return Entry("api", NOON, f"id-{number}", "POST", PATH, 200, 5.0, facts)


def until(holds: Callable[[], bool]) -> None:
    """Wait for what is about to hold."""
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end


# Texts


@given(
    facts=FACTS,
    moment=MOMENTS,
    prompt=TEXTS,
    milliseconds=st.floats(0, 1e6),
    several=st.lists(TEXTS, max_size=2).map(tuple),
)
def test_an_entry_is_read_as_it_was_written(
    facts: dict[str, Any], moment: datetime, prompt: str, milliseconds: float, several: tuple[str, ...]
) -> None:
    recipe = Recipe("m", prompt, 1, Size(8, 9), references=several, index=2)
    written = Entry("api", moment, "id", "POST", "/", 200, milliseconds, facts, recipe)
    assert entry_of(entry_text(written)) == written


def test_what_is_marked_later_is_read_with_the_entry() -> None:
    text = entry_text(entry(charged=1)) + mark_text({"gone": True})
    facts = dict(entry_of(text).facts)
    assert 0 <= facts.pop("gone_after") < 5
    assert facts == {"charged": 1, "gone": True}


@given(STAGES, STAGES)
def test_the_stages_of_models_are_read_as_they_were_written(now: Any, beginning: Any) -> None:
    form = FORMS["stages"]
    assert form.read(form.write(Stages(now, beginning))) == Stages(now, beginning)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("ahead", timedelta(days=90_000, microseconds=1)),
        ("faults", ()),
        ("faults", (fault("status", code=429, first=2), fault("latency", low=0.1, high=2, probability=0.5, seed=7))),
        ("allowed", allowed("10/minute; 3 per 2 months", concurrency=4)),
        ("allowed", allowed()),
        ("balance", None),
        ("balance", 0),
        ("balance", 2**53 - 1),
    ],
)
def test_a_part_is_read_as_it_was_written(part: str, value: Any) -> None:
    form = FORMS[part]
    assert form.read(form.write(value)) == value


def test_a_charge_is_read_as_it_was_written() -> None:
    charge = Charge(63_000, "m", "id", "f", NOON, 4)
    assert charge_of(charge_text(charge)) == charge


# What is shared


@needs_redis
def test_a_plain_call_asks_redis_once(mocks: tuple[Mock, Mock], key: str, redis: Any) -> None:
    post(mocks[0], key)
    redis.config_resetstat()
    assert [post(mocks[0], key) for _ in range(5)] == [200] * 5
    stats: Any = redis.info("commandstats")
    asked = {name: told["calls"] for name, told in stats.items() if name in ("cmdstat_evalsha", "cmdstat_hgetall")}
    assert asked == {"cmdstat_evalsha": 5}


@needs_redis
def test_a_call_that_went_by_old_settings_is_answered_again_and_written_once(
    mocks: tuple[Mock, Mock], key: str
) -> None:
    one, other = mocks
    post(one, key)
    tenant(other, key).clock.advance(days=3)
    post(one, key)
    first, second = tenant(other, key).journal.entries
    assert second.moment - first.moment > timedelta(days=2)
    assert tenant(one, key).credits.pictures == 2


@needs_redis
def test_a_tenant_that_is_held_says_what_is_so_now(mocks: tuple[Mock, Mock], key: str) -> None:
    one, other = (mock.tenants.hold(key) for mock in mocks)
    one.clock.advance(hours=1)
    one.faults.add("reset")
    one.credits.set(credits=7)
    one.journal.append(entry())
    assert other.clock.ahead == timedelta(hours=1)
    assert (len(other.faults.list()), other.credits.balance, len(other.journal)) == (1, 7, 1)


@needs_redis
def test_a_tenant_that_was_let_go_begins_anew_everywhere(mocks: tuple[Mock, Mock], key: str) -> None:
    held = mocks[0].tenants.hold(key)
    held.clock.advance(hours=1)
    post(mocks[1], key)
    mocks[0].tenants.let_go(held)
    assert mocks[1].tenants.known(held.name) is None
    assert (tenant(mocks[1], key).clock.ahead, len(tenant(mocks[1], key).journal)) == (timedelta(), 0)


@needs_redis
def test_threads_of_two_replicas_count_every_call_of_a_fault(mocks: tuple[Mock, Mock], key: str) -> None:
    made = tenant(mocks[0], key).faults.add("reset", first=20)
    hits: list[int] = []

    def work(mock: Mock) -> None:
        for _ in range(10):
            hits.append(len(tenant(mock, key).faults.due("api", {})))

    threads = [threading.Thread(target=work, args=(mocks[number % 2],)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(hits), [each.turn for each in tenant(mocks[1], key).faults.list()]) == (20, [60])
    assert made == tenant(mocks[1], key).faults.list()[0]


@needs_redis
def test_a_call_is_marked_by_the_replica_whose_client_went(mocks: tuple[Mock, Mock], key: str) -> None:
    journal = tenant(mocks[0], key).journal
    for number in range(3):
        journal.append(entry(number))
    tenant(mocks[1], key).journal.mark("id-1", gone=True)
    journal.mark("id-9", gone=True)
    assert [dict(each.facts).get("gone") for each in journal.entries] == [None, True, None]


@needs_redis
@pytest.mark.parametrize("rest", [{}, {"bytes": 5}])
def test_a_tenant_that_a_full_redis_dropped_begins_anew(
    mocks: tuple[Mock, Mock], key: str, redis: Any, rest: dict[str, Any]
) -> None:
    one, other = mocks
    held = tenant(one, key)
    held.journal.append(entry())
    name = f"{sharedscripts.TENANT}{held.name}"
    redis.delete(name)
    held.journal.mark("id-0", gone=True)
    assert not redis.exists(name)
    if rest:
        redis.hset(name, mapping=rest)
    assert [post(mock, key) for mock in (one, other, one)] == [200] * 3
    assert len(tenant(other, key).journal) == 3


@needs_redis
def test_a_place_of_a_replica_that_died_is_free_in_time(mocks: tuple[Mock, Mock], key: str, redis: Any) -> None:
    one, other = (tenant(mock, key) for mock in mocks)
    one.limits.set(concurrency=1)
    one.limits.enter(NOON)
    with pytest.raises(Failure):
        other.limits.enter(NOON)
    places = f"{sharedscripts.TENANT}{one.name}:places"
    assert 0 < redis.ttl(places) <= sharedscripts.LEASE
    [(call, _)] = redis.zrange(places, 0, -1, withscores=True)
    redis.zadd(places, {call: time.time() - 1})
    other.limits.enter(NOON)()
    assert other.limits.json()["under_way"] == 0


# Limits


@needs_redis
def test_every_key_says_whose_it_is_and_expires(mocks: tuple[Mock, Mock], key: str, redis: Any) -> None:
    post(mocks[0], key)
    mocks[0].uploads.put(b"a picture")
    tenant(mocks[0], key).limits.set("3/day", concurrency=2)
    post(mocks[1], key)
    tenant(mocks[1], key).journal.clear()
    tenant(mocks[1], key).credits.reset()
    post(mocks[1], key)
    left = {name: redis.ttl(name) for name in redis.scan_iter()}
    assert all(name.startswith("pixelpact:") for name in left)
    assert {name for name, seconds in left.items() if int(seconds) < 1} == set()


@needs_redis
def test_a_journal_keeps_the_last_thousand_calls_and_says_how_many_went(
    mocks: tuple[Mock, Mock], key: str, redis: Any
) -> None:
    journal = tenant(mocks[0], key).journal
    for number in range(MOST_ENTRIES + sharedscripts.SPARE + 5):
        journal.append(entry(number))
    assert [each.request_id for each in (journal.entries[0], journal.last)] == ["id-105", "id-1104"]
    assert (len(journal), journal.dropped) == (MOST_ENTRIES, 105)
    stored = f"{sharedscripts.TENANT}{tenant(mocks[0], key).name}:journal"
    assert redis.llen(stored) <= MOST_ENTRIES + sharedscripts.SPARE


@needs_redis
def test_a_journal_of_large_entries_keeps_only_so_many_bytes(mocks: tuple[Mock, Mock], key: str, redis: Any) -> None:
    journal = tenant(mocks[0], key).journal
    for number in range(40):
        journal.append(entry(number, text="x" * 2**19))
    assert (len(journal), journal.last.request_id) == (31, "id-39")


@needs_redis
def test_of_too_many_tenants_the_one_not_used_for_longest_is_forgotten(
    mocks: tuple[Mock, Mock], redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = sharedscripts.Script(sharedscripts.CREATE.text.replace(f"{sharedscripts.MOST_TENANTS}", "3"))
    monkeypatch.setattr(sharedscripts, "CREATE", few)
    redis.flushdb()
    first, second, third, fourth = (mocks[0].tenants.hold(next(KEYS)).name for _ in range(4))
    assert mocks[1].tenants.known(fourth)
    assert [mocks[1].tenants.known(name) is None for name in (first, second, third)].count(True) == 1
    assert redis.zcard(f"{sharedscripts.PREFIX}tenants") == 3


@needs_redis
def test_what_another_layout_left_is_not_read(mocks: tuple[Mock, Mock], key: str, redis: Any) -> None:
    name = tenant(mocks[0], key).name
    old = f"pixelpact:0:tenant:{name}"
    redis.set(old, "of another form")
    assert post(mocks[1], key) == 200
    assert redis.get(old) == "of another form"
    redis.delete(old)


@needs_redis
def test_an_upload_of_one_machine_is_got_at_another(url: str, tmp_path: Path) -> None:
    one, other = (SharedUploads(Link(url), tmp_path / str(number)) for number in range(2))
    digest = one.put(b"of one machine")
    assert other.get(digest) == b"of one machine"
    assert (tmp_path / "1" / digest).exists()


@needs_redis
@pytest.mark.parametrize("digest", ["", "..", "0" * 64, "tenants"])
def test_an_upload_that_is_none_is_not_found(url: str, tmp_path: Path, digest: str) -> None:
    assert SharedUploads(Link(url), tmp_path).get(digest) is None


@needs_redis
def test_beyond_their_limit_the_uploads_not_used_for_longest_go_at_every_machine(
    tmp_path: Path,
) -> None:
    with running() as (_, place):
        one, other = (SharedUploads(Link(place), tmp_path / str(number), 300) for number in range(2))
        first, second = one.put(b"a" * 100), one.put(b"b" * 100)
        other.put(b"c" * 100)
        other.get(first)
        other.put(b"d" * 100)
        assert [each.get(digest) for digest in (first, second) for each in (one, other)] == [
            *[b"a" * 100] * 2,
            *[None] * 2,
        ]


# A Redis that ran out of room


def sums(redis: Any) -> list[str]:
    """What is known of what is kept, one key after the other."""
    known = (f"{sharedscripts.PREFIX}{name}" for name in ("sizes", "total", "uploads", "uploads:*"))
    return sorted({key for name in known for key in redis.keys(name)})


@needs_redis
def test_uploads_are_kept_though_what_was_known_of_their_sizes_was_dropped(tmp_path: Path) -> None:
    with running() as (_, place), client(place) as asking:
        uploads = SharedUploads(Link(place), tmp_path, 300)
        for number in range(len(sums(asking)) or 1):
            for letter in b"ab":
                uploads.put(bytes([letter]) * 100)
            asking.delete(sums(asking)[number])
            digests = [uploads.put(bytes([letter]) * 100) for letter in b"cde"]
            assert all(map(uploads.get, digests))


@needs_redis
def test_an_upload_that_was_dropped_and_put_again_counts_once(tmp_path: Path) -> None:
    with running() as (_, place), client(place) as asking:
        uploads = SharedUploads(Link(place), tmp_path, 300)
        first = uploads.put(b"a" * 100)
        for _ in range(5):
            second = uploads.put(b"b" * 100)
            asking.delete(f"{sharedscripts.PREFIX}upload:{second}")
        assert uploads.put(b"b" * 100) == second
        assert all(map(uploads.get, (first, second)))


@needs_redis
def test_an_upload_whose_size_is_forgotten_is_counted_again_when_it_is_used(tmp_path: Path) -> None:
    with running() as (_, place), client(place) as asking:
        uploads = SharedUploads(Link(place), tmp_path, 300)
        first, second = uploads.put(b"a" * 100), uploads.put(b"b" * 100)
        asking.delete(*sums(asking))
        uploads.get(first), uploads.get(second)
        third, fourth = uploads.put(b"c" * 100), uploads.put(b"d" * 100)
        assert [uploads.get(digest) is None for digest in (first, second, third, fourth)] == [True, False, False, False]


@needs_redis
def test_journals_are_kept_though_their_sizes_were_dropped(
    mocks: tuple[Mock, Mock], key: str, redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = sharedscripts.COMMIT.text.replace(f"{MOST_BYTES_OF_ALL}", "8000")
    monkeypatch.setattr(sharedscripts, "COMMIT", sharedscripts.Script(text))
    redis.flushdb()
    post(mocks[0], key)
    busy = next(KEYS)
    for _ in range(20):
        post(mocks[0], busy)
        tenant(mocks[0], busy).journal.clear()
        redis.delete(f"{sharedscripts.PREFIX}sizes")
    assert len(tenant(mocks[0], key).journal) == 1


# A tenant that changes


@dataclass
class Changing:
    """An endpoint whose tenant changes during so many attempts."""

    times: int
    attempts: int = 0

    def answer(self, call: Call) -> Answer:
        self.attempts += 1
        if self.attempts <= self.times:
            raise Stale("k")
        return json_answer(200, {})

    def refuse(self, call: Call, error: PixelpactError) -> Answer:
        raise AssertionError(error)


@pytest.mark.parametrize(("times", "status", "attempts"), [(0, 200, 1), (1, 200, 2), (4, 200, 5), (1000, 503, 5)])
def test_a_call_whose_tenant_changes_is_answered_again_a_few_times(times: int, status: int, attempts: int) -> None:
    endpoint = Changing(times)
    answer = Steady(load(), endpoint).answer(Call("POST", PATH, {}, BODY, "http://mock.test"))
    assert (answer.status, endpoint.attempts) == (status, attempts)
    assert answer.headers.get("Retry-After") == ("1" if status == 503 else None)


# A Redis that goes away


@needs_redis
def test_without_a_redis_calls_downloads_and_control_say_when_to_come_again(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        app = create_app(Settings(state=url_of(tmp_path)))
        asking = app.test_client()
        headers = {"Authorization": "Bearer k", "Content-Type": "application/json"}
        link = asking.post(PATH, data=BODY, headers=headers).get_json()["data"][0]["url"]
        server.kill()
        server.wait()
        answers = [
            asking.post(PATH, data=BODY, headers=headers),
            asking.get(link),
            asking.get("/v1/models", headers=headers),
            asking.get("/_pixelpact/journal", headers=headers),
            asking.get("/v2/nowhere", headers=headers),
        ]
    mock_of(app).uploads.close()
    assert [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers] == [(503, "1")] * 5


@needs_redis
def test_an_outage_is_told_once_though_state_and_quotas_are_in_the_redis(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with started(tmp_path) as server:
        link, counted = Link(url_of(tmp_path)), storage(url_of(tmp_path))
        server.kill()
        server.wait()
        for _ in range(2):
            with pytest.raises(StorageUnusable):
                link.ask("PING")
            with pytest.raises(StorageUnusable):
                counted.used("reachable")
    assert [record[:2] for record in caplog.record_tuples] == [("pixelpact.state", logging.WARNING)]


@needs_redis
def test_a_state_that_goes_away_again_is_told_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = count(1000, 61)
    monkeypatch.setattr("pixelpact.service.redises.monotonic", lambda: next(now))
    link = Link(url_of(tmp_path))
    for _ in range(2):
        with started(tmp_path):
            link.ask("PING")
        for _ in range(2):
            with pytest.raises(StorageUnusable):
                link.ask("PING")
    assert len(caplog.records) == 2


def test_outages_of_two_redises_are_told_each(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    links = [Link(f"redis+unix://{tmp_path}/{number}") for number in range(2)]
    for link in links * 2:
        with pytest.raises(StorageUnusable):
            link.ask("PING")
    assert [name for name, _, _ in caplog.record_tuples] == ["pixelpact.state"] * 2


@needs_redis
def test_without_a_redis_calls_are_refused_at_once_and_answered_when_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with started(tmp_path) as server:
        mock = build(Settings(state=url_of(tmp_path)))
        assert post(mock, "k") == 200
        server.kill()
        server.wait()
        begun = time.monotonic()
        assert [post(mock, "k"), post(mock, "new"), post(mock, "k", b"{")] == [503] * 3
        assert mock.endpoint.refuse(Call("POST", "/", {}, b"", "http://x"), Failure("not_found")).status == 503
        assert time.monotonic() - begun < 1
    with started(tmp_path):
        assert [post(mock, "k"), post(mock, "new")] == [200, 200]
    mock.uploads.close()
    assert [record[:2] for record in caplog.record_tuples] == [("pixelpact.state", logging.WARNING)]
    assert PASSWORD not in caplog.text


@needs_redis
def test_a_redis_that_hangs_is_waited_for_two_seconds(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        mock = build(Settings(state=url_of(tmp_path)))
        post(mock, "k")
        os.kill(server.pid, signal.SIGSTOP)
        begun = time.monotonic()
        assert post(mock, "k") == 503
        assert time.monotonic() - begun < 3
        os.kill(server.pid, signal.SIGCONT)
        assert post(mock, "k") == 200
        mock.uploads.close()


@needs_redis
def test_a_place_is_given_back_in_peace_though_redis_went_away(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        mock = build(Settings(state=url_of(tmp_path), beginning=Beginning(concurrency=1)))
        leave = tenant(mock, "k").limits.enter(NOON)
        server.kill()
        server.wait()
        leave()
    mock.uploads.close()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("redis://127.0.0.1:9/0", "a Redis that answers, received an error"),
        ("http://localhost", "a URL that begins with redis:// or rediss:// or redis+unix://, received another form"),
        (f"redis://:{PASSWORD}@localhost:port", "the URL of a Redis, received one that cannot be read"),
        (f"redis://:{PASSWORD}/@@localhost", "the URL of a Redis, received one that cannot be read"),
    ],
)
def test_a_mock_does_not_begin_without_its_redis(place: str, words: str) -> None:
    with pytest.raises(StorageUnusable) as refusal:
        build(Settings(state=place))
    assert str(refusal.value) == f"shared state: expected {words}"
    assert PASSWORD not in repr(refusal.value) + refusal.value.reason


@needs_redis
def test_serve_ends_with_one_line_and_no_password_if_its_redis_refuses_it(url: str) -> None:
    wrong = url.replace(PASSWORD, "sesame")
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "serve", "--port", "0", "--state", wrong],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "pixelpact: shared state: expected a Redis that answers, received an error" in done.stderr
    assert "sesame" not in done.stdout + done.stderr


@needs_redis
def test_neither_the_state_nor_the_secret_is_shown_by_the_settings(url: str) -> None:
    shown = repr(Settings(state=url, secret="open sesame"))
    assert PASSWORD not in shown
    assert "sesame" not in shown


@settings(max_examples=5, deadline=None)
@given(secret=st.text(min_size=1, max_size=200))
def test_the_same_secret_names_a_tenant_the_same_at_every_replica(secret: str) -> None:
    one, other = (build(Settings(secret=secret)) for _ in range(2))
    names = {mock.tenants.admit({"authorization": "Bearer k"}).name for mock in (one, other)}
    for mock in (one, other):
        mock.uploads.close()
    assert len(names) == 1
    assert names != {build(Settings(secret=f"{secret}!")).tenants.admit({"authorization": "Bearer k"}).name}
