"""Which field of a request says how many pictures come, in which form, and in which container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .names import CONTAINER_FIELDS, CONTAINERS, COUNTS, FORMS, MOST_PICTURES, PLAIN_COUNTS, RULES
from .reports import Spot
from .sourced import Schema, sourced, types_of

Fields = Mapping[str, Schema]
LEAST = {"minimum", "exclusiveMinimum"}
MOST = {"maximum", "exclusiveMaximum"}


def whole(schema: Schema, least: int, most: int) -> Schema:
    """A number that can only be whole, between limits that are assumed where none is documented."""
    assumed: Schema = {}
    kinds = schema.get("type", "number")
    if "number" in kinds:
        assumed["type"] = "integer" if isinstance(kinds, str) else ["integer" if k == "number" else k for k in kinds]
    if not schema.keys() & {"enum", "const"}:
        if not schema.keys() & LEAST:
            assumed["minimum"] = least
        if not schema.keys() & MOST:
            assumed["maximum"] = max(most, schema.get("minimum", most))
    return sourced(schema, assumed, RULES) if assumed else schema


def is_number(schema: Mapping[str, Any]) -> bool:
    """Whether a field takes a number."""
    bounded = "type" not in schema and bool(schema.keys() & (LEAST | MOST))
    return bounded or bool({"integer", "number"} & {*types_of(schema)})


def count(fields: Fields) -> tuple[str, Schema] | None:
    """The field that says how many pictures come, its schema held to whole numbers; None where none does."""
    found = next((name for name in COUNTS if name in fields and is_number(fields[name])), None)
    return None if found is None else (found, whole(fields[found], 1, MOST_PICTURES))


def counting(name: str, source: str) -> Schema:
    """The `x-count` rule of a field; the plain names can mean nothing else."""
    return {"field": name, "source": source if name in PLAIN_COUNTS else RULES}


def form(fields: Fields, source: str) -> Schema | None:
    """The `x-form` rule: the first field that decides between a link and base64."""
    for name, meanings in FORMS.items():
        cases = _cases(fields.get(name), meanings)
        if cases:
            return {"field": name, "cases": cases, "source": _standing(fields[name], source)}
    return None


def container(fields: Fields, spot: Spot) -> Schema | None:
    """The `x-container` rule: the first field that names a format of pictures."""
    for name in CONTAINER_FIELDS:
        cases = _cases(fields.get(name), CONTAINERS)
        if cases:
            held = [value for value, _ in cases]
            for value in fields[name].get("enum", held):
                if value not in held:
                    spot.inside("properties", name).note(f"no pictures can be made as {value!r}")
            return {"field": name, "cases": cases, "source": _standing(fields[name], spot.source)}
    return None


def _standing(schema: Schema, source: str) -> str:
    """Where the cases of a field come from: its listed values are documented, others are only usual."""
    return source if schema.keys() & {"enum", "const"} else RULES


def makes_no_pictures(fields: Fields) -> str | None:
    """The formats of a request that makes something else; None where it makes pictures, or may."""
    for name in CONTAINER_FIELDS:
        values = [value for value in fields.get(name, {}).get("enum", ()) if isinstance(value, str)]
        # Where pictures can be given back as an archive too, they are pictures.
        if values and name != "format" and not any(value.lower() in CONTAINERS for value in values):
            return f"{name} is {' or '.join(values)}"
    return None


def _cases(schema: Mapping[str, Any] | None, meanings: Mapping[Any, str]) -> list[list[Any]]:
    if schema is None or schema.keys() & {"properties", "items"}:
        return []
    kinds = types_of(schema)
    if kinds and ("boolean" if True in meanings else "string") not in kinds:
        return []
    values = schema.get("enum", [schema["const"]] if "const" in schema else list(meanings))
    found = [[value, meanings[_folded(value)]] for value in values if _folded(value) in meanings]
    return found if set(map(type, meanings)) >= {type(value) for value, _ in found} else []


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value if isinstance(value, bool) else None
