"""A page of another origin, in a real browser: it generates, downloads and shows a picture, and reads a refusal."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import urlencode

import pytest
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from werkzeug.wrappers import Request, Response

from examples.acceptance.probes.browser import OPTIONS, installed
from tests.faults import Fault, Faulty, headed

BROWSER = installed()
PAGE = Path(__file__).parents[1] / "examples" / "browser.html"
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium")

# Tells what the page shows once it says that it is done.
WATCHING = """
<script type="module">
  const said = document.querySelector("output");
  new MutationObserver(() => {
    const { src, hidden, naturalWidth, naturalHeight } = document.querySelector("img");
    const shown = { said: said.textContent, src, hidden, size: [naturalWidth, naturalHeight] };
    if (!shown.said.startsWith("drawing")) fetch("seen", { method: "POST", body: JSON.stringify(shown) });
  }).observe(said, { childList: true });
</script>
"""


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app()


@pytest.fixture(scope="module")
def server(app: Any) -> Iterator[Server]:
    with Server(app) as running:
        yield running


@dataclass(frozen=True)
class Page:
    """The page on a port of its own: another origin than the mock's. `seen` is what it showed."""

    folder: Path
    seen: Queue[dict[str, Any]] = field(default_factory=Queue)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        if request.method == "POST":
            self.seen.put(json.loads(request.get_data()))
        text = WATCHING + PAGE.read_text("utf-8") if request.path == "/" else ""
        return Response(text, content_type="text/html")(environ, start_response)

    def shown(self, base: str, size: str) -> dict[str, Any]:
        """What the page shows when it has asked for a picture of that size."""
        given = urlencode({"base": base, "key": "test-key", "size": size, "go": ""})
        with Server(self) as here:
            command = [BROWSER or "", *OPTIONS, f"--user-data-dir={self.folder}", f"{here.url}/#{given}"]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
                try:
                    return {**self.seen.get(timeout=60), "page": here.url}
                finally:
                    browser.terminate()


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_a_page_shows_a_picture_of_the_size_that_it_asked_for(page: Page, server: Server) -> None:
    shown = page.shown(f"{server.url}/v1", "1888x301")

    assert re.fullmatch(r"drawn: 1888x301, image/jpeg, [0-9]{5,} bytes", shown["said"])
    assert (shown["size"], shown["hidden"]) == ([1888, 301], False)
    assert shown["src"].startswith(f"blob:{shown['page']}/")
    assert shown["page"] != server.url


def test_a_page_sees_the_text_of_a_400(page: Page, server: Server) -> None:
    shown = page.shown(f"{server.url}/v1", "10x10")

    said, _, request_id = shown["said"].partition(" (request ")
    assert said.startswith("refused: 400 size: expected an area between 262,144 and 4,194,304 pixels, not 100")
    # Exposed, so that a page can tell it to the vendor's support.
    assert re.fullmatch(r"[0-9a-f-]{36}\)", request_id)
    assert (shown["size"], shown["hidden"]) == ([0, 0], True)


@pytest.mark.parametrize(("status", "size"), [(200, "1888x301"), (400, "10x10")])
def test_a_page_sees_nothing_without_cors(page: Page, app: Any, status: int, size: str) -> None:
    bent = Fault("", "", after=headed("access-control-allow-origin", None, status))

    with Server(Faulty(app, bent)) as server:
        shown = page.shown(f"{server.url}/v1", size)

    assert shown["said"] == "refused: Failed to fetch"
