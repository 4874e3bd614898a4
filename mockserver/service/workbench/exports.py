"""The journal as HTTP Archive 1.2, which browsers' tools and many others read. No key and no picture is in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from ..calls import Answer, written
from ..journal import API, Entry
from .repeat import PICTURE, address, as_text, is_file, is_form, parts, sendable
from .rows import Outcome, outcome
from .visit import GUARDED, Visit


def har(visit: Visit, _: tuple[str, ...]) -> Answer | None:
    """`journal.har`: all calls that are kept."""
    body = written(archive(visit.call.origin, visit.tenant.journal.entries))
    headers = {**GUARDED, "Content-Disposition": 'attachment; filename="journal.har"'}
    return Answer(200, body, "application/json", headers)


def archive(origin: str, entries: Sequence[Entry]) -> dict[str, Any]:
    """The calls as an archive."""
    creator = {"name": "Pixelpact", "version": version("pixelpact")}
    return {"log": {"version": "1.2", "creator": creator, "entries": [_entry(origin, entry) for entry in entries]}}


def _entry(origin: str, entry: Entry) -> dict[str, Any]:
    body = entry.facts.get("body")
    posted = {} if body is None else {"postData": _data(body)}
    lost = outcome(entry) is Outcome.NONE
    agent = entry.facts.get("client", {}).get("user_agent")
    kind = "application/json" if entry.hop == API else entry.facts.get("picture", {}).get("content_type", "")
    return {
        "startedDateTime": entry.json()["time"],
        "time": entry.milliseconds,
        "request": {
            "method": entry.method,
            "url": address(origin, entry),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{"name": "User-Agent", "value": agent}] if agent else [],
            "queryString": [],
            "headersSize": -1,
            "bodySize": -1,
            **posted,
        },
        "response": {
            # As browsers say it of a request that got no answer.
            "status": 0 if lost else entry.status,
            "statusText": "" if lost else _phrase(entry.status),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{"name": "x-request-id", "value": entry.request_id}],
            "content": {"size": entry.facts.get("picture", {}).get("bytes", -1), "mimeType": kind},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": entry.milliseconds, "receive": 0},
        "_pixelpact": entry.json()["facts"],
    }


def _data(body: Any) -> dict[str, Any]:
    if is_form(body):
        params = [
            {"name": name, **({"fileName": PICTURE} if is_file(value) else {"value": as_text(value)})}
            for name, value in parts(body)
        ]
        return {"mimeType": "multipart/form-data", "params": params, "text": ""}
    return {"mimeType": "application/json", "text": json.dumps(sendable(body))}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
