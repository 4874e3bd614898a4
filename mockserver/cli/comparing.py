"""Parity: one plan on two targets, or on one and the skeletons of another that were saved."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path

import click

from ..checks.parity import Difference, Observation, Skeletons, SkeletonsRefused, from_json, to_json
from ..checks.parity import compare as differences
from ..doors.targets import MOCK, BadTarget, is_paid, resolve
from ..sources.texts import counted, printable
from .judging import OTHER, Job, check_folder, check_report, judge, write_report
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
    folder = job.report / OTHER if job.report and other and known is None else None
    if folder:
        check_report(folder)
    watched = replace(job, examples=0, options={**job.options, "observe": 1})
    code, judged = judge(watched)
    seen = _observations(judged)
    if saved:
        saved.write_text(to_json(Skeletons(job.target, job.profile, tuple(seen))), "utf-8")
    if other is None or not seen:
        return code
    note = None
    if known is None:
        click.echo()
        second, reporter = judge(replace(watched, target=other, report=folder))
        code, known = code or second, Skeletons(other, job.profile, tuple(_observations(reporter)))
        note = _note(other, reporter)
    found = None
    if known.observations:
        found = differences(seen, known.observations, (_name(job.target), _name(known.target)))
        _show(found)
    code = code or (FINDINGS if found else 0)
    result = judged.result()
    # The verdict is that on both.
    write_report(job, code, replace(result, reason=result.reason or note), found)
    return code


def _note(other: str, reporter: Reporter) -> str | None:
    """What there is to say of the other server, if it did not keep to the contract, or could not be asked."""
    if reporter.ended:
        return f"Not compared with {other}: {reporter.ended}"
    findings = len(reporter.result().findings)
    return f"{other} has {counted(findings, 'finding')} of its own: see {OTHER}/report.html" if findings else None


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
    told = [difference.lines() for difference in found]
    click.echo(f"\n{counted(len(told), 'difference')} between the two")
    for line in chain.from_iterable(told):
        click.echo(printable(line))
