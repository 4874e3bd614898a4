"""`python -m benchmarks`: Pixelpact, and others beside it, on every planted fault, mutant and benign variant."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from .judge import Tool, pixelpact
from .runs import Run, chosen, measured
from .table import Results, table


@click.command()
@click.option("--only", metavar="CLASS|NAME", help="One class of runs, or one of them.")
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1), help="Runs side by side.")
@click.option("--repeat", default=1, show_default=True, type=click.IntRange(1), help="Times that verdicts must agree.")
@click.option("--peers", is_flag=True, help="Run Schemathesis beside it, by a specification hardened by hand.")
@click.option(
    "--docs-spec", type=click.Path(exists=True, path_type=Path), help="A peer's specification: the docs' own."
)
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write every run to this file.")
def main(only: str | None, jobs: int, repeat: int, peers: bool, docs_spec: Path | None, file: Path | None) -> None:
    """Print one table: what is found of what is planted, what it costs, and what is found where nothing is wrong."""
    try:
        planted = chosen(only)
    except ValueError as reason:
        raise click.BadParameter(str(reason), param_hint="--only") from reason
    tools = {"Pixelpact": pixelpact, **(_peers(docs_spec) if peers else {})}
    rounds = [{name: measured(tool, planted, jobs) for name, tool in tools.items()} for _ in range(repeat)]
    print(table(rounds[0]))
    if file:
        file.write_text(json.dumps([{name: [*map(_plain, runs)] for name, runs in one.items()} for one in rounds]))
    unsteady = sorted(_unsteady(rounds))
    print(*(f"- not the same verdict each time: {name}" for name in unsteady), sep="\n")
    sys.exit(bool(unsteady))


def _plain(run: Run) -> dict[str, Any]:
    return {**asdict(run), "verdict": run.verdict, "request": run.request}


def _unsteady(rounds: Sequence[Results]) -> set[str]:
    verdicts: dict[str, set[str]] = {}
    for one in rounds:
        for tool, runs in one.items():
            for run in runs:
                verdicts.setdefault(f"{tool}: {run.name}", set()).add(run.verdict)
    return {name for name, said in verdicts.items() if len(said) > 1}


def _peers(docs_spec: Path | None) -> dict[str, Tool]:
    from .peers import as_printed, hardened, schemathesis

    docs = {"Schemathesis, docs": schemathesis(as_printed(docs_spec))} if docs_spec else {}
    return {"Schemathesis, hardened": schemathesis(hardened), **docs}


if __name__ == "__main__":
    main()
