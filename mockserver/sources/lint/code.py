"""Code in a document: its language and text, and where each of its lines stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .findings import Place

OPAQUE = type("Opaque", (), {"__repr__": lambda _: "…", "__slots__": ()})()


OPENAI_BASE = "https://api.openai.com/v1"
OPENAI_PATHS = {"generate": "/images/generations", "edit": "/images/edits"}


class Partial(dict[str, Any]):
    """An object of which not every field can be seen."""


class NotReadable(ValueError):
    """Code that is not valid in its language; `line` and `column` count from 1 within it."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


@dataclass(frozen=True)
class Code:
    """A piece of code. `first` is the place of its first character; in a specification all of it has one place."""

    lang: str
    source: str
    first: Place
    indent: int = 0

    def place(self, line: int = 1, column: int = 0) -> Place:
        """The place of a line and column of the code; without a column that of the line's first letter."""
        if not self.first.line:
            return self.first
        if not column:
            text = (self.source.split("\n")[line - 1 : line] or [""])[0]
            column = len(text) - len(text.lstrip()) + 1
        return Place(self.first.file, self.first.line + line - 1, column + self.indent)

    def at(self, key: str, after: int = 1) -> Place:
        """The place where a field is first named, in or after a line; that line if it is nowhere."""
        start = sum(len(line) + 1 for line in self.source.split("\n")[: after - 1])
        pattern = re.compile(rf"(?<![\w.-])[\"']?{re.escape(key)}[\"']?\s*[:=]")
        found = pattern.search(self.source, start) or pattern.search(self.source)
        if not found:
            return self.place(after)
        line, column = position(self.source, found.start())
        return self.place(line, column)


@dataclass(frozen=True)
class Call:
    """A request that a sample sends, as far as its text says; `url` is None where it does not.

    `form` is how the body is sent: `json`, `multipart`, `urlencoded`, or empty without one. What the text leaves to
    run time is OPAQUE, and an object that may have fields which the text does not show is Partial.
    """

    method: str
    url: str | None
    headers: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    form: str = ""
    line: int = 1

    @property
    def model(self) -> str | None:
        """The model that the body names, if it names one in so many words."""
        found = self.body.get("model") if isinstance(self.body, dict) else None
        return found if isinstance(found, str) else None

    @property
    def path(self) -> str:
        """The path of its URL."""
        return split_url(self.url).path

    @property
    def authorised(self) -> bool:
        """Whether a key is sent."""
        return any(name.lower() in ("authorization", "x-api-key") for name in self.headers)


def openai_call(verb: str, base: Any, body: Any, line: int) -> Call:
    """A call of the OpenAI client's `images`, which has the key by itself."""
    url = base.rstrip("/") + OPENAI_PATHS[verb] if isinstance(base, str) else None
    form = "json" if verb == "generate" else "multipart"
    return Call("POST", url, {"Authorization": OPAQUE}, body, form, line)


def split_url(url: str | None) -> SplitResult:
    """The parts of a URL; all empty where it is none."""
    try:
        return urlsplit(url or "")
    except ValueError:
        return SplitResult("", "", "", "", "")


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset in a text."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def has_opaque(value: Any) -> bool:
    """Whether a part of the value is only known at run time."""
    if isinstance(value, dict):
        return any(map(has_opaque, value.values()))
    return any(map(has_opaque, value)) if isinstance(value, list) else value is OPAQUE
