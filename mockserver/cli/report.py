"""What a run came to: a file for programs, whose form `schemas/report.json` promises, and lines for people."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..checks.codes import CHECKS
from ..checks.findings import repeated
from ..checks.known import Found, Known, Split
from ..sources.texts import counted

FORM = 1
# Of findings by the same check, this many are shown whole.
SHOWN = 3
FEW = 6
# Of more models than that, nothing has a column or a place in a line for each.
COLUMNS = 4
VERDICTS = {
    0: "held",
    1: "findings",
    2: "usage",
    3: "unreachable",
    4: "budget",
    130: "interrupted",
    # The reader of the output has left.
    141: "interrupted",
}
COUNTED = ("requests", "pictures")
COUNTS = ("tests", "held", "known", "broken", "skipped", "left", *COUNTED)
MARKS = {"flaky": " (flaky)"}


@dataclass(frozen=True)
class Run:
    """What was asked of a run, and the exit code that it ended with."""

    target: str
    profile: str
    exit: int
    tier: str | None = None
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What was judged. `skipped` are tests with the reason; from `checks` on, the suite's own words.

    `reason` is why the run could not be made or go on, or what there is to say of the other server.

    `gallery` and `grid` are for people to look at, and no part of the file for programs.
    """

    started: datetime
    seconds: float = 0.0
    counts: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    split: Split = field(default_factory=lambda: Split(()))
    skipped: tuple[tuple[str, str], ...] = ()
    crashes: tuple[str, ...] = ()
    checks: Mapping[str, Any] = field(default_factory=dict)
    coverage: Mapping[str, Any] = field(default_factory=dict)
    spent: Any = None
    retired: Mapping[str, str] = field(default_factory=dict)
    budget: str | None = None
    reason: str | None = None
    gallery: Mapping[str, Any] = field(default_factory=dict)
    grid: Mapping[str, Any] = field(default_factory=dict)

    @property
    def findings(self) -> list[Found]:
        """New findings that break the contract."""
        return [found for found in self.split.new if found.finding.severity == "error"]

    @property
    def warnings(self) -> list[Found]:
        """New findings that do not."""
        return [found for found in self.split.new if found.finding.severity == "warning"]


# The file


def write(folder: Path, run: Run, result: Result) -> Path:
    """Write `report.json` into a folder, which is made if need be: whole, or not at all."""
    return keep(folder / "report.json", text(run, result))


def text(run: Run, result: Result) -> str:
    """What `report.json` has in it."""
    return json.dumps(as_json(run, result), indent=2) + "\n"


def keep(path: Path, text: str) -> Path:
    """Write a text to a file, in a folder that is made if need be: whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        # What is no character, as half of a pair, can be in a text that came.
        unfinished.write_text(text, "utf-8", errors="backslashreplace")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def as_json(run: Run, result: Result) -> dict[str, Any]:
    """The report, of the form that `schemas/report.json` promises."""
    return {
        "pixelpact": version("pixelpact"),
        "schema": FORM,
        "target": run.target,
        "profile": run.profile,
        "tier": run.tier,
        "models": list(run.models),
        "started": result.started.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds": round(result.seconds, 3),
        "exit": run.exit,
        "verdict": VERDICTS[run.exit],
        "reason": result.reason,
        "counts": {name: result.counts[name] for name in COUNTS},
        "findings": [_fields(found) for found in result.findings],
        "warnings": [_fields(found) for found in result.warnings],
        "known": [{**_fields(found), **_owned(entry)} for found, entry in result.split.known],
        "expired": [{"code": entry.code, **_owned(entry)} for entry in result.split.expired],
        "unused": [{"code": entry.code, **_owned(entry)} for entry in result.split.unused],
        "skipped": [{"test": test, "reason": reason} for test, reason in result.skipped],
        "checks": {name: {"code": CHECKS[name].code, **said} for name, said in result.checks.items()},
        "coverage": result.coverage,
        "spent": result.spent,
        "budget": result.budget,
        "retired": result.retired,
        "crashes": list(result.crashes),
    }


def _fields(found: Found) -> dict[str, Any]:
    fields = {**asdict(found.finding), "test": found.test, "model": found.model}
    return {**fields, "sources": list(found.finding.sources)}


def _owned(entry: Known) -> dict[str, str]:
    return {"owner": entry.owner, "reason": entry.reason, "expires": entry.expires.isoformat()}


# The lines


def finding_lines(findings: Iterable[Found]) -> Iterator[str]:
    """The findings by their check, the first of each whole."""
    groups = by_check(findings)
    for check, group in groups.items():
        yield ""
        yield f"{check}: {counted(len(group), 'finding')}"
        for found in group[:SHOWN]:
            finding = found.finding
            yield f"  {found.test}{MARKS.get(finding.verdict, '')}"
            yield f"    promised  {finding.promised}"
            yield f"    came      {finding.came}"
            yield from (f"    source    {source}" for source in finding.sources)
            yield from repeated(finding.curl, "    ")
        rest = dict.fromkeys(found.test for found in group[SHOWN:])
        if rest:
            yield f"  and in {', '.join(rest)}"
    if groups:
        yield ""
        yield f"what usually causes this: pixelpact explain {' '.join(check.split()[0] for check in groups)}"


def warning_lines(warnings: list[Found]) -> Iterator[str]:
    """The warnings, a line each; equal ones are one line."""
    if not warnings:
        return
    yield ""
    yield f"{counted(len(warnings), 'warning')}: nothing that breaks the contract"
    for check, group in by_check(warnings).items():
        said = Counter(
            f"  {check}{MARKS.get(finding.verdict, '')}: promised {finding.promised}; came {finding.came}"
            for finding in (found.finding for found in group)
        )
        shown = list(said.items())[:SHOWN]
        yield from (f"{line}{f' ({times} times)' if times > 1 else ''}" for line, times in shown)
        rest = len(group) - sum(times for _, times in shown)
        if rest:
            yield f"  {check}: and {rest} more"


def known_lines(split: Split) -> Iterator[str]:
    """The known findings by owner, and the entries that are of no use any more."""
    if split.known:
        yield ""
        yield f"{counted(len(split.known), 'known finding')}"
    used = Counter(entry for _, entry in split.known)
    for entry, times in sorted(used.items(), key=lambda item: item[0].owner):
        yield f"  {entry.owner}: {entry.code}, {times}, until {entry.expires}: {entry.reason}"
    for entry in split.expired:
        yield f"EXPIRED  {entry.code} of {entry.owner} on {entry.expires}: {entry.reason}"
    for entry in split.unused:
        yield f"unused   {entry.code} of {entry.owner}, until {entry.expires}: it was not found"


def crash_lines(crashes: tuple[str, ...]) -> Iterator[str]:
    """Where the suite itself failed; what fails everywhere is not told everywhere."""
    for crash in crashes[:SHOWN]:
        yield from ("", "the suite itself failed:")
        # No line begins with what a server may have written.
        yield from (f"| {line}" for line in crash.splitlines())
    if len(crashes) > SHOWN:
        yield ""
        yield f"the suite itself failed {counted(len(crashes) - SHOWN, 'more time')}"


def skipped_lines(skipped: Iterable[tuple[str, str]]) -> Iterator[str]:
    """How many tests were skipped, by the reason."""
    reasons = Counter(reason for _, reason in skipped)
    if reasons:
        yield from ("", "skipped")
    yield from (f"  {times:>5}  {reason}" for reason, times in reasons.most_common())


def unmade(result: Result) -> str:
    """Why a check was not made, as far as it is known, if none of its tests says so itself."""
    ways = {"not reached": result.counts["left"], "skipped": result.counts["skipped"]}
    return " or ".join([*(way for way, times in ways.items() if times), "not asked for"])


def coverage_lines(result: Result) -> Iterator[str]:
    """What of the contract was tried, in three lines at most."""
    keywords, pairs, checks = result.coverage.get("keywords"), result.coverage.get("pairs"), result.checks
    if keywords:
        accepted, refused = ("{} of {}".format(*keywords[way]) for way in ("accepted", "refused"))
        yield f"keywords  {accepted} tried accepted, {refused} refused"
    if pairs:
        yield f"pairs     {_of_all(pairs) if len(pairs) > COLUMNS else _of_each(pairs)}"
    if checks:
        made = [name for name in CHECKS if checks.get(name, {}).get("ran")]
        rest = f"; not made: {_unmade(checks, unmade(result))}" if len(made) < len(CHECKS) else ""
        yield f"checks    {len(made)} of {len(CHECKS)} made{rest}"


def by_check(findings: Iterable[Found]) -> dict[str, list[Found]]:
    """Findings by code and name of their check, in the order of the codes."""
    groups: dict[str, list[Found]] = defaultdict(list)
    for found in findings:
        groups[f"{found.finding.code} {found.finding.check}"].append(found)
    return dict(sorted(groups.items()))


def _share(covered: int, total: int) -> str:
    # Rounded down: only all of them are 100 %.
    return f"{covered} of {total}" + (f" ({covered * 100 // total} %)" if total else "")


def _of_each(pairs: Mapping[str, tuple[int, int]]) -> str:
    return " · ".join(f"{model} {_share(*covered)}" for model, covered in pairs.items())


def _of_all(pairs: Mapping[str, tuple[int, int]]) -> str:
    """The sum, and the model of which the least was tried."""
    covered, total = (sum(column) for column in zip(*pairs.values(), strict=True))
    least = min(pairs, key=lambda model: pairs[model][0] / (pairs[model][1] or 1) if pairs[model][1] else 1)
    return f"{_share(covered, total)} of {len(pairs)} models; least {least} {_share(*pairs[least])}"


def _unmade(checks: Mapping[str, Any], otherwise: str) -> str:
    reasons: dict[str, list[str]] = defaultdict(list)
    for name in CHECKS:
        said = checks.get(name, {})
        if not said.get("ran"):
            reasons[" or ".join(said.get("unjudged", {})) or otherwise].append(name)
    return "; ".join(f"{_few(names)} ({reason})" for reason, names in reasons.items())


def _few(names: list[str]) -> str:
    """Some names, as many as fit on a line; the report has all."""
    return ", ".join(names) if len(names) <= FEW else f"{len(names)} checks"
