"""Several processes on one socket: each is started, watched, started again when it dies, and stopped with the others.

The first process serves nothing and stays small. A worker that loses it stops by itself.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ..errors import PixelpactError

# Beyond the grace of a worker, after which it is killed.
PATIENCE = 2.0  # seconds
# One that dies sooner than that is started again no sooner than that.
BREATH = 1.0  # seconds
READY = b"+"
STOPS = (signal.SIGINT, signal.SIGTERM)
# What a worker runs: it calls the first when it answers, and stops when the file, which it watches, ends.
Work = Callable[[int, Callable[[], None], int], int]
Say = Callable[[str], None]


class CannotWork(PixelpactError):
    """A worker could not begin; the message is its own."""


@dataclass(frozen=True)
class _Worker:
    number: int
    pid: int
    began: float
    says: int


class Workers:
    """Processes that do the same work. `run` keeps them until a signal."""

    def __init__(self, count: int, work: Work, say: Say, grace: float) -> None:
        self._count, self._work, self._say, self._grace = count, work, say, grace
        self._living: dict[int, _Worker] = {}
        self._watched, self._held = os.pipe()

    def run(self, ready: Callable[[], None]) -> int:
        """Start all, tell when they answer, and keep them; the exit code. Raises CannotWork."""
        for number in STOPS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)
        try:
            for worker in [self._start(number) for number in range(1, self._count + 1)]:
                self._hear(worker)
            ready()
            while True:
                self._replace(*os.wait())
        except KeyboardInterrupt:
            return self._stop()
        finally:
            self._end(signal.SIGKILL)

    def _start(self, number: int) -> _Worker:
        hears, says = os.pipe()
        # Nothing that was not said yet is said twice.
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal must not reach a worker that still is as the first process.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        pid = os.fork()
        if not pid:
            os.close(hears)
            os.close(self._held)
            os._exit(self._worked(number, says))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        os.close(says)
        worker = _Worker(number, pid, time.monotonic(), hears)
        self._living[pid] = worker
        return worker

    def _worked(self, number: int, says: int) -> int:
        """The exit code of a worker, in its own process."""
        # A terminal sends it to all; the first process passes on what is meant.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        try:
            code = self._work(number, lambda: _said(says, READY), self._watched)
        except PixelpactError as reason:
            _said(says, str(reason).encode())
            code = 2
        except BaseException:  # noqa: BLE001 - it must not go on as the first process, whose copy it is
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        return code

    def _hear(self, worker: _Worker) -> None:
        """Wait until it answers. Raises CannotWork."""
        with os.fdopen(worker.says, "rb") as said:
            # It closes its end once it is ready.
            text = said.read()
        if text != READY:
            raise CannotWork(text.decode() or f"worker {worker.number} could not begin")

    def _replace(self, pid: int, status: int) -> None:
        worker = self._living.pop(pid, None)
        if not worker:
            return
        code = os.waitstatus_to_exitcode(status)
        how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
        self._say(f"worker {worker.number} {how}; it is started again")
        if time.monotonic() - worker.began < BREATH:
            time.sleep(BREATH)
        try:
            self._hear(self._start(worker.number))
        except CannotWork as reason:
            # The others go on. It ends, which is heard of in its turn: then it is started again.
            self._say(f"worker {worker.number} could not begin: {reason}")

    def _stop(self) -> int:
        """Have all end; a second signal hurries them."""
        deadline = time.monotonic() + self._grace + PATIENCE
        self._end(signal.SIGTERM)
        while self._living and time.monotonic() < deadline:
            try:
                self._reap()
                time.sleep(0.01)
            except KeyboardInterrupt:
                self._end(signal.SIGTERM)
        return 0

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) > 0:
                self._living.pop(pid, None)

    def _end(self, number: int) -> None:
        for pid in self._living:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _said(says: int, text: bytes) -> None:
    with os.fdopen(says, "wb") as stream:
        stream.write(text)
