"""Input pictures as a request carries them: a data URI, bare base64, a URL, or an uploaded file.

This reads the envelope only; what is inside is for `pixelpact.pixels` to open.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit

import pybase64

from .rules import LONGEST_URL, is_spaced

DATA_URI = re.compile(r"data:image/(?P<format>[a-z0-9.+-]+);base64,", re.ASCII)
# `image/jpg` is no media type, but clients write it.
ALIASES = {"jpg": "jpeg"}


@dataclass(frozen=True)
class InputImage:
    """A caller's picture: its bytes, or the URL where it lies; `format` is what a data URI calls it."""

    data: bytes | None = None
    url: str | None = None
    format: str | None = None


class NotAnImage(ValueError):
    """The string is no picture under the rule; the message says what was expected."""


def read_image(rule: Mapping[str, Any], value: str | Mapping[str, Any]) -> InputImage:
    """The picture that a string or an uploaded file carries under an `x-image` rule. Raises NotAnImage."""
    if not isinstance(value, str):
        return _file(rule, value)
    form = _form(value)
    if form not in rule["forms"]:
        raise NotAnImage(f"a picture as {' or '.join(rule['forms'])}")
    return READERS[form](rule, value)


def image_errors(rule: Mapping[str, Any], value: str | Mapping[str, Any]) -> Iterator[str]:
    """Why a value is no picture under an `x-image` rule: each reason says what was expected."""
    try:
        read_image(rule, value)
    except NotAnImage as reason:
        yield str(reason)


def is_web_url(text: str) -> bool:
    """Whether a text is an absolute http or https URL with a host."""
    try:
        parts = urlsplit(text[:LONGEST_URL])
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def formats(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """Every format that is read: those promised, and those merely tolerated."""
    return (*rule["formats"], *rule.get("tolerated", ()))


def ratio(text: str) -> Fraction:
    """A ratio written as `1:3`."""
    left, _, right = text.partition(":")
    return Fraction(int(left), int(right))


def _form(value: str) -> str:
    if value[:5].lower() == "data:":
        return "data-uri"
    return "url" if "://" in value[:32] else "base64"


def _data_uri(rule: Mapping[str, Any], value: str) -> InputImage:
    match = DATA_URI.match(value)
    if not match:
        raise NotAnImage("a data URI as data:image/<format>;base64,<base64> with the format in lower case")
    named = ALIASES.get(match["format"], match["format"])
    if named not in formats(rule):
        raise NotAnImage(f"a data URI whose format is one of {', '.join(formats(rule))}")
    return InputImage(data=_decoded(rule, value[match.end() :]), format=named)


def _base64(rule: Mapping[str, Any], value: str) -> InputImage:
    return InputImage(data=_decoded(rule, value))


def _url(_: Mapping[str, Any], value: str) -> InputImage:
    if not is_web_url(value) or is_spaced(value):
        raise NotAnImage("an http or https URL with a host")
    return InputImage(url=value)


def _file(rule: Mapping[str, Any], value: Mapping[str, Any]) -> InputImage:
    """What the service makes of an upload: facts of the file, and its bytes one by one in `buffer.data`."""
    if "file" not in rule["forms"]:
        raise NotAnImage(f"a picture as {' or '.join(rule['forms'])}")
    buffer = value.get("buffer")
    listed = buffer.get("data") if isinstance(buffer, Mapping) else None
    try:
        data = bytes(listed if isinstance(listed, list) else ())
    except (TypeError, ValueError) as reason:
        raise NotAnImage("a file whose buffer.data is a list of bytes, each 0 to 255") from reason
    _hold_size(rule, data)
    return InputImage(data=data)


def _decoded(rule: Mapping[str, Any], text: str) -> bytes:
    most = rule.get("maxBytes")
    if most is not None and len(text) // 4 * 3 > most + 2:
        raise NotAnImage(f"a picture of at most {most:,} bytes, not about {len(text) // 4 * 3:,}")
    try:
        data = pybase64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as reason:
        raise NotAnImage("a picture in valid base64, or a URL") from reason
    _hold_size(rule, data)
    return data


def _hold_size(rule: Mapping[str, Any], data: bytes) -> None:
    most = rule.get("maxBytes")
    if not data:
        raise NotAnImage("a picture, not an empty string")
    if most is not None and len(data) > most:
        raise NotAnImage(f"a picture of at most {most:,} bytes, not {len(data):,}")


READERS = {"data-uri": _data_uri, "base64": _base64, "url": _url}
