"""What holds of the answer to any request: no failure of ours, an error in the documented form, no key, in time."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from pixelpact.contract.contract import Contract

from .fuzz_requests import KEY, Sent

# For a body of less than a mebibyte, unless its answer has a picture in it.
LONGEST = 0.1  # seconds
MEBIBYTE = 2**20
LONGEST_ERROR = 100_000


@dataclass(frozen=True)
class Came:
    """What came of a request: `seconds` until all of it was there."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class Judge:
    """Finds what must not be in an answer."""

    def __init__(self, contract: Contract) -> None:
        self._error = Draft202012Validator(contract.error)

    def findings(self, sent: Sent, came: Came) -> Iterator[str]:
        """Why an answer is none that may be given."""
        if not 200 <= came.status < 600 or (came.status >= 500 and not sent.wants_failure):
            yield f"status {came.status}: {came.body[:300]!r}"
        if KEY.encode() in came.body or any(KEY in value for value in came.headers.values()):
            yield "the key in the answer"
        if any(character in value for value in came.headers.values() for character in "\r\n\0"):
            yield "a line break in a header"
        if came.status >= 400 and sent.method != "HEAD":
            yield from self._error_findings(sent, came)

    def is_slow(self, sent: Sent, came: Came) -> bool:
        """Whether an answer took longer than its request is large."""
        return came.seconds > LONGEST and len(sent.body) < MEBIBYTE and b'"b64_json"' not in came.body[:2000]

    def _error_findings(self, sent: Sent, came: Came) -> Iterator[str]:
        kind = came.headers.get("content-type", "")
        if len(came.body) > LONGEST_ERROR:
            yield f"an error of {len(came.body):,} bytes"
        if kind.startswith("application/xml"):
            return
        try:
            body: Any = json.loads(came.body)
        except ValueError:
            yield f"an error that is no JSON, {kind}: {came.body[:200]!r}"
            return
        if sent.target.startswith("/_pixelpact"):
            return
        for error in self._error.iter_errors(body):
            yield f"an error not as documented: {error.message[:200]}"


class Noted(logging.Handler):
    """Keeps what was logged as an error: an exception that somebody caught and nobody foresaw."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record with its traceback."""
        self.records.append(logging.Formatter().format(record))
