"""What went over the wire: one request and its answer, and the curl line that repeats it."""

from __future__ import annotations

import hashlib
import re
import shlex
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..contract.parsing import parse
from ..errors import InvalidJson

# What a person still looks through, with the longest prompt of the plan; a longer body goes into a file.
LONGEST_BODY = 3000
SHOWN = {"content-type", "accept", "range", "if-none-match", "prefer", "x-client-request-id"}
# Words of an Authorization header that are no secret: a scheme, `user:pass`, a key made to be refused.
PUBLIC = re.compile(r"bearer|basic|dXNlcjpwYXNz|invalid[\w-]*|", re.ASCII | re.IGNORECASE)
# What the suite sends to tell its requests apart, and nobody needs to repeat.
OWN_ID = re.compile(r"pixelpact-\d{6}")
# Shorter ones would be found inside other words.
SHORTEST_KEY = 4


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. Header names are in lower case; `seconds` is the time to the whole answer.

    `moment` is when the request was sent, in seconds since 1970, if that is known; `number` counts the requests of a
    session, from 1. `secret` is the caller's key, wherever in the request it was.
    """

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0
    moment: float | None = None
    number: int = 0
    secret: str = field(default="", repr=False)

    @cached_property
    def json(self) -> Any:
        """The answer's body as JSON, or None where it is not JSON."""
        try:
            return parse(self.body)
        except InvalidJson:
            return None

    @property
    def asked(self) -> dict[str, Any]:
        """The request's body as JSON; nothing where it is no object."""
        try:
            body = parse(self.request_body)
        except InvalidJson:
            return {}
        return body if isinstance(body, dict) else {}

    @cached_property
    def text(self) -> str:
        """The answer's body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")

    @property
    def accepted(self) -> bool:
        """Whether the server took the request for a good one, whatever it made of it."""
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """The answer's content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def holds_key(self, text: str) -> bool:
        """Whether a text repeats the key that was sent."""
        return any(key in text for key in self._keys)

    def masked(self, text: str) -> str:
        """A text without the key that was sent."""
        for key in self._keys:
            text = text.replace(key, "<the key>")
        return text

    def curl(self) -> str:
        """One shell line that repeats the request. A key is the variable PIXELPACT_API_KEY, never the key itself."""
        method = [f"-X {self.method}"] if self.method != "GET" else []
        words = ["curl -sS", *method, self._quoted(self.url)]
        authorization = self.request_headers.get("authorization")
        if authorization is not None:
            words.append(f'-H "Authorization: {_masked(authorization)}"')
        words += [f"-H {self._quoted(f'{name}: {self.request_headers[name]}')}" for name in self._shown()]
        if self.request_body:
            words.append(self._data)
        return " ".join(words)

    def _quoted(self, text: str) -> str:
        """A text as a word of the line: in one line, and with the variable in place of the key."""
        line = "".join(char if char.isprintable() else quote(char, errors="replace") for char in text)
        parts = re.split("|".join(map(re.escape, self._keys)), line) if self._keys else [line]
        return '"$PIXELPACT_API_KEY"'.join(shlex.quote(part) if part else "" for part in parts)

    @cached_property
    def _keys(self) -> list[str]:
        """Every form in which the key may come back: as it is, and as it was sent."""
        sent = self.request_headers.get("authorization", "").partition(" ")[2].strip()
        return [key for key in dict.fromkeys((self.secret, sent)) if len(key) >= SHORTEST_KEY]

    def _shown(self) -> list[str]:
        told = {name: value for name, value in self.request_headers.items() if name in SHOWN}
        return [name for name, value in told.items() if value != "*/*" and not OWN_ID.fullmatch(value)]

    @cached_property
    def _data(self) -> str:
        try:
            text = self.request_body.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        if text.isprintable() and text and len(text) <= LONGEST_BODY:
            # Raw, as a body may begin with the @ that names a file.
            return f"--data-raw {self._quoted(text)}"
        return f"--data-binary @{shlex.quote(_kept(self.request_body))}"


def _masked(authorization: str) -> str:
    return " ".join(word if PUBLIC.fullmatch(word) else "$PIXELPACT_API_KEY" for word in authorization.split(" "))


def _kept(body: bytes) -> str:
    """The name of a file with the body, readable by nobody else; it stays, for the line to work later."""
    path = _folder() / f"{hashlib.sha256(body).hexdigest()[:16]}.json"
    if not path.exists():
        path.write_bytes(body)
    return str(path)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="pixelpact-bodies-"))
