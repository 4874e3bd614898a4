"""The reference: a Flask route that validates nothing and answers the same each time. Imports nothing of Pixelpact."""

from __future__ import annotations

from flask import Flask, Response, request

app = Flask(__name__)
ANSWER = b'{"created":1767225600,"data":[{"url":"http://127.0.0.1/picture.jpeg"}]}'


@app.post("/v1/images/generations")
def generations() -> Response:
    """Read the body and answer."""
    request.get_data()
    return Response(ANSWER, content_type="application/json")


@app.post("/parsed")
def parsed() -> Response:
    """Read the body as JSON and answer."""
    return Response(ANSWER, 200 if request.get_json() else 400, content_type="application/json")
