"""The validator of our dialect: JSON Schema 2020-12 and the `x-` keywords that can refuse a value.

Nothing else builds a jsonschema validator for a request or an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from .images import image_errors
from .inputs import admits

SIZE = re.compile(r"([1-9][0-9]*)x([1-9][0-9]*)", re.ASCII)
SPACE = re.compile(r"\s")
MISSING = object()

Dimensions = tuple[int, int]


def parse_size(text: str) -> Dimensions | None:
    """Width and height of a string `WxH`, or None where it is not of that form."""
    match = SIZE.fullmatch(text)
    return (int(match[1]), int(match[2])) if match and len(text) <= 21 else None


def size_errors(rule: Mapping[str, int], value: str) -> Iterator[str]:
    """Why a string is no size under an `x-size` rule: each reason says what was expected."""
    size = parse_size(value)
    if size is None:
        yield "a size as WxH in pixels, such as 1024x1024"
        return
    area = size[0] * size[1]
    least, most = rule.get("minArea", 1), rule.get("maxArea", float("inf"))
    if not least <= area <= most:
        yield f"an area between {least:,} and {most:,} pixels, not {area:,}"
    shortest, longest = rule.get("minSide", 1), rule.get("maxSide", float("inf"))
    if min(size) < shortest or max(size) > longest:
        yield f"sides between {shortest:,} and {longest:,} pixels"


def _x_size(_: Any, rule: Any, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str):
        yield from (ValidationError(reason) for reason in size_errors(rule, value))


def _x_image(_: Any, rule: Any, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, (str, dict)):
        yield from (ValidationError(reason) for reason in image_errors(rule, value))


def _format(_: Any, name: Any, value: Any, __: Any) -> Iterator[ValidationError]:
    if name == "uri" and isinstance(value, str) and not _is_uri(value):
        yield ValidationError("an absolute URI")


def _is_uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and not SPACE.search(text)


def _any_of(validator: Any, branches: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    """As the standard's, but of branches by type, the reasons are those of the branch of the value's own type."""
    found = [list(validator.descend(value, branch, schema_path=index)) for index, branch in enumerate(branches)]
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


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _required(_: Any, names: Any, value: Any, __: Any) -> Iterator[ValidationError]:
    """As the standard's, but the error points at the field that is missing."""
    if isinstance(value, dict):
        for name in names:
            if name not in value:
                yield ValidationError("a value", path=(name,), instance=MISSING)


# jsonschema's own types leave `extend` untyped.
Dialect = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"x-size": _x_size, "x-image": _x_image, "format": _format, "required": _required, "anyOf": _any_of},
)
