"""What `verify` shows: a line for each promise as it is judged, then the findings, then a table."""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from typing import Any

import click
import pytest

# Of findings by the same check, this many are shown whole.
SHOWN = 3
COUNTED = ("requests", "pictures")
ARGUMENTS = ("model", "editor", "two_form_model", "linking_model")


class Reporter:
    """A pytest plugin in place of pytest's own terminal."""

    def __init__(self, title: str) -> None:
        self.findings: list[tuple[str, dict[str, Any]]] = []
        self.crashes: list[str] = []
        self._title = title
        self._started = time.monotonic()
        self._places: dict[str, tuple[str, str]] = {}
        self._totals: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._tally: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        self._counts: Counter[str] = Counter()
        self._live = sys.stderr.isatty()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn which promise and which model each test is about."""
        for item in session.items:
            params = getattr(item, "callspec", None)
            model = next(
                (params.params[name].name for name in ARGUMENTS if params and name in params.params), "the server"
            )
            self._places[item.nodeid] = _sentence(item), model
            self._totals[_sentence(item)] += 1
        click.echo(f"judging {self._title}: {len(session.items)} tests")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be collected is a crash."""
        if report.failed:
            self.crashes.append(report.longreprtext)

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
        self._tally[sentence][model][{"passed": "held", "failed": "broken", "skipped": "skipped"}[report.outcome]] += 1
        self._done[sentence] += 1
        self._progress(sentence)

    def summarise(self) -> None:
        """Print findings, table and verdict."""
        self._show_findings()
        for crash in self.crashes:
            click.echo(f"\nthe suite itself failed:\n{crash}")
        self._show_table()
        self._show_verdict()

    def _progress(self, sentence: str) -> None:
        done, total = self._done[sentence], self._totals[sentence]
        if done < total:
            if self._live:
                click.echo(f"\r\x1b[K  …  {sentence}  {done}/{total}", nl=False, err=True)
            return
        if self._live:
            click.echo("\r\x1b[K", nl=False, err=True)
        tally = sum(self._tally[sentence].values(), Counter[str]())
        broken = tally["broken"]
        mark = (
            f"{broken} of {total} broken"
            if broken
            else f"{total} held"
            if not tally["skipped"]
            else f"{tally['held']} held, {tally['skipped']} skipped"
        )
        click.echo(f"  {'!!' if broken else 'ok'}  {sentence}: {mark}")

    def _show_findings(self) -> None:
        by_check: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        for test, found in self.findings:
            by_check[found["check"]].append((test, found))
        for check, group in by_check.items():
            click.echo(f"\n{len(group)} finding{'s' * (len(group) > 1)} by the check {click.style(check, bold=True)}")
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
        width = max(len(sentence) for sentence in self._tally)
        click.echo("\n" + " ".join([" " * width, *(f"{model:>18}" for model in models)]))
        for sentence, row in self._tally.items():
            click.echo(" ".join([sentence.ljust(width), *(f"{_cell(row.get(model)):>18}" for model in models)]))

    def _show_verdict(self) -> None:
        tally: Counter[str] = sum((cell for row in self._tally.values() for cell in row.values()), Counter())
        held, all_of_them = tally["held"], sum(tally.values())
        seconds = time.monotonic() - self._started
        counted = "".join(f", {count:,} {name}" for name, count in self._counts.items())
        skipped = f", {tally['skipped']} skipped" if tally["skipped"] else ""
        click.echo(f"\n{held} of {all_of_them} held{skipped}, {len(self.findings)} findings{counted}, {seconds:.1f} s")


def _sentence(item: pytest.Item) -> str:
    return getattr(item, "originalname", item.name).removeprefix("test_").replace("_", " ")


def _cell(cell: Counter[str] | None) -> str:
    if not cell:
        return "-"
    total = sum(cell.values())
    return (
        f"{cell['broken']} of {total} broken"
        if cell["broken"]
        else f"{cell['held']} held"
        if cell["held"]
        else "skipped"
    )
