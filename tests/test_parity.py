"""Skeletons hold the form of an answer, nothing of its content; parity finds each planted difference and its owner."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pixelpact.cases.evidence import evidence
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.generation import Picture, collect
from pixelpact.checks.parity import (
    Difference,
    Observation,
    Skeletons,
    SkeletonsRefused,
    compare,
    from_json,
    to_json,
)
from pixelpact.checks.skeleton import skeleton
from pixelpact.contract.contract import load_all
from pixelpact.pixels.samples import sample, truncated
from pixelpact.pixels.values import Size
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings

CONTRACTS = load_all()
DOCUMENTED = [kind.message for kind in CONTRACTS["observed"].errors.values()]
EVIDENCE = {entry.name: entry for entry in evidence()}
PATH = "/v1/images/generations"
DREAM = "bytedance/seedream-3.0"
EDIT = "bytedance/seededit-3.0-i2i"
KEY = "sk-pixelpact-secret"
PROMPT = "a lighthouse at dawn"
PNG = sample(Size(96, 72))
BODY: dict[str, Any] = {"model": DREAM, "prompt": PROMPT, "size": "512x512"}
PLAN: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "drawn": (BODY, {}),
    "drawn-inline": ({**BODY, "response_format": "b64_json"}, {}),
    "edited": (
        {"model": EDIT, "prompt": "Add a crown.", "image": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"},
        {},
    ),
    "traced": (BODY, {"X-Client-Request-Id": "client-1"}),
    "bad-size": ({**BODY, "size": "8x8"}, {}),
    "unknown-model": ({**BODY, "model": "none"}, {}),
    "wrong-key": (BODY, {"Authorization": "Bearer invalid-key"}),
    "out-of-credits": (BODY, {"Prefer": "code=403"}),
    "too-many": (BODY, {"Prefer": "code=429"}),
}


def got(body: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> Exchange:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"authorization": f"Bearer {KEY}"}
    came = {"content-type": "application/json", **(headers or {})}
    return Exchange("POST", f"https://api.example{PATH}", sent, json.dumps(BODY).encode(), status, came, data)


def asked(app: Flask, body: dict[str, Any], headers: dict[str, str]) -> Exchange:
    sent = {"Authorization": f"Bearer {KEY}", **headers}
    came = app.test_client().post(PATH, json=body, headers=sent)
    lower = {name.lower(): value for name, value in came.headers.items()}
    return Exchange("POST", f"http://localhost{PATH}", {}, b"", came.status_code, lower, came.data)


def downloaded(app: Flask, url: str) -> Exchange:
    parts = urlsplit(url)
    came = app.test_client().get(f"{parts.path}?{parts.query}")
    lower = {name.lower(): value for name, value in came.headers.items()}
    return Exchange("GET", url, {}, b"", came.status_code, lower, came.data)


def run(profile: str = "observed") -> list[Observation]:
    """The plan, sent to a mock of its own."""
    app = create_app(Settings(profile=profile))
    model = CONTRACTS[profile].models[DREAM]
    seen = []
    for label, (body, headers) in PLAN.items():
        exchange = asked(app, body, headers)
        pictures = collect(model, exchange, lambda url: downloaded(app, url))
        seen.append(Observation(label, skeleton(exchange, pictures, DOCUMENTED)))
    return seen


@pytest.fixture(scope="module")
def seen() -> dict[str, Observation]:
    return {each.label: each for each in run()}


def classes(value: Any, status: int = 200) -> tuple[str, str]:
    """Type and class of a value that stands in a body."""
    kinds = skeleton(got({"x": value}, status), ())["body"]["/x"]
    return kinds["types"][0], kinds["classes"][0]


def of(picture: Picture) -> dict[str, Any]:
    pictures: dict[str, Any] = skeleton(got({}), [picture])["pictures"]
    return pictures


# Skeletons


def test_two_runs_of_one_server_have_equal_skeletons(seen: dict[str, Observation]) -> None:
    again = run()

    assert list(seen.values()) == again
    assert compare(list(seen.values()), again) == []


def test_the_skeleton_of_a_drawn_picture_is_known(seen: dict[str, Observation]) -> None:
    found = seen["drawn"].skeleton

    assert (found["status"], found["media_type"]) == (200, "application/json")
    assert found["headers"] == [
        "access-control-allow-origin",
        "access-control-expose-headers",
        "x-aimlapi-credits-used",
        "x-aimlapi-usd-spent",
        "x-inference-id",
        "x-request-id",
    ]
    assert {pointer: kinds["classes"] for pointer, kinds in found["body"].items()} == {
        "": ["object"],
        "/created": ["unix-seconds"],
        "/data": ["one item"],
        "/data/[]": ["object"],
        "/data/[]/url": ["url-signed"],
        "/meta": ["object"],
        "/meta/usage": ["object"],
        "/meta/usage/credits_used": ["integer"],
        "/meta/usage/usd_spent": ["number"],
    }
    assert found["pictures"] == {
        "count": 1,
        "form": ["url"],
        "download": ["200"],
        "media type": ["image/jpeg"],
        "container": ["jpeg"],
        "size": ["512x512"],
        "subsampling": ["4:2:0"],
        "quality": ["95"],
        "progressive": ["no"],
        "content": ["picture"],
    }


def test_the_skeleton_of_a_refusal_is_known(seen: dict[str, Observation]) -> None:
    found = seen["wrong-key"].skeleton

    assert (found["status"], found["pictures"]) == (401, {"count": 0})
    assert {pointer: kinds["classes"] for pointer, kinds in found["body"].items()} == {
        "": ["object"],
        "/message": [f'"{CONTRACTS["observed"].errors["unauthorized"].message}"'],
        "/path": ["request-path"],
        "/requestId": ["uuid"],
        "/statusCode": ["status-code"],
        "/timestamp": ["iso-time"],
        "/error": ["object"],
        "/error/name": ['"UnauthorizedException"'],
        "/error/message": [f'"{CONTRACTS["observed"].errors["unauthorized"].message}"'],
    }


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (None, ("null", "null")),
        (True, ("boolean", "boolean")),
        (1751616711, ("number", "unix-seconds")),
        (1751616711123, ("number", "unix-milliseconds")),
        (999_999_999, ("number", "integer")),
        (63000, ("number", "integer")),
        (0.0315, ("number", "number")),
        (200, ("number", "status-code")),
        ("200", ("string", "status-code")),
        (201, ("number", "integer")),
        ("", ("string", "empty")),
        ([], ("array", "empty")),
        ({}, ("object", "empty")),
        ([1], ("array", "one item")),
        ([1, 2], ("array", "items")),
        ({"y": 1}, ("object", "object")),
        (PATH, ("string", "request-path")),
        (f"{PATH}?", ("string", "request-path")),
        ("/images/generations", ("string", "request-path")),
        ("/v1/other", ("string", "text")),
        ("/", ("string", "text")),
        ("2025-03-11T07:13:27.813Z", ("string", "iso-time")),
        ("2025-03-11T07:13:27.813123Z", ("string", "iso-time")),
        ("2025-03-11", ("string", "text")),
        ("798b860e-98c2-4e8e-8c50-550bcfc2eccc", ("string", "uuid")),
        ("hRNOI9BMsuLeZ76UNdGhS", ("string", "nanoid")),
        ("UnauthorizedException", ("string", "text")),
        ("5e" * 32, ("string", "hex")),
        ("data:image/png;base64,AAAA", ("string", "data-uri")),
        (base64.b64encode(PNG).decode(), ("string", "base64-picture")),
        (base64.b64encode(b"no picture" * 20).decode(), ("string", "text")),
        ("Qk0A" * 5, ("string", "text")),
        ("https://store.example/a.jpeg?X-Tos-Date=1&X-Tos-Signature=ab", ("string", "url-signed")),
        ("https://store.example/a.jpeg?Signature=ab", ("string", "url-signed")),
        ("https://store.example/a.jpeg?X-Tos-Date=1", ("string", "url-unsigned")),
        ("https://store.example/signature", ("string", "url-unsigned")),
        (PROMPT, ("string", "text")),
    ],
)
def test_a_value_is_of_its_class(value: Any, kinds: tuple[str, str]) -> None:
    assert classes(value) == kinds


def test_a_seed_is_never_taken_for_a_moment() -> None:
    assert skeleton(got({"seed": 1751616711}), ())["body"]["/seed"]["classes"] == ["integer"]


def test_a_message_is_a_text_whatever_it_looks_like() -> None:
    assert skeleton(got({"message": PATH}, 400), ())["body"]["/message"]["classes"] == ["text"]


def test_a_key_that_looks_like_a_title_is_not_kept() -> None:
    exchange = replace(got({"title": "Forbidden"}, 403), request_headers={"authorization": "Bearer Forbidden"})

    assert skeleton(exchange, ())["body"]["/title"]["classes"] == ["text"]


def test_the_items_of_an_array_are_merged() -> None:
    body = skeleton(got([{"a": 1}, {"a": "one", "b/c": None}]), ())["body"]

    assert body["/[]/a"] == {"types": ["number", "string"], "classes": ["integer", "text"]}
    assert body["/[]/b~1c"] == {"types": ["null"], "classes": ["null"]}


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (b"", {"types": ["bytes"], "classes": ["empty"]}),
        (b"<html>", {"types": ["bytes"], "classes": ["unknown"]}),
        (PNG, {"types": ["bytes"], "classes": ["png"]}),
        (b" null\n", {"types": ["null"], "classes": ["null"]}),
    ],
)
def test_a_body_that_is_no_json_is_told_from_one_that_is(body: bytes, kinds: dict[str, list[str]]) -> None:
    assert skeleton(got(body), ())["body"] == {"": kinds}


def test_a_body_nested_without_end_is_described_to_a_depth() -> None:
    body = skeleton(got(b"[" * 900 + b"]" * 900), ())["body"]

    assert len(body) == 65


@pytest.mark.parametrize("name", ["Date", "server", "CF-Ray", "x-pixelpact-seed", "set-cookie", "via", "content-type"])
def test_a_header_of_the_way_is_no_part_of_the_answer(name: str) -> None:
    assert skeleton(got({}, headers={name: "1"}), ())["headers"] == []


@pytest.mark.parametrize("name", ["X-Inference-Id", "retry-after", "x-request-id", "dated"])
def test_a_header_of_the_answer_is_kept_by_its_name_in_lower_case(name: str) -> None:
    assert skeleton(got({}, headers={name: "1"}), ())["headers"] == [name.lower()]


def test_no_value_is_kept() -> None:
    told = {KEY: PROMPT, "prompt": PROMPT, "message": f"{KEY} is wrong", "title": KEY, "error": {"name": PROMPT}}

    text = json.dumps([skeleton(got(told, status, {"x-key": KEY}), (), DOCUMENTED) for status in (200, 401)])

    assert [secret for secret in (KEY, PROMPT, "is wrong") if secret in text] == []


def test_the_names_of_an_error_are_kept_of_an_error_alone() -> None:
    body = {"title": "Too Many Requests", "message": "Too Many Requests"}

    refused, accepted = (skeleton(got(body, status), (), DOCUMENTED)["body"] for status in (429, 200))

    assert (refused["/title"]["classes"], refused["/message"]["classes"]) == (['"Too Many Requests"'],) * 2
    assert (accepted["/title"]["classes"], accepted["/message"]["classes"]) == (["text"],) * 2


@given(st.text("abcdefgh-", min_size=400, max_size=4000))
def test_a_long_text_is_told_at_once(text: str) -> None:
    assert classes(f"{text}!") == ("string", "text")


def test_a_picture_is_told_by_its_facts() -> None:
    assert of(Picture("/x", "b64_json", "", sample(Size(64, 32), "png"))) == {
        "count": 1,
        "form": ["b64_json"],
        "download": ["none"],
        "media type": ["none"],
        "container": ["png"],
        "size": ["64x32"],
        "subsampling": ["none"],
        "quality": ["none"],
        "progressive": ["no"],
        "content": ["picture"],
    }


def test_a_picture_is_blank_undecodable_missing_or_there() -> None:
    blank = Picture("/x", "url", "", jpeg(Image.new("RGB", (64, 64), "navy")))
    broken = Picture("/x", "url", "", truncated(Size(64, 64), "png"))

    told = [of(picture)["content"] for picture in (blank, broken, replace(blank, data=None), replace(blank, data=b""))]

    assert told == [["blank"], ["undecodable"], ["none"], ["undecodable"]]


def test_a_progressive_picture_is_told_from_a_baseline_one() -> None:
    whole = Image.radial_gradient("L").convert("RGB")

    told = [of(Picture("/x", "url", "", jpeg(whole, progressive=each)))["progressive"] for each in (True, False)]

    assert told == [["yes"], ["no"]]


def jpeg(picture: Image.Image, **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, format="jpeg", **options)
    return target.getvalue()


# Differences


def observed(body: Any = None, findings: tuple[str, ...] = (), label: str = "a", **more: Any) -> Observation:
    return Observation(label, skeleton(got(body if body is not None else {"a": 1}, **more), (), DOCUMENTED), findings)


def places(one: Observation, other: Observation) -> list[tuple[str, str, str]]:
    return [(found.where, found.one, found.other) for found in compare([one], [other])]


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (observed(status=201), ("status", "200", "201")),
        (observed(headers={"content-type": "text/html"}), ("media type", "application/json", "text/html")),
        (observed(headers={"content-type": ""}), ("media type", "application/json", "none")),
        (observed(headers={"x-inference-id": "1"}), ("header x-inference-id", "absent", "present")),
        (observed({"a": "1"}), ("body /a", "number, integer", "string, text")),
        (observed({"a": 1751616711}), ("body /a", "number, integer", "number, unix-seconds")),
        (observed({"a": None}), ("body /a", "number, integer", "null")),
        (observed({}), ("body", "object", "object, empty")),
        (observed({"a": 1, "b": {"c": {"d": 1}}}), ("body /b", "absent", "object")),
        (observed({"a": 1, "b": [1, "x"]}), ("body /b", "absent", "array, items")),
        (observed([1]), ("body", "object", "array, one item")),
        (observed(b"x"), ("body", "object", "bytes, unknown")),
        (observed({"error": {"name": "X"}}, status=500, headers={"x-a": "1"}), ("status", "200", "500")),
    ],
)
def test_a_planted_difference_is_found_alone(other: Observation, found: tuple[str, str, str]) -> None:
    assert places(observed(), other) == [found]


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("size", "640x512"),
        ("container", "png"),
        ("quality", "80"),
        ("subsampling", "4:4:4"),
        ("progressive", "yes"),
        ("content", "blank"),
        ("download", "403"),
        ("form", "b64_json"),
    ],
)
def test_a_planted_difference_of_pictures_is_found_alone(seen: dict[str, Observation], fact: str, value: str) -> None:
    drawn = seen["drawn"].skeleton
    other = Observation("drawn", {**drawn, "pictures": {**drawn["pictures"], fact: [value]}})

    assert places(seen["drawn"], other) == [(f"picture {fact}", drawn["pictures"][fact][0], value)]


def test_of_no_picture_only_the_count_is_told(seen: dict[str, Observation]) -> None:
    other = Observation("drawn", {**seen["drawn"].skeleton, "pictures": {"count": 0}})

    assert places(seen["drawn"], other) == [("picture count", "1", "0")]


def test_items_of_many_kinds_are_told_by_all_of_them() -> None:
    found = places(observed([1, 1]), observed([1, "x"]))

    assert found == [("body /[]", "number, integer", "number or string, integer or text")]


def test_a_difference_is_told_by_the_names_of_its_sides() -> None:
    (found,) = compare([observed()], [observed({"a": "x"})], ("live", "staging"))

    assert found.lines()[1] == "  live: number, integer | staging: string, text"


def test_equal_differences_are_one_with_every_label() -> None:
    one = [observed(label=label) for label in "dcba"]
    other = [observed({"a": "x"}, label=label) for label in "abcd"]

    (found,) = compare(one, other)

    assert (found.labels, found.count) == (("a", "b", "c", "d"), 4)
    assert found.lines() == [
        "body /a (4: a, b, c and 1 more)",
        "  mock: number, integer | live: string, text",
        "  likely mock or docs: the contract allows both",
    ]


def test_a_case_that_one_side_was_not_asked_is_a_difference() -> None:
    found = compare([observed(), observed(label="b")], [observed(), observed(label="c")])

    assert [(each.labels, each.where, each.one, each.other, each.owner) for each in found] == [
        (("c",), "case", "not sent", "sent", "plan"),
        (("b",), "case", "sent", "not sent", "plan"),
    ]


@pytest.mark.parametrize(
    ("names", "one", "other", "owner", "why"),
    [
        (("mock", "live"), (), (), "mock or docs", "allows both"),
        (("mock", "live"), ("PX1",), (), "mock", "only mock breaks"),
        (("mock", "live"), (), ("PX1",), "server", "only live breaks"),
        (("mock", "live"), ("PX1", "PX2"), ("PX2",), "mock", "only mock breaks"),
        (("mock", "live"), ("PX1",), ("PX2",), "docs", "both break"),
        (("mock", "live"), ("PX1",), ("PX1",), "docs", "both break"),
        (("live", "mock"), ("PX1",), (), "server", "only live breaks"),
        (("live", "mock"), (), ("PX1",), "mock", "only mock breaks"),
        (("live", "staging"), (), (), "docs", "leaves this open"),
        (("live", "staging"), ("PX1",), (), "server", "only live breaks"),
        (("live", "staging"), (), ("PX1",), "server", "only staging breaks"),
        (("live", "staging"), ("PX1",), ("PX2",), "server", "both break"),
    ],
)
def test_the_owner_is_who_breaks_the_contract(
    names: tuple[str, str], one: tuple[str, ...], other: tuple[str, ...], owner: str, why: str
) -> None:
    (found,) = compare([observed(findings=one)], [observed({"a": "x"}, other)], names)

    assert (found.owner, why in found.why) == (owner, True)


def test_a_difference_with_two_owners_is_two() -> None:
    one = [observed(label="a"), observed(label="b")]
    other = [observed({"a": "x"}, label="a"), observed({"a": "x"}, ("PX1",), label="b")]

    assert [(found.labels, found.owner) for found in compare(one, other)] == [
        (("a",), "mock or docs"),
        (("b",), "server"),
    ]


def test_the_order_of_cases_does_not_matter(seen: dict[str, Observation]) -> None:
    one, other = list(seen.values()), run("2026-01")

    assert compare(one, other) == compare(one[::-1], other[::-1])


def test_two_profiles_differ_where_the_docs_changed(seen: dict[str, Observation]) -> None:
    found = {each.where: each for each in compare(list(seen.values()), run("2026-01"), ("observed", "2026-01"))}

    assert set(found) == {
        "body /created",
        "body /meta/usage/usd_spent",
        "body /error",
    }
    assert found["body /created"].labels == ("drawn", "drawn-inline", "edited", "traced")


def test_a_live_answer_differs_from_the_mock_where_it_is_known_to(seen: dict[str, Observation]) -> None:
    entry = EVIDENCE["error-live-2026-403"]
    exchange = got(entry.answer, 403, {"content-type": "application/problem+json", "x-request-id": "1"})
    url = f"https://api.example{(entry.answer or {})['instance']}"
    live = Observation("out-of-credits", skeleton(replace(exchange, url=url), (), DOCUMENTED))

    found = compare([seen["out-of-credits"]], [live])

    assert [(each.where, each.one, each.other) for each in found if not each.where.startswith("header")] == [
        ("media type", "application/json", "application/problem+json"),
        ("body /instance", "absent", "string, request-path"),
        ("body /path", "string, request-path", "absent"),
        ("body /requestId", "string, uuid", "absent"),
        ("body /status", "absent", "number, status-code"),
        ("body /statusCode", "number, status-code", "absent"),
        ("body /title", "absent", 'string, "Forbidden"'),
    ]


@pytest.mark.parametrize("side", [0, 1])
def test_a_label_given_twice_is_refused(side: int) -> None:
    sides = [[observed()], [observed()]]
    sides[side].append(observed())

    with pytest.raises(SkeletonsRefused, match="'a' was before"):
        compare(sides[0], sides[1])


# The file


def test_a_file_gives_back_what_was_put_in(seen: dict[str, Observation]) -> None:
    kept = Skeletons("mock", "observed", tuple(sorted(seen.values(), key=lambda each: each.label)))

    assert from_json(to_json(kept).encode()) == kept


def test_equal_observations_give_equal_files(seen: dict[str, Observation]) -> None:
    one = [replace(each, findings=("PX2", "PX1")) for each in seen.values()]
    other = [replace(each, findings=("PX1", "PX2")) for each in reversed(run())]

    files = [to_json(Skeletons("mock", "observed", tuple(each))) for each in (one, other)]

    assert files[0] == files[1]
    assert files[0].splitlines()[:2] == ["{", '  "observations": [']


def test_a_file_of_a_live_run_is_compared_with_no_server(seen: dict[str, Observation]) -> None:
    kept = to_json(Skeletons("live", "observed", (observed({"a": "x"}),))).encode()

    found = compare([observed()], from_json(kept).observations)

    assert found == [
        Difference(("a",), "body /a", "number, integer", "string, text", "mock or docs", "the contract allows both")
    ]


GOOD = json.loads(to_json(Skeletons("mock", "observed", (observed(),))))


def changed(path: list[Any], value: Any) -> bytes:
    content = json.loads(json.dumps(GOOD))
    inside = content
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("data", "pointer", "reason"),
    [
        (b"{", "", "not JSON"),
        (b"[]", "", "expected object (type)"),
        (b"{}", "/observations", "(required)"),
        (changed(["pixelpact-skeletons"], 2), "/pixelpact-skeletons", "expected 1 (const), received 2"),
        (changed(["more"], 2), "", "(additionalProperties)"),
        (changed(["target"], 2), "/target", "expected string (type), received 2"),
        (changed(["observations"], {}), "/observations", "expected array (type)"),
        (changed(["observations", 0, "findings"], "PX1"), "/observations/0/findings", "expected array (type)"),
        (changed(["observations", 0, "skeleton", "status"], "x"), "/observations/0/skeleton/status", "(type)"),
        (changed(["observations", 0, "skeleton", "body", "/a"], 1), "/observations/0/skeleton/body//a", "(type)"),
        (
            changed(["observations", 0, "skeleton", "body", "/a"], {"types": []}),
            "/observations/0/skeleton/body//a/classes",
            "(required)",
        ),
        (changed(["observations", 0, "skeleton", "pictures"], {}), "/observations/0/skeleton/pictures/count", "(requ"),
        (changed(["observations"], GOOD["observations"] * 2), "/observations", "'a' was before"),
    ],
)
def test_a_bad_file_is_refused_by_place_and_rule(data: bytes, pointer: str, reason: str) -> None:
    with pytest.raises(SkeletonsRefused) as refused:
        from_json(data)

    assert refused.value.pointer == pointer
    assert reason in str(refused.value)
