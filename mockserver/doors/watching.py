"""The mock with its schema folders watched: what is changed there is served from the next request on.

Each request is answered from beginning to end by one contract: a change swaps the whole application. What cannot be
used is said once, and what was served before goes on being served.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from ..contract.contract import Contract, fresh
from ..errors import PixelpactError, SchemaError
from ..service.lane import lane
from ..service.mock import Mock, build, renewed
from ..service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

INTERVAL = 0.5  # seconds
# Somebody who writes many files is left to finish, for so long and no longer.
SETTLED = 0.05  # seconds
LOOKS = 40
# More names than that are no help in a line.
LISTED = 8
PROMISED = (
    "id",
    "path",
    "origin",
    "title",
    "task",
    "status",
    "credits",
    "picture",
    "request",
    "answer",
    "success",
    "promised_by",
)
# What a value of another form than was thought of leads to: whoever watches must not stop at it.
UNFORESEEN = (RecursionError, LookupError, TypeError, ValueError, AttributeError)
Say = Callable[[str], None]
# Of each file: when it was changed, its size, and which file of the disk it is, as a rename may keep the others.
Stamp = tuple[int, int, int]
Snapshot = dict[Path, Stamp]


class Watching:
    """A WSGI application. A context manager: inside it the folders are looked at, `interval` seconds apart.

    A folder that is not there has no schemas. `say` is told in a line what has changed, and what cannot be used.
    """

    def __init__(self, settings: Settings, say: Say, interval: float = INTERVAL) -> None:
        self._folders = settings.schemas
        self._say = say
        self._interval = interval
        self._seen = _snapshot(self._folders)
        self._mock = build(replace(settings, schemas=self._there()))
        self._app: WSGIApplication = lane(self._mock)
        self._broken = ""
        self._stop = Event()
        self._thread = Thread(target=self._watch, name="pixelpact-watch", daemon=True)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer by what is served at this moment."""
        return self._app(environ, start_response)

    def __enter__(self) -> Watching:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        # It may be reading many schemas, which nobody has to wait for.
        self._thread.join(timeout=1)

    @property
    def mock(self) -> Mock:
        """The mock as it is now."""
        return self._mock

    def look(self) -> None:
        """Look once, and serve what has changed."""
        now = _snapshot(self._folders)
        if now == self._seen:
            return
        before, self._seen = self._seen, self._settled(now)
        try:
            contract = fresh(*self._there(), profile=self._mock.settings.profile)
        except (PixelpactError, OSError) as reason:
            self._keep(self._told(reason))
        except UNFORESEEN as reason:
            changed = [path for path in {**before, **self._seen} if before.get(path) != self._seen.get(path)]
            file = min(map(str, changed), default="a schema")
            self._keep(f"{file}#: cannot be used ({type(reason).__name__}: {reason})")
        else:
            self._serve(contract)

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            self.look()

    def _settled(self, now: Snapshot) -> Snapshot:
        """What the folders hold once they are left alone for a moment."""
        for _ in range(LOOKS):
            self._stop.wait(SETTLED)
            before, now = now, _snapshot(self._folders)
            if before == now:
                break
        return now

    def _keep(self, reason: str) -> None:
        reason = " ".join(reason.split())
        if reason != self._broken:
            self._say(f"schemas: {reason}; what was served before stays")
        self._broken = reason

    def _serve(self, contract: Contract) -> None:
        changes = "; ".join(_changes(self._mock.contract, contract))
        mended, self._broken = bool(self._broken), ""
        if changes:
            self._mock = renewed(self._mock, contract)
            # What is under way goes on with the application that it began with.
            self._app = lane(self._mock)
        if changes or mended:
            self._say(f"schemas{' mended' * mended}: {changes or 'as before'}")

    def _there(self) -> tuple[Path, ...]:
        return tuple(folder for folder in self._folders if folder.is_dir())

    def _told(self, reason: Exception) -> str:
        """The reason on one line, with the path of the file where there is one."""
        if isinstance(reason, SchemaError):
            places = [folder / reason.file for folder in reversed(self._folders)]
            file = next((str(place) for place in places if place.is_file()), reason.file)
            reason = SchemaError(file, reason.pointer, reason.reason)
        return str(reason)


def _snapshot(folders: tuple[Path, ...]) -> Snapshot:
    return {path: stamp for folder in folders for path, stamp in _stamps(folder)}


def _stamps(folder: Path) -> Iterator[tuple[Path, Stamp]]:
    """Each JSON file of a folder and of those in it; what goes while it is looked at is not there."""
    for place, _, names in os.walk(folder, followlinks=True):
        for name in names:
            if name.endswith(".json"):
                path = Path(place, name)
                try:
                    status = path.stat()
                except OSError:
                    continue
                yield path, (status.st_mtime_ns, status.st_size, status.st_ino)


def _changes(before: Contract, now: Contract) -> Iterator[str]:
    """What a person wants to know of a change: which models; or which other files, where it is none of them."""
    old, new = _files(before), _files(now)
    told = {
        "added": [key for key in new if key not in old],
        "removed": [key for key in old if key not in new],
        "changed": [key for key in new if key in old and not _alike(before, now, key, old[key], new[key])],
    }
    if not any(told.values()):
        told["changed"] = _changed_files(before.documents.by_path, now.documents.by_path)
    return (f"{word} {_listed(names)}" for word, names in told.items() if names)


def _files(contract: Contract) -> dict[str, str]:
    return {entry.key: entry.file for entry in contract.entries}


def _alike(before: Contract, now: Contract, key: str, old: str, new: str) -> bool:
    """Whether a model promises the same; what is the kit's own in both is not compiled for that."""
    if before.documents.is_trusted(old) and now.documents.is_trusted(new):
        return True
    one, other = before.models[key], now.models[key]
    return all(getattr(one, name) == getattr(other, name) for name in PROMISED)


def _changed_files(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(path for path in {**old, **new} if old.get(path) != new.get(path))


def _listed(names: list[str]) -> str:
    more = f", … ({len(names)} in all)" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
