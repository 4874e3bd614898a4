"""Which field is another one under a new name: a guess, from what both hold and how they are called."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from .forms import forms

# How much of two names must be the same: of their words, or of their characters.
ALIKE_WORDS, ALIKE = 0.5, 0.6
# Where more fields came and went than that, nobody renamed them one by one.
MOST = 40


def renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an object that were probably renamed, with their new names; the likest pairs first."""
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    if len(gone) > MOST or len(come) > MOST:
        return {}
    pairs = sorted(
        (
            (_likeness(before, after), before, after)
            for before in gone
            for after in come
            if _holds_same(old[before], new[after])
        ),
        key=lambda pair: (-pair[0], pair),
    )
    found: dict[str, str] = {}
    for likeness, before, after in pairs:
        if likeness >= 1 and before not in found and after not in found.values():
            found[before] = after
    return {name: found[name] for name in gone if name in found}


def _likeness(one: str, other: str) -> float:
    """How like two names are; from 1 on they are alike."""
    words, others = set(one.lower().split("_")), set(other.lower().split("_"))
    shared = len(words & others) / max(len(words), len(others))
    characters = SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).ratio()
    return max(shared / ALIKE_WORDS, characters / ALIKE)


def _holds_same(one: Any, other: Any) -> bool:
    """Whether two fields take the same types, and mean the same where a schema says what they mean."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return False
    if {form.type for form in forms(one)} != {form.type for form in forms(other)}:
        return False
    return one.get("x-value") == other.get("x-value")
