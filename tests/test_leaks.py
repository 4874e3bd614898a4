"""Leaks: each shape of a secret is found in a body and in a header, and nothing in what real services answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pixelpact.cases.evidence import Evidence, evidence
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Finding, Reason, finding
from pixelpact.checks.judge import judge_any
from pixelpact.checks.leaks import SHAPES
from pixelpact.contract.contract import load_all

CONTRACTS = load_all()
SOURCES = CONTRACTS["observed"].error_sources
KEY = "sk-pixelpact-secret"
ENDPOINT = "https://api.example/v1/images/generations"
SENT = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
JSON = {"content-type": "application/json"}
# What a server might let slip, by the name of its shape.
LEAKS = {
    "a stack trace": [
        "Traceback (most recent call last):",
        'File "/srv/main.py", line 7, in <module>',
        "TypeError: x is undefined\n    at Layer.handle (/srv/router)",
        "Error: no\n    at Object.<anonymous> (index)",
        "thrown at handler.ts:12:7",
        "goroutine 17 [running]:",
        'Exception in thread "main" java.lang.NullPointerException',
    ],
    "a path of the server": [
        "/usr/lib/python3/site-packages/x",
        "/srv/node_modules/y",
        "/usr/src/app/z",
        "/home/deploy/x",
        "/".join(("", "root", "x")),
        "/var/www/html",
    ],
    "a library's own page": ["werkzeug.exceptions", "Whitelabel Error Page", "<b>DEBUG = True</b>"],
    "a private key": ["-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"],
    "a credential": [
        "sk-" + "a1B2" * 8,
        "AKIA" + "ABCD1234EFGH5678",
        "ghp_" + "a1B2" * 9,
        "xoxb-1234567890-abc",
        "AIza" + "a1B2" * 9,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "DB_PASSWORD=hunter22",
        '{"API_KEY": "abcd1234"}',
        "ARK_SECRET_KEY: abcd1234",
        "password=hunter22",
        "secret_access_key = abcd1234",
    ],
    "an address inside": [
        "postgres://app:pw@db/main",
        "redis://cache:6379",
        "connect 10.0.12.7:8080",
        "upstream 192.168.1.20",
        "172.16.0.9",
        "169.254.169.254",
        "images.svc.cluster.local",
        "gateway-7.prod.internal",
    ],
    "a database's error": [
        "SQLSTATE[42P01]",
        "ORA-00942: x",
        "sqlite3.OperationalError",
        "PrismaClientKnownRequestError",
    ],
}
HARMLESS = [
    "Invalid payload provided",
    "seed: expected an integer, received 5 (minimum: 0)",
    "Expected a string of at most 2000 characters at prompt",
    "https://cdn.aimlapi.com/generations/hedgehog/1776124800000-00000000-0000-4000-8000-000000000000.png",
    "This request requires a valid API key. You can create a new one: https://aimlapi.com/app/keys",
    "Rate limit exceeded: 10 requests in 10 seconds",
    "model: expected one of flux/dev, bytedance/seedream-3.0 at version 1.10.3.2",
    "the token is missing",
    "nginx/1.25.3",
    "task-force-unit",
]


def answered(text: str = "{}", headers: Mapping[str, str] = JSON, body: bytes = b"{}", **changes: object) -> Exchange:
    exchange = Exchange("POST", ENDPOINT, SENT, body, 400, headers, text.encode())
    return replace(exchange, **changes)  # type: ignore[arg-type]


def found(exchange: Exchange, *others: str) -> list[Finding]:
    return list(judge_any(exchange, others, SOURCES).findings)


EVERY_LEAK = pytest.mark.parametrize(
    ("shape", "text"), [pytest.param(shape, text, id=text[:30]) for shape, texts in LEAKS.items() for text in texts]
)


def test_every_shape_is_tried() -> None:
    assert LEAKS.keys() == SHAPES.keys()


@EVERY_LEAK
def test_a_look_inside_is_found_in_a_body(shape: str, text: str) -> None:
    leaks = found(answered(json.dumps({"message": f"failed: {text}"})))

    assert [one.came.partition(":")[0] for one in leaks] == [shape]
    assert {(one.code, one.promised, one.severity) for one in leaks} == {
        ("PX307", "no look inside the server: body", "error")
    }


@EVERY_LEAK
def test_a_look_inside_is_found_in_a_header(shape: str, text: str) -> None:
    leaks = found(answered(headers={**JSON, "x-debug": text.replace("\n", "\\n")}))

    assert [one.promised for one in leaks] == ["no look inside the server: header x-debug"]


@EVERY_LEAK
def test_what_the_request_itself_sent_is_no_leak(shape: str, text: str) -> None:
    prompt = json.dumps({"prompt": text}).encode()

    assert found(answered(prompt.decode(), body=prompt)) == []


@pytest.mark.parametrize("text", HARMLESS)
def test_what_servers_may_say_is_no_leak(text: str) -> None:
    assert found(answered(json.dumps({"message": text}), {**JSON, "x-note": text})) == []


def test_a_leak_is_not_repeated_whole() -> None:
    secret = "AKIA" + "ABCD1234EFGH5678"

    (leak,) = found(answered(secret))

    assert secret not in str(leak)


def test_the_body_of_a_picture_is_not_read() -> None:
    assert found(answered("/site-packages/", {"content-type": "image/jpeg"})) == []


@pytest.mark.parametrize("profile", CONTRACTS)
def test_a_leak_weighs_in_full_under_every_profile(profile: str) -> None:
    judgement = judge_any(answered("/site-packages/"), [], CONTRACTS[profile].error_sources)

    assert [one.severity for one in judgement.findings] == ["error"]


@pytest.mark.parametrize("piece", [piece for piece in evidence() if piece.answer], ids=lambda piece: piece.name)
def test_nothing_leaks_in_what_was_really_answered(piece: Evidence) -> None:
    assert [str(one) for one in found(answered(json.dumps(piece.answer)))] == []


# The key

SPELT = {
    "bearer": answered(request_headers={"authorization": f"Bearer {KEY}"}),
    "lower-case": answered(request_headers={"authorization": f"bearer {KEY}"}),
    "raw": answered(request_headers={"authorization": KEY}, secret=KEY),
    "basic": answered(
        request_headers={"authorization": f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}"}, secret=KEY
    ),
    "query": answered(request_headers={}, url=f"{ENDPOINT}?access_token={KEY}", secret=KEY),
}


@pytest.mark.parametrize("spelt", ["bearer", "lower-case"])
@pytest.mark.parametrize("place", ["body", "header"])
def test_a_key_that_comes_back_is_a_leak(spelt: str, place: str) -> None:
    sent = SPELT[spelt]
    text = f"{KEY} is wrong"
    exchange = replace(sent, body=text.encode()) if place == "body" else replace(sent, headers={**JSON, "x-key": text})

    leaks = found(exchange)

    assert "the key that was sent" in [one.came for one in leaks]
    assert KEY not in " ".join(map(str, leaks))


@pytest.mark.parametrize("exchange", SPELT.values(), ids=SPELT)
def test_no_finding_repeats_the_key_however_it_was_sent(exchange: Exchange) -> None:
    reason = Reason("status 200 for a valid request", f"401 {KEY} is no valid key")

    assert KEY not in str(finding("status", reason, exchange))


# Words of other requests


@pytest.mark.parametrize("place", ["body", "header"])
def test_a_word_of_another_request_is_found(place: str) -> None:
    word = "a heron of pewter, in the rain"
    told = answered(json.dumps({"message": f"no: {word}"})) if place == "body" else answered(headers={"x-last": word})

    (leak,) = found(told, word, "another word that is nowhere")

    assert (leak.code, leak.check, leak.severity) == ("PX507", "cross-leak", "error")
    assert leak.came == f"{word!r}, which another request had"


@pytest.mark.parametrize("where", ["body", "url", "header"])
def test_a_word_that_the_request_had_too_is_its_own(where: str) -> None:
    word = "pixelpact-000007"
    own = {
        "body": answered(word, body=word.encode()),
        "url": answered(word, url=f"{ENDPOINT}?id={word}"),
        "header": answered(word, request_headers={**SENT, "x-client-request-id": word}),
    }

    assert found(own[where], word) == []


def test_a_short_word_is_found_by_chance_and_says_nothing() -> None:
    assert found(answered("a lighthous"), "a lighthous") == []
    assert len(found(answered("a lighthouse"), "a lighthouse")) == 1


# What looks like a leak, and is none


@pytest.mark.parametrize(
    "cookie", ["XSRF-TOKEN=5f2c9a7be1; Path=/", "session=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3In0.c2lnbmF0dXJl"]
)
def test_a_cookie_is_no_leak(cookie: str) -> None:
    assert found(answered(headers={**JSON, "set-cookie": cookie})) == []


def test_an_access_key_in_the_parameters_of_a_link_is_no_leak() -> None:
    link = "https://bucket.example/a.jpeg?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Fus-east-1"

    assert found(answered(f'{{"data": [{{"url": "{link}"}}]}}')) == []


def test_what_a_picture_in_base64_happens_to_spell_is_no_leak() -> None:
    picture = f"{'A' * 300}/AIza{'b' * 300}"

    assert found(answered(f'{{"data": [{{"b64_json": "{picture}"}}]}}')) == []
    assert found(answered(f'{{"message": "AIza{"b" * 35}"}}')) != []


@pytest.mark.parametrize("told", [f"{ENDPOINT}?api_key={KEY}", f"/v1/images/generations?api_key={KEY}"])
def test_a_url_that_held_the_key_may_come_back(told: str) -> None:
    exchange = answered(f'{{"instance": "{told}"}}', url=f"{ENDPOINT}?api_key={KEY}", request_headers={}, secret=KEY)

    assert found(replace(exchange, body=f'{{"instance": "{told}"}}'.encode())) == []
    assert [one.check for one in found(replace(exchange, body=f"{KEY} is wrong".encode()))] == ["leak"]


@pytest.mark.parametrize("told", ["a heron of pewter", "a%20heron%20of%20pewter", "YSBoZXJvbiBvZiBwZXd0ZXI"])
def test_a_sentence_of_another_request_is_found_however_it_is_spelt(told: str) -> None:
    exchange = answered(headers={**JSON, "x-last": told})

    assert [one.check for one in found(exchange, "a heron of pewter")] == ["cross-leak"]


def test_what_was_sent_behind_a_picture_may_come_back() -> None:
    prompt = "Add a heron of pewter."
    picture = "A" * 300_000
    body = f'{{"image": "data:image/jpeg;base64,{picture}", "prompt": "{prompt} At night."}}'.encode()
    assert found(answered(f'{{"prompt": "{prompt}"}}', body=body), prompt) == []
    assert [one.check for one in found(answered(f'{{"prompt": "{prompt}"}}'), prompt)] == ["cross-leak"]
