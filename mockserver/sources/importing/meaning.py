"""What a request means: which rules of ours its fields stand for, by stated rules, with standing `assumed`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .choices import container, count, form
from .names import RULES
from .pictures import edit, edited, with_pictures
from .reports import Spot
from .sizes import Edited, sizing
from .sourced import Schema, sourced


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
    sized = sizing(fields, said, Edited(base, base in required, up) if base else None, spot)
    contained = container(fields, spot)
    inferred: Schema = {
        "x-output-size": sized.ways,
        "x-count": {"field": counted[0], "source": RULES} if counted else None,
        "x-form": form(fields),
        "x-container": contained,
        "x-edit": edit(base) if base else None,
    }
    held = {name: rule for name, rule in inferred.items() if rule is not None}
    whole = sourced({**request, "properties": dict(sized.fields)}, held, RULES)
    return Meaning(whole, "edit" if base in required else "draw", _default_container(contained, fields))


def _default_container(rule: Schema | None, fields: Mapping[str, Schema]) -> str:
    if rule is None:
        return "jpeg"
    default = fields[rule["field"]].get("default")
    cases = {str(value): name for value, name in rule["cases"]}
    return str(cases.get(str(default), "jpeg" if default is None else next(iter(cases.values()))))
