"""The parts of a schema that somebody else wrote: each as what it should be, or as nothing; and what it says at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .values import Schema

CHOICES = ("anyOf", "oneOf")
# What tells of a value, and refuses none.
NOTES = {"title", "description", "default", "deprecated", "examples", "example", "$comment", "$schema", "$id", "$defs"}


def node(value: Any) -> Schema:
    """A schema; any value for what is none."""
    return value if isinstance(value, Mapping) else {}


def fields(schema: Schema) -> Mapping[str, Any]:
    """The fields that an object names."""
    return node(schema.get("properties"))


def required(schema: Schema) -> list[str]:
    """The names of the fields that an object must have."""
    names = schema.get("required")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def branches(schema: Schema) -> list[Schema] | None:
    """The schemas that are one as good as another; None where there is no choice."""
    choice = next((schema[key] for key in CHOICES if isinstance(schema.get(key), list)), None)
    return None if choice is None else [node(branch) for branch in choice]


def described(schema: Schema | None) -> bool:
    """Whether a schema says anything of a value."""
    return schema is not None and bool({*schema} - NOTES)


def bare(schema: Any, kept: Collection[str] = ()) -> Any:
    """A schema without the rules of our dialect, which no specification has, and without any notes but those kept."""
    if isinstance(schema, (list, tuple)):
        return [bare(item, kept) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    dropped = NOTES - {*kept}
    own = {key: value for key, value in schema.items() if not key.startswith("x-") and key not in dropped}
    return {key: _bare_fields(value, kept) if key == "properties" else bare(value, kept) for key, value in own.items()}


def _bare_fields(named: Any, kept: Collection[str]) -> Any:
    return {name: bare(field, kept) for name, field in named.items()} if isinstance(named, Mapping) else named
