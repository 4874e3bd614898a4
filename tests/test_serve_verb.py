"""`pixelpact serve` as a process, and as several: how they begin, what they say, and that none is left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner
from pixelpact.cli.main import cli

from tests.redis_server import needs_redis, started, url_of

SERVE = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", "serve", "--port", "0"]
LATE = 10.0  # seconds
KEY = {"Authorization": "Bearer test-key"}
DRAW = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "512x512"}
LINE = re.compile(r"\d\d:\d\d:\d\d [A-Z]+ /\S* \d{3} \d+\.\d ms")

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="several workers are for systems that fork")


class Process:
    """A running `pixelpact serve`; what it says goes to files."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._err = folder / "err"
        with self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [*SERVE, *options], stdout=subprocess.PIPE, stderr=err, text=True, start_new_session=True
            )
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        self.client = httpx.Client(trust_env=False, timeout=LATE)
        self.pids = [self.process.pid, *self.workers()]

    @property
    def said(self) -> list[str]:
        return self._err.read_text().splitlines()

    def workers(self) -> list[int]:
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return [int(pid) for pid in found.stdout.split()]

    def get(self, path: str = "/health") -> httpx.Response:
        return self.client.get(self.url + path)

    def post(self) -> httpx.Response:
        return self.client.post(f"{self.url}/v1/images/generations", json=DRAW, headers=KEY)

    def is_there(self, pid: int) -> bool:
        with suppress(ProcessLookupError):
            os.kill(pid, 0)
            return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return False

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()
        self.client.close()


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + LATE
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


Serve = Callable[..., Process]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    started = []

    def start(*options: str) -> Process:
        started.append(Process(tmp_path, *options))
        return started[-1]

    yield start
    for process in started:
        process.end()


def is_free(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket(socket.AF_INET6 if ":" in (parts.hostname or "") else socket.AF_INET) as tried:
        return tried.connect_ex((parts.hostname, parts.port)) != 0


@needs_fork
def test_workers_answer_together_and_stop_together(serve: Serve) -> None:
    running = serve("--workers", "2")
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(lambda _: running.post().status_code, range(40)))
    running.process.terminate()
    code = running.process.wait(LATE)

    assert (code, len(running.pids), statuses) == (0, 3, {200: 40})
    assert [pid for pid in running.pids if running.is_there(pid)] == []
    assert is_free(running.url)
    first, second, *lines, last = running.said
    assert first == "without --state, each worker has a journal, credits, limits, faults and a clock of its own"
    assert second.startswith(f"profile observed; base for OpenAI clients: {running.url}/v1")
    # A call, a line: none is lost, none is mixed with another.
    assert (len(lines), [line for line in lines if not LINE.fullmatch(line)], last) == (40, [], "stopped")


@needs_fork
def test_a_worker_that_dies_is_started_again(serve: Serve) -> None:
    running = serve("--workers", "2", "--quiet")
    dead = running.pids[1]
    os.kill(dead, signal.SIGKILL)
    came = eventually(lambda: len(set(running.workers()) - {dead}) == 2)

    assert came
    assert {running.get().status_code for _ in range(10)} == {200}
    assert "worker 1 was killed by signal 9; it is started again" in running.said


@needs_fork
@needs_redis
def test_a_worker_that_cannot_begin_again_is_tried_until_it_can(serve: Serve, tmp_path: Path) -> None:
    with started(tmp_path) as redis:
        running = serve("--workers", "2", "--quiet", "--state", url_of(tmp_path))
        redis.kill()
    os.kill(running.pids[1], signal.SIGKILL)
    assert eventually(lambda: any("worker 1 could not begin" in line for line in running.said))
    assert running.process.poll() is None
    with started(tmp_path):
        assert eventually(lambda: len(running.workers()) == 2 and running.post().status_code == 200)
        running.process.terminate()
        assert running.process.wait(LATE) == 0


@needs_fork
def test_workers_do_not_outlive_the_first_process(serve: Serve) -> None:
    running = serve("--workers", "2", "--quiet")
    running.process.kill()

    assert eventually(lambda: not any(running.is_there(pid) for pid in running.pids[1:]))
    assert is_free(running.url)


@needs_fork
def test_what_no_worker_can_begin_with_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{")
    done = subprocess.run(
        [*SERVE, "--workers", "2", "--schemas", str(tmp_path), "--state", "redis://127.0.0.1:1"],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("pixelpact: model.json#")


@needs_fork
def test_a_change_of_the_schemas_is_said_once_and_served_by_all(serve: Serve, tmp_path: Path) -> None:
    schemas = tmp_path / "schemas"
    schemas.mkdir()
    running = serve("--workers", "2", "--watch", "--schemas", str(schemas), "--quiet")
    (schemas / "sources.json").write_text(json.dumps({"hearsay": {"standing": "assumed", "place": "a rumour"}}))

    assert eventually(lambda: "schemas: changed sources.json" in running.said)
    time.sleep(0.3)
    assert running.said.count("schemas: changed sources.json") == 1


def test_a_quiet_one_says_nothing_of_calls_and_hears_faults(serve: Serve) -> None:
    running = serve("--quiet", "--host", "::1", "--fault", "reset,first=1")
    with pytest.raises(httpx.ReadError):
        running.post()
    answer = running.post()
    running.process.terminate()
    code = running.process.wait(LATE)

    assert running.url.startswith("http://[::1]:")
    assert (answer.status_code, code, running.said[1:]) == (200, 0, ["stopped"])


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=needs_fork)])
def test_a_picture_that_is_being_drawn_is_sent_before_it_stops(serve: Serve, workers: str) -> None:
    running = serve("--workers", workers, "--quiet")
    draw = {**DRAW, "model": "bytedance/seedream-4-5", "size": "4096x4096"}
    asked = running.client.post(f"{running.url}/v1/images/generations", json=draw, headers=KEY)
    parts = urlsplit(asked.json()["data"][0]["url"])
    with socket.create_connection((parts.hostname, parts.port), timeout=LATE) as client:
        client.sendall(f"HEAD /health HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
        client.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        # Time to be read; to be drawn takes longer.
        time.sleep(0.1)
        # Ctrl-C.
        os.killpg(running.process.pid, signal.SIGINT)
        picture = b"".join(iter(lambda: client.recv(65536), b""))

    assert picture.startswith(b"HTTP/1.1 200 OK\r\n")
    assert picture.endswith(b"\xff\xd9")
    assert running.process.wait(LATE) == 0


def test_a_port_that_is_taken_is_one_line_for_several_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = CliRunner().invoke(cli, ["serve", "--workers", "2", "--port", str(taken.getsockname()[1])])

    assert "Address already in use" in str(done.exception)


@pytest.mark.parametrize("option", ["--host", "--secret", "--api-key"])
def test_an_empty_value_is_refused(option: str) -> None:
    refused = CliRunner().invoke(cli, ["serve", "--port", "0", option, ""])

    assert refused.exit_code == 2
    assert "expected some text, received none" in refused.stderr
