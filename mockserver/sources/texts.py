"""How the verbs write: counted nouns, and lines that move no cursor."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 page`, `2 pages`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def printable(text: str) -> str:
    """A text as a terminal may have it: it would obey what a document writes between escapes."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
