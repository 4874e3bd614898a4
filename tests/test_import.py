"""`pixelpact import`: what comes into a folder, what is said on the way, and that nothing is ever half there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pixelpact.cli.main import cli
from pixelpact.contract.answers import render
from pixelpact.contract.contract import Contract, fresh
from pixelpact.contract.openapi import document as published
from pixelpact.sources.importing import files
from pixelpact.sources.importing.models import folder_of, made
from pixelpact.sources.openapi.gathering import gather
from pixelpact.sources.openapi.spec import Found

from .specifications import GENERATIONS, LINKED, asking, document, of, operation, put

ROOT = Path(__file__).parents[1]
SPECS = ROOT.parent / "shared" / "docs" / "specs"
REVISIONS = ROOT.parent / "shared" / "docs" / "revisions"
IMPORTED = ROOT / "schemas" / "imported"
with_docs = pytest.mark.skipif(not SPECS.exists(), reason="the docs' own files are not part of the kit")
EDITS = "/v1/images/edits"
PLACE = ("--place", "aimlapi/api-docs docs/api-references/image-models", "--commit", "f14fa72f", "--date", "2026-08-21")


@dataclass(frozen=True)
class Done:
    """How a run ended: its exit code, the models it tells of, and its complaints."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()


Run = Callable[..., Done]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return tmp_path / "docs"


@pytest.fixture
def run(docs: Path, out: Path) -> Run:
    def run(*arguments: object, places: tuple[Path, ...] = ()) -> Done:
        asked = ["import", *map(str, places or (docs,)), "--out", str(out), *map(str, arguments)]
        done = CliRunner().invoke(cli, asked)
        # What is raised on purpose is told by `main`, which the runner goes round.
        told = f"{done.exception}" if done.exception and not isinstance(done.exception, SystemExit) else done.stderr
        return Done(2 if told != done.stderr else done.exit_code, done.stdout, told)

    return run


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read(out: Path, path: str) -> Any:
    return json.loads((out / path).read_text("utf-8"))


def test_a_model_comes_as_its_three_files_and_the_sources(docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking()))
    assert run().code == 0
    assert sorted(tree(out)) == [f"acme/draw/{name}.json" for name in ("answer", "model", "request")] + ["sources.json"]
    model = read(out, "acme/draw/model.json")
    assert model["profiles"] == {"observed": {"request": "request.json", "answer": "answer.json", "status": 200}}
    assert model["origin"]["file"] == "draw.json"
    assert fresh(out).models["acme/draw"].origin == "draw.json"


def test_every_rule_has_the_file_as_its_source_or_the_importers_rules(docs: Path, out: Path, run: Run) -> None:
    put(docs, "a/draw.json", of(asking(n={"type": "number", "maximum": 3})))
    assert run("--place", "acme/docs images", "--commit", "abcdef0", "--date", "2026-08-21").code == 0
    entry = read(out, "sources.json")["a/draw.json"]
    assert (entry["standing"], entry["place"]) == ("documented", "acme/docs images/a/draw.json")
    assert (entry["commit"], entry["date"], len(entry["sha256"])) == ("abcdef0", "2026-08-21", 64)
    n = read(out, "acme/draw/request.json")["properties"]["n"]
    assert n["x-source"] == {"*": "a/draw.json", "type": "import-rules", "minimum": "import-rules"}


def test_an_answer_that_is_not_documented_is_the_profiles_own(docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking(), answer=None, status="201"))
    assert run().code == 0
    assert read(out, "acme/draw/model.json")["profiles"] == {"observed": {"request": "request.json", "status": 201}}
    model = fresh(out).models["acme/draw"]
    assert (model.success, "created" in model.answer["properties"]) == (201, True)


def test_one_file_may_have_several_models_and_paths(docs: Path, out: Path, run: Run) -> None:
    two = asking()
    two["properties"]["model"]["enum"] = ["acme/draw", "acme/paint"]
    put(docs, "both.json", document({GENERATIONS: operation(two), EDITS: operation(asking("acme/draw"))}))
    assert run().code == 0
    contract = fresh(out)
    assert {"acme/draw", "acme/paint", "acme/draw@edits"} <= contract.models.keys()
    assert contract.models["acme/draw@edits"].path == EDITS
    assert contract.models["acme/paint"].request["properties"]["model"]["enum"] == ["acme/paint"]


def test_alternatives_of_a_request_are_each_models_own(docs: Path, out: Path, run: Run) -> None:
    one, other = asking("acme/draw", n={"type": "integer"}), asking("acme/paint")
    put(docs, "both.json", of({"oneOf": [one, other], "discriminator": {"propertyName": "model"}}))
    assert run().code == 0
    models = fresh(out).models
    assert "n" in models["acme/draw"].request["properties"]
    assert "n" not in models["acme/paint"].request["properties"]


@pytest.mark.parametrize(
    "paths", [("/images/generations",), ("/images/generations", GENERATIONS), (f"{GENERATIONS}/",)]
)
def test_a_path_without_its_version_is_the_one_with_it(paths: tuple[str, ...], docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", document({path: operation(asking()) for path in paths}))
    assert run().code == 0
    assert fresh(out).models["acme/draw"].path == GENERATIONS


def test_the_same_input_gives_the_same_bytes(docs: Path, out: Path, run: Run, tmp_path: Path) -> None:
    put(docs, "draw.json", of(asking(n={"type": "integer"})))
    run()
    first = tree(out)
    times = {path: (out / path).stat().st_mtime_ns for path in first}
    assert "1 same" in run().err
    assert {path: (out / path).stat().st_mtime_ns for path in tree(out)} == times
    shutil.rmtree(out)
    run()
    assert tree(out) == first


def test_the_better_of_two_files_is_taken_and_the_other_noted(docs: Path, out: Path, run: Run) -> None:
    put(docs, "a.json", of(asking(), status="201"))
    put(docs, "b.json", of(asking(), answer=None))
    put(docs, "c.json", of(asking()))
    put(docs, "d.json", of(asking()))
    done = run()
    assert done.code == 0
    assert read(out, "acme/draw/model.json")["origin"]["file"] == "c.json"
    assert [line for line in done.lines if "is taken" in line] == [
        f"note: {name}.json: acme/draw is taken from c.json" for name in "abd"
    ]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("x.json", "", "an empty file"),
        ("x.json", "{", "not JSON"),
        ("x.yaml", "openapi: 3.0.0", "YAML is not read"),
        ("x.json", '{"openapi": "3.0.0", "paths": {"/v1/chat": {"post": {}}}}', "no operation about images"),
        ("x.json", "{}", "no OpenAPI document"),
    ],
)
def test_a_file_that_cannot_be_understood_is_one_line_and_the_rest_comes(
    name: str, text: str, reason: str, docs: Path, out: Path, run: Run
) -> None:
    put(docs, "draw.json", of(asking()))
    (docs / name).write_text(text)
    done = run()
    assert done.code == 1
    assert (
        [line for line in done.lines if line.startswith(name)] == [line for line in done.lines if reason in line] != []
    )
    assert "acme/draw" in fresh(out).models


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (of({"type": "object", "properties": {"model": {"type": "string"}}}), "names no model"),
        (of(asking("a b")), "cannot be served"),
        (of(asking("a/\ud800")), "cannot be served"),
        (of(asking(output_format={"enum": ["glb", "obj"]})), "not about pictures: output_format is glb or obj"),
        (of({**asking(mesh_url={"type": "string"}), "required": ["model", "mesh_url"]}), "it needs mesh_url"),
        (of(asking(), {"type": "object", "properties": {"mesh": {"type": "string"}}}), "answers with no picture"),
        (document({GENERATIONS: {"responses": {}}}), "no request as application/json"),
    ],
)
def test_a_model_that_cannot_be_made_is_reported_with_its_place(made: Any, reason: str, docs: Path, run: Run) -> None:
    put(docs, "odd.json", made)
    done = run()
    assert done.code == 2
    assert [line for line in done.lines if line.startswith("odd.json /paths/") and reason in line]


@pytest.mark.parametrize(("levels", "code"), [(20, 0), (300, 1)])
@pytest.mark.parametrize(
    "inside", [lambda schema: {"type": "array", "items": schema}, lambda schema: {"anyOf": [schema, {}]}]
)
def test_a_schema_nested_too_deeply_is_cut(
    inside: Callable[[Any], Any], levels: int, code: int, docs: Path, out: Path, run: Run
) -> None:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = inside(schema)
    put(docs, "deep.json", of(asking(field=schema)))
    assert run().code == code
    assert "acme/draw" in fresh(out).models


def test_nothing_is_written_where_nothing_was_understood(docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", {})
    assert run().code == 2
    assert not out.exists()


@pytest.mark.parametrize(
    "id",
    [
        "../../../etc/x",
        "a/..",
        "a\\b",
        "x" * 200,
        "größe/ö",
        "model.json",
        "a/sources.json",
        "shared/answer",
        "shared",
        "imported",
    ],
)
def test_no_id_leads_out_of_its_folder_or_over_what_is_not_its_own(id: str, docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking(id)))
    assert run().code == 0
    assert fresh(out).models[id].answer
    assert all(part not in ("", ".", "..") for part in folder_of(id, GENERATIONS).split("/"))
    assert {path.name for path in out.parent.iterdir()} == {"docs", "out"}


def test_models_whose_folders_would_be_one_have_two(docs: Path, out: Path, run: Run) -> None:
    put(docs, "a.json", of(asking("Acme/Draw")))
    put(docs, "b.json", of(asking("acme/draw")))
    put(docs, "c.json", of(asking("acme/dr:aw")))
    put(docs, "d.json", of(asking("acme/dr_aw")))
    assert run().code == 0
    before = tree(out)
    assert {"Acme/Draw", "acme/draw", "acme/dr:aw", "acme/dr_aw"} <= fresh(out).models.keys()
    run(places=(docs / "b.json",))
    assert tree(out) == before


def test_hidden_files_of_the_folder_are_no_models_of_it(docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking()))
    put(out / ".git", "model.json", {"id": "acme/draw"})
    assert run().code == 0
    assert (out / "acme" / "draw" / "model.json").exists()


@pytest.mark.parametrize(
    "needed",
    [
        {"type": "number", "exclusiveMinimum": True, "minimum": 0},
        {"type": "integer", "maximum": -3},
        {"type": "string", "minLength": 4},
        {"type": "string", "format": "uri"},
        {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 2},
    ],
    ids=str,
)
def test_what_an_answer_must_have_is_filled_with_what_it_may_be(needed: Any, docs: Path, out: Path, run: Run) -> None:
    answer = {**LINKED, "properties": {**LINKED["properties"], "extra": needed}, "required": ["extra"]}
    put(docs, "draw.json", of(asking(), answer=answer))
    assert run().code == 0
    model = fresh(out).models["acme/draw"]
    assert list(model.answer_breaches(render(model.answer, {}, pictures=({"url": "https://a"},)))) == []


def test_examples_that_are_no_list_tell_nothing_of_a_size(docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", document({GENERATIONS: operation(asking(size={"type": "string", "examples": 5}))}, "3.1.0"))
    assert run().code == 0
    assert "x-size" not in read(out, "acme/draw/request.json")["properties"]["size"]


def test_a_model_of_another_file_is_left_alone(docs: Path, out: Path, run: Run) -> None:
    put(docs, "a.json", of(asking("acme/a")))
    put(docs, "b.json", of(asking("acme/b")))
    run(places=(docs / "a.json",))
    assert run(places=(docs / "b.json",)).code == 0
    assert {"acme/a", "acme/b"} <= fresh(out).models.keys()


@pytest.mark.parametrize(("prune", "left"), [((), True), (("--prune",), False)])
def test_a_model_that_a_file_lost_goes_only_when_asked(
    prune: tuple[str, ...], left: bool, docs: Path, out: Path, run: Run
) -> None:
    put(docs, "a.json", of(asking("acme/old")))
    run()
    put(docs, "a.json", of(asking("acme/new")))
    done = run(*prune)
    assert done.code == 0
    assert (out / "acme" / "old").exists() is left
    assert any("acme/old comes no more" in line for line in done.lines) is left


def test_an_answer_that_is_documented_no_more_goes(docs: Path, out: Path, run: Run) -> None:
    put(docs, "a.json", of(asking()))
    run()
    put(docs, "a.json", of(asking(), answer=None))
    run()
    assert not (out / "acme" / "draw" / "answer.json").exists()


def test_what_is_written_by_hand_is_left_as_it_is(docs: Path, out: Path, run: Run) -> None:
    put(docs, "a.json", of(asking()))
    put(docs, "b.json", of(asking("acme/paint")))
    run()
    model = read(out, "acme/draw/model.json")
    del model["origin"]
    put(out / "acme" / "draw", "model.json", model)
    before = tree(out / "acme" / "draw")
    done = run()
    assert done.code == 1
    assert "a.json: acme/draw is written by hand in acme/draw: left as it is" in done.lines
    assert tree(out / "acme" / "draw") == before


def test_a_broken_file_in_the_folder_is_named_and_nothing_changes(docs: Path, out: Path, run: Run) -> None:
    put(docs, "a.json", of(asking()))
    (out / "acme").mkdir(parents=True)
    (out / "acme" / "model.json").write_text("{")
    before = tree(out)
    done = run()
    assert (done.code, tree(out)) == (2, before)
    assert "acme/model.json" in done.err


OVERLAY = {
    "acme/d*": {
        "model": {"status": "deprecated", "credits": 7},
        "request": {
            "properties": {"n": {"maximum": 2}, "style": {"type": "string"}, "prompt": None},
            "required": ["model"],
            "x-container": None,
        },
        "answer": {"properties": {"created": {"type": "integer", "x-value": "created"}}},
    }
}


def test_an_overlay_survives_every_import(docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking(n={"type": "integer"}, output_format={"enum": ["png"]})))
    put(out, "overlay.json", OVERLAY)
    assert run().code == 0
    first = tree(out)
    assert "1 same" in run().err
    assert tree(out) == first
    model = fresh(out).models["acme/draw"]
    assert (model.status, model.credits) == ("deprecated", 7)
    assert model.request["properties"]["n"]["maximum"] == 2
    assert list(model.request["properties"]) == ["model", "n", "output_format", "style"]
    assert "x-container" not in model.request
    assert model.answer["properties"]["created"]["x-value"] == "created"


def test_what_an_overlay_says_has_the_source_that_it_names(docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking(n={"type": "integer"})))
    mine = {"standing": "observed", "place": "a call of mine"}
    patch = {"request": {"properties": {"n": {"maximum": 2}}}, "model": {"credits": 5}, "source": "mine"}
    put(out, "overlay.json", {"$sources": {"mine": mine}, "acme/draw": patch})
    assert run().code == 0
    assert read(out, "sources.json")["mine"] == mine
    n = read(out, "acme/draw/request.json")["properties"]["n"]
    assert (n["x-source"]["maximum"], n["x-source"]["*"]) == ("mine", "draw.json")
    assert read(out, "acme/draw/model.json")["x-source"]["credits"] == "mine"


def test_an_overlay_can_lie_elsewhere(docs: Path, out: Path, run: Run, tmp_path: Path) -> None:
    put(docs, "draw.json", of(asking()))
    file = put(tmp_path, "known.json", {"*": {"model": {"credits": 9}}})
    assert run("--overlay", file).code == 0
    assert fresh(out).models["acme/draw"].credits == 9


@pytest.mark.parametrize(
    ("overlay", "reason"),
    [
        ({"acme/none": {}}, "'acme/none' is no model's id"),
        ({"acme/draw": {"requests": {}}}, "must be an object of answer, model, request, source"),
        ({"acme/draw": 7}, "must be an object of"),
        ({"acme/draw": {"model": {"status": "gone"}}}, "'gone' is not one of"),
        ({"acme/draw": {"request": {"properties": {"n": {"patterns": "a"}}}}}, "'patterns' is not one of"),
        ({"acme/draw": {"request": {"properties": 7}}}, "`properties` must be an object"),
        ({"acme/draw": {"model": {"credits": 1}, "source": "nowhere"}}, "no source 'nowhere'"),
        ({"acme/draw": {"request": 7}}, "must have objects to patch"),
        ({"acme/draw": {"model": {"id": "acme/other"}}}, "must not change id"),
        ([], "no JSON object"),
    ],
)
def test_an_overlay_that_cannot_be_laid_is_an_error_and_nothing_changes(
    overlay: Any, reason: str, docs: Path, out: Path, run: Run
) -> None:
    put(docs, "draw.json", of(asking(n={"type": "integer"})))
    put(out, "overlay.json", overlay)
    before = tree(out)
    done = run()
    assert (done.code, tree(out)) == (2, before)
    assert reason in done.err


@pytest.mark.parametrize("reason", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_import_that_breaks_off_leaves_everything_as_it_was(
    reason: BaseException, docs: Path, out: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(docs, "draw.json", of(asking()))
    run()
    before = tree(out)
    put(docs, "draw.json", of(asking(n={"type": "integer"})))
    put(docs, "more.json", of(asking("acme/more")))
    kept = files._keep
    left = iter(range(3))

    def keep(file: Path, copy: Path) -> None:
        if next(left, None) is None:
            raise reason
        kept(file, copy)

    monkeypatch.setattr(files, "_keep", keep)
    assert run().code != 0
    assert tree(out) == before
    assert {path.name for path in out.parent.iterdir()} == {"docs", "out"}


def test_two_imports_do_not_write_to_one_folder_at_once(docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking()))
    with files.staged(out):
        done = run()
    assert done.code == 2
    assert "another import writes to" in done.err
    assert run().code == 0


def test_what_a_killed_import_left_does_not_stop_the_next(docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking()))
    died = subprocess.Popen([sys.executable, "-c", ""])
    died.wait()
    stage = out.parent / f".{out.name}.importing"
    stage.mkdir()
    (stage / "process").write_text(str(died.pid))
    assert run().code == 0
    assert not stage.exists()


def test_a_path_without_its_version_that_says_something_else_is_noted(docs: Path, run: Run) -> None:
    other = operation(asking(n={"type": "integer"}))
    put(docs, "draw.json", document({GENERATIONS: operation(asking()), "/images/generations": other}))
    done = run()
    assert done.code == 0
    assert (
        done.lines[0] == f"note: draw.json /paths/~1images~1generations/post: not as at {GENERATIONS}, which is taken"
    )


def test_a_folder_that_is_a_file_is_refused(docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking()))
    out.write_text("mine")
    done = run()
    assert done.code == 2
    assert out.read_text() == "mine"


def test_a_model_that_the_contract_refuses_is_left_out_and_the_rest_comes(
    docs: Path, out: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(docs, "draw.json", of(asking()))
    put(docs, "odd.json", of(asking("acme/odd")))

    def spoilt(*arguments: Any) -> Any:
        found = made(*arguments)
        assert found is not None
        if found.id == "acme/odd":
            found.request["x-count"] = 7
        return found

    monkeypatch.setattr("pixelpact.sources.importing.importer.made", spoilt)
    done = run()
    assert done.code == 1
    assert any(
        line.startswith("odd.json: acme/odd cannot be held: acme/odd/request.json#/x-count") for line in done.lines
    )
    contract = fresh(out)
    assert "acme/draw" in contract.models
    assert "acme/odd" not in contract.models


def test_what_we_publish_comes_back_as_it_was(docs: Path, out: Path, run: Run, tmp_path: Path) -> None:
    put(docs, "draw.json", of(asking(n={"type": "integer"})))
    run()
    first = fresh(out).models["acme/draw"]
    put(tmp_path / "published", "openapi.json", published(fresh(out), models=[first]))
    out.rename(tmp_path / "before")
    assert run(places=(tmp_path / "published",)).code == 0
    again = fresh(out).models["acme/draw"]
    for field in ("path", "origin", "task", "status", "credits", "picture", "success"):
        assert getattr(again, field) == getattr(first, field)
    assert {**again.request, "$schema": 0} == {**first.request, "$schema": 0}
    assert {**again.answer, "$schema": 0} == {**first.answer, "$schema": 0}


def test_json_can_be_had_of_what_was_done(docs: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking(x={"type": "string", "pattern": "a"})))
    told = json.loads(run("--format", "json").out)
    assert told["models"] == [{"id": "acme/draw", "file": "draw.json", "state": "new"}]
    assert told["problems"][0]["reason"] == "`pattern` cannot be held: left out"


@pytest.mark.parametrize("option", [("--date", "yesterday"), ("--commit", "HEAD"), ("--status", "gone")])
def test_what_is_said_of_the_files_must_make_sense(option: tuple[str, str], docs: Path, out: Path, run: Run) -> None:
    put(docs, "draw.json", of(asking()))
    assert run(*option).code == 2
    assert not out.exists()


def test_the_rules_are_told_without_an_import() -> None:
    done = CliRunner().invoke(cli, ["import", "--rules"])
    assert done.exit_code == 0
    assert "square_hd 1024x1024" in done.stdout


def texts(node: Any) -> Iterator[str]:
    """Every text of a document that a person wrote: descriptions, titles and code samples."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("description", "source", "title") and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from texts(item)


def sentences(document: Any) -> set[str]:
    """The sentences of four words and more that a document has, and its prompts."""
    found = {part.strip() for text in texts(document) for part in re.split(r"[.!?\n]\s*", text)}
    return {part for part in found if len(part.split()) >= 4}


def test_no_sentence_of_the_docs_is_copied(docs: Path, out: Path, run: Run) -> None:
    said = "The vendor likes to say this of it."
    field = {"type": "string", "description": said, "title": said, "example": said, "examples": [said]}
    made = of(asking(field=field), {**LINKED, "description": said}, Unused={"description": said})
    made["info"]["description"] = said
    made["paths"][GENERATIONS]["post"] |= {"summary": said, "x-codeSamples": [{"lang": "cURL", "source": said}]}
    put(docs, "draw.json", made)
    run()
    assert [path for path, content in tree(out).items() if said.encode()[:20] in content] == []


@with_docs
def test_no_sentence_of_the_real_docs_is_in_the_kit() -> None:
    wanted = {
        part for found in gather([str(SPECS)]) if isinstance(found, Found) for part in sentences(json.loads(found.data))
    }
    ours = "\n".join(file.read_text("utf-8") for file in IMPORTED.rglob("*.json"))
    assert len(wanted) > 100
    assert [sentence for sentence in wanted if sentence in ours] == []


@with_docs
def test_the_packaged_imports_are_what_the_docs_give(out: Path, run: Run) -> None:
    shutil.copytree(IMPORTED, out)
    done = run(*PLACE, places=(SPECS,))
    assert done.code == 0
    assert tree(out) == tree(IMPORTED)
    assert "39 same" in done.err


@with_docs
def test_the_packaged_imports_come_from_nothing(out: Path, run: Run) -> None:
    assert run(*PLACE, "--overlay", IMPORTED / "overlay.json", places=(SPECS,)).code == 0
    made, packaged = tree(out), tree(IMPORTED)
    sources = json.loads(packaged["sources.json"])
    assert json.loads(made.pop("sources.json")).items() <= sources.items()
    assert made.items() <= packaged.items()
    # The others came one by one, of other commits.
    others = {path.rpartition("/")[0] for path in packaged.keys() - made.keys()} - {""}
    origins = {json.loads(packaged[f"{folder}/model.json"])["origin"]["file"] for folder in others}
    assert {sources[file]["commit"] for file in origins}.isdisjoint(PLACE)


@with_docs
@pytest.mark.parametrize("name", sorted(path.name for path in REVISIONS.glob("*.json")) if REVISIONS.exists() else [])
def test_every_revision_comes_with_its_model(name: str, out: Path, run: Run) -> None:
    done = run(places=(REVISIONS / name,))
    assert done.code == ("undefined" in done.err)
    assert len(list(out.rglob("model.json"))) == 1


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return fresh(IMPORTED)


@pytest.mark.parametrize(
    "folder", sorted(path.parent.relative_to(IMPORTED).as_posix() for path in IMPORTED.rglob("model.json"))
)
def test_every_packaged_model_can_be_answered(folder: str, packaged: Contract) -> None:
    [key] = [entry.key for entry in packaged.entries if entry.file == f"{folder}/model.json"]
    model = packaged.models[key]
    picture = {"url": "https://a"} if "url" in model.forms else {"b64_json": "AAAA"}
    given = {"created": 5, "credits_used": 7, "usd_spent": 0.5, "model": model.id, "prompt": "a", "size": "1x2"}
    answer = render(model.answer, given, (picture,))
    assert list(model.answer_breaches(answer)) == []
    assert [value for _, value in model.values(answer, next(iter(picture)))] == list(picture.values())
