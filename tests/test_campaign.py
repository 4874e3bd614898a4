"""Campaigns: what Hypothesis finds in one run is tried first in the next, through a Redis that both are told of."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis.database import InMemoryExampleDatabase
from pixelpact.cli.main import cli
from pixelpact.contract_tests.examples import Examples, ExamplesLost, Shared
from pixelpact.contract_tests.places import place
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from werkzeug.wrappers import Request

from .faults import DREAM, Body, Fault, Faulty, read, saying
from .judging import Done, judged

pytest_plugins = ["pytester"]
PASSWORD = "s3cret-0f-the-redis"
FOUND = "PX101 status"


@dataclass(frozen=True)
class Redis:
    """A server of the test's own."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis with a password, where this machine has one."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server on this machine")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    folder = tmp_path / "redis"
    folder.mkdir()
    line = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD]
    with subprocess.Popen(line, cwd=folder, stdout=subprocess.DEVNULL) as process:
        served = Redis(f"redis://:{PASSWORD}@127.0.0.1:{port}/1", process)
        _wait_for(port)
        yield served
        served.stop()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        assert time.monotonic() < deadline, "the Redis did not start"
        time.sleep(0.02)


def adorned(request: Request, _: object) -> bool:
    """A body with more than it needs: the simplest that is ever drawn is answered."""
    return request.method == "POST" and len(read(request.get_data())) > 2


FAILING = Fault("", "", instead=saying(500, "down", adorned))


def explored(
    folder: Path, examples: int, url: str, fault: Fault = FAILING, within: str = "any_valid_request"
) -> tuple[Done, list[Body]]:
    """What one run finds on a server that fails for whoever gives more than a prompt, and what it sent."""
    app = Faulty(create_app(), fault)
    with Server(app) as server:
        environ = {"PIXELPACT_DATABASE": url}
        line = ("-k", within, "--pixelpact-examples", str(examples))
        done = judged(folder, server.url, *line, model=DREAM, environ=environ)
    return done, app.posted


def test_what_one_run_found_is_the_first_that_the_next_one_tries(redis: Redis, tmp_path: Path) -> None:
    found, _ = explored(tmp_path, 8, redis.url)
    again, sent = explored(tmp_path, 1, redis.url)
    without, others = explored(tmp_path, 1, "")

    assert (f"{FOUND}\n" in found.stdout, f"{FOUND}\n" in again.stdout) == (True, True), found.stdout + again.stdout
    assert len(sent[0]) == 3
    assert (without.returncode, [len(body) for body in others]) == (0, [2])


def test_another_model_is_not_asked_for_what_one_failed_at(redis: Redis) -> None:
    shared = Examples(redis.url)
    shared.of("one[model]").save(b"key", b"example")

    assert list(shared.of("other[model]").fetch(b"key")) == []
    assert list(shared.of("one[model]").fetch(b"key")) == [b"example"]


def stopping(redis: Redis) -> Callable[[Body], Body]:
    """A server by whose first answer the Redis is gone."""

    def stop(body: Body) -> Body:
        redis.stop()
        return body

    return stop


def test_a_redis_that_goes_away_takes_no_finding_along(redis: Redis, tmp_path: Path) -> None:
    gone = replace(FAILING, body=stopping(redis))

    found, _ = explored(tmp_path, 8, redis.url, gone)

    assert f"{FOUND}\n" in found.stdout, found.stdout


def test_a_redis_that_goes_away_is_told_by_what_would_hold_without_it(redis: Redis, tmp_path: Path) -> None:
    gone = Fault("", "", body=stopping(redis))

    told, sent = explored(tmp_path, 1, redis.url, gone, within="any_valid_request or any_request_is")

    assert (told.returncode, len(sent)) == (1, 2), told.stdout
    assert f"\nexamples at {place(redis.url)}: " in told.stdout, told.stdout
    assert (PASSWORD in told.stdout + told.stderr, "Traceback" in told.stdout) == (False, False)


def test_a_wrong_password_ends_the_run_before_anything_is_sent(redis: Redis, tmp_path: Path) -> None:
    refused, sent = explored(tmp_path, 1, redis.url.replace(PASSWORD, f"not-{PASSWORD}"))

    assert (refused.returncode, sent) == (pytest.ExitCode.USAGE_ERROR, [])
    assert f"examples at {place(redis.url)}: invalid username-password pair" in refused.stdout
    assert PASSWORD not in refused.stdout + refused.stderr


def test_a_redis_that_is_not_there_ends_the_run_before_anything_is_sent(tmp_path: Path) -> None:
    refused, sent = explored(tmp_path, 1, f"redis://:{PASSWORD}@127.0.0.1:1")

    assert (refused.returncode, sent) == (pytest.ExitCode.USAGE_ERROR, [])
    assert "examples at redis://127.0.0.1:1/0: " in refused.stdout
    assert PASSWORD not in refused.stdout + refused.stderr


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(
        ExamplesLost, match=r"redis://127.0.0.1:6379/0: expected the extra: pip install 'pixelpact\[redis\]'"
    ):
        Examples("redis://127.0.0.1")


def test_an_option_that_redis_does_not_know_is_refused_without_the_password() -> None:
    with pytest.raises(ExamplesLost) as lost:
        Examples(f"redis://127.0.0.1:1/0?password={PASSWORD}&socket_timeout=soon")

    assert PASSWORD not in str(lost.value)


WRONG = [
    "127.0.0.1:6379",
    "http://127.0.0.1",
    "redis:///1",
    "redis://host/name",
    f"redis://:p#{PASSWORD}@host",
    "redis://[x",
]


@pytest.mark.parametrize("url", WRONG)
def test_what_names_no_redis_is_refused_and_not_repeated(url: str, pytester: pytest.Pytester) -> None:
    plugin = pytester.runpytest(f"--pixelpact-database={url}")
    verb = CliRunner().invoke(cli, ["verify", "--database", url])

    assert (plugin.ret, verb.exit_code) == (pytest.ExitCode.USAGE_ERROR, 2)
    plugin.stderr.fnmatch_lines(["*--pixelpact-database: expected redis://HOST:PORT/NUMBER*"])
    assert "'--database': expected redis://HOST:PORT/NUMBER" in verb.output
    assert url not in plugin.stderr.str() + verb.output


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://cache", "redis://cache:6379/0"),
        (f"rediss://ada:{PASSWORD}@cache:1/2?ssl_cert_reqs=none", "rediss://cache:1/2"),
        ("redis://[::1]:7", "redis://[::1]:7/0"),
    ],
)
def test_a_redis_is_shown_without_what_is_secret(url: str, shown: str) -> None:
    assert place(url) == shown


class Failing(InMemoryExampleDatabase):
    """What fails once it was asked."""

    asked = 0

    def fetch(self, key: bytes) -> Iterable[bytes]:
        self.asked += 1
        raise OSError("gone")


def test_what_has_failed_is_not_asked_again() -> None:
    kept = Failing()
    shared = Shared(kept, OSError)

    assert (list(shared.fetch(b"key")), list(shared.fetch(b"key"))) == ([], [])
    assert (kept.asked, shared.lost) == (1, "gone")
