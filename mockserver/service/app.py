"""The mock as one WSGI application: Flask carries calls to the endpoint and answers back. Nothing else knows Flask."""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, Response, g, jsonify, request
from flask_cors import CORS
from werkzeug.exceptions import HTTPException, RequestedRangeNotSatisfiable, RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from ..contract.contract import PATH, Contract, load
from ..errors import PixelpactError
from .artefacts import Artefacts
from .calls import Answer, Call, tracing
from .endpoint import Endpoint
from .failures import Failure
from .fetch import Fetcher
from .inputs import Inputs
from .objectstore import UNSATISFIABLE, refusal, serve
from .settings import Settings
from .tenants import Tenants
from .uploads import Uploads

LOG = logging.getLogger("pixelpact.calls")
EXPOSED = [
    "x-request-id",
    "x-inference-id",
    "x-client-request-id",
    "x-aimlapi-credits-used",
    "x-aimlapi-usd-spent",
    "x-pixelpact-seed",
    "x-pixelpact-digest",
    "Retry-After",
    "ETag",
    "Accept-Ranges",
    "Content-Range",
    "x-tos-request-id",
]
# 405 too: the API answers a wrong method as a wrong path.
KINDS = {404: "not_found", 405: "not_found", 413: "too_large"}
# Container networks have names with an underscore, which Werkzeug takes for no host.
NETWORK_NAME = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?", re.ASCII)


def create_app(settings: Settings | None = None) -> Flask:
    """The mock. Raises SchemaError or UnknownName for schemas or a profile that cannot be used."""
    settings = settings or Settings()
    contract = load(*settings.schemas, profile=settings.profile)
    endpoint = _endpoint(contract, settings)
    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = False
    # A redirect would turn a POST into a GET; two slashes are another path.
    app.url_map.merge_slashes = False
    # A body in chunks is cut there without a word, so one byte more tells that there was more.
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit + 1
    app.extensions["pixelpact"] = endpoint
    CORS(app, expose_headers=EXPOSED)
    _add_api(app, endpoint)
    _add_artefacts(app, endpoint)
    _add_control(app, endpoint)
    _add_errors(app, endpoint)
    _add_log(app)
    return app


def _endpoint(contract: Contract, settings: Settings) -> Endpoint:
    uploads = Uploads(limit_bytes=settings.upload_limit)
    artefacts = Artefacts(contract, uploads, settings.secret)
    inputs = Inputs(artefacts, uploads, Fetcher(settings.allowed_hosts))
    return Endpoint(contract, settings, Tenants(settings.api_keys), artefacts, inputs)


def _add_api(app: Flask, endpoint: Endpoint) -> None:
    models = _model_list(endpoint.contract)

    @app.post(PATH)
    @app.post("/images/generations")
    def generations() -> Response:
        return _response(endpoint.answer(_call(request)))

    @app.get("/v1/models")
    @app.get("/models")
    def list_models() -> AnyResponse:
        pricing = request.args.get("include") == "pricing"
        response = jsonify(
            {"object": "list", "data": [_priced(model, endpoint) if pricing else model for model in models]}
        )
        response.headers.update(tracing(_call(request)))
        response.add_etag()
        return _undated(response.make_conditional(request))

    @app.get("/health")
    def health() -> Response:
        return jsonify({"status": "ok", "profile": endpoint.contract.profile, "models": [m["id"] for m in models]})


def _model_list(contract: Contract) -> list[dict[str, Any]]:
    """The served models in the form of the API's list: clients filter by `type` and show `info.name`."""
    return [
        {
            "id": model.id,
            "type": "image",
            "info": {"name": model.title, "developer": model.id.partition("/")[0]},
            "features": [],
            "endpoints": [PATH],
        }
        for model in contract.models.values()
    ]


def _priced(model: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    return {**model, "pricing": {"credits": endpoint.contract.models[model["id"]].credits}}


def _add_artefacts(app: Flask, endpoint: Endpoint) -> None:
    def artefact(**_: str) -> AnyResponse:
        call = _call(request)
        query = list(request.args.items(multi=True))
        answer = serve(endpoint.artefacts, call.host, call.path, query, call.moment, call.id)
        response = _conditional(_response(answer), call, len(answer.body))
        response.headers["x-tos-request-id"] = call.id
        return response

    # The models' folders only: every other path is the API's.
    for folder in {model.picture.folder for model in endpoint.contract.models.values()}:
        app.get(f"/{folder}/<name>")(artefact)


def _conditional(response: Response, call: Call, length: int) -> AnyResponse:
    """The part that was asked for, if any, or 304; a refusal is whole."""
    if response.status_code != 200:
        return response
    asked = request.range
    # A range that cannot be read, or of several parts, is no range: the answer is whole.
    one_part = asked is not None and asked.units == "bytes" and len(asked.ranges) == 1
    try:
        return _undated(response.make_conditional(request, accept_ranges=one_part, complete_length=length))
    except RequestedRangeNotSatisfiable:
        refused = _response(refusal(416, UNSATISFIABLE, call.path, call.id))
        refused.headers["Content-Range"] = f"bytes */{length}"
        return refused


def _undated(response: AnyResponse) -> AnyResponse:
    """Without the date that Werkzeug adds here: the server on the socket adds its own."""
    response.headers.pop("Date", None)
    return response


def _add_control(app: Flask, endpoint: Endpoint) -> None:
    @app.get("/_pixelpact/journal")
    def journal() -> Response:
        call = _call(request)
        if not _is_loopback(request.remote_addr):
            return _response(endpoint.refuse(call, Failure("not_found")))
        try:
            return jsonify([asdict(entry) for entry in endpoint.tenants.admit(call.headers).entries()])
        except Failure as failure:
            return _response(endpoint.refuse(call, failure))


def _add_errors(app: Flask, endpoint: Endpoint) -> None:
    # What nobody foresaw is a 500 too: Flask has logged the traceback, the caller learns the request's id.
    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        kind = KINDS.get(error.code or 500, "invalid_request" if (error.code or 500) < 500 else "internal")
        reason = f"at most {endpoint.settings.body_limit:,} bytes" if kind == "too_large" else str(error.description)
        return _response(endpoint.refuse(_call(request, read=False), Failure(kind, {"reason": reason})))

    @app.errorhandler(PixelpactError)
    def own_error(error: PixelpactError) -> Response:
        return _response(endpoint.refuse(_call(request, read=False), error))


def _add_log(app: Flask) -> None:
    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log(response: Response) -> Response:
        # The path alone: a query holds signatures. Quoted, as a path may hold line breaks.
        elapsed = (time.perf_counter() - g.started) * 1000
        LOG.info("%s %s %s %.1f ms", request.method, quote(request.path), response.status_code, elapsed)
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
    return Response(answer.body, answer.status, dict(answer.headers), content_type=answer.content_type)


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        # A server behind a Unix socket knows no address.
        return False
