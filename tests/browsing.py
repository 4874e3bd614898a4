"""A real browser for the pages: what it is told on its console, and whom it asks, is kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from examples.acceptance.probes.browser import NAMES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
# No sandbox: it does not start for root, and the pages are our own.
OPTIONS = ["--no-sandbox", "--disable-gpu"]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
GRAVE = ("serious", "critical")


@dataclass
class Seen:
    """A page, what its console said of errors, and all that it asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def foreign(self, base: str) -> list[str]:
        """What was asked of anybody else."""
        return [url for url in self.asked if not url.startswith((base, "data:", "blob:"))]

    def barriers(self) -> list[str]:
        """What keeps somebody from using the page, as axe finds it."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in GRAVE]

    def overflow(self) -> int:
        """How many pixels of the page lie beyond its right edge."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of this machine."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=BROWSER, args=OPTIONS)
        yield launched
        launched.close()


@contextmanager
def looking(browser: Browser, scheme: str = "light", viewport: Any = WIDE) -> Iterator[Seen]:
    """A new page, light or dark, in a browser that knows nothing of earlier ones."""
    context = browser.new_context(color_scheme=scheme, viewport=viewport, accept_downloads=True)  # type: ignore[arg-type]
    seen = Seen(context.new_page())
    seen.page.on("console", lambda told: seen.errors.append(told.text) if told.type == "error" else None)
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    seen.page.on("request", lambda asked: seen.asked.append(asked.url))
    seen.page.set_default_timeout(30_000)
    try:
        yield seen
    finally:
        context.close()
