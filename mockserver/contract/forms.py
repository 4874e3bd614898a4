"""A request as `multipart/form-data`, for models that take uploaded files: how SDKs send a picture to be edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .published import mapped, published
from .wording import in_words

Schema = Mapping[str, Any]
# 3.1 says `contentMediaType`; generators of clients still ask for `format`.
FILE = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}


def form_of(request: Schema) -> dict[str, Any] | None:
    """The schema of a request's form, uploaded files as such and the rest as in JSON; None where there is no file."""
    return _part(published(request)) if _takes_file(request) else None


def _takes_file(schema: Schema) -> bool:
    if _is_file(schema):
        return True
    items = [schema["items"]] if isinstance(schema.get("items"), Mapping) else []
    return any(map(_takes_file, [*items, *schema.get("anyOf", ()), *schema.get("properties", {}).values()]))


def _is_file(schema: Schema) -> bool:
    return "file" in schema.get("x-image", {}).get("forms", ()) and schema.get("type") != "string"


def _part(schema: Schema) -> dict[str, Any]:
    """The schema without our keywords, which say what JSON is to hold."""
    if _is_file(schema):
        uploaded = {**schema["x-image"], "forms": ["part"]}
        return {"description": " ".join(in_words({"x-image": uploaded})), **FILE}
    return mapped({key: value for key, value in schema.items() if not key.startswith("x-")}, _part)
