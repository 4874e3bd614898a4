"""`python -m examples.acceptance`: every real client against the mock, each with its own libraries."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from .homes import NotHere, make
from .mock import serving
from .setups import SETUPS, Setup
from .verdicts import Result, judged, table

BY_NAME = {setup.name: setup for setup in SETUPS}


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--list", "listed", is_flag=True, help="List the clients, and what is asked of each.")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Keep what is installed in this folder, for another time."
)
@click.option("--all", "complete", is_flag=True, help="Fail where a client is not here: a package, node or a browser.")
def main(names: Sequence[str], listed: bool, keep: Path | None, complete: bool) -> None:
    """Run every client, or those named, and print what came of it: 0 if all is as the table of clients says."""
    unknown = sorted({*names} - {*BY_NAME})
    if unknown:
        raise click.BadParameter(f"expected some of {', '.join(BY_NAME)}, received {', '.join(unknown)}")
    setups = [BY_NAME[name] for name in names] or [*SETUPS]
    if listed:
        print("\n".join(map(_listed, setups)))
        return
    with ExitStack() as stack:
        folder = keep.resolve() if keep else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        results = [_result(setup, folder) for setup in setups]
    print(table(results))
    sys.exit(any(result.wrong or (result.missing and complete) for result in results))


def _result(setup: Setup, keep: Path) -> Result:
    print(setup.name, file=sys.stderr, flush=True)
    try:
        made = make(setup.home, keep)
        with serving(setup.profile) as url:
            return judged(setup, made, url)
    except NotHere as reason:
        return Result(setup, missing=str(reason))


def _listed(setup: Setup) -> str:
    lines = [f"{setup.name} ({' '.join(setup.home.packages) or setup.home.tool or setup.home.language})"]
    lines += [f"  asked: {', '.join(setup.asked)}"]
    lines += [f"  not asked: {check}: {why}" for check, why in setup.leaves_out.items()]
    lines += [f"  fails: {check}: {known.why}" for check, known in setup.fails.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
