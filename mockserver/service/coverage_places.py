"""Where in a request something can be tried, by its path, and what is there in a body as the journal keeps it.

A picture that came as data is an object with its type and digest there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .redacted import is_picture

MISSING = object()
# The lower, the more useful is it to know that nobody tried.
SENT, VALUE, BOUND, LEFT_OUT = range(4)
JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list, tuple),
    "object": (Mapping,),
}


@dataclass(frozen=True)
class Trial:
    """One thing to try with a field, of a rank from SENT to LEFT_OUT. `done` says whether a body tries it.

    Without `done` no journal can tell, and `name` is the keyword.
    """

    field: str
    name: str
    title: str = ""
    rank: int = VALUE
    done: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Place:
    """A field by its path, as `image_size.width` or `image_urls[]`; `read` gives what a body has there, or MISSING.

    `depth` counts the objects around it: 1 is a field of the body.
    """

    name: str
    read: Callable[[Any], Iterator[Any]]
    depth: int = 0

    def field(self, name: str) -> Place:
        """A field of the object here."""

        def read(body: Any) -> Iterator[Any]:
            return (value.get(name, MISSING) for value in self.read(body) if is_of(value, "object"))

        return Place(f"{self.name}.{name}" if self.name else name, read, self.depth + 1)

    def elements(self) -> Place:
        """The elements of the list here."""

        def read(body: Any) -> Iterator[Any]:
            return (element for value in self.read(body) if is_of(value, "array") for element in value)

        return Place(f"{self.name}[]", read, self.depth)

    def trial(self, label: str, title: str, rank: int, done: Callable[[Any], bool]) -> Trial:
        """Something to try with the value here, if one was sent."""

        def tried(body: Any) -> bool:
            return any(done(value) for value in self.read(body) if value is not MISSING)

        return Trial(self.name, f"{self.name}{label}", f"{self.name} {title}", rank, tried)

    def untold(self, keyword: str) -> Trial:
        """What no journal tells of the value here."""
        return Trial(self.name, keyword)


def is_of(value: Any, kind: str) -> bool:
    """Whether a value is of a JSON type; a picture is what it came as."""
    if is_picture(value):
        return kind == ("object" if value.get("form") == "file" else "string")
    return isinstance(value, JSON_TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
