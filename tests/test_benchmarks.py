"""The benchmark's own server: it answers as the facts say, and each planted fault changes what it answers."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from benchmarks.benign import BENIGN, BENIGN_FAULTS
from benchmarks.faults import CLASSES, FAULTS, Planted
from benchmarks.judge import Outcome, Tool, read
from benchmarks.mutants import FAILURE, MUTANTS, PERMITTED, SUCCESS
from benchmarks.peers import hardened
from benchmarks.pictures import opened
from benchmarks.runs import ALL, CLEAN, Run, measured
from benchmarks.serve import serving
from benchmarks.server import Bench
from benchmarks.table import table
from benchmarks.wire import DRAW, EDIT, Answer, Call, Fault

PATH = "/v1/images/generations"
KEYED = {"authorization": "Bearer a-key", "content-type": "application/json", "host": "here"}


def in_base64(width: int, height: int, container: str = "png", length: int = 0) -> str:
    target = io.BytesIO()
    Image.linear_gradient("L").rotate(30).convert("RGB").resize((width, height)).save(target, container)
    return base64.b64encode(target.getvalue().ljust(length, b"\0")).decode()


PNG = in_base64(64, 48)
SEEDED: dict[str, dict[str, Any]] = {
    DRAW: {"model": DRAW, "prompt": "a fox", "seed": 5, "size": "600x500"},
    EDIT: {"model": EDIT, "prompt": "Add a bird", "seed": 5, "image": PNG},
}
IMAGES = [
    f"data:image/PNG;base64,{PNG}",
    f"data:image/tiff;base64,{PNG}",
    in_base64(64, 48, "bmp"),
    PNG[:200],
    "data:image/png;base64,AAAA",
    [PNG],
    "ftp://pictures.example/x.png",
    in_base64(14, 15),
    in_base64(61, 20),
    in_base64(6001, 6000),
    in_base64(64, 48, "png", 10 * 2**20 + 1),
    f"data:image/jpeg;base64,{in_base64(64, 48, 'jpeg')}",
    in_base64(15, 45),
]
COMMON: dict[str, list[Any]] = {
    "model": [DRAW.upper(), "nobody/nothing"],
    "prompt": ["", 5, [], "é\U0001f98a", "<b>" + "x" * 1200, "x", "a\0b"],
    "response_format": ["URL", "no", "url", "b64_json"],
    "seed": ["5", 1.5, True, 2**31, -2, None, 0, -1, 2**31 - 1, 7.0, 65_536 + 5],
    "guidance_scale": ["5", 0, 0.99, 10.01, 11, True, 1, 10, 3.5],
    "watermark": ["true", 1, None, False, True],
}
SIZES = ["600X500", "600*500", "600 x 500", "511x513", "2049x2048", "", 600, "big"]
RIGHT_SIZES = ["512x512", "2048x2048", "1888x301", "2100x601"]
FIELDS: dict[str, dict[str, list[Any]]] = {
    DRAW: {**COMMON, "size": [*SIZES, *RIGHT_SIZES], "n": [1]},
    EDIT: {**COMMON, "size": ["1024x1024", "ADAPTIVE", "adaptive"], "image": IMAGES},
}
PAIRS: dict[str, list[dict[str, Any]]] = {
    DRAW: [
        {"watermark": True, "guidance_scale": 10},
        {"response_format": "b64_json", "guidance_scale": 10},
        {"response_format": "b64_json", "size": "2048x2048"},
        {"response_format": "b64_json", "seed": 0},
        {"guidance_scale": 1, "size": "1888x301"},
        {"guidance_scale": 1, "seed": 2**31 - 1},
        {"watermark": True, "size": "512x512"},
    ],
    EDIT: [{"response_format": "b64_json", "size": "adaptive"}],
}


def post(body: Any, path: str = PATH, query: str = "", **headers: str | None) -> Call:
    kept = {name: value for name, value in {**KEYED, **headers}.items() if value is not None}
    return Call("POST", path, query, kept, body if isinstance(body, bytes) else json.dumps(body).encode())


def calls(model: str) -> Iterator[Call]:
    """One request for each thing that a fault may do otherwise."""
    good = SEEDED[model]
    yield post(good)
    yield from (post({**good, **pair}) for pair in PAIRS[model])
    yield from (post({**good, field: value}) for field, values in FIELDS[model].items() for value in values)
    yield from (post({name: good[name] for name in good if name != gone}) for gone in good)
    yield from (post(good, authorization=key) for key in (None, "Bearer", "Bearer invalid", "Basic eDp5", "a-key"))
    yield post(good, authorization="bearer a-key")
    yield post({}, authorization=None)
    yield post(good, query="api_key=a", authorization=None)
    yield post(good, path="/images/generations", authorization=None)
    yield from (Call(method, PATH, "", KEYED) for method in ("GET", "HEAD", "PUT"))
    yield post(good, path="/v1/images/no-such-path")
    names_twice = b'{"model": "%b", "prompt": "x", "seed": 5, "seed": 6}' % DRAW.encode()
    not_a_number = b'{"model": "%b", "prompt": "x", "seed": 5, "guidance_scale": NaN}' % DRAW.encode()
    yield from (post(raw) for raw in (b"", b"[]", b"{", names_twice, not_a_number))
    yield post(good, **{"content-type": "text/plain"})
    yield post(good, **{"content-type": "application/json; charset=utf-8"})
    yield from (post(good, **{"x-client-request-id": text}) for text in ("good", "not good"))


def downloads(answer: Answer, thoroughly: bool) -> Iterator[Call]:
    """The download of what an answer links to, if it does; thoroughly: again, and all that must be refused."""
    url = f"{answer.body!r}".partition('"url": "')[2].partition('"')[0]
    if "X-Tos-Signature" not in url:
        return
    parts = urlsplit(url)
    tampered = {"86400": "86401", "host": "hosts", "Date=2": "Date=1", "Signature=": "Signature=0"}
    yield Call("GET", parts.path, parts.query, {"host": parts.netloc})
    if not thoroughly:
        return
    for query in (parts.query, "", *(parts.query.replace(*change) for change in tampered.items())):
        yield Call("GET", parts.path, query, {"host": parts.netloc})
    yield Call("GET", f"{parts.path}x", parts.query, {"host": parts.netloc})


def told(fault: Fault) -> Iterator[Answer]:
    """What a server says to all that; equal servers say the same to the byte."""
    bench = Bench(fault, clock=lambda: 1_800_000_000.5, lots=Random(1))
    for ordinal, call in enumerate(calls(fault.model)):
        answer = bench.answer(call)
        yield answer
        yield from map(bench.answer, downloads(answer, ordinal == 0))


@pytest.fixture(scope="module")
def clean() -> dict[str, list[Answer]]:
    return {model: list(told(Fault(model))) for model in (DRAW, EDIT)}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_changes_an_answer(name: str, clean: dict[str, list[Answer]]) -> None:
    fault = FAULTS[name].fault
    pairs = zip(told(fault), clean[fault.model], strict=False)
    assert any(answer != right for answer, right in pairs)


def test_no_name_is_given_twice() -> None:
    assert len(ALL) == len(CLEAN) + sum(map(len, CLASSES.values())) + len(MUTANTS) + len(BENIGN)


def test_each_class_is_large_enough() -> None:
    least = {"interaction": 8, "auth": 8, "answer": 20, "errors": 15, "links": 10, "pictures": 20, "determinism": 10}
    assert {name: len(CLASSES[name]) for name in least if len(CLASSES[name]) < least[name]} == {}
    assert len(FAULTS) >= 140
    assert len(MUTANTS) >= 92


def test_what_is_permitted_is_among_the_mutants() -> None:
    assert PERMITTED - MUTANTS.keys() == set()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_changes_an_answer(name: str) -> None:
    fault = MUTANTS[name].fault
    asked = [post({**SEEDED[DRAW], "response_format": form}) for form in ("url", "b64_json", "no")]
    assert said(fault, asked) != said(Fault(envelope=fault.envelope), asked)


@pytest.mark.parametrize("name", [name for name in BENIGN_FAULTS if name != "clean"])
def test_a_benign_variant_still_serves_every_valid_request(name: str) -> None:
    bench = Bench(BENIGN_FAULTS[name], clock=lambda: 1_800_000_000.5, lots=Random(1))
    statuses = {bench.answer(post(SEEDED[model])).status for model in (DRAW, EDIT)}
    assert statuses == {201 if "201" in name else 200}


def said(fault: Fault, asked: list[Call]) -> list[Answer]:
    bench = Bench(fault, clock=lambda: 1_800_000_000.5, lots=Random(1))
    return [bench.answer(call) for call in asked]


@pytest.mark.parametrize(
    ("model", "field", "value", "status"),
    [
        *((DRAW, "size", value, 400) for value in SIZES),
        *((DRAW, "size", value, 200) for value in RIGHT_SIZES),
        *((EDIT, "image", value, 400) for value in IMAGES[:-2]),
        *((EDIT, "image", value, 200) for value in (*IMAGES[-2:], "https://pictures.example/x.png")),
        *((EDIT, "size", value, 400) for value in ("1024x1024", "ADAPTIVE")),
        *((DRAW, "seed", value, 400) for value in ("5", 1.5, True, 2**31, -2, None)),
        *((DRAW, "seed", value, 200) for value in (0, -1, 2**31 - 1, 7.0)),
        *((DRAW, "guidance_scale", value, 400) for value in ("5", 0, 0.99, 10.01, True)),
        *((DRAW, "guidance_scale", value, 200) for value in (1, 10, 3.5)),
        *((DRAW, "model", value, 400) for value in COMMON["model"]),
        *((DRAW, "prompt", value, 400) for value in COMMON["prompt"][:3]),
        *((DRAW, "prompt", value, 200) for value in ("x", "\u00e9\U0001f98a", "x" * 2000, "a\0b")),
        *((DRAW, "watermark", value, 400) for value in ("true", 1, None)),
        (DRAW, "n", 4, 200),
    ],
)
def test_the_clean_server_keeps_to_the_facts(model: str, field: str, value: Any, status: int) -> None:
    answer = Bench().answer(post({**SEEDED[model], field: value}))
    assert answer.status == status
    assert status == 200 or field in json.loads(answer.body)["message"]


@pytest.mark.parametrize("key", [None, "", "Bearer", "Bearer ", "Bearer invalid-key", "Basic eDp5", "a-key"])
def test_the_clean_server_looks_at_the_key_before_anything_else(key: str | None) -> None:
    assert Bench().answer(post(b"no json", query="key=a-key", authorization=key)).status == 401


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"seed": NaN}', "application/json", 400),
        (b'{"seed": 1, "seed": 2}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"{}", "text/plain", 415),
    ],
)
def test_the_clean_server_refuses_a_malformed_body(raw: bytes, kind: str, status: int) -> None:
    assert Bench().answer(post(raw, **{"content-type": kind})).status == status


def pictured(**fields: Any) -> bytes:
    model = EDIT if "image" in fields else DRAW
    answer = Bench().answer(post({**SEEDED[model], "response_format": "b64_json", **fields}))
    return base64.b64decode(json.loads(answer.body)["data"][0]["b64_json"])


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"size": "1888x301"}, (1888, 301)),
        ({"image": in_base64(1024, 768)}, (1152, 864)),
        ({"image": in_base64(300, 100)}, (1536, 512)),
        ({"image": in_base64(90, 50)}, (1280, 704)),
    ],
)
def test_the_clean_server_draws_exactly_the_size_promised(fields: dict[str, Any], size: tuple[int, int]) -> None:
    assert opened(pictured(**fields)).size == size


@pytest.mark.parametrize(
    "change", [{"seed": 6}, {"prompt": "two foxes"}, {"guidance_scale": 9}, {"watermark": True}, {"seed": 65_541}]
)
@pytest.mark.parametrize("base", [{}, {"image": PNG}])
def test_the_clean_server_draws_equal_requests_alike_and_others_not(base: dict[str, Any], change: Any) -> None:
    assert pictured(**base) == pictured(**base)
    assert pictured(**base) != pictured(**base, **change)


def test_the_clean_server_verifies_its_links() -> None:
    bench = Bench()
    answer = bench.answer(post(SEEDED[DRAW]))
    again, once_more, *refused, elsewhere = [bench.answer(call) for call in downloads(answer, True)]
    assert again == once_more
    assert again.body == pictured()
    assert {one.status for one in [*refused, elsewhere]} == {403}


def test_a_server_is_reached_over_http_and_counts() -> None:
    with serving(BENIGN_FAULTS["chunked"]) as (url, bench):
        answer = httpx.post(f"{url}{PATH}", json=SEEDED[DRAW], headers={"Authorization": "bearer a-key"})
        picture = httpx.get(answer.json()["data"][0]["url"])
        preflight = httpx.options(f"{url}{PATH}")
        counted = httpx.get(f"{url}/_count").json()
    assert (answer.status_code, picture.headers["content-type"], preflight.status_code) == (200, "image/jpeg", 204)
    assert counted == {"requests": 1, "pictures": 1}
    assert bench.crashes == 0


def test_links_may_lie_on_another_host() -> None:
    with serving(BENIGN_FAULTS["links on another host"]) as (url, _):
        answer = httpx.post(f"{url}{PATH}", json=SEEDED[DRAW], headers={"Authorization": "Bearer a-key"})
        link = answer.json()["data"][0]["url"]
        assert not link.startswith(url)
        assert httpx.get(link).status_code == 200


def judging(outcomes: dict[str, Outcome]) -> Tool:
    """A tool that knows what to say of which fault, by its model."""
    return lambda _, fault: outcomes[fault.model]


def verdicts(outcome: Outcome) -> list[str]:
    usual = Outcome({"PX1 usual": 1}, {})
    planted = {"draw": Planted("clean", Fault("a")), "one": Planted("answer", Fault("b"))}
    return [run.verdict for run in measured(judging({"a": usual, "b": outcome}), planted, 1)]


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Outcome({"PX2 new": 2}, {}), "found"),
        (Outcome({"PX1 usual": 1}, {}), "missed"),
        (Outcome({"PX1 usual": 1}, {"PX3": 3}), "warned"),
        (Outcome({"PX2 new": 2}, {}, "exit 1: Traceback"), "broke"),
    ],
)
def test_only_an_error_that_the_clean_server_does_not_have_is_a_find(outcome: Outcome, verdict: str) -> None:
    assert verdicts(outcome) == ["found", verdict]


def test_the_table_counts_what_was_found_and_names_what_was_not() -> None:
    runs = [
        Run("clean", "clean", False, False, {}, {}, 40, 20, 3.0, None),
        Run("seen", "answer", False, False, {"PX1": 2}, {}, 10, 5, 1.0, None),
        Run("unseen", "answer", False, False, {}, {}, 41, 24, 3.0, None),
        Run("alarm", "benign", False, False, {"PX9": 1}, {}, 41, 20, 3.0, None),
    ]
    shown = table({"Pixelpact": runs})
    assert "| answer | 1 of 2 (50 %) |" in shown
    assert "| pictures: clean / most | 20 / 24 |" in shown
    assert "- Pixelpact: answer: unseen: missed" in shown
    assert "- Pixelpact: benign: alarm: found PX9" in shown


@pytest.mark.parametrize("model", [DRAW, EDIT])
def test_the_hardened_specification_has_no_keyword_of_our_own(model: str) -> None:
    text = json.dumps(hardened(model))
    assert '"x-' not in text
    assert '"maximum": 2147483647' in text


def test_every_field_has_its_mutants() -> None:
    assert sum(map(len, [*SUCCESS.values(), *FAILURE.values()])) + 10 == len(MUTANTS)


def test_a_report_is_read_by_severity_with_the_first_request_of_each() -> None:
    error = {"code": "PX107", "check": "clock", "severity": "error", "test": "t", "request": 2}
    warning = {**error, "code": "PX305", "severity": "warning", "request": None}
    findings = {"findings": [error, {**error, "request": 9}], "warnings": [warning]}
    assert read(findings, 1) == Outcome({"PX107 clock t": 2}, {"PX305 clock t": None})


def test_an_exit_code_without_an_error_is_no_find() -> None:
    assert read({"findings": [], "warnings": []}, 1).problem == "exit 1, but no error"
