"""Examples that the machines of a campaign share: what Hypothesis finds on one, it tries first on all others.

Nothing else knows Redis here. Whoever does not ask for it explores as ever: the same requests each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hypothesis.database import ExampleDatabase
from pixelpact.errors import PixelpactError

from .places import place

PREFIX = "pixelpact-example"
# Seconds: who does not answer within them is taken for gone.
LONGEST = 5


@dataclass
class ExamplesLost(PixelpactError):
    """A database of examples that cannot be used; `place` is its URL without a password."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"examples at {self.place}: {self.reason}"


class Shared(ExampleDatabase):
    """The examples of one property. Once it fails it gives and takes nothing, and `lost` says why.

    It does not raise: a finding that cannot be shared is still a finding.
    """

    def __init__(self, kept: ExampleDatabase, failures: type[Exception]) -> None:
        super().__init__()
        self.lost = ""
        self._kept = kept
        self._failures = failures

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """Every example of a key, as far as they can be had."""
        found: list[bytes] = []
        self._try(lambda: found.extend(self._kept.fetch(key)))
        return found

    def save(self, key: bytes, value: bytes) -> None:
        """Keep an example."""
        self._try(lambda: self._kept.save(key, value))

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget an example, as nothing comes of it any more."""
        self._try(lambda: self._kept.delete(key, value))

    def move(self, src: bytes, dest: bytes, value: bytes) -> None:
        """Keep an example under another key."""
        self._try(lambda: self._kept.move(src, dest, value))

    def _try(self, act: Callable[[], None]) -> None:
        if self.lost:
            return
        try:
            act()
        except self._failures as reason:
            self.lost = str(reason)


class Examples:
    """A Redis that campaigns share. Raises ExamplesLost if it cannot be used."""

    def __init__(self, url: str) -> None:
        self.place = place(url)
        try:
            from redis import Redis, RedisError
        except ImportError as reason:
            raise ExamplesLost(self.place, "expected the extra: pip install 'pixelpact[redis]'") from reason
        try:
            self._redis = Redis.from_url(url, socket_timeout=LONGEST, socket_connect_timeout=LONGEST)
            self._redis.ping()
        except RedisError as reason:
            raise ExamplesLost(self.place, str(reason)) from reason
        except (TypeError, ValueError):
            # Of an option in the URL: the message may quote a password.
            raise ExamplesLost(self.place, "expected no other options in the URL than those of redis-py") from None

    def of(self, name: str) -> Shared:
        """The examples of a property, by its name."""
        from hypothesis.extra.redis import RedisExampleDatabase
        from redis import RedisError

        return Shared(RedisExampleDatabase(self._redis, key_prefix=f"{PREFIX}:{name}:".encode()), RedisError)
