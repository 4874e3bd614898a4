"""What the importer infers of a request and an answer: every stated rule, and what each was told by."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pixelpact.contract.answers import render
from pixelpact.contract.keywords import Dialect
from pixelpact.contract.sizes import promised_sizes
from pixelpact.contract.sources import Source
from pixelpact.sources.importing.models import Made, Origin, made
from pixelpact.sources.importing.reports import Reports, Spot
from pixelpact.sources.importing.stated import STATED, told
from pixelpact.sources.openapi.spec import read_spec

from .specifications import GENERATIONS, LINKED, asking, of

FILE = "docs.json"
RULES = "import-rules"
SOURCES = {name: Source(name, "assumed", "a test") for name in (FILE, RULES)}
URI = {"type": "string", "format": "uri"}
PRESETS = ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
SIDE = {"type": "integer", "minimum": 512, "maximum": 2048}
BOX = {"type": "object", "properties": {"width": SIDE, "height": SIDE}, "required": ["width", "height"]}
UPLOAD = {
    "type": "object",
    "properties": {
        "buffer": {"anyOf": [{"nullable": True}, {"type": "object"}]},
        **{name: {"type": "string"} for name in ("mimetype", "originalname", "encoding", "fieldname")},
    },
    "required": ["mimetype", "originalname", "encoding", "fieldname"],
}


def model(document: dict[str, Any], reports: Reports | None = None) -> Made:
    """The one model of a document."""
    spec = read_spec(FILE, json.dumps(document).encode())
    [operation] = spec.operations
    spot = Spot(FILE, "", FILE, reports or Reports())
    found = made(operation, operation.models[0], Origin(FILE, "0" * 64, FILE), spot)
    assert found is not None
    return found


def request(*required: str, **fields: Any) -> dict[str, Any]:
    """The request schema that is made of these fields beside model and prompt."""
    asked = asking(**fields)
    return model(of({**asked, "required": [*asked["required"], *required]})).request


def field_of(schema: Any, reports: Reports, name: str = "field") -> dict[str, Any]:
    """What is made of one field, and what was said of it."""
    fields: dict[str, dict[str, Any]] = model(of(asking(**{name: schema})), reports).request["properties"]
    return fields.get(name, {})


def sizes(schema: dict[str, Any], *inputs: tuple[str, tuple[int, int]], **body: Any) -> list[str]:
    """The sizes that a body is promised."""
    return [str(size) for size in promised_sizes(schema, body, dict(inputs), SOURCES)]


@pytest.mark.parametrize(
    ("fields", "body", "size"),
    [
        ({"size": {"type": "string", "enum": ["512x512", "1024x1536"]}}, {"size": "1024x1536"}, "1024x1536"),
        ({"size": {"type": "string", "enum": ["512*512", "1024*1536"]}}, {"size": "1024*1536"}, "1024x1536"),
        ({"size": {"type": "string", "default": "768x768"}}, {"size": "640x480"}, "640x480"),
        ({"size": {"type": "string", "default": "768x768"}}, {}, "768x768"),
        ({"image_size": {"enum": PRESETS}}, {"image_size": "square"}, "512x512"),
        ({"image_size": {"enum": PRESETS}}, {"image_size": "portrait_16_9"}, "576x1024"),
        ({"image_size": {"enum": PRESETS, "default": "landscape_4_3"}}, {}, "1024x768"),
        ({"image_size": {"enum": ["portrait_3_2"]}}, {"image_size": "portrait_3_2"}, "1024x688"),
        ({"image_size": BOX}, {"image_size": {"width": 600, "height": 700}}, "600x700"),
        ({"image_size": {"anyOf": [BOX, {"enum": PRESETS}]}}, {"image_size": {"width": 600, "height": 700}}, "600x700"),
        ({"image_size": {"anyOf": [BOX, {"enum": PRESETS}]}}, {"image_size": "square_hd"}, "1024x1024"),
        ({"image_size": {**BOX, "default": {"width": 512, "height": 768}}}, {}, "512x768"),
        ({"image_size": {"anyOf": [BOX, {"enum": ["1.5K", "2K"]}], "default": "1.5K"}}, {}, "1536x1536"),
        ({"width": SIDE, "height": SIDE}, {"width": 640, "height": 512}, "640x512"),
        ({"width": SIDE, "height": SIDE}, {"width": 640}, "640x1024"),
        ({"width": {**SIDE, "default": 800}, "height": {**SIDE, "default": 600}}, {}, "800x600"),
        ({"aspect_ratio": {"enum": ["1:1", "16:9"]}}, {"aspect_ratio": "16:9"}, "1360x768"),
        ({"aspect_ratio": {"enum": ["1:1", "16:9"], "default": "16:9"}}, {}, "1360x768"),
        ({"aspect_ratio": {"enum": ["1:1", "9:19.5"]}}, {"aspect_ratio": "9:19.5"}, "688x1504"),
        ({"resolution": {"enum": ["1K", "2K"], "default": "1K"}}, {"resolution": "2K"}, "2048x2048"),
        ({"resolution": {"enum": ["512px", "1k"]}}, {"resolution": "512px"}, "512x512"),
        ({"size": {"type": "string", "enum": ["auto", "512x512"], "default": "512x512"}}, {"size": "auto"}, "512x512"),
        ({}, {}, "1024x1024"),
        (
            {"image_size": {**BOX, "properties": {"width": {"minimum": 1440}, "height": {"minimum": 1440}}}},
            {},
            "1440x1440",
        ),
    ],
)
def test_the_size_is_what_a_person_would_read(fields: dict[str, Any], body: dict[str, Any], size: str) -> None:
    assert sizes(request(**fields), **body)[:1] == [size]


def test_an_amount_scales_a_ratio() -> None:
    schema = request(
        aspect_ratio={"enum": ["1:1", "16:9"], "default": "1:1"}, resolution={"enum": ["1K", "2K"], "default": "1K"}
    )
    assert sizes(schema, aspect_ratio="16:9", resolution="2K") == ["2736x1536"]
    assert sizes(schema, aspect_ratio="16:9") == ["1360x768"]
    assert sizes(schema, resolution="2K") == ["2048x2048"]


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({}, "600x400"),
        ({"size": {"enum": ["auto", "512x512"], "default": "auto"}}, "600x400"),
        ({"image_size": {"enum": PRESETS}}, "600x400"),
        ({"resolution": {"enum": ["2k", "4k"], "default": "2k"}}, "600x400"),
        ({"size": {"enum": ["512x512"], "default": "512x512"}}, "512x512"),
        ({"aspect_ratio": {"enum": ["1:1", "16:9"], "default": "16:9"}}, "1360x768"),
        ({"aspect_ratio": {"enum": ["1:1", "16:9"], "description": "The default value is 16:9."}}, "600x400"),
    ],
)
def test_an_edit_is_as_large_as_its_input_where_no_default_is_documented(fields: dict[str, Any], size: str) -> None:
    assert sizes(request("image_url", image_url=URI, **fields), ("image_url", (600, 400)))[:1] == [size]


def test_a_default_that_is_only_told_of_counts_without_an_input() -> None:
    ratio = {"enum": ["1:1", "16:9"], "description": "If there is none, the default value is 16:9."}
    assert sizes(request(image_urls={"type": "array", "items": URI}, aspect_ratio=ratio)) == ["1360x768"]


def test_an_amount_alone_is_of_the_shape_of_the_input() -> None:
    schema = request("image_url", image_url=URI, resolution={"enum": ["2k", "4k"], "default": "2k"})
    assert sizes(schema, ("image_url", (600, 400)), resolution="4k") == ["600x400"]


def test_an_adaptive_size_goes_by_the_table_of_the_kit() -> None:
    way = request("image", image={"type": "string"}, size={"enum": ["adaptive"]})["x-output-size"][0]
    assert (way["field"], way["as"], way["table"]) == (
        "image",
        "adaptive",
        {"$ref": "../../shared/adaptive-sizes.json"},
    )


@pytest.mark.parametrize(
    ("description", "rule"),
    [
        ("Must be between [512x512, 2048x2048].", {"minArea": 262144, "maxArea": 4194304}),
        (
            "The area (height x width) must be between 262,144 and 4,194,304 pixels.",
            {"minArea": 262144, "maxArea": 4194304},
        ),
        ("The width x height of the picture.", {"minSide": 64, "maxSide": 4096}),
    ],
)
def test_a_free_size_has_the_limits_that_its_description_states(description: str, rule: dict[str, int]) -> None:
    schema = request(size={"type": "string", "description": description})
    assert schema["properties"]["size"]["x-size"] == rule


def test_a_size_that_nobody_says_is_in_pixels_takes_every_text() -> None:
    assert "x-size" not in request(size={"type": "string", "description": "How large."})["properties"]["size"]


def holds(schema: dict[str, Any], value: Any) -> bool:
    return not any(Dialect(schema).iter_errors(value))


def test_sides_without_limits_are_those_that_some_model_takes() -> None:
    box = {
        "type": "object",
        "properties": {"width": {"type": "number"}, "height": {"minimum": 0, "exclusiveMinimum": True}},
    }
    fields = request(image_size=box)["properties"]["image_size"]["properties"]
    assert fields["width"]["x-source"]["maximum"] == RULES
    assert [side for side in (63, 64, 64.5, 4096, 4097) if holds(fields["width"], side)] == [64, 4096]
    assert [side for side in (1, 64, 4097) if holds(fields["height"], side)] == [64]


@pytest.mark.parametrize("name", ["n", "num_images", "number_of_images", "num_outputs", "max_images"])
def test_a_number_of_pictures_is_whole_and_at_most_ten_where_it_is_open(name: str) -> None:
    schema = request(**{name: {"type": "number"}})
    documented = name in ("n", "num_images", "number_of_images")
    assert schema["x-count"] == {"field": name, "source": FILE if documented else RULES}
    known = schema["properties"][name]
    assert (known["type"], known["minimum"], known["maximum"]) == ("integer", 1, 10)
    assert {known["x-source"][key] for key in ("type", "minimum", "maximum")} == {RULES}


def test_a_documented_number_keeps_its_limits() -> None:
    known = request(num_images={"type": "integer", "minimum": 1, "maximum": 4})["properties"]["num_images"]
    assert (known["minimum"], known["maximum"], known["x-source"]) == (1, 4, {"*": FILE})


def test_a_request_without_a_number_is_answered_with_one_picture() -> None:
    assert "x-count" not in request(n={"type": "string"})


@pytest.mark.parametrize(
    ("field", "cases"),
    [
        (
            {"response_format": {"type": "string", "enum": ["url", "b64_json"]}},
            [["url", "url"], ["b64_json", "b64_json"]],
        ),
        ({"response_format": {"type": "string", "enum": ["b64_json"]}}, [["b64_json", "b64_json"]]),
        ({"convert_base64_to_url": {"type": "boolean"}}, [[True, "url"], [False, "b64_json"]]),
    ],
)
def test_the_form_is_chosen_by_the_field_that_says_so(field: dict[str, Any], cases: Any) -> None:
    name = next(iter(field))
    source = FILE if "enum" in field[name] else RULES
    assert request(**field)["x-form"] == {"field": name, "cases": cases, "source": source}


@pytest.mark.parametrize("field", [{"sync_mode": {"type": "boolean"}}, {"response_format": {"type": "object"}}])
def test_no_other_field_chooses_the_form(field: dict[str, Any]) -> None:
    assert "x-form" not in request(**field)


def test_a_container_is_named_in_every_spelling_and_the_default_is_the_models() -> None:
    reports = Reports()
    values = ["png", "jpg", "JPEG", "tif", "image/webp", "gif"]
    found = model(of(asking(output_format={"type": "string", "enum": values, "default": "png"})), reports)
    cases = [["png", "png"], ["jpg", "jpeg"], ["JPEG", "jpeg"], ["tif", "tiff"], ["image/webp", "webp"]]
    assert found.request["x-container"]["cases"] == cases
    assert found.model["picture"]["container"] == "png"
    assert [note.reason for note in reports.notes] == ["no pictures can be made as 'gif'"]


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("image", {"type": "string"}),
        ("image_url", URI),
        ("mask", {"type": "string"}),
        ("init_image", {"type": "string"}),
        ("reference_image_url", URI),
        ("alpha_url", URI),
        ("imageUrl", {"type": "string"}),
    ],
)
def test_a_field_is_a_picture_by_its_name_or_as_a_link(name: str, schema: dict[str, Any]) -> None:
    assert "x-image" in request(**{name: schema})["properties"][name]


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("webhook_url", URI),
        ("callback", URI),
        ("lora_url", URI),
        ("mesh_link", URI),
        ("image_style", {"type": "string"}),
        ("image_strength", {"type": "number"}),
        ("image_mode", {"type": "string", "enum": ["a"]}),
        ("style", {"type": "string"}),
    ],
)
def test_a_field_is_no_picture_for_all_its_name(name: str, schema: dict[str, Any]) -> None:
    assert "x-image" not in request(**{name: schema})["properties"][name]


@pytest.mark.parametrize(
    ("schema", "forms"),
    [
        (URI, ["url", "data-uri"]),
        ({**URI, "description": "Only public URLs."}, ["url"]),
        ({**URI, "description": "A URL. Base64 is not taken."}, ["url"]),
        ({**URI, "description": "URLs or Base64 encoded images."}, ["url", "data-uri"]),
        ({"type": "string", "description": "The URL of the picture."}, ["url", "data-uri"]),
        (
            {"type": "string", "description": "The Base64 encoding, or an accessible URL."},
            ["data-uri", "base64", "url"],
        ),
        ({"type": "string"}, ["data-uri", "base64", "url"]),
    ],
)
def test_an_input_comes_in_the_forms_that_are_spoken_of(schema: dict[str, Any], forms: list[str]) -> None:
    assert request(image=schema)["properties"]["image"]["x-image"]["forms"] == forms


@pytest.mark.parametrize(
    ("description", "limits"),
    [
        ("A png, webp, or jpg file less than 50MB.", {"formats": ["jpeg", "png", "webp"], "maxBytes": 52428800}),
        ("Must be a valid PNG file, less than 4MB.", {"formats": ["png"], "maxBytes": 4194304}),
        ("Must not exceed 2,770,000 total pixels.", {"maxPixels": 2770000}),
        ("Maximum resolution: 4096×4096 px.", {"maxPixels": 16777216}),  # noqa: RUF001 - as the docs write it
    ],
)
def test_the_limits_of_an_input_that_a_description_states_are_facts(description: str, limits: dict[str, Any]) -> None:
    image = request(image={"type": "string", "description": description})["properties"]["image"]
    assert limits.items() <= image["x-image"].items()
    assert image["x-source"]["x-image"] == [FILE, RULES]


def test_pictures_stand_in_arrays_and_branches_too() -> None:
    several = {"type": "array", "items": URI, "maxItems": 4}
    fields = request(image_urls=several, image_url={"anyOf": [URI, several]})["properties"]
    assert fields["image_urls"]["items"]["x-image"]["forms"] == ["url", "data-uri"]
    one, many = fields["image_url"]["anyOf"]
    assert one["x-image"] == many["items"]["x-image"]


def test_an_upload_is_a_file_whose_bytes_no_schema_looks_at() -> None:
    image = request("image", image={"anyOf": [UPLOAD, {"type": "array", "items": UPLOAD}]})["properties"]["image"]
    one = image["anyOf"][0]
    assert one["x-image"]["forms"] == image["anyOf"][1]["items"]["x-image"]["forms"] == ["file"]
    assert one["properties"]["buffer"]["properties"]["data"] == {"type": "array", "x-source": {"*": RULES}}


@pytest.mark.parametrize(
    ("required", "fields", "task", "edited"),
    [
        (["image"], {"image": {"type": "string"}}, "edit", "image"),
        ([], {"image_urls": {"type": "array", "items": URI}}, "draw", "image_urls"),
        ([], {}, "draw", None),
        ([], {"reference_image_url": URI, "mask_url": URI, "style_image": URI}, "draw", None),
        (["image_url"], {"alpha_url": URI, "reference_image_url": URI, "image_url": URI}, "edit", "image_url"),
        (
            ["image_urls"],
            {"image": {"type": "string"}, "image_urls": {"type": "array", "items": URI}},
            "edit",
            "image_urls",
        ),
    ],
)
def test_the_first_picture_that_is_no_reference_is_edited(
    required: list[str], fields: dict[str, Any], task: str, edited: str | None
) -> None:
    asked = asking(**fields)
    found = model(of({**asked, "required": [*asked["required"], *required]}))
    assert (found.model["task"], found.request.get("x-edit", {}).get("input")) == (task, edited)


FAL = {
    "type": "object",
    "properties": {
        "images": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"url": {"type": "string"}, "width": {"type": "integer"}, "kind": {"enum": ["a", "b"]}},
                "required": ["url", "width", "kind"],
            },
        },
        "timings": {"type": "object"},
        "seed": {"type": "integer", "nullable": True},
        "optional": {"type": "string"},
    },
    "required": ["images", "timings", "seed"],
}
LEGACY = {
    "type": "object",
    "properties": {
        "prompt": {"type": "array", "items": {"type": "string"}},
        "args": {
            "type": "object",
            "properties": {"model": {"type": "string"}, "n": {"type": "number"}},
            "required": ["n"],
        },
        "output": {
            "type": "object",
            "properties": {
                "choices": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"image_base64": {"type": "string"}}},
                }
            },
            "required": ["choices"],
        },
    },
    "required": ["prompt", "args", "output"],
}
SPENT = {
    **LINKED,
    "properties": {
        **LINKED["properties"],
        "created": {"type": "integer"},
        "meta": {
            "type": "object",
            "nullable": True,
            "properties": {
                "usage": {
                    "type": "object",
                    "nullable": True,
                    "properties": {
                        "credits_used": {"type": "number", "example": 52000},
                        "usd_spent": {"type": "number"},
                    },
                    "required": ["credits_used", "usd_spent"],
                }
            },
        },
    },
    "required": ["created"],
}
STRINGS = {"type": "object", "properties": {"output": {"type": "array", "items": URI}}}
GIVEN = {"created": 5, "credits_used": 7, "usd_spent": 0.5, "model": "acme/draw", "prompt": "a tree", "size": "1x2"}
LINKS = ({"url": "https://a"}, {"url": "https://b"})


@pytest.mark.parametrize(
    ("documented", "pictures", "answer"),
    [
        (LINKED, LINKS, {"data": [{"url": "https://a"}, {"url": "https://b"}]}),
        (
            SPENT,
            LINKS[:1],
            {
                "data": [{"url": "https://a"}],
                "created": 5,
                "meta": {"usage": {"credits_used": 7, "usd_spent": 0.5}},
            },
        ),
        (
            FAL,
            LINKS[:1],
            {"images": [{"url": "https://a", "width": 0, "kind": "a"}], "timings": {}, "seed": None},
        ),
        (
            LEGACY,
            ({"b64_json": "AAAA"},),
            {
                "prompt": ["a tree"],
                "args": {"model": "acme/draw", "n": 0},
                "output": {"choices": [{"image_base64": "AAAA"}]},
            },
        ),
        (STRINGS, LINKS, {"output": ["https://a", "https://b"]}),
    ],
)
def test_an_answer_can_be_filled_and_keeps_to_its_schema(documented: Any, pictures: Any, answer: Any) -> None:
    schema = model(of(asking(), documented)).answer
    assert schema is not None
    rendered = render(schema, GIVEN, pictures)
    assert rendered == answer
    assert list(Dialect(schema).iter_errors(rendered)) == []


@pytest.mark.parametrize(
    ("fields", "told_back"),
    [
        ({}, True),
        ({"size": {"enum": ["512x512"]}}, True),
        ({"size": {"enum": ["auto", "512x512"]}}, False),
        ({"size": {"enum": ["512*512"]}}, False),
    ],
)
def test_a_size_is_told_back_only_where_it_is_written_alike(fields: dict[str, Any], told_back: bool) -> None:
    answer = {**LINKED, "properties": {**LINKED["properties"], "size": {"type": "string"}}}
    found = model(of(asking(**fields), answer)).answer
    assert found is not None
    assert ("x-value" in found["properties"]["size"]) is told_back


def test_the_price_is_that_of_the_documented_example() -> None:
    found = model(of(asking(), SPENT)).model
    assert (found["credits"], found["x-source"]["credits"]) == (52000, FILE)


def test_a_price_that_nobody_names_is_assumed() -> None:
    found = model(of(asking())).model
    assert (found["credits"], found["x-source"]["credits"]) == (63000, RULES)


def test_an_operation_that_is_deprecated_makes_a_deprecated_model() -> None:
    document = of(asking())
    document["paths"][GENERATIONS]["post"]["deprecated"] = True
    found = model(document).model
    assert (found["status"], found["x-source"]["status"]) == ("deprecated", FILE)


@pytest.mark.parametrize(
    ("schema", "held"),
    [
        ({"type": "integer", "minimum": 256, "maximum": 320, "multipleOf": 32}, {"enum": [256, 288, 320]}),
        ({"type": "number", "multipleOf": 1}, {"type": "integer"}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": ["string", "null"]}),
        ({"oneOf": [{"type": "string"}]}, {"type": "string"}),
        ({"enum": [1, 2]}, {"type": "integer"}),
        ({"const": "a"}, {"type": "string"}),
        ({"type": "string", "format": "url"}, {"format": "uri"}),
    ],
)
def test_what_another_keyword_says_as_well_is_held_by_that(schema: dict[str, Any], held: dict[str, Any]) -> None:
    reports = Reports()
    assert held.items() <= field_of(schema, reports).items()
    assert not reports.problems


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"type": "string", "pattern": "(a+)+$"}, "pattern"),
        ({"type": "number", "multipleOf": 0.1}, "multipleOf"),
        ({"not": {"type": "string"}}, "not"),
        ({"type": "array", "uniqueItems": True}, "uniqueItems"),
        ({"type": "string", "minLength": -1}, "minLength"),
        ({"type": "number", "maximum": "7"}, "maximum"),
        ({"enum": []}, "enum"),
        ({"type": "picture"}, "type"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "additionalProperties"),
    ],
)
def test_a_keyword_that_cannot_be_held_is_left_out_and_reported(schema: dict[str, Any], keyword: str) -> None:
    reports = Reports()
    assert keyword not in field_of(schema, reports)
    [problem] = reports.problems
    assert problem.pointer.endswith(f"/properties/field/{keyword}")


@pytest.mark.parametrize(
    ("schema", "left"),
    [
        ({"type": "integer", "minimum": 5, "maximum": 1}, {"minimum", "maximum"}),
        ({"type": "array", "minItems": 5, "maxItems": 1}, {"minItems", "maxItems"}),
    ],
)
def test_rules_that_contradict_each_other_are_left_out_and_reported(schema: dict[str, Any], left: set[str]) -> None:
    reports = Reports()
    assert not left & field_of(schema, reports).keys()
    assert len(reports.problems) == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "enum": [720, 1080], "default": "1080"},
        {"type": "string", "enum": ["a"], "default": "b"},
        {"type": "integer", "maximum": 3, "default": 4},
        {"type": "string", "default": None},
    ],
)
def test_a_default_that_the_field_refuses_is_left_out_with_a_note(schema: dict[str, Any]) -> None:
    reports = Reports()
    assert "default" not in field_of(schema, reports)
    assert (len(reports.problems), len(reports.notes)) == (0, 1)


@pytest.mark.parametrize("name", ["__proto__", "", "properties", "x-source", "a/b", "$defs"])
def test_a_field_may_have_any_name(name: str) -> None:
    assert request(**{name: {"type": "string", "minLength": 2}})["properties"][name]["minLength"] == 2


def test_a_field_of_the_one_name_that_cannot_be_held_is_reported() -> None:
    reports = Reports()
    assert field_of({"type": "object"}, reports, "$ref") == {}
    assert len(reports.problems) == 1


def test_a_type_that_no_value_is_of_gives_way_to_that_of_the_values() -> None:
    reports = Reports()
    assert field_of({"type": "string", "enum": [1, 2]}, reports)["type"] == "integer"
    assert len(reports.problems) == 1


def test_every_stated_rule_is_told_with_its_reason() -> None:
    text = told()
    assert all(name in text for name, _, _ in STATED)
    assert text.count("Why: ") == len(STATED)


def test_every_word_that_a_rule_looks_for_is_told() -> None:
    text = " ".join(told().split())
    wanted = (
        "n, num_images, number_of_images, num_outputs",
        "convert_base64_to_url",
        "portrait_4_3 768x1024",
        "sync_mode",
    )
    assert [word for word in wanted if word not in text] == []
