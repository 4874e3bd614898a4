"""All checks put to a client, and the table of what came of it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .checks_plain import Check, Client
from .homes import Made, version
from .probe import QUIET, Probe, ProbeDied
from .setups import Known, Setup

EXAMPLE = "example"
COLUMNS = ("client", "of", "passed", "fails as known", "not as expected")


@dataclass(frozen=True)
class Verdict:
    """What came of one check: the reasons that it does not hold, and the failure that was to come."""

    check: str
    reasons: tuple[str, ...]
    known: Known | None = None

    @property
    def passed(self) -> bool:
        """It holds, as it should."""
        return not self.reasons and self.known is None

    @property
    def as_known(self) -> bool:
        """It fails, exactly as is known."""
        return self.known is not None and any(self.known.says in reason for reason in self.reasons)

    def __str__(self) -> str:
        expected = f"expected to fail with {self.known.says!r}" if self.known else "expected to pass"
        return f"{self.check}: {expected}; {'; '.join(self.reasons) or 'passed'}"


@dataclass(frozen=True)
class Result:
    """A client's verdicts; none, and the reason, where it is not here."""

    setup: Setup
    verdicts: tuple[Verdict, ...] = ()
    missing: str = ""

    @property
    def wrong(self) -> list[Verdict]:
        """The verdicts that are not as the table of clients says."""
        return [verdict for verdict in self.verdicts if not (verdict.passed or verdict.as_known)]


def judged(setup: Setup, made: Made, server: str) -> Result:
    """A client, put to every check, and its example run."""
    program, *arguments = setup.probe
    with Probe(made.probe(program, *arguments), made.folder) as probe:
        client = Client(probe.ask, server)
        verdicts = [
            Verdict(name, _reasons(check, client), setup.fails.get(name)) for name, check in setup.asked.items()
        ]
    if setup.example:
        verdicts.append(Verdict(EXAMPLE, tuple(example_reasons(made.example(setup.example), server))))
    return Result(setup, tuple(verdicts))


def _reasons(check: Check, client: Client) -> tuple[str, ...]:
    try:
        return tuple(check(client))
    except ProbeDied as reason:
        return (str(reason),)


def example_reasons(command: list[str], server: str) -> Iterator[str]:
    """Why an example does not work; nothing if it ends well and tells of its pictures."""
    base = f"{server}/v1"
    given = {"AIML_API_BASE": base, "OPENAI_BASE_URL": base, "AIML_API_KEY": "test-key", "OPENAI_API_KEY": "test-key"}
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **QUIET, **given}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode or "bytes" not in done.stdout or not [*Path(folder).glob("*.jpg")]:
            yield f"exit {done.returncode}, {(done.stderr or done.stdout).strip()[-300:]!r}"


def table(results: Iterable[Result]) -> str:
    """A row for each client, and a line for whatever needs one."""
    results = tuple(results)
    rows = [COLUMNS, ("---",) * len(COLUMNS), *map(_row, results)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", *(line for result in results for line in _notes(result))])


def _row(result: Result) -> tuple[str, ...]:
    of = version(result.setup.home, result.setup.name)
    if result.missing:
        return (result.setup.name, of, "not here", "", "")
    passed = sum(verdict.passed for verdict in result.verdicts)
    known = sum(verdict.as_known for verdict in result.verdicts)
    return (
        result.setup.name,
        of,
        f"{passed} of {len(result.verdicts)}",
        str(known or ""),
        str(len(result.wrong) or ""),
    )


def _notes(result: Result) -> Iterator[str]:
    if result.missing:
        yield f"- {result.setup.name}: not here: {result.missing}"
    for verdict in result.wrong:
        yield f"- {result.setup.name}: {verdict}"
    whys: dict[str, list[str]] = {}
    for verdict in result.verdicts:
        if verdict.known and verdict.as_known:
            whys.setdefault(verdict.known.why, []).append(verdict.check)
    for why, checks in whys.items():
        yield f"- {result.setup.name}: known: {why} ({', '.join(checks)})"
