"""Documented and observed exchanges, and the photographs, as the fixtures hold them. Nothing else reads `fixtures/`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Evidence:
    """A documented or observed exchange: what was asked and what came, as far as it is known.

    `meets` names, for the `request`, the `answer` or the `error`, the profiles that it keeps to; it breaks all others.
    """

    name: str
    source: str
    note: str = ""
    request: Mapping[str, Any] | None = None
    status: int | None = None
    answer: Mapping[str, Any] | None = None
    meets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def evidence() -> tuple[Evidence, ...]:
    """Everything in `fixtures/exchanges`, by name."""
    entries = sorted(files("pixelpact.fixtures").joinpath("exchanges").iterdir(), key=lambda entry: entry.name)
    known = {field.name for field in fields(Evidence)}
    # A recording says more than a documented exchange does.
    found = (json.loads(entry.read_text("utf-8")) for entry in entries if entry.name.endswith(".json"))
    return tuple(Evidence(**{name: value for name, value in one.items() if name in known}) for one in found)


@cache
def photograph(name: str = "raccoon.jpg") -> bytes:
    """A real photograph: a raccoon, JPEG, 1024x768, public domain (see SOURCES.md beside it)."""
    return files("pixelpact.fixtures").joinpath("photographs", name).read_bytes()


@cache
def photograph_uri(name: str = "raccoon.jpg") -> str:
    """The photograph as a request carries it."""
    return "data:image/jpeg;base64," + base64.b64encode(photograph(name)).decode("ascii")
