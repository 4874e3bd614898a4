"""The control API under `/_pixelpact/`: what Python says of a tenant, over HTTP. The bearer key names the tenant."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..contract.breaches import closest
from ..contract.parsing import parse
from ..errors import PixelpactError, StorageUnusable
from .artefacts import UnknownArtefact
from .calls import Answer, Call, json_answer
from .faults import Fault, from_json
from .lifecycle import Lifecycle
from .mock import Mock
from .tenants import Tenant
from .verdicts import as_json, judge

METHODS = ["GET", "POST", "PUT", "DELETE"]
TOKEN_HEADER = "x-pixelpact-token"
Handler = Callable[[Mock, Tenant, Any], Any]


@dataclass
class BadControl(PixelpactError):
    """A body that the control API cannot use: which field, what was expected, what came."""

    field: str
    expected: str
    received: str

    def __str__(self) -> str:
        return f"{self.field}: expected {self.expected}, received {self.received}"


def control_answer(mock: Mock, call: Call, path: str) -> Answer:
    """The answer to a call of the control API. Raises Failure for a key that is no tenant's."""
    tenant = mock.tenants.admit(call.headers, afresh=True)
    name = path.strip("/")
    if name.startswith("journal/") and call.method == "GET":
        return _picture(tenant, name)
    resource = RESOURCES.get(name)
    if resource is None:
        known = ", ".join(f"/_pixelpact/{known}" for known in RESOURCES)
        return json_answer(404, {"message": f"expected one of {known}, received /_pixelpact/{name[:80]}"})
    if call.method not in resource:
        allowed = ", ".join(resource)
        return json_answer(405, {"message": f"expected one of {allowed}, received {call.method}"}, {"Allow": allowed})
    try:
        value = resource[call.method](mock, tenant, parse(call.body) if call.body else None)
    except StorageUnusable as error:
        return json_answer(503, {"message": str(error)})
    except (PixelpactError, ValueError) as error:
        return json_answer(400, {"message": str(error)})
    return json_answer(200, value)


def is_resource(path: str) -> bool:
    """Whether something is to be had at a path below `/_pixelpact/`."""
    name = path.strip("/")
    return name in RESOURCES or name.startswith("journal/")


def _fields(body: Any, *allowed: str) -> dict[str, Any]:
    """A body that is an object of these fields alone."""
    if not isinstance(body, dict):
        raise BadControl("body", f"a JSON object with {' | '.join(allowed)}", json.dumps(body)[:80])
    for name in body:
        if name not in allowed:
            meant = closest(name, list(allowed))
            raise BadControl(name[:80], " | ".join(allowed), f"this name{f': do you mean {meant}?' if meant else ''}")
    return body


def _index(*_: Any) -> dict[str, Any]:
    return {f"/_pixelpact/{name}": list(methods) for name, methods in RESOURCES.items()}


def _reset(_: Mock, tenant: Tenant, __: Any) -> dict[str, Any]:
    tenant.reset()
    return {}


def _clear_journal(_: Mock, tenant: Tenant, __: Any) -> list[Any]:
    tenant.journal.clear()
    return tenant.journal.json()


def _verdicts(_: Mock, tenant: Tenant, __: Any) -> Any:
    return as_json(judge(tenant.journal.entries, now=tenant.clock.now()))


def _faults(tenant: Tenant) -> list[Any]:
    return [fault.json for fault in tenant.faults.list()]


def _add_faults(_: Mock, tenant: Tenant, body: Any) -> list[Any]:
    for fault in _read_faults(body):
        tenant.faults.place(fault)
    return _faults(tenant)


def _set_faults(_: Mock, tenant: Tenant, body: Any) -> list[Any]:
    faults = _read_faults(body)
    tenant.faults.set(faults)
    return _faults(tenant)


def _read_faults(body: Any) -> list[Fault]:
    """One fault or a list of them: all are read before the first counts."""
    return [from_json(one) for one in (body if isinstance(body, list) else [body])]


def _clear_faults(_: Mock, tenant: Tenant, __: Any) -> list[Any]:
    tenant.faults.clear()
    return []


def _set_credits(_: Mock, tenant: Tenant, body: Any) -> Any:
    tenant.credits.set(**_fields(body, "credits", "usd", "pictures", "model"))
    return tenant.credits.json()


def _add_credits(_: Mock, tenant: Tenant, body: Any) -> Any:
    tenant.credits.add(**_fields(body, "credits", "usd", "pictures", "model"))
    return tenant.credits.json()


def _reset_credits(_: Mock, tenant: Tenant, __: Any) -> Any:
    tenant.credits.reset()
    return tenant.credits.json()


def _set_limits(_: Mock, tenant: Tenant, body: Any) -> Any:
    fields = _fields(body, "quotas", "concurrency")
    quotas = fields.get("quotas", [])
    if not isinstance(quotas, list) or not all(isinstance(quota, str) for quota in quotas):
        raise BadControl("quotas", 'a list such as ["10/minute"]', json.dumps(quotas)[:80])
    tenant.limits.set(*quotas, concurrency=fields.get("concurrency"))
    return tenant.limits.json()


def _clear_limits(_: Mock, tenant: Tenant, __: Any) -> Any:
    tenant.limits.clear()
    return tenant.limits.json()


def _clock(_: Mock, tenant: Tenant, __: Any = None) -> dict[str, Any]:
    now = tenant.clock.now().isoformat(timespec="milliseconds")
    return {"now": now.replace("+00:00", "Z"), "seconds_ahead": tenant.clock.ahead.total_seconds()}


def _advance(mock: Mock, tenant: Tenant, body: Any) -> dict[str, Any]:
    units = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds")
    steps = _fields(body, *units)
    for name, value in steps.items():
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise BadControl(name, "a number", json.dumps(value)[:80])
    tenant.clock.advance(**steps)
    return _clock(mock, tenant)


def _reset_clock(mock: Mock, tenant: Tenant, _: Any) -> dict[str, Any]:
    tenant.clock.reset()
    return _clock(mock, tenant)


def _set_models(_: Mock, tenant: Tenant, body: Any) -> Any:
    """`{"model": "…", "state": "deprecated"}`: a model's part in a rehearsal; moments are in ISO form."""
    fields = _fields(body, "model", "state", *MOMENTS, "link")
    state = fields.pop("state", None)
    if not isinstance(state, str) or state not in STATES:
        raise BadControl("state", " | ".join(STATES), json.dumps(state)[:80])
    change, allowed = STATES[state]
    given = _fields(fields, "model", *allowed)
    if "model" not in given:
        raise BadControl("model", "the id of a model", "nothing")
    model = given.pop("model")
    moments = {name: _moment(name, given[name]) for name in MOMENTS if name in given}
    change(tenant.models, model, **{**given, **moments})
    return tenant.models.json()


def _moment(name: str, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadControl(name, "a moment such as 2026-12-01T00:00:00Z", json.dumps(value)[:80])
    return moment


MOMENTS = ("since", "sunset", "at")
STATES: Mapping[str, tuple[Callable[..., None], tuple[str, ...]]] = {
    "deprecated": (Lifecycle.deprecate, ("since", "sunset", "link")),
    "removed": (Lifecycle.remove, ("at",)),
    "current": (Lifecycle.restore, ()),
}


def _reset_models(_: Mock, tenant: Tenant, __: Any) -> Any:
    tenant.models.reset()
    return tenant.models.json()


def _picture(tenant: Tenant, name: str) -> Answer:
    """`journal/REQUEST_ID/thumbnail`: the picture of a call, small."""
    _, request_id, *rest = name.split("/")
    entry = next((entry for entry in tenant.journal if entry.request_id == request_id and entry.recipe), None)
    if entry is None or rest != ["thumbnail"]:
        return json_answer(
            404, {"message": "expected /_pixelpact/journal/REQUEST_ID/thumbnail of a call with a picture"}
        )
    try:
        return Answer(200, tenant.journal.picture(entry).thumbnail(), "image/jpeg")
    except UnknownArtefact:
        return json_answer(404, {"message": "expected a picture whose input is still kept"})


RESOURCES: Mapping[str, Mapping[str, Handler]] = {
    "": {"GET": _index, "DELETE": _reset},
    "journal": {"GET": lambda _, tenant, __: tenant.journal.json(), "DELETE": _clear_journal},
    "verdicts": {"GET": _verdicts},
    "faults": {
        "GET": lambda _, tenant, __: _faults(tenant),
        "POST": _add_faults,
        "PUT": _set_faults,
        "DELETE": _clear_faults,
    },
    "credits": {
        "GET": lambda _, tenant, __: tenant.credits.json(),
        "POST": _add_credits,
        "PUT": _set_credits,
        "DELETE": _reset_credits,
    },
    "limits": {"GET": lambda _, tenant, __: tenant.limits.json(), "PUT": _set_limits, "DELETE": _clear_limits},
    "clock": {"GET": _clock, "POST": _advance, "DELETE": _reset_clock},
    "models": {"GET": lambda _, tenant, __: tenant.models.json(), "PUT": _set_models, "DELETE": _reset_models},
}
