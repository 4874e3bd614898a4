"""Cases whose bytes are no request at all: not JSON, not an object, not said to be JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from ..contract.models import Model
from .case import Case
from .plain import base_body

STATUSES = (400, 415, 422)
# No JSON by its own rules, whoever reads it.
NOT_JSON = {"empty": b"", "cut-short": b'{"model": ', "open-string": b'{"model": "x'}
# JSON, but no object.
NO_OBJECT = {"array": b"[]", "null": b"null", "string": b'"model"', "number": b"5", "true": b"true"}


def malformed(model: Model) -> Iterator[Case]:
    """What no server should take for a request. Which 4xx it gets is assumed: no live answer to one was seen."""
    good = base_body(model)
    json_itself, assumed = (model.sources["rfc-8259"],), (model.sources["server-defaults"],)
    for label, raw in {**NOT_JSON, **_nearly(good)}.items():
        yield Case(f"body-{label}", model.id, {}, STATUSES, json_itself, raw)
    for label, raw in NO_OBJECT.items():
        yield Case(f"body-{label}", model.id, {}, STATUSES, model.rule_sources(None, "type"), raw)
    doubtful = {"utf-16": json.dumps(good).encode("utf-16"), "deep": b"[" * 100_000}
    for label, raw in doubtful.items():
        yield Case(f"body-{label}", model.id, {}, STATUSES, assumed, raw)
    twice = json.dumps(good)[:-1].encode() + b', "watermark": false, "watermark": true}'
    yield Case("body-key-twice", model.id, {}, STATUSES, assumed, twice)
    yield Case("content-type-text", model.id, good, STATUSES, assumed, content_type="text/plain")


def _nearly(good: Mapping[str, Any]) -> dict[str, bytes]:
    """A good body with one thing in it that JSON does not have: a lenient parser would take it."""
    text = json.dumps(good)
    numbers = {"NaN": "NaN", "Infinity": "Infinity", "hexadecimal": "0x5", "leading-zero": "05", "plus": "+5"}
    nearly = {label: f'{text[:-1]}, "guidance_scale": {number}}}' for label, number in numbers.items()}
    nearly |= {
        "trailing-comma": f"{text[:-1]},}}",
        "trailing-text": f"{text} and more",
        "two": text + text,
        "comment": f"{text[:-1]} /* the end */}}",
        "no-quotes": text.replace('"model"', "model"),
        "single-quotes": text.replace('"model"', "'model'"),
        "form": urlencode(good),
    }
    encoded = {label: made.encode() for label, made in nearly.items()}
    # A server that reads over it has the model, and perhaps the prompt.
    worded = text if '"prompt": "' in text else f'{text[:-1]}, "prompt": "x"}}'
    return {**encoded, "not-utf-8": worded.encode().replace(b'"prompt": "', b'"prompt": "\xff')}
