"""What the contract does once, and how little it does for a request: nothing twice, and nothing without bound."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from typing import Any

import pybase64
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixelpact.contract import images
from pixelpact.contract.answers import render
from pixelpact.contract.breaches import READ, InvalidRequest, closest, shown
from pixelpact.contract.contract import load, load_all
from pixelpact.contract.explaining import MOST_ERRORS
from pixelpact.contract.images import read_image
from pixelpact.contract.inputs import is_reached
from pixelpact.contract.keywords import Dialect
from pixelpact.contract.models import MOST_UNKNOWN, Model
from pixelpact.contract.parsing import parse
from pixelpact.contract.rules import is_spaced, is_uri
from pixelpact.errors import InvalidJson

MODELS = {(name, key): model for name, each in load_all().items() for key, model in each.models.items()}
OBSERVED = load()
DREAM = OBSERVED.model("bytedance/seedream-3.0")
EDIT = OBSERVED.model("bytedance/seededit-3.0-i2i")
BODY = {"model": DREAM.id, "prompt": "a cat"}
MEGABYTES = f"data:image/png;base64,{base64.b64encode(bytes(3 << 20)).decode()}"
# Of a second, of this process's own: without care, the largest of these take ten times as long.
SOON = 0.4


def refused(model: Model, body: Any, *, strict: bool = False) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        model.check(body, strict=strict)
    return caught.value


# Once


@pytest.mark.parametrize("place", MODELS, ids="-".join)
def test_every_packaged_model_is_judged_by_the_fast_validator(place: tuple[str, str]) -> None:
    model = MODELS[place]
    values = {"created": 1, "credits_used": 4, "usd_spent": 0.5, "prompt": "p", "model": model.id, "size": "1x1"}
    answer = model.answered(values, [{model.forms[0]: "https://h/x"}])

    assert is_reached(model.request)
    assert Dialect(model.answer).accepts(answer)
    assert answer == render(model.answer, values, [{model.forms[0]: "https://h/x"}])


def test_a_picture_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []
    plain = pybase64.b64decode

    def decode(text: str, *, validate: bool) -> bytes:
        decoded.append(text)
        return plain(text, validate=validate)

    monkeypatch.setattr(pybase64, "b64decode", decode)

    request = EDIT.check({"model": EDIT.id, "prompt": "x", "image": "data:image/png;base64,QUJD"})

    assert request.images["image"].data == b"ABC"
    assert decoded == ["QUJD"]


def test_what_is_valid_needs_no_jsonschema() -> None:
    script = f"""
import sys
from pixelpact.contract.contract import load
contract = load()
model = contract.check_model({BODY})
model.check({BODY})
values = {{"created": 1, "credits_used": 4, "usd_spent": 0.5}}
assert not any(model.answer_breaches(model.answered(values, [{{"url": "https://h/x"}}])))
print("jsonschema" in sys.modules, any(model.breaches({{}})), "jsonschema" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.split() == ["False", "True", "True"]


# The last word


IMAGE = {"type": "string", "x-image": {"forms": ["url"], "formats": ["png"]}}
INLINE = {"type": "string", "x-image": {"forms": ["data-uri"], "formats": ["png"]}}


@pytest.mark.parametrize(
    ("field", "reached"),
    [
        (IMAGE, True),
        ({"type": "array", "items": IMAGE}, True),
        ({"anyOf": [IMAGE, {"type": "array", "items": IMAGE}]}, True),
        ({"anyOf": [IMAGE, INLINE]}, False),
        ({"anyOf": [IMAGE, {"minLength": 3}]}, False),
        ({"anyOf": [{"type": "integer"}, {"type": ["number", "string"], "x-image": {}}]}, False),
        ({"oneOf": [IMAGE]}, False),
        ({"type": "object", "additionalProperties": IMAGE}, False),
        ({**IMAGE, "properties": {"a": IMAGE}}, False),
    ],
)
def test_a_picture_in_an_odd_place_is_left_to_jsonschema(field: dict[str, Any], reached: bool) -> None:
    assert is_reached({"properties": {"picture": field}}) is reached


def test_a_form_of_an_odd_place_is_refused_rather_than_misread() -> None:
    rule = {"forms": ["data-uri"], "formats": ["png"]}

    with pytest.raises(images.NotAnImage):
        read_image(rule, "https://h/x")


# Without bound


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (DREAM, {"seed": MEGABYTES}),
        (DREAM, {"size": MEGABYTES}),
        (DREAM, {"size": [MEGABYTES]}),
        (DREAM, {"size": {MEGABYTES: 1}}),
        (DREAM, {"size": [1] * 1_000_000}),
        (DREAM, {"response_format": MEGABYTES}),
        (DREAM, {"model": MEGABYTES}),
        (EDIT, {"image": MEGABYTES, "seed": True}),
        (EDIT, {"image": f"{MEGABYTES}!"}),
        (EDIT, {"image": f"https://h/{MEGABYTES} "}),
        (EDIT, {"image": f"{MEGABYTES[:22]}{' ' * 1_000_000}"}),
        (EDIT, {"image_urll": 1, **{f"imag{index}": 1 for index in range(100_000)}}),
        (DREAM, {"seed": True, **{f"f{index}": 1 for index in range(100_000)}}),
    ],
    ids=range(13),
)
@pytest.mark.parametrize("strict", [False, True])
def test_a_large_body_is_refused_at_once_and_in_few_words(model: Model, fields: dict[str, Any], strict: bool) -> None:
    body = {**BODY, "model": model.id, **fields}
    if model is EDIT and "image" not in fields:
        body.pop("prompt")
    began = time.process_time()

    try:
        error = refused(OBSERVED.check_model(body), body, strict=strict)
    except InvalidRequest as unknown:
        error = unknown

    assert len(error.breaches) <= MOST_ERRORS + MOST_UNKNOWN
    assert len(str(error)) < 50_000
    assert time.process_time() - began < SOON


def test_of_a_million_wrong_items_a_hundred_are_told() -> None:
    dialect = Dialect({"properties": {"a": {"type": "array", "items": {"type": "string"}}}})
    began = time.process_time()

    told = list(dialect.iter_errors({"a": [1] * 1_000_000}))

    assert len(told) == MOST_ERRORS
    assert time.process_time() - began < SOON


def test_the_one_wrong_item_of_a_hundred_thousand_is_found() -> None:
    dialect = Dialect({"properties": {"a": {"type": "array", "items": {"type": "string"}}}})

    assert [list(error.path) for error in dialect.iter_errors({"a": ["x"] * 100_000 + [1]})] == [["a", 100_000]]


def test_a_value_nested_as_deep_as_json_may_be_is_refused_like_any_other() -> None:
    deep = parse(b'{"a":' * 300 + b"[" * 100 + b"]" * 100 + b"}" * 300)

    assert [breach.rule for breach in refused(DREAM, {**BODY, "size": deep}).breaches] == ["type"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="ascii", exclude_characters=":\x7f")),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab"), inner, max_size=4),
        max_leaves=8,
    )
)
def test_a_short_value_is_shown_as_the_json_that_it_is(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)

    assert shown(value) == (text if len(text) <= 80 else shown(value))
    assert text[:80] in shown(value) or isinstance(value, str)


def test_a_secret_beyond_what_is_read_of_a_value_is_not_shown() -> None:
    assert "secret" not in shown(["x" * (READ - 20), "https://user:secret@h/"])


def test_the_one_key_of_a_hundred_thousand_that_is_given_twice_is_found_at_once() -> None:
    keys = ",".join(f'"{index}":1' for index in range(100_000))
    body, spent = f'{{{keys},"99999":1}}'.encode(), []
    # The least of three: what this process has to clear away meanwhile is not meant.
    for _ in range(3):
        began = time.process_time()
        with pytest.raises(InvalidJson, match="the key '99999' is given twice"):
            parse(body)
        spent.append(time.process_time() - began)

    assert min(spent) < SOON


def test_a_word_of_megabytes_means_none() -> None:
    assert closest(MEGABYTES, ["model"]) is None
    assert closest("modle", ["model", MEGABYTES]) == "model"


@pytest.mark.parametrize(
    "text", ["https://h/a\u00a0b", f"https://h/{'a' * 9_000}\x1f", f"https://h/{'é' * 9_000}\u2003"]
)
def test_white_space_is_found_wherever_it_is(text: str) -> None:
    assert is_spaced(text)
    assert not is_uri(text)
    assert is_uri("".join(text.split()))
