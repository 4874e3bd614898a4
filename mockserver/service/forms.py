"""Requests as `multipart/form-data`, read as the JSON that the service makes of them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from ..contract.breaches import InvalidRequest
from ..contract.contract import Contract
from ..contract.inputs import admits
from ..contract.models import Model
from ..contract.parsing import parse
from ..errors import InvalidJson
from .packing import BUFFER, FORM, NotTaken, Octets

MOST_PARTS = 1000
# How SDKs name the parts of an array.
ARRAY = "[]"

Schema = Mapping[str, Any]


def read_form(contract: Contract, path: str, content_type: str, body: bytes) -> dict[str, Any]:
    """The JSON of a form: texts as the model's schema has them, each file as an object with its bytes in `buffer`.

    Raises NotTaken where the model takes no files, and InvalidJson for a body that is no such form.
    """
    try:
        texts, files = _parsed(content_type, body)
    except InvalidJson:
        _check_taken(contract, path, None)
        raise
    model = _model(contract, path, texts.get("model"))
    _check_taken(contract, path, model)
    fields: Mapping[str, Schema] = model.request["properties"] if model else {}
    arrays = {name.removesuffix(ARRAY) for name in (*texts, *files) if name.endswith(ARRAY)}
    given: dict[str, list[Any]] = {}
    for name, text in texts.items(multi=True):
        field = name.removesuffix(ARRAY)
        given.setdefault(field, []).append(_typed(fields.get(field, {}), text))
    for name, file in files.items(multi=True):
        field = name.removesuffix(ARRAY)
        given.setdefault(field, []).append(_uploaded(field, file))
    return {name: _one_or_all(fields.get(name, {}), values, name in arrays) for name, values in given.items()}


def _parsed(content_type: str, body: bytes) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    kind, options = parse_options_header(content_type)
    parser = FormDataParser(_in_memory, max_form_parts=MOST_PARTS, silent=False)
    try:
        _, texts, files = parser.parse(io.BytesIO(body), kind, len(body), options)
    except RequestEntityTooLarge as reason:
        raise InvalidJson(f"not {FORM} of at most {MOST_PARTS:,} parts") from reason
    except ValueError as reason:
        raise InvalidJson(f"not {FORM}: {reason}") from reason
    # A part may come without a name.
    if None in texts or None in files:
        raise InvalidJson(f"not {FORM}: a part without a name")
    return texts, files


def _in_memory(*_: Any, **__: Any) -> io.BytesIO:
    """Where a file goes: the whole body is in memory already, and of limited length."""
    return io.BytesIO()


def _model(contract: Contract, path: str, name: str | None) -> Model | None:
    """The model that is named; None if there is no such one, which is told later."""
    try:
        return contract.check_model({"model": name}, path)
    except InvalidRequest:
        return None


def _check_taken(contract: Contract, path: str, model: Model | None) -> None:
    models = [model] if model else (contract.models[each.key] for each in contract.entries if each.path == path)
    if not any("file" in rule["forms"] for each in models for rule in each.images.values()):
        raise NotTaken


def _uploaded(field: str, file: FileStorage) -> dict[str, Any]:
    """What the service makes of a file: the object of Node's multer, which the docs' schema describes."""
    data = file.stream.read()
    return {
        "fieldname": field,
        "originalname": file.filename or "",
        "encoding": "7bit",
        "mimetype": file.mimetype,
        "size": len(data),
        "buffer": {"type": BUFFER, "data": Octets(data)},
    }


def _one_or_all(schema: Schema, values: list[Any], as_array: bool) -> Any:
    """One value as such, several as an array; and one that was sent as an array's, or may only be one."""
    if len(values) == 1 and isinstance(values[0], list):
        return values[0]
    kinds = set(_kinds(schema))
    wanted = as_array and "array" in kinds
    return values if len(values) > 1 or wanted or kinds in ({"array"}, {"array", "null"}) else values[0]


def _typed(schema: Schema, text: str) -> Any:
    """A text as what the schema takes: itself, if that may be, or the number, the boolean, the JSON that it spells."""
    branches = list(_branches(schema))
    if any(text in branch.get("enum", ()) for branch in branches) or "string" in _kinds(schema) or not _kinds(schema):
        return text
    try:
        value = parse(text.encode("utf-8", "replace"))
    except InvalidJson:
        return text
    items = [branch["items"] for branch in branches if "items" in branch]
    if any(admits(branch, value) for branch in branches):
        return value
    return _typed(items[0], text) if items else text


def _kinds(schema: Schema) -> list[str]:
    kinds = [branch.get("type", []) for branch in _branches(schema)]
    return [each for kind in kinds for each in ([kind] if isinstance(kind, str) else kind)]


def _branches(schema: Schema) -> Iterator[Schema]:
    if "anyOf" in schema:
        for branch in schema["anyOf"]:
            yield from _branches(branch)
    else:
        yield schema
