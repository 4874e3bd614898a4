"""Recorded answers against promised ones: a recording is a sample, so it can refute a promise and prove none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .parts import CHOICES, bare, branches, described, fields, node, required
from .schemas import schema_changes
from .statuses import status_changes
from .values import ANSWER, ERROR, SEEN, Change, Offer, Place, Schema

# The kinds of change that a sample can show, where it is the newer side and where it is the older.
SHOWN_BY_NEW = {
    *("type-changed", "type-widened", "nullable", "replaced", "field-renamed", "field-removed"),
    *("field-added", "field-admitted", "field-needed", "field-needed-too"),
}
SHOWN_BY_OLD = {"type-changed", "replaced", "field-renamed", "field-removed"}
# What came and is not promised was never taken back, and never added.
UNPROMISED = {"field-removed": "unpromised", "field-renamed": "unpromised"}
UNDOCUMENTED = dict.fromkeys(("field-added", "field-needed"), "undocumented")


def seen_changes(old: Offer, new: Offer) -> Iterator[Change]:
    """What recorded answers show to be otherwise; one side is a recording, or both are."""
    mine, theirs = (_successes(side) for side in (old, new))
    if mine and theirs:
        # A status that was promised may only not have come yet.
        yield from status_changes(mine, theirs, lost_told=old.nature == SEEN, gained_told=new.nature == SEEN)
    if old.error is not None and new.error is not None:
        yield from _apart(old, new, (old.error, new.error), Place(ERROR))
    for before, after in _pairs(mine, theirs):
        yield from _apart(old, new, (mine[before], theirs[after]), Place(f"{ANSWER} {after}"))


def _successes(offer: Offer) -> dict[str, Schema | None]:
    return {status: schema for status, schema in offer.answers.items() if status.startswith("2")}


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str]]:
    common = [(status, status) for status in old if status in new]
    return common or list(zip(old, new, strict=False))[:1]


def _apart(old: Offer, new: Offer, sides: tuple[Schema | None, Schema | None], place: Place) -> Iterator[Change]:
    if not described(sides[0]) or not described(sides[1]):
        return
    before, after = (bare(side) for side in sides)
    if old.nature == new.nature:
        yield from schema_changes(before, after, place)
    elif new.nature == SEEN:
        changes = schema_changes(_as_seen(before, after), after, place)
        yield from _as(UNDOCUMENTED, SHOWN_BY_NEW, changes)
    else:
        changes = schema_changes(before, _as_seen(after, before), place)
        yield from _as(UNPROMISED, SHOWN_BY_OLD, changes)


def _as(names: Mapping[str, str], shown: set[str], changes: Iterable[Change]) -> Iterator[Change]:
    yield from (replace(change, kind=names.get(change.kind, change.kind)) for change in changes if change.kind in shown)


def _as_seen(promise: Schema, seen: Schema) -> dict[str, Any]:
    """A promise without what may be left out and was: that it did not come says nothing. It has one form a type."""
    choice = branches(promise)
    if choice is not None:
        beside = {key: value for key, value in promise.items() if key not in CHOICES}
        return {"anyOf": [_as_seen(branch, seen) for branch in _by_type({**beside, **each} for each in choice)]}
    result = {key: value for key, value in promise.items() if key != "items"}
    named, came, needed = fields(promise), fields(seen), required(promise)
    if named:
        kept = [name for name in named if name in came or name in needed]
        result["properties"] = {name: _as_seen(node(named[name]), came.get(name, {})) for name in kept}
    elif came:
        # Whoever names no field allows any.
        result |= {"properties": came, "required": required(seen)}
    if "items" in seen:
        result["items"] = _as_seen(node(promise["items"]), seen["items"]) if "items" in promise else seen["items"]
    return result


def _by_type(choice: Iterable[Schema]) -> list[Schema]:
    """Branches, those that are objects as one that allows what any of them allows."""
    objects: list[Schema] = []
    others: list[Schema] = []
    for branch in choice:
        (objects if fields(branch) else others).append(branch)
    return [*([_union(objects)] if objects else []), *others]


def _union(objects: list[Schema]) -> Schema:
    names = dict.fromkeys(name for each in objects for name in fields(each))
    variants = {name: [fields(each)[name] for each in objects if name in fields(each)] for name in names}
    return {
        "type": "object",
        "properties": {name: found[0] if len(found) == 1 else {"anyOf": found} for name, found in variants.items()},
        "required": [name for name in names if all(name in required(each) for each in objects)],
    }
