"""Specifications as they are read: found, refused or understood, each request and answer complete in itself."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pixelpact.sources.openapi.gathering import MOST_BYTES
from pixelpact.sources.openapi.spec import Found, NotASpec, Problem, Spec, gather, read_spec

from .specifications import GENERATIONS, asking, document, json_of, of, operation

SHARED = Path(__file__).parents[2] / "shared" / "docs"
POINTER = "/paths/~1v1~1images~1generations/post"
REQUEST = f"{POINTER}/requestBody/content/application~1json/schema"


def read(content: Any, name: str = "x.json") -> Spec:
    return read_spec(name, json.dumps(content).encode())


def field(schema: Any, version: str = "3.0.0", **components: Any) -> dict[str, Any]:
    """A field of a request as it is read."""
    made = document({GENERATIONS: operation(asking(field=schema))}, version, **components)
    request = read(made).operations[0].request
    assert request is not None
    found: dict[str, Any] = request["properties"]["field"]
    return found


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "an empty file"),
        (b" \r\n", "an empty file"),
        (b"[]", "not a JSON object"),
        (b"{}", "it has no `openapi`"),
        (b'{"swagger": "2.0"}', "Swagger 2.0 is not read"),
        (b'{"openapi": "4.0.0"}', "OpenAPI 4.0.0 is not read"),
        (b'{"openapi": "3.0.0"', "not JSON: Expecting ',' delimiter: line 1 column 20"),
        (b'{"openapi": NaN}', "NaN is not a JSON number"),
        (b"openapi: 3.0.0\ninfo:\n", "YAML is not read: convert it to JSON first"),
        (b"# a comment\n---\n'openapi': 3.0.0\n", "YAML is not read: convert it to JSON first"),
        (b'{"openapi": "\xe9"}', "not text: byte 13 is 0xe9"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_specification_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(NotASpec) as refused:
        read_spec("x.json", data)
    assert reason in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_specification_is_read_in_every_encoding_of_json(encoding: str) -> None:
    data = json.dumps(of(asking("acme/größe")), ensure_ascii=False).encode(encoding)
    assert read_spec("x.json", data).operations[0].models == ("acme/größe",)


def test_a_key_given_twice_is_a_problem_and_the_last_counts() -> None:
    data = json.dumps(of(asking())).replace('"openapi"', '"openapi": "9", "openapi"').encode()
    spec = read_spec("x.json", data)
    assert spec.version == "3.0.0"
    assert [str(problem) for problem in spec.problems] == [
        "x.json: the key 'openapi' is given twice in one object: the last counts"
    ]


@pytest.mark.parametrize(
    ("schema", "read_as"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"nullable": True}, {}),
        (
            {"anyOf": [{"type": "string"}, {"type": "number"}], "nullable": True},
            {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]},
        ),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, {"type": "number", "exclusiveMinimum": 0}),
        ({"type": "number", "maximum": 9, "exclusiveMaximum": False}, {"type": "number", "maximum": 9}),
        ({"type": "number", "exclusiveMinimum": True}, {"type": "number"}),
        ({"type": "string", "example": "a"}, {"type": "string", "examples": ["a"]}),
        ({"type": "string", "description": "kept"}, {"type": "string", "description": "kept"}),
        ({"enum": ["a"]}, {"enum": ["a"]}),
    ],
)
def test_forms_of_openapi_three_are_read_as_those_of_json_schema(schema: Any, read_as: Any) -> None:
    assert field(schema) == read_as


def test_the_forms_of_openapi_three_one_are_read_as_they_are() -> None:
    schema = {"type": ["string", "null"], "const": "a", "exclusiveMinimum": 3}
    assert field(schema, "3.1.0") == schema


def test_a_reference_is_replaced_by_what_it_names() -> None:
    assert field(
        {"$ref": "#/components/schemas/Far"}, Far={"$ref": "#/components/schemas/Near"}, Near={"type": "null"}
    ) == {"type": "null"}


@pytest.mark.parametrize(("version", "found"), [("3.0.0", "there"), ("3.1.0", "here")])
def test_what_stands_beside_a_reference_counts_since_three_one(version: str, found: str) -> None:
    schema = {"$ref": "#/components/schemas/Far", "description": "here"}
    assert field(schema, version, Far={"type": "string", "description": "there"})["description"] == found


def test_parts_that_go_together_are_one_schema() -> None:
    parts = [
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"properties": {"b": {"type": "null"}}, "required": ["b"]},
    ]
    assert field({"allOf": parts, "description": "both"}) == {
        "description": "both",
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "null"}},
        "required": ["a", "b"],
    }


def test_the_tighter_of_two_bounds_holds() -> None:
    assert field({"allOf": [{"minimum": 1, "maximum": 9}, {"minimum": 2, "maximum": 12}]}) == {
        "minimum": 2,
        "maximum": 9,
    }


def test_parts_that_clash_stay_as_they_are() -> None:
    parts = {"allOf": [{"type": "string"}, {"type": "number"}]}
    assert field(parts) == parts


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("#/components/schemas/None", "names nothing"),
        ("other.json#/x", "leads out of the document"),
        ("#/components/schemas/Ring", "leads back to itself"),
    ],
)
def test_a_reference_that_cannot_be_followed_is_a_problem_and_allows_everything(reference: str, reason: str) -> None:
    spec = read(of(asking(field={"$ref": reference}), Ring={"$ref": "#/components/schemas/Ring"}))
    request = spec.operations[0].request
    assert request is not None
    assert request["properties"]["field"] == {}
    assert [problem.reason for problem in spec.problems if reason in problem.reason]


def test_a_schema_that_holds_itself_is_cut_where_it_comes_again() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    assert field({"$ref": "#/components/schemas/Node"}, Node=node) == {"type": "object", "properties": {"next": {}}}


def test_references_that_multiply_each_other_are_given_up_soon() -> None:
    levels: dict[str, Any] = {
        f"L{level}": {"properties": {side: {"$ref": f"#/components/schemas/L{level + 1}"} for side in "ab"}}
        for level in range(40)
    }
    started = perf_counter()
    spec = read(of(asking(field={"$ref": "#/components/schemas/L0"}), **levels, L40={}))
    assert [problem.reason for problem in spec.problems] == [
        "nested deeper than 24 levels: cut there",
        "too large once its references are replaced",
    ]
    assert spec.operations[0].answers["200"] is not None
    assert perf_counter() - started < 20


@pytest.mark.parametrize(
    ("media", "is_read"),
    [
        ("application/json; charset=utf-8", True),
        ("application/problem+json", True),
        ("*/*", True),
        ("multipart/form-data", False),
    ],
)
def test_a_request_is_read_where_it_is_json(media: str, is_read: bool) -> None:
    made = of(asking())
    body = made["paths"][GENERATIONS]["post"]["requestBody"]["content"]
    body[media] = body.pop("application/json")
    assert (read(made).operations[0].request is not None) == is_read


def test_an_operation_says_where_it_stands() -> None:
    made = of(asking())
    made["paths"][GENERATIONS]["post"]["x-codeSamples"] = [{"lang": "cURL", "source": "curl"}]
    found = read(made).operations[0]
    assert (found.pointer, found.request_pointer, found.samples[0].pointer) == (
        POINTER,
        REQUEST,
        f"{POINTER}/x-codeSamples/0",
    )
    assert found.answer_pointers == {"200": f"{POINTER}/responses/200/content/application~1json/schema"}


@pytest.mark.parametrize(
    ("security", "of_all", "secured"),
    [
        ([{"key": []}], None, True),
        ([], [{"key": []}], False),
        (None, [{"key": []}], True),
        (None, None, False),
        ([{}], None, False),
    ],
)
def test_an_operation_is_secured_by_itself_or_by_its_document(security: Any, of_all: Any, secured: bool) -> None:
    made = of(asking())
    made["paths"][GENERATIONS]["post"] |= {} if security is None else {"security": security}
    made |= {} if of_all is None else {"security": of_all}
    assert read(made).operations[0].secured is secured


@pytest.mark.parametrize("broken", [7, [], {"post": 7}, {"post": {"responses": 7}}, {"$ref": "#/nowhere"}])
def test_an_operation_that_is_none_is_a_problem_and_the_rest_is_read(broken: Any) -> None:
    made = of(asking())
    made["paths"]["/v1/images/edits"] = broken
    spec = read(made)
    assert spec.problems
    assert GENERATIONS in [operation.path for operation in spec.operations]


@pytest.mark.parametrize(
    "rule", [{"anyOf": 7}, {"properties": 7}, {"enum": 7}, {"enum": [[], {}]}, {"required": 7}, {"items": 7}, 7, None]
)
def test_no_schema_is_too_odd_to_be_read(rule: Any) -> None:
    request = {"type": "object", "properties": {"model": rule, "field": rule}, "anyOf": [rule]}
    assert len(read(of(request)).operations) == 1


def test_bodies_and_answers_may_be_references_too() -> None:
    made = of(asking())
    made["components"] = {
        "requestBodies": {"Draw": json_of(asking())},
        "responses": {"Drawn": json_of({"type": "object"})},
    }
    made["paths"][GENERATIONS]["post"] = {
        "requestBody": {"$ref": "#/components/requestBodies/Draw"},
        "responses": {"200": {"$ref": "#/components/responses/Drawn"}},
    }
    found = read(made).operations[0]
    assert (found.models, found.answers) == (("acme/draw",), {"200": {"type": "object"}})


def test_what_is_read_aloud_obeys_no_terminal() -> None:
    assert "\x1b" not in str(Problem("x.json", "/\x1b[2J", "the key \x1b[31m"))


def test_files_of_a_folder_come_sorted_by_their_path_in_it(tmp_path: Path) -> None:
    for name in ("b.json", "a/c.json", "note.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    found = list(gather([str(tmp_path)]))
    assert [each.name for each in found if isinstance(each, Found)] == ["a/c.json", "b.json"]


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir, os.mkfifo])
def test_a_place_where_nothing_can_be_read_is_a_problem(tmp_path: Path, make: Any) -> None:
    place = tmp_path / "place"
    make(place)
    [found] = gather([str(place)])
    assert isinstance(found, Problem)


def test_a_file_of_fifty_megabytes_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "big.json"
    with file.open("wb") as big:
        big.truncate(50_000_000)
    assert list(gather([str(file)])) == [Problem("big.json", "", "larger than 20 MB")]


class _Docs(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = {"/x.json?key=secret&page=1": b"{}", "/big": b"0" * (MOST_BYTES + 1)}
        data = known.get(self.path)
        self.send_response(404 if data is None else 200)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture(scope="module")
def docs() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Docs)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_url_is_named_without_what_may_be_secret(docs: str) -> None:
    place = docs.replace("//", "//me:secret@") + "/x.json?key=secret&page=1"
    assert list(gather([place])) == [Found(f"{docs}/x.json?key=***&page=1", b"{}")]


@pytest.mark.parametrize(("path", "reason"), [("/none", "answered 404"), ("/big", "larger than 20 MB")])
def test_a_url_that_gives_no_document_is_a_problem(docs: str, path: str, reason: str) -> None:
    assert list(gather([docs + path])) == [Problem(docs + path, "", reason)]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x.json", "http://[", "https://"])
def test_a_url_that_leads_nowhere_is_a_problem(url: str) -> None:
    [found] = gather([url])
    assert isinstance(found, Problem)


@pytest.mark.skipif(not SHARED.exists(), reason="the docs' own files are not part of the kit")
def test_every_file_of_the_docs_is_read_and_gives_valid_schemas() -> None:
    specs = [read_spec(*found) for found in gather([str(SHARED)]) if isinstance(found, Found)]
    schemas = [
        schema for spec in specs for each in spec.operations for schema in (each.request, *each.answers.values())
    ]
    for schema in schemas:
        Draft202012Validator.check_schema(schema or {})
    assert (len(specs), len(schemas)) == (50, 106)
