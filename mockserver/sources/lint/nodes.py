"""The schemas of a specification's operations as they stand in it, each with its pointer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..openapi.pointers import escaped
from ..openapi.schemas import Place, TooLarge, resolved, schema
from ..openapi.spec import Operation, Spec, contents

# A keyword of another type than this is left out: that it is malformed is said of the whole schema.
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("properties", "items"), (dict,)),
    **dict.fromkeys(("enum", "required", "anyOf", "oneOf", "allOf"), (list,)),
    **dict.fromkeys(("description", "format"), (str,)),
    **dict.fromkeys(("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"), (int, float)),
}
DEEPEST = 60


@dataclass(frozen=True)
class Node:
    """One schema: its name is that of the property it describes, empty for a root or a branch."""

    name: str
    pointer: str
    raw: dict[str, Any]
    answer: bool

    @property
    def called(self) -> str:
        """What a finding calls it."""
        return f"`{self.name}`" if self.name else "a schema"


def nodes(spec: Spec) -> Iterator[Node]:
    """Every schema that an operation's requests and answers use, each once."""
    seen: set[str] = set()
    for operation in spec.operations:
        for part, place, answer in bodies(spec, operation):
            yield from _inside("", part.get("schema"), place.inside("schema"), answer, seen, 0)


def today(raw: Any, place: Place) -> dict[str, Any]:
    """A schema as 2020-12, complete in itself; one that is too large for that allows everything."""
    try:
        return schema(raw, place)
    except TooLarge:
        return {}


def bodies(spec: Spec, operation: Operation) -> Iterator[tuple[dict[str, Any], Place, bool]]:
    """Content and place of each body by its media types; true for those of answers."""
    body, place = resolved(operation.raw.get("requestBody"), spec.at(operation.pointer).inside("requestBody"))
    yield from ((part, there, False) for _, part, there in contents(body, place))
    for _, response, place in responses(spec, operation):
        yield from ((part, there, True) for _, part, there in contents(response, place))


def spec_answers(spec: Spec) -> Iterator[tuple[str, dict[str, Any], Place]]:
    """Media type, content and place of each body that is answered."""
    for operation in spec.operations:
        for _, response, place in responses(spec, operation):
            yield from contents(response, place)


def examples(part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The examples of a body, each with its pointer in it."""
    if "example" in part:
        yield "example", part["example"]
    named = part.get("examples")
    for name, entry in named.items() if isinstance(named, dict) else ():
        if isinstance(entry, dict) and "value" in entry:
            yield f"examples{escaped(name)}/value", entry["value"]


def responses(spec: Spec, operation: Operation) -> Iterator[tuple[str, Any, Place]]:
    """Each response with its status and place, its reference followed."""
    listed = operation.raw.get("responses")
    inside = spec.at(operation.pointer).inside("responses")
    for status, response in listed.items() if isinstance(listed, dict) else ():
        found, place = resolved(response, inside.inside(status))
        yield status, found, place


def _inside(name: str, raw: Any, place: Place, answer: bool, seen: set[str], depth: int) -> Iterator[Node]:
    found, place = resolved(raw, place)
    if not isinstance(found, dict) or place.pointer in seen or depth > DEEPEST:
        return
    seen.add(place.pointer)
    raw = {key: value for key, value in found.items() if isinstance(value, KINDS.get(key, (object,)))}
    yield Node(name, place.pointer, raw, answer)
    for inner, value, there in _members(raw, place):
        yield from _inside(inner, value, there, answer, seen, depth + 1)


def _members(raw: dict[str, Any], place: Place) -> Iterator[tuple[str, Any, Place]]:
    for name, value in raw.get("properties", {}).items():
        yield name, value, place.inside("properties", name)
    for key in ("anyOf", "oneOf", "allOf"):
        for index, value in enumerate(raw.get(key, ())):
            yield "", value, place.inside(key, index)
    for key in ("items", "not", "additionalProperties"):
        yield "", raw.get(key), place.inside(key)
