"""`pixelpact import`: the docs' OpenAPI files as schemas."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

INTERRUPTED = 130

if TYPE_CHECKING:
    from ..sources.importing.importer import Outcome


def _matching(pattern: str, what: str) -> Callable[[click.Context, click.Parameter, str], str]:
    def held(_: click.Context, __: click.Parameter, value: str) -> str:
        if value and not re.fullmatch(pattern, value):
            raise click.BadParameter(f"expected {what}")
        return value

    return held


def _print_rules(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from ..sources.importing.stated import told

        click.echo(told())
        context.exit()


@click.command("import")
@click.argument("places", nargs=-1, required=True, metavar="FILE|DIR|URL...")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("schemas"),
    show_default=True,
    help="The folder of schemas to write to; what is in it and comes from elsewhere is left alone.",
)
@click.option(
    "--overlay",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What you know better, as merge patches by model. Without: overlay.json in the folder, if there is one.",
)
@click.option(
    "--date",
    default="",
    metavar="YYYY-MM-DD",
    callback=_matching(r"\d{4}-\d\d-\d\d", "a date as 2026-08-21"),
    help="When the files said so.",
)
@click.option(
    "--commit",
    default="",
    metavar="HEX",
    callback=_matching(r"[0-9a-f]{7,40}", "7 to 40 hexadecimal digits"),
    help="The commit of the docs that the files are of.",
)
@click.option("--place", default="", metavar="TEXT", help="Where the files are from, as a repository and its folder.")
@click.option(
    "--status", type=click.Choice(["current", "deprecated", "removed"]), help="The standing of every model imported."
)
@click.option("--prune", is_flag=True, help="Remove models that a file had when it was last imported, and has no more.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--rules",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_rules,
    help="Say by which rules the meaning of a request is inferred.",
)
def import_(
    places: tuple[str, ...],
    out: Path,
    overlay: Path | None,
    date: str,
    commit: str,
    place: str,
    status: str | None,
    prune: bool,
    form: str,
) -> None:
    """Make schemas of the docs' OpenAPI files.

    Exit code: 0 everything was understood, 1 something was not and the rest is imported, 2 nothing is, 130 interrupted.

    \b
    Example:
      pixelpact import docs/api-references/image-models --out schemas
      pixelpact serve --schemas schemas
    """
    from ..sources.importing.importer import Wanted, run

    try:
        outcome = run(places, Wanted(out, overlay, place, commit, date, status, prune))
    except KeyboardInterrupt:
        click.echo("interrupted: nothing is changed", err=True)
        sys.exit(INTERRUPTED)
    click.echo(json.dumps(_listed(outcome), indent=2) if form == "json" else _told(outcome), nl=form == "json")
    for kind, found in (("", outcome.problems), ("note: ", outcome.notes)):
        for each in found:
            click.echo(f"{kind}{each}", err=True)
    click.echo(_summary(outcome, out), err=True)
    sys.exit(2 if not outcome.models else 1 if outcome.problems else 0)


def _listed(outcome: Outcome) -> dict[str, Any]:
    return {
        "models": [{"id": key, "file": file, "state": state} for key, file, state in outcome.models],
        "problems": [vars(problem) for problem in outcome.problems],
        "notes": [vars(note) for note in outcome.notes],
    }


def _told(outcome: Outcome) -> str:
    return "".join(f"{state:<8}{key}  ({file})\n" for key, file, state in outcome.models if state != "same")


def _summary(outcome: Outcome, out: Path) -> str:
    from ..sources.texts import counted

    states = [state for _, _, state in outcome.models]
    counts = ", ".join(f"{states.count(state)} {state}" for state in ("new", "changed", "same") if state in states)
    found = f"{counted(len(outcome.problems), 'problem')}, {counted(len(outcome.notes), 'note')}"
    made = f"{counted(len(states), 'model')} of {counted(outcome.files, 'file')} in {out}"
    return f"{made}{f': {counts}' if counts else ''}; {found}"
