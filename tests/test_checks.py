"""Checks: a good answer yields nothing; each fault, planted by hand, yields its own finding and no other."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from pixelpact.cases.evidence import Evidence, evidence, photograph
from pixelpact.checks.errors import Refusal
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Finding, Reason, finding
from pixelpact.checks.generation import Generation, Picture, collect
from pixelpact.checks.judge import judge, judge_refusal
from pixelpact.checks.pictures import no_effect, same_picture
from pixelpact.contract.contract import load_all
from pixelpact.contract.models import Model
from pixelpact.doors.server import Server
from pixelpact.pixels.measure import facts
from pixelpact.pixels.samples import sample, truncated
from pixelpact.pixels.values import Size
from werkzeug.wrappers import Request, Response

CONTRACTS = load_all()
OBSERVED = CONTRACTS["observed"]
DREAM = OBSERVED.model("bytedance/seedream-3.0")
EDIT = OBSERVED.model("bytedance/seededit-3.0-i2i")
KEY = "sk-pixelpact-secret"
ENDPOINT = "https://api.example/v1/images/generations"
HEADERS = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
JSON = {"content-type": "application/json"}
BODY = {"model": DREAM.id, "prompt": "a lighthouse", "size": "640x512"}
EDIT_BODY = {"model": EDIT.id, "prompt": "Add a crown.", "image": "…"}
CREATED = 1754408583
SIGNATURE = {
    "X-Tos-Algorithm": "TOS4-HMAC-SHA256",
    "X-Tos-Credential": "AKLTexample/20250805/ap-southeast-1/tos/request",
    "X-Tos-Date": "20250805T154303Z",
    "X-Tos-Expires": "86400",
    "X-Tos-Signature": "5e" * 32,
    "X-Tos-SignedHeaders": "host",
}
NAME = "021754408583000" + "ab" * 19 + ".jpeg"
JPEG, PNG, WEBP = (sample(Size(640, 512), container) for container in ("jpeg", "png", "webp"))


def url(name: str = NAME, **changes: str | None) -> str:
    """A signed URL; a parameter whose value is None is left out."""
    given: dict[str, str | None] = {**SIGNATURE, **{f"X-Tos-{key}": value for key, value in changes.items()}}
    kept = {key: value for key, value in given.items() if value is not None}
    return f"https://store.example/seedream-3-0-t2i/{name}?{urlencode(kept)}"


def answer(**fields: Any) -> dict[str, Any]:
    meta = {"usage": {"credits_used": 63000}}
    return {"created": CREATED, "data": [{"url": url()}], "meta": meta, **fields}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def got(status: int = 200, body: Any = None, headers: Mapping[str, str] = JSON) -> Exchange:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("POST", ENDPOINT, HEADERS, json.dumps(BODY).encode(), status, {**JSON, **headers}, data)


def file(data: bytes, status: int = 200, kind: str = "image/jpeg") -> Exchange:
    return Exchange("GET", url(), {}, b"", status, {"content-type": kind}, data)


def generation(
    exchange: Exchange | None = None, download: Exchange | None = None, model: Model = DREAM, **changes: Any
) -> Generation:
    exchange = exchange or got(body=answer())
    download = download or file(JPEG)
    pictures = collect(model, exchange, lambda _: download)
    return replace(Generation(model, BODY, exchange, pictures), **changes)


def answered(**fields: Any) -> Generation:
    return generation(got(body=answer(**fields)))


def linked(name: str = NAME, **changes: str | None) -> Generation:
    return answered(data=[{"url": url(name, **changes)}])


def pictured(data: bytes, kind: str = "image/jpeg", **changes: Any) -> Generation:
    return generation(download=file(data, kind=kind), **changes)


def named(name: str, data: bytes, kind: str = "image/jpeg", **changes: Any) -> Generation:
    """A picture behind a link whose object has that name."""
    return generation(got(body=answer(data=[{"url": url(name)}])), file(data, kind=kind), **changes)


def inline(text: str) -> Generation:
    body = {**BODY, "response_format": "b64_json"}
    return generation(got(body=answer(data=[{"b64_json": text}])), body=body)


@dataclass(frozen=True)
class Fault:
    """What was planted, and what its finding must say."""

    planted: Generation
    check: str
    promised: str
    came: str
    source: str = ""


def judged(planted: Generation) -> list[Finding]:
    return list(judge(planted).findings)


def judged_refusal(planted: Refusal) -> list[Finding]:
    return list(judge_refusal(planted).findings)


def assert_found(found: list[Finding], fault: Any) -> None:
    (one,) = found
    assert (one.check, fault.promised in one.promised, fault.came in one.came) == (fault.check, True, True), str(one)
    assert one.sources
    assert fault.source in " ".join(one.sources)


# A request that was accepted

GOOD = {
    "url": generation(),
    "strict": generation(strict=True),
    "b64_json": inline(b64(JPEG)),
    "null-beside": answered(data=[{"url": url(), "b64_json": None}]),
    "costs-agree": generation(
        got(body=answer(), headers={"x-aimlapi-credits-used": "63000", "x-aimlapi-usd-spent": "0.0315"})
    ),
    "costs-a-credit-apart": generation(got(body=answer(), headers={"x-aimlapi-usd-spent": "0.0315004"})),
    "free-of-charge": answered(meta={"usage": {"credits_used": 0}}),
    "no-costs": answered(meta=None),
    "parameters": generation(got(body=answer(), headers={"content-type": "application/json; charset=utf-8"})),
    "unsigned": answered(data=[{"url": "https://cdn.example/generations/1.jpeg"}]),
    "another-name": answered(data=[{"url": url(name="picture.jpeg")}]),
    "more-headers-signed": linked(SignedHeaders="host;x-amz-date"),
    "2025-07": generation(model=CONTRACTS["2025-07"].model(DREAM.id), exchange=got(201, answer())),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_a_good_generation_yields_nothing(good: Generation) -> None:
    assert [str(found) for found in judged(good)] == []


BLANK = io.BytesIO()
Image.new("RGB", (640, 512), "teal").save(BLANK, "jpeg")
FAULTS = {
    # The answer
    "status-201": Fault(generation(got(201, answer())), "status", "status 200", "201 {", "observed"),
    "no-answer": Fault(generation(got(0, b"no answer")), "status", "status 200", "0 no answer", "observed"),
    "text-html": Fault(
        generation(got(body=answer(), headers={"content-type": "text/html"})),
        "content-type",
        "a JSON content type",
        "text/html",
    ),
    "invalid-json": Fault(generation(got(body=b"{oops")), "content-type", "a body of JSON", "{oops"),
    "created-string": Fault(answered(created=str(CREATED)), "schema", "created: integer", f'"{CREATED}"', "observed"),
    "no-created": Fault(
        generation(got(body={key: value for key, value in answer().items() if key != "created"})),
        "schema",
        "created: a value",
        "nothing",
        "observed",
    ),
    "form": Fault(generation(body={**BODY, "response_format": "b64_json"}), "form", "as b64_json", "url", "documented"),
    "other-form": Fault(
        generation(got(body=answer(data=[{"b64_json": b64(JPEG)}]))), "form", "as url", "b64_json", "documented"
    ),
    "no-picture": Fault(
        generation(model=CONTRACTS["2026-01"].model(DREAM.id), exchange=got(body={"data": None})),
        "form",
        "the picture as url",
        "no picture",
        "documented",
    ),
    "no-picture-in-the-only-form": Fault(
        generation(
            model=CONTRACTS["2025-08"].model(DREAM.id),
            exchange=got(
                201,
                {
                    **{"status": "", "prompt": [], "model": DREAM.id, "model_owner": "", "tags": {}, "num_returns": 1},
                    **{"args": {**BODY, "n": 1, "steps": 0}, "subjobs": []},
                    "output": {"choices": []},
                },
            ),
        ),
        "form",
        "the picture as b64_json",
        "no picture",
        "documented",
    ),
    # Money
    "credits-disagree": Fault(
        generation(got(body=answer(), headers={"x-aimlapi-credits-used": "63002"})),
        "cost",
        "one cost",
        "x-aimlapi-credits-used says 63,002, meta.usage credits says 63,000",
        "documented",
    ),
    "dollars-disagree": Fault(
        generation(
            got(body=answer(meta=None), headers={"x-aimlapi-credits-used": "63000", "x-aimlapi-usd-spent": "0.03"})
        ),
        "cost",
        "one cost",
        "x-aimlapi-usd-spent says 60,000",
        "documented",
    ),
    "usage-disagrees": Fault(
        answered(meta={"usage": {"credits_used": 63000, "usd_spent": 63000}}),
        "cost",
        "one cost",
        "meta.usage.usd_spent says 126,000,000,000",
        "documented",
    ),
    "credits-no-number": Fault(
        generation(got(body=answer(), headers={"x-aimlapi-credits-used": "many"})),
        "cost",
        "one",
        "used says nan",
        "docu",
    ),
    "dollars-no-number": Fault(
        generation(got(body=answer(), headers={"x-aimlapi-usd-spent": "$0.03"})),
        "cost",
        "one",
        "spent says nan",
        "docu",
    ),
    "dollars-no-number-alone": Fault(
        generation(got(body=answer(meta=None), headers={"x-aimlapi-usd-spent": "inf"})),
        "cost",
        "one",
        "spent says inf",
        "docu",
    ),
    "no-credits-but-dollars": Fault(
        generation(got(body=answer(meta={"usage": {"credits_used": 0}}), headers={"x-aimlapi-usd-spent": "0.0315"})),
        "cost",
        "one cost",
        "meta.usage credits says 0, x-aimlapi-usd-spent says 63,000",
        "documented",
    ),
    "negative-cost": Fault(
        generation(got(body=answer(meta=None), headers={"x-aimlapi-credits-used": "-63000"})),
        "cost",
        "a cost between 0 and",
        "says -63,000",
        "docu",
    ),
    "cost-beyond-reason": Fault(
        answered(meta={"usage": {"credits_used": 200_000_001}}),
        "cost",
        "between 0 and 200,000,000 credits",
        "200,000,001",
        "documented",
    ),
    # The link
    "no-algorithm": Fault(linked(Algorithm=None), "url", "X-Tos-Algorithm TOS4-HMAC-SHA256", "nothing", "observed"),
    "algorithm": Fault(linked(Algorithm="AWS4"), "url", "X-Tos-Algorithm TOS4-HMAC-SHA256", "AWS4", "observed"),
    "no-credential": Fault(linked(Credential=None), "url", "X-Tos-Credential <key>/<date>", "nothing", "observed"),
    "credential": Fault(linked(Credential="key/x"), "url", "X-Tos-Credential <key>/<date>", "key/x", "observed"),
    "credential-of-another-day": Fault(
        linked(Credential="key/20250806/eu/tos/request"), "url", "of the day", "key/20250806/eu", "observed"
    ),
    "no-date": Fault(linked(Date=None), "url", "X-Tos-Date as YYYYMMDDTHHMMSSZ", "nothing", "observed"),
    "date": Fault(linked(Date="2025-08-05"), "url", "X-Tos-Date as YYYYMMDDTHHMMSSZ", "2025-08-05", "observed"),
    "short-date": Fault(linked(Date="202585T154303Z"), "url", "X-Tos-Date as", "202585T154303Z", "observed"),
    "date-not-created": Fault(
        linked(Date="20250805T154306Z"), "url", f"X-Tos-Date at created, {CREATED}", f"{CREATED + 3}", "observed"
    ),
    "no-expires": Fault(linked(Expires=None), "url", "X-Tos-Expires 86400 seconds", "nothing", "observed"),
    "expires": Fault(linked(Expires="3600"), "url", "X-Tos-Expires 86400 seconds", "3600", "observed"),
    "no-signature": Fault(linked(Signature=None), "url", "X-Tos-Signature of 64", "nothing", "observed"),
    "signature": Fault(linked(Signature="5E" * 32), "url", "X-Tos-Signature of 64", "5E5E", "observed"),
    "no-signed-headers": Fault(linked(SignedHeaders=None), "url", "X-Tos-SignedHeaders with host", "nothing", "obs"),
    "signed-headers": Fault(linked(SignedHeaders="localhost"), "url", "SignedHeaders with host", "localhost", "obs"),
    "name-after-date": Fault(
        linked(name="021754408584001" + "ab" * 19 + ".jpeg"), "url", "not after X-Tos-Date", "021754408584001", "obs"
    ),
    "unsigned-from-our-own-mock": Fault(
        replace(answered(data=[{"url": "https://cdn.example/1.jpeg"}]), strict=True),
        "url",
        "a URL signed with TOS4-HMAC-SHA256",
        "a URL without a signature",
        "observed",
    ),
    # The picture
    "dead-link": Fault(
        generation(download=file(b"<Code>NoSuchKey</Code>", 404, "application/xml")),
        "download",
        "/data/0/url: a link that works",
        "404 <Code>NoSuchKey</Code>",
        "documented",
    ),
    "relative-url": Fault(
        answered(data=[{"url": "/files/1.jpeg"}]),
        "download",
        "/data/0/url: a picture",
        "it is no absolute http or https URL: /files/1.jpeg",
        "documented",
    ),
    "no-url-at-all": Fault(answered(data=[{"url": "http://[::1"}]), "download", "a picture", "no absolute", "docu"),
    "no-port": Fault(answered(data=[{"url": "http://a:99999/"}]), "download", "a picture", "no absolute", "docu"),
    "data-uri-as-b64_json": Fault(
        inline(f"data:image/jpeg;base64,{b64(JPEG)}"),
        "download",
        "/data/0/b64_json: a picture",
        "no bare base64",
        "docu",
    ),
    "no-bytes": Fault(pictured(b""), "picture", "can be decoded", "not a picture"),
    "no-inline-bytes": Fault(inline(""), "picture", "can be decoded", "not a picture"),
    "truncated": Fault(
        pictured(truncated(Size(640, 512), "jpeg")), "picture", "can be decoded", "image file is truncated"
    ),
    "no-picture-but-text": Fault(pictured(b"sorry"), "picture", "can be decoded", "not a picture"),
    "blank": Fault(pictured(BLANK.getvalue()), "content", "with something in it", "one colour all over", "observed"),
    "png-from-our-own-mock": Fault(
        named("picture.png", PNG, "image/png", strict=True), "container", "a jpeg picture", "png bytes", "observed"
    ),
    "webp": Fault(named("picture.webp", WEBP, "image/webp"), "container", "a jpeg picture", "webp bytes", "observed"),
    "jpeg-called-binary": Fault(
        pictured(JPEG, "application/pdf"),
        "container",
        "/data/0/url: Content-Type image/jpeg, as the bytes are",
        "application/pdf",
        "observed",
    ),
    "jpeg-named-png": Fault(named("picture.png", JPEG), "container", "a name for jpeg", "png", "observed"),
    "png-named-jpeg": Fault(named("picture.JPG", PNG, "image/png"), "container", "a name for png", "jpeg", "observed"),
    "png-called-jpeg": Fault(
        named("picture.png", PNG, "image/jpeg"), "container", "image/png, as the bytes are", "jpeg", "observed"
    ),
    "size": Fault(pictured(sample(Size(640, 640), "jpeg")), "size", "a picture of 640x512", "640x640", "observed"),
    "sides-swapped": Fault(pictured(sample(Size(512, 640), "jpeg")), "size", "640x512", "512x640", "observed"),
    "fixed-size": Fault(
        pictured(JPEG, body={"model": DREAM.id, "prompt": "x"}), "size", "a picture of 1024x1024", "640x512", "upstream"
    ),
    "size-assumed-of-our-own-mock": Fault(
        pictured(JPEG, body={**BODY, "size": None, "aspect_ratio": "16:9"}, strict=True),
        "size",
        "1280x720",
        "640",
        "as",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_in_an_answer_is_found_once_and_by_its_check(fault: Fault) -> None:
    assert_found(judged(fault.planted), fault)


def test_a_png_called_jpeg_in_both_places_breaks_two_promises() -> None:
    found = judged(pictured(PNG))

    assert [(one.check, one.promised.partition(": ")[2], one.came) for one in found] == [
        ("container", "Content-Type image/png, as the bytes are", "jpeg"),
        ("container", "a name for png, as the bytes are", "jpeg"),
    ]


def test_both_forms_at_once_break_schema_form_and_count() -> None:
    found = judged(answered(data=[{"url": url(), "b64_json": b64(JPEG)}]))

    assert [(one.check, one.came) for one in found if one.check == "form"] == [("form", "b64_json and url")]
    assert {one.check for one in found} == {"schema", "form", "count"}


def test_no_form_at_all_breaks_schema_and_form() -> None:
    assert [one.check for one in judged(answered(data=[{}]))] == ["schema", "form"]


@pytest.mark.parametrize(("strict", "severity"), [(False, "warning"), (True, "error")])
def test_what_is_only_assumed_is_a_warning_on_a_stranger_and_an_error_on_our_own_mock(
    strict: bool, severity: str
) -> None:
    body = {**BODY, "size": None, "aspect_ratio": "16:9"}

    (found,) = judged(pictured(JPEG, body=body, strict=strict))

    assert (found.check, found.standing, found.severity) == ("size", "assumed", severity)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_has_evidence_weighs_in_full_anywhere(fault: Fault) -> None:
    assert {one.severity for one in judged(fault.planted)} == {"error"}


def test_a_url_in_a_profile_without_urls_is_not_judged() -> None:
    model = CONTRACTS["2025-08"].model(DREAM.id)

    assert (model.artefact, collect(model, got(body=answer()), lambda _: file(JPEG))) == (None, ())


@pytest.mark.parametrize("created", [None, True, "1"])
def test_a_created_that_is_no_number_is_not_compared_with_the_date(created: Any) -> None:
    assert "url" not in [found.check for found in judged(answered(created=created))]


# The answer and its request

ECHOING: dict[str, Any] = {
    **{"status": "finished", "prompt": ["a lighthouse"], "model": DREAM.id, "model_owner": "", "tags": {}},
    **{"num_returns": 1, "subjobs": [], "output": {"choices": [{"image_base64": b64(JPEG)}]}},
    "args": {**BODY, "n": 1, "steps": 0},
}


def echoing(**fields: Any) -> Generation:
    """An answer of a profile whose answers repeat the request."""
    return generation(model=CONTRACTS["2025-08"].model(DREAM.id), exchange=got(201, {**ECHOING, **fields}))


def test_an_answer_that_repeats_its_request_yields_nothing() -> None:
    assert judged(echoing()) == []


@pytest.mark.parametrize(
    ("fields", "promised", "came"),
    [
        ({"prompt": ["a lightho"]}, "/prompt/0: the prompt that was sent", "a lightho"),
        ({"model": EDIT.id}, "/model: the model that was sent", EDIT.id),
        ({"args": {**ECHOING["args"], "size": "512x640"}}, "/args/size: the size that was sent", "512x640"),
    ],
    ids=["prompt", "model", "size"],
)
def test_an_answer_that_repeats_another_request_is_found(fields: dict[str, Any], promised: str, came: str) -> None:
    (found,) = judged(echoing(**fields))

    assert (found.check, found.promised, found.came) == ("echo", promised, came)


def test_two_pictures_for_one_request_break_the_count() -> None:
    found = judged(answered(data=[{"url": url()}, {"url": url("picture.jpeg")}]))

    assert [(one.check, one.promised) for one in found] == [
        ("count", "one picture for one request"),
        ("distinct", "/data/1/url: another picture than before"),
    ]


# Clocks


def moved(by: float, **changes: Any) -> Exchange:
    """An answer whose Date is so many seconds after its `created`."""
    date = format_datetime(datetime.fromtimestamp(CREATED + by, UTC), usegmt=True)
    return replace(got(body=answer(), headers={"date": date}), **changes)


def undated(moment: float | None, **changes: Any) -> Exchange:
    return replace(got(body=answer()), moment=moment, **changes)


@pytest.mark.parametrize(
    "exchange",
    [
        moved(0),
        moved(2),
        moved(-2),
        moved(5),
        # The answer took half a minute, and created is its beginning.
        moved(30, seconds=30.0),
        # Our own clock is no judge where the server tells its own.
        moved(0, moment=CREATED + 9999.0),
        undated(CREATED - 25.0),
        undated(CREATED + 25.0),
        undated(CREATED - 80.0, seconds=60.0),
        undated(None),
        replace(undated(CREATED + 1.0), headers={**JSON, "date": "yesterday"}),
    ],
)
def test_a_created_near_the_answer_yields_nothing(exchange: Exchange) -> None:
    assert [str(found) for found in judged(generation(exchange))] == []


@pytest.mark.parametrize(
    ("exchange", "skew"),
    [
        (moved(-60), "5"),
        (moved(60), "5"),
        (moved(6), "5"),
        (moved(40, seconds=30.0), "5"),
        (undated(CREATED - 60.0), "30"),
        (undated(CREATED + 60.0), "30"),
        (replace(undated(CREATED + 60.0), headers={**JSON, "date": "yesterday"}), "30"),
    ],
)
def test_a_created_far_from_the_answer_is_found(exchange: Exchange, skew: str) -> None:
    (found,) = judged(generation(exchange))

    assert (found.check, found.came) == ("clock", "2025-08-05T15:43:03Z")
    assert found.promised.startswith("created: the moment of the answer, 2025-08-05T15:4")
    assert found.promised.endswith(f"Z, within {skew} s")


@pytest.mark.parametrize("created", [CREATED * 1000, 10**30, -(10**30)])
def test_a_created_in_other_units_is_found(created: int) -> None:
    exchange = replace(moved(0), body=json.dumps(answer(created=created)).encode())

    clocks = [found for found in judged(generation(exchange)) if found.check == "clock"]

    assert [found.came for found in clocks] == [f"{created:,.0f} seconds since 1970"]


@pytest.mark.parametrize(
    "stamp",
    [
        "2025-08-05T15:43:03.000Z",
        "2025-08-05T15:43:05.123456Z",
        "2025-08-05T15:43:03",
        "2025-08-05T17:43:01+02:00",
    ],
)
def test_an_error_of_this_moment_yields_nothing(stamp: str) -> None:
    exchange = replace(moved(0), status=400, body=json.dumps({**ENVELOPE, "timestamp": stamp}).encode())

    assert "error-clock" not in [found.check for found in judged_refusal(refusal(exchange))]


@pytest.mark.parametrize("stamp", ["2024-08-05T15:43:03.000Z", "2025-08-05T17:43:03Z", "2025-08-05T15:44:03Z"])
def test_an_error_of_another_moment_is_found(stamp: str) -> None:
    exchange = replace(moved(0), status=400, body=json.dumps({**ENVELOPE, "timestamp": stamp}).encode())

    (found,) = judged_refusal(refusal(exchange))

    assert (found.check, found.came[:10]) == ("error-clock", stamp[:10])
    assert found.promised == "timestamp: the moment of the answer, 2025-08-05T15:43:03Z, within 5 s"


# What a picture shows

SHOWN = Image.open(io.BytesIO(JPEG)).convert("RGB")


def noise(picture: Image.Image) -> Image.Image:
    return Image.frombytes("RGB", picture.size, Random(1).randbytes(picture.width * picture.height * 3))


def filled(left: int, upper: int, right: int, lower: int) -> Callable[[Image.Image], Image.Image]:
    """One colour in a part of the picture."""

    def fill(picture: Image.Image) -> Image.Image:
        spoilt = picture.copy()
        spoilt.paste("grey", (left, upper, right, lower))
        return spoilt

    return fill


@pytest.mark.parametrize(
    ("spoil", "came"),
    [
        (lambda picture: Image.new("RGB", picture.size, "teal"), "one colour all over"),
        (filled(0, 0, 640, 256), "one colour in the upper half"),
        (filled(0, 256, 640, 512), "one colour in the lower half"),
        (filled(0, 0, 320, 512), "one colour in the left half"),
        (filled(320, 0, 640, 512), "one colour in the right half"),
        (lambda picture: picture.convert("L"), "grey"),
        (lambda picture: picture.convert("L").convert("RGB"), "grey"),
        (noise, "noise: neighbours differ by "),
    ],
    ids=["blank", "upper", "lower", "left", "right", "grey", "grey-in-rgb", "noise"],
)
@pytest.mark.parametrize("container", ["jpeg", "png"])
def test_a_picture_that_shows_nothing_is_found(
    spoil: Callable[[Image.Image], Image.Image], came: str, container: str
) -> None:
    data = written(spoil(SHOWN), container)

    (found,) = judged(named(f"picture.{container}", data, f"image/{container}"))

    assert (found.check, found.came[: len(came)]) == ("content", came)


@pytest.mark.parametrize("sides", [(1888, 301), (1024, 1000), (1152, 864), (555, 543)], ids=str)
@pytest.mark.parametrize("quality", [75, 95])
def test_half_a_picture_is_found_at_any_size(sides: tuple[int, int], quality: int) -> None:
    # The border lies within a block of JPEG, which rings.
    picture = Image.open(io.BytesIO(sample(Size(*sides), "png"))).convert("RGB")
    target = io.BytesIO()
    filled(0, sides[1] // 2, *sides)(picture).save(target, "jpeg", quality=quality)

    assert facts(target.getvalue()).flat == "lower"


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_what_was_grey_before_an_edit_may_stay_so(mode: str) -> None:
    before = SCENE.convert("L").convert(mode)
    after = crowned_in_grey(before.convert("RGB").resize(ADAPTED, Image.Resampling.LANCZOS))

    planted = pictured(written(after), model=EDIT, body=EDIT_BODY, input=written(before), strict=True)

    assert [str(found) for found in judged(planted)] == []


def test_an_edit_that_loses_all_colour_is_found() -> None:
    found = judged(edited(lambda picture: crowned(picture).convert("L").convert("RGB")))

    assert ("content", "grey") in [(one.check, one.came) for one in found]


def test_a_png_that_says_so_is_fine_on_a_stranger() -> None:
    assert judged(named("picture.png", PNG, "image/png")) == []


@pytest.mark.parametrize("name", ["picture", "picture.bin", "picture.JPEG"])
def test_a_name_that_says_nothing_else_is_fine(name: str) -> None:
    assert judged(named(name, JPEG)) == []


# An edit

SCENE = Image.open(io.BytesIO(photograph())).convert("RGB")
ADAPTED = (1152, 864)
WITHOUT_EDIT = {name: rule for name, rule in EDIT.request.items() if name != "x-edit"}


def crowned(picture: Image.Image) -> Image.Image:
    picture = picture.copy()
    ImageDraw.Draw(picture).ellipse((500, 100, 700, 250), "gold")
    return picture


def crowned_in_grey(picture: Image.Image) -> Image.Image:
    return crowned(picture).convert("L").convert("RGB")


def written(picture: Image.Image, container: str = "jpeg") -> bytes:
    target = io.BytesIO()
    picture.save(target, container, **({"quality": 95} if container == "jpeg" else {}))
    return target.getvalue()


def edited(change: Callable[[Image.Image], Image.Image], **changes: Any) -> Generation:
    """What comes for the photograph: it is resized as promised, and changed."""
    data = written(change(SCENE.resize(ADAPTED, Image.Resampling.LANCZOS)))
    planted = pictured(data, model=EDIT, body=EDIT_BODY, input=photograph(), strict=True)
    return replace(planted, **changes)


def unrelated(_: Image.Image) -> Image.Image:
    return ImageOps.colorize(Image.effect_mandelbrot(ADAPTED, (-2, -1.5, 1, 1.5), 60), "navy", "gold")


@pytest.mark.parametrize("gain", [1.0, 0.985])
def test_a_local_edit_yields_nothing(gain: float) -> None:
    planted = edited(lambda picture: crowned(picture.point(lambda level: level * gain + 2)))

    assert [str(found) for found in judged(planted)] == []


@pytest.mark.parametrize(
    "change",
    [
        unrelated,
        lambda picture: crowned(ImageOps.mirror(picture)),
        lambda picture: crowned(ImageOps.invert(picture)),
        lambda picture: crowned(picture.filter(ImageFilter.GaussianBlur(20))),
        lambda picture: crowned(picture.point(lambda level: level * 0.7)),
        lambda picture: crowned(picture.rotate(180)),
        lambda picture: crowned(picture.transform(ADAPTED, Image.Transform.AFFINE, (0.8, 0, 90, 0, 0.8, 60))),
    ],
    ids=["unrelated", "mirrored", "inverted", "blurred", "toned", "turned", "cropped"],
)
def test_an_edit_that_does_not_keep_the_picture_is_found(change: Callable[[Image.Image], Image.Image]) -> None:
    (found,) = judged(edited(change))

    assert (found.check, found.promised) == ("edit", "/data/0/url: the input kept within 8 levels in 75% of all blocks")
    assert found.came.endswith("% of all blocks")
    assert found.sources[0].startswith("observed")


def test_an_edit_that_changes_nothing_is_found() -> None:
    (found,) = judged(edited(lambda picture: picture))

    assert (found.check, found.promised) == ("edit", "/data/0/url: something changed by 40 levels or more")
    assert found.came.endswith(" levels at most")


def test_an_edit_at_the_size_of_its_input_is_found() -> None:
    (found,) = judged(edited(lambda picture: crowned(picture).resize(SCENE.size)))

    assert (found.check, found.promised, found.came) == ("size", "/data/0/url: a picture of 1152x864", "1024x768")


@pytest.mark.parametrize(
    "changes",
    [{"strict": False}, {"input": None}, {"model": replace(EDIT, request=WITHOUT_EDIT)}],
    ids=["free-prompt-elsewhere", "unknown-input", "no-rule"],
)
def test_an_edit_is_only_judged_where_that_is_fair(changes: dict[str, Any]) -> None:
    assert judged(edited(unrelated, **changes)) == []


def test_an_edit_by_a_documented_prompt_is_judged_anywhere() -> None:
    body = {**EDIT_BODY, "prompt": "Add a crown to the T-rex's head."}

    assert [found.check for found in judged(edited(unrelated, strict=False, body=body))] == ["edit"]


@pytest.mark.parametrize(
    ("width", "strict", "checks"), [(1000, False, ["edit"]), (500, False, []), (500, True, ["edit"])]
)
def test_an_edit_of_a_much_smaller_picture_is_judged_on_our_own_mock_alone(
    width: int, strict: bool, checks: list[str]
) -> None:
    before = written(SCENE.resize((width, width * 3 // 4)))
    body = {**EDIT_BODY, "prompt": "Add a crown to the T-rex's head."}

    assert [found.check for found in judged(edited(unrelated, strict=strict, body=body, input=before))] == checks


# A picture downloaded twice


@pytest.mark.parametrize(
    ("again", "status", "came"),
    [
        (written(ImageOps.mirror(SHOWN)), 200, "a block that differs by "),
        (truncated(Size(640, 512)), 200, "a picture that cannot be decoded"),
        (b"", 200, "no picture to compare"),
        (JPEG, 404, "404"),
    ],
    ids=["mirrored", "truncated", "empty", "gone"],
)
def test_a_picture_that_is_another_the_second_time_is_found(again: bytes, status: int, came: str) -> None:
    (found,) = judged(downloaded_again(again, status))

    assert (found.check, found.promised) == ("artefact", "/data/0/url: the same picture again")
    assert found.came.startswith(came)


@pytest.mark.parametrize("again", [JPEG, PNG, written(SHOWN)], ids=["same-bytes", "other-container", "other-quality"])
def test_a_picture_that_is_the_same_the_second_time_yields_nothing(again: bytes) -> None:
    judgement = judge(downloaded_again(again))

    assert (judgement.findings, "artefact" in judgement.made) == ((), True)


def test_a_picture_that_was_downloaded_once_is_not_judged_twice() -> None:
    assert ("artefact", "no picture was downloaded twice") in judge(generation()).unjudged


def downloaded_again(data: bytes, status: int = 200) -> Generation:
    once = generation()
    return replace(once, pictures=tuple(replace(picture, again=file(data, status)) for picture in once.pictures))


# Pictures against each other


def whole(data: bytes | None) -> Picture:
    return Picture("/data/0/url", "url", url(), data)


def test_two_encodings_of_one_picture_are_the_same() -> None:
    assert same_picture(whole(sample(Size(640, 512), "jpeg")), whole(sample(Size(640, 512), "webp"))) is None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (sample(Size(640, 640)), "640x512 and 640x640"),
        (written(ImageOps.mirror(Image.open(io.BytesIO(JPEG)))), "a block that differs by "),
        (None, "no picture to compare"),
        (truncated(Size(640, 512), "jpeg"), "a picture that cannot be decoded"),
    ],
    ids=["size", "content", "nothing", "truncated"],
)
def test_how_pictures_differ_is_said(other: bytes | None, said: str) -> None:
    assert said in (same_picture(whole(JPEG), whole(other)) or "")
    assert said.split(" ")[0] in (same_picture(whole(other), whole(JPEG)) or said)


def test_pictures_that_differ_have_an_effect() -> None:
    assert no_effect(whole(JPEG), whole(written(ImageOps.mirror(SHOWN)))) is None


def test_the_same_picture_shows_no_effect_in_whichever_encoding() -> None:
    assert no_effect(whole(JPEG), whole(JPEG)) == "the same picture"
    assert no_effect(whole(JPEG), whole(written(SHOWN))) == "the same picture"
    assert no_effect(whole(JPEG), whole(JPEG), faint=True) == "the same picture"


def test_a_mark_that_nobody_sees_is_an_effect_where_that_is_promised() -> None:
    marked = SHOWN.copy()
    marked.putpixel((639, 511), (0, 0, 0))

    assert no_effect(whole(written(SHOWN, "png")), whole(written(marked, "png")), faint=True) is None
    assert no_effect(whole(written(SHOWN, "png")), whole(written(marked, "png"))) == "the same picture"


@pytest.mark.parametrize("other", [None, b"", truncated(Size(640, 512), "jpeg")])
def test_without_two_pictures_nothing_is_said_of_an_effect(other: bytes | None) -> None:
    assert no_effect(whole(JPEG), whole(other)) is None


# A request that was refused

ENVELOPE: dict[str, Any] = {
    "message": "seed: expected integer",
    "path": "/v1/images/generations",
    "requestId": "7b1a",
    "statusCode": 400,
    "timestamp": "2026-11-22T09:00:00.000Z",
}
PROBLEM = {
    "title": "Bad Request",
    "status": 400,
    "message": "Invalid payload provided",
    "instance": "/v1/images/generations?",
    "timestamp": "2026-11-22T09:00:00.000Z",
    "error": {"name": "BadRequestException", "message": "Invalid payload provided"},
}


def refusal(exchange: Exchange, profile: str = "observed") -> Refusal:
    contract = CONTRACTS[profile]
    return Refusal(contract, exchange, (400, 422), (contract.errors["invalid_request"].source,))


def refused(body: Any = ENVELOPE, status: int = 400, headers: Mapping[str, str] = JSON) -> Refusal:
    return refusal(got(status, body, headers))


def told_status(status: int) -> Refusal:
    return refused({**ENVELOPE, "statusCode": status}, status)


def caused(message: str, **fields: Any) -> dict[str, Any]:
    return {"name": "BadRequestException", "message": message, **fields}


def told(**fields: Any) -> Refusal:
    return refused({key: value for key, value in {**ENVELOPE, **fields}.items() if value is not None})


@pytest.mark.parametrize(
    "good",
    [
        refused(),
        # A gateway may number requests on its own; a proxy may put a path in front.
        refused(headers={**JSON, "x-request-id": "9"}),
        told(path="/images/generations"),
        refused({**ENVELOPE, "statusCode": 422}, 422),
        told(statusCode="400"),
        told(path="/v1/images/generations?debug=1"),
        refused(PROBLEM),
        refused(ENVELOPE | PROBLEM),
        refused(headers={"content-type": "application/problem+json"}),
        refused(headers={"x-request-id": "7b1a"}),
        refusal(got(400, ENVELOPE), "2026-01"),
    ],
)
def test_a_good_refusal_yields_nothing(good: Refusal) -> None:
    assert [str(found) for found in judged_refusal(good)] == []


def recorded(piece: Evidence) -> Exchange:
    body = dict(piece.answer or {})
    path = str(body.get("path", body.get("instance")))
    exchange = got(piece.status or 0, body)
    return replace(exchange, url=f"https://api.aimlapi.com{path}")


@pytest.mark.parametrize(
    ("piece", "profile"),
    [
        pytest.param(piece, profile, id=f"{piece.name}-{profile}")
        for piece in evidence()
        for profile in piece.meets.get("error", ())
    ],
)
def test_a_recorded_refusal_yields_nothing(piece: Evidence, profile: str) -> None:
    exchange = recorded(piece)

    found = judged_refusal(Refusal(CONTRACTS[profile], exchange, (exchange.status,)))

    assert [str(one) for one in found] == []


@pytest.mark.parametrize("name", ["E1", "E4"])
def test_a_recorded_link_yields_nothing(name: str) -> None:
    (piece,) = [piece for piece in evidence() if piece.name == name]
    model = OBSERVED.check_model(piece.request)
    planted = generation(got(body=piece.answer), model=model, strict=True)

    assert [str(found) for found in judged(planted) if found.check != "size"] == []


@dataclass(frozen=True)
class Slip:
    """A refusal with something wrong, and what its finding must say."""

    planted: Refusal
    check: str
    promised: str
    came: str
    source: str = ""


SLIPS = {
    "accepted": Slip(refused(answer(), 200), "refusal", "a refusal with 400 or 422", '200 {"created"', "observed"),
    "server-error": Slip(told_status(500), "refusal", "a refusal with 400 or 422", "500 {", "observed"),
    "not-json": Slip(refused(b"Bad Request"), "error-content-type", "a body of JSON", "Bad Request"),
    "called-text": Slip(
        refused(headers={"content-type": "text/plain"}), "error-content-type", "a JSON content type", "text/plain"
    ),
    "missing-field": Slip(told(message=None), "error-envelope", "message: a value", "nothing", "documented"),
    "empty-message": Slip(told(message=""), "error-envelope", "message: at least 1 character", '""', "observed"),
    "status-code": Slip(told(statusCode=500), "error-agreement", "statusCode 400, the status", "500"),
    "status": Slip(refused({**PROBLEM, "status": 422}), "error-agreement", "status 400, the status", "422"),
    "path": Slip(told(path="/v1/chat"), "error-agreement", "path /v1/images/generations", "/v1/chat"),
    "instance": Slip(
        refused({**PROBLEM, "instance": "/v1?x"}), "error-agreement", "instance /v1/images/generations", "/v1?x"
    ),
    "request-id": Slip(
        replace(refused(headers={"x-request-id": "9"}), strict=True),
        "error-agreement",
        "requestId 9, as in the header",
        "7b1a",
    ),
    "message-in-two-wordings": Slip(
        told(error=caused("another wording")), "error-agreement", "one message, in message and", "'another wording'"
    ),
    "title": Slip(refused({**PROBLEM, "title": "Not Found"}), "error-agreement", "title 'Bad Request'", "'Not Found'"),
    "timestamp": Slip(told(timestamp="2026-13-45T09:00:00Z"), "error-clock", "a timestamp in ISO 8601", "2026-13-45"),
    "field": Slip(replace(refused(), field="size"), "error-field", "an error that names size", "seed: expected"),
    "endless": Slip(told(message="x" * 2001), "error-text", "/message: a text that can be read", "2,001 characters"),
    "control-character": Slip(told(message="a\x1b[2Jb"), "error-text", "/message: a text without control", "U+001B"),
    "turned-text": Slip(told(message="a\u202eb"), "error-text", "/message: a text without control", "U+202E"),
    "half-a-character": Slip(told(message="a\ud83d"), "error-text", "/message: a text without control", "U+D83D"),
    "white-space": Slip(told(message=" \n"), "error-text", "/message: a text", "white space"),
    "deep-text": Slip(
        told(error=caused(ENVELOPE["message"], data=[{"message": "\0"}])),
        "error-text",
        "/error/data/0/message: a text",
        "U+0000",
    ),
    "one-text-in-two-places": Slip(
        told(message="\x07", error=caused("\x07")), "error-text", "message: a text without control", "U+0007"
    ),
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_a_slip_in_a_refusal_is_found_once_and_by_its_check(slip: Slip) -> None:
    assert_found(judged_refusal(slip.planted), slip)


def test_a_page_of_a_library_is_no_refusal() -> None:
    page = b"<!doctype html>\n<title>400 Bad Request</title>"

    found = judged_refusal(refused(page, headers={"content-type": "text/html; charset=utf-8"}))

    assert [one.check for one in found] == ["error-content-type", "error-content-type"]


@pytest.mark.parametrize("field", ["seed", "SEED"])
def test_a_refusal_that_names_its_field_yields_nothing(field: str) -> None:
    assert judged_refusal(replace(refused(), field=field)) == []


def test_a_refusal_that_does_not_name_its_field_is_a_warning() -> None:
    (found,) = judged_refusal(replace(refused(), field="size", strict=True))

    assert (found.check, found.severity) == ("error-field", "warning")


def test_a_refusal_with_a_status_that_nobody_expected_is_not_asked_for_a_field() -> None:
    planted = replace(told_status(404), field="size", statuses=(404,))

    assert ("error-field", "no single field was wrong") in judge_refusal(planted).unjudged


@pytest.mark.parametrize("status", [413, 422, 599])
def test_a_title_is_not_compared_where_the_words_are_not_settled(status: int) -> None:
    planted = refused({**PROBLEM, "title": "Something", "status": status}, status)

    assert judged_refusal(replace(planted, statuses=(status,))) == []


def test_a_text_that_people_can_read_yields_nothing() -> None:
    assert judged_refusal(told(message="size:\n\texpected WxH, received \U0001f98a" + "x" * 1900)) == []


def test_a_time_of_another_form_breaks_the_envelope() -> None:
    assert "error-envelope" in [found.check for found in judged_refusal(told(timestamp="yesterday"))]


def test_a_problem_breaks_the_profiles_before_it() -> None:
    assert {found.check for found in judged_refusal(refusal(got(400, PROBLEM), "2026-01"))} == {"error-envelope"}


# Findings


def test_a_finding_shows_what_was_promised_what_came_who_says_so_and_a_curl_line() -> None:
    (found,) = judged(answered(created="5"))

    assert str(found).splitlines() == [
        "PX104 schema",
        "  promised  created: integer (type)",
        '  came      "5"',
        "  source    observed: the answers printed on both models' pages (fixtures E1 and E4) (2025-08-05)",
        f"  repeat    {found.curl}",
    ]


@pytest.mark.parametrize(
    "found",
    [
        judged(generation(got(401, {"message": f"{KEY} is wrong"}))),
        judged(generation(got(body=f"{KEY}".encode()))),
        judged_refusal(refused({**ENVELOPE, "message": KEY}, 500)),
        judged_refusal(told(path=f"/{KEY}")),
        [finding("cost", Reason("x", KEY), got())],
    ],
)
def test_a_finding_never_repeats_the_key(found: list[Finding]) -> None:
    assert KEY not in " ".join(map(str, found))
    assert "<the key>" in " ".join(one.came for one in found)


# The line that repeats a request


def mirror(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Answers with what it was asked, so that two requests can be compared."""
    request = Request(environ)
    named = {"authorization", "content-type", "accept", "x-client-request-id"}
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() in named}
    headers["accept"] = headers.get("accept", "*/*")
    seen = [request.method, request.full_path, headers, request.get_data().hex()]
    return Response(json.dumps(seen), content_type="application/json")(environ, start)


@pytest.fixture(scope="module")
def mirrored() -> Iterator[str]:
    with Server(mirror) as server:
        yield server.url


@pytest.fixture(autouse=True)
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def sent(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
    with httpx.Client(trust_env=False) as client:
        came = client.request(method, url, headers=headers, content=body or None)
    return Exchange(method, url, headers, body, came.status_code, {}, came.content)


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs bash and curl")
@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("POST", "/v1/images/generations", HEADERS, b'{"prompt": "it\'s $HOME `date` \\"x\\" \\n"}'),
        ("POST", "/v1/images/generations", HEADERS, '{"prompt": "狐 é"}'.encode()),
        ("POST", "/", HEADERS, b"@/etc/passwd"),
        ("POST", "/", HEADERS, b"two\r\nlines\n"),
        ("POST", "/", HEADERS, b"a\0b"),
        ("POST", "/", HEADERS, b"\x1b[2J\r\x7f"),
        ("POST", f"/a?key={KEY}", HEADERS, b"{}"),
        ("POST", f"/a/{KEY}?key={KEY}&b=it's", {**HEADERS, "accept": f"a{KEY}"}, f"{KEY}'".encode()),
        ("POST", "/", HEADERS, b"\xff\xfe"),
        ("POST", "/", HEADERS, b'{"image": "' + b"A" * 200_000 + b'"}'),
        ("POST", "/", {**HEADERS, "content-type": "text/plain", "accept": "image/*"}, b"x"),
        ("POST", "/", {"content-type": "application/json", "x-client-request-id": "no spaces 'allowed'"}, b"{}"),
        ("POST", "/", {"content-type": "application/json", "authorization": "Bearer invalid-pixelpact-key"}, b"{}"),
        ("POST", "/", {"content-type": "application/json", "authorization": "invalid-pixelpact-key"}, b"{}"),
        ("POST", "/", {"content-type": "application/json", "authorization": "Bearer"}, b"{}"),
        ("POST", "/", {"content-type": "application/json", "authorization": "Basic dXNlcjpwYXNz"}, b"{}"),
        ("GET", "/a/b.jpeg?X-Tos-Signature=1&b=it%27s", {}, b""),
        ("DELETE", "/v1/images/generations", {"authorization": HEADERS["authorization"]}, b""),
    ],
)
def test_the_curl_line_repeats_the_request(
    method: str, path: str, headers: dict[str, str], body: bytes, mirrored: str
) -> None:
    exchange = sent(method, mirrored + path, headers, body)

    again = subprocess.run(
        ["bash", "-c", exchange.curl()],
        capture_output=True,
        check=True,
        env={**os.environ, "PIXELPACT_API_KEY": KEY, "no_proxy": "*"},
        timeout=20,
    )

    assert json.loads(again.stdout) == exchange.json
    assert KEY not in exchange.curl()


@pytest.mark.parametrize("authorization", [f"Bearer {KEY}", KEY, f"Basic {KEY}", f"Key {KEY} {KEY}", f"bearer  {KEY}"])
def test_the_curl_line_never_holds_the_key(authorization: str) -> None:
    exchange = replace(got(), request_headers={"authorization": authorization, "x-api-key": KEY, "cookie": KEY})

    assert KEY not in exchange.curl()
    assert "$PIXELPACT_API_KEY" in exchange.curl()


def test_a_long_body_lies_in_a_file_that_nobody_else_reads() -> None:
    exchange = replace(got(), request_body=b"x" * 9000)

    file = Path(exchange.curl().rpartition("@")[2])
    assert exchange.curl().endswith(f"@{file}")
    assert (file.stat().st_size, file.parent.stat().st_mode & 0o077) == (9000, 0)


def test_a_check_that_holds_writes_no_file(tmp_path: Path) -> None:
    exchange = replace(got(body=answer()), request_body=b"x" * 9000)

    assert judged(generation(exchange)) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("application/json", "application/json"), ("IMAGE/JPEG ; q=1", "image/jpeg"), ("", "")],
)
def test_a_media_type_has_no_parameters(kind: str, media_type: str) -> None:
    assert got(headers={"content-type": kind}).media_type == media_type


def test_the_sample_that_the_pictures_are_made_of_is_what_it_says() -> None:
    assert (facts(JPEG).container, str(facts(JPEG).size), facts(JPEG).spread > 30) == ("jpeg", "640x512", True)


@pytest.mark.parametrize("media_type", ["application/octet-stream", ""])
def test_a_picture_that_is_called_nothing_is_a_warning_on_a_server_that_is_not_ours(media_type: str) -> None:
    (found,) = judged(pictured(JPEG, media_type))

    assert (found.check, found.severity) == ("container", "warning")


def test_the_key_is_taken_out_of_an_answer_before_it_is_cut() -> None:
    text = f"{'x' * 225} {KEY} and more"

    (found,) = judged(generation(got(500, body=text.encode())))

    assert found.check == "status"
    assert KEY[:8] not in str(found)


@pytest.mark.parametrize("told", ["/v1/images/generations", "/v1/images/generations/?", "/images/generations"])
def test_an_error_may_name_the_endpoint_in_any_of_its_forms(told: str) -> None:
    assert judged_refusal(refused({**ENVELOPE, "path": told})) == []


@pytest.mark.parametrize("told", ["/v1/images", "/v1/videos/generations", "/"])
def test_an_error_may_not_name_another_path(told: str) -> None:
    assert [found.check for found in judged_refusal(refused({**ENVELOPE, "path": told}))] == ["error-agreement"]


def test_a_lost_colour_is_found() -> None:
    red, green, blue = Image.open(io.BytesIO(JPEG)).convert("RGB").split()
    lost = Image.merge("RGB", (red.point(lambda _: 0), green, blue))

    (found,) = judged(pictured(as_jpeg(lost)))

    assert (found.check, found.came, found.severity) == ("content", "no red in it", "warning")


def test_an_end_that_a_decoder_filled_is_found() -> None:
    cut = Image.open(io.BytesIO(JPEG)).convert("RGB")
    cut.paste((128, 128, 128), (0, cut.height * 3 // 4, cut.width, cut.height))

    (found,) = judged(pictured(as_jpeg(cut)))

    assert (found.check, found.severity) == ("content", "error")


def as_jpeg(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "jpeg", quality=95)
    return target.getvalue()


@pytest.mark.parametrize(
    ("headers", "told", "came"),
    [
        ({"x-aimlapi-credits-used": "63000"}, {}, "$0.0315"),
        ({"x-aimlapi-usd-spent": "0.031500000"}, {}, "$0.0315"),
        ({}, {"meta": {"usage": {"credits_used": 63000}}}, "$0.0315"),
        ({}, {"data": [{"url": "https://pictures.example/a.jpeg"}]}, "/data/0/url"),
        ({}, {"data": [{"b64_json": "iVBORw0KGgo="}]}, "/data/0/b64_json"),
    ],
    ids=["credits", "dollars", "usage", "link", "base64"],
)
def test_a_refusal_that_costs_or_brings_a_picture_is_found(
    headers: dict[str, str], told: dict[str, Any], came: str
) -> None:
    (found,) = judged_refusal(refused({**ENVELOPE, **told}, headers=headers))

    assert (found.code, found.check, found.came) == ("PX309", "charge", came)


def test_a_refusal_that_tells_no_cost_or_none_is_free() -> None:
    free = refused({**ENVELOPE, "data": None}, headers={"x-aimlapi-credits-used": "0"})

    assert judged_refusal(free) == []
