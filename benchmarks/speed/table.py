"""The results as Markdown: contenders beside the reference, the demands, the versions of all that was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata

from .contenders import OURS, PEERS, REFERENCE, Contender
from .proof import Figures, Verdict, verdicts
from .summary import Summary
from .turns import LARGE

HEADINGS = (
    "",
    "valid POST",
    "invalid",
    "req/s",
    "CPU",
    "p50",
    "p99",
    "4 MiB",
    "memory",
    "start",
    "what it does with a call",
)
SIGNIFICANT = 3
PACKAGES = ("pixelpact", "flask", "werkzeug", "jsonschema", "pillow")
PROGRAMS = {
    "node": ("node", "--version"),
    "java": ("java", "-version"),
    "redis": ("redis-server", "--version"),
}


def report(figures: Figures, problems: Mapping[str, str], versions: Mapping[str, str], rounds: int) -> str:
    """All of it."""
    parts = [
        _about(rounds),
        _table(HEADINGS, [_row(name, one) for name, one in figures.of.items()]),
        *([_list(f"{name}: not measured: {_line(why)}" for name, why in problems.items())] if problems else []),
        _table(("demand", "asked", "came", ""), [_proof(one) for one in verdicts(figures)]),
        _list(f"{name}: {value}" for name, value in versions.items()),
    ]
    return "\n\n".join(parts)


def machine() -> str:
    """The machine in general words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def _about(rounds: int) -> str:
    return (
        f"Rates as multiples of the reference ({REFERENCE.does}; {REFERENCE.version}), which is measured before and "
        f"after each; 16 connections, {rounds} rounds, medians, ± the furthest round. CPU: processor time of all its "
        "processes for a valid call, in microseconds. p50, p99 in milliseconds; 4 MiB: the median "
        "at one connection. Memory: what the whole process tree has (PSS) after the loads, in MB. Start: seconds to "
        f"the first answer. {machine()}."
    )


def _row(name: str, one: Summary) -> list[str]:
    does = {known.name: known.does for known in (*PEERS, *OURS)}
    has_invalid = "invalid" in one.turns[0].samples
    return [
        name,
        f"{number(one.relative())} ± {one.spread():.0%}",
        number(one.relative("invalid")) if has_invalid else "-",
        f"{one.rate():,.0f}",
        number(one.cost()),
        number(one.p50()),
        number(one.p99()),
        number(one.p50(LARGE)),
        f"{one.memory:,.0f}",
        f"{one.start:.2f}",
        does[name] + (f"; {one.broken} calls without an answer" if one.broken else ""),
    ]


def _proof(verdict: Verdict) -> list[str]:
    value = "-" if verdict.value is None else f"{number(verdict.value)}{verdict.demand.unit}"
    return [verdict.demand.what, verdict.demand.asked, value, verdict.word]


def number(value: float) -> str:
    """A figure to three digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{SIGNIFICANT}g}"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_rows(headings, rows))


def _rows(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{' --- |' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _list(lines: Iterator[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _line(text: str) -> str:
    """The last line of what a program said."""
    return (text.strip().splitlines() or [""])[-1][:160]


def versions(measured: Iterable[Contender]) -> dict[str, str]:
    """Of ours and what it stands on, of each peer, and of what runs them."""
    peers = {one.name: one.version for one in (REFERENCE, *measured) if one.version}
    programs = {name: _said(command) for name, command in PROGRAMS.items()}
    return {"python": platform.python_version(), **_own(), **peers, **programs}


def _own() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _said(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return "not here"
    return (done.stdout or done.stderr).partition("\n")[0].strip()
