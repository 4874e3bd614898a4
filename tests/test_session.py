"""The run of the suite: what it may still ask for, what is tried again, and what is no finding after all."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pixelpact.cases.case import Case, Change
from pixelpact.cases.relations import FIRST
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Finding, Reason, finding
from pixelpact.checks.judge import Judgement
from pixelpact.contract.contract import load
from pixelpact.contract_tests import test_access
from pixelpact.contract_tests.client import Client
from pixelpact.contract_tests.holding import Held, accept, refuse
from pixelpact.contract_tests.ledger import Ledger
from pixelpact.contract_tests.selection import names
from pixelpact.contract_tests.session import NotAsked, Session
from pixelpact.contract_tests.verdicts import Verdicts
from pixelpact.doors.server import Server
from pixelpact.errors import PixelpactError
from pixelpact.service.app import create_app
from werkzeug.wrappers import Request, Response

from .faults import EDIT, GONE, Body, Fault, Faulty, read, saying, without

CONTRACT = load()
DREAM = CONTRACT.model("bytedance/seedream-3.0")
GOOD = {"model": DREAM.id, "prompt": "a lighthouse", "size": "512x512", "seed": 5}
SOURCES = DREAM.rule_sources("seed", "minimum")
CLEAN = Fault("", "")


@contextmanager
def opened(fault: Fault = CLEAN, **fields: Any) -> Iterator[tuple[Session, Faulty]]:
    """A run on a mock with a fault, as on a stranger's server."""
    app = Faulty(create_app(), fault)
    with Server(app) as server:
        client = Client(server.url, "test-key")
        yield Session(CONTRACT, client, Ledger(None, None, 0), Verdicts(CONTRACT), **fields), app
        client.close()


def good(name: str = "good", **fields: Any) -> Case:
    return Case(name, DREAM.id, {**GOOD, **fields}, sources=SOURCES)


def wrong(seed: Any = -2, **fields: Any) -> Case:
    change = Change("seed", "minimum", seed)
    return replace(Case("wrong", DREAM.id, {**GOOD, "seed": seed}, (400, 422), SOURCES, change=change), **fields)


# What may be asked


def test_a_picture_that_a_probe_makes_is_counted() -> None:
    with opened(left={DREAM.id: 2}) as (session, _):
        session.probe(lambda: session.client.post(good().payload))

        assert (session.left, session.pictures) == ({DREAM.id: 1}, 1)


def test_a_probe_that_makes_none_costs_none() -> None:
    with opened(left={DREAM.id: 2}) as (session, _):
        session.probe(lambda: session.client.send("GET", "/v1/models"))

        assert session.left == {DREAM.id: 2}


def test_of_what_only_an_assumption_refuses_one_picture_is_enough() -> None:
    with opened(left={DREAM.id: 5}) as (session, app):
        session.refusal(DREAM, lambda: session.client.post(good().payload), sure=False)

        with pytest.raises(NotAsked, match="only an assumption"):
            session.refusal(DREAM, lambda: session.client.post(good().payload), sure=False)
        assert len(app.made) == 1


def test_no_picture_is_asked_for_beyond_those_that_are_left() -> None:
    with opened(left={DREAM.id: 1}) as (session, app):
        session.generate(DREAM, good())

        with pytest.raises(NotAsked, match="every picture of the tier is made"):
            session.generate(DREAM, good())

    assert (len(app.made), session.pictures, session.left) == (1, 1, {DREAM.id: 0})


def test_a_request_for_two_pictures_needs_room_for_both() -> None:
    pair = replace(DREAM, request={**DREAM.request, "x-count": {"field": "n", "source": "ark"}})
    with opened(left={DREAM.id: 1}) as (session, app), pytest.raises(NotAsked, match="every picture"):
        session.generate(pair, good(n=2))

    assert app.posted == []


def test_a_request_for_two_pictures_is_reserved_at_the_price_of_both(tmp_path: Path) -> None:
    pair = replace(DREAM, request={**DREAM.request, "x-count": {"field": "n", "source": "ark"}})
    with opened(replace(CLEAN, instead=saying(503, "down", lambda *_: True)), paid=True) as (session, _):
        session.ledger = Ledger(tmp_path / "ledger.jsonl", None, 0)
        session.generate(pair, good(n=2))
        session.ledger.close()

    # Nobody knows whether what failed was billed.
    assert (session.ledger.spent, session.ledger.pictures) == (2 * DREAM.credits / 2_000_000, 2)


def test_a_broken_request_for_several_pictures_needs_room_for_them_where_it_is_doubtful() -> None:
    with opened(left={DREAM.id: 3}) as (session, app), pytest.raises(NotAsked):
        session.refusal(DREAM, lambda: session.client.post(wrong().payload), sure=False, pictures=4)

    assert app.posted == []


def test_a_request_goes_to_the_path_of_its_model() -> None:
    elsewhere = replace(DREAM, path="/v1/images/generations/", key="somebody/else")
    with opened(models=(elsewhere,)) as (session, _):
        generation = session.generate(elsewhere, good())

    assert generation.exchange.url.endswith("/v1/images/generations/")
    assert session.probed is elsewhere
    assert session.was_accepted(elsewhere, "good")
    assert not session.was_accepted(DREAM, "good")


@pytest.mark.parametrize("left", [None, {EDIT: 2}])
def test_a_probe_is_about_a_model_that_is_judged(left: dict[str, int] | None) -> None:
    with opened(left=left, models=(CONTRACT.models[EDIT],)) as (session, _):
        assert session.probed.id == EDIT


def test_models_are_called_by_their_key_where_two_have_one_name() -> None:
    other = replace(DREAM, key="somebody/seedream-3.0")

    assert names([DREAM, other, CONTRACT.models[EDIT]]) == {
        DREAM.key: DREAM.key,
        other.key: other.key,
        EDIT: "seededit-3.0-i2i",
    }


@pytest.mark.parametrize("word", ["Lens Blur V2", "Lens Blur V2 ", "Lens Blur V"])
def test_a_word_that_the_schemas_list_is_no_word_of_another_request(word: str) -> None:
    verdicts = Verdicts(CONTRACT, "Natural\nLens Blur V2")
    asked = Exchange("POST", "http://x", {}, json.dumps({"mode": word}).encode(), 200, {}, b"{}", number=1)
    told = Exchange("POST", "http://x", {}, b"{}", 400, {}, b'{"message": "expected Lens Blur V2"}', number=2)

    assert [finding.code for finding in verdicts.of_any([asked, told])] == []


def test_a_refusal_leaves_every_picture() -> None:
    with opened(left={DREAM.id: 1}) as (session, _):
        session.refusal(DREAM, lambda: session.client.post(wrong().payload))

    assert (session.left, session.pictures) == ({DREAM.id: 1}, 0)


def test_a_broken_request_that_is_accepted_takes_a_picture() -> None:
    with opened(replace(CLEAN, body=without("seed")), left={DREAM.id: 3}) as (session, app):
        session.refusal(DREAM, lambda: session.client.post(wrong().payload))

    assert (session.left, len(app.made)) == ({DREAM.id: 2}, 1)


def test_a_doubtful_refusal_is_only_asked_for_with_a_picture_to_spare() -> None:
    with opened(left={DREAM.id: 0}) as (session, app), pytest.raises(NotAsked):
        session.refusal(DREAM, lambda: session.client.post(wrong().payload), sure=False)

    assert app.posted == []


def test_a_plan_is_made_once() -> None:
    with opened() as (session, app):
        assert session.generation(DREAM, FIRST) is session.generation(DREAM, FIRST)

    assert len(app.posted) == 1
    assert session.was_accepted(DREAM, FIRST)
    assert not session.was_accepted(DREAM, "pairs-00")


def test_a_broken_request_is_one_change_away_from_what_was_accepted() -> None:
    with opened() as (session, app):
        session.generate(DREAM, good(size="640x512"))
        refuse(session, DREAM, wrong())

    assert app.posted[-1] == {**GOOD, "size": "640x512", "seed": -2}


def test_without_a_picture_a_broken_request_is_based_on_what_is_documented() -> None:
    with opened(left={DREAM.id: 0}) as (session, app):
        refuse(session, DREAM, wrong())

    assert len(app.posted) == 1
    assert app.posted[0]["prompt"].startswith("A T-Rex")


def test_where_nothing_is_accepted_a_refusal_proves_nothing() -> None:
    down = saying(503, "down", lambda request, _: request.method == "POST")
    refused = pytest.raises(NotAsked, match="a refusal would prove nothing")
    with opened(replace(CLEAN, instead=down)) as (session, app), refused:
        refuse(session, DREAM, wrong())

    assert len(app.posted) == 2


# A model that is gone


def test_of_a_model_that_is_gone_nothing_more_is_asked() -> None:
    with opened(replace(CLEAN, instead=GONE)) as (session, app):
        session.generate(DREAM, good())

        with pytest.raises(NotAsked, match="is retired"):
            session.generate(DREAM, good())
        with pytest.raises(NotAsked, match="is retired"):
            refuse(session, DREAM, wrong())

    assert len(app.posted) == 1
    assert session.retired[DREAM.id].startswith("404 ")


@pytest.mark.parametrize("text", ["size: not supported", "seed: expected at least -1", "prompt is required"])
def test_a_request_that_is_refused_retires_no_model(text: str) -> None:
    refusing = saying(400, text, lambda request, _: request.method == "POST")
    with opened(replace(CLEAN, instead=refusing)) as (session, _):
        session.generate(DREAM, good())

    assert session.retired == {}


def test_a_model_that_answered_once_is_not_gone() -> None:
    later = saying(404, "model is deprecated", lambda _, posted: len(posted) == 1)
    with opened(replace(CLEAN, instead=later)) as (session, _):
        session.generate(DREAM, good())
        session.generate(DREAM, good())

    assert session.retired == {}


# What is no finding


@pytest.mark.parametrize("seed", [-1, 7])
def test_a_broken_request_that_is_valid_after_all_accuses_nobody(seed: int) -> None:
    with opened() as (session, _), pytest.raises(NotAsked, match="the request is valid after all"):
        refuse(session, DREAM, wrong(seed))


def test_a_broken_request_that_is_valid_after_all_costs_nothing() -> None:
    with opened() as (session, app):
        session.generate(DREAM, good())
        for _ in range(3):
            with pytest.raises(NotAsked, match="the request is valid after all"):
                refuse(session, DREAM, wrong(7))

    assert len(app.made) == 1


def test_a_broken_request_that_is_refused_yields_nothing() -> None:
    with opened() as (session, _):
        refuse(session, DREAM, wrong())

    assert session.refused == {(DREAM.id, "seed", "minimum")}


def test_a_broken_request_that_is_accepted_is_held_against_the_server() -> None:
    with opened(replace(CLEAN, body=without("seed"))) as (session, _), pytest.raises(Held) as held:
        refuse(session, DREAM, wrong())

    (one,) = held.value.findings
    assert (one.code, one.verdict, one.severity) == ("PX301", "once", "error")
    assert session.refused == set()


@pytest.mark.parametrize(("status", "codes"), [(400, []), (422, []), (500, ["PX301"]), (404, ["PX301"])])
def test_a_tolerated_status_is_no_finding(status: int, codes: list[str]) -> None:
    odd = replace(good(), tolerated=(400, 422))
    refusing = saying(status, "no", lambda request, _: request.method == "POST")
    with opened(replace(CLEAN, instead=refusing)) as (session, _):
        found = held_by(lambda: accept(session, DREAM, odd))

    assert [one.code for one in found if one.check in ("status", "refusal")] == (["PX101"] if codes else [])


def test_an_odd_request_that_is_accepted_is_judged_in_full() -> None:
    odd = replace(good(), tolerated=(400, 422))
    with opened(replace(CLEAN, answer=lambda body: {**body, "created": "5"})) as (session, _):
        found = held_by(lambda: accept(session, DREAM, odd))

    assert [one.code for one in found] == ["PX104"]


def held_by(act: Callable[[], None]) -> tuple[Finding, ...]:
    try:
        act()
    except Held as held:
        return held.findings
    return ()


# Verdicts


def judgement(*checks: str) -> Judgement:
    exchange = Exchange("POST", "https://api.example/", {}, b"{}", 500, {}, b"")
    reason = Reason("a", "b", SOURCES)
    return Judgement(tuple(finding(check, reason, exchange) for check in checks), checks)


def verdicts_of(first: Judgement, *others: Judgement) -> Mapping[str, str]:
    again = iter(others)
    found = Verdicts(CONTRACT).judged(first, lambda: next(again))
    return {one.check: one.verdict for one in found}


def test_what_is_found_each_time_is_hard_and_what_is_not_is_flaky() -> None:
    both, status = judgement("status", "schema"), judgement("status")

    assert verdicts_of(both, both, status) == {"status": "hard", "schema": "flaky"}
    assert verdicts_of(status, both, judgement()) == {"status": "flaky"}


def test_what_cannot_be_tried_again_was_found_once() -> None:
    (one,) = Verdicts(CONTRACT).judged(judgement("status"))

    assert one.verdict == "once"


def test_what_may_not_be_asked_again_was_found_once() -> None:
    def not_asked() -> Judgement:
        raise NotAsked("no picture is left")

    (one,) = Verdicts(CONTRACT).judged(judgement("status"), not_asked)

    assert (one.verdict, issubclass(NotAsked, PixelpactError)) == ("once", True)


@pytest.mark.parametrize("first", [judgement(), judgement("error-field")], ids=["nothing", "warning"])
def test_nothing_is_tried_again_for_less_than_an_error(first: Judgement) -> None:
    def never() -> Judgement:
        raise AssertionError

    assert Verdicts(CONTRACT).judged(first, never) == list(first.findings)


def test_what_was_judged_and_what_was_not_is_counted() -> None:
    verdicts = Verdicts(CONTRACT)
    verdicts.judged(Judgement((), ("status", "schema"), (("edit", "no input"),)))
    verdicts.judged(Judgement((), ("status",), (("edit", "no input"),)))

    assert (verdicts.made, verdicts.unjudged) == ({"status": 2, "schema": 1}, {"edit": {"no input": 2}})


def numbered(number: int, prompt: str, said: str = "") -> Exchange:
    body = f'{{"prompt": "{prompt}"}}'.encode()
    return Exchange("POST", "https://api.example/", {}, body, 400, {}, said.encode(), number=number)


def test_a_word_of_an_earlier_request_is_found_in_a_later_answer() -> None:
    verdicts = Verdicts(CONTRACT)
    verdicts.of_any([numbered(1, "a heron of pewter")])

    (one,) = verdicts.of_any([numbered(2, "a kettle of basalt", "a heron of pewter")])

    assert (one.code, one.request) == ("PX507", 2)


def test_a_word_of_the_same_request_or_of_no_other_is_fine() -> None:
    found = Verdicts(CONTRACT).of_any(
        [
            numbered(1, "a heron of pewter", "a heron of pewter"),
            numbered(2, "a heron of pewter", "a heron of pewter and a kettle of basalt"),
            numbered(3, "lighthouses", "lighthouses"),
            numbered(4, "x", "lighthouses"),
        ]
    )

    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        f"Model {DREAM.id} is deprecated",
        f"The model {DREAM.id} does not exist",
        f"{DREAM.id} has been retired",
        "This model is no longer available.",
    ],
)
def test_a_model_that_is_gone_is_known_by_what_the_server_says(text: str) -> None:
    gone = saying(404, text, lambda request, _: request.method == "POST")
    with opened(replace(CLEAN, instead=gone)) as (session, _):
        session.generate(DREAM, good())

        assert session.retired == {DREAM.id: session.retired.get(DREAM.id, "not retired")}
        assert session.retired[DREAM.id].startswith("404 ")


@pytest.mark.parametrize("names_model", [True, False])
def test_only_a_request_to_the_model_itself_tells_that_it_is_gone(names_model: bool) -> None:
    with opened(replace(CLEAN, instead=GONE)) as (session, _):
        session.refusal(DREAM, lambda: session.client.post(wrong().payload), names_model=names_model)

        assert (DREAM.id in session.retired) == names_model


def test_an_unknown_model_that_is_not_found_retires_no_other_however_often_it_is_tried() -> None:
    def bare(request: Request, _: list[Body]) -> Response | None:
        # Without the envelope, so that it is tried again.
        return Response('{"message": "model not found"}', 404, content_type="application/json")

    change = Change("model", "enum", "no-such-model")
    unknown = Case("unknown", DREAM.id, {**GOOD, "model": "x"}, (404,), SOURCES, change=change)
    with opened(replace(CLEAN, instead=bare), left={DREAM.id: 0}) as (session, app), suppress(Held):
        refuse(session, DREAM, unknown)

    assert len(app.posted) == 3
    assert session.retired == {}


# What a server fetches


def test_a_server_that_fetches_from_inside_is_found() -> None:
    def fetching(request: Request, _: list[Body]) -> None:
        image = read(request.data).get("image", "") if request.method == "POST" else ""
        if image.startswith("http://127.0.0.1:"):
            socket.create_connection(("127.0.0.1", int(image.partition("127.0.0.1:")[2].partition("/")[0]))).close()

    editor = CONTRACT.model("bytedance/seededit-3.0-i2i")
    for fault, found in ((CLEAN, False), (replace(CLEAN, instead=fetching), True)):
        with opened(fault, strict=True) as (session, _):
            findings: list[Finding] = []
            try:
                test_access.test_no_picture_is_fetched_from_inside(editor, session)
            except Held as held:
                findings += held.findings
        assert [finding.code for finding in findings] == (["PX411"] if found else [])


# Servers that would rather not end


def endless(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    while True:
        yield b" " * 2**20


def test_a_body_without_end_is_no_answer() -> None:
    with Server(endless) as server:
        client = Client(server.url, "test-key")
        exchange = client.post(b"{}")
        client.close()

    assert (exchange.status, exchange.body) == (0, b"no answer: Endless('a body of more than 67,108,864 bytes')")


def test_a_link_that_no_request_can_carry_is_no_answer() -> None:
    client = Client("http://127.0.0.1:1", "test-key")

    assert client.download("http://127.0.0.1:1/\ud800.jpeg").status == 0
