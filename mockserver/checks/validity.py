"""Whether a request that was sent breaks the contract: read again from its bytes, and its pictures measured.

A judge of its own: nothing here knows which rule a case meant to break, so a case that became valid accuses nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..contract.breaches import Breach
from ..contract.images import formats, ratio, read_image
from ..contract.models import Model
from ..contract.parsing import parse
from ..errors import InvalidJson
from ..pixels.measure import facts

ANY_JSON = ("application/json", "+json")


def is_malformed(payload: bytes, content_type: str) -> bool:
    """Whether no server can take the bytes for a request: not JSON, not an object, or not said to be JSON."""
    try:
        body = parse(payload)
    except InvalidJson:
        return True
    return not isinstance(body, dict) or not content_type.partition(";")[0].strip().lower().endswith(ANY_JSON)


def breaches(model: Model, payload: bytes) -> Iterator[Breach]:
    """Every rule of the model's request schema that the bytes break, its input pictures opened. Raises InvalidJson."""
    body = parse(payload)
    found = list(model.breaches(body))
    yield from found
    for field, rule in model.images.items():
        if field in body and not any(breach.pointer == f"/{field}" for breach in found):
            yield from _picture_breaches(model, field, rule, str(body[field]))


def _picture_breaches(model: Model, field: str, rule: Mapping[str, Any], text: str) -> Iterator[Breach]:
    data = read_image(rule, text).data
    if data is not None:
        sources = model.rule_sources(field, "x-image")
        for allowed, came in _against(rule, data):
            yield Breach(f"/{field}", "x-image", allowed, came, sources)


def _against(rule: Mapping[str, Any], data: bytes) -> Iterator[tuple[str, str]]:
    measured = facts(data)
    allowed = formats(rule)
    if measured.container not in allowed:
        yield f"a picture as {' or '.join(allowed)}", measured.container
    elif measured.size is None:
        yield "a picture with a size", measured.problem or "none"
    else:
        yield from _size_against(rule, measured.size.width, measured.size.height)
        if not measured.decodable:
            yield "a picture that can be decoded", measured.problem or "none"


def _size_against(rule: Mapping[str, Any], width: int, height: int) -> Iterator[tuple[str, str]]:
    came = f"{width}x{height}"
    if width * height > rule.get("maxPixels", width * height):
        yield f"at most {rule['maxPixels']:,} pixels", came
    if min(width, height) < rule.get("minSide", 1):
        yield f"sides of at least {rule['minSide']} pixels", came
    if max(width, height) > rule.get("maxSide", max(width, height)):
        yield f"sides of at most {rule['maxSide']} pixels", came
    if "minRatio" in rule and width < ratio(rule["minRatio"]) * height:
        yield f"a ratio of at least {rule['minRatio']}", came
    if "maxRatio" in rule and width > ratio(rule["maxRatio"]) * height:
        yield f"a ratio of at most {rule['maxRatio']}", came
