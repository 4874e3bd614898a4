"""The pictures of a call, as the workbench shows them: whole, small, and what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import PixelpactError
from ..artefacts import UnknownArtefact
from ..calls import Answer
from ..journal import Entry, NoPicture, Picture
from .visit import GUARDED, Visit, page

# A picture never changes, so a browser need not ask again.
KEPT = {**GUARDED, "Cache-Control": "private, max-age=86400"}
# What every browser shows.
BROWSABLE = ("jpeg", "png", "webp")


@dataclass(frozen=True)
class Shown:
    """A picture of a call: its file, where it is shown, and its facts, as pairs of name and value."""

    number: int
    file: str
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
        visit.mock.latest.artefacts.input(entry.recipe)
        return [_shown(entry, number, each) for number, each in enumerate(visit.tenant.journal.pictures(entry))]
    except (NoPicture, UnknownArtefact):
        return []


def picture(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """`requests/ID/picture/N`: the file of one picture of a call; `shown` in place of `picture`: as any browser can."""
    if len(rest) != 3 or rest[1] not in ("picture", "shown") or not (rest[2].isascii() and rest[2].isdigit()):
        return None
    entry = entry_of(visit.tenant.journal.entries, rest[0])
    try:
        found = visit.tenant.journal.pictures(entry)[int(rest[2])] if entry else None
        data = found.bytes if found else b""
    except (PixelpactError, IndexError, ValueError):
        found = None
    if found is None:
        return page(visit, "workbench/gone.html", status=404, id=rest[0][:80])
    if rest[1] == "shown":
        from ...pixels.thumbnail import resized

        return Answer(200, resized(data, found.size), "image/jpeg", KEPT)
    return Answer(200, data, f"image/{found.recipe.container}", KEPT)


def entry_of(entries: Sequence[Entry], request_id: str) -> Entry | None:
    """The call of an id."""
    return next((entry for entry in reversed(entries) if entry.request_id == request_id), None)


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
    file = f"/_pixelpact/requests/{entry.request_id}/picture/{number}"
    place = file if recipe.container in BROWSABLE else file.replace("/picture/", "/shown/")
    alt = f"Picture {number + 1}: {recipe.prompt[:120]}"
    return Shown(number, file, place, alt, recipe.size.width, recipe.size.height, tuple(pairs))
