"""The workbench's pages: whose calls they show and to whom, what they say, and that nothing of a caller's is obeyed."""

from __future__ import annotations

import base64
import io
import json
import re
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageChops
from pixelpact.contract.contract import load, load_all
from pixelpact.errors import PictureRefused
from pixelpact.pages.assets import TYPES, asset
from pixelpact.pixels.measure import facts, survival
from pixelpact.service.app import create_app, mock_of
from pixelpact.service.artefacts import Artefacts
from pixelpact.service.settings import Settings
from pixelpact.service.workbench.contractview import differences
from pixelpact.service.workbench.fields import body_of, inputs, is_form
from werkzeug.test import TestResponse

PATH = "/v1/images/generations"
HOME = "/_pixelpact/"
DREAM, EDIT, FORM = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i", "openai/gpt-image-1@edits"
RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
PHOTOGRAPH = "data:image/jpeg;base64," + base64.b64encode(RACCOON).decode()
TEMPLATES = files("pixelpact.pages").joinpath("templates")
KEY = "test-key"
MINE = {"Authorization": f"Bearer {KEY}"}
PAGE = {"Accept": "text/html,application/xhtml+xml"}
ORIGIN = {"Origin": "http://localhost"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}\u202egnp.exe"


@pytest.fixture
def client() -> FlaskClient:
    return create_app().test_client()


def asked(client: FlaskClient, **body: Any) -> TestResponse:
    return client.post(PATH, json={"model": DREAM, "prompt": "a fox", **body}, headers=MINE)


def page(client: FlaskClient, place: str = "", **more: Any) -> str:
    answer = client.get(f"{HOME}{place}", headers={**MINE, **PAGE}, **more)
    assert answer.status_code == 200, answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    return answer.text


def done(client: FlaskClient, place: str, **given: str) -> TestResponse:
    return client.post(f"{HOME}switches/{place}", data=given, headers={**MINE, **ORIGIN})


def ids(text: str) -> list[str]:
    return re.findall(r'href="/_pixelpact/requests/([0-9a-f-]{36})"', text)


# Whose calls, and to whom


def test_a_browser_is_let_in_with_the_usual_key_and_stays_so(client: FlaskClient) -> None:
    asked(client, prompt="of mine")
    first = client.get(HOME, headers=PAGE)
    assert (first.status_code, "of mine" in first.text) == (200, True)
    assert "HttpOnly; SameSite=Lax" in first.headers["Set-Cookie"]
    assert KEY not in first.headers["Set-Cookie"]
    # What a page asks for, with a cookie alone.
    assert client.get(f"{HOME}journal").status_code == 200
    assert "Set-Cookie" not in client.get(HOME, headers=PAGE).headers


def test_who_keeps_no_cookie_looks_at_the_usual_key_all_the_same() -> None:
    client = create_app().test_client(use_cookies=False)
    asked(client, prompt="of mine")
    assert "of mine" in client.get(HOME, headers=PAGE).text
    assert "of mine" in client.get(HOME, headers=PAGE).text


def test_who_forgets_the_key_looks_at_the_usual_one_again(client: FlaskClient) -> None:
    client.post(f"{HOME}session", data={"key": "key-of-another"}, headers=ORIGIN)
    assert "key <a" in client.get(HOME, headers=PAGE).text
    assert "Forget" in client.get(f"{HOME}session", headers=PAGE).text
    assert client.post(f"{HOME}session", data={"out": "yes"}, headers=ORIGIN).status_code == 303
    assert ">test-key</a>" in client.get(HOME, headers=PAGE).text


@pytest.mark.parametrize("place", ["nothing", "try/nothing", "requests", "contract/no-such-model"])
def test_an_address_that_leads_nowhere_is_told_in_a_page(client: FlaskClient, place: str) -> None:
    answer = client.get(f"{HOME}{place}", headers={**MINE, **PAGE})
    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert 'href="/_pixelpact/"' in answer.text


def test_whoever_asks_from_elsewhere_is_told_where_it_answers(client: FlaskClient) -> None:
    far = {"REMOTE_ADDR": "203.0.113.9"}
    answer = client.get(HOME, headers=PAGE, environ_base=far)
    assert (answer.status_code, "--control-token" in answer.text) == (404, True)
    assert client.get(f"{HOME}static/style.css", environ_base=far).status_code == 200
    assert client.get(HOME, headers=MINE, environ_base=far).content_type == "application/json"


def test_a_page_behind_a_proxy_that_takes_tls_away_is_our_own() -> None:
    client = create_app(Settings(control_token="secret-token")).test_client()
    behind = {"Host": "mock.example", "Origin": "https://mock.example"}
    given = {"token": "secret-token", "key": KEY}
    assert client.post(f"{HOME}session", data=given, headers=behind).status_code == 303
    behind["Origin"] = "https://other.example"
    assert client.post(f"{HOME}session", data=given, headers=behind).status_code == 403


def test_what_the_control_api_answers_is_no_page(client: FlaskClient) -> None:
    headers = client.get(f"{HOME}journal", headers=MINE).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_programs_get_the_index_as_before(client: FlaskClient) -> None:
    answer = client.get(HOME, headers=MINE)
    assert answer.get_json()["/_pixelpact/journal"] == ["GET", "DELETE"]
    assert client.get(HOME).status_code == 401


def test_another_key_sees_calls_of_its_own(client: FlaskClient) -> None:
    asked(client, prompt="of mine")
    client.post(f"{HOME}session", data={"key": "another"}, headers=ORIGIN)
    assert "of mine" not in client.get(HOME, headers=PAGE).text


def test_a_key_that_is_refused_cannot_be_looked_with() -> None:
    client = create_app(Settings(api_keys=frozenset({"right-key"}))).test_client()
    assert client.get(HOME, headers=PAGE).status_code == 401
    refused = client.post(f"{HOME}session", data={"key": "wrong-key"}, headers=ORIGIN)
    assert (refused.status_code, "wrong-key" in refused.text) == (401, False)
    assert client.post(f"{HOME}session", data={"key": "right-key"}, headers=ORIGIN).status_code == 303
    assert client.get(HOME, headers=PAGE).status_code == 200


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://app.example", "null", None])
def test_a_page_of_another_origin_does_nothing(client: FlaskClient, origin: str | None) -> None:
    client.get(HOME, headers=PAGE)
    for place in ("switches/faults", "switches/reset", "session", "faults"):
        answer = client.post(f"{HOME}{place}", data={"fault": "reset"}, headers={"Origin": origin} if origin else {})
        assert answer.status_code in (401, 403, 404)
    assert client.get(f"{HOME}faults", headers=MINE).get_json() == []


def test_with_a_token_only_who_knows_it_looks() -> None:
    client = create_app(Settings(control_token="secret-token")).test_client()
    far = {"REMOTE_ADDR": "203.0.113.9"}
    form = client.get(HOME, headers=PAGE, environ_base=far)
    assert (form.status_code, 'name="token"' in form.text) == (401, True)
    assert client.get(f"{HOME}journal", headers=MINE, environ_base=far).status_code == 404
    for token, status in (("another", 401), ("", 401), ("secret-token", 303)):
        given = {"token": token, "key": KEY}
        answer = client.post(f"{HOME}session", data=given, headers=ORIGIN, environ_base=far)
        assert answer.status_code == status
    assert "secret-token" not in answer.headers["Set-Cookie"]
    assert client.get(HOME, headers=PAGE, environ_base=far).status_code == 200
    assert client.get(f"{HOME}journal", environ_base=far).status_code == 200
    # A form that is sent by nobody's page.
    assert client.post(f"{HOME}switches/reset", environ_base=far).status_code == 404
    assert client.post(f"{HOME}switches/reset", headers=ORIGIN, environ_base=far).status_code == 303


def test_a_cookie_of_another_mock_proves_nothing() -> None:
    one, other = (create_app(Settings(control_token=token)).test_client() for token in ("one", "other"))
    cookie = one.post(f"{HOME}session", data={"token": "one"}, headers=ORIGIN).headers["Set-Cookie"].partition(";")[0]
    assert other.get(HOME, headers={**PAGE, "Cookie": cookie}).status_code == 401


# What was called


def test_the_newest_call_stands_first(client: FlaskClient) -> None:
    for number in range(3):
        asked(client, prompt=f"number {number}")
    assert re.findall("number [0-9]", page(client)) == ["number 2", "number 1", "number 0"]


@pytest.mark.parametrize(
    ("query", "prompts"),
    [
        ({"q": "FOX"}, ["a red fox"]),
        ({"q": "red fox"}, ["a red fox"]),
        ({"q": "fox wolf"}, []),
        ({"status": "4"}, ["too strict"]),
        ({"status": "4", "q": "guidance"}, ["too strict"]),
        ({"model": DREAM}, ["too strict", "a wolf", "a red fox"]),
        ({"model": EDIT}, []),
        ({"hop": "download"}, []),
        ({"before": "2"}, ["a red fox"]),
        ({"before": "x", "hop": "y", "status": "9"}, ["too strict", "a wolf", "a red fox"]),
    ],
)
def test_calls_are_looked_for(client: FlaskClient, query: dict[str, str], prompts: list[str]) -> None:
    asked(client, prompt="a red fox")
    asked(client, prompt="a wolf")
    asked(client, prompt="too strict", guidance_scale=11)
    found = re.findall(r'class="prompt">([^<]*)<', page(client, f"rows?{urlencode(query)}"))
    assert found == prompts


def test_older_calls_are_a_page_further() -> None:
    client = create_app(Settings(journal=150)).test_client()
    for number in range(160):
        asked(client, prompt=f"number {number};")
    first = page(client)
    assert len(ids(first)) == 100
    assert "150 of 160 calls; the first 10 are not kept" in first
    older = page(client, "?" + re.findall(r'href="/_pixelpact/\?([^"]*before[^"]*)"', first)[0].replace("&amp;", "&"))
    assert re.findall("number ([0-9]+);", older)[::49] == ["59", "10"]


def test_a_page_hears_of_each_new_call_and_of_nothing_else(client: FlaskClient) -> None:
    def events(seen: str) -> str:
        answer = client.get(f"{HOME}events", headers={**MINE, "Last-Event-ID": seen})
        assert answer.mimetype == "text/event-stream"
        return answer.text

    asked(client)
    told = events("")
    seen = re.findall("id: (.*)\n", told)[0]
    assert json.loads(re.findall("data: (.*)\n", told)[0]) == {"seen": seen}
    assert "event:" not in events(seen)
    asked(client)
    assert "event: calls" in events(seen)
    client.delete(f"{HOME}journal", headers=MINE)
    assert "event: calls" in events(seen)


def test_the_journal_is_a_har(client: FlaskClient) -> None:
    asked(client, prompt="a fox")
    asked(client, guidance_scale=11)
    log = client.get(f"{HOME}journal.har", headers=MINE).get_json()["log"]
    assert log["version"] == "1.2"
    first, second = log["entries"]
    assert (first["response"]["status"], second["response"]["status"]) == (200, 400)
    assert json.loads(first["request"]["postData"]["text"])["prompt"] == "a fox"
    assert first["request"]["url"] == f"http://localhost{PATH}"
    assert set(first) >= {"startedDateTime", "time", "request", "response", "cache", "timings"}


# One call


def test_a_call_is_told_field_by_field(client: FlaskClient) -> None:
    answer = asked(client, guidance_scale=11, promt="typo")
    text = page(client, f"requests/{answer.headers['x-request-id']}")
    assert "expected at most 10, received 11" in text
    assert "Did you mean <code>prompt</code>?" in text
    assert text.count('class="is-') == 8 + 1
    assert "upstream: volcengine.com/docs/82379/1666946" in text


def test_the_answer_is_shown_as_it_was_but_for_signatures(client: FlaskClient) -> None:
    for body in ({}, {"guidance_scale": 11}):
        answer = asked(client, **body)
        text = page(client, f"requests/{answer.headers['x-request-id']}")
        part = text[text.index("<h2>Answer</h2>") :]
        shown = json.loads(re.findall(r"<pre[^>]*><code>(.*?)</code>", part, re.DOTALL)[0].replace("&#34;", '"'))
        came = answer.get_json()
        for picture in came.get("data") or []:
            picture["url"] = picture["url"].partition("?")[0] + "?\u2026"
        assert shown == came
        assert "X-Tos-Signature" not in text


def test_the_pictures_of_a_call_are_those_that_it_was_answered_with(client: FlaskClient) -> None:
    answer = asked(client, size="600x500", response_format="b64_json")
    own = client.get(f"{HOME}requests/{answer.headers['x-request-id']}/picture/0", headers=MINE)
    assert own.data == base64.b64decode(answer.get_json()["data"][0]["b64_json"])
    missing = client.get(f"{HOME}requests/{answer.headers['x-request-id']}/picture/1", headers=MINE)
    assert missing.status_code == 404


def test_an_edit_is_shown_before_and_after_with_what_changed(client: FlaskClient) -> None:
    answer = asked(client, model=EDIT, prompt="add a bird", image=PHOTOGRAPH, response_format="b64_json")
    place = f"requests/{answer.headers['x-request-id']}"
    text = page(client, place)
    after = base64.b64decode(answer.get_json()["data"][0]["b64_json"])
    left, top, width, height = map(int, re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', text)[0])
    before = client.get(f"{HOME}{place}/before", headers=MINE).data
    former, later = (Image.open(io.BytesIO(data)).convert("RGB") for data in (before, after))
    gap = ImageChops.difference(former, later).convert("L").point(lambda level: 255 * (level > 64)).getbbox()
    # As near to what differs as its blocks are.
    assert gap is not None
    assert max(abs(one - other) for one, other in zip(gap, (left, top, left + width, top + height), strict=True)) <= 16
    assert facts(before).size == facts(after).size
    assert survival(RACCOON, before).within_8 > 0.99


def test_what_a_caller_wrote_is_text_everywhere(client: FlaskClient) -> None:
    bodies: list[dict[str, Any]] = [
        {"prompt": HOSTILE},
        {"prompt": HOSTILE, "size": HOSTILE, HOSTILE: HOSTILE},
        {"model": HOSTILE, "prompt": HOSTILE},
        {"model": EDIT, "prompt": HOSTILE, "image": f"https://x.example/{HOSTILE}"},
    ]
    agent = {"User-Agent": HOSTILE[:30]}
    places = [
        client.post(PATH, json={"model": DREAM, **body}, headers={**MINE, **agent}).headers["x-request-id"]
        for body in bodies
    ]
    client.get(f"/{HOSTILE}", headers=MINE)
    done(client, "faults", fault=f"status,code=503,prompt={HOSTILE}")
    texts = [page(client), page(client, "switches"), page(client, "coverage"), page(client, f"?q={HOSTILE}")]
    texts += [page(client, f"requests/{place}") for place in places]
    texts.append(done(client, "clock", hours=HOSTILE).text)
    texts.append(client.get(HOME + "requests/" + HOSTILE.replace("/", ""), headers={**MINE, **PAGE}).text)
    for text in texts:
        assert "<script>" not in text
        assert "<img src=x" not in text
        assert "\u202e" not in text
        assert "49" not in re.findall(r"\{\{7\*7\}\}|>49<", text)


# Switches


def test_a_fault_is_switched_on_and_off(client: FlaskClient) -> None:
    assert done(client, "faults", fault="status,code=429,first=1").status_code == 303
    assert "status,code=429,first=1" in page(client, "switches")
    assert [asked(client).status_code for _ in range(2)] == [429, 200]
    done(client, "faults", fault="reset")
    done(client, "faults/drop", id=re.findall('name="id" value="([0-9a-f]+)"', page(client, "switches"))[1])
    assert [fault["kind"] for fault in client.get(f"{HOME}faults", headers=MINE).get_json()] == ["status"]
    done(client, "faults/clear")
    assert client.get(f"{HOME}faults", headers=MINE).get_json() == []


def test_credits_limits_clock_and_models_are_switched(client: FlaskClient) -> None:
    done(client, "credits", amount="1", unit="pictures", do="set")
    assert [asked(client).status_code for _ in range(2)] == [200, 403]
    done(client, "credits/reset")
    done(client, "limits", quotas="1/minute", concurrency="")
    assert [asked(client).status_code for _ in range(2)] == [200, 429]
    done(client, "limits/clear")
    link = asked(client).get_json()["data"][0]["url"]
    done(client, "clock", hours="25")
    assert client.get(link).status_code == 403
    done(client, "clock/reset")
    done(client, "models", model=DREAM, state="deprecated", sunset="2099-01-31")
    assert asked(client).headers["Sunset"] == "Sat, 31 Jan 2099 00:00:00 GMT"
    done(client, "models", model=DREAM, state="removed")
    assert asked(client).status_code == 404
    done(client, "reset")
    assert asked(client).status_code == 200


@pytest.mark.parametrize(
    ("place", "given", "says"),
    [
        ("faults", {"fault": "statsu"}, "did you mean status?"),
        ("credits", {"amount": "many", "unit": "usd"}, "The amount must be a number, but is "),
        ("credits", {"amount": "1", "unit": "euros"}, "The unit must be pictures | usd | credits, but is "),
        ("credits", {"amount": "2.5", "unit": "pictures"}, "The number of pictures must be a whole number"),
        ("limits", {"quotas": "often"}, "often"),
        ("limits", {"concurrency": "1.5"}, "The number of concurrent calls must be a whole number"),
        ("limits", {"concurrency": "inf"}, "The number of concurrent calls must be a number"),
        ("credits", {"amount": "nan", "unit": "usd"}, "The amount must be a number, but is "),
        ("clock", {"hours": "-1"}, "The hours must be 0 or more"),
        ("models", {"model": DREAM, "state": "lost"}, "The state must be deprecated | removed | current"),
        ("models", {"model": "nope", "state": "removed"}, "The model must be a known one"),
        ("models", {"model": DREAM, "state": "deprecated", "sunset": "soon"}, "The sunset must be a day"),
    ],
)
def test_a_switch_that_cannot_be_set_says_why(
    client: FlaskClient, place: str, given: dict[str, str], says: str
) -> None:
    answer = done(client, place, **given)
    assert answer.status_code == 400
    assert says in re.findall('role="alert"[^>]*>(.*?)</p>', answer.text.replace("&#39;", "'"))[0]


# Try it


@pytest.mark.parametrize("key", load().models)
def test_every_model_has_a_form_of_all_its_fields(client: FlaskClient, key: str) -> None:
    model = load().models[key]
    text = page(client, f"try?{urlencode({'model': key})}")
    names = [name for name in model.request["properties"] if name != "model"]
    assert sorted(re.findall('data-field="([^"]*)"', text)) == sorted(names)
    filled = {one.name: one.value for one in inputs(model) if one.value}
    pictures = {
        one.name: "https://example.com/a.png" for one in inputs(model) if one.kind == "picture" and one.required
    }
    broken = [breach.pointer for breach in model.breaches(body_of(model, {**filled, **pictures}))]
    # Files have to be chosen.
    assert broken == (["/image"] if is_form(model) else [])


@pytest.mark.parametrize(
    ("kind", "name", "sent", "value"),
    [
        ("number", "seed", "7", 7),
        ("number", "guidance_scale", "2.5", 2.5),
        ("choice", "watermark", "true", True),
        ("choice", "response_format", '"b64_json"', "b64_json"),
        ("text", "size", " 512x512 ", "512x512"),
        ("long", "prompt", " a fox\n", " a fox\n"),
        ("number", "seed", " ", None),
    ],
)
def test_an_input_is_sent_as_what_it_is(kind: str, name: str, sent: str, value: Any) -> None:
    model = load().models[DREAM]
    assert next(one.kind for one in inputs(model) if one.name == name) == kind
    assert body_of(model, {name: sent}).get(name) == value


def test_a_form_without_scripts_makes_a_call_and_shows_it(client: FlaskClient) -> None:
    given = {"model": DREAM, "prompt": "a fox", "seed": "7"}
    answer = client.post(f"{HOME}try", data=given, headers={**MINE, **ORIGIN})
    assert answer.status_code == 303
    assert answer.location.startswith(f"{HOME}requests/")
    (entry,) = client.get(f"{HOME}journal", headers=MINE).get_json()
    assert entry["facts"]["body"] == {"model": DREAM, "prompt": "a fox", "seed": 7}
    assert client.get(f"{HOME}limits", headers=MINE).get_json()["under_way"] == 0
    assert "a fox" in client.get(answer.location, headers={**MINE, **PAGE}).text


def test_what_is_no_json_is_said_in_the_form(client: FlaskClient) -> None:
    given = {"model": DREAM, "prompt": HOSTILE, "seed": "many"}
    answer = client.post(f"{HOME}try", data=given, headers={**MINE, **ORIGIN})
    assert answer.status_code == 400
    assert "seed: expected JSON, received &#39;many&#39;" in answer.text
    assert "<script>" not in answer.text


def test_what_is_wrong_with_a_body_is_told_by_field_and_costs_nothing(client: FlaskClient) -> None:
    asking = {"model": DREAM, "body": {"model": DREAM, "guidance_scale": 11}}
    found = client.post(f"{HOME}try/check", json=asking, headers={**MINE, **ORIGIN}).get_json()["found"]
    assert {one["field"] for one in found} == {"prompt", "guidance_scale"}
    assert client.get(f"{HOME}journal", headers=MINE).get_json() == []
    assert client.post(f"{HOME}try/check", data="{", headers={**MINE, **ORIGIN}).status_code == 400


@pytest.mark.parametrize("model", [EDIT, FORM])
def test_a_picture_is_checked_as_the_service_checks_it(client: FlaskClient, model: str) -> None:
    def checked(data: bytes) -> list[str]:
        if model == FORM:
            form = {"model": "openai/gpt-image-1", "prompt": "a hat", "image": (io.BytesIO(data), "a.jpg")}
            answer = client.post(f"{HOME}try/check?model={FORM}", data=form, headers={**MINE, **ORIGIN})
        else:
            link = "data:image/jpeg;base64," + base64.b64encode(data).decode()
            asking = {"model": EDIT, "body": {"model": EDIT, "prompt": "a hat", "image": link}}
            answer = client.post(f"{HOME}try/check", json=asking, headers={**MINE, **ORIGIN})
        return [one["says"] for one in answer.get_json()["found"]]

    assert checked(RACCOON) == []
    assert [("received not an image" in says) for says in checked(b"no picture at all")] == [True]
    assert client.get(f"{HOME}journal", headers=MINE).get_json() == []


def test_no_link_is_followed_to_check_a_body() -> None:
    client = create_app(Settings(allowed_hosts=frozenset({"127.0.0.1:9"}))).test_client()
    body = {"model": EDIT, "prompt": "a hat", "image": "http://127.0.0.1:9/a.png"}
    answer = client.post(f"{HOME}try/check", json={"model": EDIT, "body": body}, headers={**MINE, **ORIGIN})
    assert answer.get_json() == {"model": EDIT, "found": []}
    assert client.post("/v1/images/generations", json=body, headers=MINE).status_code == 400


def test_a_picture_of_its_own_that_cannot_be_drawn_is_refused_as_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app(Settings()).test_client()
    answer = client.post(PATH, json={"model": DREAM, "prompt": "a fox"}, headers=MINE).get_json()

    def refuse(*_: Any) -> bytes:
        raise PictureRefused("max_side", "at most 16383 pixels a side", "20000x20000")

    monkeypatch.setattr(Artefacts, "draw", refuse)
    body = {"model": EDIT, "prompt": "a hat", "image": answer["data"][0]["url"]}
    refused = client.post(PATH, json=body, headers=MINE)
    assert (refused.status_code, "20000x20000" in refused.text) == (400, True)


def test_a_body_is_checked_by_the_model_that_it_names(client: FlaskClient) -> None:
    def checked(**body: Any) -> Any:
        return client.post(f"{HOME}try/check", json={"model": DREAM, "body": body}, headers={**MINE, **ORIGIN}).json

    assert checked(model="flux/schnell", prompt="a fox") == {"model": "flux/schnell", "found": []}
    assert [one["field"] for one in checked(model="acme/gone", prompt="a fox")["found"]] == ["model"]
    assert checked(prompt="a fox")["model"] == DREAM


def test_the_api_page_has_every_operation_and_every_model(client: FlaskClient) -> None:
    text = page(client, "api")
    told = client.get("/openapi.json").get_json()
    assert [path for path in told["paths"] if f"<code>{path}</code>" not in text] == []
    assert text.count('class="operation model"') == len(load().models)


# The contract


def test_every_model_has_a_page_with_its_rules_and_their_sources(client: FlaskClient) -> None:
    models = mock_of(client.application).contract.models
    listed = page(client, "contract")
    for key in models:
        assert f'href="/_pixelpact/contract/{key}"' in listed
        text = page(client, f"contract/{key}")
        assert [name for name in models[key].request["properties"] if f"<code>{name}</code>" not in text] == []


def test_profiles_are_told_apart_where_they_differ_and_nowhere_else() -> None:
    contracts = load_all()
    told = {each.about: each.says for each in differences(contracts, DREAM)}
    statuses = {name: contract.models[DREAM].success for name, contract in contracts.items()}
    assert {says: set(names) for says, names in told["status of an answer"].items()} == {
        str(status): {name for name in statuses if statuses[name] == status} for status in set(statuses.values())
    }
    assert "request model" not in told
    assert differences({"observed": contracts["observed"]}, DREAM) == ()


def test_coverage_counts_what_was_called(client: FlaskClient) -> None:
    assert "nothing is covered" in page(client, "coverage")
    asked(client, seed=7)
    assert re.search(r"</span> seed sent<span[^>]*>, 1 time<", page(client, "coverage"))


# What the pages are made of


@pytest.mark.parametrize("name", ["style.css", "list.js", "slider.js", "copy.js", "try.js", "api.js", "icon.svg"])
def test_the_assets_are_the_product_s_own(client: FlaskClient, name: str) -> None:
    answer = client.get(f"{HOME}static/{name}")
    assert (answer.status_code, answer.data) == (200, asset(name)[0])
    assert answer.content_type == TYPES["." + name.rpartition(".")[2]]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|innerHTML|eval\(", answer.text)


def test_no_other_file_is_an_asset(client: FlaskClient) -> None:
    for name in ("../templates/base.html", "%2e%2e/environment.py", "", "none.css"):
        assert client.get(f"{HOME}static/{name}", headers=MINE).status_code in (401, 404)


def test_no_template_trusts_a_value() -> None:
    foreign = r"<script(?! (?:type=\"module\" )?src=\"/_pixelpact/)"
    trusting = re.compile(rf"\|\s*safe|autoescape false|{foreign}|\sstyle=|\son[a-z]+=")
    texts = {each.name: each.read_text("utf-8") for each in TEMPLATES.joinpath("workbench").iterdir()}
    assert [name for name, text in texts.items() if trusting.search(text)] == []
