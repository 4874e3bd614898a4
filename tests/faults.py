"""Faults planted around the mock from outside, one for each promise: a WSGI layer that bends requests or answers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PIL import Image
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

Environ = dict[str, Any]
Body = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """`body` bends the JSON of a request, `answer` and `refusal` that of an answer, `picture` an artefact.

    `repeated_by` is how the line that repeats it begins. `key` is added where there is none; `client_id` is sent back
    as the client's, whatever came.
    """

    found_by: str
    repeated_by: str = "curl -sS -X POST http://127.0.0.1:"
    body: Callable[[Body], Body] = lambda body: body
    answer: Callable[[Body], Body] = lambda body: body
    refusal: Callable[[Body], Body] = lambda body: body
    picture: Callable[[Request, Response], Response] = lambda _, response: response
    key: str | None = None
    client_id: str | None = None


@dataclass(frozen=True)
class Faulty:
    """A WSGI application with a fault in front of it."""

    app: Any
    fault: Fault

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request, bent."""
        request = Request(environ)
        if request.method == "POST":
            self._bend_request(request, environ)
        chunks, status, headers = run_wsgi_app(self.app, environ)
        response = Response(b"".join(chunks), status, headers)
        return self._bent(request, response)(environ, start_response)

    def _bend_request(self, request: Request, environ: Environ) -> None:
        raw = request.get_data()
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        data = json.dumps(self.fault.body(body)).encode() if isinstance(body, dict) else raw
        environ |= {"wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": str(len(data))}
        if self.fault.key and not environ.get("HTTP_AUTHORIZATION"):
            environ["HTTP_AUTHORIZATION"] = self.fault.key

    def _bent(self, request: Request, response: Response) -> Response:
        if request.path.endswith(".jpeg"):
            return self.fault.picture(request, response)
        if request.method == "POST":
            bend = self.fault.answer if response.status_code == 200 else self.fault.refusal
            response.set_data(json.dumps(bend(json.loads(response.get_data()))))
        if self.fault.client_id:
            response.headers["x-client-request-id"] = self.fault.client_id
        return response


def without(name: str) -> Callable[[Body], Body]:
    """A request that loses a field on the way."""
    return lambda body: {key: value for key, value in body.items() if key != name}


def swapped(body: Body) -> Body:
    """Width and height exchanged."""
    size = body.get("size")
    return {**body, "size": "x".join(reversed(size.split("x")))} if isinstance(size, str) else body


def guided(change: Callable[[Any], Any]) -> Callable[[Body], Body]:
    """The guidance changed on the way."""
    return lambda body: {**body, "guidance_scale": change(body["guidance_scale"])} if "guidance_scale" in body else body


def seed_by_form(body: Body) -> Body:
    """Another seed where base64 is asked for."""
    return {**body, "seed": 7} if body.get("response_format") == "b64_json" else body


def one_picture(body: Body) -> Body:
    """The seed and the prompt of every request the same."""
    return {**body, "seed": 1, "prompt": "always this"} if {"seed", "prompt"} <= body.keys() else body


def served_anyway(_: Request, response: Response) -> Response:
    """A picture where the signature was refused."""
    return encoded(Image.radial_gradient("L"), "jpeg") if response.status_code == 403 else response


def refused_together(body: Body) -> Body:
    """Two fields that are well alone, refused together."""
    return {**body, "guidance_scale": 99} if {"seed", "watermark"} <= body.keys() else body


def lists_taken(body: Body) -> Body:
    """A field that is a list or an object, quietly dropped."""
    return {name: value for name, value in body.items() if not isinstance(value, (list, dict))}


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def string_created(body: Body) -> Body:
    return {**body, "created": str(body["created"])}


def dead(_: Request, __: Response) -> Response:
    return Response("<Error><Code>NoSuchKey</Code></Error>", 404, content_type="application/xml")


def unrelated(request: Request, response: Response) -> Response:
    """Another picture of the same size, where an edit was asked for."""
    if "seededit" not in request.path or response.status_code != 200:
        return response
    size = Image.open(io.BytesIO(response.get_data())).size
    return encoded(Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 60).convert("RGB"), "jpeg")


def png_called_jpeg(_: Request, response: Response) -> Response:
    if response.status_code != 200:
        return response
    return encoded(Image.open(io.BytesIO(response.get_data())), "png")


def encoded(picture: Image.Image, container: str) -> Response:
    target = io.BytesIO()
    picture.save(target, container, **({"compress_level": 1} if container == "png" else {}))
    return Response(target.getvalue(), 200, content_type="image/jpeg")


FAULTS = {
    "wrong-size": Fault("size", body=lambda body: {**body, "size": "640x640"} if "size" in body else body),
    "swapped-sides": Fault("size", body=swapped),
    "ignored-b64_json": Fault("form", body=without("response_format")),
    "string-created": Fault("schema", answer=string_created),
    "missing-key-accepted": Fault("refusal", key="Bearer somebody"),
    "guidance-11-accepted": Fault("refusal", body=guided(lambda value: min(value, 10) if is_number(value) else value)),
    "guidance-10-refused": Fault("status", body=guided(lambda value: 11 if value == 10 else value)),
    "dead-url": Fault("download", picture=dead),
    "unrelated-edit": Fault("edit", picture=unrelated),
    "png-called-jpeg": Fault("container", picture=png_called_jpeg),
    "one-request-id": Fault("request-id", refusal=lambda body: {**body, "requestId": "always-this"}),
    "client-id-of-another": Fault("client-request-id", client_id="somebody-else"),
    "seed-ignored": Fault("same-seed", body=without("seed")),
    "seed-by-form": Fault("same-form", body=seed_by_form),
    "one-picture": Fault("other-picture", body=one_picture),
    "tampered-link-served": Fault("tampered-link", "curl -sS 'http://127.0.0.1:", picture=served_anyway),
    "two-fields-refused-together": Fault("status", body=refused_together),
    "lists-taken": Fault("refusal", body=lists_taken),
}
