"""Checks of models that are data: several pictures, formats, ratios, pictures in arrays; each fault has its finding."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image, ImageDraw, ImageOps
from pixelpact.checks.codes import BY_CODE
from pixelpact.checks.endpoints import served
from pixelpact.checks.errors import Refusal
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Finding, Unjudged
from pixelpact.checks.generation import Generation, collect
from pixelpact.checks.judge import judge, judge_refusal
from pixelpact.checks.known import Found, Known
from pixelpact.checks.lifting import lifted
from pixelpact.checks.parity import Observation, compare
from pixelpact.checks.recordings import load as load_recordings
from pixelpact.checks.skeleton import skeleton
from pixelpact.checks.together import TOGETHER, Run
from pixelpact.checks.validity import breaches
from pixelpact.contract.contract import Contract, load
from pixelpact.contract.models import Model
from pixelpact.contract.samples import LOCAL_EDIT
from pixelpact.contract_tests.recording import Recorder
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Size

KEY = "sk-pixelpact-secret"
BASE = "https://api.example"
SCHEMA = "https://json-schema.org/draft/2020-12/schema"
DOCS, RULES = {"x-source": {"*": "brush-docs"}}, {"x-source": {"*": "import-rules"}}
PATH, EDITS = "/v1/images/generations", "/v1/images/edits"
DRAW, CANVAS = "acme/brush", "acme/canvas"
INPUT = {"forms": ["data-uri", "base64", "url"], "formats": ["jpeg", "png"], "minSide": 32}
UPLOAD = {"forms": ["file"], "formats": ["png"], "minSide": 32}
BRUSH_FIELDS: dict[str, Any] = {
    "model": {"type": "string", "enum": [DRAW], **DOCS},
    "prompt": {"type": "string", **DOCS},
    "num_images": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1, **DOCS},
    "inline": {"type": "boolean", "default": False, **DOCS},
    "output_format": {"type": "string", "enum": ["jpg", "png", "webp", "tiff", "gif"], **DOCS},
    "aspect_ratio": {"type": "string", "enum": ["16:9", "1:1"], **DOCS},
    "size": {"type": ["string", "object"], **DOCS},
    "strength": {"type": "number", **DOCS},
}
BRUSH_RULES: dict[str, Any] = {
    "x-count": {"field": "num_images", "source": "import-rules"},
    "x-form": {"field": "inline", "cases": [[False, "url"], [True, "b64_json"]], "source": "import-rules"},
    "x-container": {
        "field": "output_format",
        "cases": [["jpg", "jpeg"], ["png", "png"], ["webp", "webp"], ["tiff", "tiff"]],
        "source": "import-rules",
    },
    "x-output-size": [
        {"field": "size", "as": "WxH", "source": "brush-docs"},
        {"field": "size", "as": "object", "width": "width", "height": "height", "source": "import-rules"},
        {"field": "aspect_ratio", "as": "ratio", "area": 1048576, "multiple": 16, "source": "brush-docs"},
        {"as": "fixed", "size": "512x512", "source": "import-rules"},
    ],
}
CANVAS_FIELDS: dict[str, Any] = {
    "model": {"type": "string", "enum": [CANVAS], **DOCS},
    "prompt": {"type": "string", "examples": ["Add a crown."], **DOCS},
    "image_urls": {
        "type": "array",
        "minItems": 1,
        "maxItems": 3,
        "items": {"type": "string", "x-image": INPUT, **RULES},
        **DOCS,
    },
    "image": {
        "anyOf": [
            {"type": "object", "x-image": UPLOAD, "properties": {"buffer": {"type": "object", **DOCS}}, **DOCS},
            {"type": "array", "items": {"type": "object", "x-image": UPLOAD, **DOCS}, **DOCS},
        ],
        **DOCS,
    },
}
CANVAS_RULES: dict[str, Any] = {
    "x-output-size": [
        {"field": "image_urls", "as": "input", "source": "import-rules"},
        {"as": "fixed", "size": "512x512", "source": "import-rules"},
    ],
    "x-edit": {"input": "image_urls", "block": 32, "within": 8, "kept": 0.75, "changed": 40},
}
CREATED = 1754408583
SIGNATURE = urlencode(
    {
        "X-Tos-Algorithm": "TOS4-HMAC-SHA256",
        "X-Tos-Credential": "AKLTexample/20250805/ap-southeast-1/tos/request",
        "X-Tos-Date": "20250805T154303Z",
        "X-Tos-Expires": "86400",
        "X-Tos-Signature": "5e" * 32,
        "X-Tos-SignedHeaders": "host",
    }
)


def written(folder: Path, name: str, fields: Mapping[str, Any], rules: Mapping[str, Any], **more: Any) -> None:
    """A model as a folder of schemas has it."""
    place = folder / name
    place.mkdir(parents=True)
    request = {"type": "object", "required": ["model"], "properties": fields, **rules, **DOCS}
    (place / "request.json").write_text(json.dumps({"$schema": SCHEMA, "$defs": {"all": request}}))
    model = {
        **{"id": name, "title": "One of acme's", "task": "draw", "status": "current", "credits": 63000},
        "picture": {"container": "png", "quality": 90, "digest": "artist", "folder": "acme"},
        "profiles": {"observed": {"request": "request.json#/$defs/all"}},
        "origin": {"file": "acme.json", "sha256": "0" * 64},
        "x-source": {},
        **more,
    }
    (place / "model.json").write_text(json.dumps(model))


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    folder = tmp_path_factory.mktemp("schemas")
    docs = {"brush-docs": {"standing": "documented", "place": "acme's page"}}
    (folder / "sources.json").write_text(json.dumps(docs))
    written(folder, DRAW, BRUSH_FIELDS, BRUSH_RULES)
    written(folder, CANVAS, CANVAS_FIELDS, CANVAS_RULES, path=EDITS, task="edit")
    return load(folder)


# What is sent, and what comes


def shown(size: Size, container: str = "png", turn: int = 0) -> bytes:
    """A picture of that size; each `turn` is another."""
    picture = Image.open(io.BytesIO(sample(size, "png"))).convert("RGB")
    turned = (picture, ImageOps.mirror(picture), ImageOps.flip(picture), ImageOps.invert(picture))[turn]
    return encoded(turned, container)


def encoded(picture: Image.Image, container: str = "png") -> bytes:
    target = io.BytesIO()
    picture.save(target, container, **({"quality": 95} if container in ("jpeg", "webp") else {}))
    return target.getvalue()


def uri(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def upload(data: bytes) -> dict[str, Any]:
    """What a service makes of an uploaded file."""
    return {"fieldname": "image", "mimetype": "image/png", "buffer": {"type": "Buffer", "data": list(data)}}


@dataclass(frozen=True)
class File:
    """A picture behind a link, and what its link and its download call it."""

    data: bytes
    name: str = "picture.png"
    kind: str = "image/png"


SQUARE = Size(512, 512)
ONE, TWO, THREE = (File(shown(SQUARE, turn=turn)) for turn in range(3))


def of(container: str, name: str = "", kind: str = "") -> File:
    return File(shown(SQUARE, container), name or f"picture.{container}", kind or f"image/{container}")


def exchanged(
    model: Model, body: Mapping[str, Any], answer: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Exchange:
    sent = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    came = {"content-type": "application/json", **(headers or {})}
    asked = (f"{BASE}{model.path}", sent, json.dumps(body).encode())
    return Exchange("POST", *asked, status, came, json.dumps(answer).encode(), 0.5, CREATED - 1.0)


def came(
    model: Model, asked: Mapping[str, Any], *files: File, inline: bool = False, strict: bool = False, **answer: Any
) -> Generation:
    """What the checks get to see: these files, by link or in base64."""
    body = {"model": model.id, "prompt": "a lighthouse", **asked}
    links = {f"https://store.example/{index}/{file.name}?{SIGNATURE}": file for index, file in enumerate(files)}
    data = [{"b64_json": base64.b64encode(file.data).decode()} for file in files] if inline else [*map(linked, links)]
    exchange = exchanged(model, body, {"created": CREATED, "data": data, **answer})

    def download(url: str) -> Exchange:
        return Exchange("GET", url, {}, b"", 200, {"content-type": links[url].kind}, links[url].data)

    return Generation(model, body, exchange, collect(model, exchange, download), strict=strict)


def linked(url: str) -> dict[str, str]:
    return {"url": url}


def judged(planted: Generation) -> list[Finding]:
    return list(judge(planted).findings)


def checks(planted: Generation) -> list[tuple[str, str]]:
    return [(found.check, found.severity) for found in judged(planted)]


def said(planted: Generation) -> list[tuple[str, str, str]]:
    return [(found.check, found.promised, found.came) for found in judged(planted)]


# How many


GOOD: dict[str, tuple[dict[str, Any], tuple[File, ...]]] = {
    "one": ({}, (ONE,)),
    "two": ({"num_images": 2}, (ONE, TWO)),
    "three": ({"num_images": 3}, (ONE, TWO, THREE)),
    "jpeg": ({"output_format": "jpg"}, (of("jpeg"),)),
    "webp": ({"output_format": "webp"}, (of("webp"),)),
    "png": ({"output_format": "png"}, (ONE,)),
    "a-format-that-is-no-case": ({"output_format": "gif"}, (ONE,)),
    "size": ({"size": "512x512"}, (ONE,)),
    "object": ({"size": {"width": 512, "height": 512}}, (ONE,)),
}


@pytest.mark.parametrize("good", GOOD)
@pytest.mark.parametrize("strict", [False, True], ids=["stranger", "ours"])
def test_what_was_asked_for_yields_nothing(good: str, strict: bool, contract: Contract) -> None:
    asked, files = GOOD[good]

    planted = came(contract.models[DRAW], asked, *files, strict=strict)

    assert [str(found) for found in judged(planted)] == []


@pytest.mark.parametrize(
    ("asked", "files", "promised", "number"),
    [
        ({}, (ONE, TWO), "one picture for one request", "2 pictures"),
        ({"num_images": 1}, (ONE, TWO, THREE), "one picture for one request", "3 pictures"),
        ({"num_images": 2}, (ONE,), "2 pictures for one request", "one picture"),
        ({"num_images": 3}, (ONE, TWO), "3 pictures for one request", "2 pictures"),
    ],
    ids=["two-for-none-said", "three-for-one", "one-for-two", "two-for-three"],
)
def test_another_number_of_pictures_is_found(
    asked: dict[str, Any], files: tuple[File, ...], promised: str, number: str, contract: Contract
) -> None:
    assert said(came(contract.models[DRAW], asked, *files)) == [("count", promised, number)]


def test_no_picture_at_all_is_the_matter_of_its_form(contract: Contract) -> None:
    found = judged(came(contract.models[DRAW], {"num_images": 2}))

    assert [one.check for one in found] == ["schema", "form"]
    # Whatever field may choose a form, the profile promises that something comes.
    assert found[1].sources == tuple(map(str, contract.models[DRAW].promised_by))


@pytest.mark.parametrize(
    ("asked", "files", "severity"),
    [({"num_images": 2}, (ONE,), "error"), ({"num_images": None}, (ONE, TWO), "warning"), ({}, (ONE, TWO), "warning")],
    ids=["said", "null", "by-default"],
)
def test_a_number_counts_in_full_if_the_request_says_it(
    asked: dict[str, Any], files: tuple[File, ...], severity: str, contract: Contract
) -> None:
    assert checks(came(contract.models[DRAW], asked, *files)) == [("count", severity)]


@pytest.mark.parametrize(("strict", "severity"), [(False, "warning"), (True, "error")])
def test_a_number_that_is_only_assumed_to_be_asked_for_is_a_warning_on_a_stranger(
    strict: bool, severity: str, contract: Contract
) -> None:
    planted = came(assuming(contract.models[DRAW], "num_images"), {"num_images": 2}, ONE, strict=strict)

    assert checks(planted) == [("count", severity)]


def assuming(model: Model, field: str) -> Model:
    """The model with a field that no docs have."""
    fields = model.request["properties"]
    changed = {**fields, field: {**fields[field], **RULES}}
    return replace(model, request={**model.request, "properties": changed})


def test_a_model_without_a_number_gives_one_picture_by_all_that_is_promised(contract: Contract) -> None:
    (found,) = judged(came(without(contract.models[DRAW], "x-count"), {"num_images": 2}, ONE, TWO))

    assert (found.check, found.severity) == ("count", "error")


def without(model: Model, keyword: str) -> Model:
    return replace(model, request={name: rule for name, rule in model.request.items() if name != keyword})


# Each another


@pytest.mark.parametrize(
    ("files", "pointer"),
    [
        ((ONE, ONE), "/data/1/url"),
        ((ONE, TWO, ONE), "/data/2/url"),
        ((ONE, File(encoded(Image.open(io.BytesIO(ONE.data)).convert("RGBA")))), "/data/1/url"),
    ],
    ids=["same-bytes", "first-again", "same-pixels-encoded-anew"],
)
@pytest.mark.parametrize("inline", [False, True], ids=["url", "b64_json"])
def test_one_picture_twice_is_found(files: tuple[File, ...], pointer: str, inline: bool, contract: Contract) -> None:
    asked = {"num_images": len(files), "inline": inline}

    (found,) = judged(came(contract.models[DRAW], asked, *files, inline=inline, strict=True))

    first = "/data/0/b64_json" if inline else "/data/0/url"
    place = pointer.replace("url", "b64_json") if inline else pointer
    assert (found.code, found.check, found.severity) == ("PX211", "distinct", "error")
    assert (found.promised, found.came) == (f"{place}: another picture than before", f"that of {first} again")


def test_one_link_for_every_place_is_found(contract: Contract) -> None:
    model = contract.models[DRAW]
    planted = came(model, {"num_images": 2}, ONE)
    twice = (planted.pictures[0], replace(planted.pictures[0], pointer="/data/1/url"))

    assert checks(replace(planted, pictures=twice)) == [("distinct", "error")]


def test_one_picture_twice_is_a_warning_on_a_stranger_that_nobody_asked_for_two(contract: Contract) -> None:
    assert checks(came(contract.models[DRAW], {}, ONE, ONE)) == [("count", "warning"), ("distinct", "warning")]


def test_one_picture_has_no_other_to_be_told_from(contract: Contract) -> None:
    assert ("distinct", "the answer has no second picture") in judge(came(contract.models[DRAW], {}, ONE)).unjudged


def test_the_check_has_a_code_of_its_own() -> None:
    assert BY_CODE["PX211"].name == "distinct"


# Form


@pytest.mark.parametrize(("asked", "inline"), [({}, True), ({"inline": False}, True), ({"inline": True}, False)])
def test_another_form_than_the_field_asks_for_is_found(asked: dict[str, Any], inline: bool, contract: Contract) -> None:
    wanted, got = ("url", "b64_json") if inline else ("b64_json", "url")

    found = said(came(contract.models[DRAW], asked, ONE, inline=inline))

    assert found == [("form", f"the picture as {wanted}", got)]


@pytest.mark.parametrize(("strict", "severity"), [(False, "warning"), (True, "error")])
def test_where_no_field_chooses_a_form_only_our_own_mock_must_give_links(
    strict: bool, severity: str, contract: Contract
) -> None:
    model = without(contract.models[DRAW], "x-form")

    assert checks(came(model, {}, ONE, inline=True, strict=strict)) == [("form", severity)]


# Container


@pytest.mark.parametrize(
    ("asked", "file", "promised", "bytes_"),
    [
        ({"output_format": "webp"}, ONE, "a webp picture", "png bytes"),
        ({"output_format": "jpg"}, ONE, "a jpeg picture", "png bytes"),
        ({"output_format": "png"}, of("jpeg"), "a png picture", "jpeg bytes"),
        ({"output_format": "tiff"}, of("webp"), "a tiff picture", "webp bytes"),
    ],
    ids=["png-for-webp", "png-for-jpg", "jpeg-for-png", "webp-for-tiff"],
)
def test_another_format_than_the_request_names_is_found_anywhere(
    asked: dict[str, Any], file: File, promised: str, bytes_: str, contract: Contract
) -> None:
    (found,) = judged(came(contract.models[DRAW], asked, file))

    assert (found.check, found.promised, found.came) == ("container", f"/data/0/url: {promised}", bytes_)
    assert (found.severity, "acme's page" in " ".join(found.sources)) == ("error", True)


@pytest.mark.parametrize(("strict", "severities"), [(False, ["warning"]), (True, ["error"])])
def test_a_format_that_nobody_named_is_only_assumed_of_an_imported_model(
    strict: bool, severities: list[str], contract: Contract
) -> None:
    planted = came(contract.models[DRAW], {}, of("jpeg"), strict=strict)

    assert [found.severity for found in judged(planted) if found.check == "container"] == severities


def test_a_format_is_asked_for_by_its_default_too(contract: Contract) -> None:
    model = contract.models[DRAW]
    fields = {**model.request["properties"], "output_format": {**BRUSH_FIELDS["output_format"], "default": "webp"}}

    (found,) = judged(came(replace(model, request={**model.request, "properties": fields}), {}, ONE))

    assert (found.check, found.promised) == ("container", "/data/0/url: a webp picture")


TIFF_NAMES = ("picture.tiff", "picture.tif", "picture.TIF", "picture")


@pytest.mark.parametrize("name", TIFF_NAMES)
def test_a_tiff_may_be_called_in_either_way(name: str, contract: Contract) -> None:
    assert said(came(contract.models[DRAW], {"output_format": "tiff"}, of("tiff", name))) == []


@pytest.mark.parametrize(
    ("file", "promised", "called"),
    [
        (of("tiff", kind="image/png"), "Content-Type image/tiff, as the bytes are", "png"),
        (of("tiff", "picture.webp"), "a name for tiff, as the bytes are", "webp"),
        (of("webp", "picture.tif"), "a name for webp, as the bytes are", "tiff"),
        (of("webp", kind="image/jpeg"), "Content-Type image/webp, as the bytes are", "jpeg"),
    ],
    ids=["tiff-called-png", "tiff-named-webp", "webp-named-tif", "webp-called-jpeg"],
)
def test_a_download_that_is_called_otherwise_is_found(
    file: File, promised: str, called: str, contract: Contract
) -> None:
    container = "tiff" if b"II*" in file.data[:4] else "webp"

    (found,) = judged(came(contract.models[DRAW], {"output_format": container}, file))

    assert (found.check, found.promised, found.came) == ("container", f"/data/0/url: {promised}", called)


def a_run(*generations: Generation) -> Run:
    return Run(contract_of(generations), [each.exchange for each in generations], generations)


def contract_of(generations: Sequence[Generation]) -> Contract:
    del generations
    return load()


def test_two_formats_of_one_model_are_fine_if_both_were_asked_for(contract: Contract) -> None:
    model = contract.models[DRAW]
    run = a_run(
        came(model, {"output_format": "webp"}, of("webp")),
        came(model, {"output_format": "jpg"}, of("jpeg")),
        came(model, {"output_format": "webp"}, of("webp")),
    )

    assert list(TOGETHER["one-container"](run)) == []


def test_two_formats_of_one_model_are_found_if_one_was_asked_for(contract: Contract) -> None:
    model = contract.models[DRAW]
    run = a_run(came(model, {"output_format": "webp"}, of("webp")), came(model, {"output_format": "webp"}, ONE))

    ((reason, _),) = TOGETHER["one-container"](run)

    assert (reason.promised, reason.came) == ("webp, as the pictures before", "png by url")
    assert [source.standing for source in reason.sources] == ["assumed"]


# Size


def sized(width: int, height: int) -> File:
    return File(shown(Size(width, height)))


@pytest.mark.parametrize(
    ("asked", "file", "loose", "exact"),
    [
        ({"aspect_ratio": "16:9"}, sized(1360, 768), [], []),
        ({"aspect_ratio": "16:9"}, sized(1280, 720), [], ["1280x720"]),
        ({"aspect_ratio": "16:9"}, sized(1344, 768), [], ["1344x768"]),
        ({"aspect_ratio": "16:9"}, sized(768, 1360), ["768x1360"], ["768x1360"]),
        ({"aspect_ratio": "16:9"}, sized(1024, 1024), ["1024x1024"], ["1024x1024"]),
        ({"size": {"width": 512, "height": 256}}, sized(512, 256), [], []),
        ({"size": {"width": 512, "height": 256}}, sized(1024, 512), ["1024x512"], ["1024x512"]),
        ({"size": {"width": 512, "height": 256}}, sized(256, 512), ["256x512"], ["256x512"]),
        ({"size": "512x256"}, sized(1024, 512), ["1024x512"], ["1024x512"]),
        ({}, sized(512, 512), [], []),
        ({}, sized(640, 512), [], ["640x512"]),
    ],
    ids=[
        *("ratio-as-planned", "ratio", "ratio-rounded", "ratio-turned", "ratio-ignored"),
        *("object", "object-scaled", "object-turned", "size-scaled", "default", "another-default"),
    ],
)
def test_a_size_that_nobody_knows_exactly_is_judged_by_its_ratio_but_on_our_own_mock(
    asked: dict[str, Any], file: File, loose: list[str], exact: list[str], contract: Contract
) -> None:
    model = contract.models[DRAW]

    assert [came_ for _, _, came_ in said(came(model, asked, file))] == loose
    assert [came_ for _, _, came_ in said(came(model, asked, file, strict=True))] == exact


@pytest.mark.parametrize(("width", "found"), [(537, 0), (538, 1), (488, 0), (486, 1)])
def test_a_ratio_may_be_a_twentieth_off(width: int, found: int, contract: Contract) -> None:
    assert len(judged(came(contract.models[DRAW], {"aspect_ratio": "1:1"}, sized(width, 512)))) == found


def test_a_ratio_that_is_off_says_so(contract: Contract) -> None:
    (found,) = judged(came(contract.models[DRAW], {"aspect_ratio": "16:9"}, ONE))

    assert found.promised == "/data/0/url: a picture as wide to high as 1360x768, within 5%"
    assert (found.check, found.severity) == ("size", "error")


NUMBERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "WxH": ({"field": "size", "as": "WxH"}, {"size": "512x256"}),
    "object": (BRUSH_RULES["x-output-size"][1], {"size": {"width": 512, "height": 256}}),
    "sides": ({"field": "num_images", "as": "sides", "height": "strength"}, {"num_images": 512, "strength": 256}),
    "ratio": ({"field": "aspect_ratio", "as": "ratio", "area": 131072}, {"aspect_ratio": "2:1"}),
}
READ: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "name": ({"field": "size", "as": "names", "sizes": {"wide": "512x256"}}, {"size": "wide"}),
    "side-left-out": (
        {**BRUSH_RULES["x-output-size"][1], "otherwise": {"width": 512, "height": 256}},
        {"size": {"width": 512}},
    ),
    "other-side-left-out": ({**NUMBERS["sides"][0], "otherwise": "512x256"}, {"num_images": 512}),
}


def by_rule(model: Model, way: Mapping[str, Any], *others: Mapping[str, Any]) -> Model:
    """The model with one way to a size, which is ours; no field of it asks for several pictures."""
    ways = [{**each, "source": "import-rules"} for each in (way, *others)]
    return replace(without(model, "x-count"), request={**without(model, "x-count").request, "x-output-size": ways})


@pytest.mark.parametrize("name", NUMBERS)
def test_a_size_that_the_request_says_in_numbers_counts_in_full(name: str, contract: Contract) -> None:
    way, asked = NUMBERS[name]

    (found,) = judged(came(by_rule(contract.models[DRAW], way), asked, ONE))

    assert (found.check, found.severity, found.sources) == ("size", "error", ("documented: acme's page",))


@pytest.mark.parametrize("name", READ)
def test_a_size_that_has_to_be_read_from_a_name_or_a_default_is_assumed(name: str, contract: Contract) -> None:
    way, asked = READ[name]

    assert checks(came(by_rule(contract.models[DRAW], way), asked, ONE)) == [("size", "warning")]


def test_a_size_of_a_field_that_no_docs_have_is_assumed(contract: Contract) -> None:
    way, asked = NUMBERS["WxH"]

    assert checks(came(by_rule(assuming(contract.models[DRAW], "size"), way), asked, ONE)) == [("size", "warning")]


def test_which_of_two_fields_decides_the_size_is_assumed(contract: Contract) -> None:
    (way, asked), (other, more) = NUMBERS["WxH"], NUMBERS["ratio"]

    planted = came(by_rule(contract.models[DRAW], way, other), {**asked, **more}, ONE)

    assert checks(planted) == [("size", "warning")]


def test_every_picture_of_several_has_the_size(contract: Contract) -> None:
    files = (ONE, File(shown(Size(512, 256), turn=1)))

    found = said(came(contract.models[DRAW], {"num_images": 2, "size": "512x512"}, *files))

    assert found == [("size", "/data/1/url: a picture of 512x512", "512x256")]


def test_a_size_that_nobody_asked_for_is_not_judged_if_it_is_only_assumed(contract: Contract) -> None:
    unjudged = dict(judge(came(contract.models[DRAW], {}, sized(640, 512))).unjudged)

    assert unjudged["size"] == "no size was asked for, and nobody knows which comes then"


# What is told


@pytest.mark.parametrize("strict", [False, True], ids=["stranger", "ours"])
def test_two_pictures_for_the_price_of_one_are_found_on_our_own_mock(strict: bool, contract: Contract) -> None:
    usage = {"usage": {"credits_used": 63000}}

    found = said(came(contract.models[DRAW], {"num_images": 2}, ONE, TWO, strict=strict, meta=usage))

    price = ("cost", "126,000 credits for 2 pictures", "meta.usage credits says 63,000")
    assert found == ([price] if strict else [])


@pytest.mark.parametrize(("credits_used", "found"), [(126_000, 0), (400_000_000, 0), (400_000_001, 1)])
def test_several_pictures_may_cost_several_times_as_much(credits_used: int, found: int, contract: Contract) -> None:
    usage = {"usage": {"credits_used": credits_used}}

    assert len(judged(came(contract.models[DRAW], {"num_images": 2}, ONE, TWO, meta=usage))) == found


ECHOING = {
    "type": "object",
    "properties": {
        "data": {
            "type": "array",
            "items": {"type": "object", "properties": {"url": {"type": "string", "x-value": "url"}}},
        },
        "size": {"type": "string", "x-value": "size"},
    },
}


@pytest.mark.parametrize(
    ("asked", "told", "found"),
    [
        ("512x512", "512x512", []),
        ("512x512", "1024x1024", ["echo"]),
        ("auto", "auto", []),
        ("auto", "512x512", []),
        ("auto", "1024x1024", ["echo"]),
        ({"width": 512, "height": 512}, "512x512", []),
        ({"width": 512, "height": 512}, "512x256", ["echo"]),
    ],
)
def test_a_size_by_name_may_be_told_in_pixels(asked: Any, told: str, found: list[str], contract: Contract) -> None:
    model = replace(contract.models[DRAW], answer=ECHOING)

    assert [check for check, _ in checks(came(model, {"size": asked}, ONE, size=told))] == found


# An edit

LARGE = Size(512, 384)
BEFORE = Image.open(io.BytesIO(sample(LARGE, "png"))).convert("RGB")
OTHER = ImageOps.mirror(BEFORE)


def crowned(picture: Image.Image) -> Image.Image:
    changed = picture.copy()
    ImageDraw.Draw(changed).ellipse((200, 60, 300, 130), "gold")
    return changed


def edited(contract: Contract, change: Image.Image, field: str = "image_urls", value: Any = None) -> Generation:
    """What comes for two pictures of which the first should be edited."""
    first, second = (encoded(picture) for picture in (BEFORE, OTHER))
    asked = {field: value or [uri(first), uri(second)]}
    return came(contract.models[CANVAS], asked, File(encoded(change)), strict=True)


def test_the_first_picture_of_an_array_is_edited(contract: Contract) -> None:
    assert said(edited(contract, crowned(BEFORE))) == []


@pytest.mark.parametrize(("side", "judged"), [(128, True), (127, False)])
def test_an_edit_of_the_fewest_blocks_is_judged(side: int, judged: bool, contract: Contract) -> None:
    before, other = (picture.resize((side, side)) for picture in (BEFORE, OTHER))
    asked = {"image_urls": [uri(encoded(before))]}

    found = said(came(contract.models[CANVAS], asked, File(encoded(other)), strict=True))

    assert ("edit" in [check for check, _, _ in found]) is judged


@pytest.mark.parametrize(
    ("change", "promised"),
    [
        (BEFORE, "something changed by 40 levels or more"),
        (OTHER, "the input kept within 8 levels in 75% of all blocks"),
        (crowned(OTHER), "the input kept within 8 levels in 75% of all blocks"),
    ],
    ids=["unedited", "the-second", "the-second-edited"],
)
def test_an_edit_of_anything_but_the_first_picture_is_found(
    change: Image.Image, promised: str, contract: Contract
) -> None:
    assert [(check, words) for check, words, _ in said(edited(contract, change))] == [
        ("edit", f"/data/0/url: {promised}")
    ]


def stranger(contract: Contract, change: Image.Image, prompt: str = LOCAL_EDIT, **fields: Any) -> Generation:
    """What a server that is not ours makes of one picture, by a rule that is only assumed."""
    model = contract.models[CANVAS]
    sources = {"x-source": {"*": "brush-docs", "x-edit": "import-rules"}}
    properties = {**model.request["properties"], **fields}
    assumed = replace(model, request={**model.request, **sources, "properties": properties})
    asked = {"prompt": prompt, "image_urls": [uri(encoded(BEFORE))]}
    return came(assumed, asked, File(encoded(change)))


REPLACED = crowned(ImageOps.flip(ImageOps.invert(BEFORE)))
BRIGHTENED = crowned(BEFORE.point(lambda level: min(255, level + 12)))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (crowned(BEFORE), []),
        (BEFORE, [("edit", "warning")]),
        (BRIGHTENED, [("edit", "warning")]),
        (REPLACED, [("edit", "error")]),
    ],
    ids=["edited", "unedited", "brighter", "another-picture"],
)
def test_our_own_local_edit_is_judged_on_a_stranger(
    change: Image.Image, found: list[tuple[str, str]], contract: Contract
) -> None:
    assert checks(stranger(contract, change)) == found


def test_another_prompt_may_leave_nothing_of_a_picture(contract: Contract) -> None:
    assert checks(stranger(contract, REPLACED, "a lighthouse")) == []


def test_where_a_strength_may_leave_nothing_of_a_picture_it_is_a_warning(contract: Contract) -> None:
    planted = stranger(contract, REPLACED, strength={"type": "number", **DOCS})

    assert checks(planted) == [("edit", "warning")]


def test_which_of_two_pictures_a_stranger_edits_is_not_judged(contract: Contract) -> None:
    planted = stranger(contract, crowned(OTHER))
    two = [*planted.body["image_urls"], uri(encoded(OTHER))]

    assert checks(replace(planted, body={**planted.body, "image_urls": two})) == []


def test_an_edit_of_other_sides_is_not_judged_on_a_stranger(contract: Contract) -> None:
    judgement = judge(stranger(contract, REPLACED.resize((512, 512))))

    assert "edit" not in [found.check for found in judgement.findings]
    assert "edit" in dict(judgement.unjudged)


def test_an_uploaded_picture_is_edited(contract: Contract) -> None:
    model = contract.models[CANVAS]
    rules = {**CANVAS_RULES["x-edit"], "input": "image"}
    ways = [{**CANVAS_RULES["x-output-size"][0], "field": "image"}]
    uploads = replace(model, request={**model.request, "x-edit": rules, "x-output-size": ways})
    before, after = {"image": [upload(encoded(BEFORE)), upload(encoded(OTHER))]}, File(encoded(crowned(BEFORE)))

    assert said(came(uploads, before, after, strict=True)) == []
    assert [check for check, _ in checks(came(uploads, before, File(encoded(BEFORE)), strict=True))] == ["edit"]


@pytest.mark.parametrize(
    "asked", [{}, {"image": upload(encoded(BEFORE))}, {"image_urls": ["https://pictures.example/a.png"]}]
)
def test_without_a_known_picture_in_the_edited_field_no_edit_is_judged(
    asked: dict[str, Any], contract: Contract
) -> None:
    judgement = judge(came(contract.models[CANVAS], asked, ONE, strict=True))

    assert ("edit", "no known input with a documented edit") in judgement.unjudged
    assert [found.check for found in judgement.findings] == []


def test_a_size_that_goes_by_a_picture_behind_a_link_is_not_judged(contract: Contract) -> None:
    asked = {"image_urls": ["https://pictures.example/a.png", uri(encoded(BEFORE))]}

    judgement = judge(came(contract.models[CANVAS], asked, sized(640, 512), strict=True))

    assert ("size", "the size of the input is not known") in judgement.unjudged


def test_a_size_goes_by_the_first_picture_of_an_array(contract: Contract) -> None:
    asked = {"image_urls": [uri(encoded(BEFORE)), uri(shown(SQUARE))]}

    found = said(came(contract.models[CANVAS], asked, File(encoded(crowned(BEFORE).resize((512, 512)))), strict=True))

    assert ("size", "/data/0/url: a picture of 512x384", "512x512") in found


def test_what_came_in_grey_may_stay_so_wherever_it_was_sent(contract: Contract) -> None:
    grey = BEFORE.convert("L")
    asked = {"image_urls": [uri(encoded(grey))]}

    found = checks(came(contract.models[CANVAS], asked, File(encoded(crowned(BEFORE).convert("L"))), strict=True))

    assert found == []


# Whether a request was valid

SMALL, GIF = shown(Size(16, 16)), shown(SQUARE, "gif")


@pytest.mark.parametrize(
    ("field", "value", "broken"),
    [
        ("image_urls", [uri(ONE.data)], []),
        ("image_urls", [uri(ONE.data), uri(SMALL)], [("/image_urls/1", "sides of at least 32 pixels", "16x16")]),
        ("image_urls", [base64.b64encode(GIF).decode()], [("/image_urls/0", "a picture as jpeg or png", "gif")]),
        ("image_urls", ["https://pictures.example/a.png"], []),
        ("image", upload(ONE.data), []),
        ("image", upload(SMALL), [("/image", "sides of at least 32 pixels", "16x16")]),
        (
            "image",
            [upload(ONE.data), upload(shown(SQUARE, "jpeg"))],
            [("/image/1", "a picture as png", "jpeg")],
        ),
    ],
    ids=["good", "small-second", "gif", "link", "file", "small-file", "second-file"],
)
def test_every_picture_of_a_request_is_opened(
    field: str, value: Any, broken: list[tuple[str, str, str]], contract: Contract
) -> None:
    body = {"model": CANVAS, "prompt": "x", field: value}

    found = list(breaches(contract.models[CANVAS], json.dumps(body).encode()))

    assert [(one.pointer, one.allowed, one.received) for one in found] == broken


def test_a_broken_picture_is_known_by_the_sources_of_its_own_rule(contract: Contract) -> None:
    payloads = ({"image_urls": [uri(SMALL)]}, {"image": upload(SMALL)})

    found = [one for body in payloads for one in breaches(contract.models[CANVAS], sent(body))]

    assert [one.assumed for one in found] == [True, False]


def sent(body: Mapping[str, Any]) -> bytes:
    return json.dumps({"model": CANVAS, "prompt": "x", **body}).encode()


def test_a_picture_that_its_schema_refuses_is_told_once(contract: Contract) -> None:
    found = list(breaches(contract.models[CANVAS], sent({"image_urls": ["data:image/PNG;base64,?", uri(ONE.data)]})))

    assert [one.pointer for one in found] == ["/image_urls/0"]


@pytest.mark.parametrize("payload", [b"[]", b"null", b'"x"'])
def test_a_body_that_is_no_object_is_broken_and_breaks_nothing(payload: bytes, contract: Contract) -> None:
    assert [one.rule for one in breaches(contract.models[CANVAS], payload)] == ["type"]


# Paths


@pytest.mark.parametrize(
    ("path", "known"),
    [
        (EDITS, EDITS),
        ("/images/edits", EDITS),
        ("/v1/images/edits/", EDITS),
        ("/proxy/v1/images/edits?x=1", EDITS),
        (PATH, PATH),
        ("/v1/images/generations/with-url", "/v1/images/generations/with-url"),
        ("/v1/images", None),
        ("/v1/videos/edits", None),
        ("/", None),
    ],
)
def test_a_path_is_known_by_its_end(path: str, known: str | None) -> None:
    assert served((PATH, f"{PATH}/with-url", EDITS), path) == known


def test_of_two_paths_with_one_end_the_longer_is_meant() -> None:
    assert served(("/v1/edits", EDITS), EDITS) == EDITS


ENVELOPE = {
    **{"requestId": "7b1a", "statusCode": 400, "timestamp": "2025-08-05T15:43:03.000Z", "path": EDITS},
    **{"message": "prompt", "error": {"name": "BadRequestException", "message": "prompt"}},
}


def refused(contract: Contract, **told: Any) -> list[tuple[str, str]]:
    body = {"model": CANVAS}
    exchange = exchanged(contract.models[CANVAS], body, {**ENVELOPE, **told}, 400)
    findings = judge_refusal(Refusal(contract, exchange, (400,))).findings
    return [(found.check, found.came) for found in findings if found.check != "error-envelope"]


def test_a_refusal_names_the_path_that_was_asked(contract: Contract) -> None:
    assert refused(contract) == []
    assert refused(contract, path="/images/edits/") == []
    assert refused(contract, path=PATH) == [("error-agreement", f"'{PATH}'")]


def test_a_picture_in_a_refusal_is_found_in_the_answer_of_the_model_that_was_asked(contract: Contract) -> None:
    assert refused(contract, data=[{"url": "https://store.example/a.png"}]) == [("charge", "/data/0/url")]


def test_a_picture_in_a_refusal_of_a_model_that_nobody_knows_is_found_too(contract: Contract) -> None:
    told = {**ENVELOPE, "data": [{"url": "https://store.example/a.png"}]}
    exchange = exchanged(contract.models[CANVAS], {"model": "nobody/knows"}, told, 400)

    findings = judge_refusal(Refusal(contract, exchange, (400,))).findings

    assert "charge" in [found.check for found in findings]


def test_an_answer_of_another_path_is_one_of_the_endpoints(contract: Contract) -> None:
    planted = came(contract.models[CANVAS], {}, ONE)

    assert Run(contract, [planted.exchange], [planted]).answers == [planted.exchange]


@pytest.mark.parametrize("field", ["num_images", "output_format", "aspect_ratio", "size"])
def test_a_field_that_asks_for_more_work_may_take_longer(field: str, contract: Contract) -> None:
    assert slow(contract, field) == []


def test_a_field_that_asks_for_no_more_work_may_not_take_longer(contract: Contract) -> None:
    assert slow(contract, "strength") == ["about 0.50 s, as without strength 'b'"]


@pytest.mark.parametrize(
    "way",
    [
        {"field": "prompt", "as": "sides", "height": "strength"},
        {"field": "prompt", "as": "ratio", "area": 1, "scale": {"field": "strength", "areas": {"1K": 1}}},
    ],
    ids=["side", "scale"],
)
def test_a_field_that_has_a_part_in_the_size_may_take_longer(way: dict[str, Any], contract: Contract) -> None:
    model = contract.models[DRAW]

    assert slow(contract, "strength", replace(model, request={**model.request, "x-output-size": [way]})) == []


def slow(contract: Contract, field: str, model: Model | None = None) -> list[str]:
    """What is said of a run in which one value of a field takes long."""
    asked = model or contract.models[DRAW]
    answers = [came(asked, {field: value}, ONE) for value in ("a", "a", "a", "b", "b", "b")]
    timed = [
        replace(each, exchange=replace(each.exchange, seconds=9.0 if index > 2 else 0.5))
        for index, each in enumerate(answers)
    ]
    return [reason.promised for reason, _ in TOGETHER["latency"](Run(contract, [], timed))]


# Recordings


def recorded(folder: Path, planted: Generation) -> tuple[Any, str]:
    """A recording that was written and read again, with the text of its file."""
    path = Recorder(folder, KEY, keep_pictures=True).record("case", "a test", planted.exchange, planted.pictures)
    (found,) = load_recordings(folder)
    return found, path.read_text()


REQUESTS: dict[str, dict[str, Any]] = {
    "array": {"image_urls": [uri(encoded(BEFORE)), base64.b64encode(encoded(OTHER)).decode()]},
    "upload": {"image": upload(encoded(BEFORE))},
    "uploads": {"image": [upload(encoded(BEFORE)), upload(encoded(OTHER))]},
}


@pytest.mark.parametrize("asked", REQUESTS.values(), ids=REQUESTS)
def test_a_recording_has_no_picture_in_its_text_and_gives_back_the_request(
    asked: dict[str, Any], tmp_path: Path, contract: Contract
) -> None:
    planted = came(contract.models[CANVAS], asked, ONE)

    found, text = recorded(tmp_path, planted)

    assert len(text) < 3000
    assert json.loads(found.payload) == planted.body
    assert {path.suffix for path in (tmp_path / "pictures").iterdir()} == {".png", ".jpeg"}


def test_an_upload_that_is_no_picture_is_kept_beside_the_recording(tmp_path: Path, contract: Contract) -> None:
    planted = came(contract.models[CANVAS], {"image": upload(b"no picture")}, ONE)

    found, text = recorded(tmp_path, planted)

    assert str(list(b"no picture"))[1:-1] not in " ".join(text.split())
    assert json.loads(found.payload) == planted.body


@pytest.mark.parametrize("value", [[255, 216, 255], [0.5] * 64, [True] * 64, [256] * 64, list(range(64)), ["a"] * 64])
def test_a_list_of_numbers_that_is_no_picture_is_left_alone(value: list[Any]) -> None:
    assert lifted({"colours": value}) == ({"colours": value}, {})


def test_the_bytes_of_a_picture_are_lifted_wherever_they_are_listed() -> None:
    small, files = lifted({"deep": [{"bytes": list(ONE.data)}]})

    assert list(files.values()) == [ONE.data]
    assert small == {"deep": [{"bytes": f"$bytes:{next(iter(files))}"}]}


FAULTS: dict[str, Callable[[Contract], Generation]] = {
    "count": lambda contract: came(contract.models[DRAW], {"num_images": 2, "size": "512x512"}, ONE),
    "distinct": lambda contract: came(contract.models[DRAW], {"num_images": 2, "size": "512x512"}, ONE, ONE),
    "container": lambda contract: came(contract.models[DRAW], {"output_format": "webp", "size": "512x512"}, ONE),
    "size": lambda contract: came(contract.models[DRAW], {"aspect_ratio": "16:9"}, ONE),
    "edit": lambda contract: came(
        contract.models[CANVAS],
        {"prompt": "Add a crown.", "image_urls": [uri(encoded(BEFORE)), uri(encoded(OTHER))]},
        File(encoded(BEFORE)),
    ),
}


@pytest.mark.parametrize("check", FAULTS)
def test_a_fault_is_found_offline_as_it_was_online(check: str, tmp_path: Path, contract: Contract) -> None:
    planted = FAULTS[check](contract)
    online = said(planted)

    found, _ = recorded(tmp_path, planted)
    offline = found.judged_as(contract)

    assert [name for name, _, _ in online] == [check]
    assert isinstance(offline, Generation)
    assert said(offline) == online


def hand_written(folder: Path, **fields: Any) -> Any:
    (folder / "hand.json").write_text(json.dumps(fields))
    (found,) = load_recordings(folder)
    return found


ANSWER: dict[str, Any] = {
    "created": CREATED,
    "data": [{"url": "https://store.example/a.webp"}, {"url": "https://store.example/b.webp"}],
}
SEEN = [
    {"pointer": f"/data/{index}/url", "facts": {"container": "webp", "size": "640x512", "digest": f"{index}"}}
    for index in range(2)
]


def test_pictures_that_nobody_knows_how_they_were_asked_for_may_come_in_either_form(
    tmp_path: Path, contract: Contract
) -> None:
    inline = {**ANSWER, "data": [{"b64_json": base64.b64encode(ONE.data).decode()}]}

    found = hand_written(tmp_path, model=DRAW, answer=inline).judged_as(contract)

    assert said(found) == []


def test_a_form_that_a_profile_has_no_other_of_is_promised_by_the_profile(contract: Contract) -> None:
    model = replace(contract.models[DRAW], answer=ECHOING)
    both = came(model, {"inline": True}, ONE)
    pictures = (*both.pictures, replace(both.pictures[0], form="b64_json"))

    found = [one for one in judged(replace(both, pictures=pictures)) if one.check == "form"]

    assert [one.sources for one in found] == [tuple(map(str, model.promised_by))]


def test_what_a_request_that_nobody_knows_asked_for_is_no_finding(tmp_path: Path, contract: Contract) -> None:
    found = hand_written(tmp_path, model=DRAW, answer=ANSWER, pictures=SEEN).judged_as(contract)

    judgement = judge(found)

    assert [str(one) for one in judgement.findings] == []
    assert {"count", "size", "edit"} <= {check for check, _ in judgement.unjudged}


def test_a_recording_without_a_path_is_one_of_its_model(tmp_path: Path, contract: Contract) -> None:
    request = {"model": CANVAS, "prompt": "x"}

    found = hand_written(tmp_path, request=request, answer={**ANSWER, "data": ANSWER["data"][:1]})

    judged_as = found.judged_as(contract)
    assert isinstance(judged_as, Generation)
    assert (judged_as.model.key, judged_as.exchange.url) == (CANVAS, f"https://recorded.invalid{EDITS}")


@pytest.mark.parametrize("path", ["/v1/images/edits", "/images/edits/", "/proxy/v1/images/edits?x=1"])
def test_a_recording_of_another_path_is_judged_there(path: str, tmp_path: Path, contract: Contract) -> None:
    found = hand_written(tmp_path, path=path, request={"model": CANVAS, "prompt": 5}, answer=ANSWER)

    judged_as = found.judged_as(contract)

    assert isinstance(judged_as, Refusal)
    assert judged_as.statuses == (400, 404, 422)


@pytest.mark.parametrize(
    ("path", "model", "why"),
    [
        (PATH, CANVAS, f"no schema of the model '{CANVAS}'"),
        (EDITS, DRAW, f"no schema of the model '{DRAW}'"),
        ("/v1/videos", DRAW, "POST /v1/videos makes no pictures"),
    ],
)
def test_a_model_that_is_not_served_at_a_path_is_not_judged_there(
    path: str, model: str, why: str, tmp_path: Path, contract: Contract
) -> None:
    found = hand_written(tmp_path, path=path, request={"model": model}, answer=ANSWER)

    assert found.judged_as(contract) == Unjudged(why)


def test_a_refused_link_in_an_array_is_no_finding(tmp_path: Path, contract: Contract) -> None:
    request = {"model": CANVAS, "prompt": "x", "image_urls": [uri(ONE.data), "https://pictures.example/a.png"]}

    found = hand_written(tmp_path, path=EDITS, request=request, status=400, answer=ENVELOPE)

    assert isinstance(found.judged_as(contract), Refusal)


def test_a_refusal_that_was_recorded_without_a_path_may_name_that_of_its_model(
    tmp_path: Path, contract: Contract
) -> None:
    found = hand_written(tmp_path, request={"model": CANVAS, "prompt": 5}, status=400, answer=ENVELOPE)

    judged_as = found.judged_as(contract)

    assert isinstance(judged_as, Refusal)
    assert "error-agreement" not in [one.check for one in judge_refusal(judged_as).findings]


# Skeletons


def test_the_skeleton_of_several_pictures_says_how_many_and_each_fact_once(contract: Contract) -> None:
    planted = came(contract.models[DRAW], {"num_images": 3}, ONE, of("webp"), TWO)

    found = skeleton(planted.exchange, planted.pictures)

    assert (found["pictures"]["count"], found["pictures"]["container"]) == (3, ["png", "webp"])
    assert found["body"]["/data"]["classes"] == ["items"]


def test_a_server_that_gives_one_picture_of_two_differs_in_their_number(contract: Contract) -> None:
    model, asked = contract.models[DRAW], {"num_images": 2}
    both, one = (came(model, asked, *files) for files in ((ONE, TWO), (ONE,)))
    left, right = ([Observation("two", skeleton(each.exchange, each.pictures))] for each in (both, one))

    found = compare(left, right)

    assert [(each.where, each.one, each.other) for each in found] == [
        ("body /data", "array, items", "array, one item"),
        ("picture count", "2", "1"),
    ]


@pytest.mark.parametrize("name", ["kontext-max/image-to-image", "gpt-image-1@edits", "uni-1"])
def test_a_finding_of_a_model_of_any_name_can_be_known(name: str, contract: Contract) -> None:
    (finding,) = judged(came(contract.models[DRAW], {"num_images": 2}, ONE))
    found = Found(finding, f"test_requests.py::test_a_value_on_the_boundary_is_accepted[{name}-num_images-2]", name)
    entry = Known("PX109", "Ann", "one at a time", date(2030, 1, 1), test=f"*[{name}-num_images-*")

    assert entry.matches(found)
    assert not replace(entry, test=f"*[{name}s-num_images-*").matches(found)
