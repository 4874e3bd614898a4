"""Requests that nobody would send: bodies and forms with odd methods, paths and headers around them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .fuzz_bodies import BODIES, HOSTILE, form, good

GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"
KEY = "sk-fuzz-0123456789abcdef"
JSON = "application/json"
Headers = list[tuple[str, str]]
# Header values as WSGI has them, of Latin-1; a server lets no line break through.
TEXTS = (
    "", " ", "a", "\xff", "\x80\x9b2J", "a" * 8000, ",,,,", ";;;;", '"', "\\", "=", "%00", "\u00e9", "*", "0", "-1",
    "1e9",
    "null", "\t", "text/html;" * 500, "\x1b[31m", "'", '"' * 999, "a=b; " * 999, "()", "bytes=0-" + "1," * 999,
)  # fmt: skip
TYPES = (
    "", JSON, "application/json; charset=utf-16", "application/vnd.api+json", "text/plain", "application/+json", "*/*",
    "multipart/form-data", "multipart/form-data; boundary", "application/x-www-form-urlencoded", "APPLICATION/JSON ;x",
)  # fmt: skip
KEYS = (
    f"Bearer {KEY}", f"bearer  {KEY} ", "Bearer", "Bearer ", "Basic eDp5", "Bearer invalid", f"Bearer {KEY} {KEY}", KEY,
    "Bearer \xff\xfe", "Bearer " + "k" * 6000, "Bearer \x1b[31m", "", "Digest " + "a=b," * 500, "Bearer \u00a0",
    "B" * 5000,
)  # fmt: skip
NAMED = (
    "Prefer", "Accept", "Accept-Encoding", "Accept-Language", "X-Client-Request-Id", "X-Stainless-Retry-Count",
    "Origin",
    "X-Stainless-Read-Timeout", "User-Agent", "Range", "If-None-Match", "If-Range", "If-Modified-Since", "Cookie",
    "Host",
    "Expect", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Http-Method-Override", "Content-Encoding",
    "Upgrade",
    "Access-Control-Request-Method", "Access-Control-Request-Headers", "X-Pixelpact-Token", "Referer", "Connection",
    "Te",
    "Transfer-Encoding", "Idempotency-Key", "Date", "Access-Control-Request-Private-Network",
)  # fmt: skip
PREFERENCES = (
    "code=429", "code=400", "code=401", "code=999", "code=000", "code=200", "code=99999999999",
    "code=\u0664\u0662\u0669",
    "code", "code=", "code=429, code=500", "dynamic=true", "example=a", 'code="429"', "code=" + "4" * 5000, "wait=10",
)  # fmt: skip
METHODS = (
    "GET",
    "HEAD",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "post",
    "A" * 300,
    "\x7f",
)
PICTURE = "/seedream-3-0-t2i/0217953846800001f4d34bc5905ed5696e85d4b8baf43283a75a6.jpeg"
PATHS = (
    "/", "//", "/v1", "/v1/images", GENERATIONS + "/", "/images/generations", EDITS, GENERATIONS + "/with-url",
    "/v1/images/generations%00", "/v1/images/generations%2f", "/V1/IMAGES/GENERATIONS", "/v1//images/generations",
    "/v1/images/generations;a=b", "/v1/images/../images/generations", "/v1/models", "/v1/models?include=pricing",
    "/health",
    "/openapi.json", "/%ff%fe", "/%ed%a0%80", "/" + "a" * 8000, "/" + "%2e%2e/" * 500 + "etc/passwd", "/" + "../" * 300,
    "/.git/config", "/static/../app.py", "/%0d%0aX-Injected:1", "/\u202e", "*", "",
    "http://elsewhere.example/v1/models",
    PICTURE, PICTURE + "?X-Tos-Date=20260101T000000Z", "/seedream-3-0-t2i/..%2f..%2fetc%2fpasswd", "/seedream-3-0-t2i/",
    PICTURE + "?" + "&".join(f"{name}=%ff" for name in ("X-Tos-Signature", "X-Tos-Date", "x-pixelpact-tenant")),
    PICTURE + "?x-pixelpact-recipe=" + "A" * 4000, PICTURE + "?" + "a=b&" * 2000, "/seedream-3-0-t2i/%e2%80%ae.jpeg",
)  # fmt: skip
CONTROLS = (
    "", "journal", "journal/a/thumbnail", "journal/" + "a" * 900 + "/thumbnail", "verdicts", "faults", "credits",
    "limits",
    "clock", "models", "unknown", "../v1/models", "%2e%2e", "journal/../../etc/passwd",
)  # fmt: skip
CHANGES = (
    {"kind": "status", "code": 429}, {"kind": "reset", "first": 10**9}, {"kind": "status",
    "code": 503, "retry_after": 1e308},
    {"credits": 10**400}, {"usd": 1e308}, {"usd": -0.0}, {"pictures": 2**63, "model": "bytedance/seedream-3.0"},
    {"quotas": ["1/minute"] * 500}, {"quotas": ["9" * 400 + "/minute"]}, {"quotas": ["1/" + "9" * 99 + " hours"]},
    {"concurrency": 10**30}, {"concurrency": 1.5}, {"hours": 1e308}, {"days": -1}, {"milliseconds": 10**30},
    {"weeks": 0.1},
    {"model": "bytedance/seedream-3.0", "state": "removed", "at": "9999-12-31T23:59:59Z"}, [{"kind": "html"}] * 2000,
    {"model": "bytedance/seedream-3.0", "state": "deprecated", "link": "http://a/\r\nX: 1",
    "sunset": "0001-01-01T00:00Z"},
    {"kind": "delay", "seconds": 0.0}, {"kind": "delay", "seconds": "nan"}, {"kind": "slow",
    "when": {"prompt": [[]] * 99}},
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A request as it goes out; `target` is path and query as they stand in its first line."""

    kind: str
    method: str
    target: str
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    @property
    def wants_failure(self) -> bool:
        """Whether the client itself asked for a failure."""
        return any(name.lower() == "prefer" and "code=5" in value.replace('"', "") for name, value in self.headers)

    def header(self, name: str, value: str) -> Sent:
        """The same with this header instead of its own."""
        others = [pair for pair in self.headers if pair[0].lower() != name.lower()]
        return replace(self, headers=[*others, (name, value)])


def request(number: int, seed: int) -> Sent:
    """The request of a number: the same each time."""
    draw = random.Random(seed * 2**40 + number)
    make = draw.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    return make(draw)


def _json(draw: random.Random) -> Sent:
    make = draw.choices([make for make, _ in BODIES], [weight for _, weight in BODIES])[0]
    return Sent(
        make.__name__, "POST", GENERATIONS, [("Authorization", f"Bearer {KEY}"), ("Content-Type", JSON)], make(draw)
    )


def _form(draw: random.Random) -> Sent:
    kind, body = form(draw)
    path = EDITS if draw.random() < 0.9 else GENERATIONS
    return Sent("form", "POST", path, [("Authorization", f"Bearer {KEY}"), ("Content-Type", kind)], body)


def _headed(draw: random.Random) -> Sent:
    sent = replace(_json(draw), kind="headers") if draw.random() < 0.5 else _good(draw)
    for _ in range(draw.randrange(1, 4)):
        sent = sent.header(*draw.choice(HEADERS)(draw))
    return sent


def _good(draw: random.Random) -> Sent:
    return Sent(
        "headers", "POST", GENERATIONS, [("Authorization", f"Bearer {KEY}"), ("Content-Type", JSON)], good(draw)
    )


HEADERS: tuple[Callable[[random.Random], tuple[str, str]], ...] = (
    lambda draw: ("Authorization", draw.choice(KEYS)),
    lambda draw: ("Content-Type", draw.choice(TYPES)),
    lambda draw: ("Prefer", draw.choice(PREFERENCES)),
    lambda draw: (draw.choice(NAMED), draw.choice(TEXTS)),
    lambda draw: (draw.choice(NAMED), "".join(chr(draw.randrange(32, 256)) for _ in range(draw.randrange(40)))),
)


def _odd_path(draw: random.Random) -> Sent:
    sent = replace(_good(draw), kind="path", target=draw.choice(PATHS))
    if draw.random() < 0.3:
        cut = draw.randrange(len(sent.target) + 1)
        sent = replace(
            sent, target=sent.target[:cut] + draw.choice(("%", "%zz", "?", "#", "\x7f", "..", "/")) + sent.target[cut:]
        )
    return replace(sent, method=draw.choice(METHODS)) if draw.random() < 0.6 else sent


def _control(draw: random.Random) -> Sent:
    change = draw.choice(CHANGES) if draw.random() < 0.6 else draw.choice(HOSTILE)
    # A key of its own: what it changes is no part of the other calls.
    headers = [("Authorization", f"Bearer {KEY}-{draw.randrange(5000)}"), ("Content-Type", JSON)]
    body = json.dumps(change).encode() if draw.random() < 0.9 else draw.randbytes(50)
    method = draw.choice(("GET", "POST", "PUT", "DELETE", "PATCH"))
    return Sent("control", method, f"/_pixelpact/{draw.choice(CONTROLS)}", headers, body)


KINDS: tuple[tuple[Callable[[random.Random], Sent], int], ...] = (
    (_json, 60), (_form, 12), (_headed, 15), (_odd_path, 8), (_control, 5),
)  # fmt: skip
