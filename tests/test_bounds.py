"""What the mock keeps and says is bounded, whatever it is sent."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pixelpact import checks, contract, pixels, service
from pixelpact.pixels.values import Recipe, Size
from pixelpact.service.app import create_app
from pixelpact.service.drawn import Gallery
from pixelpact.service.settings import Settings
from werkzeug.datastructures import MultiDict

APP = create_app()
PATH = "/v1/images/generations"
DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
HEADERS = {"Authorization": "Bearer test-key"}


def test_a_form_has_a_thousand_parts_at_most() -> None:
    fields = [("prompt", "a")] * 1001

    answer = APP.test_client().post(
        "/v1/images/edits", data=MultiDict(fields), content_type="multipart/form-data", headers=HEADERS
    )

    assert answer.status_code == 400
    assert "1,000 parts" in answer.get_json()["message"]


@pytest.mark.parametrize(
    "wrong",
    [{"image_urls": [0] * 100_000}, {"size": "x" * 10**6}, {f"f{n}" * 9: n for n in range(9000)}],
    ids=["items", "text", "fields"],
)
def test_an_error_is_short_however_much_is_wrong(wrong: dict[str, Any]) -> None:
    body = {"model": "alibaba/qwen-image-2-0", **wrong}

    answer = create_app(Settings(strict=True)).test_client().post(PATH, json=body, headers=HEADERS)

    assert answer.status_code == 400
    assert len(answer.data) < 100_000


NUMBER = 40_000
LARGE: dict[str, bytes] = {
    "the-last-name-twice": b"{" + b"".join(b'"f%d":1,' % n for n in range(NUMBER)) + b'"f%d":1}' % (NUMBER - 1),
    "names-nearly-right": json.dumps({f"promp{n}": 1 for n in range(NUMBER)}).encode(),
    "a-name-without-end": json.dumps({"p" * NUMBER * 10: 1}).encode(),
    "a-model-without-end": json.dumps({"model": "bytedance/seedream" * NUMBER}).encode(),
    "a-number-without-end": b'{"seed":' + b"9" * NUMBER * 10 + b"}",
    "a-size-without-end": json.dumps({"model": DREAM, "size": "1" * NUMBER * 10 + "x1"}).encode(),
    "brackets": b'{"a":' * NUMBER,
    "links": json.dumps({"model": DREAM, "prompt": "https://a?" * NUMBER}).encode(),
    "beginnings-of-keys": json.dumps({"model": DREAM, "prompt": "Bearer sk-" * NUMBER}).encode(),
    "backslashes": json.dumps({"model": DREAM, "prompt": "\\" * NUMBER * 5}).encode(),
    "padding": json.dumps({"model": EDIT, "prompt": "a", "image": "=" * NUMBER * 10}).encode(),
    "users": json.dumps({"model": EDIT, "prompt": "a", "image": "http://" + "a@" * NUMBER * 5}).encode(),
    "items": json.dumps({"model": "alibaba/qwen-image-2-0", "prompt": "a", "image_urls": ["x"] * NUMBER}).encode(),
}


@pytest.mark.parametrize("body", LARGE.values(), ids=LARGE)
def test_a_large_body_takes_no_longer_than_it_is_large(body: bytes) -> None:
    headers = {**HEADERS, "Content-Type": "application/json"}
    began = time.thread_time()

    answer = APP.test_client().post(PATH, data=body, headers=headers)

    # Of the processor, so that no other program counts; what grew with the square would take minutes.
    assert time.thread_time() - began < 1
    assert answer.status_code in (200, 400)


def test_no_more_pictures_are_kept_than_there_is_room_for() -> None:
    gallery = Gallery(lambda recipe: bytes(recipe.seed))
    sizes = [10**6] * 40 + [10**7] * 9 + [10**8]

    for place, size in enumerate(sizes):
        gallery.drawn(Recipe("m", str(place), size, Size(1, 1)))
        kept = [len(drawn.data) for drawn in gallery._kept.values()]
        assert len(kept) <= 32
        assert sum(kept) <= 2**26


PACKAGES = (checks, contract, pixels, service)
# Of few arguments, which no caller chooses.
ENDLESS = {
    **dict.fromkeys(("hills", "peaks", "rocks", "woods", "cloud"), "six kinds, coarse or fine"),
    "standard": "a hundred qualities",
    "status_line": "a status of HTTP",
}


def caches() -> Iterator[tuple[str, Any]]:
    """Every function that remembers, with what it may remember."""
    for package in PACKAGES:
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                if type(value).__name__ == "_lru_cache_wrapper" and value.__module__ == module.name:
                    yield name, value


def test_every_cache_has_a_bound() -> None:
    endless = [
        name
        for name, function in caches()
        if function.cache_parameters()["maxsize"] is None and inspect.signature(function).parameters
    ]

    assert endless == list(ENDLESS)
