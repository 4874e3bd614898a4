"""The pictures in a request's body: found wherever the schema says `x-image`, in fields, arrays and objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "object": dict,
    "array": list,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


@dataclass(frozen=True)
class InputPicture:
    """One picture of a body: a string, or the object that an uploaded file becomes.

    `pointer` is its place without the leading slash: `image`, or `image_urls/0`; `field` is the top of that.
    """

    field: str
    pointer: str
    rule: Mapping[str, Any]
    value: str | Mapping[str, Any]


def fields(request: Schema) -> tuple[tuple[str, Schema], ...]:
    """The fields that may hold pictures, and their schemas; the edited field first."""
    named = ((field, request["properties"][field]) for field in _fields(request))
    return tuple((field, schema) for field, schema in named if any(_rules(schema)))


def inputs_of(fields: Sequence[tuple[str, Schema]], body: Mapping[str, Any]) -> Iterator[InputPicture]:
    """Every picture in those fields of a body."""
    for field, schema in fields:
        if field in body:
            yield from _inside(field, field, schema, body[field])


def is_reached(request: Schema) -> bool:
    """Whether `inputs_of` finds every picture that the schema has a rule for.

    If so, a body that keeps to all but these rules, and whose pictures keep to theirs, keeps to the schema.
    """
    others = {keyword: rule for keyword, rule in request.items() if keyword != "properties"}
    return not _mentions(others) and all(map(_is_reached, request["properties"].values()))


def rules(request: Schema) -> dict[str, Mapping[str, Any]]:
    """The first `x-image` rule of each field that has one anywhere, the edited field first."""
    found = ((field, next(_rules(request["properties"][field]), None)) for field in _fields(request))
    return {field: rule for field, rule in found if rule is not None}


def admits(schema: Schema, value: Any) -> bool:
    """Whether a value is of a type that the schema takes; a schema without type takes any."""
    kinds = schema.get("type", list(KINDS))
    known = [kinds] if isinstance(kinds, str) else kinds
    # In Python a boolean is an integer.
    wanted = ["boolean"] if isinstance(value, bool) else [kind for kind in known if kind != "boolean"]
    return any(kind in known and isinstance(value, KINDS[kind]) for kind in wanted)


def _fields(request: Schema) -> list[str]:
    edited = request.get("x-edit", {}).get("input")
    return sorted(request["properties"], key=lambda field: field != edited)


def _rules(schema: Schema) -> Iterator[Mapping[str, Any]]:
    if "x-image" in schema:
        yield schema["x-image"]
    for inner in _parts(schema):
        yield from _rules(inner)


def _parts(schema: Schema) -> list[Schema]:
    items = [schema["items"]] if "items" in schema else []
    return [*items, *schema.get("anyOf", ()), *schema.get("properties", {}).values()]


def _is_reached(schema: Any) -> bool:
    if not _mentions(schema):
        return True
    if "x-image" in schema:
        return not _mentions({keyword: rule for keyword, rule in schema.items() if keyword != "x-image"})
    walked = ("properties", "items", "anyOf")
    if _mentions({keyword: rule for keyword, rule in schema.items() if keyword not in walked}):
        return False
    return _is_told_apart(schema.get("anyOf", ())) and all(map(_is_reached, _parts(schema)))


def _mentions(node: Any) -> bool:
    """Whether there is a rule for pictures anywhere in a schema; where that comes from is no rule."""
    if isinstance(node, Mapping):
        return "x-image" in node or any(_mentions(inner) for keyword, inner in node.items() if keyword != "x-source")
    return isinstance(node, list) and any(map(_mentions, node))


def _is_told_apart(branches: Sequence[Schema]) -> bool:
    """Whether no two branches take a value of the same type."""
    kinds = [[kind] if isinstance(kind, str) else kind for kind in (branch.get("type", [""]) for branch in branches)]
    whole = ["number" if kind == "integer" else kind for each in kinds for kind in dict.fromkeys(each)]
    return "" not in whole and len(set(whole)) == len(whole)


def _inside(field: str, pointer: str, schema: Schema, value: Any) -> Iterator[InputPicture]:
    if "x-image" in schema and isinstance(value, (str, dict)):
        yield InputPicture(field, pointer, schema["x-image"], value)
        return
    branch = next((branch for branch in schema.get("anyOf", ()) if admits(branch, value)), None)
    if branch is not None:
        yield from _inside(field, pointer, branch, value)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _inside(field, f"{pointer}/{index}", schema["items"], item)
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from _inside(field, f"{pointer}/{name}", inner, value[name])
