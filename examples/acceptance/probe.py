"""A client in a process of its own: requests go in as lines, answers come out. It may be of any language."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import IO, Any, Self

# One line is one check's requests; a browser or an SDK that has to be loaded takes seconds.
PATIENCE = 60
# Nothing leaves this machine: no proxy, no price list that LiteLLM would fetch, no telemetry.
QUIET = {
    "NO_PROXY": "127.0.0.1,localhost",
    "no_proxy": "127.0.0.1,localhost",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LANGSMITH_TRACING": "false",
}


class ProbeDied(Exception):
    """The program ended, or did not answer in time. Says what it wrote last."""


@dataclass
class Probe:
    """A running program. A context manager; inside it, `ask` reaches the program."""

    command: Sequence[str]
    folder: Path
    patience: float = PATIENCE
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _said: IO[str] = field(init=False, repr=False)

    def __enter__(self) -> Self:
        self._said = tempfile.TemporaryFile("w+")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._end()
        self._said.close()

    def ask(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The answers to requests that are sent at once. Raises ProbeDied; the next request starts the program anew."""
        process = self._process = self._process or self._started()
        assert process.stdin
        assert process.stdout
        watchdog = Timer(self.patience, process.kill)
        watchdog.start()
        try:
            process.stdin.write(json.dumps(list(requests)) + "\n")
            process.stdin.flush()
            answers: list[dict[str, Any]] = json.loads(process.stdout.readline())
        except (OSError, ValueError) as reason:
            self._end()
            raise ProbeDied(f"the program ended: {self._last_words()}") from reason
        finally:
            watchdog.cancel()
        return answers

    def _started(self) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        environment = {**os.environ, **QUIET}
        return subprocess.Popen(
            self.command, cwd=self.folder, env=environment, stdin=pipe, stdout=pipe, stderr=self._said, text=True
        )

    def _last_words(self) -> str:
        self._said.seek(0)
        return (self._said.read().strip().splitlines() or ["it said nothing"])[-1]

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(BrokenPipeError), process:
            # The end of its stdin ends a program; one that hangs is stopped.
            if process.stdin:
                process.stdin.close()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
