"""What a field's schema says: the types it takes, the branches it has, the bounds of its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..contract.keywords import Dialect
from ..errors import PixelpactError

Schema = Mapping[str, Any]
# Fields of a schema that say nothing about which values it takes.
SILENT = {"title", "description", "default", "examples", "deprecated", "x-source"}
# What a rule is about, where no type is named beside it.
ABOUT = {
    "string": {"minLength", "maxLength", "format", "x-size"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "array": {"items", "minItems", "maxItems"},
    "object": {"properties", "required", "additionalProperties"},
}
# A schema of another type is none of a field's: its word is refused, not passed over.
KINDS = ("string", "integer", "number", "boolean", "null", "array", "object")
# The least step beyond a bound of numbers that is itself not allowed.
STEP = 1e-6
# Rules that a whole may have beside its branches: a branch has them as well.
SHARED = {"type", "x-source", "properties", "required"}


@dataclass
class UnknownKeyword(PixelpactError):
    """A schema uses a keyword that no case or strategy honours: better none than a wrong one."""

    keywords: tuple[str, ...]
    place: str

    def __str__(self) -> str:
        return f"nothing generates for {', '.join(self.keywords)} in {self.place}"


def refuse_others(schema: Schema, honoured: set[str]) -> None:
    """Raise UnknownKeyword for a schema with a rule beyond those honoured."""
    unknown = sorted(schema.keys() - honoured - SILENT)
    if unknown:
        raise UnknownKeyword(tuple(unknown), place_of(schema))


def place_of(schema: Schema) -> str:
    """What a schema calls itself."""
    return str(schema.get("description", "a schema"))


def says(schema: Schema) -> bool:
    """Whether a schema has any rule; one without is read but never promised anything."""
    return bool(schema.keys() - SILENT)


def kinds(schema: Schema) -> list[str]:
    """The types that a schema takes, or that its rules are about. Raises UnknownKeyword for a type that is none."""
    check_kinds(schema)
    named = schema.get("type") or [kind for kind, rules in ABOUT.items() if schema.keys() & rules]
    return [named] if isinstance(named, str) else list(named)


def check_kinds(schema: Schema) -> None:
    """Raise UnknownKeyword for a type that is none."""
    named = schema.get("type", ())
    unknown = [f"type {kind}" for kind in ([named] if isinstance(named, str) else named) if kind not in KINDS]
    if unknown:
        raise UnknownKeyword(tuple(unknown), place_of(schema))


def idle(schema: Schema, keyword: str) -> bool:
    """Whether a rule is about types that the schema does not take: it can be neither kept nor broken."""
    about = {kind for kind, rules in ABOUT.items() if keyword in rules}
    about |= {"integer"} if "number" in about else set()
    return bool(about) and about.isdisjoint(kinds(schema)) and "anyOf" not in schema


def branches(schema: Schema) -> list[dict[str, Any]]:
    """The branches of an `anyOf`, each with the rules beside it. Raises UnknownKeyword for rules that both have."""
    rest = {keyword: rule for keyword, rule in schema.items() if keyword != "anyOf" and keyword not in SILENT}
    named = {"x-source": schema["x-source"]} if "x-source" in schema else {}
    return [_merged({**named, **rest}, branch) for branch in schema["anyOf"]]


def accepts(schema: Schema, value: Any) -> bool:
    """Whether a schema takes a value; the pictures in it are not opened."""
    return not any(True for _ in Dialect(schema).iter_errors(value))


def interval(schema: Schema, *, whole: bool) -> tuple[float, float]:
    """The least and the most number that a schema takes, infinite where nothing is said; `whole` ones only."""
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above, below = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
    if whole:
        return max(_up(least), _down(above) + 1), min(_down(most), _up(below) - 1)
    return (above + STEP if above >= least else least), (below - STEP if below <= most else most)


def _merged(rest: Schema, branch: Schema) -> dict[str, Any]:
    both = (rest.keys() & branch.keys()) - SHARED
    if both:
        raise UnknownKeyword(tuple(f"{keyword} beside anyOf" for keyword in sorted(both)), place_of(branch))
    merged = {**rest, **branch}
    if rest.keys() & branch.keys() & {"properties"}:
        merged["properties"] = {**rest["properties"], **branch["properties"]}
    if rest.keys() & branch.keys() & {"required"}:
        merged["required"] = [*rest["required"], *branch["required"]]
    return merged


def _up(number: float) -> float:
    return number if math.isinf(number) else math.ceil(number)


def _down(number: float) -> float:
    return number if math.isinf(number) else math.floor(number)
