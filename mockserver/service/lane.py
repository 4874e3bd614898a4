"""A lane past Flask: a plain POST of JSON goes straight to the endpoint, and everything else to Flask.

Flask's own machinery takes several times as long as an answer. Both ways lead to one function and give the same bytes.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Mapping
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from ..errors import PixelpactError
from .calls import DELIVERY, HEAD, Call
from .listing import served
from .mock import Mock
from .responses import EXPOSED, FAILED, LOG, said, status_line

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A host that needs no judging; the port of the scheme is not written in an origin.
PLAIN_HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::(?!80$|443$)[1-9][0-9]{0,4})?", re.ASCII)
LENGTH = re.compile("[0-9]{1,9}", re.ASCII)
# What flask-cors says to whoever names no origin.
CORS = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", ", ".join(sorted(EXPOSED)))]
# Under this, what the lane knows of a head.
PLAIN = "lane"
# With these, Flask and what it stands on have more to do.
TURNED_AWAY = ("HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING", "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK")


def lane(mock: Mock) -> WSGIApplication:
    """The mock as an application, with the lane beside Flask, which is only put together once it is needed."""
    app = _Flask(mock)
    endpoint, most = mock.endpoint, mock.settings.body_limit
    paths = frozenset(served(mock.contract))

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] not in paths or environ.get("SCRIPT_NAME"):
            return app(environ, start_response)
        began = time.perf_counter()
        call = _call(environ, most)
        if call is None:
            return app(environ, start_response)
        try:
            made = endpoint.answer(call)
        except PixelpactError as error:
            made = endpoint.refuse(call, error)
        except Exception as error:  # noqa: BLE001 - Flask is to log and answer it, as it does with any
            environ[FAILED] = error
            return app(environ, start_response)
        if made.delivery.is_plain:
            made.delivery.finished()
        else:
            environ[DELIVERY] = made.delivery
        length = str(len(made.body))
        own = [*made.headers.items(), ("Content-Type", made.content_type), ("Content-Length", length), *CORS]
        if LOG.isEnabledFor(logging.INFO):
            said("POST", call.path, made.status, began, made.delivery.facts)
        start_response(status_line(made.status), own)
        return [made.body]

    return answer


class _Flask:
    """The whole application."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock
        self._made: WSGIApplication | None = None
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return (self._made or self._make())(environ, start_response)

    def _make(self) -> WSGIApplication:
        # A server starts several times as fast without Flask.
        from .app import app_of

        with self._lock:
            self._made = self._made or app_of(self._mock)
            return self._made


class _Plain(NamedTuple):
    """What the head of a plain request says."""

    headers: Mapping[str, str]
    length: int
    origin: str


def _call(environ: WSGIEnvironment, most: int) -> Call | None:
    """The call that a request makes, or None for one that is not plain; its body can then be read again."""
    known = environ.get(HEAD, {})
    if PLAIN not in known:
        known[PLAIN] = _plain(environ)
    plain: _Plain | None = known[PLAIN]
    if plain is None or plain.length > most:
        return None
    body = environ["wsgi.input"].read(plain.length)
    if len(body) != plain.length:
        environ["wsgi.input"] = BytesIO(body)
        return None
    return Call("POST", environ["PATH_INFO"], plain.headers, body, plain.origin, known=known)


def _plain(environ: WSGIEnvironment) -> _Plain | None:
    host, length = environ.get("HTTP_HOST", ""), environ.get("CONTENT_LENGTH", "")
    if not PLAIN_HOST.fullmatch(host) or not LENGTH.fullmatch(length) or any(name in environ for name in TURNED_AWAY):
        return None
    headers = {name[5:].replace("_", "-").lower(): environ[name] for name in environ if name[:5] == "HTTP_"}
    own = {"content-type": environ.get("CONTENT_TYPE", ""), "content-length": length}
    return _Plain(headers | own, int(length), f"{environ['wsgi.url_scheme']}://{host.lower()}")
