"""Findings: what a document says that is not so, where, and by which rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: line and column, from 1, in a page; in a specification its JSON pointer too."""

    file: str
    line: int = 0
    column: int = 0
    pointer: str = ""

    def after(self, offset: int) -> Place:
        """The place of a letter that many later; a specification's has none."""
        return replace(self, column=self.column + offset) if self.line else self

    def __str__(self) -> str:
        if self.pointer:
            return f"{self.file} {self.pointer}"
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Reason(NamedTuple):
    """One thing that a rule found."""

    place: Place
    message: str


@dataclass(frozen=True)
class Rule:
    """What is looked for: `says` is a sentence about the documents at fault; `judge` takes one of them."""

    id: str
    name: str
    severity: Severity
    says: str
    judge: Callable[[Any], Iterator[Reason]]

    def __str__(self) -> str:
        return f"{self.id} {self.name}"


@dataclass(frozen=True)
class Finding:
    """A document at fault."""

    rule: Rule
    place: Place
    message: str

    @property
    def order(self) -> tuple[Place, str, str]:
        """What findings are sorted by."""
        return self.place, self.rule.id, self.message

    def __str__(self) -> str:
        return f"{self.place}: {self.rule.severity} {self.rule.id} {self.message} ({self.rule.name})"
