"""A case: a request to send, and whether it must be accepted or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..contract.sources import Source


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
