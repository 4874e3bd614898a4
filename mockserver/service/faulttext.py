"""A fault as one line of text: its kind, then NAME=VALUE, commas between. What the words mean is told elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# A backslash before a comma, an equals sign or a backslash stands for that character alone.
ITEM = re.compile(r"(?:\\[\\,=]|[^,])+", re.DOTALL)
NAME = re.compile(r"(?:\\[\\,=]|[^=])*", re.DOTALL)
ESCAPED = re.compile(r"\\([\\,=])")
SPECIAL = re.compile(r"[\\,]")
NAMING = re.compile(r"[\\,=]")
BACKSLASH = r"\\\g<0>"


def split(text: str) -> tuple[str, list[tuple[str, str | None]]]:
    """The kind, and each name with its value; None for what has no equals sign."""
    kind, *items = ITEM.findall(text) or [""]
    return kind.strip(), [_pair(item) for item in items]


def joined(kind: str, items: Mapping[str, Any]) -> str:
    """The line of a kind and its items; those of a mapping inside are named by both names, with a dot."""
    said = (f"{NAMING.sub(BACKSLASH, name)}={SPECIAL.sub(BACKSLASH, text_of(value))}" for name, value in _flat(items))
    return ",".join([kind, *said])


def text_of(value: Any) -> str:
    """A value as text: a string as it is, everything else as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value)


def _pair(item: str) -> tuple[str, str | None]:
    name = NAME.match(item)
    end = name.end() if name else 0
    return _plain(item[:end].lstrip()), _plain(item[end + 1 :]) if end < len(item) else None


def _flat(items: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in items.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{key}", inner) for key, inner in value.items())
        else:
            yield name, value


def _plain(text: str) -> str:
    return ESCAPED.sub(r"\1", text)
