"""Covering arrays, judged by looking for each combination one by one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pixelpact.cases.arrays import covering, pairs, trimmed

Levels = Mapping[str, Sequence[Any]]
# The widths of a model's fields, and the rows of its arrays. All but the last have the least that there can be.
# For 4,4,4,4,3,3 that is 17. In 16 rows the columns of four would be two orthogonal Latin squares. Of all partitions of
# their cells into three that meet each row, column and symbol, no two meet each other in more than 7 of 9 parts:
# counted over all 12 such pairs of squares, 318 partitions each.
SIZES = [
    ([4, 4, 4, 3, 3, 2], 2, 16),
    ([4, 4, 4, 3, 3, 3], 2, 16),
    ([4, 4, 4, 4, 3, 2], 2, 16),
    ([4, 4, 4, 4, 4], 2, 16),
    ([4, 4, 4, 4, 3, 3], 2, 17),
    ([10, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2], 2, 40),
    ([4, 4, 4, 4, 3, 3], 3, 64),
    ([4, 4, 4, 3, 3, 2], 3, 65),
]
PINNED = """
113011 131201 122220 202121 333121 100101 032011 301020
003210 223000 010220 312200 230220 320011 021100 211111
"""
DRAW = "import json; from pixelpact.cases.arrays import covering; print(json.dumps(covering({levels})))"


@pytest.mark.parametrize(("widths", "strength", "size"), SIZES)
def test_an_array_holds_each_combination_in_so_few_rows(widths: list[int], strength: int, size: int) -> None:
    levels = fields(widths)

    rows = covering(levels, strength)

    assert not list(lacking(levels, rows, strength))
    assert len(rows) == size


@pytest.mark.parametrize(("most", "size"), [(16, 16), (40, 16), (12, 12)])
def test_an_array_has_no_more_rows_than_it_may(most: int, size: int) -> None:
    rows = covering(fields([4, 4, 4, 3, 3, 2]), most=most)

    assert len(rows) == size
    assert pairs(fields([4, 4, 4, 3, 3, 2]), rows)[0] > 10 * size


def test_rows_are_cut_to_what_they_may_cost_and_lose_little() -> None:
    levels = fields([4, 4, 3, 3, 3, 2, 2])
    whole = covering(levels)
    dear = next(iter(levels))

    cut = trimmed(levels, whole, lambda row: 1 + (row[dear] == levels[dear][-1]), 14)

    assert sum(1 + (row[dear] == levels[dear][-1]) for row in cut) <= 14
    assert cut[0] == whole[0]
    assert all(row in whole for row in cut)
    assert pairs(levels, cut)[0] > 0.85 * pairs(levels, whole)[0]


def test_rows_that_cost_no_more_than_they_may_are_all_kept() -> None:
    levels = fields([3, 3, 2])

    assert trimmed(levels, covering(levels), lambda _: 1, 9) == covering(levels)


@pytest.mark.parametrize("widths", [[4, 4, 4, 3, 3, 2], [4, 4, 4, 3, 3, 3], [4, 4, 4, 4, 4]])
def test_a_first_row_leads_and_costs_no_row_more(widths: list[int]) -> None:
    levels = fields(widths)
    first = {name: values[-1] for name, values in levels.items()}

    rows = covering(levels, first=[first])

    assert rows[0] == first
    assert not list(lacking(levels, rows, 2))
    assert len(rows) == 16


@settings(max_examples=40, deadline=None)
@given(st.data(), st.lists(st.integers(1, 4), min_size=1, max_size=6), st.integers(1, 3))
def test_an_array_of_any_widths_holds_each_combination_and_leads_with_the_first_rows(
    data: st.DataObject, widths: list[int], strength: int
) -> None:
    levels = fields(widths)
    row = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in levels.items()})
    first = data.draw(st.lists(row, max_size=3))

    rows = covering(levels, strength, first)

    assert rows[: len(first)] == first
    assert all(list(row) == list(levels) for row in rows)
    assert not list(lacking(levels, rows, min(strength, len(levels))))
    assert pairs(levels, rows, strength)[0] == pairs(levels, rows, strength)[1]


def test_no_fields_make_one_empty_row() -> None:
    assert covering({}) == [{}]


def test_values_that_are_equal_or_have_no_hash_are_told_apart() -> None:
    levels: Levels = {"seed": [1, 1.0, True], "image": [["a"], {"b": []}]}

    rows = covering(levels)

    expected = {
        "[1, ['a']]",
        "[1, {'b': []}]",
        "[1.0, ['a']]",
        "[1.0, {'b': []}]",
        "[True, ['a']]",
        "[True, {'b': []}]",
    }
    assert {repr(list(row.values())) for row in rows} == expected


def test_another_process_with_other_hashes_draws_the_same_rows() -> None:
    levels = fields([4, 4, 4, 3, 3, 2])
    command = [sys.executable, "-c", DRAW.format(levels=dict(levels))]

    printed = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, check=True).stdout

    assert json.loads(printed) == covering(levels)


def test_every_python_draws_the_same_rows() -> None:
    rows = covering(fields([4, 4, 4, 3, 3, 2]))

    assert ["".join(value[-1] for value in row.values()) for row in rows] == PINNED.split()


def test_pairs_counts_what_is_missing_of_an_array_without_a_row() -> None:
    levels = fields([4, 4, 4, 4, 4])
    rows = covering(levels)

    # Each of the 160 pairs is in one of the 16 rows alone, so that each row has ten of its own.
    assert pairs(levels, rows) == (160, 160)
    assert pairs(levels, rows[1:]) == (150, 160)
    assert len(list(lacking(levels, rows[1:], 2))) == 10


def test_pairs_counts_neither_other_fields_nor_other_values() -> None:
    levels: Levels = {"seed": [0, 1], "prompt": ["a", "b"], "watermark": [True]}
    rows = [
        {"seed": 0, "prompt": "a", "n": 1},
        {"seed": 0, "prompt": "c", "watermark": True},
        {"seed": False, "prompt": "b"},
    ]

    assert pairs(levels, rows) == (2, 8)


@pytest.mark.parametrize(
    "first",
    [{"seed": 0}, {"seed": 0, "prompt": "c"}, {"seed": 0, "prompt": "a", "n": 1}, {"seed": False, "prompt": "a"}],
)
def test_a_first_row_beyond_the_levels_is_refused(first: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="first row"):
        covering({"seed": [0, 1], "prompt": ["a", "b"]}, first=[first])


@pytest.mark.parametrize("levels", [{"seed": []}, {"seed": [1, 1]}])
def test_levels_that_are_empty_or_twice_the_same_are_refused(levels: Levels) -> None:
    with pytest.raises(ValueError, match="seed"):
        covering(levels)


def fields(widths: Sequence[int]) -> dict[str, list[str]]:
    """Fields of so many values each, no two alike."""
    return {f"f{number}": [f"f{number}-{value}" for value in range(width)] for number, width in enumerate(widths)}


def lacking(levels: Levels, rows: Sequence[Mapping[str, Any]], strength: int) -> Iterator[dict[str, Any]]:
    """The combinations that no row holds."""
    for names in combinations(levels, strength):
        for values in product(*(levels[name] for name in names)):
            if not any(all(row[name] == value for name, value in zip(names, values, strict=True)) for row in rows):
                yield dict(zip(names, values, strict=True))
