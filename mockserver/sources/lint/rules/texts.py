"""Rules about any text: secrets in it, and damage to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import Document
from ..findings import Reason, Rule

# Letters of UTF-8 that was read as Windows-1252: none of them is ASCII.
RUN = re.compile(
    r"[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022"
    r"\u2026\u2030\u2039\u203a\u20ac\u2122]{2,}"
)
KEYS = (
    re.compile(r"\bBearer\s+([A-Za-z0-9][\w.~+/-]{15,}=*)"),
    re.compile(r"\b([sp]k[-_][A-Za-z0-9_-]{12,})"),
    re.compile(
        r"(?:api[_-]?key|access[_-]?token|secret)[\"']?\s*[:=]\s*[\"']([A-Za-z0-9][\w.-]{19,})[\"']", re.IGNORECASE
    ),
    re.compile(r"[?&](?:api[_-]?)?(?:key|token|secret)=([A-Za-z0-9][\w.~-]{15,})", re.IGNORECASE),
    re.compile(r"://[^\s/?#@\"'<>:]+:([A-Za-z0-9][^\s/?#@\"'<>:]{7,})@"),
    re.compile(r"\b(?:AIML\w*|OPENAI)_API_KEY\s*=\s*[\"']?([A-Za-z0-9][\w.-]{19,})"),
)
DUMMY = re.compile(
    r"your|example|placeholder|insert|api[_-]?key|token|secret|xxx|\*\*\*|\.\.\.|0{6}|12345|abcdef", re.IGNORECASE
)
SIGNATURE = re.compile(
    r"[?&](X-Tos-Signature|X-Amz-Signature|X-Goog-Signature|Signature|sig)=([\w%+/-]{20,})", re.IGNORECASE
)
SHOWN = 40


def literal_key(document: Document) -> Iterator[Reason]:
    """Keys in so many words. A finding tells their length and nothing else."""
    for text, place in document.texts:
        for pattern in KEYS:
            for found in pattern.finditer(text):
                if _is_key(found[1]):
                    message = f"a key of {len(found[1])} characters stands here in plain"
                    yield Reason(place.after(found.start(1)), message)


def signed_url(document: Document) -> Iterator[Reason]:
    """URLs with a signature, which give whoever has them what they sign."""
    for text, place in document.texts:
        for found in SIGNATURE.finditer(text):
            yield Reason(place.after(found.start(1)), f"a signed URL, with its {found[1]}")


def encoding(document: Document) -> Iterator[Reason]:
    """Text that was encoded twice, or lost characters."""
    for text, place in document.texts:
        for found in RUN.finditer(text):
            if meant := _decoded(found[0]):
                message = f"{found[0][:SHOWN]!r} is {meant[:SHOWN]!r}, encoded twice"
                yield Reason(place.after(found.start()), message)
        if "\ufffd" in text:
            yield Reason(place.after(text.index("\ufffd")), "a character was lost: U+FFFD stands in its place")


def _is_key(text: str) -> bool:
    """Whether a text looks drawn at random rather than written."""
    mixed = re.search(r"\d", text) and re.search(r"[A-Za-z]", text)
    return bool(mixed) and len(set(text)) >= 8 and not DUMMY.search(text)


def _decoded(run: str) -> str | None:
    """What a run of letters was before it was encoded twice, None if it was not."""
    try:
        data = b"".join(_byte(letter) for letter in run)
        meant = data.decode("utf-8")
    except UnicodeError:
        return None
    return meant if meant.isprintable() or meant.isspace() else None


def _byte(letter: str) -> bytes:
    # Windows-1252 has no letter for five bytes; readers pass them on as they are.
    return bytes([ord(letter)]) if "\x80" <= letter <= "\x9f" else letter.encode("cp1252")


RULES = (
    Rule("PL501", "literal-key", "error", "A key stands in the text.", literal_key),
    Rule("PL502", "signed-url", "note", "A signed URL stands in the text, with its signature.", signed_url),
    Rule("PL503", "encoding-damage", "warning", "Text is damaged: encoded twice, or replaced.", encoding),
)
