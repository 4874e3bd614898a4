"""The list of calls: the newest first, those that are looked for, so many at a time; and word that there are more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlencode

from ..calls import Answer
from ..faultkinds import UNHEARD
from ..journal import API, DOWNLOAD, Entry
from .visit import GUARDED, Visit, page

# Rows that are shown at once.
SHOWN = 100
LONGEST_MODEL = 100
HOPS = {"": "all calls", API: "API calls", DOWNLOAD: "downloads"}
KINDS = {"": "any status", "2": "2xx", "4": "4xx", "5": "5xx"}
EVENTS = "text/event-stream"
# After so long a page asks again whether there is more.
AGAIN = 700  # milliseconds


class Outcome(Enum):
    """How much of its answer a call was sent."""

    WHOLE = "whole"
    PART = "part"
    NONE = "no answer"


def outcome(entry: Entry) -> Outcome:
    """What became of the answer of a call, by its faults."""
    hit = {*entry.facts.get("faults", ())}
    if hit & UNHEARD:
        return Outcome.NONE
    return Outcome.PART if hit & {"truncated", "malformed-chunk"} else Outcome.WHOLE


@dataclass(frozen=True)
class Row:
    """One call of the list; `number` counts all calls of the tenant from 1 on."""

    number: int
    entry: Entry

    @property
    def model(self) -> str:
        """The model, without its vendor."""
        return model_of(self.entry).rpartition("/")[2]

    @property
    def outcome(self) -> Outcome:
        """How much of its answer it was sent."""
        return outcome(self.entry)

    @property
    def size(self) -> str:
        """Width and height of the picture, if there is one."""
        return str(self.entry.facts.get("size", ""))

    @property
    def credits(self) -> int | None:
        """What was paid."""
        return self.entry.facts.get("charged")

    @property
    def marks(self) -> list[str]:
        """What is to be noticed, in a word each."""
        facts = self.entry.facts
        words = [*facts.get("faults", ()), *(["deprecated"] if facts.get("deprecated") else [])]
        words += ["client gone"] if facts.get("gone") else []
        unknown = len(facts.get("unknown", ()))
        return [*words, *([f"{unknown} unknown field{'s' * (unknown > 1)}"] if unknown else [])]

    @property
    def is_thumbed(self) -> bool:
        """Whether there is a picture of it to show."""
        return self.entry.recipe is not None and self.entry.hop == API


@dataclass(frozen=True)
class Filter:
    """Which calls are wanted: those with every word of `text`, and older than the number `before`."""

    text: str = ""
    model: str = ""
    status: str = ""
    hop: str = ""
    before: int = 0

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filter:
        """The filter that a query asks for; what it cannot mean is left out."""
        before = query.get("before", "")
        return cls(
            text=query.get("q", "")[:200].strip(),
            model=query.get("model", "")[:200],
            status=query.get("status", "") if query.get("status", "") in KINDS else "",
            hop=query.get("hop", "") if query.get("hop", "") in HOPS else "",
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else 0,
        )

    def query(self, **other: Any) -> str:
        """The query that asks for this filter, with other values."""
        own = {"q": self.text, "model": self.model, "status": self.status, "hop": self.hop, **other}
        return urlencode({name: value for name, value in own.items() if value})

    def takes(self, row: Row) -> bool:
        """Whether a call is one that is wanted."""
        entry = row.entry
        if self.before and row.number >= self.before:
            return False
        if self.hop not in ("", entry.hop) or self.model not in ("", model_of(entry)):
            return False
        if not str(entry.status).startswith(self.status):
            return False
        text = _text(entry) if self.text else ""
        return all(word in text for word in self.text.lower().split())


def listing(visit: Visit, _: tuple[str, ...]) -> Answer | None:
    """The page with the list; programs get the index of the control API there."""
    if not visit.is_page:
        return None
    return page(visit, "workbench/list.html", here="/_pixelpact/", hops=HOPS, kinds=KINDS, **_shown(visit))


def rows(visit: Visit, _: tuple[str, ...]) -> Answer | None:
    """The rows alone, for the page to put in the place of its own."""
    return page(visit, "workbench/rows.html", **_shown(visit))


def events(visit: Visit, _: tuple[str, ...]) -> Answer | None:
    """Server-sent events: whether there are calls that the page has not, and when to ask again.

    The stream ends at once, and a browser comes back by itself: so no thread waits, and every server can send it.
    """
    now, seen = (
        mark(visit.tenant.journal.entries, visit.tenant.journal.dropped),
        visit.call.headers.get("last-event-id", ""),
    )
    seen = seen or visit.query.get("seen", "")
    told = "" if now == seen else f"id: {now}\nevent: calls\ndata: {json.dumps({'seen': now})}\n"
    return Answer(200, f"retry: {AGAIN}\n{told}\n".encode(), EVENTS, GUARDED)


def mark(entries: Sequence[Entry], dropped: int) -> str:
    """What tells a journal from itself with more calls in it, or fewer."""
    gone = sum(1 for entry in entries[-20:] if entry.facts.get("gone"))
    return f"{dropped + len(entries)}.{entries[-1].request_id if entries else ''}.{gone}"


def _shown(visit: Visit) -> dict[str, Any]:
    journal, wanted = visit.tenant.journal, Filter.of(visit.query)
    entries, dropped = journal.entries, journal.dropped
    found: list[Row] = []
    count = 0
    for row in _newest(entries, dropped):
        if wanted.takes(row):
            count += 1
            if len(found) < SHOWN:
                found.append(row)
    older = wanted.query(before=found[-1].number) if count > len(found) else ""
    models = sorted({name for name in map(model_of, entries) if name and name.isprintable()})
    shown = {"rows": found, "found": count, "total": dropped + len(entries), "dropped": dropped, "older": older}
    return {**shown, "wanted": wanted, "models": models, "seen": mark(entries, dropped), "newest": wanted.query()}


def _newest(entries: Sequence[Entry], dropped: int) -> Iterator[Row]:
    for index in range(len(entries) - 1, -1, -1):
        yield Row(dropped + index + 1, entries[index])


def model_of(entry: Entry) -> str:
    """The model that a call was about, or that it asked for; empty if it asked for none."""
    facts, body = entry.facts, entry.facts.get("body")
    asked = body.get("model") if isinstance(body, dict) else None
    return str(facts.get("model", asked if isinstance(asked, str) else ""))[:LONGEST_MODEL]


def _text(entry: Entry) -> str:
    """What of a call is looked through."""
    facts = entry.facts
    body = facts.get("body")
    prompt = body.get("prompt", "") if isinstance(body, dict) else ""
    told = (entry.request_id, entry.method, entry.path, entry.status, model_of(entry), facts.get("size", ""))
    wrong = (facts.get("kind", ""), facts.get("error", ""), *facts.get("faults", ()))
    return " ".join(map(str, (*told, prompt, *wrong))).lower()
