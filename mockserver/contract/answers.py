"""Answers by meaning: the `x-value` keyword says what a field is, so one walk fills any answer and reads any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .inputs import admits

NOTHING = object()
FORMS = ("url", "b64_json")
CREDITS_PER_USD = 2_000_000  # docs/faq/how-can-i-track-my-funds.md, `funds-page` of sources.json


Values = Mapping[str, Any]
Pictures = Sequence[Values]
Template = Callable[[Values, Pictures], Any]
NO_PICTURE: Pictures = ({},)


def render(schema: Mapping[str, Any], values: Values, pictures: Pictures = ()) -> Any:
    """An answer of this schema's form, each field filled by its `x-value` or else its default.

    A field with neither is left out, and so is an object of which nothing would be left. `pictures` has the values of
    each picture: the array of pictures has an element for each, and an answer without one has the first.
    """
    return template(schema)(values, pictures)


def template(schema: Mapping[str, Any]) -> Template:
    """What `render` makes of this schema's form, for whoever fills it more than once."""
    made = _template(schema)

    def answer(values: Values, pictures: Pictures = ()) -> Any:
        filled = made(values, pictures or NO_PICTURE)
        return {} if filled is NOTHING else filled

    return answer


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


def _template(schema: Mapping[str, Any]) -> Template:
    default = schema.get("default", NOTHING)
    if "x-value" in schema:
        return _value(schema["x-value"], default)
    if "properties" in schema:
        return _fields([(key, _template(inner)) for key, inner in schema["properties"].items()], default)
    if "items" in schema:
        return _items(schema["items"], default)
    return _first([_template(branch) for branch in schema.get("anyOf", ())], default)


def _value(name: str, default: Any) -> Template:
    def fill(values: Values, pictures: Pictures) -> Any:
        return values[name] if name in values else pictures[0].get(name, default)

    return fill


def _fields(fields: Sequence[tuple[str, Template]], default: Any) -> Template:
    def fill(values: Values, pictures: Pictures) -> Any:
        made = {}
        for key, inner in fields:
            value = inner(values, pictures)
            if value is not NOTHING:
                made[key] = value
        return made or default

    return fill


def _items(item: Mapping[str, Any], default: Any) -> Template:
    each, of_pictures = _template(item), any(find(item, form) for form in FORMS)

    def fill(values: Values, pictures: Pictures) -> Any:
        several = pictures if of_pictures else NO_PICTURE
        made = [each({**values, **picture}, NO_PICTURE) for picture in several]
        return default if any(value is NOTHING for value in made) else made

    return fill


def _first(branches: Sequence[Template], default: Any) -> Template:
    def fill(values: Values, pictures: Pictures) -> Any:
        made = (branch(values, pictures) for branch in branches)
        return next((value for value in made if value is not NOTHING), default)

    return fill
