"""How many pictures an answer has room for, and what that says of the field that counts them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...contract.answers import find
from .names import RULES
from .reports import Spot
from .sourced import Schema, sourced, without

FORMS = ("url", "b64_json")


def most_pictures(answer: Mapping[str, Any]) -> float:
    """How many pictures an answer can have: none, one, or as many as its array of them holds."""
    if answer.get("x-value") in FORMS:
        return 1
    if "items" in answer and most_pictures(answer["items"]):
        return float(answer.get("maxItems", math.inf))
    inner = [*answer.get("properties", {}).values(), *answer.get("anyOf", ())]
    return max(map(most_pictures, inner), default=0)


def within(request: Schema, answer: Mapping[str, Any], spot: Spot) -> Schema:
    """A request whose count of pictures is no larger than the answer has room for."""
    if "x-count" not in request:
        return request
    most = most_pictures(answer)
    name = request["x-count"]["field"]
    field = request["properties"][name]
    if field.get("minimum", 1) > most or not _exceeds(field, most):
        return request
    spot.inside("properties", name).note(f"the answer has room for {most:.0f}: no more are asked for")
    if "enum" in field:
        fitting = [value for value in field["enum"] if not isinstance(value, (int, float)) or value <= most]
        held = sourced(field, {"enum": fitting}, RULES)
    else:
        held = sourced(without(field, "exclusiveMaximum"), {"maximum": int(most)}, RULES)
    if held.get("default", 1) > most:
        held = without(held, "default")
    return {**request, "properties": {**request["properties"], name: held}}


def loosened(answer: Schema, least: int, spot: Spot) -> Schema:
    """An answer whose arrays of pictures need no more than come when the request asks for the fewest."""
    result = dict(answer)
    if "items" in answer and any(find(answer, form) for form in FORMS):
        if answer.get("minItems", 0) > least:
            spot.inside("minItems").note(f"{answer['minItems']} pictures are more than a request may ask for: left out")
            del result["minItems"]
        result["items"] = loosened(answer["items"], 1, spot.inside("items"))
    for name, field in answer.get("properties", {}).items():
        fields = {**result["properties"], name: loosened(field, least, spot.inside("properties", name))}
        result["properties"] = fields
    if "anyOf" in answer:
        branches = enumerate(answer["anyOf"])
        result["anyOf"] = [loosened(branch, least, spot.inside("anyOf", index)) for index, branch in branches]
    return result


def fewest(request: Mapping[str, Any]) -> int:
    """How few pictures a request can ask for."""
    if "x-count" not in request:
        return 1
    field = request["properties"][request["x-count"]["field"]]
    listed = [value for value in field.get("enum", ()) if isinstance(value, int)]
    return max(1, int(min([field.get("default") or 1, *(listed or [field.get("minimum", 1)])])))


def _exceeds(field: Mapping[str, Any], most: float) -> bool:
    listed = [value for value in field.get("enum", ()) if isinstance(value, (int, float))]
    return max(listed, default=0) > most or ("enum" not in field and field.get("maximum", math.inf) > most)
