"""What a test holds of the mock: its base URL, a key, and all that is known and can be done to that key's tenant."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..service.clock import Clock
from ..service.credits import Credits
from ..service.faults import Faults
from ..service.journal import Journal
from ..service.lifecycle import Lifecycle
from ..service.limits import Limits
from ..service.mock import Mock
from ..service.tenants import Tenant
from ..service.verdicts import Verdict, assert_well_behaved, judge
from . import environment


@dataclass(frozen=True)
class Handle:
    """One tenant of a mock. `url` is the base without `/v1`; `base_url` is with it, as OpenAI clients want it."""

    url: str
    api_key: str = field(repr=False)
    tenant: Tenant = field(repr=False)

    @property
    def base_url(self) -> str:
        """The base for OpenAI clients."""
        return f"{self.url}/v1"

    @property
    def env(self) -> dict[str, str]:
        """The variables by which programs and SDKs find the API, set to this tenant."""
        return environment.variables(self.url, self.api_key)

    @property
    def journal(self) -> Journal:
        """What was called, and what came back: `journal.assert_called(size="1024x1024")`."""
        return self.tenant.journal

    @property
    def faults(self) -> Faults:
        """What goes wrong, and when: `faults.add("status", code=429, first=2)`."""
        return self.tenant.faults

    @property
    def clock(self) -> Clock:
        """What time it is: after `clock.advance(hours=25)` a link has expired."""
        return self.tenant.clock

    @property
    def credits(self) -> Credits:
        """What was spent, and what is left: `credits.set(usd=0.05)`, `credits.assert_spent(pictures=1)`."""
        return self.tenant.credits

    @property
    def limits(self) -> Limits:
        """How much may be called: `limits.set("10/minute", concurrency=2)`."""
        return self.tenant.limits

    @property
    def models(self) -> Lifecycle:
        """Which models are deprecated or gone: `models.remove("bytedance/seedream-3.0")`."""
        return self.tenant.models

    def verdicts(self) -> list[Verdict]:
        """What the client did that it should not have done, by its calls so far."""
        return judge(self.journal.entries, now=self.clock.now())

    def assert_well_behaved(self, *, allow: Iterable[str] = ()) -> None:
        """AssertionError with what the client did wrong, but for the verdicts that are allowed by their code."""
        __tracebackhide__ = True
        assert_well_behaved(self.journal.entries, allow=allow, now=self.clock.now())


@dataclass(frozen=True)
class Session:
    """A mock for as long as a test session, and the tenants that are asked for; `ended` is told when one is let go."""

    url: str
    mock: Mock = field(repr=False)
    ended: Callable[[Handle], None] = field(default=lambda _: None, repr=False)
    _open: list[Handle] = field(default_factory=list, repr=False)

    def tenant(self, api_key: str | None = None) -> Handle:
        """The tenant of this key, of the mock's own if it has any, or of a drawn one; it is there until `release`.

        Raises BadKey for one that the mock refuses.
        """
        drawn = next(iter(self.mock.settings.api_keys), f"test-{secrets.token_hex(8)}")
        key = drawn if api_key is None else api_key
        handle = Handle(self.url, key, self.mock.tenants.hold(key))
        self._open.append(handle)
        return handle

    def release(self, handle: Handle) -> None:
        """Forget a tenant, if nobody else holds it."""
        if handle in self._open:
            self._open.remove(handle)
            self.ended(handle)
            self.mock.tenants.let_go(handle.tenant)

    def close(self) -> None:
        """Release all that are left."""
        for handle in list(self._open):
            self.release(handle)
