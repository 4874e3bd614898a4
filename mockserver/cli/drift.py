"""`pixelpact drift`: what changed from one reading of the docs to another, and whom it breaks."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..sources.drift.compare import Comparison

CHANGED, INCOMPLETE, UNREACHABLE = 1, 2, 3
SEVERITIES = ("breaking", "risky", "harmless")


@click.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--live", is_flag=True, help="Compare OLD, or the packaged contract, with what the vendor publishes now.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="breaking",
    show_default=True,
    help="Exit with 1 from this severity on.",
)
@click.option("--model", "pattern", default="*", metavar="PATTERN", help="Models to compare, as `bytedance/*`.")
def drift(old: str | None, new: str | None, live: bool, form: str, fail_on: str, pattern: str) -> None:
    """Say what changed from OLD to NEW, and how bad it is for callers and for readers of answers.

    A side is a specification (a file or a URL), a folder of them, a folder of schemas, `profile:NAME` of the packaged
    contract, or a file of recorded skeletons. Exit code: 0 nothing as bad as --fail-on, 1 something, 2 a side, or a
    file of one, that cannot be read, 3 nothing published that could be fetched.

    \b
    Example:
      pixelpact drift profile:2025-08 profile:2026-01 --model 'bytedance/*'
    """
    from ..sources.drift.live import Unreachable
    from ..sources.drift.report import FORMATS, summary
    from ..sources.drift.values import Severity

    _check(old, new, live)
    try:
        comparison = _live(old, pattern) if live else _between(str(old), str(new), pattern)
    except Unreachable as reason:
        click.echo(f"pixelpact: {reason}", err=True)
        sys.exit(UNREACHABLE)
    for note in comparison.notes:
        click.echo(f"note: {note}", err=True)
    if text := FORMATS[form](comparison):
        click.echo(text)
    click.echo(summary(comparison), err=True)
    bad = any(found.severity >= Severity[fail_on.upper()] for found in comparison.findings)
    sys.exit(CHANGED if bad else INCOMPLETE if comparison.unread else 0)


def _check(old: str | None, new: str | None, live: bool) -> None:
    if live and new is not None:
        raise click.UsageError("--live is the newer side: give OLD alone, or nothing")
    if not live and (old is None or new is None):
        raise click.UsageError("expected two sides to compare, OLD and NEW")


def _between(old: str, new: str, pattern: str) -> Comparison:
    from ..sources.drift.compare import compare
    from ..sources.drift.reading import read_sides

    return compare(*read_sides(old, new), pattern)


def _live(old: str | None, pattern: str) -> Comparison:
    from ..sources.drift.contracts import packaged
    from ..sources.drift.live import against_published, base_url
    from ..sources.drift.reading import read_side

    base = base_url(os.environ)
    side = read_side(old) if old else packaged()
    return against_published(side, base, pattern, _progress if sys.stderr.isatty() else str)


def _progress(text: str) -> None:
    click.echo(text, err=True)
