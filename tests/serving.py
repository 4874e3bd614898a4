"""The server of `pixelpact serve` in a thread of the tests."""

from __future__ import annotations

import socket
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from pixelpact.doors.serving import Serving
from pixelpact.doors.sockets import base_url, listening

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LIMIT = 20 * 2**20


class Served:
    """An application behind it. A context manager: inside it, `url` answers."""

    def __init__(self, app: WSGIApplication, limit: int = LIMIT, kind: type[socket.socket] = socket.socket) -> None:
        plain = listening("127.0.0.1", 0)
        listener = kind(plain.family, plain.type, plain.proto, plain.detach())
        self.url = base_url("127.0.0.1", listener)
        self.serving = Serving(app, listener, limit)
        self.has_ended: bool | None = None
        self._ready = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def stop(self) -> None:
        """What a signal does."""
        if self._thread.is_alive():
            self.serving.loop.call_soon_threadsafe(self.serving.stop)

    def _run(self) -> None:
        self.has_ended = self.serving.run(self._ready.set)
