"""What a run came to, as one page with everything in it: it asks nobody for anything, and is read as a file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..checks.codes import CHECKS
from ..checks.known import Found
from ..checks.parity import Difference
from ..doors.targets import is_paid
from ..pages import assets, environment
from ..sources.texts import counted
from . import repeating
from .pairgrid import grids, shorts
from .report import COLUMNS, COUNTED, SHOWN, Result, Run, by_check, unmade

# What a page has room for: findings shown whole, lines of a list, and characters of a text.
WHOLE, LINES, LONGEST, LONGEST_CURL = 60, 200, 1200, 4000
# As many pictures may be seen without asking for them.
OPEN = 60
# Where in an answer a picture is, and what is said of it.
POINTED = re.compile(r"((?:/[^/\s:]+)*/(?:url|b64_json)): (.*)", re.DOTALL)
Sides = tuple[int, int]
STYLE, SCRIPT = "style.css", "report.js"
CSP = "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'"
# What an exit code says, and how it looks.
VERDICTS = {
    0: ("ok", "Everything held"),
    1: ("bad", "Findings"),
    2: ("bad", "Nothing was judged: it was asked for wrongly"),
    3: ("bad", "A server cannot be reached, or refuses the key"),
    4: ("warn", "The budget was spent before the plan was done"),
    130: ("warn", "Interrupted"),
    141: ("warn", "Interrupted"),
}


@dataclass(frozen=True)
class Group:
    """The findings of one check: some shown whole, of the rest the tests."""

    code: str
    name: str
    promise: str
    causes: str
    count: int
    whole: tuple[Shown, ...]
    rest: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A finding as it is shown, with the pictures behind it, and the bodies that are not in its line."""

    found: Found
    views: tuple[View, ...] = ()
    bodies: tuple[repeating.Body | None, ...] = ()

    @property
    def case(self) -> str:
        """What tells its test from others."""
        return _case(self.found.test, self.found.model)

    @property
    def promised(self) -> tuple[str, str]:
        """What was promised, in words, and where in the answer, if it is said."""
        told = POINTED.fullmatch(self.found.finding.promised)
        return (f"{ordinal(told[1])}: {told[2]}", told[1]) if told else (self.found.finding.promised, "")

    @property
    def scale(self) -> Sides:
        """Width and height of what holds each of its pictures, and all that was promised."""
        sides = [each for view in self.views for each in (view.came, view.promised, view.sent) if each]
        return max((width for width, _ in sides), default=1), max((height for _, height in sides), default=1)

    @property
    def stroke(self) -> int:
        """How thick a line is in that scale."""
        return max(1, max(self.scale) // 160)


@dataclass(frozen=True)
class View:
    """A picture: its size, the one that was promised if any was, and that of the picture that was sent to be edited.

    `before`: it is the one that another is compared with.
    """

    picture: Mapping[str, Any]
    came: Sides | None
    promised: Sides | None = None
    sent: Sides | None = None
    before: bool = False

    @property
    def ordinal(self) -> str:
        """Which picture of its answer it is."""
        return ordinal(self.picture["pointer"])


def page(run: Run, result: Result, differences: Sequence[Difference] | None = None) -> str:
    """The page. `differences` are those to another server, if there is one."""
    tone, headline = verdict(run, result, differences)
    groups, gallery = tuple(_groups(result)), _gallery(result)
    whole = environment.render(
        "report/report.html",
        policy=CSP.format(assets.digest(STYLE), assets.digest(SCRIPT)),
        run=run,
        result=result,
        tone=tone,
        headline=headline,
        tallies=tallies(run, result),
        money=money(run, result),
        groups=groups,
        needs=tuple(repeating.needs(run, (found.finding.curl for found in result.findings))),
        warnings=tuple(Counter(map(_warning, result.warnings)).most_common(LINES)),
        skipped=by_reason(result),
        checks=checks(result),
        grids=grids(result.grid) if len(result.grid) <= COLUMNS else (),
        shorts=shorts(result.grid) if len(result.grid) > COLUMNS else (),
        differences=differences,
        lines=LINES,
        longest=LONGEST,
        longest_curl=LONGEST_CURL,
        gallery=gallery,
        unfolded=sum(map(len, gallery.values())) <= OPEN,
        unseen=_unseen(result),
    )
    # Nobody else can have written these tags: each value is escaped.
    styled = whole.replace("<style></style>", f"<style>{assets.inline(STYLE)}</style>", 1)
    return styled.replace("<script></script>", f"<script>{assets.inline(SCRIPT)}</script>", 1)


def verdict(run: Run, result: Result, differences: Sequence[Difference] | None) -> tuple[str, str]:
    """How the verdict looks, and its words."""
    tone, words = VERDICTS[run.exit]
    if run.exit == 1:
        crashed = f"{counted(len(result.crashes), 'failure')} of the suite itself" if result.crashes else ""
        unlike = f"{counted(len(differences), 'difference')} to the other server" if differences else ""
        found = counted(len(result.findings), "finding") if result.findings else ""
        words = ", ".join(filter(None, [found, crashed, unlike])) or "Findings at the other server"
    return tone, words


def tallies(run: Run, result: Result) -> dict[str, str]:
    """The figures of a run by their names."""
    counts = result.counts
    made = counts["tests"] - counts["left"]
    # Of recordings nothing was asked, and no picture made.
    asked = COUNTED if run.tier else ()
    return {
        "held": f"{counts['held']:,} of {made:,}",
        "findings": f"{len(result.findings):,}",
        "warnings": f"{len(result.warnings):,}",
        "known": f"{len(result.split.known):,}",
        "skipped": f"{counts['skipped']:,}",
        **({"not judged": f"{counts['left']:,}"} if counts["left"] else {}),
        **{name: f"{counts[name]:,}" for name in asked},
        "time": f"{result.seconds:.1f} s",
    }


def money(run: Run, result: Result) -> str:
    """What the run cost, in a sentence."""
    if result.spent:
        return str(result.spent)
    if run.tier is None:
        return "Nothing: recordings were judged, and no server was asked."
    drawn = counted(result.counts["pictures"], "picture")
    return (
        f"Nothing was charged for {drawn}." if is_paid(run.target) else f"Nothing: {drawn}, and none is paid for here."
    )


def by_reason(result: Result) -> list[tuple[str, int, list[str]]]:
    """Why tests were skipped: the reason, how many, and some of them."""
    reasons = Counter(reason for _, reason in result.skipped)
    return [
        (reason, times, [test for test, why in result.skipped if why == reason][:20])
        for reason, times in reasons.most_common(LINES)
    ]


def checks(result: Result) -> list[tuple[Any, int, str]]:
    """Every check, how often it was made, and why it was not; those that were not made first."""
    told = []
    for name, check in CHECKS.items():
        said = result.checks.get(name, {})
        why = "; ".join(f"{reason} ({times})" for reason, times in said.get("unjudged", {}).items())
        told.append((check, said.get("ran", 0), why or ("" if said.get("ran") else unmade(result))))
    return sorted(told, key=lambda row: bool(row[1]))


def _groups(result: Result) -> Iterator[Group]:
    views = _views(result)
    room = WHOLE
    for group in by_check(result.findings).values():
        whole = tuple(_shown(found, views) for found in group[: min(SHOWN, room)])
        room -= len(whole)
        check = CHECKS[group[0].finding.check]
        rest = tuple(dict.fromkeys(found.test for found in group[len(whole) :]))
        yield Group(check.code, check.name, check.promise, check.causes, len(group), whole, rest)


def _shown(found: Found, views: Mapping[tuple[str, int], tuple[View, ...]]) -> Shown:
    """A finding with the pictures behind it, after those that it is compared with."""
    before, after = (views.get((found.test, number), ()) for number in (found.finding.beside, found.finding.request))
    behind = (*(replace(view, before=True) for view in before), *after)
    return Shown(found, behind, tuple(repeating.bodies(found.finding.curl)))


def _views(result: Result) -> dict[tuple[str, int], tuple[View, ...]]:
    """The pictures behind findings, by test and request: of one request no more than four."""
    found: dict[tuple[str, int], tuple[View, ...]] = {}
    for picture in result.gallery.get("close", ()):
        came = _sides(picture["size"])
        promised = [_sides(size) for size in picture["promised"]]
        fitting = came if came in promised else next(iter(promised), None)
        sent = _sides(picture["input_size"]) if picture["input"] else None
        key = (picture["test"], picture["request"])
        found[key] = (*found.get(key, ()), View(picture, came, fitting, sent))[:4]
    return found


def ordinal(pointer: str) -> str:
    """Which picture of an answer is meant, as `picture 1`; there may be one alone."""
    place = re.search(r"/(\d+)(?:/|$)", pointer)
    return f"picture {int(place[1]) + 1}" if place else "the picture"


def _sides(size: str) -> Sides | None:
    width, _, height = size.partition("x")
    return (int(width), int(height)) if width and height else None


def _warning(found: Found) -> tuple[str, str, str, str, str]:
    finding = found.finding
    return finding.code, finding.check, finding.verdict, finding.promised[:LONGEST], finding.came[:LONGEST]


def _gallery(result: Result) -> dict[str, list[Mapping[str, Any]]]:
    """The pictures by model, those with findings first."""
    models: dict[str, list[Mapping[str, Any]]] = {}
    for picture in result.gallery.get("pictures", ()):
        case = _case(picture["test"], picture["model"])
        models.setdefault(picture["model"], []).append({**picture, "case": case})
    return {model: sorted(shown, key=lambda one: not one["codes"]) for model, shown in models.items()}


def _unseen(result: Result) -> Iterator[str]:
    """What became of the pictures that are not shown."""
    told = result.gallery
    left_out, unreadable = told.get("left_out", 0), told.get("unreadable", 0)
    shown = sum(one["times"] for one in told.get("pictures", ()))
    ways = {
        "that this page has no room for": left_out,
        "that could not be decoded": unreadable,
        "whose file did not come, or was not asked for": result.counts["pictures"] - shown - left_out - unreadable,
    }
    return (f"Not shown: {counted(times, 'picture')} {way}." for way, times in ways.items() if times > 0)


def _case(test: str, model: str) -> str:
    """What tells a test from the others: its case, or else its own words."""
    sentence, _, case = test.removeprefix("test_").removesuffix("]").partition("[")
    for name in (model, model.rpartition("/")[2]):
        case = "" if case == name else case.removeprefix(f"{name}-")
    return case or sentence.replace("_", " ")
