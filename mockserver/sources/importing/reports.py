"""What an import has to say about what it read: problems, which it could not understand, and notes, which it could."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..openapi.pointers import escaped
from ..openapi.problems import Problem


@dataclass
class Reports:
    """Problems and notes in the order that they were found, each once."""

    problems: dict[Problem, None] = field(default_factory=dict)
    notes: dict[Problem, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Spot:
    """A place of a file, where something can be reported; `source` is what the file is called as a source."""

    file: str
    pointer: str
    source: str
    reports: Reports

    def inside(self, *keys: object) -> Spot:
        """The place of a member."""
        return replace(self, pointer=self.pointer + "".join(map(escaped, keys)))

    def at(self, pointer: str) -> Spot:
        """Another place of the same file."""
        return replace(self, pointer=pointer)

    def problem(self, reason: str) -> None:
        """Something here could not be understood, and was left out."""
        self.reports.problems[Problem(self.file, self.pointer, reason)] = None

    def note(self, reason: str) -> None:
        """Something here was understood, but not as it stands."""
        self.reports.notes[Problem(self.file, self.pointer, reason)] = None
