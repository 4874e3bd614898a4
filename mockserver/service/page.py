"""A page of the journal while its call is being answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..contract.models import Model
from ..pixels.values import Recipe
from .artefacts import NAME
from .calls import Answer, Call, Delivery, nothing
from .effects import told
from .faults import Fault
from .journal import Entry
from .redacted import LONGEST_NAME, kept
from .tenants import Tenant

LONGEST_ERROR = 1000
LONGEST_PATH = 300
METHODS = frozenset({"GET", "HEAD", "POST"})
Headers = Mapping[str, str]


@dataclass
class Page:
    """What becomes known of a call on its way; `hop` is `journal.API` or `journal.DOWNLOAD`; `leave` ends the call."""

    hop: str
    call: Call
    facts: dict[str, Any] = field(default_factory=dict)
    recipe: Recipe | None = None
    started: float = field(default_factory=time.perf_counter)
    leave: Callable[[], None] = nothing

    def draws(self, model: Model, *recipes: Recipe) -> None:
        """Note which picture the call is about, the first of several; then also how many there are."""
        first = self.recipe = recipes[0]
        self.facts |= {"model": model.id, "seed": first.seed, "size": str(first.size), "digest": first.digest}
        if len(recipes) > 1:
            self.facts["count"] = len(recipes)

    def brings(self, *files: Mapping[str, Any]) -> None:
        """Note what is told of the files that the call is answered with."""
        self.facts |= _one_and_all("picture", "pictures", files)

    def links(self, *urls: str) -> None:
        """Note the paths of the pictures, on the caller's own origin, that the call is answered with."""
        paths = [url.removeprefix(self.call.origin).partition("?")[0] for url in urls]
        self.facts |= _one_and_all("link", "links", paths)

    def close(self, tenant: Tenant, answer: Answer, due: Sequence[Fault]) -> Delivery:
        """Write the page into the journal, and give how the answer travels: that tells when the client has gone."""
        call, way = self.call, answer.delivery
        elapsed = (time.perf_counter() - self.started + way.delay) * 1000
        method, path = _method(call.method, call.headers), _path(call.path, call.headers)
        entry = (self.hop, call.moment, call.id, method, path, answer.status, round(elapsed, 2))
        tenant.journal.append(Entry(*entry, self._facts(answer, due), self.recipe))
        return Delivery(way.delay, way.act, way.seconds, partial(tenant.journal.mark, call.id, gone=True), self.leave)

    def _facts(self, answer: Answer, due: Sequence[Fault]) -> dict[str, Any]:
        """The facts, without keys and not too long, and what is told of the answer."""
        facts, headers = self.facts | told(answer, due), self.call.headers
        for name, tell in TOLD.items():
            if name in facts:
                facts[name] = tell(facts[name], headers)
        return facts


def _one_and_all(one: str, every: str, values: Sequence[Any]) -> dict[str, Any]:
    """The first of the values, by which one picture is told; and all of several."""
    if len(values) > 1:
        return {one: values[0], every: list(values)}
    return {one: values[0]} if values else {}


def _path(path: str, headers: Headers) -> str:
    """A path as the journal keeps it; that of a picture is exact, as it joins a call and its downloads."""
    return path if NAME.fullmatch(path) else kept(path, headers, LONGEST_PATH)


def _method(method: str, headers: Headers) -> str:
    return method if method in METHODS else kept(method, headers, LONGEST_NAME)


# Facts in which the caller had a part, and which are not redacted yet.
TOLD: Mapping[str, Callable[[Any, Headers], Any]] = {
    "error": lambda text, headers: kept(text, headers, LONGEST_ERROR),
    "unknown": lambda names, headers: [kept(name, headers, LONGEST_NAME) for name in names],
    "link": _path,
    "links": lambda paths, headers: [_path(path, headers) for path in paths],
}
