"""Attempts: which calls of a journal are one client's tries at one thing, and what the client knew at each.

Calls with the same method, body (of a download: link) and User-Agent are for the same thing. They are read as the tries
of one client, until something shows that several are at work: calls that overlap, a download in between, numbers that
do not follow each other. From then on only OpenAI's clients are told apart, who number their retries. What several
clients can have sent that are all right is read so too, and a rule is broken if it is in every reading. A try ends with
an answer that the client could read; the same request after that, or minutes later, is a new wish.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from .faultkinds import UNHEARD
from .journal import API, DOWNLOAD, Entry, links_of

Run = tuple[Entry, ...]
# One way to tell who sent what.
Reading = list[Run]
# That a rule was broken: in words, and the calls that show it.
Seen = tuple[str, Sequence[Entry]]
# Nothing about the request has changed, so the answer will not: RFC 9110, 15.5.
REFUSALS = frozenset({400, 401, 403, 404, 413, 415, 422})
# Without a picture that can be read.
UNREADABLE = UNHEARD | {"malformed-chunk", "truncated", "garbage"}
# Seconds by which a wait may be short: clocks and timers differ.
TOLERANCE = 0.05
# Whoever has tried so often may give up: OpenAI's clients and the AI SDK do.
ENOUGH = 3
# That a client has gone is noticed so much later, in seconds; milliseconds of a call are rounded.
NOTICED = 0.25
ROUNDED = timedelta(milliseconds=0.1)
# Who comes back sooner after an overload, and was not told when, does not back off.
HURRY = 0.1
# Seconds beyond the time told, after which the same request is no retry: urllib3 waits 120 at most, others less.
OVER = 180


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
    def things(self) -> list[list[Reading]]:
        """Of each thing, the ways to read its calls as tries, in order: all but the last of a run have failed."""
        groups: defaultdict[Any, list[Entry]] = defaultdict(list)
        for entry in _by_time(self.entries):
            if thing(entry):
                groups[thing(entry)].append(entry)
        return [self._readings(calls) for group in groups.values() for calls in _spells(group)]

    def lost(self, entry: Entry) -> bool:
        """Whether the client never had the answer, or one that it could not read."""
        facts = entry.facts
        if facts.get("gone") or faults(entry) & UNREADABLE:
            return True
        # Some clients read JSON under another type. Whoever has used the link is one of them.
        unused = facts.get("form") == "url" and self.fetched.isdisjoint(links_of(entry))
        return "content-type" in faults(entry) and unused

    def failed(self, entry: Entry) -> bool:
        """Whether the client has reason to try again, or to give up."""
        return entry.status >= 400 or self.lost(entry)

    def _readings(self, group: list[Entry]) -> list[Reading]:
        if self._is_of_many(group):
            hands = [self._numbered(group)]
        else:
            hands = [one for one in ([group], self._shared(group, balanced=True), self._shared(group)) if one]
        return [[run for hand in each for run in self._split(hand)] for each in hands]

    def _is_of_many(self, group: list[Entry]) -> bool:
        """Whether several clients are at work: on anything, but who asks for a link is most likely its owner."""
        overlap = _overlap(group) if group[0].hop == DOWNLOAD else self._overlaps[_agent(group[0])]
        return overlap or any(_number(pair[1]) > 0 and not self._follows(*pair) for pair in pairwise(group))

    def _follows(self, before: Entry, after: Entry) -> bool:
        return self.failed(before) and _number(after) == _number(before) + 1

    @cached_property
    def _overlaps(self) -> dict[str, bool]:
        """Of each User-Agent, whether its calls ever overlap each other, or a download: that may have another one."""
        entries = _by_time(self.entries)
        agents = {_agent(entry) for entry in entries}
        return {
            agent: _overlap([one for one in entries if one.hop == DOWNLOAD or _agent(one) == agent]) for agent in agents
        }

    def _numbered(self, group: list[Entry]) -> list[list[Entry]]:
        """The calls of several clients, each on its own but for retries: by their number, and in the kindest order."""
        hands: list[list[Entry]] = []
        waiting: defaultdict[int, list[list[Entry]]] = defaultdict(list)
        for entry in group:
            number = _number(entry)
            before = [hand for hand in waiting[number - 1] if is_after(hand[-1], entry)] if number > 0 else []
            right = [hand for hand in before if not refused(hand[-1]) and not is_early(hand[-1], entry)]
            hand = next(iter(right or before), [])
            if hand:
                waiting[number - 1].remove(hand)
            else:
                hands.append(hand)
            hand.append(entry)
            if number >= 0 and self.failed(entry):
                waiting[number].append(hand)
        return hands

    def _shared(self, group: list[Entry], *, balanced: bool = False) -> list[list[Entry]] | None:
        """The calls by several clients that are all right. None if one came back too soon, or gave up too soon.

        Each tries as soon as it may; balanced, none more often than need be.
        """
        moments = [entry.moment for entry in group]
        # Of each call, the one that it retries, by their places; and how many tries follow.
        retries: dict[int, int] = {}
        tries = [0] * len(group)
        failed = [place for place, entry in enumerate(group[:-1]) if self.failed(entry)]
        if any(refused(group[place]) for place in failed):
            return None
        # The last to be due can be retried by the fewest, all of which can retry the others too.
        for place in sorted(failed, key=lambda place: _due(group[place]), reverse=True):
            first = max(place + 1, bisect_left(moments, _due(group[place])))
            free = [later for later in range(first, len(group)) if later not in retries]
            if free:
                after = min(free, key=tries.__getitem__) if balanced else free[0]
                retries[after] = place
                tries[place] = tries[after] + 1
        hands = _chains(group, retries)
        left = [hand for hand in hands if self.failed(hand[-1]) and hand[-1] is not group[-1]]
        # Else whoever hammers were so many clients, each of which gives up.
        few = len(left) <= len(hands) // 2
        return hands if few and all(len(hand) >= ENOUGH for hand in left) else None

    def _split(self, hand: Sequence[Entry]) -> Iterator[Run]:
        run: list[Entry] = []
        for entry in hand:
            if run and self._is_over(run[-1], entry):
                yield tuple(run)
                run = []
            run.append(entry)
        yield tuple(run)

    def _is_over(self, before: Entry, after: Entry) -> bool:
        """Whether a call is no further try: the one before did not fail, or was too long ago, or another's."""
        return (
            not self.failed(before)
            or gap(before, after) > (wait(before) or 0) + OVER
            or (_number(after) < 1 and self._is_between(before, after))
        )

    def _is_between(self, before: Entry, after: Entry) -> bool:
        """Whether a picture of another call was downloaded in the meantime: somebody else may be at work."""
        meanwhile = (one for one in self.downloads if before.moment <= one.moment <= after.moment)
        return any(one.facts.get("link") not in links_of(before) for one in meanwhile)


def thing(entry: Entry) -> tuple[str, str, str] | None:
    """What a call is for, and whose it is; None where that cannot be told."""
    what = entry.facts.get("fingerprint" if entry.hop == API else "link")
    return (entry.method, what, _agent(entry)) if what else None


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


def _agent(entry: Entry) -> str:
    return str(client(entry).get("user_agent", ""))


def _number(entry: Entry) -> int:
    """Which retry the call says it is, from 0 on; -1 where it does not say."""
    return int(client(entry).get("retry_count", -1))


def _due(entry: Entry) -> datetime:
    """From when on a client may try again."""
    told = wait(entry)
    seconds = (HURRY if heard(entry) else 0) if told is None else told - TOLERANCE
    return _released(entry) + timedelta(seconds=seconds)


def _by_time(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.moment)


def _overlap(entries: Sequence[Entry]) -> bool:
    """Whether any began before another was over; they are in order of time."""
    latest: Entry | None = None
    for entry in entries:
        if latest and not is_after(latest, entry):
            return True
        latest = entry if latest is None else max(latest, entry, key=_released)
    return False


def _spells(group: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The calls for one thing, parted where all that was tried was given up."""
    spell: list[Entry] = []
    until = group[0].moment
    for entry in group:
        if spell and entry.moment > until:
            yield spell
            spell = []
        spell.append(entry)
        until = max(until, _released(entry) + timedelta(seconds=(wait(entry) or 0) + OVER))
    yield spell


def _chains(group: Sequence[Entry], retries: Mapping[int, int]) -> list[list[Entry]]:
    """The calls by who sent them, given of each the place of the one that it retries."""
    chains: dict[int, list[Entry]] = {}
    for place, entry in enumerate(group):
        chains[place] = chains.pop(retries[place]) if place in retries else []
        chains[place].append(entry)
    return list(chains.values())


def _paths(value: Any) -> Iterator[str]:
    """The path of each URL in a body."""
    if isinstance(value, str) and "://" in value:
        yield "/" + value.partition("://")[2].partition("/")[2]
    elif isinstance(value, dict):
        yield from (path for inner in value.values() for path in _paths(inner))
    elif isinstance(value, list):
        yield from (path for inner in value for path in _paths(inner))
