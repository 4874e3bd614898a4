"""A schema of ours as others are to read it, and back: in words and in plain JSON Schema what our `x-` keywords say.

What is added stands beside our own keywords, and `x-pixelpact-own` says what was there before: the text, or null for
nothing. So a document that is published can be imported again without loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..errors import SchemaError
from .wording import in_words

Schema = Mapping[str, Any]
OWN = "x-pixelpact-own"
MODEL = "x-pixelpact-model"
ANSWER = "x-pixelpact-answer"
SOURCES = "x-pixelpact-sources"
PROFILE = "x-pixelpact-profile"
COMPONENTS = "#/components/schemas/"
# What a file has, and a part of a document must not.
OF_FILES = {"$schema", "$defs"}
NOTHING: Schema = MappingProxyType({})
SIZE = "^[1-9][0-9]*x[1-9][0-9]*$"
# Not in fours: to count through megabytes takes a pattern hundreds of them.
BASE64 = "[A-Za-z0-9+/]{2,}={0,2}"
# What no pattern can say: that a picture can be opened, and that a size has an area within limits. `uri`, which some
# docs say of a picture, holds for one of its forms alone.
PICTURE_FORMAT = "picture"
SIZE_FORMAT = "size"
# `image/jpg` is read as `image/jpeg`.
SPELLINGS = {"jpeg": "jpe?g"}


@dataclass(frozen=True)
class Published:
    """A model as a document brings it: the fields of its model.json, its request and answer, and the answer's status.

    `profile` is the reading that the document was made of, and the only one whose schemas it has.
    """

    model: Mapping[str, Any]
    profile: str
    request: Schema
    answer: Schema
    status: int


def published(schema: Schema, more: Schema = NOTHING) -> dict[str, Any]:
    """The schema with all that its `x-` keywords say said in words, and in plain JSON Schema where that can be.

    `more` are further keywords for it.
    """
    inner = mapped(schema, published)
    added = {**_plain(inner), **_worded(inner), **more}
    if not added:
        return inner
    return {**inner, **added, OWN: {key: inner.get(key) for key in added}}


def restored(schema: Schema) -> dict[str, Any]:
    """The schema that `published` was given."""
    inner = mapped(schema, restored)
    own = inner.pop(OWN, {})
    for extra in (MODEL, ANSWER):
        inner.pop(extra, None)
    kept = {key: own.get(key, value) for key, value in inner.items()}
    return {key: value for key, value in kept.items() if value is not None or key not in own}


def models_of(document: Mapping[str, Any]) -> Iterator[Published]:
    """The models of a document that `contract.openapi` made; none of another's. Raises SchemaError."""
    schemas = _object(_object(document.get("components")).get("schemas"))
    profile = _object(document.get("info")).get(PROFILE, "observed")
    for name, request in schemas.items():
        if isinstance(request, Mapping) and MODEL in request:
            try:
                given = request[ANSWER]
                answer = schemas[given["schema"]["$ref"].removeprefix(COMPONENTS)]
                status = int(given["status"])
            except (KeyError, TypeError, AttributeError, ValueError) as reason:
                raise SchemaError(name, f"/{ANSWER}", "no status and schema of the answer") from reason
            yield Published(request[MODEL], profile, restored(request), restored(answer), status)


def _object(node: Any) -> Schema:
    return node if isinstance(node, Mapping) else NOTHING


def mapped(schema: Schema, change: Callable[[Schema], dict[str, Any]]) -> dict[str, Any]:
    """A copy of a schema with the schemas in it changed."""
    copy = {key: value for key, value in schema.items() if key not in OF_FILES}
    if "properties" in copy:
        copy["properties"] = {name: change(inner) for name, inner in copy["properties"].items()}
    if isinstance(copy.get("items"), Mapping):
        copy["items"] = change(copy["items"])
    for key in ("anyOf", "oneOf"):
        if key in copy:
            copy[key] = [change(inner) for inner in copy[key]]
    return copy


def _worded(schema: Schema) -> dict[str, Any]:
    words = in_words(schema)
    return {"description": " ".join(filter(None, [schema.get("description"), *words]))} if words else {}


def _plain(schema: Schema) -> dict[str, Any]:
    """What of the rules a plain pattern can say; it takes at least all that the rule takes."""
    if "array" in schema.get("type", ()) and "items" not in schema:
        # Generators of clients want it said that anything may be in it.
        return {"items": {}}
    # Neither a format nor a pattern says anything of what is no string.
    if "x-size" in schema:
        said = {"format": SIZE_FORMAT, "pattern": SIZE}
    elif "x-image" in schema and (forms := _forms(schema["x-image"])):
        said = {"format": PICTURE_FORMAT, "pattern": f"^(?:{'|'.join(forms)})$"}
    else:
        return {}
    return {key: value for key, value in said.items() if key == "format" or key not in schema}


def _forms(rule: Mapping[str, Any]) -> list[str]:
    formats = [SPELLINGS.get(name, name) for name in (*rule["formats"], *rule.get("tolerated", ()))]
    patterns = {
        "data-uri": f"data:image/(?:{'|'.join(formats)});base64,{BASE64}",
        "base64": BASE64,
        "url": r"[Hh][Tt][Tt][Pp][Ss]?://\S+",
    }
    return [patterns[form] for form in rule["forms"] if form in patterns]
