"""Answers by meaning: the `x-value` keyword says what a field is, so one walk fills any answer and reads any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .inputs import admits

NOTHING = object()
FORMS = ("url", "b64_json")
CREDITS_PER_USD = 2_000_000  # docs/faq/how-can-i-track-my-funds.md, `funds-page` of sources.json


Values = Mapping[str, Any]


def render(schema: Mapping[str, Any], values: Values, pictures: Sequence[Values] = ()) -> Any:
    """An answer of this schema's form, each field filled by its `x-value` or else its default.

    A field with neither is left out, and so is an object of which nothing would be left. `pictures` has the values of
    each picture: the array of pictures has an element for each, and an answer without one has the first.
    """
    answer = _rendered(schema, values, pictures or ({},))
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
    for branch in schema.get("anyOf", ()):
        if admits(branch, answer):
            yield from values(branch, answer, name, pointer)


def find(schema: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The part of a schema whose `x-value` is `name`, or None."""
    if schema.get("x-value") == name:
        return schema
    items = [schema["items"]] if "items" in schema else []
    inner = [*schema.get("properties", {}).values(), *items, *schema.get("anyOf", ())]
    return next((found for part in inner if (found := find(part, name))), None)


def _rendered(schema: Mapping[str, Any], values: Values, pictures: Sequence[Values]) -> Any:
    if "x-value" in schema:
        return {**pictures[0], **values}.get(schema["x-value"], schema.get("default", NOTHING))
    if "properties" in schema:
        fields = {key: _rendered(inner, values, pictures) for key, inner in schema["properties"].items()}
        return {key: value for key, value in fields.items() if value is not NOTHING} or schema.get("default", NOTHING)
    if "items" in schema:
        return _items(schema, values, pictures)
    branches = (_rendered(branch, values, pictures) for branch in schema.get("anyOf", ()))
    return next((made for made in branches if made is not NOTHING), schema.get("default", NOTHING))


def _items(schema: Mapping[str, Any], values: Values, pictures: Sequence[Values]) -> Any:
    item = schema["items"]
    several = pictures if any(find(item, form) for form in FORMS) else ({},)
    made = [_rendered(item, {**values, **each}, ({},)) for each in several]
    return schema.get("default", NOTHING) if NOTHING in made else made
