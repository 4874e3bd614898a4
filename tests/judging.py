"""Runs of the installed suite as users make them: `python -m pytest --pyargs pixelpact.contract_tests`, or a verb.

Each is a process of its own. A server of processes that has the libraries in memory forks it, as their import would
take longer than most runs; a run that must load everything itself is a subprocess, as those of `test_cli` are.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import chdir
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]

LONGEST = 120
PRELOADED = (
    *("pytest", "hypothesis", "httpx", "PIL.Image", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "jsonschema"),
    *("anyio.pytest_plugin", "anyio._backends._asyncio", "pytest_cov.plugin", "pytest_httpx2", "respx", "xdist.plugin"),
    *("pixelpact.cases.plan", "pixelpact.cases.strategies", "pixelpact.checks.judge", "pixelpact.checks.together"),
)
# Where these say that a CI runs it, pytest prints each finding a second time, in its summary.
NOT_PASSED_ON = ("CI", "BUILD_NUMBER")
# What is in memory is not rewritten, and holds no assertion.
QUIET = ("-q", "-p", "no:cacheprovider", "--tb=short", "-rs", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def judged(folder: Path, url: str, *arguments: str, model: str, environ: Mapping[str, str] | None = None) -> Done:
    """A run of the suite in a folder, with further variables."""
    given = ["--pyargs", "pixelpact.contract_tests", "--pixelpact-target", url, "--pixelpact-model", model]
    environment = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON} | dict(environ or {})
    return _forked(_suite, folder, ["pytest", *given, *QUIET, *arguments], environment)


def spoken(folder: Path, environment: Mapping[str, str], *arguments: str) -> Done:
    """A verb of `pixelpact` in a folder, with these variables."""
    return _forked(_verb, folder, ["pixelpact", *arguments], environment)


def _forked(run: Callable[[], None], folder: Path, line: list[str], environment: Mapping[str, str]) -> Done:
    out, err = (folder / f"{name}-{os.urandom(4).hex()}" for name in ("out", "err"))
    process = _context().Process(target=_run, args=(run, folder, line, dict(environment), out, err))
    process.start()
    process.join(LONGEST)
    if process.exitcode is None:
        process.kill()
        process.join()
    code = -1 if process.exitcode is None else process.exitcode
    process.close()
    return Done(line, code, out.read_text("utf-8"), err.read_text("utf-8"))


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def _suite() -> None:
    sys.exit(pytest.main(sys.argv[1:]))


def _verb() -> None:
    from pixelpact.cli.main import main

    main()


def _run(
    run: Callable[[], None], folder: Path, line: list[str], environment: dict[str, str], out: Path, err: Path
) -> None:
    """A run, in a process that was forked for it alone."""
    for path, stream in ((out, sys.stdout), (err, sys.stderr)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        os.dup2(file, stream.fileno())
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = line
    with chdir(folder):
        sys.path.insert(0, str(folder))
        run()
