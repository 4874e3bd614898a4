"""What no answer may hold, whatever it answers: a look inside the server, a secret, a word of another request."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote_plus, urlsplit

from .exchange import Exchange
from .findings import Reason

# By name, what it looks like; inside JSON a line ends in a written \n.
SHAPES = {
    "a stack trace": (
        r"Traceback \(most recent call last\)",
        r'File \\?"[^"\n]+\\?", line \d+',
        r"(?:\n|\\n)\s+at [\w.<>$ ]+ \(",
        r"\.(?:js|ts|py|go|java|rb|php):\d+(?::\d+)?\)?(?:\\n|[\n\"]|$)",
        r"goroutine \d+ \[|Exception in thread",
    ),
    "a path of the server": (
        r"/site-packages/|/node_modules/|/usr/src/app|/home/\w+/|/(?:root|var/www|var/task)/",
        r"[A-Z]:\\\\Users",
    ),
    "a library's own page": (r"werkzeug\.|__debugger__|Whitelabel Error Page|DEBUG = True",),
    "a private key": (r"-----BEGIN [A-Z ]*PRIVATE KEY",),
    # Real keys are longer than an id of 21 characters, which may hold `sk-` by chance.
    "a credential": (
        r"\bsk-[A-Za-z0-9_-]{20,}|\bAKIA[0-9A-Z]{16}|\bghp_[A-Za-z0-9]{30,}|\bxox[abp]-[\w-]{10,}|\bAIza[\w-]{30,}",
        r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.",
        r"\b(?:[A-Z0-9]+_)*(?:SECRET|PASSWORD|PASSWD|API_KEY|ACCESS_KEY|TOKEN)(?:_[A-Z]+)*"
        r"\\?[\"']?\s*[=:]\s*\\?[\"']?[^\s\"'\\,;]{4,}",
        r"(?i:\b(?:password|passwd|secret_key|secret_access_key|private_key)"
        r"\\?[\"']?\s*[=:]\s*\\?[\"']?[^\s\"'\\,;]{4,})",
    ),
    "an address inside": (
        r"\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqps?|kafka)://\S+",
        r"\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)\.\d{1,3}\.\d{1,3}\b",
        r"\b[\w-]+(?:\.[\w-]+)*\.(?:internal|svc\.cluster\.local|corp|lan)\b",
    ),
    "a database's error": (
        r"SQLSTATE|ORA-\d{5}|syntax error at or near|sqlite3\.|psycopg2?\.|MongoServerError|PrismaClient",
    ),
}
PATTERNS = {name: re.compile("|".join(patterns), re.MULTILINE) for name, patterns in SHAPES.items()}
# A picture in base64 has any four letters somewhere.
PICTURE = re.compile(r"[A-Za-z0-9+/=_-]{400,}")
LINK_QUERY = re.compile(r"(?<=://)([^\s\"'\\?]*)\?[^\s\"'\\]*")
LONGEST = 200_000
BASE64 = re.compile(rb"[A-Za-z0-9+/]{1000,}")
# Shorter words are found by chance.
SHORTEST_MARK = 12
# Of longer texts, it takes longer to know all beginnings than to look for each mark.
QUICK = 20_000


def leaks(exchange: Exchange) -> Iterator[Reason]:
    """No look inside the server, and not the key that was sent, in the body or in any header."""
    for place, text in _texts(exchange):
        # A cookie is a secret between the two; the key that the URL itself held may come back with the URL.
        looked_at = "" if place == "header set-cookie" else _plain(exchange, text)
        for name, pattern in PATTERNS.items():
            found = pattern.search(looked_at)
            if found and found[0] not in _sent(exchange):
                # Enough to find it by; never the whole of what may be a secret.
                yield Reason(f"no look inside the server: {place}", f"{name}: {found[0][:8]!r}…")
        if exchange.holds_key(_without_url(exchange, text)):
            yield Reason(f"an answer that does not repeat the key: {place}", "the key that was sent")


def cross_leaks(exchange: Exchange, marks: Iterable[str]) -> Iterator[Reason]:
    """Nothing of another request; `marks` are words that only other requests of the session had."""
    texts = {place: f"{text}\n{unquote_plus(text)}" for place, text in _texts(exchange)}
    anywhere, sent = _finder("\n".join(texts.values())), _sent(exchange)
    for mark in marks:
        forms = (mark, _in_base64(mark))
        if len(mark) >= SHORTEST_MARK and (anywhere(forms[0]) or anywhere(forms[1])) and mark not in sent:
            for place, text in texts.items():
                if forms[0] in text or forms[1] in text:
                    yield Reason(f"nothing of another request: {place}", f"{mark[:60]!r}, which another request had")


def _finder(text: str) -> Callable[[str], bool]:
    """What says whether a text holds a mark: of thousands of marks, nearly all are told by how they begin."""
    if len(text) > QUICK:
        return text.__contains__
    heads = {text[at : at + SHORTEST_MARK] for at in range(len(text))}
    return lambda mark: mark[:SHORTEST_MARK] in heads and mark in text


# A run asks for each of them again at every exchange.
@lru_cache(100_000)
def _in_base64(mark: str) -> str:
    return base64.b64encode(mark.encode("utf-8", "replace")).decode().rstrip("=")


def _texts(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Where an answer says something in words: its headers, and a body that is no picture."""
    for name, value in exchange.headers.items():
        yield f"header {name}", value
    if not exchange.media_type.startswith("image/"):
        yield "body", exchange.text[:LONGEST]


def _plain(exchange: Exchange, text: str) -> str:
    """A text without what looks like a secret and is none: our own key, told of elsewhere; pictures; links' queries."""
    return LINK_QUERY.sub(r"\1", PICTURE.sub("", exchange.masked(text)))


def _without_url(exchange: Exchange, text: str) -> str:
    parts = urlsplit(exchange.url)
    return text.replace(exchange.url, "").replace(f"{parts.path}?{parts.query}", "") if parts.query else text


def _sent(exchange: Exchange) -> str:
    """What the request itself said, which an answer may repeat."""
    body = exchange.request_body
    # What follows a picture was sent as well.
    told = BASE64.sub(b"", body) if len(body) > LONGEST else body
    words = [exchange.url, told[:LONGEST].decode("utf-8", "replace")]
    return "\n".join([*words, *(value for name, value in exchange.request_headers.items() if name != "authorization")])
