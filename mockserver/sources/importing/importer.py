"""Importing: from files and URLs to a set of schemas in a folder, and what had to be said on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ...contract.catalogue import keys_of
from ...contract.contract import fresh
from ...errors import SchemaError
from ..openapi.pointers import unescaped
from ..openapi.spec import Found, Operation, Problem, Spec, gather, read_specs
from ..texts import secretless
from .files import exchange, lay, staged
from .folders import MODEL, Before, before, lost, placed, texts_of
from .models import Made, Origin, is_image_path, is_of_images, made, served_path
from .overlay import OVERLAY, OverlayUnusable, read_overlay
from .reports import Reports, Spot
from .republished import our_models

SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True)
class Wanted:
    """What is asked of an import: where to, and what is said of every file."""

    out: Path
    overlay: Path | None = None
    place: str = ""
    commit: str = ""
    date: str = ""
    status: str | None = None
    prune: bool = False

    def source(self, spec: Spec) -> dict[str, str]:
        """The entry of a file in `sources.json`."""
        said = {"commit": self.commit, "date": self.date, "sha256": spec.sha256}
        place = f"{self.place.rstrip('/')}/{spec.name}" if self.place else spec.name
        return {
            "standing": "documented",
            "place": secretless(place),
            **{key: value for key, value in said.items() if value},
        }


@dataclass(frozen=True)
class Outcome:
    """What an import did: each model's key, file and whether it is new, changed or the same; and what it could not."""

    models: tuple[tuple[str, str, str], ...]
    files: int
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]


@dataclass
class _Run:
    wanted: Wanted
    reports: Reports = field(default_factory=Reports)
    files: list[str] = field(default_factory=list)
    found: int = 0
    sources: dict[str, Any] = field(default_factory=dict)

    def read(self, places: Sequence[str]) -> Iterator[Made]:
        for spec in read_specs(self._counted(gather(places, SUFFIXES))):
            if isinstance(spec, Problem):
                self.reports.problems[spec] = None
            else:
                yield from self._models(spec)

    def _counted(self, documents: Iterable[Found | Problem]) -> Iterator[Found | Problem]:
        for document in documents:
            self.found += isinstance(document, Found)
            yield document

    def _models(self, spec: Spec) -> Iterator[Made]:
        spot = Spot(spec.name, "", self._source(spec), self.reports)
        self.files.append(spec.name)
        origin = Origin(spec.name, spec.sha256, spot.source, self.wanted.status)
        ours = list(our_models(spec.document, origin, spot))
        if ours:
            yield from ours
            return
        chosen = list(_of_images(spec, spot))
        for problem in spec.problems:
            if _matters(problem, found=bool(chosen)):
                self.reports.problems[problem] = None
        for operation in chosen:
            for id in _ids(operation, spot):
                if model := made(operation, id, origin, spot):
                    yield model

    def _source(self, spec: Spec) -> str:
        """What a file is called as a source: by its name, and by more where another file has that name."""
        entry = self.wanted.source(spec)
        name = spec.name
        if self.sources.setdefault(name, entry) != entry:
            name = f"{name} {spec.sha256[:8]}"
            self.sources[name] = entry
        return name


def run(places: Sequence[str], wanted: Wanted) -> Outcome:
    """Import the specifications of these places. Raises OutputUnusable, OverlayUnusable, or SchemaError.

    The last is for what lies in the folder already, and cannot be read.
    """
    run = _Run(wanted)
    models = _best(run.read(places), run.reports)
    out = wanted.out.resolve()
    if not models and not wanted.prune:
        return Outcome((), run.found, tuple(run.reports.problems), tuple(run.reports.notes))
    with staged(out) as stage:
        there = before(out)
        models = _overlaid(placed(models, there, run.reports), there, wanted)
        kept, texts = _checked(models, there, run)
        changed = {path: text for path, text in texts.items() if there.texts.get(path) != text}
        if changed:
            exchange(stage, out, changed)
    keys = keys_of(list(dict.fromkeys([*((each.id, each.path) for each in kept), *there.models])))
    states = tuple((keys[each.id, each.path], each.origin.file, _state(each, there, changed)) for each in kept)
    return Outcome(states, run.found, tuple(run.reports.problems), tuple(run.reports.notes))


def _of_images(spec: Spec, spot: Spot) -> Iterator[Operation]:
    """The operations about images; those without a version only where the one with it is missing."""
    found = [operation for operation in spec.operations if is_of_images(operation)]
    others = [operation.path for operation in spec.operations if operation not in found]
    if not found:
        said = f": {len(others)} about something else, as {others[0]}" if others else ""
        spot.problem(f"no operation about images{said}")
    elif others:
        spot.note(f"left aside, as not about images: {len(others)}, as {others[0]}")
    known = {operation.path: operation for operation in found}
    for operation in found:
        path = served_path(operation.path)
        other = known.get(path, operation)
        if other is operation:
            yield operation
        elif (other.request, other.answers) != (operation.request, operation.answers):
            spot.at(operation.pointer).note(f"not as at {path}, which is taken")


def _matters(problem: Problem, *, found: bool) -> bool:
    """Whether a problem of a document is one of its operations about images."""
    steps = problem.pointer.split("/")
    if steps[1:2] == ["paths"] and len(steps) > 2:
        return is_image_path(unescaped(steps[2]))
    return found or steps[1:2] != ["components"]


def _ids(operation: Operation, spot: Spot) -> tuple[str, ...]:
    if operation.request is None:
        spot.at(operation.pointer).problem("no request as application/json")
    elif not operation.models:
        spot.at(operation.request_pointer).problem("the request names no model: `model` has no enum")
    elif others := [value for value in _listed(operation.request) if not isinstance(value, str)]:
        spot.at(operation.request_pointer).note(f"no ids of models, as they are no texts: {others}")
    return operation.models


def _listed(request: Mapping[str, Any]) -> list[Any]:
    rule = request.get("properties", {}).get("model", {})
    values = rule.get("enum") if isinstance(rule, dict) else None
    return values if isinstance(values, list) else []


def _best(models: Iterable[Made], reports: Reports) -> list[Made]:
    """One model for each id and path, the better of several; sorted."""
    alike: dict[tuple[str, str], list[Made]] = {}
    for each in models:
        alike.setdefault((each.id, each.path), []).append(each)
    best = {key: min(found, key=lambda each: each.rank) for key, found in sorted(alike.items())}
    for key, kept in best.items():
        for left in (each for each in alike[key] if each is not kept):
            reason = f"{left.id} is taken from {kept.origin.file}"
            reports.notes[Problem(left.origin.file, "", reason)] = None
    return list(best.values())


def _overlaid(models: list[Made], there: Before, wanted: Wanted) -> list[Made]:
    file = wanted.overlay or (wanted.out / OVERLAY)
    if wanted.overlay is None and not file.exists():
        return models
    overlay = read_overlay(file)
    left = [(id, present.folder) for (id, _), present in there.models.items()]
    overlay.hold([*((each.id, each.folder) for each in models), *left])
    return [overlay.over(each) for each in models]


def _checked(models: list[Made], there: Before, run: _Run) -> tuple[list[Made], dict[str, str | None]]:
    """The models that load, and the files of the set; one that does not is left out, which is reported."""
    while True:
        gone = lost(models, there, run.files)
        texts = texts_of(models, there, run.sources, gone if run.wanted.prune else ())
        bad = _refused(models, {**there.texts, **texts})
        if bad is None:
            run.reports.notes |= {} if run.wanted.prune else dict.fromkeys(gone.values())
            return models, texts
        each, reason = bad
        if each.patched:
            file = run.wanted.overlay or run.wanted.out / OVERLAY
            raise OverlayUnusable(f"overlay {file}: {each.id} with its patches cannot be used: {reason}") from reason
        run.reports.problems[Problem(each.origin.file, "", f"{each.id} cannot be held: {reason}")] = None
        models = [other for other in models if other is not each]


def _refused(models: list[Made], texts: Mapping[str, str | None]) -> tuple[Made, SchemaError] | None:
    """The first of the models that the set cannot be loaded for. Raises SchemaError for what is not one of them."""
    with TemporaryDirectory() as folder:
        lay({path: text for path, text in texts.items() if text is not None}, Path(folder))
        try:
            fresh(Path(folder))
        except SchemaError as error:
            place = error.file.rpartition("/")[0]
            for each in models:
                if each.folder == place:
                    return each, error
            raise
    return None


def _state(each: Made, there: Before, changed: Mapping[str, str | None]) -> str:
    if f"{each.folder}{MODEL}" not in there.texts:
        return "new"
    return "changed" if any(path in changed for path, _ in each.files()) else "same"
