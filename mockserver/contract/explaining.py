"""Why a value does not keep to a schema: jsonschema's validator with our own keywords.

Where it is built, jsonschema is imported, which takes as long as the rest of a start: only an explanation needs it.
Each rule says its reason in a few words. jsonschema's own quote the value, and to quote a picture takes longer than all
else that is done with it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from .acceptance import acceptor
from .images import image_errors
from .inputs import admits
from .rules import MISSING, is_uri, size_errors

# The schema of schemas.
META_SCHEMA: Mapping[str, Any] = Draft202012Validator.META_SCHEMA

# As many as a caller reads; a list of a million wrong items is wrong by these.
MOST_ERRORS = 100
SHOWN_NAMES = 8
LONGEST_NAME = 80
Errors = Iterator[ValidationError]
Schema = Mapping[str, Any]
Rule = Callable[[Any, Any, Any, Any], Errors]


class Part(dict[str, Any]):
    """A schema, or one in it, that can tell at once whether a value needs to be gone through for reasons."""

    @cached_property
    def accepts(self) -> Callable[[Any], bool]:
        """Whether a value surely keeps to the schema."""
        return acceptor(self)


def parted(schema: Any) -> Any:
    """A schema with each schema of a field or an item in it as a Part."""
    if not isinstance(schema, Mapping):
        return schema
    parts = {keyword: PARTS[keyword](rule) if keyword in PARTS else rule for keyword, rule in schema.items()}
    return Part(parts)


def explainer(schema: Schema) -> Callable[[Any], Errors]:
    """What is wrong with a value under a schema, as jsonschema has it; not all, where it is very much."""
    validator = Explaining(parted(schema))
    return lambda value: islice(validator.iter_errors(value), MOST_ERRORS)


def _type(validator: Any, kinds: Any, value: Any, _: Any) -> Errors:
    if not any(validator.is_type(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        yield ValidationError("a type")


def _properties(validator: Any, fields: Any, value: Any, _: Any) -> Errors:
    if isinstance(value, dict):
        for name, schema in fields.items():
            if name in value and not _holds(schema, value[name]):
                yield from validator.descend(value[name], schema, path=name, schema_path=name)


def _items(validator: Any, schema: Any, value: Any, whole: Any) -> Errors:
    """As the standard's, but an array that is too long is not gone through to its end."""
    if isinstance(value, list):
        most = whole["maxItems"] + MOST_ERRORS if "maxItems" in whole else None
        for index, item in enumerate(islice(value, most)):
            if not _holds(schema, item):
                yield from validator.descend(item, schema, path=index)


def _holds(schema: Any, value: Any) -> bool:
    # A picture is read once, for its reason.
    return isinstance(schema, Part) and "x-image" not in schema and schema.accepts(value)


def _additional(validator: Any, allowed: Any, value: Any, whole: Any) -> Errors:
    if not isinstance(value, dict) or allowed is True:
        return
    others = (name for name in value if name not in whole.get("properties", {}))
    if allowed is False:
        names = [repr(name[:LONGEST_NAME]) for name in islice(others, SHOWN_NAMES + 1)]
        if names:
            listed = ", ".join([*names[:SHOWN_NAMES], *(["…"] if len(names) > SHOWN_NAMES else [])])
            verb = "was" if len(names) == 1 else "were"
            yield ValidationError(f"Additional properties are not allowed ({listed} {verb} unexpected)")
        return
    for name in others:
        if not _holds(allowed, value[name]):
            yield from validator.descend(value[name], allowed, path=name)


def _required(_: Any, names: Any, value: Any, __: Any) -> Errors:
    """As the standard's, but the error points at the field that is missing."""
    if isinstance(value, dict):
        for name in names:
            if name not in value:
                yield ValidationError("a value", path=(name,), instance=MISSING)


def _any_of(validator: Any, branches: Any, value: Any, schema: Any) -> Errors:
    """As the standard's, but of branches by type, the reasons are those of the branch of the value's own type."""
    if any(_holds(branch, value) for branch in branches):
        return
    found = [list(_descended(validator, value, branch, index)) for index, branch in enumerate(branches)]
    if not all(found):
        return
    if not all(_kinds(branch) for branch in branches):
        yield ValidationError("one of its forms")
        return
    fitting = [errors for branch, errors in zip(branches, found, strict=True) if admits(branch, value)]
    if fitting:
        yield from min(fitting, key=len)
    else:
        kinds = [kind for branch in branches for kind in _kinds(branch)]
        yield ValidationError("one of its types", "type", validator_value=list(dict.fromkeys(kinds)), schema=schema)


def _one_of(validator: Any, branches: Any, value: Any, _: Any) -> Errors:
    kept = (not any(_descended(validator, value, branch, index)) for index, branch in enumerate(branches))
    if sum(kept) != 1:
        yield ValidationError("exactly one of its forms")


def _descended(validator: Any, value: Any, branch: Any, index: int) -> Errors:
    return islice(validator.descend(value, branch, schema_path=index), MOST_ERRORS)


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _format(_: Any, name: Any, value: Any, __: Any) -> Errors:
    if name == "uri" and isinstance(value, str) and not is_uri(value):
        yield ValidationError("an absolute URI")


def _pattern(_: Any, pattern: Any, value: Any, __: Any) -> Errors:
    if isinstance(value, str) and re.search(pattern, value) is None:
        yield ValidationError("a pattern")


def _x_size(_: Any, rule: Any, value: Any, __: Any) -> Errors:
    if isinstance(value, str):
        yield from (ValidationError(reason) for reason in size_errors(rule, value))


def _x_image(_: Any, rule: Any, value: Any, __: Any) -> Errors:
    if isinstance(value, (str, dict)):
        yield from (ValidationError(reason) for reason in image_errors(rule, value))


def _enum(_: Any, values: Any, value: Any, __: Any) -> Errors:
    if not any(_same(value, each) for each in values):
        yield ValidationError("one of its values")


def _const(_: Any, only: Any, value: Any, __: Any) -> Errors:
    if not _same(value, only):
        yield ValidationError("its value")


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON, where true is not 1."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _bound(breaks: Callable[[Any, Any], bool]) -> Rule:
    def said(validator: Any, bound: Any, value: Any, _: Any) -> Errors:
        if validator.is_type(value, "number") and breaks(value, bound):
            yield ValidationError("a bound")

    return said


def _length(kind: str, breaks: Callable[[int, Any], bool]) -> Rule:
    def said(validator: Any, bound: Any, value: Any, _: Any) -> Errors:
        if validator.is_type(value, kind) and breaks(len(value), bound):
            yield ValidationError("a length")

    return said


def _listed(schemas: Any) -> list[Any]:
    return [parted(schema) for schema in schemas]


PARTS: Mapping[str, Callable[[Any], Any]] = {
    "properties": lambda fields: {name: parted(schema) for name, schema in fields.items()},
    "items": parted,
    "additionalProperties": parted,
    "anyOf": _listed,
    "oneOf": _listed,
}
# jsonschema's own types leave `extend` untyped.
Explaining = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "type": _type,
        "enum": _enum,
        "const": _const,
        "minimum": _bound(operator.lt),
        "maximum": _bound(operator.gt),
        "exclusiveMinimum": _bound(operator.le),
        "exclusiveMaximum": _bound(operator.ge),
        "minLength": _length("string", operator.lt),
        "maxLength": _length("string", operator.gt),
        "minItems": _length("array", operator.lt),
        "maxItems": _length("array", operator.gt),
        "pattern": _pattern,
        "format": _format,
        "properties": _properties,
        "items": _items,
        "additionalProperties": _additional,
        "required": _required,
        "anyOf": _any_of,
        "oneOf": _one_of,
        "x-size": _x_size,
        "x-image": _x_image,
    },
)
