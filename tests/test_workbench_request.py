"""A call as the workbench tells it: its picture, what became of its answer, and the line that repeats it."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import shlex
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pixelpact.pixels.measure import facts
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings
from werkzeug.test import TestResponse

DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
HOME, PATH = "/_pixelpact/", "/v1/images/generations"
MINE = {"Authorization": "Bearer test-key"}
RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
PHOTOGRAPH = "data:image/jpeg;base64," + base64.b64encode(RACCOON).decode()


@pytest.fixture
def client() -> FlaskClient:
    return create_app().test_client()


def asked(client: FlaskClient, **body: Any) -> TestResponse:
    return client.post(PATH, json={"model": DREAM, "prompt": "a fox", **body}, headers=MINE)


def page(client: FlaskClient, place: str = "") -> str:
    answer = client.get(f"{HOME}{place}", headers={**MINE, "Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text


def opened(client: FlaskClient, request_id: str = "") -> str:
    """The page of a call, or of the latest one."""
    return page(client, f"requests/{request_id or last(client)['request_id']}")


def last(client: FlaskClient) -> Any:
    return client.get(f"{HOME}journal", headers=MINE).get_json()[-1]


def fault(client: FlaskClient, **told: Any) -> None:
    assert client.post(f"{HOME}faults", json=told, headers=MINE).status_code == 200


def line(text: str) -> list[str]:
    """The words of the line that repeats a call."""
    part = text[text.index("<h2>Repeat it</h2>") :]
    shown = re.findall(r"<pre[^>]*><code>(.*?)</code>", part, re.DOTALL)[0]
    return shlex.split(html.unescape(shown).replace("\\\n", " "))


# Pictures


@pytest.mark.parametrize("model", [DREAM, EDIT])
def test_a_download_shows_its_own_picture(client: FlaskClient, model: str) -> None:
    link = asked(client, model=model, **({"image": PHOTOGRAPH} if model == EDIT else {})).get_json()["data"][0]["url"]
    came = client.get(link).data

    text = opened(client)

    places = re.findall(r'<img[^>]* src="([^"]+)"', text)
    shown = [client.get(place, headers=MINE) for place in places]
    assert {one.status_code for one in shown} == {200}
    assert came in [one.data for one in shown]
    assert "curl" not in text


def test_a_picture_that_no_browser_shows_is_shown_as_another(client: FlaskClient) -> None:
    body = {"model": "topaz-labs/sharpen", "image_url": PHOTOGRAPH, "output_format": "tiff", "mode": "Standard"}
    answer = client.post(PATH, json=body, headers=MINE)
    assert answer.status_code == 200, answer.text

    text = opened(client)

    after = re.findall(r'class="after" src="([^"]+)"', text)[0]
    file = re.findall(r'<a href="([^"]+/picture/0)"', text)[0]
    kinds = [facts(client.get(place, headers=MINE).data).container for place in (after, file)]
    assert kinds == ["jpeg", "tiff"]


def test_an_edit_whose_picture_is_gone_says_so(tmp_path: Path) -> None:
    client = create_app(Settings(uploads=tmp_path)).test_client()
    asked(client, model=EDIT, image=PHOTOGRAPH)
    for file in [path for path in tmp_path.rglob("*") if path.is_file()]:
        file.unlink()

    text = opened(client)

    assert ("is not kept any more" in text, "<img" in text) == (True, False)


# What became of the answer


@pytest.mark.parametrize(
    ("kind", "badge", "answer"),
    [("reset", "no answer", "None: a fault took it"), ("truncated", "part of 200", "Only a part of it arrived")],
)
def test_what_did_not_arrive_is_no_answer(client: FlaskClient, kind: str, badge: str, answer: str) -> None:
    fault(client, kind=kind)
    asked(client)

    assert f'<span class="badge bad">{badge}</span>' in page(client)
    assert f'<span class="badge bad">{badge}</span>' in opened(client)
    assert answer in opened(client)


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "status", "code": 500},
        {"kind": "status", "code": 418},
        {"kind": "status", "code": 429, "retry_after": 2},
        {"kind": "moderation"},
    ],
    ids=lambda told: str(told.get("code", told["kind"])),
)
def test_an_error_that_a_fault_made_is_shown(client: FlaskClient, told: dict[str, Any]) -> None:
    fault(client, **told)
    answer = asked(client).get_json()

    shown = html.unescape(re.findall(r"<h2>Answer</h2>.*?<code>(.*?)</code>", opened(client), re.DOTALL)[0])
    assert json.loads(shown) == answer


@pytest.mark.parametrize("kind", ["html", "garbage"])
def test_an_answer_that_a_fault_spoilt_is_not_shown_as_if_it_had_come(client: FlaskClient, kind: str) -> None:
    fault(client, kind=kind)
    asked(client)

    assert "stood in the place of the answer" in opened(client)


def test_a_call_without_an_answer_has_no_status_in_a_har(client: FlaskClient) -> None:
    fault(client, kind="timeout", first=1)
    asked(client)
    asked(client)

    entries = client.get(f"{HOME}journal.har", headers=MINE).get_json()["log"]["entries"]
    assert [entry["response"]["status"] for entry in entries] == [0, 200]


def test_a_call_that_a_fault_refused_is_found_by_its_model_and_its_fault(client: FlaskClient) -> None:
    fault(client, kind="status", code=503, first=1)
    asked(client, prompt="refused")
    asked(client, prompt="taken")

    assert "refused" in page(client, f"?model={DREAM}")
    assert ("refused" in page(client, "?q=status"), "taken" in page(client, "?q=status")) == (True, False)


def test_a_call_to_a_wrong_path_is_in_the_journal_of_its_key_from_the_first_on(client: FlaskClient) -> None:
    client.post(f"/v1{PATH}", json={}, headers=MINE)
    assert "Cannot POST /v1/v1/images/generations" in page(client)


def test_null_is_not_taken_for_nothing(client: FlaskClient) -> None:
    asked(client, size=None)
    text = opened(client)
    row = text[text.index("<code>size</code>") :]
    assert row.index('<code class="sent">null</code>') < row.index("</tr>")


def test_a_verdict_on_many_calls_says_so(client: FlaskClient) -> None:
    for field in ("foo", "bar"):
        asked(client, **{field: 1})
    assert "Of 2 calls of this key:" in opened(client)


@pytest.mark.parametrize(
    ("model", "field", "many"), [(EDIT, "image", False), ("bytedance/seedream-v4-edit", "image_urls", True)]
)
def test_a_picture_that_was_refused_marks_its_field(client: FlaskClient, model: str, field: str, many: bool) -> None:
    picture = "data:image/jpeg;base64,bm8gcGljdHVyZSBhdCBhbGwsIG5vdCBvbmU="
    answer = asked(client, model=model, **{field: [picture] if many else picture})
    assert "received not an image" in answer.text
    row = re.findall(
        rf'<tr class="is-(\w+)">\s*<th scope="row"><code>{field}</code>.*?</tr>', opened(client), re.DOTALL
    )
    assert row == ["broken"]
    assert "expected jpeg or png or webp" in opened(client).partition("<h2>Fields</h2>")[2]


# The line that repeats it


def test_the_line_sends_what_was_sent(client: FlaskClient) -> None:
    asked(client, prompt='it\'s "quoted"\n$HOME')
    words = line(opened(client))
    assert words[:5] == ["curl", "-sS", "-X", "POST", f"http://localhost{PATH}"]
    assert '"it\'s \\"quoted\\"\\n$HOME"' in words[words.index("--data-raw") + 1]


def test_the_line_of_a_body_that_was_no_json_says_what_is_missing(client: FlaskClient) -> None:
    client.post(PATH, data="{", headers={**MINE, "Content-Type": "application/json"})
    text = opened(client)
    assert "its body is not kept" in text
    assert line(text)[2:4] == ["-X", "POST"]


@pytest.mark.parametrize("path", ["/v1/a%20b", "/v1/%5B1-3%5D/%7Ba,b%7D", "/v1/a%3Fb%23c", "/v1/100%25"])
def test_a_path_is_told_as_it_has_to_be_asked_for(client: FlaskClient, path: str) -> None:
    client.post(path, json={}, headers=MINE)

    (entry,) = client.get(f"{HOME}journal.har", headers=MINE).get_json()["log"]["entries"]
    assert (line(opened(client))[4], entry["request"]["url"]) == (f"http://localhost{path}",) * 2


def test_the_line_of_head_asks_for_the_head(client: FlaskClient) -> None:
    client.head(PATH, headers=MINE)
    assert line(opened(client))[2] == "-I"


def test_the_line_of_a_form_is_one_of_a_form(client: FlaskClient) -> None:
    sent = {"model": "openai/gpt-image-1", "prompt": "a hat", "image": (io.BytesIO(RACCOON), "a.jpg")}
    assert client.post("/v1/images/edits", data=sent, headers=MINE).status_code == 200
    text = opened(client)
    words = line(text)
    assert [words[place + 1] for place, word in enumerate(words) if word.startswith(("-F", "--form"))] == [
        *("model=openai/gpt-image-1", "prompt=a hat", "image=@(a picture: put yours here)"),
    ]
    assert "put your picture in its place" in text
    (entry,) = client.get(f"{HOME}journal.har", headers=MINE).get_json()["log"]["entries"]
    assert entry["request"]["postData"] == {
        "mimeType": "multipart/form-data",
        "params": [
            {"name": "model", "value": "openai/gpt-image-1"},
            {"name": "prompt", "value": "a hat"},
            {"name": "image", "fileName": "(a picture: put yours here)"},
        ],
        "text": "",
    }


def test_a_text_that_was_cut_is_said_to_be(client: FlaskClient) -> None:
    asked(client, prompt="x" * 5000)
    assert "a text was too long to be kept whole" in opened(client)
