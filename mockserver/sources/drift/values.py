"""The values of a comparison: what a side says of a model, what changed there, and the judgement of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from ...errors import PixelpactError
from ..openapi.pointers import escaped, unescaped
from ..openapi.problems import Problem
from ..texts import secretless

Schema = Mapping[str, Any]
LONGEST = 160
# The parts of an offer that a change can be in; an answer's has its status, as in `answer 200`.
ENDPOINT, REQUEST, PARAMETERS, ANSWER, ERROR = "endpoint", "request", "parameters", "answer", "error"
# What an offer was read from.
SPEC, SCHEMAS, SEEN = "specification", "schemas", "skeleton"


class Severity(IntEnum):
    """How bad a change is for those who wrote a program before it."""

    HARMLESS = 0
    RISKY = 1
    BREAKING = 2

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Offer:
    """What a side says of one model at one endpoint, as `POST /v1/images/generations`.

    `answers` are by status, None where nothing is said of the body, and so are `headers`, as the fields of an object;
    `media` are the media types by part; `security` are the kinds of key by the name of
    their scheme, None where this sort of source does not say; `facts` are single values with a name each; `loose` is
    what no program goes by; `text` is the whole as it was written; and `documented` are the names of sources that are
    documents of the vendor.
    """

    model: str
    endpoint: str
    file: str
    nature: str
    request: Schema | None = None
    answers: Mapping[str, Schema | None] = field(default_factory=dict)
    error: Schema | None = None
    parameters: Schema | None = None
    headers: Mapping[str, Schema] = field(default_factory=dict)
    media: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    security: Mapping[str, Mapping[str, str]] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    loose: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    documented: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Side:
    """One side of a comparison; `notes` say what of it could not be read.

    `partial`: a single file, which says nothing of the models that others tell of. `missing` are models that it was
    asked for and has nothing of. `unread` are the files that cannot be read or are about something else, `strange`
    those that may be, by what the other side has; `bare` says that a sound specification has no operation.
    """

    name: str
    offers: tuple[Offer, ...]
    notes: tuple[str, ...] = ()
    partial: bool = False
    missing: tuple[str, ...] = ()
    unread: tuple[Problem, ...] = ()
    strange: tuple[str, ...] = ()
    bare: bool = False


@dataclass
class NothingToCompare(PixelpactError):
    """A side that nothing can be read from."""

    side: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return secretless("; ".join(self.reasons)) or f"{self.side}: no operation in it"


@dataclass(frozen=True)
class Change:
    """One difference: its kind, the part and the JSON pointer in it (`[]` is any item), what was and what is."""

    kind: str
    part: str
    pointer: str = ""
    before: str = ""
    after: str = ""

    @property
    def name(self) -> str:
        """The field that it is about."""
        return unescaped(self.pointer.rpartition("/")[2])


@dataclass(frozen=True)
class Place:
    """Where in an offer two schemas are compared."""

    part: str
    pointer: str = ""

    def inside(self, name: str) -> Place:
        """The place of a field."""
        return Place(self.part, self.pointer + escaped(name))

    @property
    def items(self) -> Place:
        """The place of any item of the array here."""
        return Place(self.part, f"{self.pointer}/[]")

    def change(self, kind: str, before: str = "", after: str = "") -> Change:
        """A change at this place."""
        return Change(kind, self.part, self.pointer, before, after)


def shown(value: Any) -> str:
    """A JSON value in few characters."""
    text = secretless(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
