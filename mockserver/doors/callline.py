"""The line of a call as a terminal shows it: columns that stand below each other, and what is longest at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .terminal import FAINT, RED, STATUSES, paint

# What stands before the model or the path, and how much of that is always shown. Columns.
BEFORE, SHORTEST = 58, 16
Told = tuple[str, str, int, float]
Shown = tuple[str, str, int, float, str, str]


def shown(told: Told, facts: Mapping[str, Any] | None) -> Shown:
    """What a line shows: of a generation the model in place of the path, the size of its picture, its credits."""
    method, path, status, milliseconds = told
    known = facts if facts and method == "POST" else {}
    paid = known.get("charged")
    model = str(known.get("model", "")).rpartition("/")[2]
    credits = "" if paid is None else f"{paid:,} cr"
    return method, model or path, status, milliseconds, str(known.get("size", "")), credits


def line_of(moment: str, values: Shown, *, coloured: bool, columns: int = 0) -> str:
    """The line, without its end; where `columns` are told, no longer than they are."""
    method, about, status, milliseconds, size, credits = values
    room = max(columns - BEFORE, SHORTEST)
    if columns and len(about) > room:
        # The end of a path tells it from others.
        about = f"…{about[1 - room :]}"
    took, number = f"{milliseconds:9.1f} ms", str(status)
    if coloured:
        moment, took = paint(moment, FAINT), paint(took, FAINT)
        number = paint(number, STATUSES.get(status // 100, RED))
    return f"{moment} {method[:7]:<7} {number} {took} {size:>9} {credits:>12}  {about}"
