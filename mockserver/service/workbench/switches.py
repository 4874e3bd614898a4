"""What can be done to a tenant: faults, credits, limits, its clock, the end of models. Plain forms, each one deed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from ...errors import PixelpactError, StorageUnusable
from .. import faults
from ..calls import Answer
from ..faults import BadFault, Fault
from .session import fields
from .visit import Visit, elsewhere, page

# What people try first: the name, and the fault in the words of the command line.
PRESETS = {
    "429 once": "status,code=429,first=1",
    "500 twice": "status,code=500,first=2",
    "Every third fails": "status,code=503,every=3",
    "2 s late": "latency,seconds=2",
    # Not the first alone: a browser asks again by itself, once for each connection that it has kept, and shows that.
    "Connection lost": "reset",
    "No answer": "empty",
    "Body cut": "truncated,first=1",
    "Moderated": "moderation,first=1",
    "Link expired": "expired,first=1",
}
HOURS = {"1 hour": 1, "25 hours, links expire": 25, "8 days": 192}
UNITS = ("pictures", "usd", "credits")
SPANS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
# How every rule of a value is told, and what people call the values.
RULE = re.compile(r"(?P<name>.+?): expected (?P<rule>.+), received (?P<value>.+)", re.DOTALL)
LABELS = {
    "pictures": "number of pictures",
    "usd": "amount in dollars",
    "credits": "number of credits",
    "concurrency": "number of concurrent calls",
    "clock": "step of the clock",
}


@dataclass(frozen=True)
class Deed:
    """Something to do to a tenant: `said` is what is told once it is done, `field` what is wrong when it cannot be."""

    do: Callable[[Visit, Mapping[str, str]], Any]
    said: str
    field: str = ""


OTHER = "Nothing was changed: in this browser another key is in use by now. These are its switches."


@dataclass(frozen=True)
class Told:
    """What came of a deed, in the section of the page that has its form; what was typed stands there still."""

    section: str
    done: str = ""
    problem: str = ""
    field: str = ""
    given: Mapping[str, str] | None = None


def shown(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """The page of switches, as they stand, with what was just done."""
    if not visit.is_page:
        return None
    if rest:
        # Where a form went to, that was sent wrongly.
        return elsewhere("switches") if "/".join(rest) in DEEDS else None
    name = visit.query.get("did", "")
    deed = DEEDS.get(name)
    return _page(visit, Told(_section(name), deed.said) if deed else Told(""))


def done(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """What comes of a form: the page again, or the page with what is wrong."""
    name = "/".join(rest)
    deed = DEEDS.get(name)
    if deed is None:
        return None
    given = fields(visit.call)
    if visit.query.get("whose", visit.tenant.name) != visit.tenant.name:
        return _page(visit, Told(_section(name), "", OTHER), 409)
    try:
        deed.do(visit, given)
    except (PixelpactError, ValueError) as problem:
        known = RULE.fullmatch(str(problem))
        field = known["name"] if known and known["name"] in given else deed.field
        status = 503 if isinstance(problem, StorageUnusable) else 400
        return _page(visit, Told(_section(name), "", in_words(problem), field, given), status)
    return elsewhere(f"switches?did={name}#{_section(name)}")


def in_words(problem: Exception) -> str:
    """Which rule is broken, as a sentence."""
    known = RULE.fullmatch(str(problem))
    if known is None:
        return str(problem)
    be = "be of" if known["rule"].startswith("the form ") else "be"
    return f"The {_label(problem, known['name'])} must {be} {known['rule']}, but is {known['value']}."


def left(fault: Fault) -> str:
    """How far a fault has come that hits the first calls alone; nothing of any other."""
    if fault.first is None:
        return ""
    past = min(fault.turn, fault.first)
    return f"{past} of {fault.first} done" + (f", {fault.first - past} left" if past < fault.first else "")


def span(time: timedelta) -> str:
    """A time in words, such as `1 day and 1 hour`; empty for less than a second."""
    rest, parts = int(time.total_seconds()), []
    for name, seconds in SPANS:
        count, rest = divmod(rest, seconds)
        parts += [f"{count:,} {name}{'' if count == 1 else 's'}"] if count else []
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _label(problem: Exception, name: str) -> str:
    if not isinstance(problem, BadFault):
        return LABELS.get(name, name)
    if not problem.kind:
        return "kind of the fault" if problem.name == "kind" else "fault"
    what = "argument" if problem.name == "argument" else problem.name
    return f"{what} of the fault {problem.kind}"


def _section(name: str) -> str:
    """The section of the page that has the form of a deed."""
    section = name.partition("/")[0]
    return "begin" if section in ("journal", "reset") else section


def _page(visit: Visit, told: Told, status: int = 200) -> Answer:
    tenant = visit.tenant
    return page(
        visit,
        "workbench/switches.html",
        status=status,
        here="/_pixelpact/switches",
        told=told,
        given=told.given or {},
        faults=[(_id(fault.text), fault.text, left(fault)) for fault in tenant.faults.list()],
        presets=PRESETS,
        words=faults.describe(),
        credits=tenant.credits.json(),
        units=UNITS,
        limits=tenant.limits.json(),
        now=tenant.clock.now(),
        ahead=span(tenant.clock.ahead),
        hours=HOURS,
        stages=tenant.models.json(),
        models=list(visit.mock.contract.models),
    )


def _add_fault(visit: Visit, given: Mapping[str, str]) -> None:
    visit.tenant.faults.place(faults.parse(given.get("fault", "").strip()))


def _drop_fault(visit: Visit, given: Mapping[str, str]) -> None:
    """Those that stay are set: one that is gone already is no error."""
    kept = [fault for fault in visit.tenant.faults.list() if _id(fault.text) != given.get("id")]
    visit.tenant.faults.set(kept)


def _id(text: str) -> str:
    """What names a fault in a form: its text may be anything."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _credits(visit: Visit, given: Mapping[str, str]) -> None:
    amount, unit = given.get("amount", "").strip(), given.get("unit", "")
    if unit not in UNITS:
        raise ValueError(f"unit: expected {' | '.join(UNITS)}, received {unit[:40]!r}")
    value = _number("amount", amount)
    change = visit.tenant.credits.add if given.get("do") == "add" else visit.tenant.credits.set
    said: dict[str, Any] = {unit: int(value) if unit != "usd" and value.is_integer() else value}
    change(**said)


def _limits(visit: Visit, given: Mapping[str, str]) -> None:
    quotas = [quota.strip() for quota in given.get("quotas", "").split(";") if quota.strip()]
    concurrency = given.get("concurrency", "").strip()
    value = _number("concurrency", concurrency) if concurrency else None
    said: Any = int(value) if value is not None and value.is_integer() else value
    visit.tenant.limits.set(*quotas, concurrency=said)


def _clock(visit: Visit, given: Mapping[str, str]) -> None:
    hours = _number("hours", given.get("hours", ""))
    if hours < 0:
        raise ValueError(f"hours: expected 0 or more, as no clock goes back, received {hours:g}")
    visit.tenant.clock.advance(hours=hours)


def _model(visit: Visit, given: Mapping[str, str]) -> None:
    models, name, state = visit.tenant.models, given.get("model", ""), given.get("state", "")
    if state == "deprecated":
        sunset = given.get("sunset", "").strip()
        models.deprecate(name, sunset=_day(sunset) if sunset else None)
    elif state == "removed":
        models.remove(name)
    elif state == "current":
        models.restore(name)
    else:
        raise ValueError(f"state: expected deprecated | removed | current, received {state[:40]!r}")


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{name}: expected a number, received {text[:40]!r}")
    return value


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as reason:
        raise ValueError(f"sunset: expected a day such as 2026-12-31, received {text[:40]!r}") from reason


DEEDS: Mapping[str, Deed] = {
    "faults": Deed(_add_fault, "The fault is set: it counts from the next call on.", "fault"),
    "faults/drop": Deed(_drop_fault, "The fault is removed."),
    "faults/clear": Deed(lambda visit, _: visit.tenant.faults.clear(), "All faults are removed."),
    "credits": Deed(_credits, "The credits are set.", "amount"),
    "credits/reset": Deed(lambda visit, _: visit.tenant.credits.reset(), "The credits are as the mock began."),
    "limits": Deed(_limits, "The limits are set.", "quotas"),
    "limits/clear": Deed(lambda visit, _: visit.tenant.limits.clear(), "The limits are removed."),
    "clock": Deed(_clock, "The clock is put forward.", "hours"),
    "clock/reset": Deed(lambda visit, _: visit.tenant.clock.reset(), "The clock is back to real time."),
    "models": Deed(_model, "The model's state is set.", "model"),
    "models/reset": Deed(lambda visit, _: visit.tenant.models.reset(), "The models are as the mock began."),
    "journal/clear": Deed(lambda visit, _: visit.tenant.journal.clear(), "All calls are forgotten."),
    "reset": Deed(lambda visit, _: visit.tenant.reset(), "All is as the mock began."),
}
