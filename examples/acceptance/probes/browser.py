"""`python -m examples.acceptance.probes.browser`: a page in a browser, of another origin than what it asks.

The page is served from here; what comes on stdin is handed to it, and what it answers goes to stdout.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

Lines = Queue[str]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# No sandbox: it does not start for root, and the page is our own.
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def installed() -> str | None:
    """The first browser there is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page(SimpleHTTPRequestHandler):
    """Gives the page its files and, when it asks, the next line."""

    def __init__(self, lines: Lines, answers: Lines, *arguments: Any, **keywords: Any) -> None:
        self.lines, self.answers = lines, answers
        super().__init__(*arguments, **keywords)

    def do_GET(self) -> None:
        """A file, or the next line as soon as there is one."""
        if self.path == "/next":
            self._say(self.lines.get().encode())
        else:
            super().do_GET()

    def do_POST(self) -> None:
        """Take the answers to a line."""
        self.answers.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._say(b"{}")

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def page(lines: Lines, answers: Lines) -> Iterator[None]:
    """The page, open in a browser."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Page, lines, answers, directory=str(Path(__file__).parent)))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/page.html"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [installed() or "", *OPTIONS, f"--user-data-dir={profile}", address]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            browser.terminate()
            browser.wait(10)


def main() -> None:
    """Hand each line to the page."""
    lines: Lines = Queue()
    answers: Lines = Queue()
    with page(lines, answers):
        for line in sys.stdin:
            lines.put(line)
            print(answers.get(), flush=True)


if __name__ == "__main__":
    main()
