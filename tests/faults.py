"""Faults planted around the mock from outside, one for each promise: a WSGI layer that bends requests or answers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count
from time import sleep
from typing import Any

from PIL import Image, ImageOps
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
Environ = dict[str, Any]
Body = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """`finding` is the code and check that find it, in those tests of the suite that `within` chooses.

    `headers` bends the headers of a request, `raw` its bytes, `body` its JSON; `instead` answers in place of the mock.
    `answer` and `refusal` bend the JSON of an answer, `after` a whole answer, `picture` an artefact. What a fault is
    given beside that are the bodies that were posted before.
    """

    finding: str
    within: str
    model: str = DREAM
    repeated_by: str = "curl -sS -X POST http://127.0.0.1:"
    headers: Callable[[Request], dict[str, str]] = lambda _: {}
    raw: Callable[[bytes], bytes] = lambda data: data
    body: Callable[[Body], Body] = lambda body: body
    instead: Callable[[Request, list[Body]], Response | None] = lambda _, __: None
    answer: Callable[[Body], Body] = lambda body: body
    refusal: Callable[[Body, list[Body]], Body] = lambda body, _: body
    after: Callable[[Request, Response], Response] = lambda _, response: response
    picture: Callable[[Request, Response], Response] = lambda _, response: response


@dataclass(frozen=True)
class Faulty:
    """A WSGI application with a fault in front of it. `posted` are the bodies that came, `made` those paid for."""

    app: Any
    fault: Fault
    posted: list[Body] = field(default_factory=list)
    made: list[Body] = field(default_factory=list)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request, bent."""
        request = Request(environ)
        request.get_data()
        response = self.fault.instead(request, self.posted) or self._answered(request)
        if request.method == "POST":
            self.posted.append(read(request.get_data()))
            self.made.extend(self.posted[-1:] if response.status_code in (200, 201) else [])
        return response(environ, start_response)

    def _answered(self, request: Request) -> Response:
        chunks, status, headers = run_wsgi_app(self.app, self._environ(request))
        response = Response(b"".join(chunks), status, headers)
        if "/seed" in request.path:
            return self.fault.picture(request, response)
        if request.method == "POST":
            body = json.loads(response.get_data())
            good = response.status_code == 200
            response.set_data(json.dumps(self.fault.answer(body) if good else self.fault.refusal(body, self.posted)))
        return self.fault.after(request, response)

    def _environ(self, request: Request) -> Environ:
        raw = self.fault.raw(request.get_data())
        body = read(raw)
        data = json.dumps(self.fault.body(body)).encode() if body else raw
        headers = {f"HTTP_{name.upper()}": value for name, value in self.fault.headers(request).items()}
        return {**request.environ, **headers, "wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": str(len(data))}


def read(data: bytes) -> Body:
    """A body that is an object; none where it is anything else."""
    try:
        body = json.loads(data.decode())
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


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


def with_key(test: Callable[[Request], bool]) -> Callable[[Request], dict[str, str]]:
    """A valid key for the requests that meet a test."""
    return lambda request: {"authorization": "Bearer somebody"} if test(request) else {}


def seeded(change: Callable[[int], int | None]) -> Callable[[Body], Body]:
    """The seed changed on the way, or lost."""

    def bend(body: Body) -> Body:
        if not is_number(body.get("seed")):
            return body
        seed = change(body["seed"])
        return without("seed")(body) if seed is None else {**body, "seed": seed}

    return bend


def headed(name: str, value: str | None, *statuses: int) -> Callable[[Request, Response], Response]:
    """A header set, or taken out, on answers with these statuses, or with any."""

    def bend(request: Request, response: Response) -> Response:
        if request.method == "POST" and (not statuses or response.status_code in statuses):
            response.headers.pop(name, None)
            response.headers.update({name: value} if value is not None else {})
        return response

    return bend


def saying(status: int, text: str, test: Callable[[Request, list[Body]], bool]) -> Callable[..., Response | None]:
    """An answer of one's own to requests that meet a test."""

    def answer(request: Request, posted: list[Body]) -> Response | None:
        error = {"title": HTTPStatus(status).phrase, "status": status, "message": text, "instance": request.path}
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        body = {**error, "timestamp": time, "error": {"name": "Error", "message": text}}
        return Response(json.dumps(body), status, content_type="application/json") if test(request, posted) else None

    return answer


def slow(test: Callable[[Body], bool]) -> Callable[[Request, list[Body]], None]:
    """Requests that take a second and a half longer."""
    return lambda request, _: sleep(1.5) if test(read(request.get_data())) else None


def told(message: Callable[[list[Body]], str]) -> Callable[[Body, list[Body]], Body]:
    """Something more in the message of an error."""

    def bend(body: Body, posted: list[Body]) -> Body:
        text = f"{body['message']} {message(posted)}"
        return {**body, "message": text, "error": {**body["error"], "message": text}}

    return bend


def painted(change: Callable[[Image.Image], Image.Image]) -> Callable[[Request, Response], Response]:
    """Another picture in place of each that is there."""

    def paint(_: Request, response: Response) -> Response:
        if response.status_code != 200:
            return response
        return encoded(change(Image.open(io.BytesIO(response.get_data()))), "jpeg")

    return paint


def half_blank(picture: Image.Image) -> Image.Image:
    picture.paste("grey", (0, picture.height // 2, picture.width, picture.height))
    return picture


def string_created(body: Body) -> Body:
    return {**body, "created": str(body["created"])}


def created_later(body: Body) -> Body:
    return {**body, "created": body["created"] + 60}


def of_last_year(body: Body, _: list[Body]) -> Body:
    return {**body, "timestamp": f"{int(body['timestamp'][:4]) - 1}{body['timestamp'][4:]}"}


def dead(_: Request, __: Response) -> Response:
    return Response("<Error><Code>NoSuchKey</Code></Error>", 404, content_type="application/xml")


def unrelated(picture: Image.Image) -> Image.Image:
    """Another picture of the same size."""
    return ImageOps.colorize(Image.effect_mandelbrot(picture.size, (-2, -1.5, 1, 1.5), 60), "navy", "gold")


def other_each_time() -> Callable[[Request, Response], Response]:
    """A picture that is turned over after each download."""
    downloads = count()
    return lambda request, response: (painted(ImageOps.mirror) if next(downloads) % 2 else kept)(request, response)


def kept(_: Request, response: Response) -> Response:
    return response


def one_link() -> Callable[[Body], Body]:
    """The first link again and again."""
    links: list[str] = []

    def bend(body: Body) -> Body:
        links.extend(item["url"] for item in body["data"] if "url" in item)
        return {**body, "data": [{"url": links[0]} if "url" in item else item for item in body["data"]]}

    return bend


def png_called_jpeg(_: Request, response: Response) -> Response:
    if response.status_code != 200:
        return response
    return encoded(Image.open(io.BytesIO(response.get_data())), "png", compress_level=1)


def encoded(picture: Image.Image, container: str, **options: int) -> Response:
    target = io.BytesIO()
    picture.save(target, container, **options)
    return Response(target.getvalue(), 200, content_type="image/jpeg")


TRACE = 'Traceback (most recent call last): File "/srv/app/main.py", line 7'
GONE = saying(404, "model is deprecated", lambda request, _: request.method == "POST" and "model" in read(request.data))
FAULTS = {
    # Answers
    "guidance-10-refused": Fault("PX101 status", "pairs-01", body=guided(lambda value: 11 if value == 10 else value)),
    "two-fields-refused-together": Fault("PX101 status", "pairs-03", body=refused_together),
    "string-created": Fault("PX104 schema", "first_documented", answer=string_created),
    "ignored-b64_json": Fault("PX105 form", "both-forms", body=without("response_format")),
    "cost-header-in-dollars": Fault("PX106 cost", "first_documented", after=headed("x-aimlapi-credits-used", "0.0315")),
    "created-a-minute-later": Fault("PX107 clock", "first_documented", answer=created_later),
    # Links and pictures
    "dead-url": Fault("PX202 download", "first_documented", picture=dead),
    "png-called-jpeg": Fault("PX204 container", "first_documented", picture=png_called_jpeg),
    "wrong-size": Fault(
        "PX205 size", "first_documented", body=lambda body: {**body, "size": "640x640"} if "size" in body else body
    ),
    "swapped-sides": Fault("PX205 size", "first_documented", body=swapped),
    "unrelated-edit": Fault("PX206 edit", "pairs-00", EDIT, picture=painted(unrelated)),
    "tampered-link-served": Fault(
        "PX207 tampered-link",
        "changed_link and expiry",
        repeated_by="curl -sS 'http://127.0.0.1:",
        picture=served_anyway,
    ),
    "another-picture-each-time": Fault("PX208 artefact", "same_picture_again", picture=other_each_time()),
    "half-a-picture": Fault("PX209 content", "first_documented", picture=painted(half_blank)),
    # Errors
    "guidance-11-accepted": Fault(
        "PX301 refusal",
        "broken and guidance_scale-maximum",
        body=guided(lambda value: min(value, 10) if is_number(value) else value),
    ),
    "lists-taken": Fault("PX301 refusal", "broken and seed-type-array", body=lists_taken),
    "one-in-eleven-fails": Fault(
        "PX301 refusal (flaky)",
        "request_is_refused and -seed-",
        instead=saying(500, "Internal server error", lambda _, posted: len(posted) % 11 == 7),
    ),
    "error-of-last-year": Fault("PX305 error-clock", "broken and seed-minimum", refusal=of_last_year),
    "trace-in-an-error": Fault("PX307 leak", "broken and seed-minimum", refusal=told(lambda _: TRACE)),
    "secret-in-a-header": Fault(
        "PX307 leak", "broken and seed-minimum", after=headed("x-debug", "API_SECRET=c29tZXRoaW5n")
    ),
    # Access
    "missing-key-accepted": Fault(
        "PX401 key", "valid_key and missing", headers=with_key(lambda request: not request.authorization)
    ),
    "key-in-the-query-accepted": Fault(
        "PX401 key",
        "in_the_query",
        repeated_by="curl -sS -X POST 'http://127.0.0.1:",
        headers=with_key(lambda request: "access_token" in request.args),
    ),
    "raw-key-accepted": Fault(
        "PX401 key",
        "valid_key and raw",
        headers=with_key(lambda request: request.headers.get("Authorization") == "test-key"),
    ),
    "stranger-told-of-the-body": Fault(
        "PX401 key", "stranger", headers=with_key(lambda request: "Authorization" not in request.headers)
    ),
    "lower-case-scheme-refused": Fault(
        "PX402 scheme",
        "scheme_counts",
        instead=saying(401, "no key", lambda request, _: request.headers.get("Authorization", "")[:1] == "b"),
    ),
    "get-accepted": Fault(
        "PX403 method",
        "another_method",
        repeated_by="curl -sS http",
        instead=saying(200, "", lambda request, _: request.method == "GET"),
    ),
    "unknown-path-accepted": Fault(
        "PX404 path", "unknown_path", instead=saying(200, "", lambda request, _: "no-such" in request.path)
    ),
    "nan-accepted": Fault("PX405 malformed", "malformed and NaN", raw=lambda data: data.replace(b"NaN", b"5")),
    "malformed-breaks-it": Fault(
        "PX405 malformed",
        "malformed and cut-short",
        instead=saying(500, "Internal server error", lambda request, _: request.data == b'{"model": '),
    ),
    "no-cors-on-pictures": Fault(
        "PX407 cors",
        "first_documented or seed-minimum or (together and cors)",
        after=headed("access-control-allow-origin", None, 200),
    ),
    "no-request-id-on-pictures": Fault(
        "PX408 tracing",
        "first_documented or (valid_key and missing) or (together and tracing)",
        after=headed("x-request-id", None, 200),
    ),
    "client-id-of-another": Fault(
        "PX409 client-request-id", "client_request_id", after=headed("x-client-request-id", "somebody-else")
    ),
    # Several requests together
    "seed-ignored": Fault("PX501 same-seed", "both-forms", body=without("seed")),
    "seed-0-as-none": Fault("PX501 same-seed", "both-forms", body=seeded(lambda seed: seed or None)),
    "seed-by-form": Fault("PX502 same-form", "both-forms", body=seed_by_form),
    "seed-of-16-bits": Fault("PX503 no-effect", "far-seed", body=seeded(lambda seed: seed % 65536)),
    "one-picture": Fault("PX503 no-effect", "other-prompt", body=one_picture),
    "watermark-ignored": Fault("PX503 no-effect", "relate and watermark", body=without("watermark")),
    "guidance-ignored": Fault("PX503 no-effect", "relate and guidance", body=without("guidance_scale")),
    "one-picture-without-seed": Fault("PX504 random-picture", "no-seed", body=lambda body: {"seed": 5, **body}),
    "one-request-id": Fault(
        "PX505 request-id",
        "seed-minimum or (together and request-id)",
        refusal=lambda body, _: {**body, "requestId": "always-this"},
    ),
    "one-link": Fault("PX506 unique-link", "far-seed or (together and unique-link)", answer=one_link()),
    "prompt-of-the-one-before": Fault(
        "PX507 cross-leak",
        "nothing_of_one",
        refusal=told(lambda posted: str(posted[-1].get("prompt")) if posted else ""),
    ),
    "slow-guidance": Fault(
        "PX508 latency", "pairs or (together and latency)", instead=slow(lambda body: body.get("guidance_scale") == 10)
    ),
}
