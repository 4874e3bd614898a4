"""Whether a request that was sent breaks the contract: read again from its bytes, and its pictures measured.

A judge of its own: nothing here knows which rule a case meant to break, so a case that became valid accuses nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..contract.breaches import Breach
from ..contract.images import formats, ratio
from ..contract.inputs import InputPicture
from ..contract.models import Model
from ..contract.parsing import parse
from ..contract.sources import names_of
from ..errors import InvalidJson
from ..pixels.measure import facts
from .generation import picture_bytes

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
    if not isinstance(body, dict):
        return
    for picture in model.inputs(body):
        if not any(f"{breach.pointer}/".startswith(f"/{picture.pointer}/") for breach in found):
            yield from _picture_breaches(model, picture)


def _picture_breaches(model: Model, picture: InputPicture) -> Iterator[Breach]:
    data = picture_bytes(picture)
    if data is not None:
        named = _named(model.request["properties"][picture.field], picture.rule)
        sources = tuple(model.sources[name] for name in named)
        for allowed, came in _against(picture.rule, data):
            yield Breach(f"/{picture.pointer}", "x-image", allowed, came, sources)


def _named(schema: Mapping[str, Any], rule: Mapping[str, Any]) -> tuple[str, ...]:
    """The sources of an `x-image` rule, which may stand deep inside of a field's schema."""
    if schema.get("x-image") is rule:
        return names_of(schema, "x-image")
    items = [schema["items"]] if "items" in schema else []
    inner = [*items, *schema.get("anyOf", ()), *schema.get("properties", {}).values()]
    return next((found for part in inner if (found := _named(part, rule))), ())


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
