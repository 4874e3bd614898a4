"""Values for a field, each about one rule of its schema, however deep that lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..contract.sources import names_of
from .schemas import Schema, branches, check_kinds, idle, kinds, refuse_others

Values = Iterator[tuple[str, Any]]


@dataclass(frozen=True)
class Tried:
    """A value of a field, and the names of the `sources` of the rule that it is about.

    `keyword` is that rule with the way to it: `minimum`, `object/width/minimum`.
    """

    keyword: str
    label: str
    value: Any
    sources: tuple[str, ...] = ()

    def within(self, step: str, value: Any, sources: tuple[str, ...]) -> Tried:
        """The same inside of a larger value; `sources` are those of the whole, where the rule has none of its own."""
        keyword, label = f"{step}/{self.keyword}", f"{step}-{self.label}"
        return replace(self, keyword=keyword, label=label, value=value, sources=self.sources or sources)


@dataclass(frozen=True)
class Makers:
    """What to try for each keyword: labels and values for a plain one, values of parts for one that holds schemas."""

    plain: Mapping[str, Callable[[Schema], Values]]
    inner: Mapping[str, Callable[[Schema], Iterator[Tried]]] = field(default_factory=dict)
    honoured: frozenset[str] = frozenset()

    def tried(self, schema: Schema) -> Iterator[Tried]:
        """All that there is to try of a schema. Raises UnknownKeyword."""
        refuse_others(schema, {*self.plain, *self.inner, *self.honoured})
        check_kinds(schema)
        for keyword in (keyword for keyword in schema if not idle(schema, keyword)):
            if keyword in self.plain:
                named = names_of(schema, keyword)
                yield from (Tried(keyword, label, value, named) for label, value in self.plain[keyword](schema))
            elif keyword in self.inner:
                yield from self.inner[keyword](schema)


def named_branches(schema: Schema) -> list[tuple[str, dict[str, Any]]]:
    """The branches of an `anyOf`, each by its type; of two with one type, the second has a number."""
    found: dict[str, dict[str, Any]] = {}
    for branch in branches(schema):
        name = "-".join(kinds(branch)) or "any"
        found[name if name not in found else f"{name}-{len(found) + 1}"] = branch
    return list(found.items())
