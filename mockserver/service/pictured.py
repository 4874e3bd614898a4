"""Pictures in a JSON value, as data URIs, in base64 or byte by byte: each is told by its size and digest instead.

A text or a list that is no picture, but can hardly be anything else than meant as one, is told so too.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import pybase64

from ..checks.lifting import IN_DATA_URI
from ..pixels.magic import container

DEEPEST = 16
# So much of a long text is looked through: also for a key on the edge of what is kept.
READ = 6000
# In base64; no picture is as small, and few words are as long.
SMALLEST_PICTURE = 64
# No prompt: a text without a space, of characters as base64 has them, and of many different ones.
NO_WORDS = re.compile("[A-Za-z0-9+/_-]{201,}={0,2}", re.ASCII)
FEWEST_CHARACTERS = 24
# Characters of base64, whole groups of four.
PIECE = 2**20
# Two letters at the beginning, all that a BMP has, would be found in words.
UNTOLD = ("unknown", "bmp")
PICTURE = {"picture": str, "bytes": int, "sha256": str}
ALIASES = {"image/jpg": "image/jpeg"}
ELLIPSIS = "…"
# What a message quotes of base64: so much of it shows which container it is.
QUOTED = re.compile("[A-Za-z0-9+/]{24,}={0,2}", re.ASCII)
TELLING = 16


def condensed(value: Any, depth: int = 0) -> Any:
    """A JSON value with the digest of each picture in its place; what has been condensed stays as it is."""
    if isinstance(value, str):
        return _picture(value) or value
    if not isinstance(value, (dict, list)):
        return value
    if depth == DEEPEST:
        return ELLIPSIS
    if isinstance(value, list):
        return _octets(value) or [condensed(inner, depth + 1) for inner in value]
    return {name: condensed(inner, depth + 1) for name, inner in value.items()}


def is_picture(value: Any) -> bool:
    """Whether a value of a kept body stands for a picture."""
    return isinstance(value, Mapping) and all(type(value.get(name)) is kind for name, kind in PICTURE.items())


def digest_of_text(text: str) -> tuple[int, str]:
    """Size and SHA-256 of a text in UTF-8."""
    data = text.encode("utf-8", "surrogatepass")
    return len(data), hashlib.sha256(data).hexdigest()


def without_pictures(text: str) -> str:
    """A text without what it quotes of pictures in base64."""
    return QUOTED.sub(lambda found: ELLIPSIS if _container(found[0][:TELLING]) not in UNTOLD else found[0], text)


def _octets(value: list[Any]) -> dict[str, Any] | None:
    """Size and digest of bytes that came as a list of numbers, as those of an uploaded file do; None for another list.

    A list of nothing but small numbers, of more than few, is taken for such.
    """
    if type(value) is list and len(value) < SMALLEST_PICTURE:
        return None
    try:
        data = bytes(value)
    except (TypeError, ValueError):
        return None
    kind = container(data)
    return {
        "picture": f"image/{kind}" if kind not in UNTOLD else "application/octet-stream",
        "form": "file",
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _picture(text: str) -> dict[str, Any] | None:
    """Media type, form, size and digest of a picture that came as data; None for any other text."""
    uri = IN_DATA_URI.match(text)
    if uri:
        kind = uri[0][len("data:") :].partition(";")[0].lower()
        return _told(ALIASES.get(kind, kind), "data-uri", text, uri.end())
    kind = _container(text[:SMALLEST_PICTURE]) if len(text) >= SMALLEST_PICTURE else "unknown"
    if kind not in UNTOLD:
        return _told(f"image/{kind}", "base64", text, 0)
    # What is no picture may have been meant to be one.
    return _told("application/octet-stream", "base64", text, 0) if _is_noise(text[:READ]) else None


def _is_noise(text: str) -> bool:
    return len(set(text)) >= FEWEST_CHARACTERS and NO_WORDS.fullmatch(text) is not None


def _told(kind: str, form: str, text: str, start: int) -> dict[str, Any]:
    size, digest = _digest(text, start) or digest_of_text(text)
    return {"picture": kind, "form": form, "bytes": size, "sha256": digest}


def _digest(text: str, start: int) -> tuple[int, str] | None:
    """Size and SHA-256 of what base64 holds; None for what is none."""
    # In pieces: to have room made for the whole takes as long as to hash it.
    digest, size = hashlib.sha256(), 0
    try:
        for at in range(start, len(text), PIECE):
            data = pybase64.b64decode(text[at : at + PIECE], validate=True)
            digest.update(data)
            size += len(data)
    except ValueError:
        return None
    return size, digest.hexdigest()


def _container(text: str) -> str:
    try:
        return container(binascii.a2b_base64(text, strict_mode=True))
    except ValueError:
        return "unknown"
