"""The log of calls: every line is whole and soon out, and nobody waits for its reader."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from pixelpact.doors import calllog
from pixelpact.doors.calllog import CallLog
from pixelpact.service.responses import said

LOG = logging.getLogger(calllog.NAME)


@pytest.fixture
def log() -> Iterator[CallLog]:
    level, propagate = LOG.level, LOG.propagate
    made = CallLog()
    yield made
    made.end()
    LOG.setLevel(level)
    LOG.propagate = propagate


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def test_a_line_is_out_by_itself_and_has_its_time(log: CallLog, capfd: pytest.CaptureFixture[str]) -> None:
    log.begin()
    LOG.info("%s %s", "GET", "/health")
    said = ""

    def is_said() -> bool:
        nonlocal said
        said += capfd.readouterr().err
        return said.endswith("\n")

    assert eventually(is_said)
    assert re.fullmatch(r"\d\d:\d\d:\d\d GET /health\n", said)


def test_what_is_left_is_written_at_the_end(log: CallLog, capfd: pytest.CaptureFixture[str]) -> None:
    log.begin()
    for number in range(1000):
        LOG.info("line %d", number)
    log.end()

    assert [line[9:] for line in capfd.readouterr().err.splitlines()] == [f"line {number}" for number in range(1000)]


def test_who_reads_slowly_delays_no_call_and_is_told_what_is_lost(
    log: CallLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calllog, "KEPT", 100)
    stalled = CallLog()
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as unread:
        monkeypatch.setattr(sys, "stderr", unread)
        stalled.begin()
        before = time.monotonic()
        for _ in range(10):
            for _ in range(1000):
                LOG.info("x" * 100)
            time.sleep(0.02)
        took = time.monotonic() - before
        text = b""
        while b"lines are lost" not in text:
            text += os.read(reader, 65536)
        stalled.end()
    os.close(reader)

    assert took < 3
    assert re.search(rb"\n\d+ lines are lost, as nobody has read them\n", text)


def test_no_piece_cuts_a_line(log: CallLog, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[bytes] = []

    def write(_: int, piece: bytes) -> int:
        pieces.append(piece)
        return len(piece)

    monkeypatch.setattr(os, "write", write)
    log.begin()
    for size in (10, 3000, 2000, 5000, 20):
        LOG.info("x" * size)
    log.end()

    assert all(piece.endswith(b"\n") for piece in pieces)
    assert sum(piece.count(b"\n") for piece in pieces) == 5
    assert [len(piece) > calllog.PIECE for piece in pieces].count(True) == 1


def test_a_record_of_a_call_has_all_that_any_has(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.INFO, LOG.name):
        for is_told in (True, False):
            monkeypatch.setattr(logging, "logThreads", is_told)
            said("POST", "/v1", 200, time.perf_counter())
    full, quick = (vars(record) for record in caplog.records)
    of_its_own = {"args", "created", "msecs", "relativeCreated", "message"}
    # Those are told or not for all that is logged.
    of_its_own |= {"thread", "threadName", "process", "processName"}

    assert {name for name in full if full[name] != quick.get(name)} <= of_its_own
    assert set(full) == set(quick)
    assert 0 <= quick["created"] - full["created"] < 1
    assert quick["msecs"] == pytest.approx(quick["created"] % 1 * 1000, abs=1)
    assert re.fullmatch(r"POST /v1 200 \d+\.\d ms", quick["message"])


def test_a_text_without_values_may_have_a_percent_sign(log: CallLog, capfd: pytest.CaptureFixture[str]) -> None:
    log.begin()
    LOG.info("100%")
    log.end()

    assert capfd.readouterr().err[9:] == "100%\n"


def test_a_server_without_stderr_has_a_log_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)

    assert CallLog().handle(logging.makeLogRecord({"msg": "a", "args": ()}))
