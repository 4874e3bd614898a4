"""Checks of an accepted request's answer: status, form, schema, money. Each yields its reasons; none means it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement
from urllib.parse import urlsplit

from ..contract.answers import CREDITS_PER_USD
from ..contract.breaches import Breach
from .clock import moment_reason
from .exchange import Exchange
from .findings import Reason, Unjudged
from .generation import Generation

# What nobody would pay for one picture, in credits: a unit was confused.
LONGEST = 100_000
DEAREST = 100 * CREDITS_PER_USD


def status(generation: Generation) -> Iterator[Reason]:
    """The status is the profile's: 200, or 201 before November 2025."""
    model, got = generation.model, generation.exchange
    if got.status != model.success:
        came = f"{got.status} {excerpt(got)}"
        yield Reason(f"status {model.success} for a valid request", came, generation.sources)


def content_type(generation: Generation) -> Iterator[Reason]:
    """An answer says that it is JSON, and is."""
    yield from json_reasons(generation.exchange)


def schema(generation: Generation) -> Iterator[Reason]:
    """The answer keeps to the profile's schema."""
    if generation.exchange.json is not None:
        yield from breach_reasons(generation.model.answer_breaches(generation.exchange.json))


def form(generation: Generation) -> Iterator[Reason]:
    """The pictures come in the form that `response_format` asked for, or in the only one that the profile has."""
    if generation.exchange.json is None:
        return
    model, asked = generation.model, generation.body.get("response_format", "url")
    wanted = asked if asked in model.forms else model.forms[0]
    came = sorted({picture.form for picture in generation.pictures})
    if came != [wanted]:
        sources = model.rule_sources("response_format", "enum")
        yield Reason(f"the picture as {wanted}", " and ".join(came) or "no picture", sources)


def count(generation: Generation) -> Iterator[Reason]:
    """One request gives one picture, unless it asks for more by a field of its schema."""
    number = len(generation.pictures)
    if generation.exchange.json is not None and number > 1 and "n" not in generation.model.request["properties"]:
        yield Reason("one picture for one request", f"{number} pictures", generation.model.promised_by)


def echo(generation: Generation) -> Iterator[Reason]:
    """What the answer repeats of prompt, model and size is what was sent."""
    for name in ("prompt", "model", "size"):
        for pointer, told in generation.model.values(generation.exchange.json, name):
            if name in generation.body and told != generation.body[name]:
                yield Reason(f"{pointer}: the {name} that was sent", excerpt_of(str(told)))


def clock(generation: Generation) -> Iterator[Reason | Unjudged]:
    """`created` is the moment of the answer."""
    if generation.created is None:
        yield Unjudged("the answer has no created")
    elif reason := moment_reason(generation.exchange, generation.created):
        sources = generation.model.answer_sources("created", "x-value")
        yield Reason(f"created: {reason[0]}", reason[1], sources)


def cost(generation: Generation) -> Iterator[Reason | Unjudged]:
    """The cost headers, where there are any, agree with `meta.usage` and with each other: $1 is 2,000,000 credits."""
    headers, answer = generation.exchange.headers, generation.exchange.json
    sources = (generation.model.sources["tracing-page"], generation.model.sources["funds-page"])
    told = {
        "x-aimlapi-credits-used": _number(headers.get("x-aimlapi-credits-used")),
        "meta.usage credits": _first(generation, answer, "credits_used"),
        "x-aimlapi-usd-spent": _credits(_number(headers.get("x-aimlapi-usd-spent"))),
        "meta.usage.usd_spent": _credits(_first(generation, answer, "usd_spent")),
    }
    known = {name: credits for name, credits in told.items() if credits is not None}
    if not known:
        yield Unjudged("the answer tells no cost")
    came = ", ".join(f"{name} says {credits:,.0f}" for name, credits in known.items())
    # What is not a number is no nearer to anything, itself included.
    if not all(abs(one - other) <= 1 for one, other in combinations_with_replacement(known.values(), 2)):
        yield Reason("one cost, in credits, wherever it is told", came, sources)
    elif not all(0 <= credits <= DEAREST for credits in known.values()):
        yield Reason(f"a cost between 0 and {DEAREST:,} credits for a picture", came, sources)


def json_reasons(exchange: Exchange) -> Iterator[Reason]:
    """Why an answer is not JSON that says that it is."""
    kind = exchange.media_type
    if kind != "application/json" and not kind.endswith("+json"):
        yield Reason("a JSON content type", exchange.headers.get("content-type", "none"))
    if exchange.json is None:
        yield Reason("a body of JSON", excerpt(exchange))


def breach_reasons(breaches: Iterable[Breach]) -> Iterator[Reason]:
    """The breaches of a schema, as a finding tells them."""
    for breach in breaches:
        yield Reason(f"{breach.field}: {breach.allowed} ({breach.rule})", breach.received, breach.sources)


def excerpt(exchange: Exchange) -> str:
    """The beginning of an answer's body, on one line."""
    # The key is taken out before the text is cut.
    return excerpt_of(exchange.masked(exchange.text[:LONGEST]))


def excerpt_of(said: str) -> str:
    """The beginning of a text, on one line."""
    text = " ".join(said[:400].split())
    # A terminal would obey what a hostile server writes between escapes.
    shown = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return f"{shown[:240]}…" if len(shown) > 240 else shown or "an empty body"


def path_of(exchange: Exchange) -> str:
    """The path that a request asked for, without its query."""
    return urlsplit(exchange.url).path


def _first(generation: Generation, answer: object, name: str) -> float | None:
    found = [value for _, value in generation.model.values(answer, name)]
    return _number(str(found[0])) if found and isinstance(found[0], (int, float)) else None


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return float("nan")


def _credits(usd: float | None) -> float | None:
    return None if usd is None else usd * CREDITS_PER_USD
