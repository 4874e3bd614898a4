"""A form for any model, made of its schema: for each field what kind of input it is, and what it may hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...contract.models import Model
from ...contract.samples import sample
from ..redacted import is_picture
from .rules import Rule, field_note, field_rules, in_lines

MODEL = "model"
# Longer than a line.
LONG = ("prompt", "negative_prompt")
# Pictures that only a form with files can carry.
FILES = {"file", "part"}
# What every input shows of its rules by itself.
SHOWN = {"required", "default"}
NUMBERS = {"integer": "1", "number": "any"}


@dataclass(frozen=True)
class Input:
    """One input of a form. `kind` is `choice`, `number`, `text`, `long`, `picture` or `json`.

    `choices` are the values of a choice as JSON, `value` what stands there at first; `multiple`: several pictures,
    `formats`: the types of a picture.
    """

    name: str
    kind: str
    required: bool
    note: str
    rules: tuple[Rule, ...]
    value: str = ""
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    default: str = ""
    low: float | None = None
    high: float | None = None
    step: str = ""
    longest: int | None = None
    multiple: bool = False
    formats: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[tuple[Rule, ...], ...]:
        """The rules as they are read."""
        return in_lines(self.rules)

    @property
    def hints(self) -> tuple[tuple[Rule, ...], ...]:
        """Those rules that the input does not show by itself."""
        shown = SHOWN | {"type", "enum"} if self.kind == "choice" else SHOWN
        return in_lines(rule for rule in self.rules if rule.keyword not in shown)


def inputs(model: Model) -> tuple[Input, ...]:
    """The inputs for a model, those that must be filled in first."""
    body = sample(model) or {}
    made = [_input(model, name, schema, body) for name, schema in model.request["properties"].items() if name != MODEL]
    return tuple(sorted(made, key=lambda one: not one.required))


def is_form(model: Model) -> bool:
    """Whether its pictures can only be sent as files of a form."""
    return bool(model.images) and all(set(rule["forms"]) <= FILES for rule in model.images.values())


def body_of(model: Model, given: Mapping[str, str]) -> dict[str, Any]:
    """The body that a filled form makes; what is empty is not sent. Raises ValueError, naming the field."""
    body: dict[str, Any] = {MODEL: model.id}
    for one in inputs(model):
        text = given.get(one.name, "")
        if text.strip():
            body[one.name] = _read(one, text)
    return body


def _read(one: Input, text: str) -> Any:
    if one.kind in ("text", "long") or (one.kind == "picture" and not one.multiple):
        return text if one.kind == "long" else text.strip()
    if one.kind == "picture":
        return text.split()
    try:
        return json.loads(text)
    except ValueError as reason:
        raise ValueError(f"{one.name}: expected JSON, received {text[:80]!r}") from reason


def _input(model: Model, name: str, schema: Mapping[str, Any], body: Mapping[str, Any]) -> Input:
    kind = _kind(model, name, schema)
    value = body.get(name)
    has_value = name in body and kind != "picture" and not is_picture(value)
    return Input(
        name=name,
        kind=kind,
        required=name in model.request.get("required", ()),
        note=field_note(model, name),
        rules=field_rules(model, name),
        value=_shown(kind, value) if has_value else "",
        choices=tuple(_choices(schema)) if kind == "choice" else (),
        examples=tuple(_shown(kind, each) for each in schema.get("examples", ()))[:8],
        default=_shown(kind, schema["default"]) if "default" in schema else "",
        low=schema.get("minimum"),
        high=schema.get("maximum"),
        step=NUMBERS.get(str(schema.get("type")), ""),
        longest=schema.get("maxLength"),
        multiple=schema.get("type") == "array",
        formats=tuple(f"image/{each}" for each in model.images.get(name, {}).get("formats", ())),
    )


def _kind(model: Model, name: str, schema: Mapping[str, Any]) -> str:
    if name in model.images:
        return "picture"
    if "enum" in schema or schema.get("type") == "boolean":
        return "choice"
    if schema.get("type") in NUMBERS:
        return "number"
    if schema.get("type", "string") == "string" and "anyOf" not in schema:
        return "long" if name in LONG else "text"
    return "json"


def _choices(schema: Mapping[str, Any]) -> Iterator[str]:
    values = schema.get("enum", (True, False))
    yield from (json.dumps(value, ensure_ascii=False) for value in values)


def _shown(kind: str, value: Any) -> str:
    """A value as it stands in an input."""
    return value if isinstance(value, str) and kind in ("text", "long") else json.dumps(value, ensure_ascii=False)
