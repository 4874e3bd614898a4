"""The contract: every model under one profile, and what an error looks like there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from ..errors import SchemaError, UnknownName
from .answers import NO_PICTURE, Template, template
from .breaches import Breach, InvalidRequest, closest, find_breaches, shown
from .catalogue import PATH, Entry, Models, catalogue
from .documents import Documents
from .documents import load as load_documents
from .keywords import Dialect
from .models import Model
from .rules import MISSING
from .sources import Source, names_of

__all__ = ["PATH", "Contract", "ErrorKind", "fresh", "load", "load_all"]
DEFAULT_PROFILE = "observed"
ALL = "all"
# More ids than that are no help in a message.
LISTED = 8


@dataclass(frozen=True)
class ErrorKind:
    """One way to fail: the status, and what the body says. `message` may have fields in braces."""

    status: int
    title: str
    name: str
    message: str
    source: Source
    details: Any = None


@dataclass(frozen=True, eq=False)
class Contract:
    """What the endpoint promises under one profile. `models` are by their key; `usual` are the keys of those meant
    where nobody names one: what the given folders bring, or else the kit's own two.
    """

    profile: str
    summary: str
    models: Mapping[str, Model]
    usual: tuple[str, ...]
    error: Mapping[str, Any]
    errors: Mapping[str, ErrorKind]
    documents: Documents
    entries: tuple[Entry, ...]

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every path that a model is served at."""
        return tuple(dict.fromkeys(entry.path for entry in self.entries))

    def model(self, name: Any) -> Model:
        """The model of that key. Raises InvalidRequest, pointing at the body's `model`."""
        if isinstance(name, str) and name in self.models:
            return self.models[name]
        raise InvalidRequest((self._unknown_model(name, list(self.models)),))

    def check_model(self, body: Any, path: str = PATH) -> Model:
        """The model that a body names, of those at a path. Raises InvalidRequest if it is no object or names none."""
        if not isinstance(body, dict):
            raise InvalidRequest((Breach("", "type", "object", shown(body), (), None, body, "object"),))
        name, served = body.get("model", MISSING), self._by_path.get(path, {})
        if isinstance(name, str) and name in served:
            return self.models[served[name]]
        raise InvalidRequest((self._unknown_model(name, list(served)),))

    def chosen(self, names: Sequence[str] = ()) -> list[Model]:
        """The models of those ids, keys or shell patterns; `all` is every one, and no name the usual.

        Raises UnknownName for a name that no model has.
        """
        keys: dict[str, None] = {}
        for name in names:
            found = [entry.key for entry in self.entries if name in (ALL, entry.key) or fnmatchcase(entry.key, name)]
            if not found:
                raise UnknownName("model", name, tuple(self.models))
            keys |= dict.fromkeys(found)
        return [self.models[key] for key in keys or self.usual]

    def error_breaches(self, body: Any) -> Iterator[Breach]:
        """Every rule of the error schema that a body breaks."""
        return iter(()) if self._error.accepts(body) else find_breaches(self._error, body, self.documents.sources)

    def error_answered(self, values: Mapping[str, Any]) -> Any:
        """The body of an error with those values."""
        return self._error_template(values, NO_PICTURE)

    def compile_laid(self) -> None:
        """Compile what the given folders bring, so that no broken schema waits to be asked for. Raises SchemaError."""
        for entry in self.entries:
            if not self.documents.is_trusted(entry.file):
                self.models[entry.key]

    @property
    def error_sources(self) -> tuple[Source, ...]:
        """Where the form of an error comes from."""
        return tuple(self.documents.sources[name] for name in names_of(self.error, "required"))

    @cached_property
    def _error(self) -> Dialect:
        return Dialect(self.error)

    @cached_property
    def _error_template(self) -> Template:
        return template(self.error)

    @cached_property
    def _by_path(self) -> dict[str, dict[str, str]]:
        """The keys of the models at each path, by id."""
        return {path: {each.id: each.key for each in self.entries if each.path == path} for path in self.paths}

    def _unknown_model(self, name: Any, known: list[str]) -> Breach:
        rule = "required" if name is MISSING else "enum" if isinstance(name, str) else "type"
        allowed = " | ".join(f'"{each}"' for each in known[:LISTED])
        more = f" | … ({len(known)} models in all)" if len(known) > LISTED else ""
        meant = closest(name, known) if isinstance(name, str) else None
        value = None if name is MISSING else name
        return Breach("/model", rule, allowed + more, shown(name), (), meant, value, bound=known)


def load(*folders: Path, profile: str = DEFAULT_PROFILE) -> Contract:
    """The packaged contract, with the schemas of the given folders laid over it; read once a process.

    Raises SchemaError, naming file and pointer, for a schema that cannot be used, and UnknownName for the profile.
    """
    return _of(load_all(*folders), profile)


def fresh(*folders: Path, profile: str = DEFAULT_PROFILE) -> Contract:
    """As `load`, but the folders are read again."""
    return _of(_load_all(*folders), profile)


def _of(known: Mapping[str, Contract], profile: str) -> Contract:
    if profile not in known:
        raise UnknownName("profile", profile, tuple(known))
    return known[profile]


def _load_all(*folders: Path) -> Mapping[str, Contract]:
    documents = load_documents(folders)
    profiles = documents.by_path["profiles.json"]
    # Many profiles and models share an answer or an error: each is compiled once.
    compiled = cache(documents.schema)
    kinds = {name: _kind(documents, name) for name in documents.by_path["shared/errors.json"]}
    contracts = {}
    for profile, fields in profiles.items():
        entries = catalogue(documents, profile)
        contracts[profile] = Contract(
            profile=profile,
            summary=fields["summary"],
            models=Models(documents, compiled, profile, entries),
            usual=_usual(entries),
            error=compiled("error", fields["error"], "profiles.json"),
            errors=kinds,
            documents=documents,
            entries=entries,
        )
    for contract in contracts.values():
        contract.compile_laid()
    return contracts


load_all = lru_cache(maxsize=8)(_load_all)


def _usual(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """What the topmost layers bring; the kit's own imports are the lowest, and count only where they are alone."""
    laid = [entry.key for entry in entries if entry.layer > 1]
    own = [entry.key for entry in entries if entry.layer == 1]
    return tuple(laid or own or [entry.key for entry in entries])


def _kind(documents: Documents, name: str) -> ErrorKind:
    fields = documents.by_path["shared/errors.json"][name]
    try:
        fields["message"].format(method="", path="", reason="")
    except (KeyError, IndexError, ValueError) as reason:
        known = "{method}, {path} and {reason}"
        raise SchemaError("shared/errors.json", f"/{name}/message", f"a field that is none of {known}") from reason
    return ErrorKind(**{**fields, "source": documents.sources[fields["source"]]})
