"""Small specifications, and the verb that compares them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pixelpact.cli.main import main

DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
PATH = "/v1/images/generations"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the verb in this process."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["pixelpact", "drift", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Done(int(left.value.code or 0), said.out, said.err)

    return run


def spec(model: str = DREAM, *, watermark: Any = None, tags: Any = None) -> dict[str, Any]:
    fields: dict[str, Any] = {"model": {"type": "string", "enum": [model]}, "prompt": {"type": "string"}}
    if watermark:
        fields["watermark"] = watermark
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": fields}}}}
    operation = {"requestBody": body, "responses": {"200": {"description": "a picture"}}, "tags": tags or []}
    return {"openapi": "3.0.0", "info": {"title": "A", "version": "1"}, "paths": {PATH: {"post": operation}}}


MARK = {"type": "boolean", "default": False}
OLD, DEPRECATED, GONE = spec(watermark=MARK), spec(watermark={**MARK, "deprecated": True}), spec()


def written(folder: Path, **contents: Any) -> dict[str, Path]:
    paths = {name: folder / f"{name}.json" for name in contents}
    for name, path in paths.items():
        path.write_text(json.dumps(contents[name]))
    return paths
