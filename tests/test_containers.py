"""The image, the compose file and the GitHub action: what can be tried of them without Docker and without a runner."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import httpx
import pytest
from click.core import ParameterSource
from pixelpact.cli.serve import serve
from pixelpact.doors.environment import NO_PROXY
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from ruamel.yaml import YAML
from werkzeug.wrappers import Response

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ACTION: dict[str, Any] = YAML(typ="safe").load(ROOT / "action.yml")
COMPOSE: dict[str, Any] = YAML(typ="safe").load(ROOT / "docker-compose.yml")
DRAW = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse"}


@pytest.mark.parametrize(
    ("schema", "name"), [("vendor.github-actions", "action.yml"), ("vendor.compose-spec", "docker-compose.yml")]
)
def test_the_file_is_of_the_form_that_its_reader_expects(schema: str, name: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, name]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert checked.returncode == 0, checked.stdout + checked.stderr


# The image


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as pairs of instruction and arguments; lines that go on are joined."""
    written = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", "")
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in written.splitlines() if line)]


def last(instruction: str) -> str:
    return [rest for word, rest in instructions() if word == instruction][-1]


def health_check(port: int) -> list[str]:
    """The command of the health check, at another port and with the interpreter of the tests."""
    command: list[str] = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    return [sys.executable, *(word.replace("8080", str(port)) for word in command[1:])]


def served(*command: str) -> click.Context:
    """What `pixelpact serve` makes of a command line and the environment, without serving."""
    return serve.make_context("serve", list(command))


def test_every_stage_is_built_on_one_pinned_python_that_the_project_supports() -> None:
    first, *others = [rest for word, rest in instructions() if word == "FROM"]
    pinned = re.fullmatch(r"python:3\.(\d+)-slim-[a-z]+ AS base", first)

    assert pinned is not None
    assert int(pinned[1]) >= int(PROJECT["project"]["requires-python"].removeprefix(">=3."))
    assert {other.split()[0] for other in others} == {"base"}


def test_the_image_runs_as_a_user_who_is_not_root() -> None:
    words = [word for word, _ in instructions()]

    assert last("USER").isdigit()
    assert int(last("USER")) > 0
    assert f"--uid {last('USER')} " in last("RUN")
    assert len(words) - words[::-1].index("FROM") < words.index("USER") < words.index("ENTRYPOINT")


def test_the_image_listens_on_every_address_at_the_port_that_it_exposes() -> None:
    entry, command = json.loads(last("ENTRYPOINT")), json.loads(last("CMD"))
    options = served(*command[1:]).params

    assert [*entry, command[0]] == ["pixelpact", serve.name]
    assert (options["host"], str(options["port"])) == ("0.0.0.0", last("EXPOSE"))


def test_the_image_is_stopped_by_the_signal_that_serve_handles() -> None:
    assert last("STOPSIGNAL") == signal.SIGTERM.name


def test_the_image_installs_an_extra_that_exists() -> None:
    (extra,) = re.findall(r"pip install '\.\[(\w+)\]'", "".join(rest for word, rest in instructions() if word == "RUN"))

    assert extra in PROJECT["project"]["optional-dependencies"]


def test_the_build_is_given_all_that_the_wheel_is_made_of_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    sources = {folder.partition("/")[0] for folder in PROJECT["tool"]["setuptools"]["package-dir"].values()}
    described = {"pyproject.toml", PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]}

    assert (lines[0], lines[-1]) == ("*", "**/__pycache__")
    assert {line.removeprefix("!") for line in lines[1:-1]} == sources | described


def test_the_health_check_passes_on_a_mock_that_is_well() -> None:
    with Server(create_app()) as server:
        command = health_check(urlsplit(server.url).port or 0)

        # A proxy that an image inherits is none of its business.
        done = subprocess.run(command, env={**os.environ, "http_proxy": "http://127.0.0.1:1"}, timeout=30)

    assert done.returncode == 0


def test_the_health_check_fails_on_a_server_that_is_ill() -> None:
    with Server(Response("no", status=500)) as server:
        done = subprocess.run(health_check(urlsplit(server.url).port or 0), timeout=30)

    assert done.returncode == 1


def test_the_health_check_fails_where_nobody_listens() -> None:
    done = subprocess.run(health_check(free_port()), capture_output=True, timeout=30)

    assert done.returncode == 1


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


# The compose file


def test_every_setting_of_the_compose_file_is_read_by_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        name: defaulted(value) or "sesame" for name, value in COMPOSE["services"]["pixelpact"]["environment"].items()
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    context = served()

    read = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.ENVIRONMENT]
    assert set(given.values()) - {str(context.params[name]) for name in read} == set()


def defaulted(value: str) -> str:
    """A value of the compose file where the user has set none of its variables."""
    return re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value)


def test_the_state_is_kept_by_the_redis_that_is_waited_for() -> None:
    mock = COMPOSE["services"]["pixelpact"]
    storage = urlsplit(mock["environment"]["PIXELPACT_STATE"])

    assert (storage.scheme, storage.port) == ("redis", 6379)
    assert mock["depends_on"] == {storage.hostname: {"condition": "service_healthy"}}
    assert "redis-cli" in COMPOSE["services"][storage.hostname]["healthcheck"]["test"]


def test_redis_is_pinned_keeps_nothing_and_is_published_nowhere() -> None:
    redis = COMPOSE["services"]["redis"]

    assert re.fullmatch(r"redis:\d+(\.\d+)*(-\w+)?", redis["image"])
    assert redis["command"] == ["redis-server", "--save", "", "--appendonly", "no"]
    assert redis["tmpfs"] == ["/data"]
    assert {"ports", "volumes", "network_mode"} & redis.keys() == set()


def test_the_mock_with_a_known_token_is_published_for_this_machine_alone() -> None:
    (published,) = COMPOSE["services"]["pixelpact"]["ports"]

    assert defaulted(published) == f"127.0.0.1:8080:{last('EXPOSE')}"


# The action

# Stands in for a Python: `-m venv` puts it there too, `-m pip` notes what it is asked for, and what should serve prints
# what the test wants, answers nothing and waits to be stopped.
STAND_IN = """#!{python}
import os, pathlib, signal, sys
match sys.argv[1:]:
    case ["-m", "venv", folder]:
        pathlib.Path(folder, "bin").mkdir(parents=True)
        os.symlink(sys.argv[0], folder + "/bin/python")
    case ["-m", "pip", *asked]:
        pathlib.Path({folder!r}, "asked").write_text("\\n".join(asked))
    case ["-P", "-c", *_]:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        print({says!r}, end="", flush=True)
        print("stand-in of", *sys.argv[4:], file=sys.stderr, flush=True)
        signal.sigwait([signal.SIGTERM])
        pathlib.Path({folder!r}, "stopped").touch()
    case asked:
        os.execv({python!r}, [{python!r}, *asked])
"""


@dataclass(frozen=True)
class Ran:
    """How a run of the action ended: exit code, all that it printed, its outputs and what it exported."""

    code: int
    said: str
    outputs: dict[str, str]
    exported: dict[str, str]


Act = Callable[..., Ran]


@pytest.fixture
def act(tmp_path: Path) -> Iterator[Act]:
    """Runs the scripts of the action as a runner does, and stops what they started."""
    ran: list[Ran] = []

    def act(**inputs: str) -> Ran:
        ran.append(run_action(tmp_path, inputs))
        return ran[-1]

    yield act
    for pid in filter(None, (run.outputs["pid"] for run in ran)):
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGTERM)


def run_action(folder: Path, inputs: dict[str, str]) -> Ran:
    known = {f"inputs.{name}": inputs.get(name, spec["default"]) for name, spec in ACTION["inputs"].items()}
    for file in ("env", "output"):
        (folder / file).touch()
    said, code = "", 0
    for step in ACTION["runs"]["steps"]:
        done = run_step(step, known, folder)
        said, code = said + done.stdout, done.returncode
        known |= {f"steps.{step['id']}.outputs.{name}": value for name, value in lines(folder / "output").items()}
        if code:
            break
    outputs = {name: filled(spec["value"], known) for name, spec in ACTION["outputs"].items()}
    return Ran(code, said, outputs, lines(folder / "env"))


def run_step(step: dict[str, Any], known: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """One step, by the command that GitHub documents for `shell: bash`. It ends when its streams are closed."""
    assert step["shell"] == "bash"
    script, checkout = folder / "step.sh", folder / "checkout"
    script.write_text(step["run"])
    checkout.mkdir(exist_ok=True)
    given = {name: filled(value, known) for name, value in step["env"].items()}
    runner = {"GITHUB_ENV": folder / "env", "GITHUB_OUTPUT": folder / "output", "GITHUB_ACTION_PATH": checkout}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        env={**os.environ, **given, **{name: str(path) for name, path in runner.items()}, "RUNNER_TEMP": str(folder)},
        cwd=checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )


def filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: known.get(found[1], ""), text)


def lines(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def stand_in(folder: Path, says: str = "") -> str:
    interpreter = folder / "python"
    interpreter.write_text(STAND_IN.format(python=sys.executable, folder=str(folder), says=says))
    interpreter.chmod(0o755)
    return str(interpreter)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something holds within five seconds: a signal takes its time."""
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def test_the_action_leaves_a_mock_that_answers_under_every_name_of_the_clients(act: Act) -> None:
    ran = act(version="installed", python=sys.executable)
    url = ran.outputs["url"]

    keyed = {"Authorization": f"Bearer {ran.exported['OPENAI_API_KEY']}"}
    answer = httpx.post(f"{ran.exported['OPENAI_BASE_URL']}/images/generations", headers=keyed, json=DRAW)

    assert (ran.code, answer.status_code) == (0, 200), ran.said
    assert ran.outputs["base-url"] == f"{url}/v1"
    assert {name: value for name, value in ran.exported.items() if name not in NO_PROXY} == {
        **dict.fromkeys(["AIML_API_KEY", "AIMLAPI_API_KEY", "AIMLAPI_KEY", "OPENAI_API_KEY"], "test-key"),
        **dict.fromkeys(["AIML_API_BASE", "AIMLAPI_API_BASE", "AIML_API_URL"], f"{url}/v1"),
        **dict.fromkeys(["AIMLAPI_BASE_URL", "AIML_BASE_URL", "OPENAI_BASE_URL"], f"{url}/v1"),
        **{"PIXELPACT_URL": url, "PIXELPACT_API_KEY": "test-key"},
    }
    assert all(ran.exported[name].split(",")[-1] == "127.0.0.1" for name in NO_PROXY)
    assert eventually(lambda: "POST /v1/images/generations 200" in Path(ran.outputs["log"]).read_text())


def test_the_action_hands_its_inputs_on(act: Act) -> None:
    port = free_port()
    args = "--strict\n  --host localhost"
    ran = act(version="installed", python=sys.executable, port=str(port), profile="2025-07", args=args)

    answers = [
        httpx.post(f"{ran.outputs['base-url']}/images/generations", headers={"Authorization": "Bearer k"}, json=body)
        for body in (DRAW, {**DRAW, "n": 1})
    ]

    assert ran.outputs["url"] == f"http://localhost:{port}"
    # 201 is the status of that profile, and a field of no schema is refused by --strict alone.
    assert [answer.status_code for answer in answers] == [201, 400]


def test_the_mock_of_the_action_is_stopped_by_its_process(act: Act) -> None:
    ran = act(version="installed", python=sys.executable)

    os.kill(int(ran.outputs["pid"]), signal.SIGTERM)

    assert eventually(lambda: Path(ran.outputs["log"]).read_text().endswith("stopped\n"))


def test_a_mock_that_does_not_start_fails_the_action_with_its_log(act: Act) -> None:
    ran = act(version="installed", python=sys.executable, profile="1999-12")

    assert ran.code == 1
    assert re.search(r"::group::.*\n(.*\n)*pixelpact: .*1999-12.*\n::endgroup::\n::error .*has ended\n", ran.said)
    assert ran.exported == {}


@pytest.mark.parametrize(
    ("says", "status"), [("", 200), ("{url}", 200), ("{url}\n", 503)], ids=["no-url", "half-a-line", "not-healthy"]
)
def test_a_mock_that_is_not_ready_is_stopped_after_the_wait(act: Act, tmp_path: Path, says: str, status: int) -> None:
    with Server(Response("", status=status)) as server:
        ran = act(version="installed", python=stand_in(tmp_path, says.format(url=server.url)), wait="2")

    assert ran.code == 1
    assert "\nstand-in of serve --port=0 --profile=observed\n" in ran.said
    assert ran.said.endswith("::error title=Pixelpact::no answer within 2 seconds\n")
    assert eventually((tmp_path / "stopped").exists)


@pytest.mark.parametrize(
    ("version", "installed"),
    [
        ("", r".*/pixelpact\.\w+/source"),
        ("0.1.0", "pixelpact==0.1.0"),
        ("pixelpact[redis] >= 0.2", r"pixelpact\[redis\] >= 0.2"),
        ("--index-url=http://127.0.0.1", "--index-url=http://127.0.0.1"),
    ],
)
def test_the_action_installs_what_was_asked_for(act: Act, tmp_path: Path, version: str, installed: str) -> None:
    act(version=version, python=stand_in(tmp_path), wait="0")

    *command, separator, what = (tmp_path / "asked").read_text().splitlines()
    assert (command[0], separator) == ("install", "--")
    assert re.fullmatch(installed, what)


@pytest.mark.parametrize("name", list(ACTION["inputs"]))
def test_no_input_of_the_action_is_run(act: Act, tmp_path: Path, name: str) -> None:
    # In a subscript, as arithmetic too would run it there.
    inputs = {"version": "installed", "python": stand_in(tmp_path), "wait": "0", name: f"a[$(touch {tmp_path}/run)]"}

    ran = act(**inputs)

    assert ran.code == 1
    assert not (tmp_path / "run").exists()


def test_an_interpreter_that_is_not_there_fails_the_action_and_smuggles_no_output(act: Act, tmp_path: Path) -> None:
    ran = act(version="installed", python="python\nhome=/elsewhere")

    assert (ran.code, ran.said) == (1, "::error title=Pixelpact::no such interpreter\n")
    assert (tmp_path / "output").read_text() == ""


def test_no_input_is_text_of_a_script() -> None:
    assert [step["id"] for step in ACTION["runs"]["steps"] if "${{" in step["run"]] == []
