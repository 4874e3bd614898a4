"""The form and the body of a trial in a real browser: neither forgets what the other was told."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from playwright.sync_api import expect

from tests.browsing import PHONE, Seen, browser, looking, needs_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_browser
__all__ = ["browser"]
DREAM, EDIT, FORM = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i", "openai/gpt-image-1@edits"
TIFF = "topaz-labs/sharpen"
RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
LINK = "data:image/jpeg;base64," + base64.b64encode(RACCOON).decode()
MINE = {"Authorization": "Bearer test-key"}


@pytest.fixture
def base() -> Iterator[str]:
    with Server(create_app()) as server:
        yield server.url


@pytest.fixture
def seen(browser: Browser) -> Iterator[Seen]:
    with looking(browser) as looked:
        yield looked


def opened(seen: Seen, base: str, model: str) -> Page:
    """The form of a model, once its first body was checked."""
    seen.page.goto(f"{base}/_pixelpact/try?model={model}")
    seen.page.locator("#told:not(:empty)").wait_for()
    return seen.page


def edit(page: Page, old: str, new: str) -> None:
    body = page.get_by_label("Body")
    text = body.input_value()
    assert old in text
    body.fill(text.replace(old, new))


def send(page: Page, status: str) -> None:
    page.get_by_role("button", name="Send").click()
    page.locator("#came .badge").get_by_text(status).wait_for()


def received(base: str) -> dict[str, Any]:
    # The picture of an answer is downloaded at once, and that is a call too.
    (entry,) = (one for one in httpx.get(f"{base}/_pixelpact/journal", headers=MINE).json() if one["hop"] == "api")
    body: dict[str, Any] = entry["facts"]["body"]
    return body


def test_a_key_and_a_field_leave_the_rest_of_an_edited_body_alone(seen: Seen, base: str) -> None:
    page = opened(seen, base, DREAM)
    page.get_by_label("Body").fill(json.dumps({"model": DREAM, "prompt": "mine", "extra": 1}))
    page.get_by_label("API key").fill("test-key")
    page.get_by_label("seed", exact=True).fill("7")
    assert json.loads(page.get_by_label("Body").input_value()) == {
        "model": DREAM,
        "prompt": "mine",
        "extra": 1,
        "seed": 7,
    }


def test_an_edited_body_is_what_a_form_with_files_sends(seen: Seen, base: str, tmp_path: Path) -> None:
    file = tmp_path / "raccoon.jpg"
    file.write_bytes(RACCOON)
    page = opened(seen, base, FORM)
    page.get_by_label("prompt").fill("of the form")
    page.get_by_label("A file for image").first.set_input_files(file)
    expect(page.get_by_label("Body")).to_have_value(re.compile("data:image/jpeg"))
    edit(page, "of the form", "of the body")
    send(page, "200")
    assert received(base)["prompt"] == "of the body"


SLOW = """
const read = FileReader.prototype.readAsDataURL;
FileReader.prototype.readAsDataURL = function (file) { setTimeout(() => read.call(this, file), 500); };
"""
FAILING = (
    "FileReader.prototype.readAsDataURL = function () { setTimeout(() => this.dispatchEvent(new Event('error')), 1); };"
)
FAILING += "Object.defineProperty(FileReader.prototype, 'error', { get: () => new DOMException('gone') });"


@pytest.mark.parametrize("model", [EDIT, FORM])
def test_a_file_is_sent_though_it_is_still_being_read(seen: Seen, base: str, tmp_path: Path, model: str) -> None:
    file = tmp_path / "raccoon.jpg"
    file.write_bytes(RACCOON)
    seen.page.add_init_script(SLOW)
    page = opened(seen, base, model)
    page.get_by_label("prompt").fill("add a bird")
    page.get_by_label("A file for image").first.set_input_files(file)
    send(page, "200")


def test_a_file_that_cannot_be_read_is_told(seen: Seen, base: str, tmp_path: Path) -> None:
    file = tmp_path / "raccoon.jpg"
    file.write_bytes(RACCOON)
    seen.page.add_init_script(FAILING)
    page = opened(seen, base, EDIT)
    page.get_by_label("A file for image").first.set_input_files(file)
    page.get_by_text("the file cannot be read: gone").wait_for()
    send(page, "400")


def test_a_pasted_picture_is_whole_after_the_body_was_edited(seen: Seen, base: str) -> None:
    page = opened(seen, base, EDIT)
    page.get_by_label("prompt").fill("add a bird")
    page.locator("#f-image").fill(LINK)
    assert LINK not in page.get_by_label("Body").input_value()
    edit(page, "add a bird", "add a boat")
    with page.expect_request(lambda asked: "/v1/" in asked.url) as asking:
        send(page, "200")
    sent = json.loads(asking.value.post_data or "")
    assert (sent["prompt"], sent["image"] == LINK) == ("add a boat", True)


def test_what_cannot_be_checked_is_not_called_right(seen: Seen, base: str) -> None:
    page = opened(seen, base, DREAM)
    page.get_by_text("keeps to the contract").wait_for()
    seen.page.route("**/try/check", lambda route: route.fulfill(status=503))
    page.get_by_label("prompt").fill("a fox")
    page.get_by_text("not checked: 503").wait_for()


def test_a_long_number_is_sent_as_it_was_typed(seen: Seen, base: str) -> None:
    page = opened(seen, base, DREAM)
    page.get_by_label("prompt").fill("a fox")
    page.get_by_label("seed", exact=True).fill("12345678901234567890")
    assert '"seed": 12345678901234567890' in page.get_by_label("Body").input_value()
    page.get_by_label("prompt").fill("a wolf")
    assert '"seed": 12345678901234567890' in page.get_by_label("Body").input_value()


def test_a_key_that_no_header_can_carry_is_not_sent(seen: Seen, base: str) -> None:
    page = opened(seen, base, DREAM)
    page.get_by_label("API key").fill("schlüssel")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Not sent: an API key goes into a header, so it has to be ASCII.").wait_for()
    assert httpx.get(f"{base}/_pixelpact/journal", headers=MINE).json() == []


def test_the_models_are_walked_by_keyboard_and_what_was_typed_stays(seen: Seen, base: str) -> None:
    page = opened(seen, base, DREAM)
    page.get_by_label("prompt").fill("a fox")
    page.get_by_label("seed", exact=True).fill("7")
    chooser = page.get_by_label("Model")
    chooser.focus()
    chooser.press("ArrowUp")
    chooser.press("ArrowDown")
    assert chooser.evaluate("select => select === document.activeElement")
    chooser.select_option("flux/schnell")
    page.get_by_role("button", name="Show its form").click()
    page.get_by_role("heading", name="Try flux/schnell").wait_for()
    page.locator("#told:not(:empty)").wait_for()
    assert json.loads(page.get_by_label("Body").input_value())["seed"] == 7
    assert page.get_by_label("prompt").input_value() == "a fox"
    page.reload()
    assert page.get_by_label("prompt").input_value() != "a fox"


def test_a_body_of_another_model_is_checked_by_its_rules(seen: Seen, base: str) -> None:
    page = opened(seen, base, DREAM)
    page.get_by_label("Body").fill('{"model": "flux/schnell", "prompt": "a fox"}')
    page.get_by_text("keeps to the contract of flux/schnell").wait_for()


@pytest.mark.parametrize("text", ["{nope", '{"prompt": "a", "seed": 7, "seed": 8}'])
def test_a_body_is_sent_to_the_letter(seen: Seen, base: str, text: str) -> None:
    page = opened(seen, base, DREAM)
    page.get_by_label("Body").fill(text)
    with page.expect_request(lambda asked: "/v1/" in asked.url) as asking:
        send(page, "400")
    assert asking.value.post_data == text


def test_a_broken_value_is_told_at_its_field_and_sent_all_the_same(seen: Seen, base: str) -> None:
    page = opened(seen, base, DREAM)
    page.get_by_label("guidance_scale").fill("11")
    page.locator('[data-field="guidance_scale"] .problem').get_by_text("at most 10").wait_for()
    send(page, "400")
    assert received(base)["guidance_scale"] == 11


def test_a_file_is_asked_for_in_the_types_of_its_rule(seen: Seen, base: str) -> None:
    page = opened(seen, base, EDIT)
    assert page.get_by_label("A file for image").get_attribute("accept") == "image/jpeg,image/png"


def test_models_are_grouped_by_task_and_an_empty_group_is_gone(seen: Seen, base: str) -> None:
    page = seen.page
    page.goto(f"{base}/_pixelpact/api")
    headings = page.locator(".group:visible h3").all_inner_texts
    assert headings() == ["Draw", "Edit"]
    page.get_by_label("Search").fill("seededit")
    page.get_by_text("1 of ").wait_for()
    assert headings() == ["Edit"]


def test_a_form_with_a_file_keeps_to_the_contract(seen: Seen, base: str, tmp_path: Path) -> None:
    file = tmp_path / "raccoon.jpg"
    file.write_bytes(RACCOON)
    page = opened(seen, base, FORM)
    page.get_by_text("1 broken rule: image").wait_for()
    page.get_by_label("A file for image").first.set_input_files(file)
    page.get_by_text("keeps to the contract").wait_for()
    assert page.locator("[aria-invalid=true]").count() == 0


def test_of_a_file_and_a_link_the_later_one_is_sent(seen: Seen, base: str, tmp_path: Path) -> None:
    file = tmp_path / "raccoon.jpg"
    file.write_bytes(RACCOON)
    page = opened(seen, base, EDIT)
    chooser, body = page.get_by_label("A file for image"), page.get_by_label("Body")
    page.locator("#f-image").fill("https://example.com/a.png")
    chooser.set_input_files(file)
    expect(body).to_have_value(re.compile("data:image/jpeg"))
    expect(page.locator("#f-image")).to_have_value("")
    page.locator("#f-image").fill("https://example.com/b.png")
    expect(chooser).to_have_value("")
    assert json.loads(body.input_value())["image"] == "https://example.com/b.png"


def test_a_file_is_taken_away_again(seen: Seen, base: str, tmp_path: Path) -> None:
    file = tmp_path / "raccoon.jpg"
    file.write_bytes(RACCOON)
    page = opened(seen, base, EDIT)
    page.get_by_label("A file for image").set_input_files(file)
    page.get_by_role("button", name="Take away the file for image").click()
    expect(page.get_by_label("A file for image")).to_have_value("")
    assert "image" not in json.loads(page.get_by_label("Body").input_value())


def test_a_picture_that_no_browser_shows_is_shown_small(seen: Seen, base: str) -> None:
    page = opened(seen, base, TIFF)
    page.locator("#f-image_url").fill(LINK)
    page.get_by_label("output_format").select_option('"tiff"')
    send(page, "200")
    page.get_by_text("A browser cannot show its format").wait_for()
    picture = page.get_by_alt_text("The picture that came")
    picture.evaluate("picture => picture.decode()")
    assert picture.evaluate("picture => picture.naturalWidth") > 0
    file = page.get_by_role("link", name="File 1").get_attribute("href") or ""
    assert httpx.get(file).headers["content-type"] == "image/tiff"


def test_an_answer_is_shown_without_the_signature_of_its_link(seen: Seen, base: str) -> None:
    page = opened(seen, base, DREAM)
    send(page, "200")
    answer = page.locator("#rest pre").first.inner_text()
    assert "a signature of" in answer
    assert "X-Tos-Signature" not in answer


@pytest.mark.parametrize("preset", ["Connection lost", "No answer"])
def test_a_lost_connection_is_seen_although_the_browser_asks_again(seen: Seen, base: str, preset: str) -> None:
    seen.page.goto(f"{base}/_pixelpact/switches")
    seen.page.get_by_role("button", name=preset).click()
    seen.page.get_by_text("The fault is set").wait_for()
    page = opened(seen, base, DREAM)
    for _ in range(2):
        page.get_by_role("button", name="Send").click()
        page.get_by_text("may have asked more than once").wait_for()
    assert page.locator("#rest").inner_text() == ""
    assert {entry["status"] for entry in httpx.get(f"{base}/_pixelpact/journal", headers=MINE).json()} == {500}


def test_on_a_phone_the_answer_is_come_to(browser: Browser, base: str) -> None:
    with looking(browser, viewport=PHONE) as seen:
        page = opened(seen, base, DREAM)
        assert page.evaluate("scrollY") == 0
        send(page, "200")
        expect(page.get_by_role("heading", name="Answer")).to_be_in_viewport()
        expect(page.get_by_alt_text("The picture that came")).to_be_in_viewport(ratio=0.95)


def test_a_problem_at_its_field_does_not_repeat_the_name(seen: Seen, base: str) -> None:
    page = opened(seen, base, DREAM)
    page.get_by_label("guidance_scale").fill("11")
    page.locator("#p-guidance_scale").get_by_text("expected at most 10").wait_for()
    assert page.locator("#p-guidance_scale").inner_text().startswith("expected at most 10")
    assert "guidance_scale: expected at most 10" in page.locator("#told").inner_text()


def test_the_sources_of_a_field_are_a_link_away(seen: Seen, base: str) -> None:
    page = opened(seen, base, DREAM)
    page.get_by_role("link", name="Sources of the rules of seed").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/contract/bytedance/seedream-3.0#field-seed")
    expect(page.locator("tr:target")).to_contain_text("seed")


def test_a_model_is_looked_for_in_the_contract(seen: Seen, base: str) -> None:
    seen.page.goto(f"{base}/_pixelpact/contract")
    seen.page.get_by_label("Search").fill("seedream deprecated")
    seen.page.get_by_text("1 of ").wait_for()
    assert seen.page.locator(".models tbody tr:visible").all_inner_texts()[0].startswith(DREAM)


@pytest.mark.parametrize(
    "place", ["switches", "coverage", "contract", f"contract/{DREAM}", f"try?model={DREAM}", f"try?model={FORM}", "api"]
)
def test_nothing_lies_beyond_the_edge_of_a_narrow_phone(browser: Browser, base: str, place: str) -> None:
    httpx.post(f"{base}/v1/images/generations", json={"model": DREAM, "prompt": "a fox"}, headers=MINE)
    with looking(browser, viewport={"width": 320, "height": 700}) as seen:
        seen.page.goto(f"{base}/_pixelpact/{place}")
        assert seen.overflow() == 0
        assert seen.barriers() == []


def test_what_is_wrong_with_a_switch_has_the_focus(seen: Seen, base: str) -> None:
    seen.page.goto(f"{base}/_pixelpact/switches")
    seen.page.get_by_label("Any other").fill("status,cod=429")
    seen.page.get_by_role("button", name="Add").first.click()
    expect(seen.page.get_by_label("Any other")).to_be_focused()
    expect(seen.page.get_by_label("Any other")).to_have_value("status,cod=429")
