"""`pixelpact exec` and `env`: programs of any language, pointed at a mock by their variables."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from pixelpact.cli.main import cli
from pixelpact.doors.environment import BASES, KEYS, variables, without_proxy
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app

DRAW = """
import json, os, sys, urllib.request, urllib.error
body = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "640x480", **json.loads(sys.argv[1])}
request = urllib.request.Request(os.environ["AIML_API_BASE"] + "/images/generations", json.dumps(body).encode(),
    {"Authorization": "Bearer " + os.environ["AIML_API_KEY"], "Content-Type": "application/json"})
for _ in range(int(sys.argv[2])):
    try:
        url = json.load(urllib.request.urlopen(request))["data"][0]["url"]
        print(len(urllib.request.urlopen(url).read()))
    except urllib.error.HTTPError as error:
        print(error.code)
"""
MAIN = "from pixelpact.cli.main import main; main()"
PROGRAM = [sys.executable, "-c", DRAW]


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", MAIN, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **environ})


# exec


def test_a_program_finds_the_mock_by_its_variables() -> None:
    done = run("exec", "--", *PROGRAM, "{}", "1")
    assert (done.returncode, int(done.stdout) > 1000) == (0, True), done.stderr
    assert done.stderr == "pixelpact: 1 call, 1 picture, 1 download, 63,000 credits ($0.032)\n"


def test_calls_with_a_key_of_the_programs_own_are_counted_too() -> None:
    program = [sys.executable, "-c", "import os; os.environ['AIML_API_KEY'] = 'written-in'\n" + DRAW]
    assert run("exec", "--", *program, "{}", "1").stderr.startswith("pixelpact: 1 call, 1 picture")


def test_a_proxy_of_the_environment_is_not_asked() -> None:
    done = run(
        "exec", "--quiet", "--", *PROGRAM, "{}", "1", http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9"
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_exit_code_is_the_programs() -> None:
    assert run("exec", "--", sys.executable, "-c", "raise SystemExit(7)").returncode == 7


def test_a_program_that_dies_of_a_signal_ends_as_a_shell_says() -> None:
    assert run("exec", "--", "sh", "-c", "kill -9 $$").returncode == 128 + 9


def test_faults_and_credits_of_the_command_line_reach_the_program() -> None:
    done = run("exec", "--fault", "status,code=503,first=1", "--credits", "63000", "--", *PROGRAM, "{}", "3")
    refused, drawn, broke = done.stdout.split()
    assert (refused, int(drawn) > 1000, broke) == ("503", True, "403")


def test_what_no_client_should_do_is_said_and_fails_the_run_if_asked() -> None:
    told = run("exec", "--", *PROGRAM, '{"guidance_scale": 99}', "2")
    checked = run("exec", "--check", "--", *PROGRAM, '{"guidance_scale": 99}', "2")
    assert (told.returncode, checked.returncode) == (0, 1)
    assert "retried-refusal" in told.stderr


def test_the_journal_can_be_kept(tmp_path: Path) -> None:
    run("exec", "--journal", str(tmp_path / "journal.json"), "--", *PROGRAM, "{}", "1")
    entries = json.loads((tmp_path / "journal.json").read_text("utf-8"))
    assert [entry["hop"] for entry in entries] == ["api", "download"]


@pytest.mark.parametrize(
    ("name", "expected"), [("coverage.json", "{"), ("coverage.xml", "<?xml"), ("coverage.txt", "")]
)
def test_the_coverage_of_the_contract_can_be_kept(tmp_path: Path, name: str, expected: str) -> None:
    run("exec", "--coverage", str(tmp_path / name), "--", *PROGRAM, "{}", "1")
    text = (tmp_path / name).read_text("utf-8")
    assert text.startswith(expected)
    assert "bytedance/seedream-3.0" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["no-such-command-here"], 127, "no-such-command-here: no such command"),
        ([str(Path(__file__).parent)], 126, "Permission denied"),
    ],
)
def test_a_command_that_cannot_run_is_named(arguments: list[str], code: int, said: str) -> None:
    done = run("exec", "--", *arguments)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["exec"], "COMMAND"),
        (["exec", "--fault", "statos", "--", "true"], "status"),
        (["exec", "--quota", "many", "--", "true"], "many"),
        (["exec", "--remove", "bytedance/seedream", "--", "true"], "bytedance/seedream-3.0"),
        (["exec", "--journal", "/no/such/folder/file", "--", "true"], "/no/such/folder"),
    ],
)
def test_wrong_usage_is_refused_before_the_program_runs(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


def test_an_interrupt_ends_the_program_and_then_the_mock(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    program = f"import pathlib, time; pathlib.Path({str(mark)!r}).touch(); time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "exec", "--", sys.executable, "-c", program],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while not mark.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 128 + signal.SIGINT
    assert "pixelpact: 0 calls" in said


# env


@pytest.fixture
def url() -> Iterator[str]:
    with Server(create_app()) as server:
        yield server.url


def test_the_printed_variables_point_a_shells_program_at_the_mock(url: str) -> None:
    printed = run("env", "--url", url).stdout
    done = subprocess.run(
        ["sh", "-c", 'eval "$0"; exec "$@"', printed, *PROGRAM, "{}", "1"], capture_output=True, text=True, timeout=30
    )
    assert int(done.stdout) > 1000, done.stderr


def test_every_base_and_key_is_set(url: str) -> None:
    values = json.loads(run("env", "--url", f"{url}/v1", "--form", "json", "--api-key", "mine").stdout)
    assert {values[name] for name in BASES} == {f"{url}/v1"}
    assert {values[name] for name in KEYS} == {"mine"}


@pytest.mark.parametrize("form", ["sh", "fish", "powershell", "dotenv"])
def test_each_form_names_every_variable(form: str) -> None:
    printed = CliRunner().invoke(cli, ["env", "--form", form]).output
    assert all(f"{name}" in printed for name in variables("", ""))


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_reads_its_form() -> None:
    printed = CliRunner().invoke(cli, ["env", "--form", "fish"]).output
    done = subprocess.run(["fish", "-c", f"{printed}\necho $OPENAI_BASE_URL"], capture_output=True, text=True)
    assert done.stdout == "http://127.0.0.1:8080/v1\n"


@pytest.mark.parametrize("given", ["ftp://x", "http://", "not a url", "http://user:secret@127.0.0.1"])
def test_a_url_that_is_none_is_refused_without_its_secret(given: str) -> None:
    refused = CliRunner().invoke(cli, ["env", "--url", given])
    assert (refused.exit_code, "--url" in refused.output, "secret" in refused.output) == (2, True, False)


def test_hosts_that_need_no_proxy_already_are_kept() -> None:
    assert without_proxy({"no_proxy": "intranet"}, "127.0.0.1")["NO_PROXY"] == "intranet,127.0.0.1"
