"""What a run leaves behind: the report, the lines on the terminal, findings that are known, and what a code means."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from pixelpact.checks.codes import CHECKS
from pixelpact.checks.findings import Finding
from pixelpact.checks.known import BadBaseline, Baseline, Found, Known, Split, load
from pixelpact.cli import htmlreport, report
from pixelpact.cli.explain import RULES, explain
from pixelpact.cli.judging import Job, plan_lines
from pixelpact.cli.main import main
from pixelpact.cli.report import VERDICTS, Result, Run, as_json, write
from pixelpact.cli.running import FINDINGS, HELD, INTERRUPTED, UNREACHABLE, USAGE
from pixelpact.contract.contract import load as load_models
from pixelpact.contract.documents import load as load_documents
from pixelpact.errors import PixelpactError, UnknownName

PACKAGED = files("pixelpact.schemas")
PROFILES = json.loads((PACKAGED / "profiles.json").read_text("utf-8"))
DREAM = "bytedance/seedream-3.0"
SCHEMA = json.loads((PACKAGED / "report.json").read_text("utf-8"))
TODAY = date(2026, 6, 1)
SIZE = Finding(
    code="PX205",
    check="size",
    severity="error",
    promised="a picture of 640x500",
    came="640x512",
    sources=("observed: somewhere",),
    standing="observed",
    curl="curl -sS -X POST http://here",
)
SHAPE = Found(SIZE, "test_sizes_are_kept[seedream-3.0-one]", "seedream-3.0")
FIELD = replace(SIZE, code="PX306", check="error-field", severity="warning", promised="the field", came="no field")
ENTRY = Known("PX205", "Ann", "rounds", TODAY)
RUN = Run("mock", "observed", 0, "l1", (DREAM,))
RESULT = Result(
    started=datetime(2026, 6, 1, 12, tzinfo=UTC),
    seconds=1.5,
    counts={**dict.fromkeys(report.COUNTS, 0), "tests": 2, "broken": 2, "requests": 9},
    split=Split((SHAPE, replace(SHAPE, finding=FIELD)), ((SHAPE, ENTRY),), (ENTRY,), (ENTRY,)),
    skipped=(("test_edits", "no picture goes in"),),
    crashes=("Traceback",),
    checks={"size": {"ran": 3, "unjudged": {"no picture": 1}}},
    coverage={"keywords": {"accepted": [41, 44], "refused": [44, 44]}, "pairs": {"seedream-3.0": [211, 212]}},
    spent="$0.09 of $0.50",
    retired={"bytedance/seededit-3.0-i2i": "404, no longer available"},
)


def said(*lines: str) -> str:
    return "\n".join(lines)


# Explain


def explained(*arguments: str) -> str:
    done = CliRunner().invoke(explain, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_every_check_says_what_it_goes_by() -> None:
    assert RULES.keys() == CHECKS.keys()


def test_every_rule_that_a_check_goes_by_has_a_source() -> None:
    told = json.loads(explained("--json"))

    assert {one["name"]: tuple(rule["rule"] for rule in one["rules"]) for one in told} == RULES
    assert [rule for one in told for rule in one["rules"] if not rule["sources"]] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_every_check_is_explained_under_every_profile(profile: str) -> None:
    told = json.loads(explained("--json", "--profile", profile))

    assert [one["name"] for one in told] == list(CHECKS)


def test_a_rule_that_a_profile_does_not_have_is_not_told() -> None:
    (told,) = json.loads(explained("--json", "--profile", "2025-08", "url"))

    assert told["rules"] == []


@pytest.mark.parametrize("name", ["PX205", "px205", "size", "Size"])
def test_a_check_is_explained_by_code_and_by_name_in_any_case(name: str) -> None:
    text = explained(name)

    assert text.startswith("PX205 size\n  promise    A picture is exactly as large as the request was promised.\n")
    assert "\n  judged by  request x-output-size\n             upstream: volcengine.com/" in text
    assert "\n             PX205 size\n               promised  " in text


def test_several_checks_are_explained_one_after_the_other() -> None:
    assert re.findall(r"^PX\d+ .*", explained("edit", "PX101"), re.M) == ["PX206 edit", "PX101 status"]


def test_no_code_lists_all_of_them() -> None:
    codes = [line.split()[0] for line in explained().splitlines()]

    assert codes == [check.code for check in CHECKS.values()]


@pytest.mark.parametrize(("name", "near"), [("sizes", "size"), ("PX2O5", "PX205"), ("xyzzy", "PX101, PX102")])
def test_an_unknown_code_is_answered_with_those_near(name: str, near: str) -> None:
    with pytest.raises(UnknownName, match=rf"unknown check '{name}', expected one of .*{near}"):
        CliRunner().invoke(explain, [name], catch_exceptions=False)


def test_an_unknown_code_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["pixelpact", "explain", "PX999"])
    with pytest.raises(SystemExit) as left:
        main()

    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("pixelpact: unknown check 'PX999', expected one of PX")


def test_the_entry_that_silences_a_check_can_be_used(tmp_path: Path) -> None:
    lines = [line.strip() for line in explained("PX205").splitlines()]
    start = lines.index("[[known]]")

    (entry,) = load(kept(tmp_path, *lines[start : start + 5])).entries

    assert entry.code == "PX205"


# Known findings


def kept(folder: Path, *lines: str) -> Path:
    path = folder / "known.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


GOOD = {"code": '"PX205"', "owner": '"Ann"', "reason": '"rounds"', "expires": "2026-12-31"}


def entry(**changes: str | None) -> list[str]:
    """The lines of an entry; a field whose value is None is left out."""
    given = {**GOOD, **changes}
    return ["[[known]]", *(f"{name} = {value}" for name, value in given.items() if value is not None)]


def test_an_entry_is_read(tmp_path: Path) -> None:
    path = kept(tmp_path, *entry(test='"*dream*"', came='"640x"'), *entry())

    assert load(path).entries == (
        Known("PX205", "Ann", "rounds", date(2026, 12, 31), "*dream*", "640x"),
        Known("PX205", "Ann", "rounds", date(2026, 12, 31)),
    )


def test_an_empty_file_knows_nothing(tmp_path: Path) -> None:
    assert load(kept(tmp_path)) == Baseline()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (entry(code='"PX999"'), "known[0].code: expected a code that `pixelpact explain` lists, received 'PX999'"),
        (entry(code='["PX205"]'), "known[0].code: expected a code that `pixelpact explain` lists, received ['PX205']"),
        (entry(code=None), "known[0].code: expected a code that `pixelpact explain` lists, received nothing"),
        (entry(owner=None), "known[0].owner: expected a text, received nothing"),
        (entry(owner='" "'), "known[0].owner: expected a text, received ' '"),
        (entry(reason=None), "known[0].reason: expected a text, received nothing"),
        (entry(reason="5"), "known[0].reason: expected a text, received 5"),
        (entry(test='""'), "known[0].test: expected a text, received ''"),
        (entry(came="true"), "known[0].came: expected a text, received True"),
        (entry(expires=None), "known[0].expires: expected a date as 2026-12-31, without quotes, received nothing"),
        (entry(expires='"never"'), "known[0].expires: expected a date as 2026-12-31, without quotes, received 'never'"),
        (entry(expires="2026-12-31T00:00:00"), "known[0].expires: expected a date as 2026-12-31, without quotes, "),
        ([*entry(), *entry(until="1")], "known[1].until: expected one of the fields code, test, came, "),
        (["[known]"], "expected [[known]] tables and nothing else, received known"),
        (["[[unknown]]"], "expected [[known]] tables and nothing else, received unknown"),
        (["known = [5]"], "known[0]: expected a table, received 5"),
        (["[[known"], "expected a file of TOML, received "),
    ],
    ids=lambda value: "" if isinstance(value, list) else value[:40],
)
def test_a_bad_file_is_refused_with_entry_field_rule_and_value(lines: list[str], message: str, tmp_path: Path) -> None:
    path = kept(tmp_path, *lines)

    with pytest.raises(BadBaseline) as refused:
        load(path)

    assert str(refused.value).startswith(f"{path}: {message}")
    assert isinstance(refused.value, PixelpactError)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadBaseline, match=r"expected a file of TOML, received .* No such file"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY,
        replace(ENTRY, came="512"),
        replace(ENTRY, test="*seedream-3.0*"),
        replace(ENTRY, test="test_sizes_are_kept[*"),
        replace(ENTRY, test="test_sizes_are_kept[seedream-3.0-one]"),
        replace(ENTRY, test="test_sizes_are_kept[seedream-?.0-one]"),
    ],
)
def test_an_entry_stands_for_the_findings_that_fit_it(entry: Known) -> None:
    assert Baseline((entry,)).split([SHAPE], TODAY) == Split((), ((SHAPE, entry),))


@pytest.mark.parametrize(
    "entry",
    [
        replace(ENTRY, code="PX206"),
        replace(ENTRY, came="513"),
        replace(ENTRY, test="*seededit*"),
        replace(ENTRY, test="seedream-3.0"),
        replace(ENTRY, test="*[seedream-3.0]"),
    ],
)
def test_an_entry_that_fits_nothing_is_unused(entry: Known) -> None:
    assert Baseline((entry,)).split([SHAPE], TODAY) == Split((SHAPE,), unused=(entry,))


def test_an_entry_expires_when_its_day_is_over() -> None:
    assert Baseline((ENTRY,)).split([SHAPE], date(2026, 6, 2)) == Split((SHAPE,), expired=(ENTRY,))


def test_an_entry_that_lasts_longer_takes_the_place_of_an_expired_one() -> None:
    old = replace(ENTRY, expires=date(2025, 1, 1))

    assert Baseline((old, ENTRY)).split([SHAPE], TODAY) == Split((), ((SHAPE, ENTRY),))


# The report


def breaches(told: Any) -> list[str]:
    return [error.json_path for error in Draft202012Validator(SCHEMA).iter_errors(told)]


def test_the_schema_of_the_report_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_of_the_report_is_no_contract(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(as_json(RUN, RESULT)))

    assert load_documents((tmp_path,)).by_path["report.json"] == SCHEMA


@pytest.mark.parametrize("result", [RESULT, Result(started=RESULT.started)], ids=["full", "empty"])
@pytest.mark.parametrize("exit", VERDICTS)
def test_a_report_keeps_to_its_schema(result: Result, exit: int) -> None:
    told = json.loads(json.dumps(as_json(replace(RUN, exit=exit), result)))

    assert breaches(told) == []


FAULTS: dict[str, Callable[[Any], object]] = {
    "$": lambda told: told.pop("spent"),
    "$.schema": lambda told: told.update(schema=2),
    "$.verdict": lambda told: told.update(verdict="good"),
    "$.started": lambda told: told.update(started="2026-06-01 12:00"),
    "$.counts.left": lambda told: told["counts"].update(left=-1),
    "$.findings[0].severity": lambda told: told["findings"].append(told["findings"].pop() | {"severity": "warning"}),
    "$.findings[0]": lambda told: told["findings"][0].update(owner="Ann"),
    "$.warnings[0].code": lambda told: told["warnings"][0].update(code="205"),
    "$.known[0]": lambda told: told["known"][0].pop("expires"),
    "$.expired[0].code": lambda told: told["expired"][0].update(code="205"),
    "$.unused[0].expires": lambda told: told["unused"][0].update(expires="June"),
    "$.budget": lambda told: told.update(budget=3),
    "$.skipped[0]": lambda told: told["skipped"][0].pop("reason"),
    "$.checks.size": lambda told: told["checks"]["size"].pop("code"),
    "$.coverage.pairs['seedream-3.0']": lambda told: told["coverage"]["pairs"]["seedream-3.0"].append(1),
}


@pytest.mark.parametrize("place", FAULTS)
def test_a_report_of_another_form_breaks_its_schema(place: str) -> None:
    told = json.loads(json.dumps(as_json(RUN, RESULT)))

    FAULTS[place](told)

    assert breaches(told) == [place]


def test_each_exit_code_of_verify_has_a_verdict() -> None:
    verdicts = [VERDICTS[code] for code in (HELD, FINDINGS, USAGE, UNREACHABLE, INTERRUPTED)]

    assert verdicts == ["held", "findings", "usage", "unreachable", "interrupted"]


def test_a_report_is_written_into_a_folder_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path / "new" / "reports", RUN, RESULT)

    assert [file.name for file in path.parent.iterdir()] == ["report.json"]
    assert json.loads(path.read_text("utf-8")) == json.loads(json.dumps(as_json(RUN, RESULT)))


def test_whoever_reads_the_last_report_is_not_cut_short(tmp_path: Path) -> None:
    with write(tmp_path, RUN, RESULT).open(encoding="utf-8") as last:
        write(tmp_path, RUN, Result(started=RESULT.started))

        assert json.load(last)["spent"] == RESULT.spent


def test_a_report_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()

    with pytest.raises(IsADirectoryError):
        write(tmp_path, RUN, RESULT)

    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


# The lines


def test_coverage_is_told_in_three_lines() -> None:
    ran = {name: {"ran": 1, "unjudged": {}} for name in CHECKS}
    checks = {**ran, "edit": {"ran": 0, "unjudged": {"no input": 2}}, "cors": {"ran": 0, "unjudged": {"no input": 1}}}
    del checks["alias"]

    assert list(report.coverage_lines(replace(RESULT, checks=checks))) == [
        "keywords  41 of 44 tried accepted, 44 of 44 refused",
        "pairs     seedream-3.0 211 of 212 (99 %)",
        f"checks    {len(CHECKS) - 3} of {len(CHECKS)} made; not made: edit, cors (no input); alias (not asked for)",
    ]


def test_the_pairs_of_many_models_are_summed_and_the_least_is_named() -> None:
    pairs = {f"acme/brush-{number}": [200 - number, 200] for number in range(4)} | {"acme/plain": [0, 0]}

    (line,) = report.coverage_lines(replace(RESULT, coverage={"pairs": pairs}, checks={}))

    assert line == "pairs     794 of 800 (99 %) of 5 models; least acme/brush-3 197 of 200 (98 %)"


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ({}, "not asked for"),
        ({"skipped": 3}, "skipped or not asked for"),
        ({"left": 2, "skipped": 3}, "not reached or skipped or not asked for"),
    ],
)
def test_a_check_that_was_not_made_is_said_to_be_unasked_for_only_if_it_was(counts: dict[str, int], why: str) -> None:
    result = replace(RESULT, counts={**RESULT.counts, **counts}, checks={"size": {"ran": 1}})

    assert f"checks ({why})" in list(report.coverage_lines(result))[-1]
    assert {told for _, ran, told in htmlreport.checks(result) if not ran} == {why}


def test_without_coverage_there_is_no_line_of_it() -> None:
    assert list(report.coverage_lines(replace(RESULT, coverage={}, checks={}))) == []


def test_equal_warnings_are_one_line_and_only_the_first_are_shown() -> None:
    came = ["one", "one", "two", "three", "four", "five"]
    warnings = [replace(SHAPE, finding=replace(FIELD, came=text)) for text in came]

    assert list(report.warning_lines(warnings)) == [
        "",
        "6 warnings: nothing that breaks the contract",
        "  PX306 error-field: promised the field; came one (2 times)",
        "  PX306 error-field: promised the field; came two",
        "  PX306 error-field: promised the field; came three",
        "  PX306 error-field: and 2 more",
    ]


def test_findings_are_shown_by_check_the_first_of_each_whole() -> None:
    findings = [replace(SHAPE, test=f"test_{number}") for number in range(5)]
    flaky = replace(SHAPE, finding=replace(SIZE, code="PX101", check="status", verdict="flaky"))

    lines = list(report.finding_lines([*findings, flaky]))

    assert [line for line in lines if not line.startswith("    ")] == [
        "",
        "PX101 status: 1 finding",
        "  test_sizes_are_kept[seedream-3.0-one] (flaky)",
        "",
        "PX205 size: 5 findings",
        *("  test_0", "  test_1", "  test_2"),
        "  and in test_3, test_4",
        "",
        "what usually causes this: pixelpact explain PX101 PX205",
    ]


def test_only_the_first_crashes_are_shown() -> None:
    lines = list(report.crash_lines(("one", "two", "three\n::error::3", "four", "five")))

    assert lines[6:] == [
        "",
        "the suite itself failed:",
        "| three",
        "| ::error::3",
        "",
        "the suite itself failed 2 more times",
    ]


def test_known_findings_are_shown_by_owner_with_what_has_expired() -> None:
    bob = replace(ENTRY, owner="Bob", reason="crops")
    split = Split((), ((SHAPE, bob), (SHAPE, ENTRY), (SHAPE, bob)), (ENTRY,), (bob,))

    assert list(report.known_lines(split)) == [
        "",
        "3 known findings",
        "  Ann: PX205, 1, until 2026-06-01: rounds",
        "  Bob: PX205, 2, until 2026-06-01: crops",
        "EXPIRED  PX205 of Ann on 2026-06-01: rounds",
        "unused   PX205 of Bob, until 2026-06-01: it was not found",
    ]


def test_a_plan_of_few_models_has_a_line_for_each() -> None:
    lines = list(plan_lines(Job("http://localhost:1"), load_models().chosen()))

    assert lines[1:] == [
        "  bytedance/seededit-3.0-i2i: 24 pictures at most",
        "  bytedance/seedream-3.0: 24 pictures at most",
    ]


def test_a_plan_of_many_models_has_one_line_and_the_price() -> None:
    models = load_models().chosen(["all"])

    told, total = list(plan_lines(Job("live", tier="l1", budget="2.00"), models))[1:]

    assert re.fullmatch(rf"  {len(models)} models: \d+ pictures at most, each at \$0\.\d{{4}} a picture or less", told)
    assert re.fullmatch(r"  in all about \$\d+\.\d\d; it stops at the budget of 2\.00", total)


# The reporter, on a suite of a few tests


SUITE = """
import pytest
from pixelpact.contract.contract import load

MODELS = [pytest.param(model, id=model.name) for model in load().chosen()]
SIZE = {size!r}
FIELD = {field!r}

def pytest_generate_tests(metafunc):
    if "model" in metafunc.fixturenames:
        metafunc.parametrize("model", MODELS)

def test_a_size_is_kept(model, record_property):
    record_property("requests", 2)
    record_property("finding", SIZE | {{"came": f"\\x1b[31m\\n::error::x ##[add-mask] # \\ud800 of {{model.name}}"}})
    assert False

def test_a_model_can_be_called(model, record_property):
    if model.name.startswith("seededit"):
        record_property("finding", SIZE | {{"code": "PX102", "check": "retired"}})
        assert False

def test_a_field_is_named(model, record_property):
    record_property("finding", FIELD)
    record_property("pictures", 1)

def test_an_edit_is_kept(model):
    pytest.skip("no picture goes in")

def test_all_is_well(model):
    pass

@pytest.fixture
def torn():
    yield
    raise RuntimeError("torn down badly")

def test_what_is_torn_down_holds(torn, record_property):
    record_property("finding", FIELD)
"""
CONFTEST = """
def pytest_sessionfinish(session):
    session.config.hook.pytest_pixelpact_summary(summary={summary!r})
"""
SCRIPT = """
import sys
from datetime import date
from pathlib import Path
import pytest
from pixelpact.checks.known import load
from pixelpact.cli.report import Run, write
from pixelpact.cli.reporter import Reporter

reporter = Reporter("a suite", load(Path("known.toml")), date(2026, 6, 1))
options = ["-pno:terminal", "-pno:cacheprovider", "-pno:pixelpact", "--rootdir=.", "-c/dev/null", "."]
code = pytest.main(options, plugins=[reporter])
reporter.summarise()
write(Path("report"), Run("mock", "observed", 1), reporter.result())
sys.exit(141 if reporter.unread else code)
"""
SUMMARY: dict[str, Any] = {
    "checks": RESULT.checks,
    "coverage": RESULT.coverage,
    "spent": RESULT.spent,
    "retired": {"bytedance/seededit-3.0-i2i": "404, gone"},
    "budget": "no dollar is left",
}


@dataclass(frozen=True)
class Done:
    """How the script ended."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def report(self) -> Any:
        return json.loads((self.folder / "report" / "report.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suite")
    size, warning = (vars(finding) for finding in (SIZE, FIELD))
    (folder / "test_few.py").write_text(SUITE.format(size=size, field=warning), "utf-8")
    (folder / "conftest.py").write_text(CONFTEST.format(summary=SUMMARY), "utf-8")
    kept(folder, *entry(test='"*seedream-3.0*"'), *entry(code='"PX101"', owner='"Bob"'))
    return folder


def started(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", SCRIPT], cwd=folder, stdout=-1, stderr=-1, text=True)


@pytest.fixture(scope="module")
def done(suite: Path) -> Done:
    with started(suite) as process:
        out, err = process.communicate(timeout=60)
    return Done(process.returncode, out, err, suite)


def test_the_report_of_a_suite_keeps_to_its_schema(done: Done) -> None:
    assert (breaches(done.report), done.err) == ([], "")


def test_the_report_counts_each_test_once(done: Done) -> None:
    counts = {"tests": 11, "held": 5, "known": 1, "broken": 3, "skipped": 2, "left": 0, "requests": 4, "pictures": 2}

    assert done.report["counts"] == counts


def test_the_report_tells_findings_warnings_and_known_ones_apart(done: Done) -> None:
    told = done.report

    assert [(one["code"], one["model"]) for one in told["findings"]] == [
        ("PX205", "seededit-3.0-i2i"),
        ("PX102", "seededit-3.0-i2i"),
    ]
    assert [(one["code"], one["model"]) for one in told["warnings"]] == [
        ("PX306", "seededit-3.0-i2i"),
        ("PX306", "seedream-3.0"),
        ("PX306", "server"),
    ]
    assert [(one["test"], one["owner"], one["expires"]) for one in told["known"]] == [
        ("test_a_size_is_kept[seedream-3.0]", "Ann", "2026-12-31")
    ]


def test_the_report_has_what_the_suite_tells_of_itself(done: Done) -> None:
    told = done.report

    assert told["checks"] == {"size": {"code": "PX205", **RESULT.checks["size"]}}
    assert {name: told[name] for name in ("coverage", "spent", "retired")} == {
        name: SUMMARY[name] for name in ("coverage", "spent", "retired")
    }
    assert "torn down badly" in told["crashes"][0]


def test_a_warning_breaks_nothing(done: Done) -> None:
    assert "\n  ok  a field is named: 2 held\n" in done.out
    assert "\n  --  an edit is kept: 2 skipped\n" in done.out
    assert "\n  PX306 error-field: promised the field; came no field (3 times)\n" in done.out


def test_a_known_finding_is_no_broken_test(done: Done) -> None:
    assert "\n  !!  a size is kept: 1 of 2 broken\n" in done.out
    assert said("1 known finding", "  Ann: PX205, 1, until 2026-12-31: rounds") in done.out
    assert "\nunused   PX101 of Bob, until 2026-12-31: it was not found\n" in done.out


def test_a_teardown_that_fails_is_shown_as_broken(done: Done) -> None:
    assert "\n  !!  what is torn down holds: 1 of 1 broken\n" in done.out


def test_skipped_tests_are_counted_by_reason(done: Done) -> None:
    assert "\nskipped\n      2  no picture goes in\n" in done.out


def test_the_session_is_told_last(done: Done) -> None:
    *_, keywords, pairs, checks, spent, retired, stopped, verdict = done.out.splitlines()

    assert [line.split()[0] for line in (keywords, pairs, checks)] == ["keywords", "pairs", "checks"]
    assert spent == "$0.09 of $0.50"
    assert retired == "RETIRED  bytedance/seededit-3.0-i2i: 404, gone; 3 of 5 checks ran"
    assert stopped == "STOPPED  no dollar is left"
    assert re.fullmatch(
        r"5 of 11 held, 1 known, 2 skipped, 2 findings, 3 warnings, 4 requests, 2 pictures, \d+\.\d s", verdict
    )


def test_few_models_have_a_column_each(done: Done) -> None:
    assert re.search(r"\n {20,}seededit-3\.0-i2i +seedream-3\.0 +server\n", done.out)
    assert re.search(r"\na size is kept +0/1 +0/1 +-\n", done.out)
    assert re.search(r"\nan edit is kept +skipped +skipped +-\n", done.out)


MANY = """
import pytest
from pixelpact.contract.contract import load

MODELS = [pytest.param(model, id=model.name) for model in load().chosen(["all"])]
SIZE = {size!r}

@pytest.mark.parametrize("model", MODELS)
def test_a_size_is_kept(model, record_property):
    record_property("requests", 2)
    if model.name.startswith("seededit"):
        record_property("finding", SIZE)
        assert False

def test_all_is_well(record_property):
    record_property("pictures", 1)
"""


def test_many_models_have_a_line_each(suite: Path, tmp_path: Path) -> None:
    shutil.copytree(suite, tmp_path, dirs_exist_ok=True)
    (tmp_path / "test_few.py").write_text(MANY.format(size=vars(SIZE)), "utf-8")

    with started(tmp_path) as process:
        out, _ = process.communicate(timeout=60)

    table = [line.split() for line in out.partition("\n\n     ")[2].partition("\n\n")[0].splitlines()]
    assert table[0] == ["held", "findings", "requests", "pictures"]
    assert len(table) == len(load_models().chosen(["all"])) + 2
    assert [row for row in table if row[0] in ("seededit-3.0-i2i", "server", "seedream-4-5")] == [
        ["seededit-3.0-i2i", "0/1", "1", "2", "0"],
        ["seedream-4-5", "1/1", "0", "2", "0"],
        ["server", "1/1", "0", "0", "1"],
    ]


def test_nothing_that_a_terminal_obeys_is_printed(done: Done) -> None:
    assert re.findall(r"came +(.*) of seededit", done.out) == ["\ufffd[31m\\n::error::x # #[add-mask] # \ufffd"]


def test_a_reader_that_leaves_stops_the_run_quietly(suite: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(suite, tmp_path / "suite")
    with started(folder) as process:
        assert process.stdout
        assert process.stderr
        first = process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()

    assert (first, process.returncode, err) == ("judging a suite: 11 tests\n", 141, "")
    assert Done(141, first, err, folder).report["counts"]["left"] > 0
