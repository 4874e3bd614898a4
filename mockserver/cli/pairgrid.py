"""Which pairs of levels a run tried, for people: a table where models are few, what is missing where they are many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

Place = tuple[str, str]
Pair = tuple[Place, Place]
# Of a model's pairs that are missing, so many are named.
NAMED = 20


@dataclass(frozen=True)
class Grid:
    """A table of a model: a row for each level of a field, a column for each level of the fields before it.

    A cell is True or False, whether the two were in one accepted request; None where there is no such pair.
    """

    model: str
    heads: tuple[tuple[str, int], ...]
    columns: tuple[Place, ...]
    rows: tuple[tuple[str, str, int, tuple[bool | None, ...]], ...]
    covered: int
    total: int


@dataclass(frozen=True)
class Short:
    """How many pairs of a model were tried, and the first of those that were not."""

    model: str
    covered: int
    total: int
    missing: tuple[str, ...]


def grids(told: Mapping[str, Any]) -> tuple[Grid, ...]:
    """The tables of all models that have any pair."""
    return tuple(_grid(model, one) for model, one in told.items() if len(one["fields"]) > 1)


def shorts(told: Mapping[str, Any]) -> tuple[Short, ...]:
    """The sums of all models; those of which most is missing first."""
    found = [_short(model, one) for model, one in told.items()]
    return tuple(sorted(found, key=lambda one: one.covered - one.total))


def _grid(model: str, told: Mapping[str, Any]) -> Grid:
    fields: Mapping[str, Sequence[str]] = told["fields"]
    done, names = _tried(told["rows"]), list(fields)
    columns = tuple((name, label) for name in names[:-1] for label in fields[name])
    rows = []
    for number, name in enumerate(names[1:], 1):
        before = set(names[:number])
        for place, label in enumerate(fields[name]):
            cells = tuple(((other, (name, label)) in done) if other[0] in before else None for other in columns)
            rows.append((name, label, 0 if place else len(fields[name]), cells))
    flat = [cell for *_, cells in rows for cell in cells if cell is not None]
    heads = tuple((name, len(fields[name])) for name in names[:-1])
    return Grid(model, heads, columns, tuple(rows), sum(flat), len(flat))


def _short(model: str, told: Mapping[str, Any]) -> Short:
    done, every = _tried(told["rows"]), _pairs(told["fields"])
    missing = [pair for pair in every if pair not in done]
    named = tuple(" with ".join(f"{name} {label}" for name, label in pair) for pair in missing[:NAMED])
    return Short(model, len(every) - len(missing), len(every), named)


def _tried(rows: Iterable[Mapping[str, str]]) -> set[Pair]:
    return {pair for row in rows for pair in combinations(row.items(), 2)}


def _pairs(fields: Mapping[str, Sequence[str]]) -> list[Pair]:
    places = [[(name, label) for label in labels] for name, labels in fields.items()]
    return [pair for one, other in combinations(places, 2) for pair in product(one, other)]
