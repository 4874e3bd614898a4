"""What is left of an answer without its values: status, header names, JSON paths with their kinds, picture facts.

Two runs of one server give one skeleton, and none holds a prompt, a key or a signature, so it can be kept and compared.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..contract.images import is_web_url
from ..pixels.magic import container
from .answers import path_of
from .exchange import Exchange
from .generation import Picture
from .pictures import BLANK

# Hop by hop, or of a server, a CDN or a mesh in front of it, or our own; the media type is told by itself.
NOISE = re.compile(
    r"""age | alt-svc | connection | content-(encoding|length|type) | date | keep-alive | nel | proxy-.* | report-to
    | reporting-endpoints | server | server-timing | set-cookie | strict-transport-security | te | trailer
    | transfer-encoding | upgrade | vary | via | x-cache.* | x-powered-by | x-served-by
    | cf-.* | x-amz-cf-.* | x-envoy-.* | x-pixelpact-.*""",
    re.VERBOSE,
)

# Names that the API gives its errors; a person, a key or a prompt is no single capitalised word or two.
TITLES = {"/title", "/name", "/error/title", "/error/name"}
TITLE = re.compile(r"(?:[A-Z][A-Za-z]{1,40} ?){1,4}", re.ASCII)
MESSAGES = {"/message", "/message/[]", "/error/message", "/error/message/[]"}

# Words such as UnauthorizedException are 21 characters long too.
NANOID = re.compile(r"(?=[\w-]{21}\Z)(?!(?:[A-Z]?[a-z]{2,}[-_]?)+\Z).*", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})")
HEX = re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)
DATA_URI = re.compile(r"data:[^,]*,.*", re.IGNORECASE | re.DOTALL)
# A signed URL has a parameter of such a name, whoever signs: X-Tos-Signature, X-Amz-Signature, Signature, sig.
SIGNED = re.compile(r"(?:.*-)?(?:signature|sig|sign)", re.IGNORECASE)

# In seconds: 2001 to 2099.
MOMENTS = (1_000_000_000, 4_100_000_000)
# What is nested deeper is described no further.
DEEPEST = 64


@dataclass(frozen=True)
class Place:
    """A value of an answer's body and where it stands; `[]` in a pointer is any item of an array."""

    pointer: str
    value: Any
    exchange: Exchange

    @property
    def text(self) -> str:
        """The value, if it is a string."""
        return self.value if isinstance(self.value, str) else ""


def skeleton(exchange: Exchange, pictures: Sequence[Picture], documented: Collection[str] = ()) -> dict[str, Any]:
    """The skeleton of an answer and the pictures behind it, as plain JSON.

    The body is `{pointer: {"types": [...], "classes": [...]}}`, items of an array merged. Kept as they are: the status,
    an error's name and title, and its message if it is one of those `documented`.
    """
    return {
        "status": exchange.status,
        "media_type": exchange.media_type,
        "headers": sorted(name for name in map(str.lower, exchange.headers) if not NOISE.fullmatch(name)),
        "body": _body(exchange, documented),
        "pictures": {"count": len(pictures), **_merged(pictures)},
    }


def _body(exchange: Exchange, documented: Collection[str]) -> dict[str, Any]:
    if exchange.json is None and exchange.body.strip() != b"null":
        kind = container(exchange.body) if exchange.body else "empty"
        return {"": {"types": ["bytes"], "classes": [kind]}}
    body: dict[str, Any] = {}
    for place in _places(Place("", exchange.json, exchange)):
        # A field may be named after the key that was sent.
        kinds = body.setdefault(exchange.masked(place.pointer), {"types": set(), "classes": set()})
        kinds["types"].add(TYPES[type(place.value)])
        kinds["classes"].add(_class(place, documented))
    return {pointer: {name: sorted(found) for name, found in kinds.items()} for pointer, kinds in body.items()}


def _places(place: Place) -> Iterator[Place]:
    yield place
    if place.pointer.count("/") >= DEEPEST:
        return
    if isinstance(place.value, dict):
        inside = [(name.replace("~", "~0").replace("/", "~1"), value) for name, value in place.value.items()]
    else:
        inside = [("[]", value) for value in place.value] if isinstance(place.value, list) else []
    for name, value in inside:
        yield from _places(Place(f"{place.pointer}/{name}", value, place.exchange))


def _class(place: Place, documented: Collection[str]) -> str:
    """What kind of value it is; a value that may be kept, in quotation marks."""
    text = place.text
    if place.exchange.status >= 400:
        is_title = place.pointer in TITLES and TITLE.fullmatch(text) and not place.exchange.holds_key(text)
        if is_title or (place.pointer in MESSAGES and text in documented):
            return f'"{text}"'
    return next(name for name, holds in CLASSES if holds(place))


def _matches(pattern: re.Pattern[str]) -> Callable[[Place], bool]:
    return lambda place: pattern.fullmatch(place.text) is not None


def _is_moment(unit: int) -> Callable[[Place], bool]:
    least, most = (bound * unit for bound in MOMENTS)
    # A seed is as large as a moment once in two runs.
    return lambda place: type(place.value) is int and least <= place.value < most and "seed" not in place.pointer


def _is_own_path(place: Place) -> bool:
    path = place.text.partition("?")[0]
    # A proxy may have put a path in front of the server's own.
    return path.startswith("/") and path_of(place.exchange).endswith(path)


def _is_signed(place: Place) -> bool:
    return is_web_url(place.text) and any(SIGNED.fullmatch(name) for name, _ in parse_qsl(urlsplit(place.text).query))


def _is_picture(place: Place) -> bool:
    try:
        # Shorter ones are words that happen to begin like a picture.
        return len(place.text) > 64 and container(base64.b64decode(place.text[:64], validate=True)) != "unknown"
    except (binascii.Error, ValueError):
        return False


TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
# The first that holds.
CLASSES: tuple[tuple[str, Callable[[Place], bool]], ...] = (
    ("null", lambda place: place.value is None),
    ("boolean", lambda place: isinstance(place.value, bool)),
    ("empty", lambda place: place.value in ("", [], {})),
    ("object", lambda place: isinstance(place.value, dict)),
    ("one item", lambda place: isinstance(place.value, list) and len(place.value) == 1),
    ("items", lambda place: isinstance(place.value, list)),
    ("status-code", lambda place: str(place.value) == str(place.exchange.status)),
    ("unix-seconds", _is_moment(1)),
    ("unix-milliseconds", _is_moment(1000)),
    ("integer", lambda place: isinstance(place.value, int)),
    ("number", lambda place: isinstance(place.value, float)),
    ("text", lambda place: place.pointer in MESSAGES),
    ("request-path", _is_own_path),
    ("iso-time", _matches(ISO_TIME)),
    ("uuid", _matches(UUID)),
    ("data-uri", _matches(DATA_URI)),
    ("url-signed", _is_signed),
    ("url-unsigned", lambda place: is_web_url(place.text)),
    ("base64-picture", _is_picture),
    ("hex", _matches(HEX)),
    ("nanoid", _matches(NANOID)),
    ("text", lambda _: True),
)


def _merged(pictures: Sequence[Picture]) -> dict[str, list[str]]:
    """Every fact of the pictures, each value once; nothing where there is no picture."""
    return {name: sorted({tell(picture) for picture in pictures}) for name, tell in FACTS.items() if pictures}


def _fact(name: str) -> Callable[[Picture], str]:
    # Of a PNG there is no quality, and of a picture that did not come there is nothing.
    return lambda picture: str(getattr(picture.facts, name, None) or "none")


def _content(picture: Picture) -> str:
    if picture.facts is None or not picture.facts.decodable:
        return "none" if picture.facts is None else "undecodable"
    return "blank" if picture.facts.spread < BLANK else "picture"


FACTS: dict[str, Callable[[Picture], str]] = {
    "form": lambda picture: picture.form,
    "download": lambda picture: str(picture.exchange.status) if picture.exchange else "none",
    "media type": lambda picture: picture.exchange.media_type or "none" if picture.exchange else "none",
    "container": _fact("container"),
    "size": _fact("size"),
    "subsampling": _fact("subsampling"),
    "quality": _fact("quality"),
    "progressive": lambda picture: "yes" if picture.facts and picture.facts.progressive else "no",
    "content": _content,
}
