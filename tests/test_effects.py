"""What faults do to an answer: told by the answer alone, with no server and no wire."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from math import ceil
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixelpact.contract.contract import PATH, Contract, load
from pixelpact.service.calls import Answer, Call, Delivery, json_answer
from pixelpact.service.effects import changed, instead, told
from pixelpact.service.faults import ACTS, Fault, fault, from_json, parse

MOMENT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
CALL = Call("POST", PATH, {}, b"{}", "http://127.0.0.1:8080", MOMENT, "the-id")
LINK = Call("GET", "/seedream-3-0-t2i/0217.jpeg", {}, b"", "http://127.0.0.1:8080", MOMENT, "the-id")
DRAWN = json_answer(200, {"created": 1, "data": [{"url": "http://127.0.0.1:8080/a.jpeg"}]}, {"x-request-id": "the-id"})
PICTURE = Answer(200, b"\xff\xd8 picture", "image/jpeg", {"ETag": '"digest"'})
PROFILES = ("observed", "2026-01")


@cache
def contract(profile: str = "observed") -> Contract:
    return load(profile=profile)


def answered(*texts: str, profile: str = "observed") -> Answer | None:
    """What a generation is answered with in place of its picture."""
    return instead(contract(profile), CALL, [parse(text) for text in texts])


def refused(*texts: str, profile: str = "observed") -> Answer:
    answer = answered(*texts, profile=profile)
    assert answer is not None
    return answer


def downloaded(text: str) -> Answer:
    """What a download is answered with in place of its picture."""
    answer = instead(contract(), LINK, [parse(text)])
    assert answer is not None
    return answer


def body(answer: Answer) -> Any:
    return json.loads(answer.body)


def code(answer: Answer) -> tuple[int, str | None]:
    return answer.status, ET.fromstring(answer.body).findtext("Code")


def delivered(*texts: str, answer: Answer = DRAWN) -> Delivery:
    return changed(answer, [parse(text) for text in texts]).delivery


# In place of the answer


@pytest.mark.parametrize("profile", PROFILES)
def test_every_status_is_answered_in_the_envelope(profile: str) -> None:
    answers = {status: refused(f"status,code={status}", profile=profile) for status in range(400, 600)}

    assert {status: answer.status for status, answer in answers.items()} == {status: status for status in answers}
    assert [breach for answer in answers.values() for breach in contract(profile).error_breaches(body(answer))] == []


@pytest.mark.parametrize(
    ("status", "name", "message"),
    [
        (400, "BadRequestException", "what a fault asked for"),
        (401, "UnauthorizedException", "This request requires a valid API key."),
        (403, "ForbiddenException", "You've run out of credits."),
        (404, "NotFoundException", f"Cannot POST {PATH}"),
        (408, "RequestTimeoutException", "Request Timeout"),
        (418, "ImaTeapotException", "I'm a Teapot"),
        (429, "ThrottlerException", "Too Many Requests"),
        (500, "InternalServerErrorException", "Internal server error"),
        (503, "ServiceUnavailableException", "Service unavailable"),
        (504, "GatewayTimeoutException", "Generation timeout"),
        (499, "ClientErrorException", "Client Error"),
        (529, "ServerErrorException", "Server Error"),
    ],
)
def test_a_status_has_the_words_of_its_kind(status: int, name: str, message: str) -> None:
    error = body(refused(f"status,code={status}"))["error"]

    assert (error["name"], error["message"][: len(message)]) == (name, message)


def test_a_403_tells_the_client_that_its_credits_are_spent() -> None:
    assert body(refused("status,code=403"))["error"]["data"] == {"kind": "err_insufficent_credits"}


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("status,code=429", {"Retry-After": "1"}),
        ("status,code=429,retry_after=0.2", {"Retry-After": "1", "retry-after-ms": "200"}),
        ("status,code=429,retry_after=0", {"Retry-After": "0"}),
        ("status,code=429,retry_after=130", {"Retry-After": "130"}),
        ("status,code=429,retry_after=1e-7", {"Retry-After": "1", "retry-after-ms": "0.0001"}),
        ("status,code=429,retry_after=none", {}),
        ("status,code=503,retry_after=none,headers.Retry-After=5", {"Retry-After": "5"}),
        ("status,code=503", {}),
        ("status,code=503,retry_after=2", {"Retry-After": "2"}),
        ("status,code=503,headers.x-should-retry=false", {"x-should-retry": "false"}),
        (r"status,code=429,headers.retry-after=Sun\, 22 Nov 2026 08:30:09 GMT", {
            "retry-after": "Sun, 22 Nov 2026 08:30:09 GMT"
        }),
        ("status,code=429,headers.retry-after-ms=150", {"Retry-After": "1", "retry-after-ms": "150"}),
    ],
)  # fmt: skip
def test_a_status_tells_when_to_come_again(text: str, headers: dict[str, str]) -> None:
    assert refused(text).headers == headers


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (403, "AccessDenied"),
        (404, "NoSuchKey"),
        (429, "SlowDown"),
        (500, "InternalError"),
        (502, "BadGateway"),
        (503, "SlowDown"),
        (529, "ServerError"),
    ],
)
def test_a_download_is_refused_in_the_xml_of_the_store(status: int, name: str) -> None:
    answer = downloaded(f"status,code={status},on=download")

    assert (code(answer), answer.content_type) == ((status, name), "application/xml")


def test_a_429_says_nothing_of_when_to_come_again_if_it_is_told_so() -> None:
    made = from_json({"kind": "status", "code": 429, "retry_after": "none"})

    answer = instead(contract(), CALL, [made])

    assert answer is not None
    assert (answer.headers, told(answer, [made])) == ({}, {"faults": ["status"]})


@given(st.floats(0, 86400))
def test_a_wait_is_told_without_an_exponent_and_exactly(seconds: float) -> None:
    made = fault("status", code=503, retry_after=seconds)

    answer = instead(contract(), CALL, [made])

    assert answer is not None
    assert int(answer.headers["Retry-After"]) == ceil(seconds)
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)?", answer.headers.get("retry-after-ms", "0"))
    assert told(answer, [made])["retry_after"] == pytest.approx(seconds)


def test_a_download_is_told_when_to_come_again() -> None:
    assert downloaded("status,code=503,retry_after=3,on=download").headers == {"Retry-After": "3"}


def test_an_expired_link_is_refused_as_the_store_does() -> None:
    answer = downloaded("expired")

    assert code(answer) == (403, "AccessDenied")
    assert ET.fromstring(answer.body).findtext("Message") == "Request has expired"
    assert ET.fromstring(answer.body).findtext("Expires") == "2026-11-22T08:29:59+00:00"
    assert ET.fromstring(answer.body).findtext("ServerTime") == "2026-11-22T08:30:00+00:00"


@pytest.mark.parametrize("profile", PROFILES)
def test_a_moderated_prompt_is_refused_with_the_code_of_the_upstream(profile: str) -> None:
    answer = refused("moderation", profile=profile)

    assert answer.status == 400
    assert body(answer)["message"].startswith("InputTextSensitiveContentDetected: ")
    assert list(contract(profile).error_breaches(body(answer))) == []


@pytest.mark.parametrize(("text", "title"), [("html", "502 Bad Gateway"), ("html,code=524", "524 Server Error")])
def test_a_proxy_answers_with_a_page(text: str, title: str) -> None:
    answer = refused(text)

    assert (answer.status, answer.content_type) == (int(title[:3]), "text/html")
    assert re.findall("<(?:title|h1)>(.*?)</", answer.body.decode()) == [title, title]


@pytest.mark.parametrize("text", ["reset", "empty", "timeout,paid=false"])
def test_nothing_is_drawn_for_an_answer_that_is_lost(text: str) -> None:
    answer = refused(text)

    assert (answer.status, answer.body) == (500, b"")


@pytest.mark.parametrize(
    "text",
    [
        "latency,seconds=1",
        "timeout",
        "malformed-chunk",
        "truncated",
        "dribble",
        "content-type",
        "garbage",
        "reset,paid=true",
        "empty,paid=true",
        "status,code=500,paid=true",
        "html,paid=true",
        "moderation,paid=true",
    ],
)
def test_the_picture_is_drawn_before_a_fault_that_is_paid(text: str) -> None:
    assert answered(text) is None


@pytest.mark.parametrize("text", ["status,code=504,paid=true", "html,code=504,paid=true"])
def test_a_paid_picture_is_refused_after_all(text: str) -> None:
    answer = instead(contract(), CALL, [parse(text)], paid=True)

    assert answer is not None
    assert answer.status == 504


@pytest.mark.parametrize("text", ["status,code=504", "reset", "reset,paid=true", "latency,seconds=1"])
def test_what_has_its_time_before_the_payment_does_not_come_after(text: str) -> None:
    assert instead(contract(), CALL, [parse(text)], paid=True) is None


def test_nothing_stands_in_place_of_an_answer_without_faults() -> None:
    assert answered() is None


def test_of_two_refusals_the_first_is_given() -> None:
    assert refused("status,code=503", "status,code=429").status == 503


def test_a_refusal_is_given_before_one_that_is_paid() -> None:
    assert refused("status,code=503,paid=true", "status,code=429").status == 429


# Changes


@pytest.mark.parametrize("answer", [DRAWN, PICTURE])
def test_an_answer_without_faults_is_not_changed(answer: Answer) -> None:
    assert changed(answer, ()) == answer


def test_latencies_add_up() -> None:
    assert delivered("latency,seconds=1", "latency,seconds=0.5") == Delivery(delay=1.5)


def test_a_latency_adds_to_the_delay_that_there_is() -> None:
    assert delivered("latency,seconds=1", answer=Answer(200, b"", delivery=Delivery(delay=2))) == Delivery(delay=3)


def test_a_refusal_is_late_too() -> None:
    due = [parse("status,code=429"), parse("latency,seconds=1")]
    answer = instead(contract(), CALL, due)

    assert answer is not None
    assert (changed(answer, due).status, changed(answer, due).delivery.delay) == (429, 1)


@pytest.mark.parametrize("text", ["reset", "empty", "malformed-chunk", "truncated", "reset,paid=true"])
def test_the_wire_is_told_what_to_do(text: str) -> None:
    assert delivered(text) == Delivery(act=parse(text).kind)


@pytest.mark.parametrize(
    ("text", "seconds"), [("timeout", 300), ("timeout,seconds=2", 2), ("dribble", 5), ("dribble,seconds=0.5", 0.5)]
)
def test_the_wire_is_told_for_how_long(text: str, seconds: float) -> None:
    assert delivered(text) == Delivery(act=parse(text).kind, seconds=seconds)


def test_of_two_acts_the_first_is_done() -> None:
    assert delivered("truncated", "dribble").act == "truncated"


def test_an_act_that_nothing_was_paid_for_comes_before_one_that_is_paid() -> None:
    assert delivered("dribble", "reset").act == "reset"


def test_whoever_waits_for_the_client_to_go_is_told_by_a_changed_answer_too() -> None:
    heard: list[str] = []
    answer = Answer(200, b"", delivery=Delivery(gone=lambda: heard.append("gone")))
    changed(answer, [parse("timeout")]).delivery.gone()

    assert heard == ["gone"]


def test_garbage_says_that_it_is_json_and_is_not() -> None:
    answer = changed(PICTURE, [parse("garbage,on=download")])

    assert (answer.status, answer.content_type) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)


@pytest.mark.parametrize(
    ("text", "content_type"), [("content-type", "text/plain"), ("content-type,content_type=text/html", "text/html")]
)
def test_a_wrong_content_type_leaves_all_else(text: str, content_type: str) -> None:
    answer = changed(DRAWN, [parse(text)])

    assert (answer.status, answer.body, answer.headers) == (200, DRAWN.body, DRAWN.headers)
    assert answer.content_type == content_type


def test_garbage_may_have_a_wrong_type_too() -> None:
    answer = changed(DRAWN, [parse("content-type"), parse("garbage")])

    assert (answer.body == DRAWN.body, answer.content_type) == (False, "text/plain")


# What the journal is told


def hits(answer: Answer, *texts: str) -> list[str]:
    return list(told(answer, [parse(text) for text in texts]).get("faults", []))


def test_nothing_is_told_of_a_call_without_faults() -> None:
    assert told(DRAWN, ()) == {}


def test_every_fault_that_hit_is_told() -> None:
    texts = ("latency,seconds=1", "garbage", "content-type", "dribble", "latency,seconds=2")

    assert hits(DRAWN, *texts) == ["latency", "garbage", "content-type", "dribble", "latency"]


@pytest.mark.parametrize("act", ACTS)
def test_each_act_of_the_wire_is_told(act: str) -> None:
    assert hits(DRAWN, act) == [act]


def test_a_refusal_that_another_came_before_is_not_told() -> None:
    due = [fault("status", code=503), fault("status", code=503), fault("reset"), fault("reset"), fault("html")]

    assert told(instead(contract(), CALL, due) or DRAWN, due) == {"faults": ["status", "reset"]}


def test_a_paid_refusal_is_told_if_it_came_to_that() -> None:
    due = [fault("status", code=504, paid=True)]
    refusal = instead(contract(), CALL, due, paid=True)

    assert told(refusal or DRAWN, due) == {"faults": ["status"]}


def test_a_paid_refusal_is_not_told_of_a_call_that_was_refused_before() -> None:
    assert hits(json_answer(400, {}), "status,code=504,paid=true", "latency,seconds=1") == ["latency"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17),
        ({"retry-after": "0.2"}, 0.2),
        ({"Retry-After": "1", "retry-after-ms": "150"}, 0.15),
        ({"Retry-After": "Sun, 22 Nov 2026 08:30:09 GMT"}, None),
        ({"Retry-After": "nan"}, None),
        ({"ETag": "17"}, None),
    ],
)
def test_the_wait_that_the_client_was_told_is_told(headers: dict[str, str], seconds: float | None) -> None:
    assert told(Answer(429, b"", headers=headers), ()).get("retry_after") == seconds


def test_the_facts_are_json() -> None:
    due: Sequence[Fault] = [fault("status", code=429), fault("latency", seconds=1)]

    facts = told(instead(contract(), CALL, due) or DRAWN, due)

    assert json.loads(json.dumps(facts)) == facts == {"faults": ["status", "latency"], "retry_after": 1.0}
