"""A request as `multipart/form-data`, for models that take uploaded files: how SDKs send a picture to be edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .images import formats
from .published import mapped, published
from .wording import in_words

Schema = Mapping[str, Any]
# 3.1 says `contentMediaType`; generators of clients still ask for `format`.
FILE = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}


def form_of(request: Schema) -> dict[str, Any] | None:
    """The schema of a request's form, uploaded files as such and the rest as in JSON; None where there is no file."""
    return _part(published(request)) if any(_files(request)) else None


def encoding_of(request: Schema) -> dict[str, Any]:
    """What the parts of a request's form are sent as: the media types of each field of files."""
    types: dict[str, Any] = {}
    for name, schema in request["properties"].items():
        named = dict.fromkeys(f"image/{each}" for rule in _files(schema) for each in formats(rule))
        if named:
            types[name] = {"contentType": ", ".join(named)}
    return types


def _files(schema: Schema) -> Iterator[Schema]:
    """The rules of the uploaded files in a schema."""
    if _is_file(schema):
        yield schema["x-image"]
        return
    items = [schema["items"]] if isinstance(schema.get("items"), Mapping) else []
    for inner in [*items, *schema.get("anyOf", ()), *schema.get("properties", {}).values()]:
        yield from _files(inner)


def _is_file(schema: Schema) -> bool:
    return "file" in schema.get("x-image", {}).get("forms", ()) and schema.get("type") != "string"


def _part(schema: Schema) -> dict[str, Any]:
    """The schema without our keywords, which say what JSON is to hold."""
    if _is_file(schema):
        uploaded = {**schema["x-image"], "forms": ["part"]}
        return {"description": " ".join(in_words({"x-image": uploaded})), **FILE}
    several = next((branch for branch in schema.get("anyOf", ()) if branch.get("type") == "array"), None)
    if several is not None and any(map(_is_file, schema["anyOf"])):
        # Parts of one name: one of them is as good as several, and none cannot be sent.
        return _part({"minItems": 1, **several})
    return mapped({key: value for key, value in schema.items() if not key.startswith("x-")}, _part)
