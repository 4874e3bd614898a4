"""Models, breaches and sizes: what a body is told, and what its picture is promised."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pixelpact.cases.evidence import Evidence, evidence
from pixelpact.contract.answers import render
from pixelpact.contract.breaches import InvalidRequest
from pixelpact.contract.contract import Contract, load_all
from pixelpact.contract.models import Model
from pixelpact.contract.parsing import parse
from pixelpact.contract.sizes import adaptive
from pixelpact.errors import InvalidJson

# Those that are a reading of their own; what is `of` one of them differs in the form of an answer alone.
CONTRACTS = {name: contract for name, contract in load_all().items() if not name.startswith("observed-")}
OBSERVED = CONTRACTS["observed"]
DREAM = OBSERVED.model("bytedance/seedream-3.0")
EDIT = OBSERVED.model("bytedance/seededit-3.0-i2i")
TABLE = EDIT.request["x-output-size"][0]["table"]


def body(model: Model = DREAM, **fields: Any) -> dict[str, Any]:
    image = {"image": "https://example.org/cat.png"} if model is EDIT else {}
    return {"model": model.id, "prompt": "a cat", **image, **fields}


def told(model: Model, body: Any) -> list[str]:
    return [str(breach) for breach in model.breaches(body)]


# The evidence


def part_holds(contract: Contract, exchange: Evidence, part: str) -> bool:
    if part == "error":
        return not list(contract.error_breaches(exchange.answer))
    if part == "answer":
        return not list(next(iter(contract.models.values())).answer_breaches(exchange.answer))
    try:
        contract.check_model(exchange.request).check(exchange.request)
    except InvalidRequest:
        return False
    return True


@pytest.mark.parametrize("profile", CONTRACTS)
@pytest.mark.parametrize(
    ("exchange", "part"),
    [pytest.param(exchange, part, id=f"{exchange.name}-{part}") for exchange in evidence() for part in exchange.meets],
)
def test_each_piece_of_evidence_meets_exactly_the_profiles_it_says(profile: str, exchange: Evidence, part: str) -> None:
    assert part_holds(CONTRACTS[profile], exchange, part) == (profile in exchange.meets[part])


def test_the_success_status_changed_in_november_2025() -> None:
    statuses = {name: {model.success for model in contract.chosen()} for name, contract in CONTRACTS.items()}

    assert statuses == {"observed": {200}, "2025-07": {201}, "2025-08": {201}, "2025-11": {200}, "2026-01": {200}}


# Bodies


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"guidance_scale": 11}, "guidance_scale: expected at most 10 (maximum), received 11"),
        ({"seed": 1.5}, "seed: expected integer (type), received 1.5"),
        ({"seed": True}, "seed: expected integer (type), received true"),
        ({"seed": 2147483648}, "seed: expected at most 2147483647 (maximum), received 2147483648"),
        ({"watermark": "true"}, 'watermark: expected boolean (type), received "true"'),
        ({"prompt": None}, "prompt: expected string (type), received null"),
        (
            {"response_format": "b64"},
            'response_format: expected "url" | "b64_json" (enum), received "b64" (did you mean b64_json?)',
        ),
        (
            {"size": "511x512"},
            'size: expected an area between 262,144 and 4,194,304 pixels, not 261,632 (x-size), received "511x512"',
        ),
        (
            {"size": "1024X1024"},
            'size: expected a size as WxH in pixels, such as 1024x1024 (x-size), received "1024X1024"',
        ),
    ],
)
def test_a_breach_names_field_rule_and_value(fields: dict[str, Any], message: str) -> None:
    assert told(DREAM, body(**fields)) == [message]


@pytest.mark.parametrize("size", ["512x512", "1888x301", "555x543", "2048x2048", "64x4096", "65500x5"])
def test_a_size_within_the_area_is_accepted_whatever_its_sides(size: str) -> None:
    assert told(DREAM, body(size=size)) == []


@pytest.mark.parametrize(
    "size",
    [
        "511x512",
        "2049x2048",
        "01024x1024",
        "+512x512",
        "512x512 ",
        "512\u00d7512",
        "512*512",
        "x",
        "",
        "\u0665\u0661\u0662x512",
    ],
)
def test_a_size_outside_the_area_or_of_another_form_is_refused(size: str) -> None:
    assert [breach.rule for breach in DREAM.breaches(body(size=size))] == ["x-size"]


def test_an_integral_float_is_an_integer() -> None:
    assert told(DREAM, body(seed=5.0)) == []


def test_a_missing_field_is_found_under_the_name_that_was_sent() -> None:
    (message,) = told(EDIT, {"model": EDIT.id, "prompt": "x", "image_url": "https://example.org/cat.png"})

    assert message == "image: expected a value (required), received nothing (did you mean that by `image_url`?)"


def test_unknown_fields_pass_and_are_noted_unless_strict() -> None:
    sent = body(n=1, guidance=5)

    assert DREAM.check(sent).unknown == ("n", "guidance")
    with pytest.raises(
        InvalidRequest, match=r"no such field \(unknown field\), received 5 \(did you mean `guidance_sca"
    ):
        DREAM.check(sent, strict=True)


def test_defaults_are_filled_in_beside_the_body_as_sent() -> None:
    request = DREAM.check(body(seed=7))

    assert dict(request.body) == body(seed=7)
    assert request.complete == body(
        seed=7, response_format="url", size="1024x1024", guidance_scale=2.5, watermark=False
    )


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ([], "body: expected object (type), received []"),
        ({}, "model: expected "),
        ({"model": 5}, "(type), received 5"),
        ({"model": "bytedance/seedream3"}, "(did you mean bytedance/seedream-3.0?)"),
        ({"model": "Bytedance/Seedream-3.0"}, "(did you mean bytedance/seedream-3.0?)"),
    ],
)
def test_a_body_without_a_known_model_is_told_of_the_model_alone(sent: Any, message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        OBSERVED.check_model(sent)

    assert message in str(caught.value)
    assert len(caught.value.breaches) == 1


def test_a_breach_carries_pointer_and_sources() -> None:
    (breach,) = DREAM.breaches(body(prompt=""))

    assert (breach.pointer, breach.rule, breach.assumed) == ("/prompt", "minLength", True)


def test_no_breach_quotes_a_picture() -> None:
    (message,) = told(EDIT, body(EDIT, image="data:image/bmp;base64," + "A" * 4_000_000))

    assert len(message) < 300


# Pictures in requests

DOT = base64.b64encode(b"\x89PNG, or so").decode()


@pytest.mark.parametrize(
    "image",
    [
        DOT,
        f"data:image/png;base64,{DOT}",
        f"data:image/jpg;base64,{DOT}",
        "https://example.org/a.png?x=1",
        "http://h:1/",
    ],
)
def test_a_picture_comes_as_data_uri_base64_or_url(image: str) -> None:
    assert told(EDIT, body(EDIT, image=image)) == []


@pytest.mark.parametrize(
    "image",
    [
        f"data:image/PNG;base64,{DOT}",
        f"DATA:image/png;base64,{DOT}",
        f"data:image/gif;base64,{DOT}",
        f"data:image/png,{DOT}",
        "data:image/png;base64,",
        "data:image/png;base64,not base64",
        "not base64!",
        "",
        "ftp://example.org/a.png",
        "file:///etc/passwd",
        "https://",
        "https://example.org/a b.png",
        "https://[::1",
        "A" * 14_000_000,
    ],
    ids=lambda image: image[:24],
)
def test_a_string_that_is_no_picture_is_refused(image: str) -> None:
    assert [breach.rule for breach in EDIT.breaches(body(EDIT, image=image))] == ["x-image"]


# Sizes


@pytest.mark.parametrize(
    ("sent", "size"),
    [
        ({}, "1024x1024"),
        ({"size": "1888x301"}, "1888x301"),
        ({"aspect_ratio": "16:9"}, "1280x720"),
        ({"aspect_ratio": "16:9", "size": "555x543"}, "555x543"),
        ({"aspect_ratio": "5:1"}, "1024x1024"),
    ],
)
def test_a_drawn_picture_has_the_size_asked_for(sent: dict[str, Any], size: str) -> None:
    assert [str(promised) for promised in DREAM.promised_sizes(body(**sent), {})] == [size]


@pytest.mark.parametrize(
    ("size", "label", "exact"),
    [
        ((1024, 768), (1152, 864), (1152, 864)),
        ((15, 15), (1024, 1024), (1024, 1024)),
        ((1, 100), (512, 1536), (512, 1536)),
        ((100, 1), (1536, 512), (1536, 512)),
        # 1.80 lies between the labels 1.82 and 1.78, equally far: the table has 1.82 first.
        ((180, 100), (1280, 704), (1312, 736)),
    ],
)
def test_the_adaptive_size_is_the_first_closest_row(
    size: tuple[int, int], label: tuple[int, int], exact: tuple[int, int]
) -> None:
    assert adaptive(TABLE, size, "label") == label
    assert adaptive(TABLE, size, "exact") == exact


@given(st.integers(15, 6000), st.integers(15, 6000))
def test_no_row_of_the_table_is_closer_than_the_one_chosen(width: int, height: int) -> None:
    chosen = adaptive(TABLE, (width, height), "exact")

    distance = abs(chosen[0] / chosen[1] - width / height)
    assert all(distance <= abs(row[1] / row[2] - width / height) for row in TABLE)


def test_both_readings_of_the_table_are_allowed_where_they_differ() -> None:
    sizes = EDIT.promised_sizes(body(EDIT), {"image": (180, 100)})

    assert [str(size) for size in sizes] == ["1280x704", "1312x736"]


# An oracle of its own: the rules of the docs in plain Python, against the schema.


def allowed(sent: dict[str, Any]) -> bool:
    size, seed, scale = sent["size"], sent["seed"], sent["guidance_scale"]
    width, _, height = size.partition("x")
    area = int(width) * int(height)
    return (
        262_144 <= area <= 4_194_304
        and not isinstance(seed, bool)
        and -1 <= seed <= 2**31 - 1
        and float(seed).is_integer()
        and not isinstance(scale, bool)
        and 1 <= scale <= 10
        and isinstance(sent["watermark"], bool)
    )


@given(
    st.builds("{}x{}".format, st.integers(1, 5000), st.integers(1, 5000)),
    st.one_of(st.integers(-3, 3), st.integers(2**31 - 2, 2**31 + 1), st.sampled_from([1.0, 1.5, True])),
    st.one_of(st.floats(0, 11), st.integers(0, 11), st.just(True)),
    st.one_of(st.booleans(), st.integers(0, 1)),
)
@example("512x512", 0, 10.0000001, True)
def test_the_schema_agrees_with_the_rules_in_plain_python(
    size: str, seed: float, scale: float, watermark: object
) -> None:
    sent = body(size=size, seed=seed, guidance_scale=scale, watermark=watermark)

    assert (told(DREAM, sent) == []) == allowed(sent)


# JSON


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b'{"a": 1, "a": 2}', "the key 'a' is given twice"),
        (b'{"a": 1,}', "line 1"),
        (b'"\xff"', "not UTF-8: byte 1 is 0xff"),
        (b"[" * 100_000, "nested too deeply"),
        (b"9" * 5000, "not JSON"),
    ],
)
def test_what_is_not_json_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidJson, match=reason):
        parse(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_whatever_json_writes_is_read_back(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_back_exactly(value: float) -> None:
    assert math.copysign(1, parse(json.dumps(value).encode())) == math.copysign(1, value)


# Answers


@pytest.mark.parametrize("profile", CONTRACTS)
@pytest.mark.parametrize("form", ["url", "b64_json"])
def test_an_answer_rendered_for_a_profile_keeps_to_it_and_is_read_back(profile: str, form: str) -> None:
    model = CONTRACTS[profile].model(DREAM.id)
    form = form if form in model.forms else model.forms[0]
    values = {"created": 1, form: "x", "credits_used": 4, "prompt": "p", "model": model.id, "size": "1x1"}

    answer = render(model.answer, values)

    assert list(model.answer_breaches(answer)) == []
    assert [value for _, value in model.values(answer, form)] == ["x"]


@pytest.mark.parametrize(
    "item", [{}, {"url": None}, {"url": "a", "b64_json": "b"}, {"url": None, "b64_json": None}, {"url": 5}]
)
def test_a_picture_without_exactly_one_form_breaks_the_answer(item: dict[str, Any]) -> None:
    assert list(DREAM.answer_breaches({"created": 1, "data": [item]}))


@pytest.mark.parametrize("item", [{"url": "a"}, {"url": "a", "b64_json": None}, {"b64_json": "b", "url": None}])
def test_a_null_form_beside_the_other_is_allowed(item: dict[str, Any]) -> None:
    assert list(DREAM.answer_breaches({"created": 1, "data": [item]})) == []
