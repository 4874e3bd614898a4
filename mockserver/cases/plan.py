"""The fixed plan of a run that is counted: which pictures are asked for, in which order, and how many in each tier.

One documented request first, as it shows most faults of form at once; then rows that hold each pair of levels; then
pairs of pictures that must be the same, or must not. Where every pair needs more pictures than the tier has, the rows
are cut to those that hold the most; `coverage` says how many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..contract.models import Model
from .arrays import covering, trimmed
from .arrays import pairs as count_pairs
from .asked import areas, asked, beside, count_fields, named
from .case import Case
from .documented import documented
from .levels import LEFT_OUT, Level, levels
from .plain import base_body
from .relations import ANCHOR, FIRST, RELATIONS, Relation, Tier

TIERS: dict[Tier, str] = {
    "l0": "no picture: keys, methods, paths, every broken request",
    "l1": "one documented request, and one picture in both forms",
    "l2": "each field's effect on the picture too",
    "l3": "every pair of boundary values too",
}
# The pictures of the highest tier, and the rows of three values that the mock draws for nothing.
MOST_PICTURES = 24
MOST_TRIPLES = 80
FEWEST_ROWS = 8
NUL = "A lighthouse\0 at dusk"
# The levels of the anchor, where a field has them: with all that the relations change, as plain as can be.
PLAINEST = {"seed": ("zero", "least"), "prompt": ("plain",), "guidance_scale": ("least",), "watermark": ("false",)}
PREFIX = {2: "pairs", 3: "triples"}


def first(model: Model) -> Case:
    """The documented request that opens a session, or the smallest where none is documented."""
    accepted = [case for case in documented(model) if not case.refused]
    smallest = Case(FIRST, model.id, base_body(model), sources=model.promised_by)
    return replace(next(iter(accepted), smallest), name=FIRST)


@lru_cache
def rows(model: Model, strength: int = 2) -> tuple[Case, ...]:
    """Requests that hold each combination of levels of any `strength` fields; the first is the relations' anchor.

    Behind those of pairs there is one for the largest size that has a name, if it is larger than all of theirs.
    """
    bodies = _bodies(model, _array(model, strength))
    made = [_row(model, f"{PREFIX[strength]}-{number:02}", number, body) for number, body in enumerate(bodies)]
    return (*made, *(_largest(model) if strength == 2 else ()))


def coverage(model: Model, done: set[str]) -> tuple[int, int]:
    """How many pairs of levels the rows of those names hold, and how many there are."""
    return count_pairs(_labels(model), tried(model, done), 2)


def tried(model: Model, done: set[str]) -> list[dict[str, str]]:
    """The rows of those names, as the label of the level of each field."""
    return [row for number, row in enumerate(_array(model, 2)) if f"pairs-{number:02}" in done]


def odd(model: Model) -> Iterator[Case]:
    """What no schema forbids and no server promises to like: it may be refused, but nothing may break."""
    body = {**_anchor_body(model), "prompt": NUL}
    if isinstance(_anchor_body(model).get("prompt"), str) and not list(model.breaches(body)):
        sources = model.rule_sources("prompt", "type")
        yield Case("prompt-NUL", model.id, body, sources=sources, tolerated=(400, 422))


def relations(model: Model) -> list[Relation]:
    """The relations that the model's fields allow."""
    return [relation for relation, _ in _related(model)]


def pictures(model: Model, tier: Tier) -> int:
    """How many pictures a tier asks for, if all goes well."""
    reached = list(TIERS)[: list(TIERS).index(tier) + 1]
    count = sum(model.count(body) for relation, body in _related(model) if relation.tier in reached)
    if "l1" in reached:
        count += model.count(first(model).body) + model.count(_anchor_body(model))
    if "l3" in reached:
        count += sum(model.count(case.body) for case in [*rows(model)[1:], *odd(model)])
    return count


def _related(model: Model) -> list[tuple[Relation, dict[str, Any]]]:
    """The relations, and the body that each asks for."""
    bodies = {FIRST: first(model).body, ANCHOR: _anchor_body(model)}
    made = [(relation, relation.change(model, bodies[relation.of])) for relation in RELATIONS]
    return [(relation, body) for relation, body in made if body is not None]


def _row(model: Model, name: str, number: int, body: Mapping[str, Any]) -> Case:
    # Some rows bring a field that no schema knows, and name the encoding, as many clients do.
    strange = {"user": "pixelpact"} if number % 8 == 5 and model.request.get("additionalProperties", True) else {}
    kind = "application/json; charset=utf-8" if number % 2 else "application/json"
    return Case(name, model.id, {**body, **strange}, sources=model.promised_by, content_type=kind)


def _largest(model: Model) -> Iterator[Case]:
    """The largest size that a field has a name for, where the rows leave it out."""
    small = asked(model, large=False)
    left = [
        (area, name, value)
        for name, schema in asked(model).items()
        for value, area in zip(named(schema), areas(model, name, named(schema)), strict=True)
        if area and value not in named(small[name])
    ]
    if left:
        _, name, value = max(left, key=lambda found: found[0])
        body = {**_anchor_body(model), **beside(model, name), name: value}
        yield Case("pairs-largest", model.id, body, sources=model.promised_by)


def _body(
    known: Mapping[str, tuple[Level, ...]], row: Mapping[str, str], turns: Counter[tuple[str, str]]
) -> dict[str, Any]:
    """The body of a row of labels; the values of a level, which are alike to the contract, take turns."""
    body = {}
    for field, label in row.items():
        level = next(level for level in known[field] if level.label == label)
        if not level.left_out:
            body[field] = level.values[turns[field, label] % len(level.values)]
            turns[field, label] += 1
    return body


@lru_cache
def _array(model: Model, strength: int) -> list[dict[str, str]]:
    labels, start = _labels(model), [_anchor(model)]
    if strength > 2:
        return covering(labels, strength, start, MOST_TRIPLES)
    room = max(MOST_PICTURES - _beside_rows(model), FEWEST_ROWS)
    return trimmed(labels, covering(labels, 2, start), lambda row: model.count(_bodies(model, [row])[0]), room)


def _beside_rows(model: Model) -> int:
    """The pictures that are asked for beside the rows of the array."""
    bodies = [body for _, body in _related(model)] + [case.body for case in odd(model)]
    return sum(map(model.count, [first(model).body, *bodies, *(case.body for case in _largest(model))]))


def _bodies(model: Model, array: list[dict[str, str]]) -> list[dict[str, Any]]:
    known, turns = levels(model), Counter[tuple[str, str]]()
    return [_body(known, row, turns) for row in array]


def _labels(model: Model) -> dict[str, list[str]]:
    return {field: [level.label for level in known] for field, known in levels(model).items()}


def _anchor(model: Model) -> dict[str, str]:
    """The plainest row with a seed, a prompt and by url: what the relations change."""
    return {field: _plainest(model, field, known) for field, known in levels(model).items()}


def _plainest(model: Model, field: str, known: tuple[Level, ...]) -> str:
    wanted = list(PLAINEST.get(field, ()))
    if field == model.request.get("x-form", {}).get("field"):
        wanted += [level.label for level in known if level.values and model.form({field: level.values[0]}) == "url"]
    if field in count_fields(model) and model.count({}) > 1:
        wanted += [level.label for level in known if level.values and model.count({field: level.values[0]}) == 1]
    labels = [level.label for level in known]
    return next((label for label in wanted if label in labels), LEFT_OUT.label if LEFT_OUT in known else labels[0])


@lru_cache
def _anchor_body(model: Model) -> dict[str, Any]:
    return _bodies(model, [_anchor(model)])[0]
