"""What the contract says of a field, rule by rule, in words and with the place that each rule comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from ...contract.breaches import ALLOWED
from ...contract.models import Model
from ...contract.sources import Source, names_of
from ...contract.wording import SAID

# What more needs no line of its own. Characters.
SHORT = 60


@dataclass(frozen=True)
class Rule:
    """One keyword of a schema: what it says, and where that comes from."""

    keyword: str
    says: str
    sources: tuple[Source, ...]

    @property
    def doubts(self) -> tuple[str, ...]:
        """How well it is known, if it stands in no documents."""
        standings = dict.fromkeys(source.standing for source in self.sources)
        return () if "documented" in standings else tuple(standings)


def in_lines(rules: Iterable[Rule]) -> tuple[tuple[Rule, ...], ...]:
    """Rules as they are read: the short ones in one line, each of the long ones in its own.

    Those of a line that follow each other and have the same sources are one.
    """
    rules = list(rules)
    short = [rule for rule in rules if len(rule.says) <= SHORT]
    first = tuple(_joined(tuple(same)) for _, same in groupby(short, key=lambda rule: rule.sources))
    long = [(rule,) for rule in rules if len(rule.says) > SHORT]
    return (first, *long) if first else tuple(long)


def field_rules(model: Model, name: str) -> tuple[Rule, ...]:
    """The rules of a field of a model's request; none for a field that it does not know."""
    schema = model.request["properties"].get(name)
    if schema is None:
        return ()
    required = name in model.request.get("required", ())
    first = [Rule("required", "required", model.rule_sources(None, "required"))] if required else []
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
        if say := WORDS.get(keyword):
            yield Rule(keyword, say(value), sources)
        elif keyword in SAID:
            yield _said(schema, keyword, model)
    for inner in [schema["items"]] if "items" in schema else []:
        yield from (Rule(f"items: {rule.keyword}", rule.says, rule.sources) for rule in _rules(inner, model))


def _said(schema: Mapping[str, Any], keyword: str, model: Model) -> Rule:
    sources = tuple(model.sources[name] for name in names_of(schema, keyword))
    return Rule(keyword, SAID[keyword](schema[keyword]), sources)


def _joined(rules: tuple[Rule, ...]) -> Rule:
    return replace(rules[0], says=" · ".join(rule.says for rule in rules))


def _enum(values: Any) -> str:
    return f"{'only' if len(values) == 1 else 'one of'} {ALLOWED['enum'](values)}"


def _default(value: Any) -> str:
    return f"default {value}" if isinstance(value, str) else f"default {ALLOWED['const'](value)}"


# A default is no rule, but said of a field.
WORDS: dict[str, Callable[[Any], str]] = {**ALLOWED, "enum": _enum, "default": _default}
