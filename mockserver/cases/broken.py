"""Cases that must be refused: one change away from a body that is accepted."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..contract.images import ratio
from ..contract.models import Model
from ..pixels.samples import sample, truncated
from ..pixels.values import Size
from .boundary import Schema, Values
from .case import SILENT, Case, UnknownKeyword, base_body, data_uri

REFUSED_WITH = (400, 422)
# A model that does not exist may also be not found: no live answer to one was seen.
MODEL_REFUSED_WITH = (400, 404, 422)
JSON_VALUES: dict[str, Any] = {
    "null": None,
    "string": "5",
    "integer": 5,
    "fraction": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
}
# Which of those are of a type; a fraction is a number, and a boolean is neither.
OF_TYPE = {
    "string": {"string"},
    "integer": {"integer"},
    "number": {"integer", "fraction"},
    "boolean": {"boolean"},
    "null": {"null"},
    "array": {"array"},
    "object": {"object"},
}
# Not empty texts of the right length: they would be plain wrong, these are nearly right.
SIZES = [
    "1024X1024",
    "1024*1024",
    "1024\u00d71024",
    "1024 x 1024",
    "1024",
    "1024x",
    "x1024",
    "1024x1024x1",
    "-1024x-1024",
    "1024.0x1024",
    "0x0",
    "",
    "1024x1024\n",
]


def broken(model: Model) -> Iterator[Case]:
    """Every way to break one rule of the model's request schema, in a body that is otherwise the smallest."""
    base = base_body(model)
    for field in model.request["required"]:
        without = {name: value for name, value in base.items() if name != field}
        sources = model.rule_sources(None, "required")
        yield Case(f"{field}-missing", model.id, without, _statuses(field), sources)
    for field, schema in model.request["properties"].items():
        for keyword, label, value in refused(schema):
            sources = model.rule_sources(field, keyword)
            yield Case(f"{field}-{label}", model.id, {**base, field: value}, _statuses(field), sources)


def refused(schema: Schema) -> Iterator[tuple[str, str, Any]]:
    """Keyword, label and value of each breach of a field's schema. Raises UnknownKeyword."""
    unknown = sorted(schema.keys() - REFUSED.keys() - SILENT)
    if unknown:
        raise UnknownKeyword(tuple(unknown), schema.get("description", "a schema"))
    for keyword in (keyword for keyword in schema if keyword in REFUSED):
        for label, value in REFUSED[keyword](schema):
            yield keyword, label, value


def _statuses(field: str) -> tuple[int, ...]:
    return MODEL_REFUSED_WITH if field == "model" else REFUSED_WITH


def _type(schema: Schema) -> Values:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    right = set().union(*(OF_TYPE[kind] for kind in kinds))
    yield from ((f"type-{label}", value) for label, value in JSON_VALUES.items() if label not in right)


def _enum(schema: Schema) -> Values:
    words = [value for value in schema["enum"] if isinstance(value, str)]
    wrong = {"unknown": "no-such-value", "empty": ""}
    if words:
        wrong |= {"upper-case": words[0].upper(), "space": f"{words[0]} "}
    yield from ((f"enum-{label}", value) for label, value in wrong.items() if value not in schema["enum"])


def _beyond(key: str, step: int) -> Callable[[Schema], Values]:
    def values(schema: Schema) -> Values:
        yield key, schema[key] + step
        if schema.get("type") == "number":
            yield f"{key}-nearly", schema[key] + step / 100

    return values


def _x_size(schema: Schema) -> Values:
    yield from ((f"form-{text.strip() or 'empty'}{'-newline' * text.endswith(chr(10))}", text) for text in SIZES)
    rule = schema["x-size"]
    if "minArea" in rule:
        side = math.isqrt(rule["minArea"])
        yield from ((f"under-area-{text}", text) for text in (f"{side - 1}x{side}", f"{side}x{side - 1}"))
    if "maxArea" in rule:
        side = math.isqrt(rule["maxArea"])
        yield from ((f"over-area-{text}", text) for text in (f"{side + 1}x{side}", f"{side}x{side + 1}"))


def _x_image(schema: Schema) -> Values:
    rule = schema["x-image"]
    yield from _wrong_forms()
    yield from _wrong_pictures()
    side = rule.get("minSide", 1)
    if side > 1:
        yield f"side-{side - 1}", data_uri(side - 1, side)
    if "maxPixels" in rule:
        width = math.isqrt(rule["maxPixels"])
        yield f"pixels-{width + 1}x{width}", data_uri(width + 1, width)
    for key, beyond in (("minRatio", -1), ("maxRatio", 1)):
        if key in rule:
            yield key, data_uri(*_past_ratio(rule, key, beyond))
    if "maxBytes" in rule:
        yield "bytes", "data:image/png;base64," + base64.b64encode(_padded(rule["maxBytes"] + 1)).decode("ascii")


def _wrong_forms() -> Values:
    good = data_uri(64, 48)
    yield "empty", ""
    yield "no-base64", "not base64!"
    yield "other-scheme", "ftp://pictures.example/t-rex.png"
    yield "upper-case-format", good.replace("image/png", "image/PNG")
    yield "not-base64-marked", good.replace(";base64", "")
    yield "no-such-format", good.replace("image/png", "image/tiff")


def _wrong_pictures() -> Values:
    text = base64.b64encode(b"This is no picture, but a sentence.").decode("ascii")
    yield "text", f"data:image/png;base64,{text}"
    yield "truncated", "data:image/png;base64," + base64.b64encode(truncated(Size(64, 48))).decode("ascii")
    bitmap = base64.b64encode(sample(Size(64, 48), "bmp")).decode("ascii")
    yield "other-container", bitmap


def _past_ratio(rule: Mapping[str, Any], key: str, beyond: int) -> tuple[int, int]:
    """The least picture whose ratio is just outside: one pixel too tall, or one too wide."""
    shape = ratio(rule[key])
    times = -(-max(rule.get("minSide", 1), 20) // min(shape.numerator, shape.denominator))
    width, height = shape.numerator * times, shape.denominator * times
    return (width + 1, height) if beyond > 0 else (width, height + 1)


def _padded(length: int) -> bytes:
    """A valid picture with bytes behind it up to that length: only its length is wrong."""
    return sample(Size(64, 48), "png").ljust(length, b"\0")


REFUSED: dict[str, Callable[[Schema], Values]] = {
    "type": _type,
    "enum": _enum,
    "minimum": _beyond("minimum", -1),
    "maximum": _beyond("maximum", 1),
    "minLength": lambda schema: iter([("minLength", "x" * (schema["minLength"] - 1))]),
    "maxLength": lambda schema: iter([("maxLength", "x" * (schema["maxLength"] + 1))]),
    "x-size": _x_size,
    "x-image": _x_image,
}
