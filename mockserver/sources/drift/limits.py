"""Limits that a description states in prose, read as facts: `at most 16 pictures`, `262144 to 4194304 pixels`.

What is given back is in our own words; no sentence of a vendor leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..descriptions import NUMBER, PIXELS, SIZE, SIZES, SPAN

MOST = r"(?:up to|at most|maximum(?: of)?|max\.?|no more than|not exceed|less than|under|below|smaller than)"
LEAST = r"(?:at least|minimum(?: of)?|min\.?|more than|greater than|over|above)"
SAME = {"jpg": "jpeg", "tif": "tiff", "urls": "url", "arrays": "array"}


class Pattern(NamedTuple):
    """A way to state a limit: what kind of limit, the words, and how to tell it, by the groups of the words."""

    kind: str
    words: re.Pattern[str]
    told: str


def _pattern(kind: str, words: str, told: str) -> Pattern:
    return Pattern(kind, re.compile(words, re.IGNORECASE), told)


# The first that matches takes its words away from those below.
PATTERNS = (
    _pattern("size", SIZES, "{0}x{1} to {2}x{3}"),
    _pattern("size", SIZE, "{0}x{1}"),
    _pattern("area", SPAN + PIXELS, "{0} to {1} pixels"),
    _pattern("area", NUMBER + PIXELS, "{0} pixels"),
    _pattern("bytes", rf"{NUMBER}\s*([KMG]i?B|bytes)\b", "{0} {1}"),
    _pattern("length", rf"{NUMBER}[\s-]*(characters|chars|words|tokens)\b", "{0} {1}"),
    _pattern("time", rf"{NUMBER}[\s-]*(seconds|minutes|hours|days)\b", "{0} {1}"),
    _pattern("count", rf"{MOST}\s+{NUMBER}\s+(?:[a-z]+\s+){{0,3}}(?:images?|pictures?|files?)", "at most {0} pictures"),
    _pattern("count", r"\b(?:single|one|exactly 1)\s+(?:image|picture)\b", "one picture"),
    _pattern("most", rf"{MOST}\s+{NUMBER}", "at most {0}"),
    _pattern("least", rf"{LEAST}\s+{NUMBER}", "at least {0}"),
    _pattern("step", rf"multiples?\s+of\s+{NUMBER}", "multiples of {0}"),
    _pattern("ratio", r"\b([0-9]{1,2}:[0-9]{1,2})\b", "{0}"),
    _pattern("range", SPAN, "{0} to {1}"),
    _pattern("format", r"\b(png|jpe?g|webp|gif|tiff?|bmp|heic|avif|svg)\b", "{0}"),
    _pattern("form", r"\b(base64|urls?|data uri|arrays?)\b", "{0}"),
    _pattern("case", r"\b(lower|upper)[ -]?case\b", "{0} case"),
)


def limits(text: str) -> Mapping[str, str]:
    """What a description states, by the kind of limit: `{"area": "262144 to 4194304 pixels"}`."""
    found: dict[str, set[str]] = {}
    for kind, told in _stated(text):
        found.setdefault(kind, set()).add(told)
    return {kind: ", ".join(sorted(told)) for kind, told in found.items()}


def _stated(text: str) -> Iterator[tuple[str, str]]:
    for pattern in PATTERNS:
        for found in pattern.words.finditer(text):
            yield pattern.kind, pattern.told.format(*map(_plain, found.groups()))
        text = pattern.words.sub(" … ", text)


def _plain(word: str) -> str:
    """A number without its commas, a word in lower case and in one spelling."""
    word = word.replace(",", "") if word[0].isdigit() else word.lower()
    return SAME.get(word, word)
