"""What is sent to a process that runs a program for its user: the program, and all that it has started, gets it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import FrameType

# Windows has not all of them.
NAMES = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP")
PASSED_ON = tuple(getattr(signal, name) for name in NAMES if hasattr(signal, name))
# Those that a terminal sends to all programs in its foreground.
OF_KEYS = NAMES[:2]
# A second signal within so many seconds of one that did not end the program kills it.
PATIENCE = 5.0
# The same one within these is no second: npm, `timeout` and others pass on what the program's group has got already.
ECHO = 0.2


class Signals:
    """A context in which signals are kept while there is no program, as `first`, and then passed on to it.

    Away from a terminal the program has a process group of its own, which gets them as a whole. In the foreground of a
    terminal it stays in ours, so that it can read what is typed, and Ctrl-C reaches it without us: as nobody can tell
    who sent it, SIGINT and SIGQUIT are not passed on there.
    """

    def __init__(self) -> None:
        self.first = 0
        self._at = -PATIENCE
        self._program: subprocess.Popen[bytes] | None = None
        self._shared = _in_foreground()

    def __enter__(self) -> Self:
        # What our starter has ignored stays so, as nohup means it.
        heard = [number for number in PASSED_ON if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._got) for number in heard}
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def run(self, command: Sequence[str], environ: Mapping[str, str]) -> int:
        """Run a program to its end. Gives its exit code, of a signal 128 more, as shells do. Raises OSError."""
        self._program = subprocess.Popen(command, env=environ, process_group=None if self._shared else 0)
        if self.first:
            self._send(self.first)
        code = self._program.wait()
        return 128 - code if code < 0 else code

    def _got(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        since = now - self._at
        if self._program and since < PATIENCE:
            if since >= ECHO or number != self.first:
                self._send(signal.SIGKILL)
            return
        self.first, self._at = number, now
        if not (self._shared and signal.Signals(number).name in OF_KEYS):
            self._send(number)

    def _send(self, number: int) -> None:
        if not self._program or self._program.returncode is not None:
            return
        # It has ended just now, or has become another user's.
        with suppress(ProcessLookupError, PermissionError):
            (os.kill if self._shared else os.killpg)(self._program.pid, number)


def _in_foreground() -> bool:
    """Whether the keys of a terminal reach this process, and its group with it."""
    # Windows: those of a console reach all programs in it.
    if not hasattr(os, "killpg"):
        return True
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
