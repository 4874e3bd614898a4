"""Bodies of which nothing has to be hidden, told at a glance: most are, and to look at each value takes far longer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ..checks.exchange import SHORTEST_KEY
from ..checks.redaction import is_secret_name
from .pictured import QUOTED

# In bytes; no value of such a body is cut.
SHORT = 2000
MOST_FIELDS = 100
# Without one of these ASCII has no URL, no picture but one of `data:`, no credential of a known shape, and nothing that
# JSON has escaped. Each is looked for by a character that is rare: that is several times as fast as by its first.
SUSPECT = re.compile(
    rb"[-/_AJx\\\x00-\x08\x0e-\x1f\x7f]"
    rb"(?:(?<=[\\\x00-\x08\x0e-\x1f\x7f])|(?<=://)|(?<=[sprSPR]k[-_])|(?<=A)(?:KIA|SIA|KLT|Iza)|(?<=gh[pousr]_)"
    rb"|(?<=github_)pat_|(?<=x)ox[abprs]-|(?<=hf_)|(?<=glpat-)|(?<=eyJ)|(?<=-)----BEGIN)"
)
RUN = re.compile("[A-Za-z0-9+/_-]{60}", re.ASCII)
SHORTEST_RUN = 60
# A key of other characters may be spelt in other ways.
PLAIN_KEY = re.compile("[A-Za-z0-9_.-]*", re.ASCII)
# Of a key that a client cut, so much gives it away.
TELLING = 12
LARGEST = 2**53
NUMBERS = {int, float}
PLAIN = {bool, type(None)}


def is_harmless(body: Any, raw: bytes, key: str) -> bool:
    """Whether the journal keeps a body just as it is; `raw` are its bytes, and `key` is the one that it came with."""
    if not raw or type(body) is not dict or len(body) > MOST_FIELDS or _is_suspect(raw, key):
        return False
    return all(map(_is_plain, body.values())) and not _has_secrets(tuple(body))


def is_harmless_text(text: str, key: str) -> bool:
    """Whether nothing of a text has to be hidden."""
    return _is_plain_text(text) and not _may_hold(text.encode(), key)


def _is_suspect(raw: bytes, key: str) -> bool:
    return len(raw) > SHORT or _may_hold(raw, key) or _is_marked(raw)


def _may_hold(raw: bytes, key: str) -> bool:
    """Whether bytes may have the key in them, or the beginning of it."""
    return not PLAIN_KEY.fullmatch(key) or (len(key) >= SHORTEST_KEY and key[:TELLING].encode() in raw)


# Clients say the same of themselves each time.
@lru_cache(maxsize=512)
def _is_plain_text(text: str) -> bool:
    if len(text) > SHORT or not text.isascii():
        return False
    return not (_is_marked(text.encode()) or RUN.search(text) or QUOTED.search(text))


def _is_marked(raw: bytes) -> bool:
    return not raw.isascii() or b"data:" in raw.lower() or SUSPECT.search(raw) is not None


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is str:
        return len(value) < SHORTEST_RUN or not RUN.search(value)
    return kind in PLAIN or (kind in NUMBERS and -LARGEST < value < LARGEST)


@lru_cache(maxsize=512)
def _has_secrets(names: tuple[str, ...]) -> bool:
    return any(len(name) >= SHORTEST_RUN or is_secret_name(name) for name in names)
