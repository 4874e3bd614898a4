"""Contract coverage of a caller's own tests: what of all that the contract says their calls have exercised.

Told by the journal alone. Groups of items: each model that was called, the `errors` and `faults` that a caller can
meet, and `links`. A model that nobody called counts nothing, be it one of the usual or of the many that were imported.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..checks.endpoints import served
from ..contract.breaches import InvalidRequest
from ..contract.contract import PATH, Contract
from ..errors import PixelpactError
from .coverage_probes import ERRORS, FAULTS, LINKS, Item, probes, untold
from .journal import API, Entry

FORM = 1


@dataclass
class BadCoverage(PixelpactError):
    """What should be a coverage's JSON is not, or of a form that this version does not know."""

    reason: str

    def __str__(self) -> str:
        return f"coverage: {self.reason}"


@dataclass(frozen=True)
class Coverage:
    """How often each item was exercised. `models` are all that the contract knows; one that nobody named has no items.

    `usual` are those of them that a caller may be expected to call. `untold` are rules of the models that no journal
    can tell of, as `MODEL FIELD: KEYWORD, …`.
    """

    counts: Mapping[Item, int] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that have items: models first, in the contract's order."""
        present = {item.group for item in self.counts}
        return tuple(name for name in (*self.models, ERRORS, FAULTS, LINKS) if name in present)

    @property
    def unused(self) -> tuple[str, ...]:
        """The usual models that nobody named."""
        present = {item.group for item in self.counts}
        return tuple(name for name in self.usual if name not in present)

    @property
    def others(self) -> int:
        """How many models there are besides, which nobody named and nobody was expected to."""
        return len(set(self.models) - {item.group for item in self.counts} - set(self.usual))

    @property
    def percent(self) -> float:
        """The share of the items that were exercised, 0 to 100; 0 where there are none."""
        return 100 * sum(map(bool, self.counts.values())) / max(len(self.counts), 1)

    @property
    def missing(self) -> tuple[Item, ...]:
        """What nobody exercised, by group, the most useful first."""
        return tuple(item for group in self.groups for item in self.missing_of(group))

    def of(self, group: str) -> dict[Item, int]:
        """The items of a group, and how often each was exercised."""
        return {item: times for item, times in self.counts.items() if item.group == group}

    def missing_of(self, group: str) -> list[Item]:
        """What of a group nobody exercised, the most useful first."""
        return sorted((item for item, times in self.of(group).items() if not times), key=lambda item: item.rank)

    def merged(self, other: Coverage) -> Coverage:
        """What both have seen, as of the tests of two workers."""
        counts = dict.fromkeys((*self.counts, *other.counts), 0)
        for coverage in (self, other):
            for item, times in coverage.counts.items():
                counts[item] += times
        both = ((self.models, other.models), (self.untold, other.untold), (self.usual, other.usual))
        return Coverage(counts, *(_union(one, another) for one, another in both))

    def to_json(self) -> dict[str, Any]:
        """The coverage as JSON of form 1; `percent`, `exercised` and `unused` are for people and not read back."""
        return {
            "coverage": FORM,
            "percent": round(self.percent, 2),
            "exercised": [sum(map(bool, self.counts.values())), len(self.counts)],
            "unused": list(self.unused),
            "models": list(self.models),
            "usual": list(self.usual),
            "untold": list(self.untold),
            "items": [{**asdict(item), "times": self.counts[item]} for group in self.groups for item in self.of(group)],
        }

    @classmethod
    def from_json(cls, value: Any) -> Coverage:
        """The coverage that `to_json` gave. Raises BadCoverage."""
        form = value.get("coverage") if isinstance(value, dict) else None
        if form != FORM:
            raise BadCoverage(f"expected form {FORM}, received {json.dumps(form, default=str)}")
        try:
            counts = dict(_counted(**fields) for fields in value["items"])
            models = tuple(value["models"])
            # Before there were imported models, all were usual.
            return cls(counts, models, tuple(value["untold"]), tuple(value.get("usual", models)))
        except (KeyError, TypeError, ValueError) as reason:
            raise BadCoverage(f"expected what to_json gives, received another form: {reason!r}") from reason


def _counted(*, times: int, **fields: Any) -> tuple[Item, int]:
    return Item(**fields), times


def cover(contract: Contract, entries: Iterable[Entry]) -> Coverage:
    """What these calls have exercised of the models that they named."""
    entries = list(entries)
    named = {model for entry in entries if (model := _model(contract, entry))}
    models = [name for name in contract.models if name in named]
    counts = exercised(contract, entries)
    silent = tuple(line for name in models for line in untold(contract.models[name]))
    usual = tuple(model.key for model in contract.chosen(()))
    return Coverage({item: counts[item] for item in items(contract, models)}, tuple(contract.models), silent, usual)


def items(contract: Contract, models: Iterable[str] | None = None) -> tuple[Item, ...]:
    """Everything there is to exercise, of these models or of all."""
    groups = [*(contract.models if models is None else models), ERRORS, FAULTS, LINKS]
    return tuple(probe.item for group in groups for probe in probes(contract, group))


def exercised(contract: Contract, entries: Iterable[Entry]) -> Counter[Item]:
    """The items that these calls have exercised, and how often."""
    return Counter(
        probe.item
        for entry in entries
        for group in {_model(contract, entry), ERRORS, FAULTS, LINKS} - {""}
        for probe in probes(contract, group)
        if probe.done(entry)
    )


def _model(contract: Contract, entry: Entry) -> str:
    """The key of the model that a call named, at the path that it went to; empty for another call."""
    if entry.hop != API:
        return ""
    body = entry.facts.get("body")
    named = (body.get("model") if isinstance(body, Mapping) else None) or entry.facts.get("model")
    try:
        return contract.check_model({"model": named}, served(contract.paths, entry.path) or PATH).key
    except InvalidRequest:
        return ""


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))
