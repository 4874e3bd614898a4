"""Drift between recorded answers and promised ones: a recording refutes what it shows, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from pixelpact.sources.drift.offers import offer_changes
from pixelpact.sources.drift.skeletons import NoSkeletons, schema_of, skeleton_side
from pixelpact.sources.drift.values import SEEN

from .drift_cases import NUMBER, TEXT, Schema, fields, offer

ONE_OF = {"anyOf": [fields("url", url=TEXT), fields("b64_json", b64_json=TEXT)]}


@pytest.mark.parametrize(
    ("promised", "seen", "kinds"),
    [
        (fields("a", a=NUMBER), fields("a", a={"type": "integer"}), []),
        (fields(a=NUMBER, b=TEXT), fields("a", a=NUMBER), []),
        (fields(a={"type": ["string", "null"]}), fields("a", a=TEXT), []),
        (
            fields(data={"type": "array", "items": ONE_OF}),
            fields(data={"type": "array", "items": fields(url=TEXT)}),
            [],
        ),
        (fields(data={"type": "array", "items": fields("a", a=TEXT)}), fields(data={"type": "array"}), []),
        (fields(error={}), fields(error=fields(code=TEXT)), []),
        (fields("a", "b", a=NUMBER, b=TEXT), fields("a", a=NUMBER), ["field-removed"]),
        (fields("a", a={"type": "integer"}), fields("a", a=NUMBER), ["type-widened"]),
        (fields("a", a=TEXT), fields("a", a={"type": ["string", "null"]}), ["nullable"]),
    ],
)
def test_a_recording_refutes_what_it_shows_and_nothing_else(promised: Schema, seen: Schema, kinds: list[str]) -> None:
    recorded = offer(nature=SEEN, answers={"200": seen})
    found = offer_changes(offer(answers={"200": promised}), recorded)
    assert [change.kind for change in found] == kinds


def test_a_recorded_refusal_is_compared_with_the_error_that_is_promised() -> None:
    promised, recorded = offer(error=fields(code=TEXT)), offer(nature=SEEN, answers={}, error=fields(code=NUMBER))
    assert [change.kind for change in offer_changes(promised, recorded)] == ["type-changed"]
    assert list(offer_changes(promised, offer(nature=SEEN, answers={}))) == []


def kinds(*types: str, classes: tuple[str, ...] = ("text",)) -> dict[str, list[str]]:
    return {"types": list(types), "classes": list(classes)}


LINK = {
    "": kinds("object"),
    "/created": kinds("number", classes=("unix-seconds",)),
    "/data": kinds("array"),
    "/data/[]": kinds("object"),
    "/data/[]/url": kinds("string"),
    "/a~1b": kinds("number", classes=("number",)),
}
INLINE = {
    "": kinds("object"),
    "/data": kinds("array"),
    "/data/[]": kinds("object"),
    "/data/[]/b64_json": kinds("string", "null"),
}


def test_recorded_bodies_make_the_tightest_schema_that_all_keep_to() -> None:
    item = {
        "type": ["object"],
        "properties": {"url": {"type": ["string"]}, "b64_json": {"type": ["string", "null"]}},
        "required": [],
    }
    assert schema_of([LINK, INLINE]) == {
        "type": ["object"],
        "properties": {
            "created": {"type": ["integer"]},
            "data": {"type": ["array"], "items": item},
            "a/b": {"type": ["number"]},
        },
        "required": ["data"],
    }


def recorded(label: str, status: int = 200, body: Any = LINK) -> dict[str, Any]:
    return {"labels": [label], "skeleton": {"status": status, "body": body}}


def test_a_label_names_the_longest_model_that_its_parameters_begin_with() -> None:
    content = {
        "observations": [recorded("drawn[two-pro-first]"), recorded("drawn[two]"), recorded("drawn[two-x]", 400)]
    }
    side = skeleton_side("seen.json", content, ["one/two", "one/two-pro", "x"])
    statuses = {each.model: (list(each.answers), each.error is not None) for each in side.offers}
    assert statuses == {"one/two-pro": (["200"], False), "one/two": (["200"], True)}


def test_a_recording_of_no_known_model_says_so() -> None:
    side = skeleton_side("seen.json", {"observations": [recorded("drawn[two]"), recorded("drawn")]}, ["one/three"])
    assert (side.offers, side.notes) == ((), ("seen.json: no recorded answer of a known model",))


@pytest.mark.parametrize("content", [{}, {"observations": [{}]}, {"observations": [recorded("a[two]", body=[])]}])
def test_what_is_no_recording_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(NoSkeletons, match=r"seen\.json: no skeletons"):
        skeleton_side("seen.json", content, ["one/two"])


def test_what_every_form_requires_is_missed_and_what_one_requires_is_not() -> None:
    forms = {"anyOf": [fields("id", "url", id=TEXT, url=TEXT), fields("id", "b64_json", id=TEXT, b64_json=TEXT)]}
    recorded = offer(nature=SEEN, answers={"200": fields("url", url=TEXT)})
    found = offer_changes(offer(answers={"200": forms}), recorded)
    assert [(change.kind, change.pointer) for change in found] == [("field-removed", "/id")]


BODY = fields("a", a=TEXT)


@pytest.mark.parametrize(
    ("promised", "seen", "told"),
    [
        (("200", "202"), ("200",), ([], [])),
        (("200",), ("200", "202"), (["success-added"], ["success-removed"])),
        (("201",), ("200",), (["status-replaced"], ["status-replaced"])),
    ],
)
def test_a_status_that_came_counts_and_one_that_did_not_come_does_not(
    promised: tuple[str, ...], seen: tuple[str, ...], told: tuple[list[str], list[str]]
) -> None:
    docs = offer(answers=dict.fromkeys(promised, BODY))
    recording = offer(nature=SEEN, answers=dict.fromkeys(seen, BODY))
    found = [change.kind for change in offer_changes(docs, recording)]
    back = [change.kind for change in offer_changes(recording, docs)]
    assert (found, back) == told


def test_each_status_has_the_bodies_that_came_with_it() -> None:
    content = {"observations": [recorded("a[two]", 200, LINK), recorded("b[two]", 201, INLINE)]}
    (only,) = skeleton_side("seen.json", content, ["one/two"]).offers
    assert only.answers == {"200": schema_of([LINK]), "201": schema_of([INLINE])}
