"""What is seen at a terminal: colour where it is wanted, and a run as it goes on; plain text everywhere else."""

from __future__ import annotations

import io
import json
import logging
import os
import pty
import re
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any
from urllib.request import Request, urlopen

import pytest
from pixelpact.checks.findings import Finding
from pixelpact.checks.known import Found
from pixelpact.cli.live import Live
from pixelpact.cli.reporter import Reporter
from pixelpact.doors.callline import line_of, shown
from pixelpact.doors.terminal import is_coloured
from pixelpact.service.app import create_app
from pixelpact.service.faults import parse
from pixelpact.service.settings import Beginning, Settings

SIZE = Finding("PX205", "size", "error", "1888x301", "1888x302", (), "documented", "curl")
FOUND = Found(SIZE, "test_a[first]\x1b[2J", "m")
PATH = "/v1/images/generations"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(environ: dict[str, str], coloured: bool) -> None:
    assert is_coloured(Terminal(), environ) is coloured
    assert is_coloured(io.StringIO(), environ) is False


def test_a_finding_is_named_at_once_where_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    live = Live({"m": 0.03})
    live.found([FOUND])
    live.overwrite(f"  …  a  1/2{live.spent({'m': 3, 'other': 5})}")
    assert (
        terminal.getvalue()
        == "\r\x1b[K  !!  PX205 size: test_a[first]\ufffd[2J\n\r\x1b[K  …  a  1/2  about $0.09 spent"
    )


def test_nobody_is_told_of_progress_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    live = Live({})
    live.found([FOUND])
    live.overwrite("  …  a")
    assert file.getvalue() == ""
    assert live.spent({"m": 3}) == ""


def named(text: str) -> str:
    """A text in which what colours it can be read."""
    return re.sub(r"\x1b\[(\d+m)", r"<\1>", text)


def log_of(environ: dict[str, str]) -> str:
    """What a server says on a terminal of one call of a program, and of what a page asks for by itself."""
    master, slave = pty.openpty()
    command = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", "serve", "--port", "0"]
    known = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, env={**known, **environ}) as process:
        assert process.stdout
        url = process.stdout.readline().decode().strip()
        headers = {"Authorization": "Bearer test-key", "Content-Type": "application/json"}
        drawn = json.dumps({"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "1024x768"})
        with urlopen(Request(url + PATH, drawn.encode(), headers)) as answer:
            answer.read()
        for path in ("/health", "/_pixelpact/events", "/_pixelpact/rows", "/_pixelpact/static/style.css"):
            with urlopen(Request(url + path, headers={"Authorization": "Bearer test-key"})) as answer:
                answer.read()
        said = b""
        begun = time.monotonic()
        while b"/health" not in said and time.monotonic() - begun < 20:
            said += os.read(master, 65536)
        process.terminate()
        process.wait()
    os.close(slave)
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            piece = b""
        if not piece:
            break
        said += piece
    os.close(master)
    return said.decode()


def test_a_server_logs_in_colour_on_a_terminal_and_not_what_a_page_asks_for_by_itself() -> None:
    said = log_of({"TERM": "xterm"})
    assert re.search(
        r"\x1b\[2m\d\d:\d\d:\d\d\x1b\[0m GET     \x1b\[32m200\x1b\[0m \x1b\[2m +[0-9.]+ ms\x1b\[0m +/health\r", said
    )
    assert re.search(r" 1024x768    63,000 cr  seedream-3.0\r\n", said)
    assert "/_pixelpact/events" not in said
    assert "/_pixelpact/rows" not in said
    assert "style.css" not in said


def test_a_terminal_that_wants_no_colour_gets_none() -> None:
    said = log_of({"TERM": "xterm", "NO_COLOR": "1"})
    assert re.search(r"\d\d:\d\d:\d\d GET     200 +[0-9.]+ ms +/health\r", said)
    assert "\x1b" not in said


DRAWN = {"model": "bytedance/seedream-3.0", "size": "1024x768", "charged": 63000}


@pytest.mark.parametrize(
    ("told", "facts", "columns"),
    [
        (("POST", PATH, 200, 2.04), DRAWN, "POST    200       2.0 ms  1024x768    63,000 cr  seedream-3.0"),
        (("POST", PATH, 400, 12.5), {"model": "a/b"}, "POST    400      12.5 ms                         b"),
        (("POST", PATH, 401, 0.5), {}, f"POST    401       0.5 ms                         {PATH}"),
        (("GET", "/a.png", 200, 60.0), DRAWN, "GET     200      60.0 ms                         /a.png"),
        (
            ("POST", f"{PATH} (latency, reset)", 0, 1.0),
            {"model": "a/b", "faults": ["latency", "reset"]},
            "POST    000       1.0 ms                         b (latency, reset)",
        ),
        (("POST", "/a (status)", 503, 1.0), {}, "POST    503       1.0 ms                         /a (status)"),
        (("DELETE", "/b", 404, 1.0), None, "DELETE  404       1.0 ms                         /b"),
    ],
)
def test_a_line_tells_a_generation_by_its_model_size_and_credits(
    told: tuple[str, str, int, float], facts: dict[str, Any] | None, columns: str
) -> None:
    assert line_of("12:00:01", shown(told, facts), coloured=False) == f"12:00:01 {columns}"


@pytest.mark.parametrize(
    ("fault", "said"), [("reset", "(reset) 000"), ("timeout", "(timeout) 000"), ("status,code=503", "(status) 503")]
)
def test_a_line_names_the_fault_and_no_status_that_nobody_got(
    fault: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = create_app(Settings(beginning=Beginning(faults=(parse(fault),)))).test_client()
    with caplog.at_level(logging.INFO, "pixelpact.calls"):
        client.post(PATH, json=DRAWN, headers={"Authorization": "Bearer test-key"})

    (line,) = caplog.messages
    assert line.startswith(f"POST {PATH} {said} ")


def test_colour_moves_no_column() -> None:
    values = shown(("POST", PATH, 200, 2.04), DRAWN)

    painted = line_of("12:00:01", values, coloured=True)

    assert re.sub(r"\x1b\[[0-9]+m", "", painted) == line_of("12:00:01", values, coloured=False)


@pytest.mark.parametrize("columns", [100, 60, 36])
def test_a_line_is_no_longer_than_the_terminal_is_wide(columns: int) -> None:
    line = line_of("12:00:01", shown(("OPTIONS", f"/{'x' * 300}/", 200, 2.0), None), coloured=False, columns=columns)

    assert (len(line), "…" in line) == (columns, True)


def test_a_long_path_shows_its_beginning_and_its_end_and_a_long_method_moves_no_column() -> None:
    values = shown(("BREWBREWBREW", f"/v1/{'x' * 300}/last", 200, 2.0), None)

    line = line_of("12:00:01", values, coloured=False, columns=100)

    assert re.fullmatch(r"12:00:01 BREWBRE 200       2\.0 ms {25}/v1/x+…x+/last", line)


def test_a_narrow_terminal_shows_a_path_rather_than_columns_that_are_empty() -> None:
    line = line_of("12:00:01", shown(("POST", PATH, 400, 0.5), None), coloured=False, columns=60)

    assert line == f"12:00:01 POST    400       0.5 ms  {PATH}"


def test_a_terminal_that_obeys_nothing_is_told_nothing_to_obey(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "dumb")
    live = Live({})
    live.overwrite("  …  1/2")
    live.found([FOUND])
    assert terminal.getvalue() == ""


def test_a_narrow_terminal_sees_the_counter_and_the_money_before_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "36")
    ids = [f"a.py::test_a_promise_of_many_words[{number}]" for number in range(3)]
    items: Any = SimpleNamespace(items=[SimpleNamespace(nodeid=one, name=one[6:33]) for one in ids])
    done: Any = SimpleNamespace(
        nodeid=ids[0], when="teardown", outcome="passed", failed=False, skipped=False, user_properties=[("pictures", 3)]
    )
    reporter = Reporter("a suite", live=Live({"server": 0.03}))
    reporter.pytest_collection_finish(items)
    reporter.pytest_runtest_logreport(done)
    reporter.pytest_runtest_logreport(SimpleNamespace(**{**vars(done), "when": "call"}))  # type: ignore[arg-type]

    assert terminal.getvalue() == "\r\x1b[K  …  1/3  about $0.09 spent  a prom"
