"""What is wrong with a file that somebody else wrote: where it stands, and why it cannot be understood."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import PixelpactError
from ..texts import printable, secretless


@dataclass(frozen=True)
class Problem:
    """One place that could not be read; `pointer` is a JSON pointer, empty for the whole file. It tells no secrets."""

    file: str
    pointer: str
    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "pointer", secretless(self.pointer))
        object.__setattr__(self, "reason", secretless(self.reason))

    def __str__(self) -> str:
        return printable(
            f"{self.file} {self.pointer}: {self.reason}" if self.pointer else f"{self.file}: {self.reason}"
        )


@dataclass
class NotASpec(PixelpactError):
    """A file that is no OpenAPI 3 document in JSON."""

    file: str
    pointer: str
    reason: str

    def __str__(self) -> str:
        return str(self.problem)

    @property
    def problem(self) -> Problem:
        """The same as a value."""
        return Problem(self.file, self.pointer, self.reason)
