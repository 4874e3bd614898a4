"""Artefacts as the object store serves them, and the rest of the routes: models, health, journal, CORS."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from pixelpact.contract.contract import load
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Recipe, Size
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings
from werkzeug.test import TestResponse

PATH = "/v1/images/generations"
JOURNAL = "/_pixelpact/journal"
DREAM = "bytedance/seedream-3.0"
EDIT = "bytedance/seededit-3.0-i2i"
BODY = {"model": DREAM, "prompt": "a lighthouse", "size": "512x512", "seed": 1}
UPLOAD = base64.b64encode(sample(Size(64, 48))).decode()
NEXT = str.maketrans("0123456789abcdef", "123456789abcdef0")
NAMED = "/seedream-3-0-t2i/02" + "0" * 51 + ".jpeg"


@cache
def app() -> Flask:
    return create_app()


def client() -> FlaskClient:
    return app().test_client()


def generated(key: str = "test-key", to: FlaskClient | None = None, **fields: Any) -> TestResponse:
    return (to or client()).post(PATH, json={**BODY, **fields}, headers={"Authorization": f"Bearer {key}"})


def artefact(**fields: Any) -> str:
    url: str = generated(**fields).get_json()["data"][0]["url"]
    return url


def published(age: timedelta) -> str:
    """The URL of a picture that was asked for that long ago."""
    artefacts = app().extensions["pixelpact"].artefacts
    recipe = Recipe(DREAM, "old", 1, Size(512, 512))
    url: str = artefacts.publish(artefacts.model(recipe), recipe, "http://localhost", datetime.now(UTC) - age, "")
    return url


def error(answer: TestResponse) -> dict[str, str | None]:
    """The fields of the object store's XML."""
    assert answer.content_type == "application/xml"
    root = ElementTree.fromstring(answer.data)
    assert root.tag == "Error"
    return {child.tag: child.text for child in root}


# A good URL


def test_a_picture_is_served_to_anybody() -> None:
    answer = client().get(artefact())

    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.data.startswith(b"\xff\xd8\xff")
    assert answer.headers["Content-Length"] == str(len(answer.data))


@pytest.mark.parametrize("authorization", ["Bearer test-key", "Bearer invalid", "Basic eDp5", "nonsense"])
def test_a_stray_key_changes_nothing(authorization: str) -> None:
    url = artefact()

    answer = client().get(url, headers={"Authorization": authorization})

    assert (answer.status_code, answer.data) == (200, client().get(url).data)


def test_head_tells_the_length_without_the_picture() -> None:
    url = artefact()

    answer = client().head(url)

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(client().get(url).data))
    assert answer.headers["ETag"] == client().get(url).headers["ETag"]


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=5-99999999", slice(5, None)),
    ],
)
def test_a_range_is_answered_with_that_part(asked: str, part: slice) -> None:
    url = artefact()
    whole = client().get(url).data

    answer = client().get(url, headers={"Range": asked})

    first = part.indices(len(whole))[0]
    assert (answer.status_code, answer.data) == (206, whole[part])
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.data) - 1}/{len(whole)}"


def test_a_range_beyond_the_end_is_416_with_the_length() -> None:
    url = artefact()

    answer = client().get(url, headers={"Range": "bytes=99999999-"})

    assert answer.status_code == 416
    assert error(answer)["Code"] == "InvalidRange"
    assert answer.headers["Content-Range"] == f"bytes */{len(client().get(url).data)}"


@pytest.mark.parametrize("asked", ["nonsense", "items=0-1", "bytes=0-1,5-6", "bytes=9-1"])
def test_what_is_no_single_range_is_answered_whole(asked: str) -> None:
    url = artefact()

    answer = client().get(url, headers={"Range": asked})

    assert (answer.status_code, answer.data) == (200, client().get(url).data)


def test_the_etag_is_of_the_picture_and_not_of_its_url() -> None:
    one, other = client().get(artefact()), client().get(artefact())

    assert one.headers["ETag"] == other.headers["ETag"]
    assert one.headers["ETag"] != client().get(artefact(seed=2)).headers["ETag"]


def test_a_picture_that_is_known_is_not_sent_again() -> None:
    url = artefact()

    answer = client().get(url, headers={"If-None-Match": client().get(url).headers["ETag"]})

    assert (answer.status_code, answer.data) == (304, b"")


def test_a_picture_that_is_another_is_sent() -> None:
    answer = client().get(artefact(), headers={"If-None-Match": '"another"'})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "spelling",
    [
        lambda url: url.replace("%2F", "/"),
        lambda url: url.replace("%2F", "%2f"),
        lambda url: str(requests.Request("GET", url).prepare().url),
        lambda url: f"{url.partition('?')[0]}?{urlencode(sorted(parse_qsl(urlsplit(url).query)), quote_via=quote)}",
    ],
    ids=["yarl", "lower-case", "requests", "sorted"],
)
def test_a_url_that_is_only_spelt_otherwise_works(spelling: Any) -> None:
    url = artefact(watermark=True)

    assert client().get(spelling(url)).status_code == 200


def test_a_picture_is_served_by_any_replica_with_the_secret() -> None:
    url = artefact()

    assert create_app().test_client().get(url).data == client().get(url).data


# The documented one: assets/watermark.png at 5 % of the picture.
OVERLAY = "image/watermark,image_YXNzZXRzL3dhdGVybWFyay5wbmc_eC10b3MtcHJvY2Vzcz1pbWFnZS9yZXNpemUsUF81"


@pytest.mark.parametrize(
    ("fields", "process"), [({"watermark": True}, OVERLAY), ({"watermark": False}, None), ({}, None)]
)
def test_only_a_watermark_is_named_as_processing(fields: dict[str, bool], process: str | None) -> None:
    query = dict(parse_qsl(urlsplit(artefact(**fields)).query))

    assert query.get("x-tos-process") == process


def test_a_watermark_shows() -> None:
    assert client().get(artefact(watermark=True)).data != client().get(artefact(watermark=False)).data


def test_an_answer_of_the_store_has_its_own_request_id() -> None:
    answer = client().get(NAMED)

    assert answer.headers["x-tos-request-id"] == error(answer)["RequestId"]


# A URL that is no longer good


def test_a_url_works_to_the_end_of_its_day() -> None:
    assert client().get(published(timedelta(hours=23, minutes=59))).status_code == 200


def test_a_url_of_yesterday_has_expired() -> None:
    answer = client().get(published(timedelta(hours=24, seconds=1)))

    assert answer.status_code == 403
    assert (error(answer)["Code"], error(answer)["Message"]) == ("AccessDenied", "Request has expired")


PARAMETERS = {
    "X-Tos-Algorithm": "TOS4-HMAC-SHA1",
    "X-Tos-Credential": "AKLTsomebody/20250704/ap-southeast-1/tos/request",
    "X-Tos-Date": "20250704T081151Z",
    "X-Tos-Expires": "604800",
    "X-Tos-Signature": "0" * 64,
    "X-Tos-SignedHeaders": "host;date",
    "x-tos-process": "image/resize,P_5",
    "x-pixelpact-recipe": "eJyrVspMUbJSSq1IzC3ISVWqBQAmJAVM",
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_url_with_a_parameter_changed_does_not_match_its_signature(name: str) -> None:
    base, _, query = artefact(watermark=True).partition("?")

    answer = client().get(f"{base}?{urlencode({**dict(parse_qsl(query)), name: PARAMETERS[name]})}")

    assert answer.status_code == 403
    assert error(answer)["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_url_with_a_parameter_missing_does_not_match_its_signature(name: str) -> None:
    url = artefact(watermark=True)

    answer = client().get(re.sub(rf"(?<=[?&]){name}=[^&]+&?", "", url))

    assert answer.status_code == 403
    assert error(answer)["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_url_with_a_parameter_twice_does_not_match_its_signature(name: str) -> None:
    url = artefact(watermark=True)

    answer = client().get(f"{url}&{re.findall(rf'{name}=[^&]+', url)[0]}")

    assert answer.status_code == 403
    assert error(answer)["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("seedream-3-0-t2i", "seededit-3-0-i2i", "SignatureDoesNotMatch"),
        ("&X-Tos-Date", "&a=b&X-Tos-Date", "SignatureDoesNotMatch"),
        ("/02", "/03", "NoSuchKey"),
        (".jpeg", ".png", "SignatureDoesNotMatch"),
        (".jpeg", ".gif", "NoSuchKey"),
    ],
)
def test_a_url_changed_elsewhere_is_refused(old: str, new: str, code: str) -> None:
    answer = client().get(artefact().replace(old, new))

    assert error(answer)["Code"] == code


def test_a_name_with_one_digit_changed_does_not_match_its_signature() -> None:
    answer = client().get(re.sub(r".(?=\.jpeg)", lambda digit: digit[0].translate(NEXT), artefact()))

    assert answer.status_code == 403
    assert error(answer)["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize("host", ["cdn.example.org", "localhost:81", "localhost.example.org"])
def test_a_url_is_good_on_its_own_host_only(host: str) -> None:
    parts = urlsplit(artefact())

    answer = client().get(f"{parts.path}?{parts.query}", headers={"Host": host})

    assert answer.status_code == 403
    assert error(answer)["Code"] == "SignatureDoesNotMatch"


def test_a_url_of_another_secret_does_not_match_its_signature() -> None:
    other = create_app(Settings(secret="other")).test_client()

    answer = other.get(artefact())

    assert answer.status_code == 403


@pytest.mark.parametrize("headers", [{"Range": "bytes=0-9"}, {"Range": "bytes=9999-"}, {"If-None-Match": "*"}])
def test_a_refusal_is_whole_whatever_part_was_asked_for(headers: dict[str, str]) -> None:
    answer = client().get(artefact().replace("X-Tos-Expires=86400", "X-Tos-Expires=86401"), headers=headers)

    assert answer.status_code == 403
    assert error(answer)["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize("path", ["/seedream-3-0-t2i/cat.jpeg", "/seededit-3-0-i2i/02.jpeg", f"{NAMED}.png"])
def test_a_name_that_never_was_is_no_key(path: str) -> None:
    answer = client().get(path)

    assert answer.status_code == 404
    assert error(answer)["Code"] == "NoSuchKey"
    assert error(answer)["Resource"] == path


def test_a_name_without_a_signature_is_refused() -> None:
    assert client().get(NAMED).status_code == 403


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/seedream-3-0-t2i/%3Ca%3E&amp;%22b%22]]%3E", '/seedream-3-0-t2i/<a>&amp;"b"]]>'),
        ("/seedream-3-0-t2i/%E7%8C%AB.jpeg", "/seedream-3-0-t2i/\u732b.jpeg"),
        ("/seedream-3-0-t2i/a%00b%0Bc%1F", "/seedream-3-0-t2i/a\ufffdb\ufffdc\ufffd"),
        ("/seedream-3-0-t2i/%EF%BF%BF", "/seedream-3-0-t2i/\ufffd"),
    ],
    ids=["markup", "scripts", "controls", "no-character"],
)
def test_the_xml_is_xml_whatever_the_path(path: str, shown: str) -> None:
    assert error(client().get(path))["Resource"] == shown


@pytest.mark.parametrize(
    "path",
    [
        "/seedream-3-0-t2i/..%2f..%2f..%2fetc%2fpasswd",
        "/seedream-3-0-t2i/../../../etc/passwd",
        "/seedream-3-0-t2i/%2e%2e/%2e%2e/etc/passwd",
        "/seedream-3-0-t2i/....//....//etc/passwd",
        "/seedream-3-0-t2i/..%5c..%5cetc%5cpasswd",
        "/seedream-3-0-t2i/%00",
        "/etc/passwd",
    ],
)
def test_no_path_leads_to_a_file(path: str) -> None:
    answer = client().get(path)

    assert answer.status_code == 404
    assert b"root:" not in answer.data


def test_an_upload_is_not_to_be_had_by_its_hash() -> None:
    mock = create_app().extensions["pixelpact"]
    name = mock.endpoint.generator.inputs.uploads.put(b"of another tenant")

    answer = client().get(f"/seededit-3-0-i2i/{name}")

    assert answer.status_code == 404


def test_an_edit_whose_upload_is_forgotten_is_no_key() -> None:
    url = generated(model=EDIT, size="adaptive", image=UPLOAD).get_json()["data"][0]["url"]

    answer = create_app().test_client().get(url)

    assert answer.status_code == 404
    assert error(answer)["Code"] == "NoSuchKey"


# CORS

ORIGIN = {"Origin": "https://app.example.org"}
BEARER = {"Authorization": "Bearer test-key"}
ANSWERS: dict[str, tuple[int, Callable[[FlaskClient], Any]]] = {
    "success": (200, lambda to: to.post(PATH, json=BODY, headers={**ORIGIN, **BEARER})),
    "broken": (400, lambda to: to.post(PATH, json={}, headers={**ORIGIN, **BEARER})),
    "no-key": (401, lambda to: to.post(PATH, json=BODY, headers=ORIGIN)),
    "no-path": (404, lambda to: to.post("/v1/nothing", json=BODY, headers=ORIGIN)),
    "too-large": (413, lambda to: to.post(PATH, data=b"x" * 5000, headers={**ORIGIN, **BEARER})),
    "failed": (500, lambda to: to.post(PATH, json=BODY, headers={**ORIGIN, **BEARER, "Prefer": "code=500"})),
    "artefact": (200, lambda to: to.get(generated(to=to).get_json()["data"][0]["url"], headers=ORIGIN)),
    "no-artefact": (403, lambda to: to.get(NAMED, headers=ORIGIN)),
    "models": (200, lambda to: to.get("/v1/models", headers=ORIGIN)),
}


@pytest.mark.parametrize(("status", "answered"), [pytest.param(*pair, id=name) for name, pair in ANSWERS.items()])
def test_a_page_of_any_origin_may_read_every_answer(status: int, answered: Callable[[FlaskClient], Any]) -> None:
    answer = answered(create_app(Settings(body_limit=1000)).test_client())

    exposed = re.split(r",\s*", answer.headers["Access-Control-Expose-Headers"].lower())
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", ORIGIN["Origin"])
    assert {"x-request-id", "retry-after", "x-aimlapi-credits-used", "x-client-request-id"} <= set(exposed)


@pytest.mark.parametrize("path", [PATH, "/images/generations", f"{PATH}/"])
def test_a_browser_may_post_json_with_a_key(path: str) -> None:
    asked = {
        **ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    answer = client().options(path, headers=asked)

    allowed = re.split(r",\s*", answer.headers["Access-Control-Allow-Headers"].lower())
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", ORIGIN["Origin"])
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert {"authorization", "content-type"} <= set(allowed)


# Models and health


@pytest.mark.parametrize("path", ["/v1/models", "/models", "/v1/models/"])
def test_the_models_are_listed_to_anybody_in_the_form_that_clients_filter(path: str) -> None:
    answer = client().get(path)

    shown = [(model["id"], model["type"], model["info"]["name"]) for model in answer.get_json()["data"]]
    assert answer.status_code == 200
    assert answer.get_json()["object"] == "list"
    assert shown[:2] == [(EDIT, "image", "SeedEdit 3.0"), (DREAM, "image", "Seedream 3.0")]
    assert len({id for id, _, _ in shown}) == len(shown)
    assert answer.headers["x-request-id"]


def test_the_models_are_those_of_the_profile() -> None:
    answer = create_app(Settings(profile="2025-07")).test_client().get("/v1/models")

    assert [model["id"] for model in answer.get_json()["data"]] == [DREAM]


def test_prices_are_listed_when_asked_for() -> None:
    plain, priced = client().get("/v1/models"), client().get("/v1/models?include=pricing")

    assert {model.get("pricing") for model in plain.get_json()["data"]} == {None}
    assert [model["pricing"] for model in priced.get_json()["data"][:2]] == [{"credits": 63000}] * 2
    assert plain.headers["ETag"] != priced.headers["ETag"]


def test_a_list_of_models_that_is_known_is_not_sent_again() -> None:
    tag = client().get("/v1/models").headers["ETag"]

    answer = client().get("/v1/models", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data) == (304, b"")


def test_health_names_profile_and_models() -> None:
    answer = client().get("/health")

    known = [entry.id for entry in load().entries]
    assert answer.get_json() == {"status": "ok", "profile": "observed", "models": list(dict.fromkeys(known))}
    assert known[:2] == [EDIT, DREAM]


# The journal


def journal(key: str, **how: Any) -> TestResponse:
    return client().get(JOURNAL, headers={"Authorization": f"Bearer {key}"}, **how)


def test_a_tenant_reads_its_own_journal_only() -> None:
    mine, theirs = generated("alice"), generated("bob")

    entries = journal("alice").get_json()

    assert [entry["request_id"] for entry in entries] == [mine.headers["x-request-id"]]
    assert theirs.headers["x-request-id"] not in journal("alice").text


def test_a_tenant_that_never_called_has_an_empty_journal() -> None:
    assert journal("newcomer").get_json() == []


def test_the_journal_is_in_the_order_of_the_calls_with_what_failed() -> None:
    sent = [generated("carol", seed=seed).headers["x-request-id"] for seed in (1, "x", 2)]

    entries = journal("carol").get_json()

    assert [entry["request_id"] for entry in entries] == sent
    assert [entry["status"] for entry in entries] == [200, 400, 200]
    facts = {name: entries[1]["facts"][name] for name in ("model", "kind", "error")}
    assert facts == {"model": DREAM, "kind": "invalid_request", "error": 'seed: expected integer (type), received "x"'}


def test_the_journal_keeps_the_last_thousand_calls() -> None:
    own = create_app()
    calls = [own.test_client().post(PATH, data=b"", headers=BEARER).headers["x-request-id"] for _ in range(1003)]

    entries = own.test_client().get(JOURNAL, headers=BEARER).get_json()

    assert [entry["request_id"] for entry in entries] == calls[3:]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1"])
def test_the_journal_is_read_from_this_machine(address: str) -> None:
    assert journal("dave", environ_overrides={"REMOTE_ADDR": address}).status_code == 200


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "::2", "fe80::1%eth0", "", "unix:"])
def test_the_journal_is_read_from_nowhere_else(address: str) -> None:
    answer = journal("dave", environ_overrides={"REMOTE_ADDR": address})

    assert answer.status_code == 404
    assert answer.get_json()["message"] == f"Cannot GET {JOURNAL}"


def test_no_header_makes_a_stranger_local() -> None:
    headers = {"Authorization": "Bearer dave", "X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}

    answer = client().get(JOURNAL, headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})

    assert answer.status_code == 404


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer invalid", "Basic eDp5"])
def test_the_journal_wants_a_key(authorization: str) -> None:
    assert client().get(JOURNAL, headers={"Authorization": authorization}).status_code == 401


def test_the_journal_has_neither_key_nor_signature_nor_picture() -> None:
    url = generated("sk-of-erin").get_json()["data"][0]["url"]
    edited = generated("sk-of-erin", model=EDIT, size="adaptive", image=url)

    text = journal("sk-of-erin").text

    assert edited.status_code == 200
    assert "sk-of-erin" not in text
    assert re.findall(r"X-Tos-Signature=(\w+)", url)[0] not in unquote(text)
    assert "X-Tos" not in text
