"""`pixelpact drift --live`: what the vendor publishes, from a local server, and what there is to say without it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .drift_files import DREAM, EDIT, GONE, OLD, Run, run, spec, written

__all__ = ["run"]
Answer = tuple[int, bytes]
Vendor = tuple[dict[str, Answer], list[dict[str, str]]]


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """A server of published specifications: what it answers by model, and the headers and targets that it was sent."""
    answers: dict[str, Answer] = {}
    asked: list[dict[str, str]] = []

    class Docs(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append({**dict(self.headers.items()), "target": self.path})
            query = parse_qs(urlsplit(self.path).query)
            status, body = answers.get(query["model"][0], (404, b"{}"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Docs)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("AIML_API_BASE", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("AIML_API_KEY", "sk-pixelpact-secret")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield answers, asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_is_published_is_the_newer_side(run: Run, tmp_path: Path, vendor: Vendor) -> None:
    vendor[0][DREAM] = (200, json.dumps(GONE).encode())
    done = run("--live", written(tmp_path, old=OLD)["old"])
    assert done.code == 1
    assert done.out.startswith("breaking: field removed, in request /watermark\n")


def test_the_endpoint_and_the_model_are_asked_for_and_no_key_is_sent(run: Run, tmp_path: Path, vendor: Vendor) -> None:
    vendor[0][DREAM] = (200, json.dumps(OLD).encode())
    run("--live", written(tmp_path, old=OLD)["old"])
    (asked,) = vendor[1]
    assert asked["target"] == "/docs-json?model=bytedance%2Fseedream-3.0&endpoint=openai%2Fimage-generations"
    assert "sk-pixelpact-secret" not in json.dumps(asked)
    assert "Authorization" not in asked


def test_the_packaged_contract_is_the_older_side_where_none_is_given(run: Run, vendor: Vendor) -> None:
    vendor[0][DREAM] = (200, json.dumps(spec()).encode())
    done = run("--live", "--model", DREAM, "--format", "json")
    removed = [row["path"] for row in json.loads(done.out)["changes"] if row["kind"] == "field-removed"]
    assert removed == ["/response_format", "/size", "/seed", "/guidance_scale", "/watermark"]


def test_a_model_without_a_specification_among_others_that_have_one_is_risky(
    run: Run, tmp_path: Path, vendor: Vendor
) -> None:
    written(tmp_path, one=spec(DREAM), other=spec(EDIT))
    vendor[0][DREAM] = (200, json.dumps(spec(DREAM)).encode())
    done = run("--live", tmp_path, "--format", "json")
    assert [(row["model"], row["kind"]) for row in json.loads(done.out)["changes"]] == [(EDIT, "unpublished")]
    assert done.code == 0


@pytest.mark.parametrize("answer", [(404, b""), (500, b""), (200, b"<html>"), (302, b""), (200, b"{}")])
def test_nothing_published_is_one_clear_line_and_exit_3(
    run: Run, tmp_path: Path, vendor: Vendor, answer: Answer
) -> None:
    vendor[0][DREAM] = answer
    done = run("--live", written(tmp_path, old=OLD)["old"])
    assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)


def test_no_network_is_one_clear_line_and_exit_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIML_API_BASE", "http://127.0.0.1:9")
    done = run("--live")
    assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
    assert "127.0.0.1:9" in done.err


@pytest.mark.parametrize("base", ["ftp://a", "https://user:hunter2@a", "nothing", "https://a?key=hunter2"])
def test_a_base_that_is_no_plain_url_is_wrong_usage_and_not_repeated(
    run: Run, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    monkeypatch.setenv("AIML_API_BASE", base)
    done = run("--live")
    assert done.code == 2
    assert "hunter2" not in done.err


@pytest.mark.parametrize(
    "arguments", [("--live", "profile:observed", "profile:2026-01"), ("--live", "--model", "none/*")]
)
def test_live_with_two_sides_or_no_model_is_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).code == 2
