"""The contract: every model under one profile, and what an error looks like there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema.exceptions import SchemaError as JsonSchemaError

from ..errors import SchemaError, UnknownName
from .breaches import Breach, InvalidRequest, closest, find_breaches, shown
from .documents import Documents
from .documents import load as load_documents
from .keywords import MISSING, Dialect
from .models import Model, Picture
from .sources import Source

DEFAULT_PROFILE = "observed"


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
    documents = load_documents(folders)
    profiles = documents.by_path["profiles.json"]
    if profile not in profiles:
        raise UnknownName("profile", profile, tuple(profiles))
    shared = profiles[profile]
    return Contract(
        profile=profile,
        summary=shared["summary"],
        models={model.id: model for model in _models(documents, profile)},
        error=_compiled(documents, shared["error"], "profiles.json"),
        errors={name: _kind(documents, fields) for name, fields in documents.by_path["shared/errors.json"].items()},
        documents=documents,
    )


def profiles(*folders: Path) -> dict[str, str]:
    """What each profile stands for, by name."""
    return {name: fields["summary"] for name, fields in load_documents(folders).by_path["profiles.json"].items()}


def _models(documents: Documents, profile: str) -> Iterator[Model]:
    for path in documents.models():
        fields = documents.by_path[path]
        for name in fields["profiles"]:
            # Every profile is compiled, so that a broken schema never waits for its profile to be chosen.
            model = _model(documents, path, name)
            if name == profile:
                yield model


def _model(documents: Documents, path: str, profile: str) -> Model:
    fields = documents.by_path[path]
    shared = documents.by_path["profiles.json"].get(profile)
    if shared is None:
        raise SchemaError(path, f"/profiles/{profile}", "no such profile in profiles.json")
    own = fields["profiles"][profile]
    answer = (own["answer"], path) if "answer" in own else (shared["answer"], "profiles.json")
    return Model(
        **{key: fields[key] for key in ("id", "title", "task", "status", "credits")},
        picture=Picture(**fields["picture"]),
        profile=profile,
        request=_compiled(documents, own["request"], path),
        answer=_compiled(documents, *answer),
        success=own.get("status", shared["status"]),
        promised_by=(documents.sources[shared["source"]],),
        sources=documents.sources,
    )


def _compiled(documents: Documents, reference: str, base: str) -> dict[str, Any]:
    schema = documents.schema(reference, base)
    try:
        Dialect.check_schema(schema)
    except JsonSchemaError as reason:
        raise SchemaError(reference, "".join(f"/{part}" for part in reason.absolute_path), reason.message) from reason
    return schema


def _kind(documents: Documents, fields: Mapping[str, Any]) -> ErrorKind:
    return ErrorKind(**{**fields, "source": documents.sources[fields["source"]]})
