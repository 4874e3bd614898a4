"""Cases and plans of any model: awkward schemas one by one, judged by plain jsonschema, and every spec of the docs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pixelpact.cases.asked import asked, named
from pixelpact.cases.boundary import boundary
from pixelpact.cases.broken import broken
from pixelpact.cases.case import Case
from pixelpact.cases.levels import at_most, levels
from pixelpact.cases.malformed import malformed
from pixelpact.cases.pictures import REFERENCE, as_file, fetching
from pixelpact.cases.plain import base_body, plain
from pixelpact.cases.plan import coverage, first, odd, pictures, relations, rows
from pixelpact.cases.relations import Tier
from pixelpact.cases.schemas import UnknownKeyword
from pixelpact.cases.strategies import bodies, values, wild_bodies
from pixelpact.checks.validity import breaches, is_malformed
from pixelpact.contract.contract import load
from pixelpact.contract.models import Model

SPECS = Path(__file__).resolve().parents[2] / "shared" / "docs" / "specs"
DREAM = load().models["bytedance/seedream-3.0"]
quick = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
Rules = dict[str, Any]
URLS = {"type": "string", "format": "uri", "x-image": {"forms": ["url"], "formats": ["jpeg", "png"]}}
IMAGE = {"type": "string", "x-image": {"forms": ["url", "data-uri"], "formats": ["jpeg", "png", "webp"]}}
FILE = {
    "type": "object",
    "required": ["fieldname", "originalname", "mimetype"],
    "properties": {
        "fieldname": {"type": "string"},
        "originalname": {"type": "string"},
        "mimetype": {"type": "string"},
        "buffer": {
            "anyOf": [
                {"type": "null"},
                {
                    "type": "object",
                    "required": ["type", "data"],
                    "properties": {
                        "type": {"type": "string", "const": "Buffer"},
                        "data": {"type": "array", "items": {"type": "number"}},
                    },
                },
            ]
        },
    },
    "x-image": {"forms": ["file"], "formats": ["jpeg", "png", "webp"], "maxBytes": 100_000},
}
SIDE = {"type": "integer", "minimum": 512, "maximum": 1440}
SIZES = {
    "anyOf": [
        {"type": "object", "required": ["width", "height"], "properties": {"width": SIDE, "height": SIDE}},
        {"type": "string", "enum": ["square", "portrait", "2K", "4K"]},
    ]
}
LORAS = {
    "type": "array",
    "maxItems": 3,
    "items": {
        "type": "object",
        "required": ["path"],
        "additionalProperties": False,
        "properties": {"path": {"type": "string"}, "scale": {"type": "number", "minimum": 0, "maximum": 4}},
    },
}
# By name a field's schema, and the rules of it that must be broken one by one.
AWKWARD: dict[str, tuple[Rules, set[str]]] = {
    "least-alone": ({"type": "integer", "minimum": 1}, {"type", "minimum"}),
    "most-alone": ({"type": "integer", "maximum": 4}, {"type", "maximum"}),
    "small": ({"type": "number", "minimum": 0.01, "maximum": 1}, {"minimum", "maximum"}),
    "unbounded": ({"type": "number"}, {"type"}),
    "above": ({"type": "integer", "exclusiveMinimum": 0}, {"exclusiveMinimum"}),
    "between": (
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"exclusiveMinimum", "exclusiveMaximum"},
    ),
    "32-bit": ({"type": "integer", "minimum": 0, "maximum": 4294967295}, {"minimum", "maximum"}),
    "fractional-bounds": ({"type": "integer", "minimum": 0.5, "maximum": 3.5}, {"minimum", "maximum"}),
    "numbers-listed": ({"type": "integer", "enum": [720, 1080]}, {"type", "enum"}),
    "one-number": ({"type": "number", "enum": [1]}, {"type", "enum"}),
    "false-alone": ({"type": "boolean", "enum": [False]}, {"type", "enum"}),
    "constant": ({"const": "auto"}, {"const"}),
    "no-type": ({"enum": ["a", "b"]}, {"enum"}),
    "sixty": ({"type": "string", "enum": [f"style_{number}" for number in range(60)]}, {"enum"}),
    "nullable": ({"type": ["string", "null"], "maxLength": 20}, {"type", "maxLength"}),
    "null-listed": ({"type": ["string", "null"], "enum": ["a", None]}, {"type", "enum"}),
    "long": ({"type": "string", "minLength": 1, "maxLength": 32000}, {"type", "minLength", "maxLength"}),
    "address": ({"type": "string", "format": "uri"}, {"type", "format"}),
    "address-within": ({"type": "string", "format": "uri", "maxLength": 2048}, {"format", "maxLength"}),
    "texts": (
        {"type": "array", "items": {"type": "string", "maxLength": 5}, "minItems": 2, "maxItems": 3},
        {"type", "minItems", "maxItems", "items/type", "items/maxLength"},
    ),
    "open-array": ({"type": "array", "items": {"type": "integer"}}, {"type", "items/type"}),
    "urls": (
        {"type": "array", "items": URLS, "minItems": 1, "maxItems": 14},
        {"minItems", "maxItems", "items/type", "items/format", "items/x-image"},
    ),
    "pictures": ({"type": "array", "items": IMAGE, "maxItems": 3}, {"type", "maxItems", "items/type", "items/x-image"}),
    "picture-or-pictures": (
        {"anyOf": [IMAGE, {"type": "array", "items": IMAGE, "maxItems": 4}]},
        {"string/type", "string/x-image", "array/maxItems", "array/items/x-image"},
    ),
    "file": (FILE, {"type", "x-image", "required", "buffer/object/data/type"}),
    "files": (
        {"anyOf": [FILE, {"type": "array", "items": FILE, "maxItems": 16}]},
        {"object/x-image", "object/required", "array/items/x-image", "array/maxItems"},
    ),
    "size": (
        SIZES,
        {"object/required", "object/width/type", "object/width/minimum", "object/height/maximum", "string/enum"},
    ),
    "two-types": (
        {"anyOf": [{"type": "integer", "minimum": 5}, {"type": "null"}]},
        {"integer/type", "integer/minimum"},
    ),
    "two-texts": (
        {
            "anyOf": [
                {"type": "string", "enum": ["auto"]},
                {"type": "string", "x-size": {"minArea": 4, "maxArea": 10**6}},
            ]
        },
        {"string/enum", "string-2/x-size"},
    ),
    "one-or-other": (
        {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
        {"type", "object/required", "object/a/type"},
    ),
    "objects": (
        LORAS,
        {"maxItems", "items/type", "items/required", "items/additionalProperties", "items/scale/maximum"},
    ),
    "deep": (
        {
            "type": "object",
            "properties": {"in": {"type": "object", "required": ["x"], "properties": {"x": {"const": 1}}}},
        },
        {"type", "in/type", "in/required", "in/x/const"},
    ),
}
EVERY_SCHEMA = pytest.mark.parametrize("name", AWKWARD)


def planted(name: str, field: str = "style") -> Model:
    """The model with a field of that schema."""
    return changed(properties={**DREAM.request["properties"], field: AWKWARD[name][0]})


def changed(**request: Any) -> Model:
    return replace(DREAM, request={**DREAM.request, **request})


def of(*without: str, **fields: Rules) -> Rules:
    """The properties of a model with these fields more."""
    return {name: rules for name, rules in DREAM.request["properties"].items() if name not in without} | fields


def plainly_valid(model: Model, body: Any) -> bool:
    """What jsonschema alone says, to which our own keywords mean nothing."""
    return Draft202012Validator(model.request).is_valid(body)


def wrong_of(model: Model, case: Case) -> list[str]:
    """What is wrong with a case that should be right."""
    told = [f"{breach.field} {breach.rule}" for breach in breaches(model, case.payload)]
    return told or ([] if plainly_valid(model, case.body) else ["jsonschema"])


def fields_of(model: Model, case: Case) -> set[str]:
    return {breach.pointer[1:].partition("/")[0] for breach in breaches(model, case.payload)}


# Schemas one by one


@EVERY_SCHEMA
def test_no_boundary_case_of_an_awkward_field_is_wrong(name: str) -> None:
    model = planted(name)

    cases = [case for case in boundary(model) if case.name.startswith("style-")]

    assert cases
    assert {case.name: told for case in cases if (told := wrong_of(model, case))} == {}


@EVERY_SCHEMA
def test_each_broken_case_of_an_awkward_field_breaks_that_alone(name: str) -> None:
    model = planted(name)

    cases = [case for case in broken(model) if case.name.startswith("style-")]

    assert {case.name: found for case in cases if (found := fields_of(model, case)) != {"style"}} == {}


@EVERY_SCHEMA
def test_each_rule_of_an_awkward_field_is_broken_by_some_case(name: str) -> None:
    model = planted(name)

    tried = {case.change.keyword for case in broken(model) if case.change and case.change.field == "style"}

    assert tried >= AWKWARD[name][1]


@EVERY_SCHEMA
def test_what_breaks_a_plain_rule_is_refused_by_jsonschema_alone(name: str) -> None:
    model = planted(name)
    own = ("x-image", "x-size", "format")
    # Of several branches, one that jsonschema knows no rule of takes everything.
    told = [word for word in own if "anyOf" in AWKWARD[name][0] and word in json.dumps(AWKWARD[name][0])]

    cases = [case for case in broken(model) if case.change and case.change.keyword.rpartition("/")[2] not in own]

    assert [case.name for case in cases if not told and plainly_valid(model, case.body)] == []


@EVERY_SCHEMA
def test_names_of_an_awkward_field_are_unique(name: str) -> None:
    model = planted(name)

    times = [Counter(case.name for case in cases) for cases in (boundary(model), broken(model))]

    assert [name for counted in times for name, count in counted.items() if count > 1] == []


@EVERY_SCHEMA
@quick
@given(st.data())
def test_a_drawn_value_of_an_awkward_field_is_valid(name: str, data: st.DataObject) -> None:
    model = planted(name)

    value = data.draw(values(AWKWARD[name][0]))

    assert wrong_of(model, Case("drawn", model.id, {**base_body(model), "style": value})) == []


@EVERY_SCHEMA
def test_the_levels_of_an_awkward_field_are_valid_and_unlike(name: str) -> None:
    model = planted(name)

    known = [value for level in levels(model)["style"] for value in level.values]

    assert known
    assert len(set(map(repr, known))) == len(known)
    for value in known:
        assert wrong_of(model, Case("level", model.id, {**base_body(model), "style": value})) == []


@EVERY_SCHEMA
def test_a_required_awkward_field_has_a_plain_value(name: str) -> None:
    required = replace(planted(name), request={**planted(name).request, "required": ["model", "prompt", "style"]})

    body = base_body(required)

    assert "style" in body
    assert wrong_of(required, Case("smallest", required.id, body)) == []


UNKNOWN: dict[str, Rules] = {
    "in-items": {"type": "array", "items": {"type": "string", "pattern": "a"}},
    "in-properties": {"type": "object", "properties": {"a": {"x-new": 1}}},
    "in-a-branch": {"anyOf": [{"type": "string", "contentEncoding": "base64"}, {"type": "null"}]},
    "beside-branches": {"type": "string", "maxLength": 5, "anyOf": [{"maxLength": 3}, {"maxLength": 4}]},
}


@pytest.mark.parametrize(
    "generate", [boundary, broken, lambda model: [bodies(model)]], ids=["boundary", "broken", "drawn"]
)
@pytest.mark.parametrize("rules", UNKNOWN.values(), ids=UNKNOWN)
def test_a_rule_that_nothing_generates_for_is_refused_however_deep(
    generate: Callable[[Model], Any], rules: Rules
) -> None:
    with pytest.raises(UnknownKeyword):
        list(generate(changed(properties=of(style=rules))))


@pytest.mark.parametrize("rules", [{"type": "string", "minimum": 3}, {"type": "integer", "maxLength": 2}])
def test_a_rule_about_another_type_is_neither_kept_nor_broken(rules: Rules) -> None:
    model = changed(properties=of(style=rules))

    names = [case.name for case in [*boundary(model), *broken(model)] if case.name.startswith("style-")]

    assert [name for name in names if "minimum" in name or "maxLength" in name] == []


def test_a_broken_item_comes_behind_a_good_one() -> None:
    model = planted("urls")

    cases = [case.body["style"] for case in broken(model) if case.name.startswith("style-items-")]

    assert {len(items) for items in cases} == {2}
    assert {items[0] for items in cases} == {REFERENCE}


def test_nothing_that_another_branch_takes_is_called_broken() -> None:
    model = planted("two-types")

    tried = [case.change.value for case in broken(model) if case.change and case.change.field == "style"]

    assert None not in tried


# A request as a whole


def test_where_no_other_field_is_allowed_one_is_tried_and_none_brought_along() -> None:
    model = changed(additionalProperties=False)
    known = model.request["properties"].keys()

    (unknown,) = [case for case in broken(model) if case.name == "no_such_field-unknown"]

    assert not plainly_valid(model, unknown.body)
    assert len(list(breaches(model, unknown.payload))) == 1
    assert [case.name for case in rows(model) if case.body.keys() - known] == []


@quick
@given(wild_bodies(changed(additionalProperties=False)))
def test_no_wild_body_brings_a_field_that_is_not_allowed(body: Rules) -> None:
    assert body.keys() <= DREAM.request["properties"].keys()


MODE = {"type": "string", "enum": ["Strong"]}
# Under its own id there are documented requests.
NO_PROMPT = replace(changed(required=["model", "mode"], properties=of("prompt", mode=MODE)), id="somebody/no-prompt")


def test_malformed_bodies_need_no_prompt() -> None:
    assert [case.name for case in malformed(NO_PROMPT) if not is_malformed(case.payload, case.content_type)] == []


def test_a_model_without_a_prompt_has_a_plan() -> None:
    assert [case.name for case in [first(NO_PROMPT), *rows(NO_PROMPT)] if wrong_of(NO_PROMPT, case)] == []
    assert "other-prompt" not in [relation.name for relation in relations(NO_PROMPT)]
    assert list(odd(NO_PROMPT)) == []


def test_a_form_that_is_no_text_can_be_the_other_one() -> None:
    rule = {"field": "as_url", "cases": [[True, "url"], [False, "b64_json"]], "source": "ark"}
    model = changed(
        **{"x-form": rule, "properties": of("response_format", as_url={"type": "boolean", "default": True})}
    )

    (other,) = [relation for relation in relations(model) if relation.name == "both-forms-and-one-seed"]
    before = rows(model)[0].body
    after = other.change(model, before) or {}

    assert (model.form(before), model.form(after)) == ("url", "b64_json")


@pytest.mark.parametrize(
    ("rules", "far"),
    [
        ({"type": "integer", "minimum": 1}, 65537),
        ({"type": "integer", "minimum": 0, "maximum": 4294967295}, 65536),
        ({"type": "integer", "minimum": 100_000, "maximum": 110_000}, None),
        ({"type": "integer", "minimum": 1, "maximum": 9}, None),
        ({"type": "integer", "minimum": -100_000, "maximum": 100}, -65536),
    ],
    ids=json.dumps,
)
def test_a_far_seed_keeps_to_the_bounds_of_the_seed(rules: Rules, far: int | None) -> None:
    model = changed(properties=of(seed=rules))

    found = {relation.name: relation.change(model, rows(model)[0].body) for relation in relations(model)}

    assert found.get("far-seed", {"seed": None}) == {**rows(model)[0].body, "seed": far} or far is None
    assert ("far-seed" in found) == (far is not None)


def test_a_watermark_that_cannot_be_had_is_not_asked_for() -> None:
    model = changed(properties=of(watermark={"type": "boolean", "enum": [False]}))

    assert "watermark" not in [relation.name for relation in relations(model)]


def test_a_url_goes_wherever_a_picture_is_fetched_from_one() -> None:
    model = changed(properties=of(one=IMAGE, several={"type": "array", "items": URLS, "minItems": 2}, upload=FILE))

    assert fetching(model, "http://127.0.0.1:9/1.png") == {
        "one": "http://127.0.0.1:9/1.png",
        "several": ["http://127.0.0.1:9/1.png"] * 2,
    }


def test_an_upload_has_the_bytes_of_a_picture() -> None:
    model = planted("file")

    (found,) = model.inputs({"style": plain(FILE)})

    assert isinstance(found.value, dict)
    assert bytes(found.value["buffer"]["data"]).startswith(b"\x89PNG")
    assert as_file(b"x")["buffer"] == {"type": "Buffer", "data": [120]}


# Money


def counted(**rules: Any) -> Model:
    return changed(**{"x-count": {"field": "n", "source": "ark"}, "properties": of(n={"type": "number", **rules})})


@pytest.mark.parametrize(
    "rules", [{"minimum": 1, "maximum": 10, "default": 1}, {"default": 1}, {"maximum": 4}], ids=json.dumps
)
def test_no_more_than_two_pictures_are_planned_at_once(rules: Rules) -> None:
    model = counted(**rules)

    assert [value for level in levels(model)["n"] for value in level.values] == [2, 1]
    assert {model.count(case.body) for case in rows(model)} == {1, 2}


def test_what_the_docs_fix_at_one_picture_is_asked_at_one() -> None:
    assert {case.body.get("n", 1) for case in rows(counted(enum=[1]))} == {1}


@quick
@given(bodies(counted()))
def test_no_drawn_body_asks_for_a_part_of_a_picture_or_for_many(body: Rules) -> None:
    assert body.get("n", 1) in (1, 2, 3)


@pytest.mark.parametrize("rules", [{"minimum": 1, "maximum": 10}, {}, {"minimum": 0, "maximum": 50}], ids=json.dumps)
def test_no_boundary_asks_for_more_than_ten_pictures(rules: Rules) -> None:
    asked_for = {case.body["n"] for case in boundary(counted(**rules)) if "n" in case.body}

    assert asked_for <= set(range(1, 11))


def test_no_broken_case_asks_for_a_great_many_pictures() -> None:
    tried = [case.body["n"] for case in broken(counted(minimum=1, maximum=10)) if isinstance(case.body.get("n"), int)]

    assert 11 in tried
    assert max(tried) <= 11


@pytest.mark.parametrize("tier", ["l1", "l2", "l3"])
def test_pictures_count_as_many_as_come(tier: Tier) -> None:
    model = counted(minimum=1, maximum=10, default=2)
    single = counted(minimum=1, maximum=10, default=1)

    assert pictures(model, tier) > pictures(single, tier) - (tier == "l3") * 24


def test_a_tier_of_several_pictures_a_request_is_no_dearer() -> None:
    model = counted(minimum=1, maximum=10, default=1)

    assert pictures(model, "l3") <= 24
    assert pictures(model, "l3") == 8 + sum(model.count(case.body) for case in rows(model))


WIDE = changed(
    properties=of(
        **{f"switch_{number}": {"type": "boolean", "default": False} for number in range(4)},
        **{f"style_{number}": {"type": "string", "enum": ["a", "b", "c", "d", "e"]} for number in range(5)},
        **{f"strength_{number}": {"type": "number", "minimum": 0, "maximum": 1} for number in range(4)},
    )
)


def test_a_model_of_many_fields_is_planned_within_the_tier() -> None:
    held, every = coverage(WIDE, {case.name for case in rows(WIDE)})

    assert pictures(WIDE, "l3") <= 24
    assert len(rows(WIDE, 3)) <= 80
    assert 0.9 * every < held <= every


def test_what_is_cut_from_a_plan_is_told() -> None:
    held, every = coverage(WIDE, {case.name for case in rows(WIDE)[:8]})

    assert 0 < held < 0.9 * every


# Sizes


def sized(*ways: Rules, **fields: Rules) -> Model:
    fixed = {"as": "fixed", "size": "1024x1024", "source": "ark"}
    return changed(**{"x-output-size": [*ways, fixed], "properties": of("size", **fields)})


OPEN = {
    "type": "object",
    "required": ["width", "height"],
    "properties": {"width": {"type": "number"}, "height": {"type": "number"}},
}
BY_OBJECT = sized(
    {"field": "box", "as": "object", "width": "width", "height": "height", "source": "ark"},
    {
        "field": "box",
        "as": "names",
        "sizes": {"small": "512x512", "4K": "4096x4096", "2K": "2048x2048"},
        "source": "ark",
    },
    box={"anyOf": [OPEN, {"type": "string", "enum": ["4K", "small", "2K"]}]},
)
BY_SIDES = sized(
    {"field": "width", "as": "sides", "height": "height", "otherwise": "1024x1024", "source": "ark"},
    width={"type": "integer", "exclusiveMinimum": 0},
    height={"type": "integer", "minimum": 0},
)
BY_RATIO = sized(
    {
        "field": "aspect_ratio",
        "as": "ratio",
        "area": 2**20,
        "scale": {"field": "resolution", "areas": {"1K": 2**20, "2K": 2**22, "4K": 2**24}},
        "source": "ark",
    },
    aspect_ratio={"type": "string", "enum": ["16:9", "1:1"]},
    resolution={"type": "string", "enum": ["4K", "1K", "2K"], "default": "1K"},
)
SIZED = {"object": BY_OBJECT, "sides": BY_SIDES, "ratio": BY_RATIO}
EVERY_SIZED = pytest.mark.parametrize("model", SIZED.values(), ids=SIZED)


def area(model: Model, body: Rules) -> int:
    width, height = model.promised_sizes(body, {})[0].dimensions
    return width * height


@EVERY_SIZED
def test_only_the_last_row_asks_for_a_large_picture(model: Model) -> None:
    areas = {case.name: area(model, dict(case.body)) for case in rows(model)}

    assert {name for name, size in areas.items() if size > 2**21} <= {"pairs-largest"}


@pytest.mark.parametrize("model", [BY_OBJECT, BY_RATIO], ids=["object", "ratio"])
def test_the_largest_size_that_has_a_name_is_asked_for_once(model: Model) -> None:
    (largest,) = [case for case in rows(model) if case.name == "pairs-largest"]

    assert area(model, dict(largest.body)) > 4096 * 4000
    assert wrong_of(model, largest) == []


@EVERY_SIZED
@quick
@given(st.data())
def test_a_drawn_size_can_be_drawn(model: Model, data: st.DataObject) -> None:
    body = data.draw(bodies(model))

    assert wrong_of(model, Case("drawn", model.id, body)) == []
    assert 64 * 64 <= area(model, body) <= 2**21


@EVERY_SIZED
@quick
@given(st.data())
def test_no_wild_body_asks_for_a_size(model: Model, data: st.DataObject) -> None:
    body = data.draw(wild_bodies(model))

    assert body.keys().isdisjoint({"width", "height", "box"})


def test_where_every_name_is_large_the_least_is_asked_for() -> None:
    names = {"field": "box", "as": "names", "sizes": {"2K": "2048x2048", "4K": "4096x4096"}, "source": "ark"}
    model = sized(names, box={"type": "string", "enum": ["4K", "2K"]})

    assert named(asked(model, large=False)["box"]) == ["2K"]


def test_levels_that_are_too_many_take_turns_in_the_last() -> None:
    known = levels(planted("texts"))["style"][1:]

    (only,) = at_most(known, 1)

    assert sorted(map(repr, only.values)) == sorted(repr(value) for level in known for value in level.values)


# The docs' own specs

pytestmark_specs = pytest.mark.skipif(not SPECS.is_dir(), reason="the docs' specs are not beside this checkout")


@cache
def imported(folder: Path) -> tuple[Model, ...]:
    command = [sys.executable, "-m", "pixelpact.cli.main", "import", str(SPECS), "--out", str(folder)]
    code = "import sys; from pixelpact.cli.main import main; sys.argv = ['pixelpact', *sys.argv[1:]]; main()"
    subprocess.run([sys.executable, "-c", code, *command[3:]], check=False, capture_output=True, timeout=120)
    return tuple(load(folder).chosen())


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, ...]:
    return imported(tmp_path_factory.mktemp("specs") / "schemas")


@pytestmark_specs
def test_every_spec_gives_a_model(specs: tuple[Model, ...]) -> None:
    assert len(specs) >= 39


@pytestmark_specs
def test_no_boundary_case_of_a_spec_is_wrong(specs: tuple[Model, ...]) -> None:
    found = {f"{model.key} {case.name}": wrong_of(model, case) for model in specs for case in boundary(model)}

    assert {name: told for name, told in found.items() if told} == {}


@pytestmark_specs
def test_every_broken_case_of_a_spec_breaks_its_field(specs: tuple[Model, ...]) -> None:
    found = {
        f"{model.key} {case.name}": fields
        for model in specs
        for case in broken(model)
        if case.change and (fields := fields_of(model, case)) not in ({case.change.field}, {""})
    }

    assert found == {}


@pytestmark_specs
def test_every_drawn_body_of_a_spec_is_valid(specs: tuple[Model, ...]) -> None:
    def holds(model: Model) -> Callable[[Rules], None]:
        def is_valid(body: Rules) -> None:
            assert wrong_of(model, Case("drawn", model.id, body)) == []

        return is_valid

    for model in specs:
        settings(quick, max_examples=15)(given(bodies(model))(holds(model)))()


@pytestmark_specs
def test_the_plan_of_a_spec_is_valid_holds_nearly_every_pair_and_costs_no_more_than_its_tier(
    specs: tuple[Model, ...],
) -> None:
    # One test, as to find the rows takes longest.
    tiers: dict[Tier, int] = {"l0": 0, "l1": 3, "l2": 8, "l3": 24}

    dear = {f"{model.key} {tier}" for model in specs for tier, most in tiers.items() if pictures(model, tier) > most}

    found = {
        f"{model.key} {case.name}": wrong_of(model, case)
        for model in specs
        for case in (first(model), *rows(model), *odd(model))
    }
    shares = {}
    for model in specs:
        held, every = coverage(model, {case.name for case in rows(model)})
        shares[model.key] = held / every

    assert dear == set()
    assert {name: told for name, told in found.items() if told} == {}
    assert {key: share for key, share in shares.items() if share < 0.94} == {}
