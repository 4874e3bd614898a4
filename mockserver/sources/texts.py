"""How the verbs write: counted nouns, lines that move no cursor, and nothing that looks like a secret."""

from __future__ import annotations

import re

# Documents quote keys of real accounts by mistake; a placeholder (YOUR_API_KEY, <KEY>, $KEY) is none. Each
# pattern keeps what tells a reader where the secret stood.
SECRETS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<kept>://)[^\s/?#@…\"'<>]+(?=@)",
        r"(?P<kept>://[^\s?#\"'<>]*\?)(?=[^\s#\"'<>]*(?i:X-(?:Tos|Amz|Goog)-|signature=|sig=|credential=))[^\s#\"'<>]+",
        r"(?P<kept>\b(?i:api[_-]?key|access[_-]?key|access[_-]?token|auth[_-]?token|secret|password)[\"']?\s*[=:]\s*[\"']?)"
        r"(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*",
        r"(?P<kept>\b(?i:bearer)\s+)(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*",
        r"(?P<kept>)\b[sprSPR]k[-_](?=[\w-]*\d)[\w-]{16,}",
        r"(?P<kept>)\b(?:AKLT[\w+/-]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|xox[abp]-[\w-]{10,}|AIza[\w-]{30,})=*",
        r"(?P<kept>)\b[0-9a-fA-F]{32,}\b",
    )
)

ESCAPED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
COMMAND = re.compile(r"##(?=\w*\[)")


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 page`, `2 pages`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def printable(text: str) -> str:
    """A text as a terminal may have it, in one line: it would obey what others write between escapes.

    The machines of CI obey what stands behind `##` and before a bracket; what begins a line is for the caller to say.
    """
    shown = "".join(char if char.isprintable() else ESCAPED.get(char, "\ufffd") for char in text)
    return COMMAND.sub("# #", shown)


def secretless(text: str) -> str:
    """A text without what looks like a secret in it: keys, bearers, users of URLs, queries of signed URLs."""
    for secret in SECRETS:
        text = secret.sub(r"\g<kept>…", text)
    return text


def is_secret(text: str) -> bool:
    """Whether a text has something in it that looks like a secret."""
    return any(secret.search(text) for secret in SECRETS)
