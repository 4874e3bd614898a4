"""Pictures against each other: what must be the same, and what must differ, where the model's fields promise it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..contract.models import Model
from .schemas import accepts

Tier = Literal["l0", "l1", "l2", "l3"]
FIRST = "first"
ANCHOR = "pairs-00"
Body = Mapping[str, Any]


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
    change: Callable[[Model, Body], dict[str, Any] | None]
    same: bool = False
    faint: bool = False


def _in_the_other_form(model: Model, body: Body) -> dict[str, Any] | None:
    rule = model.request.get("x-form")
    if rule is None or "seed" not in body:
        return None
    others = (value for value, form in rule["cases"] if form in model.forms and form != model.form(body))
    changed = ({**body, rule["field"]: value} for value in others)
    return next((made for made in changed if _takes(model, rule["field"], made)), None)


def _with(field: str, value: Any) -> Callable[[Model, Body], dict[str, Any] | None]:
    def change(model: Model, body: Body) -> dict[str, Any] | None:
        # What is not in the schema has no effect that anyone promised.
        if field not in model.request["properties"] or "seed" not in body:
            return None
        made = value(model, body) if callable(value) else value
        changed = {**body, field: made}
        # A body of before may have a value that the schema brings as default.
        return changed if made is not None and made != body.get(field) and _takes(model, field, changed) else None

    return change


def _takes(model: Model, field: str, body: Body) -> bool:
    return accepts(model.request["properties"].get(field, {}), body[field])


def _far_seed(model: Model, body: Body) -> int | None:
    """Another seed, the same in its lower 16 bits."""
    seed = body["seed"]
    far = (seed + 65536, seed - 65536) if isinstance(seed, int) else ()
    return next((other for other in far if _takes(model, "seed", {"seed": other})), None)


def _other_prompt(_: Model, body: Body) -> str | None:
    """At its end, and in another script: a server that cuts or filters the prompt has the same picture."""
    prompt = body.get("prompt")
    return f"{prompt} 一座灯塔" if isinstance(prompt, str) else None


def _other_end(model: Model, body: Body) -> Any:
    rule = model.request["properties"]["guidance_scale"]
    return rule.get("maximum") if body.get("guidance_scale") != rule.get("maximum") else rule.get("minimum")


def _again(model: Model, body: Body) -> dict[str, Any] | None:
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
        _with("prompt", _other_prompt),
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
