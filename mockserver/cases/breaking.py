"""Values that break one rule of a schema: nearly right ones, that a careless server takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..contract.images import ratio
from ..contract.inputs import admits
from ..pixels.samples import sample, truncated
from ..pixels.values import Size
from .pictures import (
    CARRIERS,
    REFERENCE,
    Rule,
    as_file,
    carried,
    carrier,
    data_uri,
    in_base64,
    plain_container,
    plain_size,
    sized,
)
from .schemas import Schema, accepts
from .tried import Values

JSON_VALUES: dict[str, Any] = {
    "null": None,
    "string": "5",
    "integer": 5,
    "fraction": 1.5,
    "boolean": True,
    "word": "true",
    "one": 1,
    "array": [],
    "object": {},
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
    " 1024x1024",
    "+1024x1024",
    "1e3x1e3",
    "\uff11\uff10\uff12\uff14x1024",
    "1024\u04451024",
    "1024,1024",
    "1024x1024px",
    "auto",
    "2K",
]
# No absolute address, whoever reads it.
NO_ADDRESSES = {"word": "lighthouse", "path": "/lighthouse.png", "space": "https://pixelpact.example/a b", "empty": ""}
# A larger file takes longer to send than its refusal is worth.
MOST_BYTES = 16 * 2**20


def types(schema: Schema) -> Values:
    """One value of each type that is not the schema's."""
    # An enum or a constant may be of one type: what else it refuses is its own matter.
    yield from ((f"type-{label}", value) for label, value in JSON_VALUES.items() if not admits(schema, value))


def enums(schema: Schema) -> Values:
    """Values of the right type that are not listed: unknown, misspelt, or next to a listed number."""
    values = schema.get("enum", [schema.get("const")])
    keyword = "enum" if "enum" in schema else "const"
    words = [value for value in values if isinstance(value, str)]
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    wrong = {**(_words(words) if words or not numbers else {}), **(_numbers(numbers) if numbers else {})}
    if not words:
        wrong |= {label: JSON_VALUES[label] for label in ("string", "boolean", "one")} | {"false": False}
    for label, value in wrong.items():
        if admits(schema, value) and not accepts({keyword: schema[keyword]}, value):
            yield f"{keyword}-{label}", value


def strings(_: Schema) -> Values:
    """Texts that are no absolute address."""
    yield from ((f"format-{label}", text) for label, text in NO_ADDRESSES.items())


def sizes(schema: Schema) -> Values:
    """Texts that are no size, and sizes beyond the bounds."""
    yield from ((f"form-{_shown(text)}", text) for text in SIZES)
    rule = schema["x-size"]
    if "minArea" in rule:
        side = math.isqrt(rule["minArea"])
        yield from _both_ways("under-area", side, (rule["minArea"] - 1) // side)
        yield from _nearest(rule, "just-under-area", rule["minArea"] - 1)
    if "maxArea" in rule:
        side = math.isqrt(rule["maxArea"]) + 1
        yield from _both_ways("over-area", side, rule["maxArea"] // side + 1)
        yield from _nearest(rule, "just-over-area", rule["maxArea"] + 1)
    for key, step in (("minSide", -1), ("maxSide", 1)):
        side = rule.get(key, -step) + step
        if side:
            yield from _both_ways(key, side, max(rule.get("minSide", 1), -(-rule.get("minArea", 1) // side)))


def images(schema: Schema) -> Values:
    """What is no picture, or none that an `x-image` rule allows."""
    rule, form = schema["x-image"], carrier(schema)
    for label, value in _wrong_forms(rule):
        if not accepts({"x-image": rule}, value):
            yield label, value
    if form is None:
        return
    yield from _wrong_pictures(schema, Size(*plain_size(rule)))
    side = rule.get("minSide", 1)
    if side > 1:
        yield "minSide", sized(schema, side - 1, side)
    if "maxPixels" in rule:
        width = math.isqrt(rule["maxPixels"]) + 1
        yield "pixels", sized(schema, width, rule["maxPixels"] // width + 1)
    for key, beyond in (("minRatio", -1), ("maxRatio", 1)):
        if key in rule:
            yield key, sized(schema, *_past_ratio(rule, key, beyond))
    if rule.get("maxBytes", MOST_BYTES) < MOST_BYTES:
        yield "bytes", sized(schema, *plain_size(rule), length=rule["maxBytes"] + 1)


def _words(words: list[str]) -> dict[str, Any]:
    # A size, as another model takes one.
    wrong = {"unknown": "no-such-value", "empty": "", "size": "1024x1024"}
    if words:
        word = words[0]
        wrong |= {"upper-case": word.upper(), "capital": word.capitalize(), "space": f"{word} ", "cut": word[:-1]}
        if "/" in word:
            wrong |= {"without-vendor": word.partition("/")[2], "dashes": word.replace(".", "-")}
    return wrong


def _numbers(numbers: list[float]) -> dict[str, Any]:
    return {"above": max(numbers) + 1, "below": min(numbers) - 1, "between": numbers[0] + 0.5, "text": str(numbers[0])}


def _shown(text: str) -> str:
    return (text or "empty").replace("\n", "-newline").replace(" ", "_")


def _nearest(rule: Mapping[str, int], label: str, area: int) -> Values:
    """Two sides whose product is that area exactly, if any are within the rule's own sides."""
    least, most = rule.get("minSide", 1), rule.get("maxSide", area)
    for side in range(math.isqrt(area), least - 1, -1):
        if area % side == 0:
            if area // side <= most:
                yield from _both_ways(label, side, area // side)
            return


def _both_ways(label: str, one: int, other: int) -> Values:
    yield from ((f"{label}-{text}", text) for text in (f"{one}x{other}", f"{other}x{one}"))


def _wrong_forms(rule: Rule) -> Values:
    size = plain_size(rule)
    good = data_uri(*size)
    yield "empty", ""
    yield "no-base64", "not base64!"
    yield "other-scheme", "ftp://pictures.example/t-rex.png"
    yield "file-scheme", "file:///etc/hostname"
    for form, values in WRONG_FORMS.items():
        if form in rule["forms"]:
            yield from values(good)
    # A picture in a form that the schema does not take.
    yield "as-url", REFERENCE
    yield from ((f"as-{form}", make(sample(Size(*size)), "png")) for form, make in CARRIERS.items())


def _wrong_uris(good: str) -> Values:
    yield "upper-case-format", good.replace("image/png", "image/PNG")
    yield "not-base64-marked", good.replace(";base64", "")
    yield "no-such-format", good.replace("image/png", "image/tiff")
    yield "no-picture-format", good.replace("image/png", "text/plain")
    yield "only-a-prefix", "data:image/png;base64,"


def _wrong_files(_: str) -> Values:
    yield "no-buffer", {**as_file(b"x"), "buffer": None}
    yield "no-bytes", as_file(b"")
    yield "no-list-of-bytes", {**as_file(b"x"), "buffer": {"type": "Buffer", "data": [256]}}


def _wrong_pictures(schema: Schema, size: Size) -> Iterator[tuple[str, Any]]:
    container = plain_container(schema["x-image"])
    yield "text", carried(schema, b"This is no picture, but a sentence.", container)
    yield "truncated", carried(schema, truncated(size, container), container)
    bitmap = sample(size, "bmp")
    # In base64 nothing says which container it is.
    yield (
        "other-container",
        in_base64(bitmap) if "base64" in schema["x-image"]["forms"] else carried(schema, bitmap, container),
    )


def _past_ratio(rule: Rule, key: str, beyond: int) -> tuple[int, int]:
    """The least picture whose ratio is just outside: one pixel too tall, or one too wide."""
    shape = ratio(rule[key])
    times = -(-max(rule.get("minSide", 1), 20) // min(shape.numerator, shape.denominator))
    width, height = shape.numerator * times, shape.denominator * times
    return (width + 1, height) if beyond > 0 else (width, height + 1)


WRONG_FORMS: dict[str, Callable[[str], Values]] = {"data-uri": _wrong_uris, "file": _wrong_files}
