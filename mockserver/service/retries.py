"""How a client tries again: each rule gives every time that it was broken, in words, with the calls that show it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from .attempts import HURRY, Run, Seen, Traffic, faults, gap, heard, is_early, refused, wait
from .journal import Entry
from .phrases import money, others, times

# Three clients that share a prompt, each giving up after three attempts, are none.
MOST_ATTEMPTS = 10
STORM_SECONDS = 60
# Fewer say nothing of what the next gap would be.
FEWEST_GAPS = 3
# Gaps are meant to be equal if they differ by 20 % and, as machines can be slow, 20 ms. Of three gaps of full jitter,
# drawn from below 0.5 s, 1 s and 2 s, 7 in 1,000 look so (simulated); of those of OpenAI's clients none can.
SAME, NOISE = 1.2, 0.02
# OpenAI's clients wait 8 s at most, less up to 25 %: whoever waits as long has backed off.
PATIENT = 6.0
# Refusals that a test asked for.
PLANTED = frozenset({"status", "moderation", "expired"})
PRETENDED = "by the mock's clock: a sleep that is only pretended must advance it"


def retried_refusals(traffic: Traffic) -> Iterator[Seen]:
    """The same request again after it was refused."""
    return _in_every_reading(traffic, _retried_refusals)


def _retried_refusals(run: Run) -> Iterator[Seen]:
    again = [pair for pair in pairwise(run) if refused(pair[0]) and not _has_changed(*pair)]
    if again:
        yield f"asked {times(len(again))} more for what was refused with {again[0][0].status}", _calls(again)


def _has_changed(before: Entry, after: Entry) -> bool:
    """Whether something did change in between: it was no planted refusal, and now there is none."""
    return after.status < 400 and not faults(before) & PLANTED


def ignored_waits(traffic: Traffic) -> Iterator[Seen]:
    """The same request again before the time that `Retry-After` told."""
    return _in_every_reading(traffic, _ignored_waits)


def _ignored_waits(run: Run) -> Iterator[Seen]:
    early = [pair for pair in pairwise(run) if is_early(*pair)]
    if early:
        seconds, told = max(0.0, gap(*early[0])), f"{early[0][0].status} told it to wait {wait(early[0][0]):g} s"
        hint = f" ({PRETENDED})" if seconds < HURRY else ""
        yield f"came back after {seconds:.2f} s, though {told}{hint}{others(len(early))}", _calls(early)


def storms(traffic: Traffic) -> Iterator[Seen]:
    """Too many attempts that all failed, but for those that the server itself asked for."""
    return _in_every_reading(traffic, lambda run: _storms(traffic, run))


def _storms(traffic: Traffic, run: Run) -> Iterator[Seen]:
    for stretch in _unbidden(traffic, run):
        most = _busiest(stretch)
        if len(most) > MOST_ATTEMPTS:
            seconds = (most[-1].moment - most[0].moment).total_seconds()
            yield f"tried the same thing {times(len(most))} in {seconds:.1f} s, and failed each time", most


def _unbidden(traffic: Traffic, run: Run) -> Iterator[list[Entry]]:
    """The failed attempts of a run, parted where the client waited as it was told."""
    stretch: list[Entry] = []
    for entry in run:
        if stretch and wait(stretch[-1]) and not is_early(stretch[-1], entry):
            yield stretch
            stretch = []
        if traffic.failed(entry):
            stretch.append(entry)
    yield stretch


def _busiest(stretch: Sequence[Entry]) -> Sequence[Entry]:
    """The minute with most attempts."""
    moments = [entry.moment.timestamp() for entry in stretch]
    minutes = (stretch[at : bisect_right(moments, moment + STORM_SECONDS)] for at, moment in enumerate(moments))
    return max(minutes, key=len, default=[])


def without_backoff(traffic: Traffic) -> Iterator[Seen]:
    """Retries after 429 and 5xx in a hurry, or at one pace."""
    return _in_every_reading(traffic, _without_backoff)


def _without_backoff(run: Run) -> Iterator[Seen]:
    pairs = [pair for pair in pairwise(run) if _is_overload(pair[0])]
    gaps = [max(0.0, gap(*pair)) for pair in pairs]
    if len(gaps) >= FEWEST_GAPS and _do_not_grow(gaps):
        shown = ", ".join(f"{seconds:.2f}" for seconds in gaps[:5])
        yield f"tried {times(len(gaps))} more, after gaps of {shown}{' …' if len(gaps) > 5 else ''} s", _calls(pairs)


def _is_overload(entry: Entry) -> bool:
    """Whether the client had to find out for itself how long to wait."""
    return heard(entry) and wait(entry) is None and (entry.status == 429 or entry.status >= 500)


def _do_not_grow(gaps: Sequence[float]) -> bool:
    # Jitter makes many a gap shorter than the one before, so their order says little.
    alike = max(gaps) <= min(gaps) * SAME + NOISE
    return max(gaps) < HURRY or (alike and min(gaps) < PATIENT)


def paid_twice(traffic: Traffic) -> Iterator[Seen]:
    """A picture paid for again, as the answer that brought it was lost.

    Whoever had the answer and asks the same once more wishes for another picture: that is no retry, and in no run.
    """
    return _in_every_reading(traffic, _paid_twice)


def _paid_twice(run: Run) -> Iterator[Seen]:
    paid = [entry for entry in run if entry.facts.get("charged")]
    if len(paid) > 1:
        credits = sum(entry.facts["charged"] for entry in paid)
        yield f"paid {times(len(paid))}, {money(credits)}, as an answer was lost: {_loss(paid[0])}", paid


def _loss(entry: Entry) -> str:
    if entry.facts.get("gone"):
        return "the client had hung up"
    return ", ".join(sorted(faults(entry))) or f"it was {entry.status}"


def _in_every_reading(traffic: Traffic, find: Callable[[Run], Iterator[Seen]]) -> Iterator[Seen]:
    """What the first reading of a thing's calls shows, unless another reading shows nothing."""
    for readings in traffic.things:
        seen = [[one for run in reading for one in find(run)] for reading in readings]
        if all(seen):
            yield from seen[0]


def _calls(pairs: Iterable[tuple[Entry, Entry]]) -> list[Entry]:
    """Each call of the pairs once."""
    return list({entry.request_id: entry for pair in pairs for entry in pair}.values())
