"""Who looks: a cookie in place of the headers that a browser does not send of itself.

It has the API key whose calls are shown and, where the mock has a control token, an HMAC that only who knows the token
can make. Cookies are shared by all ports of a host, so its name has the port.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from werkzeug.http import parse_cookie

from ...pages.environment import render
from ..calls import CONTROL, Answer, Call
from ..failures import Failure
from ..mock import Mock
from ..tenants import VISIBLE, Tenants
from .visit import GUARDED, HTML

# What a client that knows of no keys uses; the examples do.
USUAL_KEY = "test-key"
PAGE = "workbench/session.html"


def signed(call: Call) -> Call:
    """The call with the key of its cookie, unless it names one, or would change something and is of no page of ours."""
    key = _cookie(call)[0]
    if not key or "authorization" in call.headers or not _is_own(call):
        return call
    return replace(call, headers={**call.headers, "authorization": f"Bearer {key}"}, known={})


def is_signed_in(token: str, call: Call) -> bool:
    """Whether the cookie of a call is that of somebody who knew the token, and the page that sends it is our own."""
    proof = _cookie(call)[1]
    return _is_own(call) and hmac.compare_digest(proof.encode(), _proof(token).encode())


def is_page(call: Call) -> bool:
    """Whether a browser asks for a page."""
    return "text/html" in call.headers.get("accept", "")


def welcome(mock: Mock, call: Call, path: str) -> Answer | None:
    """What is answered to somebody who is not signed in: the page to do so, or what came of it; None to a program."""
    if (call.method, path.strip("/")) == ("POST", "session"):
        return sign_in(mock, call)
    return asking(mock, 401) if call.method == "GET" and is_page(call) else None


def begun(mock: Mock, call: Call, query: Mapping[str, str]) -> Answer | None:
    """For a browser's first visit: the same page again, with a cookie of the usual key, if that one is taken."""
    if not is_page(call) or call.method != "GET" or "authorization" in call.headers:
        return None
    if _is_taken(mock.tenants, USUAL_KEY):
        asked = f"?{urlencode(dict(query))}" if query else ""
        return _with_cookie(mock, call, USUAL_KEY, f"{quote(call.path)}{asked}")
    return asking(mock, 401)


def sign_in(mock: Mock, call: Call) -> Answer:
    """What comes of the form: the cookie, or the form again with what is wrong."""
    given = fields(call)
    if not _is_own(call):
        return asking(mock, 403, "Origin: expected this page's own")
    token, key = given.get("token", ""), given.get("key", "").strip() or USUAL_KEY
    if not hmac.compare_digest(token.encode(), mock.settings.control_token.encode()):
        return asking(mock, 401, "token: expected the control token of this mock, received another")
    if not _is_taken(mock.tenants, key):
        return asking(mock, 401, "key: expected an API key that this mock takes, received another (not shown)")
    return _with_cookie(mock, call, key, CONTROL)


def sign_out(call: Call) -> Answer:
    """Forget the cookie."""
    gone = f"{_name(call)}=; Path={CONTROL}; Max-Age=0; HttpOnly; SameSite=Strict"
    return Answer(303, b"", HTML, {**GUARDED, "Location": f"{CONTROL}session", "Set-Cookie": gone})


def asking(mock: Mock, status: int = 200, problem: str = "") -> Answer:
    """The page on which a browser says whose calls it wants to see, and the token if there is one."""
    values = {"profile": mock.contract.profile, "here": "", "problem": problem}
    page = render(PAGE, **values, wants_token=bool(mock.settings.control_token))
    return Answer(status, page.encode(), HTML, GUARDED)


def _with_cookie(mock: Mock, call: Call, key: str, place: str) -> Answer:
    value = f"{urlsafe_b64encode(key.encode()).decode().rstrip('=')}.{_proof(mock.settings.control_token)}"
    kept = f"{_name(call)}={value}; Path={CONTROL}; HttpOnly; SameSite=Strict"
    return Answer(303, b"", HTML, {**GUARDED, "Location": place, "Set-Cookie": kept})


def _cookie(call: Call) -> tuple[str, str]:
    """The key and the proof of a call's cookie, each empty if there is none."""
    value = parse_cookie(call.headers.get("cookie", "")).get(_name(call), "")
    packed, _, proof = value.partition(".")
    try:
        key = urlsafe_b64decode(packed + "==").decode("ascii")
    except (Error, ValueError):
        return "", ""
    return (key if VISIBLE.fullmatch(key) else ""), proof if proof.isascii() else ""


def _is_own(call: Call) -> bool:
    """Whether a call only asks, or a page of our own sends it."""
    return call.method == "GET" or call.headers.get("origin", "").lower() == call.origin


def _name(call: Call) -> str:
    return f"pixelpact_{urlsplit(call.origin).port or 80}"


def _proof(token: str) -> str:
    return hmac.digest(token.encode(), b"workbench", "sha256").hex()


def _is_taken(tenants: Tenants, key: str) -> bool:
    try:
        tenants.name({"authorization": f"Bearer {key}"})
    except Failure:
        return False
    return VISIBLE.fullmatch(key) is not None


def fields(call: Call) -> Mapping[str, str]:
    """The fields of a form that was sent, the last value of each."""
    try:
        sent = parse_qs(call.body.decode("utf-8"), keep_blank_values=True)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in sent.items()}
