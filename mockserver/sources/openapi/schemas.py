"""Schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12: references replaced, the forms of 3.0 turned into today's.

Nothing else follows a `$ref` of a specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from .pointers import escaped, unescaped

# The docs have schemas of some hundreds of parts and eight levels; past these, references multiply each other, or
# whoever walks the schema runs out of stack.
MOST_PARTS = 50_000
DEEPEST = 24
NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
LISTED = ("anyOf", "oneOf", "allOf", "prefixItems")
SINGLE = ("items", "not", "additionalProperties", "contains", "propertyNames", "if", "then", "else")
BOUNDS: dict[str, Callable[[Any, Any], Any]] = {
    "minimum": max,
    "minLength": max,
    "minItems": max,
    "maximum": min,
    "maxLength": min,
    "maxItems": min,
}
# Of what kind a keyword's value has to be, so that nobody has to ask again.
KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(NAMED, dict),
    **dict.fromkeys((*LISTED, "enum", "required"), list),
    **dict.fromkeys(SINGLE, (dict, bool)),
    "type": (str, list),
}
Report = Callable[[str, str], None]


class TooLarge(Exception):
    """A schema of more than MOST_PARTS parts, once its references are replaced."""


@dataclass
class Budget:
    """How many parts a schema may still have, and whether it was said that it is cut somewhere."""

    left: int = MOST_PARTS
    cut: bool = False

    def spend(self) -> None:
        """Count one part. Raises TooLarge."""
        self.left -= 1
        if self.left < 0:
            raise TooLarge


@dataclass(frozen=True)
class Place:
    """Where the reading of a document stands, and the references that led there. `modern`: the document is 3.1."""

    document: Mapping[str, Any]
    report: Report
    modern: bool
    pointer: str = ""
    trail: tuple[str, ...] = ()
    depth: int = 0
    budget: Budget = field(default_factory=Budget)

    def inside(self, *keys: object) -> Place:
        """The place of a member."""
        return replace(self, pointer=self.pointer + "".join(map(escaped, keys)))

    def problem(self, reason: str) -> None:
        """Say that something here cannot be understood."""
        self.report(self.pointer, reason)


def resolved(node: Any, place: Place) -> tuple[Any, Place]:
    """What stands at a place, or what the reference there names; None where it names nothing, which is reported."""
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        reference = node["$ref"]
        if reference in place.trail:
            place.problem(f"the reference {reference!r} leads back to itself")
            return None, place
        found = list(_lookup(place.document, reference))
        if not found:
            place.problem(_dangling(reference))
            return None, place
        node = _beside(node, found[0], place)
        place = replace(place, pointer=reference[1:], trail=(*place.trail, reference))
    return node, place


def schema(node: Any, place: Place) -> dict[str, Any]:
    """A schema as 2020-12, complete in itself. What cannot be understood is reported and allows everything."""
    place.budget.spend()
    if place.depth > DEEPEST:
        if not place.budget.cut:
            place.problem(f"nested deeper than {DEEPEST} levels: cut there")
            place.budget.cut = True
        return {}
    if isinstance(node, bool):
        return {} if node else {"not": {}}
    node, place = resolved(node, replace(place, depth=place.depth + 1))
    if node is None:
        return {}
    if not isinstance(node, dict):
        place.problem(f"a schema is an object, not {type(node).__name__}")
        return {}
    held = {key: value for key, value in node.items() if _is_of_kind(key, value, place.inside(key))}
    inner = {key: _member(key, value, place.inside(key)) for key, value in held.items()}
    return _merged(_modern(inner))


def _is_of_kind(key: str, value: Any, place: Place) -> bool:
    if key not in KINDS or isinstance(value, KINDS[key]):
        return True
    place.problem(f"`{key}` cannot be {type(value).__name__}: left out")
    return False


def _lookup(document: Any, reference: str) -> Iterator[Any]:
    if reference != "#" and not reference.startswith("#/"):
        return
    node = document
    for step in reference[1:].split("/")[1:]:
        key = unescaped(unquote(step))
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        else:
            return
    yield node


def _dangling(reference: str) -> str:
    if reference.startswith("#"):
        return f"the reference {reference!r} names nothing"
    return f"the reference {reference!r} leads out of the document: only references inside it are followed"


def _beside(node: Mapping[str, Any], target: Any, place: Place) -> Any:
    # OpenAPI 3.0 ignores what stands beside a reference; 3.1 lays it over.
    own = {key: value for key, value in node.items() if key != "$ref"} if place.modern else {}
    return {**target, **own} if own and isinstance(target, dict) else target


def _member(key: str, value: Any, place: Place) -> Any:
    if key in NAMED and isinstance(value, dict):
        return {name: schema(inner, place.inside(name)) for name, inner in value.items()}
    if key in LISTED and isinstance(value, list):
        return [schema(inner, place.inside(index)) for index, inner in enumerate(value)]
    if key in SINGLE and isinstance(value, dict):
        return schema(value, place)
    return value


def _modern(node: Mapping[str, Any]) -> dict[str, Any]:
    """A schema in the words of 2020-12. What is of OpenAPI 3.0 alone is meant as there wherever it stands."""
    schema = dict(node)
    if "example" in schema:
        schema = {("examples" if key == "example" else key): value for key, value in schema.items()}
        schema["examples"] = [schema["examples"]]
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool):
            schema = _with_bound(schema, exclusive, bound)
    if schema.pop("nullable", False) is True:
        schema = _with_null(schema)
    return schema


def _with_bound(schema: Mapping[str, Any], exclusive: str, bound: str) -> dict[str, Any]:
    plain = {key: value for key, value in schema.items() if key != exclusive}
    if schema[exclusive] and bound in plain:
        return {(exclusive if key == bound else key): value for key, value in plain.items()}
    return plain


def _with_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A nullable schema. `nullable` alone, without a type, allows everything as it is."""
    result = dict(schema)
    if isinstance(result.get("type"), str):
        result["type"] = [result["type"], "null"]
    if isinstance(result.get("enum"), list) and None not in result["enum"]:
        result["enum"] = [*result["enum"], None]
    for key in ("anyOf", "oneOf"):
        if "type" not in result and isinstance(result.get(key), list):
            result[key] = [*result[key], {"type": "null"}]
    return result


def _merged(node: dict[str, Any]) -> dict[str, Any]:
    """A schema without `allOf`, where its parts go together; else as it is."""
    if not isinstance(node.get("allOf"), list):
        return node
    result: dict[str, Any] = {}
    for part in [*node["allOf"], {key: value for key, value in node.items() if key != "allOf"}]:
        together = _together(result, part) if isinstance(part, dict) else None
        if together is None:
            return node
        result = together
    return result


def _together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any] | None:
    """Both schemas as one, the annotations of the second winning; None where they clash."""
    result = dict(one)
    for key, value in other.items():
        mine = result.get(key, value)
        if key == "properties":
            clash = [name for name in value if mine.get(name, value[name]) != value[name]]
            if clash:
                return None
            result[key] = {**mine, **value}
        elif key == "required":
            result[key] = [*mine, *(name for name in value if name not in mine)] if mine is not value else value
        elif key in BOUNDS and all(isinstance(bound, (int, float)) for bound in (mine, value)):
            result[key] = BOUNDS[key](mine, value)
        elif key == "enum":
            result[key] = [item for item in mine if item in value]
        elif key in ("title", "description", "examples", "default", "deprecated") or mine == value:
            result[key] = value
        else:
            return None
    return result
