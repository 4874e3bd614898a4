"""A side of a comparison, from what a person names: a specification, a folder of them or of schemas, a profile of the
packaged contract, a file of skeletons.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..openapi.spec import Found, Problem, gather, read_specs
from .contracts import folder_side, packaged_ids, profile_side
from .operations import spec_offers
from .skeletons import MARK, skeleton_side
from .values import NothingToCompare, Offer, Side

PROFILE = "profile:"


def read_sides(old: str, new: str) -> tuple[Side, Side]:
    """Both sides of a comparison. Raises NothingToCompare, and SchemaError or UnknownName of the contract."""
    recorded = {name: content for name in (old, new) if (content := _skeletons_in(name)) is not None}
    read = {name: _read(name) for name in (old, new) if name not in recorded}
    # What a recording is of is told by the names of the models that somebody knows.
    ids = {offer.model for side in read.values() for offer in side.offers} | (packaged_ids() if recorded else set())
    read |= {name: skeleton_side(name, content, ids) for name, content in recorded.items()}
    return _some(read[old]), _some(read[new])


def read_side(name: str) -> Side:
    """One side by itself. Raises as `read_sides` does."""
    return read_sides(name, name)[0]


def _some(side: Side) -> Side:
    if not side.offers:
        raise NothingToCompare(side.name, side.notes)
    return side


def _read(name: str) -> Side:
    if name.startswith(PROFILE):
        return profile_side(name, name.removeprefix(PROFILE))
    folder = Path(name)
    if folder.is_dir() and next(folder.rglob("model.json"), None):
        return folder_side(name, folder)
    return _specifications(name)


def _skeletons_in(name: str) -> dict[str, Any] | None:
    """The content of a file that is one of skeletons."""
    path = Path(name)
    if name.startswith(("http://", "https://", PROFILE)) or not path.is_file():
        return None
    try:
        data = path.read_bytes()
        content = json.loads(data) if MARK.encode() in data else None
    except (OSError, ValueError, RecursionError):
        # Told by whoever reads it as a specification.
        return None
    return content if isinstance(content, dict) and MARK in content else None


def _specifications(name: str) -> Side:
    """The specifications of a file, a folder or a URL; what is none is a note."""
    return side_of(name, gather([name]), partial=not Path(name).is_dir())


def side_of(name: str, found: Iterable[Found | Problem], *, partial: bool = False) -> Side:
    """The specifications among documents as one side."""
    offers: list[Offer] = []
    notes: list[str] = []
    for spec in read_specs(found):
        if isinstance(spec, Problem):
            notes.append(str(spec))
        else:
            notes += map(str, spec.problems)
            offers += spec_offers(spec)
    return Side(name, tuple(offers), tuple(notes), partial)
