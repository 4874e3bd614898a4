"""Redaction: what of an exchange may be kept in a file. What is not known to be harmless is replaced.

What replaces a secret is of its form and recognisable: hexadecimal digits become `5e5e…`, a key of the object store one
that is known, all else `SyntheticSynth…` of the same length. So a file can be redacted again without change, and what
would change is a survivor.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from math import log2
from typing import Any
from urllib.parse import quote, unquote

from ..errors import PixelpactError
from .exchange import SHORTEST_KEY
from .lifting import decoded
from .spelling import encodings

# Everything else that a header says is dropped.
ANSWER_HEADERS = (
    *("content-type", "content-length", "content-range", "accept-ranges", "date", "etag", "last-modified", "allow"),
    *("cache-control", "retry-after", "ratelimit*", "x-ratelimit-*", "access-control-*"),
    *("x-request-id", "x-inference-id", "x-client-request-id", "x-aimlapi-*", "x-pixelpact-*"),
)
REQUEST_HEADERS = ("content-type", "accept", "x-client-request-id")

SECRET_WORDS = {
    *("key", "apikey", "token", "secret", "password", "passwd", "pwd", "authorization", "auth", "cookie", "session"),
    *("credential", "credentials", "signature", "sig", "jwt", "bearer", "private"),
}
# A credential's scope is kept, and only queries know where it begins.
IN_PROSE = SECRET_WORDS - {"credential", "credentials"}
# They say how something was signed, not with what.
PUBLIC_QUERY = re.compile(r"x-(?:tos|amz|oss)-(?:algorithm|date|expires|signedheaders|process)", re.IGNORECASE)
# The synthetic credential of the documented examples: AKLT and 43 characters.
SYNTHETIC_CREDENTIAL = "AKLTU3ludGhldGljQ3JlZGVudGlhbE9mVGhlU2FtZUZvcm0"
SCOPED = re.compile(r"(?P<secret>.*?)(?P<scope>(?:/\d{8}/[\w-]+/\w+/\w+)?)", re.DOTALL)

HEX = re.compile("[0-9a-fA-F]+")
# As in `flux-2-lora-edit-image_urls-maxItems`: words, in camel case or not, with numbers and versions between them.
WRITTEN = re.compile("[A-Za-z][a-z]{2,}(?:[A-Z][a-z]+)*")
SHORT_WORD = 3
# Ids that tell nothing: a UUID, the 53 characters of an object or an upstream request, what is synthetic already.
KNOWN = re.compile(
    rf"[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|02[0-9]{{13}}[0-9a-f]{{38}}|{SYNTHETIC_CREDENTIAL}|(?:Synthetic)+",
    re.IGNORECASE,
)
# In each, the group `secret` is replaced.
SHAPES = {
    "a key that begins with sk-": r"\b[sprSPR]k[-_](?P<secret>[A-Za-z0-9_-]{8,})",
    "an AWS access key": r"\b(?:AKIA|ASIA)(?P<secret>[0-9A-Za-z]{16})\b",
    "an access key of the object store": r"\b(?P<secret>AKLT[A-Za-z0-9+_-]{16,}={0,2})",
    "a key of a known vendor": r"\b(?:AIza|gh[pousr]_|github_pat_|xox[abprs]-|hf_|glpat-)(?P<secret>[\w-]{10,})",
    "a JSON Web Token": r"\beyJ(?P<secret>[\w-]{8,}(?:\.[\w-]+){1,2})",
    "a PEM block": r"-----BEGIN [A-Z ]+-----(?P<secret>[^-]+)",
    # Not before a plain word, as in `bearer authentication`.
    "a bearer or basic credential": r"\b(?i:bearer|basic)\s+(?![A-Za-z]?[a-z]*(?:[^\w.~+/=-]|\.?$|\.\s))"
    r"(?P<secret>[\w.~+/=-]{3,})",
}
USER = re.compile(r"([A-Za-z][\w+.-]{0,30}://)[^/\s\"'<>?#]*@")
PAIR = re.compile(r"(?P<start>[?&#;](?P<name>[\w.~%+-]+)=)(?P<value>[^&#;\s\"'<>\\]+)")
ASSIGNED = re.compile(r"(?P<name>[A-Za-z][\w-]{0,80})\\?[\"']?\s*[:=]\s*\\?[\"']?(?P<secret>[^\s\"'&,;{}\[\]\\]+)")
# A URL's path may be as random as it likes: it is what the answer is about.
RANDOM = re.compile(
    r"[A-Za-z][\w+.-]{0,30}://[^\s\"'<>?#]*|[?&#;][\w.~%+-]+=[^&#;\s\"'<>\\]*|"
    r"\$(?:picture|bytes):pictures/[0-9a-f]{64}\.\w+|(?P<secret>[A-Za-z0-9+/_-]{24,}={0,2})"
)
# Random base64 of 24 characters has 4.3 bits in each, words that are joined 3.5 to 3.9.
LEAST_BITS = 4.0
MOST_ROUNDS = 10
# How often a text may be quoted in another before all of it is taken for a secret.
DEEPEST = 3


@dataclass
class SecretSurvived(PixelpactError):
    """Something that looks like a secret was left in what would have been written; the message never quotes it."""

    survivors: tuple[str, ...]

    def __str__(self) -> str:
        return f"nothing was written, as secrets would have been: {'; '.join(self.survivors)}"


@dataclass(frozen=True)
class Redaction:
    """Takes secrets out, above all the key that was sent, in whatever encoding it comes back."""

    key: str

    def text(self, text: str, *, is_id: bool = False) -> str:
        """A text without secrets; an id may be as random as it likes."""
        # What replaced a part may have made a whole of its neighbours.
        for _ in range(MOST_ROUNDS):
            before, text = text, self._once(text, is_id)
            if text == before:
                return text
        return synthetic(text)

    def _once(self, text: str, is_id: bool, depth: int = 0) -> str:
        for name, replaced in self._passes(depth).items():
            text = text if is_id and name == RANDOM_TEXT else replaced(text)
        # Quoted for a URL, a secret has another form; once one is found, the text stays unquoted.
        plain = unquote(text)
        if plain == text:
            return text
        safe = self._once(plain, is_id, depth + 1) if depth < DEEPEST else synthetic(text)
        return text if safe == plain else safe

    def json(self, value: Any, name: str = "", *, secret: bool = False) -> Any:
        """A JSON value without secrets; under a name that says so, everything is one."""
        secret = secret or is_secret_name(name)
        if isinstance(value, dict):
            return {self.text(key): self.json(inner, key, secret=secret) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.json(inner, name, secret=secret) for inner in value]
        if isinstance(value, str):
            return synthetic(value) if secret else self.text(value, is_id=is_id_name(name))
        return 0 if secret and type(value) in (int, float) else value

    def headers(self, headers: Mapping[str, str], allowed: tuple[str, ...] = ANSWER_HEADERS) -> dict[str, str]:
        """The headers that may be kept, without secrets."""
        kept = {name: value for name, value in headers.items() if any(fnmatchcase(name, one) for one in allowed)}
        return {name: self.json(value, name) for name, value in sorted(kept.items())}

    def holds_key(self, data: bytes) -> bool:
        """Whether bytes hold the key that was sent."""
        return self._key is not None and self._key.search(data.decode("latin-1")) is not None

    def survivors(self, value: Any, pointer: str = "", name: str = "") -> Iterator[str]:
        """Pointer and shape of everything in a JSON value that still looks like a secret."""
        if isinstance(value, str):
            yield from (f"{pointer or '/'}: {shape}" for shape in self._shapes(value, pointer, name))
        elif is_secret_name(name) and type(value) in (int, float) and value:
            yield f"{pointer}: a value whose name says that it is secret"
        for key, inner in _parts(value):
            shown = self.text(str(key))
            if shown != str(key):
                yield f"{pointer}/{shown}: a name that looks like a secret"
            yield from self.survivors(inner, f"{pointer}/{shown}", key if isinstance(key, str) else name)

    def _shapes(self, text: str, pointer: str, name: str) -> Iterator[str]:
        if is_secret_name(name) and not is_synthetic(text):
            yield "a value whose name says that it is secret"
        random_allowed = is_id_name(name) or OWN_HASHES.fullmatch(pointer)
        shown = _unpacked(text) if pointer == "/raw" else text
        for seen in dict.fromkeys((shown, unquote(shown))):
            for shape, replaced in self._passes().items():
                if not (shape == RANDOM_TEXT and random_allowed) and replaced(seen) != seen:
                    yield shape

    def _passes(self, depth: int = 0) -> dict[str, Callable[[str], str]]:
        key = {"the key that was sent": _replacing(self._key)} if self._key else {}
        return {**key, **BEFORE_QUERIES, "a value in a query": lambda text: self._queries(text, depth), **AFTER_QUERIES}

    @cached_property
    def _key(self) -> re.Pattern[str] | None:
        if len(self.key) < SHORTEST_KEY:
            return None
        longest_first = sorted(encodings(self.key), key=lambda form: (-len(form), form))
        return re.compile(f"(?P<secret>{'|'.join(map(re.escape, longest_first))})", re.IGNORECASE)

    def _queries(self, text: str, depth: int) -> str:
        return PAIR.sub(lambda match: self._pair(match, depth), text)

    def _pair(self, match: re.Match[str], depth: int) -> str:
        value = unquote(match["value"])
        safe = self._query_value(unquote(match["name"]), value, depth)
        return match[0] if safe == value else match["start"] + quote(safe, safe="")

    def _query_value(self, name: str, value: str, depth: int) -> str:
        if "credential" in _words(name):
            scoped = SCOPED.fullmatch(value)
            return f"{synthetic(scoped['secret'])}{scoped['scope']}" if scoped else synthetic(value)
        if is_secret_name(name) or depth == DEEPEST:
            return synthetic(value)
        return self._once(value, is_id_name(name) or bool(PUBLIC_QUERY.fullmatch(name)), depth + 1)


def survivors(text: str, key: str) -> list[str]:
    """JSON pointer and shape, never the value, of everything in a finished file that looks like a secret."""
    return list(Redaction(key).survivors(json.loads(text)))


def synthetic(text: str) -> str:
    """What stands for a secret: of its form, recognisable, and the same again if given itself."""
    if text.startswith("AKLT"):
        return SYNTHETIC_CREDENTIAL
    word = "5e" if HEX.fullmatch(text) else "Synthetic"
    return (word * (len(text) // len(word) + 1))[: len(text)]


def is_synthetic(text: str) -> bool:
    """Whether a text stands for a secret, and is none."""
    return synthetic(text) == text


def is_secret_name(name: str) -> bool:
    """Whether what has this name is a secret, as `api_key`, `X-Amz-Security-Token` and `clientSecret` say."""
    return not name.lower().startswith("access-control-") and not SECRET_WORDS.isdisjoint(_words(name))


def is_id_name(name: str) -> bool:
    """Whether what has this name may be random without being a secret."""
    words = _words(name)
    return bool(words) and words[-1] in ("id", "etag") and not is_secret_name(name)


def _unpacked(raw: str) -> str:
    return decoded(raw).decode("latin-1")


def _parts(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())


def _replacing(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: pattern.sub(lambda match: _with_secret(match, synthetic(match["secret"])), text)


def _with_secret(match: re.Match[str], secret: str) -> str:
    start, end = (match.start("secret") - match.start(), match.end("secret") - match.start())
    return f"{match[0][:start]}{secret}{match[0][end:]}"


def _without_users(text: str) -> str:
    return USER.sub(r"\1", text)


def _assigned(text: str) -> str:
    return ASSIGNED.sub(_assignment, text)


def _assignment(match: re.Match[str]) -> str:
    # `The key: golden` is English.
    harmless = IN_PROSE.isdisjoint(_words(match["name"])) or match["name"].lower() == "key"
    return match[0] if harmless else _with_secret(match, synthetic(match["secret"]))


def _randoms(text: str) -> str:
    return RANDOM.sub(_random, text)


def _random(match: re.Match[str]) -> str:
    secret = match["secret"]
    return _with_secret(match, synthetic(secret)) if secret and is_random(secret) else match[0]


def is_random(text: str) -> bool:
    """Whether a text without spaces looks drawn, not written: hexadecimal digits, or a mixture of many characters."""
    rest = KNOWN.sub("", text)
    if HEX.fullmatch(rest):
        return len(rest) >= 32 and len(set(rest)) > 5
    words = re.split("[-_/+=]", rest)
    if _is_written(words):
        return False
    if any(len(word) >= 24 and sum(map(str.isdigit, word)) >= 4 for word in words):
        return True
    mixed = all(any(map(kind, rest)) for kind in (str.islower, str.isupper, str.isdigit))
    return len(rest) >= 24 and mixed and _bits(rest) >= LEAST_BITS


def _is_written(words: list[str]) -> bool:
    """Whether most of a text is words, and the rest short."""
    written = [word for word in words if WRITTEN.fullmatch(word)]
    rest = [word for word in words if not WRITTEN.fullmatch(word)]
    return all(len(word) <= SHORT_WORD for word in rest) and sum(map(len, written)) >= sum(map(len, rest)) * 2


def _bits(text: str) -> float:
    return -sum(count / len(text) * log2(count / len(text)) for count in Counter(text).values())


RANDOM_TEXT = "a random text"
BEFORE_QUERIES: dict[str, Callable[[str], str]] = {"a user in a URL": _without_users}
AFTER_QUERIES: dict[str, Callable[[str], str]] = {
    **{name: _replacing(re.compile(pattern)) for name, pattern in SHAPES.items()},
    "a value whose name says that it is secret": _assigned,
    RANDOM_TEXT: _randoms,
}
# The hashes of the format itself.
OWN_HASHES = re.compile(r"/pictures/\d+/(?:sha256|file|thumbnail|facts/digest|headers/etag)")
