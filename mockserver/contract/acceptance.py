"""Whether a value keeps to a schema, in a microsecond and without a reason: jsonschema-rs, which reads it in place.

What this accepts is accepted. What it does not, or cannot judge exactly, is for `explaining`. Nothing else knows
jsonschema-rs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator

from .images import image_errors
from .rules import is_uri, size_errors

if TYPE_CHECKING:
    from jsonschema_rs import KeywordValidator

Schema = Mapping[str, Any]
# These are taken as they are; of the rest, what is neither here nor a rule below is left to `explaining`.
PLAIN = frozenset({"type", "required", "minLength", "maxLength", "minItems", "maxItems"})
BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
NUMERIC = frozenset({"number", "integer"})
TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
# Said of a schema, and no rule.
SILENT = frozenset(
    {"$schema", "title", "description", "default", "examples", "deprecated", "x-output-size", "x-count", "x-form"}
    | {"x-container", "x-edit", "x-value", "x-artefact", "x-source"}
)
# Beyond, whole numbers and fractions are not told apart exactly.
EXACT = 2**53


class _Keyword:
    """A rule of ours as jsonschema-rs wants it: `validate` raises for what breaks it."""

    def __init__(self, parent_schema: Mapping[str, Any], value: Any, schema_path: list[str | int]) -> None:  # noqa: ARG002 - the names are the library's
        self.rule = value

    def validate(self, instance: Any) -> None:
        raise NotImplementedError


class _Pattern(_Keyword):
    """Python's own patterns: another dialect takes other strings."""

    def validate(self, instance: Any) -> None:
        if isinstance(instance, str) and re.search(self.rule, instance) is None:
            raise ValueError(self.rule)


class _Size(_Keyword):
    def validate(self, instance: Any) -> None:
        if isinstance(instance, str):
            for reason in size_errors(self.rule, instance):
                raise ValueError(reason)


class _Image(_Keyword):
    def validate(self, instance: Any) -> None:
        if isinstance(instance, (str, dict)):
            for reason in image_errors(self.rule, instance):
                raise ValueError(reason)


KEYWORDS: dict[str, type[KeywordValidator]] = {"x-pattern": _Pattern, "x-size": _Size, "x-image": _Image}


def acceptor(schema: Schema, *, reading: bool = True) -> Callable[[Any], bool]:
    """Whether a value surely keeps to a schema; False may mean that it cannot be told here.

    Unless `reading`, pictures pass unread: whoever asks is going to read them.
    """
    try:
        validator = Draft202012Validator(
            _taken(schema, reading), formats={"uri": is_uri}, validate_formats=True, keywords=KEYWORDS
        )
    # No schema, or with a text in it that is no UTF-8.
    except ValueError:
        return lambda _: False
    is_valid = validator.is_valid

    def accepts(value: Any) -> bool:
        try:
            return is_valid(value)
        # Half of a surrogate pair, bytes, a key that is no string.
        except ValueError:
            return False

    return accepts


def _taken(schema: Any, reading: bool) -> Any:
    """The schema as jsonschema-rs is to have it; `False`, which nothing keeps to, for what it might judge otherwise."""
    if not isinstance(schema, Mapping):
        return schema
    taken: dict[str, Any] = {}
    for keyword, rule in schema.items():
        if keyword in PLAIN:
            taken[keyword] = rule
        elif keyword in RULES:
            part = RULES[keyword](rule, reading)
            if part is None:
                return False
            taken |= part
        elif keyword not in SILENT:
            return False
    # To jsonschema-rs an infinite number is of no type, but within any bounds.
    return {"type": list(TYPES), **taken} if taken.keys() & BOUNDS else taken


def _values(keyword: str) -> Callable[[Any, bool], dict[str, Any] | None]:
    return lambda values, _: {keyword: values} if _is_exact(values) else None


def _is_exact(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_exact, value.values()))
    if isinstance(value, list):
        return all(map(_is_exact, value))
    return not isinstance(value, (int, float)) or (math.isfinite(value) and abs(value) <= EXACT)


def _one_of(branches: Any, reading: bool) -> dict[str, Any] | None:
    """Exactly one: a branch judged too strictly would let another pass alone."""
    if any(map(_is_doubtful, branches)):
        return None
    return {"oneOf": [_taken(branch, reading) for branch in branches]}


def _is_doubtful(schema: Any) -> bool:
    """Whether a value may keep to a schema that is refused here: a number without end, a rule left to `explaining`."""
    if not isinstance(schema, Mapping):
        return False
    kinds = schema.get("type", ())
    if schema.keys() & BOUNDS or NUMERIC & {*([kinds] if isinstance(kinds, str) else kinds)}:
        return True
    parts = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    parts += [schema[keyword] for keyword in ("items", "additionalProperties") if keyword in schema]
    return _taken(schema, reading=True) is False or any(map(_is_doubtful, parts))


def _branches(branches: Any, reading: bool) -> dict[str, Any]:
    return {"anyOf": [_taken(branch, reading) for branch in branches]}


def _within(keyword: str) -> Callable[[Any, bool], dict[str, Any]]:
    return lambda schema, reading: {keyword: _taken(schema, reading)}


def _properties(fields: Any, reading: bool) -> dict[str, Any]:
    return {"properties": {name: _taken(schema, reading) for name, schema in fields.items()}}


def _image(rule: Any, reading: bool) -> dict[str, Any]:
    return {"x-image": rule} if reading else {}


RULES: Mapping[str, Callable[[Any, bool], dict[str, Any] | None]] = {
    **{keyword: _values(keyword) for keyword in ("enum", "const", *BOUNDS)},
    # By another name: it need not be a pattern of that library's.
    "pattern": lambda pattern, _: {"x-pattern": pattern},
    # The dialect has no other.
    "format": lambda name, _: {"format": name} if name == "uri" else {},
    "x-size": lambda rule, _: {"x-size": rule},
    "x-image": _image,
    "properties": _properties,
    "items": _within("items"),
    "additionalProperties": _within("additionalProperties"),
    "anyOf": _branches,
    "oneOf": _one_of,
}
