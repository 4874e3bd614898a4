"""What calls can exercise, and how the journal tells that they did: the fields of a model, errors, faults, links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..contract.contract import Contract, ErrorKind
from ..contract.models import Model
from .coverage_fields import trials
from .faultkinds import KINDS
from .journal import API, DOWNLOAD, Entry

Errors = Mapping[str, ErrorKind]
ERRORS, FAULTS, LINKS = "errors", "faults", "links"
# A request that its schema refuses tries the refusal, not its fields.
REFUSED = "invalid_request"
EXPIRED = "expired"
# The mock's own fault, and a call without a tenant, in whose journal it would be.
NOT_TO_BE_MET = {"broken_promise", "empty_key"}


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
class Probe:
    """An item, and whether a call exercised it."""

    item: Item
    done: Callable[[Entry], bool]


@lru_cache(maxsize=256)
def probes(contract: Contract, group: str) -> tuple[Probe, ...]:
    """A group's items with their tests."""
    if group in GROUPS:
        return tuple(GROUPS[group](contract.errors))
    return tuple(_by_name(_of_model(contract.models[group], contract.errors)))


def _by_name(probes: Iterable[Probe]) -> Iterator[Probe]:
    """One probe a name: branches of a schema may bring the same item, and either exercises it."""
    named: dict[str, list[Probe]] = defaultdict(list)
    for probe in probes:
        named[probe.item.name].append(probe)
    return (Probe(same[0].item, _any([probe.done for probe in same])) for same in named.values())


def _any(tests: list[Callable[[Entry], bool]]) -> Callable[[Entry], bool]:
    return lambda entry: any(done(entry) for done in tests)


def _of_model(model: Model, errors: Errors) -> Iterator[Probe]:
    for trial in trials(model.request):
        if trial.done:
            item = Item(model.key, trial.name, trial.title, trial.rank, trial.field)
            yield Probe(item, _accepted(trial.done, errors))
    for form in model.forms:
        yield Probe(Item(model.key, f"answered as {form}", f"an answer as {form}"), _answered_as(form))


def _accepted(done: Callable[[Any], bool], errors: Errors) -> Callable[[Entry], bool]:
    def tried(entry: Entry) -> bool:
        body = entry.facts.get("body")
        return isinstance(body, Mapping) and _error(entry, errors) != REFUSED and done(body)

    return tried


def _answered_as(form: str) -> Callable[[Entry], bool]:
    return lambda entry: entry.facts.get("form") == form


def untold(model: Model) -> Iterator[str]:
    """The rules of a model that no journal can tell of, a line a field."""
    rules: dict[str, list[str]] = defaultdict(list)
    for trial in trials(model.request):
        if not trial.done:
            rules[trial.field].append(trial.name)
    return (f"{model.key} {field}: {', '.join(keywords)}" for field, keywords in rules.items())


def _of_errors(errors: Errors) -> Iterator[Probe]:
    for name, kind in errors.items():
        if name not in NOT_TO_BE_MET:
            item = Item(ERRORS, name, f"{kind.status} {kind.title}", _error_rank(kind))
            yield Probe(item, _met(name, errors))


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


def _of_faults(_: Errors) -> Iterator[Probe]:
    for name, kind in KINDS.items():
        for rank, hop in enumerate(kind.on):
            yield Probe(Item(FAULTS, f"{name} on {hop}", f"{name} on {hop}: {kind.summary}", rank), _hit_by(name, hop))


def _hit_by(kind: str, hop: str) -> Callable[[Entry], bool]:
    return lambda entry: entry.hop == hop and kind in entry.facts.get("faults", ())


def _of_links(_: Errors) -> Iterator[Probe]:
    yield Probe(Item(LINKS, "downloaded", "a picture downloaded by its link"), _downloaded)
    yield Probe(Item(LINKS, "expired", "a link followed after it had expired"), _expired)


def _downloaded(entry: Entry) -> bool:
    return entry.hop == DOWNLOAD and entry.method == "GET" and entry.status in (200, 206)


def _expired(entry: Entry) -> bool:
    return entry.hop == DOWNLOAD and (entry.facts.get("kind") == EXPIRED or EXPIRED in entry.facts.get("faults", ()))


GROUPS: dict[str, Callable[[Errors], Iterator[Probe]]] = {ERRORS: _of_errors, FAULTS: _of_faults, LINKS: _of_links}
