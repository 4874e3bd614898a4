"""The callers' input pictures where replicas on several machines find them: in their Redis, within the same limit."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from . import sharedscripts as scripts
from .sharedlink import Link
from .uploads import MEBIBYTE, Uploads


class SharedUploads(Uploads):
    """Uploads that a Redis has, and this machine a copy of; what is forgotten there is forgotten here. Thread-safe.

    Raises StateUnusable.
    """

    def __init__(self, link: Link, folder: Path | None = None, limit_bytes: int = 256 * MEBIBYTE) -> None:
        super().__init__(folder, limit_bytes)
        self._link = link

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex; ValueError if they alone exceed the limit."""
        digest = super().put(data)
        if not self._link.run(scripts.USE, digest):
            self._link.run(scripts.KEEP, digest, data, self.limit_bytes)
        return digest

    def get(self, digest: str) -> bytes | None:
        """Return the bytes of this digest, or None: never kept, forgotten, or no digest at all."""
        here = super().get(digest)
        if not self.names(digest) or not self._link.run(scripts.USE, digest):
            return None
        if here is not None:
            return here
        data: bytes | None = self._link.ask("GET", f"{scripts.PREFIX}upload:{digest}")
        if data is None or sha256(data).hexdigest() != digest:
            return None
        super().put(data)
        return data
