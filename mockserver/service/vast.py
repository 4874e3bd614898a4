"""JSON that holds very much: of what nobody will be shown, no more is looked at than tells that."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from .packing import Octets
from .pictured import DEEPEST, SMALLEST_PICTURE, condensed

# Of one object or list.
MOST_FIELDS = 100
# Values of one field: written as JSON they are longer than what the journal keeps of a field.
MOST_SHOWN = 1000
# Values of a body, far more than those of any that a model takes.
MOST_VALUES = 10_000


def is_vast(value: Any) -> bool:
    """Whether a JSON value holds so much that to look at each takes long."""
    held, count = [value], 0
    while held and count <= MOST_VALUES:
        inner = held.pop()
        if isinstance(inner, (dict, list)):
            count += len(inner)
            held += islice(inner.values() if isinstance(inner, dict) else inner, MOST_VALUES)
    return count > MOST_VALUES


def begun(value: Any, depth: int = 1) -> Any:
    """The beginning of a value, with the digest of each picture in its place; `depth` is how deep it lies in a body."""
    return _begun(value, iter(range(MOST_SHOWN)), depth)


def _begun(value: Any, room: Iterator[int], depth: int) -> Any:
    if depth >= DEEPEST or not isinstance(value, (dict, list)) or _is_file(value):
        return condensed(value, depth)
    if isinstance(value, list):
        return [_begun(inner, room, depth + 1) for inner, _ in zip(value[:MOST_FIELDS], room, strict=False)]
    fields = zip(islice(value.items(), MOST_FIELDS), room, strict=False)
    return {name: _begun(inner, room, depth + 1) for (name, inner), _ in fields}


def _is_file(value: dict[str, Any] | list[Any]) -> bool:
    """Whether a list is taken for the bytes of a file. Its beginning may look so though the whole does not."""
    if isinstance(value, (dict, Octets)) or len(value) < SMALLEST_PICTURE:
        return isinstance(value, Octets)
    try:
        return bool(bytes(value))
    except (TypeError, ValueError):
        return False
