"""What goes through the benchmark's server, and every place where a fault may bend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PIL.Image import Image

DRAW, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
Body = dict[str, Any]
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Call:
    """A request. Header names are in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What goes back, after a delay in seconds; without a status the connection is dropped."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0


@dataclass
class Refused(Exception):
    """The request is not served; `details` are those of the error object."""

    status: int
    message: str
    details: list[Body] | None = None


@dataclass(frozen=True)
class At:
    """Where a hook stands: the call, its ordinal (of posts, or of one picture's downloads), its body and the last."""

    call: Call
    ordinal: int
    id: str
    body: Body
    before: Body
    now: float


@dataclass(frozen=True)
class Recipe:
    """All that decides a picture's pixels. `image` is the caller's, as sent."""

    model: str
    prompt: str
    seed: int
    size: tuple[int, int]
    guidance: float
    watermark: bool
    image: str | None = None


Hook = Callable[[Thing, At], Thing]
PictureHook = Callable[[Thing, Recipe], Thing]


def same(thing: Thing, _: object) -> Thing:
    """No change."""
    return thing


@dataclass(frozen=True)
class Fault:
    """What a server does otherwise than promised, or, of the benign, otherwise than usual.

    `model` shows it. `body` bends a request before it is checked, `refuse` names a field to refuse although it is
    valid, `success` and `failure` bend the JSON of an answer, `sent` all of it. `link` bends what a URL signs,
    `located` the URL, `download` what it gives; `trusts` are the parameters that no signature covers.
    `options` are for the verb `verify`.
    """

    model: str = DRAW
    call: Hook[Call] = same
    body: Hook[Body] = same
    refuse: Callable[[Body, At], str | None] = lambda _, __: None
    recipe: Hook[Recipe] = same
    picture: PictureHook[Image] = same
    file: PictureHook[bytes] = same
    success: Hook[Body] = same
    failure: Hook[Body] = same
    sent: Hook[Answer] = same
    link: Hook[dict[str, str]] = same
    located: Hook[str] = same
    download: Hook[Answer] = same
    trusts: frozenset[str] = frozenset()
    clock: float = 0.0
    elsewhere: bool = False
    unsigned: bool = False
    suffix: str = "jpeg"
    envelope: str = "flat+"
    indent: int | None = None
    options: tuple[str, ...] = ()
