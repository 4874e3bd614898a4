"""Lines and columns of JSON pointers in the text of a document."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

from ..openapi.pointers import escaped
from .code import position

TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|[{}\[\],:]|[^\s{}\[\],:\"]+")


def positions(text: str, pointers: Collection[str]) -> dict[str, tuple[int, int]]:
    """Line and column, from 1, of each pointer that the text has: of its key, where it has one."""
    wanted = set(pointers)
    found: dict[str, int] = {}
    for pointer, offset in _walk(text):
        if pointer in wanted:
            found.setdefault(pointer, offset)
            if len(found) == len(wanted):
                break
    return {pointer: position(text, offset) for pointer, offset in found.items()}


def _walk(text: str) -> Iterator[tuple[str, int]]:
    """Every pointer of a valid JSON text with the offset where it begins."""
    # For each open bracket its pointer, and the index of its next item; none for an object.
    opened: list[tuple[str, int | None]] = []
    pointer, before = "", ""
    yield "", 0
    for token in TOKEN.finditer(text):
        mark = token[0]
        is_key = bool(opened) and opened[-1][1] is None and before in "{," and mark != "}"
        if opened and opened[-1][1] is not None and before in "[," and mark != "]":
            pointer = f"{opened[-1][0]}/{opened[-1][1]}"
            opened[-1] = (opened[-1][0], (opened[-1][1] or 0) + 1)
            yield pointer, token.start()
        if is_key and mark[0] != '"':
            return
        if is_key:
            pointer = opened[-1][0] + escaped(json.loads(mark))
            yield pointer, token.start()
        elif mark in ("{", "["):
            opened.append((pointer, None if mark == "{" else 0))
        elif mark in ("}", "]") and opened:
            opened.pop()
        before = mark
