"""What is served as an OpenAPI 3.1 document, complete: security, errors, headers, both forms of answers, every rule.

Rules stand three times: as our `x-` keywords, in words, and in plain JSON Schema where that can say them. The request
of each model is a component of its own, which brings its `model.json` (`x-pixelpact-model`) and names its answer
(`x-pixelpact-answer`); `published.models_of` reads them back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from .contract import Contract
from .forms import encoding_of, form_of
from .models import Model
from .other_paths import ARTEFACT, CLIENT_ID, LIST, artefact, model_list
from .published import ANSWER, COMPONENTS, MODEL, PROFILE, SOURCES, published
from .responses import answered, failed, failures, headers
from .samples import sample

Json = dict[str, Any]
SERVER = "https://api.aimlapi.com"
BEARER = {"type": "http", "scheme": "bearer", "description": "An API key, as `Authorization: Bearer KEY`."}
TAGS = [
    {"name": "Images", "description": "Draw and edit pictures."},
    {"name": "Models", "description": "What there is to draw with."},
]
# Some generators of clients take a dot for a module.
UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def document(
    contract: Contract, server: str = SERVER, models: Sequence[Model] | None = None, *, mock: bool = False
) -> Json:
    """The contract as an OpenAPI 3.1 document for that server, of these models or else all.

    `mock`: as Pixelpact's mock serves it, with the headers that only that has, and its pictures on the same server.
    """
    served = list(contract.models.values()) if models is None else list(models)
    requests = _names(model.key for model in served)
    answers = _answers(served)
    names = {model.key: name for model, name in zip(served, requests, strict=True)}
    made: Json = {
        "openapi": "3.1.0",
        "info": _info(contract),
        "servers": [{"url": server}],
        "tags": TAGS,
        "security": [{"bearer": []}],
        "paths": _paths(contract, served, names, answers, server, mock=mock),
        "components": {
            "securitySchemes": {"bearer": BEARER},
            "headers": headers(),
            "responses": failures(contract),
            "schemas": {**_requests(contract, served, names, answers), **_answer_schemas(contract, served, answers)},
        },
    }
    return {**made, SOURCES: _sources(contract, made)}


def _info(contract: Contract) -> Json:
    return {
        "title": f"Image generation, profile {contract.profile}",
        "version": version("pixelpact"),
        "description": f"What AI/ML API promises of its pictures, as Pixelpact reads it. {contract.summary}",
        PROFILE: contract.profile,
    }


def _paths(
    contract: Contract,
    models: Sequence[Model],
    names: Mapping[str, str],
    answers: Mapping[str, str],
    server: str,
    *,
    mock: bool,
) -> Json:
    paths = list(dict.fromkeys(model.path for model in models))
    operations = _names(_camel(path) for path in paths)
    made: Json = {}
    for path, operation in zip(paths, operations, strict=True):
        here = [model for model in models if model.path == path]
        made[path] = {
            "post": {
                "operationId": operation,
                "summary": "Draw or edit pictures",
                "description": f"Which rules hold is for the request's `model` to say, one of {len(here)}.",
                "tags": ["Images"],
                "security": [{"bearer": []}],
                "parameters": [CLIENT_ID],
                "requestBody": {"required": True, "content": _content(here, names)},
                "responses": {**answered(here, answers, server, mock=mock), **failed(contract)},
            }
        }
    pictures = {ARTEFACT: artefact(models, mock=mock)} if any(model.artefact for model in models) else {}
    return {**made, LIST: {"get": model_list()}, **pictures}


def _content(models: Sequence[Model], names: Mapping[str, str]) -> Json:
    """The request's media types: JSON, and a form where a model takes uploaded files."""
    examples = {model.key: {"value": body} for model in models if (body := sample(model)) is not None}
    shown = {"examples": examples} if examples else {}
    content: Json = {"application/json": {"schema": _one_of({each.id: names[each.key] for each in models}), **shown}}
    forms = {model.id: f"{names[model.key]}_form" for model in models if form_of(model.request)}
    if not forms:
        return content
    encoding = {name: types for model in models for name, types in encoding_of(model.request).items()}
    return {**content, "multipart/form-data": {"schema": _one_of(forms), "encoding": encoding}}


def _one_of(components: Mapping[str, str]) -> Json:
    """The schema of the one model; or of several, told apart by `model`."""
    references = {id: f"{COMPONENTS}{name}" for id, name in components.items()}
    if len(references) == 1:
        return {"$ref": next(iter(references.values()))}
    return {
        "oneOf": [{"$ref": reference} for reference in references.values()],
        "discriminator": {"propertyName": "model", "mapping": references},
    }


def _requests(
    contract: Contract, models: Sequence[Model], names: Mapping[str, str], answers: Mapping[str, str]
) -> Json:
    files = {entry.key: entry.file for entry in contract.entries}
    made: Json = {}
    for model in models:
        answer = {"status": model.success, "schema": {"$ref": f"{COMPONENTS}{answers[model.key]}"}}
        as_read = contract.documents.by_path[files[model.key]]
        name = names[model.key]
        # Generators of clients name classes by titles, so no two are alike.
        more = {"title": name, **({} if model.status == "current" else {"deprecated": True})}
        made[name] = {**published(model.request, more), MODEL: as_read, ANSWER: answer}
    forms = {f"{names[model.key]}_form": form_of(model.request) for model in models}
    return {**made, **{name: {**form, "title": name} for name, form in forms.items() if form}}


def _answers(models: Sequence[Model]) -> dict[str, str]:
    """The name of each model's answer among the components: those that are alike share one."""
    alike: dict[str, str] = {}
    found = {}
    for model in models:
        text = json.dumps(model.answer)
        alike.setdefault(text, f"{component_name(model.key)}_answer")
        found[model.key] = alike[text]
    return dict.fromkeys(found, "answer") if len(alike) == 1 else found


def _answer_schemas(contract: Contract, models: Sequence[Model], answers: Mapping[str, str]) -> Json:
    made = {**{answers[model.key]: model.answer for model in models}, "error": contract.error}
    return {name: published(schema, {"title": name}) for name, schema in made.items()}


def _sources(contract: Contract, made: Any) -> Json:
    """The sources that a document names, as sources.json has them."""
    known: Mapping[str, Any] = contract.documents.by_path["sources.json"]
    named = set(_named(made))
    return {name: fields for name, fields in known.items() if name in named}


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _named(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("x-source", "source"):
                yield from _texts(value)
            else:
                yield from _named(value)


def _texts(value: Any) -> Iterator[str]:
    """The texts of a name, of a list of names, or of an `x-source`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def component_name(key: str) -> str:
    """A model's key as a component can be named: `bytedance_seedream-3-0`."""
    return UNSAFE.sub("-", key.replace("/", "_"))


def _names(keys: Iterable[str]) -> list[str]:
    """A component's name for each key, no two alike."""
    found: dict[str, None] = {}
    for key in keys:
        name, times = component_name(key), 2
        while name in found:
            name, times = f"{component_name(key)}-{times}", times + 1
        found[name] = None
    return list(found)


def _camel(path: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", path.partition("/v1")[2] or path)
    return "create" + "".join(word.capitalize() for word in words)
