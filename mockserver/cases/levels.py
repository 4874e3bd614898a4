"""The values of each field that a plan combines: left out, at its bounds, and the plain ones between."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..contract.keywords import size_errors
from ..contract.models import Model
from .boundary import TEXTS, input_sizes
from .case import SILENT, Schema, data_uri, plain_size
from .evidence import photograph_uri

# The kinds of picture that cameras, scanners and programs write, and every library reads; others are for the mock.
MODES = {"jpeg": ("L", "CMYK"), "png": ("RGBA",)}


@dataclass(frozen=True)
class Level:
    """One level of a field. Its values take turns, as they are alike to the contract; `left_out` has none."""

    label: str
    values: tuple[Any, ...] = ()

    @property
    def left_out(self) -> bool:
        """Whether the field is not sent at all."""
        return not self.values


# More would cost a picture for each value of another field.
MOST_LEVELS = 4
LEFT_OUT = Level("left-out")


def levels(model: Model) -> dict[str, tuple[Level, ...]]:
    """The levels of each field that has any rule; the first is the plainest."""
    required = model.request["required"]
    found = {
        field: ((LEFT_OUT,) if field not in required else ()) + tuple(_levels(schema))
        for field, schema in model.request["properties"].items()
        if schema.keys() - SILENT
    }
    return {field: tuple(values) for field, values in found.items()}


def _levels(schema: Schema) -> Iterator[Level]:
    for keyword, maker in BY_KEYWORD.items():
        if keyword in schema:
            yield from maker(schema)
            return
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    for kind in kinds:
        yield from BY_TYPE[kind](schema)


def _texts(schema: Schema) -> Iterator[Level]:
    examples = schema.get("examples", ["A lighthouse at dusk."])
    yield Level("plain", (examples[0],))
    for label, kinds in {"unicode": ["unicode", "one-character"], "long": ["long", "markup"]}.items():
        texts = [TEXTS[kind] for kind in kinds]
        fits = [text for text in texts if schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", math.inf)]
        if fits:
            yield Level(label, tuple(fits))


def _integers(schema: Schema) -> Iterator[Level]:
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    # Zero first: a server that takes it for none has another picture the second time.
    wanted = {"zero": 0, "most": 2**31 - 1 if most == math.inf else most, "least": 1 if least == -math.inf else least}
    within = {value: label for label, value in wanted.items() if least <= value <= most}
    # A whole number may be written with a point, and some clients do.
    floats = {"least": (7.0,)} if least <= 7 <= most else {}
    yield from (Level(label, (value, *floats.get(label, ()))) for value, label in within.items())


def _numbers(schema: Schema) -> Iterator[Level]:
    least, most = schema.get("minimum", 0), schema.get("maximum", 100)
    yield Level("least", (least,))
    yield Level("most", (most,))
    yield Level("between", (round(least + (most - least) * 0.3, 6), math.floor((least + most) / 2)))


def _enum(schema: Schema) -> Iterator[Level]:
    """A level for each value; of many, all but the first take turns in one."""
    values = schema["enum"]
    single = values if len(values) <= MOST_LEVELS else values[:1]
    yield from (Level(str(value), (value,)) for value in single)
    if len(values) > MOST_LEVELS:
        yield Level("others", tuple(values[1:]))


def _x_size(schema: Schema) -> Iterator[Level]:
    rule = schema["x-size"]
    examples = [text for text in schema.get("examples", []) if not list(size_errors(rule, text))]
    for key in ("minArea", "maxArea"):
        if key in rule:
            side = math.isqrt(rule[key])
            yield Level(key, (f"{side}x{rule[key] // side}",))
    # Narrow ones last: the area alone is promised.
    yield Level("between", tuple(dict.fromkeys([*examples[::-1], *_narrow(rule)])))


def _narrow(rule: Mapping[str, int]) -> Iterator[str]:
    for width, height in ((4, 1), (1, 4)):
        area = rule.get("maxArea", 2**22) // 4
        unit = math.isqrt(area)
        text = f"{unit * width // 2 * 2}x{unit * height}"
        if not list(size_errors(rule, text)):
            yield text


def _x_image(schema: Schema) -> Iterator[Level]:
    rule = schema["x-image"]
    plain = plain_size(rule)
    if "data-uri" in rule["forms"]:
        yield Level("photograph", (photograph_uri(),))
        # No least square one: what an edit keeps of 15 pixels is nobody's promise.
        shapes = [size for size in input_sizes(rule) if size[0] != size[1]]
        for container in rule["formats"]:
            kinds = [data_uri(*plain, container, mode=mode) for mode in MODES.get(container, ())]
            yield Level(f"data-uri-{container}", (*(data_uri(*size, container) for size in shapes), *kinds))
    if "base64" in rule["forms"]:
        yield Level("base64", (data_uri(*plain).partition(",")[2],))


BY_KEYWORD: dict[str, Callable[[Schema], Iterator[Level]]] = {"enum": _enum, "x-size": _x_size, "x-image": _x_image}
BY_TYPE: dict[str, Callable[[Schema], Iterator[Level]]] = {
    "string": _texts,
    "integer": _integers,
    "number": _numbers,
    "boolean": lambda _: iter([Level("false", (False,)), Level("true", (True,))]),
    "null": lambda _: iter([Level("null", (None,))]),
}
