"""Schemathesis on the same servers: by the docs' own specification, or by one hardened by hand from the schemas."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .judge import Outcome, Tool, run, script
from .wire import DRAW, Fault

SCHEMAS = Path(__file__).parents[1] / "schemas"
OPTIONS = ["--seed=1", "--generation-deterministic", "--max-examples=100", "--continue-on-failure", "--no-color"]
# What those keywords of the project's own come to in plain JSON Schema; the rest cannot be said.
PICTURE = "https://raw.githubusercontent.com/aimlapi/api-docs/main/reference-files/t-rex.png"
IN_PLAIN: dict[str, dict[str, Any]] = {
    "x-size": {"enum": ["512x512", "1024x1024", "1888x301", "2048x2048"]},
    "x-image": {"enum": [PICTURE]},
    "x-artefact": {"format": "uri", "pattern": "^https?://"},
}


def schemathesis(specification: Callable[[str], Any]) -> Tool:
    """What Schemathesis says, by a specification for each model."""

    def judge(url: str, fault: Fault) -> Outcome:
        with TemporaryDirectory(prefix="benchmark-") as folder:
            file, report = Path(folder, "openapi.json"), Path(folder, "report.json")
            file.write_text(json.dumps(specification(fault.model or DRAW)))
            key = ["-H", "Authorization: Bearer test-key", f"--report-json-path={report}"]
            done = run([script("schemathesis"), "run", str(file), "--url", url, *key, *OPTIONS])
            if done.returncode not in (0, 1) or not report.exists():
                return Outcome({}, {}, f"exit {done.returncode}: {(done.stderr or done.stdout)[-400:]}")
            failures = json.loads(report.read_text("utf-8"))["failures"]
            return Outcome({f"{one['type']} {where}": None for one in failures for where in one["operations"]}, {})

    return judge


def as_printed(file: Path) -> Callable[[str], Any]:
    """A specification from a file, whatever the model."""
    return lambda _: json.loads(file.read_text("utf-8"))


@cache
def hardened(model: str) -> Any:
    """An OpenAPI of the endpoint with all of a model's rules that OpenAPI can say."""
    folder = SCHEMAS / model
    answers = {"200": _content(_plain(SCHEMAS / "shared/answer.json", "observed"))}
    errors = _content(_plain(SCHEMAS / "shared/error.json", "observed"))
    operation = {
        "operationId": "generate",
        "security": [{"key": []}],
        "requestBody": {"required": True, **_content(_plain(folder / "request.json", "observed"))},
        "responses": answers | dict.fromkeys(("400", "401", "404", "405", "415", "422", "429"), errors),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": model, "version": "1"},
        "paths": {"/v1/images/generations": {"post": operation}},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _content(schema: Any) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def _plain(file: Path, name: str) -> Any:
    """A definition of a schema file with every reference in its place and no keyword of the project's own."""
    return _inlined(json.loads(file.read_text("utf-8"))["$defs"][name], file)


def _inlined(schema: Any, file: Path) -> Any:
    if isinstance(schema, list):
        return [_inlined(item, file) for item in schema]
    if not isinstance(schema, dict):
        return schema
    own = {key: _inlined(value, file) for key, value in schema.items() if key != "$ref" and not key.startswith("x-")}
    plain = {key: value for keyword in schema.keys() & IN_PLAIN.keys() for key, value in IN_PLAIN[keyword].items()}
    if "$ref" not in schema:
        return {**plain, **own}
    where, _, pointer = schema["$ref"].partition("#/$defs/")
    return {**_plain((file.parent / where).resolve() if where else file, pointer), **plain, **own}
