"""The log of calls, written by a thread: a request does not wait for whoever reads it."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import deque
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from .callline import line_of, shown
from .terminal import is_coloured, is_watched

NAME = "pixelpact.calls"
# A line is out so long after its call: those of that time are written together.
GATHERED = 0.03  # seconds
# Lines that are kept for a reader that is slow; of more, the oldest are lost, and so many are told.
KEPT = 50_000
# What a pipe takes in one piece, so that lines of several processes are not mixed.
PIECE = 4096  # bytes
# So many values a terminal shows of a call.
SHOWN = 6


class CallLog(logging.Handler):
    """Writes a line for each record to stderr. `begin` and `end` its thread."""

    def __init__(self) -> None:
        super().__init__()
        self._records: deque[tuple[float, str, Any]] = deque(maxlen=KEPT)
        self._lost = 0
        self._second = (0, "")
        self._columns = 0
        self._is_watched, self._is_coloured = is_watched(sys.stderr), is_coloured(sys.stderr)
        self._is_stopped = self._is_told = False
        self._wake = Event()
        self._thread = Thread(target=self._write_on, name="pixelpact-log", daemon=True)

    def createLock(self) -> None:  # noqa: N802 - logging's name
        """Have none: a deque needs none."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Take a record: there is nothing to filter, and no lock to wait for."""
        if len(self._records) == KEPT:
            self._lost += 1
        # What a line is made of: of a record, the rest is a kilobyte.
        told: Any = record.args
        if self._is_watched and hasattr(record, "facts"):
            told = shown(told, record.facts)
        self._records.append((record.created, record.msg, told))
        if not self._is_told:
            self._is_told = True
            self._wake.set()
        return True

    def begin(self) -> None:
        """Write from now on."""
        logger = logging.getLogger(NAME)
        # No line tells of them, and to find them out takes longer than to write it.
        logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
        logger.addHandler(self)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        self._thread.start()

    def end(self) -> None:
        """Write what is left, unless its reader has stalled."""
        logging.getLogger(NAME).removeHandler(self)
        self._is_stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1)

    def _write_on(self) -> None:
        with suppress(OSError):
            while not self._is_stopped:
                self._wake.wait()
                if not self._is_stopped:
                    time.sleep(GATHERED)
                self._wake.clear()
                self._is_told = False
                self._write()

    def _write(self) -> None:
        if self._is_watched:
            with suppress(OSError):
                self._columns = os.get_terminal_size(sys.stderr.fileno()).columns
        lines = [self._line(*self._records.popleft()) for _ in range(len(self._records))]
        lost, self._lost = self._lost, 0
        if lost:
            lines.append(f"{lost} lines are lost, as nobody has read them\n".encode())
        for piece in _pieces(lines):
            while piece:
                piece = piece[os.write(sys.stderr.fileno(), piece) :]

    def _line(self, created: float, text: str, told: Any) -> bytes:
        second = int(created)
        if self._second[0] != second:
            self._second = (second, time.strftime("%H:%M:%S", time.localtime(second)))
        moment = self._second[1]
        # Of a call, a terminal is shown more than the text has.
        if self._is_watched and len(told or ()) == SHOWN:
            line = line_of(moment, told, coloured=self._is_coloured, columns=self._columns)
        else:
            line = f"{moment} {text % told if told else text}"
        return f"{line}\n".encode("utf-8", "backslashreplace")


def _pieces(lines: list[bytes]) -> list[bytes]:
    """The lines together, as many as go into one piece."""
    pieces: list[list[bytes]] = [[]]
    size = 0
    for line in lines:
        if size + len(line) > PIECE:
            pieces.append([])
            size = 0
        pieces[-1].append(line)
        size += len(line)
    return [b"".join(piece) for piece in pieces]
