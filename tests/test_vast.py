"""Bodies that hold very much: the journal keeps of them what it keeps of others, and soon."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from pixelpact.service.packing import Octets
from pixelpact.service.redacted import body_of, facts_of
from pixelpact.service.vast import MOST_VALUES, is_vast

MANY = {f"field{number}": str(number) for number in range(MOST_VALUES + 1)}
PIXELS = list(b"\x89PNG\r\n\x1a\n" * 2000)


def quickest(act: Callable[[], Any]) -> float:
    """Of three times, in seconds."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        act()
        times.append(time.perf_counter() - begun)
    return min(times)


@pytest.mark.parametrize(
    "body",
    [
        {f"field{number}": "a" for number in range(200_000)},
        {f"field{number}": {"b": "c"} for number in range(200_000)},
        {"one": {f"field{number}": "a" for number in range(200_000)}},
    ],
    ids=["fields", "objects", "one field"],
)
def test_what_is_kept_of_a_vast_body_takes_no_longer_than_its_parsing(body: Any) -> None:
    raw = json.dumps(body)
    assert quickest(lambda: facts_of(body, "key")) < quickest(lambda: json.loads(raw)) * 1.5


@pytest.mark.parametrize(
    "value",
    [
        [[1] * 40] * 100,
        [["a"] * 90] * 90,
        [[[str(number)] * 20] * 20 for number in range(20)],
        {str(number): {str(inner): [] for inner in range(90)} for number in range(90)},
        ["", *PIXELS],
        PIXELS,
        [PIXELS, PIXELS],
        {"type": "Buffer", "data": Octets(bytes(PIXELS))},
        [[[[[[[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]]]]]],
    ],
    ids=["numbers", "texts", "levels", "empty lists", "no file", "file", "files", "upload", "deep"],
)
def test_of_what_is_shown_nothing_is_missing(monkeypatch: pytest.MonkeyPatch, value: Any) -> None:
    kept = body_of({"image": value, "password": value, "after": 1})
    monkeypatch.setattr("pixelpact.service.vast.MOST_SHOWN", 10**6)
    assert kept == body_of({"image": value, "password": value, "after": 1})


@pytest.mark.parametrize(
    ("body", "vast"),
    [
        (MANY, True),
        ({"a": {"b": [list(MANY)]}}, True),
        ({"a": "b" * 10**6}, False),
        ([[]] * MOST_VALUES, False),
        (1, False),
    ],
    ids=["wide", "deep", "long", "as many as may be", "number"],
)
def test_a_body_is_vast_by_the_values_in_it(body: Any, vast: bool) -> None:
    assert is_vast(body) is vast


def test_of_a_vast_body_the_first_hundred_fields_are_kept_and_no_picture() -> None:
    kept = facts_of({"image": PIXELS, "token": "sesame", **MANY}, "key")["body"]
    assert len(kept) == 101
    assert (kept["image"]["picture"], kept["image"]["bytes"], kept["field97"]) == ("image/png", len(PIXELS), "97")
    assert kept["…"] == f"{MOST_VALUES + 3 - 100} more"
    assert "sesame" not in str(kept)


@pytest.mark.parametrize("value", ["a", None, 1e999, "\ud800", 2**80, Octets(b"a" * 100)], ids=ascii)
def test_equal_vast_bodies_have_a_fingerprint_in_common_and_others_not(value: Any) -> None:
    mine = {**MANY, "image": value}
    same = dict(reversed(mine.items()))
    others = ({**mine, "image": other} for other in ("b", False, 1e300, "\ud801", 2**81, Octets(b"b" * 100)))
    prints = [facts_of(body, "key")["fingerprint"] for body in (mine, same, *others, {**mine, "more": None})]
    assert prints[0] == prints[1]
    assert len(set(prints)) == len(prints) - 1


def test_of_a_vast_list_of_numbers_the_beginning_is_kept_and_taken_for_no_file() -> None:
    kept = facts_of({"image": list(range(10**6))}, "key")["body"]
    assert kept == {"image": list(range(100))}


def test_a_file_in_a_vast_body_with_nulls_tells_it_from_another() -> None:
    one, other = ({**MANY, "none": None, "image": Octets(data)} for data in (b"a" * 100, b"b" * 100))
    assert facts_of(one, "key")["fingerprint"] != facts_of(other, "key")["fingerprint"]
