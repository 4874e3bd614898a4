"""Checks of a refused request's answer: the status, and an envelope that agrees with it and with the request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..contract.contract import Contract
from ..contract.sources import Source
from .answers import breach_reasons, excerpt, json_reasons, path_of
from .exchange import Exchange
from .findings import Reason

# What a stack trace or a library's own page looks like; inside JSON a line ends in a written \n.
LEAKS = re.compile(
    r"Traceback \(most recent call last\)|(?:\n|\\n)\s+at [\w.<>]+ \("
    r"|werkzeug\.|/site-packages/|node_modules/|<!doctype html",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Refusal:
    """An exchange that should have been refused with one of `statuses`; `sources` promise that it is.

    `strict`: what no evidence promises counts as well, which is only fair to our own mock.
    """

    contract: Contract
    exchange: Exchange
    statuses: tuple[int, ...]
    sources: tuple[Source, ...] = ()
    strict: bool = False


def refused(refusal: Refusal) -> Iterator[Reason]:
    """The request is refused, with a status that says why."""
    if refusal.exchange.status not in refusal.statuses:
        wanted = " or ".join(map(str, refusal.statuses))
        came = f"{refusal.exchange.status} {excerpt(refusal.exchange)}"
        yield Reason(f"a refusal with {wanted}", came, refusal.sources)


def content_type(refusal: Refusal) -> Iterator[Reason]:
    """An error says that it is JSON, and is."""
    yield from json_reasons(refusal.exchange)


def envelope(refusal: Refusal) -> Iterator[Reason]:
    """The body keeps to the profile's error schema."""
    if refusal.exchange.json is not None:
        yield from breach_reasons(refusal.contract.error_breaches(refusal.exchange.json))


def agreement(refusal: Refusal) -> Iterator[Reason]:
    """What the body says of status, path and request is what happened."""
    body, exchange = refusal.exchange.json, refusal.exchange
    if not isinstance(body, dict):
        return
    for name in ("statusCode", "status"):
        if name in body and str(body[name]) != str(exchange.status):
            yield Reason(f"{name} {exchange.status}, the status of the answer", str(body[name]))
    for name in ("path", "instance"):
        # A proxy may have put a path in front of the server's own.
        if name in body and not path_of(exchange).endswith(str(body[name]).partition("?")[0] or "?"):
            yield Reason(f"{name} {path_of(exchange)}, as requested", str(body[name]))
    header = exchange.headers.get("x-request-id")
    if refusal.strict and header and "requestId" in body and body["requestId"] != header:
        yield Reason(f"requestId {header}, as in the header x-request-id", str(body["requestId"]))
    yield from _time_reasons(body.get("timestamp"))


def leaks(refusal: Refusal) -> Iterator[Reason]:
    """No stack trace, no library's own page, and not the key that was sent."""
    text = refusal.exchange.body.decode("utf-8", "replace")
    found = LEAKS.search(text)
    if found:
        yield Reason("an error without a look inside the server", repr(found[0]))
    if refusal.exchange.holds_key(text):
        yield Reason("an error that does not repeat the key", "the key that was sent")


def _time_reasons(stamp: Any) -> Iterator[Reason]:
    try:
        if isinstance(stamp, str):
            datetime.fromisoformat(stamp)
    except ValueError as reason:
        yield Reason("a timestamp in ISO 8601", f"{stamp!r}: {reason}")
