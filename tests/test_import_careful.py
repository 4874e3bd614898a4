"""What an import must not tell, not promise and not lose: secrets, more than the docs say, and pictures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pixelpact.cli import import_
from pixelpact.cli.main import cli
from pixelpact.sources.importing import files
from pixelpact.sources.importing.models import Made, Origin, made
from pixelpact.sources.importing.reports import Reports, Spot
from pixelpact.sources.openapi.spec import read_spec
from pixelpact.sources.texts import is_secret, secretless

from .specifications import GENERATIONS, asking, document, of, operation, put

FILE = "docs.json"
RULES = "import-rules"
KEY = "sk-proj-Zz9Yx8Wv7Ut6Sr5Qp4On3Ml2"
HEX = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
SIGNED = "https://a.example/x.png?X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Signature=5d5d5d5d"
LINK = {"type": "string", "format": "uri"}
SIDE = {"type": "integer", "minimum": 512, "maximum": 2048}


def making(request: dict[str, Any], answer: Any = None, **more: Any) -> tuple[Made | None, list[str]]:
    """The model of a request and an answer, and all that was said of it."""
    written = of(request, answer, **more) if answer else of(request, **more)
    [found] = read_spec(FILE, json.dumps(written).encode()).operations
    reports = Reports()
    model = made(found, found.models[0], Origin(FILE, "0" * 64, FILE), Spot(FILE, "", FILE, reports))
    return model, [problem.reason for problem in [*reports.problems, *reports.notes]]


def asked(**fields: Any) -> tuple[dict[str, Any], list[str]]:
    """The request that is made of these fields, and what was said of it."""
    model, said = making(asking(**fields))
    assert model is not None
    return model.request, said


def answer_of(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields)}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Bearer {HEX}", "Bearer …"),
        (KEY, "…"),
        (f"https://user:{KEY}@a.example/", "https://…@a.example/"),
        (SIGNED, "https://a.example/x.png?…"),
        ("?api_key=abcdef1234567890abcdef", "?api_key=…"),
        ("AKLTQ2hhbmdlTWVTZWNyZXRDcmVkZW50", "…"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, left: str) -> None:
    assert (is_secret(text), secretless(text)) == (True, left)


@pytest.mark.parametrize("text", ["1024x1024", "Bearer YOUR_API_KEY", "acme/draw-3.0", "https://a.example/b@c.png"])
def test_what_is_no_secret_stays(text: str) -> None:
    assert (is_secret(text), secretless(text)) == (False, text)


@pytest.mark.parametrize(
    "field",
    [
        {"type": "string", "default": KEY},
        {"type": "string", "const": SIGNED},
        {"type": "string", "enum": ["plain", f"Bearer {HEX}"]},
        {"type": "integer", "default": KEY},
        {"type": "string", "format": KEY},
        {"type": "object", "properties": {KEY: {}}, "required": [KEY]},
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_of_a_document_is_written_or_printed(field: Any, form: str, tmp_path: Path) -> None:
    put(tmp_path / "docs", "draw.json", of(asking("acme/draw", **{"field": field, KEY: {}})))
    where = ["--out", str(tmp_path / "out"), "--format", form]
    done = CliRunner().invoke(cli, ["import", str(tmp_path / "docs"), *where])
    written = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.json") if path.name != "sources.json")
    told = done.output + written
    assert not [secret for secret in (KEY, HEX[:16], "5d5d5d5d", KEY[:16]) if secret in told.replace("0" * 64, "")]
    assert "a value that looks like a secret" in done.output


@pytest.mark.parametrize(
    ("fields", "keyword", "documented"),
    [
        ({"size": {"type": "string", "enum": ["512x512"]}}, "x-output-size", True),
        ({"size": {"type": "string", "default": "512x512"}}, "x-output-size", False),
        ({"size": {"type": "string", "enum": ["square_hd"]}}, "x-output-size", False),
        ({"width": SIDE, "height": SIDE}, "x-output-size", True),
        ({"aspect_ratio": {"type": "string", "enum": ["16:9"]}}, "x-output-size", True),
        ({"resolution": {"type": "string", "enum": ["1K", "2K"]}}, "x-output-size", False),
        ({"num_images": {"type": "integer"}}, "x-count", True),
        ({"batch_size": {"type": "integer"}}, "x-count", False),
        ({"response_format": {"type": "string", "enum": ["url"]}}, "x-form", True),
        ({"response_format": {"type": "string"}}, "x-form", False),
        ({"output_format": {"type": "string", "enum": ["png"]}}, "x-container", True),
        ({"output_format": {"type": "string"}}, "x-container", False),
    ],
)
def test_what_the_docs_name_themselves_is_documented(fields: dict[str, Any], keyword: str, documented: bool) -> None:
    rule = asked(**fields)[0][keyword]
    first = rule[0] if isinstance(rule, list) else rule
    assert first["source"] == (FILE if documented else RULES)


def test_a_side_that_is_left_out_is_assumed_unless_its_default_is_documented() -> None:
    open, known = (asked(width=side, height=side)[0] for side in (SIDE, {**SIDE, "default": 512}))
    assert [(way["source"], way.get("otherwise")) for way in open["x-output-size"][:2]] == [
        (FILE, None),
        (RULES, "1024x1024"),
    ]
    assert [way["source"] for way in known["x-output-size"]] == [FILE, RULES]


@pytest.mark.parametrize(
    "answer",
    [
        answer_of(image=answer_of(url=LINK)),
        answer_of(output=LINK),
        answer_of(url=LINK),
        answer_of(data={"type": "array", "maxItems": 1, "items": answer_of(url=LINK)}),
    ],
)
def test_no_more_pictures_are_asked_for_than_an_answer_has_room_for(answer: Any) -> None:
    model, said = making(asking(n={"type": "integer", "minimum": 1, "maximum": 4, "default": 2}), answer)
    assert model is not None
    field = model.request["properties"]["n"]
    assert (field["maximum"], field["x-source"]["maximum"], "default" in field) == (1, RULES, False)
    assert said == ["the answer has room for 1: no more are asked for"]


@pytest.mark.parametrize(
    "answer",
    [answer_of(status={"type": "string"}), answer_of(data={"type": "array", "maxItems": 0, "items": LINK})],
)
def test_an_answer_that_can_have_no_picture_makes_no_model(answer: Any) -> None:
    assert making(asking(), answer) == (None, ["acme/draw answers with no picture"])


def test_an_answer_needs_no_more_pictures_than_a_request_asks_for() -> None:
    array = {"type": "array", "minItems": 4, "items": answer_of(url=LINK)}
    model, said = making(asking(n={"type": "integer", "minimum": 1, "maximum": 4}), answer_of(data=array))
    assert model is not None
    assert model.answer is not None
    assert "minItems" not in model.answer["properties"]["data"]
    assert said == ["4 pictures are more than a request may ask for: left out"]
    kept, _ = making(asking(n={"type": "integer", "enum": [4], "default": 4}), answer_of(data=array))
    assert kept is not None
    assert kept.answer is not None
    assert kept.answer["properties"]["data"]["minItems"] == 4


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"n": {"type": "string", "enum": ["1", "2"]}}, "no number: how many pictures come is not read from it"),
        (
            {"parameters": {"type": "object", "properties": {"size": {"type": "string"}, "n": {"type": "integer"}}}},
            "what stands inside an object decides nothing: size, n",
        ),
        ({"size": {"type": "integer", "enum": [256, 512]}}, "a size that is no text: the default's is assumed"),
        (
            {"size": {"type": "string", "enum": ["1024x1024", "8192x8192"]}},
            "'8192x8192' is larger than any picture that can be drawn",
        ),
    ],
)
def test_a_meaning_that_is_lost_is_told(fields: dict[str, Any], reason: str) -> None:
    assert reason in asked(**fields)[1]


@pytest.mark.parametrize("field", [{"type": "object"}, {"type": "object", "properties": {"a": {"type": "string"}}}])
def test_an_object_is_no_file_but_for_its_names(field: dict[str, Any]) -> None:
    assert "x-image" not in asked(metadata=field)[0]["properties"]["metadata"]


def test_the_limits_of_each_side_are_read() -> None:
    said = "WIDTHxHEIGHT, each between 256 and 2048"
    size = asked(size={"type": "string", "description": said})[0]["properties"]["size"]
    assert size["x-size"] == {"minSide": 256, "maxSide": 2048}


@pytest.mark.parametrize("ratio", [None, {"type": "string", "enum": ["auto", "9:19.5"], "default": "auto"}])
def test_an_input_gives_the_shape_where_only_an_amount_is_documented(ratio: Any) -> None:
    tiers = {"type": "string", "enum": ["1K", "2K"], "default": "2K"}
    fields = {"image_urls": {"type": "array", "items": LINK}, "resolution": tiers}
    ways = asked(**fields, **({"aspect_ratio": ratio} if ratio else {}))[0]["x-output-size"]
    kinds = [way["as"] for way in ways]
    assert kinds.index("input") < kinds.index("names")


def test_a_ratio_of_fractions_promises_no_pixels() -> None:
    ways = asked(aspect_ratio={"type": "string", "enum": ["9:19.5"]})[0]["x-output-size"]
    assert [way["as"] for way in ways] == ["ratio", "fixed"]


def test_an_answer_that_is_no_json_is_told() -> None:
    written = document({GENERATIONS: operation(asking())})
    success = written["paths"][GENERATIONS]["post"]["responses"]["200"]
    success["content"] = {"image/png": {"schema": {"type": "string"}}}
    [found] = read_spec(FILE, json.dumps(written).encode()).operations
    reports = Reports()
    assert made(found, "acme/draw", Origin(FILE, "0" * 64, FILE), Spot(FILE, "", FILE, reports)) is not None
    assert ["image/png" in note.reason for note in reports.notes] == [True]


def test_a_model_that_goes_is_removed_before_what_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[str] = []
    unlink = Path.unlink

    def watched(self: Path, missing_ok: bool = False) -> None:
        gone.append(self.name)
        unlink(self, missing_ok=missing_ok)

    texts = ["a/answer.json", "a/model.json", "a/request.json"]
    files.lay(dict.fromkeys(texts, "{}"), tmp_path / "out")
    (tmp_path / "stage").mkdir()
    monkeypatch.setattr(Path, "unlink", watched)
    files.exchange(tmp_path / "stage", tmp_path / "out", dict.fromkeys(texts))
    assert gone[0] == "model.json"


def test_the_source_of_an_overlay_goes_with_it(tmp_path: Path) -> None:
    put(tmp_path / "docs", "draw.json", of(asking()))
    put(tmp_path / "out", "overlay.json", {"acme/draw": {"model": {"credits": 5}}})
    runner, wanted = CliRunner(), ["import", str(tmp_path / "docs"), "--out", str(tmp_path / "out")]
    named = []
    for _ in range(2):
        assert runner.invoke(cli, wanted).exit_code == 0
        named.append("overlay" in json.loads((tmp_path / "out" / "sources.json").read_text()))
        (tmp_path / "out" / "overlay.json").unlink(missing_ok=True)
    assert named == [True, False]


def test_an_import_tells_keys_and_counts_every_file(tmp_path: Path) -> None:
    paths = {path: operation(asking()) for path in (GENERATIONS, "/v1/images/edits")}
    put(tmp_path / "docs", "draw.json", document(paths))
    (tmp_path / "docs" / "broken.json").write_text("{")
    done = CliRunner().invoke(cli, ["import", str(tmp_path / "docs"), "--out", str(tmp_path / "out")])
    assert "acme/draw@edits  (draw.json)" in done.stdout
    assert "2 models of 2 files" in done.stderr


def test_an_import_that_is_interrupted_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pixelpact.sources.importing.importer.run", interrupted)
    done = CliRunner().invoke(cli, ["import", str(tmp_path), "--out", str(tmp_path / "out")])
    assert (done.exit_code, done.stderr) == (import_.INTERRUPTED, "interrupted: nothing is changed\n")


def test_a_stage_whose_removal_is_broken_off_stops_no_other_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    for _ in range(2):
        with files.staged(tmp_path / "out") as stage:
            (stage / files.PROCESS).unlink()


def test_a_number_of_pictures_below_none_asks_for_one() -> None:
    array = {"type": "array", "minItems": 1, "items": answer_of(url=LINK)}
    model, said = making(asking(n={"type": "integer", "minimum": -1}), answer_of(data=array))
    assert (model is not None, said) == (True, [])
