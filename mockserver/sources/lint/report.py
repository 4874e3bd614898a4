"""Findings for people and for programs: text, JSON, GitHub annotations. SARIF has a module of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from ..texts import counted
from .findings import SEVERITIES, Finding, Severity
from .linting import Result
from .sarif import sarif

# GitHub's names for severities.
LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def text(result: Result) -> str:
    """A line for each finding."""
    return "\n".join(map(str, result.findings))


def as_json(result: Result) -> str:
    """All findings as one JSON object."""
    return json.dumps(
        {"findings": [_row(finding) for finding in result.findings], "summary": _counts(result)}, indent=2
    )


def github(result: Result) -> str:
    """A workflow command for each finding, which GitHub shows beside the line."""
    return "\n".join(map(_annotation, result.findings))


def summary(result: Result) -> str:
    """How many findings of each severity, in one sentence."""
    counts = _counts(result)
    numbers = ", ".join(counted(counts[severity], severity) for severity in reversed(SEVERITIES))
    return f"{numbers} in {counted(counts['pages'], 'page')} and {counted(counts['specs'], 'specification')}"


def _row(finding: Finding) -> dict[str, Any]:
    place, rule = finding.place, finding.rule
    return {
        "rule": rule.id,
        "name": rule.name,
        "severity": rule.severity,
        "message": finding.message,
        "file": place.file,
        "line": place.line or None,
        "column": place.column or None,
        "pointer": place.pointer or None,
    }


def _counts(result: Result) -> dict[str, int]:
    found = Counter(finding.rule.severity for finding in result.findings)
    return {**{severity: found[severity] for severity in SEVERITIES}, "pages": result.pages, "specs": result.specs}


def _annotation(finding: Finding) -> str:
    place, rule = finding.place, finding.rule
    fields = {"file": place.file, "line": place.line, "col": place.column, "title": str(rule)}
    given = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in fields.items() if value)
    at = f"{place.pointer}: " if place.pointer else ""
    return f"::{LEVELS[rule.severity]} {given}::{_escaped(at + finding.message)}"


def _escaped(value: str, more: str = "") -> str:
    """A text as workflow commands carry it; per cent first, as it escapes the others."""
    for letter in ("%", "\r", "\n", *more):
        value = value.replace(letter, f"%{ord(letter):02X}")
    return value


FORMATS: dict[str, Callable[[Result], str]] = {"text": text, "json": as_json, "sarif": sarif, "github": github}
