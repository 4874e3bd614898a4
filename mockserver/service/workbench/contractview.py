"""The contract as it stands: each model's fields and rules with their sources, the errors, and how profiles differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_uppercase
from typing import Any

from ...contract.contract import Contract, load_all
from ...contract.models import Model
from ...contract.sources import Source
from ..calls import Answer
from ..coverage import Coverage, cover
from ..coverage_probes import ERRORS, FAULTS, LINKS
from .rules import Rule, field_note, field_rules, in_lines, request_rules
from .visit import Visit, page

# Said of rules, and no rules.
SILENT = ("x-source", "description", "examples", "title")
NOTHING, NO_MARK = "nothing", "\N{EN DASH}"


@dataclass(frozen=True)
class Told:
    """A field of a request, for people."""

    name: str
    note: str
    lines: tuple[tuple[Rule, ...], ...]


@dataclass(frozen=True)
class Difference:
    """What is not the same under all profiles: what it is about, and the profiles by what they say."""

    about: str
    says: Mapping[str, tuple[str, ...]]

    def marks(self, own: str) -> dict[str, str]:
        """A letter for each thing that is said, `A` for what the profile `own` says, if any; a dash for nothing."""
        said = sorted((text for text in self.says if text != NOTHING), key=lambda text: own not in self.says[text])
        letters = ascii_uppercase[1:] if own in self.says.get(NOTHING, ()) else ascii_uppercase
        return {**dict(zip(said, letters, strict=False)), NOTHING: NO_MARK}

    def by_profile(self, own: str) -> dict[str, str]:
        """The mark of what each profile says."""
        marks = self.marks(own)
        return {name: marks[text] for text, names in self.says.items() for name in names}


@dataclass(frozen=True)
class Group:
    """A part of the coverage: its name for people, and its items by what they are and how often they were exercised."""

    title: str
    items: tuple[tuple[str, int], ...]

    @property
    def done(self) -> int:
        """How many were exercised at all."""
        return sum(1 for _, times in self.items if times)


def contract(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """`contract`, the models; `contract/MODEL`, one of them."""
    if not visit.is_page:
        return None
    known = visit.mock.contract
    if rest:
        key = "/".join(rest)
        return _of(visit, known.models[key]) if key in known.models else None
    profiles = {name: other.summary for name, other in load_all(*visit.mock.settings.schemas).items()}
    return page(
        visit,
        "workbench/contract.html",
        here="/_pixelpact/contract",
        models=[known.models[key] for key in known.models],
        profiles=profiles,
        errors=known.errors,
        numbers=_numbered(kind.source for kind in known.errors.values()),
        sources=known.documents.sources.values(),
    )


def coverage(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """What of the contract the calls of this key have exercised."""
    if rest or not visit.is_page:
        return None
    entries = visit.tenant.journal.entries
    found = cover(visit.mock.contract, entries)
    groups = [_group(found, name) for name in found.groups]
    return page(
        visit, "workbench/coverage.html", here="/_pixelpact/coverage", coverage=found, groups=groups, called=entries
    )


def differences(contracts: Mapping[str, Contract], key: str) -> tuple[Difference, ...]:
    """Where a model's request or answer is not the same under all profiles."""
    known = {name: one.models[key] for name, one in contracts.items() if key in one.models}
    told = {name: _told(model) for name, model in known.items()}
    abouts = dict.fromkeys(about for says in told.values() for about in says)
    found = (Difference(about, _by_saying(told, about)) for about in abouts)
    return tuple(one for one in found if len(one.says) > 1)


def _group(found: Coverage, name: str) -> Group:
    """A group, what is open first. Two items of one title are told apart by their names."""
    items = sorted(found.of(name).items(), key=lambda pair: (pair[1] > 0, pair[0].rank))
    titles = Counter(item.title for item, _ in items)
    shown = [
        (item.title if titles[item.title] == 1 else f"{item.title}, {item.name.replace('_', ' ')}", times)
        for item, times in items
    ]
    return Group(name.capitalize() if name in (ERRORS, FAULTS, LINKS) else name, tuple(shown))


def _of(visit: Visit, model: Model) -> Answer:
    names = model.request["properties"]
    fields = [Told(name, field_note(model, name), in_lines(field_rules(model, name))) for name in names]
    together = in_lines(request_rules(model))
    rules = [rule for lines in (*(field.lines for field in fields), together) for line in lines for rule in line]
    schemas = visit.mock.settings.schemas
    return page(
        visit,
        "workbench/model.html",
        here="/_pixelpact/contract",
        model=model,
        fields=fields,
        together=together,
        numbers=_numbered(source for rule in rules for source in rule.sources),
        differences=_differences(schemas, model.key),
        profiles=[name for name, one in load_all(*schemas).items() if model.key in one.models],
    )


def _numbered(sources: Iterable[Source]) -> dict[Source, int]:
    """Each source once, with its number."""
    return {source: number for number, source in enumerate(dict.fromkeys(sources), 1)}


@lru_cache(maxsize=64)
def _differences(schemas: tuple[Any, ...], key: str) -> tuple[Difference, ...]:
    return differences(load_all(*schemas), key)


def _by_saying(told: Mapping[str, Mapping[str, str]], about: str) -> dict[str, tuple[str, ...]]:
    says: dict[str, tuple[str, ...]] = {}
    for profile, known in told.items():
        text = known.get(about, NOTHING)
        says[text] = (*says.get(text, ()), profile)
    return says


def _told(model: Model) -> dict[str, str]:
    """What a model says, as text by what it is about: each field of the request, each of the answer."""
    request = {f"request {name}": _text(schema) for name, schema in model.request["properties"].items()}
    required = ", ".join(sorted(model.request.get("required", ()))) or NOTHING
    rest = {"required": required, "status of an answer": str(model.success), "a picture": _text(vars(model.picture))}
    return {**request, **rest, **_flat(model.answer, "answer")}


def _flat(schema: Mapping[str, Any], place: str) -> dict[str, str]:
    inner = {**schema.get("properties", {}), **({"0": schema["items"]} if "items" in schema else {})}
    own = {place: _text({name: value for name, value in schema.items() if name not in ("properties", "items")})}
    return {
        **own,
        **{key: says for name, part in inner.items() for key, says in _flat(part, f"{place}.{name}").items()},
    }


def _text(schema: Any) -> str:
    """A schema as text, without what is only said about it."""
    if isinstance(schema, Mapping):
        return json.dumps(_bare(schema), ensure_ascii=False, sort_keys=True)
    return json.dumps(schema, ensure_ascii=False)


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _bare(inner) for name, inner in value.items() if name not in SILENT}
    return [_bare(inner) for inner in value] if isinstance(value, (list, tuple)) else value
