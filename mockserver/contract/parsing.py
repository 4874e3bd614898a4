"""Bytes to JSON, strictly: NaN and Infinity are not JSON, and neither is a key given twice."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from ..errors import InvalidJson


def parse(data: bytes) -> Any:
    """The JSON value of UTF-8 bytes. Raises InvalidJson with the place and the reason."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_object)
    except UnicodeDecodeError as reason:
        raise InvalidJson(f"not UTF-8: byte {reason.start} is 0x{data[reason.start]:02x}") from reason
    except RecursionError as reason:
        raise InvalidJson("nested too deeply") from reason
    except ValueError as reason:
        raise InvalidJson(f"not JSON: {reason}") from reason


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:40]!r} is given twice")
    return fields
