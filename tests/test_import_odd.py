"""Odd specifications, odd ids and odd places: what an import does with what nobody should have written."""

from __future__ import annotations

import copy
import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from pixelpact.contract.contract import Contract, fresh
from pixelpact.errors import PixelpactError
from pixelpact.sources.importing.importer import Outcome, Wanted, run

Json = dict[str, Any]
PATH = "/v1/images/generations"
SCHEMA = "/paths/~1v1~1images~1generations/post/requestBody/content/application~1json/schema"
GOOD = "good/one"
IMPORT = [sys.executable, "-c", "from pixelpact.cli.main import main; main()", "import"]
ANSWER: Json = {
    "type": "object",
    "properties": {"data": {"type": "array", "items": {"type": "object", "properties": {"url": {"type": "string"}}}}},
}


def request(model: Any, fields: Mapping[str, Any]) -> Json:
    names = {"type": "string", "enum": [model] if isinstance(model, str) else model}
    return {
        "type": "object",
        "properties": {"model": names, "prompt": {"type": "string"}, **fields},
        "required": ["model", "prompt"],
    }


def operation(model: Any, fields: Mapping[str, Any]) -> Json:
    answer = {"description": "A picture.", "content": {"application/json": {"schema": copy.deepcopy(ANSWER)}}}
    content = {"application/json": {"schema": request(model, fields)}}
    return {"post": {"requestBody": {"required": True, "content": content}, "responses": {"200": answer}}}


def spec(model: Any = "odd/one", fields: Mapping[str, Any] | None = None, **top: Any) -> Json:
    info = {"title": "Odd", "version": "1"}
    return {"openapi": "3.0.0", "info": info, "paths": {PATH: operation(model, fields or {})}, **top}


def schema_of(document: Json) -> Json:
    found: Json = document["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return found


def with_parts(document: Json, **parts: Any) -> Json:
    return {**document, "components": {"schemas": parts}}


def to_part(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def nested(levels: int, wrap: Callable[[Json], Json]) -> Json:
    schema: Json = {"type": "string"}
    for _ in range(levels):
        schema = wrap(schema)
    return schema


def changed(document: Json, change: Callable[[Json], object]) -> Json:
    change(document)
    return document


class Imports:
    """Imports of documents, each in a file of its own, into one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder / "in", folder / "out"
        self.folder.mkdir()

    def write(self, **files: Any) -> Path:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            (self.folder / f"{name}.json").write_bytes(data)
        return self.folder

    def run(self, *places: Path, **wanted: Any) -> Outcome:
        return run([str(place) for place in places or [self.folder]], Wanted(self.out, **wanted))

    def contract(self) -> Contract:
        return fresh(self.out)


@pytest.fixture
def imports(tmp_path: Path) -> Imports:
    return Imports(tmp_path)


def ids(outcome: Outcome) -> set[str]:
    return {id for id, _, _ in outcome.models}


def said(outcome: Outcome) -> str:
    return "\n".join(map(str, (*outcome.problems, *outcome.notes)))


def tree(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


# Each is understood in part at the most; what is said must name the place.
ODD: dict[str, tuple[Json, str]] = {
    "a reference to itself": (with_parts(spec(fields={"a": to_part("A")}), A=to_part("A")), "leads back to itself"),
    "a circle of two": (
        with_parts(spec(fields={"a": to_part("A")}), A=to_part("B"), B=to_part("A")),
        "leads back to itself",
    ),
    "a tree of itself": (
        with_parts(spec(fields={"a": to_part("T")}), T={"type": "object", "properties": {"child": to_part("T")}}),
        "/components/schemas/T/properties/child",
    ),
    "a dangling reference": (spec(fields={"a": to_part("undefined")}), f"{SCHEMA}/properties/a"),
    "a reference to a file": (spec(fields={"a": {"$ref": "file:///etc/passwd"}}), "leads out of the document"),
    "a reference to a URL": (spec(fields={"a": {"$ref": "http://127.0.0.1:9/x"}}), "leads out of the document"),
    "a reference without a slash": (spec(fields={"a": {"$ref": "#components"}}), "'#components' names nothing"),
    "a reference that is a number": (spec(fields={"a": {"$ref": 7}}), f"{SCHEMA}/properties/a/$ref"),
    "no type of JSON": (spec(fields={"a": {"type": "file"}}), f"{SCHEMA}/properties/a/type"),
    "no schema": (spec(fields={"a": ["string"]}), f"{SCHEMA}/properties/a"),
    "an empty enum": (spec(fields={"a": {"type": "string", "enum": []}}), f"{SCHEMA}/properties/a/enum"),
    "an enum of another type": (spec(fields={"a": {"type": "integer", "enum": ["1"]}}), f"{SCHEMA}/properties/a"),
    "a least above the most": (spec(fields={"a": {"type": "integer", "minimum": 9, "maximum": 1}}), "minimum 9"),
    "more items than the most": (spec(fields={"a": {"type": "array", "minItems": 5, "maxItems": 2}}), "minItems 5"),
    "a bound in quotes": (spec(fields={"a": {"type": "number", "minimum": "1"}}), f"{SCHEMA}/properties/a/minimum"),
    "a pattern": (spec(fields={"a": {"type": "string", "pattern": "^(a+)+$"}}), f"{SCHEMA}/properties/a/pattern"),
    "not": (spec(fields={"a": {"not": {"type": "string"}}}), f"{SCHEMA}/properties/a/not"),
    "anyOf without a list": (spec(fields={"a": {"anyOf": {"type": "string"}}}), f"{SCHEMA}/properties/a/anyOf"),
    "allOf that clashes": (
        spec(fields={"a": {"allOf": [{"minimum": 1}, {"minimum": "x"}]}}),
        f"{SCHEMA}/properties/a",
    ),
    "allOf of odd parts": (
        spec(fields={"a": {"allOf": [{"properties": []}, {"properties": {"b": {}}}, {"enum": "abc"}, {"enum": [{}]}]}}),
        f"{SCHEMA}/properties/a",
    ),
    "required that is a text": (
        changed(spec(), lambda it: schema_of(it).update(required="model")),
        f"{SCHEMA}/required",
    ),
    "a field named $ref": (spec(fields={"$ref": {"type": "string"}}), f"{SCHEMA}/properties/$ref"),
    "other fields of a schema": (
        changed(spec(), lambda it: schema_of(it).update(additionalProperties={"type": "string"})),
        f"{SCHEMA}/additionalProperties",
    ),
    "fields 400 deep": (
        spec(fields={"a": nested(400, lambda inner: {"type": "object", "properties": {"a": inner}})}),
        "nested deeper",
    ),
    "lists 400 deep": (
        spec(fields={"a": nested(400, lambda inner: {"type": "array", "items": inner})}),
        "nested deeper",
    ),
    "a default of another type": (spec(fields={"a": {"type": "integer", "default": "x"}}), "/properties/a/default"),
    "a required field without a rule": (
        changed(spec(), lambda it: schema_of(it)["required"].append("nowhere")),
        "'nowhere' is required",
    ),
    "only refusals": (
        changed(spec(), lambda it: it["paths"][PATH]["post"].update(responses={"400": {"description": ""}})),
        "no success is documented",
    ),
    "no responses": (changed(spec(), lambda it: it["paths"][PATH]["post"].pop("responses")), "no success"),
    "a success that is 202": (
        changed(spec(), lambda it: it["paths"][PATH]["post"].update(responses={"202": {"description": ""}})),
        "202",
    ),
}


@pytest.mark.parametrize(("document", "words"), ODD.values(), ids=ODD)
def test_what_cannot_be_held_is_said_with_its_place_and_the_rest_is_imported(
    imports: Imports, document: Json, words: str
) -> None:
    imports.write(good=spec(GOOD), odd=document)

    outcome = imports.run()

    assert ids(outcome) == {GOOD, "odd/one"}
    assert words in said(outcome)


# What no model can be made of.
NO_MODEL: dict[str, tuple[Json, str]] = {
    "paths that are a list": ({**spec(), "paths": []}, "/paths"),
    "an operation that is a list": ({**spec(), "paths": {PATH: {"post": []}}}, "/paths/~1v1~1images~1generations/post"),
    "no paths": ({"openapi": "3.1.0", "info": {}, "webhooks": {}}, "no operation about images"),
    "a path of itself": ({**spec(), "paths": {PATH: {"$ref": f"#/paths/{PATH.replace('/', '~1')}"}}}, "no operation"),
    "another method": (
        changed(spec(), lambda it: it["paths"][PATH].update(get=it["paths"][PATH].pop("post"))),
        "no operation about images",
    ),
    "a path with a parameter": (
        changed(spec(), lambda it: it["paths"].update({"/v1/images/{kind}": it["paths"].pop(PATH)})),
        "no operation about images",
    ),
    "no body": (changed(spec(), lambda it: it["paths"][PATH]["post"].pop("requestBody")), "application/json"),
    "a form": (
        changed(
            spec(), lambda it: it["paths"][PATH]["post"].update(requestBody={"content": {"multipart/form-data": {}}})
        ),
        "application/json",
    ),
    "a model without an enum": (changed(spec(), lambda it: schema_of(it)["properties"]["model"].pop("enum")), "enum"),
    "no model": (changed(spec(), lambda it: schema_of(it)["properties"].pop("model")), "names no model"),
    "a schema that is a list": (
        changed(
            spec(),
            lambda it: it["paths"][PATH]["post"]["requestBody"]["content"]["application/json"].update(schema=[]),
        ),
        SCHEMA,
    ),
    "an answer that is a queue": (
        changed(
            spec(),
            lambda it: it["paths"][PATH]["post"]["responses"]["200"]["content"]["application/json"].update(
                schema={"type": "object", "properties": {"id": {"type": "string"}}}
            ),
        ),
        "no picture",
    ),
    "references that multiply": (
        with_parts(
            spec(fields={"a": to_part("L0")}),
            **{
                f"L{level}": {"type": "object", "properties": {name: to_part(f"L{level + 1}") for name in "abcdefghij"}}
                for level in range(9)
            },
            L9={"type": "string"},
        ),
        "too large",
    ),
    "Swagger 2.0": ({**spec(), "swagger": "2.0", "openapi": None}, "Swagger 2.0"),
    "OpenAPI 4": ({**spec(), "openapi": "4.0.0"}, "OpenAPI 4.0.0"),
}


@pytest.mark.parametrize(("document", "words"), NO_MODEL.values(), ids=NO_MODEL)
def test_what_no_model_can_be_made_of_is_said_and_the_rest_is_imported(
    imports: Imports, document: Json, words: str
) -> None:
    imports.write(good=spec(GOOD), odd=document)

    outcome = imports.run()

    assert ids(outcome) == {GOOD}
    assert {problem.file for problem in outcome.problems} == {"odd.json"}
    assert words in said(outcome)


WHOLE = json.dumps(spec()).encode()
BYTES = {
    "nothing": b"",
    "white space": b" \n\t",
    "YAML": b"openapi: 3.0.0\ninfo:\n  title: x\n",
    "a page": b"<!DOCTYPE html><html>",
    "the first half": WHOLE[: len(WHOLE) // 2],
    "a comma too many": WHOLE[:-1] + b",}",
    "a comment": b"// a specification\n" + WHOLE,
    "single quotes": WHOLE.replace(b'"', b"'"),
    "Latin-1": WHOLE.replace(b'"Odd"', '"café"'.encode("latin-1")),
    "no number": WHOLE.replace(b'"version": "1"', b'"version": NaN'),
    "a number of 5,000 digits": WHOLE.replace(b'"version": "1"', b'"version": ' + b"9" * 5000),
    "two documents": WHOLE + WHOLE,
    "brackets 100,000 deep": b"[" * 100_000,
    "a list": b"[]",
    "zeros": b"\0" * 1000,
    "gzip": b"\x1f\x8b\x08" + bytes(100),
}


@pytest.mark.parametrize("data", BYTES.values(), ids=BYTES)
def test_a_file_that_is_no_specification_is_one_line(imports: Imports, data: bytes) -> None:
    imports.write(good=spec(GOOD), odd=data)

    outcome = imports.run()

    assert ids(outcome) == {GOOD}
    (problem,) = outcome.problems
    assert str(problem).startswith("odd.json: ")
    assert "\n" not in str(problem)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_json_may_come_in_every_encoding_of_unicode(imports: Imports, encoding: str) -> None:
    imports.write(odd=WHOLE.decode().encode(encoding))

    assert ids(imports.run()) == {"odd/one"}


UNSAFE = [
    "../../escape",
    "..",
    ".",
    "/etc/passwd",
    "a\\..\\..\\b",
    "c:/windows",
    "odd/" + "x" * 300,
    "shared/fields",
    "sources.json",
    "odd/twin/request.json",
    "odd/%2e%2e",
    "odd/*",
    "-rf",
    "~/x",
    "模型/图像",
]


@pytest.mark.parametrize("id", UNSAFE)
def test_an_odd_id_is_served_by_its_name_or_refused_and_never_leaves_the_folder(imports: Imports, id: str) -> None:
    imports.write(odd=spec(id), good=spec(GOOD))

    outcome = imports.run()

    assert ids(outcome) - {GOOD} == ({id} if not any("odd.json" in str(each) for each in outcome.problems) else set())
    assert {model.id for model in imports.contract().chosen(["*"]) if model.origin == "odd.json"} <= {id}
    assert sorted(path.name for path in imports.out.parent.iterdir()) == ["in", "out"]
    assert all(len(path.name) <= 120 and path.name.isascii() for path in imports.out.rglob("*"))


@pytest.mark.parametrize("id", ["odd/a\nb", "odd/\x1b[2J", "odd/\u202egnp", "odd/\ud800", "odd one", "a//b", "a/", ""])
def test_an_id_that_a_terminal_or_a_request_cannot_carry_is_refused(imports: Imports, id: str) -> None:
    imports.write(odd=spec(id), good=spec(GOOD))

    outcome = imports.run()

    assert ids(outcome) == {GOOD}
    assert all(line.isprintable() for line in said(outcome).splitlines())


@pytest.mark.parametrize("order", list(permutations(["odd/twin", "Odd/Twin", "odd/TWIN"])))
def test_ids_that_differ_in_capitals_alone_are_all_kept(imports: Imports, order: tuple[str, ...]) -> None:
    imports.write(**{f"f{index}": spec(id, {f"of_{id[:2]}_{id[-2:]}": {}}) for index, id in enumerate(order)})

    outcome = imports.run()

    assert ids(outcome) == set(order)
    folders = [path.parent.relative_to(imports.out).as_posix() for path in imports.out.rglob("model.json")]
    assert len({folder.lower() for folder in folders}) == 3
    for id in order:
        assert f"of_{id[:2]}_{id[-2:]}" in imports.contract().model(id).request["properties"]


def test_a_model_may_lie_in_the_folder_of_another(imports: Imports) -> None:
    imports.write(a=spec("odd/parent"), b=spec("odd/parent/child"), c=spec("odd/parent/answer.json"))

    assert ids(imports.run()) == {"odd/parent", "odd/parent/child", "odd/parent/answer.json"}
    assert {"odd/parent", "odd/parent/child", "odd/parent/answer.json"} <= set(imports.contract().models)


def test_an_odd_operation_beside_a_good_one_is_said(imports: Imports) -> None:
    document = spec()
    document["paths"]["/v1/images/edits"] = {"post": []}

    assert "/paths/~1v1~1images~1edits/post" in said(imports.run(imports.write(odd=document)))


def test_the_place_of_a_rule_of_an_answer_is_that_in_the_file(imports: Imports) -> None:
    document = spec()
    answer = document["paths"][PATH]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer["properties"]["data"]["items"]["properties"]["url"]["pattern"] = "^https"

    outcome = imports.run(imports.write(odd=document))

    inside = "responses/200/content/application~1json/schema/properties/data/items/properties/url/pattern"
    assert [problem.pointer.partition("/post/")[2] for problem in outcome.problems] == [inside]


NUMBERS: dict[str, tuple[Json, Json]] = {
    "nullable": ({"type": "integer", "nullable": True, "minimum": 1, "maximum": 4}, {"n": 3}),
    "without a type": ({"minimum": 1, "maximum": 4}, {"n": 3}),
    "a list of one": ({"type": "number", "enum": [1], "default": 1}, {"n": 1}),
    "without limits": ({"type": "number", "default": 1}, {"n": 2}),
}


@pytest.mark.parametrize(("rule", "body"), NUMBERS.values(), ids=NUMBERS)
def test_every_way_to_write_a_number_of_pictures_counts(imports: Imports, rule: Json, body: Json) -> None:
    imports.write(odd=spec(fields={"n": rule}))
    imports.run()

    assert imports.contract().model("odd/one").count({"model": "odd/one", "prompt": "a", **body}) == body["n"]


@pytest.mark.parametrize("required", [["prompt"], []])
def test_a_request_that_need_not_name_its_model_is_held_to_it(imports: Imports, required: list[str]) -> None:
    document = changed(spec(), lambda it: schema_of(it).update(required=required))
    imports.run(imports.write(odd=document))

    assert set(imports.contract().model("odd/one").request["required"]) == {"model", *required}


SIDES: dict[str, Json] = {
    "a least of zero": {"type": "integer", "minimum": 0},
    "a default of zero": {"type": "integer", "minimum": 0, "default": 0},
    "more than zero": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
    "a most of a million": {"type": "integer", "minimum": -5, "maximum": 1_000_000},
}


@pytest.mark.parametrize("side", SIDES.values(), ids=SIDES)
def test_a_side_that_no_picture_has_does_not_cost_the_model(imports: Imports, side: Json) -> None:
    sides = {"width": side, "height": side}
    imports.write(odd=spec(fields={"image_size": {"type": "object", "properties": sides}}))
    imports.run()

    (promised, *_) = imports.contract().model("odd/one").promised_sizes({"model": "odd/one", "prompt": "a"}, {})
    assert min(promised.dimensions) >= 1
    assert max(promised.dimensions) <= 4096


def test_many_fields_and_an_enum_of_ten_thousand_are_imported_within_seconds(imports: Imports) -> None:
    fields: Json = {f"field_{number}": {"type": "integer", "minimum": number} for number in range(300)}
    fields["style"] = {"type": "string", "enum": [f"style {number}" for number in range(10_000)]}
    imports.write(odd=spec(fields=fields))
    started = time.monotonic()

    imports.run()

    assert time.monotonic() - started < 20
    assert len(imports.contract().model("odd/one").request["properties"]["style"]["enum"]) == 10_000


def test_fields_named_as_parts_of_a_schema_are_fields(imports: Imports) -> None:
    names = ["__proto__", "", "a/b", "a~b", "type", "enum", "properties", "required", "x-edit", "$defs", "ünï"]
    imports.write(odd=spec(fields={name: {"type": "string", "maxLength": 3} for name in names}))
    imports.run()

    model = imports.contract().model("odd/one")
    for name in names:
        model.check({"model": "odd/one", "prompt": "a", name: "abc"})
        with pytest.raises(PixelpactError):
            model.check({"model": "odd/one", "prompt": "a", name: "abcd"})


def test_keywords_of_ours_in_a_vendors_file_mean_nothing(imports: Imports) -> None:
    document = spec(fields={"prompt": {"type": "string", "x-image": {"forms": ["rubbish"]}}})
    schema_of(document).update({"x-output-size": [{"as": "fixed", "size": "1x1"}], "x-count": {"field": "prompt"}})
    imports.write(odd=document)

    outcome = imports.run()

    assert outcome.problems == ()
    model = imports.contract().model("odd/one")
    assert model.images == {}
    assert str(model.promised_sizes({"model": "odd/one", "prompt": "a"}, {})[0]) == "1024x1024"


def test_the_better_of_two_with_one_id_is_kept_whatever_their_order(imports: Imports, tmp_path: Path) -> None:
    worse = spec(fields={"worse": {}})
    responses = worse["paths"][PATH]["post"]["responses"]
    responses["201"] = responses.pop("200")
    imports.write(a=worse, b=spec(fields={"better": {}}))
    files = [imports.folder / "a.json", imports.folder / "b.json"]
    imports.run(*files)
    first = tree(imports.out)
    imports.out = tmp_path / "again"

    imports.run(*reversed(files))

    assert tree(imports.out) == first
    assert "better" in imports.contract().model("odd/one").request["properties"]


def test_a_second_import_changes_nothing(imports: Imports) -> None:
    imports.write(**{f"odd{index}": document for index, (document, _) in enumerate(ODD.values())})
    imports.run()
    first = tree(imports.out)

    outcome = imports.run()

    assert {state for _, _, state in outcome.models} == {"same"}
    assert tree(imports.out) == first


IN_THE_WAY = {
    "sources that are no JSON": ("sources.json", b"nope"),
    "sources that are a list": ("sources.json", b"[]"),
    "a model that is a list": ("a/b/model.json", b"[]"),
    "a model that is no JSON": ("a/b/model.json", b"{"),
    "a model whose id is a number": ("a/b/model.json", b'{"id": 7}'),
    "a file that is no text": ("a/b/request.json", b"\xff\xfe"),
}


@pytest.mark.parametrize(("path", "data"), IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_what_lies_in_the_folder_and_cannot_be_read_is_named_and_left(imports: Imports, path: str, data: bytes) -> None:
    imports.write(good=spec(GOOD))
    file = imports.out / path
    file.parent.mkdir(parents=True)
    file.write_bytes(data)

    with pytest.raises(PixelpactError, match=path.rpartition("/")[2]):
        imports.run()

    assert tree(imports.out) == {path: data}


def test_a_pipe_is_not_waited_for(imports: Imports) -> None:
    imports.write(good=spec(GOOD))
    os.mkfifo(imports.folder / "pipe.json")

    assert ids(imports.run()) == {GOOD}
    assert "pipe.json" in said(imports.run(imports.folder / "pipe.json"))


@pytest.mark.parametrize("place", ["", "x" * 5000, "no/such", "a\0b", "http://["])
def test_a_place_that_cannot_be_is_one_line(imports: Imports, place: str) -> None:
    outcome = run([place, str(imports.write(good=spec(GOOD)))], Wanted(imports.out))

    assert ids(outcome) == {GOOD}
    assert len(outcome.problems) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("locked", ["sub", "sub/odd.json"])
def test_what_may_not_be_read_is_said(imports: Imports, locked: str) -> None:
    imports.write(good=spec(GOOD))
    (imports.folder / "sub").mkdir()
    imports.write(**{"sub/odd": spec()})
    (imports.folder / locked).chmod(0)
    try:
        outcome = imports.run()
    finally:
        (imports.folder / locked).chmod(0o700)

    assert ids(outcome) == {GOOD}
    assert "ermission denied" in said(outcome)


def test_an_out_that_is_a_file_or_below_one_is_refused(imports: Imports) -> None:
    imports.write(good=spec(GOOD))
    (imports.folder / "file").touch()
    for out in (imports.folder / "file", imports.folder / "file/below"):
        with pytest.raises(PixelpactError, match="file") as refused:
            run([str(imports.folder)], Wanted(out))
        assert "another import" not in str(refused.value)


def started(folder: Path, out: Path, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen([*IMPORT, str(folder), "--out", str(out)], stdout=-1, stderr=-1, text=True, **options)


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("after", [0, 1, 4])
def test_a_failure_between_two_files_is_undone(
    imports: Imports, monkeypatch: pytest.MonkeyPatch, failure: BaseException, after: int
) -> None:
    imports.run(imports.write(good=spec(GOOD), odd=spec()))
    before = tree(imports.out)
    imports.write(odd=spec(fields={"seed": {"type": "integer"}}), other=spec("odd/other"), third=spec("odd/third"))
    moves = iter(range(100))
    replace = os.replace

    def fail_once(source: Path, target: Path) -> None:
        if next(moves) == after:
            raise failure
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_once)
    with pytest.raises((PixelpactError, KeyboardInterrupt)):
        imports.run()

    assert tree(imports.out) == before
    assert sorted(path.name for path in imports.out.parent.iterdir()) == ["in", "out"]


def test_a_disk_that_is_full_leaves_the_folder_as_it_was(imports: Imports) -> None:
    imports.run(imports.write(good=spec(GOOD)))
    before = tree(imports.out)
    imports.write(odd=spec())
    process = started(
        imports.folder, imports.out, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
    )

    _, told = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "Traceback" not in told
    assert tree(imports.out) == before
    assert sorted(path.name for path in imports.out.parent.iterdir()) == ["in", "out"]


def test_an_import_that_is_broken_off_leaves_all_or_nothing(imports: Imports) -> None:
    imports.run(imports.write(good=spec(GOOD)))
    before = tree(imports.out)
    imports.write(**{f"odd{number}": spec(f"odd/number-{number}") for number in range(30)})
    # A shell that runs the tests in the background has its children ignore Ctrl-C.
    process = started(
        imports.folder, imports.out, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler)
    )
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)

    _, told = process.communicate(timeout=60)

    assert "Traceback" not in told
    assert tree(imports.out) == before or len(list(imports.out.rglob("model.json"))) == 31
    assert sorted(path.name for path in imports.out.parent.iterdir()) == ["in", "out"]


def test_an_import_after_one_that_was_killed_works(imports: Imports) -> None:
    imports.write(**{f"odd{number}": spec(f"odd/number-{number}") for number in range(30)})
    process = started(imports.folder, imports.out)
    patience = time.monotonic() + 20
    while not list(imports.out.parent.glob(".*/*")) and process.poll() is None and time.monotonic() < patience:
        time.sleep(0.005)
    process.kill()
    process.communicate(timeout=60)

    assert len(ids(imports.run())) == 30
    assert sorted(path.name for path in imports.out.parent.iterdir()) == ["in", "out"]


def test_of_two_imports_at_once_each_is_whole_or_refused(imports: Imports) -> None:
    one, other = imports.folder / "one", imports.folder / "other"
    for folder, vendor in ((one, "first"), (other, "second")):
        folder.mkdir()
        for number in range(20):
            (folder / f"{vendor}{number}.json").write_text(json.dumps(spec(f"{vendor}/number-{number}")))
    processes = [started(folder, imports.out) for folder in (one, other)]

    ended = [process.communicate(timeout=90)[1] for process in processes]

    codes = [process.returncode for process in processes]
    assert 0 in codes
    assert set(codes) <= {0, 2}, ended
    came = {path.parent.parent.name for path in imports.out.rglob("model.json")}
    assert len(list(imports.out.rglob("model.json"))) == 20 * len(came)
    assert len(came) == codes.count(0)
