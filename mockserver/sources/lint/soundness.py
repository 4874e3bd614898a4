"""Schemas that others wrote, made safe to judge by: one that is no JSON Schema is told apart, and allows everything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...contract.breaches import Breach, find_breaches
from ...contract.explaining import META_SCHEMA
from ...contract.keywords import Dialect

# Keywords whose value is no schema, those whose value has schemas by name, those about fields that nobody named.
VALUES = {"enum", "const", "default", "example", "examples"}
NAMED = {"properties", "$defs", "definitions", "dependentSchemas"}
OTHERS = ("additionalProperties", "unevaluatedProperties", "propertyNames")
META = Dialect(META_SCHEMA)


def judge(schema: Mapping[str, Any]) -> Dialect:
    """The validator of a schema, patterns aside."""
    return Dialect(without_patterns(schema) if is_sound(schema) else {})


def without_patterns(schema: Any) -> Any:
    """A schema without its regular expressions: one of somebody else's can take for ever."""
    if isinstance(schema, list):
        return [without_patterns(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    # Which fields are the others only the patterns of their names tell.
    dropped = {"pattern", *(("patternProperties", *OTHERS) if "patternProperties" in schema else ())}
    kept = {key: value for key, value in schema.items() if key not in dropped}
    return {key: _without(key, value) for key, value in kept.items()}


def _without(key: str, value: Any) -> Any:
    if key in VALUES:
        return value
    if key in NAMED and isinstance(value, dict):
        return {name: without_patterns(each) for name, each in value.items()}
    return without_patterns(value)


def is_sound(schema: Mapping[str, Any]) -> bool:
    """Whether a schema is JSON Schema whose patterns can be read."""
    return not any(flaws(schema))


def flaws(schema: Mapping[str, Any]) -> Iterator[str]:
    """What makes it no JSON Schema, each by its first reason."""
    seen: dict[str, Breach] = {}
    for breach in find_breaches(META, schema, {}):
        seen.setdefault(breach.pointer, breach)
    yield from map(str, seen.values())
    yield from (f"the pattern {pattern!r} is not one that can be read" for pattern in _broken(schema))


def _broken(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        named = node.get("patternProperties")
        patterns = [node.get("pattern"), *(named if isinstance(named, dict) else ())]
        yield from (pattern for pattern in patterns if isinstance(pattern, str) and not _compiles(pattern))
        for inner in node.values():
            yield from _broken(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _broken(inner)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
