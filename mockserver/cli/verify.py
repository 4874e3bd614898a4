"""`pixelpact verify`: the installed suite, run on a target."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from . import options

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--target", default="mock", show_default=True, metavar="mock|live|URL", help="What to judge.")
@options.model
@options.profile
@options.schemas
@options.tier
@options.budget
@options.ledger
@click.option("--against", metavar="mock|URL|FILE", help="Compare with another server, or with saved skeletons.")
@click.option("--skeletons", type=FILE, help="Save what every answer looks like, to compare with later.")
@click.option(
    "--exchanges",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Judge the recorded exchanges of a folder, and no server.",
)
@click.option(
    "--report",
    type=FOLDER,
    metavar="DIR",
    help="Write report.html, summary.md, report.json and junit.xml into this folder.",
)
@click.option(
    "--known",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Findings that somebody knows of, in TOML: code, owner, reason, expires.",
)
@click.option("--seed", type=int, help="Let Hypothesis explore from this seed. Without: the same requests every time.")
@click.option(
    "--examples",
    type=click.IntRange(0),
    metavar="N",
    help="Explore beyond the plan, N requests a property and model. The mock without a tier: 25; live: never.",
)
@click.option(
    "--database",
    metavar="redis://HOST:PORT/N",
    callback=options.checked_database,
    help="Explore with what others found first, and keep there what is found. With a password: PIXELPACT_DATABASE.",
)
@click.option("--junitxml", type=FILE, help="Write a JUnit report to this file.")
def verify(**given: Any) -> None:
    """Judge a server by the contract: the mock, the live API, or any base URL.

    First one documented request; then everything that must be refused, which is free; then every pair of boundary
    values; then pictures against each other. Each answer is judged down to the pixel. On the mock, every three values
    and what Hypothesis thinks of come on top.

    The key for a URL is PIXELPACT_API_KEY, for the live API AIML_API_KEY. Live, each picture costs money: it is
    entered in the ledger before it is asked for, and the run stops at the budget.

    \b
    Examples:
      pixelpact verify --target http://127.0.0.1:8080 --model bytedance/seedream-3.0
      pixelpact verify --target live --tier l1 --budget 0.20 --report out

    \b
    Exit codes: 0 all held · 1 findings · 2 wrong usage · 3 the target cannot be reached or refuses the key ·
    4 the budget was spent before the plan was done.
    """  # fmt: skip
    from ..checks import known
    from .judging import Job, judge

    _hold_together(given)
    more = [f"--hypothesis-seed={given['seed']}"] if given["seed"] is not None else []
    more += [f"--junitxml={given['junitxml'].resolve()}"] if given["junitxml"] else []
    job = Job(
        target=given["target"],
        models=given["model"],
        options=_further(given),
        baseline=known.load(given["known"]) if given["known"] else None,
        more=tuple(more),
        **{name: given[name] for name in ("profile", "schemas", "tier", "budget", "ledger", "examples", "report")},
    )
    if given["against"] or given["skeletons"]:
        from .comparing import compare

        sys.exit(compare(job, given["against"], given["skeletons"]))
    sys.exit(judge(job)[0])


def _hold_together(given: dict[str, Any]) -> None:
    """Raise UsageError for what does not go together."""
    if given["exchanges"] and (given["against"] or given["skeletons"]):
        raise click.UsageError("--exchanges: recorded exchanges are judged alone, and compared with nothing")
    if given["report"] and given["junitxml"]:
        raise click.UsageError("--junitxml: --report writes junit.xml into its folder already")


def _further(given: dict[str, Any]) -> dict[str, Any]:
    """Options of the suite's plugin that no other verb has."""
    exchanges = {"exchanges": given["exchanges"].resolve()} if given["exchanges"] else {}
    return {**exchanges, **({"database": given["database"]} if given["database"] else {})}
