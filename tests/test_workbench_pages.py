"""The switches, the contract, its coverage and the trial: what was done, what is wrong, where a rule comes from."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import timedelta
from html import unescape
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from pixelpact.contract.contract import load
from pixelpact.contract.sources import Source
from pixelpact.service import faults
from pixelpact.service.app import create_app
from pixelpact.service.credits import Credits
from pixelpact.service.workbench.contractview import NO_MARK, Difference
from pixelpact.service.workbench.rules import Rule, in_lines
from pixelpact.service.workbench.switches import DEEDS, PRESETS, in_words, span
from werkzeug.test import TestResponse

HOME = "/_pixelpact/"
DREAM, FORM, BARE = "bytedance/seedream-3.0", "openai/gpt-image-1@edits", "openai/gpt-image-1"
RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
MINE = {"Authorization": "Bearer test-key", "Origin": "http://localhost"}
PAGE = {"Accept": "text/html"}
DOCS = Source("docs", "documented", "the docs")
GUESS = Source("guess", "assumed", "nowhere")
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def client() -> FlaskClient:
    return create_app().test_client()


def page(client: FlaskClient, place: str) -> str:
    answer = client.get(f"{HOME}{place}", headers={**MINE, **PAGE})
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def done(client: FlaskClient, place: str, **given: str) -> TestResponse:
    return client.post(f"{HOME}switches/{place}", data=given, headers=MINE)


def asked(client: FlaskClient, **body: Any) -> TestResponse:
    return client.post("/v1/images/generations", json={"model": DREAM, "prompt": "a fox", **body}, headers=MINE)


def section(text: str, name: str) -> str:
    (found,) = re.findall(rf'<section class="[^"]*" id="{name}".*?</section>', text, re.DOTALL)
    return str(found)


# Switches


@pytest.mark.parametrize(
    ("place", "given", "field"),
    [
        ("faults", {"fault": "status,cod=429,prompt=*long*"}, "fault"),
        ("credits", {"amount": "many", "unit": "usd"}, "amount"),
        ("credits", {"amount": "2.5", "unit": "credits"}, "amount"),
        ("limits", {"quotas": "often", "concurrency": "3"}, "quotas"),
        ("limits", {"quotas": "10/minute", "concurrency": "some"}, "concurrency"),
        ("clock", {"hours": "soon"}, "hours"),
        ("models", {"model": DREAM, "state": "deprecated", "sunset": "soon"}, "sunset"),
    ],
)
def test_what_is_wrong_stays_in_its_field_and_is_told_beside_it(
    client: FlaskClient, place: str, given: dict[str, str], field: str
) -> None:
    text = section(unescape(done(client, place, **given).text), place)
    inputs = {name: tag for tag, name in re.findall(r'(<input name="(\w+)".*?>)', text)}
    inputs |= {name: tag for tag, name in re.findall(r'(<input type="date" name="(\w+)".*?>)', text)}
    assert 'role="alert" id="problem"' in text
    assert [name for name, tag in inputs.items() if 'aria-invalid="true" aria-describedby="problem"' in tag] == [field]
    assert {name: tag for name, tag in inputs.items() if name in given and f'value="{given[name]}"' not in tag} == {}


def test_what_was_typed_is_text_where_it_is_shown_again(client: FlaskClient) -> None:
    for place, field in (("faults", "fault"), ("clock", "hours"), ("limits", "quotas")):
        answer = done(client, place, **{field: HOSTILE})
        assert answer.status_code == 400
        assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("place", "given", "where"),
    [
        ("faults", {"fault": "reset"}, "faults"),
        ("faults/clear", {}, "faults"),
        ("clock", {"hours": "1"}, "clock"),
        ("limits/clear", {}, "limits"),
        ("journal/clear", {}, "begin"),
        ("reset", {}, "begin"),
    ],
)
def test_what_was_done_is_told_where_it_was_asked_for(
    client: FlaskClient, place: str, given: dict[str, str], where: str
) -> None:
    location = done(client, place, **given).location
    assert location == f"{HOME}switches?did={place}#{where}"
    text = page(client, location.removeprefix(HOME).partition("#")[0])
    assert re.findall(r'role="status">(.*?)</p>', text) == [f"✓ {DEEDS[place].said}"]
    assert DEEDS[place].said in section(text, where)


def test_a_form_of_another_key_changes_nothing(client: FlaskClient) -> None:
    """In another tab of a browser somebody signed in as another since."""
    asked(client)
    others = {"Authorization": "Bearer another-key"}
    text = client.get(f"{HOME}switches", headers={**others, **PAGE}).text
    places = re.findall(r'method="post" action="([^"]*)"', text)
    assert len(places) == text.count('method="post"') > 8

    for place in places:
        answer = client.post(place, data={"kind": "reset", "preset": "429 once"}, headers=MINE)
        assert (answer.status_code, "another key is in use by now" in answer.text) == (409, True)
    assert [entry["status"] for entry in client.get(f"{HOME}journal", headers=MINE).get_json()] == [200]
    assert asked(client).status_code == 200


def test_the_address_of_a_form_that_was_sent_wrongly_leads_to_the_switches(client: FlaskClient) -> None:
    answer = client.get(f"{HOME}switches/faults", headers={**MINE, **PAGE})
    assert (answer.status_code, answer.location) == (303, f"{HOME}switches")
    assert client.get(f"{HOME}switches/none", headers={**MINE, **PAGE}).status_code == 404


@pytest.mark.parametrize("place", ["switches", "switches?did=nothing", f"switches?did={HOSTILE}"])
def test_where_nothing_was_done_nothing_is_told(client: FlaskClient, place: str) -> None:
    assert 'role="status"' not in page(client, place)


@pytest.mark.parametrize(
    ("calls", "says"), [(0, "0 of 2 done, 2 left"), (1, "1 of 2 done, 1 left"), (2, "2 of 2 done"), (3, "2 of 2 done")]
)
def test_a_fault_of_the_first_calls_says_how_many_are_left(client: FlaskClient, calls: int, says: str) -> None:
    done(client, "faults", fault="status,code=429,first=2")
    for _ in range(calls):
        asked(client)
    assert re.findall(r"[0-9]+ of [0-9]+ done[^<]*", page(client, "switches")) == [says]


def test_a_fault_without_an_end_has_none_left(client: FlaskClient) -> None:
    done(client, "faults", fault="status,code=429,every=3")
    assert " done" not in section(page(client, "switches"), "faults")


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ({}, ""),
        ({"milliseconds": 900}, ""),
        ({"hours": 1}, "1 hour"),
        ({"hours": 25}, "1 day and 1 hour"),
        ({"days": 8}, "8 days"),
        ({"days": 2, "minutes": 3, "seconds": 1}, "2 days, 3 minutes and 1 second"),
        ({"days": 40_000}, "40,000 days"),
    ],
)
def test_a_time_is_told_in_words(time: dict[str, int], words: str) -> None:
    assert span(timedelta(**time)) == words


def test_the_clock_is_in_step_until_it_is_put_forward(client: FlaskClient) -> None:
    assert "UTC, in step with real time." in page(client, "switches")
    done(client, "clock", hours="25")
    assert "UTC, 1 day and 1 hour ahead." in page(client, "switches")


def test_a_broken_rule_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="balance") as without_end:
        Credits().add(usd=5)
    with pytest.raises(faults.BadFault) as code:
        faults.parse("status,code=42")
    with pytest.raises(faults.BadFault) as kind:
        faults.parse("statsu")
    assert in_words(without_end.value).startswith("The balance must be a number to add to, but is one without end")
    assert in_words(code.value) == "The code of the fault status must be a status from 400 to 599, but is 42."
    assert in_words(kind.value).startswith("The kind of the fault must be one of status, latency")
    assert in_words(ValueError("nobody knows why")) == "nobody knows why"


@pytest.mark.parametrize("fault", PRESETS.values())
def test_every_preset_is_a_fault_as_it_is_written(fault: str) -> None:
    assert faults.parse(fault).text == fault


def test_a_model_on_its_way_out_is_restored_from_its_line(client: FlaskClient) -> None:
    done(client, "models", model=DREAM, state="deprecated", sunset="2099-01-31")
    line = re.findall(r"<li>.*?</li>", section(page(client, "switches"), "models"), re.DOTALL)[0]
    assert ">2099-01-31<" in line
    done(client, "models", **dict(re.findall(r'name="(\w+)" value="([^"]*)"', line)))
    assert "All are in service." in page(client, "switches")


# The contract


def test_short_rules_share_a_line_and_long_ones_have_their_own() -> None:
    rules = [
        Rule("required", "required", (DOCS,)),
        Rule("type", "string", (DOCS,)),
        Rule("x-size", "w" * 61, (DOCS,)),
        Rule("minLength", "at least 1", (GUESS,)),
    ]
    first, second = in_lines(rules)
    assert [(rule.says, rule.sources) for rule in first] == [("required · string", (DOCS,)), ("at least 1", (GUESS,))]
    assert second == (rules[2],)
    assert in_lines([]) == ()


def test_only_what_is_documented_nowhere_is_doubted() -> None:
    assert Rule("type", "string", (DOCS, GUESS)).doubts == ()
    assert Rule("type", "string", (GUESS, GUESS)).doubts == ("assumed",)


@pytest.mark.parametrize("key", load().models)
def test_each_source_stands_once_and_each_note_leads_to_one(client: FlaskClient, key: str) -> None:
    text = page(client, f"contract/{key}")
    numbers = re.findall(r'<li id="source-(\d+)"', text)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    assert set(re.findall(r'href="#source-(\d+)"', text)) == set(numbers)
    listed = re.findall(r'<li id="source-\d+">(.*?)</li>', text)
    assert len(set(listed)) == len(listed)
    assert 'class="standing documented"' not in text


@pytest.mark.parametrize("place", ["contract", "api", f"contract/{DREAM}", f"contract/{FORM}"])
def test_what_stands_between_backticks_is_code(client: FlaskClient, place: str) -> None:
    assert "`" not in page(client, place)


def test_there_is_no_column_of_notes_where_there_are_none(client: FlaskClient) -> None:
    assert "What it is for" in page(client, f"contract/{DREAM}")
    assert "What it is for" not in page(client, f"contract/{BARE}")


def test_a_profile_that_says_the_same_as_this_mock_has_its_letter() -> None:
    found = Difference("size", {"old": ("2025", "2026"), "new": ("observed", "nulls"), "nothing": ("images",)})
    marks = {"observed": "A", "nulls": "A", "2025": "B", "2026": "B", "images": NO_MARK}
    assert found.by_profile("observed") == marks
    assert found.by_profile("images") == {"observed": "C", "nulls": "C", "2025": "B", "2026": "B", "images": NO_MARK}


def test_the_profiles_are_a_table_with_what_each_letter_says(client: FlaskClient) -> None:
    row = re.findall(r"<tr><th[^>]*><details><summary>status of an answer.*?</tr>", page(client, f"contract/{DREAM}"))
    assert re.findall(r"<dt>(.)</dt><dd><code>(.*?)</code>", row[0]) == [("A", "200"), ("B", "201")]
    assert "".join(re.findall(r"<td[^>]*>(.)</td>", row[0])) == "ABBAAAAB"


def test_a_model_that_is_on_its_way_out_is_marked_in_the_list(client: FlaskClient) -> None:
    text = page(client, "contract")
    models = load().models
    marked = re.findall(r'/contract/([^"]*)">[^<]*</a> <span class="badge warn">deprecated<', text)
    assert marked == [key for key in models if models[key].status == "deprecated"]


@pytest.mark.parametrize("place", [f"try?model={DREAM}", f"try?model={FORM}", "api"])
def test_the_sources_of_a_field_are_where_its_link_leads(client: FlaskClient, place: str) -> None:
    links = re.findall(r'href="/_pixelpact/(contract/[^"#]*)#([^"]*)"', page(client, place))
    pages = {model: page(client, model) for model, _ in links}
    assert links
    assert [link for link in links if f'<tr id="{unquote(link[1])}">' not in pages[link[0]]] == []


# Coverage


def test_every_part_of_the_coverage_is_told_at_the_top_and_linked(client: FlaskClient) -> None:
    asked(client, seed=7)
    text = page(client, "coverage")
    whole = re.findall(r'<p class="whole"><strong>(\d+) %</strong>.*?(\d+) of (\d+)<', text)[0]
    parts = re.findall(r'href="#(part-\d+)">([^<]*)</a>.*?<span class="number">(\d+) of (\d+)<', text)
    assert [title for _, title, _, _ in parts] == [DREAM, "Errors", "Faults", "Links"]
    assert [name for name, title, _, _ in parts if f'<h2 id="{name}">{title} ' not in text] == []
    assert sum(int(count) for _, _, count, _ in parts) == int(whole[1])
    assert sum(int(count) for _, _, _, count in parts) == int(whole[2])
    assert int(whole[0]) == 100 * int(whole[1]) // int(whole[2])


def test_no_two_items_of_a_part_are_called_the_same(client: FlaskClient) -> None:
    asked(client, guidance_scale=11)
    items = [
        re.findall(r"</span> (.*?)<span", part)
        for part in re.findall(r'<ul class="items">.*?</ul>', page(client, "coverage"), re.DOTALL)
    ]
    assert [name for part in items for name, times in Counter(part).items() if times > 1] == []
    assert "400 Bad Request, invalid request" in items[1]


# Try it


def test_a_form_is_checked_as_the_service_reads_it(client: FlaskClient) -> None:
    def found(**given: Any) -> list[str]:
        body = {"model": BARE, "prompt": "add a bird", **given}
        answer = client.post(
            f"{HOME}try/check?model={FORM}", data=body, headers=MINE, content_type="multipart/form-data"
        )
        assert answer.status_code == 200
        return [one["field"] for one in answer.get_json()["found"]]

    assert found(image=(io.BytesIO(RACCOON), "raccoon.jpg")) == []
    assert found(image=(io.BytesIO(RACCOON), "raccoon.jpg"), n="11") == ["n"]
    assert found(image="https://example.com/a.png") == ["image"]
    assert client.get(f"{HOME}journal", headers=MINE).get_json() == []


def test_a_form_for_a_model_that_takes_none_is_refused(client: FlaskClient) -> None:
    place = f"{HOME}try/check?model={DREAM}"
    answer = client.post(place, data={"prompt": "a fox"}, headers=MINE, content_type="multipart/form-data")
    assert answer.status_code == 400


@pytest.mark.parametrize("key", load().models)
def test_every_model_can_be_chosen_in_the_form(client: FlaskClient, key: str) -> None:
    text = page(client, f"try?model={key}")
    assert re.findall(r'<option value="([^"]*)" selected>', text)[0] == key
    assert sorted(re.findall(r'<option value="([^"]+/?[^"]*)"', text.partition("</form>")[0])) == sorted(load().models)


def test_a_model_that_is_not_served_has_no_form_of_another(client: FlaskClient) -> None:
    answer = client.get(f"{HOME}try?model=acme/gone", headers={**MINE, **PAGE})
    assert (answer.status_code, "expected one that is served, received &#39;acme/gone&#39;" in answer.text) == (
        404,
        True,
    )
    checked = client.post(f"{HOME}try/check", json={"model": "acme/gone", "body": {}}, headers=MINE)
    assert (checked.status_code, "acme/gone" in checked.get_json()["message"]) == (400, True)
    sent = client.post(f"{HOME}try", data={"model": "acme/gone"}, headers=MINE)
    assert (sent.status_code, "acme/gone" in sent.text) == (400, True)
