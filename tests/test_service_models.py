"""Models of any kind, as they come from the docs' files: many pictures, other containers, forms, paths and inputs."""

from __future__ import annotations

import base64
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from flask.testing import FlaskClient
from pixelpact.doors.server import Server
from pixelpact.pixels.encode import read_digest
from pixelpact.pixels.measure import difference, facts, survival
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import CONTAINERS, Size
from pixelpact.service.app import create_app, mock_of
from pixelpact.service.artefacts import limits
from pixelpact.service.calls import Call
from pixelpact.service.packing import packed
from pixelpact.service.settings import Beginning, Settings
from werkzeug.test import TestResponse

PATH, EDITS = "/v1/images/generations", "/v1/images/edits"
BRUSH, MERGE, GPT = "acme/brush", "acme/merge", "openai/gpt-image-1"
AUTHORISED = {"Authorization": "Bearer test-key"}
NOWHERE = "no-evidence"
RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
PNG = sample(Size(96, 72))
URI = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
OTHER = f"data:image/jpeg;base64,{base64.b64encode(RACCOON).decode()}"
PICTURE = {"forms": ["data-uri", "base64", "url"], "formats": ["jpeg", "png", "webp"]}
FILE = {
    "type": "object",
    "x-image": {"forms": ["file"], "formats": ["jpeg", "png", "webp"], "maxBytes": 52428800},
    "properties": {
        "mimetype": {"type": "string"},
        "buffer": {
            "type": "object",
            "properties": {"data": {"type": "array", "items": {"type": "number"}}},
        },
    },
    "required": ["mimetype"],
}
FORM = {"field": "response_format", "cases": [["url", "url"], ["b64_json", "b64_json"]], "source": NOWHERE}
CONTAINER = {
    "field": "output_format",
    "cases": [["jpeg", "jpeg"], ["png", "png"], ["webp", "webp"], ["tif", "tiff"]],
    "source": NOWHERE,
}
COMMON = {
    "prompt": {"type": "string"},
    "seed": {"type": "integer"},
    "response_format": {"type": "string", "enum": ["url", "b64_json"], "default": "url"},
    "output_format": {"type": "string", "enum": ["jpeg", "png", "webp", "tif"], "default": "png"},
    "num_images": {"type": "integer", "minimum": 1, "maximum": 40, "default": 1},
}
ASKED = {"x-form": FORM, "x-container": CONTAINER, "x-count": {"field": "num_images", "source": NOWHERE}}
KEPT = {"block": 32, "within": 16, "kept": 0.6, "changed": 30}
MODELS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "brush": (
        {"id": BRUSH, "credits": 1000},
        {
            "properties": {
                **COMMON,
                "image_size": {
                    "anyOf": [
                        {"type": "string", "enum": ["square", "wide", "huge"]},
                        {
                            "type": "object",
                            "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}},
                        },
                    ]
                },
                "loras": {"type": "array", "items": {"type": "object"}},
                "image_url": {"type": "string", "x-image": PICTURE},
            },
            "x-output-size": [
                {
                    "field": "image_size",
                    "as": "names",
                    "sizes": {"square": "512x512", "wide": "1024x512", "huge": "6000x6000"},
                    "source": NOWHERE,
                },
                {"field": "image_size", "as": "object", "width": "width", "height": "height", "source": NOWHERE},
                {"as": "fixed", "size": "640x480", "source": NOWHERE},
            ],
            "x-edit": {"input": "image_url", **KEPT},
            **ASKED,
        },
    ),
    "merge": (
        {"id": MERGE, "credits": 700, "picture": {"folder": "v1", "container": "webp"}},
        {
            "properties": {
                **{name: COMMON[name] for name in ("prompt", "seed", "num_images")},
                "image_urls": {
                    "anyOf": [
                        {"type": "string", "x-image": {**PICTURE, "minSide": 32}},
                        {"type": "array", "maxItems": 40, "items": {"type": "string", "x-image": PICTURE}},
                    ]
                },
                "style_image": {"type": "string", "x-image": PICTURE},
            },
            "required": ["model", "prompt", "image_urls"],
            "x-output-size": [
                {"field": "image_urls", "as": "input", "maxArea": 262144, "source": NOWHERE},
                {"as": "fixed", "size": "512x512", "source": NOWHERE},
            ],
            "x-edit": {"input": "image_urls", **KEPT},
            "x-count": ASKED["x-count"],
        },
    ),
    "gpt": (
        {"id": GPT, "credits": 50},
        {
            "properties": {**COMMON, "n": COMMON["num_images"]},
            "x-output-size": [{"as": "fixed", "size": "256x256", "source": NOWHERE}],
            "x-form": FORM,
            "x-count": {"field": "n", "source": NOWHERE},
        },
    ),
    "gpt-edit": (
        {"id": GPT, "path": EDITS, "credits": 80, "picture": {"folder": "gpt-edits", "container": "png"}},
        {
            "properties": {
                **{name: COMMON[name] for name in ("prompt", "response_format", "output_format")},
                "image": {"anyOf": [FILE, {"type": "array", "maxItems": 16, "items": FILE}]},
                "mask": FILE,
                "n": {"type": "number", "minimum": 1, "maximum": 10, "default": 1},
                "hd": {"type": "boolean"},
                "code": {"type": ["string", "integer"]},
                "levels": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]},
                "box": {"type": "object"},
                "size": {"type": "string", "enum": ["512x512", "512x768"], "default": "512x512"},
            },
            "required": ["model", "prompt", "image"],
            "x-output-size": [
                {"field": "size", "as": "WxH", "source": NOWHERE},
                {"as": "fixed", "size": "512x512", "source": NOWHERE},
            ],
            "x-edit": {"input": "image", **KEPT},
            "x-form": FORM,
            "x-container": CONTAINER,
            "x-count": {"field": "n", "source": NOWHERE},
        },
    ),
    "bare": ({"id": "plain-brush", "picture": {"folder": "health"}}, {"properties": {"prompt": {}}}),
    "plain": ({"id": "unsigned-brush", "path": "/v1/images/generations/with-url"}, {"properties": {"prompt": {}}}),
}


def sourced(schema: Any) -> Any:
    """A schema with a source at each of its levels."""
    if not isinstance(schema, dict):
        return schema
    inner = {
        name: {key: sourced(value) for key, value in schema[name].items()} for name in ("properties",) if name in schema
    }
    items = {"items": sourced(schema["items"])} if "items" in schema else {}
    branches = {"anyOf": [sourced(branch) for branch in schema["anyOf"]]} if "anyOf" in schema else {}
    return {**schema, **inner, **items, **branches, "x-source": {"*": NOWHERE}}


def written(folder: Path, name: str, model: dict[str, Any], request: dict[str, Any]) -> None:
    place = folder / "acme" / name
    place.mkdir(parents=True)
    picture = {"container": "jpeg", "quality": 90, "digest": "comment", "folder": name, **model.get("picture", {})}
    whole = {
        "title": name.title(),
        "task": "edit" if "x-edit" in request else "draw",
        "status": "current",
        "credits": 10,
        "profiles": {"observed": {"request": "request.json"}},
        "x-source": {},
        **model,
        "picture": picture,
    }
    asked = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["model", "prompt"],
        "x-output-size": [{"as": "fixed", "size": "512x512", "source": NOWHERE}],
        **request,
        "properties": {"model": {"enum": [model["id"]]}, **request["properties"]},
    }
    (place / "model.json").write_text(json.dumps(whole))
    (place / "request.json").write_text(json.dumps(sourced(asked)))


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schemas")
    for name, (model, request) in MODELS.items():
        written(folder, name, model, request)
    return folder


@pytest.fixture
def client(schemas: Path) -> FlaskClient:
    return create_app(Settings(schemas=(schemas,))).test_client()


def ask(to: FlaskClient, model: str, *, path: str = PATH, **fields: Any) -> TestResponse:
    return to.post(path, json={"model": model, "prompt": "a bird", "seed": 3, **fields}, headers=AUTHORISED)


def urls(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["url"] for item in answer.get_json()["data"]]


def downloads(to: FlaskClient, answer: TestResponse) -> list[bytes]:
    return [to.get(url).data for url in urls(answer)]


def inline(answer: TestResponse) -> list[bytes]:
    assert answer.status_code == 200, answer.text
    return [base64.b64decode(item["b64_json"], validate=True) for item in answer.get_json()["data"]]


def places(answer: TestResponse) -> list[str]:
    """Where the errors of a refused request point."""
    assert answer.status_code == 400, answer.text
    return ["".join(f"/{part}" for part in issue["path"]) for issue in answer.get_json()["error"]["data"]]


def journal(to: FlaskClient) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = to.get("/_pixelpact/journal", headers=AUTHORISED).get_json()
    return entries


def as_file(data: bytes) -> dict[str, Any]:
    return {"mimetype": "image/png", "buffer": {"type": "Buffer", "data": list(data)}}


# Several pictures


def test_every_picture_of_an_answer_is_another(client: FlaskClient) -> None:
    pictures = downloads(client, ask(client, BRUSH, num_images=4))

    assert len(pictures) == 4
    pairs = [(one, other) for index, one in enumerate(pictures) for other in pictures[index + 1 :]]
    assert min(difference(*pair) for pair in pairs) > 8
    assert {facts(picture).size for picture in pictures} == {Size(640, 480)}


def test_every_edit_of_an_answer_is_another_edit_of_one_picture(client: FlaskClient) -> None:
    pictures = inline(ask(client, BRUSH, image_url=OTHER, num_images=3, response_format="b64_json"))

    assert len({facts(picture).digest for picture in pictures}) == 3
    assert min(survival(RACCOON, picture).within_16 for picture in pictures) > 0.8


def test_the_pictures_of_an_answer_have_one_seed_and_a_digest_each(client: FlaskClient) -> None:
    answer = ask(client, BRUSH, num_images=3, seed=77)

    assert answer.headers["x-pixelpact-seed"] == "77"
    digests = answer.headers["x-pixelpact-digest"].split(", ")
    assert [read_digest(picture) for picture in downloads(client, answer)] == digests


def test_links_and_base64_bring_the_same_pictures(client: FlaskClient) -> None:
    linked = downloads(client, ask(client, BRUSH, num_images=3))

    assert inline(ask(client, BRUSH, num_images=3, response_format="b64_json")) == linked


def test_the_first_of_several_pictures_is_the_only_one_of_one(client: FlaskClient) -> None:
    several = downloads(client, ask(client, BRUSH, num_images=2))

    assert downloads(client, ask(client, BRUSH)) == several[:1]


def test_credits_are_charged_for_each_picture(client: FlaskClient) -> None:
    answer = ask(client, BRUSH, num_images=4)

    assert answer.headers["x-aimlapi-credits-used"] == "4000"
    assert answer.headers["x-aimlapi-usd-spent"] == "0.002000000"
    assert answer.get_json()["meta"]["usage"] == {"credits_used": 4000, "usd_spent": 0.002}
    ledger = client.get("/_pixelpact/credits", headers=AUTHORISED).get_json()
    assert (ledger["spent"], ledger["pictures"], len(ledger["charges"])) == (4000, 4, 1)


def test_credits_for_three_do_not_buy_four(client: FlaskClient) -> None:
    client.put("/_pixelpact/credits", json={"credits": 3000}, headers=AUTHORISED)

    assert ask(client, BRUSH, num_images=4).status_code == 403
    assert ask(client, BRUSH, num_images=3).status_code == 200


def test_more_than_sixteen_pictures_are_refused_at_their_field(client: FlaskClient) -> None:
    assert ask(client, BRUSH, num_images=16, image_size="square").status_code == 200

    assert places(ask(client, BRUSH, num_images=17)) == ["/num_images"]


def test_an_answer_of_many_pictures_is_in_memory_once(client: FlaskClient) -> None:
    mock = mock_of(client.application)
    body = {"model": BRUSH, "prompt": "a bird", "image_url": OTHER, "num_images": 16, "response_format": "b64_json"}
    call = Call(
        "POST",
        PATH,
        {"authorization": "Bearer k", "content-type": "application/json"},
        json.dumps(body).encode(),
        "http://a",
    )

    tracemalloc.start()
    answer = mock.endpoint.answer(call)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    picture = len(answer.body) / 16
    assert picture > 500_000
    assert peak < len(answer.body) * 1.15 + 6 * picture


def test_the_journal_tells_of_every_picture(client: FlaskClient) -> None:
    answer = ask(client, BRUSH, num_images=3)
    data = inline(ask(client, BRUSH, num_images=3, response_format="b64_json"))

    linked, brought = (entry["facts"] for entry in journal(client))
    assert linked["links"] == [urlsplit(url).path for url in urls(answer)]
    assert [told["bytes"] for told in brought["pictures"]] == [len(picture) for picture in data]
    assert (linked["count"], linked["charged"], brought["picture"]) == (3, 3000, brought["pictures"][0])


def test_the_journal_gives_every_picture(client: FlaskClient) -> None:
    pictures = downloads(client, ask(client, BRUSH, num_images=3))

    log = mock_of(client.application).tenants.admit({"authorization": "Bearer test-key"}).journal
    call, *fetched = log
    assert [picture.bytes for picture in log.pictures(call)] == pictures
    assert [log.picture(entry).bytes for entry in fetched] == pictures
    log.assert_downloaded(1, index=2, container="png")


def test_a_link_of_several_that_was_tampered_with_is_a_call_of_its_client(client: FlaskClient) -> None:
    *_, last = urls(ask(client, BRUSH, num_images=3))
    client.get(last.replace("X-Tos-Signature=", "X-Tos-Signature=0"))

    assert journal(client)[-1]["facts"]["kind"] == "tampered"


def test_the_thumbnail_of_a_call_is_that_of_its_first_picture(client: FlaskClient) -> None:
    request_id = ask(client, BRUSH, num_images=2, output_format="tif").headers["x-request-id"]

    small = client.get(f"/_pixelpact/journal/{request_id}/thumbnail", headers=AUTHORISED)
    assert (small.content_type, facts(small.data).size) == ("image/jpeg", Size(256, 192))


def test_pictures_that_nobody_fetched_are_counted_one_by_one(client: FlaskClient) -> None:
    first, *_ = urls(ask(client, BRUSH, num_images=4))
    client.get(first)

    verdicts = client.get("/_pixelpact/verdicts", headers=AUTHORISED).get_json()
    (left,) = [found for found in verdicts if found["code"] == "never-downloaded"]
    assert left["says"].startswith("paid for 3 pictures and never asked for it: 3,000 credits")


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e999", "-1e999", "0.5", "null", '"x"', "[]", "true"])
def test_a_seed_and_a_guidance_that_no_schema_holds_do_no_harm(client: FlaskClient, number: str) -> None:
    body = f'{{"model": "plain-brush", "prompt": "x", "seed": {number}, "guidance_scale": {number}}}'

    answer = client.post(PATH, data=body, content_type="application/json", headers=AUTHORISED)
    assert facts(*downloads(client, answer)).decodable


# Containers


@pytest.mark.parametrize(("asked", "container"), [*((name, name) for name in CONTAINERS[:3]), ("tif", "tiff")])
def test_a_picture_comes_in_the_container_that_was_asked_for(client: FlaskClient, asked: str, container: str) -> None:
    answer = ask(client, BRUSH, output_format=asked)
    (url,) = urls(answer)
    download = client.get(url)

    assert (urlsplit(url).path.rpartition(".")[2], download.content_type) == (container, f"image/{container}")
    assert facts(download.data).container == container
    assert read_digest(download.data) == answer.headers["x-pixelpact-digest"]


def test_a_container_by_default_is_that_of_the_field_or_else_of_the_model(client: FlaskClient) -> None:
    assert facts(*downloads(client, ask(client, BRUSH))).container == "png"
    assert facts(*downloads(client, ask(client, MERGE, image_urls=URI))).container == "webp"


def test_pictures_of_two_containers_have_two_etags(client: FlaskClient) -> None:
    (one,), (other,) = (urls(ask(client, BRUSH, output_format=name)) for name in ("png", "webp"))

    assert client.get(one).headers["ETag"] != client.get(other).headers["ETag"]


def test_a_side_that_no_webp_can_have_is_refused_at_its_field(client: FlaskClient) -> None:
    size = {"width": 16384, "height": 16}
    assert places(ask(client, BRUSH, output_format="webp", image_size=size)) == ["/image_size"]

    assert facts(*downloads(client, ask(client, BRUSH, output_format="png", image_size=size))).size == Size(16384, 16)


def test_a_picture_of_more_pixels_than_are_safe_is_refused(client: FlaskClient) -> None:
    assert places(ask(client, BRUSH, image_size={"width": 8000, "height": 8000})) == ["/image_size"]


# Pictures that are sent


def test_without_a_picture_a_model_that_edits_draws(client: FlaskClient) -> None:
    (drawn,) = downloads(client, ask(client, BRUSH))
    (edited,) = downloads(client, ask(client, BRUSH, image_url=OTHER))

    assert survival(RACCOON, edited).within_16 > 0.8
    assert survival(RACCOON, drawn).within_16 < 0.4


def test_the_first_picture_of_an_array_is_edited_and_the_rest_are_laid_on_it(client: FlaskClient) -> None:
    (alone,) = downloads(client, ask(client, MERGE, image_urls=[OTHER]))
    (both,) = downloads(client, ask(client, MERGE, image_urls=[OTHER, URI]))
    (other,) = downloads(client, ask(client, MERGE, image_urls=[OTHER, OTHER]))

    assert facts(alone).size == facts(both).size == Size(591, 443)
    assert min(survival(RACCOON, picture).within_16 for picture in (alone, both, other)) > 0.75
    # In the corner where prints are laid.
    assert min(survival(alone, both).strongest, survival(both, other).strongest) > 30


def test_a_picture_of_another_field_is_laid_on_the_first(client: FlaskClient) -> None:
    (alone,) = downloads(client, ask(client, MERGE, image_urls=OTHER))
    (styled,) = downloads(client, ask(client, MERGE, image_urls=OTHER, style_image=URI))

    assert survival(alone, styled).strongest > 30


def test_the_link_of_an_answer_can_be_handed_on_in_an_array(client: FlaskClient) -> None:
    first = urls(ask(client, BRUSH, num_images=2, image_size="square"))

    (merged,) = downloads(client, ask(client, MERGE, image_urls=first))

    assert survival(client.get(first[0]).data, merged).within_16 > 0.75


@pytest.mark.parametrize(
    ("images", "place"),
    [
        (URI[:-40], "/image_urls"),
        ([URI, URI[:-40]], "/image_urls/1"),
        ([URI, "data:image/png;base64,AAAA"], "/image_urls/1"),
        ([URI, "ftp://a/b"], "/image_urls/1"),
        ([URI] * 33, "/image_urls"),
    ],
)
def test_an_error_points_at_the_picture_that_is_wrong(client: FlaskClient, images: Any, place: str) -> None:
    assert places(ask(client, MERGE, image_urls=images)) == [place]


def test_each_picture_is_held_to_the_rule_of_its_own_branch(client: FlaskClient) -> None:
    tiny = f"data:image/png;base64,{base64.b64encode(sample(Size(20, 20))).decode()}"

    assert ask(client, MERGE, image_urls=[tiny]).status_code == 200
    assert places(ask(client, MERGE, image_urls=tiny)) == ["/image_urls"]


@pytest.mark.parametrize(("said", "most"), [({}, 36_000_000), ({"maxPixels": 9}, 9), ({"maxPixels": 10**12}, 2**26)])
def test_whatever_a_rule_says_the_pixels_of_an_input_fit_into_memory(said: dict[str, int], most: int) -> None:
    assert limits({**PICTURE, **said}).max_pixels == most


# Paths and names


@pytest.mark.parametrize("path", [EDITS, "/images/edits", f"{EDITS}/", "/images/edits/"])
def test_a_path_is_served_in_each_spelling(client: FlaskClient, path: str) -> None:
    answer = ask(client, GPT, path=path, image=as_file(PNG))

    assert answer.headers["x-aimlapi-credits-used"] == "80"


@pytest.mark.parametrize("path", ["/v1/images/generations/with-url", "/images/generations/with-url"])
def test_a_model_may_have_a_path_of_its_own(client: FlaskClient, path: str) -> None:
    assert ask(client, "unsigned-brush", path=path).status_code == 200
    assert places(ask(client, "unsigned-brush")) == ["/model"]


def test_a_path_that_no_model_has_is_404_in_the_envelope(client: FlaskClient) -> None:
    answer = ask(client, GPT, path="/v1/images/variations")

    assert (answer.status_code, answer.get_json()["path"]) == (404, "/v1/images/variations")


def test_one_id_at_two_paths_is_two_models(client: FlaskClient) -> None:
    drawn = ask(client, GPT)
    edited = ask(client, GPT, path=EDITS, image=as_file(RACCOON))

    assert [answer.headers["x-aimlapi-credits-used"] for answer in (drawn, edited)] == ["50", "80"]
    assert facts(*downloads(client, drawn)).size == Size(256, 256)
    assert survival(RACCOON, downloads(client, edited)[0]).within_16 > 0.75
    assert {entry["facts"]["model"] for entry in journal(client)} == {GPT}


def test_the_list_shows_each_id_once_with_its_paths(client: FlaskClient) -> None:
    shown = {model["id"]: model for model in client.get("/v1/models").get_json()["data"]}

    assert len(shown) == len(client.get("/health").get_json()["models"])
    assert sorted(shown[GPT]["endpoints"]) == [EDITS, PATH]
    assert (shown["unsigned-brush"]["info"]["developer"], shown[BRUSH]["info"]["developer"]) == ("", "acme")


def test_a_model_is_removed_from_one_path_by_its_key(schemas: Path) -> None:
    beginning = Beginning(removed=(f"{GPT}@edits",), deprecated=(GPT,))
    client = create_app(Settings(schemas=(schemas,), beginning=beginning)).test_client()
    drawn, gone = ask(client, GPT), ask(client, GPT, path=EDITS, image=as_file(PNG))

    assert (drawn.status_code, gone.status_code) == (200, 404)
    assert "Deprecation" in drawn.headers
    assert "@" not in gone.get_json()["message"]
    shown = client.get("/v1/models", headers=AUTHORISED).get_json()["data"]
    assert [model["endpoints"] for model in shown if model["id"] == GPT] == [[PATH]]


def test_a_price_is_that_of_a_key(client: FlaskClient) -> None:
    client.put("/_pixelpact/credits", json={"pictures": 2, "model": f"{GPT}@edits"}, headers=AUTHORISED)

    assert client.get("/_pixelpact/credits", headers=AUTHORISED).get_json()["balance"] == 160


def test_a_folder_cannot_hide_a_path_of_the_api(client: FlaskClient) -> None:
    (url,) = urls(ask(client, MERGE, image_urls=URI))

    assert urlsplit(url).path.startswith("/pictures/")
    assert client.get(url).content_type == "image/webp"
    assert client.get("/v1/models").status_code == 200
    assert client.get("/v1/nothing").content_type == "application/json"


def test_pictures_of_all_folders_take_one_route(client: FlaskClient) -> None:
    rules = [rule.rule for rule in client.application.url_map.iter_rules()]

    assert sum("<name>" in rule for rule in rules) == 1


# Forms


@pytest.fixture
def sdk(client: FlaskClient) -> Iterator[openai.OpenAI]:
    with (
        Server(client.application) as server,
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="test-key", max_retries=0) as made,
    ):
        yield made


def test_openais_client_edits_a_picture(sdk: openai.OpenAI, client: FlaskClient) -> None:
    made = sdk.images.edit(model=GPT, image=io.BytesIO(RACCOON), prompt="Add a bird", n=2, size="512x768")

    assert made.data is not None
    pictures = [
        client.get(str(item.url), base_url=f"http://{urlsplit(str(item.url)).netloc}").data for item in made.data
    ]
    assert [(facts(picture).container, facts(picture).size) for picture in pictures] == [("png", Size(512, 768))] * 2
    assert min(survival(RACCOON, picture).within_16 for picture in pictures) > 0.75
    assert journal(client)[0]["facts"]["body"]["n"] == 2


def test_openais_client_sends_several_pictures_and_a_mask(sdk: openai.OpenAI, client: FlaskClient) -> None:
    several: Any = [("a.jpeg", RACCOON, "image/jpeg"), ("b.png", PNG, "image/png")]
    made = sdk.images.edit(model=GPT, image=several, prompt="x", mask=("m.png", PNG), response_format="b64_json")

    assert made.data is not None
    assert survival(RACCOON, base64.b64decode(str(made.data[0].b64_json))).within_16 > 0.75
    body = journal(client)[0]["facts"]["body"]
    assert [(file["originalname"], file["size"]) for file in body["image"]] == [
        ("a.jpeg", len(RACCOON)),
        ("b.png", len(PNG)),
    ]
    assert body["mask"]["buffer"]["data"]["picture"] == "image/png"


def test_a_mask_counts_in_the_digest_and_does_not_show(client: FlaskClient) -> None:
    asked = {"image": as_file(RACCOON), "response_format": "b64_json"}
    bare, masked = (ask(client, GPT, path=EDITS, **asked, **mask) for mask in ({}, {"mask": as_file(PNG)}))
    (plain,), (other,) = inline(bare), inline(masked)
    assert read_digest(plain) != read_digest(other)
    assert difference(plain, other) == 0


def test_an_edit_with_a_mask_can_be_downloaded(client: FlaskClient) -> None:
    answer = ask(client, GPT, path=EDITS, image=as_file(RACCOON), mask=as_file(PNG))
    (data,) = downloads(client, answer)
    assert read_digest(data) == answer.headers["x-pixelpact-digest"]


def test_openais_client_learns_which_file_is_none(sdk: openai.OpenAI) -> None:
    files: Any = [("a.png", PNG), ("b.png", b"no picture")]
    with pytest.raises(openai.BadRequestError, match=r"image\.1"):
        sdk.images.edit(model=GPT, image=files, prompt="x")


def form(to: FlaskClient, path: str = EDITS, **fields: Any) -> TestResponse:
    given = {"model": GPT, "prompt": "a bird", "image": (io.BytesIO(PNG), "a.png"), **fields}
    return to.post(path, data={name: value for name, value in given.items() if value is not None}, headers=AUTHORISED)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ({"n": "2"}, 2),
        ({"n": "two"}, "two"),
        ({"hd": "true"}, True),
        ({"hd": "yes"}, "yes"),
        ({"prompt": "12"}, "12"),
        ({"unknown": "1"}, "1"),
        ({"code": "12"}, "12"),
        ({"levels": "[1, 2]"}, [1, 2]),
        ({"levels[]": "3"}, [3]),
        ({"box": '{"a": 1}'}, {"a": 1}),
    ],
)
def test_a_text_is_read_as_the_schema_has_it(client: FlaskClient, text: dict[str, str], value: object) -> None:
    form(client, **text)

    (name,) = text
    assert journal(client)[0]["facts"]["body"][name.removesuffix("[]")] == value


def test_a_form_and_json_with_the_same_file_bring_the_same_picture(client: FlaskClient) -> None:
    asked: dict[str, Any] = {"seed": None, "response_format": "b64_json"}
    one, other = form(client, **asked), ask(client, GPT, path=EDITS, image=as_file(PNG), **asked)

    assert [answer.status_code for answer in (one, other)] == [200, 200]
    assert facts(*inline(one)).size == facts(*inline(other)).size


def test_an_array_of_one_file_is_an_array(client: FlaskClient) -> None:
    sent: dict[str, Any] = {"image": None, "image[]": (io.BytesIO(b"none"), "a.png")}
    answer = form(client, **sent)

    assert places(answer) == ["/image/0"]


def test_a_form_without_its_file_is_refused_at_the_field(client: FlaskClient) -> None:
    assert places(form(client, image=None, unused=(io.BytesIO(b""), "x"))) == ["/image"]


@pytest.mark.parametrize(("model", "place"), [(None, "/model"), ("openai/none", "/model")])
def test_a_form_of_no_model_is_refused_at_the_model(client: FlaskClient, model: str | None, place: str) -> None:
    assert places(form(client, model=model)) == [place]


def test_a_form_is_an_unsupported_type_where_no_file_is_taken(client: FlaskClient) -> None:
    assert form(client, PATH).status_code == 415
    assert form(client, PATH, model="acme/none").status_code == 415


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"),
        ("multipart/form-data; boundary=\xe9", b"--x--"),
    ],
)
def test_a_broken_form_is_a_bad_request(client: FlaskClient, kind: str, body: bytes) -> None:
    answer = client.post(EDITS, data=body, content_type=kind, headers=AUTHORISED)

    assert answer.status_code == 400, answer.text


def test_a_form_of_too_many_parts_is_a_bad_request(client: FlaskClient) -> None:
    answer = client.post(EDITS, data={"x": ["1"] * 1001, "f": (io.BytesIO(b""), "f")}, headers=AUTHORISED)

    assert answer.status_code == 400


def test_a_form_is_no_larger_than_a_body_may_be(schemas: Path) -> None:
    client = create_app(Settings(schemas=(schemas,), body_limit=4000)).test_client()

    assert form(client, image=(io.BytesIO(b"a" * 5000), "a.png")).status_code == 413


def test_nobody_goes_through_the_bytes_of_a_file_one_by_one() -> None:
    data = packed({"model": GPT, "image": [as_file(PNG)]})["image"][0]["buffer"]["data"]

    assert (len(data), bytes(data)) == (0, PNG)


@pytest.mark.parametrize("numbers", [[256], [-1], ["a"], [1.5], [[1]]])
def test_what_are_no_bytes_are_refused_at_their_field(client: FlaskClient, numbers: list[Any]) -> None:
    file = {"mimetype": "image/png", "buffer": {"type": "Buffer", "data": numbers}}

    assert "/image" in places(ask(client, GPT, path=EDITS, image=file))


# What is kept


@pytest.mark.parametrize(
    "image",
    [[URI, OTHER], [URI, URI[:-40]], [URI.partition(",")[2]], {"nested": [URI]}, [[URI]], URI[:200]],
    ids=["array", "broken", "bare", "object", "deep", "cut"],
)
def test_no_picture_of_an_array_is_kept(client: FlaskClient, image: Any, caplog: pytest.LogCaptureFixture) -> None:
    ask(client, MERGE, image_urls=image)

    kept = json.dumps(journal(client)) + caplog.text
    assert URI.partition(",")[2][:40] not in kept
    assert journal(client)[0]["path"] == PATH


@pytest.mark.parametrize("data", [PNG, PNG[:40], b"", RACCOON[:3000]], ids=["picture", "short", "empty", "broken"])
def test_no_byte_of_a_file_is_kept(client: FlaskClient, data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    ask(client, GPT, path=EDITS, image=as_file(data))
    form(client, image=(io.BytesIO(data), "a.png"), mask=(io.BytesIO(PNG), "m.png"))

    kept = json.dumps(journal(client)) + caplog.text
    assert re.search(r"\d+, \d+, \d+", kept) is None
    sizes = [entry["facts"]["body"]["image"]["buffer"]["data"]["bytes"] for entry in journal(client)]
    assert sizes == [len(data)] * 2


def test_a_loose_list_of_bytes_is_not_kept(client: FlaskClient) -> None:
    ask(client, BRUSH, loose={"anywhere": list(PNG)})

    assert journal(client)[0]["facts"]["body"]["loose"]["anywhere"]["picture"] == "image/png"


def test_equal_files_in_a_form_and_in_json_are_the_same_thing(client: FlaskClient) -> None:
    file = {**as_file(PNG), "fieldname": "image", "originalname": "a.png", "encoding": "7bit", "size": len(PNG)}
    form(client)
    client.post(EDITS, json={"model": GPT, "prompt": "a bird", "image": file}, headers=AUTHORISED)

    one, other = (entry["facts"]["fingerprint"] for entry in journal(client))
    assert one == other
