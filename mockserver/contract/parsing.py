"""Bytes to JSON, strictly: NaN and Infinity are not JSON, and neither is a key given twice."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NoReturn

from ..errors import InvalidJson

BOM = "\ufeff"


def parse(data: bytes) -> Any:
    """The JSON value of UTF-8 bytes. Raises InvalidJson with the place and the reason."""
    try:
        text = data.decode("utf-8")
        # Told apart from other text that is no JSON, as `json.loads` does.
        if text.startswith(BOM):
            raise InvalidJson("not JSON: it begins with a byte order mark")
        return DECODER.decode(text)
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
        times = Counter(name for name, _ in pairs)
        twice = next(name for name, count in times.items() if count > 1)
        raise ValueError(f"the key {twice[:40]!r} is given twice")
    return fields


# Made once: `json.loads` makes one for every text that it reads by rules of one's own.
DECODER = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_object)
