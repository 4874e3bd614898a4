"""Cases that must be refused: one change away from a body that is accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..contract.models import Model
from ..contract.sources import Source, names_of
from .asked import count_fields
from .breaking import enums, images, sizes, strings, types
from .case import Case, Change
from .plain import base_body, plain, plain_items
from .schemas import Schema, accepts, kinds
from .tried import Makers, Tried, Values, named_branches

REFUSED_WITH = (400, 422)
# A model that does not exist may also be not found, and a file too large be refused unread: neither was seen.
REFUSED_ALSO_WITH: dict[str, tuple[int, ...]] = {"model": (404,), "bytes": (413,)}
NO_SUCH_FIELD = "no_such_field"
# An array that must not have more is not filled beyond that.
MOST_ITEMS = 64
FAR = 10**12


def broken(model: Model) -> Iterator[Case]:
    """Every way to break one rule of the model's request schema, in a body that is otherwise the smallest.

    Raises UnknownKeyword.
    """
    base = base_body(model)
    for change, label, sources in _changes(model):
        also = REFUSED_ALSO_WITH.get(change.field, ()) + REFUSED_ALSO_WITH.get(label.rpartition("-")[2], ())
        name = f"{change.field}-{label}"
        refused = tuple(sorted(also + REFUSED_WITH))
        yield Case(name, model.id, change.applied(base), refused, sources or model.promised_by, change=change)


def _changes(model: Model) -> Iterator[tuple[Change, str, tuple[Source, ...]]]:
    for field in model.request["required"]:
        yield Change(field, "required", out=True), "missing", model.rule_sources(None, "required")
    if model.request.get("additionalProperties") is False:
        unknown = Change(NO_SUCH_FIELD, "additionalProperties", 1)
        yield unknown, "unknown", model.rule_sources(None, "additionalProperties")
    for field, schema in model.request["properties"].items():
        for each in REFUSED.tried(schema):
            # A server that minds no bound may send, and bill, so many pictures.
            if not (field in count_fields(model) and each.label.endswith("maximum-far")):
                sources = tuple(model.sources[name] for name in each.sources)
                yield Change(field, each.keyword, each.value), each.label, sources


def _beyond(key: str, step: int) -> Callable[[Schema], Values]:
    def values(schema: Schema) -> Values:
        yield key, schema[key] + step
        if "number" in kinds(schema):
            yield f"{key}-nearly", schema[key] + step / 100
            yield f"{key}-barely", schema[key] + step / 1_000_000
        yield f"{key}-far", schema[key] + step * FAR

    return values


def _at(key: str, step: int) -> Callable[[Schema], Values]:
    """The bound itself, which is not allowed, and what is far beyond."""
    return lambda schema: iter([(key, schema[key]), (f"{key}-far", schema[key] + step * FAR)])


def _too_few(schema: Schema) -> Values:
    if schema["minItems"]:
        yield "minItems", (plain_items(schema) * 2)[: schema["minItems"] - 1]


def _too_many(schema: Schema) -> Values:
    if schema["maxItems"] <= MOST_ITEMS:
        yield "maxItems", plain_items(schema)[:1] * (schema["maxItems"] + 1)


def _without(schema: Schema) -> Values:
    whole = plain(schema)
    for name in schema["required"]:
        yield f"{name}-missing", {other: value for other, value in whole.items() if other != name}


def _with_another(schema: Schema) -> Values:
    if schema["additionalProperties"] is False:
        yield "unknown", {**plain(schema), NO_SUCH_FIELD: 1}


def _in_items(schema: Schema) -> Iterator[Tried]:
    good = plain_items(schema)
    # Behind a good one, where there may be two: some servers look at the first alone.
    before = good[: max(len(good) - 1, min(1, schema.get("maxItems", 2) - 1))]
    for each in REFUSED.tried(schema["items"]):
        yield each.within("items", [*before, each.value], names_of(schema, "items"))


def _in_properties(schema: Schema) -> Iterator[Tried]:
    base = plain(schema)
    for name, inner in schema["properties"].items():
        for each in REFUSED.tried(inner):
            yield each.within(name, {**base, name: each.value}, names_of(schema, "properties"))


def _in_branches(schema: Schema) -> Iterator[Tried]:
    """What breaks a branch, and is nothing that another one takes."""
    seen: set[str] = set()
    named = named_branches(schema)
    for name, branch in named:
        others = [other for other_name, other in named if other_name != name]
        for each in REFUSED.tried(branch):
            if repr(each.value) not in seen and not any(accepts(other, each.value) for other in others):
                seen.add(repr(each.value))
                yield each.within(name, each.value, names_of(schema, "anyOf"))


REFUSED = Makers(
    plain={
        "type": types,
        "const": enums,
        "enum": enums,
        "format": strings,
        "minimum": _beyond("minimum", -1),
        "maximum": _beyond("maximum", 1),
        "exclusiveMinimum": _at("exclusiveMinimum", -1),
        "exclusiveMaximum": _at("exclusiveMaximum", 1),
        "minLength": lambda schema: (("minLength", "x" * (least - 1)) for least in [schema["minLength"]] if least),
        "maxLength": lambda schema: iter([("maxLength", "x" * (schema["maxLength"] + 1))]),
        "minItems": _too_few,
        "maxItems": _too_many,
        "required": _without,
        "additionalProperties": _with_another,
        "x-size": sizes,
        "x-image": images,
    },
    inner={"items": _in_items, "properties": _in_properties, "anyOf": _in_branches},
)
