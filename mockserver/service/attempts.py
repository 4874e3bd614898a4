"""Attempts: which calls of a journal are one client's tries at one thing, and what the client knew at each.

Calls with the same method, body (of a download: link) and User-Agent are tries at the same thing if none of them began
before the client was free of the one before. Calls that overlap are of several hands, each with its own tries: what
came after a failed one is its retry, unless another hand was as free to send it. OpenAI's clients number their retries,
and are believed. A try ends with an answer that the client could read; the same request after that is a new wish.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from .journal import API, DOWNLOAD, Entry

Run = tuple[Entry, ...]
# That a rule was broken: in words, and the calls that show it.
Seen = tuple[str, Sequence[Entry]]
# Nothing about the request has changed, so the answer will not: RFC 9110, 15.5.
REFUSALS = frozenset({400, 401, 403, 404, 413, 415, 422})
# Without so much as a status; without a picture that can be read.
UNHEARD = frozenset({"timeout", "reset", "empty"})
UNREADABLE = UNHEARD | {"malformed-chunk", "truncated", "garbage"}
# Seconds by which a wait may be short: clocks and timers differ.
TOLERANCE = 0.05
# That a client has gone is noticed so much later, in seconds; milliseconds of a call are rounded.
NOTICED = 0.25
ROUNDED = timedelta(milliseconds=0.1)


@dataclass(frozen=True)
class Traffic:
    """The calls of one client, or of several that share a key. `now` is the tenant's time, if they may go on."""

    entries: tuple[Entry, ...]
    now: datetime | None = None

    @property
    def calls(self) -> list[Entry]:
        """The calls of the API."""
        return [entry for entry in self.entries if entry.hop == API]

    @property
    def downloads(self) -> list[Entry]:
        """The calls of the object store."""
        return [entry for entry in self.entries if entry.hop == DOWNLOAD]

    @cached_property
    def fetched(self) -> frozenset[str]:
        """The paths of all links that were asked for, or handed on as a picture to edit."""
        asked = (entry.facts.get("link") for entry in self.downloads if entry.method == "GET")
        handed = (path for entry in self.calls for path in _paths(entry.facts.get("body")))
        return frozenset(path for path in (*asked, *handed) if path)

    @cached_property
    def runs(self) -> list[Run]:
        """The tries at each thing, in order: all but the last of a run have failed."""
        groups: defaultdict[Any, list[Entry]] = defaultdict(list)
        for entry in sorted(self.entries, key=lambda entry: entry.moment):
            if thing(entry):
                groups[thing(entry)].append(entry)
        return [run for group in groups.values() for hand in self._hands(group) for run in self._split(hand)]

    def lost(self, entry: Entry) -> bool:
        """Whether the client never had the answer, or one that it could not read."""
        facts = entry.facts
        if facts.get("gone") or faults(entry) & UNREADABLE:
            return True
        # Some clients read JSON under another type. Whoever has used the link is one of them.
        unused = facts.get("form") == "url" and facts.get("link") not in self.fetched
        return "content-type" in faults(entry) and unused

    def failed(self, entry: Entry) -> bool:
        """Whether the client has reason to try again, or to give up."""
        return entry.status >= 400 or self.lost(entry)

    def _hands(self, group: list[Entry]) -> list[list[Entry]]:
        """The calls for one thing, by who may have sent them one after the other; each by its time."""
        numbered = self._numbered(group)
        taken = {before.request_id for before in numbered.values()}
        hands: list[list[Entry]] = []
        for entry in group:
            before = numbered.get(entry.request_id)
            free = [
                hand
                for hand in hands
                if (hand[-1] is before if before else hand[-1].request_id not in taken and is_after(hand[-1], entry))
            ]
            if free:
                min(free, key=lambda hand: self._unlikely(hand[-1], entry)).append(entry)
            else:
                hands.append([entry])
        return hands

    def _numbered(self, group: list[Entry]) -> dict[str, Entry]:
        """What a call that says of itself that it is the nth retry is a retry of, by its request id."""
        found: dict[str, Entry] = {}
        waiting: list[Entry] = []
        for entry in group:
            number = _retry_count(entry)
            fits = (one for one in waiting if _retry_count(one) == number - 1 and is_after(one, entry))
            before = next(fits, None) if number > 0 else None
            if before:
                found[entry.request_id] = before
                waiting.remove(before)
            if number >= 0 and self.failed(entry):
                waiting.append(entry)
        return found

    def _unlikely(self, before: Entry, entry: Entry) -> int:
        """How unlikely it is that a client sent this after that: the lowest number is the kindest reading."""
        if not self.failed(before):
            return 1
        if refused(before):
            return 3
        return 2 if is_early(before, entry) else 0

    def _split(self, hand: Iterable[Entry]) -> Iterator[Run]:
        run: list[Entry] = []
        for entry in hand:
            run.append(entry)
            if not self.failed(entry):
                yield tuple(run)
                run = []
        if run:
            yield tuple(run)


def thing(entry: Entry) -> tuple[str, str, str] | None:
    """What a call is for, and whose it is; None where that cannot be told."""
    what = entry.facts.get("fingerprint" if entry.hop == API else "link")
    return (entry.method, what, str(client(entry).get("user_agent", ""))) if what else None


def faults(entry: Entry) -> frozenset[str]:
    """The kinds of fault that hit a call."""
    return frozenset(entry.facts.get("faults", ()))


def heard(entry: Entry) -> bool:
    """Whether the client had at least the status and the headers of its answer."""
    return not entry.facts.get("gone") and not faults(entry) & UNHEARD


def wait(entry: Entry) -> float | None:
    """The seconds that the answer told the client to wait, if it had the answer."""
    return entry.facts.get("retry_after") if heard(entry) else None


def refused(entry: Entry) -> bool:
    """Whether the client was told that trying again is of no use."""
    otherwise = wait(entry) is not None or entry.facts.get("should_retry") is True
    return entry.status in REFUSALS and heard(entry) and not otherwise


def gap(before: Entry, after: Entry) -> float:
    """Seconds from when the client was free of one call to its next."""
    return (after.moment - _released(before)).total_seconds()


def is_early(before: Entry, after: Entry) -> bool:
    """Whether a client came back sooner than it was told."""
    return gap(before, after) < (wait(before) or 0) - TOLERANCE


def is_after(before: Entry, after: Entry) -> bool:
    """Whether one client may have sent these one after the other."""
    return _released(before) <= after.moment + ROUNDED


def _released(entry: Entry) -> datetime:
    """When the client had its answer, or waited no longer for it."""
    if entry.facts.get("gone"):
        return entry.moment + timedelta(seconds=max(0.0, entry.facts.get("gone_after", 0.0) - NOTICED))
    patience = client(entry).get("read_timeout")
    return min(entry.ended, entry.moment + timedelta(seconds=patience)) if patience else entry.ended


def client(entry: Entry) -> dict[str, Any]:
    """What the client said of itself."""
    return entry.facts.get("client") or {}


def _retry_count(entry: Entry) -> int:
    return int(client(entry).get("retry_count", -1))


def _paths(value: Any) -> Iterator[str]:
    """The path of each URL in a body."""
    if isinstance(value, str) and "://" in value:
        yield "/" + value.partition("://")[2].partition("/")[2]
    elif isinstance(value, dict):
        yield from (path for inner in value.values() for path in _paths(inner))
    elif isinstance(value, list):
        yield from (path for inner in value for path in _paths(inner))
