"""Pictures lifted out of JSON: base64 becomes a reference to a file, and the file is kept by its hash."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

from ..pixels.containers import container

REFERENCE = re.compile(r"\$picture:(?P<file>pictures/[0-9a-f]{64}\.(?:jpeg|png|webp|gif|tiff|b64))")
IN_DATA_URI = re.compile(r"data:[^,]{0,80};base64,", re.IGNORECASE)


def lifted(value: Any) -> tuple[Any, dict[str, bytes]]:
    """A JSON value with a reference for each picture in it, and the files that the references name.

    `data:image/png;base64,iVBOR…` becomes `data:image/png;base64,$picture:pictures/<sha256>.png`. Base64 that a decoder
    would not write in this way itself is kept as it came, in a file that ends in `.b64`.
    """
    files: dict[str, bytes] = {}
    return _lifted(value, files), files


def _lifted(value: Any, files: dict[str, bytes]) -> Any:
    if isinstance(value, dict):
        return {key: _lifted(inner, files) for key, inner in value.items()}
    if isinstance(value, list):
        return [_lifted(inner, files) for inner in value]
    return _picture_lifted(value, files) if isinstance(value, str) else value


def _picture_lifted(text: str, files: dict[str, bytes]) -> str:
    uri = IN_DATA_URI.match(text)
    start = uri.end() if uri else 0
    kind = container(decoded(text[start : start + 64]))
    # Two letters at the beginning, all that a BMP has, would be found in a key.
    if kind in ("unknown", "bmp"):
        return text
    name, kept = _file_of(text[start:], kind)
    files[name] = kept
    return f"{text[:start]}$picture:{name}"


def _file_of(text: str, kind: str) -> tuple[str, bytes]:
    data = decoded(text)
    canonical = base64.b64encode(data).decode() == text
    kept, ending = (data, kind) if canonical else (text.encode(), "b64")
    return f"pictures/{hashlib.sha256(kept).hexdigest()}.{ending}", kept


def decoded(text: str) -> bytes:
    """The bytes of base64, as far as it can be read; nothing for other texts."""
    try:
        return base64.b64decode("".join(text.split()).rstrip("=") + "==", altchars=b"-_" if "-" in text else None)
    except (binascii.Error, ValueError):
        return b""
