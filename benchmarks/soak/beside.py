"""The flows as threads beside the bulk: each in its turn with a rest between, counted, until they are stopped."""

from __future__ import annotations

import http.client
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

from .client import Client, Unexpected
from .flows import FLOWS, Flow

REST = 0.25  # seconds between two turns of a flow
BROKEN = (Unexpected, OSError, http.client.HTTPException, ValueError, KeyError, IndexError, TypeError)
MOST = 20  # different errors that are told


class Beside:
    """What the flows did."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stop = Event()
        self._lock = Lock()
        self.turns: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()

    def counted(self) -> tuple[int, Counter[str]]:
        """Turns and errors so far."""
        with self._lock:
            return self.turns.total(), Counter(self.errors)

    @contextmanager
    def going(self) -> Iterator[None]:
        """All flows on their way, until the block ends."""
        threads = [Thread(target=self._go, args=(flow,), name=flow.__name__, daemon=True) for flow in FLOWS]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(60)

    def _go(self, flow: Flow) -> None:
        client, number = Client(self._port, f"flow-{flow.__name__}"), 0
        while not self._stop.is_set():
            problem = _problem(flow, client, number)
            with self._lock:
                self.turns[flow.__name__] += 1
                if problem and (problem in self.errors or len(self.errors) < MOST):
                    self.errors[problem] += 1
                elif problem:
                    self.errors["others"] += 1
            number += 1
            self._stop.wait(REST)


def _problem(flow: Flow, client: Client, number: int) -> str | None:
    try:
        flow(client, number)
    except BROKEN as reason:
        return f"{time.strftime('%H:%M:%S')} {flow.__name__} {number}: {type(reason).__name__}: {reason}"[:300]
    return None
