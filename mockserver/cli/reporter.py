"""What `verify` shows: a line for each promise as it is judged, then the findings, then a table."""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter, defaultdict
from typing import Any

import click
import pytest

from ..contract.models import Model

# Of findings by the same check, this many are shown whole.
SHOWN = 3
COUNTED = ("requests", "pictures")
OUTCOMES = {"passed": "held", "failed": "broken", "skipped": "skipped"}
Tally = Counter[str]


class Reporter:
    """A pytest plugin in place of pytest's own terminal."""

    def __init__(self, title: str) -> None:
        self.findings: list[tuple[str, dict[str, Any]]] = []
        self.crashes: list[str] = []
        self.uncollected: list[str] = []
        self._title = title
        self._started = time.monotonic()
        self._places: dict[str, tuple[str, str]] = {}
        self._totals: Tally = Counter()
        self._tally: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Counter))
        self._counts: Tally = Counter(dict.fromkeys(COUNTED, 0))
        self._live = sys.stderr.isatty()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn which promise and which model each test is about."""
        self._places = {item.nodeid: (_sentence(item), _model(item)) for item in session.items}
        self._totals = Counter(sentence for sentence, _ in self._places.values())
        click.echo(f"judging {self._title}: {len(session.items)} tests")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be collected judges nothing."""
        if report.failed:
            self.uncollected.append(report.longreprtext)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tally one test; show its promise when the last of its kind is done."""
        if report.when == "teardown":
            properties: dict[str, Any] = dict(report.user_properties)
            self._counts.update({name: properties.get(name, 0) for name in COUNTED})
        if report.when != "call" and report.outcome == "passed":
            return
        sentence, model = self._places[report.nodeid]
        found: list[Any] = [value for name, value in report.user_properties if name == "finding"]
        self.findings += [(report.nodeid.rpartition("::")[2], value) for value in found]
        if report.failed and not found:
            self.crashes.append(f"{report.nodeid}\n{report.longreprtext}")
        self._tally[sentence][model][OUTCOMES[report.outcome]] += 1
        self._progress(sentence)

    def summarise(self) -> None:
        """Print findings, table and verdict."""
        self._overwrite("")
        self._show_findings()
        for crash in dict.fromkeys(self.uncollected + self.crashes):
            click.echo(f"\nthe suite itself failed:\n{crash}")
        self._show_table()
        self._show_verdict()

    def _progress(self, sentence: str) -> None:
        tally, total = _sum(self._tally[sentence]), self._totals[sentence]
        if tally.total() < total:
            self._overwrite(f"  …  {sentence}  {tally.total()}/{total}")
            return
        self._overwrite("")
        click.echo(f"  {'!!' if tally['broken'] else 'ok'}  {sentence}: {_said(tally)}")

    def _overwrite(self, text: str) -> None:
        """Replace the line that a terminal shows; never a longer one, as what is wrapped could not be replaced."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            click.echo(f"\r\x1b[K{text[:width]}", nl=False, err=True)

    def _show_findings(self) -> None:
        by_check: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        for test, found in self.findings:
            by_check[found["check"]].append((test, found))
        for check, group in by_check.items():
            click.echo(f"\n{_count(len(group), 'finding')} by the check {check}")
            for test, found in group[:SHOWN]:
                click.echo(f"  {test}")
                click.echo(f"    promised  {found['promised']}")
                click.echo(f"    came      {found['came']}")
                for source in found["sources"]:
                    click.echo(f"    source    {source}")
                click.echo(f"    repeat    {found['curl']}")
            rest = [test for test, _ in group[SHOWN:]]
            if rest:
                click.echo(f"  and in {', '.join(dict.fromkeys(rest))}")

    def _show_table(self) -> None:
        models = sorted({model for row in self._tally.values() for model in row})
        if not models:
            return
        columns = [max(len(model), 8) for model in models]
        room = max(shutil.get_terminal_size((120, 24)).columns - sum(columns) - 2 * len(columns), 24)
        width = min(max(map(len, self._tally)), room)
        click.echo("\n" + _row("", width, models, columns))
        for sentence, row in self._tally.items():
            click.echo(_row(sentence, width, [_cell(row[model]) if model in row else "-" for model in models], columns))

    def _show_verdict(self) -> None:
        tally = _sum({sentence: _sum(row) for sentence, row in self._tally.items()})
        left = self._totals.total() - tally.total()
        parts = [
            f"{tally['held']} of {tally.total()} held",
            *([f"{tally['skipped']} skipped"] if tally["skipped"] else []),
            *([f"{left} not judged"] if left > 0 else []),
            _count(len(self.findings), "finding"),
            *(f"{count:,} {name}" for name, count in self._counts.items()),
            f"{time.monotonic() - self._started:.1f} s",
        ]
        click.echo(f"\n{', '.join(parts)}")


def _sentence(item: pytest.Item) -> str:
    return getattr(item, "originalname", item.name).removeprefix("test_").replace("_", " ")


def _model(item: pytest.Item) -> str:
    params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return next((value.name for value in params.values() if isinstance(value, Model)), "server")


def _sum(tallies: dict[str, Tally]) -> Tally:
    return sum(tallies.values(), Counter())


def _said(tally: Tally) -> str:
    if tally["broken"]:
        return f"{tally['broken']} of {tally.total()} broken"
    return ", ".join(f"{tally[outcome]} {outcome}" for outcome in ("held", "skipped") if tally[outcome])


def _row(head: str, width: int, cells: list[str], columns: list[int]) -> str:
    """One line of the table; a head that is too long is cut, as it stands above in full."""
    shown = head if len(head) <= width else f"{head[: width - 1]}…"
    return "  ".join([shown.ljust(width), *(cell.rjust(column) for cell, column in zip(cells, columns, strict=True))])


def _cell(tally: Tally) -> str:
    return f"{tally['held']}/{tally.total()}"


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s' * (number != 1)}"
