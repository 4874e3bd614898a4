"""Specifications as values: an OpenAPI 3 document with its operations, each request and answer complete in itself.

Nothing else knows the form of an OpenAPI document. A document that is none raises NotASpec; a part of one that cannot
be understood is a Problem, and the rest is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn

from .gathering import Found, gather
from .pointers import escaped
from .problems import NotASpec, Problem
from .schemas import Budget, Place, Report, TooLarge, resolved, schema

__all__ = ["Found", "NotASpec", "Operation", "Problem", "Sample", "Spec", "gather", "read_spec", "read_specs"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
YAML = re.compile(r"\s*(#.*\n|---.*\n|\s*\n)*\s*['\"]?[\w.-]+['\"]?\s*:(\s|$)")
SAMPLES = ("x-codeSamples", "x-code-samples")


@dataclass(frozen=True)
class Sample:
    """A code sample of an operation."""

    lang: str
    source: str
    pointer: str


@dataclass(frozen=True)
class Operation:
    """What can be done at a path: `request` and each of `answers` are 2020-12 schemas without references.

    `models` are the values that the request's `model` may have; `answers` has None where no JSON is documented;
    `answer_pointers` are those of the answers' schemas; `raw` is the operation as it stands, at `pointer`.
    """

    path: str
    method: str
    pointer: str
    models: tuple[str, ...]
    request: Mapping[str, Any] | None
    request_pointer: str
    answers: Mapping[str, Mapping[str, Any] | None]
    secured: bool
    samples: tuple[Sample, ...]
    raw: Mapping[str, Any]
    answer_pointers: Mapping[str, str]


@dataclass(frozen=True)
class Spec:
    """An OpenAPI document: `version` is what it says in `openapi`, `problems` what in it could not be understood."""

    name: str
    sha256: str
    version: str
    document: Mapping[str, Any]
    operations: tuple[Operation, ...]
    problems: tuple[Problem, ...]

    def at(self, pointer: str) -> Place:
        """A place in the document to read on from; what cannot be followed there is in `problems` already."""
        return Place(self.document, lambda *_: None, modern=is_modern(self.version), pointer=pointer)


def is_modern(version: str) -> bool:
    """Whether a document is of OpenAPI 3.1, by its `openapi`."""
    return not version.startswith("3.0")


def contents(body: Any, place: Place) -> Iterator[tuple[str, dict[str, Any], Place]]:
    """The media types of a request's or an answer's body, each with what stands there, and where."""
    content = body.get("content") if isinstance(body, dict) else None
    for media, part in content.items() if isinstance(content, dict) else ():
        yield media, part if isinstance(part, dict) else {}, place.inside("content", media)


def read_specs(found: Iterable[Found | Problem]) -> Iterator[Spec | Problem]:
    """The specifications among documents; a problem for each that is none."""
    for document in found:
        try:
            yield document if isinstance(document, Problem) else read_spec(document.name, document.data)
        except NotASpec as reason:
            yield reason.problem


def read_spec(name: str, data: bytes) -> Spec:
    """The specification of these bytes. Raises NotASpec."""
    problems: dict[Problem, None] = {}

    def report(pointer: str, reason: str) -> None:
        problems[Problem(name, pointer, reason)] = None

    document = _document(name, data, report)
    version = str(document.get("openapi", ""))
    if not version.startswith("3."):
        raise NotASpec(name, "", _no_openapi(document))
    place = Place(document, report, modern=is_modern(version))
    operations = tuple(_operations(document.get("paths", {}), place.inside("paths")))
    return Spec(name, hashlib.sha256(data).hexdigest(), version, document, operations, tuple(problems))


def _document(name: str, data: bytes, report: Report) -> Mapping[str, Any]:
    if not data.strip():
        raise NotASpec(name, "", "an empty file")
    try:
        # JSON may come as UTF-8, UTF-16 or UTF-32, with or without a mark in front.
        text = data.decode(json.detect_encoding(data))
        pairs = partial(_fields, report)
        document = json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse, object_pairs_hook=pairs)
    except UnicodeDecodeError as error:
        raise NotASpec(name, "", f"not text: byte {error.start} is 0x{data[error.start]:02x}") from error
    except RecursionError as error:
        raise NotASpec(name, "", "nested too deeply") from error
    except ValueError as error:
        raise NotASpec(name, "", _no_json(name, text, error)) from error
    if not isinstance(document, dict):
        raise NotASpec(name, "", "no OpenAPI document: not a JSON object")
    return document


def _fields(report: Report, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that is given twice is JSON, but nobody knows what it means."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        report("", f"the key {twice[0][:40]!r} is given twice in one object: the last counts")
    return fields


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _no_json(name: str, text: str, error: ValueError) -> str:
    if name.lower().endswith((".yaml", ".yml")) or YAML.match(text):
        return "YAML is not read: convert it to JSON first, as with `yq -o=json`"
    return f"not JSON: {error}"


def _no_openapi(document: Mapping[str, Any]) -> str:
    if "swagger" in document:
        return f"Swagger {document['swagger']} is not read: convert it to OpenAPI 3 first"
    if "openapi" in document:
        return f"OpenAPI {str(document['openapi'])[:20]} is not read, only 3.0 and 3.1 are"
    return "no OpenAPI document: it has no `openapi`"


def _operations(paths: Any, place: Place) -> Iterator[Operation]:
    for path, item in _members(paths, place, "paths"):
        found, there = resolved(item, place.inside(path))
        for method, operation in _members(found, there, "a path") if found is not None else ():
            if method in METHODS:
                yield from _operation(path, method, operation, there.inside(method))


def _members(node: Any, place: Place, what: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        yield from node.items()
    else:
        place.problem(f"{what} must be an object, not {type(node).__name__}")


def _operation(path: str, method: str, raw: Any, place: Place) -> Iterator[Operation]:
    if not isinstance(raw, dict):
        place.problem(f"an operation must be an object, not {type(raw).__name__}")
        return
    body, there = resolved(raw.get("requestBody", {}), place.inside("requestBody"))
    request, pointer = _content(body, there)
    security = raw.get("security", place.document.get("security"))
    answers: dict[str, Mapping[str, Any] | None] = {}
    pointers: dict[str, str] = {}
    for status, answer in _members(raw.get("responses", {}), place.inside("responses"), "responses"):
        found, where = resolved(answer, place.inside("responses", status))
        answers[status], pointers[status] = _content(found, where)
    yield Operation(
        path=path,
        method=method,
        pointer=place.pointer,
        models=tuple(dict.fromkeys(_models(request or {}))),
        request=request,
        request_pointer=pointer,
        answers=answers,
        secured=isinstance(security, list) and any(security),
        samples=tuple(_samples(raw, place)),
        raw=raw,
        answer_pointers=pointers,
    )


def _content(body: Any, place: Place) -> tuple[dict[str, Any] | None, str]:
    """The schema of a body's JSON and its pointer; None where the body has none."""
    for media, part, where in contents(body, place):
        if _is_json(media) and "schema" in part:
            there = replace(where.inside("schema"), budget=Budget())
            try:
                return schema(part["schema"], there), there.pointer
            except TooLarge:
                there.problem("too large once its references are replaced")
                return {}, there.pointer
    return None, ""


def _is_json(media: str) -> bool:
    kind = media.partition(";")[0].strip().lower()
    return kind in ("application/json", "*/*") or kind.endswith("+json")


def _models(request: Mapping[str, Any]) -> Iterator[str]:
    """The ids that a request may name, those of its branches too."""
    properties = request.get("properties", {})
    rule = properties.get("model", {}) if isinstance(properties, dict) else {}
    for part in (rule, *_listed(rule, "anyOf", "oneOf")):
        values = [*_listed(part, "enum"), part.get("const")]
        yield from (value for value in values if isinstance(value, str))
    for branch in _listed(request, "anyOf", "oneOf", "allOf"):
        yield from _models(branch)


def _listed(schema: Mapping[str, Any], *keywords: str) -> Iterator[Any]:
    for keyword in keywords:
        found = schema.get(keyword)
        yield from found if isinstance(found, list) else ()


def _samples(raw: Mapping[str, Any], place: Place) -> Iterator[Sample]:
    for key in SAMPLES:
        entries = raw.get(key)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                pointer = f"{place.pointer}{escaped(key)}/{index}"
                yield Sample(str(entry.get("lang", "")), str(entry.get("source", "")), pointer)
