"""The journal: what it keeps of a call, what it never keeps, and how its asserts say what came instead."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import NoneType
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pixelpact.pixels import measure
from pixelpact.pixels.render import render
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Encoding, Recipe, Size
from pixelpact.service.app import create_app
from pixelpact.service.journal import API, DOWNLOAD, Entry, Journal, NoPicture
from pixelpact.service.pictured import DEEPEST
from pixelpact.service.redacted import body_of, client_of, escaped, facts_of, fingerprint
from pixelpact.service.settings import Settings

PATH = "/v1/images/generations"
DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "QVx81mZtqPd0"
# Longer than what messages show of a text, and written in several ways.
LONG_KEY = f"{KEY}/wR5nT2kLq'\"\\Xs9mYb3vH+c8JdL7gFeé1KjWt6NbVx=Ho2QyMz5Ec&Zu4iOp0aS"
RECIPE = Recipe(DREAM, "a lighthouse", 7, Size(512, 256))
PHOTO = sample(Size(64, 48))
BASE64 = base64.b64encode(PHOTO).decode()
DATA_URI = f"data:image/png;base64,{BASE64}"
DIGEST = hashlib.sha256(PHOTO).hexdigest()
LINK = "/seedream-3-0-t2i/021763812000000.jpeg"


def json_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=12,
    )


JSON = json_of(st.text(max_size=8))
HOLDING_KEY = json_of(st.lists(st.sampled_from([KEY, "https://x.test/", "?a="]) | st.text(), max_size=4).map("".join))


def drawn(recipe: Recipe) -> bytes:
    return render(recipe, Encoding())


def journal(*entries: Entry, most: int = 1000) -> Journal:
    made = Journal(drawn, most)
    for entry in entries:
        made.append(entry)
    return made


def call(body: Any, status: int = 200, *, id: str = "id", **facts: Any) -> Entry:
    kept = {**facts_of(body, KEY), **facts}
    return Entry(API, NOON, id, "POST", PATH, status, 5.0, kept)


def drawing(prompt: Any = "a cat", **fields: Any) -> Entry:
    return call({"model": DREAM, "prompt": prompt, **fields}, size="1024x1024", seed=99, form="url")


def download(status: int = 200, recipe: Recipe | None = RECIPE, **facts: Any) -> Entry:
    return Entry(DOWNLOAD, NOON, "id", "GET", LINK, status, 5.0, {"link": LINK, **facts}, recipe)


def failure(check: Callable[[], object]) -> str:
    with pytest.raises(AssertionError) as caught:
        check()
    return str(caught.value)


# What is kept


def test_a_journal_is_in_the_order_of_its_calls() -> None:
    book = journal(*(call({}, id=str(number)) for number in range(3)), download())

    assert [entry.request_id for entry in book] == ["0", "1", "2", "id"]
    assert (len(book), len(book.calls), len(book.downloads)) == (4, 3, 1)
    assert book.last.hop == DOWNLOAD


def test_a_journal_forgets_the_oldest_and_says_how_many() -> None:
    book = journal(*(call({}, id=str(number)) for number in range(5)), most=3)

    assert [entry.request_id for entry in book.entries] == ["2", "3", "4"]
    assert book.dropped == 2


def test_a_cleared_journal_has_dropped_nothing() -> None:
    book = journal(*(call({}) for _ in range(5)), most=3)

    book.clear()

    assert (book.entries, book.dropped) == ([], 0)


def test_the_last_call_of_none_says_that_there_was_none() -> None:
    assert "there was none" in failure(lambda: journal().last)


def test_an_entry_is_json_in_utc_to_the_millisecond() -> None:
    moment = datetime(2026, 11, 22, 13, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    entry = Entry(API, moment, "id", "POST", PATH, 200, 5.25, {"seed": 7})

    assert journal(entry).json() == [
        {
            "time": "2026-11-22T12:00:00.123Z",
            "hop": "api",
            "request_id": "id",
            "method": "POST",
            "path": PATH,
            "status": 200,
            "milliseconds": 5.25,
            "facts": {"seed": 7},
        }
    ]


def test_a_mark_adds_to_the_facts_of_its_call_alone() -> None:
    book = journal(call({}, id="a", seed=1), call({}, id="b", seed=2))

    book.mark("a", charged=63000)

    assert [entry.facts.get("charged") for entry in book] == [63000, None]
    assert book.entries[0].facts["seed"] == 1


def test_a_client_that_has_gone_is_marked_with_the_time_that_it_waited() -> None:
    book = journal(call({}, id="a"))
    time.sleep(0.02)

    book.mark("a", gone=True)

    assert book.last.facts["gone"] is True
    assert 0.02 <= book.last.facts["gone_after"] < 5


def test_a_mark_on_a_forgotten_call_is_forgotten() -> None:
    book = journal(call({}, id="a"))

    book.mark("b", gone=True)

    assert "gone" not in book.last.facts


def test_threads_lose_no_call_and_no_mark() -> None:
    book = Journal(drawn)

    def work(worker: int) -> None:
        for number in range(50):
            book.append(call({}, id=f"{worker}-{number}"))
            book.mark(f"{worker}-{number}", gone=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert len(book) == 400
    assert all(entry.facts["gone"] for entry in book)


def test_an_entry_is_shown_without_what_a_terminal_obeys() -> None:
    entry = Entry(API, NOON, "id", "GET", "/v1/\x1b]0;title\x07\ud800\n", 404, 5.0)

    assert str(entry) == r"GET /v1/\u001b]0;title\u0007\ud800\u000a, 404, id id"


@given(st.text())
def test_what_is_escaped_is_utf_8_and_escaped_once(text: str) -> None:
    shown = escaped(text)

    assert shown.encode().decode() == shown == escaped(shown)


# Through the mock


@dataclass(frozen=True)
class Mock:
    """A mock in this process, and what its journal keeps of its last call."""

    client: FlaskClient
    key: str

    def send(self, path: str, body: Any = None, method: str = "POST", kind: str = "application/json") -> dict[str, Any]:
        data = body if isinstance(body, (str, NoneType)) else json.dumps(body)
        # As WSGI hands a header over.
        authorization = {"HTTP_AUTHORIZATION": f"Bearer {self.key.encode().decode('latin-1')}"}
        self.client.open(path, method=method, data=data, content_type=kind, environ_overrides=authorization)
        journal = self.client.get("/_pixelpact/journal", environ_overrides=authorization)
        last: dict[str, Any] = json.loads(journal.data)[-1]
        return last


@pytest.fixture
def mock() -> Mock:
    return Mock(create_app(Settings()).test_client(), KEY)


@pytest.mark.parametrize("key", [KEY, LONG_KEY], ids=["short", "long"])
@pytest.mark.parametrize("place", [*("model", "prompt", "size", "seed", "image"), *("response_format", "quality")])
@pytest.mark.parametrize("form", ["{}", "{} and more", "xxxxxxxxxxxxxxxx {}"])
def test_a_value_that_is_refused_brings_no_key_into_the_journal(mock: Mock, key: str, place: str, form: str) -> None:
    value = form.format(key)
    sent = {"model": EDIT if place == "image" else DREAM, "prompt": "a cat", "size": "512x512"}

    kept = replace(mock, key=key).send(PATH, {**sent, place: [value] if place == "prompt" else value, value: 1})

    assert_without(key, kept)


PLACES: dict[str, Callable[[Mock, str], dict[str, Any]]] = {
    "name": lambda mock, key: mock.send(PATH, {"model": DREAM, "prompt": "a cat", f"{'x' * 60}{key}": 1}),
    "name given twice": lambda mock, key: mock.send(PATH, "{" + f"{json.dumps(key)}: 1, {json.dumps(key)}: 2" + "}"),
    "content type": lambda mock, key: mock.send(PATH, {}, kind=f"text/{key.encode().decode('latin-1')}"),
    "path": lambda mock, key: mock.send(quote(f"/v1/{key}"), method="GET"),
    "path quoted twice": lambda mock, key: mock.send(quote(quote(f"/v1/{key}")), method="GET"),
    "path quoted wholly": lambda mock, key: mock.send(f"/v1/{quote(quote(key, safe=''))}", method="GET"),
    "method": lambda mock, key: mock.send(PATH, {}, method=quote(key)),
}


@pytest.mark.parametrize("key", [KEY, LONG_KEY], ids=["short", "long"])
@pytest.mark.parametrize("place", PLACES)
def test_no_part_of_a_request_brings_its_key_into_the_journal(mock: Mock, key: str, place: str) -> None:
    mock = replace(mock, key=key)
    # Only of whom it knows does a mock note what leads nowhere.
    mock.send(PATH, {})

    assert_without(key, PLACES[place](mock, key))


def assert_without(key: str, kept: Any) -> None:
    """No word of the key is there."""
    written = json.dumps(kept, ensure_ascii=False)
    assert [word for word in re.findall("[A-Za-z0-9]{9,}", key) if word in written] == []


def test_the_path_of_a_picture_is_exact_whatever_the_key() -> None:
    mock = Mock(create_app(Settings()).test_client(), "seedream-3-0")

    link = mock.send(PATH, {"model": DREAM, "prompt": "a cat", "size": "512x512"})["facts"]["link"]

    assert re.fullmatch("/seedream-3-0-t2i/02[0-9]{13}[0-9a-f]{38}.jpeg", link)


def test_a_path_that_is_no_picture_is_cut(mock: Mock) -> None:
    mock.send(PATH, {})

    kept = mock.send(f"/v1/{'a' * 60_000}", method="GET")

    assert kept["path"] == f"/v1/{'a' * 296}…"
    assert len(json.dumps(kept)) < 2000


def test_the_message_of_a_refusal_is_kept_as_it_was_sent(mock: Mock) -> None:
    body = {"model": DREAM, "prompt": "a cat", "size": "https://me:pw@x.test/a.png?token=1"}

    kept = mock.send(PATH, body)

    assert kept["facts"]["error"].endswith('received "https://x.test/a.png?…"')


# Pictures


def test_the_picture_of_a_call_is_that_of_its_recipe() -> None:
    picture = journal().picture(download())

    assert picture.size == Size(512, 256)
    assert picture.bytes == drawn(RECIPE)
    assert picture.sha256 == hashlib.sha256(picture.bytes).hexdigest()


def test_a_thumbnail_is_a_small_jpeg() -> None:
    facts = measure.facts(journal().picture(download()).thumbnail())

    assert (facts.container, facts.size) == ("jpeg", Size(256, 128))


def test_a_picture_is_drawn_when_it_is_asked_for_and_once() -> None:
    asked: list[Recipe] = []

    def draw(recipe: Recipe) -> bytes:
        asked.append(recipe)
        return PHOTO

    picture = Journal(draw).picture(download())
    before = len(asked)

    assert (before, picture.bytes, picture.sha256, len(asked)) == (0, PHOTO, DIGEST, 1)


def test_a_call_that_was_refused_has_no_picture() -> None:
    with pytest.raises(NoPicture, match=r"received POST /v1/images/generations, 400 invalid_request, id id$"):
        journal().picture(call({}, 400, kind="invalid_request"))


# What a body leaves


def test_of_a_body_that_was_no_json_nothing_is_kept() -> None:
    assert facts_of(None, "") == {}


@pytest.mark.parametrize("sent", [DATA_URI, BASE64], ids=["data-uri", "base64"])
def test_a_picture_is_kept_as_its_digest(sent: str) -> None:
    kept = body_of({"image": sent})["image"]

    form = "data-uri" if sent == DATA_URI else "base64"
    assert kept == {"picture": "image/png", "form": form, "bytes": len(PHOTO), "sha256": DIGEST}


def test_a_picture_deep_inside_is_kept_as_its_digest() -> None:
    kept = body_of({"extra_body": {"images": [DATA_URI]}})

    assert kept["extra_body"]["images"][0]["sha256"] == DIGEST


def test_broken_base64_is_kept_as_the_digest_of_its_text() -> None:
    broken = f"data:image/png;base64,{'A' * 300}!"

    assert body_of({"image": broken})["image"] == {
        "picture": "image/png",
        "form": "data-uri",
        "bytes": len(broken),
        "sha256": hashlib.sha256(broken.encode()).hexdigest(),
    }


@pytest.mark.parametrize("prompt", ["x" * 400, "word " * 90, "QUJD" * 100, "Bold" * 20], ids=lambda text: text[:5])
def test_a_long_prompt_is_no_picture(prompt: str) -> None:
    assert body_of({"prompt": prompt})["prompt"] == prompt


@pytest.mark.parametrize(
    "prompt",
    [
        "a basic low-poly house, bearer of bad-news",
        "The key: golden. A risk-averse ask-me-anything",
        "what is https://example.com/a,b",
        "日本の灯台 🗼",
    ],
)
def test_what_people_write_is_kept_word_for_word(prompt: str) -> None:
    assert body_of({"prompt": prompt}, KEY)["prompt"] == prompt


def test_a_long_text_is_cut() -> None:
    text = "ab " * 2000
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert body_of({"prompt": text})["prompt"] == f"{text[:4000]}… [6,000 characters, SHA-256 {digest}]"


def test_of_a_long_list_the_beginning_is_kept() -> None:
    assert body_of({"steps": list(range(10_000)), "n": 1}) == {"steps": list(range(100)), "n": 1}


def test_a_large_value_is_kept_as_the_beginning_of_its_json() -> None:
    large = {"a": ["word " * 80] * 9}

    assert body_of({"extra": large})["extra"] == f"{json.dumps(large)[:500]}…"


def test_of_too_many_fields_the_first_are_kept() -> None:
    kept = body_of({f"f{number}": number for number in range(9999)})

    assert kept == {**{f"f{number}": number for number in range(100)}, "…": "9899 more"}


@pytest.mark.parametrize("value", ["🗼" * 600, ["🗼" * 400] * 9, 10**4000], ids=["text", "list", "number"])
def test_a_body_is_kept_in_32_kilobytes(value: Any) -> None:
    kept = body_of({f"{number} {'🗼' * 90}": value for number in range(200)})

    assert len(json.dumps(kept)) <= 32768
    assert kept["…"] == f"{200 - len(kept) + 1} more"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (10**99, 10**99),
        (10**4000, f"1{'0' * 99}…"),
        (-(10**4000), f"-1{'0' * 98}…"),
        ([{"a": 10**4000}], [{"a": f"1{'0' * 99}…"}]),
        (1e308, 1e308),
        (float("inf"), "Infinity"),
        (True, True),
    ],
    ids=["long", "longer", "negative", "inside", "float", "infinite", "true"],
)
def test_a_number_is_kept_as_text_if_it_is_too_long_or_none_in_json(sent: Any, kept: Any) -> None:
    assert body_of({"seed": sent})["seed"] == kept


def test_what_is_nested_without_end_is_cut() -> None:
    deep: Any = "end"
    for _ in range(500):
        deep = {"a": deep}

    assert json.dumps(body_of(deep)).count("{") == DEEPEST
    assert len(fingerprint(deep)) == 64


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://user:secret@x.test:8080/a/b.png?X-Tos-Signature=1&b=2#c", "https://x.test:8080/a/b.png"),
        ("HTTP://x.test/a?b", "HTTP://x.test/a"),
        ("like https://x.test/a.png?token=1 but blue", "like https://x.test/a.png but blue"),
    ],
)
def test_a_url_is_kept_without_query_and_user(sent: str, kept: str) -> None:
    assert body_of({"image": sent})["image"] == kept


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": f"a cat, {KEY}, a dog"},
        {KEY: 1},
        {"image": f"https://x.test/{KEY}/a.png"},
        {"image": f"https://x.test/{KEY}?key={KEY}"},
        {"extra": [{"deep": {KEY: [KEY]}}]},
        {"prompt": "w " * 248 + KEY},
        KEY,
        [KEY],
    ],
)
def test_the_key_of_the_call_is_kept_nowhere(body: Any) -> None:
    kept = json.dumps(facts_of(body, KEY))

    assert KEY not in kept
    assert KEY[3:9] not in kept


@pytest.mark.parametrize("other", ["sk-aB3dE5fG7hJ9", "AKLTYWJjZGVmZ2hpamtsbW5vcA", "ghp_aB3dE5fG7hJ9kL1m"])
def test_another_key_is_kept_nowhere(other: str) -> None:
    kept = body_of({"prompt": f"use {other}!", "image": f"https://x.test/{other}"})

    assert other not in json.dumps(kept)
    assert kept["prompt"].startswith("use ")


def test_what_a_name_calls_a_secret_is_not_kept() -> None:
    assert "hunter2" not in json.dumps(body_of({"password": "hunter2", "api_key": ["hunter2"]}))


@given(HOLDING_KEY)
def test_no_body_brings_its_key_into_the_journal(body: Any) -> None:
    assert KEY not in json.dumps(body_of(body, KEY), ensure_ascii=False)


@given(JSON)
def test_what_was_kept_is_kept_again_without_change(value: Any) -> None:
    kept = body_of({"field": value})

    assert body_of(kept) == kept


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=5), st.randoms())
def test_equal_bodies_have_equal_fingerprints_in_any_order(body: dict[str, Any], random: Any) -> None:
    names = list(body)
    random.shuffle(names)

    assert fingerprint({name: body[name] for name in names}) == fingerprint(body)


def test_what_has_no_end_is_not_taken_for_nothing() -> None:
    assert len({fingerprint({"seed": seed}) for seed in (None, "null", math.inf, -math.inf, 2**70, "\ud800")}) == 6


@pytest.mark.parametrize(
    "other",
    [
        {"model": DREAM, "prompt": "a cat", "seed": 2},
        {"model": DREAM, "prompt": "a cat"},
        {"model": DREAM, "prompt": "a cat", "seed": 1, "image": "https://x.test/a?b=1"},
        {"model": DREAM, "prompt": "a cat" + " " * 600, "seed": 1},
    ],
)
def test_other_bodies_have_other_fingerprints(other: Any) -> None:
    assert fingerprint(other) != fingerprint({"model": DREAM, "prompt": "a cat", "seed": 1})


def test_what_is_cut_and_what_is_hidden_still_counts_in_a_fingerprint() -> None:
    bodies = [
        {"prompt": "a" * 600 + "b"},
        {"prompt": "a" * 600 + "c"},
        {"image": "https://x/a?1"},
        {"image": "https://x/a?2"},
    ]

    assert len({fingerprint(body) for body in bodies}) == 4


def test_other_pictures_have_other_fingerprints() -> None:
    other = base64.b64encode(sample(Size(64, 49))).decode()

    assert fingerprint({"image": BASE64}) != fingerprint({"image": other})


def test_a_picture_of_three_mebibytes_costs_few_hashes_of_it() -> None:
    data = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 12288
    body = {"prompt": "a cat", "image": f"data:image/png;base64,{base64.b64encode(data).decode()}"}

    hashed, kept = cost(lambda: hashlib.sha256(data)), cost(lambda: facts_of(body, KEY))

    # To decode it takes as long as three. One regular expression over all of it would take ten.
    assert kept < 12 * hashed


def cost(work: Callable[[], object]) -> float:
    """Seconds of this thread alone, at best."""
    best = 60.0
    for _ in range(7):
        started = time.thread_time()
        work()
        best = min(best, time.thread_time() - started)
    return best


@pytest.mark.parametrize("sent", [{"picture": "x", "sha256": "y"}, {"picture": 1, "bytes": "x", "sha256": []}])
def test_what_only_looks_like_a_kept_picture_breaks_nothing(sent: Any) -> None:
    book = journal(call({"image": sent}))

    book.assert_called(image=sent)
    assert "image" in failure(lambda: book.assert_called(image=PHOTO))


# What a client says of itself


def test_a_client_is_known_by_its_headers() -> None:
    headers = {"user-agent": "OpenAI/Python 3.54.0", "x-stainless-retry-count": "1", "x-stainless-read-timeout": "600"}

    assert client_of(headers) == {"user_agent": "OpenAI/Python 3.54.0", "retry_count": 1, "read_timeout": 600.0}


@pytest.mark.parametrize("text", ["", "NOT_GIVEN", "-1", "nan", "inf", "0", "1e999"])
def test_a_timeout_that_is_none_is_not_kept(text: str) -> None:
    assert client_of({"x-stainless-read-timeout": text, "x-stainless-retry-count": text.replace("0", "")}) == {}


def test_the_beginning_of_a_key_is_not_kept() -> None:
    kept = body_of({"prompt": f"it begins with {LONG_KEY[:24]}, and more"}, LONG_KEY)["prompt"]

    assert re.fullmatch("it begins with (?:Synthetic)+S?y?n?t?h?e?t?, and more", kept)


def test_a_key_in_the_user_agent_is_not_kept() -> None:
    kept = client_of({"user-agent": f"me/{KEY} {'x' * 9000}", "authorization": f"Bearer {KEY}"})

    assert KEY not in kept["user_agent"]
    assert len(kept["user_agent"]) == 501


# Asserts


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"prompt": "a cat"},
        {"prompt": "a *"},
        {"prompt": re.compile("c.t$")},
        {"prompt": str, "n": int, "watermark": bool, "guidance_scale": float},
        {"prompt": lambda prompt: len(prompt) == 5},
        {"n": 1.0, "guidance_scale": 5},
        {"seed": 99, "size": "1024x1024", "form": "url"},
        {"prompt": "a cat", "quality": None, "seed": None, "size": None},
        {"image": PHOTO},
        {"image": DATA_URI},
        {"image": str},
        {"image": "data:image/png*"},
        {"link": f"https://x.test{LINK}?X-Tos-Signature=another"},
        {"tags": ["a", {"b": True}]},
        {"status": 200},
        {"status": lambda status: status < 300},
    ],
    ids=lambda fields: "-".join(fields) or "nothing",
)
def test_a_call_is_found_by(fields: dict[str, Any]) -> None:
    more = {"n": 1, "watermark": False, "guidance_scale": 5, "image": DATA_URI, "tags": ["a", {"b": True}]}
    book = journal(call({}, 400), drawing(**more, link=f"https://x.test{LINK}?X-Tos-Signature=1"))

    book.assert_called(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "a dog"},
        {"prompt": "a ?at"},
        {"prompt": re.compile("^at")},
        {"n": True},
        {"n": bool},
        {"watermark": int},
        {"watermark": 0},
        {"seed": None, "n": None},
        {"image": PHOTO + b"\0"},
        {"image": dict},
        {"quality": lambda quality: True},
        {"quality": "*"},
        {"quality": re.compile("")},
        {"quality": object},
        {"seed": 100},
        {"status": 201},
        {"prompt": "a cat", "n": 2},
    ],
    ids=lambda fields: "-".join(fields),
)
def test_no_call_is_found_by(fields: dict[str, Any]) -> None:
    book = journal(drawing(n=1, watermark=False, image=DATA_URI))

    book.assert_not_called(**fields)
    with pytest.raises(AssertionError):
        book.assert_called(**fields)


def test_a_picture_is_found_by_its_file(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(PHOTO)

    journal(call({"model": EDIT, "image": BASE64})).assert_called(image=file)


@pytest.mark.parametrize("prompt", ["**bold** " * 100, "a * [b]", "* https://x.test/?a=b"])
def test_a_text_with_an_asterisk_is_found_by_itself(prompt: str) -> None:
    journal(drawing(prompt)).assert_called(prompt=prompt)


def test_a_body_that_says_a_size_is_not_asked_for_that_of_its_picture() -> None:
    book = journal(call({"size": "adaptive"}, size="1184x832"))

    book.assert_called(size="adaptive")
    book.assert_not_called(size="1184x832")


def test_all_fields_must_be_of_one_call() -> None:
    book = journal(drawing("a cat", n=1), drawing("a dog", n=2))

    book.assert_not_called(prompt="a cat", n=2)


def test_calls_are_counted() -> None:
    book = journal(drawing("a cat"), drawing("a dog"), drawing("a cat"))

    book.assert_called(2, prompt="a cat")
    book.assert_called(times=0, prompt="a cow")
    assert "expected exactly 1 API call with prompt='a cat'; 2 of 3 had it" in failure(
        lambda: book.assert_called(1, prompt="a cat")
    )
    assert "expected exactly 3 API calls; there were 2" in failure(lambda: journal(*book.entries[:2]).assert_called(3))


def test_the_nearest_call_is_shown_field_by_field() -> None:
    book = journal(call({"model": EDIT, "prompt": "no"}, 400, id="a"), drawing("a cat on a mat", n=1, seed=3))

    message = failure(lambda: book.assert_called(model=DREAM, prompt="a cat on a hat", seed=7, quality="high"))

    assert message.split("\n\n")[:2] == [
        f"expected an API call with model='{DREAM}', prompt='a cat on a hat', seed=7, quality='high'; "
        "none of 2 had all of it",
        "call 2 of 2: POST /v1/images/generations, 200, id id\n"
        f"  = model    '{DREAM}'\n"
        "  ! prompt   wanted 'a cat on a hat'  came 'a cat on a mat'\n"
        "  ! seed     wanted 7                 came 3\n"
        "  ! quality  wanted 'high'            came nothing\n"
        "  + n        1",
    ]


def test_a_field_that_a_terminal_would_obey_is_shown_escaped() -> None:
    message = failure(lambda: journal(drawing(**{"\x1b]0;title\x07\ud800": 1})).assert_called(prompt="a dog"))

    assert r"+ \u001b]0;title\u0007\ud800  1" in message


def test_at_most_three_calls_are_shown_and_the_nearest_first() -> None:
    book = journal(*(drawing(f"a cat {'very ' * number}nice", seed=number) for number in range(9)))

    message = failure(lambda: book.assert_called(prompt=f"a cat {'very ' * 6}ugly", seed=1))

    assert re.findall(r"call (\d) of 9", message) == ["2", "7", "8"]


def test_two_long_texts_are_shown_where_they_differ() -> None:
    book = journal(drawing("a cat " * 50 + "in the rain"))

    message = failure(lambda: book.assert_called(prompt="a cat " * 50 + "in the snow"))

    assert "wanted '… a cat a cat in the snow'  came '… a cat a cat in the rain'" in message


def test_a_call_that_should_not_have_been_is_shown() -> None:
    message = failure(lambda: journal(drawing("a cat")).assert_not_called(prompt="*cat*"))

    assert message.startswith("expected no API call with prompt='*cat*'; 1 of 1 had it\n\ncall 1 of 1: POST")


def test_a_picture_that_was_not_sent_is_told_by_size_and_digest() -> None:
    message = failure(lambda: journal(call({"image": DATA_URI})).assert_called(image=b"other"))

    assert f"came a picture: image/png, {len(PHOTO):,} bytes, SHA-256 {DIGEST[:12]}…" in message


def test_a_journal_without_calls_says_so() -> None:
    said = "expected an API call; there was none: does the client use this mock's URL and key?"
    assert failure(journal().assert_called) == said


def test_no_message_is_long_or_holds_the_key() -> None:
    many: dict[str, Any] = {f"f{number}": "y" * 9000 for number in range(9)}
    book = journal(*(drawing(f"{KEY} {'x' * 9000}", **many) for _ in range(9)))

    message = failure(lambda: book.assert_called(prompt="z" * 9000))

    assert len(message) < 4000
    assert KEY not in message


def test_a_download_is_found_by_what_it_brought() -> None:
    book = journal(download(model=DREAM, seed=7, size="512x256"))

    book.assert_downloaded(1, prompt="a light*", seed=7, size="512x256", link=LINK, image=None)


def test_a_download_that_was_refused_counts_only_if_it_is_asked_for() -> None:
    book = journal(download(403, None, kind="expired"))

    book.assert_downloaded(status=403)
    message = failure(book.assert_downloaded)
    assert "! status  wanted below 400  came 403" in message
    assert f"download 1 of 1: GET {LINK}, 403 expired, id id" in message


def test_an_edit_that_was_downloaded_is_found_by_its_picture() -> None:
    recipe = Recipe(EDIT, "blue", 1, Size(64, 64), image=f"sha256:{DIGEST}")

    journal(download(recipe=recipe)).assert_downloaded(image=PHOTO)
