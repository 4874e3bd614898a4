"""The table of what was judged: promises by models, or where models are many a line for each of them."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from .report import COLUMNS, COUNTED

Tally = Counter[str]


def table(tallies: Mapping[str, Mapping[str, Tally]], found: Tally, made: Mapping[str, Tally]) -> Iterator[str]:
    """The lines of it. `tallies` are outcomes by promise and model; `found` and `made` are told by model."""
    models = sorted({model for row in tallies.values() for model in row})
    if len(models) > COLUMNS:
        yield from _lines_of(models, tallies, found, made)
    elif models:
        columns = [max(len(model), 8) for model in models]
        room = max(shutil.get_terminal_size((120, 24)).columns - sum(columns) - 2 * len(columns), 24)
        width = min(max(map(len, tallies)), room)
        yield from ("", _row("", width, models, columns))
        for sentence, row in tallies.items():
            yield _row(sentence, width, [_cell(row[model]) if model in row else "-" for model in models], columns)


def summed(tallies: Mapping[str, Tally]) -> Tally:
    """All tallies as one."""
    return sum(tallies.values(), Counter())


def _lines_of(
    models: Sequence[str], tallies: Mapping[str, Mapping[str, Tally]], found: Tally, made: Mapping[str, Tally]
) -> Iterator[str]:
    """A line for each model: a column for each could not be read."""
    heads = ["held", "findings", *COUNTED]
    rows = {}
    for model in models:
        tally = summed({sentence: row[model] for sentence, row in tallies.items() if model in row})
        rows[model] = [_cell(tally), f"{found[model]:,}", *(f"{made[model][name]:,}" for name in COUNTED)]
    columns = [max(map(len, column)) for column in zip(heads, *rows.values(), strict=True)]
    width = max(map(len, models))
    yield from ("", _row("", width, heads, columns))
    yield from (_row(model, width, cells, columns) for model, cells in rows.items())


def _row(head: str, width: int, cells: Sequence[str], columns: Sequence[int]) -> str:
    """One line of the table; a head that is too long is cut, as it stands above in full."""
    shown = head if len(head) <= width else f"{head[: width - 1]}…"
    return "  ".join([shown.ljust(width), *(cell.rjust(column) for cell, column in zip(cells, columns, strict=True))])


def _cell(tally: Tally) -> str:
    return "skipped" if tally["skipped"] == tally.total() else f"{tally['held']}/{tally.total()}"
