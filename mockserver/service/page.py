"""A page of the journal while its call is being answered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from ..pixels.values import Recipe
from .calls import Answer, Call
from .effects import told
from .faults import Fault
from .journal import Entry
from .tenants import Tenant


@dataclass
class Page:
    """What becomes known of a call on its way; `hop` is `journal.API` or `journal.DOWNLOAD`."""

    hop: str
    call: Call
    facts: dict[str, Any] = field(default_factory=dict)
    recipe: Recipe | None = None
    started: float = field(default_factory=time.perf_counter)

    def draws(self, recipe: Recipe) -> None:
        """Note which picture the call is about."""
        self.recipe = recipe
        self.facts |= {"model": recipe.model, "seed": recipe.seed, "size": str(recipe.size), "digest": recipe.digest}

    def brings(self, data: bytes, content_type: str) -> None:
        """Note the bytes of the picture that the call is answered with."""
        self.facts["picture"] = {"bytes": len(data), "sha256": _digest(data), "content_type": content_type}

    def close(self, tenant: Tenant, answer: Answer, due: Sequence[Fault]) -> Answer:
        """Write the page into the tenant's journal, and give the answer that tells it when the client has gone."""
        elapsed = (time.perf_counter() - self.started + answer.delivery.delay) * 1000
        call, facts = self.call, {**self.facts, **told(answer, due)}
        entry = (self.hop, call.moment, call.id, call.method, call.path, answer.status, round(elapsed, 2))
        tenant.journal.append(Entry(*entry, facts, self.recipe))
        delivery = replace(answer.delivery, gone=lambda: tenant.journal.mark(call.id, gone=True))
        return replace(answer, delivery=delivery)


# As many as `Artefacts` keeps: of those that it keeps, the very same bytes come again.
@lru_cache(maxsize=32)
def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
