"""The workbench in a real browser: rows appear, are looked for and opened; the slider moves; switches are thrown."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings

from tests.browsing import PHONE, WIDE, browser, looking, needs_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_browser
__all__ = ["browser"]
RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
MINE = {"Authorization": "Bearer test-key"}
HOSTILE = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"


@pytest.fixture
def base() -> Iterator[str]:
    with Server(create_app(Settings(journal=10_000))) as server:
        yield server.url


def call(base: str, **body: Any) -> httpx.Response:
    sent = {"model": "bytedance/seedream-3.0", "prompt": "a fox", "size": "512x512", **body}
    return httpx.post(f"{base}/v1/images/generations", json=sent, headers=MINE, timeout=30)


def edited(base: str) -> str:
    image = "data:image/jpeg;base64," + base64.b64encode(RACCOON).decode()
    answer = call(base, model="bytedance/seededit-3.0-i2i", prompt="add a bird", image=image, size="adaptive")
    return answer.headers["x-request-id"]


def test_a_call_appears_while_one_looks_and_is_found_again(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/")
        page.get_by_text("No calls yet").wait_for()
        call(base, prompt="a red fox")
        page.get_by_text("a red fox").wait_for()
        call(base, prompt="a wolf")
        page.get_by_text("a wolf").wait_for()
        page.get_by_label("Search").fill("fox")
        page.get_by_text("1 of 2 calls").wait_for()
        assert page.locator("tbody tr").count() == 1
        page.locator("tbody a").click()
        page.get_by_role("heading", name="Fields", exact=True).wait_for()
        assert page.get_by_role("img").first.evaluate("picture => picture.naturalWidth") == 512
        assert (seen.errors, seen.foreign(base)) == ([], [])


def test_the_slider_shows_as_much_of_the_picture_before_as_it_says(browser: Browser, base: str) -> None:
    request_id = edited(base)
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/requests/{request_id}")
        slider = page.get_by_role("slider")
        slider.focus()
        clips = []
        for key in ("Home", "End", "ArrowLeft"):
            slider.press(key)
            clips.append(page.locator(".before").evaluate("picture => getComputedStyle(picture).clipPath"))
        assert clips == ["inset(0px 100% 0px 0px)", "inset(0px 0% 0px 0px)", "inset(0px 1% 0px 0px)"]
        assert page.locator(".compare rect").is_visible()
        assert (seen.errors, seen.foreign(base)) == ([], [])


def test_without_scripts_both_pictures_stand_side_by_side(browser: Browser, base: str) -> None:
    request_id = edited(base)
    context = browser.new_context(java_script_enabled=False, viewport=WIDE)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.goto(f"{base}/_pixelpact/requests/{request_id}")
        before, after = (page.locator(f".compare .{name}").bounding_box() for name in ("before", "after"))
        assert before
        assert after
        assert after["x"] >= before["x"] + before["width"]
        assert not page.get_by_role("slider").is_visible()
    finally:
        context.close()


def test_a_fault_is_switched_on_and_happens(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/switches")
        page.get_by_role("button", name="429 once").click()
        page.get_by_text("status,code=429,first=1").first.wait_for()
        assert [call(base).status_code for _ in range(2)] == [429, 200]
        page.goto(f"{base}/_pixelpact/?status=4")
        page.get_by_text("1 of 2 calls").wait_for()
        page.goto(f"{base}/_pixelpact/switches")
        page.get_by_role("button", name="Remove all").click()
        page.get_by_text("Nothing goes wrong.").wait_for()
        assert (seen.errors, seen.foreign(base)) == ([], [])


def test_the_journal_is_taken_away_as_json_and_as_har(browser: Browser, base: str, tmp_path: Path) -> None:
    call(base)
    with looking(browser) as seen:
        seen.page.goto(f"{base}/_pixelpact/")
        for name, read in (("JSON", len), ("HAR", lambda har: len(har["log"]["entries"]))):
            with seen.page.expect_download() as download:
                seen.page.get_by_role("link", name=name).click()
            download.value.save_as(tmp_path / name)
            assert read(json.loads((tmp_path / name).read_text())) == 1


def test_what_a_caller_wrote_does_nothing(browser: Browser, base: str) -> None:
    request_id = call(base, prompt=HOSTILE, size=HOSTILE, promt=HOSTILE).headers["x-request-id"]
    call(base, prompt=HOSTILE)
    with looking(browser) as seen:
        for place in ("", f"requests/{request_id}", "coverage", "switches", f"?q={HOSTILE}"):
            seen.page.goto(f"{base}/_pixelpact/{place}")
            assert "taken" not in seen.page.title()
        assert seen.errors == []


def test_a_picture_is_made_by_the_form_and_its_request_opened(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/try?model=bytedance/seedream-3.0")
        page.get_by_label("prompt").fill("a red fox")
        page.get_by_label("size", exact=True).fill("600x500")
        page.get_by_text("keeps to the contract").wait_for()
        page.get_by_role("button", name="Send").click()
        picture = page.get_by_alt_text("The picture that came")
        picture.wait_for()
        picture.evaluate("picture => picture.decode()")
        assert picture.evaluate("picture => [picture.naturalWidth, picture.naturalHeight]") == [600, 500]
        page.get_by_role("link", name="Open the request").click()
        page.get_by_role("heading", name="Fields", exact=True).wait_for()
        assert (seen.errors, seen.foreign(base)) == ([], [])


@pytest.mark.parametrize("model", ["bytedance/seededit-3.0-i2i", "openai/gpt-image-1@edits"])
def test_a_picture_is_chosen_and_edited(browser: Browser, base: str, model: str, tmp_path: Path) -> None:
    file = tmp_path / "raccoon.jpg"
    file.write_bytes(RACCOON)
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/try?model={model}")
        page.get_by_label("prompt").fill("add a bird")
        page.get_by_label("A file for image").first.set_input_files(file)
        page.get_by_role("button", name="Send").click()
        page.get_by_role("link", name="Open the request").click()
        page.get_by_role("region", name="Before and after").wait_for()
        assert (seen.errors, seen.foreign(base)) == ([], [])


def test_a_broken_rule_is_told_at_its_field_and_by_the_answer(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/try?model=bytedance/seedream-3.0")
        page.get_by_label("Body").fill('{"model": "bytedance/seedream-3.0", "prompt": "a", "guidance_scale": 11}')
        page.locator('[data-field="guidance_scale"] .problem').get_by_text("at most 10").wait_for()
        page.get_by_role("button", name="Send").click()
        page.locator("#came .badge").get_by_text("400").wait_for()


def test_a_model_is_looked_for_on_the_api_page(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/api")
        page.get_by_label("Search").fill("seededit")
        page.get_by_text("1 of ").wait_for()
        page.locator(".model:not([hidden]) summary").click()
        page.locator(".model:not([hidden])").get_by_role("link", name="Try it").click()
        page.get_by_label("A file for image").wait_for()
        assert (seen.errors, seen.foreign(base)) == ([], [])


PLACES = [
    "",
    "try",
    "try?model=openai/gpt-image-1@edits",
    "api",
    "switches",
    "coverage",
    "contract",
    "contract/bytedance/seedream-3.0",
    "session",
    "requests/EDIT",
]


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_every_page(browser: Browser, base: str, scheme: str, viewport: Any) -> None:
    call(base, prompt="a fox")
    call(base, guidance_scale=11, promt="typo")
    request_id = edited(base)
    with looking(browser, scheme, viewport) as seen:
        for place in PLACES:
            seen.page.goto(f"{base}/_pixelpact/{place.replace('EDIT', request_id)}")
            assert (place, seen.barriers(), seen.overflow()) == (place, [], 0)
        assert (seen.errors, seen.foreign(base)) == ([], [])


def test_the_page_says_so_when_the_mock_has_gone_and_when_it_is_back(browser: Browser) -> None:
    app = create_app()
    with looking(browser) as seen:
        with Server(app) as server:
            seen.page.goto(f"{server.url}/_pixelpact/")
            seen.page.get_by_text("Live", exact=True).wait_for()
        seen.page.get_by_text("The mock does not answer").wait_for()
        with Server(app, port=int(server.url.rpartition(":")[2])):
            seen.page.get_by_text("Live", exact=True).wait_for()


def test_a_row_that_came_while_a_text_was_marked_comes_when_it_is_not(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/")
        page.get_by_text("Live", exact=True).wait_for()
        page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
        with page.expect_response(lambda answer: "calls" in answer.text() and "/events" in answer.url):
            call(base, prompt="a red fox")
        assert page.locator("tbody tr").count() == 0
        page.evaluate("getSelection().removeAllRanges()")
        page.get_by_text("a red fox").wait_for()


def test_a_row_that_did_not_come_is_asked_for_again(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        seen.page.route("**/rows?**", lambda route: route.abort(), times=1)
        seen.page.goto(f"{base}/_pixelpact/")
        call(base, prompt="a red fox")
        seen.page.get_by_text("a red fox").wait_for()
        seen.page.get_by_text("Live", exact=True).wait_for()


def test_a_list_takes_no_rows_of_another_key(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/")
        call(base, prompt="a red fox")
        page.get_by_text("a red fox").wait_for()
        other = page.context.new_page()
        other.goto(f"{base}/_pixelpact/session")
        other.get_by_label("API key").fill("another-key-of-mine")
        other.get_by_role("button", name="Show its calls").click()
        page.get_by_text("Another key is in use in this browser by now").wait_for()
        assert page.get_by_text("a red fox").is_visible()


def test_the_link_that_has_the_focus_keeps_it_as_calls_come(browser: Browser, base: str) -> None:
    for _ in range(101):
        call(base, prompt="a fox", response_format="b64_json", size="512x512")
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/")
        page.get_by_role("link", name="Older calls").focus()
        call(base, prompt="the newest")
        page.get_by_text("the newest").wait_for()
        assert page.evaluate("document.activeElement.textContent") == "Older calls"


def test_a_model_that_was_never_called_before_can_be_chosen_once_it_is(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        seen.page.goto(f"{base}/_pixelpact/")
        call(base, prompt="a red fox")
        seen.page.get_by_text("a red fox").wait_for()
        seen.page.get_by_label("Model").select_option("bytedance/seedream-3.0")
        seen.page.get_by_text("1 of 1 calls").wait_for()


def test_who_reads_further_down_is_not_moved_by_new_calls(browser: Browser, base: str) -> None:
    for number in range(40):
        call(base, prompt=f"number {number}", response_format="b64_json", size="512x512")
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/")
        row = page.get_by_text("number 10", exact=True)
        row.scroll_into_view_if_needed()
        page.locator("tbody tr", has=row).get_by_role("link").focus()
        before = row.bounding_box()
        call(base, prompt="the newest")
        page.get_by_text("41 of 41 calls").wait_for()
        assert abs(row.bounding_box()["y"] - before["y"]) < 2  # type: ignore[index]
        assert page.locator("tbody tr", has=row).get_by_role("link").evaluate("link => link === document.activeElement")


def test_the_slider_begins_where_the_picture_changed(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        page = seen.page
        page.goto(f"{base}/_pixelpact/requests/{edited(base)}")
        place = int(page.get_by_role("slider").input_value())
        pair, box = (page.locator(f".compare {name}").bounding_box() for name in (".pair", "rect"))
        assert pair is not None
        assert box is not None
        assert abs(pair["x"] + pair["width"] * place / 100 - (box["x"] + box["width"] / 2)) < pair["width"] / 100


def test_the_page_to_sign_in_on_is_drawn_as_the_others_are(browser: Browser) -> None:
    with Server(create_app(Settings(control_token="secret-token"))) as server, looking(browser, "dark", PHONE) as seen:
        page = seen.page
        page.goto(f"{server.url}/_pixelpact/")
        assert page.locator(".panel").evaluate("panel => getComputedStyle(panel).borderRadius") == "12px"
        assert (seen.barriers(), seen.overflow()) == ([], 0)
        page.get_by_label("Control token").fill("secret-token")
        page.get_by_role("button", name="Show its calls").click()
        page.get_by_text("No calls yet").wait_for()
        page.get_by_role("link", name="test-key").click()
        page.get_by_role("button", name="Forget").click()
        page.get_by_label("Control token").wait_for()


def test_where_a_page_may_not_copy_the_text_is_chosen(browser: Browser, base: str) -> None:
    with looking(browser) as seen:
        page = seen.page
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        page.goto(f"{base}/_pixelpact/requests/{call(base).headers['x-request-id']}")
        page.get_by_role("button", name="Copy").last.click()
        page.get_by_role("button", name="Chosen").wait_for()
        assert page.evaluate("getSelection().toString()").startswith("curl -sS -X POST")
        assert seen.errors == []


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_has_room_for_the_list(browser: Browser, base: str, width: int) -> None:
    call(base)
    call(base, model="bytedance/a-model-of-quite-a-long-name-that-nobody-serves")
    with looking(browser, "light", {"width": width, "height": 700}) as seen:
        seen.page.goto(f"{base}/_pixelpact/")
        credits, thumb = (seen.page.locator(f"td.{name}").last.bounding_box() for name in ("credits", "thumb"))
        assert credits is not None
        assert thumb is not None
        assert (seen.overflow(), credits["x"] > thumb["x"] + thumb["width"]) == (0, True)
        assert seen.page.locator("th.size").bounding_box()["x"] < -300  # type: ignore[index]


SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifted += one.value; })
  .observe({type: "layout-shift", buffered: true});
"""


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_jumps_when_the_pictures_come(browser: Browser, base: str, viewport: Any) -> None:
    drawn = call(base, size="1024x1024").headers["x-request-id"]
    for request_id in (drawn, edited(base)):
        with looking(browser, "light", viewport) as seen:
            seen.page.add_init_script(SHIFTS)
            seen.page.goto(f"{base}/_pixelpact/requests/{request_id}")
            seen.page.wait_for_function("[...document.images].every((image) => image.complete)")
            assert seen.page.evaluate("window.shifted") < 0.05
