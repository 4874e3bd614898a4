"""A request that a model takes, made from its schema alone: what a document shows as an example."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from .models import Model

Schema = Mapping[str, Any]
PROMPT = "A lighthouse on a cliff at dusk"
# What changes a part of any picture, and keeps the rest.
LOCAL_EDIT = "Add a red balloon to the picture."
URL = "https://example.com/picture.png"
# White, 256x256, as a PNG.
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAQAAAAEAAQAAAAB0CZXLAAAAM0lEQVR42u3KoQEAAAwCIP9/Wk9YXYBMeoggCIIgCIIgCIIgCIIgCIIgCIIgCIIg"
    "CMLvMPPS4dI8z/G7AAAAAElFTkSuQmCC"
)
FILE = {
    "fieldname": "image",
    "originalname": "picture.png",
    "encoding": "7bit",
    "mimetype": "image/png",
    "buffer": {"type": "Buffer", "data": list(base64.b64decode(PICTURE))},
}
PICTURES = {"url": URL, "data-uri": f"data:image/png;base64,{PICTURE}", "base64": PICTURE, "file": FILE}


def sample(model: Model) -> dict[str, Any] | None:
    """A body with what the model requires and nothing else; None where none is found that it takes."""
    properties = model.request["properties"]
    edited = [model.request["x-edit"]["input"]] if "x-edit" in model.request else []
    names = dict.fromkeys(["model", *model.request.get("required", ()), *edited])
    body = {name: _value(properties.get(name, {})) for name in names} | {"model": model.id}
    return None if any(model.breaches(body)) else body


def _value(schema: Schema) -> Any:
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if "x-image" in schema:
        forms = schema["x-image"]["forms"]
        return next(value for form, value in PICTURES.items() if form in forms)
    if schema.get("anyOf"):
        return _value(schema["anyOf"][0])
    kinds = schema.get("type", "string")
    return _OF_TYPE[kinds if isinstance(kinds, str) else kinds[0]](schema)


def _number(schema: Schema) -> Any:
    return schema.get("minimum", schema.get("maximum", schema.get("exclusiveMinimum", 0) + 1))


def _text(schema: Schema) -> str:
    if "x-size" in schema:
        return "1024x1024"
    if schema.get("format") == "uri":
        return URL
    padded = PROMPT.ljust(schema.get("minLength", 0), ".")
    return padded[: schema.get("maxLength", len(padded))]


def _array(schema: Schema) -> list[Any]:
    return [_value(schema.get("items", {}))] * max(1, schema.get("minItems", 1))


def _object(schema: Schema) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {name: _value(properties.get(name, {})) for name in schema.get("required", properties)}


_OF_TYPE: dict[str, Callable[[Schema], Any]] = {
    "string": _text,
    "number": _number,
    "integer": _number,
    "boolean": lambda _: False,
    "array": _array,
    "object": _object,
    "null": lambda _: None,
}
