"""The mock as one WSGI application: Flask carries calls to the endpoint and answers back. Nothing else knows Flask."""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from dataclasses import replace
from hmac import compare_digest
from urllib.parse import quote, urlsplit

from flask import Flask, Request, Response, g, jsonify, request
from flask_cors import CORS
from werkzeug.exceptions import HTTPException, RequestedRangeNotSatisfiable, RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from ..errors import PixelpactError
from .calls import CONTROL, DELIVERY, Answer, Call, tracing
from .control import METHODS, TOKEN_HEADER, control_answer
from .failures import Failure
from .listing import listed, served
from .mock import Mock, build
from .objectstore import UNSATISFIABLE, refusal
from .openapi_page import add_openapi
from .redacted import kept
from .responses import EXPOSED, FAILED, LOG, said, status_line
from .settings import Settings

# 405 too: the API answers a wrong method as a wrong path.
KINDS = {404: "not_found", 405: "not_found", 413: "too_large"}
# What the workbench asks for by itself, twice a second.
OWN = tuple(f"{CONTROL}{name}" for name in ("events", "rows", "static/"))
# By these a proxy says that it passes a call on.
PASSED_ON = {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "cf-connecting-ip"}
# Container networks have names with an underscore, which Werkzeug takes for no host.
NETWORK_NAME = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?", re.ASCII)


def create_app(settings: Settings | None = None) -> Flask:
    """The mock. Raises SchemaError or UnknownName for schemas or a profile that cannot be used."""
    return app_of(build(settings or Settings()))


def app_of(mock: Mock) -> Flask:
    """The application of a mock that is put together already."""
    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = False
    # A redirect would turn a POST into a GET; two slashes are another path.
    app.url_map.merge_slashes = False
    # A body in chunks is cut there without a word, so one byte more tells that there was more.
    app.config["MAX_CONTENT_LENGTH"] = mock.settings.body_limit + 1
    app.extensions["pixelpact"] = mock
    # Not the control API: a page that somebody happens to visit must not reach into their tests.
    CORS(app, resources=r"/(?!_pixelpact).*", expose_headers=EXPOSED)
    _add_api(app, mock)
    _add_artefacts(app, mock)
    _add_control(app, mock)
    add_openapi(app, mock, _origin)
    _add_errors(app, mock)
    _add_log(app)
    return app


def mock_of(app: Flask) -> Mock:
    """The mock that an application carries."""
    mock: Mock = app.extensions["pixelpact"]
    return mock


def _add_api(app: Flask, mock: Mock) -> None:
    def generations() -> Response:
        if FAILED in request.environ:
            raise request.environ[FAILED]
        return _response(mock.endpoint.answer(_call(request)))

    for path in served(mock.contract):
        app.post(path)(generations)
    ids = [model["id"] for model in listed(mock.contract)]

    @app.get("/v1/models")
    @app.get("/models")
    def list_models() -> AnyResponse:
        call = _call(request)
        pricing = request.args.get("include") == "pricing"
        shown = listed(mock.contract, _removed(mock, call), pricing=pricing)
        response = jsonify({"object": "list", "data": shown})
        response.headers.update(tracing(call))
        response.add_etag()
        return response.make_conditional(request)

    @app.get("/health")
    def health() -> Response:
        return jsonify({"status": "ok", "profile": mock.contract.profile, "models": ids})


def _removed(mock: Mock, call: Call) -> set[str]:
    """The keys of models that the caller's rehearsal has removed; the list is public, so nobody needs a key."""
    tenant = mock.tenants.recognise(call.headers)
    if tenant is None:
        return set()
    return {key for key in mock.contract.models if tenant.models.is_removed(key, tenant.clock.now())}


def _add_artefacts(app: Flask, mock: Mock) -> None:
    def artefact(**_: str) -> AnyResponse:
        call = _call(request)
        answer = mock.downloads.answer(call, list(request.args.items(multi=True)))
        response = _conditional(_response(answer), call, answer)
        response.headers["x-tos-request-id"] = call.id
        return response

    # The models' folders only: every other path is the API's.
    named = ", ".join(f'"{name}"' for name in sorted(mock.latest.folders))
    app.get(f"/<any({named}):folder>/<name>")(artefact)


def _conditional(response: Response, call: Call, answer: Answer) -> AnyResponse:
    """The part that was asked for, if any, or 304; a refusal is whole."""
    if response.status_code != 200:
        return response
    length = len(answer.body)
    asked = request.range
    # A range that cannot be read, or of several parts, is no range: the answer is whole.
    one_part = asked is not None and asked.units == "bytes" and len(asked.ranges) == 1
    try:
        return response.make_conditional(request, accept_ranges=one_part, complete_length=length)
    except RequestedRangeNotSatisfiable:
        refused = _response(replace(refusal(416, UNSATISFIABLE, call.path, call.id), delivery=answer.delivery))
        refused.headers["Content-Range"] = f"bytes */{length}"
        return refused


def _add_control(app: Flask, mock: Mock) -> None:
    @app.route(CONTROL, defaults={"path": ""}, methods=METHODS, provide_automatic_options=False)
    @app.route(f"{CONTROL}<path:path>", methods=METHODS, provide_automatic_options=False)
    def control(path: str) -> Response:
        # A server that nobody looks at starts, and answers, without it.
        from .workbench import session, views
        from .workbench.visit import guarded

        call = session.signed(_call(request))
        if not _may_control(mock.settings.control_token, call):
            return _response(views.outside(mock, call, path) or mock.endpoint.refuse(call, Failure("not_found")))
        try:
            return _response(views.answer(mock, call, path, request.args) or guarded(control_answer(mock, call, path)))
        except Failure as failure:
            return _response(mock.endpoint.refuse(call, failure))


def _may_control(token: str, call: Call) -> bool:
    """From this machine; or, where there is a token, from anywhere with it."""
    if not token:
        # By a name of this machine: any other may be a page's, whose name was made to lead here.
        name = urlsplit(call.origin).hostname
        here = _is_loopback(request.remote_addr) and (name == "localhost" or _is_loopback(name))
        # Not by another page in a browser of this machine, and not by a proxy here for somebody elsewhere.
        own = call.headers.get("origin", call.origin).lower() == call.origin
        return here and own and PASSED_ON.isdisjoint(call.headers)
    from .workbench.session import is_signed_in

    given = call.headers.get(TOKEN_HEADER, "").encode("latin-1", "replace")
    return compare_digest(given, token.encode()) or is_signed_in(token, call)


def _add_errors(app: Flask, mock: Mock) -> None:
    # What nobody foresaw is a 500 too: Flask has logged the traceback, the caller learns the request's id.
    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        kind = KINDS.get(error.code or 500, "invalid_request" if (error.code or 500) < 500 else "internal")
        reason = f"at most {mock.settings.body_limit:,} bytes" if kind == "too_large" else str(error.description)
        return _response(mock.endpoint.refuse(_call(request, read=False), Failure(kind, {"reason": reason})))

    @app.errorhandler(PixelpactError)
    def own_error(error: PixelpactError) -> Response:
        return _response(mock.endpoint.refuse(_call(request, read=False), error))


def _is_of_a_page(path: str) -> bool:
    """Whether a page of the workbench asks for it by itself."""
    return path.startswith(OWN) or (path.startswith(CONTROL) and path.endswith("/thumbnail"))


def _add_log(app: Flask) -> None:
    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log(response: Response) -> Response:
        if LOG.isEnabledFor(logging.INFO) and not _is_of_a_page(request.path):
            # The path alone: a query holds signatures. Without the key, and quoted, as a path may hold line breaks.
            path = quote(kept(request.path, {"authorization": request.headers.get("Authorization", "")}))
            delivery = request.environ.get(DELIVERY)
            said(request.method, path, response.status_code, g.started, delivery and delivery.facts)
        return response


def _call(incoming: Request, *, read: bool = True) -> Call:
    headers = {name.lower(): value for name, value in incoming.headers.items()}
    return Call(incoming.method, incoming.path, headers, _body(incoming) if read else b"", _origin(incoming))


def _body(incoming: Request) -> bytes:
    body = incoming.get_data(cache=False)
    if len(body) == incoming.max_content_length:
        raise RequestEntityTooLarge
    return body


def _origin(incoming: Request) -> str:
    given = incoming.headers.get("Host", "")
    host = incoming.host or (given if NETWORK_NAME.fullmatch(given) else "")
    return f"{incoming.scheme}://{host.lower()}"


def _response(answer: Answer) -> Response:
    """The answer as a response; its delivery goes to the door in the environ."""
    request.environ[DELIVERY] = answer.delivery
    line = status_line(answer.status)
    response = Response(answer.body, line, dict(answer.headers), content_type=answer.content_type)
    response.call_on_close(answer.delivery.finished)
    return response


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        # A server behind a Unix socket knows no address.
        return False
