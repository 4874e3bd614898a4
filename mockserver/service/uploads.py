"""The callers' input pictures, kept by content on disk within a limit: the one thing that the mock stores.

Several worker processes of one machine may share a folder. Writing is atomic and reading takes no lock; the limit holds
for all of them together, but for what each may add before it looks again (a sixteenth).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

MEBIBYTE = 2**20
# A writer that died leaves its temporary file; one that lives is done long before.
ABANDONED_AFTER = 3600 * 10**9  # nanoseconds

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = ".part"


@dataclass(frozen=True, order=True)
class _Entry:
    used: int  # nanoseconds since the epoch
    path: Path
    size: int


class Uploads:
    """A content-addressed store of bytes that forgets the least recently used. Thread-safe.

    Without a folder it makes a private one that goes with `close()` or the process that made it. A given folder stays,
    and files in it that are not ours are neither counted nor deleted.
    """

    def __init__(self, folder: Path | None = None, limit_bytes: int = 256 * MEBIBYTE) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="pixelpact-uploads-"))
        self.limit_bytes = limit_bytes
        self._close = weakref.finalize(self, _remove, None if folder else self.folder, os.getpid())
        self._lock = threading.Lock()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._found = sum(entry.size for entry in _entries(self.folder))
        self._added = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the private folder; harmless when repeated, or when the folder was given."""
        self._close()

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex; ValueError if they alone exceed the limit."""
        if len(data) > self.limit_bytes:
            raise ValueError(f"expected at most {self.limit_bytes} bytes, received {len(data)}")
        digest = sha256(data).hexdigest()
        path = self.folder / digest
        if not _touch(path):
            _write(path, data)
            self._account(path, len(data))
        return digest

    def get(self, digest: str) -> bytes | None:
        """Return the bytes of this digest, or None: never kept, forgotten, or no digest at all."""
        if not self.names(digest):
            return None
        path = self.folder / digest
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        _touch(path)
        return data

    @staticmethod
    def names(digest: str) -> bool:
        """Whether a text is a digest, and so no path to anywhere."""
        return _DIGEST.fullmatch(digest) is not None

    def _account(self, path: Path, size: int) -> None:
        """Look into the folder only after a sixteenth of the limit was added, or when the limit is reached."""
        with self._lock:
            self._added += size
            if self._added > self.limit_bytes // 16 or self._found + self._added > self.limit_bytes:
                self._found = self._evict(path)
                self._added = 0

    def _evict(self, newest: Path) -> int:
        """Beyond the limit, delete from the oldest on, to a sixteenth below it: the next put is not back at once."""
        entries = sorted(_entries(self.folder))
        total = sum(entry.size for entry in entries)
        goal = self.limit_bytes if total <= self.limit_bytes else self.limit_bytes - self.limit_bytes // 16
        for entry in entries:
            if total > goal and _may_go(entry, newest):
                entry.path.unlink(missing_ok=True)
                total -= entry.size
        return total


def _may_go(entry: _Entry, newest: Path) -> bool:
    if entry.path.suffix == _TEMPORARY:
        return time.time_ns() - entry.used > ABANDONED_AFTER
    return entry.path != newest


def _entries(folder: Path) -> Iterator[_Entry]:
    for path in folder.iterdir():
        if _DIGEST.fullmatch(path.name.split(".")[0]) and path.suffix in ("", _TEMPORARY):
            # Another process may have deleted it meanwhile.
            with suppress(FileNotFoundError):
                status = path.stat()
                yield _Entry(status.st_mtime_ns, path, status.st_size)


def _touch(path: Path) -> bool:
    """Mark as used now, to the nanosecond: the kernel's own stamp ticks too slowly to order quick puts."""
    now = time.time_ns()
    try:
        os.utime(path, ns=(now, now))
    except FileNotFoundError:
        return False
    return True


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=_TEMPORARY)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        _touch(temporary)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _remove(folder: Path | None, owner: int) -> None:
    # A forked worker inherits the finalizer, but not the folder.
    if folder is not None and os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
