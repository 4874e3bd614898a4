"""Cases whose bytes are no request at all: not JSON, not an object, not said to be JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..contract.models import Model
from .case import Case, base_body

BODIES = {
    "empty": b"",
    "cut-short": b'{"model": ',
    "array": b"[]",
    "null": b"null",
    "not-utf-8": b'{"model": "\xff"}',
    "form": b"model=x&prompt=y",
}


def malformed(model: Model) -> Iterator[Case]:
    """What no server should take for a request. The statuses are assumed: no live answer to one was seen."""
    sources = (model.sources["server-defaults"],)
    good = base_body(model)
    for label, raw in BODIES.items():
        yield Case(f"body-{label}", model.id, {}, (400, 415, 422), sources, raw)
    number = json.dumps({**good, "guidance_scale": 0}).replace('"guidance_scale": 0', '"guidance_scale": NaN').encode()
    yield Case("body-NaN", model.id, {}, (400, 422), sources, number)
    yield Case("content-type-text", model.id, good, (400, 415, 422), sources, content_type="text/plain")
