"""A page of the journal while its call is being answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..contract.models import Model
from ..pixels.values import Recipe
from .calls import Answer, Call, Delivery, nothing
from .effects import told
from .faults import Fault
from .generation import Generation
from .heads import head_of, journal_path
from .journal import Entry
from .redacted import LONGEST_NAME, kept
from .statepages import Later
from .tenants import Tenant

LONGEST_ERROR = 1000
# What the facts of a picture take, and what each byte of a body does as Python values. Bytes.
MADE, SENT = 1000, 2
# The first status of a call that failed.
FAILED = 400
Headers = Mapping[str, str]


@dataclass
class Page:
    """What becomes known of a call on its way; `hop` is `journal.API` or `journal.DOWNLOAD`; `leave` ends the call.

    `is_harmless` tells that nothing of what was sent has to be hidden.
    """

    hop: str
    call: Call
    facts: dict[str, Any] = field(default_factory=dict)
    recipe: Recipe | None = None
    started: float = field(default_factory=time.perf_counter)
    leave: Callable[[], None] = nothing
    is_harmless: bool = False
    later: Callable[[], dict[str, Any]] = dict

    def draws(self, model: Model, recipe: Recipe) -> None:
        """Note which picture the call is about."""
        self.recipe = recipe
        self.facts |= _drawn(model.id, (recipe,))

    def brings(self, file: Mapping[str, Any]) -> None:
        """Note what is told of the file that the call is answered with."""
        self.facts["picture"] = file

    def makes(self, model: Model, made: Generation, more: Mapping[str, Any]) -> None:
        """Note the pictures that were made for the call, and what more there is to tell of them."""
        self.recipe = made.recipes[0]
        self.later = partial(_made, model.id, made, more, self.call.origin)

    def close(self, tenant: Tenant, answer: Answer, due: Sequence[Fault]) -> Delivery:
        """Write the page into the journal, and give how the answer travels: that tells when the client has gone."""
        call, way = self.call, answer.delivery
        elapsed = (time.perf_counter() - self.started + way.delay) * 1000
        head = head_of(call)
        entry = (self.hop, call.moment, call.id, head.method, head.path, answer.status, round(elapsed, 2))
        facts = self._told(answer, due)
        tenant.journal.append(Entry(*entry, facts, self.recipe))
        gone = partial(tenant.journal.mark, call.id, gone=True)
        return Delivery(way.delay, way.act, way.seconds, gone, self.leave, facts)

    def _told(self, answer: Answer, due: Sequence[Fault]) -> Mapping[str, Any]:
        """The facts, without keys and not too long, and what is told of the answer."""
        if self.is_harmless and not due and answer.status < FAILED:
            return Later(self.facts, self.later, MADE + SENT * len(self.call.body))
        facts, headers = self.facts | self.later() | told(answer, due), self.call.headers
        for name, tell in TOLD.items():
            if name in facts:
                facts[name] = tell(facts[name], headers)
        return facts


def _drawn(model: str, recipes: Sequence[Recipe]) -> dict[str, Any]:
    """The picture that a call is about, the first of several; then also how many there are."""
    first = recipes[0]
    facts = {"model": model, "seed": first.seed, "size": str(first.size), "digest": first.digest}
    return facts if len(recipes) == 1 else {**facts, "count": len(recipes)}


def _made(model: str, made: Generation, more: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """The pictures that were made; the paths of those behind URLs are on the caller's own origin."""
    paths = [url.removeprefix(origin).partition("?")[0] for url in made.urls]
    return {
        **_drawn(model, made.recipes),
        "charged": made.credits,
        "form": made.form,
        **more,
        **_one_and_all("link", "links", paths),
        **_one_and_all("picture", "pictures", made.files),
    }


def _one_and_all(one: str, every: str, values: Sequence[Any]) -> dict[str, Any]:
    """The first of the values, by which one picture is told; and all of several."""
    if len(values) > 1:
        return {one: values[0], every: list(values)}
    return {one: values[0]} if values else {}


# Facts in which the caller had a part, and which are not redacted yet.
TOLD: Mapping[str, Callable[[Any, Headers], Any]] = {
    "error": lambda text, headers: kept(text, headers, LONGEST_ERROR),
    "unknown": lambda names, headers: [kept(name, headers, LONGEST_NAME) for name in names],
    "link": journal_path,
    "links": lambda paths, headers: [journal_path(path, headers) for path in paths],
}
