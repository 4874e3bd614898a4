"""OpenAPI documents for the tests of the importer: small, and wrong in one place each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
GENERATIONS = "/v1/images/generations"
PROMPT: Json = {"type": "string"}
LINKED: Json = {
    "type": "object",
    "properties": {
        "data": {
            "type": "array",
            "nullable": True,
            "items": {"type": "object", "properties": {"url": {"type": "string", "nullable": True}}},
        }
    },
}


def asking(id: str = "acme/draw", **fields: Any) -> Json:
    """The schema of a request to a model, with these further fields."""
    model: Json = {"type": "string", "enum": [id]}
    return {
        "type": "object",
        "properties": {"model": model, "prompt": PROMPT, **fields},
        "required": ["model", "prompt"],
    }


def json_of(schema: Any) -> Json:
    """A body of that schema."""
    return {"content": {"application/json": {"schema": schema}}}


def operation(request: Any, answer: Any = LINKED, status: str = "200", **more: Any) -> Json:
    """An operation that takes one schema and answers with another."""
    answers = {status: {"description": "", **(json_of(answer) if answer is not None else {})}}
    return {"requestBody": json_of(request), "responses": answers, **more}


def document(paths: Json, version: str = "3.0.0", **components: Any) -> Json:
    """A document of these operations by path, each a POST."""
    items = {path: {"post": each} for path, each in paths.items()}
    info = {"title": "Pictures", "version": "1"}
    return {"openapi": version, "info": info, "paths": items, "components": {"schemas": components}}


def of(request: Any, answer: Any = LINKED, path: str = GENERATIONS, status: str = "200", **components: Any) -> Json:
    """A document of one operation."""
    return document({path: operation(request, answer, status)}, **components)


def put(folder: Path, name: str, content: Json) -> Path:
    """Write a document into a folder."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), "utf-8")
    return file
