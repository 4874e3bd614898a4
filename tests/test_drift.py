"""Drift: every kind of change is planted once and seen with its class, and nothing else is seen beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from pixelpact.sources.drift.classes import judged
from pixelpact.sources.drift.limits import limits
from pixelpact.sources.drift.schemas import schema_changes
from pixelpact.sources.drift.values import Place

from .drift_cases import FIELDS, NAMED, NUMBER, TEXT, WHOLE, B, H, Planted, R, Schema, fields

LARGE = {**TEXT, "enum": list("abcdefghijklmno"), "description": "At most 40 characters."}


def told(old: Any, new: Any, part: str) -> list[tuple[str, str, str]]:
    findings = [judged(change) for change in schema_changes(old, new, Place(part))]
    return [(found.change.kind, str(found.judgement.callers), str(found.judgement.answers)) for found in findings]


@pytest.mark.parametrize("planted", FIELDS, ids=lambda planted: planted.kind)
def test_a_change_of_a_field_has_its_class_in_a_request_and_in_an_answer(planted: Planted) -> None:
    old, new = fields(field=planted.old), fields(field=planted.new)
    request, answer = told(old, new, "request"), told(old, new, "answer 200")
    callers = R if planted.kind == "meaning-changed" else H
    assert request == [(planted.kind, planted.request, callers)]
    assert answer == [(planted.kind, H, planted.answer)]


@pytest.mark.parametrize("planted", WHOLE, ids=lambda planted: planted.kind)
def test_a_change_of_an_object_has_its_class_in_a_request_and_in_an_answer(planted: Planted) -> None:
    request, answer = told(planted.old, planted.new, "request"), told(planted.old, planted.new, "answer 200")
    callers = R if planted.kind == "meaning-changed" else H
    assert request == [(planted.kind, planted.request, callers)]
    assert answer == [(planted.kind, H, planted.answer)]


@pytest.mark.parametrize("kind", NAMED)
def test_another_default_of_what_decides_the_form_is_one_for_readers_too(kind: str) -> None:
    old, new, classes = NAMED[kind]
    assert told(fields(response_format=old), fields(response_format=new), "request") == [(kind, *classes)]


def test_a_change_deep_inside_is_told_by_its_pointer() -> None:
    old, new = (fields(data={"type": "array", "items": fields(**{"a/b": one})}) for one in (TEXT, NUMBER))
    (change,) = schema_changes(old, new, Place("answer 200"))
    assert (change.pointer, change.name, change.before, change.after) == ("/data/[]/a~1b", "a/b", "string", "number")


def test_a_field_that_any_name_was_admitted_for_is_compared_with_what_was_admitted() -> None:
    old = {"type": "object", "additionalProperties": TEXT}
    assert told(old, {**fields(size=NUMBER), "additionalProperties": TEXT}, "request") == [("type-changed", B, H)]


def test_a_long_list_is_told_by_what_came_and_went() -> None:
    values = [f"size-{number}" for number in range(20)]
    (change,) = schema_changes({"enum": values}, {"enum": ["new", *values[1:]]}, Place("request"))
    assert (change.before, change.after) == ("gone: size-0", "new: new")


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("The area must be between 262,144 and 4,194,304 pixels.", {"area": "262144 to 4194304 pixels"}),
        ("Must be between [512x512, 2048x2048].", {"size": "512x512 to 2048x2048"}),
        ("A png, webp, or jpg file less than 50MB.", {"format": "jpeg, png, webp", "bytes": "50 mb"}),
        ("You can provide up to 16 images.", {"count": "at most 16 pictures"}),
        ("At most 4,000 characters.", {"length": "4000 characters"}),
        ("Compression level (0-100%).", {"range": "0 to 100"}),
        ("The value must be a multiple of 32.", {"step": "multiples of 32"}),
        ("Base64 or a URL, in lowercase.", {"form": "base64, url", "case": "lower case"}),
        ("The text prompt describing the content.", {}),
    ],
)
def test_a_limit_in_prose_is_told_by_its_name(text: str, stated: Mapping[str, str]) -> None:
    assert limits(text) == stated


def test_no_sentence_of_a_description_is_repeated() -> None:
    old, new = ({"description": f"Secretly worded: up to {most} images of our choosing."} for most in (3, 4))
    (change,) = schema_changes(old, new, Place("request"))
    assert (change.before, change.after) == ("count: at most 3 pictures", "count: at most 4 pictures")


def test_a_schema_of_seven_thousand_lines_takes_less_than_two_seconds_of_work() -> None:
    old, new = (fields(**{f"field_{start + number}": LARGE for number in range(350)}) for start in (0, 50))
    assert json.dumps(old, indent=2).count("\n") > 7000
    start = time.process_time()
    assert len(list(schema_changes(old, new, Place("request")))) == 100
    assert time.process_time() - start < 2


WORDS = [
    ({**NUMBER, "minimum": 0.5}, {**NUMBER, "exclusiveMinimum": 1}, ("at least 0.5", "more than 1")),
    ({**TEXT, "minLength": 2}, TEXT, ("at least 2 characters", "no bound")),
    (
        {
            "x-output-size": [
                {"field": "size", "as": "WxH", "source": "a"},
                {"as": "fixed", "size": "1x1", "source": "a"},
            ]
        },
        {"x-output-size": [{"field": "size", "as": "WxH"}]},
        ("x-output-size: size WxH, fixed 1x1", "x-output-size: size WxH"),
    ),
    (
        {"x-output-size": [{"field": "size", "as": "names", "sizes": {"a": "1x1"}}]},
        {"x-output-size": [{"field": "size", "as": "names", "sizes": {"a": "2x2"}}]},
        (
            'x-output-size: [{"field": "size", "as": "names", "sizes": {"a": "1x1"}}]',
            'x-output-size: [{"field": "size", "as": "names", "sizes": {"a": "2x2"}}]',
        ),
    ),
    ({}, {"x-count": {"field": "n", "source": "a"}}, ("x-count: none", 'x-count: {"field": "n"}')),
    ({**TEXT, "format": "uri"}, TEXT, ("format uri", "no format")),
    (
        {"anyOf": [{**TEXT, "default": "a"}, {"type": "array"}]},
        {"anyOf": [{**TEXT, "default": "b"}, {"type": "array"}]},
        ("a", "b"),
    ),
    ({"x-size": {"maxArea": "huge"}}, {"x-size": {"maxArea": 9}}, ("maxArea huge", "maxArea 9")),
    ({"x-image": {"forms": ["url"]}}, {"x-image": {"forms": 9}}, ("url", "any value")),
    ({"enum": ["a", 1, True]}, {"enum": ["a", 1]}, ("a, 1, true", "a, 1")),
]


@pytest.mark.parametrize(("old", "new", "words"), WORDS, ids=range(len(WORDS)))
def test_what_was_and_what_is_are_told_in_words(old: Schema, new: Schema, words: tuple[str, str]) -> None:
    told = [(change.before, change.after) for change in schema_changes(old, new, Place("request"))]
    assert words in told


def test_a_rule_that_only_comes_from_elsewhere_is_the_same_rule() -> None:
    old, new = ({"x-count": {"field": "n", "source": name}, "x-source": {"*": name}} for name in ("one", "other"))
    assert list(schema_changes(old, new, Place("request"))) == []


def test_a_bound_beyond_all_numbers_is_a_bound() -> None:
    old, new = ({"type": "object", "properties": {"n": {**NUMBER, "maximum": most}}} for most in (5, float("inf")))
    (change,) = schema_changes(old, new, Place("request"))
    assert (change.kind, change.after) == ("bound-loosened", "at most inf")
