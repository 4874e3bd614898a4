"""Answers by meaning: the `x-value` keyword says what a field is, so one walk fills any answer and reads any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NOTHING = object()
CREDITS_PER_USD = 2_000_000  # docs/faq/how-can-i-track-my-funds.md, `funds-page` of sources.json


def render(schema: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """An answer of this schema's form, each field filled by its `x-value` or else its default.

    A field with neither is left out, and so is an object of which nothing would be left.
    """
    answer = _rendered(schema, values)
    return {} if answer is NOTHING else answer


def values(schema: Mapping[str, Any], answer: Any, name: str, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Pointer and value of every field of an answer that the schema says means `name`; null is no value."""
    if schema.get("x-value") == name and answer is not None:
        yield pointer, answer
    if isinstance(answer, dict):
        for key, inner in schema.get("properties", {}).items():
            if key in answer:
                yield from values(inner, answer[key], name, f"{pointer}/{key}")
    if isinstance(answer, list) and "items" in schema:
        for index, item in enumerate(answer):
            yield from values(schema["items"], item, name, f"{pointer}/{index}")


def find(schema: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The part of a schema whose `x-value` is `name`, or None."""
    if schema.get("x-value") == name:
        return schema
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return next((found for part in inner if (found := find(part, name))), None)


def _rendered(schema: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    if "x-value" in schema:
        return values.get(schema["x-value"], schema.get("default", NOTHING))
    if "properties" in schema:
        fields = {key: _rendered(inner, values) for key, inner in schema["properties"].items()}
        return {key: value for key, value in fields.items() if value is not NOTHING} or NOTHING
    if "items" in schema:
        item = _rendered(schema["items"], values)
        return NOTHING if item is NOTHING else [item]
    return schema.get("default", NOTHING)
