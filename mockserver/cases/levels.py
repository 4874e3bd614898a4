"""The values of each field that a plan combines: left out, at its bounds, and the plain ones between."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..contract.models import Model
from ..contract.rules import size_errors
from .asked import asked, count_fields
from .boundary import TEXTS
from .evidence import photograph
from .pictures import CARRIERS, carried, carrier, drawn, input_sizes, plain_container, plain_picture, plain_size
from .plain import TEXT, fitted, plain, plain_items
from .schemas import Schema, accepts, interval, kinds, says
from .tried import named_branches

# The kinds of picture that cameras, scanners and programs write, and every library reads; others are for the mock.
MODES = {"jpeg": ("L", "CMYK"), "png": ("RGBA",)}
# The size of the one that is sent.
PHOTOGRAPH = 1024, 768
# What has no bounds is asked at what its docs give, or at a plain number.
SEED = {"minimum": 0, "maximum": 2**31 - 1}


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
# Of the fields that nothing is promised about but that they are taken, and of each where there are many.
FEW_LEVELS = 2
MANY_FIELDS = 9
# By name, what a picture shows, beside the fields that decide its size, count, form and container.
TELLING = {"prompt", "seed", "guidance_scale", "watermark"}
LEFT_OUT = Level("left-out")
# A larger picture than 1024x1024 is not asked for, where there is a choice, and more than two neither.
SIDES, COUNT = (512, 1024), 2
# An array of more is not filled.
MOST_ITEMS = 4


def levels(model: Model) -> dict[str, tuple[Level, ...]]:
    """The levels of each field that has any rule; the first is the plainest."""
    required = model.request["required"]
    fields = asked(model, sides=SIDES, count=COUNT, large=False)
    most = {field: _most(model, field, len(fields)) for field in fields}
    return {
        field: ((LEFT_OUT,) if field not in required else ())
        + at_most(tuple(_unlike(_levels({**(SEED if field == "seed" else {}), **schema}, most[field]))), most[field])
        for field, schema in fields.items()
    }


def deciding(model: Model) -> set[str]:
    """The fields that decide about the pictures: their size, count, form and container, or what is edited."""
    request = model.request
    ways = request.get("x-output-size", ())
    sized = {name for way in ways for name in (way.get("field"), way.get("height"), way.get("scale", {}).get("field"))}
    chosen = {request[keyword]["field"] for keyword in ("x-form", "x-container") if keyword in request}
    return (sized | chosen | count_fields(model) | {request.get("x-edit", {}).get("input")}) - {None}


def at_most(known: tuple[Level, ...], most: int) -> tuple[Level, ...]:
    """So many levels: the values of those that are one too many, and of the rest, take turns in the last."""
    if len(known) <= most:
        return known
    rest = [level.values for level in known[most - 1 :]]
    turns = [values[turn] for turn in range(max(map(len, rest))) for values in rest if turn < len(values)]
    return (*known[: most - 1], Level("others", tuple(turns)))


def _most(model: Model, field: str, fields: int) -> int:
    if fields <= MANY_FIELDS and field in TELLING | deciding(model) | {"model"}:
        return MOST_LEVELS
    return FEW_LEVELS


def _unlike(found: Iterator[Level]) -> Iterator[Level]:
    """The levels without the values that an earlier one has."""
    seen: set[str] = set()
    for level in found:
        new = {text: value for value in level.values if (text := repr(value)) not in seen}
        seen |= new.keys()
        if new:
            yield Level(level.label, tuple(new.values()))


def _levels(schema: Schema, most: int) -> Iterator[Level]:
    for keyword, maker in BY_KEYWORD.items():
        if keyword in schema:
            yield from maker(schema, most)
            return
    for kind in kinds(schema):
        yield from BY_TYPE[kind](schema, most)


def _texts(schema: Schema, _: int) -> Iterator[Level]:
    if "format" in schema:
        yield Level("plain", (plain(schema),))
        return
    examples = schema.get("examples", [fitted(TEXT, schema)])
    yield Level("plain", (examples[0],))
    for label, names in {"unicode": ["unicode", "one-character"], "long": ["long", "markup"]}.items():
        texts = [TEXTS[name] for name in names]
        fits = [text for text in texts if schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", math.inf)]
        if fits:
            yield Level(label, tuple(fits))


def _integers(schema: Schema, _: int) -> Iterator[Level]:
    least, most = interval(schema, whole=True)
    # Zero first: a server that takes it for none has another picture the second time.
    wanted = {"zero": 0, "most": most, "least": least}
    within = {value: label for label, value in wanted.items() if least <= value <= most and math.isfinite(value)}
    if math.inf in (-least, most):
        within |= {plain({**schema, "type": "integer"}): "plain"}
    # A whole number may be written with a point, and some clients do.
    floats = {"least": (7.0,)} if least <= 7 <= most else {}
    yield from (Level(label, (value, *floats.get(label, ()))) for value, label in within.items())


def _numbers(schema: Schema, _: int) -> Iterator[Level]:
    least, most = interval(schema, whole=False)
    ends = {label: end for label, end in {"least": least, "most": most}.items() if math.isfinite(end)}
    yield from (Level(label, (end,)) for label, end in ends.items())
    if len(ends) == 2:
        between = (round(least + (most - least) * 0.3, 6), math.floor((least + most) / 2))
        yield Level("between", tuple(value for value in between if accepts(schema, value)))
    else:
        yield Level("plain", (plain({**schema, "type": "number"}),))


def _enum(schema: Schema, most: int) -> Iterator[Level]:
    """A level for each value; of many, all but the first take turns in one."""
    values = [value for value in schema["enum"] if accepts(schema, value)]
    single = values if len(values) <= most else values[:1]
    yield from (Level(str(value), (value,)) for value in single)
    if len(values) > most:
        yield Level("others", tuple(values[1:]))


def _any_of(schema: Schema, most: int) -> Iterator[Level]:
    """Each branch has its share of the levels."""
    named = named_branches(schema)
    share = max(1, most // len(named))
    for name, branch in named:
        for level in at_most(tuple(_levels(branch, share)), share):
            yield Level(f"{name}-{level.label}", level.values)


def _x_size(schema: Schema, _: int) -> Iterator[Level]:
    rule = schema["x-size"]
    examples = [text for text in schema.get("examples", []) if not list(size_errors(rule, text))]
    for key in ("minArea", "maxArea"):
        if key in rule:
            side = math.isqrt(rule[key])
            yield Level(key, tuple(text for text in [f"{side}x{rule[key] // side}"] if accepts(schema, text)))
    # Narrow ones last: the area alone is promised.
    between = dict.fromkeys([*examples[::-1], *_narrow(rule)])
    yield Level("between", tuple(between) or (plain({"type": "string", "x-size": rule}),))


def _narrow(rule: Mapping[str, int]) -> Iterator[str]:
    for width, height in ((4, 1), (1, 4)):
        area = rule.get("maxArea", 2**22) // 4
        unit = math.isqrt(area)
        text = f"{unit * width // 2 * 2}x{unit * height}"
        if not list(size_errors(rule, text)):
            yield text


def _x_image(schema: Schema, _: int) -> Iterator[Level]:
    rule, form = schema["x-image"], carrier(schema)
    if form is None:
        yield Level("url", (plain_picture(schema),))
        return
    if form != "base64":
        yield from (Level("photograph", (value,)) for value in _photographs(schema))
        yield from _containers(schema, form)
    if "base64" in rule["forms"]:
        yield Level("base64", (CARRIERS["base64"](drawn(*plain_size(rule), plain_container(rule)), ""),))


def _photographs(schema: Schema) -> Iterator[Any]:
    """The photograph, where it is neither too large nor too small."""
    rule, (width, height) = schema["x-image"], PHOTOGRAPH
    fits = rule.get("minSide", 0) <= height and width * height <= rule.get("maxPixels", math.inf)
    # An upload has each of its bytes written out.
    data = drawn(512, 384, "jpeg") if carrier(schema) == "file" else photograph()
    value = carried(schema, data, "jpeg") if fits and "jpeg" in rule["formats"] else None
    yield from [value] if value is not None and accepts(schema, value) else []


def _containers(schema: Schema, form: str) -> Iterator[Level]:
    rule = schema["x-image"]
    # No least square one: what an edit keeps of 15 pixels is nobody's promise.
    shapes = [size for size in input_sizes(rule) if size[0] != size[1]]
    for container in rule["formats"]:
        modes = MODES.get(container, ()) or (() if shapes else ("RGB",))
        made = [drawn(*size, container) for size in shapes]
        made += [drawn(*plain_size(rule), container, mode=mode) for mode in modes]
        yield Level(f"{form}-{container}", tuple(carried(schema, data, container) for data in made))


def _arrays(schema: Schema, most: int) -> Iterator[Level]:
    """One item, two, and as many as there may be of a few."""
    items = [value for level in _levels(schema.get("items", {"type": "string"}), most) for value in level.values]
    least, bound = max(schema.get("minItems", 1), 1), schema.get("maxItems", MOST_ITEMS)
    one = plain_items(schema)
    if len(one) <= bound:
        yield Level("one", tuple([*one[1:], value] for value in items))
    for label, number in {"two": least + 1, "most": min(bound, max(MOST_ITEMS, least))}.items():
        if least < number <= bound:
            # Each begins with another item, and they differ within one array where there are several.
            turns = [items[start:] + items[:start] for start in range(min(len(items), 3))]
            yield Level(label, tuple((turn * number)[:number] for turn in turns))


def _objects(schema: Schema, most: int) -> Iterator[Level]:
    """The plainest object, and those in which each field has each of its levels."""
    known = {name: list(_levels(inner, most)) for name, inner in schema.get("properties", {}).items() if says(inner)}
    values = {name: [value for level in found for value in level.values] for name, found in known.items()}
    yield Level("plain", (plain(schema),))
    turns = max(map(len, values.values()), default=0)
    # The second field is a step ahead, so that no two have the same end throughout.
    whole = [
        {name: each[(turn + place) % len(each)] for place, (name, each) in enumerate(values.items())}
        for turn in range(turns)
    ]
    yield Level("whole", tuple(value for value in whole if accepts(schema, value)))


Maker = Callable[[Schema, int], Iterator[Level]]
BY_KEYWORD: dict[str, Maker] = {
    "x-image": _x_image,
    "const": lambda schema, _: iter([Level(str(schema["const"]), (schema["const"],))]),
    "enum": _enum,
    "x-size": _x_size,
    "anyOf": _any_of,
}
BY_TYPE: dict[str, Maker] = {
    "string": _texts,
    "integer": _integers,
    "number": _numbers,
    "boolean": lambda *_: iter([Level("false", (False,)), Level("true", (True,))]),
    "null": lambda *_: iter([Level("null", (None,))]),
    "array": _arrays,
    "object": _objects,
}
