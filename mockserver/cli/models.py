"""`pixelpact models`: what can be served and judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from . import options


@click.command()
@options.schemas
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def models(schemas: tuple[Path, ...], as_json: bool) -> None:
    """List the models and profiles that can be served and judged.

    \b
    Example:
      pixelpact models --json
    """
    from ..contract.contract import load_all

    contracts = load_all(*schemas)
    known = {id: model for contract in contracts.values() for id, model in contract.models.items()}
    rows: list[dict[str, Any]] = [
        {
            **{key: getattr(model, key) for key in ("id", "title", "task", "status", "credits")},
            "profiles": [name for name, contract in contracts.items() if model.id in contract.models],
        }
        for model in known.values()
    ]
    summaries = {name: contract.summary for name, contract in contracts.items()}
    if as_json:
        click.echo(json.dumps({"models": rows, "profiles": summaries}, indent=2))
        return
    for row in rows:
        click.echo("{id}  {title}, {task}, {status}, {credits:,} credits a picture".format(**row))
        click.echo(f"  profiles: {', '.join(row['profiles'])}")
    click.echo()
    for name, summary in summaries.items():
        click.echo(f"{name:<17}{summary}")
