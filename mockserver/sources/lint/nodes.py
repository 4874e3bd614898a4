"""The schemas of a specification's operations as they stand in it, each with its pointer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..normal import Place, TooLarge, resolved, schema
from ..spec import Operation, Spec

# A keyword of another type than this is left out: that it is malformed is said of the whole schema.
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("properties", "items"), (dict,)),
    **dict.fromkeys(("enum", "required", "anyOf", "oneOf", "allOf"), (list,)),
    **dict.fromkeys(("description", "format"), (str,)),
    **dict.fromkeys(("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"), (int, float)),
}
NAMED = ("properties",)
LISTED = ("anyOf", "oneOf", "allOf")
SINGLE = ("items", "not", "additionalProperties")
DEEPEST = 60


@dataclass(frozen=True)
class Node:
    """One schema: its name is that of the property it describes, empty for a root or a branch."""

    name: str
    pointer: str
    raw: dict[str, Any]
    answer: bool
    depth: int = 0


def unheard(_: str, __: str) -> None:
    """Report nothing: what cannot be followed was reported when the specification was read."""


def start(spec: Spec, pointer: str = "") -> Place:
    """The place of a pointer in a specification."""
    return Place(spec.document, unheard, modern=not spec.version.startswith("3.0"), pointer=pointer)


def nodes(spec: Spec) -> Iterator[Node]:
    """Every schema that an operation's requests and answers use, each once."""
    seen: set[str] = set()
    for operation in spec.operations:
        for raw, place, answer in _roots(spec, operation):
            yield from _inside("", raw, place, answer, seen, 0)


def today(raw: Any, place: Place) -> dict[str, Any]:
    """A schema as 2020-12, complete in itself; one that is too large for that allows everything."""
    try:
        return schema(raw, place)
    except TooLarge:
        return {}


def bodies(spec: Spec, operation: Operation) -> Iterator[tuple[str, dict[str, Any], Place, bool]]:
    """Media type, content and place of each body; true for those of answers."""
    roots = [("requestBody", operation.raw.get("requestBody"), False)]
    responses = operation.raw.get("responses")
    statuses = responses if isinstance(responses, dict) else {}
    answers = [(status, body, True) for status, body in statuses.items()]
    for key, body, answer in (*roots, *answers):
        inside = start(spec, operation.pointer).inside(*(("responses", key) if answer else (key,)))
        found, place = resolved(body, inside)
        content = found.get("content") if isinstance(found, dict) else None
        for media, part in content.items() if isinstance(content, dict) else ():
            if isinstance(part, dict):
                yield media, part, place.inside("content", media), answer


def _roots(spec: Spec, operation: Operation) -> Iterator[tuple[Any, Place, bool]]:
    for _, part, place, answer in bodies(spec, operation):
        if "schema" in part:
            yield part["schema"], place.inside("schema"), answer


def _inside(name: str, raw: Any, place: Place, answer: bool, seen: set[str], depth: int) -> Iterator[Node]:
    found, place = resolved(raw, place)
    if not isinstance(found, dict) or place.pointer in seen or depth > DEEPEST:
        return
    seen.add(place.pointer)
    raw = {key: value for key, value in found.items() if isinstance(value, KINDS.get(key, (object,)))}
    yield Node(name, place.pointer, raw, answer, depth)
    for inner, value, there in _members(found, place):
        yield from _inside(inner, value, there, answer, seen, depth + 1)


def _members(raw: dict[str, Any], place: Place) -> Iterator[tuple[str, Any, Place]]:
    for key in NAMED:
        fields = raw.get(key)
        for name, value in fields.items() if isinstance(fields, dict) else ():
            yield str(name), value, place.inside(key, name)
    for key in LISTED:
        branches = raw.get(key)
        for index, value in enumerate(branches if isinstance(branches, list) else ()):
            yield "", value, place.inside(key, index)
    for key in SINGLE:
        if isinstance(raw.get(key), dict):
            yield "", raw[key], place.inside(key)
