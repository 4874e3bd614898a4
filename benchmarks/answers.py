"""Faults in what comes back: answers, errors, links, and what happens only now and then."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace

from .bends import GONE, answers, changed, downloads, errs, headed, is_b64, key_of, marked, page, rewritten, sends
from .wire import Answer, At, Call, Fault, Hook, Refused

B64, URL = ("data", 0, "b64_json"), ("data", 0, "url")
CREDITS, USD = ("meta", "usage", "credits_used"), ("meta", "usage", "usd_spent")


def status(code: int) -> Hook[Answer]:
    """Another status."""
    return lambda answer, _: replace(answer, status=code)


def tainted(name: str, by: str) -> Fault:
    """A parameter of every link is another."""
    return Fault(link=lambda link, _: {**link, name: by})


def located(change: Callable[[str], str], *trusts: str) -> Fault:
    """Every URL is changed."""
    return Fault(located=lambda url, _: change(url), trusts=frozenset(trusts))


def unsigned(*trusts: str) -> Fault:
    """Something that no signature covers."""
    return Fault(trusts=frozenset(trusts))


def sometimes(every: int, bend: Hook[Answer]) -> Fault:
    """One in so many answers is changed."""
    return sends(lambda answer, at: bend(answer, at) if at.ordinal % every == every - 1 else answer)


def fails_once_in(every: int, code: int) -> Fault:
    """One in so many posts is refused."""

    def call(call: Call, at: At) -> Call:
        if call.method == "POST" and at.ordinal % every == every - 1:
            raise Refused(code, "Too Many Requests" if code == 429 else "Internal server error")
        return call

    return Fault(call=call)


ANSWER = {
    "created-in-ms": answers("created", to=lambda now: now * 1000),
    "created-a-minute-late": answers("created", to=lambda now: now + 60),
    "created-an-hour-early": answers("created", to=lambda now: now - 3600),
    "created-text": answers("created", to=str),
    "created-fraction": answers("created", to=lambda now: now + 0.5),
    "created-constant": answers("created", to=1_751_616_711),
    "created-missing": answers("created", to=GONE),
    "url-and-b64": answers("data", 0, to=lambda item: {"url": "https://a.example/x.jpeg", "b64_json": "/9j/", **item}),
    "neither-url-nor-b64": answers("data", 0, to={}),
    "data-object": answers("data", to=lambda data: data[0]),
    "data-two": answers("data", to=lambda data: data * 2),
    "data-called-images": Fault(success=lambda body, _: {"images": body["data"], "created": body["created"]}),
    "b64-as-data-uri": answers(*B64, to=lambda text: f"data:image/jpeg;base64,{text}"),
    "b64-for-urls": answers(*B64, to=lambda text: text.replace("+", "-").replace("/", "_")),
    "b64-in-lines": answers(*B64, to=lambda text: "\n".join(text[at : at + 76] for at in range(0, len(text), 76))),
    "b64-cut": answers(*B64, to=lambda text: text[:-5]),
    "b64-twice": answers(*B64, to=lambda text: base64.b64encode(text.encode()).decode()),
    "b64-ignored": Fault(body=lambda body, _: changed(body, ("response_format",), lambda _: "url")),
    "url-ignored": Fault(body=lambda body, _: {**body, "response_format": "b64_json"}),
    "credits-against-dollars": answers(*CREDITS, to=lambda now: now * 2),
    "credits-negative": answers(*CREDITS, to=lambda now: -now),
    "dollars-in-cents": answers(*USD, to=lambda now: now * 100),
    "credits-header-differs": sends(headed(x_aimlapi_credits_used="62999000"), 200),
    "dollars-header-in-words": sends(headed(x_aimlapi_usd_spent="$0.03"), 200),
    "status-201": sends(status(201), 200),
    "text-plain": sends(headed(content_type="text/plain"), 200),
    "trailing-garbage": sends(lambda answer, _: replace(answer, body=answer.body + b"\n;"), 200),
    "answer-in-a-list": sends(rewritten(lambda body: [body]), 200),
    "one-request-id": sends(headed(x_request_id="always-this")),
    "one-inference-id": sends(headed(x_inference_id="V1StGXR8Z5jdHi6BmyT8k")),
    "client-id-of-another": sends(headed(x_client_request_id="somebody-else")),
}
ERRORS = {
    "refused-with-200": sends(status(200), 400),
    "refused-with-500": sends(status(500), 400),
    "html-page": sends(page(400, "text/html", "<!doctype html><title>Error</title>"), 400),
    "empty-error": sends(page(400, "application/json", ""), 400),
    "plain-text-error": sends(page(400, "text/plain", "Bad Request"), 400),
    "other-envelope": sends(rewritten(lambda _: {"detail": [{"loc": ["body"], "msg": "invalid"}]}), 400),
    "stack-trace": errs("message", to=lambda now, _: f"{now}\n    at validate (/usr/src/app/dist/images.js:41:13)"),
    "key-repeated": errs("message", to=lambda now, at: f"{now} {at.call.headers.get('authorization')}"),
    "no-field-named": Fault(failure=lambda body, _: {**body, "message": "Invalid", "error": {"message": "Invalid"}}),
    "wrong-field-named": Fault(failure=lambda body, _: {**body, "message": "n: expected a number", "error": {}}),
    "timestamp-old": errs("timestamp", to=lambda *_: "2024-03-11T07:13:27.813Z"),
    "timestamp-number": errs("timestamp", to=lambda _, at: at.now),
    "timestamp-local": errs("timestamp", to=lambda now, _: now.replace("T", " ").rstrip("Z")),
    "status-in-body-differs": errs("statusCode", to=lambda *_: 500),
    "path-of-another": errs("path", to=lambda *_: "/v1/chat/completions"),
    "request-id-constant": errs("requestId", to=lambda *_: "798b860e-98c2-4e8e-8c50-550bcfc2eccc"),
    "error-name-differs": errs("error", "name", to=lambda *_: "PaymentRequiredException"),
    "internal-host-in-header": sends(headed(x_upstream="http://ark-seedream.prod.svc.cluster.local:8080")),
    "internal-host-in-error": errs("message", to=lambda now, _: f"{now} (upstream 10.12.0.7:8080)"),
    "secret-in-header": sends(headed(x_debug="AKIAIOSFODNN7EXAMPLE")),
    "key-in-header": sends(lambda answer, at: headed(x_debug=at.call.headers.get("authorization"))(answer, at)),
    "sql-in-error": errs("message", to=lambda now, _: f"{now} SQLSTATE[42601]: SELECT * FROM users WHERE id = $1"),
    "request-of-another": errs("message", to=lambda now, at: f"{now} (after {str(at.before.get('prompt'))[:80]!r})"),
    "refused-and-charged": sends(headed(x_aimlapi_credits_used="63000", x_aimlapi_usd_spent="0.031500000"), 400),
    "refused-with-a-picture": Fault(failure=lambda body, _: {**body, "data": [{"url": "https://a.example/x.jpeg"}]}),
}
LINKS = {
    "signature-ignored": unsigned("all"),
    "expiry-unsigned": unsigned("X-Tos-Expires"),
    "date-unsigned": unsigned("X-Tos-Date"),
    "path-unsigned": unsigned("path"),
    "no-signature-needed": unsigned("missing"),
    "expiry-of-an-hour": tainted("X-Tos-Expires", "3600"),
    "expiry-of-a-week": tainted("X-Tos-Expires", "604800"),
    "another-algorithm": tainted("X-Tos-Algorithm", "AWS4-HMAC-SHA256"),
    "date-of-another-time": tainted("X-Tos-Date", "20250704T081151Z"),
    "credential-of-another-day": tainted("X-Tos-Credential", f"AKLT{'0' * 43}/20250704/ap-southeast-1/tos/request"),
    "host-not-signed": tainted("X-Tos-SignedHeaders", "date"),
    "short-signature": located(lambda url: re.sub("(Signature=.{32}).{32}", r"\1", url), "all"),
    "half-signed": located(lambda url: re.sub("&X-Tos-Signature=[0-9a-f]+", "", url), "missing"),
    "dead": downloads(status(404), 200),
    "once-only": downloads(lambda answer, at: replace(answer, status=403) if at.ordinal > 1 else answer, 200),
    "needs-the-key": downloads(
        lambda answer, at: answer if "authorization" in at.call.headers else replace(answer, status=401), 200
    ),
    "tampered-is-500": downloads(status(500), 403),
    "tampered-is-200": downloads(status(200), 403),
    "relative": located(lambda url: url[url.index("/", 8) :]),
    "of-an-internal-host": located(lambda url: re.sub("//[^/]+", "//10.12.0.7:9000", url)),
    "of-another-scheme": located(lambda url: url.replace("http://", "tos://")),
    "with-spaces": located(lambda url: f" {url} "),
    "with-the-key": Fault(located=lambda url, at: f"{url}&key={key_of(at.call)}"),
}
TIME = {
    "500-once-in-eleven": fails_once_in(11, 500),
    "429-now-and-then": fails_once_in(17, 429),
    "503-now-and-then": fails_once_in(23, 503),
    "empty-body-once": sends(lambda answer, at: replace(answer, body=b"") if at.ordinal == 9 else answer),
    "dropped-now-and-then": sometimes(13, status(0)),
    "cut-now-and-then": sometimes(13, lambda answer, _: replace(answer, body=answer.body[: len(answer.body) // 2])),
    "no-cors-now-and-then": sometimes(3, headed(access_control_allow_origin=None)),
    "one-id-twice": sends(lambda answer, at: headed(x_request_id="A")(answer, at) if at.ordinal in (6, 8) else answer),
    "watermark-is-slow": sends(lambda answer, at: replace(answer, delay=3.0 * marked(at.body)), 200),
    "b64-is-slow": sends(lambda answer, at: replace(answer, delay=3.0 * is_b64(at.body)), 200),
}
