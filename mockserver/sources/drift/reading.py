"""A side of a comparison, from what a person names: a specification, a folder of them or of schemas, a profile of the
packaged contract, a file of skeletons.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import SchemaError
from ..importing.models import is_of_images
from ..openapi.likely import OF_NO_IMAGES, SUFFIXES, is_other_yaml
from ..openapi.spec import Found, Problem, Spec, gather, read_specs
from .contracts import folder_side, packaged_ids, profile_side
from .operations import spec_offers
from .ours import our_offers
from .skeletons import MARK, skeleton_side
from .values import SEEN, NothingToCompare, Offer, Side

PROFILE = "profile:"


def read_sides(old: str, new: str) -> tuple[Side, Side]:
    """Both sides of a comparison. Raises NothingToCompare, and SchemaError or UnknownName of the contract."""
    recorded = {name: content for name in (old, new) if (content := _skeletons_in(name)) is not None}
    read = {name: _read(name) for name in (old, new) if name not in recorded}
    # What a recording is of is told by the names of the models that somebody knows.
    ids = {offer.model for side in read.values() for offer in side.offers} | (packaged_ids() if recorded else set())
    read |= {name: skeleton_side(name, content, ids) for name, content in recorded.items()}
    before, after = _of_images(read[old], read[new]), _of_images(read[new], read[old])
    return _some(before, after), _some(after, before)


def read_side(name: str) -> Side:
    """One side by itself. Raises as `read_sides` does."""
    return read_sides(name, name)[0]


def _of_images(side: Side, other: Side) -> Side:
    """A side without the files that are about something else, unless they are what is left of one about images."""
    images = {offer.endpoint for offer in other.offers if offer.file not in other.strange}
    known = {offer.file for offer in side.offers if offer.endpoint in images}
    left_out = [file for file in side.strange if file not in known]
    if not left_out:
        return side
    kept = tuple(offer for offer in side.offers if offer.file not in left_out)
    unread = (Problem(file, "", OF_NO_IMAGES) for file in left_out)
    return replace(side, offers=kept, unread=(*side.unread, *unread))


def _some(side: Side, other: Side) -> Side:
    """A side that can be compared. One that is sound and has nothing any more has lost what the other has."""
    alike = side.partial == other.partial and not any(offer.nature == SEEN for offer in other.offers)
    if side.offers or (side.bare and other.offers and alike and not side.unread):
        return side
    raise NothingToCompare(side.name, (*map(str, side.unread), *side.notes))


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
    """The specifications of a file, a folder or a URL."""
    if not Path(name).is_dir():
        return side_of(name, gather([name]), partial=True)
    return side_of(name, (found for found in gather([name], SUFFIXES) if not is_other_yaml(found)))


def side_of(name: str, found: Iterable[Found | Problem], *, partial: bool = False) -> Side:
    """The specifications among documents as one side."""
    offers: list[Offer] = []
    notes: list[str] = []
    unread: list[Problem] = []
    strange: list[str] = []
    bare = False
    for spec in read_specs(found):
        if isinstance(spec, Problem):
            unread.append(spec)
            continue
        notes += map(str, spec.problems)
        try:
            offers += _offers(spec)
        except (SchemaError, KeyError, TypeError, AttributeError) as reason:
            unread.append(Problem(spec.name, "", f"a document of ours that something is missing of: {reason}"))
            continue
        bare = bare or not (spec.operations or spec.problems)
        if spec.operations and not any(each.models or is_of_images(each) for each in spec.operations):
            strange.append(spec.name)
    return Side(name, tuple(offers), tuple(notes), partial, unread=tuple(unread), strange=tuple(strange), bare=bare)


def _offers(spec: Spec) -> Iterator[Offer]:
    ours = list(our_offers(spec))
    yield from ours or spec_offers(spec)
