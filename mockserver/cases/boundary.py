"""Cases that must be accepted: each field at each of its bounds, one field at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..contract.images import ratio
from ..contract.keywords import size_errors
from ..contract.models import Model
from .case import Case, Schema, Values, base_body, by_keyword, data_uri, plain_size

# Pillow's names of what else than RGB a file may hold.
MODES = {"jpeg": ("L", "CMYK"), "png": ("L", "LA", "RGBA", "I;16")}
TEXTS = {
    "one-character": "x",
    "unicode": "Ein Fuchs 狐 🦊 رسم é",
    "markup": "<b>\"quoted\" & 'escaped' \\n</b>\n\ttabs",
    "long": "a very tall lighthouse, " * 80,
}


def boundary(model: Model) -> Iterator[Case]:
    """Every value on a boundary of the model's request schema, in a body that is otherwise the smallest.

    Raises UnknownKeyword.
    """
    base = base_body(model)
    yield Case("smallest", model.id, base, sources=model.promised_by)
    for field, schema in model.request["properties"].items():
        for keyword, label, value in by_keyword(schema, ACCEPTED):
            name = f"{field}-{label}"
            yield Case(name, model.id, {**base, field: value}, sources=model.rule_sources(field, keyword))


def _type(schema: Schema) -> Values:
    if schema.keys() & {"enum", "x-size", "x-image"}:
        return
    for kind in schema["type"] if isinstance(schema["type"], list) else [schema["type"]]:
        yield from TYPED[kind](schema)


def _texts(schema: Schema) -> Values:
    for label, text in TEXTS.items():
        if schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", math.inf):
            yield label, text


def _integers(schema: Schema) -> Values:
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    wanted = {"zero": 0, "one": 1, "integral-float": 7.0, "31-bit": 2**31 - 1}
    yield from ((label, value) for label, value in wanted.items() if least <= value <= most)


def _numbers(schema: Schema) -> Values:
    if "minimum" in schema and "maximum" in schema:
        yield "fraction", round(schema["minimum"] + (schema["maximum"] - schema["minimum"]) * 0.3, 6)


def _x_size(schema: Schema) -> Values:
    rule = schema["x-size"]
    sizes = dict.fromkeys([*schema.get("examples", []), *sorted(_sizes_at(rule))])
    yield from ((text, text) for text in sizes if not list(size_errors(rule, text)))


def _sizes_at(rule: Mapping[str, int]) -> Iterator[str]:
    """Sizes exactly at the least and the most area, square and narrow; no evidence promises the extreme sides."""
    for area in (rule[key] for key in ("minArea", "maxArea") if key in rule):
        side = math.isqrt(area)
        for width in (side, max(side // 4, 1), side * 4):
            if area % width == 0:
                yield f"{width}x{area // width}"


def _x_image(schema: Schema) -> Values:
    rule = schema["x-image"]
    width, height = plain_size(rule)
    # No URL: one that a stranger's server can fetch is in the documented requests alone.
    if "base64" in rule["forms"]:
        yield "base64", data_uri(width, height).partition(",")[2]
    if "data-uri" in rule["forms"]:
        for container in rule["formats"]:
            yield f"data-uri-{container}", data_uri(width * 2, height * 2, container)
            for mode in MODES.get(container, ()):
                yield f"{container}-{mode}", data_uri(width * 2, height * 2, container, mode=mode)
    yield from (("x".join(map(str, size)), data_uri(*size)) for size in input_sizes(rule))
    if "maxPixels" in rule:
        side = math.isqrt(rule["maxPixels"])
        yield "pixels", data_uri(side, rule["maxPixels"] // side)


def input_sizes(rule: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """The least pictures under an `x-image` rule: square, and of each ratio that is just allowed."""
    side = rule.get("minSide", 16)
    yield side, side
    for key in ("minRatio", "maxRatio"):
        if key in rule:
            shape = ratio(rule[key])
            times = -(-side // min(shape.numerator, shape.denominator))
            yield shape.numerator * times, shape.denominator * times


TYPED: dict[str, Callable[[Schema], Values]] = {
    "string": _texts,
    "integer": _integers,
    "number": _numbers,
    "boolean": lambda _: iter([("true", True), ("false", False)]),
    "null": lambda _: iter([("null", None)]),
}
ACCEPTED: dict[str, Callable[[Schema], Values]] = {
    "type": _type,
    "enum": lambda schema: ((str(value), value) for value in schema["enum"]),
    "minimum": lambda schema: iter([("minimum", schema["minimum"])]),
    "maximum": lambda schema: iter([("maximum", schema["maximum"])]),
    "minLength": lambda schema: iter([("minLength", "é" * schema["minLength"])]),
    "maxLength": lambda schema: iter([("maxLength", "é" * schema["maxLength"])]),
    "x-size": _x_size,
    "x-image": _x_image,
}
