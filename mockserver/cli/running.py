"""The installed suite, run in this process: apart from whatever the folder and the environment want of pytest."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager

import click
import pytest

from ..sources.texts import printable
from .reporter import Reporter

HELD, FINDINGS, USAGE, UNREACHABLE, BUDGET, INTERRUPTED, UNREAD = 0, 1, 2, 3, 4, 130, 141


def run(options: Mapping[str, object], reporter: Reporter, *more: str) -> int:
    """Run the suite with these options of its plugin, print what it found, and return the exit code of `verify`."""
    given = [f"--pixelpact-{name}={value}" for name, value in options.items() if value is not None]
    # Stopped by either signal, it cleans up behind itself.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _alone() as folder, chdir(folder):
        code = pytest.main(
            [
                "--pyargs",
                "pixelpact.contract_tests",
                f"--rootdir={folder}",
                f"--confcutdir={folder}",
                f"--config-file={os.devnull}",
                "--import-mode=importlib",
                "-pno:terminal",
                "-pno:cacheprovider",
                "-ppixelpact.doors.plugin",
                "-p_hypothesis_pytestplugin",
                *given,
                *more,
            ],
            plugins=[reporter],
        )
    if reporter.ended:
        click.echo(printable(f"pixelpact: {reporter.ended}"), err=True)
        return USAGE
    reporter.summarise()
    return _exit_code(int(code), reporter)


def _exit_code(code: int, reporter: Reporter) -> int:
    if reporter.unread:
        return UNREAD
    if reporter.uncollected:
        return USAGE
    if code == pytest.ExitCode.INTERRUPTED:
        click.echo("interrupted: what is above is what was judged until then", err=True)
        return INTERRUPTED
    if reporter.findings or reporter.crashes:
        return FINDINGS
    if reporter.budget:
        return BUDGET
    # Failed tests whose findings are all known are no failure.
    return HELD if code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) else USAGE


@contextmanager
def _alone() -> Iterator[str]:
    kept = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        with tempfile.TemporaryDirectory(prefix="pixelpact-") as folder:
            yield folder
    finally:
        for name, value in kept.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
