"""Known findings: a file that says which ones are, whose they are and until when; none is known for ever.

[[known]]
code = "PX205"
test = "*seedream-3.0*"  # optional: the tests, by their ids; * and ? stand for any text and any character
came = "640x512"         # optional: a part of what came
owner = "Ann"
reason = "rounds to a multiple of 64"
expires = 2026-12-31     # the last day that it holds
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ..errors import PixelpactError
from .codes import BY_CODE
from .findings import Finding


@dataclass
class BadBaseline(PixelpactError):
    """A file of known findings cannot be used; `place` is the field, as `known[0].expires`, or nothing."""

    file: str
    place: str
    expected: str
    received: str

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{self.file}: {place}expected {self.expected}, received {self.received}"


@dataclass(frozen=True)
class Found:
    """A finding with the test that made it, and the name of the model that it is about."""

    finding: Finding
    test: str
    model: str


@dataclass(frozen=True)
class Known:
    """An entry of the file."""

    code: str
    owner: str
    reason: str
    expires: date
    test: str = "*"
    came: str = ""

    def matches(self, found: Found) -> bool:
        """Whether a finding is this one."""
        # A test's id has brackets, which stand for themselves.
        tests = self.test.replace("[", "[[]")
        finding = found.finding
        return finding.code == self.code and self.came in finding.came and fnmatchcase(found.test, tests)


@dataclass(frozen=True)
class Split:
    """Findings told apart: new ones, and known ones with their entries. A finding of an `expired` entry is new."""

    new: tuple[Found, ...]
    known: tuple[tuple[Found, Known], ...] = ()
    expired: tuple[Known, ...] = ()
    unused: tuple[Known, ...] = ()


@dataclass(frozen=True)
class Baseline:
    """The findings that are known."""

    entries: tuple[Known, ...] = ()

    def split(self, findings: Iterable[Found], today: date) -> Split:
        """The findings told apart, with the entries that have expired or are not used."""
        matches = {found: [entry for entry in self.entries if entry.matches(found)] for found in findings}
        live = {found: [entry for entry in entries if entry.expires >= today] for found, entries in matches.items()}
        new = tuple(found for found, entries in live.items() if not entries)
        return Split(
            new=new,
            known=tuple((found, entries[0]) for found, entries in live.items() if entries),
            expired=tuple(dict.fromkeys(entry for found in new for entry in matches[found])),
            unused=tuple(entry for entry in self.entries if not any(entry in group for group in matches.values())),
        )


def load(path: Path) -> Baseline:
    """The known findings of a TOML file. Raises BadBaseline."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as reason:
        raise BadBaseline(str(path), "", "a file of TOML", str(reason)) from reason
    tables = content.get("known", [])
    if content.keys() - {"known"} or not isinstance(tables, list):
        raise BadBaseline(str(path), "", "[[known]] tables and nothing else", ", ".join(content))
    return Baseline(tuple(_entry(str(path), f"known[{index}]", table) for index, table in enumerate(tables)))


def _entry(file: str, place: str, table: Any) -> Known:
    if not isinstance(table, dict):
        raise BadBaseline(file, place, "a table", repr(table))
    _check_names(file, place, table)
    for name, value in table.items():
        expected, holds = FIELDS[name]
        if not holds(value):
            raise BadBaseline(file, f"{place}.{name}", expected, repr(value))
    return Known(**table)


def _check_names(file: str, place: str, table: Mapping[str, Any]) -> None:
    for name in table:
        if name not in FIELDS:
            raise BadBaseline(file, f"{place}.{name}", f"one of the fields {', '.join(FIELDS)}", "another")
    for name in REQUIRED:
        if name not in table:
            raise BadBaseline(file, f"{place}.{name}", FIELDS[name][0], "nothing")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


Field = tuple[str, Callable[[Any], bool]]
TEXT: Field = ("a text", _is_text)
FIELDS: dict[str, Field] = {
    "code": ("a code that `pixelpact explain` lists", lambda value: isinstance(value, str) and value in BY_CODE),
    "test": TEXT,
    "came": TEXT,
    "owner": TEXT,
    "reason": TEXT,
    # A date with a time is a date to Python.
    "expires": ("a date as 2026-12-31, without quotes", lambda value: type(value) is date),
}
REQUIRED = ("code", "owner", "reason", "expires")
