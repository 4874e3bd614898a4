"""The verbs: what they print, where they refuse, and the exit code that a script may rely on."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from threading import Timer
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from click.testing import CliRunner
from pixelpact.cli.main import VERBS, cli, main
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from .faults import Fault, Faulty
from .judging import spoken

DREAM = "bytedance/seedream-3.0"
KEY = "sk-pixelpact-secret"
MOCK = create_app()
VERDICT = r"(\d+) of (\d+) held(?:, (\d+) skipped)?"
ANSI = re.compile(r"\x1b|\r")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str
    folder: Path


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a verb in this process, where that is quick: nothing here may start pytest."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["pixelpact", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Done(int(left.value.code or 0), said.out, said.err, tmp_path)

    return run


@contextmanager
def started(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", *arguments]
    process = subprocess.Popen(
        command,
        stdout=-1,
        stderr=-1,
        text=True,
        env={**os.environ, **environment},
        # A shell that runs the tests in the background has its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    # A command that says nothing would hold up whoever waits for its first line.
    watch = Timer(30, process.kill)
    watch.start()
    try:
        yield process
    finally:
        watch.cancel()
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], folder: Path) -> Done:
    out, err = process.communicate(timeout=60)
    return Done(process.returncode, out, err, folder)


# Help, models


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_shows_an_example(verb: str) -> None:
    done = CliRunner().invoke(cli, [*verb.split(), "--help"], prog_name="pixelpact")

    assert done.exit_code == 0
    assert re.search(rf"Examples?:\n +pixelpact {verb}", done.output)


def test_help_lists_every_verb_with_what_it_does() -> None:
    done = CliRunner().invoke(cli, ["-h"])

    assert [
        verb for verb, said in VERBS.items() if f"  {verb} " not in done.output or said[:40] not in done.output
    ] == []


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"cli, version \d+\.\d+\.\d+\n", CliRunner().invoke(cli, ["--version"]).output)


def test_an_unknown_verb_is_wrong_usage(run: Run) -> None:
    done = run("judge")

    assert (done.code, "No such command 'judge'" in done.err) == (2, True)


def test_models_are_listed_with_their_profiles(run: Run) -> None:
    done = run("models", "--long")

    assert done.code == 0
    assert f"{DREAM}  Seedream 3.0, draw, deprecated, 63,000 credits a picture\n" in done.out
    own = "observed, 2025-08, 2025-11, 2026-01, observed-nulls, observed-images, observed-201"
    assert f"  profiles: {own}\n" in done.out
    assert "\nobserved  " in done.out


def test_models_are_listed_for_programs(run: Run) -> None:
    listed = json.loads(run("models", "--json").out)

    (dream,) = [model for model in listed["models"] if model["id"] == DREAM]
    assert dream["profiles"] == list(listed["profiles"])
    assert (dream["task"], dream["credits"]) == ("draw", 63000)


# Wrong usage: exit code 2 and one clear line


@pytest.fixture
def broken_schemas(tmp_path: Path) -> Path:
    folder = tmp_path / "vendor" / "model"
    folder.mkdir(parents=True)
    (folder / "model.json").write_text('{"id": 5}')
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["serve", "--port", "0", "--profile", "2024"], "unknown profile '2024', expected one of observed, 2025-07, "),
        (["verify", "--profile", "2024"], "unknown profile '2024', expected one of observed, 2025-07, "),
        (["verify", "--model", "seedream"], "unknown model 'seedream', expected one of bytedance/"),
        (["verify", "--target", "mocks"], "--target: expected mock or a base URL such as http://127.0.0.1:8080, or li"),
        (["verify", "--target", "127.0.0.1:80"], "--target: expected mock or a base URL"),
        (["verify", "--target", "http://[::1"], "--target: expected mock or a base URL"),
        (["verify", "--target", "http://a:99999"], "--target: expected mock or a base URL"),
        (["verify", "--target", ""], "--target: expected mock or a base URL"),
        (
            ["verify", "--target", "live"],
            "the live API needs a key: expected one in AIML_API_KEY, AIMLAPI_API_KE",
        ),
        (["verify", "--target", "https://api.aimlapi.com"], "the live API needs a key"),
        (["verify", "--target", "https://API.aimlapi.com:443/v1"], "the live API needs a key"),
        (["verify", "--target", "https://api.aimlapi.com./v1"], "the live API needs a key"),
        (
            ["verify", "--target", "live", "--budget", "much"],
            "budget: expected dollars, as 0.50, or pictures, as 8p, ",
        ),
        (["verify", "--against", "schemas.json"], "--against: expected a base URL or a file of skeletons"),
        (["explain", "PX999"], "unknown check 'PX999'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_clear_line(
    arguments: list[str], line: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AIML_API_KEY", "AIMLAPI_API_KEY", "AIMLAPI_KEY"):
        monkeypatch.delenv(name, raising=False)

    done = run(*arguments)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("pixelpact: ")
    assert line in done.err


@pytest.mark.parametrize("verb", ["serve", "verify", "models"])
def test_a_broken_schema_is_named_by_file_and_pointer(verb: str, broken_schemas: Path, run: Run) -> None:
    done = run(verb, "--schemas", broken_schemas)

    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith("pixelpact: vendor/model/model.json#")


def test_a_folder_that_is_not_there_is_wrong_usage(run: Run) -> None:
    done = run("serve", "--schemas", "/no/such/folder")

    assert (done.code, "'/no/such/folder' does not exist" in done.err) == (2, True)


def test_a_port_in_use_is_one_clear_line(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", port)

    assert (done.code, done.out) == (2, "")
    assert done.err == f"pixelpact: cannot listen on 127.0.0.1:{port}: Address already in use\n"


# Serve


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_its_url_answers_and_stops_on_a_signal(stop: signal.Signals, tmp_path: Path) -> None:
    with started("serve", "--port", "0", "--profile", "2025-07", "--api-key", "one", "--api-key", "two") as process:
        first = (process.stdout and process.stdout.readline()) or ""
        health = httpx.get(f"{first.strip()}/health", trust_env=False).json()
        keys = [authorised(first.strip(), key) for key in ("one", "two", "three")]
        process.send_signal(stop)
        done = ended(process, tmp_path)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+\n", first)
    assert (health["profile"], keys) == ("2025-07", [400, 400, 401])
    assert (done.code, done.out) == (0, "")
    assert re.search(r"Ctrl-C stops\n\d\d:\d\d:\d\d GET /health 200 \d+\.\d ms\n", done.err)
    assert done.err.endswith("stopped\n")


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (b"GET /\x1b[31m?key=secret HTTP/1.1\r\n\r\n", "GET /%1B%5B31m (not read) 400"),
        (b"\x1b[31mGET /a HTTP/1.1\r\n\r\n", "%1B%5B31mGET /a (not read) 400"),
        (b"GET /a b HTTP/1.1\r\n\r\n", "GET /a%20b (not read) 400"),
        (
            b"GET /secret HTTP/1.1\r\nX: \x1b\r\nAuthorization: Bearer secret\r\n\r\n",
            "GET /Synthe (not read) 400",
        ),
        (b"Authorization: Bearer /secret\r\n\r\n", "- (not read) 400"),
        (b"\x16\x03\x01\x02\r\n\r\n", "- (not read) 400"),
        (b"GET /a HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", "GET /a (not read) 431"),
        (b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "POST /a (not read) 400"),
    ],
)
def test_what_is_no_http_has_a_line_of_its_own_without_a_key(
    sent: bytes, line: str, unread: Callable[..., str]
) -> None:
    assert unread(sent) == line


@pytest.fixture(scope="module")
def unread() -> Iterator[Callable[[bytes], str]]:
    """What `serve` logs of bytes that are sent to it, without the time of day and how long it took."""
    with started("serve", "--port", "0") as process:
        assert process.stdout
        assert process.stderr
        address = ("127.0.0.1", int(process.stdout.readline().rpartition(":")[2]))
        log = process.stderr
        log.readline()

        def logged(sent: bytes) -> str:
            with socket.create_connection(address) as client:
                client.sendall(sent)
                return re.sub(r" \d+\.\d ms\n$", "", log.readline()[9:])

        yield logged


def authorised(url: str, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.post(f"{url}/v1/images/generations", json={}, headers=headers, trust_env=False).status_code


# Verify, where nothing can be judged


def test_a_port_where_nothing_listens_is_unreachable(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = run("verify", "--target", f"http://127.0.0.1:{port}/v1")

    assert (done.code, done.out) == (3, "")
    assert done.err == f"pixelpact: http://127.0.0.1:{port} cannot be reached: [Errno 111] Connection refused\n"


def test_a_server_that_refuses_the_key_is_unreachable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXELPACT_API_KEY", KEY)
    with Server(create_app(Settings(api_keys=frozenset({"other"})))) as server:
        done = run("verify", "--target", server.url)

    assert (done.code, done.out) == (3, "")
    assert done.err == f"pixelpact: {server.url} refuses the key (401): set PIXELPACT_API_KEY\n"


# Verify on a clean mock, from a folder and an environment that want something else of pytest


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (folder / "conftest.py").write_text("raise RuntimeError('the conftest of a stranger')\n")
    (folder / "test").mkdir()
    (folder / "test" / "conftest.py").write_text("raise RuntimeError('the conftest of a stranger')\n")
    hostile = {
        "PYTEST_ADDOPTS": "--no-such-option",
        "PYTEST_PLUGINS": "no_such_plugin",
        "PIXELPACT_MODEL": "no/such-model",
        "PIXELPACT_TARGET": "http://no-such-host.invalid",
        "PIXELPACT_API_KEY": KEY,
        "FORCE_COLOR": "1",
        # The folder that verify makes for itself lies among the hostile files.
        "TMPDIR": str(folder),
    }
    return verify(folder, "--model", DREAM, "--examples", "2", "--junitxml", "report/junit.xml", **hostile)


def verify(folder: Path, *arguments: str, **environment: str) -> Done:
    command = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", "verify", *arguments]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, **environment}, timeout=60
    )
    return Done(done.returncode, done.stdout, done.stderr, folder)


def test_verify_of_a_clean_mock_ends_with_0(clean: Done) -> None:
    assert (clean.code, clean.err) == (0, ""), clean.out + clean.err


def test_verify_shows_each_promise_a_table_and_a_verdict(clean: Done) -> None:
    first, *_, last = clean.out.splitlines()

    (tests,) = re.fullmatch(r"judging mock, profile observed: (\d+) tests", first).groups()  # type: ignore[union-attr]
    assert "\n  ok  a broken request is refused: " in clean.out
    assert re.search(r"\n {20,}seedream-3\.0 +server\n", clean.out)
    assert re.fullmatch(rf"\d+ of {tests} held, 0 findings, \d\d\d requests, \d+ pictures, \d+\.\d s", last)


def test_verify_writes_a_junit_report_with_a_case_for_each_test(clean: Done) -> None:
    report = ElementTree.parse(clean.folder / "report" / "junit.xml")

    (tests,) = re.findall(r"(\d+) tests", clean.out)
    assert len(report.findall(".//testcase")) == int(tests)
    assert report.findall(".//failure") == []


def test_verify_leaves_nothing_else_behind(clean: Done) -> None:
    names = sorted(path.name for path in clean.folder.iterdir())

    assert [name for name in names if name != "__pycache__"] == ["conftest.py", "pytest.ini", "report", "test"]


def test_what_is_no_terminal_gets_no_control_characters(clean: Done) -> None:
    assert ANSI.search(clean.out + clean.err) is None


# Verify on a server that repeats the key in every error


def blabbing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    chunks, status, headers = run_wsgi_app(MOCK, environ)
    response = Response(b"".join(chunks), status, headers)
    if response.status_code == 400:
        body = json.loads(response.get_data())
        told = {"message": f"{Request(environ).headers.get('Authorization')} is no good"}
        response.set_data(json.dumps({**body, **told, "error": {**body["error"], **told}}))
    return response(environ, start_response)


@pytest.fixture(scope="module")
def blabbed(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("blabbed")
    options = ["--model", DREAM, "--examples", "0", "--junitxml", "junit.xml"]
    with Server(blabbing) as server:
        done = spoken(folder, {**os.environ, "PIXELPACT_API_KEY": KEY}, "verify", "--target", server.url, *options)
    return Done(done.returncode, done.stdout, done.stderr, folder)


def test_verify_of_a_faulty_server_ends_with_1(blabbed: Done) -> None:
    assert (blabbed.code, blabbed.err) == (1, ""), blabbed.out + blabbed.err


def test_findings_are_shown_by_check_with_the_line_that_repeats_them(blabbed: Done) -> None:
    (shown,) = re.findall(r"\n(PX307 leak: \d+ findings\n(?:  .*\n)+)", blabbed.out)

    assert shown.count("    promised  an answer that does not repeat the key: body\n") == 3
    assert shown.count("    repeat    curl -sS -X POST http://127.0.0.1:") == 3
    assert '-H "Authorization: Bearer $PIXELPACT_API_KEY"' in shown
    assert shown.splitlines()[-1].startswith("  and in test_")


def test_the_verdict_counts_what_is_broken(blabbed: Done) -> None:
    (findings,) = re.findall(r", (\d+) findings, \d+ requests", blabbed.out)
    listed = re.findall(r"^PX\d+ [\w-]+: (\d+) findings?$", blabbed.out, re.M)

    assert int(findings) == sum(map(int, listed))
    assert re.search(r"\n  !!  a broken request is refused: (\d+) of \d+ broken\n", blabbed.out)


def test_the_key_is_shown_nowhere(blabbed: Done, clean: Done) -> None:
    reports = (blabbed.folder / "junit.xml", clean.folder / "report" / "junit.xml")

    texts = [blabbed.out, blabbed.err, clean.out, clean.err, *(report.read_text("utf-8") for report in reports)]

    assert [text for text in texts if KEY in text] == []


def test_the_junit_report_has_the_findings(blabbed: Done) -> None:
    report = ElementTree.parse(blabbed.folder / "junit.xml")

    failures = [failure.get("message", "") for failure in report.iter("failure")]
    held, judged, skipped = (int(number or 0) for number in re.findall(VERDICT, blabbed.out)[0])
    assert len(failures) == judged - held - skipped
    assert [message for message in failures if "PX307 leak" not in message] == []


# Verify, explored, interrupted, not collected


def explored(folder: Path, seed: int) -> list[Any]:
    """Every body that a run with this seed sent."""
    bodies: list[Any] = []
    kept = Fault("nothing", "all", body=lambda body: bodies.append(body) or body)  # type: ignore[func-returns-value]
    options = ["--model", DREAM, "--tier", "l0", "--examples", "2", "--seed", str(seed)]
    with Server(Faulty(MOCK, kept)) as server:
        spoken(folder, os.environ, "verify", "--target", server.url, *options)
    return bodies


def test_another_seed_explores_other_requests(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        one, other = pool.map(lambda seed: explored(tmp_path, seed), (1, 2))

    assert len(one) > 100
    assert one != other


def test_an_interrupted_run_ends_with_130_and_a_partial_table(tmp_path: Path) -> None:
    with started("verify", "--model", DREAM, "--examples", "0") as process:
        lines = [process.stdout.readline() for _ in range(3)] if process.stdout else []
        process.send_signal(signal.SIGINT)
        done = ended(process, tmp_path)

    assert (done.code, done.err) == (130, "interrupted: what is above is what was judged until then\n")
    assert [line[:6] for line in lines] == ["judgin", "  ok  ", "  ok  "]
    assert re.search(r"\nthe first documented request is answered in full +1/1\n", done.out)
    assert re.search(r", \d+ not judged, 0 findings, ", done.out)


def test_a_verb_that_is_interrupted_while_it_is_loaded_ends_with_130() -> None:
    interrupted = """
import os, signal, sys
from pixelpact.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
class Interrupting:
    def find_spec(name, *_):
        if name == "pixelpact.cli.judging":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting)
main()
"""
    done = subprocess.run([sys.executable, "-c", interrupted, "verify"], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_schema_that_nothing_generates_for_ends_with_2(tmp_path: Path) -> None:
    schemas = Path(str(files("pixelpact.schemas")))
    shutil.copytree(schemas / "bytedance" / "seedream-3.0", tmp_path / "bytedance" / "seedream-3.0")
    request = tmp_path / "bytedance" / "seedream-3.0" / "request.json"
    planted = request.read_text("utf-8").replace('"x-size": {', '"pattern": "x", "x-size": {')
    request.write_text(
        planted.replace('"x-size": ["sample-pictures"', '"pattern": "ark", "x-size": ["sample-pictures"')
    )

    done = verify(tmp_path, "--schemas", str(tmp_path), "--model", DREAM)

    assert done.code == 2, done.out + done.err
    assert done.out.count("nothing generates for pattern in Width and height in pixels, as WxH.") == 1
    assert "Traceback" not in done.out + done.err


def test_a_terminal_sees_progress_in_one_line_that_is_wiped(tmp_path: Path) -> None:
    terminal, end = pty.openpty()
    command = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", "verify"]
    options = ["--model", DREAM, "--examples", "0"]
    environ = {**os.environ, "COLUMNS": "30", "TERM": "xterm"}
    with subprocess.Popen([*command, *options], stdout=end, stderr=end, env=environ) as process:
        os.close(end)
        shown = read(terminal)

    assert process.returncode == 0
    progress = re.findall(r"\r\x1b\[K(  …  [^\r\n]*)", shown)
    assert max(map(len, progress)) <= 29
    assert all(re.match(r"  …  \d+/\d+  [a-z]", line) for line in progress)
    assert shown.count("  ok  ") == shown.count("\r\x1b[K  ok  ") > 10
    assert "\r\x1b[K\r\n" in shown


def read(terminal: int) -> str:
    said = b""
    # Linux ends a terminal whose other side has closed with an error.
    with suppress(OSError):
        while some := os.read(terminal, 65536):
            said += some
    os.close(terminal)
    return said.decode()
