"""What the fields of a documented answer mean, and what stands in those that mean nothing to us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .facts import facts, is_number
from .names import PICTURE_PLACES, PICTURE_VALUES, RULES, VALUES
from .reports import Spot
from .sourced import Schema, sourced, types_of

# Signed by the object store as the published ones are, for a day; others were seen without a signature.
ARTEFACT = {"signing": "TOS4-HMAC-SHA256", "lifetime": 86400, "unsigned": True}
EMPTY: dict[str, Any] = {
    "boolean": False,
    "array": [],
    "object": {},
    "null": None,
}


def answering(documented: Mapping[str, Any], sized: bool, spot: Spot) -> Schema | None:
    """The schema of an answer with its meaning; None where it is no object.

    `sized`: the request's size is written as the answer's would be.
    """
    held = facts(documented, spot)
    if not isinstance(held.get("properties"), dict) or "object" not in types_of(held):
        return None
    return _completed(_meaning(held, "", (), sized))


def documented_credits(schema: Mapping[str, Any]) -> int | None:
    """The credits that the documented example of an answer costs."""
    for name, inner in schema.get("properties", {}).items():
        if name in ("credits_used", "tokens_used"):
            examples = inner.get("examples")
            for value in examples if isinstance(examples, list) else ():
                if is_number(value) and value >= 0:
                    return int(value)
        elif isinstance(inner, dict) and (found := documented_credits(inner)) is not None:
            return found
    return None


def _meaning(schema: Schema, name: str, places: tuple[str, ...], sized: bool) -> Schema:
    result = dict(schema)
    if "properties" in schema:
        inside = (*places, name)
        result["properties"] = {key: _meaning(inner, key, inside, sized) for key, inner in schema["properties"].items()}
    if "items" in schema:
        result["items"] = _meaning(schema["items"], name, places, sized)
    if "anyOf" in schema:
        result["anyOf"] = [_meaning(branch, name, places, sized) for branch in schema["anyOf"]]
    value = None if result.keys() & {"properties", "items", "anyOf"} else _value(schema, name, places, sized)
    if value is None:
        return result
    artefact = {"x-artefact": ARTEFACT} if value == "url" else {}
    return sourced(result, {"x-value": value, **artefact}, RULES)


def _value(schema: Schema, name: str, places: tuple[str, ...], sized: bool) -> str | None:
    kinds = types_of(schema)
    if "string" in kinds and "enum" not in schema:
        if name in PICTURE_VALUES and (set(places) & PICTURE_PLACES or places == ("",) or name not in ("url", "urls")):
            return PICTURE_VALUES[name]
        # A list of texts among the pictures is a list of links.
        if name in PICTURE_PLACES and name != "data":
            return "url"
    meaning, types = VALUES.get(name, (None, ()))
    if meaning == "size" and not sized:
        return None
    return meaning if {*kinds} & {*types} else None


def _completed(schema: Schema) -> Schema:
    """A schema of which every required field can be filled: what means nothing to us has an assumed default."""
    result = dict(schema)
    if "properties" in schema:
        inner = {name: _completed(field) for name, field in schema["properties"].items()}
        for name in schema.get("required", ()):
            if not _is_filled(inner[name]):
                inner[name] = sourced(inner[name], {"default": _stand_in(inner[name])}, RULES)
        result["properties"] = inner
    if "items" in schema:
        result["items"] = _completed(schema["items"])
    return result


def _is_filled(schema: Schema) -> bool:
    """Whether an answer has this field: it has a meaning, a default, or something inside that has."""
    if schema.keys() & {"x-value", "default"}:
        return True
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    return any(map(_is_filled, inner)) or ("items" in schema and _is_filled(schema["items"]))


def _stand_in(schema: Schema) -> Any:
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    if "anyOf" in schema:
        return _stand_in(schema["anyOf"][0])
    kinds = types_of(schema)
    kind = kinds[0] if kinds and "null" not in kinds else "null"
    if kind in ("number", "integer"):
        most = schema.get("maximum", schema.get("exclusiveMaximum", 1) - 1)
        return schema.get("minimum", schema["exclusiveMinimum"] + 1 if "exclusiveMinimum" in schema else min(0, most))
    if kind == "string":
        return "https://example.com" if "format" in schema else "-" * schema.get("minLength", 0)
    if kind == "array" and schema.get("minItems"):
        return [_stand_in(schema.get("items", {}))] * schema["minItems"]
    return EMPTY[kind]
