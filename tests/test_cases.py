"""Cases: what must be accepted breaks no rule, what must be refused breaks one, and Hypothesis keeps to the schema."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from pixelpact.cases.boundary import boundary
from pixelpact.cases.broken import broken
from pixelpact.cases.case import Case, Change
from pixelpact.cases.documented import documented
from pixelpact.cases.malformed import malformed
from pixelpact.cases.pictures import data_uri, in_base64
from pixelpact.cases.plain import base_body
from pixelpact.cases.schemas import SILENT, UnknownKeyword
from pixelpact.cases.strategies import bodies, values, wild_bodies
from pixelpact.checks.validity import breaches, is_malformed
from pixelpact.contract.breaches import InvalidRequest
from pixelpact.contract.contract import load, load_all
from pixelpact.contract.images import formats, ratio, read_image
from pixelpact.contract.models import Model
from pixelpact.contract.parsing import parse
from pixelpact.contract.rules import size_errors
from pixelpact.contract.sources import Source
from pixelpact.errors import InvalidJson, PictureRefused
from pixelpact.pixels.decode import open_input
from pixelpact.pixels.samples import sample, truncated
from pixelpact.pixels.values import Limits, Size

MODELS = [model for contract in load_all().values() for model in contract.chosen()]
EVERY_MODEL = pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.profile}-{model.name}")
OBSERVED = load()
DREAM, EDIT = (OBSERVED.model(f"bytedance/{name}") for name in ("seedream-3.0", "seededit-3.0-i2i"))
KINDS: dict[str, Callable[[Model], Iterator[Case]]] = {
    "boundary": boundary,
    "broken": broken,
    "malformed": malformed,
    "documented": documented,
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
unshrunk = settings(max_examples=1000, phases=[Phase.generate], database=None)
quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def wrongs(model: Model, body: Any) -> list[str]:
    """Field and rule of whatever is wrong with a body; of its pictures, what the decoder says."""
    told = [f"{breach.field} {breach.rule}" for breach in model.breaches(body)]
    return told or [
        f"{field} {rule}" for field in model.images if (rule := refused_for(str(body[field]), json_of(model, field)))
    ]


def json_of(model: Model, field: str) -> str:
    return json.dumps(model.images[field])


@cache
def refused_for(image: str, rule: str) -> str | None:
    limits = json.loads(rule)
    data = read_image(limits, image).data
    try:
        if data is not None:
            open_input(data, limits_of(limits))
    except PictureRefused as refused:
        return refused.rule
    return None


def limits_of(rule: dict[str, Any]) -> Limits:
    least, most = (float(ratio(rule[key])) for key in ("minRatio", "maxRatio"))
    return Limits(formats(rule), rule["maxBytes"], rule["maxPixels"], rule["minSide"], min_ratio=least, max_ratio=most)


def fields_of(told: list[str]) -> list[str]:
    return [wrong.partition(" ")[0] for wrong in told]


def planted(model: Model, field: str, **rules: Any) -> Model:
    """The model with a field of these rules."""
    properties = {**model.request["properties"], field: rules}
    return replace(model, request={**model.request, "properties": properties})


# Boundary and broken


@EVERY_MODEL
def test_no_boundary_case_breaks_a_rule(model: Model) -> None:
    found = {case.name: wrongs(model, case.body) for case in boundary(model)}

    assert {name: told for name, told in found.items() if told} == {}


@EVERY_MODEL
def test_each_broken_case_breaks_one_rule_of_its_field(model: Model) -> None:
    found = {case.name: wrongs(model, case.body) for case in broken(model)}

    assert {name: told for name, told in found.items() if [name.partition("-")[0]] != fields_of(told)} == {}


@EVERY_MODEL
def test_every_rule_is_broken_by_some_case(model: Model) -> None:
    fields = model.request["properties"]
    rules = {f"{field} {rule}" for field, schema in fields.items() for rule in schema.keys() - SILENT}

    found = {wrong for case in broken(model) for wrong in wrongs(model, case.body)}

    assert found >= rules | {f"{field} required" for field in model.request["required"]}


def test_every_limit_of_a_picture_is_broken_by_some_case() -> None:
    found = {wrong for case in broken(EDIT) for wrong in wrongs(EDIT, case.body) if wrong.startswith("image ")}

    decoders = {"format", "max_pixels", "min_side", "min_ratio", "max_ratio", "decodable"}
    assert found == {f"image {rule}" for rule in {"required", "type", "x-image"} | decoders}


@pytest.mark.parametrize(
    ("model", "field", "bounds"),
    [
        (DREAM, "size", {"512x512", "2048x2048", "128x2048", "8192x512"}),
        (DREAM, "seed", {-1, 0, 2**31 - 1}),
        (DREAM, "guidance_scale", {1, 10}),
        (DREAM, "prompt", {"é"}),
        (DREAM, "response_format", {"url", "b64_json"}),
        (DREAM, "watermark", {True, False}),
        (EDIT, "image", {data_uri(15, 45), data_uri(45, 15), data_uri(6000, 6000)}),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_bounds_of_a_field_are_among_the_boundary_cases(model: Model, field: str, bounds: set[Any]) -> None:
    tried = [case.body[field] for case in boundary(model) if case.name.startswith(f"{field}-")]

    assert bounds <= set(tried)


@EVERY_MODEL
def test_each_case_is_one_field_away_from_the_smallest(model: Model) -> None:
    base = base_body(model)

    changed = [
        {name for name in base.keys() | case.body.keys() if base.get(name) != case.body.get(name)}
        for case in [*boundary(model), *broken(model)]
    ]

    assert max(map(len, changed)) == 1


@EVERY_MODEL
def test_a_broken_case_is_one_change_away_from_any_body(model: Model) -> None:
    base = {**base_body(model), "seed": 7, "watermark": True, "extra": "field"}

    changed = [
        {name for name in base.keys() | body.keys() if base.get(name) != body.get(name)} - {case.change.field}
        for case in broken(model)
        if case.change is not None
        for body in [case.on(base).body]
    ]

    assert set(map(frozenset, changed)) == {frozenset()}
    assert len(changed) == len(list(broken(model)))


def test_a_case_that_is_no_change_stays_as_it_is() -> None:
    case = Case("a", "m", {"prompt": "x"})

    assert case.on({"prompt": "y"}) is case


@pytest.mark.parametrize(
    ("change", "body"),
    [
        (Change("a", "type", None), {"a": None, "b": 2}),
        (Change("a", "required", out=True), {"b": 2}),
        (Change("c", "required", out=True), {"a": 1, "b": 2}),
        (Change("c", "type", 3), {"a": 1, "b": 2, "c": 3}),
    ],
)
def test_a_change_sets_or_takes_out_one_field(change: Change, body: dict[str, Any]) -> None:
    base = {"a": 1, "b": 2}

    assert (change.applied(base), base) == (body, {"a": 1, "b": 2})


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("seed-minimum", (400, 422)),
        ("model-enum-unknown", (400, 404, 422)),
        ("model-missing", (400, 404, 422)),
        ("image-bytes", (400, 413, 422)),
        ("image-pixels", (400, 422)),
    ],
)
def test_a_broken_case_may_be_refused_with_these(name: str, refused: tuple[int, ...]) -> None:
    (case,) = [case for case in broken(EDIT) if case.name == name]

    assert case.refused == refused


NEARLY: dict[str, list[Any]] = {
    "size": ["511x512", "1024X1024", "1024 x 1024", " 1024x1024", "1024x1024\n", "2049x2048"],
    "seed": [2**31, "5", "true", 1.5, True],
    "guidance_scale": [0.99, 10.01, "5", True],
    "model": ["BYTEDANCE/SEEDREAM-3.0", "seedream-3.0", "bytedance/seedream-3.0 "],
    "watermark": ["true", 1, None],
    "response_format": ["URL", "ur", "url "],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in NEARLY.items() for value in values])
def test_what_is_nearly_right_is_among_the_broken_cases(field: str, value: Any) -> None:
    tried = [case.change.value for case in broken(DREAM) if case.change is not None and case.change.field == field]

    assert repr(value) in map(repr, tried)


# A judge of its own


@EVERY_MODEL
def test_each_broken_case_is_found_to_break_its_own_field_alone(model: Model) -> None:
    found = {case.name: {breach.field for breach in breaches(model, case.payload)} for case in broken(model)}

    assert {name: fields for name, fields in found.items() if fields != {name.partition("-")[0]}} == {}


@EVERY_MODEL
def test_no_boundary_case_is_found_to_break_anything(model: Model) -> None:
    found = {case.name: list(breaches(model, case.payload)) for case in boundary(model)}

    assert {name: told for name, told in found.items() if told} == {}


@EVERY_MODEL
def test_each_malformed_case_is_found_to_be_none(model: Model) -> None:
    assert [case.name for case in malformed(model) if not is_malformed(case.payload, case.content_type)] == []


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON ; charset=utf-8", "application/problem+json"])
def test_a_good_body_that_is_called_json_is_not_malformed(kind: str) -> None:
    assert not is_malformed(Case("a", "m", base_body(DREAM)).payload, kind)


@pytest.mark.parametrize("kind", ["", "text/plain", "application/jsonp", "text/html+json-like"])
def test_a_good_body_that_is_called_something_else_is_malformed(kind: str) -> None:
    assert is_malformed(Case("a", "m", base_body(DREAM)).payload, kind)


@pytest.mark.parametrize(
    ("image", "allowed", "came"),
    [
        (data_uri(14, 15), "sides of at least 15 pixels", "14x15"),
        (data_uri(15, 46), "a ratio of at least 1:3", "15x46"),
        (data_uri(46, 15), "a ratio of at most 3:1", "46x15"),
        (data_uri(6001, 6000), "at most 36,000,000 pixels", "6001x6000"),
        ("data:image/png;base64," + in_base64(b"no picture"), "a picture as jpeg or png", "unknown"),
        (in_base64(sample(Size(64, 48), "bmp")), "a picture as jpeg or png", "bmp"),
        ("data:image/png;base64," + in_base64(truncated(Size(64, 48))), "a picture that can be decoded", ""),
    ],
    ids=["side", "tall", "wide", "pixels", "no-picture", "bmp", "truncated"],
)
def test_a_picture_is_opened_and_measured(image: str, allowed: str, came: str) -> None:
    payload = Case("a", EDIT.id, {**base_body(EDIT), "image": image}).payload

    (found,) = breaches(EDIT, payload)

    assert (found.field, found.rule, allowed in found.allowed, came in found.received) == (
        "image",
        "x-image",
        True,
        True,
    )
    assert found.sources


def test_a_picture_behind_a_url_is_not_measured() -> None:
    payload = Case("a", EDIT.id, {**base_body(EDIT), "image": "https://pictures.example/1.png"}).payload

    assert list(breaches(EDIT, payload)) == []


@pytest.mark.parametrize(
    ("sides", "came"), [((100, 100), []), ((99, 100), ["99x100"]), ((100, 101), ["100x101"])], ids=str
)
def test_any_rule_of_the_sides_is_measured(sides: tuple[int, int], came: list[str]) -> None:
    rule = {"forms": ["data-uri"], "formats": ["png"], "minSide": 100, "maxSide": 100}
    model = planted(EDIT, "image", **{"type": "string", "x-image": rule})
    payload = Case("a", EDIT.id, {**base_body(EDIT), "image": data_uri(*sides)}).payload

    assert [breach.received for breach in breaches(model, payload)] == came


# What all cases have


@EVERY_KIND
@EVERY_MODEL
def test_names_are_unique(model: Model, kind: str) -> None:
    names = Counter(case.name for case in KINDS[kind](model))

    assert [name for name, times in names.items() if times > 1] == []


@EVERY_KIND
@EVERY_MODEL
def test_every_case_has_a_source(model: Model, kind: str) -> None:
    assert [case.name for case in KINDS[kind](model) if not case.sources] == []


@EVERY_KIND
@EVERY_MODEL
def test_only_boundary_and_documented_cases_may_be_accepted(model: Model, kind: str) -> None:
    accepted = [case.name for case in KINDS[kind](model) if not case.refused]

    assert bool(accepted) == (kind in ("boundary", "documented"))


SHOW = """
from hashlib import sha256
from pixelpact.contract.contract import load
from pixelpact.cases import boundary, broken, documented, malformed
for model in load().chosen():
    for kind in (boundary.boundary, broken.broken, documented.documented, malformed.malformed):
        for case in kind(model):
            print(model.id, case.name, sha256(case.payload).hexdigest())
"""


def test_cases_are_the_same_in_every_process() -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", SHOW], env={**os.environ, "PYTHONHASHSEED": seed}, stdout=-1, text=True)
        for seed in ("1", "2")
    ]

    one, other = (process.communicate(timeout=60)[0] for process in running)

    assert one == other
    assert one.count("\n") > 200


def test_a_payload_is_the_body_as_json_or_the_raw_bytes() -> None:
    assert json.loads(Case("a", "m", {"prompt": "é"}).payload) == {"prompt": "é"}
    assert Case("a", "m", {"prompt": "é"}, raw=b"\xff").payload == b"\xff"
    assert Case("a", "m", {"prompt": "é"}, raw=b"").payload == b""


@pytest.mark.parametrize(
    ("standings", "assumed"), [([], False), (["assumed"], True), (["assumed", "documented"], False)]
)
def test_a_case_is_assumed_if_all_its_sources_are(standings: list[Any], assumed: bool) -> None:
    sources = tuple(Source("name", standing, "place") for standing in standings)

    assert Case("a", "m", {}, sources=sources).assumed == assumed


# Models that are still to come

RULES: dict[str, dict[str, int]] = {
    "seedream-4": {"minArea": 1280 * 720, "maxArea": 4096 * 4096},
    "sides": {"minSide": 1024, "maxSide": 2048},
    "sides-and-area": {"minSide": 100, "maxSide": 1440, "minArea": 100_003, "maxArea": 1_999_993},
    "none": {},
}
EVERY_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


@EVERY_RULE
@quick
@given(st.data())
def test_a_drawn_size_keeps_to_any_rule(rule: dict[str, int], data: st.DataObject) -> None:
    size = data.draw(values({"type": "string", "x-size": rule}))

    assert list(size_errors(rule, size)) == []


@EVERY_RULE
def test_the_cases_of_any_size_rule_are_on_their_side_of_it(rule: dict[str, int]) -> None:
    model = planted(DREAM, "size", **{"type": "string", "x-size": rule, "examples": ["1280x1280", "1x1"]})

    accepted = [case.name for case in boundary(model) if wrongs(model, case.body)]
    refused = [case.name for case in broken(model) if len(wrongs(model, case.body)) != 1]

    assert (accepted, refused) == ([], [])


LARGE = {
    "forms": ["data-uri", "base64"],
    "formats": ["jpeg", "png"],
    "maxBytes": 20_000_000,
    "maxPixels": 1_000_003,
    "minSide": 241,
    "minRatio": "1:2",
    "maxRatio": "2:1",
}


def test_the_cases_of_another_image_rule_are_on_their_side_of_it() -> None:
    model = planted(EDIT, "image", **{"type": "string", "x-image": LARGE})

    accepted = [case.name for case in boundary(model) if wrongs(model, case.body)]
    refused = [case.name for case in broken(model) if len(wrongs(model, case.body)) != 1]

    assert (accepted, refused) == ([], [])


@quick
@given(values({"type": "string", "x-image": LARGE}))
def test_a_drawn_picture_keeps_to_any_rule(image: str) -> None:
    assert refused_for(image, json.dumps(LARGE)) is None


OTHER_RULES: list[dict[str, Any]] = [
    {"type": "number", "minimum": 0.5, "maximum": 9.5},
    {"type": "number", "minimum": 0.1, "maximum": 0.9},
    {"type": "integer", "minimum": 2, "maximum": 5},
    {"type": ["integer", "null"], "minimum": -5, "maximum": -2},
    {"type": "string", "minLength": 2, "maxLength": 5},
    {"type": "string", "minLength": 100, "maxLength": 200},
]
EVERY_OTHER_RULE = pytest.mark.parametrize("rules", OTHER_RULES, ids=json.dumps)


@EVERY_OTHER_RULE
def test_the_cases_of_any_rule_are_on_their_side_of_it(rules: dict[str, Any]) -> None:
    model = planted(DREAM, "style", **rules)

    accepted = [case.name for case in boundary(model) if wrongs(model, case.body)]
    refused = [case.name for case in broken(model) if len(wrongs(model, case.body)) != 1]

    assert (accepted, refused) == ([], [])


@EVERY_OTHER_RULE
@quick
@given(st.data())
def test_a_drawn_value_keeps_to_any_rule(rules: dict[str, Any], data: st.DataObject) -> None:
    value = data.draw(values(rules))

    assert wrongs(planted(DREAM, "style", **rules), {**base_body(DREAM), "style": value}) == []


def test_a_least_length_of_nothing_cannot_be_broken() -> None:
    model = planted(DREAM, "prompt", type="string", minLength=0, examples=["x"])

    assert "prompt-minLength" not in [case.name for case in broken(model)]


@pytest.mark.parametrize("generate", [boundary, broken, lambda model: [bodies(model)]])
@pytest.mark.parametrize(
    "rules",
    [{"pattern": "^a"}, {"x-new": {}}, {"oneOf": [{}]}, {"patternProperties": {}}],
    ids=lambda rules: next(iter(rules)),
)
def test_a_rule_that_nothing_generates_for_is_refused(generate: Callable[[Model], Any], rules: dict[str, Any]) -> None:
    model = planted(DREAM, "style", type="string", description="The style", **rules)

    with pytest.raises(UnknownKeyword) as caught:
        list(generate(model))

    assert str(caught.value) == f"nothing generates for {next(iter(rules))} in The style"


def test_a_rule_beside_an_enum_is_refused_as_well() -> None:
    with pytest.raises(UnknownKeyword, match="nothing generates for pattern in Several"):
        values({"enum": ["a"], "pattern": "b", "description": "Several"})


@pytest.mark.parametrize("generate", [boundary, broken, lambda model: [bodies(model)]])
def test_a_type_that_nothing_draws_is_refused(generate: Callable[[Model], Any]) -> None:
    model = planted(DREAM, "style", type="decimal", description="Several")

    with pytest.raises(UnknownKeyword, match="nothing generates for type decimal in Several"):
        list(generate(model))


def test_a_required_field_without_an_example_has_words_of_our_own() -> None:
    body = base_body(planted(DREAM, "prompt", type="string", minLength=30, maxLength=40))

    assert body["prompt"].startswith("A lighthouse at dusk.")
    assert 30 <= len(body["prompt"]) <= 40


# Hypothesis


@EVERY_MODEL
@quick
@given(st.data())
def test_a_drawn_body_is_accepted(model: Model, data: st.DataObject) -> None:
    body = data.draw(bodies(model))

    assert wrongs(model, body) == []
    assert json.loads(json.dumps(body, ensure_ascii=False).encode()) == body


@EVERY_MODEL
def test_any_optional_field_may_be_drawn(model: Model) -> None:
    optional = model.request["properties"].keys() - set(model.request["required"])
    fields = [name for name in optional if model.request["properties"][name].keys() - SILENT]

    drawn = find(bodies(model), lambda body: all(name in body for name in fields), settings=unshrunk)

    assert drawn.keys() == {*fields, *model.request["required"]}


@pytest.mark.parametrize("accepted", [True, False])
@EVERY_MODEL
def test_wild_bodies_are_both_accepted_and_refused(model: Model, accepted: bool) -> None:
    base = base_body(model)

    found = find(
        wild_bodies(model), lambda body: body != base and (wrongs(model, body) == []) == accepted, settings=unshrunk
    )

    assert found.keys() >= base.keys()


# Malformed and documented


@pytest.mark.parametrize(
    "case", [case for case in malformed(DREAM) if case.raw is not None], ids=lambda case: case.name
)
def test_a_malformed_body_is_no_request(case: Case) -> None:
    with pytest.raises((InvalidJson, InvalidRequest)):
        OBSERVED.check_model(parse(case.payload))


def test_a_body_with_nan_is_wrong_by_that_alone() -> None:
    (case,) = [case for case in malformed(DREAM) if case.name == "body-NaN"]

    assert parse(case.payload.replace(b"NaN", b"5")) == {**base_body(DREAM), "guidance_scale": 5}


def test_the_other_malformed_case_is_a_good_body_that_is_called_text() -> None:
    (case,) = [case for case in malformed(DREAM) if case.raw is None]

    assert (case.content_type, parse(case.payload)) == ("text/plain", base_body(DREAM))


@pytest.mark.parametrize(
    ("profile", "name", "accepted", "refused"),
    [
        ("observed", "seedream-3.0", "E1 E2 E3 E8", ""),
        ("2025-07", "seedream-3.0", "E1 E2 E3 E8", ""),
        ("observed", "seededit-3.0-i2i", "E4 E5", "E6 E7"),
        ("2026-01", "seededit-3.0-i2i", "E4 E5", "E6 E7"),
    ],
)
def test_documented_requests_are_accepted_as_the_profile_says(
    profile: str, name: str, accepted: str, refused: str
) -> None:
    cases = list(documented(load(profile=profile).model(f"bytedance/{name}")))

    assert " ".join(case.name for case in cases if not case.refused) == accepted
    assert " ".join(case.name for case in cases if case.refused) == refused


def test_documented_requests_are_refused_under_a_profile_that_they_do_not_meet() -> None:
    assert all(case.refused for case in documented(replace(DREAM, reading="1999")))


@EVERY_MODEL
def test_a_documented_case_breaks_a_rule_exactly_if_it_must_be_refused(model: Model) -> None:
    cases = list(documented(model))

    broken = [case.name for case in cases if wrongs(model, case.body)]

    assert broken == [case.name for case in cases if case.refused]
