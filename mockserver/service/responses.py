"""What every way in says of an answer: its status line, the headers that pages may read, the line of the log."""

from __future__ import annotations

import logging
import time
from functools import cache
from http import HTTPStatus

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
# In the environ: what went wrong with a call on its way past Flask.
FAILED = "pixelpact.failed"


def said(method: str, path: str, status: int, started: float) -> None:
    """A line of the log: a call, its answer's status, and how long it took."""
    told = (method, path, status, (time.perf_counter() - started) * 1000)
    # By itself the logger would look for the line of code that says it: that takes as long as all else of it.
    LOG.handle(logging.LogRecord(LOG.name, logging.INFO, __file__, 0, "%s %s %s %.1f ms", told, None))


@cache
def status_line(status: int) -> str:
    """The status with its reason as servers write it; Werkzeug's own is in capitals, and clients show it."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"
