"""Faults: what may be asked for, how it is said, and which calls it hits."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixelpact.service.faultkinds import KINDS
from pixelpact.service.faults import ACTS, BadFault, Fault, Faults, describe, fault, from_json, parse

CAT = {"model": "bytedance/seedream-3.0", "prompt": "a cat", "size": "1024x1024", "watermark": False, "seed": 42}
# The draws of seed 7, written down once: they may not change with a release, of ours or of Python.
PINNED = [2, 3, 12]
PINNED_DELAYS = [2.744594921240455, 1.950561819106047, 1.8469151134058648]
CAT_BACKWARDS = {
    "watermark": False,
    "size": "1024x1024",
    "prompt": "a cat",
    "model": CAT["model"],
    "match": {"seed": 42},
}
DOG = {**CAT, "prompt": "a dog"}


def turns(faults: Faults, count: int, hop: str = "api", about: Mapping[str, Any] = CAT) -> list[int]:
    """Which of so many calls are hit; the first is 1."""
    return [turn for turn in range(1, count + 1) if faults.due(hop, about)]


def hit(made: Fault, count: int) -> list[int]:
    return turns(Faults([made]), count)


def delays(made: Fault, count: int) -> list[float]:
    faults = Faults([made])
    return [due.delay for _ in range(count) for due in faults.due("api", CAT)]


# Which calls are hit


def test_a_fault_without_triggers_hits_every_call() -> None:
    assert hit(fault("reset"), 3) == [1, 2, 3]


def test_a_fault_on_the_first_two_calls_hits_these() -> None:
    assert hit(fault("reset", first=2), 5) == [1, 2]


def test_a_fault_on_every_third_call_hits_the_third() -> None:
    assert hit(fault("reset", every=3), 7) == [3, 6]


@given(first=st.integers(1, 12), every=st.integers(1, 12))
def test_of_several_triggers_all_must_hold(first: int, every: int) -> None:
    expected = [turn for turn in range(1, 21) if turn <= first and turn % every == 0]

    assert hit(fault("reset", first=first, every=every), 20) == expected


def test_a_seed_decides_for_ever_which_calls_a_probability_hits() -> None:
    assert hit(parse("reset,probability=0.3,seed=7"), 20) == PINNED


def test_another_seed_hits_other_calls() -> None:
    assert hit(fault("reset", probability=0.3, seed=8), 20) != hit(fault("reset", probability=0.3, seed=7), 20)


def test_two_faults_of_one_probability_do_not_hit_the_same_calls() -> None:
    assert hit(fault("reset", probability=0.5), 40) != hit(fault("empty", probability=0.5), 40)


def test_equal_faults_hit_the_same_calls() -> None:
    one = fault("status", code=429, headers={"a": "1", "b": "2"}, retry_after=1, match=CAT, probability=0.5)
    other = fault("status", code=429, headers={"b": "2", "a": "1"}, retry_after=1.0, **CAT_BACKWARDS, probability=0.5)

    assert one == other
    assert hit(one, 20) == hit(other, 20)


@pytest.mark.parametrize(("probability", "low", "high"), [(0, 0, 0), (0.3, 250, 350), (1, 1000, 1000)])
def test_a_probability_is_kept(probability: float, low: int, high: int) -> None:
    assert low <= len(hit(fault("reset", probability=probability), 1000)) <= high


def test_a_call_that_does_not_match_is_not_counted() -> None:
    faults = Faults([fault("reset", every=2, match={"prompt": "*cat*"})])

    assert [bool(faults.due("api", about)) for about in (CAT, DOG, DOG, CAT, CAT)] == [False, False, False, True, False]


def test_a_call_on_the_other_hop_is_not_counted() -> None:
    faults = Faults([fault("reset", first=1)])
    faults.due("download", CAT)

    assert turns(faults, 2) == [1]


def test_a_fault_on_downloads_hits_downloads_alone() -> None:
    faults = Faults([fault("reset", on="download")])

    assert (turns(faults, 1), turns(faults, 1, "download")) == ([], [1])


def test_a_link_expires_on_the_download_unless_told() -> None:
    assert turns(Faults([fault("expired")]), 1, "download") == [1]


@pytest.mark.parametrize(
    ("match", "matches"),
    [
        ({"prompt": "*cat*"}, True),
        ({"prompt": "*CAT*"}, False),
        ({"prompt": "cat"}, False),
        ({"size": "1024x*"}, True),
        ({"seed": "42"}, True),
        ({"seed": 42}, True),
        ({"seed": "4"}, False),
        ({"watermark": False}, True),
        ({"watermark": "true"}, False),
        ({"prompt": "*cat*", "size": "512x512"}, False),
        ({"quality": "*"}, False),
    ],
)
def test_a_field_matches_by_a_shell_pattern_on_its_text(match: dict[str, Any], matches: bool) -> None:
    assert bool(Faults([fault("reset", match=match)]).due("api", CAT)) is matches


@pytest.mark.parametrize(
    ("pattern", "sent", "matches"),
    [
        ("5.0", 5, True),
        (5.0, 5, True),
        ("5", 5.0, True),
        (5, 5.0, True),
        ("1e1", 10, True),
        ("5.?", 5.5, True),
        ("5.5", 5, False),
        ("5.0", "5", False),
        ("1", True, False),
        ("5.0", 10**400, False),
        ("nan", 5, False),
    ],
)
def test_a_number_matches_in_whatever_form_it_is_written(pattern: Any, sent: Any, matches: bool) -> None:
    faults = Faults([fault("reset", guidance_scale=pattern)])

    assert bool(faults.due("api", {**CAT, "guidance_scale": sent})) is matches


def test_each_fault_counts_for_itself() -> None:
    faults = Faults()
    faults.add("reset", first=1)
    faults.add("latency", seconds=1, every=2)

    assert [[due.kind for due in faults.due("api", CAT)] for _ in range(3)] == [["reset"], ["latency"], []]


def test_a_fault_that_was_added_twice_hits_twice() -> None:
    faults = Faults([fault("latency", seconds=1), fault("latency", seconds=1)])

    assert len(faults.due("api", CAT)) == 2


def test_two_equal_faults_of_one_tenant_draw_for_themselves() -> None:
    made = fault("latency", low=0, high=1, probability=0.5)

    def drawn() -> list[list[tuple[int, float]]]:
        faults = Faults([made, made])
        return [[(due.place, due.delay) for due in faults.due("api", CAT)] for _ in range(40)]

    assert drawn() == drawn()
    # Both, the first alone, the second alone, none.
    assert {tuple(place for place, _ in hits) for hits in drawn()} == {(0, 1), (0,), (1,), ()}
    assert all(len({delay for _, delay in hits}) == len(hits) for hits in drawn())


def test_nothing_goes_wrong_after_clear() -> None:
    faults = Faults([fault("reset")])
    faults.clear()

    assert (faults.due("api", CAT), faults.list()) == ((), [])


def test_the_list_tells_the_turn_of_each() -> None:
    faults = Faults([fault("reset", every=3), fault("empty", match={"prompt": "*dog*"})])
    turns(faults, 4)

    assert [(made.kind, made.turn) for made in faults.list()] == [("reset", 4), ("empty", 0)]


def test_what_a_tenant_begins_with_is_not_changed_by_its_calls() -> None:
    beginning = (fault("reset", first=1),)

    assert [turns(Faults(beginning), 2), turns(Faults(beginning), 2)] == [[1], [1]]


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that take turns at every opportunity."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_lose_no_count(restless: None) -> None:
    faults = Faults([fault("reset", every=3)])
    with ThreadPoolExecutor(8) as pool:
        hits = sum(pool.map(lambda _: len(turns(faults, 200)), range(8)))

    assert (hits, faults.list()[0].turn) == (1600 // 3, 1600)


# Latency


def test_a_latency_is_of_so_many_seconds() -> None:
    assert delays(fault("latency", seconds=0.25), 2) == [0.25, 0.25]


def test_a_latency_is_drawn_between_two_bounds() -> None:
    drawn = delays(fault("latency", low=1, high=3), 500)

    assert 1 <= min(drawn) < 1.1
    assert 2.9 < max(drawn) <= 3


def test_a_latency_is_drawn_about_its_median() -> None:
    drawn = delays(fault("latency", median=2, sigma=0.5), 1001)

    assert median(drawn) == pytest.approx(2, rel=0.05)
    # One standard deviation above the median, by the definition of a lognormal distribution.
    assert sorted(drawn)[841] == pytest.approx(2 * 2.718281828**0.5, rel=0.1)


def test_a_seed_decides_for_ever_how_late_a_call_is() -> None:
    assert delays(parse("latency,median=2,sigma=0.5,seed=7"), 3) == pytest.approx(PINNED_DELAYS)


def test_the_same_latency_is_drawn_anew_for_each_call_and_again_for_each_tenant() -> None:
    made = fault("latency", low=0, high=1)

    assert delays(made, 5) == delays(made, 5)
    assert len(set(delays(made, 5))) == 5


def test_no_latency_is_longer_than_an_hour() -> None:
    assert max(delays(fault("latency", median=3600, sigma=10), 20)) == 3600


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"latency", "status", "expired"}))
def test_no_other_fault_is_a_latency(kind: str) -> None:
    assert fault(kind).delay == 0


# How it is said

# Mostly what means something in the text of a fault.
words = st.text(st.sampled_from("\\,=.* x") | st.characters(exclude_categories=[]), max_size=12)
headers = st.dictionaries(
    st.from_regex(r"x-[a-z0-9]{1,8}", fullmatch=True),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12).map(str.strip),
    max_size=2,
)
seconds = st.integers(0, 3600) | st.floats(0, 3600)
ways_of_latency = st.one_of(
    st.fixed_dictionaries({"seconds": seconds}),
    st.fixed_dictionaries({"low": st.floats(0, 10), "high": st.floats(10, 20)}),
    st.fixed_dictionaries({"median": seconds, "sigma": st.floats(0, 10)}),
)
codes = st.integers(400, 599)
OWN: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "status": st.fixed_dictionaries(
        {"code": codes},
        optional={"retry_after": st.integers(0, 86400) | st.floats(0, 86400) | st.just("none"), "headers": headers},
    ),
    "latency": ways_of_latency,
    "timeout": st.fixed_dictionaries({}, optional={"seconds": seconds}),
    "dribble": st.fixed_dictionaries({}, optional={"seconds": seconds}),
    "content-type": st.fixed_dictionaries({}, optional={"content_type": st.just("text/csv; header=present")}),
    "html": st.fixed_dictionaries({}, optional={"code": codes}),
}
triggers = st.fixed_dictionaries(
    {},
    optional={
        "first": st.integers(1, 10**9),
        "every": st.integers(1, 10**9),
        "match": st.dictionaries(words.filter(bool), words, max_size=3),
        "prompt": words,
    },
)
chances: st.SearchStrategy[dict[str, Any]] = st.just({}) | st.fixed_dictionaries(
    {"probability": st.floats(0, 1), "seed": st.integers(0, 10**9)}
)


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    """Any fault that can be."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    how = {**draw(OWN.get(kind, st.just({}))), **draw(triggers), **draw(chances)}
    how["match"] = {name: text for name, text in how.get("match", {}).items() if name != "prompt"}
    how["on"] = draw(st.sampled_from(KINDS[kind].on))
    if KINDS[kind].either and how["on"] == "api":
        how["paid"] = draw(st.booleans())
    return fault(kind, **how)


@given(faults())
def test_a_fault_is_the_same_in_text_and_in_json(made: Fault) -> None:
    read, received = parse(made.text), from_json(json.loads(json.dumps(made.json)))

    assert read == made == received
    assert (read.hits, read.delay) == (made.hits, made.delay) == (received.hits, received.delay)


@given(words | st.tuples(st.sampled_from(sorted(KINDS)), words).map(",".join))
def test_any_text_is_a_fault_or_refused(text: str) -> None:
    try:
        made = parse(text)
    except BadFault:
        return
    assert parse(made.text) == made


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
WORDS = sorted({name for kind in KINDS.values() for name in kind.arguments} | {"first", "on", "paid", "match", "seed"})


@given(
    st.dictionaries(st.sampled_from(WORDS), json_values, max_size=3),
    st.sampled_from(sorted(KINDS)) | st.text(max_size=5),
)
def test_any_json_is_a_fault_or_refused(how: dict[str, Any], kind: str) -> None:
    try:
        made = from_json({"kind": kind, **how})
    except BadFault:
        return
    assert from_json(made.json) == made


def test_a_fault_says_what_it_was_told() -> None:
    text = "status,code=429,retry_after=0.2,headers.x-should-retry=false,first=2,on=download,prompt=*cat*,match.seed=42"

    made = parse(text)

    assert made.text == text
    assert made.json == {
        "kind": "status",
        "code": 429,
        "retry_after": 0.2,
        "headers": {"x-should-retry": "false"},
        "first": 2,
        "on": "download",
        "match": {"prompt": "*cat*", "seed": "42"},
    }


def test_what_is_so_anyway_is_not_said() -> None:
    made = parse("timeout,seconds=300,on=api,paid=true")

    assert (made.text, made.json) == ("timeout", {"kind": "timeout", "on": "api"})


def test_a_comma_in_a_value_has_a_backslash_before_it() -> None:
    assert parse(r"reset,prompt=a cat\, a dog,first=1").match == {"prompt": "a cat, a dog"}


def test_any_other_backslash_is_itself() -> None:
    assert parse(r"reset,prompt=C:\temp\*").match == {"prompt": r"C:\temp\*"}


@pytest.mark.parametrize("written", ["reset, first=2", "reset,first=2,", " reset,,first=2"])
def test_spaces_between_and_commas_too_many_do_not_matter(written: str) -> None:
    assert parse(written) == fault("reset", first=2)


def test_what_is_none_was_not_said() -> None:
    assert fault("status", code=500, retry_after=None, first=None) == fault("status", code=500)


def test_the_headers_of_a_fault_are_its_own() -> None:
    told = {"x-should-retry": "true"}
    made = fault("status", code=429, headers=told)
    told["x-should-retry"] = "false"

    assert made.how["headers"] == {"x-should-retry": "true"}


STATUS = "code, retry_after, headers, first, every, probability, seed, on, paid, match"
PLAIN = "first, every, probability, seed, on, paid, match"
REFUSED = {
    "statsu": f'fault: kind: expected one of {", ".join(KINDS)}, received "statsu" (did you mean status?)',
    "malformed_chunk": f'fault: kind: expected one of {", ".join(KINDS)}, received "malformed_chunk"'
    " (did you mean malformed-chunk?)",
    "": f'fault: kind: expected one of {", ".join(KINDS)}, received ""',
    "status": "fault status: code: expected a status from 400 to 599, received nothing",
    "status,code=200": "fault status: code: expected a status from 400 to 599, received 200",
    "status,code=abc": 'fault status: code: expected a status from 400 to 599, received "abc"',
    "status,code=429.0": 'fault status: code: expected a status from 400 to 599, received "429.0"',
    "status,429": 'fault status: argument: expected NAME=VALUE, once for each name, received "429"',
    "reset,first=1,first=2": 'fault reset: argument: expected NAME=VALUE, once for each name, received "first"',
    "status,cod=429": f'fault status: argument: expected one of {STATUS} or a match.FIELD, received "cod"'
    " (did you mean code?)",
    "reset,code=429": f'fault reset: argument: expected one of {PLAIN} or a match.FIELD, received "code"',
    "reset,promt=*cat*": f'fault reset: argument: expected one of {PLAIN} or a match.FIELD, received "promt"'
    " (did you mean prompt?)",
    "reset,match.prompt=a,prompt=b": 'fault reset: prompt: expected one pattern, received ["b", "a"]',
    "reset,match=*": "fault reset: match: expected match.FIELD=PATTERN, a shell pattern for each field of the request,"
    ' received "*"',
    "status,code=503,retry_after=-1": "fault status: retry_after: expected seconds from 0 to 86,400, or none, received"
    " -1",
    "status,code=503,headers.Content-Length=3": "fault status: headers: expected headers.NAME=VALUE, but none that"
    ' the server sets, received {"Content-Length": "3"}',
    "status,code=503,retry_after=never": "fault status: retry_after: expected seconds from 0 to 86,400, or none,"
    ' received "never"',
    "latency": "fault latency: argument: expected seconds, or low and high, or median and sigma, received nothing",
    "latency,low=1": "fault latency: argument: expected seconds, or low and high, or median and sigma, received"
    ' ["low"]',
    "latency,low=3,high=2": "fault latency: low: expected at most high, which is 2, received 3",
    "latency,seconds=inf": "fault latency: seconds: expected seconds from 0 to 3,600, received Infinity",
    "latency,seconds=nan": "fault latency: seconds: expected seconds from 0 to 3,600, received NaN",
    "reset,first=0": "fault reset: first: expected a whole number from 1, received 0",
    "reset,probability=30": "fault reset: probability: expected a number from 0 to 1, received 30",
    "reset,paid=yes": 'fault reset: paid: expected true or false, received "yes"',
    "reset,on=upload": 'fault reset: on: expected api or download, received "upload"',
    "expired,on=api": 'fault expired: on: expected download, received "api"',
    "moderation,on=download": 'fault moderation: on: expected api, received "download"',
    "truncated,paid=false": "fault truncated: paid: expected true, received false",
    "reset,on=download,paid=true": "fault reset: paid: expected false, received true",
    "reset,seed=3": "fault reset: seed: expected something to draw beside it (the request's own is match.seed),"
    " received 3",
    "content-type,content_type=text": "fault content-type: content_type: expected a media type such as text/plain,"
    ' received "text"',
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_is_refused_by_name_rule_and_value(text: str) -> None:
    with pytest.raises(BadFault) as refused:
        parse(text)

    assert str(refused.value) == REFUSED[text]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (["reset"], 'fault: body: expected an object such as {"kind": "reset"}, received ["reset"]'),
        ({}, f"fault: kind: expected one of {', '.join(KINDS)}, received null"),
        ({"kind": "status", "code": "429"}, 'fault status: code: expected a status from 400 to 599, received "429"'),
        (
            {"kind": "status", "code": 429, "headers": ["x-should-retry"]},
            'fault status: headers: expected headers.NAME=VALUE, but none that the server sets, received'
            ' ["x-should-retry"]',
        ),
        ({"kind": "reset", "first": True}, "fault reset: first: expected a whole number from 1, received true"),
        ({"kind": "reset", "self": 1}, f"fault reset: argument: expected one of {PLAIN} or a match.FIELD, received"
         ' "self"'),
    ],
)  # fmt: skip
def test_json_that_is_no_fault_is_refused(value: Any, said: str) -> None:
    with pytest.raises(BadFault) as refused:
        from_json(value)

    assert str(refused.value) == said


@pytest.mark.parametrize(
    "name", ["Trailer", "Upgrade", "Keep-Alive", "TE", "Proxy-Connection", "Date", "Server", "transfer-encoding"]
)
def test_a_header_that_the_server_sets_is_refused(name: str) -> None:
    with pytest.raises(BadFault, match="but none that the server sets"):
        fault("status", code=503, headers={name: "x"})


def test_the_same_is_refused_in_python() -> None:
    with pytest.raises(BadFault, match="expected a status from 400 to 599, received 200"):
        Faults().add("status", code=200)


def test_the_help_tells_of_every_kind_and_argument() -> None:
    told = dict(describe())

    assert list(told)[: len(KINDS)] == list(KINDS)
    assert [name for kind in KINDS for name in KINDS[kind].arguments if f"{name}: " not in told[kind]] == []
    assert {"first=N", "every=N", "probability=P,seed=S", "on=api|download", "paid=true|false"} < told.keys()


def test_every_act_of_the_wire_is_a_kind() -> None:
    assert set(ACTS) < KINDS.keys()
