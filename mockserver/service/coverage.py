"""Contract coverage of a caller's own tests: what of all that the contract says their calls have exercised.

Told by the journal alone. Groups of items: each model, the `errors` and `faults` that a caller can meet, and `links`.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from ..contract.contract import Contract, ErrorKind
from ..contract.models import Model
from ..errors import PixelpactError
from .coverage_fields import trials
from .faultkinds import KINDS
from .journal import API, DOWNLOAD, Entry

Errors = Mapping[str, ErrorKind]
FORM = 1
ERRORS, FAULTS, LINKS = "errors", "faults", "links"
# A request that its schema refuses tries the refusal, not its fields.
REFUSED = "invalid_request"
EXPIRED = "expired"
# The mock's own fault, and a call without a tenant, in whose journal it would be.
NOT_TO_BE_MET = {"broken_promise", "empty_key"}


@dataclass
class BadCoverage(PixelpactError):
    """What should be a coverage's JSON is not, or of a form that this version does not know."""

    reason: str

    def __str__(self) -> str:
        return f"coverage: {self.reason}"


@dataclass(frozen=True)
class Item:
    """One thing to exercise; `name` is unique in its group, `title` a phrase for people.

    The lower the `rank`, the more useful to exercise. `field` is the request's field that it is about, if any: the item
    that is named like its field is that it was sent at all.
    """

    group: str
    name: str
    title: str
    rank: int = 0
    field: str = ""


@dataclass(frozen=True)
class Coverage:
    """How often each item was exercised. `models` are all that the contract knows; one that nobody named has no items.

    `untold` are rules of the models that no journal can tell of, as `MODEL FIELD: KEYWORD, …`.
    """

    counts: Mapping[Item, int] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that have items: models first, in the contract's order."""
        present = {item.group for item in self.counts}
        return tuple(name for name in (*self.models, ERRORS, FAULTS, LINKS) if name in present)

    @property
    def unused(self) -> tuple[str, ...]:
        """Models that nobody named."""
        present = {item.group for item in self.counts}
        return tuple(name for name in self.models if name not in present)

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
        return Coverage(counts, _union(self.models, other.models), _union(self.untold, other.untold))

    def to_json(self) -> dict[str, Any]:
        """The coverage as JSON of form 1; `percent`, `exercised` and `unused` are for people and not read back."""
        return {
            "coverage": FORM,
            "percent": round(self.percent, 2),
            "exercised": [sum(map(bool, self.counts.values())), len(self.counts)],
            "unused": list(self.unused),
            "models": list(self.models),
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
            return cls(counts, tuple(value["models"]), tuple(value["untold"]))
        except (KeyError, TypeError, ValueError) as reason:
            raise BadCoverage(f"expected what to_json gives, received another form: {reason!r}") from reason


def _counted(*, times: int, **fields: Any) -> tuple[Item, int]:
    return Item(**fields), times


def cover(contract: Contract, entries: Iterable[Entry]) -> Coverage:
    """What these calls have exercised of the models that they named."""
    entries = list(entries)
    named = {model for entry in entries if (model := _model(entry))}
    models = [name for name in contract.models if name in named]
    counts = exercised(contract, entries)
    untold = tuple(line for name in models for line in _untold(contract.models[name]))
    return Coverage({item: counts[item] for item in items(contract, models)}, tuple(contract.models), untold)


def items(contract: Contract, models: Iterable[str] | None = None) -> tuple[Item, ...]:
    """Everything there is to exercise, of these models or of all."""
    groups = [*(contract.models if models is None else models), ERRORS, FAULTS, LINKS]
    probes = _probes(contract)
    return tuple(probe.item for group in groups for probe in probes[group])


def exercised(contract: Contract, entries: Iterable[Entry]) -> Counter[Item]:
    """The items that these calls have exercised, and how often."""
    probes = _probes(contract)
    return Counter(
        probe.item
        for entry in entries
        for group in {_model(entry), ERRORS, FAULTS, LINKS}
        for probe in probes.get(group, ())
        if probe.done(entry)
    )


def _model(entry: Entry) -> str:
    """The model that a call named; empty for another call."""
    body = entry.facts.get("body")
    named = body.get("model") if isinstance(body, Mapping) else None
    return str(named or entry.facts.get("model", "")) if entry.hop == API else ""


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


@dataclass(frozen=True)
class _Probe:
    item: Item
    done: Callable[[Entry], bool]


@lru_cache(maxsize=8)
def _probes(contract: Contract) -> dict[str, tuple[_Probe, ...]]:
    """Each group's items with their tests."""
    groups = {
        **{name: _of_model(model, contract.errors) for name, model in contract.models.items()},
        ERRORS: _of_errors(contract.errors),
        FAULTS: _of_faults(),
        LINKS: _of_links(),
    }
    return {group: tuple(_by_name(made)) for group, made in groups.items()}


def _by_name(probes: Iterable[_Probe]) -> Iterator[_Probe]:
    """One probe a name: branches of a schema may bring the same item, and either exercises it."""
    named: dict[str, list[_Probe]] = defaultdict(list)
    for probe in probes:
        named[probe.item.name].append(probe)
    return (_Probe(same[0].item, _any([probe.done for probe in same])) for same in named.values())


def _any(tests: list[Callable[[Entry], bool]]) -> Callable[[Entry], bool]:
    return lambda entry: any(done(entry) for done in tests)


def _of_model(model: Model, errors: Errors) -> Iterator[_Probe]:
    for trial in trials(model.request):
        if trial.done:
            item = Item(model.id, trial.name, trial.title, trial.rank, trial.field)
            yield _Probe(item, _accepted(trial.done, errors))
    for form in model.forms:
        yield _Probe(Item(model.id, f"answered as {form}", f"an answer as {form}"), _answered_as(form))


def _accepted(done: Callable[[Any], bool], errors: Errors) -> Callable[[Entry], bool]:
    def tried(entry: Entry) -> bool:
        body = entry.facts.get("body")
        return isinstance(body, Mapping) and _error(entry, errors) != REFUSED and done(body)

    return tried


def _answered_as(form: str) -> Callable[[Entry], bool]:
    return lambda entry: entry.facts.get("form") == form


def _untold(model: Model) -> Iterator[str]:
    rules: dict[str, list[str]] = defaultdict(list)
    for trial in trials(model.request):
        if not trial.done:
            rules[trial.field].append(trial.name)
    return (f"{model.id} {field}: {', '.join(keywords)}" for field, keywords in rules.items())


def _of_errors(errors: Errors) -> Iterator[_Probe]:
    for name, kind in errors.items():
        if name not in NOT_TO_BE_MET:
            item = Item(ERRORS, name, f"{kind.status} {kind.title}", _error_rank(kind))
            yield _Probe(item, _met(name, errors))


def _met(name: str, errors: Errors) -> Callable[[Entry], bool]:
    return lambda entry: entry.hop == API and _error(entry, errors) == name


def _error(entry: Entry, errors: Errors) -> str:
    """The kind of error that a call met: the journal's word for it, or what a fault stands for."""
    kind = entry.facts.get("kind")
    faults = entry.facts.get("faults", ())
    if kind or not {"status", "moderation"} & set(faults):
        return str(kind or "")
    if "moderation" in faults:
        return "moderation"
    # Of the kinds of one status the contract names the plainest first.
    return next((name for name, known in errors.items() if known.status == entry.status), "")


def _error_rank(kind: ErrorKind) -> int:
    """What a client has to decide about comes first: whether to try again; last comes what nobody has seen."""
    if kind.source.standing == "assumed":
        return 2
    return 0 if kind.status == 429 or kind.status >= 500 else 1


def _of_faults() -> Iterator[_Probe]:
    for name, kind in KINDS.items():
        for rank, hop in enumerate(kind.on):
            yield _Probe(Item(FAULTS, f"{name} on {hop}", f"{name} on {hop}: {kind.summary}", rank), _hit_by(name, hop))


def _hit_by(kind: str, hop: str) -> Callable[[Entry], bool]:
    return lambda entry: entry.hop == hop and kind in entry.facts.get("faults", ())


def _of_links() -> Iterator[_Probe]:
    yield _Probe(Item(LINKS, "downloaded", "a picture downloaded by its link"), _downloaded)
    yield _Probe(Item(LINKS, "expired", "a link followed after it had expired"), _expired)


def _downloaded(entry: Entry) -> bool:
    return entry.hop == DOWNLOAD and entry.method == "GET" and entry.status in (200, 206)


def _expired(entry: Entry) -> bool:
    return entry.hop == DOWNLOAD and (entry.facts.get("kind") == EXPIRED or EXPIRED in entry.facts.get("faults", ()))
