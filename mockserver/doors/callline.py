"""The line of a call as a terminal shows it: columns that stand below each other, and what is longest at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .terminal import FAINT, RED, STATUSES, paint

# Columns: those before what is told of the picture, those of that, and what of a model or a path has room before it.
BEFORE, PICTURE, SHORTEST = 35, 23, 16
Told = tuple[str, str, int, float]
Shown = tuple[str, str, int, float, str, str]


def shown(told: Told, facts: Mapping[str, Any] | None) -> Shown:
    """What a line shows: of a generation the model in place of the path, the size of its picture, its credits."""
    method, path, status, milliseconds = told
    known = facts if facts and method == "POST" else {}
    paid = known.get("charged")
    model = str(known.get("model", "")).rpartition("/")[2]
    hit = f" ({', '.join(known['faults'])})" if known.get("faults") else ""
    credits = "" if paid is None else f"{paid:,} cr"
    return method, f"{model}{hit}" if model else path, status, milliseconds, str(known.get("size", "")), credits


def line_of(moment: str, values: Shown, *, coloured: bool, columns: int = 0) -> str:
    """The line, without its end; where `columns` are told, no longer than they are, if there are more than `BEFORE`."""
    method, about, status, milliseconds, size, credits = values
    took, number, picture = f"{milliseconds:9.1f} ms", f"{status:03}", f" {size:>9} {credits:>12}"
    if columns and columns - BEFORE - PICTURE < min(len(about), SHORTEST):
        picture = ""
    if columns:
        about = _cut(about, max(columns - BEFORE - len(picture), 1))
    if coloured:
        moment, took = paint(moment, FAINT), paint(took, FAINT)
        number = paint(number, STATUSES.get(status // 100, RED))
    return f"{moment} {method[:7]:<7} {number} {took}{picture}  {about}"


def _cut(text: str, room: int) -> str:
    """A text without its middle, if it is too long: beginning and end tell a path from others."""
    head, tail = room // 2, (room - 1) // 2
    return text if len(text) <= room else f"{text[:head]}…{text[len(text) - tail :]}"
