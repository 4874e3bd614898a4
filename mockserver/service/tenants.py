"""Tenants: one per API key, each with a journal of its own. A key itself is never kept."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from .failures import Failure

MOST_TENANTS = 1000
MOST_ENTRIES = 1000


@dataclass(frozen=True)
class Entry:
    """One call in the journal: nothing in it is secret."""

    time: str
    request_id: str
    method: str
    path: str
    status: int
    milliseconds: float
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Tenant:
    """What one API key has done; the last thousand calls are remembered."""

    name: str
    journal: deque[Entry] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))

    def entries(self) -> list[Entry]:
        """The calls so far, oldest first: a copy, as other threads go on calling."""
        return list(self.journal)


class Tenants:
    """Who may call. With no keys given every key is a tenant, but for those that begin with `invalid`."""

    def __init__(self, api_keys: frozenset[str] = frozenset()) -> None:
        self._keys = [key.encode() for key in api_keys]
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
        return self._tenant(hashlib.sha256(key.strip().encode("utf-8", "surrogateescape")).hexdigest()[:16])

    def _holds(self, key: str) -> bool:
        # WSGI hands every header over as Latin-1.
        sent = key.encode("latin-1", "replace")
        if self._keys:
            # Every key is compared, so that the time tells nothing of which was close.
            matches = [hmac.compare_digest(sent, known) for known in self._keys]
            return any(matches)
        return not key.startswith("invalid")

    def _tenant(self, name: str) -> Tenant:
        with self._lock:
            tenant = self._known.pop(name, None) or Tenant(name)
            self._known[name] = tenant
            if len(self._known) > MOST_TENANTS:
                self._known.popitem(last=False)
        return tenant
