"""The endpoint of a mock whose state is shared: it answers again what went by old state, and lives without a Redis."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Protocol

from ..contract.contract import Contract
from ..errors import PixelpactError, StorageUnusable
from .calls import Answer, Call, tracing
from .failures import failed
from .state import Stale, StateUnusable

# A tenant that changes as often while one call is answered is left for a moment.
ATTEMPTS = 5


class Answering(Protocol):
    """What answers calls."""

    def answer(self, call: Call) -> Answer:
        """The answer to a call."""

    def refuse(self, call: Call, error: PixelpactError) -> Answer:
        """The answer to a call that never reaches a model."""


@dataclass(frozen=True, eq=False)
class Steady:
    """An endpoint that may be told that what it went by holds no more, or that there is no Redis."""

    contract: Contract
    endpoint: Answering

    def answer(self, call: Call) -> Answer:
        """The answer to a call; 503 without a Redis, or if what it goes by changes at each attempt."""
        try:
            return self._settled(call)
        except StorageUnusable as error:
            return self._unwritten(call, error)

    def refuse(self, call: Call, error: PixelpactError) -> Answer:
        """The answer to a call that never reaches a model; 503 without a Redis, which is not asked again then."""
        if isinstance(error, StorageUnusable):
            return self._unwritten(call, error)
        try:
            return self.endpoint.refuse(call, error)
        except StorageUnusable as reason:
            return self._unwritten(call, reason)

    def _settled(self, call: Call) -> Answer:
        """An answer by what holds. Raises StorageUnusable."""
        for _ in range(ATTEMPTS):
            # What it goes by next is read anew, if no other call of this worker did that meanwhile.
            with suppress(Stale):
                return self.endpoint.answer(call)
        raise StateUnusable("a tenant that lasts for one call", f"it changed during each of {ATTEMPTS} attempts")

    def _unwritten(self, call: Call, error: StorageUnusable) -> Answer:
        """An answer that no journal knows of."""
        answer = failed(self.contract, call, error)
        usual = {**tracing(call), "Date": format_datetime(call.moment, usegmt=True)}
        return replace(answer, headers={**usual, **answer.headers})
