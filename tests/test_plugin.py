"""The doors: the pytest plugin is quick and settles its options, the server gives its port back."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from pixelpact.doors.server import CannotListen, Server
from pixelpact.doors.targets import BadTarget, base_url
from pixelpact.service.app import create_app

pytest_plugins = ["pytester"]
APP = create_app()
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


def test_the_marker_is_known_under_strict_markers(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--strict-markers", "--markers")

    result.stdout.fnmatch_lines(["@pytest.mark.pixelpact_cases(kind): run once for each case of that kind*"])


def test_the_options_are_explained(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--help")

    result.stdout.fnmatch_lines(["*--pixelpact-target=TARGET", "*--pixelpact-examples=EXAMPLES"])


def test_an_option_without_a_value_has_its_default(pytester: pytest.Pytester) -> None:
    config = pytester.parseconfigure()

    names = ("target", "model", "profile", "schemas", "examples")
    assert [config.getoption(f"pixelpact_{name}") for name in names] == ["mock", (), "observed", (), 25]


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
    result.stdout.fnmatch_lines(["*target Target(name='mock', url='http://127.0.0.1:*', strict=True)"])
    result.stdout.no_fnmatch_line("*sk-pixelpact-secret*")


def test_the_target_fixture_is_the_server_that_was_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USING_TARGET)

    with Server(APP) as server:
        result = pytester.runpytest("-s", f"--pixelpact-target={server.url}/v1/")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*target Target(name='{server.url}/v1/', url='{server.url}', strict=False)"])


def test_a_server_that_charges_ends_the_session_before_anything_is_sent(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USING_TARGET)

    result = pytester.runpytest("--pixelpact-target=https://api.aimlapi.com")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*Exit: https://api.aimlapi.com charges for every picture*"])


# Targets


@pytest.mark.parametrize(
    ("target", "base"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080"),
        ("https://staging.example/api/v1/", "https://staging.example/api"),
        ("https://api.aimlapi.com.example", "https://api.aimlapi.com.example"),
    ],
)
def test_a_base_url_is_without_its_version(target: str, base: str) -> None:
    assert base_url(target) == base


@pytest.mark.parametrize("target", ["", "mocks", "ftp://a", "http://", "http://[::1", "http://a:99999", "http://a:0"])
def test_what_is_no_base_url_is_refused(target: str) -> None:
    with pytest.raises(BadTarget, match=r"--target: expected mock or a base URL"):
        base_url(target)


@pytest.mark.parametrize("target", ["live", "https://api.aimlapi.com/v1", "https://API.AIMLAPI.COM.:443"])
def test_a_server_that_charges_is_refused(target: str) -> None:
    with pytest.raises(BadTarget, match="charges for every picture"):
        base_url(target)


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
