"""The server of `pixelpact serve`: one event loop that reads, answers what is quick, and has threads for the rest.

An answer that is late waits in no thread, and neither does a client that sends slowly.
"""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING

from ..service.calls import CONTROL
from .connection import GRACE, Connection
from .incoming import heads
from .replies import Reply, asked, whole
from .sockets import BACKLOG, Exhaustion

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# Requests that are answered at once in threads; more wait for their turn.
THREADS = 16
# One that is still being sent has so long.
SENDING = 2.0  # seconds
LOOK = 0.5  # seconds
# What is read at once.
BUFFER = 256 * 2**10  # bytes
# How long one thread may keep the others waiting: the loop has to have its turn while a picture is drawn.
SWITCH = 0.001  # seconds
# Bodies up to that size that have no picture and ask for none are answered on the loop: that takes less time than to
# hand them on. What is escaped may be anything.
SMALL = 2 * 2**10
HEAVY = re.compile(rb'://|data:|\\u|b64|base64|sync_mode|image_|"image"|mask|buffer')
RUN = re.compile(rb"[A-Za-z0-9+/]{400}")
JSON = "application/json"
# After an answer that kept the loop for longer than that, threads answer until one of them takes less.
SLOW = 0.02  # seconds
# Descriptors that are left for all else but connections, and how many of those are accepted in one go.
SPARE, AT_ONCE = 192, 64
MOST_CONNECTIONS = 16_384


class Serving:
    """A server on a socket that listens already. `run` answers until it is told to stop."""

    def __init__(self, app: WSGIApplication, listener: socket.socket, body_limit: int) -> None:
        # One byte more than is allowed tells the application that it is too much.
        self.body_limit = body_limit + 1
        self.buffer = memoryview(bytearray(BUFFER))
        self.is_closing = False
        self.connections: set[Connection] = set()
        self.held = 0
        self._app, self._listener = app, listener
        self._pool = ThreadPoolExecutor(THREADS, "pixelpact")
        self._aside = 0
        self._is_shy = False
        self.most_connections = _room_for_connections()
        self._dated = (0, "")
        host, port = listener.getsockname()[:2]
        basic = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "SCRIPT_NAME": "",
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
        }
        self.read = heads(basic)

    def run(self, ready: Callable[[], None], orphaned: int | None = None) -> bool:
        """Answer until a signal, or until the file `orphaned` ends; whether all was answered in time.

        `ready` is called once it answers. A second signal ends it at once.
        """
        sys.setswitchinterval(SWITCH)
        # Not what Windows has by default: that one reads ahead into the buffer, which all connections share.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            return runner.run(self._run(ready, orphaned))

    async def _run(self, ready: Callable[[], None], orphaned: int | None) -> bool:
        self.loop = asyncio.get_running_loop()
        self._told, self._hurried = asyncio.Event(), asyncio.Event()
        self._listen_to_signals()
        self.loop.set_exception_handler(Exhaustion())
        if orphaned is not None:
            self.loop.add_reader(orphaned, partial(self._orphaned, orphaned))
        # One at a time where others listen too, or whoever wakes first takes all.
        at_once = AT_ONCE if orphaned is None else 1
        server = await self.loop.create_server(partial(Connection, self), sock=self._listener, backlog=at_once)
        self._listener.listen(BACKLOG)
        ready()
        looking = self.loop.create_task(self._look())
        await self._told.wait()
        looking.cancel()
        server.close()
        return await self._wind_up()

    def stop(self) -> None:
        """Take no more requests; the second time, wait for none."""
        (self._hurried if self._told.is_set() else self._told).set()

    def ask(self, environ: WSGIEnvironment, size: int, answered: Callable[[Reply | None], None]) -> None:
        """Have the application answer: here, or in a thread."""
        light = self._is_light(environ, size)
        if light and not self._is_shy:
            began, reply = time.monotonic(), None
            try:
                reply = self._asked(environ)
            finally:
                answered(reply)
            self._is_shy = time.monotonic() - began > SLOW
        else:
            self._aside += 1
            future = self._pool.submit(self._timed, environ, light=light)
            future.add_done_callback(lambda done: self.loop.call_soon_threadsafe(self._pass_on, done, answered))

    def date(self) -> str:
        """The present, as a header has it."""
        now = int(time.time())
        if self._dated[0] != now:
            self._dated = (now, formatdate(now, usegmt=True))
        return self._dated[1]

    def _is_light(self, environ: WSGIEnvironment, size: int) -> bool:
        if size > SMALL or environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"].startswith(CONTROL):
            return False
        if not environ.get("CONTENT_TYPE", "").startswith(JSON):
            return False
        body = environ["wsgi.input"].getvalue().lower()
        return not HEAVY.search(body) and (size < 400 or not RUN.search(body))

    def _timed(self, environ: WSGIEnvironment, *, light: bool) -> Reply:
        began = time.monotonic()
        reply = self._asked(environ)
        if light and time.monotonic() - began < SLOW:
            self._is_shy = False
        return reply

    def _asked(self, environ: WSGIEnvironment) -> Reply:
        return whole(asked(self._app, environ))

    def _listen_to_signals(self) -> None:
        # Python gives them to its first thread alone.
        is_first = threading.current_thread() is threading.main_thread()
        for number in (signal.SIGINT, signal.SIGTERM) if is_first else ():
            # What our starter has ignored stays so, as nohup means it.
            if signal.getsignal(number) is not signal.SIG_IGN:
                try:
                    self.loop.add_signal_handler(number, self.stop)
                except NotImplementedError:
                    # Windows.
                    signal.signal(number, lambda *_: self.loop.call_soon_threadsafe(self.stop))

    def _orphaned(self, watched: int) -> None:
        self.loop.remove_reader(watched)
        self._told.set()
        self._hurried.set()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            now = self.loop.time()
            for connection in list(self.connections):
                connection.look(now)

    async def _wind_up(self) -> bool:
        """Let what is under way end; whether it did."""
        self.is_closing = True
        began = self.loop.time()
        while self.connections and self.loop.time() - began < GRACE and not self._hurried.is_set():
            is_late = self.loop.time() - began > SENDING
            for connection in list(self.connections):
                connection.stop(is_late=is_late)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurried.wait(), 0.02)
        for connection in list(self.connections):
            connection.transport.abort()
        self._pool.shutdown(wait=False, cancel_futures=True)
        return not self._aside

    def _pass_on(self, done: Future[Reply], answered: Callable[[Reply | None], None]) -> None:
        self._aside -= 1
        if done.cancelled():
            # The server ends at once.
            return
        failure = done.exception()
        answered(None if failure else done.result())
        if failure:
            raise failure


def _room_for_connections() -> int:
    """How many there may be: by the descriptors that this process may have, as many as it is let."""
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(min(soft - SPARE, MOST_CONNECTIONS), 16)
