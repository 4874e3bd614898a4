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
from pathlib import Path
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
from pixelpact.checks.pictures import same_picture
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
JPEG = sample(Size(640, 512), "jpeg")


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
    "no-costs": answered(meta=None),
    "parameters": generation(got(body=answer(), headers={"content-type": "application/json; charset=utf-8"})),
    "unsigned": answered(data=[{"url": "https://cdn.example/generations/1.jpeg"}]),
    "another-name": answered(data=[{"url": url(name="picture.jpeg")}]),
    "more-headers-signed": linked(SignedHeaders="host;x-amz-date"),
    "2025-07": generation(model=CONTRACTS["2025-07"].model(DREAM.id), exchange=got(201, answer())),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_a_good_generation_yields_nothing(good: Generation) -> None:
    assert [str(found) for found in judge(good)] == []


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
                    **{"status": "", "prompt": [], "model": "", "model_owner": "", "tags": {}, "num_returns": 1},
                    **{"args": {"model": "", "prompt": "", "n": 1, "steps": 0, "size": ""}, "subjobs": []},
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
        linked(Date="20250805T154304Z"), "url", f"X-Tos-Date at created, {CREATED}", f"{CREATED + 1}", "observed"
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
        "no absolute http",
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
    "truncated": Fault(pictured(truncated(Size(640, 512), "jpeg")), "picture", "can be decoded", "OSError"),
    "no-picture-but-text": Fault(pictured(b"sorry"), "picture", "can be decoded", "not a picture"),
    "blank": Fault(pictured(BLANK.getvalue()), "picture", "with something in it", "one colour all over"),
    "png-called-png": Fault(
        pictured(sample(Size(640, 512)), "image/png"), "container", "a jpeg picture", "png bytes", "observed"
    ),
    "webp": Fault(
        pictured(sample(Size(640, 512), "webp"), "image/webp"), "container", "a jpeg picture", "webp bytes", "observed"
    ),
    "jpeg-called-binary": Fault(
        pictured(JPEG, "binary/octet-stream"), "container", "Content-Type image/jpeg", "binary/octet-stream", "observed"
    ),
    "size": Fault(pictured(sample(Size(640, 640), "jpeg")), "size", "a picture of 640x512", "640x640", "observed"),
    "sides-swapped": Fault(pictured(sample(Size(512, 640), "jpeg")), "size", "640x512", "512x640", "observed"),
    "fixed-size": Fault(
        pictured(JPEG, body={"model": DREAM.id, "prompt": "x"}), "size", "a picture of 1024x1024", "640x512", "upstream"
    ),
    "assumed-size-of-our-own-mock": Fault(
        pictured(JPEG, body={**BODY, "size": None, "aspect_ratio": "16:9"}, strict=True),
        "size",
        "1280x720",
        "640",
        "as",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_in_an_answer_is_found_once_and_by_its_check(fault: Fault) -> None:
    assert_found(judge(fault.planted), fault)


def test_a_png_called_jpeg_breaks_two_promises() -> None:
    found = judge(pictured(sample(Size(640, 512))))

    assert [(one.check, one.came) for one in found] == [("container", "png bytes"), ("container", "image/jpeg")]


def test_both_forms_at_once_break_schema_and_form() -> None:
    found = judge(answered(data=[{"url": url(), "b64_json": b64(JPEG)}]))

    assert [(one.check, one.came) for one in found if one.check == "form"] == [("form", "b64_json and url")]
    assert {one.check for one in found} == {"schema", "form"}


def test_no_form_at_all_breaks_schema_and_form() -> None:
    assert [one.check for one in judge(answered(data=[{}]))] == ["schema", "form"]


def test_an_assumed_size_is_no_reason_to_accuse_another_server() -> None:
    assert judge(pictured(JPEG, body={**BODY, "size": None, "aspect_ratio": "16:9"})) == []


def test_a_url_in_a_profile_without_urls_is_not_judged() -> None:
    model = CONTRACTS["2025-08"].model(DREAM.id)

    assert (model.artefact, collect(model, got(body=answer()), lambda _: file(JPEG))) == (None, ())


@pytest.mark.parametrize("created", [None, True, "1"])
def test_a_created_that_is_no_number_is_not_compared_with_the_date(created: Any) -> None:
    assert "url" not in [found.check for found in judge(answered(created=created))]


# An edit

SCENE = Image.open(io.BytesIO(photograph())).convert("RGB")
ADAPTED = (1152, 864)


def crowned(picture: Image.Image) -> Image.Image:
    picture = picture.copy()
    ImageDraw.Draw(picture).ellipse((500, 100, 700, 250), "gold")
    return picture


def jpeg(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "jpeg", quality=95)
    return target.getvalue()


def edited(change: Callable[[Image.Image], Image.Image], **changes: Any) -> Generation:
    """What comes for the photograph: it is resized as promised, and changed."""
    data = jpeg(change(SCENE.resize(ADAPTED, Image.Resampling.LANCZOS)))
    planted = pictured(data, model=EDIT, body=EDIT_BODY, input=photograph(), strict=True)
    return replace(planted, **changes)


def unrelated(_: Image.Image) -> Image.Image:
    return Image.effect_mandelbrot(ADAPTED, (-2, -1.5, 1, 1.5), 60).convert("RGB")


@pytest.mark.parametrize("gain", [1.0, 0.985])
def test_a_local_edit_yields_nothing(gain: float) -> None:
    planted = edited(lambda picture: crowned(picture.point(lambda level: level * gain + 2)))

    assert [str(found) for found in judge(planted)] == []


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
    (found,) = judge(edited(change))

    assert (found.check, found.promised) == ("edit", "/data/0/url: the input kept within 8 levels in 75% of all blocks")
    assert found.came.endswith("% of all blocks")
    assert found.sources[0].startswith("observed")


def test_an_edit_that_changes_nothing_is_found() -> None:
    (found,) = judge(edited(lambda picture: picture))

    assert (found.check, found.promised) == ("edit", "/data/0/url: something changed by 40 levels or more")
    assert found.came.endswith(" levels at most")


def test_an_edit_at_the_size_of_its_input_is_found() -> None:
    (found,) = judge(edited(lambda picture: crowned(picture).resize(SCENE.size)))

    assert (found.check, found.promised, found.came) == ("size", "/data/0/url: a picture of 1152x864", "1024x768")


@pytest.mark.parametrize(
    "changes",
    [{"strict": False}, {"input": None}, {"model": replace(EDIT, request={**EDIT.request, "x-edit": None})}],
    ids=["free-prompt-elsewhere", "unknown-input", "no-rule"],
)
def test_an_edit_is_only_judged_where_that_is_fair(changes: dict[str, Any]) -> None:
    assert judge(edited(unrelated, **changes)) == []


def test_an_edit_by_a_documented_prompt_is_judged_anywhere() -> None:
    body = {**EDIT_BODY, "prompt": "Add a crown to the T-rex's head."}

    assert [found.check for found in judge(edited(unrelated, strict=False, body=body))] == ["edit"]


# Pictures against each other


def whole(data: bytes | None) -> Picture:
    return Picture("/data/0/url", "url", url(), data)


def test_two_encodings_of_one_picture_are_the_same() -> None:
    assert same_picture(whole(sample(Size(640, 512), "jpeg")), whole(sample(Size(640, 512), "webp"))) is None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (sample(Size(640, 640)), "640x512 and 640x640"),
        (jpeg(ImageOps.mirror(Image.open(io.BytesIO(JPEG)))), "pictures that differ by "),
        (None, "no picture to compare"),
        (truncated(Size(640, 512), "jpeg"), "a picture that cannot be decoded"),
    ],
    ids=["size", "content", "nothing", "truncated"],
)
def test_how_pictures_differ_is_said(other: bytes | None, said: str) -> None:
    assert said in (same_picture(whole(JPEG), whole(other)) or "")
    assert said.split(" ")[0] in (same_picture(whole(other), whole(JPEG)) or said)


# A request that was refused

ENVELOPE = {
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
    assert [str(found) for found in judge_refusal(good)] == []


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

    found = judge_refusal(Refusal(CONTRACTS[profile], exchange, (exchange.status,)))

    assert [str(one) for one in found] == []


@pytest.mark.parametrize("name", ["E1", "E4"])
def test_a_recorded_link_yields_nothing(name: str) -> None:
    (piece,) = [piece for piece in evidence() if piece.name == name]
    model = OBSERVED.check_model(piece.request)
    planted = generation(got(body=piece.answer), model=model, strict=True)

    assert [str(found) for found in judge(planted) if found.check != "size"] == []


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
    "server-error": Slip(refused(status=500), "refusal", "a refusal with 400 or 422", "500 {", "observed"),
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
    "timestamp": Slip(
        told(timestamp="2026-13-45T09:00:00Z"), "error-agreement", "a timestamp in ISO 8601", "2026-13-45"
    ),
    "python-trace": Slip(
        told(message="Traceback (most recent call last): …"), "error-leak", "look inside the server", "Traceback"
    ),
    "node-trace": Slip(
        told(message="Error\n    at Layer.handle (/app/x.js)"),
        "error-leak",
        "look inside the server",
        "at Layer.handle",
    ),
    "key": Slip(told(message=f"wrong key {KEY}"), "error-leak", "does not repeat the key", "the key that was sent"),
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_a_slip_in_a_refusal_is_found_once_and_by_its_check(slip: Slip) -> None:
    assert_found(judge_refusal(slip.planted), slip)


def test_a_page_of_a_library_is_no_refusal() -> None:
    page = b"<!doctype html>\n<title>400 Bad Request</title>"

    found = judge_refusal(refused(page, headers={"content-type": "text/html; charset=utf-8"}))

    assert [one.check for one in found] == ["error-content-type", "error-content-type", "error-leak"]


def test_a_time_of_another_form_breaks_the_envelope() -> None:
    assert "error-envelope" in [found.check for found in judge_refusal(told(timestamp="yesterday"))]


def test_a_problem_breaks_the_profiles_before_it() -> None:
    assert {found.check for found in judge_refusal(refusal(got(400, PROBLEM), "2026-01"))} == {"error-envelope"}


# Findings


def test_a_finding_shows_what_was_promised_what_came_who_says_so_and_a_curl_line() -> None:
    (found,) = judge(answered(created="5"))

    assert str(found).splitlines() == [
        "schema",
        "  promised  created: integer (type)",
        '  came      "5"',
        "  source    observed: the answers printed on both models' pages (fixtures E1 and E4) (2025-08-05)",
        f"  repeat    {found.curl}",
    ]


@pytest.mark.parametrize(
    "found",
    [
        judge(generation(got(401, {"message": f"{KEY} is wrong"}))),
        judge(generation(got(body=f"{KEY}".encode()))),
        judge_refusal(refused({**ENVELOPE, "message": KEY}, 500)),
        judge_refusal(told(path=f"/{KEY}")),
        [finding("any", Reason("x", KEY), got())],
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


def test_a_long_body_lies_in_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    line = replace(got(), request_body=b"x" * 9000).curl()

    (file,) = tmp_path.iterdir()
    assert line.endswith(f"@{file}")
    assert (file.stat().st_size, file.stat().st_mode & 0o077) == (9000, 0)


def test_a_check_that_holds_writes_no_file(tmp_path: Path) -> None:
    exchange = replace(got(body=answer()), request_body=b"x" * 9000)

    assert judge(generation(exchange)) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("application/json", "application/json"), ("IMAGE/JPEG ; q=1", "image/jpeg"), ("", "")],
)
def test_a_media_type_has_no_parameters(kind: str, media_type: str) -> None:
    assert got(headers={"content-type": kind}).media_type == media_type


def test_the_sample_that_the_pictures_are_made_of_is_what_it_says() -> None:
    assert (facts(JPEG).container, str(facts(JPEG).size), facts(JPEG).spread > 30) == ("jpeg", "640x512", True)
