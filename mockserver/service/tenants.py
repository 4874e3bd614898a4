"""Tenants: one per API key, each with a journal, faults, a clock, credits and limits of its own. No key is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from ..errors import PixelpactError
from .clock import Clock
from .credits import Credits
from .failures import Failure
from .faults import Faults
from .journal import Journal
from .lifecycle import Lifecycle
from .limits import Limits
from .settings import Beginning, Settings

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
        self.faults.clear()
        for fault in self.beginning.faults:
            self.faults.place(fault)
        self.clock.reset()
        self.credits.reset()
        self.limits.clear()
        self.limits.set(*self.beginning.quotas, concurrency=self.beginning.concurrency)
        self.models.reset()


class Tenants:
    """Who may call. With no keys given every key is a tenant, but for those that begin with `invalid`.

    `make` gives a tenant as it begins, by its name. `strangers` is the tenant of all calls whose key was refused.
    """

    def __init__(self, settings: Settings, make: Callable[[str], Tenant]) -> None:
        self._keys = [key.encode() for key in settings.api_keys]
        self._secret = settings.secret.encode()
        # Drawn, as several mocks may count quotas in one place.
        self._everybody = make(secrets.token_hex(8)) if settings.one_tenant else None
        self.strangers = self._everybody or make("")
        self._make = make
        self._known: OrderedDict[str, Tenant] = OrderedDict()
        self._held: Counter[str] = Counter()
        self._lock = Lock()

    def admit(self, headers: Mapping[str, str]) -> Tenant:
        """The tenant of a call's bearer key, made if it is new. Raises Failure for a key that is refused."""
        return self._tenant(self._accepted(headers))

    def recognise(self, headers: Mapping[str, str]) -> Tenant | None:
        """The tenant of a call's bearer key, if it called before: what anybody may ask for makes no tenant."""
        try:
            key = self._accepted(headers)
        except Failure:
            return None
        return self._everybody or self.known(self._name(key))

    def hold(self, key: str) -> Tenant:
        """The tenant of a key, not to be forgotten however many others come, until all who hold it let it go.

        Raises BadKey for one that no header can carry, or that is refused.
        """
        if not VISIBLE.fullmatch(key) or not self._holds(key):
            raise BadKey(
                "api_key: expected visible ASCII that this mock accepts, received other characters (not shown)"
            )
        tenant = self._tenant(key)
        with self._lock:
            self._held[tenant.name] += 1
        return tenant

    def let_go(self, tenant: Tenant) -> None:
        """Hold a tenant no longer; the last who does forgets it: its key's next call finds everything as it began."""
        with self._lock:
            self._held[tenant.name] -= 1
            if self._held[tenant.name] > 0:
                return
            del self._held[tenant.name]
            if self._known.get(tenant.name) is tenant:
                del self._known[tenant.name]
        tenant.reset()

    def known(self, name: str) -> Tenant | None:
        """The tenant of a name, if it called before and was not forgotten."""
        if self._everybody and name == self._everybody.name:
            return self._everybody
        with self._lock:
            return self._known.get(name)

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
        # Links show it, so it must not lead back to the key.
        return hmac.new(self._secret, key.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:16]

    def _tenant(self, key: str) -> Tenant:
        if self._everybody:
            return self._everybody
        name = self._name(key)
        with self._lock:
            tenant = self._known.pop(name, None) or self._make(name)
            self._known[name] = tenant
            forgettable = (other for other in self._known if other not in self._held and other != name)
            if len(self._known) > MOST_TENANTS and (oldest := next(forgettable, None)):
                del self._known[oldest]
        return tenant
