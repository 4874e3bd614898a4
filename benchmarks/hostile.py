"""`python -m benchmarks.hostile`: harmed picture files through all that reads one; nothing but the documented refusals.

Counts the outcomes, and tells the slowest input, the memory before and after, and what was written to stderr.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import click
from pixelpact.errors import PictureRefused
from pixelpact.pixels.decode import measured, open_input
from pixelpact.pixels.encode import read_digest
from pixelpact.pixels.measure import facts, survival
from pixelpact.pixels.render import render
from pixelpact.pixels.samples import sample
from pixelpact.pixels.thumbnail import thumbnail
from pixelpact.pixels.values import Encoding, Limits, Recipe, Size, Source

from .harm import harmed, sound

FORMATS = ("jpeg", "png", "webp", "gif", "bmp", "tiff")
LIMITS = Limits(FORMATS, min_side=1, min_ratio=0, max_ratio=float("inf"))
EDIT = Recipe("model", "add a bird", 7, Size(128, 96), image="sha256:0")
DRAWN = Recipe("model", "", 7, Size(96, 96), references=("sha256:0",))
SENT = sample(Size(128, 96))
PAGE = os.sysconf("SC_PAGE_SIZE")
# In seconds of processor time, of one input and one reader.
SLOW = 1.0


@dataclass
class Report:
    """What came of it; `slowest` is seconds, the number of the input and the reader, `memory` in MB, by the way."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int, str] = (0.0, -1, "")
    memory: list[float] = field(default_factory=list)
    said: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether no input took too long, and nothing was written to stderr."""
        return self.slowest[0] <= SLOW and not self.said


READERS: dict[str, Callable[[bytes], object]] = {
    "open": lambda data: open_input(data, LIMITS),
    "measure": lambda data: measured(data, LIMITS),
    "edit": lambda data: render(EDIT, Encoding(), data, LIMITS),
    "print": lambda data: render(DRAWN, Encoding(), references=[Source(data, LIMITS)]),
    "facts": lambda data: facts(data).decodable,
    "survival": lambda data: survival(data, SENT),
    "thumbnail": thumbnail,
    "digest": read_digest,
}


def tried(seed: int, count: int, told: Callable[[int, Report], None] = lambda *_: None) -> Report:
    """Read `count` harmed files, by all readers. Raises whatever a reader raises that it does not document."""
    files, report = sound(), Report()
    for number in range(count):
        data = harmed(Random(f"{seed} {number}"), files)
        for name, reader in READERS.items():
            start = time.thread_time()
            report.outcomes[_outcome(name, reader, data)] += 1
            report.slowest = max(report.slowest, (time.thread_time() - start, number, name))
        if number % max(1, count // 20) == 0:
            report.memory.append(_resident())
            told(number, report)
    return report


def _outcome(name: str, reader: Callable[[bytes], object], data: bytes) -> str:
    try:
        found = reader(data)
    except PictureRefused as refused:
        return f"{name}: {refused.rule}"
    return f"{name}: {'nothing' if found is None or found is False else 'read'}"


def _resident() -> float:
    """Megabytes in use now; where the system does not tell, the most that there were."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * PAGE / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def overheard() -> Iterator[Callable[[], str]]:
    """What is written to stderr meanwhile, also by a C library."""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield lambda: os.pread(file.fileno(), 10_000, 0).decode(errors="replace")
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@click.command()
@click.option("--seed", default=1, show_default=True, help="Another one makes other files.")
@click.option("--count", default=10_000, show_default=True, type=click.IntRange(1), help="Files.")
def main(seed: int, count: int) -> None:
    """Read harmed pictures; exit 1 if one took too long or something was said on stderr."""
    start = time.perf_counter()
    with overheard() as said:
        report = tried(seed, count, lambda number, now: print(number, f"{now.memory[-1]:.0f} MB", flush=True))
        report.said = said()
    print(*(f"{times:8} {outcome}" for outcome, times in sorted(report.outcomes.items())), sep="\n")
    slowest, number, reader = report.slowest
    print(f"{count} files of seed {seed} in {time.perf_counter() - start:.0f} s")
    print(f"slowest {slowest:.2f} s ({reader} of no. {number})")
    first, *_, last = report.memory
    print(f"memory {first:.0f} MB at first, {max(report.memory):.0f} at most, {last:.0f} at last")
    print("on stderr:", report.said or "nothing")
    sys.exit(not report.is_fine)


if __name__ == "__main__":
    main()
