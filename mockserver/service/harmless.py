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
# Without one of these no text holds a URL, a picture or a credential of a known shape; nor has JSON escaped anything.
SUSPECT = re.compile(
    rb"://|(?i:data:)|\\|[^\x20-\x7e\s]|[A-Za-z0-9+/_-]{60}|[sprSPR]k[-_]|AKIA|ASIA|AKLT|AIza|gh[pousr]_|github_pat_"
    rb"|xox[abprs]-|hf_|glpat-|eyJ|-----BEGIN"
)
# Each of those has one of these in it, or a long run, or is not ASCII: this is told several times as fast.
MARKS = (
    *(b"://", b"\\", b"\x7f", b"k-", b"k_", b"AKIA", b"ASIA", b"AKLT", b"AIza", b"ghp_", b"gho_"),
    *(b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"xox", b"hf_", b"glpat-", b"eyJ", b"-----BEGIN"),
)
LONGEST_RUN = 60
# What is not in a run becomes a space.
RUNS = bytes(byte if chr(byte).isalnum() or chr(byte) in "+/_-" else 32 for byte in range(128)) + bytes(128)
# A key of other characters may be spelt in other ways.
PLAIN_KEY = re.compile("[A-Za-z0-9_.-]*", re.ASCII)
# Of a key that a client cut, so much gives it away.
TELLING = 12
LARGEST = 2**53
PLAIN = (str, bool, type(None))
NUMBERS = (int, float)


def is_harmless(body: Any, raw: bytes, key: str) -> bool:
    """Whether the journal keeps a body just as it is; `raw` are its bytes, and `key` is the one that it came with."""
    if not raw or type(body) is not dict or len(body) > MOST_FIELDS or _is_suspect(raw, key):
        return False
    return all(_is_plain(value) and not _is_secret_name(name) for name, value in body.items())


def is_harmless_text(text: str, key: str) -> bool:
    """Whether nothing of a text has to be hidden."""
    return text.isascii() and not _is_suspect(text.encode(), key) and not QUOTED.search(text)


def _is_suspect(raw: bytes, key: str) -> bool:
    if len(raw) > SHORT or not PLAIN_KEY.fullmatch(key) or (_is_marked(raw) and SUSPECT.search(raw)):
        return True
    return len(key) >= SHORTEST_KEY and key[:TELLING].encode() in raw


def _is_marked(raw: bytes) -> bool:
    for mark in MARKS:
        if mark in raw:
            return True
    if b"data:" in raw.lower() or not raw.isascii():
        return True
    return len(max(raw.translate(RUNS).split(), key=len, default=b"")) >= LONGEST_RUN


def _is_plain(value: Any) -> bool:
    kind = type(value)
    return kind in PLAIN or (kind in NUMBERS and -LARGEST < value < LARGEST)


@lru_cache(maxsize=512)
def _is_secret_name(name: str) -> bool:
    return len(name) > 80 or is_secret_name(name)
