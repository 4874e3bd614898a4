"""Who looks: a cookie in place of the headers that a browser does not send of itself.

It has the API key whose calls are shown and, where the mock has a control token, an HMAC that only who knows the token
can make. Cookies are shared by all ports of a host, so its name has the port. Who has none looks at the calls of the
usual key.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from werkzeug.http import parse_cookie

from ...pages.environment import render
from ..calls import CONTROL, Answer, Call
from ..failures import Failure
from ..mock import Mock
from ..tenants import VISIBLE, Tenants
from .visit import GUARDED, HTML, USUAL_KEY, elsewhere

PAGE = "workbench/session.html"


def signed(call: Call) -> Call:
    """The call with the key of its cookie, unless it names one, or would change something and is of no page of ours."""
    key = _cookie(call)[0]
    return _with_key(call, key) if key and "authorization" not in call.headers and _is_own(call) else call


def usual(mock: Mock, call: Call) -> Call | None:
    """The call with the usual key, for who looks without any; None where that is not taken, or as in `signed`."""
    if "authorization" in call.headers or not _is_own(call) or not _is_taken(mock.tenants, USUAL_KEY):
        return None
    return _with_key(call, USUAL_KEY)


def kept(mock: Mock, call: Call, answer: Answer | None) -> Answer | None:
    """A page with a cookie of the usual key: what the page asks for brings it."""
    return answer and replace(answer, headers={**answer.headers, **_cookie_of(mock, call, USUAL_KEY)})


def is_signed_in(token: str, call: Call) -> bool:
    """Whether the cookie of a call is that of somebody who knew the token, and the page that sends it is our own."""
    proof = _cookie(call)[1]
    return _is_own(call) and hmac.compare_digest(proof.encode(), _proof(token).encode())


def is_signed(call: Call) -> bool:
    """Whether a call has a cookie of ours."""
    return bool(_cookie(call)[0])


def is_page(call: Call) -> bool:
    """Whether a browser asks for a page."""
    return call.method == "GET" and "text/html" in call.headers.get("accept", "")


def sign_in(mock: Mock, call: Call) -> Answer:
    """What comes of the form: the cookie, or the form again with what is wrong."""
    given = fields(call)
    if not _is_own(call):
        return asking(mock, 403, "Origin: expected that of this page, whose host the proxy passes on as Host")
    if "out" in given:
        return elsewhere("session", _set_cookie(call, "", "; Max-Age=0"))
    token, key = given.get("token", ""), given.get("key", "").strip() or USUAL_KEY
    if not hmac.compare_digest(token.encode(), mock.settings.control_token.encode()):
        return asking(mock, 401, "token: expected the control token of this mock, received another")
    if not _is_taken(mock.tenants, key):
        return asking(mock, 401, "key: expected an API key that this mock takes, received another (not shown)")
    return elsewhere("", _cookie_of(mock, call, key))


def asking(mock: Mock, status: int = 200, problem: str = "", *, signed: bool = False) -> Answer:
    """The page on which a browser says whose calls it wants to see, and the token if there is one.

    `signed`: somebody is signed in.
    """
    values = {"profile": mock.contract.profile, "here": "" if signed else None, "problem": problem, "signed": signed}
    page = render(PAGE, **values, wants_token=bool(mock.settings.control_token))
    return Answer(status, page.encode(), HTML, GUARDED)


def _with_key(call: Call, key: str) -> Call:
    return replace(call, headers={**call.headers, "authorization": f"Bearer {key}"}, known={})


def _cookie_of(mock: Mock, call: Call, key: str) -> Mapping[str, str]:
    packed = urlsafe_b64encode(key.encode()).decode().rstrip("=")
    return _set_cookie(call, f"{packed}.{_proof(mock.settings.control_token)}")


def _set_cookie(call: Call, value: str, until: str = "") -> Mapping[str, str]:
    # Lax: who follows a link to here from elsewhere is who they were. What changes anything must be of a page of ours.
    return {"Set-Cookie": f"{_name(call)}={value}; Path={CONTROL}; HttpOnly; SameSite=Lax{until}"}


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
    """Whether a call only asks, or a page of our own sends it; a proxy may have taken its TLS away."""
    return call.method == "GET" or urlsplit(call.headers.get("origin", "").lower()).netloc == call.host


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
