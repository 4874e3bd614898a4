"""Schemas without what only one sort of source can say, so that sources of two sorts can be compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .forms import NOTES
from .values import Schema


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
    return {key: _fields(value, kept) if key == "properties" else bare(value, kept) for key, value in own.items()}


def _fields(fields: Any, kept: Collection[str]) -> Any:
    return {name: bare(field, kept) for name, field in fields.items()} if isinstance(fields, Mapping) else fields
