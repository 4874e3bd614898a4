"""What `verify` and `record` share: the target made sure of, the plan and its price shown, the suite, the report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ..cases.plan import TIERS, pictures
from ..cases.relations import Tier
from ..checks.known import Baseline
from ..checks.parity import Difference
from ..contract.answers import CREDITS_PER_USD
from ..contract.contract import load
from ..contract.models import Model
from ..contract.money import Budget
from ..doors import targets
from ..errors import PixelpactError
from ..sources.texts import counted, printable
from . import report
from .live import Live
from .reporter import Reporter
from .running import UNREACHABLE, USAGE, run

FILES = ("report.html", "report.json", "summary.md", "junit.xml")
# The folder in it of the other server.
OTHER = "other"
Differences = Sequence[Difference] | None


class CannotWrite(PixelpactError):
    """What a run comes to could not be kept."""


class Unreachable(PixelpactError):
    """No server answers at the target, or it refuses the key."""


@dataclass(frozen=True)
class Job:
    """What to judge, and how. `options` are further ones of the suite's plugin; `more` goes to pytest."""

    target: str
    models: tuple[str, ...] = ()
    profile: str = "observed"
    schemas: tuple[Path, ...] = ()
    tier: Tier | None = None
    budget: str | None = None
    ledger: Path | None = None
    examples: int | None = None
    report: Path | None = None
    baseline: Baseline | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    more: tuple[str, ...] = ()

    @property
    def paid(self) -> bool:
        """Whether pictures cost money."""
        return targets.is_paid(self.target)

    @property
    def asked_tier(self) -> Tier:
        """The tier: what was asked for, or little where it costs money."""
        return self.tier or ("l1" if self.paid else "l3")

    def chosen(self) -> list[Model]:
        """The models to judge. Raises UnknownName, and SchemaError for schemas that cannot be used."""
        return load(*self.schemas, profile=self.profile).chosen(self.models)


def judge(job: Job) -> tuple[int, Reporter]:
    """Judge a target; return the exit code, and what was found. Raises PixelpactError before anything is sent."""
    # First: what a run before left does not pass for this one's, even if this one is asked for wrongly.
    if job.report:
        check_report(job.report)
    models = job.chosen()
    if job.budget:
        Budget.parse(job.budget)
    prices = {model.name: model.credits / CREDITS_PER_USD for model in models} if job.paid else {}
    reporter = Reporter(f"{_shown(job)}, profile {job.profile}", job.baseline, live=Live(prices))
    try:
        if "exchanges" not in job.options and job.target != targets.MOCK:
            _check_answer(targets.resolve(job.target, os.environ), models[0].path)
            click.echo("\n".join(plan_lines(job, models)))
    except Unreachable as reason:
        click.echo(printable(f"pixelpact: {reason}"), err=True)
        reporter.ended = str(reason)
        _write(job, UNREACHABLE, report.Result(started=datetime.now(UTC), reason=reporter.ended))
        return UNREACHABLE, reporter
    code = run(_options(job), reporter, *_more(job))
    if "exchanges" in job.options and not reporter.made:
        reporter.ended = f"nothing could be judged in {job.options['exchanges']}"
        click.echo(printable(f"pixelpact: {reporter.ended}"), err=True)
        code = code or USAGE
    _write(job, code, reporter.result())
    return code, reporter


def check_folder(option: str, folder: Path) -> None:
    """Make a folder if need be. Raises CannotWrite if it cannot be written to: before anything is paid for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as reason:
        raise CannotWrite(
            f"{option}: expected a folder that can be written to: {reason.strerror}: {folder}"
        ) from reason


def check_report(folder: Path) -> None:
    """Make room for a report: what a run before left is no part of this one's. Raises CannotWrite if it has none."""
    check_folder("--report", folder)
    places = [place for place in (folder, folder / OTHER) if place.is_dir()]
    for path in (place / name for place in places for name in FILES):
        try:
            path.unlink(missing_ok=True)
        except OSError as reason:
            raise CannotWrite(f"--report: expected a file or nothing at {path}: {reason.strerror}") from reason
    with suppress(OSError):
        (folder / OTHER).rmdir()


def _options(job: Job) -> dict[str, Any]:
    return {
        "target": job.target,
        "model": ",".join(job.models),
        "profile": job.profile,
        "schemas": os.pathsep.join(str(folder.resolve()) for folder in job.schemas),
        "tier": job.tier,
        "budget": job.budget,
        "ledger": job.ledger.resolve() if job.ledger else Path("pixelpact-ledger.jsonl").resolve(),
        "examples": job.examples,
        "gallery": 1 if job.report else None,
        **job.options,
    }


def _more(job: Job) -> list[str]:
    junit = [f"--junitxml={(job.report / 'junit.xml').resolve()}"] if job.report else []
    return [*junit, *job.more]


def _write(job: Job, code: int, result: report.Result) -> None:
    if job.report:
        write_report(job, code, result)
        click.echo(f"report: {job.report / 'report.json'}\nto look: {job.report / 'report.html'}", err=True)


def write_report(job: Job, code: int, result: report.Result, differences: Differences = None) -> None:
    """Write a report, if one is wanted: with the differences to another server, if there is one.

    Raises CannotWrite for files that could not be written; the others are.
    """
    if job.report:
        from . import htmlreport, markdown

        about = _run_of(job, code)
        texts = {
            "report.json": report.text(about, result),
            "report.html": htmlreport.page(about, result, differences),
            "summary.md": markdown.summary(about, result, differences),
        }
        unwritten = list(_unwritten({job.report / name: text for name, text in texts.items()}))
        if unwritten:
            raise CannotWrite(f"--report: cannot write {', '.join(unwritten)}")


def _unwritten(texts: Mapping[Path, str]) -> Iterator[str]:
    """Write files; give those that could not be, with the reason."""
    for path, text in texts.items():
        try:
            report.keep(path, text)
        except OSError as reason:
            yield f"{path}: {reason.strerror}"


def _run_of(job: Job, code: int) -> report.Run:
    if "exchanges" in job.options:
        return report.Run(_shown(job), job.profile, code, None, job.models)
    return report.Run(_shown(job), job.profile, code, job.asked_tier, tuple(model.key for model in job.chosen()))


def _shown(job: Job) -> str:
    return f"the exchanges of {job.options['exchanges']}" if "exchanges" in job.options else job.target


def plan_lines(job: Job, models: list[Model]) -> Iterator[str]:
    """Every picture that may be made, and its price where it costs money; of many models, all together."""
    tier = job.asked_tier
    yield f"plan {tier}: {TIERS[tier]}"
    counts = {model.key: pictures(model, tier) for model in models}
    if len(models) > report.COLUMNS:
        dearest = max(models, key=lambda model: model.credits)
        cost = f", each at {_price(dearest)} or less" if job.paid else ""
        yield f"  {len(models)} models: {counted(sum(counts.values()), 'picture')} at most{cost}"
    else:
        yield from (_plan_line(model, counts[model.key], paid=job.paid) for model in models)
    if job.paid:
        total = sum(counts[model.key] * model.credits for model in models) / CREDITS_PER_USD
        yield f"  in all about ${total:.2f}; it stops at the budget of {job.budget or '0.50'}"


def _plan_line(model: Model, count: int, *, paid: bool) -> str:
    cost = f", about ${count * model.credits / CREDITS_PER_USD:.2f} at {_price(model)}" if paid else ""
    return f"  {model.key}: {counted(count, 'picture')} at most{cost}"


def _price(model: Model) -> str:
    return f"${model.credits / CREDITS_PER_USD:.4f} a picture"


def _check_answer(place: targets.Place, path: str) -> None:
    """Raise Unreachable where no server answers, or it refuses the key. Free: the body makes no picture."""
    import httpx

    headers = {"Authorization": f"Bearer {place.key}"}
    try:
        with httpx.stream("POST", f"{place.url}{path}", json={}, headers=headers, timeout=30, trust_env=False) as got:
            # The beginning is enough, and some bodies have no end.
            said = next(got.iter_bytes(), b"")
    except httpx.HTTPError as reason:
        raise Unreachable(f"{place.url} cannot be reached: {reason}") from reason
    # A server whose errors are all 404 says so in the form of an error; whoever has no such path says another thing.
    if got.status_code == 404 and (b'"message"' not in said or b"Cannot POST" in said):
        raise Unreachable(f"{place.url} has no {path} (404): is that the base URL?")
    if got.status_code in (401, 403):
        names = " or ".join(targets.LIVE_KEYS) if place.paid else targets.OTHER_KEY
        raise Unreachable(f"{place.url} refuses the key ({got.status_code}): set {names}")
