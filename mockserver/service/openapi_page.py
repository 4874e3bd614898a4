"""`/openapi.json`: what this mock serves as an OpenAPI document, with the caller's own origin as its server."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from flask import Flask, Request, Response, request
from werkzeug.wrappers import Response as AnyResponse

from ..contract.openapi import document
from .mock import Mock

PATH = "/openapi.json"
# Stands for the caller's origin, of which nothing in JSON would have to be escaped.
SERVER = "http://server.invalid"


def add_openapi(app: Flask, mock: Mock, origin: Callable[[Request], str]) -> None:
    """Serve the document, which is written when it is first asked for; nobody needs a key."""

    @cache
    def written() -> str:
        return json.dumps(document(mock.contract, SERVER, mock=True), ensure_ascii=False, indent=2)

    @app.get(PATH)
    def openapi() -> AnyResponse:
        own = json.dumps(origin(request))[1:-1]
        response = Response(written().replace(SERVER, own), content_type="application/json")
        response.add_etag()
        return response.make_conditional(request)
