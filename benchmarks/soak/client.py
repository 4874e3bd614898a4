"""A client of the flows: calls and downloads with a key of its own, the pictures it sends, what must come."""

from __future__ import annotations

import http.client
import io
import json
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from ..speed.calls import VALID
from ..speed.documents import PATH

PATIENCE = 30.0
SIDE = 96


class Unexpected(AssertionError):
    """Something that must not come."""


@dataclass(frozen=True)
class Client:
    """One key's way to the server; a connection for each call."""

    port: int
    key: str

    def draw(self, expected: int = 200, **changes: Any) -> Any:
        """The answer to a call for a picture. Raises `Unexpected`."""
        status, content = self.ask("POST", PATH, {**VALID, **changes})
        _expect(status, expected, content)
        return json.loads(content)

    def edit(self, image: str, **changes: Any) -> Any:
        """The answer to a call for an edit. Raises `Unexpected`."""
        body = {"model": "bytedance/seededit-3.0-i2i", "prompt": "make it night", "image": image, **changes}
        status, content = self.ask("POST", PATH, body)
        _expect(status, 200, content)
        return json.loads(content)

    def fetch(self, link: str, expected: int = 200) -> bytes:
        """What a link gives. Raises `Unexpected`."""
        where = urlsplit(link)
        status, content = self.ask("GET", f"{where.path}?{where.query}")
        _expect(status, expected, content)
        return content

    def control(self, method: str, name: str, body: Any = None) -> Any:
        """What the control API says. Raises `Unexpected`."""
        status, content = self.ask(method, f"/_pixelpact/{name}", body)
        _expect(status, 200, content)
        return json.loads(content)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Status and content of an answer; what the wire does wrong is raised as OSError or HTTPException."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def link(answer: Any) -> str:
    """Where the first picture of an answer is."""
    return str(answer["data"][0]["url"])


def expect(is_so: bool, what: str) -> None:
    """Raise `Unexpected` unless it is so."""
    if not is_so:
        raise Unexpected(what)


def _expect(status: int, expected: int, content: bytes) -> None:
    expect(status == expected, f"expected {expected}, received {status}: {content[:160]!r}")


@cache
def jpeg(number: int) -> bytes:
    """A small JPEG, another for each number: flat fields under noise."""
    chance = Random(number)
    noise = Image.frombytes("RGB", (SIDE, SIDE), chance.randbytes(SIDE * SIDE * 3))
    flat = Image.new("RGB", (SIDE, SIDE), tuple(chance.randbytes(3)))
    file = io.BytesIO()
    Image.blend(flat, noise, 0.2).resize((640, 480)).save(file, "JPEG", quality=80)
    return file.getvalue()


def size(content: bytes) -> tuple[int, int]:
    """Width and height of a picture that can be read."""
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        return picture.size
