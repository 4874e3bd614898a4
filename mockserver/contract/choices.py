"""What a request asks for by a field of its own: how many pictures, in which form, in which container."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """A field that decides something, what it is where it is left out, and pairs of a value and what that asks for."""

    field: str
    default: Any = None
    cases: Sequence[Sequence[Any]] = ()

    def asked(self, body: Mapping[str, Any]) -> Any:
        """The value of the field in a body, or its default."""
        return body.get(self.field, self.default)

    def chosen(self, body: Mapping[str, Any]) -> str | None:
        """What a valid body chooses; None where it leaves that open."""
        asked = body.get(self.field, self.default)
        for value, case in self.cases:
            # In JSON true is not 1.
            if value == asked and type(value) is type(asked):
                return str(case)
        return None


def choice(request: Schema, keyword: str) -> Choice | None:
    """The choice that a request's `x-count`, `x-form` or `x-container` gives; None where it has no such keyword."""
    rule = request.get(keyword)
    if rule is None:
        return None
    default = request["properties"].get(rule["field"], {}).get("default")
    return Choice(rule["field"], default, rule.get("cases", ()))


def counted(by: Choice | None, body: Mapping[str, Any]) -> int:
    """How many pictures a valid body asks for by a choice: one, where nothing is said."""
    asked = by.asked(body) if by else 1
    return max(1, int(asked)) if isinstance(asked, (int, float)) and not isinstance(asked, bool) else 1


def chosen(request: Schema, keyword: str, body: Mapping[str, Any]) -> str | None:
    """What a valid body chooses by `x-form` or `x-container`; None where it leaves that open."""
    by = choice(request, keyword)
    return by.chosen(body) if by else None
