"""The way to a Redis: one question, one answer, and never a wait without end. Nothing else here knows its client."""

from __future__ import annotations

import logging
from typing import Any

from redis.backoff import NoBackoff
from redis.connection import ConnectionPool
from redis.exceptions import ConnectionError, NoScriptError, RedisError, ResponseError
from redis.retry import Retry

from .redises import PATIENCE, Warnings, opened
from .sharedscripts import Script
from .state import StateUnusable

LOG = logging.getLogger("pixelpact.state")


class Link:
    """Connections to one Redis; threads may ask at once. Raises StateUnusable for a URL that cannot be used.

    A question whose connection broke is asked once more on a new one: a Redis that was started again is found at once,
    and one that went away between doing and saying so may do it twice.
    """

    def __init__(self, url: str) -> None:
        self._pool = opened(url, _pool, StateUnusable)
        # Of a class whose methods are not all annotated.
        self._free: list[Any] = []
        self._warnings = Warnings(LOG, "shared state", url)

    def ask(self, *command: Any) -> Any:
        """What Redis answers to a command; texts come as bytes. Raises StateUnusable."""
        try:
            return self._answer(command)
        except RedisError as reason:
            raise self._unusable(reason) from reason

    def run(self, script: Script, *arguments: Any) -> Any:
        """What a script gives. Raises StateUnusable."""
        try:
            return self._answer(("EVALSHA", script.sha, 0, *arguments))
        except NoScriptError:
            return self.ask("EVAL", script.text, 0, *arguments)
        except RedisError as reason:
            raise self._unusable(reason) from reason

    def close(self) -> None:
        """Close what is free."""
        while self._free:
            self._free.pop().disconnect()

    def _answer(self, command: tuple[Any, ...]) -> Any:
        try:
            return self._asked(command)
        except ConnectionError:
            # Those that are free broke with it.
            self._free.clear()
            return self._asked(command)

    def _asked(self, command: tuple[Any, ...]) -> Any:
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._pool.connection_class(**self._pool.connection_kwargs)
        try:
            connection.send_command(*command)
            answer = connection.read_response()
        except ResponseError:
            self._free.append(connection)
            raise
        except BaseException:
            # Whatever comes of it later is not the answer to another question.
            connection.disconnect()
            raise
        self._free.append(connection)
        self._warnings.answered()
        return answer

    def _unusable(self, reason: RedisError) -> StateUnusable:
        """The error of ours; whoever runs the mock is told."""
        self._warnings.tell(reason)
        return StateUnusable("a Redis that answers, received an error", str(reason))


def _pool(url: str) -> ConnectionPool:
    return ConnectionPool.from_url(
        # As the client has it.
        url.removeprefix("redis+") if url.startswith("redis+unix") else url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
