"""What goes wrong with a call, in the envelope: each status, what it says, and what it must never say."""

from __future__ import annotations

import base64
import json
import logging
import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pixelpact.contract.contract import load
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Size
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings
from werkzeug.test import TestResponse

PATH = "/v1/images/generations"
DREAM = "bytedance/seedream-3.0"
EDIT = "bytedance/seededit-3.0-i2i"
KNOWN = [entry.id for entry in load().entries if entry.path == PATH]
LISTED = " | ".join(f'"{id}"' for id in KNOWN[:8])
KEY = "sk-the-key-that-nobody-may-see"
BODY = {"model": DREAM, "prompt": "a lighthouse", "size": "512x512"}
PICTURE = base64.b64encode(sample(Size(96, 72))).decode()
BODY_LIMIT = 5000
CONTRACTS = {profile: load(profile=profile) for profile in ("observed", "2026-01")}

VALID_KEY = "This request requires a valid API key."
EMPTY_KEY = "You provided an empty string instead of valid API key."


@dataclass(frozen=True)
class Bad:
    """A call that fails, how, and how its message begins."""

    status: int
    name: str
    message: str
    body: bytes = json.dumps(BODY).encode()
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    path: str = PATH

    def sent(self, to: FlaskClient) -> TestResponse:
        """The answer to it, sent with a key and as JSON unless its headers say otherwise."""
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **self.headers}
        return to.open(self.path, method=self.method, data=self.body, headers=headers)


def of(**fields: Any) -> bytes:
    return json.dumps({**BODY, **fields}).encode()


def preferred(status: int, name: str, message: str) -> Bad:
    return Bad(status, name, message, headers={"Prefer": f"code={status}"})


BROKEN = {
    "empty": Bad(400, "BadRequestException", "not JSON: ", b""),
    "cut": Bad(400, "BadRequestException", "not JSON: ", b'{"model": '),
    "not-utf-8": Bad(400, "BadRequestException", "not UTF-8: byte 1 is 0xff", b'"\xff"'),
    "array": Bad(400, "BadRequestException", "body: expected object (type), received []", b"[]"),
    "no-model": Bad(400, "BadRequestException", "model: expected ", b"{}"),
    "no-prompt": Bad(
        400,
        "BadRequestException",
        "prompt: expected a value (required), received nothing",
        json.dumps({"model": DREAM}).encode(),
    ),
    "no-image": Bad(400, "BadRequestException", "image: expected a value (required), received nothing", of(model=EDIT)),
    "enum": Bad(400, "BadRequestException", 'response_format: expected "url" | "b64_json"', of(response_format="jpg")),
    "asked-400": preferred(400, "BadRequestException", "what a fault asked for"),
    "key-missing": Bad(401, "UnauthorizedException", VALID_KEY, headers={"Authorization": ""}),
    "key-empty": Bad(401, "UnauthorizedException", EMPTY_KEY, headers={"Authorization": "Bearer "}),
    "key-invalid": Bad(401, "UnauthorizedException", VALID_KEY, headers={"Authorization": "Bearer invalid-key"}),
    "key-basic": Bad(401, "UnauthorizedException", VALID_KEY, headers={"Authorization": "Basic dGVzdDprZXk="}),
    "key-raw": Bad(401, "UnauthorizedException", VALID_KEY, headers={"Authorization": KEY}),
    "asked-401": preferred(401, "UnauthorizedException", VALID_KEY),
    "asked-403": preferred(403, "ForbiddenException", "You've run out of credits."),
    "path": Bad(404, "NotFoundException", "Cannot POST /v1/images", path="/v1/images"),
    "variations": Bad(404, "NotFoundException", "Cannot POST /v1/images/variations", path="/v1/images/variations"),
    "get": Bad(404, "NotFoundException", f"Cannot GET {PATH}", b"", method="GET"),
    "get-alias": Bad(404, "NotFoundException", "Cannot GET /images/generations", b"", {}, "GET", "/images/generations"),
    "get-billing": Bad(404, "NotFoundException", "Cannot GET /v2/billing", b"", {}, "GET", "/v2/billing"),
    "put": Bad(404, "NotFoundException", f"Cannot PUT {PATH}", method="PUT"),
    "delete": Bad(404, "NotFoundException", f"Cannot DELETE {PATH}", method="DELETE"),
    "asked-404": preferred(404, "NotFoundException", f"Cannot POST {PATH}"),
    "too-large": Bad(
        413, "PayloadTooLargeException", "request entity too large: at most 5,000 bytes", of(prompt="x" * BODY_LIMIT)
    ),
    "text": Bad(
        415,
        "UnsupportedMediaTypeException",
        "Content-Type: expected application/json, received text/plain",
        headers={"Content-Type": "text/plain"},
    ),
    "no-media-type": Bad(
        415,
        "UnsupportedMediaTypeException",
        "Content-Type: expected application/json, received no Content-Type",
        headers={"Content-Type": ""},
    ),
    "asked-429": preferred(429, "ThrottlerException", "Too Many Requests"),
    "asked-500": preferred(500, "InternalServerErrorException", "Internal server error"),
    "asked-502": preferred(502, "BadGatewayException", "Bad Gateway"),
    "asked-503": preferred(503, "ServiceUnavailableException", "Service unavailable"),
    "asked-504": preferred(504, "GatewayTimeoutException", "Generation timeout"),
}


@cache
def app(profile: str = "observed", strict: bool = False) -> Flask:
    return create_app(Settings(profile=profile, strict=strict, body_limit=BODY_LIMIT))


def client(profile: str = "observed") -> FlaskClient:
    return app(profile).test_client()


def refused(**fields: Any) -> TestResponse:
    return Bad(400, "", "", of(**fields)).sent(client())


every_bad_call = pytest.mark.parametrize("bad", BROKEN.values(), ids=BROKEN)
both_envelopes = pytest.mark.parametrize("profile", CONTRACTS)


@both_envelopes
@every_bad_call
def test_a_bad_call_gets_its_status_and_message(bad: Bad, profile: str) -> None:
    answer = bad.sent(client(profile))

    assert answer.status_code == bad.status
    assert answer.content_type == "application/json"
    assert answer.get_json()["message"].startswith(bad.message)


@both_envelopes
@every_bad_call
def test_the_body_of_a_bad_call_keeps_to_the_error_schema(bad: Bad, profile: str) -> None:
    answer = bad.sent(client(profile))

    assert list(CONTRACTS[profile].error_breaches(answer.get_json())) == []


@both_envelopes
@every_bad_call
def test_the_body_of_a_bad_call_says_which_call_where_and_when(bad: Bad, profile: str) -> None:
    answer = bad.sent(client(profile))

    moment = datetime.fromisoformat(answer.get_json()["timestamp"])
    assert type(answer.get_json()["statusCode"]) is int
    assert answer.get_json()["statusCode"] == bad.status
    assert answer.get_json()["requestId"] == answer.headers["x-request-id"]
    assert answer.get_json()["path"] == bad.path
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer.get_json()["timestamp"])
    assert moment.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - moment) < timedelta(seconds=30)


@every_bad_call
def test_the_observed_envelope_has_the_error_object_that_clients_read(bad: Bad) -> None:
    answer = bad.sent(client())

    assert answer.get_json().keys() == {"message", "path", "requestId", "statusCode", "timestamp", "error"}
    assert answer.get_json()["error"]["name"] == bad.name
    assert answer.get_json()["error"]["message"] == answer.get_json()["message"]


@every_bad_call
def test_the_documented_envelope_is_flat(bad: Bad) -> None:
    answer = bad.sent(client("2026-01"))

    assert answer.get_json().keys() == {"message", "path", "requestId", "statusCode", "timestamp"}


@every_bad_call
def test_a_bad_call_is_traced_like_a_good_one(bad: Bad) -> None:
    answer = bad.sent(client())

    assert len(answer.headers["x-inference-id"]) == 21
    assert "x-aimlapi-credits-used" not in answer.headers


def test_a_bad_call_returns_the_clients_own_id() -> None:
    answer = Bad(400, "", "", b"", headers={"X-Client-Request-Id": "mine-1"}).sent(client())

    assert answer.headers["x-client-request-id"] == "mine-1"


def test_the_credits_error_has_the_kind_that_live_bodies_have() -> None:
    answer = BROKEN["asked-403"].sent(client())

    assert answer.get_json()["error"]["data"] == {"kind": "err_insufficent_credits"}


@pytest.mark.parametrize("prefer", ["code=", "respond-async", "code=4290", "barcode=429"])
def test_a_preference_for_no_failure_is_passed_over(prefer: str) -> None:
    answer = Bad(200, "", "", headers={"Prefer": prefer}).sent(client())

    assert answer.status_code == 200


@pytest.mark.parametrize("code", [402, 418, 529])
def test_a_preference_for_a_failure_that_the_api_has_not_is_met_in_its_envelope(code: int) -> None:
    answer = Bad(200, "", "", headers={"Prefer": f"code={code}"}).sent(client())

    assert (answer.status_code, answer.get_json()["statusCode"]) == (code, code)


@pytest.mark.parametrize("code", ["200", "399", "600"])
def test_a_preference_for_no_error_is_refused(code: str) -> None:
    answer = Bad(200, "", "", headers={"Prefer": f"code={code}"}).sent(client())

    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith("Prefer: fault status: code: expected a status from 400 to 599")


# A server that reads chunks says so, and gives no length.
CHUNKED = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}


@pytest.mark.parametrize("environ", [{}, CHUNKED], ids=["plain", "chunked"])
@pytest.mark.parametrize(("size", "status"), [(BODY_LIMIT, 200), (BODY_LIMIT + 1, 413)])
def test_a_body_may_have_as_many_bytes_as_the_limit(size: int, status: int, environ: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}

    answer = client().post(PATH, data=of().ljust(size), headers=headers, environ_overrides=environ)

    assert answer.status_code == status


def test_a_key_is_asked_for_before_the_body_is_judged() -> None:
    answer = Bad(401, "", "", b"no JSON", {"Authorization": "", "Content-Type": "text/plain"}).sent(client())

    assert answer.status_code == 401


# Messages and issues

ISSUES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "maximum": (
        {"guidance_scale": 11},
        {
            "code": "too_big",
            "maximum": 10,
            "type": "number",
            "inclusive": True,
            "exact": False,
            "path": ["guidance_scale"],
            "message": "guidance_scale: expected at most 10 (maximum), received 11",
        },
    ),
    "minimum": (
        {"seed": -2},
        {
            "code": "too_small",
            "minimum": -1,
            "type": "number",
            "inclusive": True,
            "exact": False,
            "path": ["seed"],
            "message": "seed: expected at least -1 (minimum), received -2",
        },
    ),
    "minLength": (
        {"prompt": ""},
        {
            "code": "too_small",
            "minimum": 1,
            "type": "string",
            "inclusive": True,
            "exact": False,
            "path": ["prompt"],
            "message": 'prompt: expected at least 1 character (minLength), received ""',
        },
    ),
    "enum": (
        {"response_format": "b64"},
        {
            "code": "invalid_enum_value",
            "options": ["url", "b64_json"],
            "received": "b64",
            "path": ["response_format"],
            "message": 'response_format: expected "url" | "b64_json" (enum), received "b64" (did you mean b64_json?)',
        },
    ),
    "type": (
        {"watermark": "true"},
        {
            "code": "invalid_type",
            "expected": "boolean",
            "received": "string",
            "path": ["watermark"],
            "message": 'watermark: expected boolean (type), received "true"',
        },
    ),
    "null": (
        {"prompt": None},
        {
            "code": "invalid_type",
            "expected": "string",
            "received": "null",
            "path": ["prompt"],
            "message": "prompt: expected string (type), received null",
        },
    ),
    "x-size": (
        {"size": "16x16"},
        {
            "code": "custom",
            "path": ["size"],
            "message": "size: expected an area between 262,144 and 4,194,304 pixels, not 256 (x-size),"
            ' received "16x16"',
        },
    ),
    "model": (
        {"model": "bytedance/seedream3"},
        {
            "code": "invalid_enum_value",
            "options": KNOWN,
            "received": "bytedance/seedream3",
            "path": ["model"],
            "message": f"model: expected {LISTED} | … ({len(KNOWN)} models in all) (enum),"
            f' received "bytedance/seedream3" (did you mean {DREAM}?)',
        },
    ),
    "required": (
        {"model": EDIT, "size": "adaptive", "image_url": "https://example.org/cat.png"},
        {
            "code": "invalid_type",
            "received": "undefined",
            "path": ["image"],
            "message": "image: expected a value (required), received nothing (did you mean that by `image_url`?)",
        },
    ),
}


@pytest.mark.parametrize(("fields", "issue"), [pytest.param(*pair, id=name) for name, pair in ISSUES.items()])
def test_an_issue_is_of_the_live_form_and_its_message_names_field_rule_and_value(
    fields: dict[str, Any], issue: dict[str, Any]
) -> None:
    answer = refused(**fields)

    assert answer.get_json()["error"]["data"] == [issue]
    assert answer.get_json()["message"] == issue["message"]


def test_every_mistake_of_a_body_is_told_at_once() -> None:
    answer = refused(prompt="", seed="x", guidance_scale=0)

    assert [issue["path"] for issue in answer.get_json()["error"]["data"]] == [["guidance_scale"], ["prompt"], ["seed"]]
    assert answer.get_json()["message"] == "; ".join(issue["message"] for issue in answer.get_json()["error"]["data"])


def test_a_strict_mock_reports_an_unknown_field_as_an_unrecognised_key() -> None:
    answer = Bad(400, "", "", of(steps=4)).sent(app(strict=True).test_client())

    (issue,) = answer.get_json()["error"]["data"]
    assert (issue["code"], issue["keys"], issue["path"]) == ("unrecognized_keys", ["steps"], ["steps"])


def test_braces_of_a_caller_are_only_braces() -> None:
    answer = refused(response_format="{reason}{0}{path!r}")

    assert 'received "{reason}{0}{path!r}"' in answer.get_json()["message"]


# Keys


@pytest.mark.parametrize("key", ["one", "two"])
def test_a_mock_with_keys_takes_each_of_them(key: str) -> None:
    keyed = create_app(Settings(api_keys=frozenset({"one", "two"}))).test_client()

    assert Bad(200, "", "", headers={"Authorization": f"Bearer {key}"}).sent(keyed).status_code == 200


@pytest.mark.parametrize("key", ["three", "on", "onetwo", "ONE", "invalid"])
def test_a_mock_with_keys_takes_no_other(key: str) -> None:
    keyed = create_app(Settings(api_keys=frozenset({"one", "two"}))).test_client()

    assert Bad(401, "", "", headers={"Authorization": f"Bearer {key}"}).sent(keyed).status_code == 401


@pytest.mark.parametrize(
    ("key", "status"), [("invalid", 401), ("invalid-key", 401), ("invalidate", 401), ("valid", 200), ("x-invalid", 200)]
)
def test_a_mock_without_keys_takes_any_but_those_that_begin_with_invalid(key: str, status: int) -> None:
    answer = Bad(status, "", "", headers={"Authorization": f"Bearer {key}"}).sent(client())

    assert answer.status_code == status


# What must not be said

SIGNED = "https://user:pass-word@example.org/a b.png?X-Tos-Signature=0123abcd"
NOISE = base64.b64encode(random.Random(0).randbytes(1500)).decode()
SECRET: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "url-with-a-space": ({"model": EDIT, "image": SIGNED}, ("pass-word", "0123abcd")),
    "url-in-an-array": ({"model": EDIT, "image": ["https://h.org/a?sig=0123abcd"]}, ("0123abcd",)),
    "url-in-an-object": ({"model": EDIT, "image": {"url": 'https://h.org/a"?sig=01"23abcd'}}, ("23abcd",)),
    "url-of-another-scheme": ({"model": EDIT, "image": "s3://bucket/a#0123abcd"}, ("0123abcd",)),
    "url-in-another-field": ({"response_format": "https://h.org/a?sig=0123abcd"}, ("0123abcd",)),
    "picture-cut": ({"model": EDIT, "image": f"data:image/png;base64,{NOISE}!"}, (NOISE[:24], NOISE[-24:])),
    "picture-undecodable": ({"model": EDIT, "image": NOISE}, (NOISE[:32], NOISE[-32:])),
    "picture-in-another-field": ({"response_format": NOISE}, (NOISE[:32], NOISE[-32:])),
    "picture-for-a-model": ({"model": NOISE}, (NOISE[:32], NOISE[-32:])),
}


@pytest.mark.parametrize(("fields", "secrets"), [pytest.param(*pair, id=name) for name, pair in SECRET.items()])
def test_neither_error_nor_journal_nor_log_quotes_what_is_secret(
    fields: dict[str, Any], secrets: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    own = create_app().test_client()

    answer = Bad(400, "", "", of(**fields)).sent(own)

    journal = own.get("/_pixelpact/journal", headers={"Authorization": f"Bearer {KEY}"})
    said = json.dumps([answer.get_json(), journal.get_json()], ensure_ascii=False) + caplog.text
    assert answer.status_code == 400
    assert len(journal.get_json()) == 1
    assert [secret for secret in (KEY, *secrets) if secret in said] == []


@every_bad_call
def test_no_error_journal_or_log_has_the_key(bad: Bad, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    answer = bad.sent(client())

    journal = client().get("/_pixelpact/journal", headers={"Authorization": f"Bearer {KEY}"})
    assert KEY not in answer.text + str(answer.headers) + journal.text + caplog.text


def test_a_tampered_url_is_refused_without_its_signature() -> None:
    url = client().post(PATH, json=BODY, headers={"Authorization": f"Bearer {KEY}"}).get_json()["data"][0]["url"]
    signature, credential = re.findall(r"X-Tos-(?:Signature|Credential)=([^&%]+)", url)

    answer = refused(model=EDIT, image=f"{url}&X-Tos-Signature={signature}")

    assert answer.status_code == 400
    assert signature not in answer.text
    assert credential not in answer.text


def test_a_long_value_is_not_sent_back_whole() -> None:
    answer = refused(response_format="x" * 4000)

    assert len(answer.data) < 1500


# What nobody foresaw


def fails(*_: object) -> bytes:
    raise RuntimeError("private detail at /srv/secret.py")


def surprised(monkeypatch: pytest.MonkeyPatch) -> TestResponse:
    own = create_app()
    monkeypatch.setattr(own.extensions["pixelpact"].artefacts, "drawn", fails)
    return Bad(500, "", "", of(response_format="b64_json")).sent(own.test_client())


def test_an_unexpected_exception_is_a_500_in_the_envelope(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = surprised(monkeypatch)

    assert answer.status_code == 500
    assert answer.get_json()["message"] == "Internal server error"
    assert answer.get_json()["requestId"] == answer.headers["x-request-id"]
    assert list(CONTRACTS["observed"].error_breaches(answer.get_json())) == []


def test_an_unexpected_exception_is_logged_and_not_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answer = surprised(monkeypatch)

    assert "private detail" in caplog.text
    assert "private" not in answer.text
    assert "Traceback" not in answer.text
