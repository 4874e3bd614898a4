"""`pixelpact verify`: the installed suite, run on a target."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

import click

from . import options

HELD, FINDINGS, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130


@click.command()
@click.option("--target", default="mock", show_default=True, metavar="mock|URL", help="What to judge.")
@click.option("--model", multiple=True, help="Judge this model only. Can be given more than once.")
@options.profile
@options.schemas
@click.option("--seed", type=int, help="Let Hypothesis explore from this seed. Without: the same requests every time.")
@click.option(
    "--examples",
    default=25,
    show_default=True,
    type=click.IntRange(0),
    help="Requests to explore, a property and model.",
)
@click.option("--junitxml", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit report to this file.")
def verify(
    target: str,
    model: tuple[str, ...],
    profile: str,
    schemas: tuple[Path, ...],
    seed: int | None,
    examples: int,
    junitxml: Path | None,
) -> None:
    """Judge a server by the contract: the mock, or any base URL.

    Sends the docs' own examples, every boundary of the schemas, every way to break them, a real photograph, and what
    Hypothesis thinks of; judges every answer, down to the pixel. The key for a URL is PIXELPACT_API_KEY.

    \b
    Example:
      pixelpact verify --target http://127.0.0.1:8080 --model bytedance/seedream-3.0

    \b
    Exit codes: 0 all held · 1 findings · 2 wrong usage · 3 the target cannot be reached or refuses the key.
    """
    from ..doors import targets

    _check_models(model, profile, schemas)
    if target != targets.MOCK:
        _check_answer(targets.base_url(target))
    arguments = [
        f"--pixelpact-target={target}",
        f"--pixelpact-model={','.join(model)}",
        f"--pixelpact-profile={profile}",
        f"--pixelpact-schemas={os.pathsep.join(str(folder.resolve()) for folder in schemas)}",
        f"--pixelpact-examples={examples}",
        *([f"--hypothesis-seed={seed}"] if seed is not None else []),
        *([f"--junitxml={junitxml.resolve()}"] if junitxml else []),
    ]
    sys.exit(_run(arguments, target, profile))


def _run(arguments: list[str], target: str, profile: str) -> int:
    """The suite in this process, apart from whatever the folder and the environment want of pytest."""
    import pytest

    from .reporter import Reporter

    reporter = Reporter(f"{target}, profile {profile}")
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
                *arguments,
            ],
            plugins=[reporter],
        )
    reporter.summarise()
    if reporter.uncollected:
        return USAGE
    if code == pytest.ExitCode.INTERRUPTED:
        click.echo("interrupted: what is above is what was judged until then", err=True)
        return INTERRUPTED
    if reporter.findings or reporter.crashes:
        return FINDINGS
    return HELD if code == pytest.ExitCode.OK else USAGE


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


def _check_models(models: tuple[str, ...], profile: str, schemas: tuple[Path, ...]) -> None:
    from ..contract.contract import load
    from ..errors import UnknownName

    known = load(*schemas, profile=profile).models
    for name in models:
        if name not in known:
            raise UnknownName("model", name, tuple(known))


def _check_answer(base: str) -> None:
    """Leave with 3 where no server answers, or it refuses the key. Costs nothing: the body makes no picture."""
    import httpx

    from ..doors import targets

    headers = {"Authorization": f"Bearer {targets.api_key()}"}
    try:
        got = httpx.post(f"{base}/v1/images/generations", json={}, headers=headers, timeout=10, trust_env=False)
    except httpx.HTTPError as reason:
        click.echo(f"pixelpact: {base} cannot be reached: {reason}", err=True)
        sys.exit(UNREACHABLE)
    if got.status_code == 404:
        click.echo(f"pixelpact: {base} has no /v1/images/generations (404): is that the base URL?", err=True)
        sys.exit(UNREACHABLE)
    if got.status_code in (401, 403):
        click.echo(f"pixelpact: {base} refuses the key ({got.status_code}): set PIXELPACT_API_KEY", err=True)
        sys.exit(UNREACHABLE)
