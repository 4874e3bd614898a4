"""`pixelpact record`: a run of the suite whose exchanges are kept, as fixtures that are judged offline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from . import options


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--target", default="mock", show_default=True, metavar="mock|live|URL", help="What to ask.")
@options.model
@options.profile
@options.schemas
@options.tier
@options.budget
@options.ledger
@click.option("--pictures", is_flag=True, help="Keep the pictures whole, not their hash, facts and thumbnail alone.")
def record(folder: Path, pictures: bool, **given: Any) -> None:
    """Keep every exchange of a run in a folder, without its secrets.

    Only headers that are known to be harmless are kept; keys, credentials and signatures become synthetic ones of the
    same form, and a file in which anything still looks like a secret is not written. What was recorded is judged again,
    with no server, by `pixelpact verify --exchanges FOLDER`.

    \b
    Example:
      pixelpact record recordings --target live --tier l1 --budget 0.20
    """
    from .judging import Job, check_folder, judge

    check_folder("FOLDER", folder)
    kept = {"record": folder.resolve(), **({"whole": 1} if pictures else {})}
    names = {"models": given.pop("model"), **given}
    code, reporter = judge(Job(examples=0, options=kept, **names))
    for reason in reporter.unwritten:
        click.echo(f"not written: {reason}", err=True)
    click.echo(f"{len(list(folder.glob('*.json')))} exchanges in {folder}", err=True)
    sys.exit(code or int(bool(reporter.unwritten)))
