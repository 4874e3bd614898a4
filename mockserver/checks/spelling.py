"""How a text may come back from a server that quotes, escapes or encodes it."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

from .exchange import SHORTEST_KEY


def encodings(text: str) -> set[str]:
    """A text as it may come back: quoted for a URL, HTML or JSON, backwards, in hex, in base64, and all of it twice."""
    forms = {text}
    for _ in range(2):
        forms |= {
            made for form in forms for encode in ENCODERS for made in encode(form) if len(made) >= 2 * SHORTEST_KEY
        }
    return forms


def _in_base64(text: str) -> Iterator[str]:
    """Base64 of a text wherever it begins in a longer one, less the characters that it shares with its neighbours."""
    for before in range(3):
        data = bytes(before) + text.encode()
        whole = base64.b64encode(data).decode()[-(-before * 8 // 6) : len(data) * 8 // 6]
        yield from (whole, whole.translate(str.maketrans("+/", "-_")))


ENCODERS: tuple[Callable[[str], Iterator[str]], ...] = (
    _in_base64,
    lambda text: iter((quote(text, safe=""), quote_plus(text), html.escape(text))),
    lambda text: iter((text.encode().hex(), text[::-1], json.dumps(text)[1:-1])),
)
