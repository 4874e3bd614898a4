"""One visit of somebody who looks at the workbench, and the pages that it is answered with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ...pages.environment import render
from ..calls import CONTROL, Answer, Call
from ..mock import Mock
from ..redacted import bearer
from ..tenants import Tenant

# What a client that knows of no keys uses; the examples do.
USUAL_KEY = "test-key"
HTML = "text/html; charset=utf-8"
# Nothing of another origin, no script or style in the page itself, and nobody frames it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
GUARDED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Without any, a form of our own would come from nowhere.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept, Cookie",
}


@dataclass(frozen=True)
class Visit:
    """A call of the workbench. `query` has the first value of each name; `tenant` is whose calls are shown."""

    mock: Mock
    tenant: Tenant
    call: Call
    query: Mapping[str, str]

    @property
    def key(self) -> str:
        """The API key that the calls are made with."""
        return bearer(self.call.headers)

    @property
    def is_page(self) -> bool:
        """Whether a browser asks for a page: programs ask for anything."""
        return "text/html" in self.call.headers.get("accept", "")


def page(visit: Visit, template: str, *, status: int = 200, **values: Any) -> Answer:
    """The page of a template such as `workbench/list.html`; `here` marks its place in the navigation."""
    # `whose`: in another tab somebody may sign in with another key, which is then that of this page too.
    whose = {"key": _known_by(visit.key), "whose": visit.tenant.name}
    known = {"profile": visit.mock.contract.profile, "here": "", **whose, **values}
    return Answer(status, render(template, **known).encode("utf-8", "replace"), HTML, GUARDED)


def _known_by(key: str) -> str:
    """A key as a page may tell it: the usual one is no secret, of another the last letters are enough to know it."""
    return key if key == USUAL_KEY else f"…{key[-4:]}" if len(key) > 12 else "of your own"


def guarded(answer: Answer) -> Answer:
    """An answer of the control API, which a browser may take for no page."""
    return replace(answer, headers={**GUARDED, **answer.headers})


def elsewhere(place: str, more: Mapping[str, str] = MappingProxyType({})) -> Answer:
    """Where a form that was sent leads to, under the workbench's own path; with further headers."""
    return Answer(303, b"", HTML, {**GUARDED, **more, "Location": f"{CONTROL}{place}"})
