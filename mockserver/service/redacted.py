"""What of a request the journal keeps: its fields as they were sent, but no key, no picture, and of a URL no query.

Nothing else decides what a journal may hold. A picture is told by its digest, and whoever has it can recognise it.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from os.path import commonprefix
from typing import Any
from urllib.parse import quote

import orjson

from ..checks.exchange import SHORTEST_KEY
from ..checks.redaction import SHAPES, is_secret_name, synthetic
from ..contract.breaches import CONTROL
from ..pixels.values import CANONICAL
from .harmless import is_harmless_text
from .packing import Octets
from .pictured import ELLIPSIS, READ, condensed, digest_of_text, is_picture, without_pictures
from .vast import begun, is_vast

__all__ = [
    "LONGEST_TEXT",
    "body_of",
    "client_of",
    "escaped",
    "facts_of",
    "field_of",
    "fingerprint",
    "is_picture",
    "kept",
]

LONGEST_TEXT = 500
# A prompt is kept whole, unless it is longer than people write one; then its digest tells it from others.
LONGEST_VALUE = 4000
LONGEST_NESTED = 2000
LONGEST_NAME = 80
# Of a number, in digits.
LONGEST_NUMBER = 100
MOST_FIELDS = 100
# Of a body as JSON; with what is said of the rest it has 32 KB.
MOST_BYTES = 32000
# Also what JSON escapes itself.
UNPRINTED = re.compile(rf"[\x00-\x1f]|{CONTROL.pattern}")

# A prompt may well say `basic low-poly`.
IN_PROMPTS = "a bearer or basic credential"
# Of a key that a message cut, so much gives it away.
TELLING = 12
# As it is, in a URL, in JSON, and as Python quotes it.
SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    quote,
    lambda key: quote(key, safe=""),
    lambda key: json.dumps(key, ensure_ascii=False)[1:-1],
    lambda key: key.replace("\\", r"\\").replace("'", r"\'"),
)
KEYS = tuple(re.compile(shape) for name, shape in SHAPES.items() if name != IN_PROMPTS)
URL = re.compile(r"(https?://)(?:[^\s/?#@]*@)?([^\s?#]*)(?:[?#](?!…\")\S*)?", re.IGNORECASE)
# A text that begins as a URL, whatever stands in its path; what is said after its query is no part of it.
WHOLE_URL = re.compile(r"\A(\s*[a-z][a-z0-9+.-]*://)(?:[^/?#]*@)?([^?#]*)(?:[?#]\S*)?", re.IGNORECASE)
AGENT = "user-agent"
NULL = b"null"
RETRY_COUNT = re.compile("[0-9]{1,6}", re.ASCII)


def facts_of(body: Any, key: str, *, harmless: bool = False) -> dict[str, Any]:
    """The facts `body` and `fingerprint` of a request that came with a key. A picture is hashed once.

    None is a body that was no JSON: nothing of it is kept, and it is equal to no other.
    """
    if body is None:
        return {}
    if harmless:
        return {"body": body, "fingerprint": _fingerprint(body)}
    if is_vast(body):
        return {"body": body_of(body, key), "fingerprint": _fingerprint_of_all(body)}
    small = condensed(body)
    return {"body": body_of(small, key), "fingerprint": _fingerprint(small)}


def body_of(value: Any, key: str = "") -> Any:
    """A request's JSON body as the journal keeps it; `key` is the one that it was sent with."""
    hide = _hiding(key)
    if not isinstance(value, dict):
        return _field(begun(value, 0), hide)
    small = {name: begun(inner) for name, inner in islice(value.items(), MOST_FIELDS)}
    fields = {
        _cut(hide(name[:READ]), LONGEST_NAME): _secret(inner) if is_secret_name(name) else _field(inner, hide)
        for name, inner in small.items()
    }
    return _fitting(fields, len(value) - len(fields))


def field_of(name: str, value: Any) -> Any:
    """A value of one field as the journal keeps it."""
    return body_of({name: value}).popitem()[1]


def fingerprint(value: Any) -> str:
    """64 hexadecimal digits that equal bodies share and different ones do not, whatever the order of their fields."""
    return _fingerprint(condensed(value))


def _fingerprint(small: Any) -> str:
    return hashlib.sha256(_sorted(small)).hexdigest()


def _fingerprint_of_all(body: Any) -> str:
    """A fingerprint of a vast body: to look at each value takes far longer than to write them all."""
    files: list[Any] = []

    def told(file: Octets) -> Any:
        files.append(condensed(file))
        return files[-1]

    try:
        written = orjson.dumps(body, told, orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS)
    except TypeError:
        return _fingerprint(condensed(body))
    if NULL in written:
        return _fingerprint(condensed(body) if files else body)
    return hashlib.sha256(written).hexdigest()


def _sorted(value: Any) -> bytes:
    """A value as JSON whose keys are sorted."""
    try:
        written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Half of a surrogate pair, or a number of more than 64 bits.
        written = NULL
    # It writes so what is infinite, too.
    return CANONICAL.encode(value).encode("ascii") if NULL in written else written


def client_of(headers: Mapping[str, str]) -> dict[str, Any]:
    """What a client says of itself: `user_agent`, `retry_count` and `read_timeout`, each if it does."""
    told: dict[str, Any] = {}
    if AGENT in headers:
        told["user_agent"] = kept(headers[AGENT], headers)
    # The retry's number and the seconds of OpenAI's clients.
    count, timeout = headers.get("x-stainless-retry-count"), headers.get("x-stainless-read-timeout")
    if count and RETRY_COUNT.fullmatch(count):
        told["retry_count"] = int(count)
    seconds = _seconds(timeout) if timeout else None
    if seconds is not None:
        told["read_timeout"] = seconds
    return told


def kept(text: str, headers: Mapping[str, str], most: int = LONGEST_TEXT) -> str:
    """A text in which a caller had a part, as the journal keeps it: no key, and not more than so many characters."""
    key = bearer(headers)
    return _cut(text if is_harmless_text(text, key) else without_pictures(_hiding(key)(text[:READ])), most)


def escaped(text: str) -> str:
    """A text as it can be shown: what a terminal would obey, or UTF-8 cannot say, is escaped as JSON does it."""
    return UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def bearer(headers: Mapping[str, str]) -> str:
    """The key of a request; empty without one."""
    return headers.get("authorization", "").strip().partition(" ")[2].strip()


def _fitting(fields: Mapping[str, Any], dropped: int) -> dict[str, Any]:
    """The fields that there is room for; an ellipsis says how many there were besides, with those dropped already."""
    room = MOST_BYTES
    fit: dict[str, Any] = {}
    for name, value in fields.items():
        room -= len(json.dumps({name: value}))
        if room >= 0:
            fit[name] = value
    left = dropped + len(fields) - len(fit)
    return {**fit, ELLIPSIS: f"{left} more"} if left else fit


def _field(value: Any, hide: Callable[[str], str]) -> Any:
    """One field: a long text is cut, and so is the JSON of a value that holds much."""
    shown = _shown(value, hide)
    written = json.dumps(shown, ensure_ascii=False) if isinstance(shown, (dict, list)) else ""
    return shown if len(written) <= LONGEST_NESTED else _cut(written, LONGEST_TEXT)


def _shown(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return _value(value, hide)
    if isinstance(value, list):
        return [_shown(inner, hide) for inner in value[:MOST_FIELDS]]
    if isinstance(value, dict):
        return {
            _cut(hide(name[:READ]), LONGEST_NAME): _secret(inner) if is_secret_name(name) else _shown(inner, hide)
            for name, inner in islice(value.items(), MOST_FIELDS)
        }
    return _number(value) if type(value) in (int, float) else value


def _value(text: str, hide: Callable[[str], str]) -> str:
    shown = _cut(hide(WHOLE_URL.sub(r"\1\2", text[:READ])), LONGEST_VALUE)
    if len(text) <= LONGEST_VALUE:
        return shown
    return f"{shown} [{len(text):,} characters, SHA-256 {digest_of_text(text)[1][:16]}]"


def _number(value: float) -> Any:
    """A number as it is, but as text if JSON has no such number, or nobody would read it to its end."""
    text = json.dumps(value)
    return value if len(text) <= LONGEST_NUMBER and text[-1].isdigit() else _cut(text, LONGEST_NUMBER)


def _secret(value: Any) -> Any:
    """What stands for the value of a field whose name says that it is secret."""
    return _cut(synthetic(value[:READ]), LONGEST_TEXT) if isinstance(value, str) else None


def _hiding(key: str) -> Callable[[str], str]:
    """Gives a text without keys, and without the queries and users of its URLs."""
    # WSGI hands every header over as Latin-1; in a URL a key is quoted.
    utf8 = key.encode("latin-1", "replace").decode("utf-8", "replace")
    plain = {form for form in (key, utf8) if len(form) >= SHORTEST_KEY}
    forms = {spell(form) for form in plain for spell in SPELLINGS}
    starts = sorted({form[:TELLING] for form in forms}, key=len, reverse=True)

    def hidden(text: str) -> str:
        for start in starts:
            text = _without(start, forms, text)
        for shape in KEYS:
            text = shape.sub(_without_secret, text)
        return URL.sub(r"\1\2", text)

    return hidden


def _without(start: str, keys: Iterable[str], text: str) -> str:
    """A text without the keys that begin so, and without the beginning of one that was cut."""
    at = -1
    while (at := text.find(start, at + 1)) >= 0:
        rest = text[at:]
        found = max((commonprefix([key, rest]) for key in keys), key=len)  # noqa: RUF071 - of characters
        text = f"{text[:at]}{synthetic(found)}{rest[len(found) :]}"
    return text


def _without_secret(match: re.Match[str]) -> str:
    return match[0].replace(match["secret"], synthetic(match["secret"]))


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}{ELLIPSIS}"
