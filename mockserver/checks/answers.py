"""Checks of an accepted request's answer: status, form, schema, money. Each yields its reasons; none means it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement
from urllib.parse import urlsplit

from ..contract.answers import CREDITS_PER_USD
from ..contract.breaches import Breach
from ..contract.rules import parse_size
from .choices import choice_sources, said_by
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
    """The pictures come in the form that the request asked for, or in the only one that the profile has."""
    if generation.exchange.json is None:
        return
    model = generation.model
    came = sorted({picture.form for picture in generation.pictures})
    # Of a request that is not known, any one form may have been asked for.
    wanted = model.form(generation.body) if generation.asked or len(came) != 1 else came[0]
    if came != [wanted]:
        sources = choice_sources(generation, "x-form") if came and len(model.forms) > 1 else ()
        yield Reason(f"the picture as {wanted}", " and ".join(came) or "no picture", sources)


def count(generation: Generation) -> Iterator[Reason | Unjudged]:
    """One request gives one picture, unless it asks for more by a field of its schema; then exactly so many."""
    model, came = generation.model, len(generation.pictures)
    rule, promised = model.request.get("x-count"), model.count(generation.body)
    if rule and not generation.asked:
        yield Unjudged("the request is not known")
    # That there is none at all is for the form to say.
    elif generation.exchange.json is not None and came not in (0, promised):
        assumed = (model.sources[rule["source"]],) if rule else model.promised_by
        sources = (said_by(generation, rule["field"]) if rule else ()) or assumed
        yield Reason(f"{_pictures(promised)} for one request", _pictures(came), sources)


def echo(generation: Generation) -> Iterator[Reason]:
    """What the answer repeats of prompt, model and size is what was sent; a size by name is told in pixels."""
    for name in ("prompt", "model", "size"):
        for pointer, told in generation.model.values(generation.exchange.json, name):
            if name in generation.body and not _repeats(generation, name, told):
                yield Reason(f"{pointer}: the {name} that was sent", excerpt_of(str(told)))


def _repeats(generation: Generation, name: str, told: object) -> bool:
    sent = generation.body[name]
    if told == sent or name != "size" or (isinstance(sent, str) and parse_size(sent)):
        return bool(told == sent)
    # What `auto` or `landscape` came to.
    sizes = {str(picture.facts.size) for picture in generation.pictures if picture.facts and picture.facts.size}
    return not sizes or str(told) in sizes or parse_size(str(told)) is None


def clock(generation: Generation) -> Iterator[Reason | Unjudged]:
    """`created` is the moment of the answer."""
    if generation.created is None:
        yield Unjudged("the answer has no created")
    elif reason := moment_reason(generation.exchange, generation.created):
        sources = generation.model.answer_sources("created", "x-value")
        yield Reason(f"created: {reason[0]}", reason[1], sources)


def cost(generation: Generation) -> Iterator[Reason | Unjudged]:
    """The cost headers, where there are any, agree with `meta.usage` and with each other: $1 is 2,000,000 credits.

    It is that of all pictures of the answer; what one costs, only our own mock must take from the contract.
    """
    sources = tuple(generation.model.sources[name] for name in ("tracing-page", "funds-page"))
    known = {name: credits for name, credits in _told(generation).items() if credits is not None}
    if not known:
        yield Unjudged("the answer tells no cost")
    came = ", ".join(f"{name} says {credits:,.0f}" for name, credits in known.items())
    pictures = generation.model.count(generation.body) if generation.asked else max(1, len(generation.pictures))
    most, price = DEAREST * pictures, generation.model.credits * pictures
    # What is not a number is no nearer to anything, itself included.
    if not all(abs(one - other) <= 1 for one, other in combinations_with_replacement(known.values(), 2)):
        yield Reason("one cost, in credits, wherever it is told", came, sources)
    elif not all(0 <= credits <= most for credits in known.values()):
        yield Reason(f"a cost between 0 and {most:,} credits for {_pictures(pictures)}", came, sources)
    elif generation.strict and not all(abs(credits - price) <= 1 for credits in known.values()):
        yield Reason(f"{price:,} credits for {_pictures(pictures)}", came, sources)


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


def status_of(exchange: Exchange) -> str:
    """The status of an answer, or why there is none."""
    return str(exchange.status) if exchange.status else excerpt(exchange)


def path_of(exchange: Exchange) -> str:
    """The path that a request asked for, without its query."""
    return urlsplit(exchange.url).path


def _told(generation: Generation) -> dict[str, float | None]:
    """What an answer cost, in credits, by each place that may tell it."""
    headers = generation.exchange.headers
    return {
        "x-aimlapi-credits-used": _number(headers.get("x-aimlapi-credits-used")),
        "meta.usage credits": _first(generation, "credits_used"),
        "x-aimlapi-usd-spent": _credits(_number(headers.get("x-aimlapi-usd-spent"))),
        "meta.usage.usd_spent": _credits(_first(generation, "usd_spent")),
    }


def _pictures(number: int) -> str:
    return "one picture" if number == 1 else f"{number} pictures"


def _first(generation: Generation, name: str) -> float | None:
    found = [value for _, value in generation.model.values(generation.exchange.json, name)]
    return _number(str(found[0])) if found and isinstance(found[0], (int, float)) else None


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return float("nan")


def _credits(usd: float | None) -> float | None:
    return None if usd is None else usd * CREDITS_PER_USD
