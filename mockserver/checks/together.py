"""Checks of several exchanges together: what must be unique, what must be alike, and what takes too long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..contract.contract import Contract
from ..contract.models import Model
from ..contract.sources import Source
from .answers import path_of
from .exchange import Exchange
from .findings import Reason
from .generation import Generation

# A value of a parameter is slow if every answer with it took so many times as long as the others, and so much longer.
SLOWER, LONGER = 4.0, 1.0
# Of so few answers nothing is said.
FEWEST = 3
IDS = ("x-request-id", "x-inference-id")
Found = Iterator[tuple[Reason, Exchange]]


@dataclass(frozen=True)
class Run:
    """What was exchanged in one run: everything, the requests for pictures, and the answers that asked to wait."""

    contract: Contract
    exchanges: Sequence[Exchange]
    generations: Sequence[Generation]
    waits: Sequence[Exchange] = ()

    @property
    def answers(self) -> list[Exchange]:
        """The answers of the endpoints themselves."""
        asked = [exchange for exchange in self.exchanges if exchange.method == "POST" and exchange.status]
        return [exchange for exchange in asked if path_of(exchange).endswith(self.contract.paths)]


def request_ids(run: Run) -> Found:
    """No two answers have the same id, in a header or in the body."""
    sources = (run.contract.errors["unauthorized"].source,)
    for name in (*IDS, "requestId"):
        told = [(_told(exchange, name), exchange) for exchange in run.answers]
        for value, exchange in _repeated(told):
            yield (
                Reason(f"another {name} for each request", f"{exchange.masked(value)[:60]!r} again", sources),
                exchange,
            )


def unique_links(run: Run) -> Found:
    """No two answers have the same link, or the same signature, unless they are to the same request."""
    for told in (_links(run, whole=True), _links(run, whole=False)):
        for _, generation in _repeated(told, lambda generation: generation.exchange.request_body):
            sources = generation.model.answer_sources("url", "x-artefact")
            reason = Reason("a link of its own for each request", "the link or signature of another", sources)
            yield reason, generation.exchange


def one_container(run: Run) -> Found:
    """All pictures of a model are of one container, unless others were asked for."""
    first: dict[tuple[str, str], str] = {}
    for generation in run.generations:
        model = generation.model
        sources = (model.sources["no-evidence" if model.origin else "sample-pictures"],)
        for picture in generation.pictures:
            if picture.facts is not None and picture.facts.decodable:
                asked = model.key, model.container(generation.body)
                known = first.setdefault(asked, picture.facts.container)
                if picture.facts.container != known:
                    came = f"{picture.facts.container} by {picture.form}"
                    yield Reason(f"{known}, as the pictures before", came, sources), generation.exchange


def tracing(run: Run) -> Found:
    """An id in the headers of every success and every 401, where one was seen; if none has it, that is only assumed."""
    seen, missing = (run.contract.documents.sources[name] for name in ("live-401-2026-08", "no-evidence"))
    told = [exchange for exchange in run.answers if exchange.accepted or exchange.status == 401]
    without = [exchange for exchange in told if "x-request-id" not in exchange.headers]
    if without:
        source = seen if len(without) < len(told) else missing
        yield Reason("x-request-id on every answer", f"none on {len(without)} of {len(told)}", (source,)), without[0]


def cors(run: Run) -> Found:
    """Where some answers may be read by a page of any origin, all may."""
    name, sources = "access-control-allow-origin", (run.contract.documents.sources["tracing-page"],)
    plain = [exchange for exchange in run.answers if "origin" not in exchange.request_headers]
    without = [exchange for exchange in plain if name not in exchange.headers]
    if 0 < len(without) < len(plain):
        yield Reason(f"{name} on every answer", f"none on {len(without)} of {len(plain)}", sources), without[0]


def latency(run: Run) -> Found:
    """No value of a parameter makes every answer that has it much slower than the others of its model.

    What sets how large, how many or of which container the pictures are may cost time, and is left out.
    """
    for model in {generation.model.key: generation.model for generation in run.generations}.values():
        answered = [each for each in run.generations if each.model is model and each.exchange.accepted]
        for field in sorted(model.request["properties"].keys() - _costly(model)):
            yield from _slow(field, answered)


def rate_limit(run: Run) -> Found:
    """One client, one request at a time, need not wait."""
    sources = (run.contract.errors["too_many_requests"].source,)
    for exchange in run.waits[:1]:
        came = f"{exchange.status}, {len(run.waits)} times, with Retry-After {exchange.headers.get('retry-after')}"
        yield Reason("room for one request at a time", came, sources), exchange


def _costly(model: Model) -> set[str]:
    """The fields of which a value may well take longer than another."""
    rules = [model.request[keyword] for keyword in ("x-count", "x-container") if keyword in model.request]
    ways = [*model.request["x-output-size"], *rules]
    ways += [way["scale"] for way in ways if "scale" in way]
    sides = {name for way in ways if way.get("as") == "sides" for name in (way["field"], way["height"])}
    return {"size", "aspect_ratio", *model.images, *sides, *(way["field"] for way in ways if "field" in way)}


def _slow(field: str, answered: list[Generation]) -> Found:
    by_value: dict[str, list[Generation]] = defaultdict(list)
    for generation in answered:
        by_value[repr(generation.body.get(field, "left out"))].append(generation)
    for value, some in by_value.items():
        others = [each.exchange.seconds for known, group in by_value.items() if known != value for each in group]
        if len(some) < FEWEST or len(others) < FEWEST:
            continue
        usual, fastest = median(others), min(each.exchange.seconds for each in some)
        if fastest > max(usual * SLOWER, usual + LONGER):
            promised = f"about {usual:.2f} s, as without {field} {value[:40]}"
            yield Reason(promised, f"{fastest:.2f} s at least", _promised(answered)), some[0].exchange


def _promised(answered: list[Generation]) -> tuple[Source, ...]:
    return answered[0].model.promised_by


def _links(run: Run, *, whole: bool) -> Iterator[tuple[str, Generation]]:
    for generation in run.generations:
        for picture in generation.pictures:
            if picture.form == "url" and not picture.problem:
                query = dict(parse_qsl(urlsplit(picture.text).query))
                yield picture.text if whole else query.get("X-Tos-Signature", ""), generation


def _told(exchange: Exchange, name: str) -> str:
    if name in IDS:
        return exchange.headers.get(name, "")
    value = exchange.json.get(name) if isinstance(exchange.json, dict) else None
    return value if isinstance(value, str) else ""


def _repeated(told: Iterable[tuple[str, Any]], key: Callable[[Any], Any] = id) -> Iterator[tuple[str, Any]]:
    """The first value that comes twice from what `key` tells apart."""
    first: dict[str, Any] = {}
    for value, one in told:
        if value and key(first.setdefault(value, one)) != key(one):
            yield value, one
            return


TOGETHER: dict[str, Callable[[Run], Found]] = {
    "request-id": request_ids,
    "unique-link": unique_links,
    "one-container": one_container,
    "tracing": tracing,
    "cors": cors,
    "latency": latency,
    "rate-limit": rate_limit,
}
