"""A client that gets its picture. It retries what may be retried, waits as it is told, and downloads at once.

    python resilient.py "a lighthouse at dusk" lighthouse.jpg

An answer that says "not now" made no picture, so it is asked for again. A request that is wrong stays wrong, and one
whose answer did not come in time may have been carried out and billed: neither is sent twice.
Set AIML_API_KEY, and AIML_API_BASE for another server than the live API.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

import httpx

NOT_NOW = {408, 409, 429, 500, 502, 503, 504}
EXPIRED = {403, 404}
# How a JPEG, a PNG and a WebP begin: what comes with 200 may be something else all the same.
PICTURES = (b"\xff\xd8", b"\x89PNG", b"RIFF")


class NoPicture(Exception):
    """There is none, and asking again would not help. Says why."""


@dataclass(frozen=True)
class Client:
    """Pictures from a server. Each request is tried `attempts` times, with no wait beyond `patience` seconds."""

    base: str
    key: str = field(repr=False)
    attempts: int = 4
    patience: float = 60
    sleep: Callable[[float], None] = time.sleep
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    def picture(self, **body: object) -> bytes:
        """The picture that the body asks for. Raises NoPicture, or httpx.TransportError when no answer came."""
        headers = {"Authorization": f"Bearer {self.key}"}
        generate = partial(self.http.post, f"{self.base}/v1/images/generations", json=body, headers=headers)
        # Twice: a link that has expired is replaced by a new one.
        for _ in range(2):
            answer = self._insist(generate, httpx.ConnectError)
            download = self._insist(partial(self._fetched, _link(_checked(answer))), httpx.TransportError)
            if download.status_code not in EXPIRED:
                break
        return _checked(download).content

    def _fetched(self, link: str) -> httpx.Response:
        # Without the key: the link is signed, and may lead to another host.
        answer = self.http.get(link)
        if answer.is_success and not answer.content.startswith(PICTURES):
            raise httpx.RemoteProtocolError(f"no picture: {answer.content[:40]!r}")
        return answer

    def _insist(self, send: Callable[[], httpx.Response], harmless: type[httpx.TransportError]) -> httpx.Response:
        """The first answer that is not "not now"; an error of a harmless kind is none. Raises NoPicture."""
        for attempt in range(self.attempts):
            wait = random.uniform(0.5, 1) * 2**attempt / 2
            try:
                answer = send()
            except harmless as error:
                reason = str(error)
            else:
                if answer.status_code not in NOT_NOW:
                    return answer
                wait, reason = max(wait, _told(answer)), _said(answer)
            if wait > self.patience:
                raise NoPicture(f"told to wait {wait:.0f} s: {reason}")
            if attempt + 1 < self.attempts:
                self.sleep(wait)
        raise NoPicture(f"gave up after {self.attempts} attempts: {reason}")


def _told(answer: httpx.Response) -> float:
    """The seconds that Retry-After asks for, in seconds or as a date; 0 without."""
    told = answer.headers.get("retry-after", "")
    if told.replace(".", "", 1).isdecimal():
        return float(told)
    try:
        return (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return 0


def _checked(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise NoPicture(_said(answer))
    return answer


def _link(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["data"][0]["url"])
    except (ValueError, LookupError, TypeError) as reason:
        raise NoPicture(f"an answer without a link: {answer.text[:80]!r}") from reason


def _said(answer: httpx.Response) -> str:
    """What is wrong, by the API or by whatever is before it, which may not speak JSON."""
    try:
        return f"{answer.status_code} {answer.json()['message']}"
    except (ValueError, LookupError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"


def main(prompt: str = "a lighthouse at dusk", file: str = "resilient.jpg") -> None:
    """Draw the prompt into the file."""
    base = os.environ.get("AIML_API_BASE", "https://api.aimlapi.com").removesuffix("/v1")
    try:
        data = Client(base, os.environ["AIML_API_KEY"]).picture(model="bytedance/seedream-3.0", prompt=prompt)
    except (NoPicture, httpx.TransportError) as reason:
        sys.exit(f"no picture: {reason}")
    Path(file).write_bytes(data)
    print(f"drawn: {file}, {len(data)} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
