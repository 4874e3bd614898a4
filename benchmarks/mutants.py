"""Mechanical mutants: each operator over each field of the answer and of the flat error, and over both as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .answers import status
from .bends import GONE, changed, headed, sends
from .faults import Planted
from .wire import Fault

Operator = Callable[[Any], Any]
ODD = "\u202e\x07\N{COLLISION SYMBOL}\ud800"
ANY: dict[str, Operator] = {"delete": lambda _: GONE, "null": lambda _: None}
NUMBER: dict[str, Operator] = {
    **ANY,
    "type": str,
    "zero": lambda _: 0,
    "negative": lambda now: -now,
    "huge": lambda _: 10**18,
}
TEXT: dict[str, Operator] = {
    **ANY,
    "type": lambda _: 5,
    "empty": lambda _: "",
    "long": lambda now: now + "x" * 10_000,
    "odd": lambda now: now + ODD,
}
LIST: dict[str, Operator] = {
    **ANY,
    "type": lambda now: {"0": now},
    "empty": lambda _: [],
    "doubled": lambda now: now * 2,
}
OBJECT: dict[str, Operator] = {**ANY, "type": lambda now: [now], "extra": lambda now: {**now, "x_extra": "new"}}
WHOLE = {name: OBJECT[name] for name in ("null", "type", "extra")}
SUCCESS: dict[tuple[str | int, ...], dict[str, Operator]] = {
    (): WHOLE,
    ("created",): NUMBER,
    ("data",): LIST,
    ("data", 0): WHOLE,
    ("data", 0, "url"): TEXT,
    ("data", 0, "b64_json"): TEXT,
    ("meta",): OBJECT,
    ("meta", "usage"): OBJECT,
    ("meta", "usage", "credits_used"): NUMBER,
    ("meta", "usage", "usd_spent"): NUMBER,
}
FAILURE: dict[tuple[str | int, ...], dict[str, Operator]] = {
    (): WHOLE,
    ("message",): TEXT,
    ("path",): TEXT,
    ("requestId",): TEXT,
    ("statusCode",): NUMBER,
    ("timestamp",): TEXT,
}
# What the contract leaves open: more than it names, optional cost, any words in a message, any form of an id; and a
# status as text, which real bodies have.
PERMITTED = {
    *(f"answer{name} extra" for name in ("", ".data.0", ".meta", ".meta.usage")),
    *(f"answer.meta{name} {how}" for name in ("", ".usage") for how in ("delete", "null")),
    "answer.meta.usage.usd_spent delete",
    "error extra",
    *(f"error.{name} {how}" for name in ("message", "requestId") for how in ("long", "odd")),
    "error.statusCode type",
}


def _mutants() -> Iterator[tuple[str, Fault]]:
    for keys, operators in SUCCESS.items():
        for name, operator in operators.items():
            yield f"{'.'.join(map(str, ('answer', *keys)))} {name}", _answer(keys, operator)
    for keys, operators in FAILURE.items():
        for name, operator in operators.items():
            yield f"{'.'.join(map(str, ('error', *keys)))} {name}", _error(keys, operator)
    for side, right, wrong in (("answer", 200, (204, 400, 500)), ("error", 400, (200, 404, 502))):
        yield from ((f"{side} status {code}", sends(status(code), right)) for code in wrong)
        for kind in ("text/html", "application/octet-stream"):
            yield f"{side} content type {kind}", sends(headed(content_type=kind), right)


def _answer(keys: tuple[str | int, ...], operator: Operator) -> Fault:
    return Fault(success=lambda body, _: changed(body, keys, operator))


def _error(keys: tuple[str | int, ...], operator: Operator) -> Fault:
    return Fault(envelope="flat", failure=lambda body, _: changed(body, keys, operator))


MUTANTS = {name: Planted("mutants", fault, name in PERMITTED) for name, fault in _mutants()}
