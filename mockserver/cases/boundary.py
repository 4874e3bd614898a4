"""Cases that must be accepted: each field at each of its bounds, one field at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from ..contract.models import Model
from ..contract.rules import size_errors
from ..contract.sources import names_of
from .asked import asked
from .case import Case
from .pictures import (
    CARRIERS,
    REFERENCE,
    Rule,
    carried,
    carrier,
    drawn,
    input_sizes,
    plain_container,
    plain_size,
    sized,
)
from .plain import ADDRESS, base_body, plain, plain_items, sizes_at
from .schemas import Schema, accepts, interval, kinds
from .tried import Makers, Tried, Values, named_branches

# Pillow's names of what else than RGB a file may hold.
MODES = {"jpeg": ("L", "CMYK"), "png": ("L", "LA", "RGBA", "I;16")}
TEXTS = {
    "one-character": "x",
    "unicode": "Ein Fuchs 狐 🦊 رسم é",
    "markup": "<b>\"quoted\" & 'escaped' \\n</b>\n\ttabs",
    "long": "a very tall lighthouse, " * 80,
}
LENGTHS = ("minLength", "maxLength")
# An array that may have more is not filled.
MOST_ITEMS = 64
# Of these nothing else is tried than what their own makers make.
WHOLE = {"const", "enum", "x-size", "x-image", "anyOf"}


def boundary(model: Model) -> Iterator[Case]:
    """Every value on a boundary of the model's request schema, in a body that is otherwise the smallest.

    Raises UnknownKeyword.
    """
    base = base_body(model)
    yield Case("smallest", model.id, base, sources=model.promised_by)
    for field, schema in asked(model).items():
        for each in ACCEPTED.tried(schema):
            sources = tuple(model.sources[name] for name in each.sources) or model.promised_by
            yield Case(f"{field}-{each.label}", model.id, {**base, field: each.value}, sources=sources)


def _type(schema: Schema) -> Values:
    if schema.keys() & WHOLE:
        return
    for kind in kinds(schema):
        yield from TYPED[kind](schema)


def _texts(schema: Schema) -> Values:
    if "format" in schema:
        yield "address", ADDRESS
        return
    for label, text in TEXTS.items():
        if schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", math.inf):
            yield label, text


def _integers(schema: Schema) -> Values:
    least, most = interval(schema, whole=True)
    wanted = {"zero": 0, "one": 1, "integral-float": 7.0, "31-bit": 2**31 - 1}
    yield from ((label, value) for label, value in wanted.items() if least <= value <= most)


def _numbers(schema: Schema) -> Values:
    least, most = interval(schema, whole=False)
    if math.isfinite(least) and math.isfinite(most):
        yield "fraction", round(least + (most - least) * 0.3, 6)
    elif accepts(schema, 1.5):
        yield "fraction", 1.5


def _enum(schema: Schema) -> Values:
    yield from ((str(value), value) for value in schema["enum"] if accepts(schema, value))


def _bound(keyword: str) -> Callable[[Schema], Values]:
    def values(schema: Schema) -> Values:
        bound = schema[keyword]
        value = "é" * bound if keyword in LENGTHS else bound
        # A bound may lie beyond another, and no text of its length be an address.
        yield from [(keyword, value)] if accepts(schema, value) else []

    return values


def _nearest(keyword: str, end: int) -> Callable[[Schema], Values]:
    """The number next to a bound that is itself not allowed."""
    return lambda schema: iter([(keyword, interval(schema, whole="number" not in kinds(schema))[end])])


def _items(number: str) -> Callable[[Schema], Values]:
    def values(schema: Schema) -> Values:
        if schema[number] <= MOST_ITEMS:
            yield number, (plain_items(schema)[:1] * schema[number])

    return values


def _x_size(schema: Schema) -> Values:
    rule = schema["x-size"]
    sizes = dict.fromkeys([*schema.get("examples", []), *sorted(sizes_at(rule))])
    yield from ((text, text) for text in sizes if not list(size_errors(rule, text)))


def _x_image(schema: Schema) -> Values:
    rule, form = schema["x-image"], carrier(schema)
    if form is None:
        # One that a stranger's server can fetch; where bytes will do, it is in the documented requests alone.
        yield "url", REFERENCE
        return
    container = plain_container(rule)
    for other in sorted(CARRIERS.keys() & {*rule["forms"]} - {form}):
        yield other, CARRIERS[other](drawn(*plain_size(rule), container), container)
    yield from _containers(schema, form)
    yield from (("x".join(map(str, each)), sized(schema, *each)) for each in input_sizes(rule))
    if "maxPixels" in rule:
        side = math.isqrt(rule["maxPixels"])
        yield "pixels", sized(schema, side, rule["maxPixels"] // side)


def _containers(schema: Schema, form: str) -> Values:
    rule: Rule = schema["x-image"]
    width, height = (2 * side for side in plain_size(rule))
    for container in rule["formats"]:
        yield f"{form}-{container}", carried(schema, drawn(width, height, container), container)
        for mode in MODES.get(container, ()):
            yield f"{container}-{mode}", carried(schema, drawn(width, height, container, mode=mode), container)


def _in_items(schema: Schema) -> Iterator[Tried]:
    others = plain_items(schema)[1:]
    for each in ACCEPTED.tried(schema["items"]):
        yield each.within("items", [*others, each.value], names_of(schema, "items"))


def _in_properties(schema: Schema) -> Iterator[Tried]:
    if "x-image" in schema:
        return
    base = plain(schema)
    yield Tried("properties", "smallest", base)
    for name, inner in schema["properties"].items():
        for each in ACCEPTED.tried(inner):
            yield each.within(name, {**base, name: each.value}, names_of(schema, "properties"))


def _in_branches(schema: Schema) -> Iterator[Tried]:
    for name, branch in named_branches(schema):
        yield from (each.within(name, each.value, names_of(schema, "anyOf")) for each in ACCEPTED.tried(branch))


TYPED: dict[str, Callable[[Schema], Values]] = {
    "string": _texts,
    "integer": _integers,
    "number": _numbers,
    "boolean": lambda _: iter([("true", True), ("false", False)]),
    "null": lambda _: iter([("null", None)]),
    # What is inside is tried by its own rules.
    "array": lambda _: iter(()),
    "object": lambda _: iter(()),
}
ACCEPTED = Makers(
    plain={
        "type": _type,
        "const": lambda schema: iter([(str(schema["const"]), schema["const"])]),
        "enum": _enum,
        **{keyword: _bound(keyword) for keyword in ("minimum", "maximum", *LENGTHS)},
        "exclusiveMinimum": _nearest("exclusiveMinimum", 0),
        "exclusiveMaximum": _nearest("exclusiveMaximum", 1),
        "minItems": _items("minItems"),
        "maxItems": _items("maxItems"),
        "x-size": _x_size,
        "x-image": _x_image,
    },
    inner={"items": _in_items, "properties": _in_properties, "anyOf": _in_branches},
    honoured=frozenset({"format", "required", "additionalProperties"}),
)
