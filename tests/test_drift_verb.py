"""`pixelpact drift`: what it prints, and the exit code that a script may rely on."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pixelpact.contract.contract import load
from pixelpact.contract.openapi import document

from .drift_files import DEPRECATED, DREAM, EDIT, GONE, MARK, OLD, PATH, Run, run, spec, written

__all__ = ["run"]
OBSERVED = Path(__file__).parents[1] / "fixtures" / "skeletons" / "mock-observed.json"


@pytest.mark.parametrize(
    ("new", "fail_on", "code"),
    [
        (OLD, "harmless", 0),
        (spec(watermark=MARK, tags=["Images"]), "risky", 0),
        (spec(watermark=MARK, tags=["Images"]), "harmless", 1),
        (DEPRECATED, "breaking", 0),
        (DEPRECATED, "risky", 1),
        (GONE, "breaking", 1),
    ],
)
def test_the_exit_code_tells_whether_anything_is_as_bad_as_asked(
    run: Run, tmp_path: Path, new: Any, fail_on: str, code: int
) -> None:
    paths = written(tmp_path, old=OLD, new=new)
    assert run(paths["old"], paths["new"], "--fail-on", fail_on).code == code


def test_a_side_and_itself_give_no_word_but_the_summary(run: Run, tmp_path: Path) -> None:
    old = written(tmp_path, old=OLD)["old"]
    done = run(old, old)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"{old} to {old}: 1 model compared, 0 breaking, 0 risky, 0 harmless\n"


def test_the_text_tells_place_sides_classes_and_advice(run: Run, tmp_path: Path) -> None:
    paths = written(tmp_path, old=OLD, new=GONE)
    assert run(paths["old"], paths["new"]).out.splitlines() == [
        "breaking: field removed, in request /watermark",
        f"  models   {DREAM}",
        "  before   boolean, default false",
        "  after    none",
        "  callers  breaking",
        "  answers  harmless",
        "  why      it has no effect any more, or is refused",
        "  to do    stop sending `watermark`, and say it another way",
    ]


def test_the_json_has_every_change_with_its_classes(run: Run, tmp_path: Path) -> None:
    paths = written(tmp_path, old=OLD, new=DEPRECATED)
    report = json.loads(run(paths["old"], paths["new"], "--format", "json").out)
    (change,) = report["changes"]
    assert report["counts"] == {"breaking": 0, "risky": 1, "harmless": 0}
    assert (
        change.items()
        >= {
            "model": DREAM,
            "endpoint": f"POST {PATH}",
            "part": "request",
            "path": "/watermark",
            "before": "in use",
            "after": "deprecated",
            "callers": "risky",
            "answers": "harmless",
            "do": "plan to do without `watermark`",
        }.items()
    )


def test_the_markdown_is_a_table_whose_cells_are_escaped(run: Run, tmp_path: Path) -> None:
    rules = ({**MARK, "pattern": text} for text in ("a|b", "<i>"))
    old, new = (spec(watermark=rule) for rule in rules)
    paths = written(tmp_path, old=old, new=new)
    (row,) = [
        line for line in run(paths["old"], paths["new"], "--format", "markdown").out.splitlines() if "another" in line
    ]
    assert row.replace("\\|", "").count("|") == 9
    assert "pattern &lt;i>" in row


def test_profiles_of_the_packaged_contract_are_sides(run: Run) -> None:
    done = run("profile:2025-11", "profile:2026-01", "--model", DREAM, "--format", "json")
    renamed = [row for row in json.loads(done.out)["changes"] if row["kind"] == "field-renamed"]
    assert [(row["before"], row["after"]) for row in renamed] == [("tokens_used", "credits_used")]
    assert done.code == 1


def test_a_profile_and_what_was_recorded_under_it_agree(run: Run) -> None:
    done = run("profile:observed", OBSERVED, "--fail-on", "harmless")
    assert (done.code, done.out) == (0, "")


def test_a_folder_of_schemas_is_a_side(run: Run, tmp_path: Path) -> None:
    folder = schemas(tmp_path)
    report = json.loads(run("profile:observed", folder, "--model", DREAM, "--format", "json", "--fail-on", "risky").out)
    assert [(row["kind"], row["before"], row["after"]) for row in report["changes"]] == [
        ("price-changed", "63000 credits", "1 credits")
    ]


def schemas(folder: Path) -> Path:
    """A folder of schemas with one of the packaged models, at another price."""
    model = folder / "schemas" / DREAM
    model.mkdir(parents=True)
    packaged = files("pixelpact.schemas").joinpath(DREAM)
    content = json.loads(packaged.joinpath("model.json").read_text("utf-8"))
    model.joinpath("model.json").write_text(json.dumps({**content, "credits": 1}))
    model.joinpath("request.json").write_text(packaged.joinpath("request.json").read_text("utf-8"))
    return folder / "schemas"


# What cannot be read


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"{", "not JSON"),
        (b"", "empty"),
        (b"openapi: 3.0.0\npaths: {}\n", "YAML"),
        (b'{"swagger": "2.0"}', "Swagger"),
        (b'{"openapi": "3.0.0", "paths": {}}', "no operation"),
        (b'{"pixelpact-skeletons": 1}', "no skeletons"),
        (b'{"pixelpact-skeletons": 1, "observations": []}', "no recorded answer"),
    ],
)
def test_a_side_that_is_none_is_one_clear_line_and_exit_2(run: Run, tmp_path: Path, content: bytes, word: str) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    done = run("profile:observed", tmp_path / "bad.json")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert word in done.err
    assert "bad.json" in done.err


@pytest.mark.parametrize(
    "sides",
    [
        ("nowhere.json", "profile:observed"),
        ("profile:none", "profile:observed"),
        ("profile:observed", "profile:observed", "--model", "none/*"),
        ("one",),
        (),
    ],
)
def test_a_side_that_is_not_there_is_wrong_usage(run: Run, sides: tuple[str, ...]) -> None:
    assert run(*sides).code == 2


def test_a_broken_file_in_a_folder_is_told_and_the_others_are_compared(run: Run, tmp_path: Path) -> None:
    written(tmp_path, old=OLD)
    (tmp_path / "bad.json").write_bytes(b"{")
    done = run(tmp_path, tmp_path)
    assert (done.code, done.out.count("\n")) == (2, 1)
    assert done.out.startswith(f"not compared: {tmp_path}/bad.json: not JSON")
    assert "1 model compared" in done.err


@pytest.mark.parametrize("broken", ["old", "new"])
def test_the_models_of_a_file_that_cannot_be_read_neither_came_nor_went(run: Run, tmp_path: Path, broken: str) -> None:
    sides = {name: tmp_path / name for name in ("old", "new")}
    for side in sides.values():
        side.mkdir()
        written(side, one=spec(watermark=MARK), two=spec(EDIT))
    (sides[broken] / "two.json").write_text("{")
    told = f"{sides[broken]}/two.json"

    done = {form: run(*sides.values(), "--format", form) for form in ("text", "markdown", "json")}

    assert {one.code for one in done.values()} == {2}
    assert done["text"].out.startswith(f"not compared: {told}: not JSON")
    assert f"- not compared: {told}: not JSON" in done["markdown"].out
    report = json.loads(done["json"].out)
    assert [each["file"] for each in report["not_compared"]] == [told]
    assert report["changes"] == []


def test_what_breaks_elsewhere_goes_before_a_file_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    for name, content in (("old", OLD), ("new", GONE)):
        (tmp_path / name).mkdir()
        written(tmp_path / name, one=content)
    (tmp_path / "new" / "bad.json").write_text("{")
    assert run(tmp_path / "old", tmp_path / "new").code == 1


PETS = {"openapi": "3.0.0", "info": {}, "paths": {"/pets": {"get": {"responses": {"200": {"description": "Pets."}}}}}}


def test_an_api_about_something_else_is_one_line_and_exit_2(run: Run, tmp_path: Path) -> None:
    paths = written(tmp_path, old=OLD, pets=PETS)
    for sides in ((paths["old"], paths["pets"]), (paths["pets"], paths["pets"])):
        done = run(*sides)
        assert (done.code, done.out, done.err) == (2, "", "pixelpact: pets.json: no operation about images\n")


@pytest.mark.parametrize("paths", [{}, PETS["paths"]], ids=["nothing", "something else"])
def test_the_only_path_removed_is_a_model_removed(run: Run, tmp_path: Path, paths: Any) -> None:
    old = {**OLD, "paths": {**OLD["paths"], **paths}}
    sides = written(tmp_path, old=old, new={**OLD, "paths": paths})
    done = run(sides["old"], sides["new"], "--format", "json")
    assert [row["kind"] for row in json.loads(done.out)["changes"] if row["severity"] == "breaking"] == [
        "model-removed"
    ]
    assert done.code == 1


def test_a_document_of_ours_is_split_by_model(run: Run, tmp_path: Path) -> None:
    content = document(load())
    changed = json.loads(json.dumps(content))
    changed["components"]["schemas"]["bytedance_seedream-3-0"]["properties"]["watermark"]["default"] = True
    sides = written(tmp_path, ours=content, changed=changed)

    alike = run("profile:observed", sides["ours"], "--model", "bytedance/*", "--fail-on", "harmless")
    apart = run(sides["ours"], sides["changed"], "--format", "json", "--fail-on", "risky")

    assert (alike.code, alike.out) == (0, "")
    found = [(row["model"], row["kind"], row["path"]) for row in json.loads(apart.out)["changes"]]
    assert found == [(DREAM, "default-changed", "/watermark")]


KEY = "sk-proj-Zz9Yx8Wv7Ut6Sr5Qp4On3Ml2Kj1Ih0Gf"


def test_no_secret_of_a_document_is_told(run: Run, tmp_path: Path) -> None:
    signed = f"https://cdn.example/{'a' * 90}.png?X-Tos-Credential=AKLT{'q7Zb' * 6}&X-Tos-Signature={'5d' * 32}"
    rules = ({"type": "string", "enum": [f"Bearer {'k3y9' * 8}", KEY, signed, end], "default": end} for end in "ab")
    old, new = (spec(watermark=rule) for rule in rules)
    new["servers"], old["servers"] = [{"url": f"https://user:{KEY}@b.example"}], [{"url": "https://a.example"}]
    sides = written(tmp_path, old=old, new=new)
    for form in ("text", "markdown", "json"):
        done = run(sides["old"], sides["new"], "--format", form)
        assert [word for word in (KEY[:20], "k3y9k3y9", "AKLT", "5d5d") if word in done.out + done.err] == []


def test_a_name_with_control_characters_moves_no_cursor(run: Run, tmp_path: Path) -> None:
    hidden = json.loads(json.dumps(OLD).replace('"watermark"', '"water\\u001b[2Jmark"'))
    paths = written(tmp_path, old=hidden, new=GONE)
    outs = [run(paths["old"], paths["new"], "--format", form).out for form in ("text", "markdown", "json")]
    assert [out for out in outs if "\x1b" in out] == []
