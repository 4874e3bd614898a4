"""What there is to try with the fields of a request, by the keywords of its schema, so that no model needs code.

A request is read as the journal keeps it, where a picture that came as data is an object with its type and digest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..contract.keywords import parse_size
from .redacted import LONGEST_TEXT, is_picture

Schema = Mapping[str, Any]
MISSING = object()
# The lower, the more useful is it to know that nobody tried.
SENT, VALUE, BOUND, LEFT_OUT = range(4)
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
    "x-output-size",
    "x-edit",
    "x-source",
}
# From a bound to the last whole number that it allows.
STEPS = {"minimum": 0, "maximum": 0, "exclusiveMinimum": 1, "exclusiveMaximum": -1}
JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list, tuple),
    "object": (Mapping,),
}


@dataclass(frozen=True)
class Trial:
    """One thing to try with a field, of a rank from SENT to LEFT_OUT. `done` says whether a body tries it.

    Without `done` no journal can tell, and `name` is the keyword.
    """

    field: str
    name: str
    title: str = ""
    rank: int = VALUE
    done: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Place:
    """A field by its path, as `image_size.width` or `image_urls[]`; `read` gives what a body has there, or MISSING."""

    name: str
    read: Callable[[Any], Iterator[Any]]

    def field(self, name: str) -> Place:
        """A field of the object here."""

        def read(body: Any) -> Iterator[Any]:
            return (value.get(name, MISSING) for value in self.read(body) if _is(value, "object"))

        return Place(f"{self.name}.{name}" if self.name else name, read)

    def elements(self) -> Place:
        """The elements of the list here."""

        def read(body: Any) -> Iterator[Any]:
            return (element for value in self.read(body) if _is(value, "array") for element in value)

        return Place(f"{self.name}[]", read)

    def trial(self, label: str, title: str, rank: int, done: Callable[[Any], bool]) -> Trial:
        """Something to try with the value here, if one was sent."""

        def tried(body: Any) -> bool:
            return any(done(value) for value in self.read(body) if value is not MISSING)

        return Trial(self.name, f"{self.name}{label}", f"{self.name} {title}", rank, tried)

    def untold(self, keyword: str) -> Trial:
        """What no journal tells of the value here."""
        return Trial(self.name, keyword)


Trials = Iterator[Trial]
Maker = Callable[[Place, Schema], Trials]


def trials(request: Schema) -> Trials:
    """Everything to try with the fields of a request schema, but for `model`, which every request has."""
    fields = {name: schema for name, schema in request["properties"].items() if name != "model"}
    return _of_value(Place("", lambda body: iter((body,))), {**request, "properties": fields})


def _of_value(place: Place, schema: Schema) -> Trials:
    for keyword in schema:
        if keyword in BY_KEYWORD:
            yield from BY_KEYWORD[keyword](place, schema)
        elif keyword not in SILENT:
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
        yield place.trial(f" as {kind}", f"sent as {kind}", VALUE, _is_of(kind))


def _is_of(kind: str) -> Callable[[Any], bool]:
    return lambda value: _is(value, kind)


def _is(value: Any, kind: str) -> bool:
    if is_picture(value):
        return kind == "string"
    return isinstance(value, JSON_TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


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
        if keyword in schema and (not STEPS[keyword] or schema.get("type") == "integer"):
            yield schema[keyword] + STEPS[keyword]


def _between(place: Place, schema: Schema) -> Trials:
    ends = list(_ends(schema, *STEPS))
    if STEPS.keys() & schema.keys():
        inside = _not_at(ends)
        yield place.trial(" inside", "sent inside its bounds", VALUE, inside)


def _not_at(ends: list[Any]) -> Callable[[Any], bool]:
    return lambda sent: _is(sent, "number") and sent not in ends


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
            lambda sent: _is(sent, kind) and not is_picture(sent) and len(sent) == length,
        )

    return made


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
    "enum": lambda place, schema: (_value(place, value) for value in schema["enum"]),
    "const": lambda place, schema: iter([_value(place, schema["const"])]),
    **{keyword: _bound(keyword) for keyword in STEPS},
    "minLength": _length("minLength", "string", "character"),
    "maxLength": _length("maxLength", "string", "character"),
    "minItems": _length("minItems", "array", "item"),
    "maxItems": _length("maxItems", "array", "item"),
    "x-size": _x_size,
    "x-image": _x_image,
}
