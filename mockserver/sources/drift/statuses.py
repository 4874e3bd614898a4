"""Successes that came and went: the first of each is the same one under another status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .values import ANSWER, Change, Schema

Answers = Mapping[str, Schema | None]


def apart(old: Answers, new: Answers) -> tuple[list[str], list[str]]:
    """The successes that only the one side has, and that only the other has."""
    lost = [status for status in old if status.startswith("2") and status not in new]
    return lost, [status for status in new if status.startswith("2") and status not in old]


def status_changes(old: Answers, new: Answers, *, lost_told: bool = True, gained_told: bool = True) -> Iterator[Change]:
    """The changes of successes; of those that came or went alone only where they are `told`."""
    lost, gained = apart(old, new)
    if lost and gained:
        yield Change("status-replaced", f"{ANSWER} {gained[0]}", "", lost.pop(0), gained.pop(0))
    if lost_told:
        yield from (Change("success-removed", f"{ANSWER} {status}", "", status, "none") for status in lost)
    if gained_told:
        yield from (Change("success-added", f"{ANSWER} {status}", "", "none", status) for status in gained)
