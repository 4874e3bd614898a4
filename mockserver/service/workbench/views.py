"""Every page of the workbench by its name. What is none of them is the control API's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...pages.assets import asset
from ..calls import Answer, Call
from ..failures import Failure
from ..mock import Mock
from . import contractview, exports, opened, rows, session, switches, trying
from .visit import GUARDED, Visit

# The rest of a path; None where it is no page, or a program asks.
View = Callable[[Visit, tuple[str, ...]], Answer | None]
CACHED = {**GUARDED, "Cache-Control": "no-cache"}


def answer(mock: Mock, call: Call, path: str, query: Mapping[str, str]) -> Answer | None:
    """The page at a path below `/_pixelpact/`. Raises Failure for a key that is no tenant's."""
    name, *rest = path.strip("/").split("/")
    if name == "static":
        return _static("/".join(rest))
    if name == "session":
        return _session(mock, call)
    view = VIEWS.get((call.method, name))
    if view is None:
        return None
    try:
        tenant = mock.tenants.admit(call.headers, afresh=True)
    except Failure:
        first = session.begun(mock, call, query)
        if first is None:
            raise
        return first
    return view(Visit(mock, tenant, call, query), tuple(rest))


def _static(name: str) -> Answer | None:
    try:
        data, kind = asset(name)
    except KeyError:
        return None
    return Answer(200, data, kind, CACHED)


def _session(mock: Mock, call: Call) -> Answer | None:
    """Who looks, and as whom."""
    if call.method == "POST":
        return session.sign_in(mock, call)
    return session.sign_out(call) if call.method == "DELETE" else session.asking(mock)


VIEWS: Mapping[tuple[str, str], View] = {
    ("GET", ""): rows.listing,
    ("GET", "rows"): rows.rows,
    ("GET", "events"): rows.events,
    ("GET", "requests"): opened.opened,
    ("GET", "journal.har"): exports.har,
    ("GET", "switches"): switches.shown,
    ("POST", "switches"): switches.done,
    ("GET", "try"): trying.form,
    ("POST", "try"): trying.sent,
    ("GET", "api"): trying.api,
    ("GET", "coverage"): contractview.coverage,
    ("GET", "contract"): contractview.contract,
}
