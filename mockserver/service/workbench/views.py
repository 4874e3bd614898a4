"""Every page of the workbench by its name. What is none of them is the control API's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...pages.assets import asset
from ...pages.environment import render
from ..calls import Answer, Call
from ..control import is_resource
from ..failures import Failure
from ..mock import Mock
from . import contractview, exports, opened, rows, session, switches, trying
from .visit import GUARDED, HTML, Visit

# The rest of a path; None where it is no page, or a program asks.
View = Callable[[Visit, tuple[str, ...]], Answer | None]
CACHED = {**GUARDED, "Cache-Control": "no-cache"}


def answer(mock: Mock, call: Call, path: str, query: Mapping[str, str]) -> Answer | None:
    """The page at a path below `/_pixelpact/`, or that there is none. Raises Failure for a key that is no tenant's."""
    found = _answer(mock, call, path, query)
    if found is None and session.is_page(call) and not is_resource(path):
        return missing(mock, path)
    return found


def _answer(mock: Mock, call: Call, path: str, query: Mapping[str, str]) -> Answer | None:
    name, *rest = path.strip("/").split("/")
    if name == "static":
        return static("/".join(rest))
    if name == "session":
        return _session(mock, call)
    view = VIEWS.get((call.method, name))
    if view is None:
        return None
    try:
        tenant = mock.tenants.admit(call.headers, afresh=True)
    except Failure:
        if (usual := session.usual(mock, call)) is None:
            if session.is_page(call):
                return session.asking(mock, 401)
            raise
        tenant = mock.tenants.admit(usual.headers, afresh=True)
        return session.kept(mock, call, view(Visit(mock, tenant, usual, query), tuple(rest)))
    return view(Visit(mock, tenant, call, query), tuple(rest))


def outside(mock: Mock, call: Call, path: str) -> Answer | None:
    """What somebody is answered who is not let in: where there is a token, the page to give it; None to a program."""
    name, _, rest = path.strip("/").partition("/")
    if name == "static" and call.method == "GET":
        return static(rest)
    if not mock.settings.control_token:
        return missing(mock, path, closed=True) if session.is_page(call) else None
    if (call.method, name) == ("POST", "session"):
        return session.sign_in(mock, call)
    return session.asking(mock, 401) if session.is_page(call) else None


def missing(mock: Mock, path: str, *, closed: bool = False) -> Answer:
    """The page of an address that leads nowhere; `closed`: for whoever asks from there."""
    page = render("workbench/missing.html", profile=mock.contract.profile, here=None, path=path[:80], closed=closed)
    return Answer(404, page.encode("utf-8", "replace"), HTML, GUARDED)


def static(name: str) -> Answer | None:
    """A file of the pages, of which none is a secret."""
    try:
        data, kind = asset(name)
    except KeyError:
        return None
    return Answer(200, data, kind, CACHED)


def _session(mock: Mock, call: Call) -> Answer | None:
    """Who looks, and as whom."""
    if call.method == "POST":
        return session.sign_in(mock, call)
    return session.asking(mock, signed=session.is_signed(call))


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
