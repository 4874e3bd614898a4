"""Two offers of one model compared: keys and facts of the endpoint, the request, the answers, and what is loose."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from .known import giving_way
from .parts import bare, described
from .recorded import seen_changes
from .schemas import schema_changes
from .statuses import Answers, apart, status_changes
from .values import ANSWER, ENDPOINT, ERROR, PARAMETERS, REQUEST, SCHEMAS, SEEN, Change, Offer, Place, Schema

Bodies = tuple[Schema | None, Schema | None]
WORDING = "wording"
SHOWN_PLACES = 4
STANDINGS = ("current", "deprecated", "removed")
FACTS = {"server": "server-changed", "price": "price-changed", "picture": "picture-changed"}


def offer_changes(old: Offer, new: Offer) -> Iterator[Change]:
    """Every difference between two offers; all that no program goes by is one change, the last."""
    if SEEN in (old.nature, new.nature):
        yield from seen_changes(old, new)
        return
    found = list(_changes(old, new))
    yield from (change for change in found if change.kind != WORDING)
    # Two sorts of source have words, samples and an order of their own each.
    loose = list(_loose(old, new, found)) if old.nature == new.nature else []
    if loose:
        yield Change(WORDING, ENDPOINT, after="; ".join(loose))


def _changes(old: Offer, new: Offer) -> Iterator[Change]:
    alike = old.nature == new.nature
    yield from _facts(old.facts, new.facts, alike=alike)
    if old.security is not None and new.security is not None:
        yield from _security(old.security, new.security)
    media = list(_media(old, new))
    yield from media
    told = {change.part for change in media}
    if REQUEST not in told:
        yield from _bodies("body", _comparable(old, new, REQUEST, old.request, new.request), Place(REQUEST))
    yield from status_changes(old.answers, new.answers)
    if alike:
        yield from _failures(old.answers, new.answers)
    for before, after in _pairs(old.answers, new.answers):
        place = Place(f"{ANSWER} {after}")
        if place.part not in told:
            bodies = _comparable(old, new, ANSWER, old.answers[before], new.answers[after])
            yield from _bodies(ANSWER, bodies, place)
        if before in old.headers and after in new.headers:
            yield from schema_changes(old.headers[before], new.headers[after], Place(f"{place.part} headers"))
    if old.error is not None and new.error is not None:
        yield from _bodies(ANSWER, _comparable(old, new, ANSWER, old.error, new.error), Place(ERROR))
    if old.parameters is not None and new.parameters is not None:
        yield from schema_changes(old.parameters, new.parameters, Place(PARAMETERS))


def _media(old: Offer, new: Offer) -> Iterator[Change]:
    """Bodies that come in none of the media types that they came in before."""
    pairs = [(f"{ANSWER} {before}", f"{ANSWER} {after}") for before, after in _pairs(old.answers, new.answers)]
    for before, after in [(REQUEST, REQUEST), *pairs]:
        mine, theirs = old.media.get(before, ()), new.media.get(after, ())
        if mine and theirs and not {*mine, "*/*"} & {*theirs} and "*/*" not in mine:
            yield Change("media-changed", after, "", ", ".join(mine), ", ".join(theirs))


def _facts(old: Mapping[str, str], new: Mapping[str, str], *, alike: bool) -> Iterator[Change]:
    for name, kind in FACTS.items():
        if name in old and name in new and old[name] != new[name]:
            yield Change(kind, ENDPOINT, before=old[name], after=new[name])
    before, after = (side.get("standing", STANDINGS[0]) for side in (old, new))
    if alike and before != after:
        worse = STANDINGS.index(after) > STANDINGS.index(before)
        yield Change(f"standing-{'worse' if worse else 'better'}", ENDPOINT, before=before, after=after)


def _security(old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]) -> Iterator[Change]:
    kinds, others = (sorted({_key(scheme) for scheme in side.values()}) for side in (old, new))
    before, after = (", ".join(side) or "none" for side in (kinds, others))
    if before != after:
        kind = "security-added" if not kinds else "security-changed" if others else "security-dropped"
        yield Change(kind, ENDPOINT, "/security", before, after)
        return
    for name in old:
        mine, theirs = old[name], new.get(name, old[name])
        for key in dict.fromkeys([*mine, *theirs]):
            if mine.get(key) != theirs.get(key):
                sides = (f"{key}: {side[key]}" if key in side else f"no {key}" for side in (mine, theirs))
                yield Change("security-spelt", ENDPOINT, f"/security/{name}/{key}", *sides)


def _key(scheme: Mapping[str, str]) -> str:
    """What a scheme asks of a request. Where it stands is said of an `apiKey` alone."""
    words = ("type", "in", "name") if scheme.get("type") == "apiKey" else ("type", "scheme")
    return " ".join(scheme[word] for word in words if word in scheme).lower()


def _comparable(old: Offer, new: Offer, part: str, before: Schema | None, after: Schema | None) -> Bodies:
    """Two schemas as they are, or of two sorts of source without what only one of them can say."""
    if old.nature == new.nature:
        return before, after
    mine = giving_way(before, after, old.documented) if old.nature == SCHEMAS else before
    theirs = giving_way(after, before, new.documented) if new.nature == SCHEMAS else after
    # What an answer has as its default is only how a mock fills it in.
    kept = {"deprecated"} if part == ANSWER else {"deprecated", "default"}
    return bare(mine, kept), bare(theirs, kept)


def _bodies(kind: str, sides: Bodies, place: Place) -> Iterator[Change]:
    old, new = sides
    if old is not None and new is not None and described(old) and described(new):
        yield from schema_changes(old, new, place)
    elif described(old) != described(new):
        verb = "described" if described(new) else "undescribed"
        yield place.change(f"{kind}-{verb}", *(_outline(side) for side in sides))


def _outline(schema: Schema | None) -> str:
    fields = (schema or {}).get("properties")
    return ", ".join(fields) if fields else "of some form" if described(schema) else "nothing said"


def _pairs(old: Answers, new: Answers) -> list[tuple[str, str]]:
    lost, gained = apart(old, new)
    return [*((status, status) for status in old if status in new), *list(zip(lost, gained, strict=False))[:1]]


def _failures(old: Answers, new: Answers) -> Iterator[Change]:
    for status in dict.fromkeys([*old, *new]):
        if not status.startswith("2") and (status in old) != (status in new):
            kind, sides = ("status-removed", (status, "none")) if status in old else ("status-added", ("none", status))
            yield Change(kind, f"{ANSWER} {status}", "", *sides)


def _loose(old: Offer, new: Offer, found: list[Change]) -> Iterator[str]:
    """What differs and no program goes by, in words."""
    places: dict[str, list[str]] = {}
    for change in found:
        if change.kind == WORDING:
            places.setdefault(change.after, []).append(f"{change.part}{change.pointer}")
    for what, where in places.items():
        more = f" and {len(where) - SHOWN_PLACES} more" if len(where) > SHOWN_PLACES else ""
        yield f"{what} of {', '.join(where[:SHOWN_PLACES])}{more}"
    loose = [name for name in {**old.loose, **new.loose} if _text(old.loose.get(name)) != _text(new.loose.get(name))]
    yield from loose
    # That the path is another one is told already.
    alone = not found and not loose and old.endpoint == new.endpoint
    if alone and old.text != new.text:
        yield "order" if _sorted(old.text) == _sorted(new.text) else "parts of the file that no model uses"


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@lru_cache(maxsize=4)
def _sorted(text: str) -> str:
    """A document in one order; those of many models are of one file."""
    return _text(json.loads(text)) if text else ""
