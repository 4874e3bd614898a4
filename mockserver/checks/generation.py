"""One accepted request and all that came of it: the answer, and each picture behind it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..contract.images import NotAnImage, is_web_url, read_image
from ..contract.inputs import InputPicture
from ..contract.models import Model
from ..contract.sources import Source
from ..pixels.measure import Facts, facts
from .exchange import Exchange


@dataclass(frozen=True)
class Picture:
    """A picture of an answer. `exchange` is its download; None if it came in the answer itself, or not at all.

    `again` is a second download, if there was one. `measured` are the facts of a picture whose bytes were not kept,
    `small` shows it to people.
    """

    pointer: str
    form: str
    text: str
    data: bytes | None
    exchange: Exchange | None = None
    problem: str | None = None
    again: Exchange | None = None
    measured: Facts | None = None
    small: bytes | None = None

    @cached_property
    def facts(self) -> Facts | None:
        """What was measured of it, if anything came; no bytes at all are no picture."""
        return self.measured if self.data is None else facts(self.data)


@dataclass(frozen=True)
class Generation:
    """An exchange that should have made pictures.

    `input` is the picture to be edited, if the suite knows its bytes and the body does not tell them. `strict`: assumed
    rules count as well, which is only fair to our own mock. `sources` promise that the request is accepted. `asked`:
    whether the body is what was asked for; of a request that nobody knows, nothing but its model is.
    """

    model: Model
    body: Mapping[str, Any]
    exchange: Exchange
    pictures: tuple[Picture, ...]
    input: bytes | None = None
    strict: bool = False
    sources: tuple[Source, ...] = ()
    asked: bool = True

    @cached_property
    def inputs(self) -> dict[str, bytes]:
        """The bytes of the first picture of each field, as far as they are known: behind a link lies anything."""
        known = {field: picture_bytes(first) for field, first in self._first_inputs.items()}
        if self.input:
            # The picture to be edited comes first, wherever there is one.
            known[next(iter([*known, *self.model.images]), "")] = self.input
        return {field: data for field, data in known.items() if data}

    @cached_property
    def carried(self) -> frozenset[str]:
        """The fields that the body has a picture in."""
        return frozenset(self._first_inputs)

    @property
    def _first_inputs(self) -> dict[str, InputPicture]:
        first: dict[str, InputPicture] = {}
        for found in self.model.inputs(self.body):
            first.setdefault(found.field, found)
        return first

    @property
    def created(self) -> int | None:
        """The answer's `created`, if there is one and it is a whole number."""
        found = self.model.values(self.exchange.json, "created")
        return found[0][1] if found and type(found[0][1]) is int else None


def picture_bytes(found: InputPicture) -> bytes | None:
    """The bytes of an input picture, where the body carries them."""
    try:
        return read_image(found.rule, found.value).data
    except NotAnImage:
        return None


def collect(model: Model, exchange: Exchange, download: Callable[[str], Exchange]) -> tuple[Picture, ...]:
    """Every picture of an answer: decoded from base64, or downloaded."""
    answer = exchange.json
    urls = [_downloaded(pointer, text, download) for pointer, text in model.values(answer, "url")]
    inline = [_decoded(pointer, text) for pointer, text in model.values(answer, "b64_json")]
    return tuple(urls + inline)


def _downloaded(pointer: str, text: Any, download: Callable[[str], Exchange]) -> Picture:
    if not isinstance(text, str) or not is_web_url(text):
        return Picture(pointer, "url", str(text), None, problem="it is no absolute http or https URL")
    got = download(text)
    return Picture(pointer, "url", text, got.body if got.status == 200 else None, got)


def _decoded(pointer: str, text: Any) -> Picture:
    try:
        return Picture(pointer, "b64_json", "", base64.b64decode(str(text), validate=True))
    except (binascii.Error, ValueError) as reason:
        return Picture(pointer, "b64_json", "", None, problem=f"it is no bare base64: {reason}")
