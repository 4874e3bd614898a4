"""Verdicts: each fault of a client is seen in its calls, and a client that is right gets none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixelpact.errors import UnknownName
from pixelpact.service.journal import API, DOWNLOAD, Entry, Journal
from pixelpact.service.redacted import facts_of
from pixelpact.service.verdicts import RULES, as_json, as_text, assert_well_behaved, judge

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATH, STORE = "/v1/images/generations", "/seedream-3-0-t2i"
DREAM = "bytedance/seedream-3.0"
CAT = {"model": DREAM, "prompt": "a cat", "size": "1024x1024"}
PRICE = 63000
MILLISECONDS = 5.0
IDS = count()
PYTHON1, PYTHON3 = "OpenAI/Python 1.109.1", "OpenAI/Python 3.54.0"
NODE, SDK, LITELLM, REQUESTS = "OpenAI/JS 6.49.0", "ai/6.0.326", "litellm/1.106.2", "python-requests/2.34.2"


def call(at: float = 0, status: int = 200, body: Any = None, ms: float = MILLISECONDS, **facts: Any) -> Entry:
    """A call of the API, so many seconds after noon; one that is accepted is paid for, and answered with a link."""
    id = f"api-{next(IDS)}"
    paid = {"charged": PRICE, "form": "url", "link": f"{STORE}/{id}.jpeg", "model": DREAM} if status < 400 else {}
    kept = {**facts_of(CAT if body is None else body, ""), **paid, **facts}
    return Entry(API, NOON + timedelta(seconds=at), id, "POST", PATH, status, ms, kept)


def download(of: Entry, after: float = 0.1, status: int = 200, **facts: Any) -> Entry:
    link = of.facts["link"]
    moment = of.ended + timedelta(seconds=after)
    return Entry(DOWNLOAD, moment, f"get-{next(IDS)}", "GET", link, status, 2.0, {"link": link, **facts})


def tries(
    statuses: Sequence[int],
    gaps: Sequence[float] = (),
    *,
    agent: str = "",
    last: dict[str, Any] | None = None,
    **facts: Any,
) -> list[Entry]:
    """One client's attempts, each so many seconds after the answer to the one before; what comes is downloaded.

    `facts` are those of all attempts but the last, whose own are `last`. OpenAI's clients number their attempts.
    """
    at, entries = 0.0, []
    for number, status in enumerate(statuses):
        numbered = {"retry_count": number} if agent.startswith("OpenAI/") else {}
        client: dict[str, Any] = {"client": {"user_agent": agent, **numbered}} if agent else {}
        more = facts if number < len(statuses) - 1 else last or {}
        entries.append(call(at, status, **client, **more))
        at += MILLISECONDS / 1000 + (gaps[number] if number < len(gaps) else 0)
    return [*entries, *fetched(entries)]


def fetched(entries: Sequence[Entry]) -> list[Entry]:
    readable = (one for one in entries if one.facts.get("form") == "url" and not {"gone", "faults"} & one.facts.keys())
    return [download(one) for one in readable]


def codes(entries: Sequence[Entry], **how: Any) -> list[str]:
    return [verdict.code for verdict in judge(entries, **how)]


def gone(at: float = 0, *, after: float = 0.5, **facts: Any) -> Entry:
    """A call whose client hung up after some seconds of 30."""
    return call(at, ms=30000, gone=True, gone_after=after, **facts)


# What real clients do: section 1.4 of the measurements, waits in seconds

OWN = {"unknown": ["n"], "form": "b64_json"}
REAL: dict[str, tuple[list[Entry], set[str]]] = {
    "openai-python 3, 429, shortest waits": (tries([429, 429, 200], [0.375, 0.75], agent=PYTHON3), set()),
    "openai-python 3, 429, most alike waits": (tries([429, 429, 200], [0.5, 0.75], agent=PYTHON3), set()),
    "openai-python 3, 500, given up": (tries([500, 500, 500], [0.45, 0.8], agent=PYTHON3), set()),
    "openai-python 3, max_retries=4": (tries([529] * 4 + [200], [0.5, 0.75, 2, 3], agent=PYTHON3), set()),
    "openai-python 3, Retry-After: 1": (tries([429, 200], [1.0], agent=PYTHON3, retry_after=1), set()),
    "openai-python 3, Retry-After: 0.2": (tries([503, 503, 200], [0.2, 0.2], agent=PYTHON3, retry_after=0.2), set()),
    "openai-python 3, Retry-After: 0": (tries([429, 200], [0.5], agent=PYTHON3, retry_after=0), set()),
    "openai-python 3, retry-after-ms: 150": (tries([429, 200], [0.15], agent=PYTHON3, retry_after=0.15), set()),
    "openai-python 3, Retry-After: 61": (tries([429, 200], [61], agent=PYTHON3, retry_after=61), set()),
    "openai-python 3, Retry-After: 130": (tries([429], agent=PYTHON3, last={"retry_after": 130}), set()),
    "openai-python 3, x-should-retry on 400": (tries([400, 200], [0.5], agent=PYTHON3, should_retry=True), set()),
    "openai-python 3, the answer reset, paid": (
        tries([200, 200], [0.5], agent=PYTHON3, faults=["reset"]),
        {"paid-twice"},
    ),
    "openai-python 3, the answer reset, not paid": (
        tries([200, 200], [0.5], agent=PYTHON3, faults=["reset"], charged=0),
        set(),
    ),
    "openai-python 1, Retry-After: 1": (tries([429, 200], [1.0], agent=PYTHON1, retry_after=1), set()),
    "openai-python 1, Retry-After: 61": (
        tries([429, 200], [0.5], agent=PYTHON1, retry_after=61),
        {"ignored-retry-after"},
    ),
    "openai-python 1, Retry-After: 130": (
        tries([429, 200], [0.6], agent=PYTHON1, retry_after=130),
        {"ignored-retry-after"},
    ),
    "openai-node, 503": (tries([503, 503, 200], [0.4, 0.9], agent=NODE), set()),
    "openai-node, Retry-After: 0": (tries([429, 429, 429], [0.013, 0.013], agent=NODE, retry_after=0), set()),
    "openai-node, Retry-After: 61": (tries([429, 200], [61], agent=NODE, retry_after=61), set()),
    "AI SDK, 500": (tries([500, 500, 200], [2, 4], agent=SDK, unknown=["n"], last=OWN), {"unknown-fields"}),
    "AI SDK, Retry-After: 1": (
        tries([429, 200], [1], agent=SDK, retry_after=1, unknown=["n"], last=OWN),
        {"unknown-fields"},
    ),
    "AI SDK, Retry-After: 61": (
        tries([429, 200], [2], agent=SDK, retry_after=61, unknown=["n"], last=OWN),
        {"ignored-retry-after", "unknown-fields"},
    ),
    "LiteLLM, 200": (tries([200], agent=LITELLM), set()),
    "LiteLLM, 429": (tries([429], agent=LITELLM, last={"retry_after": 1}), set()),
    "LiteLLM, 500": (tries([500], agent=LITELLM), set()),
    "requests, Retry(3, backoff_factor=0.5)": (tries([503, 503, 503, 200], [0, 1, 2], agent=REQUESTS), set()),
    "requests, Retry(3) and Retry-After: 1": (
        tries([429, 503, 429, 200], [1, 1, 1], agent=REQUESTS, retry_after=1),
        set(),
    ),
    "requests, Retry(3) as it comes": (tries([503, 503, 503, 200], [0, 0, 0], agent=REQUESTS), {"no-backoff"}),
    "requests, Retry(10) as it comes": (
        tries([503] * 11, [0] * 10, agent=REQUESTS),
        {"no-backoff", "retry-storm"},
    ),
}


@pytest.mark.parametrize(("entries", "deserved"), REAL.values(), ids=REAL)
def test_a_real_client_gets_what_it_deserves(entries: list[Entry], deserved: set[str]) -> None:
    assert set(codes(entries)) == deserved


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415, 422])
@pytest.mark.parametrize("agent", [PYTHON1, PYTHON3, NODE, SDK, LITELLM, REQUESTS])
def test_no_real_client_is_accused_after_a_refusal(agent: str, status: int) -> None:
    assert codes(tries([status], agent=agent)) == []


@given(st.integers(3, 12).flatmap(lambda most: st.lists(st.floats(0.75, 1), min_size=most, max_size=most)))
def test_no_jitter_of_an_openai_client_looks_like_one_pace(jitter: list[float]) -> None:
    gaps = [min(0.5 * 2**number, 8) * less for number, less in enumerate(jitter)]

    assert "no-backoff" not in codes(tries([500] * (len(gaps) + 1), gaps, agent=PYTHON3))


@given(st.floats(0.25, 5.9), st.lists(st.floats(0, 0.02), min_size=3, max_size=9))
def test_one_pace_is_no_backoff_whatever_the_pace(pace: float, late: list[float]) -> None:
    gaps = [pace + more for more in late]

    assert "no-backoff" in codes(tries([500] * (len(gaps) + 1), gaps))


@given(st.lists(st.tuples(st.floats(0, 120), st.floats(0, 3)), min_size=1, max_size=9))
def test_whoever_waits_as_told_is_accused_of_nothing(waits: list[tuple[float, float]]) -> None:
    at, entries = 0.0, []
    for told, more in waits:
        entries.append(call(at, 429, retry_after=told))
        at += MILLISECONDS / 1000 + told + more

    assert set(codes(entries)) <= ({"retry-storm"} if min(told for told, _ in waits) == 0 else set())


# Each fault, planted

# Of eleven attempts within a minute.
DOUBLING = [0.05 * 2**attempt for attempt in range(10)]
LATE = call()
EXPIRED = call()
FAULTY: dict[str, list[list[Entry]]] = {
    "retried-refusal": [
        *(tries([status, status], [1], kind="x") for status in (400, 401, 403, 404, 413, 415, 422)),
        tries([400, 400, 400], [60, 60]),
        tries([400, 429], [1]),
        tries([400, 200], [1], faults=["status"]),
        tries([400, 400], [1], agent=PYTHON3),
        [LATE, download(LATE, 1, 404), download(LATE, 2, 404)],
    ],
    "ignored-retry-after": [
        tries([429, 200], [0.9], retry_after=1),
        tries([503, 200], [0], retry_after=0.2),
        tries([413, 200], [1], retry_after=5),
        tries([429, 200], [0.5], retry_after=30, agent=PYTHON3),
        [LATE, download(LATE, 1, 503, retry_after=5), download(LATE, 2)],
        tries([429, 429, 429, 200], [0.5, 0.5, 0.5], retry_after=1),
    ],
    "retry-storm": [
        tries([500] * 11, DOUBLING),
        tries([400] * 11, DOUBLING),
        tries([200] * 11, DOUBLING, faults=["empty"], charged=0, last={"faults": ["empty"], "charged": 0}),
    ],
    "no-backoff": [
        tries([429] * 4, [0, 0.05, 0.09]),
        tries([500, 502, 503, 200], [1, 1, 1]),
        tries([500] * 4, [2, 2.1, 1.9], agent=PYTHON3),
    ],
    "paid-twice": [
        [lost := gone(), again := call(1), download(again)],
        *(
            [call(0, faults=[kind]), again := call(1), download(again)]
            for kind in ("timeout", "reset", "empty", "malformed-chunk", "truncated", "garbage", "content-type")
        ),
        [call(0, faults=["truncated"]), call(1, 500), again := call(2), download(again)],
        [call(0, 502, faults=["html"], charged=PRICE), again := call(1), download(again)],
    ],
    "never-downloaded": [
        [call()],
        [call(0), other := call(9), download(other)],
        [looked := call(), replace(download(looked), method="HEAD")],
    ],
    "expired-link": [
        [EXPIRED, download(EXPIRED, 90000, 403, kind="expired")],
        [EXPIRED, download(EXPIRED, 1, 403, kind="expired", faults=["expired"])],
    ],
    "unknown-fields": [tries([200], last={"unknown": ["n", "quality"]}), [call(0, 400, unknown=["step"])]],
    "impatient": [
        [gone()],
        [gone(faults=["latency"], charged=0)],
        [call(0, 500, ms=16000, client={"read_timeout": 15.0})],
    ],
    "deprecated-model": [tries([200], last={"deprecated": True})],
}


@pytest.mark.parametrize(
    ("code", "entries"), [pytest.param(code, entries, id=code) for code, all in FAULTY.items() for entries in all]
)
def test_a_fault_of_a_client_is_seen(code: str, entries: list[Entry]) -> None:
    verdicts = [verdict for verdict in judge(entries) if verdict.code == code]

    assert len(verdicts) == 1
    assert verdicts[0].says
    assert set(verdicts[0].entries) <= {entry.request_id for entry in entries}


def test_every_rule_has_its_fault() -> None:
    assert FAULTY.keys() == RULES.keys()


# The honest siblings

AGENTS = {"user_agent": PYTHON3}, {"user_agent": NODE}
FIRST, FRESH, OTHER = call(), call(90001), call(1, body={**CAT, "seed": 1})
FOR_EDIT = call()
EDIT = call(1, body={"model": "e", "prompt": "b", "image": f"http://localhost{FOR_EDIT.facts['link']}?X-Tos-Date=1"})
HONEST: dict[str, list[Entry]] = {
    "nothing": [],
    "one picture": tries([200]),
    "the same picture twice": [*tries([200]), *tries([200])],
    "the same picture twice at once": [one := call(), two := call(), download(one), download(two)],
    "refused, then changed": [call(0, 400), other := call(1, body={**CAT, "n": 1}), download(other)],
    "out of credits, then topped up": tries([403, 200], [1], kind="out_of_credits"),
    "refused at once, by eight hands": [call(0, 400, ms=20) for _ in range(8)],
    "refused twice, each of another client": [call(0, 400, client=AGENTS[0]), call(1, 400, client=AGENTS[1])],
    "refused, but not heard of": tries([400, 400], [1], faults=["empty"]),
    "refused, but told to try again": tries([400, 400, 200], [0.5, 1], faults=["status"], should_retry=True),
    "refused twice, each of another body": [call(0, 400), call(1, 400, body={**CAT, "seed": 1})],
    "too large for now, then waited": tries([413, 413, 200], [5, 5], retry_after=5),
    "told to wait, but not heard of": tries([503, 200], [0.5], faults=["reset"], charged=0, retry_after=9),
    "waited 40 ms less than told, as clocks do": tries([429, 200], [0.96], retry_after=1),
    "waited on the tenant's clock": tries([429, 200], [3600], retry_after=3600),
    "another request in the meantime": [call(0, 429, retry_after=9), call(1, 200, body={**CAT, "seed": 1}, form="")],
    "five attempts": tries([500] * 5, [0.5, 1, 2, 4]),
    "an attempt every half minute": tries([500] * 8, [30, 31, 33, 37, 40, 45, 50]),
    "ten attempts as told": tries([429] * 10, [1] * 9, retry_after=1, last={"retry_after": 1}),
    "at once as told": tries([429] * 4, [0, 0, 0], retry_after=0),
    "two quick retries": tries([500, 500, 200], [0, 0]),
    "growing waits": tries([500] * 4, [0.1, 0.2, 0.4]),
    "slowly growing waits": tries([500] * 4, [1, 1.3, 1.6]),
    "at the longest wait": tries([500] * 5, [7, 8, 7.5, 7]),
    "at once after a lost connection": tries([500] * 4, [0, 0, 0], faults=["reset"]),
    "lost, and not tried again": [call(0, faults=["reset"])],
    "lost, and something else asked for": [call(0, faults=["reset"]), OTHER, download(OTHER)],
    "lost, but not paid": tries([200, 200], [1], faults=["reset"], charged=0),
    "another type, but read": [first := call(0, faults=["content-type"]), download(first), FRESH, download(FRESH)],
    "another type, in base64": [call(0, faults=["content-type"], form="b64_json"), call(1, form="b64_json")],
    "paid again, as it was wished for": [FRESH, download(FRESH), later := call(90009), download(later)],
    "base64 needs no download": [call(0, form="b64_json")],
    "edited, not downloaded": [FOR_EDIT, EDIT, download(EDIT)],
    "a download in parts": [FIRST, download(FIRST, 1, 206), download(FIRST, 2, 206)],
    "a refused call has no link": [call(0, 500)],
    "expired, and made anew": [FIRST, download(FIRST, 90000, 403, kind="expired"), FRESH, download(FRESH)],
    "gave up what never came": [call(0, ms=300000, gone=True, gone_after=60.0, faults=["timeout"])],
    "waited long enough": tries([200], last={"client": {"read_timeout": 600.0}}),
}


@pytest.mark.parametrize("entries", HONEST.values(), ids=HONEST)
def test_a_client_that_is_right_gets_no_verdict(entries: list[Entry]) -> None:
    assert judge(entries) == []


# Whose attempt is whose


def test_calls_at_once_are_no_retries_of_each_other() -> None:
    hands = [tries([429, 200], [1.0], retry_after=1) for _ in range(8)]

    assert judge([entry for hand in hands for entry in hand]) == []


def test_calls_at_once_are_each_waited_for_as_long_as_it_was_told() -> None:
    long, short = tries([429, 200], [3], retry_after=3), tries([429, 200], [1], retry_after=1)

    assert judge([*long, *short]) == []


def test_who_had_its_picture_may_ask_again_while_another_waits() -> None:
    done, waits = tries([200, 200], [1]), tries([429, 200], [5], retry_after=5)

    assert judge([*waits, *done, *fetched(done[:1])]) == []


def test_of_calls_at_once_the_one_that_hurries_is_seen() -> None:
    patient = tries([429, 200], [1.0], agent=PYTHON3, retry_after=1)
    hasty = tries([429, 200], [0.3], agent=PYTHON3, retry_after=1)

    (verdict,) = judge([*patient, *hasty])

    assert (verdict.code, len(verdict.entries)) == ("ignored-retry-after", 2)


def test_a_numbered_retry_is_believed_over_a_call_that_came_sooner() -> None:
    retried = tries([429, 200], [1.0], agent=PYTHON3, retry_after=1)
    meanwhile = call(0.5, client={"user_agent": PYTHON3, "retry_count": 0})

    assert judge([*retried, meanwhile, download(meanwhile)]) == []


def test_a_loop_around_a_client_that_numbers_its_retries_is_seen() -> None:
    loop = [call(at, 400, client={"user_agent": PYTHON3, "retry_count": 0}) for at in (0, 1, 2)]

    assert codes(loop) == ["retried-refusal"]


def test_the_order_of_the_entries_does_not_matter() -> None:
    entries = tries([429, 429, 429, 429], [0, 0, 0])

    assert codes(entries[::-1]) == codes(entries) == ["no-backoff"]


def test_whoever_hung_up_at_once_with_others_was_not_retried_by_them() -> None:
    assert set(codes([gone() for _ in range(8)])) == {"impatient"}


def test_a_retry_right_after_hanging_up_is_seen_though_that_is_noticed_late() -> None:
    again = call(0.51)

    assert "paid-twice" in codes([gone(after=0.6), again, download(again)])


def test_gone_without_a_time_counts_from_the_call_on() -> None:
    again = call(1)

    assert "paid-twice" in codes([call(0, ms=30000, gone=True), again, download(again)])


def test_calls_that_cannot_be_told_apart_are_not_judged_as_attempts() -> None:
    bare = [Entry(API, NOON + timedelta(seconds=at), f"{at}", "GET", "/v1/models", 400, 1.0) for at in range(9)]

    assert judge(bare) == []


# What is said


def test_a_verdict_says_what_was_seen() -> None:
    (early,) = judge(tries([429, 200], [0.1], retry_after=1))
    (storm, hurry) = judge(tries([503] * 11, [0] * 10))
    (twice, _) = judge([gone(), again := call(1), download(again)])
    (never,) = judge([call(0), call(60)], now=NOON + timedelta(hours=3))
    (late,) = judge(FAULTY["expired-link"][0])

    assert early.says == "came back after 0.10 s, though 429 told it to wait 1 s"
    assert storm.says == "tried the same thing 11 times in 0.1 s, and failed each time"
    assert hurry.says == "tried 10 times more, after gaps of 0.00, 0.00, 0.00, 0.00, 0.00 … s"
    assert twice.says == "paid twice, 126,000 credits ($0.0630), as an answer was lost: the client had hung up"
    assert never.says == (
        "paid for 2 pictures and never asked for it: 126,000 credits ($0.0630), the first given out 3 hours ago"
    )
    assert late.says == "asked once for the picture of a link that had expired, 25 hours after it was given out"


def test_verdicts_are_told_with_their_calls_reason_advice_and_source() -> None:
    entries = tries([400, 400, 400], [1, 1])

    assert as_text(judge(entries)) == "\n".join(
        [
            "1 verdict",
            "",
            "retried-refusal",
            "  says    asked twice more for what was refused with 400",
            f"  calls   {', '.join(entry.request_id for entry in entries)}",
            "  why     Nothing about the request has changed, so nothing about the answer will: it costs time and",
            "          quota.",
            "  advice  Try again after 408, 409, 429 and 5xx only; on a refusal, show its message to whoever can",
            "          change the request.",
            "  source  RFC 9110, 15.5: the client seems to have erred; 15.5.4: it should not repeat a 403 by",
            "          itself",
            "  source  openai-python 3.54, openai-node 6.49 and the AI SDK 6, measured on 2026-11-22: none of",
            "          them sends again after these",
        ]
    )


def test_what_a_terminal_would_obey_is_told_escaped() -> None:
    text = as_text(judge([call(0, 200, unknown=["\x1b]0;title\x07\ud800"], charged=0)]))

    assert r"  says    sent fields that the schema does not know: \u001b]0;title\u0007\ud800 (once)" in text


def test_of_many_verdicts_of_a_kind_three_are_told() -> None:
    loops = [[call(9 * seed + at, 400, body={**CAT, "seed": seed}) for at in range(9)] for seed in range(5)]

    text = as_text([one for one in judge([entry for loop in loops for entry in loop]) if one.code == "retried-refusal"])

    assert text.startswith("5 verdicts\n")
    assert text.count("asked 8 times more") == 3
    assert "and 2 more of this kind" in text
    assert text.count(" and 3 more\n") == 3


def test_no_verdicts_are_told_too() -> None:
    assert as_text([]) == "no verdicts"


def test_verdicts_are_json_with_what_is_known_of_their_rules() -> None:
    entries = tries([429, 200], [0], retry_after=1)

    (told,) = json.loads(json.dumps(as_json(judge(entries))))

    assert told.keys() == {"code", "says", "what", "why", "advice", "sources", "entries"}
    assert told["entries"] == [entry.request_id for entry in entries if entry.hop == API]


@pytest.mark.parametrize("code", RULES)
def test_a_rule_says_what_why_what_to_do_and_who_says_so(code: str) -> None:
    rule = RULES[code]

    assert all(text.endswith(".") for text in (rule.what, rule.why, rule.advice))
    assert rule.sources


def test_a_client_that_behaves_well_passes() -> None:
    assert_well_behaved(tries([200]))


def test_a_client_that_does_not_fails_with_all_verdicts() -> None:
    with pytest.raises(
        AssertionError, match=r"(?s)behaves well\n\n2 verdicts.*no-backoff.*retry-storm|retry-storm.*no-b"
    ):
        assert_well_behaved(tries([503] * 11, [0] * 10))


@pytest.mark.parametrize("allow", [["no-backoff", "retry-storm"], RULES, {"no-backoff": 1, "retry-storm": 2}])
def test_what_is_allowed_is_no_failure(allow: Any) -> None:
    assert_well_behaved(tries([503] * 11, [0] * 10), allow=allow)


def test_what_no_rule_is_called_cannot_be_allowed() -> None:
    with pytest.raises(UnknownName, match="unknown verdict 'no-backof', expected one of retried-refusal, "):
        assert_well_behaved([], allow=["no-backof"])


def test_a_journal_can_be_judged() -> None:
    journal = Journal(lambda _: b"")
    for entry in tries([400, 400], [1]):
        journal.append(entry)

    assert codes(journal.entries) == ["retried-refusal"]


# Whatever comes

FACTS = st.fixed_dictionaries(
    {},
    optional={
        "fingerprint": st.sampled_from("ab"),
        "link": st.sampled_from(["/a", "/b"]),
        "form": st.sampled_from(["url", "b64_json"]),
        "charged": st.sampled_from([0, PRICE]),
        "retry_after": st.sampled_from([0, 0.2, 1, 60]),
        "faults": st.lists(st.sampled_from(["status", "reset", "timeout", "latency", "content-type", "expired"])),
        "gone": st.booleans(),
        "gone_after": st.floats(0, 9),
        "kind": st.sampled_from(["expired", "unknown", "invalid_request"]),
        "unknown": st.lists(st.sampled_from(["n", "quality"]) | st.text(st.characters(exclude_categories=[]))),
        "deprecated": st.booleans(),
        "model": st.sampled_from([DREAM]),
        "client": st.fixed_dictionaries(
            {},
            optional={
                "user_agent": st.sampled_from([PYTHON3, NODE]),
                "retry_count": st.integers(0, 3),
                "read_timeout": st.floats(0.1, 600),
            },
        ),
        "body": st.sampled_from([None, [], {"image": "https://x.test/a"}, "://"]),
    },
)
ENTRIES = st.lists(
    st.builds(
        lambda hop, at, status, ms, facts: (hop, NOON + timedelta(seconds=at), status, ms, facts),
        st.sampled_from([API, DOWNLOAD]),
        st.floats(0, 100),
        st.sampled_from([200, 400, 403, 404, 429, 500, 503]),
        st.floats(0, 30000),
        FACTS,
    ),
    max_size=25,
).map(
    lambda rows: [
        Entry(hop, moment, f"{number}", "GET" if hop == DOWNLOAD else "POST", PATH, status, ms, facts)
        for number, (hop, moment, status, ms, facts) in enumerate(rows)
    ]
)


@given(ENTRIES)
def test_any_calls_can_be_judged_and_told(entries: list[Entry]) -> None:
    verdicts = judge(entries, now=NOON)

    assert {id for verdict in verdicts for id in verdict.entries} <= {entry.request_id for entry in entries}
    text = as_text(verdicts)
    assert text.encode().count(b"\n") + 1 >= len({verdict.code for verdict in verdicts})
    assert all(line.isprintable() for line in text.split("\n") if line.isascii())
    assert len(json.loads(json.dumps(as_json(verdicts)))) == len(verdicts)


def test_a_full_journal_of_one_request_is_judged_at_once() -> None:
    entries = [call(number / 100, 503) for number in range(1000)]
    started = datetime.now(UTC)

    assert set(codes(entries)) == {"retry-storm", "no-backoff"}
    assert datetime.now(UTC) - started < timedelta(seconds=5)
