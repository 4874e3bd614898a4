"""Parity: one plan on two targets, or on one and the skeletons of another that were saved."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from ..checks.parity import Difference, Observation, Skeletons, SkeletonsRefused, from_json, to_json
from ..checks.parity import compare as differences
from ..doors.targets import MOCK, BadTarget, is_paid, resolve
from .judging import Job, check_folder, judge, write_pages
from .reporter import Reporter
from .running import FINDINGS


def compare(job: Job, other: str | None, saved: Path | None) -> int:
    """Judge, save what every answer looks like if that is wanted, compare if there is another; return the exit code.

    Raises PixelpactError for a file that holds no skeletons.
    """
    # Read first: a file that cannot be used is told before anything is asked.
    known = _known(other) if other else None
    if saved:
        check_folder("--skeletons", saved.resolve().parent)
    watched = replace(job, examples=0, options={**job.options, "observe": 1})
    code, reporter = first, judged = judge(watched)
    seen = _observations(reporter)
    if saved:
        saved.write_text(to_json(Skeletons(job.target, job.profile, tuple(seen))), "utf-8")
    if other is None or not seen:
        return code
    if known is None:
        click.echo()
        second, reporter = judge(replace(watched, target=other, report=None))
        code, known = code or second, Skeletons(other, job.profile, tuple(_observations(reporter)))
    found = differences(seen, known.observations, (_name(job.target), _name(known.target)))
    _show(found)
    write_pages(job, first, judged.result(), found)
    return code or (FINDINGS if found else 0)


def _known(other: str) -> Skeletons | None:
    """The skeletons of a file; None for a server, or the mock."""
    if other == MOCK:
        return None
    if Path(other).is_file():
        try:
            return from_json(Path(other).read_bytes())
        except SkeletonsRefused as reason:
            raise SkeletonsRefused(reason.pointer, f"{reason.reason}, in {other}") from reason
    try:
        resolve(other, os.environ)
    except BadTarget as reason:
        if is_paid(other):
            raise
        raise BadTarget(f"--against: expected a base URL or a file of skeletons, received {other!r}") from reason
    return None


def _observations(reporter: Reporter) -> list[Observation]:
    return [Observation(one["label"], one["skeleton"], tuple(one["findings"])) for one in reporter.observations]


def _name(target: str) -> str:
    return "live" if is_paid(target) else target


def _show(found: Iterable[Difference]) -> None:
    lines = [str(difference) for difference in found]
    click.echo(f"\n{len(lines)} difference{'s' * (len(lines) != 1)} between the two")
    for line in lines:
        click.echo(line)
