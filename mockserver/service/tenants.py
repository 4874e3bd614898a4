"""Tenants: one per API key, each with a journal, faults, a clock, credits and limits of its own. No key is kept."""

from __future__ import annotations

import hmac
import re
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b, sha256
from threading import Lock
from typing import Protocol

from ..errors import PixelpactError
from .clock import Clock
from .credits import Credits
from .failures import Failure
from .faults import Faults
from .journal import Journal
from .lifecycle import Lifecycle
from .limits import Limits
from .settings import Beginning, Settings
from .state import Room

MOST_TENANTS = 1000
VISIBLE = re.compile("[!-~]+")


class BadKey(PixelpactError, ValueError):
    """A key that no call can have."""


@dataclass(frozen=True, eq=False)
class Tenant:
    """What one API key has done, and what is done to it."""

    name: str
    beginning: Beginning
    journal: Journal
    faults: Faults
    clock: Clock
    credits: Credits
    limits: Limits
    models: Lifecycle

    def reset(self) -> None:
        """Have everything as it began."""
        self.journal.clear()
        self.faults.set(self.beginning.faults)
        self.clock.reset()
        self.credits.reset()
        self.limits.clear()
        self.limits.set(*self.beginning.quotas, concurrency=self.beginning.concurrency)
        self.models.reset()


class Register(Protocol):
    """Which tenants are known, by name."""

    def call(self, name: str, *, afresh: bool = False) -> Tenant:
        """The tenant for one call of its own, made if it is new; `afresh`, to be asked what is so now."""

    def known(self, name: str) -> Tenant | None:
        """The tenant, if it called before and was not forgotten."""

    def held(self, name: str) -> Tenant:
        """The tenant for whoever holds it, made if it is new; never forgotten until it is let go."""

    def let_go(self, tenant: Tenant) -> None:
        """Forget a tenant that nobody holds any more."""


class MemoryRegister:
    """The tenants of this process, at most a thousand: who has not called for longest is forgotten first.

    `make` gives a tenant as it begins, by its name. `room` is what all their journals take: once they take too much,
    the journal goes of who has not called for longest.
    """

    def __init__(self, make: Callable[[str], Tenant], room: Room) -> None:
        self._make = make
        self._room = room
        self._known: OrderedDict[str, Tenant] = OrderedDict()
        self._held: dict[str, Tenant] = {}
        self._lock = Lock()

    def call(self, name: str, *, afresh: bool = False) -> Tenant:  # noqa: ARG002 - here all is of now
        """The tenant of a name, made if it is new."""
        with self._lock:
            tenant = self._known.get(name)
            if tenant is None:
                tenant = self._known[name] = self._held.get(name) or self._make(name)
                self._forget(name)
            self._known.move_to_end(name)
        if self._room.is_full:
            self._clear_oldest()
        return tenant

    def known(self, name: str) -> Tenant | None:
        """The tenant, if it called before and was not forgotten."""
        with self._lock:
            return self._known.get(name) or self._held.get(name)

    def held(self, name: str) -> Tenant:
        """The tenant for whoever holds it."""
        with self._lock:
            made = self._held.get(name) or self._known.get(name) or self._make(name)
            self._held[name] = made
        return made

    def let_go(self, tenant: Tenant) -> None:
        """Forget a tenant: its next call finds everything as it began."""
        with self._lock:
            for kept in (self._held, self._known):
                if kept.get(tenant.name) is tenant:
                    del kept[tenant.name]
        tenant.reset()

    def _forget(self, new: str) -> None:
        if len(self._known) > MOST_TENANTS:
            oldest = next((name for name in self._known if name != new and name not in self._held), None)
            if oldest is not None:
                self._known.pop(oldest).journal.clear()

    def _clear_oldest(self) -> None:
        with self._lock:
            oldest = next((tenant for tenant in self._known.values() if len(tenant.journal)), None)
        if oldest is not None:
            oldest.journal.clear()


class Tenants:
    """Who may call. With no keys given every key is a tenant, but for those that begin with `invalid`.

    `strangers` is the tenant of all calls whose key was refused.
    """

    def __init__(self, settings: Settings, register: Register) -> None:
        self._keys = [key.encode() for key in settings.api_keys]
        self._secret = sha256(settings.secret.encode("utf-8", "surrogateescape")).digest()
        self._register = register
        # Drawn, as several mocks may count quotas in one place.
        self._everybody = secrets.token_hex(8) if settings.one_tenant else ""
        self.strangers = register.held(self._everybody)
        self._held: Counter[str] = Counter()
        self._lock = Lock()

    def admit(self, headers: Mapping[str, str], *, afresh: bool = False) -> Tenant:
        """The tenant of a call's bearer key, made if it is new. Raises Failure for a key that is refused.

        It is for one call of the endpoint; `afresh`, for whoever asks what is so now.
        """
        return self.called(self.name(headers), afresh=afresh)

    def name(self, headers: Mapping[str, str]) -> str:
        """The name of the tenant of a call's bearer key. Raises Failure for a key that is refused."""
        return self._name(self._accepted(headers))

    def called(self, name: str, *, afresh: bool = False) -> Tenant:
        """The tenant of a name, made if it is new: for one call, as `admit`."""
        return self._register.call(name, afresh=afresh)

    def recognise(self, headers: Mapping[str, str]) -> Tenant | None:
        """The tenant of a call's bearer key, if it called before: what anybody may ask for makes no tenant."""
        try:
            key = self._accepted(headers)
        except Failure:
            return None
        return self.known(self._name(key))

    def hold(self, key: str) -> Tenant:
        """The tenant of a key, not to be forgotten however many others come, until all who hold it let it go.

        Raises BadKey for one that no header can carry, or that is refused.
        """
        if not VISIBLE.fullmatch(key) or not self._holds(key):
            raise BadKey(
                "api_key: expected visible ASCII that this mock accepts, received other characters (not shown)"
            )
        name = self._name(key)
        with self._lock:
            self._held[name] += 1
        return self.strangers if name == self._everybody else self._register.held(name)

    def let_go(self, tenant: Tenant) -> None:
        """Hold a tenant no longer; the last who does forgets it: its key's next call finds everything as it began."""
        with self._lock:
            self._held[tenant.name] -= 1
            if self._held[tenant.name] > 0:
                return
            del self._held[tenant.name]
        if tenant.name == self._everybody:
            tenant.reset()
        else:
            self._register.let_go(tenant)

    def known(self, name: str) -> Tenant | None:
        """The tenant of a name, if it called before and was not forgotten."""
        return self._register.known(name) if name else None

    def _accepted(self, headers: Mapping[str, str]) -> str:
        scheme, _, key = headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            raise Failure("unauthorized")
        if not key.strip():
            raise Failure("empty_key")
        if not self._holds(key.strip()):
            raise Failure("unauthorized")
        return key.strip()

    def _holds(self, key: str) -> bool:
        # WSGI hands every header over as Latin-1.
        sent = key.encode("latin-1", "replace")
        if self._keys:
            # Every key is compared, so that the time tells nothing of which was close.
            matches = [hmac.compare_digest(sent, known) for known in self._keys]
            return any(matches)
        return not key.startswith("invalid")

    def _name(self, key: str) -> str:
        if self._everybody:
            return self._everybody
        # Links show it, so it must not lead back to the key.
        return blake2b(key.encode("utf-8", "surrogateescape"), digest_size=8, key=self._secret).hexdigest()
