"""Verdicts on a client: what its calls show that it should not do, what that costs, what to do, and who says so."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import UnknownName
from . import habits, retries
from .attempts import Seen, Traffic
from .journal import Entry
from .phrases import counted
from .redacted import escaped

WIDTH = 100
MOST_SHOWN = 3
MOST_CALLS = 6
CLIENTS = "openai-python 3.54, openai-node 6.49 and the AI SDK 6, measured on 2026-11-22"


@dataclass(frozen=True)
class Rule:
    """One thing that a client should not do: what it is, what it costs, what to do instead, and who says so."""

    what: str
    why: str
    advice: str
    sources: tuple[str, ...]
    find: Callable[[Traffic], Iterable[Seen]]


@dataclass(frozen=True)
class Verdict:
    """One time that a rule was broken; `code` is a key of RULES, `entries` are the request ids that show it."""

    code: str
    says: str
    advice: str
    entries: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.code}: {self.says}"


def judge(entries: Iterable[Entry], *, now: datetime | None = None) -> list[Verdict]:
    """What a client's calls show, in the order of RULES; nothing for one that is right.

    `now` is the tenant's time, to tell how long links have waited.
    """
    traffic = Traffic(tuple(entries), now)
    return [
        Verdict(code, escaped(says), rule.advice, tuple(entry.request_id for entry in shown))
        for code, rule in RULES.items()
        for says, shown in rule.find(traffic)
    ]


def assert_well_behaved(entries: Iterable[Entry], *, allow: Iterable[str] = (), now: datetime | None = None) -> None:
    """AssertionError with every verdict, but for the codes that are allowed. Raises UnknownName for one of no rule."""
    __tracebackhide__ = True
    allowed = [allow] if isinstance(allow, str) else list(allow)
    for code in allowed:
        if code not in RULES:
            raise UnknownName("verdict", code, tuple(RULES))
    verdicts = [verdict for verdict in judge(entries, now=now) if verdict.code not in allowed]
    if verdicts:
        raise AssertionError(f"expected a client that behaves well\n\n{as_text(verdicts)}")


def as_text(verdicts: Sequence[Verdict]) -> str:
    """The verdicts for people: each rule with at most three times that it was broken."""
    if not verdicts:
        return "no verdicts"
    codes = dict.fromkeys(verdict.code for verdict in verdicts)
    blocks = [_block(code, [verdict for verdict in verdicts if verdict.code == code]) for code in codes]
    return "\n\n".join([counted(len(verdicts), "verdict"), *blocks])


def as_json(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """The verdicts as JSON, each with all that is known of its rule."""
    return [
        {
            "code": verdict.code,
            "says": verdict.says,
            "what": RULES[verdict.code].what,
            "why": RULES[verdict.code].why,
            "advice": verdict.advice,
            "sources": list(RULES[verdict.code].sources),
            "entries": list(verdict.entries),
        }
        for verdict in verdicts
    ]


def _block(code: str, verdicts: Sequence[Verdict]) -> str:
    rule, lines = RULES[code], [code]
    for verdict in verdicts[:MOST_SHOWN]:
        lines += [_line("says", verdict.says), _line("calls", _ids(verdict.entries))]
    if len(verdicts) > MOST_SHOWN:
        lines.append(_line("", f"and {len(verdicts) - MOST_SHOWN} more of this kind"))
    lines += [_line("why", rule.why), _line("advice", rule.advice)]
    return "\n".join([*lines, *(_line("source", source) for source in rule.sources)])


def _line(name: str, text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=f"  {name:<8}", subsequent_indent=" " * 10, break_on_hyphens=False)


def _ids(entries: Sequence[str]) -> str:
    return ", ".join(entries[:MOST_CALLS]) + (f" and {len(entries) - MOST_CALLS} more" * (len(entries) > MOST_CALLS))


RULES: Mapping[str, Rule] = {
    "retried-refusal": Rule(
        "The same request again after 400, 401, 403, 404, 413, 415 or 422.",
        "Nothing about the request has changed, so nothing about the answer will: it costs time and quota.",
        "Try again after 408, 409, 429 and 5xx only; on a refusal, show its message to whoever can change the request.",
        (
            "RFC 9110, 15.5: the client seems to have erred; 15.5.4: it should not repeat a 403 by itself",
            f"{CLIENTS}: none of them sends again after these",
        ),
        retries.retried_refusals,
    ),
    "ignored-retry-after": Rule(
        "The same request again, sooner than Retry-After told.",
        "It is refused again, and one of few attempts is spent for nothing.",
        "Wait as many seconds as Retry-After says, or until its date; if that is too long, give up.",
        (
            "RFC 9110, 10.2.3: how long the client ought to wait; RFC 6585, 4: the same with 429",
            f"{CLIENTS}: they wait, but openai-python before 2 and the AI SDK 60 s at most",
        ),
        retries.ignored_waits,
    ),
    "retry-storm": Rule(
        "More than 10 attempts at one thing within 60 s, none of which the server asked for, and all failed.",
        "A service that is down is held down by it, and the caller learns late that it is.",
        "Give up after 3 attempts, or retry much later.",
        (f"assumed; {CLIENTS}: they give up after 3",),
        retries.storms,
    ),
    "no-backoff": Rule(
        "Three or more retries after 429 or 5xx without Retry-After, in a hurry or at one pace.",
        "All clients that failed together come back together, and keep an overload going.",
        "Double the wait from one attempt to the next and shorten it at random, as 0.5 s, 1 s, 2 s less up to 25 %.",
        (f"{CLIENTS}: 0.5 s, 1 s and so on up to 8 s, less up to 25 %; the AI SDK 2 s, 4 s",),
        retries.without_backoff,
    ),
    "paid-twice": Rule(
        "A picture was made and paid for, its answer was lost, and the same request was paid for again.",
        "Each costs the full price, and the first was never seen.",
        "Wait longer than an answer takes, and repeat a request without an answer only where a second picture may be "
        "paid for: the API knows no idempotency key.",
        (
            "RFC 9110, 9.2.2: a client should not by itself retry what is not idempotent",
            "aimlapi/api-docs: no page names an idempotency key",
        ),
        retries.paid_twice,
    ),
    "never-downloaded": Rule(
        "A picture was paid for, and its link neither followed nor handed on as the picture of an edit.",
        "The link dies after a day, and the picture with it.",
        'Download at once, or ask for response_format "b64_json".',
        ("upstream, volcengine.com/docs/82379/1666946: a link is valid for 24 hours",),
        habits.never_downloaded,
    ),
    "expired-link": Rule(
        "A link was followed after it had expired, and the picture not made anew.",
        "The picture is lost, though it was paid for.",
        "Keep the picture, not the link; and where a link has expired, ask for the picture again.",
        (
            "upstream, volcengine.com/docs/82379/1666946: a link is valid for 24 hours",
            "danny-avila/LibreChat issue 10145: an app that kept links shows `Request has expired`",
        ),
        habits.expired_links,
    ),
    "unknown-fields": Rule(
        "Fields that the schema of the model does not have.",
        "They do nothing, and nobody says so: whoever set them believes that they count.",
        "Leave them out, or look for the name that the model knows; a strict mock refuses them.",
        ("observed: public clients send n, quality and others; assumed: the API drops them without a word",),
        habits.unknown_fields,
    ),
    "impatient": Rule(
        "The client hung up before its answer, or waits less than the answer took.",
        "The picture is made and paid for all the same.",
        "Set a read timeout above the longest time that a picture may take; OpenAI's clients wait 600 s.",
        ("assumed: the API publishes no timings",),
        habits.impatience,
    ),
    "deprecated-model": Rule(
        "A model whose answers carry a Deprecation header.",
        "From the day of its Sunset header on, every call is refused.",
        "Take the model that follows it, and watch for these two headers.",
        ("RFC 9745 (Deprecation) and RFC 8594 (Sunset)", "aimlapi/api-docs docs/404-model-is-deprecated.md"),
        habits.deprecated_models,
    ),
}
