"""Pictures as a request carries them: in a data URI, in base64, as an uploaded file, or behind a URL."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from ..contract.images import ratio
from ..contract.models import Model
from ..pixels.samples import sample
from ..pixels.values import Size
from .schemas import Schema, UnknownKeyword, accepts, place_of

Rule = Mapping[str, Any]
# A picture of the docs' own: the one that any server can fetch.
REFERENCE = "https://raw.githubusercontent.com/aimlapi/api-docs/main/reference-files/t-rex.png"


@cache
def data_uri(width: int, height: int, container: str = "png", length: int = 0, mode: str = "RGB") -> str:
    """A picture of that size as a data URI; zeros behind it, which no reader minds, make up that length in bytes."""
    return _data_uri(drawn(width, height, container, length, mode), container)


@cache
def drawn(width: int, height: int, container: str = "png", length: int = 0, mode: str = "RGB") -> bytes:
    """The bytes of a picture of that size."""
    return sample(Size(width, height), container, mode).ljust(length, b"\0")


def in_base64(data: bytes) -> str:
    """Bytes as JSON can carry them."""
    return base64.b64encode(data).decode("ascii")


def as_file(data: bytes, container: str = "png") -> dict[str, Any]:
    """What the service makes of an uploaded file."""
    return {
        "fieldname": "image",
        "originalname": f"picture.{container}",
        "encoding": "7bit",
        "mimetype": f"image/{container}",
        "buffer": {"type": "Buffer", "data": list(data)},
    }


def carrier(schema: Schema) -> str | None:
    """The form in which a schema takes the bytes of a picture, the plainest first; None where it takes URLs alone."""
    rule = schema["x-image"]
    container = plain_container(rule)
    data = drawn(*plain_size(rule), container)
    known = (form for form in CARRIERS if form in rule["forms"])
    return next((form for form in known if accepts(schema, CARRIERS[form](data, container))), None)


def carried(schema: Schema, data: bytes, container: str = "png") -> Any:
    """Those bytes as a schema takes them, or the URL of another picture where it takes no bytes."""
    form = carrier(schema)
    return CARRIERS[form](data, container) if form else REFERENCE


def sized(schema: Schema, width: int, height: int, length: int = 0) -> Any:
    """A picture of that size as a schema takes it."""
    container = plain_container(schema["x-image"])
    return carried(schema, drawn(width, height, container, length), container)


def plain_picture(schema: Schema) -> Any:
    """A small picture that a schema takes. Raises UnknownKeyword where there is none."""
    value = sized(schema, *plain_size(schema["x-image"]))
    if not accepts(schema, value):
        raise UnknownKeyword(("x-image in no form that is known",), place_of(schema))
    return value


def plain_container(rule: Rule) -> str:
    """A container that an `x-image` rule takes: PNG, which loses nothing, if it can be."""
    return "png" if "png" in rule["formats"] else str(rule["formats"][0])


def plain_size(rule: Rule) -> tuple[int, int]:
    """The size of a small picture, 4:3, that an `x-image` rule has nothing against."""
    side = max(rule.get("minSide", 1), 48)
    return -(-side * 4 // 3), side


def input_sizes(rule: Rule) -> Iterator[tuple[int, int]]:
    """The least pictures under an `x-image` rule: square, and of each ratio that is just allowed."""
    side = rule.get("minSide", 16)
    yield side, side
    for key in ("minRatio", "maxRatio"):
        if key in rule:
            shape = ratio(rule[key])
            times = -(-side // min(shape.numerator, shape.denominator))
            yield shape.numerator * times, shape.denominator * times


def fetching(model: Model, url: str) -> dict[str, Any]:
    """The fields of a model that take a picture by its URL, each with this one, as often as it must."""
    known = model.request["properties"]
    shapes = {name: (url, [url] * max(known[name].get("minItems", 1), 1)) for name in model.images}
    fitting = {name: [shape for shape in each if accepts(known[name], shape)] for name, each in shapes.items()}
    return {name: shapes[0] for name, shapes in fitting.items() if shapes}


def _data_uri(data: bytes, container: str) -> str:
    return f"data:image/{container};base64,{in_base64(data)}"


CARRIERS: dict[str, Callable[[bytes, str], Any]] = {
    "data-uri": _data_uri,
    "base64": lambda data, _: in_base64(data),
    "file": as_file,
}
