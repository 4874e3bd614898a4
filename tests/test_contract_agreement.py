"""The fast validator against jsonschema's own: on every model's requests and answers, they are of one mind."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pybase64
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from pixelpact.contract.acceptance import acceptor
from pixelpact.contract.breaches import InvalidRequest, find_breaches
from pixelpact.contract.contract import load_all
from pixelpact.contract.images import image_errors
from pixelpact.contract.keywords import Dialect
from pixelpact.contract.models import Model
from pixelpact.contract.rules import is_uri, size_errors
from pixelpact.contract.samples import sample

from .near_values import ANYTHING, DOT, changed, edges, near

CONTRACTS = load_all()
MODELS = [model for contract in CONTRACTS.values() for model in contract.models.values()]
VALUES = {"created": 1, "credits_used": 4, "usd_spent": 0.5, "prompt": "p", "size": "1x1"}
OTHERS: list[Mapping[str, Any]] = [
    {"url": "https://h/x"},
    {"b64_json": "QUJD"},
    {"url": "https://h/x", "b64_json": None},
]
FAILED = {"message": "m", "path": "/x", "request_id": "i", "status": 400, "name": "n", "title": "t", "instance": "/x"}
FAILED |= {"timestamp": "2026-01-02T03:04:05.678Z", "details": {}, "problem_status": 400}


def _rule(keyword: str) -> Any:
    """One of our own rules, as jsonschema has rules."""
    reasons: dict[str, Any] = {
        "x-size": lambda rule, value: size_errors(rule, value) if isinstance(value, str) else (),
        "x-image": lambda rule, value: image_errors(rule, value) if isinstance(value, (str, dict)) else (),
        "format": lambda name, value: (
            ["a URI"] if name == "uri" and isinstance(value, str) and not is_uri(value) else []
        ),
    }

    def said(_: Any, rule: Any, value: Any, __: Any) -> Iterator[ValidationError]:
        yield from (ValidationError(reason) for reason in reasons[keyword](rule, value))

    return said


# All else is jsonschema's own, whose types leave `extend` untyped.
OURS = {name: _rule(name) for name in ("x-size", "x-image", "format")}
Stock = extend(Draft202012Validator, OURS)  # type: ignore[no-untyped-call]


def holds(schema: Mapping[str, Any], value: Any) -> bool:
    return bool(Stock(schema).is_valid(value))


def silenced(schema: Any) -> Any:
    """A schema without what is no rule."""
    if isinstance(schema, dict):
        return {
            key: silenced(inner) for key, inner in schema.items() if key not in ("description", "x-source", "title")
        }
    return [silenced(inner) for inner in schema] if isinstance(schema, list) else schema


def is_plain(value: Any) -> bool:
    """Whether there is neither a number without end in a value nor half of a surrogate pair."""
    if isinstance(value, dict):
        return all(is_plain(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return all(map(is_plain, value))
    return (
        math.isfinite(value) if isinstance(value, float) else "\ud800" not in value if isinstance(value, str) else True
    )


def fields(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schemas of a schema's fields, of what is in them, and of the answers' whole."""
    for inner in schema.get("properties", {}).values():
        yield inner
        yield from fields(inner)
    if "items" in schema:
        yield from fields(schema["items"])


WHOLES = [contract.error for contract in CONTRACTS.values()] + [model.answer for model in MODELS]
EVERY_SCHEMA = [part for whole in (*WHOLES, *(model.request for model in MODELS)) for part in fields(whole)] + WHOLES
DISTINCT = {json.dumps(silenced(schema)): schema for schema in EVERY_SCHEMA}


def disagreements(schema: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Values of which the fast validator, jsonschema with our rules and jsonschema itself are not of one mind."""
    fast, said, stock = acceptor(schema), Dialect(schema).iter_errors, Stock(schema)
    for value in edges(schema):
        valid = stock.is_valid(value)
        mine = not any(said(value))
        if valid is not mine or (fast(value) is not valid and (is_plain(value) or not valid)):
            yield schema, value, fast(value), mine, valid


def accepted(model: Model, body: Any) -> bool:
    try:
        model.check(body)
    except InvalidRequest:
        return False
    return True


@cache
def bodies(model: Model) -> st.SearchStrategy[tuple[Model, Any]]:
    return st.tuples(st.just(model), changed(model.request, sample(model) or {"model": model.id}) | ANYTHING)


@cache
def answers(model: Model) -> st.SearchStrategy[tuple[Model, Any]]:
    whole = st.sampled_from(OTHERS).map(lambda picture: model.answered(VALUES | {"model": model.id}, [picture]))
    return st.tuples(st.just(model), whole.flatmap(lambda answer: changed(model.answer, answer)) | near(model.answer))


def test_of_every_field_of_every_model_all_validators_are_of_one_mind() -> None:
    assert len(DISTINCT) > 100
    assert [found for schema in DISTINCT.values() for found in disagreements(schema)] == []


def pictured(model: Model) -> Iterator[dict[str, Any]]:
    """Bodies of a model, each with something else in the place of a picture."""
    whole = sample(model) or {"model": model.id}
    for name in model.images:
        yield from ({**whole, name: value} for value in edges(model.request["properties"][name]))


def test_of_every_picture_of_every_model_all_validators_are_of_one_mind() -> None:
    judged = [(model, body) for model in CONTRACTS["observed"].models.values() for body in pictured(model)]

    assert len(judged) > 1000
    assert [body for model, body in judged if accepted(model, body) is not holds(model.request, body)] == []


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(MODELS).flatmap(bodies))
def test_a_body_is_accepted_just_where_jsonschema_finds_it_valid(drawn: tuple[Model, Any]) -> None:
    model, body = drawn

    assert accepted(model, body) == (not any(model.breaches(body))) == holds(model.request, body)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(MODELS).flatmap(bodies))
def test_what_the_fast_validator_takes_of_a_request_jsonschema_takes(drawn: tuple[Model, Any]) -> None:
    model, body = drawn
    fast, valid = acceptor(model.request)(body), holds(model.request, body)

    assert valid or not fast
    assert fast or not (valid and is_plain(body))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(MODELS).flatmap(answers))
def test_what_the_fast_validator_takes_of_an_answer_jsonschema_takes(drawn: tuple[Model, Any]) -> None:
    model, answer = drawn
    fast, valid = acceptor(model.answer)(answer), holds(model.answer, answer)

    assert (not any(model.answer_breaches(answer))) == valid
    assert valid or not fast
    assert fast or not (valid and is_plain(answer))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([*CONTRACTS.values()]), st.data())
def test_an_error_is_judged_as_by_jsonschema(contract: Any, data: st.DataObject) -> None:
    body = data.draw(changed(contract.error, contract.error_answered(FAILED)) | near(contract.error))
    fast, valid = acceptor(contract.error)(body), holds(contract.error, body)

    assert (not any(contract.error_breaches(body))) == valid
    assert valid or not fast
    assert fast or not (valid and is_plain(body))


NUMBER = st.sampled_from([0, 1, 2**53, 2**53 + 1, 2**63, 10**30, -1, 1.5, 1e30, 2.0**53, 2.0**63])
PLAIN: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["integer", "number", "string", "boolean", ["array", "null"], ["number", "object"]]),
        "enum": st.lists(ANYTHING, min_size=1, max_size=3),
        "const": ANYTHING,
        "minimum": NUMBER,
        "maximum": NUMBER,
        "exclusiveMinimum": NUMBER,
        "exclusiveMaximum": NUMBER,
        "minLength": st.integers(0, 2),
        "maxLength": st.integers(0, 2),
        "pattern": st.sampled_from(["^a", "a$", r"\d", r"^\w*$", "(?P<x>a)"]),
        "format": st.sampled_from(["uri", "date-time"]),
        "x-size": st.sampled_from([{}, {"minArea": 2**18}, {"maxSide": 600}]),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
        "required": st.lists(st.sampled_from(["a", "url"]), max_size=2, unique=True),
    },
)
SCHEMAS = st.recursive(
    PLAIN,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "number"]),
            "properties": st.dictionaries(st.sampled_from(["a", "url", "\ud800"]), inner, max_size=2),
            "items": inner,
            "additionalProperties": inner | st.booleans(),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=3),
            "minimum": NUMBER,
        },
    ),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(SCHEMAS.flatmap(lambda schema: st.tuples(st.just(schema), ANYTHING | near(schema))))
@example(({"maximum": 5}, math.inf))
@example(({"const": 10**30}, 1e30))
@example(({"type": "integer", "maximum": 10**30}, 1e30))
@example(({"oneOf": [{"type": "number"}, {}]}, math.inf))
@example(({"oneOf": [{"anyOf": [{"maximum": 5}]}, {}]}, -math.inf))
@example(({"pattern": "^404$"}, "404\n"))
@example(({"format": "uri"}, "//h/x"))
@example(({"enum": [1, {"a": 1}]}, True))
@example(({"enum": [1, {"a": 1}]}, {"a": True}))
@example(({"const": [0]}, [False]))
def test_under_any_schema_of_the_dialect_what_is_taken_is_valid(drawn: tuple[dict[str, Any], Any]) -> None:
    schema, value = drawn

    assert not (acceptor(schema)(value) and not holds(schema, value))
    assert (not any(find_breaches(Dialect(schema), value, {}))) == holds(schema, value)


@pytest.mark.parametrize("schema", [{"allOf": [{}]}, {"type": "strong"}, {"enum": ["\ud800"]}, {"pattern": 5}])
def test_what_the_fast_validator_cannot_judge_it_never_takes(schema: dict[str, Any]) -> None:
    assert not acceptor(schema)("a")


def test_most_of_what_is_drawn_near_a_schema_is_neither_all_valid_nor_all_wrong() -> None:
    """Else the tests above would prove little."""
    seen = {True: 0, False: 0}

    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    @given(st.sampled_from(MODELS).flatmap(bodies))
    def count(drawn: tuple[Model, Any]) -> None:
        seen[holds(drawn[0].request, drawn[1])] += 1

    count()

    assert min(seen.values()) > 30


# Base64

ENCODED = st.binary(max_size=9).map(lambda data: base64.b64encode(data).decode())


@settings(max_examples=600, deadline=None)
@given(st.text(alphabet="AQz9+/=-_ \n\u00e9", max_size=12) | ENCODED)
@example(DOT)
@example("QUJD====")
def test_base64_is_read_as_strictly_as_by_the_standard_library(text: str) -> None:
    def read(decode: Any) -> bytes | None:
        try:
            return bytes(decode(text, validate=True))
        except ValueError:
            return None

    # What some versions of the standard library pass over: padding where none is due.
    overdone = text.endswith("=") and len(text.rstrip("=")) % 4 == 0

    assert read(pybase64.b64decode) == (None if overdone else read(base64.b64decode))
