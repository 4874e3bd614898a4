"""Where a rule comes from, and how well it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Standing = Literal["documented", "observed", "upstream", "assumed"]


@dataclass(frozen=True)
class Source:
    """One place that a rule was read from; `standing` says what kind of evidence it is."""

    name: str
    standing: Standing
    place: str
    commit: str | None = None
    date: str | None = None
    sha256: str | None = None

    def __str__(self) -> str:
        commit = f" at {self.commit}" if self.commit else ""
        date = f" ({self.date})" if self.date else ""
        return f"{self.standing}: {self.place}{commit}{date}"


Sources = Mapping[str, Source]


def names_of(schema: Mapping[str, Any], keyword: str) -> tuple[str, ...]:
    """Names of the sources of one keyword of a schema, by its `x-source`."""
    named = schema.get("x-source", {})
    value = named.get(keyword, named.get("*", ()))
    return (value,) if isinstance(value, str) else tuple(value)
