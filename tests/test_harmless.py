"""A body that nothing has to be hidden of is kept as it is: exactly what looking at each value would keep."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pixelpact.checks.redaction import SHAPES
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Size
from pixelpact.service import redacted
from pixelpact.service.harmless import is_harmless
from pixelpact.service.redacted import IN_PROMPTS, bearer, facts_of

BODY = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse at dusk", "size": "1024x1024", "seed": 7}
KEY = "sk-of-a-client"
SECRETS = st.one_of(*(st.from_regex(shape) for name, shape in SHAPES.items() if name != IN_PROMPTS))
PICTURE = base64.b64encode(sample(Size(16, 16))).decode()
PIECES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            KEY,
            KEY[:12],
            "http://user:pw@host/a?b=c",
            "data:image/png;base64,",
            "DaTa:;BasE64,",
            PICTURE,
            "A" * 70,
            "\u00e9",
        ]
    ),
    st.sampled_from(["Ab1" * 90, "basic low-poly", "bearer of news", "\u00e9", "\x7f", "\ud800", "x" * 500]),
    SECRETS,
)
TEXTS = st.lists(PIECES, max_size=3).map("".join)
NUMBERS = st.one_of(st.integers(), st.integers(min_value=10**98, max_value=10**102), st.floats(allow_nan=False))
VALUES = st.one_of(TEXTS, NUMBERS, st.booleans(), st.none(), st.lists(TEXTS, max_size=2))
NAMES = st.one_of(st.sampled_from([*BODY, "api_key", "clientSecret", "n"]), TEXTS)
KEYS = st.one_of(st.sampled_from([KEY, "k", "", "test-key", "cl\u00e9", 'a"b\\c', "a b", "a/b"]), st.text(max_size=14))


def at_a_glance(body: dict[str, Any], raw: bytes, key: str) -> dict[str, Any]:
    """The facts of a body as the endpoint writes them down."""
    return facts_of(body, key, harmless=is_harmless(body, raw, key))


@given(st.dictionaries(NAMES, VALUES, max_size=5), KEYS)
@example({f"field{number}": number for number in range(150)}, KEY)
@example({"prompt": PICTURE}, KEY)
@example({"prompt": "x" * 80}, "xxxx")
@example({"n": 1e308}, KEY)
@example({"prompt": "DaTa:image/png;BasE64,AAAA"}, KEY)
@example({"prompt": "as http://host/a?token=of-mine"}, KEY)
def test_a_glance_keeps_what_looking_closely_does(body: dict[str, Any], key: str) -> None:
    sent = bearer({"authorization": f"Bearer {key}"})
    assert at_a_glance(body, json.dumps(body).encode(), sent) == facts_of(body, sent)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_the_spelling_of_a_body_changes_nothing(body: dict[str, Any]) -> None:
    raw = json.dumps(body, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
    assert at_a_glance(body, raw, KEY) == facts_of(body, KEY)


def test_a_plain_body_is_kept_at_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(redacted, "condensed")
    assert at_a_glance(BODY, json.dumps(BODY).encode(), KEY)["body"] == BODY


@pytest.mark.parametrize("shape", [name for name in SHAPES if name != IN_PROMPTS])
@given(st.data())
def test_a_secret_of_every_known_shape_is_suspect(shape: str, data: st.DataObject) -> None:
    body = {"prompt": f"a {data.draw(st.from_regex(SHAPES[shape]))} b"}
    assert not is_harmless(body, json.dumps(body).encode(), KEY)
