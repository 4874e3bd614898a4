"""Recordings: what is written tells no secret, and judges the same offline; each fault, planted by hand, is seen."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pixelpact.checks.errors import Refusal
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Unjudged
from pixelpact.checks.generation import Generation, Picture, collect
from pixelpact.checks.judge import judge, judge_refusal
from pixelpact.checks.lifting import lifted
from pixelpact.checks.recorded import Recorded
from pixelpact.checks.recordings import BadRecording, load
from pixelpact.checks.redaction import Redaction, SecretSurvived, survivors
from pixelpact.contract.contract import load as load_contract
from pixelpact.contract_tests import recording
from pixelpact.contract_tests.recording import Recorder
from pixelpact.pixels.samples import sample, truncated
from pixelpact.pixels.thumbnail import thumbnail
from pixelpact.pixels.values import Size

CONTRACT = load_contract()
DREAM = CONTRACT.models["bytedance/seedream-3.0"]
EDIT = CONTRACT.models["bytedance/seededit-3.0-i2i"]
FIXTURES = Path(__file__).parent.parent / "fixtures" / "exchanges"
KEY = "9f86d081884c7d659a2fEaa0c55ad015"
B64_KEY = base64.b64encode(KEY.encode()).decode()
SIGNATURE = "c0ffee0123456789" * 4
CREDENTIAL = "AKLTYzk4ZTc2NTQzMjEwZmVkY2JhOTg3NjU0MzIxMGFiY2Q"
NAME = "021754408583000" + "ab" * 19 + ".jpeg"
CREATED = 1754408583
DATE = "Tue, 05 Aug 2025 15:43:03 GMT"
URL = (
    f"https://store.example/seedream-3-0-t2i/{NAME}?X-Tos-Algorithm=TOS4-HMAC-SHA256"
    f"&X-Tos-Credential={CREDENTIAL}%2F20250805%2Fap-southeast-1%2Ftos%2Frequest&X-Tos-Date=20250805T154303Z"
    f"&X-Tos-Expires=86400&X-Tos-Signature={SIGNATURE}&X-Tos-SignedHeaders=host"
)
BODY: dict[str, Any] = {"model": DREAM.id, "prompt": "a lighthouse", "size": "640x512"}
ANSWER: dict[str, Any] = {"created": CREATED, "data": [{"url": URL}], "meta": {"usage": {"credits_used": 63000}}}
HEADERS = {"content-type": "application/json", "date": DATE, "x-request-id": "V1StGXR8Z5jdHi6BmyT8k"}
JPEG = sample(Size(640, 512), "jpeg")
ERROR = {
    **{"title": "Bad Request", "status": 400, "message": "Invalid payload provided: size"},
    **{"instance": "/v1/images/generations", "timestamp": "2025-08-05T15:43:03.000Z"},
    "error": {"name": "BadRequestException", "message": "Invalid payload provided: size"},
}


def exchange(
    body: Any = ANSWER, status: int = 200, request: Any = BODY, headers: Mapping[str, str] = HEADERS, **changes: Any
) -> Exchange:
    sent = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    answer = body if isinstance(body, bytes) else json.dumps(body).encode()
    payload = request if isinstance(request, bytes) else json.dumps(request).encode()
    url = "https://api.example/v1/images/generations"
    made = Exchange("POST", url, sent, payload, status, headers, answer, 7.25, CREATED - 7.0)
    return replace(made, **changes)


def pictures(made: Exchange, data: bytes = JPEG) -> tuple[Picture, ...]:
    headers = {"content-type": "image/jpeg", "content-length": str(len(data))}
    return collect(DREAM, made, lambda url: Exchange("GET", url, {}, b"", 200, headers, data))


def recorded(folder: Path, made: Exchange, seen: tuple[Picture, ...] = (), keep: bool = False) -> Recorded:
    Recorder(folder, KEY, keep).record("case", "a test", made, seen)
    (found,) = load(folder)
    return found


def findings(found: Recorded) -> list[tuple[str, str, str]]:
    subject = found.judged_as(CONTRACT)
    assert not isinstance(subject, Unjudged), subject
    judgement = judge(subject) if isinstance(subject, Generation) else judge_refusal(subject)
    return [(one.check, one.promised, one.came) for one in judgement.findings]


def written(folder: Path) -> str:
    return "\n".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())


def hand_written(folder: Path, **fields: Any) -> Recorded:
    (folder / "hand.json").write_text(json.dumps(fields))
    (found,) = load(folder)
    return found


# Nothing secret is written

SECRETS = {
    "header-unexpected": exchange(headers={**HEADERS, "x-debug": KEY}),
    "header-expected": exchange(headers={**HEADERS, "x-request-id": KEY}),
    "cookie": exchange(headers={**HEADERS, "set-cookie": f"session={KEY}"}),
    "answer": exchange({**ANSWER, "echo": {"deep": [f"you sent {KEY}."]}}),
    "answer-name": exchange({**ANSWER, KEY: 1}),
    "answer-text": exchange(f"<p>{KEY}</p>".encode(), 502),
    "answer-too-deep": exchange(b"[" * 900 + json.dumps(KEY).encode() + b"]" * 900),
    "request": exchange(request={**BODY, "prompt": f"a {KEY}"}),
    "request-broken": exchange(request=f'{{"prompt": "{KEY}"'.encode()),
    "query": exchange(url=f"https://api.example/v1/images/generations?api_key={KEY}"),
    "link": exchange({**ANSWER, "data": [{"url": f"https://store.example/{KEY}.jpeg?k={KEY}"}]}),
    "link-user": exchange({**ANSWER, "data": [{"url": f"https://me:{KEY}@store.example/a.jpeg"}]}),
    "base64": exchange({**ANSWER, "trace": base64.b64encode(f"Bearer {KEY}".encode()).decode()}),
    "base64-shifted": exchange({**ANSWER, "trace": base64.b64encode(f"x{KEY}y".encode()).decode()}),
    "base64-of-quoted": exchange({**ANSWER, "id": base64.b64encode(quote(B64_KEY, safe="").encode()).decode()}),
    "hex": exchange({**ANSWER, "id": KEY.encode().hex()}),
    "backwards": exchange({**ANSWER, "id": KEY[::-1]}),
    "upper-case": exchange({**ANSWER, "id": KEY.upper()}),
    "quoted": exchange({**ANSWER, "id": "".join(f"%{byte:02X}" for byte in KEY.encode())}),
    "escaped": exchange(json.dumps(ANSWER).replace('"meta"', '"\\u0039' + KEY[1:] + '"').encode()),
}
FORMS = (KEY, KEY[::-1], KEY.encode().hex(), B64_KEY[:40], base64.b64encode(b"x" + KEY.encode()).decode()[2:40])


@pytest.mark.parametrize("made", SECRETS.values(), ids=SECRETS)
def test_the_key_is_written_in_no_form(made: Exchange, tmp_path: Path) -> None:
    Recorder(tmp_path, KEY, keep_pictures=True).record("case", "a test", made, pictures(made))

    text = written(tmp_path).lower()
    assert [form for form in FORMS if form.lower() in text] == []
    assert base64.b64encode(quote(B64_KEY, safe="").encode()).decode()[:40].lower() not in text
    assert "%39%66%38" not in text


@pytest.mark.parametrize("before", ["", "x", "xy"])
def test_the_key_is_found_in_base64_wherever_it_begins(before: str) -> None:
    encoded = base64.b64encode(f"{before}plain key{before}".encode()).decode()

    assert Redaction("plain key").text(encoded, is_id=True) != encoded


RAW = {
    "sk-": "sk-proj-abcDEF123456",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "credential": CREDENTIAL,
    "vendor": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
    "bearer": "Authorization: Bearer k3y-0f-another",
    "basic": "Basic dXNlcjpwYXNz",
    "password": "the server said password=hunter2!",
    "variable": "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI",
    "json": '{"client_secret": "hunter2"}',
    "user": "postgres://admin:hunter2@db/x",
    "hex": "d41d8cd98f00b204e9800998ecf8427e",
    "base64": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY1",
    "query": "/images?token=abc123",
    "nested": "https://a.example/?next=https%3A%2F%2Fb.example%2F%3Fsig%3Dabc123",
}


@pytest.mark.parametrize("secret", RAW.values(), ids=RAW)
def test_what_looks_like_a_secret_is_replaced(secret: str, tmp_path: Path) -> None:
    Recorder(tmp_path, KEY).record("case", "a test", exchange({**ANSWER, "seen": [secret]}))

    (path,) = tmp_path.glob("*.json")
    assert json.loads(path.read_text())["answer"]["seen"] != [secret]


@pytest.mark.parametrize("secret", RAW.values(), ids=RAW)
def test_a_survivor_refuses_the_write(secret: str, tmp_path: Path) -> None:
    with pytest.raises(SecretSurvived, match="/note: ") as refused:
        Recorder(tmp_path, KEY).record("case", "a test", exchange(), pictures(exchange()), note=secret)

    assert secret not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_holds_the_key_refuses_the_write(tmp_path: Path) -> None:
    with pytest.raises(SecretSurvived, match="/name: the key that was sent"):
        Recorder(tmp_path, KEY).record(KEY, "a test", exchange())


def test_a_picture_that_holds_the_key_refuses_the_write(tmp_path: Path) -> None:
    with pytest.raises(SecretSurvived, match=r"pictures/\w+.jpeg: the key that was sent"):
        Recorder(tmp_path, KEY, keep_pictures=True).record(
            "case", "a test", exchange(), pictures(exchange(), JPEG + KEY.encode())
        )


def test_secrets_left_in_a_finished_file_are_named_by_pointer_and_shape() -> None:
    raw = base64.b64encode(f"x={KEY}".encode()).decode()
    document = {"raw": raw, "a": [{"api_key": "x", "pin_token": 7, "sk-abcdefgh12": None}], "id": SIGNATURE}

    assert survivors(json.dumps(document), KEY) == [
        "/raw: the key that was sent",
        "/raw: a random text",
        "/a/0/api_key: a value whose name says that it is secret",
        "/a/0/pin_token: a value whose name says that it is secret",
        "/a/0/sk-SyntheticS: a name that looks like a secret",
    ]


def test_numbers_under_a_secret_name_are_replaced_and_counts_are_not() -> None:
    usage = {"password": 1234, "clientSecret": [1], "tokens_used": 5, "access-control-allow-credentials": "true"}

    assert Redaction(KEY).json(usage) == {**usage, "password": 0, "clientSecret": [0]}


def test_a_signed_link_keeps_its_form_and_its_scope(tmp_path: Path) -> None:
    found = recorded(tmp_path, exchange())

    assert SIGNATURE not in written(tmp_path)
    assert CREDENTIAL not in written(tmp_path)
    assert b"AKLTU3ludGhldGljQ3JlZGVudGlhbE9mVGhlU2FtZUZvcm0%2F20250805%2Fap-southeast-1%2Ftos%2F" in (
        found.body or b""
    )
    assert b"X-Tos-Signature=" + b"5e" * 32 in (found.body or b"")


def test_headers_are_dropped_but_for_those_known(tmp_path: Path) -> None:
    many = {**HEADERS, "x-aimlapi-credits-used": "63000", "server": "nginx", "x-internal": "10.0.0.1"}

    found = recorded(tmp_path, exchange(headers=many))

    assert dict(found.headers) == {**HEADERS, "x-aimlapi-credits-used": "63000"}
    assert dict(found.request_headers) == {"content-type": "application/json"}


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_the_fixtures_hold_nothing_to_redact(path: Path) -> None:
    text = path.read_text("utf-8")

    assert Redaction(KEY).json(json.loads(text)) == json.loads(text)
    assert survivors(text, KEY) == []


HARMLESS = [
    "a lighthouse, bearer of light; the key: golden",
    "This request requires a valid API key. You can create a new API key on the Billing page: https://aimlapi.com/app/keys",
    "https://cdn.example/generations/hedgehog/1776124800000-00000000-0000-4000-8000-000000000000.png",
    "https://cdn.example/files/9f86d081884c7d659a2feaa0c55ad016b3bf4f1b2b0b822c.png?width=640",
    "Request id: 02175161671039622600af416b2ca58c9c8a1e1bf93fac0335693",
    "doubao-seedream-3-0-t2i-250415 in /v1/images/generations?",
    "Invalid enum value. Expected '360p' | '540p', received '768P'",
    "灯台" * 40,
    "a_broken_request_is_refused[seedream-v4-edit-image_urls-maxItems]",
    "every_pair_of_boundary_values_is_accepted[kontext-max/image-to-image-safety_tolerance-minimum-01]",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_is_kept_as_it_is(text: str) -> None:
    assert Redaction(KEY).text(text) == text


def test_what_is_quoted_too_often_is_replaced_as_a_whole() -> None:
    nested = "x"
    for _ in range(200):
        nested = f"?next={quote(nested, safe='')}"[:2000]

    assert Redaction(KEY).text(nested).count("Synthetic") > 10


@pytest.mark.parametrize("text", ["a" * 200_000, "?a=" * 50_000, "a-" * 100_000, "%25" * 30_000, "eyJ" * 50_000])
def test_a_long_text_is_read_in_time(text: str) -> None:
    started = time.perf_counter()

    Redaction(KEY).text(text)

    assert time.perf_counter() - started < 20


PIECES = st.sampled_from(
    [
        *RAW.values(),
        *HARMLESS[:5],
        KEY,
        B64_KEY,
        URL,
        quote(URL, safe=""),
        "?",
        "&",
        "=",
        "%25",
        " ",
        ";x=",
        "://",
        "@",
        "\\",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=6).map("".join)


@given(st.recursive(TEXTS | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=4))
def test_what_was_redacted_has_no_survivors_and_stays(value: Any) -> None:
    redaction = Redaction(KEY)
    once = redaction.json({"value": value})

    assert redaction.json(once) == once
    assert list(redaction.survivors(once)) == []


# Files


def test_a_crash_before_the_recording_is_whole_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(recording, "_write_new", crash)
        with pytest.raises(KeyboardInterrupt):
            Recorder(tmp_path, KEY, keep_pictures=True).record("case", "a test", exchange(), pictures(exchange()))

    (whole, _) = sorted((tmp_path / "pictures").iterdir(), key=lambda path: len(path.name))
    assert whole.read_bytes() == JPEG
    assert load(tmp_path) == []
    assert findings(recorded(tmp_path, exchange(), pictures(exchange()), keep=True)) == []


def test_a_crash_within_a_file_leaves_none_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            Recorder(tmp_path, KEY).record("case", "a test", exchange())

    assert load(tmp_path) == []
    assert Recorder(tmp_path, KEY).record("case", "a test", exchange()).name == "case-2.json"


def test_a_recording_never_replaces_another(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, KEY)
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda _: recorder.record("one case", "a test", exchange()), range(24)))

    assert {path.name for path in paths} == {"one-case.json", *(f"one-case-{number}.json" for number in range(2, 25))}
    assert len(load(tmp_path)) == 24


@pytest.mark.parametrize(
    ("name", "file"),
    [("a/b: ../c?", "a-b-..-c.json"), ("../../x", "x.json"), (".hidden", "hidden.json"), ("灯台", "exchange.json")],
)
def test_a_file_is_called_as_its_case_made_safe(name: str, file: str, tmp_path: Path) -> None:
    assert Recorder(tmp_path, KEY).record(name, "a test", exchange()) == tmp_path / file


def test_a_thumbnail_is_small_and_without_the_texts_of_its_picture() -> None:
    large = io.BytesIO()
    Image.open(io.BytesIO(JPEG)).save(large, "JPEG", comment=b"a secret of the file")

    small = thumbnail(large.getvalue())

    assert small is not None
    assert b"secret" not in small
    assert Image.open(io.BytesIO(small)).size == (256, 205)


@pytest.mark.parametrize("data", [b"", b"no picture", truncated(Size(64, 64)), b"II*\0"])
def test_what_cannot_be_decoded_has_no_thumbnail(data: bytes) -> None:
    assert thumbnail(data) is None


def test_without_keeping_pictures_a_thumbnail_and_what_was_measured_are_kept(tmp_path: Path) -> None:
    recorded(tmp_path, exchange(), pictures(exchange()))

    (path,) = (tmp_path / "pictures").iterdir()
    (entry,) = json.loads((tmp_path / "case.json").read_text())["pictures"]
    assert path.name == f"{entry['sha256']}.thumb.jpeg"
    assert (entry["facts"]["size"], entry["bytes"], "file" in entry) == ("640x512", len(JPEG), False)


def test_what_is_no_picture_is_not_kept(tmp_path: Path) -> None:
    found = recorded(tmp_path, exchange(), pictures(exchange(), b"<html>secret page</html>"), keep=True)

    assert not (tmp_path / "pictures").exists()
    assert [check for check, _, _ in findings(found)] == ["picture"]


INPUTS = {
    "data-uri": "data:image/jpeg;base64," + base64.b64encode(JPEG).decode(),
    "base64": base64.b64encode(JPEG).decode(),
    "lines": "data:image/PNG;base64," + base64.encodebytes(sample(Size(64, 64))).decode(),
    "truncated": base64.b64encode(JPEG).decode()[:1001],
    "in-a-list": [base64.b64encode(sample(Size(64, 64), "webp")).decode()],
}


@pytest.mark.parametrize("image", INPUTS.values(), ids=INPUTS)
def test_a_picture_in_a_request_comes_back_as_it_was(image: Any, tmp_path: Path) -> None:
    body = {"model": EDIT.id, "prompt": "Add a crown.", "image": image}

    found = recorded(tmp_path, exchange(request=body))

    assert len((tmp_path / "case.json").read_text()) < 3000
    assert json.loads(found.payload or b"") == body


def test_a_reference_is_made_for_pictures_alone() -> None:
    value = {"b64_json": "UGl4ZWxwYWN0", "prompt": "Qk1haw==", "seed": 5}

    assert lifted(value) == (value, {})


def test_a_request_that_is_no_json_comes_back_as_it_was(tmp_path: Path) -> None:
    assert recorded(tmp_path, exchange(ERROR, 400, b'{"model": "\xff"}')).payload == b'{"model": "\xff"}'


# Judged offline


def test_a_good_generation_yields_nothing_offline(tmp_path: Path) -> None:
    found = recorded(tmp_path, exchange(), pictures(exchange()), keep=True)
    subject = found.judged_as(CONTRACT)

    assert findings(found) == []
    assert isinstance(subject, Generation)
    assert (subject.pictures[0].data, subject.exchange.moment, subject.exchange.seconds) == (JPEG, CREATED - 7.0, 7.25)


def test_a_good_picture_in_the_answer_yields_nothing_offline(tmp_path: Path) -> None:
    body = {**BODY, "response_format": "b64_json"}
    inline = {**ANSWER, "data": [{"b64_json": base64.b64encode(JPEG).decode()}]}

    found = recorded(tmp_path, exchange(inline, request=body))

    assert findings(found) == []
    assert found.generation(CONTRACT).pictures[0].data == JPEG


FAULTS = {
    "size": pictures(exchange(), sample(Size(640, 640), "jpeg")),
    "picture": pictures(exchange(), truncated(Size(640, 512), "jpeg")),
    "container": pictures(exchange(), sample(Size(640, 512), "webp")),
}


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "measured"])
@pytest.mark.parametrize("check", FAULTS)
def test_a_fault_of_a_picture_is_found_offline_as_it_was_online(check: str, keep: bool, tmp_path: Path) -> None:
    online = judge(Generation(DREAM, BODY, exchange(), FAULTS[check])).findings

    offline = findings(recorded(tmp_path, exchange(), FAULTS[check], keep))

    assert check in [found for found, _, _ in offline]
    assert offline == [(one.check, one.promised, one.came) for one in online]


def test_a_fault_of_the_answer_is_found_offline(tmp_path: Path) -> None:
    found = recorded(tmp_path, exchange({**ANSWER, "created": CREATED * 1000}), pictures(exchange()))

    assert "url" in [check for check, _, _ in findings(found)]


def test_a_link_that_did_not_work_is_found_offline(tmp_path: Path) -> None:
    gone = collect(DREAM, exchange(), lambda url: Exchange("GET", url, {}, b"", 403, {}, b"<Error/>"))

    (found,) = findings(recorded(tmp_path, exchange(), gone))

    assert (found[0], found[2][:3]) == ("download", "403")


def test_a_refusal_of_a_broken_request_is_judged_by_its_body_alone(tmp_path: Path) -> None:
    good, bad = (
        exchange(ERROR, 400, {**BODY, "size": "1x1"}),
        exchange({**ERROR, "status": 500}, 400, {**BODY, "seed": "x"}),
    )
    Recorder(tmp_path, KEY).record("a", "a test", good)
    Recorder(tmp_path, KEY).record("b", "a test", bad)

    assert [[check for check, _, _ in findings(one)] for one in load(tmp_path)] == [[], ["error-agreement"]]


def test_a_valid_request_that_was_refused_is_a_finding(tmp_path: Path) -> None:
    (found,) = findings(recorded(tmp_path, exchange(ERROR, 400)))

    assert found[:2] == ("status", "status 200 for a valid request")


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429, 500, 503])
def test_a_refusal_for_another_reason_is_no_finding_of_its_status(status: int, tmp_path: Path) -> None:
    told = {**ERROR, "title": HTTPStatus(status).phrase, "status": status}

    assert findings(recorded(tmp_path, exchange(told, status))) == []


ACCEPTED = {
    "broken": ({**BODY, "size": "1x1"}, "a refusal with 400 or 404 or 422"),
    "no-model": ({"prompt": "x"}, "a refusal with 400 or 404 or 422"),
    "malformed": (b'{"model": ', "a refusal with 400 or 413 or 415 or 422"),
}


@pytest.mark.parametrize(("request_body", "promised"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_broken_request_that_was_accepted_is_a_finding(request_body: Any, promised: str, tmp_path: Path) -> None:
    found = findings(recorded(tmp_path, exchange(request=request_body)))

    assert ("refusal", promised) in [one[:2] for one in found]


REFUSED_INPUTS = {
    "behind-a-link": "https://pictures.example/a.png",
    "no-picture": "data:image/png;base64," + base64.b64encode(b"This is no picture, but a sentence.").decode(),
    "truncated": base64.b64encode(truncated(Size(64, 64))).decode(),
}


@pytest.mark.parametrize("image", REFUSED_INPUTS.values(), ids=REFUSED_INPUTS)
def test_a_refused_picture_is_no_finding_if_it_may_have_been_bad(image: str, tmp_path: Path) -> None:
    body = {"model": EDIT.id, "prompt": "Add a crown.", "image": image}

    assert isinstance(recorded(tmp_path, exchange(ERROR, 400, body)).judged_as(CONTRACT), Refusal)


def test_a_refused_picture_that_was_good_is_a_finding(tmp_path: Path) -> None:
    body = {"model": EDIT.id, "prompt": "Add a crown.", "image": INPUTS["data-uri"]}

    assert [check for check, _, _ in findings(recorded(tmp_path, exchange(ERROR, 400, body)))] == ["status"]


UNJUDGED = {
    "no-answer": ({"request": BODY}, "no answer was recorded"),
    "no-request": ({"answer": ANSWER}, "neither a request nor a model was recorded"),
    "other-model": ({"answer": ANSWER, "request": {"model": "acme/x"}}, "no schema of the model 'acme/x'"),
    "elsewhere": ({"answer": {}, "method": "GET", "path": "/v1/models", "raw": ""}, "GET /v1/models makes no pictures"),
}


@pytest.mark.parametrize(("fields", "why"), UNJUDGED.values(), ids=UNJUDGED)
def test_what_cannot_be_judged_says_why(fields: dict[str, Any], why: str, tmp_path: Path) -> None:
    assert hand_written(tmp_path, **fields).judged_as(CONTRACT) == Unjudged(why)


HAND_WRITTEN = {
    "least": {"answer": ANSWER, "model": DREAM.id},
    "inline": {"answer": {**ANSWER, "data": [{"b64_json": base64.b64encode(JPEG).decode()}]}, "model": DREAM.id},
    "facts": {
        "answer": ANSWER,
        "request": BODY,
        "pictures": [{"pointer": "/data/0/url", "facts": {"container": "jpeg", "size": "640x512"}}],
    },
    "error": {"answer": ERROR, "status": 400},
}


@pytest.mark.parametrize("fields", HAND_WRITTEN.values(), ids=HAND_WRITTEN)
def test_what_a_file_does_not_say_is_no_finding(fields: dict[str, Any], tmp_path: Path) -> None:
    assert findings(hand_written(tmp_path, **fields)) == []


def test_a_file_beside_a_recording_is_its_picture(tmp_path: Path) -> None:
    (tmp_path / "mine.jpg").write_bytes(sample(Size(640, 640), "jpeg"))
    seen = [{"pointer": "/data/0/url", "file": "mine.jpg"}]

    (found,) = findings(hand_written(tmp_path, answer=ANSWER, request=BODY, pictures=seen))

    assert (found[0], found[2]) == ("size", "640x640")


def test_the_fixtures_are_recordings_that_hold() -> None:
    judged = [one for one in load(FIXTURES) if not isinstance(one.judged_as(CONTRACT), Unjudged)]

    assert [one.name for one in judged if findings(one)] == []
    assert len(judged) >= 8


# Bad files

PICTURE = {"pointer": "/data/0/url"}
BAD = {
    "no-json": ("{", "", "expected a file of JSON"),
    "no-object": ("[]", "", "expected an object"),
    "misspelt": ({"anwser": {}}, "/anwser", "no such field, did you mean answer?"),
    "type": ({"status": "200"}, "/status", "expected a whole number"),
    "boolean": ({"status": True}, "/status", "expected a whole number"),
    "header": ({"headers": {"date": 5}}, "/headers/date", "expected a string"),
    "time": ({"recorded": "yesterday"}, "/recorded", "expected a time in ISO 8601"),
    "both": ({"request": {}, "raw": ""}, "/raw", "expected either request or raw"),
    "raw": ({"raw": "?"}, "/raw", "expected base64"),
    "no-pointer": ({"pictures": [{}]}, "/pictures/0/pointer", "a value is required"),
    "picture-field": ({"pictures": [{**PICTURE, "fact": 1}]}, "/pictures/0/fact", "no such field, did you mean facts?"),
    "no-file": (
        {"pictures": [{**PICTURE, "file": "x.png"}]},
        "/pictures/0/file",
        "No such file or directory of 'x.png'",
    ),
    "outside": ({"pictures": [{**PICTURE, "file": "../x.png"}]}, "/pictures/0/file", "expected a file beside bad.json"),
    "absolute": ({"pictures": [{**PICTURE, "file": "/etc/passwd"}]}, "/pictures/0/file", "expected a file beside"),
    "hash": ({"pictures": [{**PICTURE, "file": "bad.json", "sha256": "0"}]}, "/pictures/0/sha256", "that of bad.json"),
    "facts": (
        {"pictures": [{**PICTURE, "facts": {"container": "png", "size": "9"}}]},
        "/pictures/0/facts",
        "as `640x512`",
    ),
    "number": (
        {"pictures": [{**PICTURE, "facts": {"container": "png", "spread": "9"}}]},
        "/pictures/0/facts",
        "as numbers",
    ),
    "reference": ({"answer": [f"$picture:pictures/{'0' * 64}.png"]}, "/answer/0", "expected a file: No such file"),
}


@pytest.mark.parametrize(("content", "pointer", "rule"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_by_its_place_and_rule(content: Any, pointer: str, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))

    with pytest.raises(BadRecording) as refused:
        load(tmp_path)

    assert (refused.value.file, refused.value.pointer, rule in refused.value.rule) == (str(path), pointer, True)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match="expected a folder"):
        load(tmp_path / "nowhere")
