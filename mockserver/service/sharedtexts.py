"""The parts of a tenant as texts, for replicas to read each other's. Short JSON; a moment is in ISO form."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ..pixels.values import Recipe, Size
from .faults import Fault, from_json
from .journal import Entry
from .lifecycle import Stage, Stages
from .stateallowed import Allowed, Quota
from .statebooks import Charge
from .statepages import marked

STEP = timedelta(microseconds=1)
SEVERAL = ("references", "masks")
# Without the spaces; what it is asked to write has no cycles.
_write = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True)
class Form:
    """How a part is written and read. What follows a line's end is counted, not set: it makes no new version."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


def entry_text(entry: Entry) -> str:
    """An entry in one line, after its id and the real time of its writing."""
    recipe = entry.recipe.json if entry.recipe else None
    moment = entry.moment.isoformat()
    known = (entry.hop, moment, entry.method, entry.path, entry.status, entry.milliseconds, dict(entry.facts), recipe)
    return f"{entry.request_id}\n{time.time():.3f}\n{_write(known)}\n"


def mark_text(facts: Mapping[str, Any]) -> str:
    """What is added to an entry's text with facts that came later."""
    return f"{time.time():.3f} {_write(facts)}\n"


def entry_of(text: str) -> Entry:
    """The entry of a text, with all that was added."""
    request_id, written, known, *marks = text.rstrip("\n").split("\n")
    hop, moment, method, path, status, milliseconds, facts, recipe = json.loads(known)
    made = None if recipe is None else _recipe(recipe)
    entry = Entry(hop, datetime.fromisoformat(moment), request_id, method, path, status, milliseconds, facts, made)
    for mark in marks:
        when, _, added = mark.partition(" ")
        entry = marked(entry, json.loads(added), max(0.0, float(when) - float(written)))
    return entry


def charge_text(charge: Charge) -> str:
    """A charge."""
    known = (charge.credits, charge.model, charge.request_id, charge.fingerprint, charge.moment.isoformat())
    return _write((*known, charge.pictures))


def charge_of(text: str) -> Charge:
    """The charge of a text."""
    credits, model, request_id, fingerprint, moment, pictures = json.loads(text)
    return Charge(credits, model, request_id, fingerprint, datetime.fromisoformat(moment), pictures)


def _recipe(fields: Mapping[str, Any]) -> Recipe:
    several = {name: tuple(fields[name]) for name in SEVERAL if name in fields}
    return Recipe(**{**fields, **several, "size": Size(**fields["size"])})


def _faults(faults: tuple[Fault, ...]) -> str:
    return f"{_write([made.json for made in faults])}\n{_write([made.turn for made in faults])}"


def _faults_of(text: str) -> tuple[Fault, ...]:
    made, turns = (json.loads(line) for line in text.split("\n"))
    return tuple(
        replace(from_json(one), turn=turn, place=place)
        for place, (one, turn) in enumerate(zip(made, turns, strict=True))
    )


def _allowed(allowed: Allowed) -> str:
    return _write([[[quota.calls, quota.units, quota.unit] for quota in allowed.quotas], allowed.concurrency])


def _allowed_of(text: str) -> Allowed:
    quotas, concurrency = json.loads(text)
    return Allowed(tuple(Quota(*quota) for quota in quotas), concurrency)


def _stages(stages: Stages) -> str:
    return _write([_named(stages.now), _named(stages.beginning)])


def _named(stages: Mapping[str, Stage]) -> dict[str, list[str | None]]:
    return {
        model: [_iso(stage.since), _iso(stage.sunset), stage.link, _iso(stage.removed_at)]
        for model, stage in stages.items()
    }


def _stages_of(text: str) -> Stages:
    return Stages(*({model: _stage(*told) for model, told in named.items()} for named in json.loads(text)))


def _stage(since: str | None, sunset: str | None, link: str | None, removed_at: str | None) -> Stage:
    return Stage(_moment(since), _moment(sunset), link, _moment(removed_at))


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


FORMS: Mapping[str, Form] = {
    "ahead": Form(lambda ahead: str(ahead // STEP), lambda text: int(text) * STEP),
    "faults": Form(_faults, _faults_of),
    "allowed": Form(_allowed, _allowed_of),
    "stages": Form(_stages, _stages_of),
    "balance": Form(lambda balance: "" if balance is None else str(balance), lambda text: int(text) if text else None),
}
