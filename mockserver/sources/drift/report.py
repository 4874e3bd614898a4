"""A comparison told: as text for people, as Markdown for a pull request, as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from ..texts import counted, printable
from .classes import Finding
from .compare import Comparison
from .judgement import NOTHING
from .values import Severity

FEW = 5
WORST_FIRST = tuple(sorted(Severity, reverse=True))


def summary(comparison: Comparison) -> str:
    """What it came to, in a line."""
    counts = {severity: _count(comparison, severity) for severity in WORST_FIRST}
    told = ", ".join(f"{times} {severity}" for severity, times in counts.items())
    left = f", {counted(len(comparison.unread), 'file')} not compared" if comparison.unread else ""
    return f"{comparison.old} to {comparison.new}: {counted(comparison.models, 'model')} compared, {told}{left}"


def _count(comparison: Comparison, severity: Severity) -> int:
    return sum(finding.severity is severity for finding in comparison.findings)


def as_text(comparison: Comparison) -> str:
    """Each change in a block, the harmless ones in fewer lines, then what was not compared; nothing without either."""
    blocks = ["\n".join(map(printable, _block(finding))) for finding in comparison.findings]
    left = "\n".join(f"not compared: {problem}" for problem in comparison.unread)
    return "\n\n".join([*blocks, *([left] if left else [])])


def _block(finding: Finding) -> Iterator[str]:
    change, judgement = finding.change, finding.judgement
    yield f"{finding.severity}: {finding.title}, in {_place(finding)}"
    yield f"  models   {_models(finding)}"
    rows = {
        "before": change.before,
        "after": change.after,
        "callers": str(judgement.callers),
        "answers": str(judgement.answers),
        "why": judgement.why,
        "to do": judgement.do if judgement.do != NOTHING else "",
    }
    hidden = () if finding.severity else ("callers", "answers", "why")
    yield from (f"  {name:<9}{told}" for name, told in rows.items() if told and name not in hidden)


def _place(finding: Finding) -> str:
    return f"{finding.change.part} {finding.change.pointer}".strip()


def _models(finding: Finding) -> str:
    names = list(dict.fromkeys(model or endpoint for model, endpoint in finding.models))
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def as_markdown(comparison: Comparison) -> str:
    """A table for each severity, the worst first."""
    lines = [f"# Drift: {_cell(comparison.old)} to {_cell(comparison.new)}", "", _cell(summary(comparison))]
    for severity in WORST_FIRST:
        found = [finding for finding in comparison.findings if finding.severity is severity]
        if found:
            lines += ["", f"## {str(severity).capitalize()}", "", *_table(found)]
    if comparison.unread:
        lines += ["", "## Not compared", "", *(f"- {_cell(f'not compared: {each}')}" for each in comparison.unread)]
    return "\n".join(lines)


def _table(found: list[Finding]) -> Iterator[str]:
    columns = ("change", "place", "before", "after", "callers", "answers", "what to do", "models")
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for finding in found:
        change, judgement = finding.change, finding.judgement
        told = (finding.title, f"`{_place(finding)}`", change.before, change.after)
        judged = (judgement.callers, judgement.answers, judgement.do, _models(finding))
        yield f"| {' | '.join(_cell(str(cell)) for cell in (*told, *judged))} |"


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|").replace("<", "&lt;")


def as_json(comparison: Comparison) -> str:
    """The whole comparison; a change that several models share is told for each of them."""
    content = {
        "old": comparison.old,
        "new": comparison.new,
        "models": comparison.models,
        "counts": {str(severity): _count(comparison, severity) for severity in WORST_FIRST},
        "changes": [row for finding in comparison.findings for row in _rows(finding)],
        "not_compared": [{"file": each.file, "reason": each.reason} for each in comparison.unread],
        "notes": list(comparison.notes),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _rows(finding: Finding) -> Iterator[dict[str, Any]]:
    change, judgement = finding.change, finding.judgement
    for model, endpoint in finding.models:
        yield {
            "model": model,
            "endpoint": endpoint,
            "kind": change.kind,
            "title": finding.title,
            "part": change.part,
            "path": change.pointer,
            "before": change.before,
            "after": change.after,
            "severity": str(finding.severity),
            "callers": str(judgement.callers),
            "answers": str(judgement.answers),
            "why": judgement.why,
            "do": judgement.do,
        }


FORMATS: dict[str, Callable[[Comparison], str]] = {"text": as_text, "markdown": as_markdown, "json": as_json}
