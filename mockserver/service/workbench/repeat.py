"""The line of a shell that repeats a call, and what of the call nobody kept."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

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
    body: Any = entry.facts.get("body")
    words = [
        f"curl -sS {_method(entry.method)}{shlex.quote(address(origin, entry))}",
        f'-H "Authorization: Bearer {KEY}"',
    ]
    words += _form(body) if is_form(body) else _json(body)
    told = json.dumps(body, ensure_ascii=False)
    needs = (
        "The key is a variable",
        *(["put your picture in its place"] if _holds(body, is_picture) else []),
        *(["a text was too long to be kept whole"] if CUT.search(told) else []),
        *(["its body is not kept"] if body is None and entry.method in ("POST", "PUT") else []),
    )
    return Repeat(" \\\n  ".join(words), needs)


def address(origin: str, entry: Entry) -> str:
    """Where a call went; a path is kept as it is read, so what means something else in a URL is quoted again."""
    return origin + quote(entry.path, safe="/:@!$&'()*+,;=~", errors="replace")


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


def is_form(body: Any) -> bool:
    """Whether a kept body was a form: as far as can be told, as one with a file in it."""
    return isinstance(body, dict) and _holds(body, is_file)


def is_file(value: Any) -> bool:
    """Whether a value stands for a file of a form."""
    return isinstance(value, dict) and {"fieldname", "buffer"} <= value.keys()


def parts(form: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The parts of a form by their names, of which several may have one."""
    return [(name, one) for name, value in form.items() for one in (value if isinstance(value, list) else [value])]


def as_text(value: Any) -> str:
    """The text of a part that is no file."""
    return value if isinstance(value, str) else json.dumps(value)


def _method(method: str) -> str:
    """What curl is told of a method; it asks for HEAD in its own way."""
    known = {"GET": "", "HEAD": "-I "}
    return known.get(method, f"-X {shlex.quote(method)} ")


def _json(body: Any) -> list[str]:
    if body is None:
        return []
    return ["-H 'Content-Type: application/json'", f"--data-raw {shlex.quote(json.dumps(sendable(body)))}"]


def _form(body: Mapping[str, Any]) -> list[str]:
    return [
        f"-F {shlex.quote(f'{name}=@{PICTURE}')}"
        if is_file(value)
        else f"--form-string {shlex.quote(f'{name}={as_text(value)}')}"
        for name, value in parts(body)
    ]


def _holds(value: Any, wanted: Any) -> bool:
    if wanted(value):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds(one, wanted) for one in inner)
