"""The report as a page: all of a run in one file that asks nobody for anything, and shows what it was told as text."""

from __future__ import annotations

import base64
import html
import io
import json
import os
import random
import re
import shlex
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from pixelpact.checks.codes import CHECKS
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Finding
from pixelpact.checks.generation import Generation, Picture
from pixelpact.checks.known import Found, Known, Split
from pixelpact.checks.parity import Difference
from pixelpact.cli import htmlreport, markdown, repeating
from pixelpact.cli.judging import CannotWrite, Job, write_report
from pixelpact.cli.pairgrid import grids, shorts
from pixelpact.cli.report import COUNTS, Result, Run, keep
from pixelpact.contract.contract import load
from pixelpact.contract_tests.gallery import MOST, Gallery, merged
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app

from tests.browsing import PHONE, WIDE, browser, looking, needs_browser
from tests.faults import DREAM, EDIT, FAULTS, Faulty
from tests.judging import judged, spoken

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]
MOST_BYTES = 2_000_000
HOSTILE = (
    "</style></script><script>document.title='taken'</script>"
    "<img src=x onerror=\"document.title='taken'\">\u202e|`@a\n#"
)
DOT = "UklGRjIAAABXRUJQVlA4ICYAAABwAQCdASoEAAQAB0CWJaACdAFAAAD+u7eqqev1rfUTsRxl0AAAAA=="
SIZE = Finding(
    code="PX205",
    check="size",
    severity="error",
    promised="a picture of 640x500",
    came="640x512",
    sources=("observed: somewhere",),
    standing="observed",
    curl="curl -sS -X POST http://here",
    request=7,
)
FOUND = Found(SIZE, "test_sizes[seedream-3.0-one]", "seedream-3.0")
RUN = Run("http://here", "observed", 1, "l3", (DREAM,))
GRID = {DREAM: {"fields": {"size": ["one", "two"], "seed": ["zero"]}, "rows": [{"size": "one", "seed": "zero"}]}}


def drawn(model: str = DREAM, webp: str = DOT, **changes: Any) -> dict[str, Any]:
    """A picture of a gallery."""
    told = {"model": model, "test": "test_a[x]", "request": 7, "size": "640x512", "bytes": 9, "container": "jpeg"}
    return {**told, "prompt": "a fox", "codes": [], "times": 1, "webp": webp, **changes}


def close(**changes: Any) -> dict[str, Any]:
    """A picture of a finding."""
    told = {"test": FOUND.test, "request": 7, "pointer": "/data/0/url", "size": "640x512", "promised": ["640x500"]}
    return {**told, "webp": DOT, "input": None, "input_size": "", **changes}


def part(*pictures: dict[str, Any], near: tuple[dict[str, Any], ...] = (), left_out: int = 0) -> dict[str, Any]:
    """What a process tells of its pictures."""
    return {"pictures": list(pictures), "close": list(near), "left_out": left_out}


def outcome(*found: Found, **changes: Any) -> Result:
    """What a run came to."""
    counts = {**dict.fromkeys(COUNTS, 0), "tests": 2, "held": 1, "pictures": 3}
    gallery = merged([part(drawn(), near=(close(),))])
    told = {"counts": counts, "split": Split(found), "gallery": gallery, "grid": GRID, **changes}
    return Result(started=datetime(2026, 6, 1, 12, tzinfo=UTC), **told)


def told_by_a_hostile_server() -> tuple[Result, list[Difference]]:
    """Everything that anybody outside could have written, written by somebody who means harm."""
    bad = replace(SIZE, promised=HOSTILE, came=HOSTILE, sources=(HOSTILE,), curl=HOSTILE)
    found = Found(bad, f"test_x[{HOSTILE}]", HOSTILE)
    warning = replace(found, finding=replace(bad, severity="warning"))
    entry = Known("PX205", HOSTILE, HOSTILE, date(2026, 6, 1))
    pictures = part(
        drawn(HOSTILE, prompt=HOSTILE, test=HOSTILE),
        near=(close(test=found.test, pointer=HOSTILE, input=DOT, input_size="4x3"),),
    )
    result = outcome(
        split=Split((found, warning), ((found, entry),), (entry,), (entry,)),
        skipped=((HOSTILE, HOSTILE),),
        crashes=(HOSTILE,),
        checks={"size": {"ran": 1, "unjudged": {HOSTILE: 2}}},
        spent=HOSTILE,
        retired={HOSTILE: HOSTILE},
        budget=HOSTILE,
        gallery=merged([pictures]),
        grid={HOSTILE: {"fields": {HOSTILE: [HOSTILE], "b": [HOSTILE]}, "rows": []}},
    )
    return result, [Difference((HOSTILE,), HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, (HOSTILE, HOSTILE))]


def reported(folder: Path, fault: str, model: str, *more: str) -> str:
    """The page of a run against a server with a fault."""
    with Server(Faulty(create_app(), FAULTS[fault])) as server:
        done = spoken(
            folder,
            {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            *("verify", "--target", server.url, "--model", model, "--tier", "l1", "--report", "out", *more),
        )
    assert done.returncode == 1, done.stderr
    return (folder / "out" / "report.html").read_text("utf-8")


# What is on the page


def test_a_picture_of_another_size_stands_beside_a_frame_of_the_promised_one(tmp_path: Path) -> None:
    page = reported(tmp_path, "swapped-sides", DREAM)

    sizes = re.findall(r'<(rect|image)[^>]* width="(\d+)" height="(\d+)"', page)[:2]
    assert sizes == [("rect", "1888", "301"), ("image", "301", "1888")]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("junit.xml", "report.html", "report.json", "summary.md"),
    ]


def test_an_edit_that_went_wrong_stands_beside_what_was_sent(tmp_path: Path) -> None:
    page = reported(tmp_path, "unrelated-edit", EDIT)

    assert page.index("sent: 1024x768, the picture to be edited") < page.index("came: 1152x864, picture 1")
    # The line takes a file with it, which is nowhere else: what can be shown of the body is.
    body = page[page.index("is on the machine that ran this</summary>") :]
    assert "&#34;prompt&#34;: &#34;Add a bird" in body[:2000]
    assert re.search(r"data:image/jpeg;base64,/9j/[^\s]{1,40}… \(268,\d+ characters\)", body[:2000])


def test_two_pictures_that_should_be_one_stand_beside_each_other(tmp_path: Path) -> None:
    page = reported(tmp_path, "seed-ignored", DREAM, "--tier", "l2")

    finding = page[page.index(">PX501<") :]
    assert finding.index("compared with: 1024x1024, picture 1") < finding.index("came: 1024x1024, picture 1")
    # Both requests are repeated.
    line = finding[finding.index("<code") : finding.index("</code>")]
    assert (line.count("curl -sS -X POST"), line.count("&#34;url&#34;"), line.count("b64_json")) == (2, 1, 1)


def test_the_pictures_of_recordings_are_shown(tmp_path: Path) -> None:
    run = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    assert spoken(tmp_path, run, "record", "kept", "--tier", "l1", "--model", DREAM).returncode == 0

    assert spoken(tmp_path, run, "verify", "--exchanges", "kept", "--report", "out").returncode == 0

    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert page.count("<li><img") == 3
    assert "<span>the_first_documented_request_is_answered_in_full[seedream-3.0]" in page
    assert "Nothing: recordings were judged, and no server was asked." in page
    assert re.findall("<dt>(requests|pictures)</dt>", page) == []
    assert "profile observed</p>" in page


def test_what_repeats_a_recording_needs_a_server_and_a_key() -> None:
    _, told = repeating.needs(RUN, ["curl -sS -X POST https://recorded.invalid/v1/images/generations"])

    assert told == (
        "No server was recorded: put yours in place of `https://recorded.invalid`, "
        'and add `-H "Authorization: Bearer $PIXELPACT_API_KEY"`.'
    )


def test_a_finding_is_told_by_its_case_and_its_picture_by_its_place() -> None:
    told = replace(FOUND, finding=replace(SIZE, promised="/data/1/url: a picture of 640x500"))

    page = htmlreport.page(RUN, outcome(told, FOUND))

    assert re.findall(r"<h[34]>(.*?)(?: <span class=\"under\">(.*?)</span>)?</h", page)[:2] == [
        ('<span class="badge bad">PX205</span> size: 2 findings', ""),
        ("one", "test_sizes[seedream-3.0-one]"),
    ]
    assert 'picture 2: a picture of 640x500 <span class="quiet">/data/1/url</span>' in page


def test_where_no_size_was_promised_no_frame_is_drawn() -> None:
    page = htmlreport.page(RUN, outcome(FOUND, gallery=merged([part(near=(close(promised=[]),))])))

    assert ("<image " in page, "<rect " in page) == (True, False)


def test_all_that_is_jumped_to_is_on_the_page() -> None:
    result, differences = told_by_a_hostile_server()
    page = htmlreport.page(RUN, result, differences)

    jumps = set(re.findall(r'href="#([\w-]+)"', page))
    assert jumps >= {"findings", "warnings", "known", "differences", "pairs", "checks", "skipped", "pictures"}
    assert jumps <= set(re.findall(r' id="([\w-]+)"', page))


def test_it_is_said_how_many_findings_are_not_shown_whole() -> None:
    found = [replace(FOUND, test=f"test_{number}") for number in range(9)]

    assert "3 of 9 are shown whole; report.json has all." in htmlreport.page(RUN, outcome(*found))


@pytest.mark.parametrize(("pictures", "open_ones"), [(60, 1), (61, 0)])
def test_many_pictures_are_folded_away(pictures: int, open_ones: int) -> None:
    made = [drawn(webp=f"{number:04}") for number in range(pictures)]

    page = htmlreport.page(RUN, outcome(gallery=merged([part(*made)])))

    assert page.count('<details class="gallery" open>') == open_ones


def test_differences_to_another_server_are_on_the_page(tmp_path: Path) -> None:
    page = reported(tmp_path, "swapped-sides", DREAM, "--against", "mock")

    assert ">Differences to the other server</h2>" in page
    assert "picture size" in page
    assert "Differences" in (tmp_path / "out" / "summary.md").read_text("utf-8")


def test_the_verdict_comes_first_then_money_findings_pairs_checks_and_pictures() -> None:
    page = htmlreport.page(RUN, outcome(FOUND, spent="$0.09 of $0.50"))

    assert re.findall(r"<h[12][^>]*>([^<]*)</h", page) == [
        *("1 finding", "Money", "Findings", "Pairs of values", "Checks", "Pictures"),
    ]
    assert "<p>$0.09 of $0.50</p>" in page


@pytest.mark.parametrize(("code", "words"), [(0, "Everything held"), (3, "A server cannot be reached"), (1, "finding")])
def test_each_exit_code_has_its_words(code: int, words: str) -> None:
    assert words in htmlreport.page(replace(RUN, exit=code), outcome(FOUND))[:1500]


def test_differences_are_the_verdict_where_nothing_else_is_wrong() -> None:
    one = Difference(("a",), "body", "this", "that", "mock or docs", "open")

    assert "<h1>1 difference to the other server</h1>" in htmlreport.page(RUN, outcome(), [one])


def test_a_run_that_never_began_has_a_page() -> None:
    page = htmlreport.page(replace(RUN, exit=3), Result(started=datetime(2026, 6, 1, tzinfo=UTC)))

    assert "No picture came." in page


def test_a_pair_that_was_not_tried_is_marked() -> None:
    page = htmlreport.page(RUN, outcome())

    assert (page.count('<td class="ok">✓</td>'), page.count('<td class="bad">✗</td>')) == (1, 1)
    assert '<td class="bad">' not in htmlreport.page(replace(RUN, tier="l1"), outcome())


def test_of_many_models_the_missing_pairs_are_named() -> None:
    many = {f"acme/{number}": GRID[DREAM] for number in range(6)}

    page = htmlreport.page(RUN, outcome(grid=many))

    assert page.count("size two with seed zero") == 6


def test_the_pairs_are_those_of_the_coverage() -> None:
    (grid,), (short,) = grids(GRID), shorts(GRID)

    assert (grid.covered, grid.total) == (short.covered, short.total) == (1, 2)


# How a finding is repeated


def written(folder: Path, body: str) -> Path:
    """A file as the suite keeps a long body."""
    path = folder / "pixelpact-bodies-a1b2" / f"{'0' * 16}.json"
    path.parent.mkdir()
    path.write_text(body)
    return path


def test_of_a_body_that_is_in_a_file_all_but_the_picture_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps({"image": "data:image/png;base64," + "A" * 9000, "prompt": "a fox"}))

    (body,) = repeating.bodies(f"curl -sS -X POST http://here --data-binary @{path}")

    assert body is not None
    assert (json.loads(body.text)["prompt"], body.length) == ("a fox", path.stat().st_size)
    assert "(9,022 characters)" in body.text
    assert len(body.text) < 200


def test_a_body_that_is_gone_is_said_to_have_been_there(tmp_path: Path) -> None:
    line = f"curl -sS -X POST http://here --data-binary @{tmp_path}/pixelpact-bodies-a/{'0' * 16}.json"

    page = htmlreport.page(RUN, outcome(replace(FOUND, finding=replace(SIZE, curl=line))))

    assert "The file with its body was on the machine that ran this." in page


def test_no_server_says_which_file_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "{}")
    address = f"http://here/ --data-binary @{path}"

    assert not list(repeating.bodies(f"curl -sS {shlex.quote(address)}"))
    assert not list(repeating.bodies(f"curl -sS -X POST http://here --data-binary @{path.parent}/../other.json"))


@pytest.mark.parametrize(
    ("target", "server", "words"),
    [
        ("mock", "http://127.0.0.1:4711", "start `pixelpact serve --profile observed --port 4711`"),
        ("http://127.0.0.1:4711", "http://127.0.0.1:4711", "`http://127.0.0.1:4711` is on the machine that ran this"),
        ("live", "https://api.aimlapi.com", "each picture is paid for again"),
        # Recordings of the live API.
        ("mock", "https://api.aimlapi.com", "each picture is paid for again"),
    ],
)
def test_what_a_line_needs_is_said(target: str, server: str, words: str) -> None:
    told = " ".join(repeating.needs(replace(RUN, target=target), [f"curl -sS -X POST {server}/v1/images/generations"]))

    assert words in told
    assert "the key from the variable `PIXELPACT_API_KEY`" in told


def test_a_server_that_is_still_there_needs_nothing_but_the_key() -> None:
    assert len(list(repeating.needs(RUN, [SIZE.curl]))) == 1


# How much of it there is


def test_a_run_of_all_models_that_breaks_everything_stays_small() -> None:
    models = [f"acme/brush-{number}" for number in range(46)]
    names = (f"{number:06}" for number in count())
    pictures = [drawn(model, f"{next(names)}{'A' * 4202}", prompt="x" * 160) for model in models for _ in range(120)]
    long = replace(SIZE, came="y" * 5000, promised="z" * 5000, curl="c" * 3900)
    codes = [(f"PX{number}", name) for number, name in enumerate(CHECKS, 101)]
    found = [
        Found(replace(long, code=code, check=name), f"test_{turn}", "x") for code, name in codes for turn in range(60)
    ]
    near = tuple(close(webp="A" * 30_000) for _ in range(40))
    fields = {f"field{number}": ["one", "two", "three", "four"] for number in range(20)}

    page = htmlreport.page(
        RUN,
        outcome(
            *found,
            gallery=merged([part(*pictures, near=near)]),
            grid={model: {"fields": fields, "rows": []} for model in models},
        ),
    )

    assert len(page.encode()) < MOST_BYTES


def test_where_there_is_no_room_each_model_has_pictures_and_the_rest_is_counted() -> None:
    models = [f"acme/brush-{number}" for number in range(10)]
    names = (f"{number:06}" for number in count())
    made = [drawn(model, next(names) + "A" * (MOST // 100 - 8) + "==") for model in models for _ in range(50)]

    kept = merged([part(*made[:300]), part(*made[300:], left_out=5)])

    assert [sum(one["model"] == model for one in kept["pictures"]) for model in models] == [10] * 10
    assert kept["left_out"] == 400 + 5
    assert "Not shown: 405 pictures that this page has no room for." in htmlreport.page(RUN, outcome(gallery=kept))


def test_each_picture_that_was_counted_is_shown_or_said_not_to_be() -> None:
    gallery = merged([part(drawn(times=2), drawn(webp="", times=3), left_out=1)])
    counts = {**dict.fromkeys(COUNTS, 0), "pictures": 10}
    page = htmlreport.page(RUN, outcome(gallery=gallery, counts=counts))

    assert re.findall("Not shown: (.*)", page) == [
        "1 picture that this page has no room for.</p>",
        "3 pictures that could not be decoded.</p>",
        "4 pictures whose file did not come, or was not asked for.</p>",
    ]


def noisy(seed: int) -> str:
    """A small picture of a gallery, of much detail."""
    written = io.BytesIO()
    picture = Image.frombytes("RGB", (40, 40), random.Random(seed).randbytes(4800)).resize((160, 160))
    picture.save(written, "WEBP", quality=40)
    return base64.b64encode(written.getvalue()).decode()


def test_pictures_that_find_no_room_are_made_smaller(tmp_path: Path) -> None:
    made = [drawn(webp=noisy(seed)) for seed in range(8)]
    room = sum(len(one["webp"]) for one in made) * 2 // 3

    kept = merged([part(*made)], room)

    sides = {Image.open(io.BytesIO(base64.b64decode(one["webp"]))).size for one in kept["pictures"]}
    assert (len(kept["pictures"]), kept["left_out"], sides) == (8, 0, {(112, 112)})
    assert sum(len(one["webp"]) for one in kept["pictures"]) <= room


def test_many_findings_of_one_check_leave_room_for_the_pictures_of_another() -> None:
    gallery, data = Gallery(), base64.b64decode(DOT)
    model = load().chosen([DREAM])[0]
    asked = Exchange("POST", "http://here", {}, b"{}", 200, {}, b"{}")
    made = []
    for number, check in enumerate([*["size"] * 50, "content"], 1):
        made.append(Generation(model, {}, replace(asked, number=number), (Picture("/data/0/url", "url", "", data),)))
        gallery.see(f"test_{number}", made, [replace(SIZE, check=check, request=number)])

    assert [one["request"] for one in gallery.close] == [1, 2, 3, 4, 5, 6, 51]


def test_pictures_with_findings_come_first() -> None:
    made = [drawn(webp="A" * (MOST // 2)), drawn(webp="B" * (MOST // 2)), drawn(webp="C" * 8, codes=["PX205"])]

    assert [one["webp"][0] for one in merged([part(*made)])["pictures"]] == ["C", "A"]


PLUGIN = """
import json
def pytest_pixelpact_summary(summary):
    with open("told.json", "w") as file:
        json.dump(summary, file)
"""


def summed_up(folder: Path, *options: str) -> Any:
    """What the suite tells of a run of one model."""
    (folder / "telling.py").write_text(PLUGIN)
    with Server(create_app()) as server:
        judged(folder, server.url, "--pixelpact-tier", "l1", "-p", "telling", *options, model=DREAM)
    return json.loads((folder / "told.json").read_text())


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one", "two"])
def test_pictures_and_pairs_of_all_processes_are_told(processes: tuple[str, ...], tmp_path: Path) -> None:
    told = summed_up(tmp_path, "--pixelpact-gallery", "1", *processes)

    assert told["grid"].keys() == {DREAM}
    # Of the three pictures of this tier, two are one, by both forms.
    assert len(told["gallery"]["pictures"]) >= 2
    assert max(one["times"] for one in told["gallery"]["pictures"]) >= 2


def test_no_picture_is_kept_that_nobody_asked_for(tmp_path: Path) -> None:
    assert "gallery" not in summed_up(tmp_path)


def test_one_picture_of_two_processes_is_one() -> None:
    (one,) = merged([part(drawn()), part(drawn(times=2, codes=["PX205"]))])["pictures"]

    assert (one["times"], one["codes"]) == (3, ["PX205"])


# What others wrote


def test_no_tag_is_anybody_elses() -> None:
    result, differences = told_by_a_hostile_server()
    page = htmlreport.page(RUN, result, differences)

    assert page.count("<script>") == page.count("<style>") == 1
    assert "<img src=x" not in page
    assert "\u202e" not in page


@needs_browser
def test_a_hostile_run_is_shown_as_text(browser: Browser, tmp_path: Path) -> None:
    result, differences = told_by_a_hostile_server()
    path = keep(tmp_path / "report.html", htmlreport.page(RUN, result, differences))

    with looking(browser) as seen:
        seen.page.goto(path.as_uri())
        assert "taken'</script>" in seen.page.inner_text("article dd")
        assert (seen.page.title()[:9], seen.errors, seen.foreign(path.as_uri())) == ("1 finding", [], [])


def test_what_is_no_character_is_written_all_the_same(tmp_path: Path) -> None:
    odd = replace(FOUND, finding=replace(SIZE, came="half \ud800 of a pair"))

    path = keep(tmp_path / "report.html", htmlreport.page(RUN, outcome(odd)))
    keep(tmp_path / "summary.md", markdown.summary(RUN, outcome(odd)))

    assert "half \\ud800 of a pair" in path.read_text("utf-8")


# In a browser


@needs_browser
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it_with_no_network(browser: Browser, scheme: str, viewport: Any, tmp_path: Path) -> None:
    result, differences = told_by_a_hostile_server()
    whole = replace(result, split=Split((FOUND, *result.split.new), result.split.known))
    path = keep(tmp_path / "report.html", htmlreport.page(RUN, whole, differences))

    with looking(browser, scheme, viewport) as seen:
        seen.page.goto(path.as_uri())
        assert (seen.barriers(), seen.overflow(), seen.errors, seen.foreign(path.as_uri())) == ([], 0, [], [])
        # The stylesheet is obeyed, and not only there.
        assert seen.page.evaluate("getComputedStyle(document.querySelector('.panel')).borderRadius") == "12px"


@needs_browser
def test_the_line_that_repeats_a_finding_is_copied(browser: Browser, tmp_path: Path) -> None:
    path = keep(tmp_path / "report.html", htmlreport.page(RUN, outcome(FOUND)))

    with looking(browser) as seen:
        seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        seen.page.goto(path.as_uri())
        seen.page.get_by_role("button", name="Copy").click()
        seen.page.get_by_role("button", name="Copied").wait_for()
        assert seen.page.evaluate("navigator.clipboard.readText()") == SIZE.curl


@needs_browser
def test_nothing_is_hidden_on_paper(browser: Browser, tmp_path: Path) -> None:
    path = keep(tmp_path / "report.html", htmlreport.page(RUN, outcome(FOUND, skipped=(("test_edits", "no input"),))))

    with looking(browser) as seen:
        seen.page.goto(path.as_uri())
        hidden = seen.page.get_by_text("test_edits")
        assert not hidden.is_visible()
        seen.page.emulate_media(media="print")
        assert hidden.bounding_box()["height"] > 0  # type: ignore[index]
        assert seen.page.pdf().startswith(b"%PDF")


@needs_browser
def test_dark_pages_are_printed_in_the_colours_of_light_ones(browser: Browser, tmp_path: Path) -> None:
    result, differences = told_by_a_hostile_server()
    path = keep(tmp_path / "report.html", htmlreport.page(RUN, result, differences))

    with looking(browser, "dark") as seen:
        seen.page.goto(path.as_uri())
        seen.page.emulate_media(media="print", color_scheme="dark")
        assert seen.barriers() == []
        assert seen.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


@needs_browser
def test_what_nobody_can_use_on_paper_is_not_printed(browser: Browser) -> None:
    with Server(create_app()) as server, looking(browser, "dark") as seen:
        picture = io.BytesIO()
        Image.radial_gradient("L").convert("RGB").save(picture, "PNG")
        image = "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()
        body = {"model": EDIT, "prompt": "a bird", "image": image}
        key = {"authorization": "Bearer test-key"}
        sent = seen.page.request.post(f"{server.url}/v1/images/generations", data=body, headers=key)
        seen.page.goto(f"{server.url}/_pixelpact/")
        seen.page.emulate_media(media="print", color_scheme="dark")
        assert (seen.barriers(), seen.page.locator(".filter, .exports").filter(visible=True).count()) == ([], 0)
        seen.page.goto(f"{server.url}/_pixelpact/requests/{sent.headers['x-request-id']}")
        before, after = (seen.page.locator(f".compare .{name}").bounding_box() for name in ("before", "after"))
        assert before
        assert after
        assert before["x"] + before["width"] <= after["x"]
        assert before["y"] == after["y"]
        assert (seen.barriers(), seen.page.locator(".slide, button").filter(visible=True).count()) == ([], 0)


@needs_browser
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_what_was_sent_promised_and_came_are_of_one_scale(browser: Browser, viewport: Any, tmp_path: Path) -> None:
    near = close(size="1200x900", promised=["900x900"], input=DOT, input_size="600x450")
    path = keep(tmp_path / "report.html", htmlreport.page(RUN, outcome(FOUND, gallery=merged([part(near=(near,))]))))

    with looking(browser, viewport=viewport) as seen:
        seen.page.goto(path.as_uri())
        boxes = [one.bounding_box() for one in seen.page.locator(".side-by-side svg > :first-child").all()]
        sent, promised, came = (box["width"] for box in boxes if box)
        assert [sent, promised] == pytest.approx([came / 2, came * 3 / 4], rel=0.03)


@needs_browser
@pytest.mark.parametrize(("viewport", "open_ones"), [(WIDE, 3), (PHONE, 0)], ids=["wide", "phone"])
def test_on_a_phone_what_is_long_is_folded_away(
    browser: Browser, viewport: Any, open_ones: int, tmp_path: Path
) -> None:
    path = keep(tmp_path / "report.html", htmlreport.page(replace(RUN, exit=0), outcome()))

    with looking(browser, viewport=viewport) as seen:
        seen.page.goto(path.as_uri())
        assert seen.page.locator("details[open]").count() == open_ones


# What the run was


def verified(folder: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """The exit code of a run with a report, the report, and what people are told."""
    run = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = spoken(folder, run, "verify", *arguments, "--report", "out")
    out = folder / "out"
    page, short = (html.unescape((out / name).read_text("utf-8")) for name in ("report.html", "summary.md"))
    told = json.loads((out / "report.json").read_text("utf-8"))
    assert told["exit"] == done.returncode
    return done.returncode, told, f"{page}\n{short}"


def test_a_report_on_two_servers_has_the_verdict_on_both(tmp_path: Path) -> None:
    with Server(Faulty(create_app(), FAULTS["swapped-sides"])) as other:
        code, told, shown = verified(tmp_path, "--tier", "l1", "--model", DREAM, "--against", other.url)

    assert (code, told["verdict"], told["findings"]) == (1, "findings", [])
    assert "Everything held" not in shown
    assert "of its own: see other/report.html" in shown
    assert json.loads((tmp_path / "out/other/report.json").read_text("utf-8"))["findings"]


def test_no_line_of_the_other_server_begins_one_or_is_obeyed(tmp_path: Path) -> None:
    run = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    spoken(tmp_path, run, "verify", "--tier", "l0", "--model", DREAM, "--skeletons", "seen.json")
    seen = tmp_path / "seen.json"
    seen.write_text(seen.read_text("utf-8").replace("/error/data", r"/error/\u001b[2J\u0007\n::error::x"), "utf-8")

    done = spoken(tmp_path, run, "verify", "--tier", "l0", "--model", DREAM, "--against", "seen.json")

    assert "body /error/\ufffd[2J\ufffd\\n::error::x" in done.stdout
    assert [line for line in done.stdout.splitlines() if not line.isprintable() or line.startswith("::")] == []


def test_a_report_says_that_the_other_server_was_not_reached(tmp_path: Path) -> None:
    code, told, shown = verified(tmp_path, "--tier", "l0", "--model", DREAM, "--against", "http://127.0.0.1:9")

    assert code == 3
    assert told["reason"].startswith("Not compared with http://127.0.0.1:9: http://127.0.0.1:9 cannot be reached")
    assert told["reason"] in shown
    assert "Differences to the other server" not in shown


def test_a_report_says_why_nothing_was_judged_and_keeps_nothing_of_the_run_before(tmp_path: Path) -> None:
    (tmp_path / "out/other").mkdir(parents=True)
    for left in ("out/junit.xml", "out/other/report.html"):
        (tmp_path / left).write_text("of the run before")

    code, told, shown = verified(tmp_path, "--target", "http://127.0.0.1:9")

    assert (code, "cannot be reached" in told["reason"], told["reason"] in shown) == (3, True, True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.html", "report.json", "summary.md"]


def test_what_was_asked_for_wrongly_leaves_no_report_of_the_run_before(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/report.html").write_text("Everything held")
    run = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    done = spoken(tmp_path, run, "verify", "--report", "out", "--model", "acme/none")

    assert (done.returncode, list((tmp_path / "out").iterdir())) == (2, [])


def test_a_report_on_recordings_names_them(tmp_path: Path) -> None:
    recorded = Path(__file__).parents[1] / "fixtures" / "exchanges"

    _, told, shown = verified(tmp_path, "--exchanges", str(recorded))

    assert (told["target"], told["tier"]) == (f"the exchanges of {recorded}", None)
    assert "tier" not in shown[: shown.index("held")]


@pytest.mark.parametrize(("place", "arguments"), [("out", ()), ("out/other", ("--against", "mock"))])
def test_a_report_that_cannot_be_put_there_is_refused_before_anything_is_asked(
    place: str, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / place / "report.html").mkdir(parents=True)
    run = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    done = spoken(tmp_path, run, "verify", "--report", "out", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"pixelpact: --report: expected a file or nothing at {place}/report.html")


def test_a_page_that_cannot_be_written_at_the_end_is_named_and_the_others_are_written(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()

    with pytest.raises(CannotWrite, match=f"--report: cannot write {tmp_path}/report.html: Is a directory"):
        write_report(Job("mock", report=tmp_path), 0, outcome())

    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "report.json", "summary.md"}
