"""The words that faults are told in: a table of kinds and arguments, which reads, checks and describes them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .journal import API, DOWNLOAD

HOPS = (API, DOWNLOAD)
# A fault may name these fields of a request without `match.`; they are no argument of any kind.
FIELDS = ("model", "prompt", "image", "size", "guidance_scale", "watermark", "response_format", "n")
LONGEST_WAIT = 3600
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
HEADER_TEXT = re.compile(r"[ -~\xa0-\xff]*")
# These say how the body travels, which is the business of other kinds, or are the server's own.
FRAMING = {
    *("content-length", "content-type", "transfer-encoding", "connection", "keep-alive", "proxy-connection"),
    *("te", "trailer", "upgrade", "date", "server"),
}
# Of these a client hears nothing, not so much as a status.
UNHEARD = frozenset({"timeout", "reset", "empty"})
# A `Retry-After` that is not sent, where there would be one.
NEVER = "none"
FLAGS = {"true": True, "false": False}
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True)
class Argument:
    """Something to say of a fault. `expected` is for people, `read` takes text, `holds` judges a value."""

    expected: str
    read: Callable[[str], Any]
    holds: Callable[[Any], bool]
    default: Any = None
    required: bool = False


@dataclass(frozen=True)
class Kind:
    """A way to go wrong. `on`: the hops that it can be on, the usual one first. `forms`: the ways to say how long.

    `paid`: whether the picture is paid for before it hits; `either`: it can be told to be the other way.
    """

    summary: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    on: tuple[str, ...] = HOPS
    paid: bool = True
    either: bool = False
    forms: tuple[frozenset[str], ...] = ()


def number_from(text: str) -> float:
    """The number that a text is, whole if it is written so. Raises ValueError."""
    return int(text) if WHOLE_NUMBER.fullmatch(text) else float(text)


def _whole_from(text: str) -> int:
    if not WHOLE_NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _unread(text: str) -> Any:
    """A group has no text of its own."""
    raise ValueError(text)


def _is_whole(value: Any, low: float = -math.inf, high: float = math.inf) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_number(value: Any, low: float = -math.inf, high: float = math.inf) -> bool:
    """Whether a JSON value is a number between the two, themselves included."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def _whole(expected: str, low: int, high: float = 10**18, **more: Any) -> Argument:
    return Argument(expected, _whole_from, lambda value: _is_whole(value, low, high), **more)


def _number(expected: str, low: float, high: float, **more: Any) -> Argument:
    return Argument(expected, number_from, lambda value: is_number(value, low, high), **more)


def _or_never(argument: Argument) -> Argument:
    """An argument that may be NEVER instead."""
    return replace(
        argument,
        expected=f"{argument.expected}, or {NEVER}",
        read=lambda text: text if text == NEVER else argument.read(text),
        holds=lambda value: value == NEVER or argument.holds(value),
    )


def _seconds(**more: Any) -> Argument:
    return _number(f"seconds from 0 to {LONGEST_WAIT:,}", 0, LONGEST_WAIT, **more)


def _is_header_text(value: Any) -> bool:
    return isinstance(value, str) and HEADER_TEXT.fullmatch(value) is not None and value == value.strip()


def _are_headers(value: Any) -> bool:
    """Names and values as HTTP has them, none twice in other letters, none of the server's own."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        return False
    names = {name.lower() for name in value}
    fit = all(TOKEN.fullmatch(name) and _is_header_text(text) for name, text in value.items())
    return fit and len(names) == len(value) and not names & FRAMING


def _is_media_type(value: Any) -> bool:
    return _is_header_text(value) and "/" in value


def _are_patterns(value: Any) -> bool:
    fields = value.items() if isinstance(value, Mapping) else [("", "")]
    return all(isinstance(name, str) and name and isinstance(text, (str, int, float)) for name, text in fields)


STATUS = "a status from 400 to 599"
TRIGGERS: Mapping[str, Argument] = {
    "first": _whole("a whole number from 1", 1),
    "every": _whole("a whole number from 1", 1),
    "probability": _number("a number from 0 to 1", 0, 1),
    "seed": _whole("a whole number from 0", 0, default=0),
}
COMMON: Mapping[str, Argument] = {
    **TRIGGERS,
    "on": Argument(" or ".join(HOPS), str, lambda value: value in HOPS),
    "paid": Argument("true or false", FLAGS.__getitem__, lambda value: isinstance(value, bool)),
    "match": Argument(
        "match.FIELD=PATTERN, a shell pattern for each field of the request", _unread, _are_patterns, default={}
    ),
}
KINDS: Mapping[str, Kind] = {
    "status": Kind(
        "A refusal: in the API's words, or in the store's on a download; 429 has a Retry-After of 1 unless told",
        {
            "code": _whole(STATUS, 400, 599, required=True),
            "retry_after": _or_never(_number("seconds from 0 to 86,400", 0, 86400)),
            "headers": Argument("headers.NAME=VALUE, but none that the server sets", _unread, _are_headers, default={}),
        },
        paid=False,
        either=True,
    ),
    "latency": Kind(
        "The answer comes later: by seconds, between low and high, or lognormally about a median",
        {name: _seconds() for name in ("seconds", "low", "high")}
        | {"median": _seconds(), "sigma": _number("a number from 0 to 10", 0, 10)},
        forms=(frozenset({"seconds"}), frozenset({"low", "high"}), frozenset({"median", "sigma"})),
    ),
    "timeout": Kind(
        "No answer: the connection is held until the client goes, so many seconds at most, and closed",
        {"seconds": _seconds(default=300)},
        either=True,
    ),
    "reset": Kind("No answer: the connection is reset", paid=False, either=True),
    "empty": Kind("No answer: the connection is closed without a byte", paid=False, either=True),
    "malformed-chunk": Kind("The answer in chunks, of which the second has no size that can be read"),
    "truncated": Kind("Half of the body, under the Content-Length of the whole"),
    "dribble": Kind("The body in twenty pieces over so many seconds", {"seconds": _seconds(default=5)}),
    "content-type": Kind(
        "The answer under a wrong Content-Type",
        {"content_type": Argument("a media type such as text/plain", str, _is_media_type, default="text/plain")},
    ),
    "garbage": Kind("A body that says it is JSON, and is not"),
    "html": Kind(
        "The HTML page of a proxy that failed",
        {"code": _whole(STATUS, 400, 599, default=502)},
        paid=False,
        either=True,
    ),
    "expired": Kind("The store's 403 for a link that has expired", on=(DOWNLOAD,), paid=False),
    "moderation": Kind("A 400 for a prompt that was moderated (assumed)", on=(API,), paid=False, either=True),
}
# The words that any fault takes, for people.
WORDS: Mapping[str, str] = {
    "first=N": "Only the first N calls that match; of several triggers all must hold",
    "every=N": "Only every Nth call that matches",
    "probability=P,seed=S": "Only so many calls that match, drawn by the seed: the same ones each time",
    "on=api|download": "On which of the two hops: the generation, or the download of its picture",
    "match.FIELD=PATTERN": f"Only calls whose field matches the shell pattern; plain FIELD for {', '.join(FIELDS)}",
    "paid=true|false": "Whether the picture is made and paid for before the fault hits",
}
