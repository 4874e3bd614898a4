"""The fixed plan of a run that is counted: which pictures are asked for, in which order, and how many in each tier.

One documented request first, as it shows most faults of form at once; then rows that hold each pair of levels; then
pairs of pictures that must be the same, or must not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from ..contract.models import Model
from .arrays import covering
from .arrays import pairs as count_pairs
from .case import Case
from .documented import documented
from .levels import LEFT_OUT, Level, levels

Tier = Literal["l0", "l1", "l2", "l3"]
TIERS: dict[Tier, str] = {
    "l0": "no picture: keys, methods, paths, every broken request",
    "l1": "one documented request, and one picture in both forms",
    "l2": "each field's effect on the picture too",
    "l3": "every pair of boundary values too",
}
FIRST = "first"
ANCHOR = "pairs-00"
NUL = "A lighthouse\0 at dusk"


@dataclass(frozen=True)
class Relation:
    """Two pictures: that of the case `of`, and that of the same request with a change.

    `same`: they must be the same picture; else they must differ, `faint`ly at least. `change` gives None where the
    model cannot be asked so.
    """

    name: str
    check: str
    of: str
    tier: Tier
    promise: str
    field: str
    change: Callable[[Model, Mapping[str, Any]], dict[str, Any] | None]
    same: bool = False
    faint: bool = False


def first(model: Model) -> Case:
    """The documented request that opens a session, or the anchor where none is documented."""
    accepted = [case for case in documented(model) if not case.refused]
    return replace(next(iter(accepted), rows(model)[0]), name=FIRST)


@lru_cache
def rows(model: Model, strength: int = 2) -> tuple[Case, ...]:
    """Requests that hold each combination of levels of any `strength` fields; the first is the relations' anchor."""
    known, turns = levels(model), Counter[tuple[str, str]]()
    bodies = [_body(known, row, turns) for row in _array(model, strength)]
    prefix = {2: "pairs", 3: "triples"}[strength]
    return tuple(
        Case(
            f"{prefix}-{number:02}",
            model.id,
            # Some rows bring a field that no schema knows, and name the encoding, as many clients do.
            {**body, "user": "pixelpact"} if number % 8 == 5 else body,
            sources=model.promised_by,
            content_type="application/json; charset=utf-8" if number % 2 else "application/json",
        )
        for number, body in enumerate(bodies)
    )


def coverage(model: Model, done: set[str]) -> tuple[int, int]:
    """How many pairs of levels the rows of those names hold, and how many there are."""
    array = [row for number, row in enumerate(_array(model, 2)) if f"pairs-{number:02}" in done]
    return count_pairs(_labels(model), array, 2)


def odd(model: Model) -> Iterator[Case]:
    """What no schema forbids and no server promises to like: it may be refused, but nothing may break."""
    body = rows(model)[0].body
    if isinstance(body.get("prompt"), str):
        sources = model.rule_sources("prompt", "type")
        yield Case("prompt-NUL", model.id, {**body, "prompt": NUL}, sources=sources, tolerated=(400, 422))


def relations(model: Model) -> list[Relation]:
    """The relations that the model's fields allow."""
    bodies = {FIRST: first(model).body, ANCHOR: rows(model)[0].body}
    return [relation for relation in RELATIONS if relation.change(model, bodies[relation.of]) is not None]


def pictures(model: Model, tier: Tier) -> int:
    """How many pictures a tier asks for, if all goes well."""
    reached = list(TIERS)[: list(TIERS).index(tier) + 1]
    count = sum(relation.tier in reached for relation in relations(model))
    if "l1" in reached:
        # The documented request, and the anchor.
        count += 2
    if "l3" in reached:
        count += len(rows(model)) - 1 + len(list(odd(model)))
    return count


def _in_the_other_form(model: Model, body: Mapping[str, Any]) -> dict[str, Any] | None:
    sent = body.get("response_format", "url")
    other = next((form for form in model.forms if form != sent), None)
    known = "response_format" in model.request["properties"] and "seed" in body
    return {**body, "response_format": other} if other and known else None


def _with(field: str, value: Any) -> Callable[[Model, Mapping[str, Any]], dict[str, Any] | None]:
    def change(model: Model, body: Mapping[str, Any]) -> dict[str, Any] | None:
        # What is not in the schema has no effect that anyone promised.
        known = field in model.request["properties"] and "seed" in body
        made = value(model, body) if callable(value) else value
        return {**body, field: made} if known and made is not None and made != body.get(field) else None

    return change


def _far_seed(_: Model, body: Mapping[str, Any]) -> int:
    """Another seed, the same in its lower 16 bits."""
    return int(body["seed"]) + 65536


def _other_end(model: Model, body: Mapping[str, Any]) -> Any:
    rule = model.request["properties"]["guidance_scale"]
    return rule.get("maximum") if body.get("guidance_scale") != rule.get("maximum") else rule.get("minimum")


def _again(model: Model, body: Mapping[str, Any]) -> dict[str, Any] | None:
    return dict(body) if "seed" in model.request["properties"] and "seed" not in body else None


RELATIONS = (
    Relation(
        "both-forms-and-one-seed",
        "same-form",
        ANCHOR,
        "l1",
        "the same picture for the same seed, by url and by b64_json",
        "seed",
        _in_the_other_form,
        same=True,
    ),
    Relation(
        "far-seed", "no-effect", ANCHOR, "l2", "another picture for another seed", "seed", _with("seed", _far_seed)
    ),
    Relation(
        "other-prompt",
        "no-effect",
        ANCHOR,
        "l2",
        "another picture for another prompt",
        "prompt",
        # At its end, and in another script: a server that cuts or filters the prompt has the same picture.
        _with("prompt", lambda _, body: f"{body['prompt']} 一座灯塔"),
    ),
    Relation(
        "watermark",
        "no-effect",
        ANCHOR,
        "l2",
        "another picture with a watermark",
        "watermark",
        _with("watermark", True),
        faint=True,
    ),
    Relation(
        "guidance",
        "no-effect",
        ANCHOR,
        "l2",
        "another picture at the other end of guidance_scale",
        "guidance_scale",
        _with("guidance_scale", _other_end),
        faint=True,
    ),
    Relation("no-seed", "random-picture", FIRST, "l2", "another picture each time without a seed", "seed", _again),
)


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
    return covering(_labels(model), strength, first=[_anchor(model)])


def _labels(model: Model) -> dict[str, list[str]]:
    return {field: [level.label for level in known] for field, known in levels(model).items()}


def _anchor(model: Model) -> dict[str, str]:
    """The plainest row with a seed and by url: what the relations change."""
    plain = {"seed": "zero", "response_format": "url", "guidance_scale": "least", "watermark": "false"}
    labels = _labels(model)
    return {
        field: plain[field] if plain.get(field) in known else LEFT_OUT.label if LEFT_OUT.label in known else known[0]
        for field, known in labels.items()
    }
