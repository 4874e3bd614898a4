"""The schema folder: what is in it holds, and what does not hold stops the program with file and pointer."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pixelpact.contract.breaches import InvalidRequest
from pixelpact.contract.catalogue import Models, catalogue
from pixelpact.contract.contract import fresh, load
from pixelpact.contract.documents import load as load_documents
from pixelpact.errors import SchemaError, UnknownName

MODEL = {
    "id": "acme/brush-1",
    "title": "Brush 1",
    "task": "draw",
    "status": "current",
    "credits": 1,
    "picture": {"container": "jpeg", "quality": 90, "digest": "artist", "folder": "brush"},
    "profiles": {"observed": {"request": "request.json#/$defs/observed"}},
    "x-source": {},
}
REQUEST: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {
        "observed": {
            "type": "object",
            "required": ["model", "prompt"],
            "properties": {
                "model": {"enum": ["acme/brush-1"], "x-source": {"*": "no-evidence"}},
                "prompt": {"$ref": "../../shared/fields.json#/$defs/prompt"},
            },
            "x-output-size": [{"as": "fixed", "size": "640x480", "source": "no-evidence"}],
            "x-source": {"*": "no-evidence"},
        }
    },
}


def write(folder: Path, request: Any = REQUEST, model: Any = MODEL, name: str = "brush-1") -> Path:
    place = folder / "acme" / name
    place.mkdir(parents=True)
    (place / "request.json").write_text(json.dumps(request))
    (place / "model.json").write_text(json.dumps(model))
    return folder


def changed(document: Any, pointer: str, value: Any) -> Any:
    """A copy of the document with another value at the pointer."""
    head, _, rest = pointer.lstrip("/").partition("/")
    key: Any = int(head) if isinstance(document, list) else head
    copy = list(document) if isinstance(document, list) else dict(document)
    copy[key] = changed(copy[key], rest, value) if rest else value
    return copy


def test_a_model_is_added_by_a_folder_alone(tmp_path: Path) -> None:
    contract = load(write(tmp_path))

    model = contract.model("acme/brush-1")

    assert [str(size) for size in model.promised_sizes({"prompt": "x"}, {})] == ["640x480"]
    assert "bytedance/seedream-3.0" in contract.models


@pytest.mark.parametrize(
    ("pointer", "value", "names"),
    [
        ("/$defs/observed/x-sise", {}, "acme/brush-1/request.json#/$defs/observed: 'x-sise'"),
        ("/$defs/observed/properties/prompt", {"patternn": "a"}, "/properties/prompt: 'patternn'"),
        ("/$defs/observed/properties/prompt", {"pattern": "("}, "/properties/prompt/pattern: '(' is not a 'regex'"),
        ("/$defs/observed/properties/prompt", {"type": "strong"}, "/properties/prompt/type: 'strong'"),
        ("/$defs/observed/properties/prompt", {"$ref": "#/$defs/promt"}, "/properties/prompt: the reference"),
        ("/$defs/observed/properties/prompt", {"$ref": "#/$defs/observed"}, "leads back to itself"),
        ("/$defs/observed/properties/prompt", {"type": "string"}, "/prompt/type: a rule without a source"),
        ("/$defs/observed/x-source", {"*": "hearsay"}, "no source 'hearsay'"),
        ("/$defs/observed/x-output-size/0/size", "0x480", "x-output-size/0"),
        ("/$defs/observed/properties", {}, "/properties: 'model' is a required property"),
        (
            "/$defs/observed/properties/prompt",
            {"$ref": "#/$defs/observed/properties/model", "enum": ["b"], "x-source": {"*": "no-evidence"}},
            "['enum'] would replace rules",
        ),
    ],
)
def test_an_unusable_schema_stops_with_file_and_pointer(tmp_path: Path, pointer: str, value: Any, names: str) -> None:
    folder = write(tmp_path, request=changed(REQUEST, pointer, value))

    with pytest.raises(SchemaError, match=re.escape(names)) as caught:
        load(folder)

    assert "acme/brush-1/request.json" in str(caught.value)


@pytest.mark.parametrize(
    ("pointer", "value", "names"),
    [
        ("/task", "sculpt", "#/task: 'sculpt' is not one of"),
        ("/profiles/2031-01", {"request": "request.json#/$defs/observed"}, "#/profiles/2031-01: no such profile"),
        ("/pictures", {}, "'pictures' was unexpected"),
        ("/x-source/credits", "hearsay", "no source 'hearsay'"),
    ],
)
def test_an_unusable_model_file_stops_with_the_pointer(tmp_path: Path, pointer: str, value: Any, names: str) -> None:
    folder = write(tmp_path, model=changed(MODEL, pointer, value))

    with pytest.raises(SchemaError, match=re.escape(names)) as caught:
        load(folder)

    assert caught.value.file == "acme/brush-1/model.json"


def test_a_request_without_a_size_rule_stops_with_what_is_missing(tmp_path: Path) -> None:
    rules = {key: value for key, value in REQUEST["$defs"]["observed"].items() if key != "x-output-size"}

    with pytest.raises(SchemaError, match=r"acme/brush-1/request\.json.*'x-output-size' is a required property"):
        load(write(tmp_path, request=changed(REQUEST, "/$defs/observed", rules)))


def test_a_misspelt_keyword_is_found_in_a_file_that_names_no_dialect(tmp_path: Path) -> None:
    request = {key: value for key, value in REQUEST.items() if key != "$schema"}

    with pytest.raises(SchemaError, match="'maximun'"):
        load(write(tmp_path, request=changed(request, "/$defs/observed/properties/model", {"maximun": 3})))


@pytest.mark.parametrize("table", [[], [[1, 0, 0]], [["a", 10, 10]]])
def test_a_table_of_sizes_that_cannot_be_read_stops(tmp_path: Path, table: Any) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "adaptive-sizes.json").write_text(json.dumps(table))

    with pytest.raises(SchemaError, match=r"seededit-3\.0-i2i/request\.json#/\$defs/.*x-output-size"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "names"),
    [
        ("shared/errors.json", {}, "shared/errors.json#: 'invalid_request' is a required property"),
        ("sources.json", [], "sources.json#: [] is not of type 'object'"),
    ],
)
def test_a_shared_file_that_lacks_what_the_mock_needs_stops(
    tmp_path: Path, name: str, content: Any, names: str
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / name).write_text(json.dumps(content))

    with pytest.raises(SchemaError, match=re.escape(names)):
        load(tmp_path)


def test_an_error_text_with_a_misspelt_field_stops(tmp_path: Path) -> None:
    own = json.loads((files("pixelpact.schemas") / "shared" / "errors.json").read_text("utf-8"))
    (tmp_path / "shared").mkdir()
    misspelt = changed(own, "/invalid_request/message", "{reson}")
    (tmp_path / "shared" / "errors.json").write_text(json.dumps(misspelt))

    with pytest.raises(SchemaError, match=r"errors\.json#/invalid_request/message: a field that is none of"):
        load(tmp_path)


def test_two_files_of_one_model_in_one_folder_stop(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path / "again")

    with pytest.raises(
        SchemaError, match=r"again/acme/brush-1/model\.json#/id: acme/brush-1 is the model of acme/brush-1/"
    ):
        load(tmp_path)


def test_a_model_of_a_folder_stands_for_the_kits_own(tmp_path: Path) -> None:
    contract = load(write(tmp_path, model={**MODEL, "id": "bytedance/seedream-3.0"}))

    assert contract.models["bytedance/seedream-3.0"].title == "Brush 1"


def test_the_later_of_two_folders_wins(tmp_path: Path) -> None:
    first, second = write(tmp_path / "1"), write(tmp_path / "2", model={**MODEL, "title": "Brush 1b"})

    assert load(first, second).models["acme/brush-1"].title == "Brush 1b"
    assert load(second, first).models["acme/brush-1"].title == "Brush 1"


def test_an_id_served_at_two_paths_is_two_models(tmp_path: Path) -> None:
    write(tmp_path, model={**MODEL, "path": "/v1/images/edits"})
    write(tmp_path, name="plain")

    contract = load(tmp_path)

    assert {model.key for model in contract.chosen()} == {"acme/brush-1", "acme/brush-1@edits"}
    assert contract.check_model({"model": "acme/brush-1"}, "/v1/images/edits").key == "acme/brush-1@edits"


def test_an_id_at_another_path_alone_is_its_own_key(tmp_path: Path) -> None:
    contract = load(write(tmp_path, model={**MODEL, "path": "/v1/images/edits"}))

    assert contract.models["acme/brush-1"].path == "/v1/images/edits"
    with pytest.raises(InvalidRequest, match="model: expected"):
        contract.check_model({"model": "acme/brush-1"})


def test_what_a_folder_brings_is_the_usual_choice(tmp_path: Path) -> None:
    assert [model.key for model in load(write(tmp_path)).chosen()] == ["acme/brush-1"]
    assert [model.key for model in load().chosen()] == ["bytedance/seededit-3.0-i2i", "bytedance/seedream-3.0"]


def test_models_are_chosen_by_pattern_each_once(tmp_path: Path) -> None:
    contract = load(write(tmp_path))

    assert [model.key for model in contract.chosen(["acme/*", "acme/brush-1"])] == ["acme/brush-1"]
    assert len(contract.chosen(["all"])) == len(contract.models)
    with pytest.raises(UnknownName, match="acme/brush-2"):
        contract.chosen(["acme/brush-2"])


def test_a_folder_read_again_has_its_changes(tmp_path: Path) -> None:
    folder = write(tmp_path)
    load(folder)
    (folder / "acme" / "brush-1" / "model.json").write_text(json.dumps({**MODEL, "title": "Brush 1b"}))

    assert load(folder).models["acme/brush-1"].title == "Brush 1"
    assert fresh(folder).models["acme/brush-1"].title == "Brush 1b"


@pytest.mark.parametrize("content", [None, 3, "x", [], {"$ref": 3}, {"$ref": "../../shared/fields.json#/$defs/no"}])
def test_what_is_no_schema_at_all_stops(tmp_path: Path, content: Any) -> None:
    model = {**MODEL, "profiles": {"observed": {"request": "request.json"}}}

    with pytest.raises(SchemaError, match=r"acme/brush-1/request\.json#"):
        load(write(tmp_path, content, model))


@pytest.mark.parametrize("content", [None, 3, [], {"$defs": []}])
def test_a_shared_file_that_holds_no_schemas_stops(tmp_path: Path, content: Any) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "fields.json").write_text(json.dumps(content))

    with pytest.raises(SchemaError, match=r"names nothing"):
        load(tmp_path)


def test_all_that_the_kit_ships_keeps_to_its_own_vocabulary() -> None:
    documents = load_documents(trusting=False)

    for profile in documents.by_path["profiles.json"]:
        entries = catalogue(documents, profile)
        assert [model.key for model in Models(documents, documents.schema, profile, entries).values()]


def test_a_shipped_file_that_breaks_the_vocabulary_is_found() -> None:
    spoilt = {**load_documents().by_path}
    spoilt["shared/fields.json"] = changed(spoilt["shared/fields.json"], "/$defs/seed", {"minimun": 1})
    documents = replace(load_documents(trusting=False), by_path=spoilt)

    with pytest.raises(SchemaError, match="minimun"):
        documents.schema("request", "bytedance/seedream-3.0/request.json#/$defs/2026-01", "model.json")


def test_json_without_end_is_no_schema(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)

    with pytest.raises(SchemaError, match=r"deep\.json"):
        load(tmp_path)


def test_a_file_that_is_not_json_is_named_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"a": }')

    with pytest.raises(SchemaError, match=r"broken\.json.*line 1 column 7"):
        load(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no such folder"):
        load(tmp_path / "nowhere")


def test_an_unknown_profile_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="unknown profile '2024-01', expected one of observed, 2025-07"):
        load(profile="2024-01")


@pytest.mark.parametrize("profile", ["observed", "2025-07", "2025-08", "2025-11", "2026-01"])
def test_every_default_and_example_keeps_to_its_own_schema(profile: str) -> None:
    for model in load(profile=profile).models.values():
        for name, schema in model.request["properties"].items():
            for value in [*schema.get("examples", []), *([schema["default"]] if "default" in schema else [])]:
                wrong = [breach for breach in model.breaches({"model": model.id, name: value}) if breach.field == name]
                assert wrong == []


def test_the_adaptive_table_is_that_of_the_facts() -> None:
    facts = Path(__file__).parents[2] / "shared" / "facts" / "adaptive-sizes.json"
    if not facts.exists():
        pytest.skip("the facts are not beside this checkout")
    rows = [[row["label_ratio"], row["width"], row["height"]] for row in json.loads(facts.read_text())]

    ways = load().model("bytedance/seededit-3.0-i2i").request["x-output-size"]

    assert ways[0]["table"] == rows


@pytest.mark.parametrize(
    ("profile", "file"),
    [
        ("2025-07", "seedream-3.0.20250704.json"),
        ("2025-08", "seedream-3.0.20250826.json"),
        ("2025-11", "seedream-3.0.20251125.json"),
        ("2026-01", "seedream-3.0.20260116.json"),
        ("2025-08", "seededit-3.0-i2i.20250826.json"),
        ("2025-11", "seededit-3.0-i2i.20251125.json"),
        ("2026-01", "seededit-3.0-i2i.20260116.json"),
    ],
)
def test_a_dated_profile_has_the_fields_and_rules_of_that_revision(profile: str, file: str) -> None:
    revision = Path(__file__).parents[2] / "shared" / "docs" / "revisions" / file
    if not revision.exists():
        pytest.skip("the docs are not beside this checkout")
    post = json.loads(revision.read_text())["paths"]["/v1/images/generations"]["post"]
    documented = post["requestBody"]["content"]["application/json"]["schema"]

    model = load(profile=profile).model(documented["properties"]["model"]["enum"][0])

    rules = {"enum", "minimum", "maximum", "default", "deprecated"}
    assert model.request["required"] == documented["required"]
    assert list(model.request["properties"]) == list(documented["properties"])
    assert [model.success] == [int(status) for status in post["responses"]]
    for name, schema in documented["properties"].items():
        ours = model.request["properties"][name]
        assert {key: ours.get(key) for key in rules} == {key: schema.get(key) for key in rules}, name
        assert ours["type"] == schema.get("type", "string")
