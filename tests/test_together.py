"""Checks of several exchanges together: each fault is found by its check, and a clean run by none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Reason, best_standing
from pixelpact.checks.generation import Generation, Picture
from pixelpact.checks.together import TOGETHER, Run
from pixelpact.contract.contract import load
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Size

CONTRACT = load()
DREAM, EDIT = (CONTRACT.model(f"bytedance/{name}") for name in ("seedream-3.0", "seededit-3.0-i2i"))
ENDPOINT = "https://api.example/v1/images/generations"
CORS = {"access-control-allow-origin": "*"}
JPEG, PNG = (sample(Size(64, 48), container) for container in ("jpeg", "png"))


def got(number: int, status: int = 200, headers: Mapping[str, str] | None = None, **changes: Any) -> Exchange:
    """An answer whose ids nobody else has."""
    own = {"x-request-id": f"r{number}", "x-inference-id": f"i{number}", **CORS}
    body = json.dumps({"requestId": f"b{number}"}).encode()
    exchange = Exchange("POST", ENDPOINT, {}, f"{number}".encode(), status, own if headers is None else headers, body)
    return replace(exchange, number=number, seconds=0.1, **changes)


def made(number: int, data: bytes = JPEG, link: str = "", seconds: float = 0.1, **fields: Any) -> Generation:
    url = link or f"https://store.example/{number}.jpeg?X-Tos-Signature={number}"
    body = {"model": DREAM.id, "prompt": "x", **fields}
    exchange = replace(got(number), seconds=seconds)
    return Generation(DREAM, body, exchange, (Picture("/data/0/url", "url", url, data),))


def a_run(generations: Sequence[Generation] = (), exchanges: Sequence[Exchange] = (), waits: Any = ()) -> Run:
    return Run(CONTRACT, [*exchanges, *(each.exchange for each in generations)], generations, waits)


def timed(seconds: Sequence[float], values: Sequence[Any], field: str = "guidance_scale") -> Run:
    """Answers that took so long, with these values of a field."""
    pairs = enumerate(zip(seconds, values, strict=True))
    return a_run([made(number, seconds=took, **{field: value}) for number, (took, value) in pairs])


def found(check: str, run: Run) -> list[tuple[Reason, Exchange]]:
    return list(TOGETHER[check](run))


SAME = {"x-request-id": "same", **CORS}
CLEAN = a_run([made(1), made(2), made(3, seed=5)], [got(4, 400), got(5, 401)])
BARE = a_run([], [got(number, headers={}) for number in (1, 2)])
PLAIN = {"x-request-id": "p"}
SLOW = timed([0.1, 0.1, 0.1, 1.6, 1.7, 1.8], [1, 1, 2, 10, 10, 10])
FAULTS: dict[str, tuple[str, Run, str, int]] = {
    "header-again": ("request-id", a_run([], [got(1, headers=SAME), got(2), got(3, headers=SAME)]), "x-request-id", 3),
    "inference-id-again": (
        "request-id",
        a_run([], [got(1, headers={"x-inference-id": "i"}), got(2, headers={"x-inference-id": "i"})]),
        "x-inference-id",
        2,
    ),
    "body-again": (
        "request-id",
        a_run([], [got(1), replace(got(2), body=got(1).body)]),
        "another requestId for each request",
        2,
    ),
    "link-again": (
        "unique-link",
        a_run([made(1, link="https://a.example/1"), made(2, link="https://a.example/1")]),
        "",
        2,
    ),
    "signature-again": (
        "unique-link",
        a_run([made(1), made(2, link="https://store.example/2.jpeg?X-Tos-Signature=1")]),
        "a link of its own",
        2,
    ),
    "container-changed": ("one-container", a_run([made(1), made(2, PNG)]), "jpeg, as the pictures before", 2),
    "id-missing-once": ("tracing", a_run([], [got(1), got(2, headers=CORS)]), "x-request-id on every answer", 2),
    "id-missing-on-401": ("tracing", a_run([], [got(1), got(2, 401, headers=CORS)]), "x-request-id on every answer", 2),
    "ids-missing": ("tracing", BARE, "x-request-id on every answer", 1),
    "cors-missing-once": ("cors", a_run([], [got(1), got(2, headers=PLAIN)]), "on every answer", 2),
    "slow-value": ("latency", SLOW, "about 0.10 s, as without guidance_scale 10", 3),
    "slow-without": (
        "latency",
        a_run([*(made(n, watermark=True) for n in (1, 2, 3)), *(made(n, seconds=3.0) for n in (4, 5, 6))]),
        "as without watermark 'left out'",
        4,
    ),
    "asked-to-wait": ("rate-limit", a_run(waits=[got(7, 429, {"retry-after": "2"})] * 3), "room for one request", 7),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_several_requests_is_found_once(fault: str) -> None:
    check, run, promised, number = FAULTS[fault]

    ((reason, exchange),) = found(check, run)

    assert promised in reason.promised
    assert exchange.number == number
    assert reason.sources


def test_each_check_has_a_fault() -> None:
    assert {check for check, *_ in FAULTS.values()} == TOGETHER.keys()


@pytest.mark.parametrize("check", TOGETHER)
@pytest.mark.parametrize("run", [CLEAN, a_run()], ids=["clean", "empty"])
def test_a_clean_run_yields_nothing(check: str, run: Run) -> None:
    assert found(check, run) == []


@pytest.mark.parametrize(("fault", "standing"), [("id-missing-once", "observed"), ("ids-missing", "assumed")])
def test_an_id_that_no_answer_has_is_only_assumed(fault: str, standing: str) -> None:
    ((reason, _),) = found(*FAULTS[fault][:2])

    assert best_standing(reason.sources) == standing


FINE: dict[str, tuple[str, Run]] = {
    "no-ids": ("request-id", a_run([], [replace(got(n, headers={}), body=b"[]") for n in (1, 2)])),
    "get-has-none": ("tracing", a_run([], [got(1), replace(got(2, headers={}), method="GET")])),
    "refused-without": ("tracing", a_run([], [got(1), got(2, 400, headers=CORS), got(3, 429, headers=CORS)])),
    "another-path": ("tracing", a_run([], [got(1), replace(got(2, headers=CORS), url="https://api.example/v1/other")])),
    "dropped": ("tracing", a_run([], [got(1), got(2, 0, headers={})])),
    "link-of-one-request": (
        "unique-link",
        a_run([made(1), replace(made(2), exchange=got(1), pictures=made(1).pictures)]),
    ),
    "unsigned": ("unique-link", a_run([made(n, link=f"https://cdn.example/{n}.jpeg") for n in (1, 2)])),
    "broken-link": (
        "unique-link",
        a_run([replace(made(n), pictures=(Picture("/", "url", "x", None, problem="no"),)) for n in (1, 2)]),
    ),
    "truncated": ("one-container", a_run([made(1), made(2, PNG[:40])])),
    "another-model": ("one-container", a_run([made(1), replace(made(2, PNG), model=EDIT)])),
    "no-cors-at-all": ("cors", BARE),
    "cors-where-asked": (
        "cors",
        a_run([], [got(1, headers=PLAIN), replace(got(2), request_headers={"origin": "https://a.example"})]),
    ),
    "once-slow": ("latency", timed([0.1, 0.1, 0.1, 0.1, 1.7], [1, 1, 2, 10, 10])),
    "slow-but-alone": ("latency", timed([0.1, 0.1, 0.1, 1.7], [1, 1, 2, 10])),
    "few-others": ("latency", timed([0.1, 0.1, 1.7, 1.7], [1, 2, 10, 10])),
    "a-little-slower": ("latency", timed([0.1, 0.1, 0.1, 0.9, 0.9], [1, 1, 2, 10, 10])),
    "slower-but-all-are-slow": ("latency", timed([2.0, 2.0, 2.0, 5.0, 5.0], [1, 1, 2, 10, 10])),
    "size-takes-time": ("latency", timed([0.1, 0.1, 0.1, 9.0, 9.0], ["a", "a", "b", "c", "c"], "size")),
    "refused-slowly": (
        "latency",
        replace(
            SLOW,
            generations=[
                replace(each, exchange=replace(each.exchange, status=500 if each.exchange.seconds > 1 else 200))
                for each in SLOW.generations
            ],
        ),
    ),
}


@pytest.mark.parametrize("fine", FINE)
def test_what_may_be_so_yields_nothing(fine: str) -> None:
    assert found(*FINE[fine]) == []
