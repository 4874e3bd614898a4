"""The error tree: everything that Pixelpact raises on purpose. Knows nothing of the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches

# More names than that are no help in a message.
LISTED = 32


class PixelpactError(Exception):
    """The root: catch this to catch everything that Pixelpact raises on purpose."""


@dataclass
class SchemaError(PixelpactError):
    """A file of a schema folder cannot be used; `pointer` is the JSON pointer of the place in it."""

    file: str
    pointer: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}: {self.reason}"


@dataclass
class UnknownName(PixelpactError):
    """A model or profile that no loaded schema knows; `expected` are those it could have been."""

    kind: str
    name: str
    expected: tuple[str, ...]

    def __str__(self) -> str:
        near = get_close_matches(self.name, self.expected, n=3, cutoff=0.5) if len(self.expected) > LISTED else []
        meant = f" (did you mean {' or '.join(near)}?)" if near else ""
        more = f", … ({len(self.expected)} in all)" if len(self.expected) > LISTED else ""
        listed = ", ".join(self.expected[:LISTED]) or "none"
        return f"unknown {self.kind} {self.name!r}, expected one of {listed}{more}{meant}"


@dataclass
class InvalidJson(PixelpactError):
    """Bytes that are not JSON; the reason says where and why."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass
class PictureRefused(PixelpactError):
    """An input picture breaks a rule; `rule` names the limit, `allowed` and `received` its two sides."""

    rule: str
    allowed: str
    received: str

    def __str__(self) -> str:
        return f"{self.rule}: expected {self.allowed}, received {self.received}"


@dataclass
class StorageUnusable(PixelpactError):
    """Where quotas are counted cannot be used.

    A caller may read the text. The reason is for whoever runs the mock: it may name a host, but holds no password.
    """

    expected: str
    reason: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"storage of quotas: expected {self.expected}"
