"""Options that several verbs share."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from ..errors import PixelpactError

model = click.option(
    "--model",
    multiple=True,
    metavar="ID|PATTERN|all",
    help="Judge these models: an id, a pattern as 'bytedance/*', or all; can be given more than once. "
    "Without: those of --schemas, or else the kit's own two.",
)
profile = click.option("--profile", default="observed", show_default=True, help="The reading of the docs to go by.")
schemas = click.option(
    "--schemas",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of further schemas, laid over the packaged ones. Can be given more than once.",
)
tier = click.option(
    "--tier",
    type=click.Choice(["l0", "l1", "l2", "l3"]),
    help="How much to ask for: l0 no picture, l1 3 a model, l2 8, l3 24. Without: l1 live, else l3.",
)
budget = click.option(
    "--budget",
    metavar="$|PICTURES",
    help="What the live API may cost: dollars, as 0.50, or pictures, as 8p. Without: 0.50.",
)
ledger = click.option(
    "--ledger",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where every paid request is entered before it is sent. Without: pixelpact-ledger.jsonl.",
)


def checked_database(_context: click.Context, _option: click.Parameter, url: str | None) -> str | None:
    """A database of examples that is named as one."""
    if url:
        # By name: in a checkout the suite lies in another folder.
        places = import_module("..contract_tests.places", __package__)
        try:
            places.place(url)
        except PixelpactError as reason:
            raise click.BadParameter(str(reason)) from None
    return url
