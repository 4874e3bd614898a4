"""What two forms of one type ask of a value: listed values, bounds, the rules of our dialect, and any other keyword."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .parts import NOTES
from .values import Change, Place, Schema, shown

# Compared by those who know their fields: objects and arrays.
STRUCTURE = {"type", "enum", "const", "anyOf", "oneOf", "properties", "required", "items", "additionalProperties"}
# Lists longer than that are told by what came and went.
FEW = 8
OWN_RULES = ("x-size", "x-image")
RATIO = re.compile(r"([0-9]+)(?::([1-9][0-9]*))?", re.ASCII)
# How an answer follows from a request, and what a field of an answer means.
MEANINGS = ("x-output-size", "x-count", "x-form", "x-container", "x-edit", "x-value", "x-artefact")


class Bound(NamedTuple):
    """A bound as keywords say it: with its own value, or beyond it; and the words for both."""

    plain: str
    beyond: str
    sign: int
    words: tuple[str, str]


BOUNDS = (
    Bound("minimum", "exclusiveMinimum", 1, ("at least {}", "more than {}")),
    Bound("maximum", "exclusiveMaximum", -1, ("at most {}", "less than {}")),
    Bound("minLength", "", 1, ("at least {} characters", "")),
    Bound("maxLength", "", -1, ("at most {} characters", "")),
    Bound("minItems", "", 1, ("at least {} items", "")),
    Bound("maxItems", "", -1, ("at most {} items", "")),
    Bound("minProperties", "", 1, ("at least {} fields", "")),
    Bound("maxProperties", "", -1, ("at most {} fields", "")),
)
# Bounds that say no more than the type does.
EMPTY = {(name, 0) for name in ("minLength", "minItems", "minProperties")}
BOUND_NAMES = {name for bound in BOUNDS for name in (bound.plain, bound.beyond) if name}


def rule_changes(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    """What two forms ask otherwise of a value, but for what is inside it."""
    yield from _lists(_listed(old), _listed(new), place)
    for bound in BOUNDS:
        yield from _bounds(_limit(bound, old), _limit(bound, new), place)
    for name in OWN_RULES:
        mine, theirs = old.get(name, {}), new.get(name, {})
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            yield from _own_rule(mine, theirs, place)
    for name in MEANINGS:
        yield from _meaning(name, _unsourced(old.get(name)), _unsourced(new.get(name)), place)
    for name in sorted({*old, *new} - STRUCTURE - BOUND_NAMES - NOTES):
        # As `uniqueItems`: what is false asks for nothing.
        mine, theirs = (None if side.get(name) is False else side.get(name) for side in (old, new))
        if not name.startswith("x-") and mine != theirs:
            yield _other(name, old, new, place)


def _listed(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return _list(schema.get("enum"))


def _list(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) else None


def _lists(old: list[Any] | None, new: list[Any] | None, place: Place) -> Iterator[Change]:
    """Listed values that were other ones. `None`: no list, any value."""
    if old is None or new is None:
        if old is not new:
            kind = "list-stated" if old is None else "list-dropped"
            yield place.change(kind, _values(old), _values(new))
        return
    mine, theirs = ({json.dumps(value, sort_keys=True): value for value in side} for side in (old, new))
    lost = [value for key, value in mine.items() if key not in theirs]
    gained = [value for key, value in theirs.items() if key not in mine]
    if lost or gained:
        kind = "list-changed" if lost and gained else "list-narrowed" if lost else "list-widened"
        short = len(old) <= FEW and len(new) <= FEW
        sides = (_values(old), _values(new)) if short else (_part(lost, "gone"), _part(gained, "new"))
        yield place.change(kind, *sides)


def _values(values: list[Any] | None) -> str:
    return "any value" if values is None else shown(", ".join(map(shown, values)))


def _part(values: list[Any], word: str) -> str:
    return f"{word}: {_values(values)}" if values else f"none {word}"


class Limit(NamedTuple):
    """Where a bound lies: the larger `tightness` refuses more."""

    tightness: tuple[float, bool]
    told: str


def _limit(bound: Bound, schema: Schema) -> Limit | None:
    """The tighter of a bound's two keywords."""
    found = [
        Limit((bound.sign * schema[name], name == bound.beyond), words.format(_number(schema[name])))
        for name, words in zip((bound.plain, bound.beyond), bound.words, strict=True)
        if name and _is_number(schema.get(name)) and (name, schema[name]) not in EMPTY
    ]
    return max(found, default=None)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _bounds(old: Limit | None, new: Limit | None, place: Place) -> Iterator[Change]:
    mine, theirs = old and old.tightness, new and new.tightness
    if mine != theirs:
        tighter = mine is None or (theirs is not None and theirs > mine)
        kind = "bound-tightened" if tighter else "bound-loosened"
        yield place.change(kind, old.told if old else "no bound", new.told if new else "no bound")


def _own_rule(old: Mapping[str, Any], new: Mapping[str, Any], place: Place) -> Iterator[Change]:
    """A rule of our dialect: its `min` and `max` are bounds, its lists are lists."""
    for key in dict.fromkeys([*old, *new]):
        mine, theirs = old.get(key), new.get(key)
        if isinstance(mine, list) or isinstance(theirs, list):
            yield from _lists(_list(mine), _list(theirs), place)
        else:
            yield from _bounds(_own_limit(key, mine), _own_limit(key, theirs), place)


def _own_limit(name: str, value: Any) -> Limit | None:
    if value is None:
        return None
    found = RATIO.fullmatch(str(value))
    size = float(found[1]) / float(found[2] or 1) if found else 0.0
    sign = 1 if name.startswith("min") else -1
    return Limit((sign * size, False), f"{name} {shown(value)}")


def _meaning(name: str, old: Any, new: Any, place: Place) -> Iterator[Change]:
    if old != new:
        brief = _ways(old) != _ways(new)
        told = (_ways(side) if brief else shown(side) for side in (old, new))
        yield place.change("meaning-changed", *(f"{name}: {side}" for side in told))


def _ways(rule: Any) -> str:
    """The ways of an output size in words; any other rule as it is."""
    if rule is None:
        return "none"
    if not isinstance(rule, list) or not all(isinstance(way, Mapping) for way in rule):
        return shown(rule)
    return ", ".join(" ".join(str(way[key]) for key in ("field", "as", "size") if key in way) for way in rule)


def _unsourced(rule: Any) -> Any:
    """A rule without the names of its sources."""
    if isinstance(rule, Mapping):
        return {key: _unsourced(value) for key, value in rule.items() if key not in ("source", "x-source")}
    return [_unsourced(item) for item in rule] if isinstance(rule, (list, tuple)) else rule


def _other(name: str, old: Schema, new: Schema, place: Place) -> Change:
    """A keyword that this module has no words for: it refuses some values, nobody knows which."""
    kind = "rule-changed" if name in old and name in new else "rule-stated" if name in new else "rule-dropped"
    return place.change(kind, *(f"{name} {shown(side[name])}" if name in side else f"no {name}" for side in (old, new)))
