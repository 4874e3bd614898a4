"""Uploaded files in JSON: lists of numbers, of which nobody is to judge millions one by one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import PixelpactError

FORM = "multipart/form-data"
BUFFER = "Buffer"
DEEPEST = 16
HOLDING = frozenset({dict, list})


class Octets(list[int]):
    """The bytes of an uploaded file, where its JSON has a list of as many numbers: `bytes()` gives them.

    To whoever goes through it, it is empty: nobody is to judge millions of numbers one by one.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data

    def __bytes__(self) -> bytes:
        return self.data


class NotTaken(PixelpactError):
    """A form where no model takes one."""


def packed(value: Any, depth: int = 0) -> Any:
    """A JSON value with the bytes of each `{"type": "Buffer", "data": […]}` as Octets."""
    if depth == DEEPEST or not isinstance(value, (dict, list)):
        return value
    if isinstance(value, list):
        return [packed(inner, depth + 1) for inner in value] if _holds(value) else value
    if value.get("type") == BUFFER and type(value.get("data")) is list:
        return {**value, "data": _octets(value["data"])}
    return {name: packed(inner, depth + 1) for name, inner in value.items()} if _holds(value.values()) else value


def _holds(values: Iterable[Any]) -> bool:
    """Whether one of the values has others in it."""
    return not HOLDING.isdisjoint(map(type, values))


def _octets(numbers: list[Any]) -> list[Any]:
    try:
        return Octets(bytes(numbers))
    except (TypeError, ValueError):
        return numbers
