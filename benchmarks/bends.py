"""Ways to bend a request, an answer or a picture: what the tables of faults are written in."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PIL import Image

from .rules import number
from .wire import DRAW, Answer, At, Body, Call, Fault, Hook, Recipe, Refused, Thing

Test = Callable[[Any], bool]
GONE = object()
LINK = "https://pictures.example/t-rex.png"


def text(pattern: str) -> Test:
    """Whether a value is a text of that pattern."""
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL) is not None


def num(test: Callable[[Any], bool]) -> Test:
    """Whether a value is a number that meets a test."""
    return lambda value: number(value) and test(value)


def pictured(test: Callable[[Image.Image, bytes], bool]) -> Test:
    """Whether a value is a file that Pillow opens, by its header, and that meets a test."""

    def holds(value: Any) -> bool:
        try:
            data = base64.b64decode(str(value).rpartition(",")[2], validate=True)
            with Image.open(io.BytesIO(data)) as picture:
                return test(picture, data)
        except (ValueError, OSError, Image.DecompressionBombError):
            return False

    return holds


def changed(value: Any, keys: tuple[str | int, ...], change: Callable[[Any], Any]) -> Any:
    """A JSON value with what lies at the keys changed, or removed where that gives GONE; as it is if nothing does."""
    if not keys:
        return change(value)
    key, rest = keys[0], keys[1:]
    if not isinstance(value, (dict, list)) or (isinstance(value, dict) and key not in value):
        return value
    copy: Any = value.copy()
    copy[key] = changed(copy[key], rest, change)
    if copy[key] is GONE:
        del copy[key]
    return copy


def accepts(field: str, wrong: Test, instead: Any = GONE, model: str = DRAW) -> Fault:
    """A value is taken for another one, or for none."""
    return Fault(model, body=lambda body, _: changed(body, (field,), lambda now: instead if wrong(now) else now))


def lacking(field: str, instead: Any, model: str = DRAW) -> Fault:
    """A required field may be left out."""
    return Fault(model, body=lambda body, _: {field: instead, **body})


def refuses(field: str, right: Test, model: str = DRAW) -> Fault:
    """A valid value is refused."""
    return Fault(model, refuse=lambda body, _: field if field in body and right(body[field]) else None)


def fails(test: Test, status: int = 500, model: str = DRAW) -> Fault:
    """The server breaks on some bodies."""

    def call(call: Call, at: At) -> Call:
        if test(at.body):
            raise Refused(status, "Internal server error")
        return call

    return Fault(model, call=call)


def when(test: Test, hook: Hook[Thing]) -> Hook[Thing]:
    """A hook for some bodies only."""
    return lambda thing, at: hook(thing, at) if test(at.body) else thing


def lets_in(test: Callable[[Call], bool]) -> Fault:
    """A call without a valid key is taken for one with."""
    key = {"authorization": "Bearer somebody"}
    return Fault(call=lambda call, _: replace(call, headers={**call.headers, **key}) if test(call) else call)


def answers(*keys: str | int, to: Any) -> Fault:
    """A field of a successful answer is changed; to what, may depend on what it was."""
    change = to if callable(to) else lambda _: to
    return Fault(success=lambda body, _: changed(body, keys, change))


def errs(*keys: str | int, to: Callable[[Any, At], Any]) -> Fault:
    """A field of an error is changed."""
    return Fault(failure=lambda body, at: changed(body, keys, lambda now: to(now, at)))


def sends(bend: Hook[Answer], *statuses: int) -> Fault:
    """Answers to posts with one of these statuses, or with any, are changed."""

    def sent(answer: Answer, at: At) -> Answer:
        fits = at.call.method == "POST" and (not statuses or answer.status in statuses)
        return bend(answer, at) if fits else answer

    return Fault(sent=sent)


def headed(**headers: str | None) -> Hook[Answer]:
    """Headers set, or removed where there is no value."""

    def bend(answer: Answer, _: At) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in named}
        return replace(answer, headers={**kept, **{name: value for name, value in named.items() if value is not None}})

    return bend


def page(status: int, content_type: str, content: str) -> Hook[Answer]:
    """Another answer altogether."""
    return lambda answer, _: Answer(status, {**answer.headers, "Content-Type": content_type}, content.encode())


def recooked(model: str = DRAW, **fields: Any) -> Fault:
    """A part of the recipe replaced: by a value, or by what a function makes of the recipe."""

    def cook(recipe: Recipe, _: At) -> Recipe:
        return replace(recipe, **{name: to(recipe) if callable(to) else to for name, to in fields.items()})

    return Fault(model, recipe=cook)


def sized(size: Callable[[int, int], tuple[int, int]], model: str = DRAW) -> Fault:
    """The picture comes at another size."""
    return Fault(model, picture=lambda picture, _: picture.resize(size(*picture.size)))


def painted(paint: Callable[[Image.Image], Image.Image], model: str = DRAW) -> Fault:
    """The picture is spoilt."""
    return Fault(model, picture=lambda picture, _: paint(picture))


def downloads(bend: Hook[Answer], *statuses: int) -> Fault:
    """Downloads with one of these statuses are changed."""
    return Fault(download=lambda answer, at: bend(answer, at) if answer.status in statuses else answer)


def rewritten(change: Callable[[Any], Any]) -> Hook[Answer]:
    """The JSON of a whole answer changed."""
    return lambda answer, _: replace(answer, body=json.dumps(change(json.loads(answer.body))).encode())


def key_of(call: Call) -> str:
    """What a call says of its key, without the scheme."""
    return call.headers.get("authorization", "").partition(" ")[2].strip()


def is_b64(body: Body) -> bool:
    """Whether base64 is asked for."""
    return str(body.get("response_format")) == "b64_json"


def marked(body: Body) -> bool:
    """Whether a mark is asked for."""
    return body.get("watermark") is True


def over(field: str, least: float) -> Callable[[Body], bool]:
    """Whether a body's field is a number of at least that."""
    return lambda body: num(lambda value: value >= least)(body.get(field))
