"""The doors: the pytest plugin is quick and settles its options, the server gives its port back."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from pixelpact.doors.plugin import OPTIONS
from pixelpact.doors.server import CannotListen, Server
from pixelpact.doors.targets import LIVE_KEYS
from pixelpact.service.app import create_app

pytest_plugins = ["pytester"]
APP = create_app()
DEFAULTS: dict[str, Any] = {
    **{"target": "mock", "model": (), "profile": "observed", "schemas": (), "tier": "l3", "budget": "0.50"},
    **{"examples": 25, "record": None, "exchanges": None},
}
MARKERS = ("explore", "doubtful", "tier(name)", "cases(kind)")
HEAVY = {"flask", "werkzeug", "hypothesis", "jsonschema", "referencing", "httpx", "requests", "PIL", "click"}
LOADED = "import sys, pixelpact.doors.plugin; print(*{name.partition('.')[0] for name in sys.modules})"
USING_TARGET = """
import urllib.request

def test_it_answers(pixelpact_target):
    with urllib.request.urlopen(f"{pixelpact_target.url}/health") as answer:
        assert answer.status == 200
    print("target", pixelpact_target)
"""


# The plugin


def test_the_plugin_loads_nothing_heavy() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    assert "pixelpact" in loaded.stdout.split()
    assert HEAVY & set(loaded.stdout.split()) == set()


def test_the_markers_are_known_under_strict_markers(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--strict-markers", "--markers")

    result.stdout.fnmatch_lines([f"@pytest.mark.pixelpact_{name}*: *" for name in MARKERS])


def test_the_options_are_explained(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--help")

    result.stdout.fnmatch_lines([f"*--pixelpact-{name}={name.upper()}*" for name in OPTIONS])


def test_an_option_without_a_value_has_its_default(pytester: pytest.Pytester) -> None:
    config = pytester.parseconfigure()

    assert {name: config.getoption(f"pixelpact_{name}") for name in DEFAULTS} == DEFAULTS
    assert config.getoption("pixelpact_ledger") == pytester.path / "pixelpact-ledger.jsonl"


@pytest.mark.parametrize(
    ("line", "settled"),
    [
        (["--pixelpact-target=mock"], ("l3", 25)),
        (["--pixelpact-target=http://127.0.0.1:1"], ("l3", 0)),
        (["--pixelpact-target=http://127.0.0.1:1", "--pixelpact-examples=5"], ("l3", 5)),
        (["--pixelpact-target=live"], ("l1", 0)),
        (["--pixelpact-target=live", "--pixelpact-examples=5", "--pixelpact-tier=l3"], ("l3", 0)),
        (["--pixelpact-target=https://API.aimlapi.com.:443/v1", "--pixelpact-examples=5"], ("l1", 0)),
    ],
)
def test_how_much_is_asked_for_depends_on_who_pays(
    line: list[str], settled: tuple[str, int], pytester: pytest.Pytester
) -> None:
    config = pytester.parseconfigure(*line)

    assert (config.getoption("pixelpact_tier"), config.getoption("pixelpact_examples")) == settled


@pytest.mark.parametrize(
    ("line", "environment", "ini", "settled"),
    [
        ("2025-07", "2025-08", "2025-11", "2025-07"),
        (None, "2025-08", "2025-11", "2025-08"),
        (None, "", "2025-11", "2025-11"),
        (None, None, "2025-11", "2025-11"),
        (None, None, None, "observed"),
        ("", "2025-08", "2025-11", "observed"),
    ],
    ids=["line", "environment", "empty-environment", "ini", "default", "empty-line"],
)
def test_an_option_is_settled_by_line_environment_ini_and_default_in_this_order(
    line: str | None,
    environment: str | None,
    ini: str | None,
    settled: str,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if environment is not None:
        monkeypatch.setenv("PIXELPACT_PROFILE", environment)
    if ini is not None:
        pytester.makeini(f"[pytest]\npixelpact_profile = {ini}\n")

    config = pytester.parseconfigure(*([f"--pixelpact-profile={line}"] if line is not None else []))

    assert config.getoption("pixelpact_profile") == settled


def test_lists_in_options_are_read_once(pytester: pytest.Pytester) -> None:
    folders = os.pathsep.join(("one", "two"))

    config = pytester.parseconfigure("--pixelpact-model= a/b, ,c/d", f"--pixelpact-schemas={folders}")

    assert config.getoption("pixelpact_model") == ("a/b", "c/d")
    assert config.getoption("pixelpact_schemas") == (Path("one"), Path("two"))


def test_a_tier_and_files_are_read_once(pytester: pytest.Pytester) -> None:
    line = ["--pixelpact-tier=l1", "--pixelpact-examples=0", "--pixelpact-ledger=a/b", "--pixelpact-record=c"]

    config = pytester.parseconfigure(*line)

    read = [config.getoption(f"pixelpact_{name}") for name in ("tier", "examples", "ledger", "record")]
    assert read == ["l1", 0, pytester.path / "a/b", pytester.path / "c"]


@pytest.mark.parametrize("tier", ["l4", "L1", "1", " "])
def test_a_tier_that_is_not_there_is_refused(tier: str, pytester: pytest.Pytester) -> None:
    result = pytester.runpytest(f"--pixelpact-tier={tier}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--pixelpact-tier: expected one of l0, l1, l2, l3, received '{tier}'"])


@pytest.mark.parametrize("examples", ["abc", "-1", "2.5", "\u0663"])
def test_examples_that_are_no_number_are_refused(examples: str, pytester: pytest.Pytester) -> None:
    result = pytester.runpytest(f"--pixelpact-examples={examples}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--pixelpact-examples: expected a whole number, 0 or more, received '{examples}'"])


def test_the_target_fixture_is_a_mock_that_answers(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXELPACT_API_KEY", "sk-pixelpact-secret")
    pytester.makepyfile(USING_TARGET)

    result = pytester.runpytest("-s")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*target Target(name='mock', url='http://127.0.0.1:*', strict=True, paid=False)"])
    result.stdout.no_fnmatch_line("*sk-pixelpact-secret*")


def test_the_target_fixture_is_the_server_that_was_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USING_TARGET)

    with Server(APP) as server:
        result = pytester.runpytest("-s", f"--pixelpact-target={server.url}/v1/")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [f"*target Target(name='{server.url}/v1/', url='{server.url}', strict=False, paid=False)"]
    )


@pytest.mark.parametrize("target", ["live", "https://api.aimlapi.com/v1"])
def test_the_live_api_is_a_target_that_is_paid_for(
    target: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIML_API_BASE", raising=False)
    monkeypatch.setenv("AIML_API_KEY", "sk-pixelpact-secret")
    pytester.makepyfile('def test_it(pixelpact_target):\n    print("target", pixelpact_target)')

    result = pytester.runpytest("-s", f"--pixelpact-target={target}")

    result.assert_outcomes(passed=1)
    shown = "Target(name='live', url='https://api.aimlapi.com', strict=False, paid=True)"
    result.stdout.fnmatch_lines([f"*target {shown}"])
    result.stdout.no_fnmatch_line("*sk-pixelpact-secret*")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("live", "the live API needs a key: expected one in AIML_API_KEY, "),
        ("mocks", "--target: expected mock or a base URL"),
    ],
)
def test_a_target_that_cannot_be_judged_ends_the_session_before_anything_is_sent(
    target: str, said: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in LIVE_KEYS:
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(USING_TARGET)

    result = pytester.runpytest(f"--pixelpact-target={target}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines([f"*Exit: {said}*"])


# The server


def test_a_server_answers_inside_and_gives_its_port_back() -> None:
    with Server(APP) as server:
        answered = httpx.get(f"{server.url}/health", trust_env=False)

    assert answered.status_code == 200
    with socket.create_server(("127.0.0.1", int(server.url.rpartition(":")[2]))) as taken:
        assert taken.getsockname()[1] > 0


def test_a_server_stops_soon_even_with_a_connection_open() -> None:
    with httpx.Client(trust_env=False) as client:
        with Server(APP) as server:
            client.get(f"{server.url}/health")
            started = time.perf_counter()
        elapsed = time.perf_counter() - started

    # Meant to be 0.1 s; socketserver's own poll would take 0.5.
    assert elapsed < 0.3


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_busy_port_is_told_by_its_address(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen) as caught:
            Server(APP, host, port)

    assert str(caught.value) == f"cannot listen on {host}:{port}: Address already in use"


def test_an_unknown_host_is_told_by_its_name() -> None:
    with pytest.raises(CannotListen, match=r"^cannot listen on no-such-host\.invalid:0: \S"):
        Server(APP, "no-such-host.invalid")


def test_the_url_of_an_ipv6_server_has_brackets() -> None:
    with Server(APP, "::1") as server:
        answered = httpx.get(f"{server.url}/health", trust_env=False)

    assert (server.url.startswith("http://[::1]:"), answered.status_code) == (True, 200)
