"""The journal of a tenant: what its client called, and what came back. Nothing in it is secret."""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from ..errors import PixelpactError
from ..pixels.values import Recipe, Size
from .nearmiss import Subject, Wanted, demand
from .redacted import escaped
from .state import MOST_ENTRIES
from .statepages import MemoryPages, Pages

API, DOWNLOAD = "api", "download"
# What a call is known by where its body does not say.
KNOWN = ("model", "size", "seed", "form")
DOWNLOADED = ("model", "size", "seed", "link", "digest")
BELOW_400 = Wanted("below 400", lambda status: bool(status < 400))


@dataclass
class NoPicture(PixelpactError):
    """A call that no picture came of; `call` says which."""

    call: str

    def __str__(self) -> str:
        return f"expected a call that a picture came of, received {self.call}"


@dataclass(frozen=True)
class Entry:
    """One call. `hop` is `api` or `download`; `moment` is the tenant's time when the call came in.

    `facts` is JSON: what is known of the call beyond its answer's status. `recipe` is that of the picture, if one was
    made or downloaded.
    """

    hop: str
    moment: datetime
    request_id: str
    method: str
    path: str
    status: int
    milliseconds: float
    facts: Mapping[str, Any] = field(default_factory=dict)
    recipe: Recipe | None = field(default=None, repr=False)

    def __str__(self) -> str:
        kind = self.facts.get("kind")
        told = f"{self.method} {self.path}, {self.status}{f' {kind}' if kind else ''}, id {self.request_id}"
        return escaped(told)

    @property
    def ended(self) -> datetime:
        """The tenant's time when the answer was on its way."""
        return self.moment + timedelta(milliseconds=self.milliseconds)

    def json(self) -> dict[str, Any]:
        """The entry as JSON; its time in UTC, to the millisecond."""
        moment = self.moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "time": moment,
            "hop": self.hop,
            "request_id": self.request_id,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "milliseconds": self.milliseconds,
            "facts": dict(self.facts),
        }


@dataclass(frozen=True)
class Picture:
    """What came of a call: drawn when it is asked for."""

    recipe: Recipe
    draw: Callable[[Recipe], builtins.bytes] = field(repr=False)

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return self.recipe.size

    @cached_property
    def bytes(self) -> builtins.bytes:
        """The file as it is downloaded."""
        return self.draw(self.recipe)

    @property
    def sha256(self) -> str:
        """64 hexadecimal digits, of the file."""
        return hashlib.sha256(self.bytes).hexdigest()

    def thumbnail(self) -> builtins.bytes:
        """A JPEG whose longest side is at most 256."""
        # A server starts without the imaging library.
        from ..pixels.thumbnail import thumbnail

        small = thumbnail(self.bytes)
        if small is None:
            raise NoPicture(f"a file of {len(self.bytes):,} bytes that cannot be decoded")
        return small


class Journal:
    """The last calls of a tenant, oldest first; threads may read and write at once. `draw` makes a recipe's picture."""

    def __init__(
        self, draw: Callable[[Recipe], bytes], most: int = MOST_ENTRIES, *, pages: Pages | None = None
    ) -> None:
        self._draw = draw
        self._pages = MemoryPages(most) if pages is None else pages

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    @property
    def entries(self) -> list[Entry]:
        """All calls, as they are now."""
        return self._pages.entries()

    @property
    def calls(self) -> list[Entry]:
        """The calls of the API."""
        return [entry for entry in self.entries if entry.hop == API]

    @property
    def downloads(self) -> list[Entry]:
        """The calls of the object store, by the links that were given out."""
        return [entry for entry in self.entries if entry.hop == DOWNLOAD]

    @property
    def last(self) -> Entry:
        """The latest call. AssertionError if there was none."""
        entries = self.entries
        if not entries:
            raise AssertionError("expected a call, but there was none: does the client use this mock's URL and key?")
        return entries[-1]

    @property
    def dropped(self) -> int:
        """How many calls are forgotten, as there were more than are kept."""
        return self._pages.dropped()

    def append(self, entry: Entry) -> None:
        """Write down a call."""
        self._pages.append(entry)

    def mark(self, request_id: str, **facts: Any) -> None:
        """Add facts to a call that is written down already; one that is forgotten stays so.

        With `gone`, the fact `gone_after` says how many real seconds after it was written down the client was gone.
        """
        self._pages.mark(request_id, facts)

    def clear(self) -> None:
        """Forget all calls."""
        self._pages.clear()

    def json(self) -> list[dict[str, Any]]:
        """All calls as JSON."""
        return [entry.json() for entry in self.entries]

    def picture(self, entry: Entry) -> Picture:
        """The picture that came of a call, the first of several. Raises NoPicture."""
        return self.pictures(entry)[0]

    def pictures(self, entry: Entry) -> list[Picture]:
        """Every picture that came of a call. Raises NoPicture."""
        if entry.recipe is None:
            raise NoPicture(str(entry))
        count = entry.facts.get("count")
        recipes = [replace(entry.recipe, index=index) for index in range(count)] if count else [entry.recipe]
        return [Picture(recipe, self._draw) for recipe in recipes]

    def assert_called(self, times: int | None = None, *, status: Any = None, **fields: Any) -> None:
        """AssertionError unless some call of the API, or exactly `times`, had these fields in its body.

        A value is meant exactly, or is a shell pattern with `*`, a compiled regular expression, a type, a function that
        judges, or None for a field that was not sent; for a picture also its bytes, or the Path of its file. `model`,
        `size`, `seed` and `form` are also those of the picture, where the body does not say. The error shows what the
        nearest calls had instead.
        """
        __tracebackhide__ = True
        demand("API call", _subjects("call", self.calls, _sent), _expected(status, fields), times)

    def assert_not_called(self, *, status: Any = None, **fields: Any) -> None:
        """AssertionError if any call of the API had these fields in its body."""
        __tracebackhide__ = True
        self.assert_called(0, status=status, **fields)

    def assert_downloaded(self, times: int | None = None, *, status: Any = None, **fields: Any) -> None:
        """AssertionError unless some picture, or exactly `times`, was downloaded that had these facts.

        They are `model`, `prompt`, `seed`, `size`, `guidance`, `watermark`, `container`, `index` (which of several),
        `link` and `digest`. Only answers below 400 count, unless a status is asked for.
        """
        __tracebackhide__ = True
        wanted = BELOW_400 if status is None else status
        demand("download", _subjects("download", self.downloads, _downloaded), _expected(wanted, fields), times)


def links_of(entry: Entry) -> list[str]:
    """The paths of the pictures that a call was answered with, or that of the one that it asked for."""
    facts = entry.facts
    return list(facts.get("links") or [facts["link"]]) if "link" in facts else []


def _expected(status: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    return dict(fields) if status is None else {"status": status, **fields}


def _subjects(noun: str, entries: Sequence[Entry], sent: Callable[[Entry], Mapping[str, Any]]) -> list[Subject]:
    of = len(entries)
    return [
        Subject(f"{noun} {number} of {of}: {entry}", sent(entry), _known(entry))
        for number, entry in enumerate(entries, 1)
    ]


def _sent(entry: Entry) -> Mapping[str, Any]:
    body = entry.facts.get("body")
    return {escaped(name): value for name, value in body.items()} if isinstance(body, dict) else {}


def _known(entry: Entry) -> Mapping[str, Any]:
    return {"status": entry.status, **{name: entry.facts[name] for name in KNOWN if name in entry.facts}}


def _downloaded(entry: Entry) -> Mapping[str, Any]:
    facts = {name: entry.facts[name] for name in DOWNLOADED if name in entry.facts}
    if entry.recipe is None:
        return facts
    recipe = {name: value for name, value in asdict(entry.recipe).items() if value is not None}
    return {**recipe, "size": str(entry.recipe.size), **facts}
