"""An edit, before and after: the caller's picture at the size of the answer, and the region that changed."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import PictureRefused
from ..artefacts import UnknownArtefact
from ..calls import Answer
from ..journal import Entry
from .pictures import KEPT, entry_of
from .visit import Visit

# The side of the blocks by which the box is told. Pixels.
FINE = 8


@dataclass(frozen=True)
class Edit:
    """Where the picture before an edit is, the size, and the box (left, top, right, bottom) that changed, if any did.

    `kept` is the share of the picture that is as it was; `middle` is that of the box, in percent of the width.
    """

    before: str
    width: int
    height: int
    box: tuple[int, int, int, int] | None
    kept: float

    @property
    def middle(self) -> int:
        """Where a slider shows half of what changed."""
        return round(50 * (self.box[0] + self.box[2]) / self.width) if self.box else 50


def edit_of(visit: Visit, entry: Entry) -> Edit | None:
    """The edit that a call was; None of one that drew, and of one whose picture is gone."""
    recipe = entry.recipe
    if recipe is None or recipe.image is None:
        return None
    from ...pixels.measure import survival

    try:
        before = visit.mock.latest.artefacts.input(recipe)
        after = visit.tenant.journal.picture(entry).bytes
        found = survival(before or b"", after, FINE)
    except (UnknownArtefact, PictureRefused):
        return None
    place = f"/_pixelpact/requests/{entry.request_id}/before"
    return Edit(place, recipe.size.width, recipe.size.height, found.changed, found.within_8)


def before(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """`requests/ID/before`: the caller's picture, at the size of the answer."""
    entry = entry_of(visit.tenant.journal.entries, rest[0]) if len(rest) == 2 and rest[1] == "before" else None
    if entry is None or entry.recipe is None:
        return None
    try:
        data = visit.mock.latest.artefacts.input(entry.recipe)
    except UnknownArtefact:
        return None
    from ...pixels.thumbnail import resized

    return Answer(200, resized(data, entry.recipe.size), "image/jpeg", KEPT) if data else None
