"""Checks of an artefact's URL: the signed form that was promised, and a date that agrees with `created`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .findings import Reason
from .generation import Generation, Picture

# The name of an object: `02`, the moment in milliseconds, 38 hex digits (observed in every published URL).
NAME = re.compile(r"02(?P<moment>[0-9]{13})[0-9a-f]{38}\.\w+", re.ASCII)
CREDENTIAL = re.compile(r"[^/]+/(?P<day>[0-9]{8})/[a-z0-9-]+/tos/request")
APART = 2
DATE = "%Y%m%dT%H%M%SZ"
Parameters = dict[str, str]


def signature(generation: Generation) -> Iterator[Reason]:
    """A URL is signed as promised; where the promise allows it, it may be unsigned, but not half signed."""
    rule = generation.model.artefact
    if rule is None:
        return
    for picture in generation.pictures:
        if picture.form == "url" and not picture.problem:
            reasons = _url_reasons(generation, picture, rule)
            sources = generation.model.answer_sources("url", "x-artefact")
            yield from (Reason(f"{picture.pointer}: {promised}", came, sources) for promised, came in reasons)


def _url_reasons(generation: Generation, picture: Picture, rule: Any) -> Iterator[tuple[str, str]]:
    parts = urlsplit(picture.text)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    signed = {name: value for name, value in given.items() if name.lower().startswith("x-tos-")}
    if not signed:
        if generation.strict or not rule["unsigned"]:
            yield f"a URL signed with {rule['signing']}", "a URL without a signature"
        return
    for name, (promised, holds) in PARAMETERS.items():
        if not holds(signed.get(name, ""), rule):
            yield f"{name} {promised.format(**rule)}", signed.get(name) or "nothing"
    yield from _moment_reasons(generation, signed, parts.path)


def _moment_reasons(generation: Generation, signed: Parameters, path: str) -> Iterator[tuple[str, str]]:
    date = signed.get("X-Tos-Date", "")
    if not _is_date(date, {}):
        return
    credential = CREDENTIAL.fullmatch(signed.get("X-Tos-Credential", ""))
    if credential and credential["day"] != date[:8]:
        yield "a credential of the day of X-Tos-Date", credential[0]
    seconds = int(datetime.strptime(date, DATE).replace(tzinfo=UTC).timestamp())
    # Two readings of one clock may be a second apart; the real service has one.
    apart = 0 if generation.strict else APART
    if generation.created is not None and abs(generation.created - seconds) > apart:
        yield f"X-Tos-Date at created, {generation.created}", f"{date}, {seconds}"
    name = NAME.fullmatch(path.rpartition("/")[2])
    if name and int(name["moment"]) > (seconds + 1) * 1000:
        yield "a name whose moment is not after X-Tos-Date", path.rpartition("/")[2]


def _is_date(text: str, _: Any) -> bool:
    try:
        # The standard library takes a month of one digit as well.
        return datetime.strptime(text, DATE).strftime(DATE) == text
    except ValueError:
        return False


PARAMETERS: dict[str, tuple[str, Callable[[str, Any], bool]]] = {
    "X-Tos-Algorithm": ("{signing}", lambda text, rule: text == rule["signing"]),
    "X-Tos-Credential": (
        "<key>/<date>/<region>/tos/request",
        lambda text, _: CREDENTIAL.fullmatch(text) is not None,
    ),
    "X-Tos-Date": ("as YYYYMMDDTHHMMSSZ", _is_date),
    "X-Tos-Expires": ("{lifetime} seconds", lambda text, rule: text == str(rule["lifetime"])),
    "X-Tos-Signature": (
        "of 64 hexadecimal digits",
        lambda text, _: re.fullmatch("[0-9a-f]{64}", text) is not None,
    ),
    "X-Tos-SignedHeaders": ("with host", lambda text, _: "host" in text.split(";")),
}
