"""What a run came to, as Markdown for the page of a CI job; what a server wrote is shown, and obeyed by nobody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape

from ..checks.findings import Finding
from ..checks.known import Found
from ..checks.parity import Difference
from ..pages.environment import plain
from . import htmlreport, repeating
from .pairgrid import shorts
from .report import Result, Run, by_check

# Pages of jobs take 1 MiB at most, of all steps together; who reads more than this reads the report.
MOST_BYTES = 60_000
ROWS, LONGEST, LONGEST_CURL = 50, 300, 4000
MARKS = {"ok": "✅", "warn": "⚠️", "bad": "❌"}
# All that Markdown, HTML or a page of a job could read anything into is written as its number.
MEANT = re.compile(r"[^\w .,;/=+-]|_|(?<=www)\.", re.IGNORECASE)


def summary(run: Run, result: Result, differences: Sequence[Difference] | None = None) -> str:
    """The text: the verdict in its first line. What it has no room for is left out, and said."""
    kept, room = [], MOST_BYTES
    for block in _blocks(run, result, differences):
        room -= len(block.encode("utf-8", "backslashreplace")) + 1
        if room < 100:
            kept.append("\nThere is no room for the rest: it is in report.html.")
            break
        kept.append(block)
    return "\n".join(kept) + "\n"


def said(text: object, longest: int = LONGEST) -> str:
    """A text as it came, in one line that is nothing but text."""
    words = " ".join(str(text).split())
    cut = words if len(words) <= longest else f"{words[:longest]}…"
    return f"<code>{MEANT.sub(lambda found: f'&#{ord(found[0])};', plain(cut))}</code>" if cut else "-"


def _blocks(run: Run, result: Result, differences: Sequence[Difference] | None) -> Iterator[str]:
    """Pieces of the text, each of which may be the last."""
    tone, headline = htmlreport.verdict(run, result, differences)
    tier = f", tier {run.tier}" if run.tier else ""
    yield f"## {MARKS[tone]} {headline}\n\n{said(run.target)}, profile {said(run.profile)}{tier}\n"
    yield from _table(("", ""), [(name, value) for name, value in htmlreport.tallies(run, result).items()])
    yield f"\n**Money** {said(htmlreport.money(run, result))}"
    yield from ([f"\n**Stopped** {said(result.budget)}"] if result.budget else [])
    yield from ([f"\n**Why** {said(result.reason)}"] if result.reason else [])
    yield from (f"\n**Retired** {said(model)}: {said(why)}" for model, why in result.retired.items())
    yield from (f"\n**The suite itself failed** {said(crash[-LONGEST:])}" for crash in result.crashes[:3])
    groups = by_check(result.findings)
    yield from _findings(groups)
    yield from _differences(differences)
    yield from _warnings(result.warnings)
    yield from _known(result)
    yield from _coverage(result)
    # Last, as they are long: if there is no room, it is for them.
    yield from _repeats(run, groups.values())


def _findings(groups: Mapping[str, Sequence[Found]]) -> Iterator[str]:
    """The first findings of each check, so that none is hidden by many of another."""
    if not groups:
        return
    yield "\n### Findings\n"
    if len(groups) > 1:
        most = sorted(groups.items(), key=lambda group: -len(group[1]))
        yield f"Of each check: {', '.join(f'{check} {len(found)}' for check, found in most)}.\n"
    each = max(1, ROWS // len(groups))
    shown = [_row(one) for found in groups.values() for one in found[:each]]
    yield from _table(("check", "test", "promised", "came", "source"), shown)
    rest = sum(map(len, groups.values())) - len(shown)
    yield from ([f"\nAnd {rest} more, in report.html."] if rest else [])


def _repeats(run: Run, groups: Collection[Sequence[Found]]) -> Iterator[str]:
    """The line that repeats the first finding of each check, and what it takes."""
    if groups:
        needs = " ".join(repeating.needs(run, (one.finding.curl for found in groups for one in found)))
        yield "\n### Repeat a finding\n"
        # Of our own words, only what stands between backticks has anything from outside in it.
        yield "".join(said(part) if odd % 2 else part for odd, part in enumerate(needs.split("`"))) + "\n"
    yield from (_repeated(found[0].finding) for found in groups)


def _repeated(finding: Finding) -> str:
    """The line that repeats a finding, folded away, and whether that takes a file that is elsewhere."""
    if len(finding.curl) > LONGEST_CURL:
        return f"The line that repeats {finding.code} {finding.check} is in report.json.\n"
    line = escape(plain(finding.curl)).replace("@", "&#64;")
    file = "\nThe file with its body is on the machine that ran this.\n" if repeating.FILE.search(finding.curl) else ""
    # After an empty line it is a block of its own, which another empty line within does not end.
    return f"<details><summary>{finding.code} {finding.check}</summary>\n\n<pre>{line}</pre>\n{file}\n</details>\n"


def _row(found: Found) -> tuple[str, ...]:
    finding = found.finding
    mark = " (flaky)" if finding.verdict == "flaky" else ""
    sources = ", ".join(map(said, finding.sources[:3])) or "assumed"
    head = f"{finding.code} {finding.check}{mark}"
    return head, said(found.test), said(finding.promised), said(finding.came), sources


def _differences(differences: Sequence[Difference] | None) -> Iterator[str]:
    if differences is None:
        return
    yield "\n### Differences to the other server\n"
    if not differences:
        yield "None."
        return
    one, other = differences[0].names
    heads = ("where", said(one), said(other), "likely", "cases")
    shown = differences[:ROWS]
    yield from _table(heads, [(said(d.where), said(d.one), said(d.other), d.owner, str(d.count)) for d in shown])
    yield from ([f"\nAnd {len(differences) - ROWS} more."] if len(differences) > ROWS else [])


def _warnings(warnings: Sequence[Found]) -> Iterator[str]:
    if warnings:
        alike = Counter((one.finding.code, one.finding.check, said(one.finding.came)) for one in warnings)
        yield "\n### Warnings\n"
        rows = [(f"{code} {check}", came, str(times)) for (code, check, came), times in alike.most_common(ROWS)]
        yield from _table(("check", "came", "times"), rows)


def _known(result: Result) -> Iterator[str]:
    split = result.split
    used = {entry: str(times) for entry, times in Counter(entry for _, entry in split.known).items()}
    expired, unused = dict.fromkeys(split.expired, "expired: counts again"), dict.fromkeys(split.unused, "unused")
    told = {**expired, **used, **unused}
    rows = [(e.code, said(e.owner), str(e.expires), said(e.reason), times) for e, times in told.items()]
    if rows:
        yield "\n### Known findings\n"
        yield from _table(("check", "owner", "until", "reason", "times"), rows[:ROWS])


def _coverage(result: Result) -> Iterator[str]:
    pairs = shorts(result.grid)
    if pairs:
        yield "\n### Coverage\n"
        rows = [(said(one.model), f"{one.covered} of {one.total}") for one in pairs]
        yield from _table(("model", "pairs of values"), rows[:ROWS])
    made = [check.name for check, ran, _ in htmlreport.checks(result) if ran]
    unmade = [(f"{check.code} {check.name}", said(why)) for check, ran, why in htmlreport.checks(result) if not ran]
    if made:
        yield f"\n{len(made)} of {len(made) + len(unmade)} checks were made.\n"
        yield from _table(("not made", "as"), unmade)
    skipped = [(said(reason), str(times)) for reason, times, _ in htmlreport.by_reason(result)]
    if skipped:
        yield "\n### Skipped tests\n"
        yield from _table(("reason", "times"), skipped[:ROWS])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
