"""Hypothesis strategies compiled from a schema. Nothing else draws values; jsonschema judges what they draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..contract.models import Model
from .case import SILENT, UnknownKeyword, base_body, data_uri

Schema = Mapping[str, Any]
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
            _refuse_others(schema, {"type", keyword})
            return compiled(schema)
    kinds: list[Any] = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
    unknown = [kind for kind in kinds if kind not in TYPED]
    if unknown:
        raise UnknownKeyword(tuple(f"type {kind}" for kind in unknown), schema.get("description", "a schema"))
    _refuse_others(schema, {"type"}.union(*(HONOURED[kind] for kind in kinds)))
    return st.one_of(*(TYPED[kind](schema) for kind in kinds))


def _says(schema: Schema) -> bool:
    """Whether a field's schema has any rule; one without is read but never promised anything."""
    return bool(schema.keys() - SILENT)


def _refuse_others(schema: Schema, honoured: set[str]) -> None:
    unknown = sorted(schema.keys() - honoured - SILENT)
    if unknown:
        raise UnknownKeyword(tuple(unknown), schema.get("description", "a schema"))


def _strings(schema: Schema) -> Strategy:
    least = schema.get("minLength", 0)
    # An unpaired surrogate cannot be sent as UTF-8.
    alphabet = st.characters(exclude_categories=["Cs"])
    return st.text(
        alphabet, min_size=least, max_size=min(schema.get("maxLength", LONGEST_TEXT), max(LONGEST_TEXT, least))
    )


def _integers(schema: Schema) -> Strategy:
    least, most = schema.get("minimum", -(2**31)), schema.get("maximum", 2**31 - 1)
    return st.one_of(st.integers(least, most), st.sampled_from([least, most]))


def _numbers(schema: Schema) -> Strategy:
    least, most = schema.get("minimum", -1e6), schema.get("maximum", 1e6)
    return st.one_of(st.floats(least, most), st.integers(-(-int(least) // 1), int(most)))


def _sizes(schema: Schema) -> Strategy:
    """Sizes within the area: the width first, then a height that fits it. Most are small, so that drawing is quick."""
    rule = schema["x-size"]
    least, most = rule.get("minArea", 1), rule.get("maxArea", 2**22)
    longest = min(rule.get("maxSide", LARGEST_SIDE), LARGEST_SIDE)
    shortest = max(rule.get("minSide", 1), -(-least // longest))

    def heights(area: int) -> Callable[[int], Strategy]:
        return lambda width: st.integers(
            max(-(-least // width), rule.get("minSide", 1)), min(area // width, longest)
        ).map(lambda height: f"{width}x{height}")

    wide = min(longest, most // shortest)
    small = st.integers(shortest, min(wide, SMALL_AREA // shortest)).flatmap(heights(max(least, min(most, SMALL_AREA))))
    return st.one_of(small, small, small, st.integers(shortest, wide).flatmap(heights(most)))


def _images(schema: Schema) -> Strategy:
    least = schema["x-image"].get("minSide", 1)
    sizes = [(64, 48), (48, 64), (96, 96), (120, 41), (max(least, 15), max(least, 15))]
    return st.builds(data_uri_of, st.sampled_from(sizes), st.sampled_from(schema["x-image"]["formats"]))


def data_uri_of(size: tuple[int, int], container: str) -> str:
    """A small picture as a data URI, for `st.builds`."""
    return data_uri(*size, container)


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
    "const": lambda schema: st.just(schema["const"]),
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
