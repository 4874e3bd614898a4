"""Processes under measurement: started in a group of their own, waited for, weighed, and ended whatever happens."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

PATIENCE = 60.0  # seconds until a server must have answered
GRACE = 8.0  # seconds that it has to stop


class NotStarted(RuntimeError):
    """A server that ended, or did not answer in time; with the end of what it printed."""


@dataclass(frozen=True)
class Started:
    """A server that answers: its process, its port, and the seconds from its start to its first answer."""

    pid: int
    port: int
    seconds: float
    status: int
    body: bytes
    printed: IO[bytes]

    @property
    def memory(self) -> float:
        """Of its whole tree, in MB: each process's share (PSS) of what it has in memory."""
        return sum(_weight(pid) for pid in tree(self.pid)) / 1024

    @property
    def worked(self) -> float:
        """Seconds of processor time that its tree has taken."""
        return sum(_worked(pid) for pid in tree(self.pid)) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Asked:
    """The request that a server must answer to count as started."""

    path: str
    headers: Mapping[str, str]
    body: bytes


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextmanager
def started(
    command: Sequence[str], port: int, asked: Asked, environment: Mapping[str, str], folder: Path
) -> Iterator[Started]:
    """A server that has answered. Raises `NotStarted`."""
    with running(command, environment, folder) as (process, printed):
        began = time.perf_counter()
        while time.perf_counter() - began < PATIENCE:
            if process.poll() is not None:
                raise NotStarted(f"exit {process.returncode}: {_end(printed)}")
            answer = _ask(port, asked)
            if answer and answer[0] < 500:
                yield Started(process.pid, port, time.perf_counter() - began, *answer, printed)
                return
            time.sleep(0.002)
        raise NotStarted(f"no answer within {PATIENCE:.0f} s: {_end(printed)}")


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """A process and its children, which end with the block; what it prints goes to a file."""
    with TemporaryFile() as printed:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            cwd=folder,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        try:
            yield process, printed
        finally:
            _end_group(process)


def tree(pid: int) -> list[int]:
    """A process and all that it started, as Linux knows them."""
    children: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += map(int, file.read_text().split())
    return [pid, *(one for child in children for one in tree(child))]


def _weight(pid: int) -> int:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return 0


def _worked(pid: int) -> int:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0


def _ask(port: int, asked: Asked) -> tuple[int, bytes] | None:
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", asked.path, asked.body, dict(asked.headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
    return None


def said(printed: IO[bytes], start: int = 0) -> bytes:
    """What a process has printed from there on. Its place in the file is the process's own too, so it stays."""
    parts, place = [], start
    while part := os.pread(printed.fileno(), 1 << 20, place):
        parts.append(part)
        place += len(part)
    return b"".join(parts)


def _end(printed: IO[bytes]) -> str:
    return said(printed)[-400:].decode("utf-8", "replace").strip()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended, and was not asked for yet, does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and all in its group: kindly, then at once."""
    members = tree(process.pid)
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        end = time.monotonic() + GRACE
        while any(map(is_alive, members)) and time.monotonic() < end:
            time.sleep(0.01)
    process.wait()
