"""What went over the wire: one request and its answer, and the curl line that repeats it."""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..contract.parsing import parse
from ..errors import InvalidJson

# What a person still looks through; a longer body goes into a file.
LONGEST_BODY = 1500
SHOWN = {"content-type", "accept", "range", "if-none-match", "prefer", "x-client-request-id"}
# Words of an Authorization header that are no secret: a scheme, `user:pass`, a key made to be refused.
PUBLIC = re.compile(r"bearer|basic|dXNlcjpwYXNz|invalid[\w-]*|", re.ASCII | re.IGNORECASE)
# Shorter ones would be found inside other words.
SHORTEST_KEY = 4


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. Header names are in lower case; `seconds` is the time to the whole answer."""

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0

    @cached_property
    def json(self) -> Any:
        """The answer's body as JSON, or None where it is not JSON."""
        try:
            return parse(self.body)
        except InvalidJson:
            return None

    @property
    def media_type(self) -> str:
        """The answer's content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def holds_key(self, text: str) -> bool:
        """Whether a text repeats the key that was sent."""
        return len(self._key) >= SHORTEST_KEY and self._key in text

    def masked(self, text: str) -> str:
        """A text without the key that was sent."""
        return text.replace(self._key, "<the key>") if self.holds_key(text) else text

    def curl(self) -> str:
        """One shell line that repeats the request. A key is the variable PIXELPACT_API_KEY, never the key itself."""
        words = ["curl -sS", *([f"-X {self.method}"] if self.method != "GET" else []), shlex.quote(self.url)]
        authorization = self.request_headers.get("authorization")
        if authorization is not None:
            words.append(f'-H "Authorization: {_masked(authorization)}"')
        words += [f"-H {shlex.quote(f'{name}: {self.request_headers[name]}')}" for name in self._shown()]
        if self.request_body:
            words.append(self._data)
        return " ".join(words)

    @property
    def _key(self) -> str:
        return self.request_headers.get("authorization", "").partition(" ")[2].strip()

    def _shown(self) -> list[str]:
        return [name for name in self.request_headers if name in SHOWN and self.request_headers[name] != "*/*"]

    @cached_property
    def _data(self) -> str:
        try:
            text = self.request_body.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        if text and len(text) <= LONGEST_BODY and "\0" not in text:
            # Raw, as a body may begin with the @ that names a file.
            return f"--data-raw {shlex.quote(text)}"
        return f"--data-binary @{shlex.quote(_kept(self.request_body))}"


def _masked(authorization: str) -> str:
    return " ".join(word if PUBLIC.fullmatch(word) else "$PIXELPACT_API_KEY" for word in authorization.split(" "))


def _kept(body: bytes) -> str:
    """The name of a file with the body, readable by nobody else; it stays, for the line to work later."""
    with tempfile.NamedTemporaryFile(prefix="pixelpact-", suffix=".json", delete=False) as file:
        file.write(body)
    return file.name
