"""Two sides compared: models and paths that came and went, and what changed of each that both have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ..openapi.likely import STRAY
from ..openapi.problems import Problem
from ..texts import secretless
from .classes import Finding, judged
from .offers import offer_changes
from .values import ENDPOINT, SEEN, Change, NothingToCompare, Offer, Side

Pair = tuple[Offer, Offer]
Models = Mapping[str, list[Offer]]


@dataclass(frozen=True)
class Comparison:
    """What two sides came to: `models` is how many were on both, `notes` what was left out of it,
    `unread` the files that could not be compared."""

    old: str
    new: str
    models: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    unread: tuple[Problem, ...] = ()


def compare(old: Side, new: Side, pattern: str = "*") -> Comparison:
    """Every change from one side to the other, of the models that a shell pattern names; the worst come first.

    Raises NothingToCompare where the pattern names none of either side.
    """
    unread, apart = _unread(old, new)
    skipped = {problem.file for problem in (*old.unread, *new.unread)}
    mine, theirs = (_chosen(side, pattern, skipped) for side in (old, new))
    if not mine and not theirs and not unread:
        raise NothingToCompare(pattern, (f"no model that matches {pattern!r} on either side",))
    both = [model for model in mine if model in theirs]
    notes = [*old.notes, *new.notes, *map(str, apart)]
    found = [*_came_and_went(mine, theirs, new.missing)] if old.partial == new.partial else []
    for model in both:
        found += _paths(mine[model], theirs[model])
        for before, after in _pairs(mine[model], theirs[model], notes):
            # A recording does not say which endpoint it is of.
            told = before if after.nature == SEEN else after
            found += ((told, change) for change in offer_changes(before, after))
    public = tuple(dict.fromkeys(map(secretless, notes)))
    return Comparison(secretless(old.name), secretless(new.name), len(both), _together(found), public, tuple(unread))


def _unread(old: Side, new: Side) -> tuple[list[Problem], list[Problem]]:
    """The files that should have been compared and could not be; and those that nobody missed."""
    missed: list[Problem] = []
    others: list[Problem] = []
    for side, other in ((old, new), (new, old)):
        files = {offer.file for offer in other.offers}
        for problem in side.unread:
            stray = problem.reason.startswith(STRAY) and problem.file not in files
            name = problem.file if side.partial else f"{side.name.rstrip('/')}/{problem.file}"
            told = Problem(secretless(name), problem.pointer, secretless(problem.reason))
            (others if stray else missed).append(told)
    return list(dict.fromkeys(missed)), others


def _chosen(side: Side, pattern: str, skipped: Collection[str]) -> dict[str, list[Offer]]:
    models: dict[str, list[Offer]] = {}
    for offer in side.offers:
        # An endpoint without models stands for itself.
        name = offer.model or offer.endpoint
        if fnmatchcase(name, pattern) and offer.file not in skipped:
            models.setdefault(name, []).append(offer)
    return models


def _came_and_went(old: Models, new: Models, missing: Collection[str]) -> Iterator[tuple[Offer, Change]]:
    # A recording has some models, and says nothing of the others.
    if not _recorded(old) and not _recorded(new):
        for model in old:
            if model not in new:
                yield old[model][0], Change("unpublished" if model in missing else "model-removed", ENDPOINT)
        yield from ((new[model][0], Change("model-added", ENDPOINT)) for model in new if model not in old)


def _recorded(models: Models) -> bool:
    return any(offer.nature == SEEN for offers in models.values() for offer in offers)


def _paths(old: list[Offer], new: list[Offer]) -> Iterator[tuple[Offer, Change]]:
    """Endpoints of a model that came and went. A recording does not say where its answers came from."""
    if any(offer.nature == SEEN for offer in (*old, *new)):
        return
    before, after = ({offer.endpoint: offer for offer in side} for side in (old, new))
    lost, gained = ([name for name in side if name not in other] for side, other in ((before, after), (after, before)))
    if len({offer.nature for offer in (*old, *new)}) > 1 and len(lost) < len(before):
        # Schemas have one path, a specification aliases too.
        return
    if lost and gained:
        yield before[lost[0]], Change("path-moved", ENDPOINT, before=lost.pop(0), after=gained.pop(0))
    yield from ((before[name], Change("path-removed", ENDPOINT, "", name, ", ".join(after))) for name in lost)
    yield from ((after[name], Change("path-added", ENDPOINT, before="none", after=name)) for name in gained)


def _pairs(old: list[Offer], new: list[Offer], notes: list[str]) -> Iterator[Pair]:
    """What to compare with what: the offers of one endpoint, of one file where both sides have several."""
    before, after = (_by_endpoint(side) for side in (old, new))
    common = [name for name in before if name in after]
    left, right = ([name for name in side if name not in common] for side in (before, after))
    for mine, theirs in [*((name, name) for name in common), *list(zip(left, right, strict=False))[:1]]:
        yield from _of_one_file(before[mine], after[theirs], notes)


def _by_endpoint(offers: list[Offer]) -> dict[str, list[Offer]]:
    found: dict[str, list[Offer]] = {}
    for offer in offers:
        found.setdefault(offer.endpoint, []).append(offer)
    return found


def _of_one_file(old: list[Offer], new: list[Offer], notes: list[str]) -> list[Pair]:
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    before, after = ({offer.file: offer for offer in side} for side in (old, new))
    same = [(before[file], after[file]) for file in before if file in after]
    pairs = same or [(old[-1], new[-1])]
    for side, compared in zip((old, new), zip(*pairs, strict=True), strict=True):
        if len(side) > len(compared):
            files = ", ".join(offer.file for offer in compared)
            notes.append(f"{side[0].model}: {len(side)} files tell of it, {files} was compared")
    return pairs


def _together(found: Iterable[tuple[Offer, Change]]) -> tuple[Finding, ...]:
    """Equal changes as one with all their models, the worst first."""
    models: dict[Change, dict[tuple[str, str], None]] = {}
    for offer, change in found:
        where = secretless(offer.model), secretless(offer.endpoint)
        models.setdefault(_secretless(change), {})[where] = None
    findings = [replace(judged(change), models=tuple(where)) for change, where in models.items()]
    return tuple(sorted(findings, key=lambda finding: -finding.severity))


def _secretless(change: Change) -> Change:
    """A change without any secret that a document has in a name or a value."""
    told = {name: secretless(getattr(change, name)) for name in ("part", "pointer", "before", "after")}
    return replace(change, **told)
