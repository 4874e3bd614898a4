"""A schema of ours as a value: rules, and beside them where each comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]


def sourced(schema: Mapping[str, Any], rules: Mapping[str, Any], source: str | list[str]) -> Schema:
    """A schema with further rules, each from that source."""
    named = {**schema.get("x-source", {}), **dict.fromkeys(rules, source)}
    return {**without(schema, "x-source"), **rules, **({"x-source": named} if named else {})}


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema names; none where it names none."""
    kinds = schema.get("type", ())
    return (kinds,) if isinstance(kinds, str) else tuple(kinds)


def without(schema: Mapping[str, Any], *keywords: str) -> Schema:
    """A schema without these keywords."""
    return {key: value for key, value in schema.items() if key not in keywords}
