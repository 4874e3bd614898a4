"""Contract coverage and near misses of models that are data: nested fields, arrays, uploads, many that nobody calls."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pixelpact.contract.contract import Contract, load
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Size
from pixelpact.service.coverage import Coverage, cover, exercised, items
from pixelpact.service.coverage_fields import MOST_VALUES, trials
from pixelpact.service.coverage_probes import Item
from pixelpact.service.coverage_report import as_text
from pixelpact.service.journal import API, Entry
from pixelpact.service.nearmiss import Subject, demand
from pixelpact.service.redacted import body_of

DRAW, EDIT, BRUSH = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i", "acme/brush"
PATH, EDITS = "/v1/images/generations", "/v1/images/edits"
OURS = {"x-source": {"*": "no-evidence"}}
STYLES = [f"style-{number}" for number in range(MOST_VALUES + 1)]
INPUT = {"forms": ["data-uri", "base64", "url"], "formats": ["jpeg", "png"]}
UPLOAD = {"forms": ["file"], "formats": ["png"], "maxBytes": 9000}
# Keywords and nestings that imported models have.
FIELDS: dict[str, Any] = {
    "model": {"enum": [BRUSH], **OURS},
    "style": {"type": "string", "enum": STYLES, **OURS},
    "image_urls": {
        "type": "array",
        "items": {"type": "string", "format": "uri", "x-image": INPUT, **OURS},
        "maxItems": 3,
        **OURS,
    },
    "image": {
        "type": "object",
        "x-image": UPLOAD,
        "required": ["buffer"],
        "properties": {"buffer": {"type": "object", "properties": {"data": {"type": "array", **OURS}}, **OURS}},
        **OURS,
    },
    "steps": {"type": ["integer", "null"], "exclusiveMinimum": 0, "maximum": 4294967295, **OURS},
    "loras": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "path": {"type": "string", "maxLength": 9, **OURS},
                "scale": {"type": "number", "minimum": 0, "maximum": 4, **OURS},
                "deep": {
                    "type": "object",
                    "properties": {"kind": {"enum": ["a", "b"], **OURS}, "on": {"type": "boolean", **OURS}},
                    **OURS,
                },
            },
            "required": ["path"],
            **OURS,
        },
        **OURS,
    },
    "seed": {"anyOf": [{"type": "integer", "const": 7, **OURS}, {"type": "null", **OURS}], **OURS},
}
RULES: dict[str, Any] = {
    "x-count": {"field": "steps", "source": "no-evidence"},
    "x-form": {"field": "style", "cases": [["style-0", "url"]], "source": "no-evidence"},
    "x-container": {"field": "style", "cases": [["style-0", "png"]], "source": "no-evidence"},
    "x-output-size": [{"as": "fixed", "size": "640x480", "source": "no-evidence"}],
}
ITEMS = {
    *("style", "style=style-0", "style=style-8", "style as one of 7 others", "style left out"),
    *("image_urls", "image_urls of 3 items (maxItems)", "image_urls left out"),
    *("image_urls[] as data-uri", "image_urls[] as base64", "image_urls[] as url"),
    *("image_urls[] in jpeg", "image_urls[] in png"),
    *("image", "image as file", "image in png", "image left out"),
    *("steps", "steps=null", "steps=1 (exclusiveMinimum)", "steps=4294967295 (maximum)", "steps inside"),
    *("steps left out", "seed", "seed=7", "seed=null", "seed left out"),
    *("loras", "loras left out", "loras[].path", "loras[].path of 9 characters (maxLength)"),
    *("loras[].scale", "loras[].scale=0 (minimum)", "loras[].scale=4 (maximum)", "loras[].scale inside"),
    *("loras[].scale left out", "loras[].deep", "loras[].deep left out"),
    *("loras[].deep.kind", "loras[].deep.on"),
    *("answered as url", "answered as b64_json"),
}
PICTURE = {"picture": "image/png", "form": "data-uri", "bytes": 9, "sha256": "ab"}


@pytest.fixture(scope="module")
def brush(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The contract with one more model, served at two paths."""
    folder = tmp_path_factory.mktemp("schemas")
    schema = "https://json-schema.org/draft/2020-12/schema"
    request = {"type": "object", "required": ["model"], "properties": FIELDS, **RULES, **OURS}
    for name, path in (("brush", PATH), ("brush-edits", EDITS)):
        place = folder / "acme" / name
        place.mkdir(parents=True)
        (place / "request.json").write_text(json.dumps({"$schema": schema, "$defs": {"all": request}}))
        model = {
            **{"id": BRUSH, "path": path, "title": "Brush", "task": "draw", "status": "current", "credits": 1},
            "picture": {"container": "png", "quality": 90, "digest": "artist", "folder": name},
            "profiles": {"observed": {"request": "request.json#/$defs/all"}},
            "x-source": {},
        }
        (place / "model.json").write_text(json.dumps(model))
    return load(folder)


def called(path: str = PATH, **body: Any) -> Entry:
    facts = {"form": "url", "body": body}
    return Entry(API, datetime(2026, 6, 1, tzinfo=UTC), "id", "POST", path, 200, 1.0, facts)


def names(found: Iterable[Item], group: str = BRUSH) -> set[str]:
    return {item.name for item in found if item.group == group}


def done(contract: Contract, **fields: Any) -> set[str]:
    """What a call with these fields exercises that one without does not."""
    plain = exercised(contract, [called(model=BRUSH)])
    return names(exercised(contract, [called(model=BRUSH, **fields)])) - names(plain)


# Any schema


def test_an_awkward_schema_is_told_by_three_rules(brush: Contract) -> None:
    assert names(items(brush, [BRUSH])) == ITEMS


@pytest.mark.parametrize(
    ("fields", "exercised_"),
    [
        ({"style": "style-0"}, {"style", "style=style-0"}),
        ({"style": "style-8"}, {"style", "style=style-8"}),
        ({"style": "style-3"}, {"style", "style as one of 7 others"}),
        ({"style": "nobody's"}, {"style"}),
        (
            {"image_urls": [PICTURE, "https://pictures.example/a.png", "https://pictures.example/b.png"]},
            {
                *("image_urls", "image_urls of 3 items (maxItems)"),
                *("image_urls[] as data-uri", "image_urls[] as url", "image_urls[] in png"),
            },
        ),
        ({"image": {**PICTURE, "form": "file"}}, {"image", "image as file", "image in png"}),
        ({"image": {"buffer": {"data": [1, 2]}}}, {"image"}),
        ({"steps": None}, {"steps", "steps=null"}),
        ({"steps": 1}, {"steps", "steps=1 (exclusiveMinimum)"}),
        ({"seed": 7}, {"seed", "seed=7"}),
        (
            {"loras": [{"path": "a", "scale": 4}, {"path": "b", "deep": {"kind": "b"}}]},
            {
                *("loras", "loras[].path", "loras[].scale", "loras[].scale=4 (maximum)", "loras[].scale left out"),
                *("loras[].deep", "loras[].deep left out", "loras[].deep.kind"),
            },
        ),
        ({"loras": "none"}, {"loras"}),
        ({"loras": [5, None, []]}, {"loras"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_value_inside_exercises_what_its_schema_says_of_it(
    fields: dict[str, Any], exercised_: set[str], brush: Contract
) -> None:
    assert done(brush, **fields) == exercised_


def test_the_inside_of_an_upload_is_neither_counted_nor_listed(brush: Contract) -> None:
    untold = cover(brush, [called(model=BRUSH)]).untold

    assert untold == (f"{BRUSH} image: maxBytes",)


@pytest.mark.parametrize(
    ("path", "key"), [(PATH, BRUSH), (EDITS, f"{BRUSH}@edits"), ("/images/edits/", f"{BRUSH}@edits"), ("/", BRUSH)]
)
def test_a_call_counts_for_the_model_of_its_path(path: str, key: str, brush: Contract) -> None:
    found = cover(brush, [called(path, model=BRUSH)])

    assert found.groups[0] == key
    assert "answered as url" in names(exercised(brush, [called(path, model=BRUSH)]), key)


# The kit's own


def test_every_model_of_the_kit_has_few_items_and_each_a_name_of_its_own() -> None:
    contract = load()

    for key in contract.models:
        found = [item.name for item in items(contract, [key]) if item.group == key]
        assert len(found) == len(set(found)) < 100, key


def test_models_that_nobody_calls_do_not_count_and_are_not_listed(brush: Contract) -> None:
    found = cover(load(), [called(model=DRAW, prompt="A fox.")])

    assert found.groups[0] == DRAW
    assert (found.unused, found.others) == ((EDIT,), len(load().models) - 2)
    assert f"\nnot used: {EDIT}\n" in as_text(found)
    assert cover(brush, [called(model=DRAW, prompt="A fox.")]).percent == found.percent


def test_the_text_says_that_the_rest_does_not_count() -> None:
    found = Coverage({Item(DRAW, "seed", "seed sent"): 1}, (DRAW, BRUSH), (), (DRAW,))

    said = "models known besides: 1; one that no test calls does not count, here or for a minimum"
    assert as_text(found).splitlines()[-1] == said


def test_nothing_is_said_of_the_rest_where_there_is_none() -> None:
    assert "besides" not in as_text(Coverage({Item(DRAW, "seed", "seed sent"): 1}, (DRAW,), (), (DRAW,)))


def test_the_models_of_a_folder_are_those_expected_to_be_called(brush: Contract) -> None:
    assert set(cover(brush, [called(model=DRAW)]).unused) == {BRUSH, f"{BRUSH}@edits"}


def test_what_two_workers_saw_of_other_models_is_what_one_would_have_seen(brush: Contract) -> None:
    one, other = called(EDITS, model=BRUSH), called(model=DRAW, prompt="x")

    merged = cover(brush, [one]).merged(cover(brush, [other]))

    assert merged.to_json() == cover(brush, [one, other]).to_json()
    assert Coverage.from_json(merged.to_json()) == merged


def test_a_coverage_of_before_there_were_imports_can_be_read() -> None:
    old = Coverage({Item(DRAW, "seed", "seed sent"): 1}, (DRAW, EDIT), (), (DRAW, EDIT)).to_json()
    del old["usual"]

    assert Coverage.from_json(old).unused == (EDIT,)


def test_a_field_that_is_never_sent_stands_for_all_inside_of_it(brush: Contract) -> None:
    text = as_text(cover(brush, [called(model=BRUSH)]))

    assert "loras (never sent)" in text
    assert "loras[]" not in text


def test_trials_name_only_fields_of_the_schema() -> None:
    request = load().models[EDIT].request

    assert {trial.field for trial in trials(request)} <= request["properties"].keys()


# Near misses

PHOTO = sample(Size(64, 48), "jpeg")
URI = "data:image/jpeg;base64," + base64.b64encode(PHOTO).decode()
KEPT = {
    "picture": "image/jpeg",
    "form": "data-uri",
    "bytes": len(PHOTO),
    "sha256": "45" * 32,
}


def sent(**fields: Any) -> Subject:
    return Subject("POST", fields, {})


def test_pictures_in_a_list_are_found_by_their_files(tmp_path: Path) -> None:
    other = sample(Size(32, 32))
    (tmp_path / "other.png").write_bytes(other)
    body = body_of({"image_urls": [URI, base64.b64encode(other).decode(), "https://pictures.example/a.png?x=1"]})

    demand("call", [sent(**body)], {"image_urls": [PHOTO, tmp_path / "other.png", "https://pictures.example/*"]})


@pytest.mark.parametrize(
    "wanted",
    [
        [PHOTO],
        [PHOTO, PHOTO],
        [PHOTO, str, str],
        PHOTO,
        [str],
    ],
    ids=["too-few", "another", "too-many", "no-list", "types"],
)
def test_other_pictures_in_a_list_are_not_found(wanted: Any) -> None:
    with pytest.raises(AssertionError, match="image_urls"):
        demand("call", [sent(image_urls=[KEPT, "https://pictures.example/a.png"])], {"image_urls": wanted})


@pytest.mark.parametrize(
    "wanted",
    [{"width": int, "height": 512}, {"width": 768, "height": 512}, {"width": lambda side: side > 1, "height": 512}],
)
def test_an_object_is_found_by_its_fields(wanted: Any) -> None:
    demand("call", [sent(image_size={"width": 768, "height": 512})], {"image_size": wanted})


@pytest.mark.parametrize("wanted", [{"width": str, "height": 512}, {"width": int}, {"width": int, "height": None}])
def test_an_object_with_other_fields_is_not_found(wanted: Any) -> None:
    with pytest.raises(AssertionError, match="image_size"):
        demand("call", [sent(image_size={"width": 768, "height": 512})], {"image_size": wanted})


def test_null_inside_of_an_object_is_a_value() -> None:
    demand("call", [sent(image_size={"width": 768, "height": None})], {"image_size": {"width": int, "height": None}})


@pytest.mark.parametrize(("form", "kind"), [("file", dict), ("data-uri", str), ("file", object)])
def test_a_picture_is_of_the_type_that_it_came_as(form: str, kind: type) -> None:
    demand("call", [sent(image={**KEPT, "form": form})], {"image": kind})


def test_a_list_of_pictures_is_told_by_a_few_of_them() -> None:
    with pytest.raises(AssertionError) as missed:
        demand("call", [sent(image_urls=[KEPT] * 9)], {"image_urls": ["x"]})

    told = str(missed.value)
    assert told.count("a picture: image/jpeg") == 3
    assert told.splitlines()[-1].endswith(", …]")
