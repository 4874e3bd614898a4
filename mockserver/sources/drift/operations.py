"""The operations of a specification as offers: one for each model that a request may name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..openapi.spec import Spec
from .parts import node
from .values import SPEC, Offer, Schema

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
        for model in operation.models or ("",):
            yield Offer(
                model,
                f"{operation.method.upper()} {operation.path}",
                spec.name,
                SPEC,
                request=_of_model(operation.request, model),
                answers=operation.answers,
                parameters=_parameters(operation.raw.get("parameters")),
                security=_security(spec.document, operation.raw),
                facts=_facts(spec.document, operation.raw),
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


def _parameters(parameters: Any) -> Schema:
    """Headers and parameters of path and query as the fields of an object."""
    named = [each for each in _objects(parameters) if {"in", "name"} <= set(each)]
    return {
        "type": "object",
        "properties": {f"{each['in']} {each['name']}": each.get("schema", {}) for each in named},
        "required": [f"{each['in']} {each['name']}" for each in named if each.get("required")],
    }


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


def _facts(document: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, str]:
    servers = _objects(raw.get("servers", document.get("servers")))
    urls = [str(each["url"]) for each in servers if "url" in each]
    standing = {"standing": "deprecated"} if raw.get("deprecated") else {}
    return {**({"server": ", ".join(urls)} if urls else {}), **standing}


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
