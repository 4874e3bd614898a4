"""The words that `explain` knows beside the checks: what can go wrong, and what a client should not do."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from ..service.faults import describe
from ..service.verdicts import RULES

WIDTH = 118


def lists() -> dict[str, dict[str, str]]:
    """Each list by its name: words with what they mean."""
    return {
        "faults": dict(describe()),
        "verdicts": {code: f"{rule.what} {rule.advice}" for code, rule in RULES.items()},
    }


def find(given: str) -> str | None:
    """A whole list, or one of its words, told as text; None if it is no word."""
    known = lists()
    if given in known:
        return told(known[given])
    return next((told({given: words[given]}) for words in known.values() if given in words), None)


def told(words: Mapping[str, str]) -> str:
    """Words with what they mean, in two columns."""
    widest = max(map(len, words))
    return "\n".join(_line(word, meaning, widest) for word, meaning in words.items())


def _line(word: str, meaning: str, widest: int) -> str:
    start = f"{word:<{widest}}  "
    return textwrap.fill(
        meaning, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False
    )
