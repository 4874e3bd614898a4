"""A load generator: some connections that each send the next request when the last one is answered.

A process of its own (`python -m benchmarks.speed.load`: a plan as JSON on standard input, a sample on standard output),
written for little work a request: the machine's cores are shared with what is measured.
"""

from __future__ import annotations

import gc
import json
import select
import socket
import sys
import time
from array import array
from collections import Counter, deque
from dataclasses import asdict
from itertools import cycle, repeat
from pathlib import Path

from .answers import Broken, Pending, head
from .sample import Plan, Sample, sampled

CHUNK = 1 << 18
ATTEMPTS = 20


class Load:
    """The connections of one plan; none of them is waited for alone."""

    def __init__(self, plan: Plan) -> None:
        self._address = (plan.host, plan.port)
        expected = [str(status).encode() for status in plan.expected] or repeat(b"")
        self._requests = cycle([*zip([Path(file).read_bytes() for file in plan.requests], expected, strict=False)])
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._unsent: dict[int, memoryview] = {}
        self._pending: dict[int, Pending] = {}
        self._began: dict[int, float] = {}
        self._expected: dict[int, bytes] = {}
        self.took = array("d")
        self.statuses: Counter[bytes] = Counter()
        self.broken: Counter[str] = Counter()
        for _ in range(plan.connections):
            self._open()

    def run(self, seconds: float, count: int | None = None) -> float:
        """Send and receive until either is reached; the seconds that it took."""
        self.took = array("d")
        self.statuses.clear()
        self.broken.clear()
        start = time.perf_counter()
        end, most = start + seconds, sys.maxsize if count is None else count
        while time.perf_counter() < end and len(self.took) < most:
            for fd, event in self._poll.poll(self._rest()):
                if event & select.EPOLLIN:
                    self._receive(fd)
                elif event & select.EPOLLOUT:
                    self._send(fd)
                else:
                    self._again(fd, "hung up")
        return time.perf_counter() - start

    def close(self) -> None:
        """Let every connection go."""
        for one in self._sockets.values():
            one.close()
        self._poll.close()

    def _rest(self) -> float:
        """Seconds until something may have to be sent that no answer brings about."""
        return 0.2

    def _ready(self, fd: int, moment: float) -> None:
        """A connection has nothing under way any more."""
        self._next(fd, moment)

    def _open(self) -> None:
        began = time.perf_counter()
        one = _connected(self._address)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.setblocking(False)
        fd = one.fileno()
        self._sockets[fd] = one
        self._poll.register(fd, select.EPOLLIN)
        self._ready(fd, began)

    def _next(self, fd: int, began: float) -> None:
        request, self._expected[fd] = next(self._requests)
        self._began[fd] = began
        try:
            sent = self._sockets[fd].send(request)
        except BlockingIOError:
            sent = 0
        except OSError as reason:
            self._again(fd, type(reason).__name__)
            return
        if sent < len(request):
            self._unsent[fd] = memoryview(request)[sent:]
            self._poll.modify(fd, select.EPOLLIN | select.EPOLLOUT)

    def _send(self, fd: int) -> None:
        rest = self._unsent[fd]
        try:
            rest = rest[self._sockets[fd].send(rest) :]
        except BlockingIOError:
            return
        except OSError as reason:
            self._again(fd, type(reason).__name__)
            return
        if rest:
            self._unsent[fd] = rest
        else:
            del self._unsent[fd]
            self._poll.modify(fd, select.EPOLLIN)

    def _receive(self, fd: int) -> None:
        try:
            data = self._sockets[fd].recv(CHUNK)
            if fd not in self._pending and (first := head(data)) and first.length == len(data):
                self._done(fd, first.status, closes=first.closes)
            else:
                self._part(fd, data)
        except BlockingIOError:
            return
        except OSError as reason:
            self._again(fd, type(reason).__name__)
        except Broken as reason:
            self._again(fd, str(reason))

    def _part(self, fd: int, data: bytes) -> None:
        if fd in self._pending:
            self._pending[fd].add(data)
        else:
            self._pending[fd] = Pending(data)
        pending = self._pending[fd]
        if pending.is_whole(at_end=not data) and pending.head:
            del self._pending[fd]
            self._done(fd, pending.head.status, closes=pending.head.closes or not data)

    def _done(self, fd: int, status: bytes, *, closes: bool) -> None:
        now = time.perf_counter()
        self.took.append(now - self._began[fd])
        self.statuses[status] += 1
        if status != self._expected[fd] != b"":
            self.broken[f"expected {self._expected[fd].decode()}, received {status.decode('latin-1')}"] += 1
        if closes or fd in self._unsent:
            self._drop(fd)
            self._open()
        else:
            self._ready(fd, now)

    def _again(self, fd: int, reason: str) -> None:
        self.broken[reason] += 1
        self._drop(fd)
        self._open()

    def _drop(self, fd: int) -> None:
        self._poll.unregister(fd)
        self._sockets.pop(fd).close()
        self._unsent.pop(fd, None)
        self._pending.pop(fd, None)


def _connected(address: tuple[str, int]) -> socket.socket:
    """A connection; a server that is busy may turn one away now and then, one that is gone turns all away."""
    for _ in range(ATTEMPTS):
        try:
            return socket.create_connection(address, timeout=10)
        except OSError as reason:
            last = reason
            time.sleep(0.01)
    raise last


class Paced(Load):
    """Requests that fall due at a rate. Their time counts from then on, so a server that stalls is not spared."""

    def __init__(self, plan: Plan) -> None:
        self._idle: deque[int] = deque()
        self._step = 1 / (plan.rate or 1)
        self._due = time.perf_counter()
        super().__init__(plan)

    def _rest(self) -> float:
        now = time.perf_counter()
        while self._idle and self._due <= now:
            due, self._due = self._due, self._due + self._step
            self._next(self._idle.popleft(), due)
        return max(0.0, self._due - now) if self._idle else 0.2

    def _ready(self, fd: int, moment: float) -> None:  # noqa: ARG002 - what is due says when the next begins
        self._idle.append(fd)

    def _again(self, fd: int, reason: str) -> None:
        # A server may close a connection that is at rest.
        if fd not in self._idle:
            self.broken[reason] += 1
        self._drop(fd)
        self._open()

    def _drop(self, fd: int) -> None:
        if fd in self._idle:
            self._idle.remove(fd)
        super()._drop(fd)


def measured(plan: Plan) -> Sample:
    """What came of a plan, without its beginning."""
    load = Paced(plan) if plan.rate else Load(plan)
    try:
        load.run(plan.warmup)
        began = time.process_time()
        seconds = load.run(plan.seconds, plan.count)
        busy = (time.process_time() - began) / seconds
    finally:
        load.close()
    statuses = {status.decode("latin-1"): count for status, count in load.statuses.items()}
    return sampled(load.took, seconds, statuses, dict(load.broken), busy)


if __name__ == "__main__":
    given = json.load(sys.stdin)
    gc.disable()
    print(json.dumps(asdict(measured(Plan(**given)))))
