"""What a schema tells of a value and no validator enforces: default, deprecation, limits in prose, wording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .limits import limits
from .values import Change, Place, Schema, shown

# Who leaves one of these out gets pictures as its default says: another default, another answer.
FORM_FIELDS = {"response_format", "convert_base64_to_url", "output_format"}
MISSING = object()
WORDING = {"title": "titles", "description": "wording", "examples": "examples", "example": "examples"}


def note_changes(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    """What two schemas tell otherwise of a value."""
    yield from _default(old.get("default", MISSING), new.get("default", MISSING), place)
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        kind = "undeprecated" if old.get("deprecated") else "deprecated"
        yield place.change(kind, *("deprecated" if side.get("deprecated") else "in use" for side in (old, new)))
    prose = list(_prose(old, new, place))
    yield from prose
    for key, what in WORDING.items():
        if old.get(key) != new.get(key) and not (prose and key == "description"):
            yield place.change("wording", after=what)


def _default(old: Any, new: Any, place: Place) -> Iterator[Change]:
    if old == new and isinstance(old, bool) == isinstance(new, bool):
        return
    verb = "stated" if old is MISSING else "dropped" if new is MISSING else "changed"
    form = "form-" if place.change("").name in FORM_FIELDS and verb != "stated" else ""
    yield place.change(f"{form}default-{verb}", *("none" if side is MISSING else shown(side) for side in (old, new)))


def _prose(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    """Limits of a description that are other ones, by name alone."""
    mine, theirs = (limits(str(side.get("description") or "")) for side in (old, new))
    apart = [kind for kind in {**mine, **theirs} if mine.get(kind) != theirs.get(kind)]
    if not apart:
        return
    before, after = (
        "; ".join(f"{kind}: {side[kind]}" for kind in apart if kind in side) or "no limit" for side in (mine, theirs)
    )
    verb = "stated" if before == "no limit" else "dropped" if after == "no limit" else "changed"
    yield place.change(f"prose-{verb}", before, after)
