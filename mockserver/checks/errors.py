"""Checks of a refused request's answer: the status, and an envelope that agrees with it and with the request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from ..contract.breaches import InvalidRequest
from ..contract.contract import PATH, Contract
from ..contract.models import Model
from ..contract.money import cost_of
from ..contract.sources import Source
from .answers import breach_reasons, excerpt, json_reasons, path_of
from .clock import moment_reason
from .endpoints import served
from .exchange import Exchange
from .findings import Reason, Unjudged

# What a person reads, and a log line holds.
LONGEST_TEXT = 2000
# The live bodies name an error by its status, as in NotFoundException; a name of another status contradicts it.
NAMES = {f"{status.phrase.replace(' ', '')}Exception": status for status in HTTPStatus}
# Line breaks and tabs are fine; what turns the direction of a terminal, or is half a character, is not.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Refusal:
    """An exchange that should have been refused with one of `statuses`; `sources` promise that it is.

    `field` is what was wrong, if it was one field. `strict`: what no evidence promises counts as well, which is only
    fair to our own mock.
    """

    contract: Contract
    exchange: Exchange
    statuses: tuple[int, ...]
    sources: tuple[Source, ...] = ()
    strict: bool = False
    field: str | None = None


def refused(refusal: Refusal) -> Iterator[Reason]:
    """The request is refused, with a status that says why."""
    if refusal.exchange.status not in refusal.statuses:
        came = f"{refusal.exchange.status} {excerpt(refusal.exchange)}"
        yield Reason(f"a refusal with {_listed(refusal.statuses)}", came, refusal.sources)


def content_type(refusal: Refusal) -> Iterator[Reason]:
    """An error says that it is JSON, and is."""
    yield from json_reasons(refusal.exchange)


def envelope(refusal: Refusal) -> Iterator[Reason]:
    """The body keeps to the profile's error schema."""
    if refusal.exchange.json is not None:
        yield from breach_reasons(refusal.contract.error_breaches(refusal.exchange.json))


def agreement(refusal: Refusal) -> Iterator[Reason]:
    """What the body says of status, path and request is what happened, and it says it alike in both places."""
    body, exchange = refusal.exchange.json, refusal.exchange
    if not isinstance(body, dict):
        return
    for name in ("statusCode", "status"):
        if name in body and str(body[name]) != str(exchange.status):
            yield Reason(f"{name} {exchange.status}, the status of the answer", str(body[name]))
    for name in ("path", "instance"):
        # A proxy may have put a path in front of the server's own.
        if name in body and not _is_path(refusal.contract, path_of(exchange), str(body[name]).partition("?")[0]):
            yield Reason(f"{name} {path_of(exchange)}, as requested", _shown(refusal, body[name]))
    header = exchange.headers.get("x-request-id")
    if refusal.strict and header and "requestId" in body and body["requestId"] != header:
        yield Reason(f"requestId {header}, as in the header x-request-id", str(body["requestId"]))
    yield from _wording_reasons(refusal, body)


def clock(refusal: Refusal) -> Iterator[Reason | Unjudged]:
    """The timestamp is the moment of the answer."""
    body = refusal.exchange.json
    stamp = body.get("timestamp") if isinstance(body, dict) else None
    if not isinstance(stamp, str):
        yield Unjudged("the error has no timestamp")
        return
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError as reason:
        yield Reason("a timestamp in ISO 8601", f"{_shown(refusal, stamp)}: {type(reason).__name__}")
        return
    told = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if found := moment_reason(refusal.exchange, told):
        yield Reason(f"timestamp: {found[0]}", found[1])


def names_field(refusal: Refusal) -> Iterator[Reason | Unjudged]:
    """A refusal of one field names it, in its message or its details."""
    exchange = refusal.exchange
    if refusal.field is None or exchange.status not in (400, 422):
        yield Unjudged("no single field was wrong")
    elif refusal.field.lower() not in exchange.text.lower():
        yield Reason(f"an error that names {refusal.field}", excerpt(exchange))


def texts(refusal: Refusal) -> Iterator[Reason]:
    """No text of an error is endless, blank or has control characters."""
    # What stands in several places is one text.
    for text, pointer in {text: pointer for pointer, text in _strings(refusal.exchange.json)}.items():
        if len(text) > LONGEST_TEXT:
            yield Reason(f"{pointer}: a text that can be read", f"{len(text):,} characters")
        elif control := CONTROL.search(text):
            yield Reason(f"{pointer}: a text without control characters", f"U+{ord(control[0]):04X}")
        # What a field may be is a value, whatever it looks like.
        elif text and not text.strip() and "/options/" not in pointer:
            yield Reason(f"{pointer}: a text", "white space")


def _is_path(contract: Contract, asked: str, told: str) -> bool:
    """Whether a path is the one that was asked for, or both are names of one endpoint; a whole URL will do."""
    ours, theirs = (served(contract.paths, path) for path in (asked, told))
    is_one = ours is not None and ours == theirs
    return is_one or (bool(told) and urlsplit(told).path.endswith(asked)) or (bool(told) and asked.endswith(told))


def charge(refusal: Refusal) -> Iterator[Reason]:
    """A refusal makes no picture and costs nothing: the docs charge for no request that failed."""
    body, sources = refusal.exchange.json, (refusal.contract.documents.sources["tracing-page"],)
    for model in _models(refusal):
        if found := [pointer for form in ("url", "b64_json") for pointer, _ in model.values(body, form)]:
            yield Reason("no picture in a refusal", found[0], sources)
        told = [
            values[0][1] if (values := model.values(body, name)) else None for name in ("credits_used", "usd_spent")
        ]
        cost = cost_of(refusal.exchange.headers, *told)
        if cost:
            yield Reason("a refusal that costs nothing", f"${cost:.4f}", sources)
        if found or cost:
            return


def _models(refusal: Refusal) -> list[Model]:
    """The model whose picture may be in a refusal; of a request that names none, the usual ones."""
    contract, exchange = refusal.contract, refusal.exchange
    try:
        return [contract.check_model(exchange.asked, served(contract.paths, path_of(exchange)) or PATH)]
    except InvalidRequest:
        return contract.chosen(())


def _shown(refusal: Refusal, value: Any) -> str:
    """A value of an error as a finding shows it: the key is taken out before it is cut."""
    return refusal.exchange.masked(repr(value))[:120]


def _wording_reasons(refusal: Refusal, body: dict[str, Any]) -> Iterator[Reason]:
    """The live bodies say the message twice, and the status in words."""
    cause = body.get("error")
    inner = cause.get("message") if isinstance(cause, dict) else None
    if isinstance(inner, str) and isinstance(body.get("message"), str) and inner != body["message"]:
        yield Reason("one message, in message and error.message", _shown(refusal, inner))
    title, status = body.get("title"), refusal.exchange.status
    name = cause.get("name") if isinstance(cause, dict) else None
    # A bad request may have any status of the client's errors that says more.
    if isinstance(name, str) and NAMES.get(name, status) not in (status, 400):
        yield Reason(f"error.name of the status {status}", _shown(refusal, name))
    # The library's words for 413 and 422 changed between its versions.
    known = status in {kind.value for kind in HTTPStatus} - {413, 422}
    if isinstance(title, str) and known and title != HTTPStatus(status).phrase:
        yield Reason(f"title {HTTPStatus(status).phrase!r}, the status in words", _shown(refusal, title))


def _strings(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from _strings(part, f"{pointer}/{key}")


def _listed(statuses: tuple[int, ...]) -> str:
    """`400 or 422`; a whole hundred as `4xx`."""
    whole = [status for status in statuses if status // 100 == 4] if len(statuses) > 50 else []
    return " or ".join([*(["4xx"] if whole else []), *(str(status) for status in statuses if status not in whole)])
