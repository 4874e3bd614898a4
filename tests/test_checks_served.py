"""Checks of what a real mock serves of imported models: nothing of it is found, and each way to bend it is."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from pixelpact.cases.evidence import photograph, photograph_uri
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.generation import Generation, collect
from pixelpact.checks.judge import judge
from pixelpact.contract.contract import load
from pixelpact.service.app import create_app
from werkzeug.test import Client

CONTRACT = load()
EDIT, SHAPED, INLINE = "blackforestlabs/flux-2-lora-edit", "luma/uni-1", "imagen-3.0-generate-002"
OTHER = Image.open(io.BytesIO(photograph())).transpose(Image.Transpose.ROTATE_180)
HEADERS = {"Authorization": "Bearer test-key"}
Body = dict[str, Any]
Bend = Callable[[Body], Body]
BODIES: dict[str, Body] = {
    EDIT: {"prompt": "Add a crown.", "num_images": 2, "output_format": "webp", "image_size": "square", "seed": 7},
    SHAPED: {"prompt": "A lighthouse.", "aspect_ratio": "16:9", "output_format": "png"},
    INLINE: {"prompt": "A lighthouse.", "num_images": 2, "convert_base64_to_url": False, "aspect_ratio": "3:4"},
}


def uri(picture: Image.Image, container: str = "png") -> str:
    target = io.BytesIO()
    picture.save(target, container)
    return f"data:image/{container};base64,{base64.b64encode(target.getvalue()).decode()}"


@dataclass(frozen=True)
class Fault:
    """A server that does something else with the request, its answer or a picture; `finding` are the codes of that."""

    finding: str
    model: str
    request: Bend = dict
    answer: Bend = dict
    picture: Callable[[bytes], bytes] = bytes


@cache
def mock() -> Client:
    return create_app().test_client()


def asked(model_id: str) -> Body:
    return {"model": model_id, **BODIES[model_id], **({"image_urls": INPUTS} if model_id == EDIT else {})}


def served(fault: Fault) -> Generation:
    """What comes of the model's request, as the checks get to see it."""
    model, body = CONTRACT.models[fault.model], asked(fault.model)
    url = f"http://localhost{model.path}"
    got = mock().post(model.path, json=fault.request(body), headers=HEADERS)
    answer = json.dumps(fault.answer(got.get_json())).encode()
    exchange = Exchange("POST", url, {}, json.dumps(body).encode(), got.status_code, lower(dict(got.headers)), answer)
    pictures = collect(model, exchange, lambda link: downloaded(link, fault.picture))
    return Generation(model, body, exchange, pictures, strict=True)


def downloaded(link: str, bend: Callable[[bytes], bytes]) -> Exchange:
    got = mock().get(f"{urlsplit(link).path}?{urlsplit(link).query}")
    return Exchange("GET", link, {}, b"", got.status_code, lower(dict(got.headers)), bend(got.get_data()))


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def found(fault: Fault) -> str:
    codes = {f"{one.code} {one.check}" for one in judge(served(fault)).findings}
    return ", ".join(sorted(codes - BESIDE))


def saying(**fields: Any) -> Bend:
    return lambda body: {**body, **fields}


def losing(name: str) -> Bend:
    return lambda body: {key: value for key, value in body.items() if key != name}


def first_again(answer: Body) -> Body:
    return {**answer, "data": [answer["data"][0] for _ in answer["data"]]}


def one_lost(answer: Body) -> Body:
    return {**answer, "data": answer["data"][:-1]}


def unedited(data: bytes) -> bytes:
    """The caller's picture, as large and in the container as it was asked for."""
    after = Image.open(io.BytesIO(data))
    target = io.BytesIO()
    Image.open(io.BytesIO(photograph())).resize(after.size).save(target, str(after.format), quality=95)
    return target.getvalue()


def as_png(data: bytes) -> bytes:
    target = io.BytesIO()
    Image.open(io.BytesIO(data)).save(target, "png", compress_level=1)
    return target.getvalue()


INPUTS = [photograph_uri(), uri(OTHER, "jpeg")]
FAULTS = {
    "one-for-two": Fault("PX109 count", EDIT, saying(num_images=1)),
    "three-for-two": Fault("PX109 count", EDIT, saying(num_images=3)),
    "count-ignored-inline": Fault("PX109 count", INLINE, losing("num_images")),
    "one-picture-lost": Fault("PX109 count", EDIT, answer=one_lost),
    "same-picture-twice": Fault("PX211 distinct", EDIT, answer=first_again),
    "png-for-webp": Fault("PX204 container", EDIT, saying(output_format="png")),
    "png-bytes-for-webp": Fault("PX204 container", EDIT, picture=as_png),
    "format-ignored": Fault("PX204 container", SHAPED, losing("output_format")),
    "ratio-ignored": Fault("PX205 size", SHAPED, losing("aspect_ratio")),
    "ratio-turned": Fault("PX205 size", SHAPED, saying(aspect_ratio="9:16")),
    "ratio-ignored-inline": Fault("PX205 size", INLINE, losing("aspect_ratio")),
    "another-name": Fault("PX205 size", EDIT, saying(image_size="portrait_4_3")),
    "links-for-base64": Fault("PX105 form", INLINE, saying(convert_base64_to_url=True)),
    "unedited-first-input": Fault("PX206 edit, PX211 distinct", EDIT, picture=unedited),
    "second-input-edited": Fault("PX206 edit", EDIT, saying(image_urls=INPUTS[::-1])),
    "inputs-ignored": Fault("PX206 edit", EDIT, saying(image_urls=INPUTS[1:])),
}
# What follows, on our own mock, from another number of pictures.
BESIDE = {"PX106 cost"}


@pytest.mark.parametrize("model", BODIES)
def test_what_the_mock_serves_of_an_imported_model_yields_nothing(model: str) -> None:
    assert [str(one) for one in judge(served(Fault("", model))).findings] == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_that_does_something_else_is_found_out(name: str) -> None:
    assert found(FAULTS[name]) == FAULTS[name].finding
