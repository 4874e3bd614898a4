"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path

import click

profile = click.option("--profile", default="observed", show_default=True, help="The reading of the docs to go by.")
schemas = click.option(
    "--schemas",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of further schemas, laid over the packaged ones. Can be given more than once.",
)
