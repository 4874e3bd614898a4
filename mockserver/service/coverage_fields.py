"""What there is to try with the fields of a request, by the keywords of its schema, so that no model needs code.

That it stays readable for any schema, three rules cut it: of a long enum, the first value, the last, and any other are
told; of a field deep inside, that it was sent; of a picture, how it came and its format, and nothing of its object.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..contract.rules import parse_size
from .coverage_places import BOUND, LEFT_OUT, MISSING, SENT, VALUE, Place, Trial, is_of
from .redacted import LONGEST_TEXT, is_picture

Schema = Mapping[str, Any]
# Of an enum of more values, only the first and the last are told by themselves.
MOST_VALUES = 8
# A field of a field, as `image_size.width`; what is inside of that is only sent or not.
DEEPEST = 2
# Keywords that no value can be tried for.
SILENT = {
    "$schema",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "required",
    "additionalProperties",
    # What breaks it is refused, and all else keeps to it.
    "format",
    "x-output-size",
    "x-count",
    "x-form",
    "x-container",
    "x-edit",
    "x-source",
}
# What a picture has inside is the upload's, not the caller's choice.
INSIDE = {"properties", "items"}
# From a bound to the last whole number that it allows.
STEPS = {"minimum": 0, "maximum": 0, "exclusiveMinimum": 1, "exclusiveMaximum": -1}

Trials = Iterator[Trial]
Maker = Callable[[Place, Schema], Trials]


def trials(request: Schema) -> Trials:
    """Everything to try with the fields of a request schema, but for `model`, which every request has."""
    fields = {name: schema for name, schema in request["properties"].items() if name != "model"}
    return _of_value(Place("", lambda body: iter((body,))), {**request, "properties": fields})


def _of_value(place: Place, schema: Schema) -> Trials:
    skipped = INSIDE if "x-image" in schema else set()
    for keyword in schema:
        if keyword in BY_KEYWORD and keyword not in skipped:
            yield from BY_KEYWORD[keyword](place, schema)
        elif keyword not in SILENT | skipped:
            yield place.untold(keyword)


def _properties(place: Place, schema: Schema) -> Trials:
    for name, inner in schema["properties"].items():
        # A field without a rule is read, and nothing is promised of it.
        if inner.keys() - SILENT:
            there = place.field(name)
            yield from [there.untold("deprecated")] if inner.get("deprecated") else _of_field(there, name, schema)


def _of_field(place: Place, name: str, parent: Schema) -> Trials:
    schema = parent["properties"][name]
    yield place.trial("", "sent", SENT, lambda _: True)
    if place.depth > DEEPEST:
        return
    yield from _of_value(place, schema)
    if name not in parent.get("required", ()):
        default = f" ({_shown(schema['default'])})" if "default" in schema else ""
        done = _left_out(place)
        yield Trial(place.name, f"{place.name} left out{default}", f"{place.name} left out", LEFT_OUT, done)


def _left_out(place: Place) -> Callable[[Any], bool]:
    return lambda body: any(value is MISSING for value in place.read(body))


def _type(place: Place, schema: Schema) -> Trials:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    yield from _kinds(place, kinds)
    if "enum" not in schema and "const" not in schema:
        for kind in kinds:
            yield from TYPED[kind](place, schema) if kind in TYPED else ()


def _kinds(place: Place, kinds: list[str]) -> Trials:
    """Where a value may be of several types, each of them; null is a value of its own."""
    several = [kind for kind in dict.fromkeys(kinds) if kind != "null"]
    for kind in several if len(several) > 1 else ():
        yield place.trial(f" as {kind}", f"sent as {kind}", VALUE, _of_kind(kind))


def _of_kind(kind: str) -> Callable[[Any], bool]:
    return lambda value: is_of(value, kind)


def _value(place: Place, value: Any, why: str = "") -> Trial:
    """Exactly that value; 1 is 1.0 but not true."""

    def same(sent: Any) -> bool:
        return bool(sent == value) and isinstance(sent, bool) == isinstance(value, bool)

    note = f" ({why})" if why else ""
    said = f"sent as {_shown(value)}" + (f", its {why}" if why else "")
    return place.trial(f"={_shown(value)}{note}", said, BOUND if why else VALUE, same)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)


def _bound(keyword: str) -> Maker:
    return lambda place, schema: (_value(place, end, keyword) for end in _ends(schema, keyword))


def _ends(schema: Schema, *keywords: str) -> Iterator[Any]:
    """The last allowed value at each of these bounds; a fraction has none where the bound itself is not allowed."""
    for keyword in keywords:
        if keyword in schema and (not STEPS[keyword] or _is_whole(schema)):
            yield schema[keyword] + STEPS[keyword]


def _is_whole(schema: Schema) -> bool:
    kinds = schema.get("type", ())
    return "integer" in kinds and "number" not in kinds


def _between(place: Place, schema: Schema) -> Trials:
    ends = list(_ends(schema, *STEPS))
    if STEPS.keys() & schema.keys():
        inside = _not_at(ends)
        yield place.trial(" inside", "sent inside its bounds", VALUE, inside)


def _not_at(ends: list[Any]) -> Callable[[Any], bool]:
    return lambda sent: is_of(sent, "number") and sent not in ends


def _length(keyword: str, kind: str, unit: str) -> Maker:
    """A text or a list of just that length."""

    def made(place: Place, schema: Schema) -> Trials:
        length = schema[keyword]
        if kind == "string" and length > LONGEST_TEXT:
            # The journal has cut it.
            yield place.untold(keyword)
            return
        many = f"{length} {unit}{'s' * (length != 1)}"
        yield place.trial(
            f" of {many} ({keyword})",
            f"sent with {many}, its {keyword}",
            BOUND,
            lambda sent: is_of(sent, kind) and not is_picture(sent) and len(sent) == length,
        )

    return made


def _enum(place: Place, schema: Schema) -> Trials:
    values = schema["enum"]
    if len(values) <= MOST_VALUES:
        yield from (_value(place, value) for value in values)
        return
    yield from (_value(place, value) for value in (values[0], values[-1]))
    others = values[1:-1]
    yield place.trial(f" as one of {len(others)} others", "sent as another value", VALUE, lambda sent: sent in others)


def _branches(keyword: str) -> Maker:
    def made(place: Place, schema: Schema) -> Trials:
        named = [branch.get("type", ()) for branch in schema[keyword]]
        yield from _kinds(place, [kind for kinds in named for kind in ([kinds] if isinstance(kinds, str) else kinds)])
        for branch in schema[keyword]:
            yield from _of_value(place, branch)

    return made


def _x_size(place: Place, schema: Schema) -> Trials:
    rule = schema["x-size"]
    for key, limit in rule.items():
        shown = f"{limit:,} pixels"
        yield place.trial(f" at {key} ({shown})", f"sent at its {key}, {shown}", BOUND, _sized({key: limit}))
    yield place.trial(" inside", "sent inside its bounds", VALUE, _sized(rule, inside=True))


def _sized(rule: Mapping[str, int], *, inside: bool = False) -> Callable[[Any], bool]:
    """Whether a size is at one of the rule's limits, or inside: at none."""

    def done(sent: Any) -> bool:
        size = parse_size(sent) if isinstance(sent, str) else None
        return size is not None and any(SIZED[key](size) == limit for key, limit in rule.items()) != inside

    return done


def _x_image(place: Place, schema: Schema) -> Trials:
    rule = schema["x-image"]
    for form in rule["forms"]:
        yield place.trial(f" as {form}", f"sent as {form}", VALUE, _came_as(form))
    for name in rule["formats"]:
        yield place.trial(f" in {name}", f"sent as data in {name}", VALUE, _came_in(name))
    # A picture's sides are not in the journal.
    yield from (place.untold(key) for key in rule if key not in ("forms", "formats", "tolerated"))


def _came_as(form: str) -> Callable[[Any], bool]:
    return lambda sent: _form(sent) == form


def _form(sent: Any) -> Any:
    """What a picture came as; the journal keeps the text of a short one."""
    if not isinstance(sent, str):
        return sent.get("form") if is_picture(sent) else None
    return "data-uri" if sent[:5].lower() == "data:" else "url" if "://" in sent else "base64"


def _came_in(name: str) -> Callable[[Any], bool]:
    return lambda sent: is_picture(sent) and sent["picture"] == f"image/{name}"


SIZED: dict[str, Callable[[tuple[int, int]], int]] = {
    "minArea": lambda size: size[0] * size[1],
    "maxArea": lambda size: size[0] * size[1],
    "minSide": min,
    "maxSide": max,
}
TYPED: dict[str, Maker] = {
    "boolean": lambda place, _: iter([_value(place, True), _value(place, False)]),
    "null": lambda place, _: iter([_value(place, None)]),
    "integer": _between,
    "number": _between,
}
BY_KEYWORD: dict[str, Maker] = {
    "type": _type,
    "properties": _properties,
    "items": lambda place, schema: _of_value(place.elements(), schema["items"]),
    "anyOf": _branches("anyOf"),
    "oneOf": _branches("oneOf"),
    "enum": _enum,
    "const": lambda place, schema: iter([_value(place, schema["const"])]),
    **{keyword: _bound(keyword) for keyword in STEPS},
    "minLength": _length("minLength", "string", "character"),
    "maxLength": _length("maxLength", "string", "character"),
    "minItems": _length("minItems", "array", "item"),
    "maxItems": _length("maxItems", "array", "item"),
    "x-size": _x_size,
    "x-image": _x_image,
}
