"""What follows from the head of a call, whatever its body: clients repeat their heads, and each is looked at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .artefacts import NAME
from .calls import Call
from .packing import FORM
from .redacted import LONGEST_NAME, bearer, client_of, kept

JSON = "application/json"
# `application/problem+json`, and its like.
OTHER_JSON = re.compile(r"application/.*\+json", re.DOTALL)
LONGEST_PATH = 300
METHODS = frozenset({"GET", "HEAD", "POST"})


@dataclass(frozen=True)
class Head:
    """`kind` is the media type of the body, `is_read` whether the API takes such a one, `key` the bearer key.

    The rest is as the journal keeps it: `method`, `path`, and what a `client` says of itself.
    """

    kind: str
    is_read: bool
    key: str
    method: str
    path: str
    client: Mapping[str, Any]


def head_of(call: Call) -> Head:
    """What follows from a call's head."""
    known: Head | None = call.known.get(Head)
    if known is None:
        known = call.known[Head] = _head(call)
    return known


def journal_path(path: str, headers: Mapping[str, str]) -> str:
    """A path as the journal keeps it; that of a picture is exact, as it joins a call and its downloads."""
    return path if NAME.fullmatch(path) else kept(path, headers, LONGEST_PATH)


def _head(call: Call) -> Head:
    headers = call.headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Head(
        kind=kind,
        is_read=kind in (JSON, FORM) or OTHER_JSON.fullmatch(kind) is not None,
        key=bearer(headers),
        method=call.method if call.method in METHODS else kept(call.method, headers, LONGEST_NAME),
        path=journal_path(call.path, headers),
        client=client_of(headers),
    )
