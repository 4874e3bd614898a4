"""What drift says is held to another judge: a validator that finds a value which one schema takes and the other not."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pixelpact.sources.drift.classes import judged
from pixelpact.sources.drift.compare import Comparison, compare
from pixelpact.sources.drift.reading import side_of
from pixelpact.sources.drift.schemas import schema_changes
from pixelpact.sources.drift.values import Place, Severity
from pixelpact.sources.openapi.spec import Found

NAMES = ("size", "image", "seed", "usage")
WORDS = ("a", "b", "abc", "abcdef")
Schema = dict[str, Any]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "string", "#/x", "a"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "items", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def optional(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    return st.fixed_dictionaries({}, optional=keywords)


def typed(kind: str, keywords: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return keywords.map(lambda drawn: {"type": kind, **drawn})


BOUND = st.integers(0, 4)
SIMPLE = st.one_of(
    typed("string", optional(minLength=BOUND, maxLength=BOUND)),
    typed("string", optional(enum=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True))),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map(lambda values: {"enum": values}),
    typed("integer", optional(minimum=BOUND, maximum=BOUND, multipleOf=st.integers(1, 3))),
    typed("number", optional(minimum=BOUND, exclusiveMinimum=BOUND, maximum=BOUND, exclusiveMaximum=BOUND)),
    st.sampled_from(
        [{"type": "boolean"}, {"type": ["string", "null"]}, {}, {"const": "a"}, {"type": ["integer", "string"]}]
    ),
)


def composed(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    names = st.lists(st.sampled_from(NAMES), unique=True)
    fields = st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    return st.one_of(
        typed("array", optional(items=inner, minItems=st.integers(0, 2), maxItems=st.integers(0, 2))),
        typed("object", optional(properties=fields, required=names, additionalProperties=st.booleans() | inner)),
        st.lists(inner, min_size=1, max_size=3).map(lambda branches: {"anyOf": branches}),
    )


SCHEMAS = st.recursive(SIMPLE, composed, max_leaves=5)
SCALARS = st.none() | st.booleans() | st.integers(-1, 5) | st.sampled_from([0.5, 2.5, "", *WORDS])


@st.composite
def tweaked(draw: st.DrawFn, schema: Schema) -> Schema:
    """A schema that differs from another in one place, or in some."""
    if draw(st.integers(0, 3)) == 0:
        return draw(SCHEMAS)
    kept = {key: value for key, value in schema.items() if key in ("type", "anyOf") or draw(st.integers(0, 4))}
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = draw(tweaked(kept[key]))
    if "properties" in kept:
        kept["properties"] = {
            name: draw(tweaked(field)) for name, field in kept["properties"].items() if draw(st.integers(0, 4))
        }
    if "anyOf" in kept:
        kept["anyOf"] = [draw(tweaked(branch)) for branch in kept["anyOf"]]
    return kept


@st.composite
def fitting(draw: st.DrawFn, schema: Schema) -> Any:
    """A value that a schema probably takes."""
    schema = draw(st.sampled_from(schema["anyOf"])) if "anyOf" in schema else schema
    if isinstance(schema.get("items"), dict):
        return draw(st.lists(fitting(schema["items"]), max_size=3))
    if schema.get("type") == "object":
        fields = schema.get("properties", {})
        names = [*schema.get("required", ()), *(name for name in fields if draw(st.booleans()))]
        return {name: draw(fitting(fields.get(name, {}))) for name in dict.fromkeys(names)}
    return draw(st.sampled_from(schema["enum"]) if "enum" in schema else SCALARS)


@st.composite
def drifts(draw: st.DrawFn) -> tuple[Schema, Schema, Any]:
    """A schema, a later one, and a value that the first takes."""
    old = draw(SCHEMAS)
    return old, draw(tweaked(old)), draw(fitting(old))


def accepted(schema: Schema, value: Any) -> bool:
    return bool(Draft202012Validator(schema).is_valid(value))


def worst(old: Schema, new: Schema, part: str) -> Severity:
    findings = [judged(change) for change in schema_changes(old, new, Place(part))]
    return max((finding.severity for finding in findings), default=Severity.HARMLESS)


def closed(schema: Any) -> Any:
    """A schema whose objects have the fields that it names: what else an open one admits, nobody relies on."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {
        key: {name: closed(field) for name, field in value.items()} if key == "properties" else closed(value)
        for key, value in schema.items()
    }
    is_open = schema.get("type") == "object" and not isinstance(schema.get("additionalProperties"), dict)
    fields = {name: {} for name in schema.get("required", ())} | inner.get("properties", {}) if is_open else {}
    return {**inner, "properties": fields, "additionalProperties": False} if is_open else inner


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=drifts())
def test_a_request_that_is_refused_only_now_is_a_breaking_change(drawn: tuple[Schema, Schema, Any]) -> None:
    old, new, value = drawn
    assume(accepted(old, value) and accepted(closed(old), value) and not accepted(new, value))
    assert worst(old, new, "request") is Severity.BREAKING


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=drifts())
def test_an_answer_that_could_not_come_before_is_no_harmless_change(drawn: tuple[Schema, Schema, Any]) -> None:
    new, old, value = drawn
    assume(accepted(new, value) and accepted(closed(new), value) and not accepted(old, value))
    assert worst(old, new, "answer 200") is not Severity.HARMLESS


@settings(max_examples=200, deadline=None)
@given(schema=SCHEMAS)
def test_a_schema_differs_from_itself_in_nothing(schema: Schema) -> None:
    assert list(schema_changes(schema, json.loads(json.dumps(schema)), Place("request"))) == []


REQUEST: Schema = {
    "type": "object",
    "required": ["model", "prompt"],
    "properties": {
        "model": {"enum": ["one/two"]},
        "prompt": {"type": "string", "maxLength": 40, "description": "At most 40 characters."},
        "image_size": {"anyOf": [{"type": "string", "enum": ["square"], "default": "square"}, {"type": "object"}]},
        "image_urls": {"type": "array", "items": {"type": "string", "format": "uri"}, "maxItems": 4},
        "n": {"type": "integer", "nullable": True, "minimum": 0, "exclusiveMinimum": True},
    },
}
OPERATION = {
    "requestBody": {"content": {"application/json": {"schema": REQUEST}}},
    "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {"data": {}}}}}}},
    "security": [{"key": []}],
    "parameters": [{"in": "header", "name": "X-Trace", "schema": {"type": "string"}}],
    "tags": ["Images"],
}
DOCUMENT = {
    "openapi": "3.0.0",
    "servers": [{"url": "https://api.example"}],
    "paths": {"/v1/images/generations": {"post": OPERATION}},
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
}


def pointers(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [here, *(below for key, value in inside for below in pointers(value, (*here, key)))]


def planted(node: Any, where: tuple[Any, ...], value: Any) -> Any:
    if not where:
        return value
    copy = node.copy()
    copy[where[0]] = planted(node[where[0]], where[1:], value)
    return copy


@settings(max_examples=400, deadline=None)
@given(where=st.sampled_from(pointers(DOCUMENT)), junk=JUNK)
def test_a_document_with_junk_anywhere_is_compared_or_refused(where: tuple[Any, ...], junk: Any) -> None:
    documents = (DOCUMENT, planted(DOCUMENT, where, junk))
    one, other = (side_of("", [Found("a.json", json.dumps(document).encode())]) for document in documents)
    comparisons = [compare(one, other), compare(other, one)]
    assert all(isinstance(comparison, Comparison) for comparison in comparisons)
