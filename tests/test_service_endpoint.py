"""The endpoint through Flask's own client: what a good request gets, under every profile."""

from __future__ import annotations

import base64
import io
import json
import logging
import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pixelpact.contract.contract import load_all
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Recipe, Size
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings
from werkzeug.test import TestResponse

PATH = "/v1/images/generations"
DREAM = "bytedance/seedream-3.0"
EDIT = "bytedance/seededit-3.0-i2i"
PNG = sample(Size(96, 72))
BARE = base64.b64encode(PNG).decode()
URI = f"data:image/png;base64,{BARE}"
FOREIGN = "https://raw.githubusercontent.com/aimlapi/api-docs/main/reference-files/t-rex.png"
BODIES: dict[str, dict[str, Any]] = {
    DREAM: {"model": DREAM, "prompt": "a lighthouse at dawn", "size": "512x512"},
    EDIT: {"model": EDIT, "prompt": "Add a crown to the head.", "image": URI},
}
# Those that are a reading of their own; the variants of one are below.
SERVED = [
    (profile, model)
    for profile, contract in load_all().items()
    for model in contract.usual
    if not profile.startswith("observed-")
]
WITH_URL = [(profile, model) for profile, model in SERVED if profile != "2025-08"]
BOTH = pytest.mark.parametrize("model", [DREAM, EDIT], ids=["seedream", "seededit"])


@cache
def app(profile: str = "observed") -> Flask:
    return create_app(Settings(profile=profile))


def client(profile: str = "observed") -> FlaskClient:
    return app(profile).test_client()


def ask(
    to: FlaskClient, model: str = DREAM, *, path: str = PATH, headers: dict[str, str] | None = None, **fields: Any
) -> TestResponse:
    given = {"Authorization": "Bearer test-key", **(headers or {})}
    return to.post(path, json={**BODIES[model], **fields}, headers=given)


def url(answer: TestResponse) -> str:
    (item,) = answer.get_json()["data"]
    found: str = item["url"]
    return found


def downloaded(to: FlaskClient, answer: TestResponse) -> bytes:
    data: bytes = to.get(url(answer)).data
    return data


def inline(answer: TestResponse) -> bytes:
    (item,) = answer.get_json()["data"]
    return base64.b64decode(item["b64_json"], validate=True)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def signed(answer: TestResponse) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url(answer)).query, keep_blank_values=True))


def digest(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    return answer.headers["x-pixelpact-digest"]


def old_url(age: timedelta) -> str:
    """A URL of the mock for a picture drawn that long ago."""
    artefacts = app().extensions["pixelpact"].artefacts
    recipe = Recipe(DREAM, "old", 1, Size(512, 512))
    found: str = artefacts.publish(artefacts.model(recipe), recipe, "http://localhost", datetime.now(UTC) - age, "")
    return found


# The answer's form

STATUSES = {"observed": 200, "2025-07": 201, "2025-08": 201, "2025-11": 200, "2026-01": 200}
LEGACY = {"status", "prompt", "model", "model_owner", "tags", "num_returns", "args", "subjobs", "output"}
MEMBERS = {
    "observed": {"created", "data", "meta"},
    "2025-07": {"created", "data"},
    "2025-08": LEGACY,
    "2025-11": {"data", "meta"},
    "2026-01": {"data", "meta"},
}
USAGES = {
    "observed": {"credits_used": 63000, "usd_spent": 0.0315},
    "2025-11": {"tokens_used": 63000},
    "2026-01": {"credits_used": 63000},
}


@pytest.mark.parametrize(("profile", "model"), SERVED)
def test_a_success_has_its_profiles_status_and_exactly_its_members(profile: str, model: str) -> None:
    answer = ask(client(profile), model)

    assert answer.status_code == STATUSES[profile]
    assert answer.get_json().keys() == MEMBERS[profile]
    assert answer.content_type == "application/json"


@pytest.mark.parametrize("form", ["url", "b64_json"])
@pytest.mark.parametrize(("profile", "model"), WITH_URL)
def test_a_picture_comes_in_the_form_asked_for_and_in_no_other(profile: str, model: str, form: str) -> None:
    answer = ask(client(profile), model, response_format=form)

    assert [item.keys() for item in answer.get_json()["data"]] == [{form}]


@BOTH
@pytest.mark.parametrize("form", ["url", "b64_json"])
def test_with_nulls_the_other_form_is_null(model: str, form: str) -> None:
    (item,) = ask(client("observed-nulls"), model, response_format=form).get_json()["data"]

    assert item.keys() == {"url", "b64_json"}
    assert [name for name, value in item.items() if value is not None] == [form]


@BOTH
def test_with_images_the_picture_is_there_and_nowhere_else(model: str) -> None:
    answer = ask(client("observed-images"), model, response_format="b64_json").get_json()

    assert answer.keys() == {"created", "images", "meta"}
    assert opened(base64.b64decode(answer["images"][0]["b64_json"])).format == "JPEG"


@BOTH
def test_with_201_all_else_is_as_observed(model: str) -> None:
    answer = ask(client("observed-201"), model)

    assert (answer.status_code, answer.get_json().keys()) == (201, MEMBERS["observed"])


@BOTH
def test_the_legacy_answer_carries_the_picture_and_the_request(model: str) -> None:
    answer = ask(client("2025-08"), model, response_format="url")

    (choice,) = answer.get_json()["output"]["choices"]
    assert opened(base64.b64decode(choice["image_base64"])).format == "JPEG"
    assert answer.get_json()["prompt"] == [BODIES[model]["prompt"]]
    assert answer.get_json()["args"].keys() == {"model", "prompt", "n", "steps", "size"}


@pytest.mark.parametrize("profile", USAGES)
@BOTH
def test_the_usage_is_its_profiles_and_agrees_with_the_cost_headers(profile: str, model: str) -> None:
    answer = ask(client(profile), model)

    assert answer.get_json()["meta"] == {"usage": USAGES[profile]}
    assert answer.headers["x-aimlapi-credits-used"] == "63000"
    assert answer.headers["x-aimlapi-usd-spent"] == "0.031500000"


@pytest.mark.parametrize("profile", ["observed", "2025-07"])
def test_created_is_a_whole_number_and_the_moment_that_signs_the_url(profile: str) -> None:
    answer = ask(client(profile))

    created = answer.get_json()["created"]
    date = datetime.strptime(signed(answer)["X-Tos-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert type(created) is int
    assert date == datetime.fromtimestamp(created, UTC)
    assert abs(datetime.now(UTC) - date) < timedelta(seconds=30)


@pytest.mark.parametrize(("profile", "model"), WITH_URL)
def test_the_url_is_of_the_documented_form(profile: str, model: str) -> None:
    answer = ask(client(profile), model)

    assert re.fullmatch(
        r"http://localhost/(seedream-3-0-t2i|seededit-3-0-i2i)/02[0-9]{13}[0-9a-f]{38}\.jpeg"
        r"\?X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Credential=AKLT[A-Za-z0-9]{43}%2F[0-9]{8}%2Fap-southeast-1%2Ftos"
        r"%2Frequest&X-Tos-Date=[0-9]{8}T[0-9]{6}Z&X-Tos-Expires=86400&X-Tos-Signature=[0-9a-f]{64}"
        r"&X-Tos-SignedHeaders=host&x-pixelpact-recipe=[\w@-]+&x-pixelpact-tenant=[0-9a-f]{16}",
        url(answer),
        re.ASCII,
    )


def test_the_moment_in_the_name_is_not_after_created() -> None:
    answer = ask(client())

    name = urlsplit(url(answer)).path.rpartition("/")[2]
    assert 0 <= answer.get_json()["created"] * 1000 - int(name[2:15]) < 10_000


def test_the_credential_is_of_the_day_and_tells_nothing_of_the_secret() -> None:
    answer = ask(create_app(Settings(secret="hunter2-and-more")).test_client())

    key, day, *_ = signed(answer)["X-Tos-Credential"].split("/")
    assert day == signed(answer)["X-Tos-Date"][:8]
    assert b"hunter2" not in base64.b64decode(key.removeprefix("AKLT") + "=")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "api.example.org", "[::1]:8080", "mock_server:8080"])
def test_the_url_is_on_the_callers_own_origin_and_works_there(host: str) -> None:
    answer = ask(client(), headers={"Host": host})

    parts = urlsplit(url(answer))
    assert f"{parts.scheme}://{parts.netloc}" == f"http://{host}"
    assert client().get(f"{parts.path}?{parts.query}", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["a b", "evil.example/x", "user@host", "<x>", ""])
def test_a_host_that_is_none_is_refused_and_not_written_into_a_url(host: str) -> None:
    answer = ask(client(), headers={"Host": host})

    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith("Host: expected")


# Tracing

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.mark.parametrize(("profile", "model"), SERVED)
def test_every_answer_has_a_request_id_and_an_inference_id(profile: str, model: str) -> None:
    answer = ask(client(profile), model)

    assert re.fullmatch(UUID, answer.headers["x-request-id"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{21}", answer.headers["x-inference-id"], re.ASCII)


def test_no_two_answers_share_their_ids() -> None:
    one, other = ask(client(), seed=1), ask(client(), seed=1)

    assert one.headers["x-request-id"] != other.headers["x-request-id"]
    assert one.headers["x-inference-id"] != other.headers["x-inference-id"]


@pytest.mark.parametrize("sent", ["abc", "A.z_9:-", "a" * 128])
def test_a_client_request_id_of_the_documented_form_comes_back(sent: str) -> None:
    assert ask(client(), headers={"X-Client-Request-Id": sent}).headers["x-client-request-id"] == sent


@pytest.mark.parametrize("sent", ["", "a" * 129, "a b", "a/b", "\u00e9"])
def test_a_client_request_id_of_another_form_is_dropped_without_a_word(sent: str) -> None:
    answer = ask(client(), headers={"X-Client-Request-Id": sent})

    assert answer.status_code == 200
    assert "x-client-request-id" not in answer.headers


# Ways in


@pytest.mark.parametrize(
    "path", ["/v1/images/generations/", "/images/generations", "/images/generations/", f"{PATH}?n=1"]
)
def test_the_endpoint_answers_by_its_other_spellings_too(path: str) -> None:
    assert ask(client(), path=path).status_code == 200


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "application/json;charset=UTF-8", "APPLICATION/JSON"]
)
def test_a_media_type_is_read_and_not_compared(kind: str) -> None:
    answer = client().post(
        PATH, data=json.dumps(BODIES[DREAM]), headers={"Authorization": "Bearer k", "Content-Type": kind}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("given", ["Bearer test-key", "bearer test-key", "BEARER  test-key "])
def test_the_scheme_of_a_key_is_read_in_any_case(given: str) -> None:
    assert ask(client(), headers={"Authorization": given}).status_code == 200


# Pictures


@pytest.mark.parametrize(("profile", "model"), WITH_URL)
def test_the_bytes_in_the_answer_are_those_behind_the_url_of_the_same_seed(profile: str, model: str) -> None:
    to = client(profile)

    answer = ask(to, model, seed=7, response_format="b64_json")

    assert inline(answer) == downloaded(to, ask(to, model, seed=7))


@BOTH
def test_two_mocks_draw_the_same_bytes_for_the_same_request(model: str) -> None:
    one, other = create_app().test_client(), create_app().test_client()

    assert downloaded(one, ask(one, model, seed=42)) == downloaded(other, ask(other, model, seed=42))


@pytest.mark.parametrize(
    ("field", "value"), [("seed", 2), ("prompt", "a desert"), ("size", "640x512"), ("guidance_scale", 9)]
)
def test_another_request_gives_other_bytes(field: str, value: Any) -> None:
    asked: dict[str, Any] = {"seed": 1, "response_format": "b64_json"}

    assert inline(ask(client(), **asked)) != inline(ask(client(), **{**asked, field: value}))


@pytest.mark.parametrize("unseeded", [{}, {"seed": -1}], ids=["none", "minus-one"])
@BOTH
def test_a_seed_drawn_by_the_mock_is_reported_and_gives_the_picture_again(model: str, unseeded: dict[str, Any]) -> None:
    answer = ask(client(), model, **unseeded)

    seed = int(answer.headers["x-pixelpact-seed"])
    assert 0 <= seed < 2**31
    assert downloaded(client(), ask(client(), model, seed=seed)) == downloaded(client(), answer)


def test_two_requests_without_a_seed_give_two_pictures() -> None:
    assert ask(client()).headers["x-pixelpact-seed"] != ask(client()).headers["x-pixelpact-seed"]


def test_a_seed_that_was_sent_is_the_one_reported() -> None:
    assert ask(client(), seed=5.0).headers["x-pixelpact-seed"] == "5"


def test_the_artist_of_a_drawn_picture_is_the_digest_of_the_header() -> None:
    answer = ask(client(), seed=1)

    assert opened(downloaded(client(), answer)).getexif()[315] == answer.headers["x-pixelpact-digest"]


def test_the_comment_of_an_edited_picture_is_the_digest_of_the_header() -> None:
    answer = ask(client(), EDIT, seed=1)

    picture = opened(downloaded(client(), answer))
    assert picture.info["comment"].decode() == answer.headers["x-pixelpact-digest"]
    assert dict(picture.getexif()) == {}


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"size": "1888x301"}, (1888, 301)),
        ({"size": "555x543"}, (555, 543)),
        ({"size": "65500x5"}, (65500, 5)),
        ({"size": "2048x2048"}, (2048, 2048)),
        ({"size": "512x512", "aspect_ratio": "16:9"}, (512, 512)),
    ],
)
def test_a_drawn_picture_has_the_size_asked_for(fields: dict[str, Any], size: tuple[int, int]) -> None:
    answer = ask(client(), **fields, response_format="b64_json")

    assert (opened(inline(answer)).format, opened(inline(answer)).size) == ("JPEG", size)


def test_a_size_that_no_jpeg_can_have_is_refused() -> None:
    answer = client().post(
        PATH, json={"model": DREAM, "prompt": "x", "size": "65501x5"}, headers={"Authorization": "Bearer k"}
    )

    assert (answer.status_code, answer.get_json()["message"]) == (
        400,
        'size: expected sides of at most 65,500 pixels, as a JPEG has (container), received "65501x5"',
    )


@pytest.mark.parametrize(("fields", "size"), [({}, (1024, 1024)), ({"aspect_ratio": "16:9"}, (1280, 720))])
def test_a_drawn_picture_without_a_size_has_the_default_or_the_ratios(
    fields: dict[str, Any], size: tuple[int, int]
) -> None:
    body = {"model": DREAM, "prompt": "a lighthouse", "response_format": "b64_json", **fields}

    answer = client().post(PATH, json=body, headers={"Authorization": "Bearer k"})

    assert opened(inline(answer)).size == size


def test_an_edit_of_1024x768_is_1152x864() -> None:
    photograph = base64.b64encode((files("pixelpact.fixtures") / "photographs" / "raccoon.jpg").read_bytes()).decode()

    answer = ask(client(), EDIT, image=photograph)

    assert opened(downloaded(client(), answer)).size == (1152, 864)


PROMPTS = {
    "scripts": "\u732b \U0001f996 na\u00efve \u05e9\u05dc\u05d5\u05dd \u202e",
    "lone-surrogate": "a \ud800 cat",
    "nul": "a \x00 cat",
    "markup": "</Error>&\"'<script>{message}%s",
    "long": random.Random(1).randbytes(20_000).hex(),
}


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
@BOTH
def test_any_prompt_is_drawn_in_both_forms(model: str, prompt: str) -> None:
    answer = ask(client(), model, prompt=prompt, seed=3)

    assert downloaded(client(), answer) == inline(
        ask(client(), model, prompt=prompt, seed=3, response_format="b64_json")
    )


def test_a_long_prompt_does_not_make_a_long_url() -> None:
    answer = ask(client(), prompt=PROMPTS["long"])

    assert signed(answer)["x-pixelpact-recipe"].startswith("@")
    assert len(url(answer)) < 700


# Input pictures


def test_a_picture_of_three_mebibytes_is_edited() -> None:
    noise = Image.frombytes("RGB", (1600, 1200), random.Random(0).randbytes(1600 * 1200 * 3))
    target = io.BytesIO()
    noise.save(target, "JPEG", quality=99)

    answer = ask(client(), EDIT, image=f"data:image/jpeg;base64,{base64.b64encode(target.getvalue()).decode()}")

    assert len(target.getvalue()) > 3 * 2**20
    assert opened(downloaded(client(), answer)).size == (1152, 864)


def test_a_data_uri_and_bare_base64_are_the_same_picture() -> None:
    assert digest(ask(client(), EDIT, image=URI, seed=1)) == digest(ask(client(), EDIT, image=BARE, seed=1))


def test_an_edit_of_an_answers_url_is_the_edit_of_its_bytes() -> None:
    first = ask(client(), size="640x480")

    answer = ask(client(), EDIT, image=url(first), seed=1)

    sent = base64.b64encode(downloaded(client(), first)).decode()
    assert digest(answer) == digest(ask(client(), EDIT, image=sent, seed=1))
    assert opened(downloaded(client(), answer)).size == (1152, 864)


def test_edits_chain() -> None:
    first = ask(client(), EDIT)

    answer = ask(client(), EDIT, image=url(first), prompt="Add a bird.")

    assert downloaded(client(), answer) not in (downloaded(client(), first), PNG)


def test_a_foreign_url_is_stood_in_for_by_a_picture_of_its_own() -> None:
    answer = ask(client(), EDIT, image=FOREIGN, seed=1)

    assert opened(downloaded(client(), answer)).size == (1152, 864)
    assert digest(answer) == digest(ask(client(), EDIT, image=FOREIGN, seed=1))
    assert digest(answer) != digest(ask(client(), EDIT, image=f"{FOREIGN}?v=2", seed=1))


@pytest.mark.parametrize(
    "image", ["http://[::1]/a.png", "https://user:word@example.org/\ud800.png", "http://h:1", "HTTPS://EXAMPLE.ORG/a"]
)
def test_a_foreign_url_of_any_form_is_stood_in_for(image: str) -> None:
    answer = ask(client(), EDIT, image=image)

    assert client().get(url(answer)).status_code == 200


class Pictures(BaseHTTPRequestHandler):
    """A picture at /picture.png, a text at /text, nothing elsewhere."""

    def do_GET(self) -> None:
        name = urlsplit(self.path).path
        self.send_response(200 if name in ANSWERS else 404)
        self.end_headers()
        self.wfile.write(ANSWERS.get(name, b""))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


ANSWERS = {"/picture.png": PNG, "/text": b"no picture"}


@contextmanager
def host_of_pictures() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Pictures)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_url_of_an_allowed_host_is_fetched() -> None:
    with host_of_pictures() as host:
        allowing = create_app(Settings(allowed_hosts=frozenset({host}))).test_client()

        answer = ask(allowing, EDIT, image=f"http://{host}/picture.png?token=1", seed=1)

    assert digest(answer) == digest(ask(client(), EDIT, image=BARE, seed=1))


def test_a_fetch_is_logged_without_what_is_secret_in_its_url(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with host_of_pictures() as host:
        allowing = create_app(Settings(allowed_hosts=frozenset({host}))).test_client()

        answer = ask(allowing, EDIT, image=f"http://{host}/picture.png?X-Tos-Signature=0123abcd")

    assert answer.status_code == 200
    assert "0123abcd" not in caplog.text


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/text", "image: expected jpeg or png"),
        ("/gone.png", "image: expected a URL that can be fetched (url), received http://"),
    ],
)
def test_what_an_allowed_host_does_not_have_is_the_callers_mistake(path: str, reason: str) -> None:
    with host_of_pictures() as host:
        allowing = create_app(Settings(allowed_hosts=frozenset({host}))).test_client()

        answer = ask(allowing, EDIT, image=f"http://{host}{path}?token=of-the-caller")

    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith(reason)
    assert "of-the-caller" not in answer.text
    assert not re.search(r"\b404\b", answer.get_json()["message"])


def test_an_own_url_whose_time_is_over_is_refused_as_an_image() -> None:
    answer = ask(client(), EDIT, image=old_url(timedelta(days=2)))

    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith(
        "image: expected a URL that still works (url), received one expected a request before "
    )


@pytest.mark.parametrize("old", ["X-Tos-Signature=", "X-Tos-Expires=", "AKLT", "x-pixelpact-recipe=", "/02"])
def test_an_own_url_that_was_tampered_with_is_refused_as_an_image(old: str) -> None:
    mine = url(ask(client()))

    answer = ask(client(), EDIT, image=mine.replace(old, f"{old}1"))

    assert answer.status_code == 400
    assert (
        answer.get_json()["message"] == "image: expected a URL that still works (url), received one of no picture here"
    )


@pytest.mark.parametrize(
    ("image", "rule"),
    [
        (base64.b64encode(b"GIF89a, or so").decode(), "format"),
        (base64.b64encode(sample(Size(14, 20))).decode(), "min_side"),
        (base64.b64encode(sample(Size(20, 61))).decode(), "min_ratio"),
        (base64.b64encode(sample(Size(61, 20))).decode(), "max_ratio"),
        (base64.b64encode(PNG[:200]).decode(), "decodable"),
    ],
    ids=["format", "min_side", "min_ratio", "max_ratio", "decodable"],
)
def test_a_picture_beyond_a_limit_is_refused_with_the_limit(image: str, rule: str) -> None:
    answer = ask(client(), EDIT, image=image)

    assert answer.status_code == 400
    assert re.match(rf"image: expected .+ \({rule}\), received ", answer.get_json()["message"])


# Unknown fields, the journal, the own-answer check


def journal(of: FlaskClient, key: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = of.get("/_pixelpact/journal", headers={"Authorization": f"Bearer {key}"}).get_json()
    return entries


def test_unknown_fields_are_accepted_and_noted_in_the_journal() -> None:
    extra: dict[str, Any] = {"extra_body": {"steps": 4}, "n": 1, "quality": "standard"}

    answer = ask(client(), headers={"Authorization": "Bearer notes"}, **extra)

    (entry,) = journal(client(), "notes")
    assert answer.status_code == 200
    assert entry["facts"]["unknown"] == ["extra_body", "n", "quality"]


def test_the_journal_says_what_was_asked_and_what_was_answered() -> None:
    answer = ask(client(), headers={"Authorization": "Bearer diarist"}, seed=9)

    (entry,) = journal(client(), "diarist")
    assert entry.pop("milliseconds") >= 0
    assert datetime.fromisoformat(entry.pop("time")).tzinfo is not None
    facts = entry.pop("facts")
    assert len(facts.pop("fingerprint")) == 64
    assert entry == {
        "hop": "api",
        "request_id": answer.headers["x-request-id"],
        "method": "POST",
        "path": PATH,
        "status": 200,
    }
    assert facts == {
        "body": {**BODIES[DREAM], "seed": 9},
        "client": {"user_agent": "Werkzeug/" + version("werkzeug")},
        **{"model": DREAM, "seed": 9, "size": "512x512", "digest": digest(answer), "unknown": []},
        **{"form": "url", "link": urlsplit(url(answer)).path, "charged": 63000},
    }


def test_a_strict_mock_refuses_unknown_fields() -> None:
    strict = create_app(Settings(strict=True)).test_client()

    answer = ask(strict, guidance=5)

    assert answer.status_code == 400
    assert answer.get_json()["message"] == (
        "guidance: expected no such field (unknown field), received 5 (did you mean `guidance_scale`?)"
    )


PROMISING = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["data", "promise"],
    "properties": {
        "data": {
            "type": "array",
            "items": {"$ref": "shared/answer.json#/$defs/one_form"},
            "x-source": {"*": "no-evidence"},
        }
    },
    "x-source": {"*": "no-evidence"},
}


def test_a_mock_that_cannot_keep_its_promise_says_so(tmp_path: Path) -> None:
    observed = json.loads((files("pixelpact.schemas") / "profiles.json").read_text("utf-8"))
    observed["observed"]["answer"] = "promising.json"
    (tmp_path / "profiles.json").write_text(json.dumps(observed))
    (tmp_path / "promising.json").write_text(json.dumps(PROMISING))

    answer = ask(create_app(Settings(schemas=(tmp_path,))).test_client())

    assert answer.status_code == 500
    assert answer.get_json()["message"] == (
        "Pixelpact would have broken its own contract: promise: expected a value (required), received nothing"
    )


def test_a_picture_that_no_rule_limits_is_taken(tmp_path: Path) -> None:
    path = f"{EDIT}/request.json"
    laid = json.loads((files("pixelpact.schemas") / path).read_text("utf-8"))
    laid["$defs"]["image"]["x-image"] = {"forms": ["data-uri"], "formats": ["png"]}
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(json.dumps(laid))
    narrow = "data:image/png;base64," + base64.b64encode(sample(Size(8, 96))).decode()

    answer = ask(create_app(Settings(schemas=(tmp_path,))).test_client(), EDIT, image=narrow)

    assert answer.status_code == 200
