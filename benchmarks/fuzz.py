"""`python -m benchmarks.fuzz`: a great many generated requests to the mock, and whatever it must not have answered.

That is a failure of ours, an error in another form than documented, a key, anything late.

Each request has a number, and with the seed the number says all of it: `--first N --count 1` asks it again.
"""

from __future__ import annotations

import heapq
import json
import logging
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
from jsonschema import Draft202012Validator
from pixelpact.contract.contract import Contract, load
from pixelpact.service import app
from pixelpact.service.lane import lane
from pixelpact.service.mock import build
from pixelpact.service.settings import Settings

from .fuzz_asking import Came, asked, served, told
from .fuzz_requests import KEY, Sent, request

MOST_SHOWN = 20
SLOWEST = 5
# Requests by one process.
PART = 50_000
# What the first half brings into memory stays there, within its bounds.
WARM = 0.5
# What no request may bring about, and what a server says of a transfer coding that it does not know.
UNASKED, UNKNOWN_CODING = 500, 501
# For a body of less than a mebibyte, unless its answer has a picture in it.
LONGEST = 0.1  # seconds
MEBIBYTE = 2**20
LONGEST_ERROR = 100_000


@dataclass
class Results:
    """What came of some requests; `findings` by what is wrong, `slowest` as seconds, number and kind."""

    count: int = 0
    unheard: int = 0  # nothing came before the connection ended, as where a length was false
    statuses: Counter[int] = field(default_factory=Counter)
    findings: list[tuple[int, str, str]] = field(default_factory=list)
    slowest: list[tuple[float, int, str]] = field(default_factory=list)
    grown: float = 0.0  # mebibytes, in the second half

    def add(self, other: Results) -> None:
        """Have those of other requests, too."""
        self.count += other.count
        self.unheard += other.unheard
        self.statuses += other.statuses
        self.findings += other.findings
        self.slowest = heapq.nlargest(SLOWEST, [*self.slowest, *other.slowest])
        self.grown = max(self.grown, other.grown)


class Judge:
    """Finds what must not be in an answer."""

    def __init__(self, contract: Contract) -> None:
        self._error = Draft202012Validator(contract.error)

    def findings(self, sent: Sent, came: Came) -> Iterator[str]:
        """Why an answer is none that may be given."""
        if not 200 <= came.status < 600 or (came.status >= 500 and not sent.wants_failure):
            yield f"status {came.status}: {came.body[:300]!r}"
        if KEY.encode() in came.body or any(KEY in value for value in came.headers.values()):
            yield "the key in the answer"
        if any(character in value for value in came.headers.values() for character in "\r\n\0"):
            yield "a line break in a header"
        if came.status >= 400 and sent.method != "HEAD":
            yield from self._error_findings(sent, came)

    def is_slow(self, sent: Sent, came: Came) -> bool:
        """Whether an answer took longer than its request is large."""
        return came.seconds > LONGEST and len(sent.body) < MEBIBYTE and b'"b64_json"' not in came.body[:2000]

    def _error_findings(self, sent: Sent, came: Came) -> Iterator[str]:
        kind = came.headers.get("content-type", "")
        if len(came.body) > LONGEST_ERROR:
            yield f"an error of {len(came.body):,} bytes"
        if kind.startswith("application/xml"):
            return
        try:
            body: Any = json.loads(came.body)
        except ValueError:
            yield f"an error that is no JSON, {kind}: {came.body[:200]!r}"
            return
        if sent.target.startswith("/_pixelpact"):
            return
        for error in self._error.iter_errors(body):
            yield f"an error not as documented: {error.message[:200]}"


class Noted(logging.Handler):
    """Keeps what was logged as an error: an exception that somebody caught and nobody foresaw."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record with its traceback."""
        self.records.append(logging.Formatter().format(record))


def in_process(numbers: range, seed: int) -> Results:
    """The application itself, asked in this process."""
    mock = build(Settings())
    judge, noted, results = Judge(mock.contract), Noted(), Results()
    # Flask logs there what nobody foresaw.
    logging.getLogger(app.__name__).addHandler(noted)
    # The log of calls is not what is measured.
    logging.getLogger("pixelpact.calls").setLevel(logging.WARNING)
    ask, before = lane(mock), 0.0
    for place, number in enumerate(numbers):
        before = _memory() if place == int(len(numbers) * WARM) else before
        sent = request(number, seed)
        came = asked(ask, sent)
        if judge.is_slow(sent, came):
            # What is collected now and then is not this request's doing.
            came = min((came, *(asked(ask, sent) for _ in range(3))), key=lambda one: one.seconds)
            if judge.is_slow(sent, came):
                told_slow = f"{came.seconds * 1000:.0f} ms for {len(sent.body):,} bytes"
                results.findings.append((number, sent.kind, told_slow))
        _take(results, judge, number, sent, came)
        results.findings += [(number, sent.kind, f"logged: {record[-1500:]}") for record in noted.records]
        noted.records.clear()
    results.grown = _memory() - before
    return results


def by_socket(numbers: range, seed: int) -> Results:
    """A real server, sent bytes; it must be there at the end."""
    results = Results()
    with served() as (port, process):
        judge = Judge(load())
        for number in numbers:
            sent = request(number, seed)
            try:
                came = told(port, sent, random.Random(number))
            except TimeoutError:
                results.findings.append((number, sent.kind, "no answer, and no end of the connection"))
                continue
            if came is None:
                results.unheard += 1
            else:
                _take(results, judge, number, sent, came, own=came.headers.get("x-request-id") is not None)
            if process.poll() is not None:
                results.findings.append((number, sent.kind, f"the server ended with {process.returncode}"))
                break
    return results


def _take(results: Results, judge: Judge, number: int, sent: Sent, came: Came, *, own: bool = True) -> None:
    """Add an answer; what a server says before the application is asked need not be in the API's form.

    501 is what HTTP has it say of a transfer coding that it does not know (RFC 9112, section 6.1).
    """
    results.count += 1
    results.statuses[came.status] += 1
    if own or (came.status >= UNASKED and came.status != UNKNOWN_CODING):
        results.findings += [(number, sent.kind, reason) for reason in judge.findings(sent, came)]
    results.slowest = heapq.nlargest(SLOWEST, [*results.slowest, (came.seconds, number, sent.kind)])


def _memory() -> float:
    """Mebibytes that this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


@click.command()
@click.option("--count", default=10_000, show_default=True, type=click.IntRange(1), help="Requests in all.")
@click.option("--first", default=0, show_default=True, type=click.IntRange(0), help="The number of the first.")
@click.option("--seed", default=1, show_default=True, help="With the number it says all of a request.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1), help="Side by side.")
@click.option(
    "--sockets", default=0.02, show_default=True, type=click.FloatRange(0, 1), help="Share asked by a socket."
)
def main(count: int, first: int, seed: int, processes: int, sockets: float) -> None:
    """Print what came of the requests; exit with 1 if any answer is none that may be given."""
    began, done = time.perf_counter(), Results()
    end = first + count
    cut = end - int(count * sockets)
    parts = [(in_process, part) for part in _parts(first, cut)] + [(by_socket, part) for part in _parts(cut, end)]
    # Each part by a process of its own, as what it takes in memory is measured.
    with ProcessPoolExecutor(processes, get_context("spawn"), max_tasks_per_child=1) as pool:
        for asking in as_completed([pool.submit(ask, part, seed) for ask, part in parts]):
            done.add(asking.result())
            print(f"{done.count:,} of {count:,}, {len(done.findings)} findings", file=sys.stderr)
    print(_told(done, time.perf_counter() - began))
    sys.exit(bool(done.findings))


def _parts(first: int, end: int) -> list[range]:
    return [range(start, min(start + PART, end)) for start in range(first, end, PART)]


def _told(done: Results, seconds: float) -> str:
    statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(done.statuses.items()))
    slowest = ", ".join(f"{each[0] * 1000:.0f} ms ({each[2]} {each[1]})" for each in done.slowest)
    reasons = Counter(f"{kind}: {reason[:160]}" for _, kind, reason in done.findings)
    first = {f"{kind}: {reason[:160]}": number for number, kind, reason in reversed(done.findings)}
    found = [f"- {times:,} times, first {first[reason]}: {reason}" for reason, times in reasons.most_common(MOST_SHOWN)]
    head = f"{done.count:,} requests in {seconds:.0f} s, {done.unheard:,} more unheard; {len(done.findings):,} findings"
    return "\n".join(
        [
            head,
            f"statuses {statuses}",
            f"slowest {slowest}",
            f"memory grew by {done.grown:.1f} MB in the second half of a process",
            *found,
        ]
    )


if __name__ == "__main__":
    main()
