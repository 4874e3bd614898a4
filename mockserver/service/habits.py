"""What else a client makes of its calls: each rule gives every time that it was broken, with the calls that show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .attempts import Seen, Traffic, client, faults, thing
from .journal import Entry, links_of
from .phrases import counted, money, others, span, times


def never_downloaded(traffic: Traffic) -> Iterator[Seen]:
    """Links to paid pictures that nobody followed, and nobody handed on."""
    left = [entry for entry in traffic.calls if _left(traffic, entry)]
    if left:
        count = sum(_left(traffic, entry) for entry in left)
        credits = sum(entry.facts["charged"] * _left(traffic, entry) // len(links_of(entry)) for entry in left)
        age = f", the first given out {span(traffic.now - left[0].ended)} ago" if traffic.now else ""
        yield f"paid for {counted(count, 'picture')} and never asked for it: {money(credits)}{age}", left


def _left(traffic: Traffic, entry: Entry) -> int:
    """How many of a call's pictures nobody asked for."""
    facts = entry.facts
    came = facts.get("charged") and facts.get("form") == "url" and not traffic.failed(entry)
    return sum(link not in traffic.fetched for link in links_of(entry)) if came else 0


def expired_links(traffic: Traffic) -> Iterator[Seen]:
    """Links followed too late, unless the client had the picture already, or then had it made anew."""
    late: dict[str, list[Entry]] = {}
    for entry in traffic.downloads:
        if entry.facts.get("kind") == "expired" and not _had(traffic, entry):
            late.setdefault(str(entry.facts.get("link")), []).append(entry)
    for link, refusals in late.items():
        call = next((call for call in traffic.calls if link in links_of(call)), None)
        if call is None or not _made_anew(traffic, call, refusals[0]):
            age = f", {span(refusals[0].moment - call.ended)} after it was given out" if call else ""
            yield f"asked {times(len(refusals))} for the picture of a link that had expired{age}", refusals


def _had(traffic: Traffic, refusal: Entry) -> bool:
    """Whether the link was followed in time. Parts may have been all of it."""
    return any(
        entry.facts.get("link") == refusal.facts.get("link")
        and entry.moment <= refusal.moment
        and entry.method == "GET"
        and entry.status in {200, 206}
        and not traffic.lost(entry)
        for entry in traffic.downloads
    )


def _made_anew(traffic: Traffic, call: Entry, refusal: Entry) -> bool:
    later = (other for other in traffic.calls if other.moment >= refusal.moment and thing(other) == thing(call))
    return any(not traffic.failed(other) for other in later)


def unknown_fields(traffic: Traffic) -> Iterator[Seen]:
    """Fields that the model's schema does not have."""
    seen = [entry for entry in traffic.calls if entry.facts.get("unknown")]
    if seen:
        names = Counter(name for entry in seen for name in entry.facts["unknown"])
        told = ", ".join(f"{name} ({times(count)})" for name, count in names.most_common())
        yield f"sent fields that the schema does not know: {told}", seen


def impatience(traffic: Traffic) -> Iterator[Seen]:
    """Answers that would have come, had the client waited."""
    early = [entry for entry in traffic.entries if _is_impatient(entry)]
    if early:
        first = early[0]
        patience = first.facts.get("gone_after", client(first).get("read_timeout"))
        after = "" if patience is None else f" after {patience:g} s"
        took = f"an answer that took {first.milliseconds / 1000:.2f} s"
        yield f"gave up{after} on {took}{others(len(early))}", early


def _is_impatient(entry: Entry) -> bool:
    patience = client(entry).get("read_timeout")
    too_short = patience is not None and entry.milliseconds > patience * 1000
    # From an answer that never comes a client has to turn away.
    return "timeout" not in faults(entry) and bool(entry.facts.get("gone") or too_short)


def deprecated_models(traffic: Traffic) -> Iterator[Seen]:
    """Models whose answers say that they will go."""
    by_model: dict[str, list[Entry]] = {}
    for entry in traffic.calls:
        if entry.facts.get("deprecated"):
            by_model.setdefault(str(entry.facts.get("model")), []).append(entry)
    for model, calls in by_model.items():
        yield f"asked {times(len(calls))} for {model}, whose answers say that it is deprecated", calls
