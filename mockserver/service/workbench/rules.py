"""What the contract says of a field, rule by rule, in words and with the place that each rule comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...contract.breaches import ALLOWED
from ...contract.models import Model
from ...contract.sources import Source, names_of
from ...contract.wording import SAID

# Said of a field, and no rule.
NOTES = {"default": "where it is left out: {}"}


@dataclass(frozen=True)
class Rule:
    """One keyword of a schema: what it says, and where that comes from."""

    keyword: str
    says: str
    sources: tuple[Source, ...]


def field_rules(model: Model, name: str) -> tuple[Rule, ...]:
    """The rules of a field of a model's request; none for a field that it does not know."""
    schema = model.request["properties"].get(name)
    if schema is None:
        return ()
    required = name in model.request.get("required", ())
    first = [Rule("required", "must be sent", model.rule_sources(None, "required"))] if required else []
    return (*first, *_rules(schema, model))


def field_note(model: Model, name: str) -> str:
    """What a field is for."""
    return str(model.request["properties"].get(name, {}).get("description", ""))


def request_rules(model: Model) -> tuple[Rule, ...]:
    """What hangs on several fields: the size that comes, the count, the form."""
    return tuple(_said(model.request, keyword, model) for keyword in SAID if keyword in model.request)


def _rules(schema: Mapping[str, Any], model: Model) -> Iterator[Rule]:
    for keyword, value in schema.items():
        sources = tuple(model.sources[name] for name in names_of(schema, keyword))
        if keyword in ALLOWED:
            yield Rule(keyword, ALLOWED[keyword](value), sources)
        elif keyword in SAID:
            yield _said(schema, keyword, model)
        elif keyword in NOTES:
            yield Rule(keyword, NOTES[keyword].format(_shown(value)), sources)
    for inner in [schema["items"]] if "items" in schema else []:
        yield from (Rule(f"items: {rule.keyword}", rule.says, rule.sources) for rule in _rules(inner, model))


def _said(schema: Mapping[str, Any], keyword: str, model: Model) -> Rule:
    sources = tuple(model.sources[name] for name in names_of(schema, keyword))
    return Rule(keyword, SAID[keyword](schema[keyword]), sources)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else ALLOWED["const"](value)
