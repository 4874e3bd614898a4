"""What faults do to an answer: they stand in its place, or change it and how it travels. Plain values in and out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from ..contract.contract import Contract, ErrorKind
from ..contract.sources import Source
from .calls import Answer, Call
from .failures import Failure, enveloped
from .faultkinds import NEVER
from .faults import ACTS, Fault
from .journal import DOWNLOAD
from .objectstore import EXPIRED, UNKNOWN, refusal

Worded = Callable[[Contract, Call, Fault], Answer]
REASON = {"reason": "what a fault asked for"}
# Assumed: no refusal of the store behind this API was seen, so these are those of an S3-compatible one.
SLOW_DOWN = ("SlowDown", "Please reduce your request rate.")
STORE = {
    403: ("AccessDenied", "Access Denied"),
    404: UNKNOWN,
    429: SLOW_DOWN,
    500: ("InternalError", "We encountered an internal error. Please try again."),
    503: SLOW_DOWN,
}
# The contract has no kind of that status: how the API words it was not seen.
UNSEEN = Source("no-evidence", "assumed", "no evidence")
PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
EXPIRED_STATUS, MODERATED_STATUS = 403, 400
# It begins as an answer does, and ends too soon.
GARBAGE = b'{"created": 17'


def instead(contract: Contract, call: Call, due: Sequence[Fault], *, paid: bool = False) -> Answer | None:
    """The answer in place of the real one, of the first fault that has one, or None.

    Ask before anything is done for the call; and with `paid` once its picture is paid for, for the faults that hit only
    then.
    """
    made = _standing(due, paid)
    if made:
        return WORDED[made.kind](contract, call, made)
    lost = any(made.kind in ACTS and not made.paid for made in due)
    return LOST if lost and not paid else None


def changed(answer: Answer, due: Sequence[Fault]) -> Answer:
    """The answer, real or not, after all else that the faults do: another body or type, later, or lost on its way."""
    for kind, change in CHANGES.items():
        for made in due:
            answer = change(answer, made) if made.kind == kind else answer
    delivery = replace(answer.delivery, delay=answer.delivery.delay + sum(made.delay for made in due))
    act = _acting(due)
    if act:
        delivery = replace(delivery, act=act.kind, seconds=float(act.how.get("seconds", 0)))
    return replace(answer, delivery=delivery)


def told(answer: Answer, due: Sequence[Fault]) -> dict[str, Any]:
    """What the journal says of it: the kinds of the faults that hit, and the seconds that the client was to wait."""
    if not due and answer.status < HTTPStatus.BAD_REQUEST:
        return {}
    standing = _standing(due, paid=False) or _standing(due, paid=True)
    # Nothing was paid for where the call was refused for another reason.
    refused = standing is not None and standing.paid and answer.status != _status_of(standing)
    alone = [made for made in (None if refused else standing, _acting(due)) if made]
    hits = [made.kind for made in due if made.kind not in ALONE or any(made is other for other in alone)]
    wait = _wait(answer.headers)
    again = {"should_retry": True} if answer.headers.get("x-should-retry") == "true" else {}
    return {**({"faults": hits} if hits else {}), **({} if wait is None else {"retry_after": wait}), **again}


def error_of(contract: Contract, kinds: Iterable[str], status: int) -> ErrorKind | None:
    """The kind of error that a call was answered with by faults of these kinds; None if by none in an envelope."""
    ways = {"status": lambda: _kind(contract, status), "moderation": lambda: _moderation(contract)}
    return next((ways[kind]() for kind in kinds if kind in ways), None)


def _standing(due: Sequence[Fault], paid: bool) -> Fault | None:
    return next((made for made in due if made.kind in WORDED and made.paid == paid), None)


def _acting(due: Sequence[Fault]) -> Fault | None:
    """The first fault of the wire; one that nothing was paid for comes before all others."""
    acts = [made for made in due if made.kind in ACTS]
    return min(acts, key=lambda made: made.paid, default=None)


def _status(contract: Contract, call: Call, made: Fault) -> Answer:
    code, headers = made.how["code"], made.how["headers"]
    wait = made.how.get("retry_after", 1 if code == HTTPStatus.TOO_MANY_REQUESTS else None)
    if wait not in (None, NEVER) and "retry-after" not in map(str.lower, headers):
        headers = {**_waiting(wait), **headers}
    if made.on == DOWNLOAD:
        answer = refusal(code, STORE.get(code) or _title_twice(code), call.path, call.id)
    else:
        answer = enveloped(contract, call, _kind(contract, code), Failure("status", REASON))
    return replace(answer, headers={**answer.headers, **headers})


def _kind(contract: Contract, code: int) -> ErrorKind:
    """The contract's first kind of that status, or one in the words of HTTP."""
    title = _title(code)
    unseen = ErrorKind(code, title, f"{_joined(title)}Exception", title, UNSEEN)
    return next((kind for kind in contract.errors.values() if kind.status == code), unseen)


def _html(_: Contract, __: Call, made: Fault) -> Answer:
    code = made.how["code"]
    return Answer(code, PAGE.format(f"{code} {_title(code)}").encode(), "text/html")


def _expired(_: Contract, call: Call, __: Fault) -> Answer:
    moments = {"Expires": (call.moment - timedelta(seconds=1)).isoformat(), "ServerTime": call.moment.isoformat()}
    return refusal(EXPIRED_STATUS, EXPIRED, call.path, call.id, **moments)


def _moderated(contract: Contract, call: Call, _: Fault) -> Answer:
    return enveloped(contract, call, _moderation(contract), Failure("moderation", REASON))


def _moderation(contract: Contract) -> ErrorKind:
    # Schemas of one's own may know no such kind.
    return contract.errors.get("moderation") or _kind(contract, MODERATED_STATUS)


def _status_of(made: Fault) -> int:
    return int(made.how.get("code", EXPIRED_STATUS if made.kind == "expired" else MODERATED_STATUS))


def _title(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        # Proxies have statuses of their own, such as 524 and 529.
        return "Server Error" if code >= HTTPStatus.INTERNAL_SERVER_ERROR else "Client Error"


def _joined(title: str) -> str:
    return re.sub("[^A-Za-z]", "", title)


def _title_twice(code: int) -> tuple[str, str]:
    return _joined(_title(code)), f"{_title(code)}."


def _waiting(seconds: float) -> dict[str, str]:
    """The headers that ask for a wait: Retry-After has whole seconds (RFC 9110, 10.2.3), so a part goes beside it."""
    whole = {"Retry-After": str(math.ceil(seconds))}
    milliseconds = (Decimal(str(seconds)) * 1000).normalize()
    return whole if seconds == math.ceil(seconds) else {**whole, "retry-after-ms": f"{milliseconds:f}"}


def _wait(headers: Mapping[str, str]) -> float | None:
    """The seconds of the answer's `retry-after-ms`, which clients prefer, or else of its `Retry-After`, if a number."""
    given = {name.lower(): value for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        if NUMBER.fullmatch(given.get(name, "")):
            return float(given[name]) / unit
    return None


WORDED: Mapping[str, Worded] = {"status": _status, "html": _html, "expired": _expired, "moderation": _moderated}
# Of these only one can hit a call.
ALONE = {*WORDED, *ACTS}
# Never sent: the connection goes first.
LOST = Answer(500, b"", "text/plain")
CHANGES: Mapping[str, Callable[[Answer, Fault], Answer]] = {
    "garbage": lambda answer, _: replace(answer, body=GARBAGE, content_type="application/json"),
    "content-type": lambda answer, made: replace(answer, content_type=made.how["content_type"]),
}
