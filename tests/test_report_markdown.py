"""The report as Markdown for the page of a CI job: short, the verdict first, and nothing in it that anybody obeys."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import pytest
from pixelpact.checks.findings import Finding
from pixelpact.checks.known import Found, Known, Split
from pixelpact.checks.parity import Difference
from pixelpact.cli.markdown import MOST_BYTES, said, summary
from pixelpact.cli.report import COUNTS, Result, Run

SIZE = Finding(
    code="PX205",
    check="size",
    severity="error",
    promised="a picture of 640x500",
    came="640x512",
    sources=("observed: somewhere",),
    standing="observed",
    curl="curl -sS http://here",
)
FOUND = Found(SIZE, "test_sizes[one]", "seedream-3.0")
RUN = Run("http://here", "observed", 1, "l3")
HOSTILE = [
    "a | b || c",
    "`code` ```",
    "<script>alert(1)</script>",
    "@everyone",
    "[link](http://evil.example)",
    "http://evil.example and www.evil.example",
    "first\n# second\r\n\n- third",
    "**bold** _italic_ ~~gone~~ ![x](y)",
    "</code></details><h1>",
    "&lt;b&gt; &#124;",
    "\u202eright to left\x00",
]


def outcome(*found: Found) -> Result:
    return Result(
        started=datetime(2026, 6, 1, tzinfo=UTC),
        counts={**dict.fromkeys(COUNTS, 0), "tests": 2, "held": 1},
        split=Split(found),
    )


def test_the_verdict_is_in_the_first_line() -> None:
    assert summary(RUN, outcome(FOUND)).splitlines()[0] == "## ❌ 1 finding"


def test_what_held_is_said_with_its_figures() -> None:
    text = summary(replace(RUN, exit=0), outcome())

    assert text.startswith("## ✅ Everything held\n")
    assert "| held | 1 of 2 |" in text


def test_a_finding_is_a_line_of_a_table() -> None:
    row = (
        "| PX205 size | <code>test&#95;sizes&#91;one&#93;</code> | <code>a picture of 640x500</code> "
        "| <code>640x512</code> | <code>observed&#58; somewhere</code> |"
    )

    assert row in summary(RUN, outcome(FOUND)).splitlines()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_one_cell_of_text(text: str) -> None:
    inside = said(text).removeprefix("<code>").removesuffix("</code>")

    assert re.search(r"[|`<>@\[\]*_~!()\n\r\\:\u202e\x00]|www\.", inside) is None
    assert unescape(inside) == " ".join(text.split()).replace("\u202e", "\\u202e").replace("\x00", "\\u0000")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_moves_no_column(text: str) -> None:
    bad = replace(SIZE, promised=text, came=text, sources=(text,))
    one = Difference((text,), text, text, text, "server", text, (text, text))

    lines = summary(RUN, outcome(Found(bad, text, text)), [one]).splitlines()

    assert {line.count("|") for line in lines if line.startswith("| PX205")} == {6}
    assert not [line for line in lines if line.startswith(("# ", "- ", "<h1", "<script"))]


def test_a_line_that_repeats_a_finding_is_no_markup() -> None:
    bad = replace(SIZE, curl="curl </pre><img src=x> @file")

    assert "<pre>curl &lt;/pre&gt;&lt;img src=x&gt; &#64;file</pre>" in summary(
        RUN, outcome(replace(FOUND, finding=bad))
    )


def test_an_empty_line_of_a_body_ends_no_block() -> None:
    bad = replace(SIZE, curl="curl --data-raw 'one\n\n# two'")

    assert "\n\n<pre>curl --data-raw &#x27;one\n\n# two&#x27;</pre>\n" in summary(
        RUN, outcome(replace(FOUND, finding=bad))
    )


def test_what_a_line_needs_stands_before_it() -> None:
    file = f"curl -sS -X POST http://127.0.0.1:4711/ --data-binary @/tmp/pixelpact-bodies-a1/{'0' * 16}.json"

    text = summary(replace(RUN, target="mock"), outcome(replace(FOUND, finding=replace(SIZE, curl=file))))

    assert text.index("start <code>pixelpact serve --profile observed --port 4711</code>, which") < text.index("<pre>")
    assert "The file with its body is on the machine that ran this." in text


def test_a_line_that_is_too_long_is_said_to_be_elsewhere() -> None:
    long = replace(SIZE, curl="x" * 5000)

    assert "The line that repeats PX205 size is in report.json." in summary(RUN, outcome(replace(FOUND, finding=long)))


def test_no_check_is_hidden_by_many_findings_of_another() -> None:
    many = [replace(FOUND, test=f"test_{number}") for number in range(200)]
    few = [replace(FOUND, finding=replace(SIZE, code=f"PX{number}")) for number in range(301, 310)]

    text = summary(RUN, outcome(*many, *few))

    assert "Of each check: PX205 size 200, PX301 size 1, " in text
    assert [text.count(f"\n| PX{code} size | ") for code in (205, *range(301, 310))] == [5, *[1] * 9]
    assert [f"<summary>PX{code} size</summary>" in text for code in (205, *range(301, 310))] == [True] * 10
    assert "\nAnd 195 more, in report.html.\n" in text


def test_what_has_expired_counts_again_and_what_is_unused_is_named() -> None:
    known, expired, unused = (Known("PX205", owner, "rounds", date(2026, 6, 1)) for owner in ("Ann", "Bob", "Cy"))
    split = Split((), ((FOUND, known), (FOUND, known)), (expired,), (unused,))

    text = summary(RUN, replace(outcome(), split=split))

    assert re.findall(r"\| PX205 \| <code>(\w+)</code> \| 2026-06-01 \| <code>rounds</code> \| (.*) \|", text) == [
        ("Bob", "expired: counts again"),
        ("Ann", "2"),
        ("Cy", "unused"),
    ]


def test_it_has_room_on_the_page_of_a_job_and_says_what_it_has_none_for() -> None:
    long = replace(SIZE, promised="|" * 900, came="<" * 900, sources=("@" * 900,) * 3, curl="&" * 1500)
    found = [Found(replace(long, code=f"PX{number}"), "test_x", "x") for number in range(101, 200)]

    text = summary(RUN, outcome(*found))

    assert len(text.encode()) <= MOST_BYTES
    assert text.endswith("There is no room for the rest: it is in report.html.\n")
