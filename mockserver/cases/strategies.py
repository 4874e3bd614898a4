"""Hypothesis strategies compiled from a schema. Nothing else draws values; jsonschema judges what they draw."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..contract.models import Model
from .asked import asked, count_fields, side_fields
from .pictures import REFERENCE, carried, carrier, drawn, input_sizes, plain_size
from .plain import ADDRESS, base_body
from .schemas import STEP, Schema, UnknownKeyword, accepts, branches, interval, kinds, place_of, refuse_others, says

Strategy = SearchStrategy[Any]
NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
# What the compilers honour: a keyword beyond these is refused, never ignored.
HONOURED = {"type", "format", "minLength", "maxLength"} | {"items", "minItems", "maxItems"} | NUMBERS
HONOURED |= {"properties", "required", "additionalProperties"}
# Kept small: every accepted body costs the server a picture.
LONGEST_TEXT = 60
LARGEST_SIDE = 4096
SMALL_AREA = 700_000
SIDES, COUNT, ITEMS = (64, 1024), 3, 3
# What UTF-8 can say. By its name, Hypothesis would try out a million characters, anew in every folder.
CHARACTERS = st.characters(exclude_categories=["Cs"])


def bodies(model: Model) -> Strategy:
    """Bodies that the model accepts: the required fields and any of the others."""
    required = model.request["required"]
    fields = {name: values(schema) for name, schema in asked(model, sides=SIDES, count=COUNT, large=False).items()}
    optional = {name: strategy for name, strategy in fields.items() if name not in required}
    return st.fixed_dictionaries({name: fields[name] for name in required}, optional=optional)


def wild_bodies(model: Model) -> Strategy:
    """Accepted bodies of which one field may be anything at all: the contract says whether they are still accepted."""
    known, base = model.request["properties"], base_body(model)
    # What has no bounds could ask for a million pictures, or for one of a million pixels a side.
    tame = {*model.images, *count_fields(model), *side_fields(model)}
    fields = [name for name, schema in known.items() if name not in tame and says(schema)]
    changes = st.tuples(st.sampled_from(fields), JSON)
    return changes.map(lambda change: {**base, change[0]: change[1]})


def values(schema: Schema) -> Strategy:
    """Values that a field's schema accepts. Raises UnknownKeyword."""
    for keyword, compiled in FORMS.items():
        if keyword in schema:
            refuse_others(schema, {keyword, *HONOURED})
            return compiled(schema)
    if "anyOf" in schema:
        return st.one_of(*(values(branch) for branch in branches(schema)))
    refuse_others(schema, HONOURED)
    found = kinds(schema)
    return st.one_of(*(TYPED[kind](schema) for kind in found)) if found else JSON


def _listed(schema: Schema) -> Strategy:
    known = [value for value in schema.get("enum", [schema.get("const")]) if accepts(schema, value)]
    if not known:
        raise UnknownKeyword(("values that its other rules refuse",), place_of(schema))
    return st.sampled_from(known)


def _strings(schema: Schema) -> Strategy:
    if "format" in schema:
        return st.just(ADDRESS).filter(lambda text: accepts(schema, text))
    least = schema.get("minLength", 0)
    most = min(schema.get("maxLength", LONGEST_TEXT), max(LONGEST_TEXT, least))
    return st.text(CHARACTERS, min_size=least, max_size=most)


def _integers(schema: Schema) -> Strategy:
    least, most = interval(schema, whole=True)
    lower = int(least) if math.isfinite(least) else min(-(2**31), int(min(most, 0)) - 1)
    upper = int(most) if math.isfinite(most) else max(2**31 - 1, lower + 1)
    return st.one_of(st.integers(lower, upper), st.sampled_from([lower, upper]))


def _numbers(schema: Schema) -> Strategy:
    least, most = interval(schema, whole=False)
    lower = least if math.isfinite(least) else min(-1e6, most - STEP)
    upper = most if math.isfinite(most) else max(1e6, lower + STEP)
    whole = math.ceil(lower), math.floor(upper)
    return st.one_of(st.floats(lower, upper), *([st.integers(*whole)] if whole[0] <= whole[1] else []))


def _arrays(schema: Schema) -> Strategy:
    least = schema.get("minItems", 0)
    most = max(least, min(schema.get("maxItems", ITEMS), ITEMS))
    return st.lists(values(schema["items"]) if "items" in schema else JSON, min_size=least, max_size=most)


def _objects(schema: Schema) -> Strategy:
    known = {name: values(inner) for name, inner in schema.get("properties", {}).items()}
    required = schema.get("required", ())
    needed = {name: known.get(name, JSON) for name in required}
    return st.fixed_dictionaries(needed, optional={name: each for name, each in known.items() if name not in required})


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
    if carrier(schema) is None:
        return st.just(REFERENCE)
    width, height = plain_size(rule)
    sizes = [(width, height), (height, width), (2 * height, 2 * height), *input_sizes(rule)]
    pictures = st.tuples(st.sampled_from(sizes), st.sampled_from(rule["formats"]))
    return pictures.map(lambda picture: carried(schema, drawn(*picture[0], picture[1]), picture[1]))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(CHARACTERS, max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(CHARACTERS, max_size=8), inner, max_size=3),
    max_leaves=6,
)
FORMS: dict[str, Callable[[Schema], Strategy]] = {
    "enum": _listed,
    "const": _listed,
    "x-size": _sizes,
    "x-image": _images,
}
TYPED: dict[str, Callable[[Schema], Strategy]] = {
    "string": _strings,
    "integer": _integers,
    "number": _numbers,
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
    "array": _arrays,
    "object": _objects,
}
