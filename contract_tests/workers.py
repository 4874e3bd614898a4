"""A run of several processes, as pytest-xdist makes it: one verdict, told once.

It is told by the process that shares the tests out. That one loads no conftest, so the plugin registers this there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

NAME = "pixelpact-workers"
# Where a worker leaves what it has to tell.
OUTPUT = "pixelpact_part"
WARNINGS = "pixelpact warnings"


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of several, to which the tests are shared out."""
    return hasattr(config, "workerinput")


def worker(config: pytest.Config) -> str:
    """What the other processes do not have in common with this one: its name, or nothing where it is alone."""
    return str(config.workerinput["workerid"]) if hasattr(config, "workerinput") else ""


def workers(config: pytest.Config) -> int:
    """How many processes the tests are shared out to."""
    return int(config.workerinput["workercount"]) if hasattr(config, "workerinput") else 1


def end(request: pytest.FixtureRequest, reason: object) -> NoReturn:
    """End the run, as nothing can be judged. A worker that just left would be taken for one that crashed."""
    if is_worker(request.config):
        request.session.shouldstop = str(reason)
        raise pytest.fail.Exception(str(reason), pytrace=False) from None
    pytest.exit(str(reason), returncode=pytest.ExitCode.USAGE_ERROR)


def leave(config: pytest.Config, told: dict[str, Any]) -> None:
    """Leave what a worker has to tell."""
    config.workeroutput[OUTPUT] = json.dumps(told)  # type: ignore[attr-defined]


def install(config: pytest.Config) -> None:
    """Gather what workers leave, where there are some."""
    if config.getoption("dist", "no") != "no" and not is_worker(config):
        config.pluginmanager.register(Gathering(), NAME)


class Gathering:
    """What the workers of a run have told so far."""

    def __init__(self) -> None:
        self._told: list[dict[str, Any]] = []
        self._summary: dict[str, Any] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker tells; one that crashed tells nothing."""
        left = getattr(node, "workeroutput", {}).get(OUTPUT)
        if left:
            self._told.append(json.loads(left))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Say once what the run covered, if it was one of the suite."""
        if self._told:
            from .selection import the_models

            self._summary = whole(self._told, the_models(session.config))
            session.config.hook.pytest_pixelpact_summary(config=session.config, summary=self._summary)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The same in pytest's own terminal."""
        if self._told:
            write(terminalreporter, self._summary)


def whole(told: list[dict[str, Any]], models: list[Any]) -> dict[str, Any]:
    """The summary of a run, by what its processes tell."""
    from .coverage import summary
    from .gallery import merged

    kept: dict[str, list[Any]] = {}
    for each in told:
        for name, values in each["kept"].items():
            kept.setdefault(name, []).extend(values)
    galleries = [each["gallery"] for each in told if each["gallery"]]
    return {
        **summary([each["part"] for each in told], models if any(each["asked"] for each in told) else []),
        **kept,
        **({"gallery": merged(galleries)} if galleries else {}),
    }


def write(terminalreporter: pytest.TerminalReporter, summary: dict[str, Any]) -> None:
    """The warnings of a run, the models that are gone, and what it cost, in pytest's own terminal."""
    lines = list(_lines(terminalreporter, summary))
    if lines:
        terminalreporter.section("pixelpact")
        terminalreporter.write_line("\n".join(lines))


def _lines(terminalreporter: pytest.TerminalReporter, summary: dict[str, Any]) -> Iterator[str]:
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    sections = [section for report in reports for section in getattr(report, "sections", ())]
    yield from dict.fromkeys(text for name, text in sections if name == WARNINGS)
    yield from (f"RETIRED {name}: {reason}" for name, reason in summary.get("retired", {}).items())
    yield from ([summary["spent"]] if summary.get("spent") else [])
