"""`pixelpact exec`: any program of any language, run against a mock of its own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..doors import environment, targets
from .mocking import mock_options, settings
from .signals import Signals

if TYPE_CHECKING:
    from ..contract.contract import Contract
    from ..doors.handle import Handle
    from ..service.verdicts import Verdict

# What a shell says of a command that it cannot find, or may not run.
NOT_FOUND, NOT_RUN = 127, 126
# What the program did was wrong, or could not be written down.
FAILED = 1
# These may stand for files, but the shell's: they are added to, never replaced.
STREAMS = ("/dev/std", "/dev/fd/", "/proc/self/fd/")


class _Hearing(click.Command):
    """A command that hears signals from its first moment on; its context has them as `obj`.

    What follows the program's name is the program's, as with `env` and `timeout`.
    """

    allow_interspersed_args = False

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # The root is closed even if the arguments are wrong.
        ctx.obj = ctx.find_root().with_resource(Signals())
        return super().parse_args(ctx, args)


def _writable(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    """A file that can be written when the program has run: to find out then would be too late."""
    if path is None:
        return None
    try:
        if not _is_stream(path):
            with _beside(path):
                pass
    except OSError as reason:
        said = f"expected a file that can be written, received {str(path)!r}: {reason.strerror}"
        raise click.BadParameter(said) from reason
    return path


FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command(cls=_Hearing)
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
    from ..doors.handle import Session
    from ..doors.server import Server
    from ..service.app import create_app, mock_of

    # Whatever key the program has written into it: its calls are counted together.
    app = create_app(settings(one_tenant=True, **mock))
    with Server(app) as server:
        handle = Session(server.url, mock_of(app)).tenant(next(iter(mock["api_key"]), targets.DEFAULT_KEY))
        if context.obj.first:
            context.exit(128 + context.obj.first)
        code = _run(command, handle, context.obj)
    verdicts = handle.verdicts()
    done = [quiet or _said(_summary(handle, verdicts)), *_kept(handle, mock_of(app).contract, journal, coverage)]
    context.exit(code or (0 if all(done) and not (check and verdicts) else FAILED))


def _kept(handle: Handle, contract: Contract, journal: Path | None, coverage: Path | None) -> Iterator[bool]:
    """Whether each file that was asked for could be written."""
    from ..service.coverage import cover
    from ..service.coverage_report import BY_SUFFIX, as_text

    if journal:
        yield _saved(journal, json.dumps(handle.journal.json(), indent=2) + "\n")
    if coverage:
        form = BY_SUFFIX.get(coverage.suffix.lower(), as_text)
        yield _saved(coverage, form(cover(contract, handle.journal.entries)))


def _run(command: Sequence[str], handle: Handle, signals: Signals) -> int:
    """The program's exit code, or what a shell says of one that cannot be run."""
    environ = {**os.environ, **handle.env, **environment.without_proxy(os.environ, "127.0.0.1")}
    try:
        return signals.run(command, environ)
    except FileNotFoundError:
        _said(f"{command[0]}: no such command")
        return NOT_FOUND
    except OSError as reason:
        _said(f"{command[0]}: {reason.strerror}")
        return NOT_RUN


def _said(text: str) -> bool:
    """Whether the text could be written to stderr."""
    try:
        click.echo(text, err=True)
    except OSError:
        return False
    return True


def _saved(path: Path, text: str) -> bool:
    """Whether the text could be written to a file, which is left as it was if not; the reason is said."""
    try:
        if _is_stream(path):
            with path.open("a", encoding="utf-8") as stream:
                stream.write(text)
        else:
            with _beside(path) as unfinished:
                unfinished.write_text(text, "utf-8")
                unfinished.replace(path.resolve())
    except OSError as reason:
        _said(f"pixelpact: cannot write {path}: {reason.strerror}")
        return False
    return True


def _is_stream(path: Path) -> bool:
    return str(path).startswith(STREAMS) or (path.exists() and not path.is_file())


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A new file beside another, as open to others as that one; removed in the end, if it is still there."""
    unfinished = path.resolve().with_name(f".pixelpact-{secrets.token_hex(4)}")
    unfinished.touch(exist_ok=False)
    try:
        if path.exists():
            shutil.copymode(path, unfinished)
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def _summary(handle: Handle, verdicts: Sequence[Verdict]) -> str:
    from ..service.phrases import counted, money
    from ..service.verdicts import as_text

    journal, ledger = handle.journal, handle.credits
    numbers = {"call": len(journal.calls), "picture": ledger.pictures, "download": len(journal.downloads)}
    counts = ", ".join(counted(number, noun) for noun, number in numbers.items())
    line = f"pixelpact: {counts}, {money(ledger.spent)}"
    return "\n".join([line, *([as_text(verdicts)] if verdicts else [])])
