"""Linting: documents in, findings out, in an order that is always the same."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...contract.contract import Contract
from ..importing.models import is_of_images
from ..openapi.likely import OF_NO_IMAGES, STRAY, is_other_yaml, is_yaml
from ..openapi.likely import SUFFIXES as SPECS
from ..openapi.problems import NotASpec, Problem
from ..openapi.spec import Found, Spec, gather, read_spec
from ..texts import secretless
from .code import split_url
from .document import Document, page_document, spec_document
from .findings import SEVERITIES, Finding, Place, Rule
from .library import library
from .page import Page, read_page
from .positions import positions
from .rules.table import NOT_OPENAPI, RULES, UNREADABLE

PAGES = (".md", ".markdown", ".mdx")
SUFFIXES = (*SPECS, *PAGES)


@dataclass(frozen=True)
class Result:
    """What was found; `pages` and `specs` count what could be read."""

    findings: tuple[Finding, ...]
    pages: int
    specs: int

    @property
    def documents(self) -> int:
        """How many documents could be read."""
        return self.pages + self.specs

    def fails(self, least: str) -> bool:
        """Whether a finding is at least so severe."""
        ranks: list[str] = [*SEVERITIES]
        return any(ranks.index(finding.rule.severity) >= ranks.index(least) for finding in self.findings)


def lint(places: Sequence[str], contracts: Mapping[str, Contract], ignored: Collection[Rule] = ()) -> Result:
    """What is wrong with the documents of files, folders and URLs, by every rule that is not ignored."""
    findings: list[Finding] = []
    read: list[tuple[Page | Spec, str]] = []
    for place in places:
        for found in _found(place):
            one, finding = _read(found, named=not Path(place).is_dir())
            known_already = one is not None and any(one[0].name == other.name for other, _ in read)
            read += [one] if one and not known_already else []
            findings += [finding] if finding else []
    specs = [spec for spec, _ in read if isinstance(spec, Spec)]
    known = library(specs, contracts)
    for parsed, text in read:
        document = page_document(parsed, known) if isinstance(parsed, Page) else spec_document(parsed, known)
        findings += _judged(document, text)
    kept = {_secretless(finding) for finding in findings if finding.rule not in ignored}
    return Result(tuple(sorted(kept, key=lambda finding: finding.order)), len(read) - len(specs), len(specs))


def _found(place: str) -> Iterator[Found | Problem]:
    """The documents of a place, named as a person would find them from here."""
    folder = Path(place).is_dir()
    for found in gather([place], SUFFIXES):
        name = found.name if isinstance(found, Found) else found.file
        if name != place and "://" not in place:
            name = (Path(place) / name).as_posix() if folder else Path(place).as_posix()
        if not (folder and is_other_yaml(found)):
            yield found._replace(name=name) if isinstance(found, Found) else replace(found, file=name)


def _read(found: Found | Problem, *, named: bool) -> tuple[tuple[Page | Spec, str] | None, Finding | None]:
    if isinstance(found, Problem):
        return None, _unreadable(found, named=True)
    if _is_page(found):
        text = found.data.decode("utf-8-sig", "replace")
        return (read_page(found.name, text), text), None
    try:
        spec = read_spec(found.name, found.data)
    except NotASpec as error:
        return None, _unreadable(error.problem, named=named)
    if spec.operations and not any(each.models or is_of_images(each) for each in spec.operations):
        return None, _unreadable(Problem(found.name, "", OF_NO_IMAGES), named=named)
    return (spec, found.data.decode(json.detect_encoding(found.data), "replace").removeprefix("\ufeff")), None


def _is_page(found: Found) -> bool:
    path = split_url(found.name).path if "://" in found.name else found.name
    suffix = Path(path).suffix.lower()
    if suffix in PAGES:
        return True
    return suffix not in SPECS and found.data.lstrip()[:1] not in (b"{", b"") and "://" in found.name


def _unreadable(problem: Problem, *, named: bool) -> Finding:
    """A folder of docs may hold other files; one that somebody names is meant."""
    stray = problem.reason.startswith(STRAY) or is_yaml(problem.file)
    rule = NOT_OPENAPI if stray and not named else UNREADABLE
    return Finding(rule, Place(problem.file, pointer=problem.pointer), problem.reason)


def _secretless(finding: Finding) -> Finding:
    """A finding without any secret that the document has in a name or a value."""
    place = replace(finding.place, file=secretless(finding.place.file), pointer=secretless(finding.place.pointer))
    return replace(finding, place=place, message=secretless(finding.message))


def _judged(document: Document, text: str) -> Iterable[Finding]:
    findings = [
        Finding(rule, reason.place, reason.message) for rule in RULES.values() for reason in rule.judge(document)
    ]
    if document.page:
        return findings
    where = positions(text, {finding.place.pointer for finding in findings})
    return [replace(finding, place=_placed(finding.place, where)) for finding in findings]


def _placed(place: Place, where: Mapping[str, tuple[int, int]]) -> Place:
    """A pointer's place with its line and column; those of what holds it, where it is not in the text itself."""
    pointer = place.pointer
    while pointer and pointer not in where:
        pointer = pointer.rpartition("/")[0]
    line, column = where.get(pointer, (1, 1))
    return replace(place, line=line, column=column)
