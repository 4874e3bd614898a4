"""The contract: every model under one profile, and what an error looks like there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from ..errors import SchemaError, UnknownName
from .breaches import Breach, InvalidRequest, closest, find_breaches, shown
from .documents import Documents
from .documents import load as load_documents
from .keywords import MISSING, Dialect
from .models import Model, Picture
from .sources import Source, names_of

DEFAULT_PROFILE = "observed"
PATH = "/v1/images/generations"
Compiler = Callable[[str, str, str], dict[str, Any]]


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
    """What the endpoint promises under one profile."""

    profile: str
    summary: str
    models: Mapping[str, Model]
    error: Mapping[str, Any]
    errors: Mapping[str, ErrorKind]
    documents: Documents

    def model(self, name: Any) -> Model:
        """The model of that id. Raises InvalidRequest, pointing at the body's `model`."""
        if isinstance(name, str) and name in self.models:
            return self.models[name]
        raise InvalidRequest((self._unknown_model(name),))

    def check_model(self, body: Any) -> Model:
        """The model that a body names. Raises InvalidRequest if the body is no object or names none."""
        if not isinstance(body, dict):
            raise InvalidRequest((Breach("", "type", "object", shown(body), (), None, body, "object"),))
        return self.model(body.get("model", MISSING))

    def error_breaches(self, body: Any) -> Iterator[Breach]:
        """Every rule of the error schema that a body breaks."""
        return find_breaches(self._error, body, self.documents.sources)

    @property
    def error_sources(self) -> tuple[Source, ...]:
        """Where the form of an error comes from."""
        return tuple(self.documents.sources[name] for name in names_of(self.error, "required"))

    @cached_property
    def _error(self) -> Dialect:
        return Dialect(self.error)

    def _unknown_model(self, name: Any) -> Breach:
        rule = "required" if name is MISSING else "enum" if isinstance(name, str) else "type"
        allowed = " | ".join(f'"{known}"' for known in self.models)
        meant = closest(name, list(self.models)) if isinstance(name, str) else None
        value = None if name is MISSING else name
        return Breach("/model", rule, allowed, shown(name), (), meant, value, bound=list(self.models))


def load(*folders: Path, profile: str = DEFAULT_PROFILE) -> Contract:
    """The packaged contract, with the schemas of the given folders laid over it.

    Raises SchemaError, naming file and pointer, for a schema that cannot be used, and UnknownName for the profile.
    """
    # Every profile is compiled, so that a broken schema never waits for its profile to be chosen.
    known = load_all(*folders)
    if profile not in known:
        raise UnknownName("profile", profile, tuple(known))
    return known[profile]


@lru_cache(maxsize=8)
def load_all(*folders: Path) -> Mapping[str, Contract]:
    """The contract under each profile, by its name; read once a process. Raises SchemaError as `load` does."""
    documents = load_documents(folders)
    profiles = documents.by_path["profiles.json"]
    # Many profiles and models share an answer or an error: each is compiled once.
    compiled = cache(documents.schema)
    errors = {name: compiled("error", fields["error"], "profiles.json") for name, fields in profiles.items()}
    named = [(path, name) for path in documents.models() for name in _profiles_of(documents, path)]
    models = [(path, _model(documents, compiled, path, name)) for path, name in named]
    kinds = {name: _kind(documents, name) for name in documents.by_path["shared/errors.json"]}
    return {
        profile: Contract(
            profile=profile,
            summary=fields["summary"],
            models=_by_id([(path, model) for path, model in models if model.profile == profile]),
            error=errors[profile],
            errors=kinds,
            documents=documents,
        )
        for profile, fields in profiles.items()
    }


def _by_id(models: list[tuple[str, Model]]) -> dict[str, Model]:
    found: dict[str, Model] = {}
    for path, model in models:
        if model.id in found:
            raise SchemaError(path, "/id", f"{model.id} is another file's model already")
        found[model.id] = model
    return found


def _profiles_of(documents: Documents, path: str) -> list[str]:
    """The profiles that a model's file has, and those that are of one of them."""
    profiles, own = documents.by_path["profiles.json"], documents.by_path[path]["profiles"]
    return [*own, *(name for name, fields in profiles.items() if fields.get("of") in own and name not in own)]


def _model(documents: Documents, compiled: Compiler, path: str, profile: str) -> Model:
    fields = documents.by_path[path]
    shared = documents.by_path["profiles.json"].get(profile)
    if shared is None:
        raise SchemaError(path, f"/profiles/{profile}", "no such profile in profiles.json")
    own = fields["profiles"].get(profile) or {"request": fields["profiles"][shared["of"]]["request"]}
    answer = (own["answer"], path) if "answer" in own else (shared["answer"], "profiles.json")
    return Model(
        **{key: fields[key] for key in ("id", "title", "task", "status", "credits")},
        picture=Picture(**fields["picture"]),
        profile=profile,
        reading=profile if profile in fields["profiles"] else shared["of"],
        request=compiled("request", own["request"], path),
        answer=compiled("answer", *answer),
        success=own.get("status", shared["status"]),
        promised_by=(documents.sources[shared["source"]],),
        sources=documents.sources,
    )


def _kind(documents: Documents, name: str) -> ErrorKind:
    fields = documents.by_path["shared/errors.json"][name]
    try:
        fields["message"].format(method="", path="", reason="")
    except (KeyError, IndexError, ValueError) as reason:
        known = "{method}, {path} and {reason}"
        raise SchemaError("shared/errors.json", f"/{name}/message", f"a field that is none of {known}") from reason
    return ErrorKind(**{**fields, "source": documents.sources[fields["source"]]})
