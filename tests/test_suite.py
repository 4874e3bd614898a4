"""The installed suite against servers it has never met: it finds each planted fault, and nothing in a clean mock."""

from __future__ import annotations

import os
import socketserver
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app

from .faults import FAULTS, Fault, Faulty

DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
# The tests of the suite that should find a fault: the others take their time.
FOUND_IN = {
    "wrong-size": "documented",
    "swapped-sides": "documented",
    "ignored-b64_json": "boundary and response_format",
    "string-created": "documented",
    "missing-key-accepted": "valid_key",
    "guidance-11-accepted": "broken and guidance_scale-maximum",
    "guidance-10-refused": "boundary and guidance_scale-maximum",
    "dead-url": "documented",
    "unrelated-edit": "photograph",
    "png-called-jpeg": "documented",
    "one-request-id": "request_ids",
    "client-id-of-another": "client_request_id",
    "seed-ignored": "same_seed",
    "seed-by-form": "both_forms",
    "one-picture": "another_seed",
    "tampered-link-served": "tampered",
    "two-fields-refused-together": "any_valid_request",
    "lists-taken": "any_request",
}


def judged(folder: Path, url: str, *arguments: str, model: str = DREAM) -> subprocess.CompletedProcess[str]:
    options = ["--pixelpact-target", url, "--pixelpact-model", model, "--pixelpact-examples", "0"]
    quiet = ["-q", "-p", "no:cacheprovider", "--tb=short"]
    # Where these say that a CI runs it, pytest prints each finding a second time, in its summary.
    outside_ci = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "pixelpact.contract_tests", *options, *quiet, *arguments],
        cwd=folder,
        env=outside_ci,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def judgements(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[subprocess.CompletedProcess[str]]]:
    """What the suite says of each fault: two at a time, as most of it is the start of a process."""

    def judge(fault: str) -> subprocess.CompletedProcess[str]:
        model = EDIT if "edit" in fault else DREAM
        with Server(Faulty(create_app(), FAULTS[fault])) as server:
            which = ("-x", "-k", FOUND_IN[fault], "--pixelpact-examples", "25")
            return judged(tmp_path_factory.getbasetemp(), server.url, *which, model=model)

    with ThreadPoolExecutor(2) as pool:
        return {fault: pool.submit(judge, fault) for fault in FAULTS}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_its_check(
    fault: str, judgements: dict[str, Future[subprocess.CompletedProcess[str]]]
) -> None:
    done = judgements[fault].result()

    assert done.returncode == 1, done.stdout
    assert f"\n{FAULTS[fault].found_by}\n  promised  " in done.stdout
    assert f"\n  repeat    {FAULTS[fault].repeated_by}" in done.stdout


def test_nothing_is_found_in_a_clean_mock_behind_a_url(tmp_path: Path) -> None:
    with Server(create_app()) as server:
        done = judged(tmp_path, f"{server.url}/v1/", "-k", "not image-pixels", model=f"{DREAM}, {EDIT}")

    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def any_prompt(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "prompt": "x"} if body.get("prompt") == "" else body


def test_a_stranger_is_not_judged_by_what_is_only_assumed(tmp_path: Path) -> None:
    with Server(Faulty(create_app(), Fault("nothing", body=any_prompt))) as server:
        done = judged(tmp_path, server.url, "-k", "prompt-minLength and broken or unknown_path or another_method")

    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout


@contextmanager
def saying(answer: bytes) -> Iterator[str]:
    """A server that says the same to whatever it is asked, and hangs up."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,)).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


GARBLED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("answer", [b"", GARBLED], ids=["nothing", "garbled"])
def test_a_server_that_gives_no_answer_is_a_finding_and_no_crash(answer: bytes, tmp_path: Path) -> None:
    with saying(answer) as url:
        done = judged(tmp_path, url, "-k", "documented")

    assert done.returncode == 1, done.stdout
    assert done.stdout.count("\n  came      0 no answer: ") == 4
    assert "Traceback" not in done.stdout + done.stderr


def test_a_link_that_cannot_be_followed_is_a_finding_and_no_crash(tmp_path: Path) -> None:
    with Server(Faulty(create_app(), Fault("download", answer=unreachable))) as server:
        done = judged(tmp_path, server.url, "-k", "documented and E8")

    assert done.returncode == 1, done.stdout
    assert "came      0 no answer: ConnectError" in done.stdout


def unreachable(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "data": [{"url": "http://127.0.0.1:1/picture.jpeg"}]}
