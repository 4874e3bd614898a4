"""What `verify` shows: a line for each promise as it is judged, then the findings, then a table."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import click
import pytest

from ..checks.findings import Finding
from ..checks.known import Baseline, Found, Split
from ..contract.models import Model
from ..sources.texts import counted, printable
from . import report
from .live import Live
from .report import COUNTED, Result
from .table import Tally, summed, table

OUTCOMES = {"passed": "held", "failed": "broken", "skipped": "skipped"}
# What the suite tells of a run, under the name that a result has it by.
TOLD = ("checks", "coverage", "retired", "gallery", "grid")
SAID = ("held", "known", "skipped")
RETIRED = "PX102"


class Reporter:
    """A pytest plugin in place of pytest's own terminal.

    `unread`: whoever read the output has left, so the run was stopped. `ended` says why the suite could not go on.
    """

    def __init__(
        self, title: str, baseline: Baseline | None = None, today: date | None = None, live: Live | None = None
    ) -> None:
        self.crashes: list[str] = []
        self.uncollected: list[str] = []
        self.unread = False
        self.ended: str | None = None
        self._title = title
        self._baseline = baseline or Baseline()
        self._today = today or datetime.now(UTC).date()
        self._began = datetime.now(UTC)
        self._started = time.monotonic()
        self._session: pytest.Session | None = None
        self._places: dict[str, tuple[str, str]] = {}
        self._totals: Tally = Counter()
        self._outcomes: dict[str, str] = {}
        self._tally: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Counter))
        self._made_by: dict[str, Tally] = defaultdict(Counter)
        self._counts: Tally = Counter(dict.fromkeys(COUNTED, 0))
        self._found: dict[Found, None] = {}
        self._skipped: dict[str, str] = {}
        self._summary: dict[str, Any] = {}
        self._live = live or Live({})

    @property
    def findings(self) -> list[Found]:
        """The findings that break the contract, and are not known."""
        return [found for found in self._split.new if found.finding.severity == "error"]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn which promise and which model each test is about."""
        self._session = session
        self._places = {item.nodeid: (_sentence(item), _model(item)) for item in session.items}
        self._totals = Counter(sentence for sentence, _ in self._places.values())
        self._say(f"judging {self._title}: {len(session.items)} tests")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be collected judges nothing."""
        if report.failed:
            self.uncollected.append(report.longreprtext)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tally one test; show its promise when the last of its kind is done."""
        sentence, model = self._places[report.nodeid]
        if report.when == "teardown":
            properties: dict[str, Any] = dict(report.user_properties)
            made = {name: properties.get(name, 0) for name in COUNTED}
            self._counts.update(made)
            self._made_by[model].update(made)
        test = _test(report.nodeid)
        told: list[Any] = [value for name, value in report.user_properties if name == "finding"]
        found = [Found(_finding(fields), test, model) for fields in told]
        self._found.update(dict.fromkeys(found))
        if report.when != "call" and report.outcome == "passed":
            return
        broken = [one for one in found if one.finding.severity == "error"]
        self._live.found(self._baseline.split(broken, self._today).new)
        if report.failed and not broken:
            self.crashes.append(f"{report.nodeid}\n{report.longreprtext}")
        if report.skipped:
            self._skipped[test] = _reason(report)
        known = report.failed and broken and not self._baseline.split(broken, self._today).new
        self._settle(report.nodeid, "known" if known else OUTCOMES[report.outcome])
        self._progress(sentence)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep what ended the session, if it was not Ctrl-C: a ledger or a target that cannot be used."""
        if isinstance(excinfo.value, pytest.exit.Exception):
            self.ended = str(excinfo.value)

    @pytest.hookimpl(optionalhook=True)
    def pytest_pixelpact_summary(self, summary: dict[str, Any]) -> None:
        """Learn what the suite has to tell of the session: what was checked, covered, spent and drawn."""
        self._summary = summary

    @property
    def budget(self) -> str | None:
        """Why the budget was spent before the plan was done; None if it was not."""
        told: str | None = self._summary.get("budget")
        return told

    @property
    def made(self) -> int:
        """How many tests were made at all."""
        counts = self._all_counts()
        return sum(counts[outcome] for outcome in ("held", "known", "broken"))

    @property
    def observations(self) -> list[dict[str, Any]]:
        """What every answer looked like, if that was asked for."""
        return list(self._summary.get("observations", ()))

    @property
    def unwritten(self) -> list[str]:
        """Which recordings were not written, and why."""
        return list(self._summary.get("unwritten", ()))

    def result(self) -> Result:
        """What was judged."""
        return Result(
            started=self._began,
            seconds=time.monotonic() - self._started,
            counts=self._all_counts(),
            split=self._split,
            skipped=tuple(self._skipped.items()),
            crashes=tuple(dict.fromkeys(self.uncollected + self.crashes)),
            spent=self._summary.get("spent"),
            budget=self.budget,
            reason=self.ended,
            **{name: self._summary.get(name, {}) for name in TOLD},
        )

    def summarise(self) -> None:
        """Print findings, table and verdict."""
        self._live.overwrite("")
        result = self.result()
        for line in self._lines(result):
            self._say(line)

    @property
    def _split(self) -> Split:
        return self._baseline.split(self._found, self._today)

    def _settle(self, test: str, outcome: str) -> None:
        """Tally the outcome of a test; a teardown that fails takes back that its call held."""
        sentence, model = self._places[test]
        tally = self._tally[sentence][model]
        if test in self._outcomes:
            tally[self._outcomes[test]] -= 1
        tally[outcome] += 1
        self._outcomes[test] = outcome

    def _all_counts(self) -> dict[str, int]:
        outcomes, tests = Counter(self._outcomes.values()), len(self._places)
        judged = {"tests": tests, "left": tests - outcomes.total(), **outcomes, **self._counts}
        return {name: judged.get(name, 0) for name in report.COUNTS}

    def _progress(self, sentence: str) -> None:
        tally, total = summed(self._tally[sentence]), self._totals[sentence]
        if tally.total() < total:
            made = {model: counts["pictures"] for model, counts in self._made_by.items()}
            # What matters stands first: a narrow terminal cuts the end.
            self._live.overwrite(f"  …  {tally.total()}/{total}{self._live.spent(made)}  {sentence}")
            return
        self._live.overwrite("")
        self._say(f"  {_mark(tally)}  {sentence}: {_said(tally)}")

    def _say(self, text: str) -> None:
        """Print, without what a terminal would obey; stop the run if nobody reads it."""
        try:
            click.echo(printable(text))
        except BrokenPipeError:
            self.unread = True
            # Python writes out what is left when it ends, which would fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if self._session:
                self._session.shouldstop = "nobody reads the output"

    def _lines(self, result: Result) -> Iterator[str]:
        yield from report.finding_lines(result.findings)
        yield from report.warning_lines(result.warnings)
        yield from report.known_lines(result.split)
        yield from report.crash_lines(result.crashes)
        yield from report.skipped_lines(result.skipped)
        yield from table(self._tally, Counter(found.model for found in self.findings), self._made_by)
        yield ""
        yield from report.coverage_lines(result)
        yield from ([str(result.spent)] if result.spent else [])
        yield from (f"RETIRED  {model}: {why}; {self._ran(model)} checks ran" for model, why in result.retired.items())
        yield from ([f"STOPPED  {self.budget}"] if self.budget else [])
        yield self._verdict(result)

    def _ran(self, model: str) -> str:
        """How many tests of a retired model were made: not those that found it retired."""
        name = model.partition("/")[2] or model
        idle = {found.test for found in self._found if found.finding.code == RETIRED}
        tests = [nodeid for nodeid, (_, about) in self._places.items() if about == name]
        made = [nodeid for nodeid in tests if self._outcomes.get(nodeid, "skipped") != "skipped"]
        return f"{sum(_test(nodeid) not in idle for nodeid in made)} of {len(tests)}"

    def _verdict(self, result: Result) -> str:
        counts = result.counts
        parts = [
            f"{counts['held']} of {counts['tests'] - counts['left']} held",
            *([f"{counts['known']} known"] if counts["known"] else []),
            *([f"{counts['skipped']} skipped"] if counts["skipped"] else []),
            *([f"{counts['left']} not judged"] if counts["left"] else []),
            counted(len(result.findings), "finding"),
            *([counted(len(result.warnings), "warning")] if result.warnings else []),
            *(f"{counts[name]:,} {name}" for name in COUNTED),
            f"{result.seconds:.1f} s",
        ]
        return ", ".join(parts)


def _sentence(item: pytest.Item) -> str:
    return getattr(item, "originalname", item.name).removeprefix("test_").replace("_", " ")


def _model(item: pytest.Item) -> str:
    params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return next((value.name for value in params.values() if isinstance(value, Model)), "server")


def _test(nodeid: str) -> str:
    return nodeid.rpartition("::")[2]


def _finding(fields: dict[str, Any]) -> Finding:
    return Finding(**{**fields, "sources": tuple(fields["sources"])})


def _reason(report: pytest.TestReport) -> str:
    """Why a test was skipped: pytest gives file, line and text."""
    told = report.longrepr
    return str(told[2]).removeprefix("Skipped: ") if isinstance(told, tuple) else report.longreprtext


def _mark(tally: Tally) -> str:
    """How a promise stands; one of which nothing was judged does not hold."""
    return "!!" if tally["broken"] else "--" if tally["skipped"] == tally.total() else "ok"


def _said(tally: Tally) -> str:
    if tally["broken"]:
        return f"{tally['broken']} of {tally.total()} broken"
    return ", ".join(f"{tally[outcome]} {outcome}" for outcome in SAID if tally[outcome])
