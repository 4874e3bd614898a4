"""Which models a contract has: read from their `model.json`, and compiled when one is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import SchemaError
from .documents import Documents
from .models import Model, Picture
from .sources import Source

PATH = "/v1/images/generations"
Compiler = Callable[[str, str, str], dict[str, Any]]


@dataclass(frozen=True)
class Entry:
    """A model of a contract by its key, and the `model.json` that it is read from.

    `layer` is that of the file: 0 the kit's imports, 1 its own models, 2 and up the folders given.
    """

    key: str
    id: str
    path: str
    file: str
    layer: int


class Models(Mapping[str, Model]):
    """The models of one profile by key, in the order of their files; each is compiled once, when first asked for."""

    def __init__(self, documents: Documents, compiled: Compiler, profile: str, entries: tuple[Entry, ...]) -> None:
        self._documents = documents
        self._compiled = compiled
        self._profile = profile
        self._entries = {entry.key: entry for entry in entries}
        self._made: dict[str, Model] = {}

    def __getitem__(self, key: str) -> Model:
        if key not in self._made:
            self._made[key] = self._model(self._entries[key])
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def _model(self, entry: Entry) -> Model:
        documents, profile = self._documents, self._profile
        fields = documents.by_path[entry.file]
        shared = documents.by_path["profiles.json"][profile]
        own = fields["profiles"].get(profile) or {"request": fields["profiles"][shared["of"]]["request"]}
        answer = (own["answer"], entry.file) if "answer" in own else (shared["answer"], "profiles.json")
        return Model(
            **{name: fields[name] for name in ("id", "title", "task", "status", "credits")},
            key=entry.key,
            path=entry.path,
            origin=fields.get("origin", {}).get("file", ""),
            picture=Picture(**fields["picture"]),
            profile=profile,
            reading=profile if profile in fields["profiles"] else shared["of"],
            request=self._compiled("request", own["request"], entry.file),
            answer=self._compiled("answer", *answer),
            success=own.get("status", shared["status"]),
            promised_by=_promised_by(documents, fields, shared["source"]),
            sources=documents.sources,
        )


def catalogue(documents: Documents, profile: str) -> tuple[Entry, ...]:
    """The models that a profile has, each id and path once: that of the highest layer.

    Raises SchemaError for two models of one layer with the same id and path, and for an unknown profile.
    """
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for file in documents.models():
        fields = documents.by_path[file]
        if profile not in _profiles_of(documents, file):
            continue
        name, layer = (fields["id"], fields.get("path", PATH)), documents.layers[file]
        above, other = found.get(name, (-1, ""))
        if layer == above:
            raise SchemaError(file, "/id", f"{name[0]} is the model of {other} already")
        if layer > above:
            found[name] = layer, file
    keys = keys_of(list(found))
    entries = [Entry(keys[name], *name, file, layer) for name, (layer, file) in found.items()]
    # The kit's own first, then by file.
    return tuple(sorted(entries, key=lambda entry: (entry.layer == 0, entry.file)))


def keys_of(names: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The key of each id and path: the id; of several paths, all but the plainest are told by the end of theirs."""
    times = Counter(id for id, _ in names)
    plainest = {id: min((path for other, path in names if other == id), key=_plainness) for id in times}
    ends = {name: f"{name[0]}@{name[1].rpartition('/')[2]}" for name in names}
    return {name: name[0] if name[1] == plainest[name[0]] else ends[name] for name in names}


def _plainness(path: str) -> tuple[bool, str]:
    return path != PATH, path


def _profiles_of(documents: Documents, file: str) -> list[str]:
    """The profiles that a model's file has, and those that are of one of them."""
    profiles, own = documents.by_path["profiles.json"], documents.by_path[file]["profiles"]
    unknown = next((name for name in own if name not in profiles), None)
    if unknown is not None:
        raise SchemaError(file, f"/profiles/{unknown}", "no such profile in profiles.json")
    return [*own, *(name for name, fields in profiles.items() if fields.get("of") in own and name not in own)]


def _promised_by(documents: Documents, fields: Mapping[str, Any], profile_source: str) -> tuple[Source, ...]:
    """Where it is promised that the model answers: the file that it was imported from, or the profile's source."""
    digest = fields.get("origin", {}).get("sha256")
    imported = (source for source in documents.sources.values() if digest and source.sha256 == digest)
    return (next(imported, documents.sources[profile_source]),)
