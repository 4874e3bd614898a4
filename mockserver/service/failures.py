"""Everything that can go wrong with a call, and the one place where it becomes an answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..contract.breaches import LONGEST, Breach, InvalidRequest
from ..contract.contract import Contract, ErrorKind
from ..errors import InvalidJson, PixelpactError, StorageUnusable
from .calls import Answer, Call, json_answer


@dataclass
class Failure(PixelpactError):
    """A call that fails in one of the ways of the contract's `errors.json`; `fields` fill its message."""

    kind: str
    fields: dict[str, str] = field(default_factory=dict)
    details: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def failed(contract: Contract, call: Call, error: PixelpactError) -> Answer:
    """The answer to a call that failed: the profile's envelope, checked against its own schema."""
    failure = failure_of(error)
    return enveloped(contract, call, contract.errors[failure.kind], failure)


def enveloped(contract: Contract, call: Call, kind: ErrorKind, failure: Failure) -> Answer:
    """A failure in the profile's envelope, as an error of this kind."""
    values = {
        "message": worded(call.method, call.path, kind, failure.fields),
        "path": call.path,
        "request_id": call.id,
        "status": kind.status,
        "timestamp": call.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "name": kind.name,
        "details": failure.details if failure.details is not None else kind.details,
    }
    known = {name: value for name, value in values.items() if value is not None}
    body = contract.error_answered(known)
    breaches = list(contract.error_breaches(body))
    if breaches:
        return json_answer(500, {"message": f"Pixelpact would have broken its own contract: {breaches[0]}"})
    return json_answer(kind.status, body, failure.headers)


def said(contract: Contract, call: Call, error: PixelpactError) -> dict[str, str]:
    """What the journal says of a call that failed: its kind, and the message that the caller got."""
    failure = failure_of(error)
    return {
        "kind": failure.kind,
        "error": worded(call.method, call.path, contract.errors[failure.kind], failure.fields),
    }


def worded(method: str, path: str, kind: ErrorKind, fields: Mapping[str, str]) -> str:
    """The message of an error of this kind, on a call."""
    return kind.message.format_map({"method": method, "path": path, "reason": "", **fields})


def failure_of(error: PixelpactError) -> Failure:
    """An error of ours as a failure of the call that it came up in."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, InvalidRequest):
        return Failure("invalid_request", {"reason": str(error)}, [_issue(breach) for breach in error.breaches])
    if isinstance(error, InvalidJson):
        return Failure("invalid_json", {"reason": str(error)})
    if isinstance(error, StorageUnusable):
        return Failure("unavailable", headers={"Retry-After": "1"})
    # Nothing else of ours should come this far: the mock is at fault, not the caller.
    return Failure("broken_promise", {"reason": str(error)})


# The vendor validates with zod, so live bodies carry its issue objects (observed 2026-01-22 for an enum).


def _issue(breach: Breach) -> dict[str, Any]:
    path = [int(part) if part.isdecimal() else part for part in breach.pointer.split("/")[1:]]
    return {**ISSUES.get(breach.rule, _custom)(breach), "path": path, "message": str(breach)}


def _custom(_: Breach) -> dict[str, Any]:
    return {"code": "custom"}


def _type(breach: Breach) -> dict[str, Any]:
    return {"code": "invalid_type", "expected": breach.bound, "received": JSON_TYPES[type(breach.value)]}


def _enum(breach: Breach) -> dict[str, Any]:
    return {"code": "invalid_enum_value", "options": breach.bound, "received": _received(breach)}


def _received(breach: Breach) -> Any:
    # A picture or a signed URL in the wrong field must not come back whole; what is long is not even looked at.
    if isinstance(breach.value, (str, list, dict)) and len(breach.value) > LONGEST:
        return breach.received
    return breach.value if json.dumps(breach.value, ensure_ascii=False) == breach.received else breach.received


def _bound(code: str, side: str, kind: str) -> Callable[[Breach], dict[str, Any]]:
    return lambda breach: {"code": code, side: breach.bound, "type": kind, "inclusive": True, "exact": False}


JSON_TYPES = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
ISSUES: dict[str, Callable[[Breach], dict[str, Any]]] = {
    "type": _type,
    "required": lambda _: {"code": "invalid_type", "received": "undefined"},
    "enum": _enum,
    "minimum": _bound("too_small", "minimum", "number"),
    "maximum": _bound("too_big", "maximum", "number"),
    "minLength": _bound("too_small", "minimum", "string"),
    "maxLength": _bound("too_big", "maximum", "string"),
    "unknown field": lambda breach: {"code": "unrecognized_keys", "keys": [breach.field]},
}
