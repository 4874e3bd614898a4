"""The operations of a specification as offers: one for each model that a request may name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ..openapi.pointers import unescaped
from ..openapi.schemas import Place as Spot
from ..openapi.schemas import resolved
from ..openapi.spec import Operation, Spec, contents
from .parts import node
from .values import ANSWER, REQUEST, SPEC, Offer, Schema

# What an operation has beside its contract, by the words for it.
LOOSE = {
    "samples": ("x-codeSamples", "x-code-samples"),
    "operation id": ("operationId",),
    "tags": ("tags",),
    "summary": ("summary", "description"),
    "try-it panel": ("x-hideTryItPanel",),
}


def spec_offers(spec: Spec) -> Iterator[Offer]:
    """What a specification says of each model."""
    text = json.dumps(spec.document)
    for operation in spec.operations:
        place = spec.at(operation.pointer)
        above = _above(spec, operation)
        servers = _objects(operation.raw.get("servers", above.get("servers", spec.document.get("servers"))))
        urls = [str(each["url"]) for each in servers if "url" in each]
        parameters = _parameters(
            _resolved(above.get("parameters"), place), _resolved(operation.raw.get("parameters"), place)
        )
        headers, media = dict(_headers(operation, place)), dict(_media(operation, place))
        for model in operation.models or ("",):
            yield Offer(
                model,
                f"{operation.method.upper()} {_base_path(urls)}{operation.path}",
                spec.name,
                SPEC,
                request=_of_model(operation.request, model),
                answers=operation.answers,
                parameters=parameters,
                headers=headers,
                media=media,
                security=_security(spec.document, operation.raw),
                facts=_facts(urls, operation.raw),
                loose=_loose(spec.document, operation.raw),
                text=text,
            )


def _of_model(request: Schema | None, model: str) -> Schema | None:
    """A request schema with one model of those that it admits: another one in its list changes nothing for this."""
    if request is None or not isinstance(request.get("properties"), Mapping):
        return request
    fields = request["properties"]
    rule = fields.get("model")
    if not isinstance(rule, Mapping) or not isinstance(rule.get("enum"), list) or model not in rule["enum"]:
        return request
    return {**request, "properties": {**fields, "model": {**rule, "enum": [model]}}}


def _above(spec: Spec, operation: Operation) -> Schema:
    """The path that an operation stands in, with what it says for all of its operations."""
    found: Any = spec.document
    for step in operation.pointer.split("/")[1:-1]:
        found = found.get(unescaped(step)) if isinstance(found, Mapping) else None
    return node(found)


def _resolved(listed: Any, place: Spot) -> list[Mapping[str, Any]]:
    """Objects of a list, each in place of a reference to it."""
    return _objects([resolved(each, place)[0] for each in _objects(listed)])


def _parameters(above: list[Mapping[str, Any]], own: list[Mapping[str, Any]]) -> Schema:
    """Headers and parameters of path and query as the fields of an object; an operation's go before its path's."""
    named = {(each["in"], each["name"]): each for each in (*above, *own) if {"in", "name"} <= set(each)}
    return _fields({f"{where} {name}": each for (where, name), each in named.items()})


def _fields(named: Mapping[str, Mapping[str, Any]]) -> Schema:
    """Parameters or headers as an object."""
    return {
        "type": "object",
        "properties": {name: each.get("schema", {}) for name, each in named.items()},
        "required": [name for name, each in named.items() if each.get("required")],
    }


def _responses(operation: Operation, place: Spot) -> Iterator[tuple[str, Any, Spot]]:
    listed = node(operation.raw.get("responses"))
    yield from ((status, *resolved(listed[status], place.inside("responses", status))) for status in listed)


def _headers(operation: Operation, place: Spot) -> Iterator[tuple[str, Schema]]:
    """The headers of each answer, whose names are alike in any case."""
    for status, response, there in _responses(operation, place):
        named = node(node(response).get("headers"))
        yield status, _fields({name.lower(): node(resolved(named[name], there)[0]) for name in named})


def _media(operation: Operation, place: Spot) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The media types of the request and of each answer."""
    body, there = resolved(operation.raw.get("requestBody"), place.inside("requestBody"))
    bodies = [(REQUEST, body, there)]
    bodies += [(f"{ANSWER} {status}", response, spot) for status, response, spot in _responses(operation, place)]
    for part, found, spot in bodies:
        kinds = [media.partition(";")[0].strip().lower() for media, _, _ in contents(found, spot)]
        yield part, tuple("application/json" if kind.endswith("+json") else kind for kind in kinds)


def _base_path(urls: list[str]) -> str:
    """What stands before every path: that of the first server."""
    return _parts(urls[0]).path.rstrip("/") if urls else ""


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _security(document: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    requirements = _objects(raw.get("security", document.get("security")))
    schemes = node(node(document.get("components")).get("securitySchemes"))
    names = [name for each in requirements for name in each]
    return {name: _words(schemes.get(name)) for name in names}


def _words(scheme: Any) -> dict[str, str]:
    """The plain members of a security scheme, without prose."""
    return {key: value for key, value in node(scheme).items() if isinstance(value, str) and key != "description"}


def _objects(listed: Any) -> list[Mapping[str, Any]]:
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []


def _facts(urls: list[str], raw: Mapping[str, Any]) -> dict[str, str]:
    origins = [f"{parts.scheme}://{parts.netloc}" for parts in map(_parts, urls) if parts.netloc]
    standing = {"standing": "deprecated"} if raw.get("deprecated") else {}
    return {**({"server": ", ".join(origins)} if origins else {}), **standing}


def _loose(document: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """What no program goes by, by the words for it."""
    loose = {words: [raw.get(key) for key in keys] for words, keys in LOOSE.items()}
    known = {key for keys in LOOSE.values() for key in keys}
    answers = node(raw.get("responses"))
    return {
        **loose,
        "title and version of the document": [document.get("info"), document.get("openapi")],
        "descriptions of the answers": {status: node(answers[status]).get("description") for status in answers},
        "extensions": {key: value for key, value in raw.items() if key.startswith("x-") and key not in known},
    }
