"""Where models go in a folder that has some already, and what its files shall say then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ...errors import SchemaError
from ..openapi.problems import Problem
from .files import files_of, text_of
from .models import PATH, Made
from .overlay import ASSUMED, OVERLAY
from .reports import Reports

SOURCES = "sources.json"
MODEL = "/model.json"
Key = tuple[str, str]


@dataclass(frozen=True)
class Present:
    """A model that a folder has: its own folder there, and its origin; one that was written by hand has none."""

    folder: str
    origin: Mapping[str, str]


@dataclass(frozen=True)
class Before:
    """The JSON files of a folder before an import, by their path in it."""

    texts: Mapping[str, str]

    @cached_property
    def models(self) -> dict[Key, Present]:
        """The models by id and path."""
        return dict(self._models())

    @cached_property
    def sources(self) -> dict[str, Any]:
        """What `sources.json` says. Raises SchemaError."""
        found = self._content(SOURCES) if SOURCES in self.texts else {}
        if not isinstance(found, dict):
            raise SchemaError(SOURCES, "", "no JSON object")
        return found

    def _models(self) -> Iterator[tuple[Key, Present]]:
        for path in self.texts:
            if path.endswith(MODEL):
                content = self._content(path)
                if isinstance(content, dict) and isinstance(content.get("id"), str):
                    origin = content.get("origin")
                    present = Present(path.removesuffix(MODEL), origin if isinstance(origin, dict) else {})
                    yield (content["id"], content.get("path", PATH)), present

    def _content(self, path: str) -> Any:
        try:
            return json.loads(self.texts[path])
        except (ValueError, RecursionError) as reason:
            raise SchemaError(path, "", f"not JSON: {reason}") from reason


def before(out: Path) -> Before:
    """What a folder has, if it is there. Raises SchemaError."""
    texts = {}
    for path in files_of(out) if out.is_dir() else ():
        try:
            texts[path] = (out / path).read_text("utf-8")
        except UnicodeDecodeError as reason:
            raise SchemaError(path, "", f"not JSON: {reason}") from reason
    return Before(texts)


def placed(models: list[Made], there: Before, reports: Reports) -> list[Made]:
    """Each model in a folder of its own: that which it has, or one that no other has, whatever its capitals."""
    owners = {present.folder.lower(): key for key, present in there.models.items()}
    return [found for each in models if (found := _placed(each, there, owners, reports)) is not None]


def _placed(each: Made, there: Before, owners: dict[str, Key], reports: Reports) -> Made | None:
    key = each.id, each.path
    present = there.models.get(key, Present(each.folder, each.model["origin"]))
    folder = present.folder

    def said(reason: str) -> Problem:
        return Problem(each.origin.file, "", f"{each.id} {reason}")

    if not present.origin:
        reports.problems[said(f"is written by hand in {folder}: left as it is")] = None
        return None
    if present.origin.get("file") != each.model["origin"]["file"]:
        reports.notes[said(f"replaces the one from {present.origin.get('file')}")] = None
    if owners.setdefault(folder.lower(), key) != key:
        folder = f"{folder}_{hashlib.sha256(' '.join(key).encode()).hexdigest()[:8]}"
        reports.notes[said(f"lies in {folder}")] = None
    return replace(each, folder=folder)


def texts_of(
    models: list[Made], there: Before, sources: Mapping[str, Any], gone: Collection[str]
) -> dict[str, str | None]:
    """What the files of the set shall say; None for one that shall go, as all in the folders that are gone."""
    texts: dict[str, str | None] = {path: None for path in there.texts if path.rpartition("/")[0] in gone}
    for each in models:
        texts[f"{each.folder}/answer.json"] = None
        texts |= {path: text_of(content) for path, content in each.files()}
    texts = {path: text for path, text in texts.items() if text is not None or path in there.texts}
    named = dict(there.sources)
    for each in models:
        named |= {name: sources[name] for name in (each.origin.source,) if name} | dict(each.sources)
    named = {name: entry for name, entry in named.items() if entry != ASSUMED or _names(name, {**there.texts, **texts})}
    return {**texts, SOURCES: text_of(dict(sorted(named.items())))}


def _names(source: str, texts: Mapping[str, str | None]) -> bool:
    """Whether any file but that of the sources names a source."""
    quoted = json.dumps(source)
    return any(quoted in text for path, text in texts.items() if text is not None and path not in (SOURCES, OVERLAY))


def lost(models: list[Made], there: Before, files: Collection[str]) -> dict[str, Problem]:
    """The models that these files had when they were last imported, and have no more, by their folders."""
    came = {(each.id, each.path) for each in models}
    found = {}
    for key, present in there.models.items():
        file = present.origin.get("file", "")
        if key not in came and file in files:
            found[present.folder] = Problem(file, "", f"{key[0]} comes no more: left (see --prune)")
    return found
