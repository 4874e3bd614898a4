"""The benchmarks' own arithmetic, their load generator, and a soak of seconds."""

from __future__ import annotations

import http.server
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image

from benchmarks.results import marked
from benchmarks.soak.verdict import Span, failures
from benchmarks.speed.answers import Broken, Head, Pending, head
from benchmarks.speed.calls import photograph, written
from benchmarks.speed.documents import PATH, Documents
from benchmarks.speed.load import measured
from benchmarks.speed.processes import is_alive, running, tree
from benchmarks.speed.proof import Demand, Figures, verdicts
from benchmarks.speed.sample import Plan, Sample, percentile, spread
from benchmarks.speed.summary import summaries
from benchmarks.speed.table import report
from benchmarks.speed.turns import LARGE, Turn

ROOT = Path(__file__).parents[1]
SAMPLE = Sample(2.0, 2000, {"200": 2000}, {}, 1.0, 2.0, 3.0, 4.0, 0.1)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers 200, or 400 where the body says `broken`; the connection is not kept where it says `last`."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet.
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(400 if b"broken" in body else 200)
        self.send_header("Content-Length", "2")
        if b"last" in body:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None: ...


class Server(http.server.ThreadingHTTPServer):
    """Says nothing of a client that goes in the middle of an answer, as a load does at its end."""

    def handle_error(self, request: object, client_address: object) -> None: ...


@pytest.fixture(name="port", scope="module")
def _port() -> Iterator[int]:
    server = Server(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("part", "expected"), [(0.5, 50), (0.99, 99), (1, 100), (0.001, 1)])
def test_a_percentile_is_the_smallest_value_that_covers_its_part(part: float, expected: int) -> None:
    assert percentile(range(1, 101), part) == expected


def test_the_spread_is_the_furthest_from_the_median_in_parts_of_it() -> None:
    assert spread([10.0, 12.0, 6.0]) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", Head(b"200", 40, closes=False, chunked=False)),
        (
            b"HTTP/1.0 201 C\r\ncontent-type: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            Head(b"201", 73, closes=True, chunked=False),
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Head(b"200", None, closes=False, chunked=True)),
        (b"HTTP/1.1 304 N\r\n\r\n", Head(b"304", 18, closes=False, chunked=False)),
        (b"HTTP/1.1 200 OK\r\nContent-", None),
    ],
)
def test_the_head_of_an_answer_tells_where_it_ends(data: bytes, expected: Head | None) -> None:
    assert head(data) == expected


def test_an_answer_in_parts_is_whole_with_its_last_byte() -> None:
    pending = Pending(b"HTTP/1.1 200 OK\r\nContent-Le")
    states = []
    for part in (b"ngth: 4\r\n\r\nab", b"c", b"d"):
        pending.add(part)
        states.append(pending.is_whole(at_end=False))
    assert states == [False, False, True]


def test_chunks_are_whole_with_the_last_one_even_in_two_parts() -> None:
    pending = Pending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r")
    pending.add(b"\n\r\n")
    assert pending.is_whole(at_end=False)


def test_an_answer_that_ends_early_is_broken() -> None:
    pending = Pending(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
    with pytest.raises(Broken, match="ended early"):
        pending.is_whole(at_end=True)


def test_a_load_counts_every_answer_by_its_status(port: int, tmp_path: Path) -> None:
    files = [written(tmp_path, name, {"this": name}) for name in ("good", "broken", "last")]
    sample = measured(Plan(port, files, 2, 5.0, 0.05, count=60, expected=[200, 400, 200]))
    assert (sample.broken, sample.requests // 60, sample.statuses["400"] // 19) == ({}, 1, 1)
    assert 0 < sample.p50 <= sample.p99 <= sample.worst


def test_a_load_tells_a_status_that_was_not_expected(port: int, tmp_path: Path) -> None:
    sample = measured(Plan(port, [written(tmp_path, "broken", "broken")], 1, 5.0, 0, count=3, expected=[200]))
    assert sample.broken == {"expected 200, received 400": 3}


def test_a_paced_load_sends_what_is_due_and_no_more(port: int, tmp_path: Path) -> None:
    sample = measured(Plan(port, [written(tmp_path, "good", "good")], 2, 0.4, 0.1, rate=100))
    assert 35 <= sample.requests <= 45


def test_a_process_and_its_children_end_with_the_block(tmp_path: Path) -> None:
    child = "import subprocess, sys; subprocess.Popen(['sleep', '60']).wait()"
    with running([sys.executable, "-c", child], {}, tmp_path) as (process, _):
        end = time.monotonic() + 5
        while len(tree(process.pid)) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        family = tree(process.pid)
    assert len(family) == 2
    assert not any(is_alive(pid) for pid in family)


def test_a_photograph_has_exactly_as_many_bytes_as_asked() -> None:
    content = photograph(3_000_001)
    assert len(content) == 3_000_001
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()


def test_a_plain_document_knows_no_keyword_of_our_own(tmp_path: Path) -> None:
    schema = json.loads(Documents("bytedance/seedream-3.0", tmp_path).plain.read_text("utf-8"))["paths"][PATH]["post"]
    request = schema["requestBody"]["content"]["application/json"]["schema"]
    assert request["properties"]["guidance_scale"]["maximum"] == 10
    assert '"x-' not in json.dumps(request)


def _turn(name: str, rate: float, **figures: float) -> Turn:
    sample = replace(SAMPLE, requests=int(rate * 2))
    samples = dict.fromkeys(["valid", "invalid", "valid, 1 connection", "valid, 64 connections", LARGE], sample)
    return Turn(name, [0.2], figures.get("memory", 50), samples, {"valid": 1000.0, LARGE: 1.0})


def test_a_demand_is_held_not_held_or_not_measured() -> None:
    figures = Figures(summaries([_turn("pixelpact", 6000), _turn("prism", 1000)]), {"b64": 99.0})
    words = {one.demand.what: one.word for one in verdicts(figures)}
    assert words["valid POST, one process, to Prism as shipped"] == "held"
    assert words["`b64_json` at 1024x1024 a second, on one core"] == "**not held**"
    assert words["valid POST, two processes, to WireMock"] == "not measured"


def test_a_ratio_is_taken_beside_the_reference() -> None:
    slow = replace(_turn("prism", 1000), reference={"valid": 500.0, LARGE: 1.0})
    figures = Figures(summaries([_turn("pixelpact", 6000), slow]), {})
    assert next(verdicts(figures)).value == pytest.approx(3)


def test_at_most_holds_up_to_its_limit() -> None:
    demand = Demand("p99", lambda _: 0.0, 5, " ms", at_most=True)
    assert [demand.holds(value) for value in (5, 5.1)] == [True, False]


def test_a_report_tells_what_could_not_be_measured() -> None:
    text = report(Figures(summaries([_turn("prism", 1000)]), {}), {"wiremock": "needs java"}, {"node": "v20"}, 1)
    assert "| prism | 1 ± 0% | 1 | 1,000 |" in text
    assert "- wiremock: not measured: needs java" in text


def test_only_the_marked_part_of_a_file_is_replaced() -> None:
    first = marked("# Results\n", "speed", "one")
    both = marked(first, "drawing", "two")
    assert marked(both, "speed", "three") == both.replace("one", "three")


SPAN = Span(100, 100, 1, 5, 60, 10, 60)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([SPAN] * 12, []),
        ([replace(SPAN, memory=60 + place) for place in range(15)], ["memory grew by 11.0 MB, expected at most 10"]),
        ([SPAN] * 6 + [replace(SPAN, p99=12)] * 6, ["p99 went from 5.0 to 12.0 ms"]),
        ([SPAN] * 11 + [replace(SPAN, rate=90)], ["span 12: 90 calls a second, where 100 were due"]),
        ([replace(SPAN, errors={"closed": 2})], ["2 times in span 1: closed"]),
    ],
)
def test_a_soak_fails_for_errors_growth_and_slowing_down(spans: list[Span], expected: list[str]) -> None:
    assert [*failures(spans)] == expected


def test_a_soak_of_seconds_meets_no_error() -> None:
    command = [sys.executable, "-m", "benchmarks.soak", "--minutes", "0.03", "--every", "0.9"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "held: no error" in done.stdout
