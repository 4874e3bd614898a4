"""The words that `explain` knows beside the checks: what can go wrong, and what a client should not do."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from ..service.faults import describe
from ..service.verdicts import RULES

WIDTH = 118


def known() -> dict[str, dict[str, str]]:
    """Each word with its meaning, by itself and by the name of its list."""
    faults = dict(describe())
    verdicts = {code: f"{rule.what} {rule.why} {rule.advice}" for code, rule in RULES.items()}
    return {
        "faults": faults,
        "verdicts": verdicts,
        **{word: {word: meaning} for word, meaning in {**faults, **verdicts}.items()},
    }


def told(words: Mapping[str, str]) -> str:
    """Words with what they mean, in two columns."""
    widest = max(map(len, words))
    return "\n".join(_line(word, meaning, widest) for word, meaning in words.items())


def _line(word: str, meaning: str, widest: int) -> str:
    start = f"{word:<{widest}}  "
    return textwrap.fill(
        meaning, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False
    )
