"""The pictures of a call, as the workbench shows them: whole, small, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import PixelpactError
from ..artefacts import UnknownArtefact
from ..calls import Answer
from ..journal import API, Entry, Journal, NoPicture, Picture
from .visit import GUARDED, Visit, page

# A picture never changes, so a browser need not ask again.
KEPT = {**GUARDED, "Cache-Control": "private, max-age=86400"}


@dataclass(frozen=True)
class Shown:
    """A picture of a call: where it is to be had, and its facts, as pairs of name and value."""

    number: int
    place: str
    alt: str
    width: int
    height: int
    facts: tuple[tuple[str, str], ...]


def shown_of(visit: Visit, entry: Entry) -> list[Shown]:
    """The pictures that came of a call; none where what they were made from is gone."""
    if entry.recipe is None:
        return []
    try:
        return [_shown(entry, number, each) for number, each in enumerate(visit.tenant.journal.pictures(entry))]
    except (NoPicture, UnknownArtefact):
        return []


def picture(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """`requests/ID/picture/N`: the file of one picture of a call."""
    entry = entry_of(visit.tenant.journal, rest[0]) if rest else None
    if entry is None or len(rest) != 3 or rest[1] != "picture" or not (rest[2].isascii() and rest[2].isdigit()):
        return None
    try:
        found = visit.tenant.journal.pictures(entry)[int(rest[2])]
        data = found.bytes
    except (PixelpactError, IndexError, ValueError):
        return page(visit, "workbench/gone.html", status=404, id=rest[0][:80])
    return Answer(200, data, f"image/{found.recipe.container}", KEPT)


def entry_of(journal: Journal, request_id: str) -> Entry | None:
    """The call of an id."""
    found = (entry for entry in reversed(journal.entries) if (entry.request_id, entry.hop) == (request_id, API))
    return next(found, None)


def _shown(entry: Entry, number: int, picture: Picture) -> Shown:
    recipe = picture.recipe
    pairs = [
        ("size", f"{recipe.size}"),
        ("seed", str(recipe.seed)),
        ("container", recipe.container.upper()),
        ("digest", recipe.digest),
        *([("guidance", str(recipe.guidance))] if recipe.guidance is not None else []),
        ("watermark", "yes" if recipe.watermark else "no"),
    ]
    place = f"/_pixelpact/requests/{entry.request_id}/picture/{number}"
    alt = f"Picture {number + 1}: {recipe.prompt[:120]}"
    return Shown(number, place, alt, recipe.size.width, recipe.size.height, tuple(pairs))
