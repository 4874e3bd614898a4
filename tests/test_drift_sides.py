"""Drift of whole sides: keys, statuses, models, paths, recorded answers, and what no program goes by."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from pixelpact.sources.drift.classes import KINDS, judged
from pixelpact.sources.drift.compare import compare
from pixelpact.sources.drift.offers import offer_changes
from pixelpact.sources.drift.reading import side_of
from pixelpact.sources.drift.values import SCHEMAS, Offer, Side
from pixelpact.sources.openapi.spec import Found

from .drift_cases import (
    ALIAS,
    FIELDS,
    NAMED,
    NUMBER,
    OFFER,
    OFFERS,
    POST,
    SIDES,
    TEXT,
    WHOLE,
    B,
    H,
    R,
    Schema,
    fields,
    offer,
)

PATH = "/v1/images/generations"


@pytest.mark.parametrize(("kind", "old", "new", "callers", "answers"), OFFERS, ids=[case[0] for case in OFFERS])
def test_a_change_of_an_endpoint_has_its_class(kind: str, old: Offer, new: Offer, callers: str, answers: str) -> None:
    (found,) = [judged(change) for change in offer_changes(old, new)]
    assert (found.change.kind, str(found.judgement.callers), str(found.judgement.answers)) == (kind, callers, answers)


@pytest.mark.parametrize(("kind", "old", "new", "severity"), SIDES, ids=[case[0] for case in SIDES])
def test_models_and_paths_come_and_go(kind: str, old: tuple[Offer, ...], new: tuple[Offer, ...], severity: str) -> None:
    (found,) = compare(Side("old", old), Side("new", new)).findings
    assert (found.change.kind, str(found.severity)) == (kind, severity)


def test_a_model_that_was_asked_for_in_vain_is_no_removed_one() -> None:
    side = Side("live", (OFFER,), missing=("one/three",))
    (found,) = compare(Side("old", (OFFER, offer(model="one/three"))), side).findings
    assert (found.change.kind, str(found.severity)) == ("unpublished", R)


def test_every_kind_of_change_is_planted_here() -> None:
    planted = {case.kind for case in [*FIELDS, *WHOLE]} | {case[0] for case in [*OFFERS, *SIDES]}
    assert planted | {*NAMED} | {"unpublished"} == {*KINDS}


def test_one_file_says_nothing_of_the_models_of_other_files() -> None:
    folder = Side("folder", (OFFER, offer(model="one/three")))
    assert compare(folder, Side("file", (OFFER,), partial=True)).findings == ()


def test_a_pattern_chooses_the_models() -> None:
    old, new = (
        Side("", (offer(model="one/a", request=one), offer(model="two/b", request=one))) for one in (TEXT, NUMBER)
    )
    (found,) = compare(old, new, "two/*").findings
    assert found.models == (("two/b", POST),)


def test_a_change_that_models_share_is_told_once() -> None:
    old, new = (Side("", tuple(offer(model=name, request=one) for name in "ab")) for one in (TEXT, NUMBER))
    (found,) = compare(old, new).findings
    assert found.models == (("a", POST), ("b", POST))


def test_rules_that_only_schemas_can_state_are_no_drift_from_a_specification() -> None:
    ours = fields(prompt={**TEXT, "description": "At most 9 images.", "x-size": {"minArea": 9}})
    assert list(offer_changes(offer(nature=SCHEMAS, request=ours), OFFER)) == []


def test_of_several_files_of_one_model_those_of_one_name_are_compared() -> None:
    one, other = offer(file="a.json"), offer(file="b.json", request=fields(prompt=NUMBER))
    assert compare(Side("", (one, other)), Side("", (other, one))).findings == ()


def test_of_several_files_of_one_model_the_last_is_compared_and_it_is_said() -> None:
    dated = [offer(file=f"{day}.json", request=one) for day, one in (("01", NUMBER), ("02", fields(prompt=TEXT)))]
    compared = compare(Side("revisions", tuple(dated)), Side("", (OFFER,)))
    assert (compared.findings, compared.notes) == ((), ("one/two: 2 files tell of it, 02.json was compared",))


# Specifications


def document(**operation: Any) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": fields(model={"enum": ["one/two", "one/three"]})}}}
    return {"openapi": "3.0.0", "info": {"title": "A"}, "paths": {PATH: {"post": {"requestBody": body, **operation}}}}


def side(content: Any) -> Side:
    return side_of("a.json", [Found("a.json", json.dumps(content).encode())])


@pytest.mark.parametrize(
    ("other", "parts"),
    [
        (document(tags=["Images"]), "tags"),
        (document(operationId="generate"), "operation id"),
        ({**document(), "info": {"title": "B"}}, "title and version of the document"),
        (document(**{"x-codeSamples": [{"lang": "cURL", "source": "curl"}]}), "samples"),
        (dict(reversed(document().items())), "order"),
        ({**document(), "components": {"schemas": {"Unused": {}}}}, "parts of the file that no model uses"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_no_program_goes_by_is_one_harmless_change(other: Any, parts: str) -> None:
    (found,) = compare(side(document()), side(other)).findings
    assert (found.title, found.change.after, str(found.severity)) == ("samples, order or wording only", parts, H)
    assert found.models == (("one/two", POST), ("one/three", POST))


def test_a_model_that_joins_another_in_a_file_changes_nothing_for_it() -> None:
    both = json.dumps(document())
    alone = both.replace('{"enum": ["one/two", "one/three"]}', '{"enum": ["one/two"]}')
    kinds = [found.change.kind for found in compare(side(json.loads(alone)), side(json.loads(both))).findings]
    assert kinds == ["model-added", "wording"]


# What the kit knows from elsewhere


def sourced(schema: Schema, **sources: str) -> Schema:
    return {**schema, "x-source": sources}


DOCUMENTED = {"*": "docs"}
OURS = [
    (sourced({"type": "integer"}, **{"*": "docs", "type": "guess"}), NUMBER, []),
    (sourced({"type": "integer"}, **DOCUMENTED), NUMBER, ["type-widened"]),
    (sourced({**TEXT, "minLength": 1}, **{"*": "docs", "minLength": "guess"}), TEXT, []),
    (sourced({**TEXT, "minLength": 1}, **DOCUMENTED), TEXT, ["bound-loosened"]),
    (sourced({**NUMBER, "default": 5.5}, **{"*": "docs", "default": "guess"}), {**NUMBER, "default": 2.5}, []),
    (
        sourced({"type": "array", "items": sourced(TEXT, **{"*": "guess"})}, **DOCUMENTED),
        {"type": "array", "items": {}},
        [],
    ),
    (
        {"anyOf": [sourced(fields(width=sourced({"type": "integer"}, **{"*": "guess"})), **DOCUMENTED), NUMBER]},
        {"anyOf": [fields(width=NUMBER), NUMBER]},
        [],
    ),
    (sourced(TEXT, **{"*": "guess"}), NUMBER, []),
]


@pytest.mark.parametrize(("ours", "theirs", "kinds"), OURS, ids=range(len(OURS)))
def test_what_no_document_states_gives_way_to_a_document(ours: Schema, theirs: Schema, kinds: list[str]) -> None:
    mine = offer(nature=SCHEMAS, request=fields(field=ours), documented=frozenset({"docs"}))
    found = offer_changes(mine, offer(request=fields(field=theirs)))
    assert [change.kind for change in found] == kinds


def test_a_field_that_no_document_names_is_not_missed_in_one() -> None:
    ours = fields("seen", "told", seen=sourced(NUMBER, **{"*": "recording"}), told=sourced(TEXT, **DOCUMENTED))
    mine = offer(nature=SCHEMAS, request=ours, documented=frozenset({"docs"}))
    assert list(offer_changes(mine, offer(request=fields("told", told=TEXT)))) == []


def test_an_alias_that_only_a_specification_has_is_no_drift_from_schemas() -> None:
    ours, theirs = Side("ours", (offer(nature=SCHEMAS),)), Side("docs", (OFFER, ALIAS))
    assert compare(ours, theirs).findings == compare(theirs, ours).findings == ()


def test_a_path_that_moved_is_drift_from_schemas_too() -> None:
    (found,) = compare(Side("ours", (offer(nature=SCHEMAS),)), Side("docs", (ALIAS,))).findings
    assert found.change.kind == "path-moved"


def test_endpoints_without_models_come_and_go_by_themselves() -> None:
    keys, bills = (offer(model="", endpoint=f"GET /v1/{name}") for name in ("keys", "bills"))
    found = compare(Side("old", (keys,)), Side("new", (bills,))).findings
    assert [(one.change.kind, one.models) for one in found] == [
        ("model-removed", (("", "GET /v1/keys"),)),
        ("model-added", (("", "GET /v1/bills"),)),
    ]


def test_a_large_file_of_many_models_in_another_order_is_told_in_seconds() -> None:
    names = [f"one/{number}" for number in range(300)]
    content = json.loads(json.dumps(document()).replace('["one/two", "one/three"]', json.dumps(names)))
    content["components"] = {"schemas": {f"Unused{number}": {"type": "object"} for number in range(20_000)}}
    start = time.process_time()
    (found,) = compare(side(content), side(dict(reversed(content.items())))).findings
    assert (found.change.after, len(found.models)) == ("order", 300)
    assert time.process_time() - start < 5


QUERY = {"in": "query", "name": "version", "required": True, "schema": TEXT}


def beside(**said: Any) -> dict[str, Any]:
    """The specification with something said of its path."""
    content = document()
    content["paths"][PATH] |= said
    return content


def test_headers_and_media_types_of_an_answer_are_compared() -> None:
    answer = {
        "description": "",
        "headers": {"X-Left": {"schema": NUMBER}},
        "content": {"application/json": {"schema": TEXT}},
    }
    plain = {"description": "", "headers": {"x-LEFT": {"schema": TEXT}}, "content": {"text/plain": {"schema": TEXT}}}
    old, new = (side(document(responses={"200": one})) for one in (answer, plain))
    found = [
        (one.change.kind, one.change.part, one.change.pointer, str(one.severity)) for one in compare(old, new).findings
    ]
    assert found == [("media-changed", "answer 200", "", B), ("type-changed", "answer 200 headers", "/x-left", B)]


@pytest.mark.parametrize(
    ("other", "change"),
    [
        (document(deprecated=True), ("standing-worse", "current", "deprecated")),
        ({**document(), "servers": [{"url": "https://b"}]}, ("server-changed", "https://a", "https://b")),
        (document(servers=[{"url": "https://c"}]), ("server-changed", "https://a", "https://c")),
        ({**document(), "servers": [{"url": "https://a/v2"}]}, ("path-moved", POST, f"POST /v2{PATH}")),
        (document(parameters=[QUERY]), ("field-needed", "none", "string")),
        (beside(parameters=[QUERY]), ("field-needed", "none", "string")),
        (beside(parameters=[{"$ref": "#/components/parameters/version"}]), ("field-needed", "none", "string")),
        (beside(servers=[{"url": "https://d"}]), ("server-changed", "https://a", "https://d")),
        (document(security=[{"key": []}]), ("security-added", "none", "http bearer")),
    ],
)
def test_what_a_specification_says_beside_its_schemas_is_compared(other: Any, change: tuple[str, str, str]) -> None:
    keys = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}, "parameters": {"version": QUERY}}
    old, new = ({"servers": [{"url": "https://a"}], **each, "components": keys} for each in (document(), other))
    found = [one.change for one in compare(side(old), side(new)).findings]
    assert change in [(one.kind, one.before, one.after) for one in found]
