"""What can be done to a tenant: faults, credits, limits, its clock, the end of models. Plain forms, each one deed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from ...errors import PixelpactError, StorageUnusable
from .. import faults
from ..calls import Answer
from .session import fields
from .visit import Visit, elsewhere, page

Deed = Callable[[Visit, Mapping[str, str]], Any]
# What people try first: the name, and the fault in the words of the command line.
PRESETS = {
    "429 once": "status,code=429,first=1",
    "500 twice": "status,code=500,first=2",
    "Every third fails": "status,code=503,every=3",
    "2 s late": "latency,seconds=2",
    "Connection lost": "reset,first=1",
    "Body cut": "truncated,first=1",
    "Moderated": "moderation,first=1",
    "Link expired": "expired,first=1",
}
HOURS = {"1 hour": 1, "25 hours, links expire": 25, "8 days": 192}
UNITS = ("pictures", "usd", "credits")


def shown(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """The page of switches, as they stand."""
    return None if rest or not visit.is_page else _page(visit)


def done(visit: Visit, rest: tuple[str, ...]) -> Answer | None:
    """What comes of a form: the page again, or the page with what is wrong."""
    deed = DEEDS.get("/".join(rest))
    if deed is None:
        return None
    try:
        deed(visit, fields(visit.call))
    except StorageUnusable as problem:
        return _page(visit, 503, str(problem))
    except (PixelpactError, ValueError) as problem:
        return _page(visit, 400, str(problem))
    return elsewhere("switches")


def _page(visit: Visit, status: int = 200, problem: str = "") -> Answer:
    tenant, models = visit.tenant, visit.mock.contract.models
    return page(
        visit,
        "workbench/switches.html",
        status=status,
        here="/_pixelpact/switches",
        problem=problem,
        faults=[(_id(fault.text), fault.text) for fault in tenant.faults.list()],
        presets=PRESETS,
        words=faults.describe(),
        credits=tenant.credits.json(),
        units=UNITS,
        limits=tenant.limits.json(),
        now=tenant.clock.now(),
        ahead=str(tenant.clock.ahead),
        hours=HOURS,
        stages=tenant.models.json(),
        models=list(models),
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
    visit.tenant.clock.advance(hours=_number("hours", given.get("hours", "")))


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
    "faults": _add_fault,
    "faults/drop": _drop_fault,
    "faults/clear": lambda visit, _: visit.tenant.faults.clear(),
    "credits": _credits,
    "credits/reset": lambda visit, _: visit.tenant.credits.reset(),
    "limits": _limits,
    "limits/clear": lambda visit, _: visit.tenant.limits.clear(),
    "clock": _clock,
    "clock/reset": lambda visit, _: visit.tenant.clock.reset(),
    "models": _model,
    "models/reset": lambda visit, _: visit.tenant.models.reset(),
    "journal/clear": lambda visit, _: visit.tenant.journal.clear(),
    "reset": lambda visit, _: visit.tenant.reset(),
}
