"""Two schemas of one value, compared to the bottom: forms, rules, notes, and what is inside objects and arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .forms import ANY, NULL, Form, Pairs, contains, forms, paired, types
from .names import renamed
from .notes import note_changes
from .parts import fields, node, required
from .rules import rule_changes
from .values import Change, Place, Schema, shown

# From so many fields on, none of which the other side has, it is another form and not fields that came and went.
FIELDS_OF_A_FORM = 3
# A field that is new, by whether it is required, and whether the old form admitted no other.
ADDED = {
    (False, False): "field-added",
    (False, True): "field-admitted",
    (True, False): "field-needed",
    (True, True): "field-needed-too",
}


def schema_changes(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    """Every difference between two schemas of one value, each once."""
    yield from dict.fromkeys(_changes(old, new, place))


def _changes(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    yield from note_changes(old, new, place)
    pairs = paired(old, new)
    yield from _types(old, new, pairs, place)
    for one, other in pairs.both:
        if one.type != other.type:
            kind = "type-narrowed" if contains(one.type, other.type) else "type-widened"
            yield place.change(kind, one.type, other.type)
        # Only a branch of a choice has notes of its own.
        yield from note_changes(one.schema, other.schema, place)
        yield from _inside(one.schema, other.schema, place)


def _types(old: Schema, new: Schema, pairs: Pairs, place: Place) -> Iterator[Change]:
    """Types that are allowed no more, or only now."""
    mine, theirs = (any(form.type == NULL for form in side) for side in (pairs.lost, pairs.gained))
    if mine or theirs:
        yield place.change("not-nullable" if mine else "nullable", *(types(forms(side)) for side in (old, new)))
    lost, gained = ([form for form in side if form.type != NULL] for side in (pairs.lost, pairs.gained))
    if lost or gained:
        yield _type_change(old, new, (lost, gained), place)
    elif ("type" in old) != ("type" in new) and not mine and not theirs and types(forms(old)) == types(forms(new)):
        sides = ("stated" if "type" in side else "left to the values" for side in (old, new))
        yield place.change("type-spelt", *sides)


def _type_change(old: Schema, new: Schema, apart: tuple[list[Form], list[Form]], place: Place) -> Change:
    lost, gained = apart
    narrower = not gained or any(form.type == ANY for form in lost)
    wider = not lost or any(form.type == ANY for form in gained)
    kind = "type-narrowed" if narrower else "type-widened" if wider else "type-changed"
    before, after = types(forms(old)), types(forms(new))
    if before == after:
        # Two forms of one type, of which one came or went.
        before, after = (f"{len(forms(side))} forms: {words}" for side, words in ((old, before), (new, after)))
    return place.change(kind, before, after)


def _inside(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    yield from rule_changes(old, new, place)
    yield from _fields(old, new, place)
    yield from _others(old.get("additionalProperties", True), new.get("additionalProperties", True), place)
    if "items" in old or "items" in new:
        yield from _changes(node(old.get("items")), node(new.get("items")), place.items)


def _described(schema: Schema) -> dict[str, Any]:
    """The fields of an object, those that it only requires too."""
    named, others = fields(schema), schema.get("additionalProperties", True)
    unnamed = {"not": {}} if others is False else node(others)
    return {**named, **{name: unnamed for name in required(schema) if name not in named}}


def _fields(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    mine, theirs = (_described(side) for side in (old, new))
    names = renamed(mine, theirs)
    common = [name for name in mine if name in theirs]
    if mine and theirs and not names and not common and len(mine) + len(theirs) >= FIELDS_OF_A_FORM:
        yield place.change("replaced", *(", ".join(side) for side in (mine, theirs)))
        return
    yield from _came_and_went(old, new, names, place)
    for name, after in [*((name, name) for name in common), *names.items()]:
        yield from _presence((name, after), (old, new), place.inside(after))
        yield from _changes(node(mine[name]), node(theirs[after]), place.inside(after))
    if common != [name for name in theirs if name in mine] or _reordered(old, new):
        yield place.change("wording", after="order")


def _came_and_went(old: Schema, new: Schema, names: Mapping[str, str], place: Place) -> Iterator[Change]:
    mine, theirs = (_described(side) for side in (old, new))
    for name, after in names.items():
        yield place.inside(name).change("field-renamed", name, after)
    for name in mine:
        if name not in theirs and name not in names:
            yield place.inside(name).change("field-removed", _summary(mine[name]), "none")
    for name in theirs:
        if name not in mine and name not in names.values():
            yield from _come(old, theirs[name], place.inside(name), needed=name in required(new))


def _come(old: Schema, field: Any, place: Place, *, needed: bool) -> Iterator[Change]:
    """A field that is named only now. It is no new one where any field of some form was admitted."""
    others = old.get("additionalProperties")
    if isinstance(others, Mapping):
        yield from _changes(others, node(field), place)
    if needed or not isinstance(others, Mapping):
        yield place.change(ADDED[needed, others is False], "none", _summary(field))


def _summary(field: Any) -> str:
    schema = node(field)
    words = [types(forms(schema))]
    words += [f"one of {shown(' | '.join(map(shown, schema['enum'])))}"] if isinstance(schema.get("enum"), list) else []
    words += [f"default {shown(schema['default'])}"] if "default" in schema else []
    words += ["deprecated"] if schema.get("deprecated") else []
    return ", ".join(words)


def _presence(names: tuple[str, str], sides: tuple[Schema, Schema], place: Place) -> Iterator[Change]:
    was, now = (name in required(side) for name, side in zip(names, sides, strict=True))
    if was != now:
        words = ("optional", "required")
        yield place.change("required" if now else "optional", words[was], words[now])


def _reordered(old: Schema, new: Schema) -> bool:
    mine, theirs = (required(side) for side in (old, new))
    return mine != theirs and sorted(mine) == sorted(theirs)


def _others(old: Any, new: Any, place: Place) -> Iterator[Change]:
    """Fields that no property names: any, none, or such as a schema allows."""
    if (old is False) != (new is False):
        words = ("any other field", "no other field")
        yield place.change("closed" if new is False else "opened", words[old is False], words[new is False])
    elif isinstance(old, Mapping) or isinstance(new, Mapping):
        yield from _changes(node(old), node(new), place.inside("*"))
