"""Cases that must be refused: one change away from a body that is accepted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..contract.images import ratio
from ..contract.models import Model
from ..contract.sources import Source
from ..pixels.samples import sample, truncated
from ..pixels.values import Size
from .case import Case, Change, Schema, Values, base_body, by_keyword, data_uri, in_base64, plain_size

REFUSED_WITH = (400, 422)
# A model that does not exist may also be not found, and a file too large be refused unread: neither was seen.
REFUSED_ALSO_WITH: dict[str, tuple[int, ...]] = {"model": (404,), "bytes": (413,)}
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
# Which of those are of a type; a fraction is a number, and a boolean is neither.
OF_TYPE = {
    "string": {"string", "word"},
    "integer": {"integer", "one"},
    "number": {"integer", "one", "fraction"},
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


def broken(model: Model) -> Iterator[Case]:
    """Every way to break one rule of the model's request schema, in a body that is otherwise the smallest.

    Raises UnknownKeyword.
    """
    base = base_body(model)
    for change, label, sources in _changes(model):
        refused = REFUSED_ALSO_WITH.get(change.field, ()) + REFUSED_ALSO_WITH.get(label, ()) + REFUSED_WITH
        name = f"{change.field}-{label}"
        yield Case(name, model.id, change.applied(base), tuple(sorted(refused)), sources, change=change)


def _changes(model: Model) -> Iterator[tuple[Change, str, tuple[Source, ...]]]:
    for field in model.request["required"]:
        yield Change(field, "required", out=True), "missing", model.rule_sources(None, "required")
    for field, schema in model.request["properties"].items():
        for keyword, label, value in by_keyword(schema, REFUSED):
            yield Change(field, keyword, value), label, model.rule_sources(field, keyword)


def _type(schema: Schema) -> Values:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    right = set().union(*(OF_TYPE[kind] for kind in kinds))
    yield from ((f"type-{label}", value) for label, value in JSON_VALUES.items() if label not in right)


def _enum(schema: Schema) -> Values:
    words = [value for value in schema["enum"] if isinstance(value, str)]
    # A size, as the other model takes one.
    wrong = {"unknown": "no-such-value", "empty": "", "size": "1024x1024"}
    if words:
        word = words[0]
        wrong |= {"upper-case": word.upper(), "capital": word.capitalize(), "space": f"{word} ", "cut": word[:-1]}
        if "/" in word:
            wrong |= {"without-vendor": word.partition("/")[2], "dashes": word.replace(".", "-")}
    yield from ((f"enum-{label}", value) for label, value in wrong.items() if value not in schema["enum"])


def _beyond(key: str, step: int) -> Callable[[Schema], Values]:
    def values(schema: Schema) -> Values:
        yield key, schema[key] + step
        if schema.get("type") == "number":
            yield f"{key}-nearly", schema[key] + step / 100
            yield f"{key}-barely", schema[key] + step / 1_000_000
        yield f"{key}-far", schema[key] + step * 10**12

    return values


def _x_size(schema: Schema) -> Values:
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


def _x_image(schema: Schema) -> Values:
    rule = schema["x-image"]
    size = Size(*plain_size(rule))
    yield from _wrong_forms(data_uri(size.width, size.height))
    yield from _wrong_pictures(size)
    side = rule.get("minSide", 1)
    if side > 1:
        yield "minSide", data_uri(side - 1, side)
    if "maxPixels" in rule:
        width = math.isqrt(rule["maxPixels"]) + 1
        yield "pixels", data_uri(width, rule["maxPixels"] // width + 1)
    for key, beyond in (("minRatio", -1), ("maxRatio", 1)):
        if key in rule:
            yield key, data_uri(*_past_ratio(rule, key, beyond))
    if "maxBytes" in rule:
        yield "bytes", data_uri(size.width, size.height, length=rule["maxBytes"] + 1)


def _wrong_forms(good: str) -> Values:
    yield "empty", ""
    yield "no-base64", "not base64!"
    yield "other-scheme", "ftp://pictures.example/t-rex.png"
    yield "upper-case-format", good.replace("image/png", "image/PNG")
    yield "not-base64-marked", good.replace(";base64", "")
    yield "no-such-format", good.replace("image/png", "image/tiff")
    yield "no-picture-format", good.replace("image/png", "text/plain")
    yield "only-a-prefix", "data:image/png;base64,"
    yield "file-scheme", "file:///etc/hostname"


def _wrong_pictures(size: Size) -> Values:
    yield "text", "data:image/png;base64," + in_base64(b"This is no picture, but a sentence.")
    yield "truncated", "data:image/png;base64," + in_base64(truncated(size))
    yield "other-container", in_base64(sample(size, "bmp"))


def _past_ratio(rule: Mapping[str, Any], key: str, beyond: int) -> tuple[int, int]:
    """The least picture whose ratio is just outside: one pixel too tall, or one too wide."""
    shape = ratio(rule[key])
    times = -(-max(rule.get("minSide", 1), 20) // min(shape.numerator, shape.denominator))
    width, height = shape.numerator * times, shape.denominator * times
    return (width + 1, height) if beyond > 0 else (width, height + 1)


REFUSED: dict[str, Callable[[Schema], Values]] = {
    "type": _type,
    "enum": _enum,
    "minimum": _beyond("minimum", -1),
    "maximum": _beyond("maximum", 1),
    "minLength": lambda schema: (("minLength", "x" * (least - 1)) for least in [schema["minLength"]] if least),
    "maxLength": lambda schema: iter([("maxLength", "x" * (schema["maxLength"] + 1))]),
    "x-size": _x_size,
    "x-image": _x_image,
}
