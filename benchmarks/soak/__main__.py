"""`python -m benchmarks.soak --minutes 60`: the mock under mixed calls, a line a minute, a verdict at the end."""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from ..judge import script
from ..speed.calls import VALID, asked
from ..speed.processes import Started, free_port, said, started
from ..speed.sample import Plan, Unanswered, sampled_by
from ..speed.turns import redis
from .beside import Beside
from .bulk import requests
from .verdict import FEWEST, Span, failures, growth, held_spans, line

CONNECTIONS = 16


@dataclass(frozen=True)
class Soak:
    """What one run has: a server, the requests of the bulk, and the rate that is due."""

    server: Started
    plan: Plan
    beside: Beside

    def spans(self, count: int) -> Iterator[Span]:
        """So many spans, one after the other."""
        turns, told, place = 0, Counter[str](), 0
        for _ in range(count):
            sample = sampled_by(self.plan)
            done, errors = self.beside.counted()
            printed = said(self.server.printed, place)
            broken = {**sample.broken, **(errors - told), **_tracebacks(printed)}
            due, memory, more = self.plan.rate or 0.0, self.server.memory, done - turns
            yield Span(sample.rate, due, sample.p50, sample.p99, memory, more, sample.seconds, broken)
            turns, told, place = done, errors, place + len(printed)


def _tracebacks(printed: bytes) -> dict[str, int]:
    """What the server says of errors that it did not expect."""
    at = printed.find(b"Traceback")
    trace = printed[at : at + 1500].decode("utf-8", "replace").strip()
    return {f"the server says: {trace}": printed.count(b"Traceback")} if at >= 0 else {}


@click.command()
@click.option("--minutes", default=60.0, show_default=True, type=click.FloatRange(0.01))
@click.option("--load", default=0.5, show_default=True, type=click.FloatRange(0.01, 1), help="Of what was measured.")
@click.option("--every", default=60.0, show_default=True, type=click.FloatRange(0.5), help="Seconds of a line.")
@click.option("--workers", type=click.IntRange(1), help="Processes; more than one share their state through Redis.")
@click.option("--quiet", is_flag=True, help="Without the log of calls.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the lines to this file, as JSON.")
def main(minutes: float, load: float, every: float, workers: int | None, quiet: bool, out: Path | None) -> None:
    """Start the mock, measure what it can do, and send a part of that for so long. Exit 1: something did not hold."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="soak-")))
        state = stack.enter_context(redis(folder)) if (workers or 1) > 1 else None
        port = free_port()
        command = _command(port, workers, state, quiet=quiet)
        server = stack.enter_context(started(command, port, asked(VALID), {}, folder))
        files, expected = requests(folder)
        brief = min(10.0, every / 2)
        most = sampled_by(Plan(port, files, CONNECTIONS, brief, brief / 2, expected=expected))
        print(f"at most {most.rate:,.0f}/s of the mixture; {load:.0%} of it from here on", flush=True)
        plan = Plan(port, files, CONNECTIONS, every, 0.0, expected=expected, rate=most.rate * load)
        beside = Beside(port)
        stack.enter_context(beside.going())
        spans, problem = _told(Soak(server, plan, beside), max(1, round(minutes * 60 / every)))
    sys.exit(_judged(spans, problem, out))


def _command(port: int, workers: int | None, state: str | None, *, quiet: bool) -> list[str]:
    options = [*(["--workers", str(workers)] if workers else []), *(["--state", state] if state else [])]
    return [script("pixelpact"), "serve", "--port", str(port), *options, *(["--quiet"] if quiet else [])]


def _told(soak: Soak, count: int) -> tuple[list[Span], list[str]]:
    """The spans, each printed as it comes; and why there are no more, where the server is gone."""
    spans: list[Span] = []
    try:
        for span in soak.spans(count):
            spans.append(span)
            print(line(len(spans), span), *(f"     {error}" for error in span.errors), sep="\n", flush=True)
    except (Unanswered, KeyboardInterrupt) as reason:
        return spans, [f"ended after {len(spans)} spans: {type(reason).__name__} {reason}"]
    return spans, []


def _judged(spans: list[Span], problem: list[str], out: Path | None) -> int:
    failed = [*problem, *failures(spans)]
    if out:
        out.write_text(json.dumps({"spans": [*map(asdict, spans)], "failures": failed}, indent=1), "utf-8")
    held = held_spans(spans)
    print(*(failed or [f"held: no error{', memory flat, p99 steady' * (len(held) >= FEWEST)}"]), sep="\n")
    if len(held) > 1:
        print(f"memory {held[0].memory:.1f} to {held[-1].memory:.1f} MB, by the slope {growth(held):+.1f} MB")
    return bool(failed)


if __name__ == "__main__":
    main()
