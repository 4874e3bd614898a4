"""Tenants: one per API key, each with a journal, faults, a clock, credits and limits of its own. No key is kept."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from .clock import Clock
from .credits import Credits
from .failures import Failure
from .faults import Faults
from .journal import Journal
from .lifecycle import Lifecycle
from .limits import Limits
from .settings import Settings

MOST_TENANTS = 1000
EVERYBODY = "everybody"


@dataclass(frozen=True, eq=False)
class Tenant:
    """What one API key has done, and what is done to it."""

    name: str
    journal: Journal
    faults: Faults
    clock: Clock
    credits: Credits
    limits: Limits
    models: Lifecycle


class Tenants:
    """Who may call. With no keys given every key is a tenant, but for those that begin with `invalid`.

    `make` gives a tenant as it begins, by its name.
    """

    def __init__(self, settings: Settings, make: Callable[[str], Tenant]) -> None:
        self._keys = [key.encode() for key in settings.api_keys]
        self._secret = settings.secret.encode()
        self._everybody = settings.one_tenant
        self._make = make
        self._known: OrderedDict[str, Tenant] = OrderedDict()
        self._lock = Lock()

    def admit(self, headers: Mapping[str, str]) -> Tenant:
        """The tenant of a call's bearer key. Raises Failure for a key that is missing, empty or refused."""
        scheme, _, key = headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            raise Failure("unauthorized")
        if not key.strip():
            raise Failure("empty_key")
        if not self._holds(key.strip()):
            raise Failure("unauthorized")
        return self.of(key.strip())

    def of(self, key: str) -> Tenant:
        """The tenant of an accepted key, made if it is new."""
        return self._tenant(EVERYBODY if self._everybody else self._name(key))

    def known(self, name: str) -> Tenant | None:
        """The tenant of a name, if it called before and was not forgotten."""
        with self._lock:
            return self._known.get(name)

    def forget(self, tenant: Tenant) -> None:
        """Begin anew with this tenant: its key's next call finds everything as it began."""
        with self._lock:
            self._known.pop(tenant.name, None)
        # They are counted under its name, maybe elsewhere.
        tenant.limits.clear()

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

    def _tenant(self, name: str) -> Tenant:
        with self._lock:
            tenant = self._known.pop(name, None) or self._make(name)
            self._known[name] = tenant
            if len(self._known) > MOST_TENANTS:
                self._known.popitem(last=False)
        return tenant
