"""What the kit knows from elsewhere than the docs, set aside: a document that is silent of it has not drifted.

Each keyword of our schemas names its sources. Where none of them is a document of the vendor, as of a limit that was
observed or a type that was inferred, the keyword gives way to what the other side says there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ...contract.sources import names_of
from .forms import forms, types
from .parts import CHOICES, branches, fields, node, required
from .values import Schema

# Compared by what is inside them; their own source says nothing of that.
INSIDE = ("properties", "items", *CHOICES)


def giving_way(ours: Schema | None, theirs: Schema | None, documented: Collection[str]) -> Schema | None:
    """Our schema with every keyword that no document states as the other side has it, or without."""
    return None if ours is None else _giving_way(ours, theirs or {}, documented)


def _giving_way(ours: Schema, theirs: Schema, documented: Collection[str]) -> Schema:
    if not _states(ours, documented):
        return theirs
    own = {key: value for key, value in ours.items() if _is_documented(ours, key, documented)}
    theirs_alone = {key: theirs[key] for key in ours if key not in own and key in theirs}
    result = {**own, **theirs_alone, **{key: ours[key] for key in INSIDE if key in ours}}
    if "properties" in ours:
        result |= _fields(ours, theirs, documented)
    if "items" in ours:
        result["items"] = _giving_way(ours["items"], node(theirs.get("items")), documented)
    for key in CHOICES:
        if key in ours:
            result[key] = [_giving_way(branch, _like(branch, theirs), documented) for branch in ours[key]]
    return result


def _states(schema: Schema, documented: Collection[str]) -> bool:
    """Whether a document states any keyword of a schema, or of one inside it."""
    own = (key for key in schema if key not in INSIDE and not key.startswith("x-"))
    items = [schema["items"]] if "items" in schema else []
    inside = (*fields(schema).values(), *items, *(branches(schema) or ()))
    stated = any(_is_documented(schema, key, documented) for key in own)
    return stated or any(_states(each, documented) for each in inside)


def _is_documented(schema: Schema, keyword: str, documented: Collection[str]) -> bool:
    names = names_of(schema, keyword)
    return keyword.startswith("x-") or not names or any(name in documented for name in names)


def _fields(ours: Schema, theirs: Schema, documented: Collection[str]) -> dict[str, Any]:
    """Our fields, but for those that no document names at all."""
    others = fields(theirs)
    kept = {
        name: _giving_way(field, node(others.get(name)), documented)
        for name, field in fields(ours).items()
        if name in others or _is_documented(field, "*", documented)
    }
    return {"properties": kept, "required": [name for name in required(ours) if name in kept]}


def _like(branch: Schema, theirs: Schema) -> Schema:
    """The branch of the other side that allows the same types."""
    wanted = types(forms(branch))
    return next((each for each in branches(theirs) or [theirs] if types(forms(each)) == wanted), {})
