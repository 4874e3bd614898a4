"""Hypothesis strategies compiled from a schema. Nothing else draws values; jsonschema judges what they draw."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..contract.models import Model
from .boundary import input_sizes
from .case import SILENT, Schema, UnknownKeyword, base_body, data_uri, plain_size, refuse_others

Strategy = SearchStrategy[Any]
# What each compiler honours: a keyword beyond these is refused, never ignored.
HONOURED = {
    "string": {"minLength", "maxLength"},
    "integer": {"minimum", "maximum"},
    "number": {"minimum", "maximum"},
    "boolean": set[str](),
    "null": set[str](),
}
# Kept small: every accepted body costs the server a picture.
LONGEST_TEXT = 60
LARGEST_SIDE = 4096
SMALL_AREA = 700_000


def bodies(model: Model) -> Strategy:
    """Bodies that the model accepts: the required fields and any of the others."""
    required = model.request["required"]
    fields = {name: values(schema) for name, schema in model.request["properties"].items() if _says(schema)}
    optional = {name: strategy for name, strategy in fields.items() if name not in required}
    return st.fixed_dictionaries({name: fields[name] for name in required}, optional=optional)


def wild_bodies(model: Model) -> Strategy:
    """Accepted bodies of which one field may be anything at all: the contract says whether they are still accepted."""
    fields = [name for name, schema in model.request["properties"].items() if "x-image" not in schema and _says(schema)]
    changes = st.tuples(st.sampled_from(fields), JSON)
    return changes.map(lambda change: {**base_body(model), change[0]: change[1]})


def values(schema: Schema) -> Strategy:
    """Values that a field's schema accepts. Raises UnknownKeyword."""
    for keyword, compiled in FORMS.items():
        if keyword in schema:
            refuse_others(schema, {"type", keyword})
            return compiled(schema)
    kinds: list[Any] = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
    unknown = [kind for kind in kinds if kind not in TYPED]
    if unknown:
        raise UnknownKeyword(tuple(f"type {kind}" for kind in unknown), schema.get("description", "a schema"))
    refuse_others(schema, {"type"}.union(*(HONOURED[kind] for kind in kinds)))
    return st.one_of(*(TYPED[kind](schema) for kind in kinds))


def _says(schema: Schema) -> bool:
    """Whether a field's schema has any rule; one without is read but never promised anything."""
    return bool(schema.keys() - SILENT)


def _strings(schema: Schema) -> Strategy:
    least = schema.get("minLength", 0)
    return st.text(min_size=least, max_size=min(schema.get("maxLength", LONGEST_TEXT), max(LONGEST_TEXT, least)))


def _integers(schema: Schema) -> Strategy:
    least, most = schema.get("minimum", -(2**31)), schema.get("maximum", 2**31 - 1)
    return st.one_of(st.integers(least, most), st.sampled_from([least, most]))


def _numbers(schema: Schema) -> Strategy:
    least, most = schema.get("minimum", -1e6), schema.get("maximum", 1e6)
    whole = math.ceil(least), math.floor(most)
    return st.one_of(st.floats(least, most), *([st.integers(*whole)] if whole[0] <= whole[1] else []))


def _sizes(schema: Schema) -> Strategy:
    """Sizes within the area; most are small, so that drawing is quick."""
    rule = schema["x-size"]
    most = rule.get("maxArea", 2**22)
    # Twice the least, so that any width leaves a height.
    small = _sizes_up_to(rule, min(most, max(SMALL_AREA, 2 * rule.get("minArea", 1), 2 * rule.get("minSide", 1) ** 2)))
    return st.one_of(small, small, small, _sizes_up_to(rule, most))


def _sizes_up_to(rule: Mapping[str, int], most: int) -> Strategy:
    """The width first, then a height that fits it."""
    least, side = rule.get("minArea", 1), rule.get("minSide", 1)
    longest = min(rule.get("maxSide", LARGEST_SIDE), LARGEST_SIDE)
    shortest = max(side, -(-least // longest))

    def heights(width: int) -> Strategy:
        return st.integers(max(-(-least // width), side), min(most // width, longest)).map(f"{width}x{{}}".format)

    return st.integers(shortest, min(longest, most // shortest)).flatmap(heights)


def _images(schema: Schema) -> Strategy:
    rule = schema["x-image"]
    width, height = plain_size(rule)
    sizes = [(width, height), (height, width), (2 * height, 2 * height), *input_sizes(rule)]
    pictures = st.tuples(st.sampled_from(sizes), st.sampled_from(rule["formats"]))
    return pictures.map(lambda picture: data_uri(*picture[0], picture[1]))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FORMS: dict[str, Callable[[Schema], Strategy]] = {
    "enum": lambda schema: st.sampled_from(schema["enum"]),
    "x-size": _sizes,
    "x-image": _images,
}
TYPED: dict[Any, Callable[[Schema], Strategy]] = {
    "string": _strings,
    "integer": _integers,
    "number": _numbers,
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
}
