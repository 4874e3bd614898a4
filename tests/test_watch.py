"""`serve --watch`: a change of a schema folder is served by the next request, and whatever cannot be used is not."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from pixelpact.cli.main import cli
from pixelpact.contract.contract import Contract
from pixelpact.doors import watching
from pixelpact.doors.server import Server
from pixelpact.doors.watching import Watching
from pixelpact.errors import SchemaError, UnknownName
from pixelpact.service.settings import Beginning, Settings
from pixelpact.service.tenants import Tenant
from werkzeug.test import Client, TestResponse

DREAM = "bytedance/seedream-3.0"
BRUSH = "acme/brush-1"
KEY = {"Authorization": "Bearer test-key"}
SIZES = ("640x480", "800x600")


def write(folder: Path, name: str = "brush-1", size: str = SIZES[0], credits: int = 1) -> Path:
    """A folder with one more model, written as editors do: beside the old file, then over it."""
    model = {
        "id": f"acme/{name}",
        "title": "Brush",
        "task": "draw",
        "status": "current",
        "credits": credits,
        "picture": {"container": "jpeg", "quality": 90, "digest": "artist", "folder": "brush"},
        "profiles": {"observed": {"request": "request.json"}},
        "x-source": {},
    }
    request = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["model", "prompt"],
        "properties": {
            "model": {"enum": [model["id"]], "x-source": {"*": "no-evidence"}},
            "prompt": {"type": "string", "x-source": {"*": "no-evidence"}},
        },
        "x-output-size": [{"as": "fixed", "size": size, "source": "no-evidence"}],
        "x-source": {"*": "no-evidence"},
    }
    place = folder / "acme" / name
    place.mkdir(parents=True, exist_ok=True)
    for file, content in (("request.json", request), ("model.json", model)):
        put(place / file, json.dumps(content))
    return folder


def put(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text)
    beside.replace(path)


def ask(app: Any, model: str = BRUSH, **fields: Any) -> TestResponse:
    return Client(app).post("/v1/images/generations", json={"model": model, "prompt": "x", **fields}, headers=KEY)


def tenant_of(app: Watching) -> Tenant:
    return app.mock.tenants.admit({"authorization": KEY["Authorization"]})


def size_of(app: Watching) -> str:
    """The size that the model promises now, told by a picture in the journal."""
    assert ask(app).status_code == 200
    return str(tenant_of(app).journal.calls[-1].facts["size"])


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def watch(said: list[str]) -> Callable[..., Watching]:
    return lambda *folders, **settings: Watching(Settings(schemas=folders, **settings), said.append)


# What is picked up


def test_a_changed_file_is_served_by_the_next_request(
    watch: Callable[..., Watching], said: list[str], tmp_path: Path
) -> None:
    app = watch(write(tmp_path))
    before = size_of(app)

    write(tmp_path, size=SIZES[1])
    app.look()

    assert (before, size_of(app)) == SIZES
    assert said == [f"schemas: changed {BRUSH}"]


def test_models_that_come_and_go_are_told(watch: Callable[..., Watching], said: list[str], tmp_path: Path) -> None:
    app = watch(write(tmp_path))

    shutil.rmtree(tmp_path / "acme")
    write(tmp_path, "brush-2")
    app.look()

    assert said == [f"schemas: added acme/brush-2; removed {BRUSH}"]
    assert (ask(app).status_code, ask(app, "acme/brush-2").status_code) == (400, 200)


def test_a_folder_that_comes_later_and_goes_again_is_followed(
    watch: Callable[..., Watching], said: list[str], tmp_path: Path
) -> None:
    app = watch(tmp_path / "later")
    statuses = [ask(app).status_code]

    for change in (lambda: write(tmp_path / "later"), lambda: shutil.rmtree(tmp_path / "later")):
        change()
        app.look()
        statuses.append(ask(app).status_code)

    assert statuses == [400, 200, 400]
    assert said == [f"schemas: added {BRUSH}", f"schemas: removed {BRUSH}"]


def test_of_several_folders_the_last_wins_again_once_it_is_mended(
    watch: Callable[..., Watching], said: list[str], tmp_path: Path
) -> None:
    app = watch(write(tmp_path / "one"), tmp_path / "two")

    write(tmp_path / "two", size=SIZES[1])
    app.look()
    above = size_of(app)
    shutil.rmtree(tmp_path / "two")
    app.look()

    assert (above, size_of(app)) == (SIZES[1], SIZES[0])
    assert said == [f"schemas: changed {BRUSH}"] * 2


def test_a_rename_that_keeps_size_and_time_is_seen(watch: Callable[..., Watching], tmp_path: Path) -> None:
    app = watch(write(tmp_path))
    request = tmp_path / "acme" / "brush-1" / "request.json"
    then = request.stat()

    put(request, request.read_text().replace("640x480", "480x640"))
    os.utime(request, ns=(then.st_atime_ns, then.st_mtime_ns))
    app.look()

    assert size_of(app) == "480x640"


def test_what_only_looks_changed_is_not_told(watch: Callable[..., Watching], said: list[str], tmp_path: Path) -> None:
    app = watch(write(tmp_path))
    mock = app.mock

    put(tmp_path / "acme" / "brush-1" / "model.json", (tmp_path / "acme" / "brush-1" / "model.json").read_text() + "\n")
    app.look()

    assert (said, app.mock is mock) == ([], True)


def test_a_change_beside_the_models_names_its_file(
    watch: Callable[..., Watching], said: list[str], tmp_path: Path
) -> None:
    app = watch(tmp_path)

    put(tmp_path / "sources.json", json.dumps({"hearsay": {"standing": "assumed", "place": "a rumour"}}))
    app.look()

    assert said == ["schemas: changed sources.json"]
    assert app.mock.contract.documents.sources["hearsay"].place == "a rumour"


# What is not


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"$schema": ', "#: not JSON: "),
        ("", "#: not JSON: "),
        ('{"$schema": "https://json-schema.org/draft/2020-12/schema", "x-sise": {}}', "#: 'x-sise'"),
        ("[" * 100_000, "#: not JSON: "),
        ('{"$ref": "nowhere.json"}', "#: the reference 'nowhere.json' names nothing"),
        ('{"type": "string"}', "#: 'properties' is a required property"),
    ],
    ids=["half-written", "empty", "keyword", "deep", "reference", "role"],
)
def test_a_broken_file_is_told_in_one_line_and_the_last_good_stays(
    watch: Callable[..., Watching], said: list[str], tmp_path: Path, text: str, told: str
) -> None:
    app = watch(write(tmp_path))
    file = tmp_path / "acme" / "brush-1" / "request.json"

    file.write_text(text)
    app.look()

    (line,) = said
    assert line.startswith(f"schemas: {file}{told}")
    assert line.endswith("; what was served before stays")
    assert "\n" not in line
    assert size_of(app) == SIZES[0]


def test_what_is_broken_still_is_not_told_again(
    watch: Callable[..., Watching], said: list[str], tmp_path: Path
) -> None:
    app = watch(write(tmp_path))
    file = tmp_path / "acme" / "brush-1" / "request.json"

    for _ in range(2):
        put(file, "{")
        app.look()
        app.look()

    assert len(said) == 1


def test_mending_is_told(watch: Callable[..., Watching], said: list[str], tmp_path: Path) -> None:
    app = watch(write(tmp_path))

    (tmp_path / "acme" / "brush-1" / "request.json").write_text("{")
    app.look()
    write(tmp_path)
    app.look()
    (tmp_path / "acme" / "brush-1" / "request.json").write_text("{")
    app.look()
    write(tmp_path, size=SIZES[1])
    app.look()

    assert said[1::2] == ["schemas mended: as before", f"schemas mended: changed {BRUSH}"]


@pytest.mark.parametrize(
    "reason",
    [
        UnknownName("profile", "mine", ("observed",)),
        PermissionError(13, "Permission denied", "/acme/model.json"),
        RecursionError(),
        TypeError("'int' object is not iterable"),
    ],
    ids=["profile", "permission", "recursion", "form"],
)
def test_whatever_is_wrong_is_no_reason_to_stop(
    watch: Callable[..., Watching],
    said: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reason: Exception,
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise reason

    app = watch(tmp_path)
    monkeypatch.setattr(watching, "fresh", refuse)

    write(tmp_path)
    app.look()

    (line,) = said
    assert line.startswith((f"schemas: {reason}; ", f"schemas: {tmp_path}/acme/brush-1/model.json#: cannot be used ("))
    assert str(reason) in line
    assert ask(app, DREAM).status_code == 200


# What lives on


def test_tenants_go_on_with_all_that_is_theirs(watch: Callable[..., Watching], tmp_path: Path) -> None:
    app = watch(write(tmp_path), beginning=Beginning(credits=10))
    ask(app)
    tenant = tenant_of(app)
    tenant.faults.add("status", code=429, first=1)

    write(tmp_path, credits=4)
    app.look()
    refused, answered = ask(app), ask(app)

    assert tenant_of(app) is tenant
    assert [entry.status for entry in tenant.journal.calls] == [200, 429, 200]
    assert (refused.status_code, answered.status_code, tenant.credits.spent) == (429, 200, 1 + 4)


def test_a_tenant_of_before_knows_what_came_since(watch: Callable[..., Watching], tmp_path: Path) -> None:
    app = watch(tmp_path)
    ask(app, DREAM)
    tenant = tenant_of(app)

    write(tmp_path, credits=7)
    app.look()
    tenant.credits.set(pictures=2, model=BRUSH)
    tenant.models.remove(BRUSH)

    assert (tenant.credits.balance, ask(app).status_code) == (14, 404)


def test_a_picture_in_the_journal_is_drawn_by_the_newest(watch: Callable[..., Watching], tmp_path: Path) -> None:
    app = watch(tmp_path)
    ask(app, DREAM)
    tenant = tenant_of(app)
    write(tmp_path)
    app.look()

    ask(app)

    assert tenant.journal.picture(tenant.journal.calls[-1]).bytes[:2] == b"\xff\xd8"


def test_a_link_outlives_its_model(watch: Callable[..., Watching], tmp_path: Path) -> None:
    app = watch(write(tmp_path))
    url = ask(app).get_json()["data"][0]["url"]
    before = Client(app).get(url)

    shutil.rmtree(tmp_path / "acme")
    app.look()
    after = Client(app).get(url)

    assert (before.status_code, after.status_code) == (200, 200)
    assert before.data == after.data
    assert ask(app).status_code == 400


def test_an_uploaded_picture_is_still_there_for_its_link(watch: Callable[..., Watching], tmp_path: Path) -> None:
    app = watch(tmp_path)
    picture = Client(app).get(ask(app, DREAM, size="512x512").get_json()["data"][0]["url"]).data
    edit = ask(app, "bytedance/seededit-3.0-i2i", image=base64.b64encode(picture).decode())
    url = edit.get_json()["data"][0]["url"]

    write(tmp_path)
    app.look()

    assert Client(app).get(url).status_code == 200


def test_what_a_tenant_begins_with_may_name_a_model_that_is_gone(
    watch: Callable[..., Watching], tmp_path: Path
) -> None:
    app = watch(write(tmp_path), beginning=Beginning(removed=(BRUSH,)))

    shutil.rmtree(tmp_path / "acme")
    app.look()

    assert ask(app, DREAM).status_code == 200


# Under load


def test_no_request_sees_half_a_change(watch: Callable[..., Watching], tmp_path: Path) -> None:
    """Price and size change together, so a request that saw one of each would tell."""
    app = watch(write(tmp_path))
    done, seen = Event(), set()

    def call() -> None:
        while not done.is_set():
            listed = Client(app).get("/v1/models?include=pricing").get_json()["data"]
            seen.add((ask(app).status_code, BRUSH in [model["id"] for model in listed]))

    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(call) for _ in range(3)]
        for turn in range(1, 7):
            write(tmp_path, size=SIZES[turn % 2], credits=1 + turn % 2)
            app.look()
        done.set()
        for each in calls:
            each.result()

    told = {(entry.facts["size"], entry.facts["charged"]) for entry in tenant_of(app).journal.calls}
    assert seen == {(200, True)}
    assert told <= {(SIZES[0], 1), (SIZES[1], 2)}


def test_a_call_under_way_keeps_to_what_it_began_with(
    watch: Callable[..., Watching], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = watch(write(tmp_path))
    in_between(app, monkeypatch, lambda: write(tmp_path, size=SIZES[1], credits=9))

    ask(app)

    (entry,) = tenant_of(app).journal.calls
    assert (entry.facts["size"], entry.facts["charged"], entry.status) == (SIZES[0], 1, 200)
    assert app.mock.contract.models[BRUSH].credits == 9


def test_a_call_under_way_for_a_model_that_goes_is_answered(
    watch: Callable[..., Watching], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = watch(write(tmp_path))
    in_between(app, monkeypatch, lambda: shutil.rmtree(tmp_path / "acme"))

    assert (ask(app).status_code, ask(app).status_code) == (200, 400)


def in_between(app: Watching, monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """A change that is served once the next call has found its model, and before it is answered."""
    check = Contract.check_model

    def slow(self: Contract, *given: Any) -> Any:
        model = check(self, *given)
        monkeypatch.undo()
        change()
        app.look()
        return model

    monkeypatch.setattr(Contract, "check_model", slow)


# The thread, and the verb


def test_inside_it_the_folders_are_looked_at(said: list[str], tmp_path: Path) -> None:
    with Watching(Settings(schemas=(tmp_path,)), said.append, interval=0.01) as app:
        write(tmp_path)
        deadline = time.monotonic() + 10
        while not said and time.monotonic() < deadline:
            time.sleep(0.01)

    assert (said, ask(app).status_code) == ([f"schemas: added {BRUSH}"], 200)


def test_it_serves_behind_a_socket(watch: Callable[..., Watching], tmp_path: Path) -> None:
    app = watch(tmp_path)

    with Server(app) as server:
        write(tmp_path)
        app.look()
        listed = httpx.get(f"{server.url}/v1/models").json()["data"]

    assert BRUSH in [model["id"] for model in listed]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    folders = [word for name in ("one", "two") for word in ("--schemas", str(tmp_path / name))]
    command = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", "serve", "--port", "0", "--watch"]
    process = subprocess.Popen([*command, *folders], stdout=-1, stderr=-1, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_verb_watches_every_folder_given(serving: subprocess.Popen[str], tmp_path: Path) -> None:
    assert serving.stdout is not None
    assert serving.stderr is not None
    url = serving.stdout.readline().strip()
    serving.stderr.readline()

    write(tmp_path / "two")
    added = serving.stderr.readline()
    (tmp_path / "two" / "acme" / "brush-1" / "model.json").write_text("{")
    broken = serving.stderr.readline()
    answer = httpx.post(f"{url}/v1/images/generations", json={"model": BRUSH, "prompt": "x"}, headers=KEY)
    serving.send_signal(signal.SIGTERM)
    serving.communicate(timeout=20)

    assert added == f"schemas: added {BRUSH}\n"
    assert broken.startswith(f"schemas: {tmp_path}/two/acme/brush-1/model.json#: not JSON: ")
    assert (answer.status_code, serving.returncode) == (200, 0)


def test_watching_nothing_is_wrong_usage() -> None:
    done = CliRunner().invoke(cli, ["serve", "--watch"])

    assert done.exit_code == 2
    assert "--watch: expected --schemas DIR beside it, received none" in done.output


def test_only_a_folder_that_is_watched_may_come_later() -> None:
    done = CliRunner().invoke(cli, ["serve", "--schemas", "/no/such/folder"])

    assert (done.exit_code, "'/no/such/folder' does not exist" in done.output) == (2, True)


def test_what_is_broken_from_the_beginning_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{")

    done = CliRunner().invoke(cli, ["serve", "--watch", "--schemas", str(tmp_path)])

    assert isinstance(done.exception, SchemaError)
