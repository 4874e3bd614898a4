"""The plan: every pair of levels in some row, judged by its bodies, and so many pictures a tier."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product
from typing import Any

import pytest
from pixelpact.cases.levels import Level, levels
from pixelpact.cases.plan import TIERS, coverage, first, odd, pictures, relations, rows
from pixelpact.cases.relations import ANCHOR, FIRST, Tier
from pixelpact.cases.schemas import SILENT
from pixelpact.checks.validity import breaches
from pixelpact.contract.contract import load, load_all
from pixelpact.contract.models import Model

MODELS = [model for contract in load_all().values() for model in contract.chosen()]
EVERY_MODEL = pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.profile}-{model.name}")
OBSERVED = load().chosen()
EVERY_OBSERVED = pytest.mark.parametrize("model", OBSERVED, ids=lambda model: model.name)
PICTURES: dict[Tier, int] = {"l0": 0, "l1": 3, "l2": 8, "l3": 24}


def is_at(body: Mapping[str, Any], field: str, level: Level) -> bool:
    if not level.values:
        return field not in body
    return field in body and repr(body[field]) in map(repr, level.values)


def lacking(model: Model, bodies: list[Any], strength: int) -> list[tuple[str, ...]]:
    """The combinations of levels that no body holds, looked for one by one."""
    return [
        tuple(f"{field} {level.label}" for field, level in zip(fields, some, strict=True))
        for fields in combinations(levels(model), strength)
        for some in product(*(levels(model)[field] for field in fields))
        if not any(all(is_at(body, *each) for each in zip(fields, some, strict=True)) for body in bodies)
    ]


# Levels


@EVERY_MODEL
def test_each_field_with_a_rule_has_levels_that_no_other_has(model: Model) -> None:
    ruled = {field for field, schema in model.request["properties"].items() if schema.keys() - SILENT}

    assert levels(model).keys() == ruled
    for known in levels(model).values():
        values = [repr(value) for level in known for value in level.values]
        assert len(values) == len(set(values))


@EVERY_MODEL
def test_each_field_that_may_be_left_out_is(model: Model) -> None:
    left_out = {field for field, known in levels(model).items() if any(level.left_out for level in known)}

    assert left_out == levels(model).keys() - set(model.request["required"])


@EVERY_MODEL
def test_each_value_of_each_level_is_valid(model: Model) -> None:
    base = dict(rows(model)[0].body)

    wrong = [
        f"{field} {level.label}"
        for field, known in levels(model).items()
        for level in known
        for value in level.values
        if list(model.breaches({**base, field: value}))
    ]

    assert wrong == []


# Rows


@EVERY_MODEL
def test_every_pair_of_levels_is_in_some_row(model: Model) -> None:
    assert lacking(model, [case.body for case in rows(model)], 2) == []


@EVERY_OBSERVED
def test_every_three_levels_are_in_some_row(model: Model) -> None:
    assert lacking(model, [case.body for case in rows(model, 3)], 3) == []


@EVERY_OBSERVED
def test_without_any_one_row_a_pair_would_be_missing(model: Model) -> None:
    bodies = [case.body for case in rows(model)]

    spare = [number for number in range(1, 16) if not lacking(model, bodies[:number] + bodies[number + 1 :], 2)]

    assert spare == []


@EVERY_OBSERVED
def test_sixteen_rows_are_enough(model: Model) -> None:
    assert len(rows(model)) == 16


@EVERY_MODEL
def test_each_row_is_valid_and_its_pictures_too(model: Model) -> None:
    wrong = {case.name: list(map(str, breaches(model, case.payload))) for case in [*rows(model), *odd(model)]}

    assert {name: told for name, told in wrong.items() if told} == {}


@EVERY_MODEL
def test_every_value_of_a_level_that_comes_often_enough_has_its_turn(model: Model) -> None:
    bodies = [case.body for case in rows(model)]
    for field, known in levels(model).items():
        for level in known:
            sent = [repr(body[field]) for body in bodies if is_at(body, field, level) and field in body]
            assert len(set(sent)) == min(len(sent), len(level.values))


@EVERY_MODEL
def test_rows_have_names_and_sources(model: Model) -> None:
    cases = rows(model)

    assert [case.name for case in cases] == [f"pairs-{number:02}" for number in range(len(cases))]
    assert all(case.sources and not case.refused for case in cases)


@EVERY_OBSERVED
def test_the_coverage_of_some_rows_is_what_they_hold(model: Model) -> None:
    cases = rows(model)
    every = len(lacking(model, [], 2))
    some = cases[:5]

    held = every - len(lacking(model, [case.body for case in some], 2))

    assert coverage(model, {case.name for case in some}) == (held, every)
    assert coverage(model, {case.name for case in cases}) == (every, every)
    assert coverage(model, {"first", "triples-00"}) == (0, every)


# First, odd, relations, tiers


@EVERY_MODEL
def test_the_first_request_is_valid(model: Model) -> None:
    assert (first(model).name, list(breaches(model, first(model).payload))) == (FIRST, [])


@EVERY_MODEL
def test_a_nul_in_the_prompt_is_tolerated(model: Model) -> None:
    (case,) = odd(model)

    assert "\0" in case.body["prompt"]
    assert (case.refused, case.tolerated) == ((), (400, 422))
    assert case.sources


@EVERY_MODEL
def test_each_relation_changes_one_field_of_a_request_of_the_plan(model: Model) -> None:
    plan = {FIRST: first(model).body, ANCHOR: rows(model)[0].body}

    for relation in relations(model):
        before, after = plan[relation.of], relation.change(model, plan[relation.of])
        assert after is not None
        assert list(model.breaches(after)) == []
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        assert len(changed) == (0 if relation.name == "no-seed" else 1)


@EVERY_OBSERVED
def test_the_relations_are_these(model: Model) -> None:
    found = {relation.name: (relation.check, relation.field, relation.same) for relation in relations(model)}

    assert found == {
        "both-forms-and-one-seed": ("same-form", "seed", True),
        "far-seed": ("no-effect", "seed", False),
        "other-prompt": ("no-effect", "prompt", False),
        "watermark": ("no-effect", "watermark", False),
        "guidance": ("no-effect", "guidance_scale", False),
        "no-seed": ("random-picture", "seed", False),
    }


@EVERY_OBSERVED
def test_the_anchor_has_seed_0_and_a_far_seed_has_its_lower_bits(model: Model) -> None:
    (far,) = [relation for relation in relations(model) if relation.name == "far-seed"]
    anchor = rows(model)[0].body

    changed = far.change(model, anchor)

    assert anchor["seed"] == 0
    assert changed is not None
    assert changed["seed"] == 65536


@pytest.mark.parametrize("tier", TIERS)
@EVERY_OBSERVED
def test_a_tier_asks_for_so_many_pictures(model: Model, tier: Tier) -> None:
    assert pictures(model, tier) == PICTURES[tier]


@pytest.mark.parametrize("tier", TIERS)
@EVERY_MODEL
def test_no_tier_asks_for_more_pictures_under_any_profile(model: Model, tier: Tier) -> None:
    assert pictures(model, tier) <= PICTURES[tier]
