"""A case: a request to send, and whether it must be accepted or refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..contract.models import Model
from ..contract.sources import Source
from ..errors import PixelpactError
from ..pixels.samples import sample
from ..pixels.values import Size

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
class Case:
    """One request. `refused` are the statuses that may answer it; empty means that it must be accepted.

    `raw` is sent in place of the body where JSON cannot say it. `sources` are those of the rule that the case tries.
    """

    name: str
    model: str
    body: Mapping[str, Any]
    refused: tuple[int, ...] = ()
    sources: tuple[Source, ...] = ()
    raw: bytes | None = None
    content_type: str = "application/json"

    @property
    def assumed(self) -> bool:
        """Whether the rule is one that nobody has seen at work."""
        return bool(self.sources) and all(source.standing == "assumed" for source in self.sources)

    @property
    def payload(self) -> bytes:
        """The bytes to send."""
        return self.raw if self.raw is not None else json.dumps(self.body).encode()


def base_body(model: Model) -> dict[str, Any]:
    """The smallest body that the model accepts: its required fields, by their first example."""
    fields = model.request["properties"]
    return {name: _plain(fields[name]) for name in model.request["required"]}


@cache
def data_uri(width: int, height: int, container: str = "png") -> str:
    """A small picture of that size as a data URI."""
    data = sample(Size(width, height), container)
    return f"data:image/{container};base64,{base64.b64encode(data).decode('ascii')}"


def _plain(schema: Mapping[str, Any]) -> Any:
    if "x-image" in schema:
        return data_uri(64, 48)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("examples"):
        return schema["examples"][0]
    raise UnknownKeyword(("a required field without enum, example or x-image",), schema.get("description", "a schema"))
