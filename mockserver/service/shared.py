"""The state of tenants in a Redis, for replicas that know nothing of each other: each gives the answers of one.

A call costs one question where nothing of its tenant runs out. A worker keeps what was set for a tenant (its clock,
models…) with the version of it, and its call's one writing is refused if that is no more the version: then the call is
answered again by what is set now. Where something is counted (faults, credits with an end, limits), it is read first.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from ..errors import StorageUnusable
from . import sharedscripts as scripts
from .calls import nothing
from .journal import Entry
from .sharedlink import Link
from .sharedstore import Sight, Store
from .sharedtexts import FORMS, charge_of, entry_of, mark_text
from .shareduploads import SharedUploads
from .state import MOST_ENTRIES
from .statebooks import Books
from .stateparts import Parts, Values
from .tenants import Tenant

Value = TypeVar("Value")


class SharedCell(Generic[Value]):
    """One part of a tenant."""

    def __init__(self, sight: Sight, part: str) -> None:
        self._sight, self._part = sight, part

    @property
    def value(self) -> Value:
        """The value as it is now, or was when the call came in."""
        return cast(Value, self._sight.copy().value(self._part))

    def change(self, step: Callable[[Value], Value]) -> Value:
        """Let the step's result hold, and give it."""
        return cast(Value, self._sight.change(self._part, step))


class SharedPurse:
    """The books of a tenant."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self.take = sight.pay
        self.begin = sight.begin

    @property
    def balance(self) -> int | None:
        """What is left."""
        return cast("int | None", self._sight.copy().value("balance"))

    def books(self) -> Books:
        """All that is known, at one moment."""
        self._sight.copy()
        (balance, spent, pictures), charges = self._sight.run(scripts.BOOKS)
        read = tuple(charge_of(text.decode()) for text in charges)
        return Books(FORMS["balance"].read((balance or b"").decode()), int(spent or 0), int(pictures or 0), read)

    def change(self, step: Callable[[int | None], int | None]) -> None:
        """Have another balance, by the one before."""
        self._sight.change("balance", step)


class SharedPlaces:
    """The calls of a tenant that are under way where a limit is set; a server that died gives its places back late."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight

    @property
    def taken(self) -> int:
        """How many calls are under way."""
        return int(self._sight.run(scripts.TAKEN))

    def take(self, most: int | None) -> Callable[[], None] | None:
        """What gives a place back; None if none is left."""
        if most is None:
            return nothing
        call, sight = secrets.token_hex(8), self._sight
        if not sight.run(scripts.ENTER, call, most):
            return None

        def leave() -> None:
            # Without a Redis the place is free in time.
            with suppress(StorageUnusable):
                sight.store.link.ask("ZREM", f"{scripts.TENANT}{sight.name}:places", call)

        return leave


class SharedPages:
    """The journal of a tenant."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self.append = sight.write

    def entries(self) -> list[Entry]:
        """What is kept, oldest first."""
        key = f"{scripts.TENANT}{self._sight.name}:journal"
        return [entry_of(text.decode()) for text in self._sight.store.link.ask("LRANGE", key, -MOST_ENTRIES, -1)]

    def mark(self, request_id: str, facts: Mapping[str, Any]) -> None:
        """Add facts to a call."""
        # A call is over when its client is gone: nobody is left to be told.
        with suppress(StorageUnusable):
            self._sight.run(scripts.MARK, f"{request_id}\n", mark_text(facts))

    def dropped(self) -> int:
        """How many are not kept any more."""
        written, kept = self._sight.run(scripts.WRITTEN)
        return int(written) - int(kept)

    def clear(self) -> None:
        """Forget all, and that there were any."""
        self._sight.run(scripts.CLEAR)


class SharedRegister:
    """The tenants that all replicas know; `make` puts one together of its parts."""

    def __init__(self, store: Store, make: Callable[[str, Parts], Tenant]) -> None:
        self._store = store
        self._make = make

    def call(self, name: str, *, afresh: bool = False) -> Tenant:
        """The tenant for one call of its own, made if it is new."""
        if afresh:
            return self.held(name)
        kept = self._store.kept(name)
        return self._seen(Sight(self._store, name, kept or self._store.read(name), proven=kept is None))

    def known(self, name: str) -> Tenant | None:
        """The tenant, if it called before and was not forgotten."""
        copy = self._store.found(name)
        return self._seen(Sight(self._store, name, copy, proven=True)) if copy else None

    def held(self, name: str) -> Tenant:
        """The tenant for whoever holds it: it reads anew whatever it is asked."""
        self._store.read(name)
        return self._seen(Sight(self._store, name, None, proven=True))

    def let_go(self, tenant: Tenant) -> None:
        """Forget a tenant that nobody of this process holds any more."""
        tenant.reset()
        self._store.forget(tenant.name)

    def _seen(self, sight: Sight) -> Tenant:
        return self._make(sight.name, parts_of(sight))


class Shared:
    """All that replicas share, in the Redis at a URL. Raises StateUnusable for one that cannot be used."""

    def __init__(self, url: str) -> None:
        self._link = Link(url)
        self._link.ask("PING")

    def register(self, begin: Callable[[], Values], make: Callable[[str, Parts], Tenant]) -> SharedRegister:
        """The tenants; `begin` gives what a new one begins with, `make` puts it together."""
        return SharedRegister(Store(self._link, begin), make)

    def uploads(self, folder: Path | None, limit_bytes: int) -> SharedUploads:
        """The callers' pictures; this machine has its copies in a folder."""
        return SharedUploads(self._link, folder, limit_bytes)


def parts_of(sight: Sight) -> Parts:
    """The parts of a tenant as one sees them."""
    return Parts(
        ahead=SharedCell(sight, "ahead"),
        faults=SharedCell(sight, "faults"),
        allowed=SharedCell(sight, "allowed"),
        stages=SharedCell(sight, "stages"),
        purse=SharedPurse(sight),
        places=SharedPlaces(sight),
        pages=SharedPages(sight),
    )
