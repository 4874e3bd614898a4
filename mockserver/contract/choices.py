"""What a request asks for by a field of its own: how many pictures, in which form, in which container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]


def count(request: Schema, body: Mapping[str, Any]) -> int:
    """How many pictures a valid body asks for by `x-count`: one, where nothing is said."""
    rule = request.get("x-count")
    asked = _asked(request, rule["field"], body) if rule else 1
    return max(1, int(asked)) if isinstance(asked, (int, float)) and not isinstance(asked, bool) else 1


def chosen(request: Schema, keyword: str, body: Mapping[str, Any]) -> str | None:
    """What a valid body chooses by `x-form` or `x-container`; None where it leaves that open."""
    rule = request.get(keyword)
    if rule is None:
        return None
    asked = _asked(request, rule["field"], body)
    # In JSON true is not 1.
    return next((case for value, case in rule["cases"] if value == asked and type(value) is type(asked)), None)


def _asked(request: Schema, field: str, body: Mapping[str, Any]) -> Any:
    """The value of a field, or its default."""
    return body.get(field, request["properties"].get(field, {}).get("default"))
