"""`pixelpact lint-docs`: where pages and specifications contradict themselves, each other and the contract."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import options

FORMATS = ("text", "json", "sarif", "github")


@click.command("lint-docs")
@click.argument("places", nargs=-1, metavar="PATH...")
@options.schemas
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to print.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    default="error",
    show_default=True,
    help="The least severity that makes the exit code 1.",
)
@click.option("--ignore", multiple=True, metavar="RULE", help="A rule to leave out, by id or name. More than once.")
@click.option("--rules", "listing", is_flag=True, help="List every rule, and stop.")
def lint_docs(
    places: tuple[str, ...], schemas: tuple[Path, ...], form: str, fail_on: str, ignore: tuple[str, ...], listing: bool
) -> None:
    """Report where pages and OpenAPI files contradict themselves, each other and the contract.

    PATH is a Markdown page, an OpenAPI 3 file in JSON, a folder of both, or a URL. Specifications given together with
    pages go before the contract. Exit code: 0 nothing at or above --fail-on, 1 something, 2 nothing could be read.

    \b
    Example:
      pixelpact lint-docs docs/ --format github
    """
    from ..contract.contract import load_all
    from ..sources.lint.linting import lint
    from ..sources.lint.report import FORMATS as REPORTS
    from ..sources.lint.report import summary
    from ..sources.lint.rules.table import RULES, find_rule

    if listing:
        click.echo("\n".join(f"{rule.id}  {rule.severity:<8} {rule.name:<21}{rule.says}" for rule in RULES.values()))
        return
    if not places:
        raise click.UsageError("give a page, an OpenAPI file, a folder or a URL")
    result = lint(places, load_all(*schemas), [find_rule(name) for name in ignore])
    if report := REPORTS[form](result):
        click.echo(report)
    click.echo(summary(result), err=True)
    sys.exit(2 if not result.documents else int(result.fails(fail_on)))
