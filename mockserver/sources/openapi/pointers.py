"""The steps of JSON pointers, as RFC 6901 writes them."""

from __future__ import annotations


def escaped(key: object) -> str:
    """A key as a step of a pointer, with its slash."""
    return "/" + str(key).replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    """The key that a step, without its slash, names."""
    return step.replace("~1", "/").replace("~0", "~")
