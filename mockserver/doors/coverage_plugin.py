"""Contract coverage in pytest: gathers what the tests' calls have exercised, across xdist's workers, and reports it.

The plugin imports this where coverage is asked for; what is heavy waits until a test has called the mock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..contract.contract import Contract
    from ..service.coverage import Coverage
    from ..service.journal import Entry

NAME = "pixelpact-coverage"
# Where a worker of xdist leaves what it has seen.
OUTPUT = "pixelpact_coverage"
TERMINAL = "-"
MINIMUM = "--pixelpact-coverage-min"


def percentage(text: str) -> float:
    """The least share that is asked for, in percent; 0 for no text. Raises UsageError."""
    try:
        share = float(text or 0)
    except ValueError:
        share = -1
    if not 0 <= share <= 100:
        raise pytest.UsageError(f"{MINIMUM}: expected a percentage from 0 to 100, received {text!r}")
    return share


def install(config: pytest.Config, place: str, minimum: float = 0) -> None:
    """Collect coverage if it is asked for: by a place to report it to, a file or `-`, or by a minimum in percent."""
    if place or minimum:
        config.pluginmanager.register(Collector(place, minimum), NAME)


class Collector:
    """What the tests have exercised so far. Below the minimum a run that has passed fails."""

    def __init__(self, place: str, minimum: float = 0) -> None:
        # Now, as a test may change the folder.
        self._file = Path(place).resolve() if place not in ("", TERMINAL) else None
        self._whole = place == TERMINAL
        self._minimum = minimum
        self._coverage: Coverage | None = None
        self._said: list[str] = []

    def add(self, contract: Contract, entries: Iterable[Entry]) -> None:
        """Count the calls of a test that has ended."""
        from ..service.coverage import cover

        self._merge(cover(contract, entries))

    def _merge(self, coverage: Coverage) -> None:
        self._coverage = self._coverage.merged(coverage) if self._coverage else coverage

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker has seen; one that crashed has left nothing."""
        from ..service.coverage import Coverage

        left = getattr(node, "workeroutput", {}).get(OUTPUT)
        if left:
            self._merge(Coverage.from_json(json.loads(left)))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the coverage on, or report it."""
        if hasattr(session.config, "workeroutput"):
            if self._coverage:
                session.config.workeroutput[OUTPUT] = json.dumps(self._coverage.to_json())
        elif not session.config.getoption("collectonly"):
            self._finish(session)

    def _finish(self, session: pytest.Session) -> None:
        from ..service.coverage import Coverage
        from ..service.coverage_report import as_text, in_short

        coverage = self._coverage or Coverage()
        self._said = (as_text(coverage) if self._whole else in_short(coverage)).splitlines()
        failures = [*self._write(coverage), *self._below(coverage)]
        self._said += failures
        if failures and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _write(self, coverage: Coverage) -> list[str]:
        from ..service.coverage_report import write

        try:
            if self._file:
                write(coverage, self._file)
                self._said.append(f"written to {self._file}")
        except OSError as reason:
            return [f"FAILED: cannot write {self._file}: {reason.strerror}"]
        return []

    def _below(self, coverage: Coverage) -> list[str]:
        if coverage.percent >= self._minimum:
            return []
        return [f"FAILED: contract coverage is {coverage.percent:.4g} %, {MINIMUM} asks for {self._minimum:.4g} %"]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say it: whole if it was asked for here, else in a line."""
        if self._said:
            terminalreporter.section("pixelpact coverage")
        for line in self._said:
            terminalreporter.write_line(line, red=line.startswith("FAILED"))
