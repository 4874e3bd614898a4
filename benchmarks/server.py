"""A server of the endpoint, correct but for one fault, written from the facts alone: it knows nothing of Pixelpact."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from random import Random, SystemRandom
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from . import links, pictures
from .rules import breaches, fitted, sides
from .wire import DRAW, EDIT, Answer, At, Body, Call, Fault, Recipe, Refused

PATHS = {"/v1/images/generations", "/v1/images/generations/", "/images/generations"}
FOLDERS = {DRAW: "seedream-3-0-t2i", EDIT: "seededit-3-0-i2i"}
SHAPES = {"1:1": (1024, 1024), "16:9": (1280, 720), "9:16": (720, 1280), "3:4": (864, 1152), "4:3": (1152, 864)}
GUIDANCE = {DRAW: 2.5, EDIT: 5.5}
CREDITS, CREDITS_PER_USD = 63_000, 2_000_000
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
NO_KEY = "This request requires a valid API key. You can create a new API key on the Billing page: https://aimlapi.com/app/keys"
EXPOSED = "x-request-id, x-inference-id, x-client-request-id, x-aimlapi-credits-used, x-aimlapi-usd-spent"
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}
PREFLIGHT = {"Access-Control-Allow-Methods": "POST, GET, OPTIONS", "Access-Control-Allow-Headers": "*, Authorization"}
STORED = tuple(f"/{folder}/" for folder in FOLDERS.values())
CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


@dataclass
class Bench:
    """One server's state. `requests` and `pictures` count posts to the endpoint, and those that were paid for.

    With another clock and other lots than the system's, equal calls get equal answers.
    """

    fault: Fault = field(default_factory=Fault)
    requests: int = 0
    pictures: int = 0
    crashes: int = 0
    store: str = ""
    clock: Callable[[], float] = time.time
    lots: Random = field(default_factory=SystemRandom)
    _before: Body = field(default_factory=dict)
    _made: dict[str, tuple[Recipe, Iterator[int]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, call: Call) -> Answer:
        """Answer one request."""
        if call.path == "/_count":
            return Answer(200, {}, json.dumps({"requests": self.requests, "pictures": self.pictures}).encode())
        if call.path.startswith(STORED) and call.method in ("GET", "HEAD"):
            return self._download(call)
        at = self._arrived(call)
        try:
            answer = self._routed(self.fault.call(call, at), at)
        except Refused as reason:
            answer = self._failed(reason, at)
        return self.fault.sent(replace(answer, headers={**self._traced(at), **answer.headers}), at)

    def _arrived(self, call: Call) -> At:
        with self._lock:
            self.requests += call.path in PATHS and call.method == "POST"
            at = At(
                call,
                self.requests,
                str(UUID(int=self.lots.getrandbits(128), version=4)),
                _loosely(call.body),
                self._before,
                self.clock(),
            )
            self._before = at.body
        return at

    def _traced(self, at: At) -> dict[str, str]:
        theirs = at.call.headers.get("x-client-request-id", "")
        echo = {"x-client-request-id": theirs} if CLIENT_ID.fullmatch(theirs) else {}
        return {**CORS, "x-request-id": at.id, "x-inference-id": self.lots.randbytes(11).hex()[:21], **echo}

    def _routed(self, call: Call, at: At) -> Answer:
        if call.method == "OPTIONS":
            return Answer(204, PREFLIGHT)
        if call.path in ("/v1/models", "/models") and call.method in ("GET", "HEAD"):
            models = [{"id": name, "type": "image", "endpoints": ["/v1/images/generations"]} for name in FOLDERS]
            return self._json(200, {"object": "list", "data": models})
        if call.path not in PATHS or call.method != "POST":
            raise Refused(405 if call.path in PATHS else 404, f"Cannot {call.method} {call.path}")
        _check_key(call.headers.get("authorization", ""))
        body = self.fault.body(_parsed(call), at)
        self._check(body, at)
        return self._generated(body, at)

    def _check(self, body: Body, at: At) -> None:
        found = [*breaches(body)] or [(name, "another value") for name in [self.fault.refuse(body, at)] if name]
        if found:
            details = [{"code": "invalid", "path": [name], "message": expected} for name, expected in found]
            message = "; ".join(f"{name}: expected {expected}" for name, expected in found)
            raise Refused(400, f"Body validation error! {message}", details)

    def _generated(self, body: Body, at: At) -> Answer:
        recipe = self.fault.recipe(_recipe(body, self.lots), at)
        created = int(self.clock() + self.fault.clock)
        if body.get("response_format") == "b64_json":
            made = {"b64_json": base64.b64encode(pictures.made(recipe, self.fault)).decode()}
        else:
            made = {"url": self._link(recipe, created, at)}
        with self._lock:
            self.pictures += 1
        usd = CREDITS / CREDITS_PER_USD
        answer = {"created": created, "data": [made], "meta": {"usage": {"credits_used": CREDITS, "usd_spent": usd}}}
        cost = {"x-aimlapi-credits-used": str(CREDITS), "x-aimlapi-usd-spent": f"{usd:.9f}"}
        return self._json(200, self.fault.success(answer, at), cost)

    def _link(self, recipe: Recipe, created: int, at: At) -> str:
        name = f"02{(created - 1) * 1000}{self.lots.randbytes(19).hex()}"
        path = f"/{FOLDERS[recipe.model]}/{name}.{self.fault.suffix}"
        self._made[path] = recipe, count(1)
        host = self.store or at.call.headers.get("host", "")
        query = self.fault.link(links.unsigned(created), at)
        query = query | {links.SIGNATURE: links.signature(host, path, query, self.fault.trusts)}
        return self.fault.located(f"http://{host}{path}" + ("" if self.fault.unsigned else f"?{urlencode(query)}"), at)

    def _download(self, call: Call) -> Answer:
        query, host = dict(parse_qsl(call.query)), call.headers.get("host", "")
        trusts = self.fault.trusts | ({"all", "missing"} if self.fault.unsigned else set())
        refusal = links.refusal(host, call.path, query, trusts, self.clock())
        recipe, ordinals = self._made.get(call.path, (None, count(1)))
        if refusal or recipe is None:
            xml = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{refusal or 'NoSuchKey'}</Code></Error>"
            answer = Answer(403 if refusal else 404, {**CORS, "Content-Type": "application/xml"}, xml.encode())
        else:
            answer = Answer(200, {**CORS, "Content-Type": "image/jpeg"}, pictures.made(recipe, self.fault))
        return self.fault.download(answer, At(call, next(ordinals), "", {}, {}, self.clock()))

    def _failed(self, reason: Refused, at: At) -> Answer:
        problem = self.fault.envelope == "C"
        body = self.fault.failure(ENVELOPES[self.fault.envelope](reason, at), at)
        kind = {"Content-Type": "application/problem+json; charset=utf-8"} if problem else {}
        allowed = {"Allow": "POST, OPTIONS"} if reason.status == 405 else {}
        return self._json(reason.status, body, {**kind, **allowed})

    def _json(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
        text = json.dumps(body, indent=self.fault.indent)
        return Answer(status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, text.encode())


def _check_key(authorization: str) -> None:
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or not key.strip() or "invalid" in key.lower():
        raise Refused(401, NO_KEY)


def _parsed(call: Call) -> Body:
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, f"Content-Type: expected application/json, received {kind or 'none'}")
    try:
        body = json.loads(call.body.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as reason:
        raise Refused(400, "body: expected JSON, each name once") from reason
    if not isinstance(body, dict):
        raise Refused(400, "body: expected an object")
    return body


def _no_number(constant: str) -> None:
    raise ValueError(constant)


def _once(pairs: list[tuple[str, Any]]) -> Body:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _loosely(data: bytes) -> Body:
    """The object in a body, for the faults to look at; empty if there is none."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _recipe(body: Body, lots: Random) -> Recipe:
    model, seed, image = body["model"], int(body.get("seed", -1)), body.get("image") if body["model"] == EDIT else None
    shape = body.get("aspect_ratio")
    size = sides(body.get("size", "")) or SHAPES.get(shape if isinstance(shape, str) else "", (1024, 1024))
    if image:
        size = fitted(image).size
    seed = lots.randrange(2**31) if seed == -1 else seed
    guidance = float(body.get("guidance_scale", GUIDANCE[model]))
    return Recipe(model, body["prompt"], seed, size, guidance, body.get("watermark", False), image)


def _flat(reason: Refused, at: At) -> Body:
    moment = datetime.fromtimestamp(at.now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = {"requestId": at.id, "statusCode": reason.status, "timestamp": moment}
    return {**head, "path": at.call.path, "message": reason.message}


def _cause(reason: Refused) -> Body:
    cause = {"name": f"{TITLES[reason.status].replace(' ', '')}Exception", "message": reason.message}
    return {**cause, "data": reason.details} if reason.details else cause


def _problem(reason: Refused, at: At) -> Body:
    flat = _flat(reason, at)
    head = {"title": TITLES[reason.status], "status": reason.status, "message": reason.message}
    tail = {"instance": f"{flat['path']}?", "requestId": at.id, "timestamp": flat["timestamp"]}
    return {**head, **tail, "error": _cause(reason)}


ENVELOPES = {
    "flat": _flat,
    "flat+": lambda reason, at: {**_flat(reason, at), "error": _cause(reason)},
    "A": _flat,
    "B": lambda reason, at: {**_flat(reason, at), "requestId": "hRNOI" + at.id.replace("-", "")[:16]},
    "C": _problem,
}
