"""The parts of a schema that somebody else wrote: each as what it should be, or as nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .values import Schema

CHOICES = ("anyOf", "oneOf")


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
