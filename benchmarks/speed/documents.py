"""One specification for all: our own OpenAPI document of a model, and what each peer needs made of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..judge import script

PATH = "/v1/images/generations"
ANSWER = {"created": 1767225600, "data": [{"url": "http://127.0.0.1/picture.jpeg"}]}
STUB, ROUTE, STATE = (f"5f1ec78f-4c2a-4f3c-8a0a-00000000000{number}" for number in (1, 2, 3))


@dataclass(frozen=True)
class Documents:
    """The files of one model's specification, in a folder."""

    model: str
    folder: Path

    @cached_property
    def full(self) -> Path:
        """OpenAPI 3.1 as `pixelpact models --openapi` prints it."""
        command = [script("pixelpact"), "models", "--openapi", "--model", self.model]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return self._written("full.json", json.loads(done.stdout))

    @cached_property
    def plain(self) -> Path:
        """OpenAPI 3.0 of the same request and one example, for who cannot read the full one."""
        return self._written("plain.json", plain(json.loads(self.full.read_text("utf-8"))))

    @cached_property
    def mockoon(self) -> Path:
        """Mockoon's own format: one route, one fixed answer."""
        return self._written("mockoon.json", _mockoon())

    @cached_property
    def wiremock(self) -> Path:
        """A root folder of WireMock: one stub that answers what the request's schema lets through."""
        self._written("wiremock/mappings/stub.json", _stub(_request(json.loads(self.plain.read_text("utf-8")))))
        return self.folder / "wiremock"

    @cached_property
    def aimock(self) -> Path:
        """A folder of aimock's fixtures: one picture for every prompt."""
        fixture = {"match": {"endpoint": "image"}, "response": {"image": ANSWER["data"][0]}}  # type: ignore[index]  # a list
        return self._written("aimock/fixtures.json", {"fixtures": [fixture]}).parent

    def _written(self, name: str, content: Any) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content), "utf-8")
        return file


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """An OpenAPI 3.0 document of the one operation, without our own keywords."""
    operation = document["paths"][PATH]["post"]
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = _without(document["components"]["schemas"][reference.rpartition("/")[2]])
    answer = {"application/json": {"schema": {"type": "object"}, "example": ANSWER}}
    post = {
        "operationId": operation["operationId"],
        "security": [{"bearer": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "Pictures.", "content": answer}},
    }
    bearer = {"type": "http", "scheme": "bearer", "x-bearerInfoFunc": "connexion_app.allow"}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Pictures", "version": "1"},
        "paths": {PATH: {"post": post}},
        "components": {"securitySchemes": {"bearer": bearer}},
    }


def _without(schema: Any) -> Any:
    """A schema without our own keywords, and without the examples that 3.0 does not know."""
    if isinstance(schema, list):
        return [_without(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _without(value) for key, value in schema.items() if key != "examples" and not key.startswith("x-")}


def _request(document: Mapping[str, Any]) -> Any:
    return document["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]


def _stub(schema: Any) -> dict[str, Any]:
    matcher = {"matchesJsonSchema": schema, "schemaVersion": "V202012"}
    return {
        "request": {"method": "POST", "urlPath": PATH, "bodyPatterns": [matcher]},
        "response": {"status": 200, "jsonBody": ANSWER, "headers": {"Content-Type": "application/json"}},
    }


def _mockoon() -> dict[str, Any]:
    state = {
        "uuid": STATE,
        "body": json.dumps(ANSWER),
        "statusCode": 200,
        "headers": [{"key": "Content-Type", "value": "application/json"}],
        "bodyType": "INLINE",
        "rules": [],
        "default": True,
    }
    route = {"uuid": ROUTE, "type": "http", "method": "post", "endpoint": PATH[1:], "responses": [state]}
    return {
        "uuid": STUB,
        "lastMigration": 33,
        "name": "pictures",
        "port": 0,
        "rootChildren": [{"type": "route", "uuid": ROUTE}],
        "routes": [route],
        "folders": [],
    }
