"""Pictures lifted out of JSON: base64, or a list of bytes, becomes a reference to a file, kept by its hash."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

from ..pixels.magic import container

FILE = r"(?P<file>pictures/[0-9a-f]{64}\.(?:jpeg|png|webp|gif|tiff|b64))"
REFERENCE = re.compile(rf"\$picture:{FILE}")
BYTES = re.compile(rf"\$bytes:{FILE}")
IN_DATA_URI = re.compile(r"data:[^,]{0,80};base64,", re.IGNORECASE)
# Two letters at the beginning, all that a BMP has, would be found in a key.
NO_PICTURE = ("unknown", "bmp")
# Shorter lists of numbers are colours and sizes.
SHORTEST_LIST = 64


def lifted(value: Any) -> tuple[Any, dict[str, bytes]]:
    """A JSON value with a reference for each picture in it, and the files that the references name.

    `data:image/png;base64,iVBOR…` becomes `data:image/png;base64,$picture:pictures/<sha256>.png`. Base64 that a decoder
    would not write in this way itself is kept as it came, in a file that ends in `.b64`. A list of the bytes of a
    picture, and all that a Buffer holds, becomes `$bytes:pictures/<sha256>.png`, or `.b64` of what is no picture.
    """
    files: dict[str, bytes] = {}
    return _lifted(value, files), files


def _lifted(value: Any, files: dict[str, bytes]) -> Any:
    if isinstance(value, dict):
        # As Node writes what was uploaded.
        whole = value.get("type") == "Buffer"
        return {key: _lifted_list(inner, files, whole) for key, inner in value.items()}
    if isinstance(value, list):
        return [_lifted_list(inner, files) for inner in value]
    return _picture_lifted(value, files) if isinstance(value, str) else value


def _lifted_list(value: Any, files: dict[str, bytes], whole: bool = False) -> Any:
    """A value that may be a list of bytes; `whole`: whatever the bytes are."""
    data = _bytes(value, 1 if whole else SHORTEST_LIST)
    kind = container(data)
    if not data or (kind in NO_PICTURE and not whole):
        return _lifted(value, files)
    kept, ending = (base64.b64encode(data), "b64") if kind in NO_PICTURE else (data, kind)
    name = _name(kept, ending)
    files[name] = kept
    return f"$bytes:{name}"


def _bytes(value: Any, least: int) -> bytes:
    """The bytes that a list of numbers is, if there are so many; nothing for other values."""
    if not isinstance(value, list) or len(value) < least:
        return b""
    return bytes(value) if all(type(item) is int and 0 <= item <= 255 for item in value) else b""


def _picture_lifted(text: str, files: dict[str, bytes]) -> str:
    uri = IN_DATA_URI.match(text)
    start = uri.end() if uri else 0
    kind = container(decoded(text[start : start + 64]))
    if kind in NO_PICTURE:
        return text
    name, kept = _file_of(text[start:], kind)
    files[name] = kept
    return f"{text[:start]}$picture:{name}"


def _file_of(text: str, kind: str) -> tuple[str, bytes]:
    data = decoded(text)
    canonical = base64.b64encode(data).decode() == text
    kept, ending = (data, kind) if canonical else (text.encode(), "b64")
    return _name(kept, ending), kept


def _name(kept: bytes, ending: str) -> str:
    return f"pictures/{hashlib.sha256(kept).hexdigest()}.{ending}"


def decoded(text: str) -> bytes:
    """The bytes of base64, as far as it can be read; nothing for other texts."""
    try:
        return base64.b64decode("".join(text.split()).rstrip("=") + "==", altchars=b"-_" if "-" in text else None)
    except (binascii.Error, ValueError):
        return b""
