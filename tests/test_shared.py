"""Two replicas that share a Redis, behind a proxy that asks them in turn: the answers of one."""

from __future__ import annotations

import base64
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Size

from tests.redis_server import needs_redis, running
from tests.replicas import DRAWN, Replicas, Reply, ask, replicas

pytestmark = needs_redis

EDIT = "bytedance/seededit-3.0-i2i"
PHOTO = f"data:image/png;base64,{base64.b64encode(sample(Size(320, 240))).decode()}"
THREADS = 16
KEYS = (f"key-{number}" for number in count())
INNER = "gives in to nobody"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    with running() as (_, url), replicas(url, tmp_path_factory.mktemp("replicas"), "--secret", INNER) as started:
        yield started


@pytest.fixture
def key() -> str:
    return next(KEYS)


def together(calls: int, act: Callable[[], Reply]) -> list[Reply]:
    """So many at once, from sixteen threads that begin together."""
    barrier = threading.Barrier(THREADS)

    def several(share: int) -> list[Reply]:
        barrier.wait()
        return [act() for _ in range(share)]

    shares = [calls // THREADS + (number < calls % THREADS) for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        return [reply for replies in pool.map(several, shares) for reply in replies]


def statuses(replies: list[Reply]) -> Counter[int]:
    return Counter(reply.status for reply in replies)


def picture(two: Replicas, url: str, at: int) -> bytes:
    """The picture behind a link as a replica gives it, under the name of the proxy."""
    reply = ask(two.each[at], "GET", url)
    assert (reply.status, reply.headers["content-type"]) == (200, "image/jpeg")
    return reply.body


# Pictures


def test_a_link_that_one_replica_gave_out_leads_to_the_same_picture_at_each(two: Replicas, key: str) -> None:
    url = two.post(key, seed=1).url
    assert picture(two, url, 0) == picture(two, url, 1)


def test_a_seed_gives_the_same_picture_whichever_replica_is_asked(two: Replicas, key: str) -> None:
    one, other = (two.post(key, seed=7, response_format="b64_json").json["data"][0] for _ in range(2))
    assert one["b64_json"] == other["b64_json"]


def test_an_edit_of_a_picture_that_one_replica_took_in_is_drawn_by_each(two: Replicas, key: str) -> None:
    reply = ask(two.each[0], "POST", "/v1/images/generations", key, {"model": EDIT, "prompt": "red", "image": PHOTO})
    assert reply.status == 200
    link = reply.url.replace(two.each[0], two.each[1])
    # The signature is over the name that was asked for, which a proxy hands on.
    by_other = ask(two.each[1], "GET", reply.url)
    assert by_other.status == 200
    assert by_other.body == ask(two.each[0], "GET", reply.url).body
    assert ask(two.each[1], "GET", link).status == 403


def test_a_link_of_one_replica_can_be_edited_by_the_other(two: Replicas, key: str) -> None:
    urls = [two.post(key, seed=3).url for _ in range(2)]
    edits = [two.post(key, model=EDIT, image=url, seed=5, size="adaptive") for url in urls]
    assert statuses(edits) == {200: 2}
    assert picture(two, edits[0].url, 0) == picture(two, edits[1].url, 1)


def test_a_recipe_too_long_for_a_link_is_found_by_each_replica(two: Replicas, key: str) -> None:
    # So many different characters do not pack well.
    prompt = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(1500))
    url = two.post(key, prompt=prompt).url
    assert "recipe=%40" in url or "recipe=@" in url
    assert picture(two, url, 0) == picture(two, url, 1)


# Credits, faults, limits


def test_sixteen_threads_spend_exactly_the_credits_there_are(two: Replicas, key: str) -> None:
    two.control("PUT", "credits", key, {"pictures": 10, "model": DRAWN})
    assert statuses(together(40, lambda: two.post(key))) == {200: 10, 403: 30}
    books = two.control("GET", "credits", key)
    assert (books["balance"], books["pictures"], len(books["charges"])) == (0, 10, 10)


def test_without_an_end_each_picture_is_paid_for_once(two: Replicas, key: str) -> None:
    together(32, lambda: two.post(key))
    one, other = two.everywhere("credits", key)
    assert one == other
    assert (one["pictures"], len(one["charges"])) == (32, 32)


def test_what_is_added_to_the_credits_at_one_replica_is_spent_at_the_other(two: Replicas, key: str) -> None:
    first, second = two.each
    two.control("PUT", "credits", key, {"credits": 0}, at=first)
    assert two.post(key, at=second).status == 403
    two.control("POST", "credits", key, {"pictures": 1, "model": DRAWN}, at=second)
    assert [two.post(key, at=first).status, two.post(key, at=second).status] == [200, 403]


def test_a_fault_of_the_first_two_calls_hits_two_in_all(two: Replicas, key: str) -> None:
    two.control("POST", "faults", key, {"kind": "status", "code": 503, "first": 2})
    assert statuses(together(32, lambda: two.post(key))) == {503: 2, 200: 30}


def test_a_fault_of_every_third_call_counts_the_calls_of_all_replicas(two: Replicas, key: str) -> None:
    two.control("POST", "faults", key, {"kind": "status", "code": 429, "every": 3})
    assert [two.post(key).status for _ in range(7)] == [200, 200, 429, 200, 200, 429, 200]


def test_a_fault_on_downloads_hits_at_the_replica_that_did_not_place_it(two: Replicas, key: str) -> None:
    url = two.post(key).url
    two.control("POST", "faults", key, {"kind": "expired", "on": "download", "first": 1}, at=two.each[0])
    assert [ask(two.each[1], "GET", url).status, ask(two.each[0], "GET", url).status] == [403, 200]


def test_a_quota_lets_in_so_many_calls_in_all(two: Replicas, key: str) -> None:
    two.control("PUT", "limits", key, {"quotas": ["5/day"]})
    assert [two.post(key).status for _ in range(8)] == [200] * 5 + [429] * 3
    assert two.everywhere("limits", key) == [{"quotas": ["5 per day"], "concurrency": None, "under_way": 0}] * 2


def test_a_limit_of_calls_at_once_is_one_for_all_replicas(two: Replicas, key: str) -> None:
    two.control("PUT", "limits", key, {"concurrency": 1})
    two.control("POST", "faults", key, {"kind": "latency", "seconds": 0.6, "first": 1})
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(two.post, key, at=two.each[0])
        seen = (two.control("GET", "limits", key, at=two.each[1])["under_way"] for _ in range(100))
        assert any(seen)
        refused = two.post(key, at=two.each[1])
        assert (refused.status, slow.result().status) == (429, 200)
    assert two.post(key, at=two.each[1]).status == 200


# Clock, models


def test_a_clock_put_forward_at_one_replica_makes_links_expire_at_each(two: Replicas, key: str) -> None:
    url = two.post(key).url
    two.control("POST", "clock", key, {"hours": 25}, at=two.each[0])
    assert [ask(replica, "GET", url).status for replica in two.each] == [403, 403]
    assert [clock["seconds_ahead"] for clock in two.everywhere("clock", key)] == [90_000, 90_000]


def test_a_clock_is_put_forward_once_for_each_step_whoever_is_asked(two: Replicas, key: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: two.control("POST", "clock", key, {"minutes": 1}), range(20)))
    assert two.control("GET", "clock", key)["seconds_ahead"] == 1200


def test_a_model_removed_at_one_replica_is_gone_at_each(two: Replicas, key: str) -> None:
    two.control("PUT", "models", key, {"model": DRAWN, "state": "removed"}, at=two.each[0])
    assert {two.post(key, at=replica).status for replica in two.each} == {404}
    listed = [ask(replica, "GET", "/v1/models", key).json["data"] for replica in two.each]
    assert not any(model["id"] == DRAWN for models in listed for model in models)


def test_a_deprecated_model_says_the_same_at_each_replica(two: Replicas, key: str) -> None:
    two.control("PUT", "models", key, {"model": DRAWN, "state": "deprecated", "sunset": "2199-01-01T00:00:00Z"})
    one, other = (two.post(key, at=replica).headers for replica in two.each)
    assert one["deprecation"] == other["deprecation"]
    assert one["sunset"] == other["sunset"] == "Tue, 01 Jan 2199 00:00:00 GMT"


@pytest.mark.parametrize("round_number", range(3))
def test_a_change_at_one_replica_holds_for_the_next_call_at_the_other(
    two: Replicas, key: str, round_number: int
) -> None:
    first, second = two.each if round_number % 2 else two.each[::-1]
    came = []
    for _ in range(5):
        two.post(key, at=second)
        two.control("PUT", "models", key, {"model": DRAWN, "state": "removed"}, at=first)
        came.append(two.post(key, at=second).status)
        two.control("DELETE", "models", key, at=first)
        came.append(two.post(key, at=second).status)
    assert came == [404, 200] * 5


# Journal


def test_the_journal_has_all_calls_in_their_order(two: Replicas, key: str) -> None:
    ids = [two.post(key).headers["x-request-id"] for _ in range(20)]
    one, other = two.everywhere("journal", key)
    assert one == other
    assert [entry["request_id"] for entry in one] == ids


def test_the_journal_loses_no_call_of_many_threads(two: Replicas, key: str) -> None:
    ids = {reply.headers["x-request-id"] for reply in together(64, lambda: two.post(key))}
    assert {entry["request_id"] for entry in two.control("GET", "journal", key)} == ids


def test_the_journal_tells_what_the_client_sent_and_no_key(two: Replicas, key: str) -> None:
    two.post(key, prompt=f"a cat named {key}", seed=9)
    [entry] = two.control("GET", "journal", key)
    assert (entry["facts"]["body"]["seed"], entry["facts"]["charged"] > 0) == (9, True)
    assert key not in str(entry)


def test_a_small_picture_of_a_call_is_given_by_the_replica_that_did_not_answer_it(two: Replicas, key: str) -> None:
    request_id = two.post(key, at=two.each[0]).headers["x-request-id"]
    reply = ask(two.each[1], "GET", f"/_pixelpact/journal/{request_id}/thumbnail", key)
    assert (reply.status, reply.headers["content-type"]) == (200, "image/jpeg")


def test_the_verdicts_are_of_the_calls_of_all_replicas(two: Replicas, key: str) -> None:
    for _ in range(2):
        two.post(key, size="bad")
        two.post(key)
    one, other = two.everywhere("verdicts", key)
    assert [verdict["code"] for verdict in one] == [verdict["code"] for verdict in other]
    assert one


def test_calls_without_a_key_are_written_down_in_one_place(two: Replicas) -> None:
    replies = [ask(replica, "POST", "/v1/images/generations", "", {}) for replica in two.each]
    assert statuses(replies) == {401: 2}


def test_a_reset_at_one_replica_has_everything_as_it_began_at_each(two: Replicas, key: str) -> None:
    assert two.post(key).status == 200
    two.control("POST", "clock", key, {"hours": 1})
    two.control("PUT", "credits", key, {"credits": 0})
    two.control("POST", "faults", key, {"kind": "reset"})
    two.control("PUT", "limits", key, {"quotas": ["1/day"]})
    two.control("PUT", "models", key, {"model": DRAWN, "state": "removed"})
    two.control("DELETE", "", key)
    known: dict[str, Any] = {name: two.everywhere(name, key) for name in ("faults", "journal", "models")}
    assert known == {"faults": [[], []], "journal": [[], []], "models": [{}, {}]}
    assert {two.post(key).status for _ in range(4)} == {200}


def test_tenants_do_not_see_each_other(two: Replicas, key: str) -> None:
    two.control("POST", "faults", key, {"kind": "status", "code": 500})
    other = next(KEYS)
    assert [two.post(other).status, two.post(key).status] == [200, 500]
    assert len(two.control("GET", "journal", other)) == 1


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    """Replicas whose tenants begin with something."""
    options = ["--credits", "1000000", "--fault", "status,code=429,first=2", "--deprecate", DRAWN]
    with running() as (_, url), replicas(url, Path(tmp_path_factory.mktemp("limited")), *options) as started:
        yield started


def test_what_a_tenant_begins_with_it_has_once_for_all_replicas(limited: Replicas, key: str) -> None:
    came = [limited.post(key) for _ in range(5)]
    assert [reply.status for reply in came] == [429, 429, 200, 200, 200]
    assert len({reply.headers["deprecation"] for reply in came[2:]}) == 1
    books = limited.control("GET", "credits", key)
    assert books["balance"] == 1_000_000 - books["spent"] < 1_000_000


def test_a_reset_has_the_faults_of_the_beginning_anew(limited: Replicas, key: str) -> None:
    first = [limited.post(key).status for _ in range(3)]
    limited.control("DELETE", "", key)
    assert [limited.post(key).status for _ in range(3)] == first == [429, 429, 200]
