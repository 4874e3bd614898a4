"""`pixelpact models`: every model in a line, all of it in JSON, and what is served as OpenAPI."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pixelpact.cli.main import main
from pixelpact.contract.contract import load, load_all
from pixelpact.contract.openapi import SERVER, document
from pixelpact.service.app import create_app

DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
SHA = "c0ffee" * 10 + "c0ff"
BRUSH: dict[str, Any] = {
    "id": "acme/brush-1",
    "path": "/v1/images/edits",
    "origin": {"file": "brush.json", "sha256": SHA},
    "title": "Brush 1",
    "task": "draw",
    "status": "removed",
    "credits": 1234567,
    "picture": {"container": "png", "quality": 90, "digest": "artist", "folder": "brush"},
    "profiles": {"observed": {"request": "request.json"}},
    "x-source": {},
}
REQUEST: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["model"],
    "properties": {"model": {"enum": ["acme/brush-1"], "x-source": {"*": "brush.json"}}},
    "x-output-size": [{"as": "fixed", "size": "640x480", "source": "brush.json"}],
    "x-source": {"*": "brush.json"},
}
SOURCE = {
    "standing": "documented",
    "place": "acme/docs api/images/brush.json",
    "commit": "0123456789ab",
    "date": "2026-02-03",
    "sha256": SHA,
}


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `pixelpact models` in this process."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["pixelpact", "models", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Done(int(left.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A folder with one model that was imported."""
    place = tmp_path / "acme" / "brush-1"
    place.mkdir(parents=True)
    (place / "model.json").write_text(json.dumps(BRUSH))
    (place / "request.json").write_text(json.dumps(REQUEST))
    (tmp_path / "sources.json").write_text(json.dumps({"brush.json": SOURCE}))
    return tmp_path


# For people


def test_every_model_has_a_line_under_its_path(run: Run, schemas: Path) -> None:
    lines = run("--schemas", schemas).lines
    models = load(schemas).models.values()

    shown = [line.split()[0] for line in lines if line.startswith("  ")]
    paths = [line for line in lines if line.startswith("/")]

    assert sorted(shown) == sorted(model.key for model in models)
    assert paths == list(dict.fromkeys(model.path for model in models))


def test_a_line_says_task_status_credits_and_source(run: Run, schemas: Path) -> None:
    (line,) = [line for line in run("--schemas", schemas).lines if "acme/brush-1" in line]

    assert re.split(r" {2,}", line.strip()) == [
        "acme/brush-1",
        "draw",
        "removed",
        "1,234,567",
        "brush.json at 01234567 2026-02-03",
    ]


def test_lines_are_aligned(run: Run) -> None:
    lines = [line for line in run().lines if line.startswith("  ")]

    assert len({re.search(r"(?:current|deprecated|removed)", line).start() for line in lines}) == 1  # type: ignore[union-attr]
    assert max(map(len, lines)) <= 160


def test_the_list_ends_with_counts_and_profiles(run: Run, schemas: Path) -> None:
    done = run("--schemas", schemas, "--model", "acme/*")

    assert "1 model (1 removed); credits are for one picture" in done.lines
    assert [line.split()[0] for line in done.lines[-len(load_all()) :]] == list(load_all())


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [(DREAM, {DREAM}), ("bytedance/seed*-3.0*", {DREAM, EDIT}), ("acme/*", {"acme/brush-1"})],
)
def test_models_are_chosen_by_pattern(run: Run, schemas: Path, pattern: str, keys: set[str]) -> None:
    done = run("--schemas", schemas, "--model", pattern, "--json")

    assert {model["key"] for model in json.loads(done.out)["models"]} == keys


def test_several_patterns_choose_what_any_of_them_does(run: Run, schemas: Path) -> None:
    done = run("--schemas", schemas, "--model", "acme/*", "--model", DREAM, "--json")

    assert [model["key"] for model in json.loads(done.out)["models"]] == ["acme/brush-1", DREAM]


@pytest.mark.parametrize("more", [(), ("--json",), ("--openapi",)])
def test_a_pattern_that_no_model_has_is_wrong_usage(run: Run, more: tuple[str, ...]) -> None:
    done = run("--model", "bytedance/seedraem-3.0", *more)

    assert (done.code, done.out) == (2, "")
    assert "unknown model 'bytedance/seedraem-3.0'" in done.err
    assert f"did you mean {DREAM}" in done.err


def test_at_length_there_is_the_rest(run: Run, schemas: Path) -> None:
    lines = run("--schemas", schemas, "--model", "acme/*", "--long").lines

    assert lines[:5] == [
        "acme/brush-1  Brush 1, draw, removed, 1,234,567 credits a picture",
        "  path: /v1/images/edits",
        "  source: documented: acme/docs api/images/brush.json at 0123456789ab (2026-02-03)",
        f"  imported from: brush.json, sha256 {SHA}",
        "  profiles: observed, observed-nulls, observed-images, observed-201",
    ]


# For programs


def test_json_has_all_that_is_known(run: Run, schemas: Path) -> None:
    done = run("--schemas", schemas, "--model", "acme/*", "--json")

    assert json.loads(done.out)["models"] == [
        {
            "id": "acme/brush-1",
            "title": "Brush 1",
            "task": "draw",
            "status": "removed",
            "credits": 1234567,
            "profiles": ["observed", "observed-nulls", "observed-images", "observed-201"],
            "key": "acme/brush-1",
            "path": "/v1/images/edits",
            "origin": "brush.json",
            "source": {
                "name": "brush.json",
                "standing": "documented",
                "place": "acme/docs api/images/brush.json",
                "commit": "0123456789ab",
                "date": "2026-02-03",
            },
            "sha256": SHA,
        }
    ]


def test_json_has_what_it_always_had(run: Run) -> None:
    listed = json.loads(run("--json").out)

    assert list(listed) == ["models", "profiles"]
    assert all({"id", "title", "task", "status", "credits", "profiles"} <= model.keys() for model in listed["models"])
    assert list(listed["profiles"]) == list(load_all())


def test_a_model_of_a_profile_of_the_past_alone_is_listed_too(run: Run) -> None:
    keys = {model["key"] for model in json.loads(run("--json").out)["models"]}

    assert keys == {key for contract in load_all().values() for key in contract.models}


# As OpenAPI


def test_openapi_is_of_the_live_api_unless_told(run: Run) -> None:
    made = json.loads(run("--openapi").out)

    assert made["servers"] == [{"url": SERVER}]
    assert made == document(load())


def test_openapi_of_a_server_is_what_a_mock_there_serves(run: Run, schemas: Path) -> None:
    done = run("--openapi", "--server", "http://localhost")

    assert json.loads(done.out) == create_app().test_client().get("/openapi.json").json


def test_openapi_is_of_the_profile_schemas_and_models_asked_for(run: Run, schemas: Path) -> None:
    past = json.loads(run("--openapi", "--profile", "2025-08").out)
    mine = json.loads(run("--openapi", "--schemas", schemas, "--model", "acme/*").out)

    assert past["info"]["x-pixelpact-profile"] == "2025-08"
    assert "201" in past["paths"]["/v1/images/generations"]["post"]["responses"]
    assert list(mine["paths"]) == ["/v1/images/edits", "/v1/models", "/{folder}/{name}"]


@pytest.mark.parametrize("option", [("--server", "http://localhost"), ("--profile", "observed")])
def test_what_is_for_openapi_alone_is_refused_without(run: Run, option: tuple[str, str]) -> None:
    done = run(*option)

    assert (done.code, done.out) == (2, "")
    assert "--server, --profile: expected beside --openapi, received without it" in done.err


def test_an_unknown_profile_is_wrong_usage(run: Run) -> None:
    done = run("--openapi", "--profile", "2031-01")

    assert done.code == 2
    assert "unknown profile '2031-01'" in done.err


def test_two_processes_write_the_same_bytes() -> None:
    command = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", "models", "--openapi"]

    first, second = (subprocess.run(command, capture_output=True, check=True, timeout=60).stdout for _ in range(2))

    assert first == second
    assert first.startswith(b'{\n  "openapi": "3.1.0",')
