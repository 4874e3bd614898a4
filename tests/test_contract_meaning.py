"""What a request means by its own fields: size, number, form and container of the pictures, and its inputs."""

from __future__ import annotations

from typing import Any

import pytest
from pixelpact.contract.answers import render
from pixelpact.contract.breaches import find_breaches
from pixelpact.contract.choices import choice, chosen, counted
from pixelpact.contract.images import NotAnImage, read_image
from pixelpact.contract.inputs import fields, inputs_of, rules
from pixelpact.contract.keywords import Dialect
from pixelpact.contract.sizes import promised_sizes
from pixelpact.contract.sources import Source

SOURCES = {"x": Source("x", "assumed", "a test")}
IMAGE = {"forms": ["data-uri", "url"], "formats": ["png"]}
FILE = {"forms": ["file"], "formats": ["png"], "maxBytes": 4}


def request(**keywords: Any) -> dict[str, Any]:
    fields = {
        "n": {"type": "integer", "default": 2},
        "form": {"type": "boolean", "default": True},
        "tier": {"type": "string", "default": "2K"},
    }
    return {"type": "object", "properties": fields, **keywords}


def sizes(way: dict[str, Any], body: dict[str, Any], **given: tuple[int, int]) -> list[str]:
    found = promised_sizes(request(**{"x-output-size": [{**way, "source": "x"}]}), body, given, SOURCES)
    return [str(size) for size in found]


OBJECT = {"field": "image_size", "as": "object", "width": "w", "height": "h", "otherwise": {"width": 8, "height": 6}}
SIDES = {"field": "width", "as": "sides", "height": "height", "otherwise": "640x480"}
RATIO = {"field": "ratio", "as": "ratio", "area": 2**20}
SCALED = {**RATIO, "multiple": 8, "scale": {"field": "tier", "areas": {"1K": 2**20, "2K": 2**22}}}
NAMES = {"field": "resolution", "as": "names", "sizes": {"720": "1280x720", "2K": "2048x2048"}}


@pytest.mark.parametrize(
    ("way", "body", "size"),
    [
        (OBJECT, {"image_size": {"w": 100, "h": 50}}, ["100x50"]),
        (OBJECT, {"image_size": {"w": 100.0}}, ["100x6"]),
        (OBJECT, {"image_size": "square"}, []),
        (OBJECT, {}, []),
        (SIDES, {"width": 100, "height": 50}, ["100x50"]),
        (SIDES, {"height": 50}, ["640x50"]),
        (SIDES, {}, []),
        (RATIO, {"ratio": "1:1"}, ["1024x1024"]),
        (RATIO, {"ratio": "16:9"}, ["1360x768"]),
        (RATIO, {"ratio": "9:19.5"}, ["688x1504"]),
        (RATIO, {"ratio": "auto"}, []),
        (RATIO, {"ratio": "16:0"}, []),
        (RATIO, {"ratio": None}, []),
        (SCALED, {"ratio": "1:1"}, ["2048x2048"]),
        (SCALED, {"ratio": "1:1", "tier": "1K"}, ["1024x1024"]),
        (SCALED, {"ratio": "1:1", "tier": "9K"}, ["1024x1024"]),
        (NAMES, {"resolution": 720}, ["1280x720"]),
        (NAMES, {"resolution": "2K"}, ["2048x2048"]),
        (NAMES, {"resolution": "3K"}, []),
    ],
)
def test_a_request_decides_the_size_by_its_own_fields(way: dict[str, Any], body: Any, size: list[str]) -> None:
    assert sizes(way, body) == size


def test_a_picture_as_large_as_its_input_is_scaled_down_in_its_ratio() -> None:
    way = {"field": "image", "as": "input", "maxArea": 2**20, "multiple": 16}

    assert sizes(way, {}, image=(4000, 3000)) == ["1184x880"]
    assert sizes({"field": "image", "as": "input"}, {}, image=(301, 77)) == ["301x77"]
    assert sizes(way, {}) == []


def test_only_a_ratio_leaves_the_exact_size_open() -> None:
    schema = request(**{"x-output-size": [{**RATIO, "source": "x"}, {"as": "fixed", "size": "8x6", "source": "x"}]})

    assert promised_sizes(schema, {"ratio": "3:2"}, {}, SOURCES)[0].ratio_only
    assert not promised_sizes(schema, {}, {}, SOURCES)[0].ratio_only


def test_a_count_left_out_is_that_of_its_default() -> None:
    schema = request(**{"x-count": {"field": "n", "source": "x"}})

    by = choice(schema, "x-count")
    assert [counted(by, body) for body in ({}, {"n": 4}, {"n": 3.0}, {"n": 0}, {"n": None})] == [2, 4, 3, 1, 1]
    assert counted(choice(request(), "x-count"), {"n": 4}) == 1


def test_a_choice_is_by_value_and_true_is_not_one() -> None:
    schema = request(**{"x-form": {"field": "form", "cases": [[True, "url"], [False, "b64_json"]], "source": "x"}})

    asked = [chosen(schema, "x-form", body) for body in ({}, {"form": True}, {"form": False}, {"form": 1})]

    assert asked == ["url", "url", "b64_json", None]


PICTURES = {
    "type": "object",
    "x-edit": {"input": "image_urls"},
    "properties": {
        "mask": {"type": "string", "x-image": IMAGE},
        "image_urls": {"type": "array", "items": {"type": "string", "x-image": IMAGE}},
        "image_url": {
            "anyOf": [
                {"type": "string", "x-image": IMAGE},
                {"type": "array", "items": {"type": "string", "x-image": IMAGE}},
            ]
        },
        "deep": {"type": "object", "properties": {"at": {"type": ["string", "null"], "x-image": IMAGE}}},
        "file": {"type": "object", "x-image": FILE},
        "prompt": {"type": "string"},
    },
}


def test_every_picture_of_a_body_is_found_that_to_be_edited_first() -> None:
    body = {
        "prompt": "x",
        "file": {"buffer": {}},
        "deep": {"at": "c"},
        "image_url": ["d", "e"],
        "mask": "m",
        "image_urls": ["a", "b"],
    }

    found = [picture.pointer for picture in inputs_of(fields(PICTURES), body)]

    assert found == ["image_urls/0", "image_urls/1", "mask", "image_url/0", "image_url/1", "deep/at", "file"]
    lone = inputs_of(fields(PICTURES), {"image_url": "d", "deep": {"at": None}})
    assert [picture.pointer for picture in lone] == ["image_url"]
    assert list(rules(PICTURES)) == ["image_urls", "mask", "image_url", "deep", "file"]


def test_an_upload_is_read_from_its_bytes_and_its_limit_holds() -> None:
    assert read_image(FILE, {"buffer": {"type": "Buffer", "data": [1, 2, 255]}}).data == b"\x01\x02\xff"
    for listed in ([256], ["1"], [], [1, 2, 3, 4, 5], "data", None):
        with pytest.raises(NotAnImage):
            read_image(FILE, {"buffer": {"data": listed}})
    with pytest.raises(NotAnImage):
        read_image(FILE, {})
    with pytest.raises(NotAnImage, match="data-uri or url"):
        read_image(IMAGE, {"buffer": {"data": [1]}})


SIZE = {
    "anyOf": [
        {"type": "object", "properties": {"width": {"type": "integer", "minimum": 64}}, "required": ["width"]},
        {"type": "string", "enum": ["square", "wide"]},
    ]
}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"width": 64}, []),
        ("square", []),
        ({"width": 63}, ["size.width: expected at least 64 (minimum), received 63"]),
        ({}, ["size.width: expected a value (required), received nothing"]),
        ("sqare", ['size: expected "square" | "wide" (enum), received "sqare" (did you mean square?)']),
        (5, ["size: expected object or string (type), received 5"]),
        (True, ["size: expected object or string (type), received true"]),
    ],
)
def test_of_several_types_the_reasons_are_those_of_the_values_own(value: Any, said: list[str]) -> None:
    dialect = Dialect({"type": "object", "properties": {"size": SIZE}})

    assert [str(breach) for breach in find_breaches(dialect, {"size": value}, SOURCES)] == said


@pytest.mark.parametrize(
    ("text", "holds"), [("https://a.example/x", True), ("data:,x", True), ("x", False), ("a: b", False)]
)
def test_a_uri_is_absolute(text: str, holds: bool) -> None:
    assert bool(list(find_breaches(Dialect({"format": "uri"}), text, SOURCES))) is not holds


def test_an_answer_without_an_array_has_the_first_picture() -> None:
    single = {"properties": {"image": {"type": "object", "properties": {"url": {"x-value": "url"}}}}}

    assert render(single, {}, pictures=({"url": "1"}, {"url": "2"})) == {"image": {"url": "1"}}


def test_an_answer_has_an_element_for_each_picture() -> None:
    item = {"type": "object", "properties": {"url": {"x-value": "url"}, "b64_json": {"x-value": "b64_json"}}}
    answer = {"properties": {"data": {"items": item}, "tags": {"items": {"default": "a"}}, "n": {"x-value": "created"}}}

    made = render(answer, {"created": 5}, pictures=({"url": "1"}, {"b64_json": "2"}))

    assert made == {"data": [{"url": "1"}, {"b64_json": "2"}], "tags": ["a"], "n": 5}
