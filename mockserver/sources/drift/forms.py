"""The forms that a schema allows, one for each type: what `type`, a list of types, `anyOf` and `enum` say alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .parts import CHOICES, NOTES, branches
from .values import Schema

ANY, NULL = "any", "null"
TYPES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): NULL,
}


@dataclass(frozen=True)
class Form:
    """One type that a schema allows, and what it asks of values of that type."""

    type: str
    schema: Schema


@dataclass(frozen=True)
class Pairs:
    """The forms of two schemas: those of one type on both sides, those that only one side has."""

    both: tuple[tuple[Form, Form], ...]
    lost: tuple[Form, ...]
    gained: tuple[Form, ...]


def forms(schema: Schema) -> tuple[Form, ...]:
    """Every form of a schema, in its own order."""
    return tuple(_forms({key: value for key, value in schema.items() if key not in NOTES}))


def types(found: tuple[Form, ...]) -> str:
    """The types of forms in words."""
    return " or ".join(dict.fromkeys(form.type for form in found))


def paired(old: Schema, new: Schema) -> Pairs:
    """The forms of two schemas beside each other; alike ones find each other first."""
    mine, theirs = forms(old), forms(new)
    both = [(form, theirs[theirs.index(form)]) for form in mine if form in theirs]
    left = [form for form in mine if form not in theirs]
    right = [form for form in theirs if form not in mine]
    for kind in dict.fromkeys(form.type for form in left):
        ours, others = ([form for form in side if form.type == kind] for side in (left, right))
        met = list(zip(ours, others, strict=False))
        both += met
        left = [form for form in left if form not in [one for one, _ in met]]
        right = [form for form in right if form not in [other for _, other in met]]
    if len(left) == len(right) == 1 and _contain(left[0].type, right[0].type):
        return Pairs((*both, (left[0], right[0])), (), ())
    return Pairs(tuple(both), tuple(left), tuple(right))


def contains(wide: str, narrow: str) -> bool:
    """Whether every value of one type is of the other."""
    return wide == ANY or (wide, narrow) == ("number", "integer")


def _contain(one: str, other: str) -> bool:
    return contains(one, other) or contains(other, one)


def _forms(schema: Schema) -> Iterator[Form]:
    choice = branches(schema)
    if choice is None:
        yield from (Form(kind, _own(schema, kind)) for kind in _kinds(schema))
        return
    base = {key: value for key, value in schema.items() if key not in CHOICES}
    for branch in choice:
        yield from _forms({**base, **branch})


def _own(schema: Schema, kind: str) -> Schema:
    """What a schema asks of one of its types."""
    if kind == NULL:
        return {}
    own = {key: value for key, value in schema.items() if key != "type"}
    if isinstance(own.get("enum"), list):
        own["enum"] = [value for value in own["enum"] if value is not None]
    return own


def _kinds(schema: Schema) -> list[str]:
    stated = schema.get("type")
    if isinstance(stated, str):
        return [stated]
    if isinstance(stated, list):
        return [kind for kind in stated if isinstance(kind, str)]
    return _implied(schema)


def _implied(schema: Mapping[str, Any]) -> list[str]:
    """The types that a schema without `type` can only have, by its values or its fields."""
    if "const" in schema or isinstance(schema.get("enum"), list):
        values = schema["enum"] if isinstance(schema.get("enum"), list) else [schema.get("const")]
        return list(dict.fromkeys(TYPES[type(value)] for value in values)) or [ANY]
    implied = [kind for kind, key in (("object", "properties"), ("array", "items")) if key in schema]
    return implied or [ANY]
