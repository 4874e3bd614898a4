"""Pixelpact as a user runs it: a process that judges a URL, its exit code and its report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .wire import Fault

HELD, FINDINGS = 0, 1
LONGEST = 900


@dataclass(frozen=True)
class Outcome:
    """What a tool says of a server: its errors and warnings, each with the ordinal of the request that showed it.

    `problem` says why there is no verdict: the tool broke, or gave up.
    """

    errors: dict[str, int | None]
    warnings: dict[str, int | None]
    problem: str | None = None


Tool = Callable[[str, Fault], Outcome]


def pixelpact(url: str, fault: Fault) -> Outcome:
    """What `pixelpact verify` says."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        model = ["--model", fault.model] if fault.model else []
        command = [script("pixelpact"), "verify", "--target", url, *model, *fault.options]
        done = run([*command, "--tier", "l3", "--report", folder])
        report = Path(folder, "report.json")
        if done.returncode not in (HELD, FINDINGS) or not report.exists():
            return Outcome({}, {}, f"exit {done.returncode}: {(done.stderr or done.stdout)[-400:]}")
        return read(json.loads(report.read_text("utf-8")), done.returncode)


def read(report: dict[str, Any], code: int) -> Outcome:
    """What a report says; an exit code for findings without any is a suite that broke."""
    findings = [*report["findings"], *report.get("warnings", [])]
    errors, warnings = (_named(findings, severity) for severity in ("error", "warning"))
    return Outcome(errors, warnings, f"exit {code}, but no error" if code == FINDINGS and not errors else None)


def _named(findings: Sequence[dict[str, Any]], severity: str) -> dict[str, int | None]:
    """Each finding's code and test with its first request."""
    named: dict[str, int | None] = {}
    for one in findings:
        if one["severity"] == severity:
            named.setdefault(f"{one['code']} {one['check']} {one.get('test', '')}".strip(), one.get("request"))
    return named


def script(name: str) -> str:
    """A command of this environment."""
    return str(Path(sys.executable).with_name(name))


def run(command: Sequence[str], **variables: str) -> subprocess.CompletedProcess[str]:
    """A process, run to its end or to its limit."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=LONGEST, env={**os.environ, **variables}, check=False
        )
    except subprocess.TimeoutExpired as reason:
        return subprocess.CompletedProcess(command, 124, "", f"no verdict in {reason.timeout} s")
