"""Runs: a server with one fault, a tool that judges it, and what both say; some side by side."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from .benign import BENIGN
from .faults import FAULTS, Planted
from .judge import Tool
from .mutants import MUTANTS
from .serve import serving
from .wire import DRAW, EDIT, Fault

CLEAN = {model: Planted("clean", Fault(model)) for model in (DRAW, EDIT)}
ALL: dict[str, Planted] = {**CLEAN, **FAULTS, **MUTANTS, **BENIGN}


@dataclass(frozen=True)
class Run:
    """What came of one: findings with the ordinal of their request, and what the server counted."""

    name: str
    kind: str
    permitted: bool
    assumed: bool
    errors: Mapping[str, int | None]
    warnings: Mapping[str, int | None]
    requests: int
    pictures: int
    seconds: float
    problem: str | None

    @property
    def verdict(self) -> str:
        """Whether it was found, only warned of, or missed; broke, where there is no verdict."""
        said = {"broke": self.problem, "found": self.errors, "warned": self.warnings}
        return next((verdict for verdict, reason in said.items() if reason), "missed")

    @property
    def is_found(self) -> bool:
        """Whether it was found; what breaks only an assumption is found by a warning."""
        return self.verdict == "found" or (self.assumed and self.verdict == "warned")

    @property
    def request(self) -> int | None:
        """The request that showed the first error."""
        return min((ordinal for ordinal in self.errors.values() if ordinal is not None), default=None)


def chosen(only: str | None) -> dict[str, Planted]:
    """The runs of a class, or of one name, beside those on the clean server; all without either. Raises ValueError."""
    fitting = {name: one for name, one in ALL.items() if only in (None, name, one.kind)}
    if not fitting:
        raise ValueError(f"{only!r}, expected a name or one of {', '.join(sorted({one.kind for one in ALL.values()}))}")
    return CLEAN | fitting


def measured(tool: Tool, planted: Mapping[str, Planted], jobs: int) -> list[Run]:
    """Every run, in the order given; what is found on the clean server too is no finding of another."""
    with ThreadPoolExecutor(jobs) as pool:
        pending = [pool.submit(_run, tool, name, one) for name, one in planted.items()]
        try:
            for count, future in enumerate(as_completed(pending), 1):
                print(f"{count}/{len(pending)} {future.result().verdict:7}{future.result().name}", file=sys.stderr)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    runs = [future.result() for future in pending]
    usual = {name for run in runs if run.kind == "clean" for name in run.errors}
    return [run if run.kind == "clean" else replace(run, errors=_without(run.errors, usual)) for run in runs]


def _without(found: Mapping[str, int | None], usual: set[str]) -> dict[str, int | None]:
    return {name: ordinal for name, ordinal in found.items() if name not in usual}


def _run(tool: Tool, name: str, one: Planted) -> Run:
    started = time.perf_counter()
    with serving(one.fault) as (url, bench):
        said = tool(url, one.fault)
    seconds = time.perf_counter() - started
    problem = said.problem or ("the benchmark's own server broke" if bench.crashes else None)
    counts = bench.requests, bench.pictures, seconds
    return Run(name, one.kind, one.permitted, one.assumed, said.errors, said.warnings, *counts, problem)
