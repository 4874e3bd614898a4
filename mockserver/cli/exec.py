"""`pixelpact exec`: any program of any language, run against a mock of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..doors import environment, targets
from .mocking import mock_options, settings

if TYPE_CHECKING:
    from ..doors.handle import Handle
    from ..service.verdicts import Verdict

# What a shell says of a command that it cannot find, or may not run.
NOT_FOUND, NOT_RUN = 127, 126
VERDICTS = 1


def _writable(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    """A file that can be written when the program has run: to find out then would be too late."""
    if path and not path.parent.is_dir():
        raise click.BadParameter(f"expected a file in a folder that is there, received {str(path)!r}")
    return path


FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command()
@mock_options
@click.option("--journal", type=FILE, callback=_writable, help="Write what was called to this file.")
@click.option(
    "--coverage",
    type=FILE,
    callback=_writable,
    help="Write how much of the contract was exercised to this file: as JSON, JUnit (.xml), or else text.",
)
@click.option("--check", is_flag=True, help="End with 1 if the program did what no client should do.")
@click.option("--quiet", is_flag=True, help="No summary.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def exec(
    context: click.Context,
    /,
    command: tuple[str, ...],
    journal: Path | None,
    coverage: Path | None,
    check: bool,
    quiet: bool,
    **mock: Any,
) -> None:
    """Run a program with a mock of its own, found by the variables that clients of the API read.

    The exit code is the program's. A summary of its calls comes on stderr.

    \b
    Examples:
      pixelpact exec -- python your_program.py
      pixelpact exec --fault status,code=429,retry_after=1,first=2 --check -- npm test
    """
    from ..doors.handle import Handle
    from ..doors.server import Server
    from ..service.app import create_app, mock_of
    from ..service.coverage import cover
    from ..service.coverage_report import write

    # Whatever key the program has written into it: its calls are counted together.
    app = create_app(settings(one_tenant=True, **mock))
    key = next(iter(mock["api_key"]), targets.DEFAULT_KEY)
    with Server(app) as server:
        handle = Handle(server.url, key, mock_of(app).tenants.of(key))
        code = _run(command, handle)
    verdicts = handle.verdicts()
    if not quiet:
        click.echo(_summary(handle, verdicts), err=True)
    if journal:
        journal.write_text(json.dumps(handle.journal.json(), indent=2) + "\n", "utf-8")
    if coverage:
        write(cover(mock_of(app).contract, handle.journal.entries), coverage)
    context.exit(code or (VERDICTS if check and verdicts else 0))


def _run(command: Sequence[str], handle: Handle) -> int:
    """The program's exit code; a signal's number is added to 128, as shells do."""
    environ = {**os.environ, **handle.env, **environment.without_proxy(os.environ, "127.0.0.1")}
    try:
        process = subprocess.Popen(command, env=environ)
    except FileNotFoundError:
        click.echo(f"{command[0]}: no such command", err=True)
        return NOT_FOUND
    except OSError as reason:
        click.echo(f"{command[0]}: {reason.strerror}", err=True)
        return NOT_RUN
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    code = _waited(process)
    return 128 - code if code < 0 else code


def _waited(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The program has got it too, and ends when it will.
            continue


def _summary(handle: Handle, verdicts: Sequence[Verdict]) -> str:
    from ..service.phrases import counted
    from ..service.verdicts import as_text

    journal, ledger = handle.journal, handle.credits
    numbers = {"call": len(journal.calls), "picture": ledger.pictures, "download": len(journal.downloads)}
    counts = ", ".join(counted(number, noun) for noun, number in numbers.items())
    line = f"pixelpact: {counts}, {ledger.spent:,} credits (${ledger.spent_usd:.3f})"
    return "\n".join([line, *([as_text(verdicts)] if verdicts else [])])
