"""Values near a schema: those that it just takes, those that it just refuses, and what no schema thinks of."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

DOT = base64.b64encode(b"\x89PNG, or so").decode()
DEEP: Any = []
for _ in range(200):
    DEEP = [DEEP]
NUMBERS = [0, 1, -1, 1.0, -0.0, 1.5, 2**31, 2**53, 2**53 + 1, 2.0**53, 2**63, 2.0**63, 2**64, 10**30, 1e30, 1e308]
NO_NUMBERS = [None, True, False, math.inf, -math.inf, -(10**30)]
TEXTS = ["", "a", "\ud800", "\U0001f600", "404\n", "/x", "404", "2026-01-02T03:04:05.678Z", "a\u00a0b"]
SIZES = ["1024x1024", "1024x1024\n", "512x512", "511x512", "2048x2049", "0512x512", "\u0665x5", "9" * 30 + "x1", "1x1"]
PICTURES = [
    *(DOT, f"data:image/png;base64,{DOT}", f"data:image/jpg;base64,{DOT}", f"data:image/gif;base64,{DOT}"),
    *("data:image/png;base64,", "data:image/png;base64,====", DOT[:-1], f"{DOT} ", "QUJ\u00e9", "data:,x"),
    *("https://example.org/a.png", "https://[::1", "https://a b", "http://h:0/", "ftp://h/x", "a: b", "//h/x"),
    *({"buffer": {"data": [1, 2, 255]}}, {"buffer": {"data": [256]}}, {"buffer": None}),
]
NESTED = [[], {}, [[]], [True], [1], {"a": 1}, {"\ud800": 1}, {"url": 1}, DEEP]
EVERYTHING = [*NUMBERS, *NO_NUMBERS, *TEXTS, *SIZES, *PICTURES, *NESTED]
STRANGE = st.sampled_from(EVERYTHING)
ANYTHING = STRANGE | st.text(max_size=3) | st.integers() | st.floats(allow_nan=False)
GONE = object()
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def near(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema takes, or nearly takes, and sometimes any other."""
    return _near(json.dumps(schema))


@cache
def _near(text: str) -> st.SearchStrategy[Any]:
    made = likely(json.loads(text))
    return st.one_of(*[made] * 7, ANYTHING)


def edges(schema: Mapping[str, Any]) -> list[Any]:
    """What a schema takes or nearly takes, each once, and what no schema thinks of."""
    return [*EVERYTHING, *_edges(schema)]


def _edges(schema: Mapping[str, Any]) -> list[Any]:
    found = [value for keyword in ("enum", "examples") for value in schema.get(keyword, ())]
    found += [schema[keyword] for keyword in ("const", "default") if keyword in schema]
    found += [make(schema[keyword]) for keyword in BOUNDS if keyword in schema for make in AROUND]
    found += _texts(schema)
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found += _edges(branch)
    if "items" in schema:
        items = edges(schema["items"])
        found += [[item] for item in items]
        found += [[items[-1]] * (schema.get(key, 1) + more) for key in ("minItems", "maxItems") for more in (-1, 0, 1)]
    least = {name: _least(schema.get("properties", {}).get(name, {})) for name in schema.get("required", ())}
    found += [{key: least[key] for key in least if key != name} for name in least]
    for name, inner in schema.get("properties", {}).items():
        found += [{**least, name: value} for value in edges(inner)]
    return found


def likely(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema takes, or nearly takes."""
    found = [*map(near, (*schema.get("anyOf", ()), *schema.get("oneOf", ())))]
    found += [make(schema) for keyword, make in BY_KEYWORD.items() if keyword in schema]
    kinds = schema.get("type", ())
    found += [BY_TYPE[kind](schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return st.one_of(found) if found else ANYTHING


def changed(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with some of its fields near what a schema takes, some missing, and some that it does not know."""
    names = [*schema.get("properties", {}), *whole, "strange", "\ud800"]
    changes = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), _field(schema, name)))
    return st.lists(changes, max_size=3).map(lambda made: _laid_over(whole, dict(made)))


def _laid_over(whole: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**whole, **changes}.items() if value is not GONE}


def _field(schema: Mapping[str, Any], name: str) -> st.SearchStrategy[Any]:
    value = near(schema.get("properties", {}).get(name, {}))
    return st.one_of(*[value] * 4, st.just(GONE))


def _bound(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    bounds = [schema[keyword] for keyword in BOUNDS if keyword in schema]
    return st.sampled_from([make(bound) for bound in bounds for make in AROUND])


def _text(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([*_texts(schema), *TEXTS]) | st.text(max_size=5)


def _texts(schema: Mapping[str, Any]) -> list[str]:
    lengths = [schema[keyword] for keyword in ("minLength", "maxLength") if keyword in schema]
    letters = ("a", "\U0001f600", "\ud800")
    return [letter * max(0, length + more) for length in lengths for more in (-1, 0, 1) for letter in letters]


def _array(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
    return st.lists(near(schema.get("items", {})), min_size=max(0, least - 1), max_size=min(most, least + 17) + 1)


def _object(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    whole = {name: _least(schema.get("properties", {}).get(name, {})) for name in schema.get("required", ())}
    return changed(schema, whole)


def _least(schema: Mapping[str, Any]) -> Any:
    """A value that a plain field takes."""
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    made = {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "array": [], "object": {}}
    return schema.get("default", next(iter(schema.get("enum", ())), made.get(kind, "a")))


AROUND = (lambda n: n, lambda n: n + 1, lambda n: n - 1, float, lambda n: n + 0.5, lambda n: n - 1e-7)
BY_KEYWORD: dict[str, Any] = {
    "enum": lambda schema: st.sampled_from(schema["enum"]),
    "const": lambda schema: st.just(schema["const"]),
    "default": lambda schema: st.just(schema["default"]),
    "x-size": lambda _: st.sampled_from(SIZES),
    "x-image": lambda _: st.sampled_from(PICTURES),
    "format": lambda _: st.sampled_from(PICTURES),
    **dict.fromkeys(BOUNDS, _bound),
}
BY_TYPE: dict[str, Any] = {
    "string": _text,
    "integer": lambda _: st.integers() | st.sampled_from(NUMBERS),
    "number": lambda _: st.floats(allow_nan=False) | st.sampled_from(NUMBERS),
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
    "array": _array,
    "object": _object,
}
