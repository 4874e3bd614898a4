"""What every way in says of an answer: its status line, the headers that pages may read, the line of the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from .faultkinds import UNHEARD

LOG = logging.getLogger("pixelpact.calls")
EXPOSED = [
    "x-request-id",
    "x-inference-id",
    "x-client-request-id",
    "x-aimlapi-credits-used",
    "x-aimlapi-usd-spent",
    "x-pixelpact-seed",
    "x-pixelpact-digest",
    "Retry-After",
    "ETag",
    "Accept-Ranges",
    "Content-Range",
    "x-tos-request-id",
]
LINE = "%s %s %03d %.1f ms"
# What is the same of all that is said.
SAME = vars(logging.LogRecord(LOG.name, logging.INFO, __file__, 0, LINE, (), None))
# In the environ: what went wrong with a call on its way past Flask.
FAILED = "pixelpact.failed"


class _Said(logging.LogRecord):
    """A record that finds out nothing anew but the time, unless threads are to be told.

    By itself the logger would look for the line of code that says it, and a record for the parts of its path.
    """

    def __init__(self, facts: Mapping[str, Any] | None, *told: object) -> None:
        if logging.logThreads:
            super().__init__(LOG.name, logging.INFO, __file__, 0, LINE, told, None)
            self.facts = facts
        else:
            now = time.time()
            self.__dict__ = {**SAME, "args": told, "facts": facts, "created": now, "msecs": now % 1 * 1000}


def said(method: str, path: str, status: int, started: float, facts: Mapping[str, Any] | None = None) -> None:
    """A line of the log: a call, its answer's status, how long it took; `facts` are for whoever shows more.

    The faults that hit it are named behind the path; a call that they leave without an answer has the status 000.
    """
    hit = facts.get("faults", ()) if facts else ()
    if hit:
        path, status = f"{path} ({', '.join(hit)})", 0 if UNHEARD & {*hit} else status
    LOG.handle(_Said(facts, method, path, status, (time.perf_counter() - started) * 1000))


@cache
def status_line(status: int) -> str:
    """The status with its reason as servers write it; Werkzeug's own is in capitals, and clients show it."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"
