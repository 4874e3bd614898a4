"""What a request means: which rules of ours its fields stand for, by stated rules, with standing `assumed`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .choices import container, count, counting, form, is_number
from .names import CONTAINER_FIELDS, COUNTS, FORMS, RATIOS, RULES, SCALES, SIDES, SIZES
from .pictures import edit, edited, with_pictures
from .reports import Spot
from .sides import objects
from .sizes import Edited, sizing
from .sourced import Schema, sourced, types_of

# What would have a say in the pictures if it stood in the request itself.
MEANINGFUL = {*COUNTS, *SIZES, *RATIOS, *SCALES, *FORMS, *CONTAINER_FIELDS, *(name for pair in SIDES for name in pair)}


@dataclass(frozen=True)
class Meaning:
    """A request schema with all that could be inferred, and what a picture of it is by default."""

    request: Schema
    task: str
    container: str


def meaning(request: Schema, raw: Mapping[str, Any], spot: Spot, up: str) -> Meaning:
    """What a request of these facts means. `raw` is it with its descriptions, `up` the way to the set's folder."""
    said = {name: inner for name, inner in raw.get("properties", {}).items() if isinstance(inner, dict)}
    required = request.get("required", [])
    fields: dict[str, Schema] = {
        name: with_pictures(name, schema, said.get(name, {}), spot.source)
        for name, schema in request["properties"].items()
    }
    counted = count(fields)
    if counted:
        fields[counted[0]] = counted[1]
    base = edited(fields, required)
    for name, schema in fields.items():
        _note_lost(name, schema, spot.inside("properties", name))
    sized = sizing(fields, said, Edited(base, base in required, up) if base else None, spot)
    contained = container(fields, spot)
    inferred: Schema = {
        "x-output-size": sized.ways,
        "x-count": counting(counted[0], spot.source) if counted else None,
        "x-form": form(fields, spot.source),
        "x-container": contained,
        "x-edit": edit(base) if base else None,
    }
    held = {name: rule for name, rule in inferred.items() if rule is not None}
    whole: Schema = {**request, "properties": dict(sized.fields)}
    for name, rule in held.items():
        whole = sourced(whole, {name: rule}, rule.get("source", RULES) if isinstance(rule, dict) else RULES)
    return Meaning(whole, "edit" if base in required else "draw", _default_container(contained, fields))


def _note_lost(name: str, schema: Schema, spot: Spot) -> None:
    """Say of a field what it probably means, but cannot mean here."""
    if name in COUNTS and not is_number(schema):
        spot.note("no number: how many pictures come is not read from it")
    inside = [inner for inner in schema.get("properties", {}) if inner in MEANINGFUL]
    if inside and "x-image" not in schema and not any(objects(schema)):
        spot.note(f"what stands inside an object decides nothing: {', '.join(inside)}")
    values = [value for value in schema.get("enum", ()) if not isinstance(value, str)]
    if name in SIZES and ("integer" in types_of(schema) or values):
        spot.note("a size that is no text: the default's is assumed")


def _default_container(rule: Schema | None, fields: Mapping[str, Schema]) -> str:
    if rule is None:
        return "jpeg"
    default = fields[rule["field"]].get("default")
    cases = {str(value): name for value, name in rule["cases"]}
    return str(cases.get(str(default), "jpeg" if default is None else next(iter(cases.values()))))
