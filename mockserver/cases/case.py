"""A case: a request to send, and whether it must be accepted or refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ..contract.models import Model
from ..contract.sources import Source
from ..errors import PixelpactError
from ..pixels.samples import sample
from ..pixels.values import Size

Schema = Mapping[str, Any]
Values = Iterator[tuple[str, Any]]
# Fields of a schema that say nothing about which values it takes.
SILENT = {"title", "description", "default", "examples", "deprecated", "x-source"}


@dataclass
class UnknownKeyword(PixelpactError):
    """A schema uses a keyword that no case or strategy honours: better none than a wrong one."""

    keywords: tuple[str, ...]
    place: str

    def __str__(self) -> str:
        return f"nothing generates for {', '.join(self.keywords)} in {self.place}"


@dataclass(frozen=True)
class Change:
    """One field of a body set to a value, or taken out; `keyword` is the rule of the schema that this is about."""

    field: str
    keyword: str
    value: Any = None
    out: bool = False

    def applied(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body with the change."""
        kept = {name: value for name, value in body.items() if not (self.out and name == self.field)}
        return kept if self.out else {**kept, self.field: self.value}


@dataclass(frozen=True)
class Case:
    """One request. `refused` are the statuses that may answer it; empty means that it must be accepted.

    `raw` is sent in place of the body where JSON cannot say it. `sources` are those of the rule that the case tries,
    and `change` is the one step from an accepted body to this one, if that is all there is to it. A `tolerated` status
    is no breach either: nobody promises more than that the server stands.
    """

    name: str
    model: str
    body: Mapping[str, Any]
    refused: tuple[int, ...] = ()
    sources: tuple[Source, ...] = ()
    raw: bytes | None = None
    content_type: str = "application/json"
    change: Change | None = None
    tolerated: tuple[int, ...] = ()

    @property
    def assumed(self) -> bool:
        """Whether the rule is one that nobody has seen at work."""
        return bool(self.sources) and all(source.standing == "assumed" for source in self.sources)

    @property
    def payload(self) -> bytes:
        """The bytes to send."""
        return self.raw if self.raw is not None else json.dumps(self.body).encode()

    def on(self, base: Mapping[str, Any]) -> Case:
        """The case as a change of another body, which is known to be accepted."""
        return replace(self, body=self.change.applied(base)) if self.change else self


def base_body(model: Model) -> dict[str, Any]:
    """The smallest body that the model accepts: its required fields, by their first example. Raises UnknownKeyword."""
    fields = model.request["properties"]
    return {name: _plain(fields[name]) for name in model.request["required"]}


def by_keyword(schema: Schema, makers: Mapping[str, Callable[[Schema], Values]]) -> Iterator[tuple[str, str, Any]]:
    """Keyword, label and value of all that the makers make of a field's schema. Raises UnknownKeyword."""
    refuse_others(schema, set(makers))
    for keyword in schema:
        for label, value in makers[keyword](schema) if keyword in makers else ():
            yield keyword, label, value


def refuse_others(schema: Schema, honoured: set[str]) -> None:
    """Raise UnknownKeyword for a schema with a rule beyond those honoured."""
    unknown = sorted(schema.keys() - honoured - SILENT)
    if unknown:
        raise UnknownKeyword(tuple(unknown), schema.get("description", "a schema"))


def plain_size(rule: Mapping[str, Any]) -> tuple[int, int]:
    """The size of a small picture, 4:3, that an `x-image` rule has nothing against."""
    side = max(rule.get("minSide", 1), 48)
    return -(-side * 4 // 3), side


@cache
def data_uri(width: int, height: int, container: str = "png", length: int = 0, mode: str = "RGB") -> str:
    """A picture of that size as a data URI; zeros behind it, which no reader minds, make up that length in bytes."""
    data = sample(Size(width, height), container, mode).ljust(length, b"\0")
    return f"data:image/{container};base64,{in_base64(data)}"


def in_base64(data: bytes) -> str:
    """Bytes as JSON can carry them."""
    return base64.b64encode(data).decode("ascii")


def _plain(schema: Schema) -> Any:
    if "x-image" in schema:
        return data_uri(*plain_size(schema["x-image"]))
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("examples"):
        return schema["examples"][0]
    raise UnknownKeyword(("a required field without enum, example or x-image",), schema.get("description", "a schema"))
