"""The line of a shell that repeats a call, and what of the call nobody kept."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..journal import API, Entry
from ..redacted import is_picture

# The key itself is nobody's to copy.
KEY = "$PIXELPACT_API_KEY"
PICTURE = "(a picture: put yours here)"
# What stands at the end of a text that was too long to be kept.
CUT = re.compile(r"… \[[\d,]+ characters, SHA-256 ")


@dataclass(frozen=True)
class Repeat:
    """A line for the shell, and what has to be done before it repeats the call."""

    line: str
    needs: tuple[str, ...]


def repeat(origin: str, entry: Entry) -> Repeat | None:
    """The line that repeats a call; None for a download, whose signature nobody keeps."""
    if entry.hop != API:
        return None
    body = entry.facts.get("body")
    words = [f"curl -sS {_method(entry.method)}{shlex.quote(origin + entry.path)}", f'-H "Authorization: Bearer {KEY}"']
    words += _form(body) if isinstance(body, dict) and _holds(body, _is_file) else _json(body)
    told = json.dumps(body, ensure_ascii=False)
    needs = (
        "The key is a variable",
        *(["put your picture in its place"] if _holds(body, is_picture) else []),
        *(["a text was too long to be kept whole"] if CUT.search(told) else []),
        *(["what was sent was no JSON, and is not kept"] if body is None and entry.method in ("POST", "PUT") else []),
    )
    return Repeat(" \\\n  ".join(words), needs)


def sendable(value: Any) -> Any:
    """A body as it can be sent again, but for its pictures, which nobody keeps."""
    if is_picture(value):
        return PICTURE
    if isinstance(value, dict):
        return {name: sendable(inner) for name, inner in value.items()}
    return [sendable(inner) for inner in value] if isinstance(value, list) else value


def holds_picture(value: Any) -> bool:
    """Whether a picture is somewhere in a kept body."""
    return _holds(value, is_picture)


def _method(method: str) -> str:
    """What curl is told of a method; it asks for HEAD in its own way."""
    known = {"GET": "", "HEAD": "-I "}
    return known.get(method, f"-X {shlex.quote(method)} ")


def _json(body: Any) -> list[str]:
    if body is None:
        return []
    return ["-H 'Content-Type: application/json'", f"--data-raw {shlex.quote(json.dumps(sendable(body)))}"]


def _form(body: Mapping[str, Any]) -> list[str]:
    fields = [(name, one) for name, value in body.items() for one in (value if isinstance(value, list) else [value])]
    return [
        f"-F {shlex.quote(f'{name}=@{PICTURE}')}"
        if _is_file(value)
        else f"--form-string {shlex.quote(f'{name}={value if isinstance(value, str) else json.dumps(value)}')}"
        for name, value in fields
    ]


def _is_file(value: Any) -> bool:
    """Whether a value stands for a file of a form."""
    return isinstance(value, dict) and {"fieldname", "buffer"} <= value.keys()


def _holds(value: Any, wanted: Any) -> bool:
    if wanted(value):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds(one, wanted) for one in inner)
