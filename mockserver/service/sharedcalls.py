"""The endpoint of a mock whose state is shared: it answers again what went by old state, and lives without a Redis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Protocol

from ..contract.contract import Contract
from ..errors import PixelpactError, StorageUnusable
from .calls import Answer, Call, tracing
from .failures import failed
from .state import Stale


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
        """The answer to a call; 503 without a Redis."""
        try:
            try:
                return self.endpoint.answer(call)
            except Stale:
                # What it goes by now is read in this call, which is new enough whatever changes meanwhile.
                return self.endpoint.answer(call)
        except StorageUnusable as error:
            return self._unwritten(call, error)

    def refuse(self, call: Call, error: PixelpactError) -> Answer:
        """The answer to a call that never reaches a model; 503 without a Redis."""
        try:
            return self.endpoint.refuse(call, error)
        except StorageUnusable as reason:
            return self._unwritten(call, reason)

    def _unwritten(self, call: Call, error: StorageUnusable) -> Answer:
        """An answer that no journal knows of."""
        answer = failed(self.contract, call, error)
        usual = {**tracing(call), "Date": format_datetime(call.moment, usegmt=True)}
        return replace(answer, headers={**usual, **answer.headers})
