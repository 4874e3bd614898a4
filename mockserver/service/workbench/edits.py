"""An edit, before and after: the caller's picture at the size of the answer, and the region that changed."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import PictureRefused
from ..artefacts import UnknownArtefact
from ..calls import Answer
from ..journal import Entry
from .pictures import KEPT, entry_of
from .visit import Visit


@dataclass(frozen=True)
class Edit:
    """Where both pictures of an edit are, their size, and the box (left, top, right, bottom) that changed, if any did.

    `kept` is the share of the picture that is as it was.
    """

    before: str
    after: str
    width: int
    height: int
    box: tuple[int, int, int, int] | None
    kept: float


def edit_of(visit: Visit, entry: Entry) -> Edit | None:
    """The edit that a call was; None of one that drew, and of one whose picture is gone."""
    recipe = entry.recipe
    if recipe is None or recipe.image is None:
        return None
    from ...pixels.measure import survival

    try:
        before = visit.mock.latest.artefacts.input(recipe)
        after = visit.tenant.journal.picture(entry).bytes
        found = survival(before or b"", after)
    except (UnknownArtefact, PictureRefused):
        return None
    place = f"/_pixelpact/requests/{entry.request_id}"
    size = recipe.size
    return Edit(f"{place}/before", f"{place}/picture/0", size.width, size.height, found.changed, found.within_8)


def before(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """`requests/ID/before`: the caller's picture, at the size of the answer."""
    entry = entry_of(visit.tenant.journal, rest[0]) if len(rest) == 2 and rest[1] == "before" else None
    if entry is None or entry.recipe is None:
        return None
    try:
        data = visit.mock.latest.artefacts.input(entry.recipe)
    except UnknownArtefact:
        return None
    from ...pixels.thumbnail import resized

    return Answer(200, resized(data, entry.recipe.size), "image/jpeg", KEPT) if data else None
