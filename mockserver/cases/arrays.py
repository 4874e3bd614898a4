"""Covering arrays: few rows that hold, for any few fields, every combination of their values.

Inside, each value of each field is a bit of its own: a row is the bits of its values, a combination the sum of some.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from math import comb, inf, prod
from random import Random
from typing import Any, TypeVar

Levels = Mapping[str, Sequence[Any]]
Row = list[int]
Draw = Callable[[], float]
T = TypeVar("T")

# How many searches there may be, and how many combinations each may look up: alike on every machine, unlike a clock.
SEARCHES = 6
PATIENCE = 400_000
# How often, at first, a search takes a step that loses one combination; it takes none that loses more.
DARING = 0.04
# Rows grown for each one that is kept.
CANDIDATES = 8


def covering(
    levels: Levels, strength: int = 2, first: Sequence[Mapping[str, Any]] = (), most: int | None = None
) -> list[dict[str, Any]]:
    """Rows that hold each combination of values of any `strength` fields: the same rows on every machine.

    `levels` are the values of each field, told apart by their `repr`. The rows of `first` lead, and count. No more than
    `most` rows: where that is too few, they are those that hold most.
    Raises ValueError for one that does not give each field, and nothing else, a value of its levels.
    """
    wanted, bits = _wanted(levels, strength), _bits(levels)
    given = [_row(bits, row) for row in first]
    if any(row.keys() != levels.keys() for row in first) or any(len(row) < len(levels) for row in given):
        raise ValueError(f"a first row must give each of {list(levels)}, and nothing else, a value of its levels")
    values = dict(zip(bits.values(), (value for column in levels.values() for value in column), strict=True))
    rows = _shortest(wanted, given) if most is None else _within(wanted, given, most)
    return [{name: values[bit] for name, bit in zip(levels, row, strict=True)} for row in rows]


def trimmed(
    levels: Levels, rows: Sequence[dict[str, Any]], cost: Callable[[dict[str, Any]], int], room: int, strength: int = 2
) -> list[dict[str, Any]]:
    """The rows without those that hold least for their cost, so that all others cost no more than there is room.

    The first row stays.
    """
    wanted, bits = _wanted(levels, strength), _bits(levels)
    kept = [(row, cost(row), list(wanted.keys(_row(bits, row)))) for row in rows]
    while len(kept) > 1 and sum(price for _, price, _ in kept) > room:
        held = Counter(key for _, _, keys in kept for key in keys)
        alone = [sum(held[key] == 1 for key in keys) / price for _, price, keys in kept[1:]]
        del kept[1 + alone.index(min(alone))]
    return [row for row, _, _ in kept]


def pairs(levels: Levels, rows: Iterable[Mapping[str, Any]], strength: int = 2) -> tuple[int, int]:
    """How many combinations of values of `strength` fields the rows hold, and how many there are.

    A field that a row leaves out, and a value that is not of the levels, count for nothing.
    """
    wanted, bits = _wanted(levels, strength), _bits(levels)
    return len({key for row in rows for key in wanted.keys(_row(bits, row))}), len(wanted.all())


@dataclass(frozen=True)
class _Wanted:
    """The combinations to be held: those of any `strength` of the columns."""

    columns: Sequence[Row]
    strength: int

    def keys(self, row: Row) -> Iterator[int]:
        return map(sum, combinations(row, self.strength))

    def rests(self, bits: Iterable[int]) -> list[int]:
        """What each combination has beside the value of one more column."""
        return list(map(sum, combinations(bits, self.strength - 1)))

    def all(self) -> set[int]:
        return {key for some in combinations(self.columns, self.strength) for key in map(sum, product(*some))}


def _wanted(levels: Levels, strength: int) -> _Wanted:
    bits = iter(_bits(levels).values())
    return _Wanted([[next(bits) for _ in column] for column in levels.values()], min(strength, len(levels)))


def _bits(levels: Levels) -> dict[tuple[str, str], int]:
    """A bit for each field and value. By `repr`, for 1, 1.0 and True are equal, and a list has no hash."""
    places = [(name, repr(value)) for name, column in levels.items() for value in column]
    if len(set(places)) < len(places) or not all(levels.values()):
        raise ValueError(f"one of {list(levels)} has no levels, or one of them twice")
    return {place: 1 << number for number, place in enumerate(places)}


def _row(bits: Mapping[tuple[str, str], int], row: Mapping[str, Any]) -> Row:
    """The bits of a row's values, in the order of the levels."""
    return sorted(bits[place] for place in ((name, repr(value)) for name, value in row.items()) if place in bits)


def _shortest(wanted: _Wanted, given: list[Row]) -> list[Row]:
    """The shortest array found: a greedy one, or a searched one of fewer rows."""
    # Of all the draws of Random, `random` alone is promised to be the same on every Python.
    random = Random(1).random
    best = _filled(wanted, given, random)
    widths = sorted(map(len, wanted.columns), reverse=True)
    # No array has fewer rows than its widest columns alone have combinations.
    size = max(prod(widths[: wanted.strength]), len(given) + 1)
    for search in range(SEARCHES):
        if size >= len(best):
            break
        best = min(best, _filled(wanted, _searched(wanted, given, size, random), random), key=len)
        # That size is tried thrice: an array that is found there is the best there is.
        size += 1 + (len(best) - size) // 3 if search > 1 else 0
    return best


def _within(wanted: _Wanted, given: list[Row], most: int) -> list[Row]:
    """So many rows at most: the shortest array if that fits, or those that hold most."""
    # What is not far too long may be made short enough.
    greedy = _filled(wanted, given, Random(1).random, most * 3 // 2)
    missing = wanted.all().difference(*map(wanted.keys, greedy))
    whole = greedy if missing else _shortest(wanted, given)
    return whole if len(whole) <= most else greedy[:most]


def _filled(wanted: _Wanted, given: list[Row], random: Draw, most: float = inf) -> list[Row]:
    """The given rows, and greedily more until nothing is missing."""
    rows = list(given)
    missing = wanted.all().difference(*map(wanted.keys, rows))
    while missing and len(rows) < most:
        grown = [_grown(wanted, missing, random) for _ in range(CANDIDATES)]
        rows.append(max(grown, key=lambda row: sum(key in missing for key in wanted.keys(row))))
        missing.difference_update(wanted.keys(rows[-1]))
    return rows


def _grown(wanted: _Wanted, missing: set[int], random: Draw) -> Row:
    """A row that holds a missing combination and, field by field in a random order, what completes most others."""
    seed = min(missing)
    row = {number: bit for number, column in enumerate(wanted.columns) for bit in column if bit & seed}
    free = [number for number in range(len(wanted.columns)) if number not in row]
    for number in sorted(free, key=lambda _: random()):
        rests = wanted.rests(row.values())
        gains = {bit: (sum(rest + bit in missing for rest in rests), random()) for bit in wanted.columns[number]}
        row[number] = max(gains, key=gains.__getitem__)
    return [row[number] for number in range(len(wanted.columns))]


def _searched(wanted: _Wanted, given: list[Row], size: int, random: Draw) -> list[Row]:
    """The given rows and random ones, changed value by value until they hold all, or nearly all, that is wanted."""
    rows = given + [[_one(column, random) for column in wanted.columns] for _ in range(len(given), size)]
    held = dict.fromkeys(wanted.all(), 0)
    for key in chain.from_iterable(map(wanted.keys, rows)):
        held[key] += 1
    missing = list(held.values()).count(0)
    steps = PATIENCE // comb(len(wanted.columns) - 1, wanted.strength - 1)
    for step in range(steps):
        if not missing:
            break
        row, number = _one(rows[len(given) :], random), int(random() * len(wanted.columns))
        old, new = row[number], _one(wanted.columns[number], random)
        if old == new:
            continue
        rests = wanted.rests(row[:number] + row[number + 1 :])
        loss = [held[rest + old] for rest in rests].count(1) - [held[rest + new] for rest in rests].count(0)
        if loss <= 0 or (loss == 1 and random() < DARING * (1 - step / steps)):
            row[number], missing = new, missing + loss
            for rest in rests:
                held[rest + old] -= 1
                held[rest + new] += 1
    return rows


def _one(choices: Sequence[T], random: Draw) -> T:
    return choices[int(random() * len(choices))]
