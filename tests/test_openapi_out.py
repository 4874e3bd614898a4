"""The OpenAPI document of what is served: valid, complete, true of the mock, and importable again without loss."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from pixelpact.contract import wording
from pixelpact.contract.contract import Contract, load, load_all
from pixelpact.contract.keywords import Dialect
from pixelpact.contract.models import Model
from pixelpact.contract.openapi import document
from pixelpact.contract.published import ANSWER, COMPONENTS, MODEL, SOURCES, models_of, published, restored
from pixelpact.errors import SchemaError
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings
from pixelpact.sources.importing.importer import Wanted, run
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
GENERATIONS = "/v1/images/generations"
KEY = {"Authorization": "Bearer test-key"}
PROFILES = list(load_all())
STATUSES = {"400", "401", "403", "404", "413", "415", "429", "500", "502", "503", "504"}
NO_SOURCE = {"x-source": {"*": "no-evidence"}}
# One picture of each kind that a field can hold, and how several come.
FILE = {"type": "object", "x-image": {"forms": ["file"], "formats": ["png"], "maxBytes": 4000}, **NO_SOURCE}
RETOUCH: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["model", "prompt", "image"],
    "properties": {
        "model": {"type": "string", "enum": ["acme/retouch"], **NO_SOURCE},
        "prompt": {"type": "string", "maxLength": 10, **NO_SOURCE},
        "image": {"anyOf": [FILE, {"type": "array", "items": FILE, "maxItems": 3}], **NO_SOURCE},
        "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 4, "default": 1, **NO_SOURCE},
        "format": {"type": "string", "enum": ["png", "jpg"], **NO_SOURCE},
        "image_size": {
            "type": "object",
            "required": ["width", "height"],
            "properties": {
                "width": {"type": "integer", "exclusiveMinimum": 63, **NO_SOURCE},
                "height": {"type": "integer", "exclusiveMinimum": 63, **NO_SOURCE},
            },
            **NO_SOURCE,
        },
    },
    "x-output-size": [
        {"field": "image_size", "as": "object", "width": "width", "height": "height", "source": "no-evidence"},
        {"field": "image", "as": "input", "maxArea": 90000, "source": "no-evidence"},
        {"as": "fixed", "size": "64x64", "source": "no-evidence"},
    ],
    "x-count": {"field": "n", "source": "no-evidence"},
    "x-container": {"field": "format", "cases": [["png", "png"], ["jpg", "jpeg"]], "source": "no-evidence"},
    "x-edit": {"input": "image", "block": 32, "within": 8, "kept": 0.75, "changed": 40},
    **NO_SOURCE,
}


def put(place: Path, request: dict[str, Any], **fields: Any) -> None:
    """One more model in a folder of its own."""
    model = {
        "id": "acme/retouch",
        "title": "Retouch",
        "task": "edit",
        "status": "current",
        "credits": 5,
        "picture": {"container": "png", "quality": 90, "digest": "artist", "folder": "retouch"},
        "profiles": {"observed": {"request": "request.json"}},
        "x-source": {"credits": "no-evidence"},
        **fields,
    }
    place.mkdir(parents=True)
    (place / "model.json").write_text(json.dumps(model))
    (place / "request.json").write_text(json.dumps(request))


@pytest.fixture(scope="session")
def further(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one more model, served at two paths."""
    folder = tmp_path_factory.mktemp("schemas")
    put(folder / "edits", RETOUCH, path="/v1/images/edits")
    later = {"observed": {"request": "request.json", "status": 201}}
    put(folder / "generations", RETOUCH, path=GENERATIONS, status="removed", profiles=later)
    return folder


@cache
def of(profile: str, *folders: Path, mock: bool = False) -> dict[str, Any]:
    return document(load(*folders, profile=profile), mock=mock)


@pytest.fixture(params=[*PROFILES, "further"])
def contract(request: pytest.FixtureRequest, further: Path) -> Contract:
    return load(further) if request.param == "further" else load(profile=request.param)


@pytest.fixture
def made(contract: Contract) -> dict[str, Any]:
    return document(contract)


def walk(node: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document with its pointer."""
    if isinstance(node, dict):
        yield pointer, node
    for key, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from walk(inner, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")


def at(made: Any, pointer: str) -> Any:
    for part in pointer.removeprefix("#").split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        made = made[int(part)] if isinstance(made, list) else made[part]
    return made


def resolved(made: dict[str, Any], node: Mapping[str, Any]) -> Any:
    return at(made, node["$ref"]) if "$ref" in node else node


def errors(made: dict[str, Any], schema: Mapping[str, Any], value: Any) -> list[str]:
    """Why a value is none of a schema of the document, by plain JSON Schema."""
    registry: Registry[Any] = Registry().with_resource("urn:document", DRAFT202012.create_resource(made))
    absolute = json.loads(json.dumps(schema).replace('"$ref": "#', '"$ref": "urn:document#'))
    return [error.message for error in Draft202012Validator(absolute, registry=registry).iter_errors(value)]


# Valid, and usable by others


@pytest.mark.parametrize("mock", [False, True], ids=["api", "mock"])
def test_it_is_valid_openapi(contract: Contract, mock: bool) -> None:
    OpenAPIV31SpecValidator(document(contract, mock=mock)).validate()


def test_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    references = [node["$ref"] for _, node in walk(made) if isinstance(node.get("$ref"), str)]

    assert len(references) > 20
    assert all(at(made, reference) is not None for reference in references)


def test_no_two_operations_have_one_id(further: Path) -> None:
    ids = [node["operationId"] for _, node in walk(of("observed", further)["paths"]) if "operationId" in node]

    assert len(ids) == len(set(ids))
    assert {"createImagesGenerations", "createImagesEdits", "listModels", "downloadPicture"} <= set(ids)


def test_every_example_and_default_of_a_schema_is_valid_under_it(made: dict[str, Any]) -> None:
    tried = 0
    for pointer, node in walk(made["components"]["schemas"]):
        if "/x-" in pointer:
            continue
        given = node["examples"] if isinstance(node.get("examples"), list) else []
        for value in [*given, *([node["default"]] if isinstance(node.get("default"), (str, int, float)) else [])]:
            assert errors(made, node, value) == [], pointer
            tried += 1

    assert tried


def test_every_example_of_a_request_is_taken(contract: Contract, made: dict[str, Any]) -> None:
    for path, item in made["paths"].items():
        if "post" not in item:
            continue
        content = item["post"]["requestBody"]["content"]["application/json"]
        keys = [model.key for model in contract.models.values() if model.path == path]
        assert list(content["examples"]) == keys
        for key, example in content["examples"].items():
            assert errors(made, content["schema"], example["value"]) == [], key
            contract.models[key].check(example["value"])


def test_every_example_of_a_request_is_answered_by_the_mock(further: Path) -> None:
    client = create_app(Settings(schemas=(further,))).test_client()
    made = client.get("/openapi.json").get_json()

    for path, item in made["paths"].items():
        content = item.get("post", {}).get("requestBody", {}).get("content", {})
        for key, example in content.get("application/json", {}).get("examples", {}).items():
            answer = client.post(path, json=example["value"], headers=KEY)
            assert answer.status_code in (200, 201), (key, answer.json)
            holds(made, path, answer)


def test_no_two_schemas_have_one_title(further: Path) -> None:
    titles = [schema["title"] for schema in of("observed", further)["components"]["schemas"].values()]

    assert sorted(set(titles)) == sorted(titles)


def test_every_example_of_an_answer_is_valid(made: dict[str, Any]) -> None:
    tried = 0
    for _, node in walk(made["paths"]):
        for response in (resolved(made, each) for each in node.get("responses", {}).values()):
            for part in response.get("content", {}).values():
                for example in part.get("examples", {}).values():
                    assert errors(made, part["schema"], example["value"]) == []
                    tried += 1

    assert tried > 10


def test_every_response_says_what_it_is(made: dict[str, Any]) -> None:
    responses = [resolved(made, each) for _, node in walk(made["paths"]) for each in node.get("responses", {}).values()]

    assert responses
    assert all(response["description"].endswith(".") for response in responses)


def test_it_is_the_same_each_time(contract: Contract) -> None:
    assert json.dumps(document(contract)) == json.dumps(document(contract))


# Complete


def test_every_generation_needs_a_key(made: dict[str, Any]) -> None:
    assert made["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert all(item["post"]["security"] == [{"bearer": []}] for item in made["paths"].values() if "post" in item)


def test_every_model_has_its_path(contract: Contract, made: dict[str, Any]) -> None:
    assert set(contract.paths) == {path for path, item in made["paths"].items() if "post" in item}
    assert [schema[MODEL]["id"] for schema in made["components"]["schemas"].values() if MODEL in schema] == [
        model.id for model in contract.models.values()
    ]


def test_models_of_one_path_are_told_apart_by_their_id(contract: Contract, made: dict[str, Any]) -> None:
    schema = made["paths"][GENERATIONS]["post"]["requestBody"]["content"]["application/json"]["schema"]
    here = [model for model in contract.models.values() if model.path == GENERATIONS]
    references = [branch["$ref"] for branch in schema["oneOf"]] if len(here) > 1 else [schema["$ref"]]
    mapping = schema["discriminator"]["mapping"] if len(here) > 1 else {here[0].id: references[0]}

    assert list(mapping) == [model.id for model in here]
    assert list(mapping.values()) == references
    assert all(at(made, mapping[model.id])[MODEL]["id"] == model.id for model in here)


def test_the_only_model_of_a_path_needs_no_choice(further: Path) -> None:
    contract = load(further)
    (only,) = [model for model in contract.models.values() if model.key == "acme/retouch@edits"]

    content = document(contract, models=[only])["paths"]["/v1/images/edits"]["post"]["requestBody"]["content"]

    assert content["application/json"]["schema"] == {"$ref": f"{COMPONENTS}acme_retouch-edits"}


def test_every_error_is_told_with_its_schema(made: dict[str, Any]) -> None:
    responses = made["paths"][GENERATIONS]["post"]["responses"]
    failed = {status: resolved(made, each) for status, each in responses.items() if status[0] in "45"}

    assert set(failed) == STATUSES
    assert all(
        each["content"]["application/json"]["schema"] == {"$ref": f"{COMPONENTS}error"} for each in failed.values()
    )
    assert [status for status, each in failed.items() if "Retry-After" in each["headers"]] == ["429"]


def test_headers_of_the_mock_are_told_of_the_mock_alone() -> None:
    headers = {
        mock: set(of("observed", mock=mock)["paths"][GENERATIONS]["post"]["responses"]["200"]["headers"])
        for mock in (True, False)
    }

    assert headers[True] - headers[False] == {"x-pixelpact-seed", "x-pixelpact-digest"}
    assert {"x-request-id", "x-inference-id", "x-aimlapi-credits-used", "x-aimlapi-usd-spent"} <= headers[False]


def test_an_answer_is_shown_in_every_form(contract: Contract, made: dict[str, Any]) -> None:
    model = contract.models[DREAM]
    examples = made["paths"][GENERATIONS]["post"]["responses"][str(model.success)]["content"]["application/json"][
        "examples"
    ]

    assert {name.rpartition("-")[2] for name in examples} >= set(model.forms)


def test_models_of_another_status_have_their_own_response(further: Path) -> None:
    made = of("observed", further)

    assert {"200", "201"} <= set(made["paths"][GENERATIONS]["post"]["responses"])


def test_a_rule_is_told_in_words_and_as_a_pattern_too() -> None:
    size = of("observed")["components"]["schemas"]["bytedance_seedream-3-0"]["properties"]["size"]

    assert size["x-size"] == {"minArea": 262144, "maxArea": 4194304}
    assert size["description"].endswith("such as 1024x1024: an area of 262,144 to 4,194,304 pixels.")
    assert size["pattern"] == "^[1-9][0-9]*x[1-9][0-9]*$"


def test_every_rule_of_ours_is_told_in_words(made: dict[str, Any]) -> None:
    ours = {"x-size", "x-image", "x-output-size", "x-count", "x-form", "x-container", "x-edit", "x-artefact"}
    ruled = [
        node
        for pointer, node in walk(made["components"]["schemas"])
        if ours & node.keys() and not pointer.endswith("/x-source")
    ]

    assert ruled
    assert all("description" in node["x-pixelpact-own"] for node in ruled)


def test_every_keyword_and_every_way_to_a_size_has_words() -> None:
    vocabulary = load().documents.by_path["vocabulary.json"]
    ours = {name for name in vocabulary["properties"] if name.startswith("x-")} - {"x-value", "x-source"}
    ways = {
        rule["properties"]["as"]["const"] for rule in vocabulary["$defs"].values() if "as" in rule.get("properties", {})
    }

    assert set(wording.SAID) == ours
    assert set(wording.WAYS) == ways


def test_every_source_named_is_at_hand(made: dict[str, Any]) -> None:
    def names(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        return [name for inner in (value.values() if isinstance(value, dict) else value) for name in names(inner)]

    named = {name for _, node in walk(made) if "x-source" in node for name in names(node["x-source"])}

    assert named
    assert named <= set(made[SOURCES])


def test_a_model_on_its_way_out_is_marked(further: Path) -> None:
    schemas = of("observed", further)["components"]["schemas"]

    assert [name for name in ("acme_retouch", "acme_retouch-edits") if schemas[name].get("deprecated")] == [
        "acme_retouch"
    ]


def test_a_file_to_upload_is_told_as_a_form(further: Path) -> None:
    contract = load(further)
    made = document(contract, models=contract.chosen())

    content = made["paths"]["/v1/images/edits"]["post"]["requestBody"]["content"]
    form = resolved(made, content["multipart/form-data"]["schema"])

    several = form["properties"]["image"]
    assert (several["type"], several["minItems"], several["maxItems"]) == ("array", 1, 3)
    assert several["items"]["format"] == "binary"
    assert content["multipart/form-data"]["encoding"]["image"] == {"contentType": "image/png"}
    assert form["required"] == ["model", "prompt", "image"]
    assert not any(key.startswith("x-") for _, node in walk(form) for key in node)


# Never stricter than the contract


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ({"x-size": {"minArea": 1}}, "1x1"),
        ({"x-size": {"minArea": 1}}, "1024x768"),
        *(
            ({"x-image": {"forms": ["data-uri", "base64", "url"], "formats": ["jpeg"], "tolerated": ["webp"]}}, value)
            for value in (
                "data:image/jpeg;base64,AAAA",
                "data:image/jpg;base64,AA==",
                "data:image/webp;base64,AAA=",
                "AAAA+/==",
                "AAAAAAA=",
                "http://example.com/a.png",
                "HTTPS://example.com:8080/ä.png?x=1#y",
                "https://user@[::1]/",
            )
        ),
    ],
)
def test_what_the_contract_takes_is_taken_by_the_plain_schema(rule: dict[str, Any], value: str) -> None:
    schema = {"type": "string", **rule}

    assert list(Dialect(schema).iter_errors(value)) == []
    assert list(Draft202012Validator(published(schema)).iter_errors(value)) == []


@pytest.mark.parametrize("value", ["", "1024X768", "01x1", "1024*768", "x", "1024x768px"])
def test_what_is_no_size_is_refused_by_the_plain_schema(value: str) -> None:
    assert list(Draft202012Validator(published({"x-size": {}})).iter_errors(value))


@pytest.mark.parametrize(
    "value",
    ["", "0", "data:image/gif;base64,AAAA", "data:image/jpg;base64,0", "ftp://a.com/a.png", "a b"],
)
def test_what_is_no_picture_is_refused_by_the_plain_schema(value: str) -> None:
    rule = {"x-image": {"forms": ["data-uri", "base64", "url"], "formats": ["jpeg"]}}

    assert list(Draft202012Validator(published(rule)).iter_errors(value))


# And back


def bare(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema without what a file has around it."""
    return {key: value for key, value in schema.items() if key not in ("$schema", "$defs")}


def test_what_is_published_can_be_restored(contract: Contract) -> None:
    for model in contract.models.values():
        for schema in (model.request, model.answer):
            assert restored(published(schema)) == bare(schema)


def test_a_description_or_pattern_of_our_own_is_restored() -> None:
    schemas: tuple[dict[str, Any], ...] = (
        {"x-size": {}, "description": "Mine.", "pattern": "^[0-9]+x[0-9]+$"},
        {"x-size": {}, "default": None},
        {"type": "array"},
        {"type": ["array", "null"], "items": {}},
        {"x-size": {}, "pattern": "^[1-9][0-9]*x[1-9][0-9]*$"},
    )

    assert [restored(published(schema)) for schema in schemas] == list(schemas)


def test_its_models_are_read_back_as_they_were(contract: Contract, made: dict[str, Any]) -> None:
    given = list(models_of(json.loads(json.dumps(made))))

    assert [(each.request, each.answer, each.status, each.profile) for each in given] == [
        (bare(model.request), bare(model.answer), model.success, contract.profile) for model in contract.models.values()
    ]


def test_a_document_of_another_maker_has_no_models_of_ours() -> None:
    assert list(models_of({"openapi": "3.1.0", "components": {"schemas": {"a": {"type": "object"}}}})) == []


@pytest.mark.parametrize("answer", [None, {}, {"status": 200}, {"status": "x", "schema": {"$ref": f"{COMPONENTS}a"}}])
def test_a_model_without_its_answer_is_refused(answer: Any) -> None:
    request = {MODEL: {"id": "a"}, **({} if answer is None else {ANSWER: answer})}

    with pytest.raises(SchemaError, match="no status and schema of the answer"):
        list(models_of({"components": {"schemas": {"a": request}}}))


# True of the mock


@pytest.fixture(scope="session")
def client() -> Any:
    return create_app(Settings()).test_client()


def holds(made: dict[str, Any], path: str, answer: TestResponse) -> None:
    """The document says that answer: status, headers and body."""
    method = answer.request.method.lower()
    response = resolved(made, made["paths"][path][method]["responses"][str(answer.status_code)])
    ours = {
        name.lower() for name, _ in answer.headers.items() if name.lower().startswith("x-") or name == "Retry-After"
    }
    schema = response["content"]["application/json"]["schema"]

    assert ours <= {name.lower() for name in response["headers"]} | {"x-client-request-id"}
    assert errors(made, schema, answer.get_json()) == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("form", ["url", "b64_json"])
def test_an_answer_of_the_mock_is_as_documented(profile: str, form: str) -> None:
    client = create_app(Settings(profile=profile)).test_client()
    body = {"model": DREAM, "prompt": "x", "response_format": form, "size": "512x512"}

    answer = client.post(GENERATIONS, json=body, headers={**KEY, "x-client-request-id": "a"})

    holds(client.get("/openapi.json").get_json(), GENERATIONS, answer)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ({"json": {"model": DREAM}, "headers": KEY}, "invalid_request"),
        ({"data": "{", "content_type": "application/json", "headers": KEY}, "invalid_json"),
        ({"json": {}}, "unauthorized"),
        ({"json": {}, "headers": {"Authorization": "Bearer "}}, "empty_key"),
        ({"data": "{}", "content_type": "text/plain", "headers": KEY}, "unsupported_media_type"),
        *(
            ({"json": {}, "headers": {**KEY, "Prefer": f"code={code}"}}, kind)
            for code, kind in ((429, "too_many_requests"), (500, "internal"), (502, "bad_gateway"), (504, "timeout"))
        ),
    ],
)
def test_an_error_of_the_mock_is_as_documented(client: Any, call: dict[str, Any], kind: str) -> None:
    made = client.get("/openapi.json").get_json()

    answer = client.post(GENERATIONS, **call)

    holds(made, GENERATIONS, answer)
    response = resolved(made, made["paths"][GENERATIONS]["post"]["responses"][str(answer.status_code)])
    example = response["content"]["application/json"]["examples"][kind]["value"]
    told = answer.get_json()
    # Of the same form to the last field; what a call makes different is different.
    assert shape(example) == shape(told) or kind == "invalid_request"
    assert (example.get("error", {}).get("name"), example["statusCode"]) == (told["error"]["name"], told["statusCode"])
    assert len(example["requestId"]) == len(told["requestId"])
    assert len(example["timestamp"]) == len(told["timestamp"])


def shape(value: Any) -> Any:
    return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else type(value)


@pytest.mark.parametrize("query", ["", "?include=pricing"])
def test_the_list_of_models_is_as_documented(client: Any, query: str) -> None:
    holds(client.get("/openapi.json").get_json(), "/v1/models", client.get(f"/v1/models{query}"))


def test_a_link_of_an_example_has_the_form_of_a_real_one(client: Any) -> None:
    from urllib.parse import parse_qsl, urlsplit

    made = client.get("/openapi.json").get_json()
    content = made["paths"][GENERATIONS]["post"]["responses"]["200"]["content"]["application/json"]
    shown = next(
        example["value"]["data"][0]["url"] for name, example in content["examples"].items() if name.endswith("url")
    )
    real = client.post(GENERATIONS, json={"model": DREAM, "prompt": "x"}, headers=KEY).json["data"][0]["url"]

    one, other = urlsplit(shown), urlsplit(real)
    assert (one.netloc, len(one.path.rpartition("/")[2])) == (other.netloc, len(other.path.rpartition("/")[2]))
    lengths = {name: len(value) for name, value in parse_qsl(other.query) if name.startswith("X-Tos")}
    assert {name: len(value) for name, value in parse_qsl(one.query)} == lengths


# Served


def test_the_mock_serves_it_for_the_callers_own_origin(client: Any) -> None:
    made = client.get("/openapi.json", headers={"Host": "mock.example:81"}).json

    assert made == document(load(), "http://mock.example:81", mock=True)


def test_it_is_not_sent_twice(client: Any) -> None:
    first = client.get("/openapi.json")

    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    elsewhere = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"], "Host": "other"})

    assert (first.status_code, again.status_code, again.data, elsewhere.status_code) == (200, 304, b"", 200)


def test_a_page_of_another_origin_may_read_it(client: Any) -> None:
    answer = client.get("/openapi.json", headers={"Origin": "https://editor.example"})

    assert answer.headers["Access-Control-Allow-Origin"] in ("*", "https://editor.example")
    assert answer.content_type == "application/json"


def test_it_is_made_once_a_mock(monkeypatch: pytest.MonkeyPatch) -> None:
    from pixelpact.service import openapi_page

    calls: list[Any] = []

    def counted(*given: Any, **_: Any) -> dict[str, Any]:
        calls.append(given)
        return {}

    monkeypatch.setattr(openapi_page, "document", counted)
    client = create_app(Settings()).test_client()

    for _ in range(3):
        client.get("/openapi.json")

    assert len(calls) == 1


def test_models_of_one_name_are_two_components(tmp_path: Path) -> None:
    for index, name in enumerate(("acme/brush", "acme_brush")):
        put(tmp_path / str(index), RETOUCH, id=name)

    made = document(load(tmp_path), models=load(tmp_path).chosen())

    assert [name for name, schema in made["components"]["schemas"].items() if MODEL in schema] == [
        "acme_brush",
        "acme_brush-2",
    ]


# Through `pixelpact import`


def imported(made: dict[str, Any], folder: Path) -> Path:
    """The folder that an import of the document gives."""
    file = folder / "document.json"
    file.write_text(json.dumps(made))
    outcome = run([str(file)], Wanted(out=folder / "schemas"))
    assert outcome.problems == ()
    return folder / "schemas"


def texts(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in sorted(folder.rglob("*.json"))}


def promises(model: Model) -> dict[str, Any]:
    """All that a model promises, by its own schemas alone."""
    same = ("id", "path", "title", "task", "status", "credits", "picture", "success")
    schemas = {"request": bare(model.request), "answer": bare(model.answer)}
    sources = {name: model.sources[name] for name in names_in(schemas)}
    return {**{name: getattr(model, name) for name in same}, **schemas, "sources": sources}


def names_in(node: Any) -> set[str]:
    return {name for _, inner in walk(node) for name in sourced(inner.get("x-source", {}))}


def sourced(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [name for inner in (value.values() if isinstance(value, dict) else value) for name in sourced(inner)]


@pytest.fixture(params=["all", "2025-07", "2025-08", "further"])
def kept(request: pytest.FixtureRequest, further: Path) -> list[Model]:
    """Models to write out and to read back: all of today, those of the past, and one with all that a model can have."""
    if request.param == "all":
        return list(load().models.values())
    return load(further).chosen() if request.param == "further" else load(profile=request.param).chosen()


def test_importing_it_gives_the_same_models(kept: list[Model], further: Path, tmp_path: Path) -> None:
    profile = kept[0].profile
    made = document(load(further, profile=profile), models=kept)

    again = load(imported(made, tmp_path), profile=profile)

    assert [promises(again.models[model.key]) for model in kept] == [promises(model) for model in kept]


def test_importing_it_again_gives_the_same_bytes(further: Path, tmp_path: Path) -> None:
    folders = [further]
    for turn in ("1", "2"):
        (tmp_path / turn).mkdir()
        contract = load(folders[-1])
        folders.append(imported(document(contract, models=contract.chosen()), tmp_path / turn))

    assert texts(folders[1]) == texts(folders[2])
    assert len(texts(folders[1])) > 4
