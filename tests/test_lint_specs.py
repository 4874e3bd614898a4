"""Every rule about specifications finds the fault that it is for, and nothing in one that is sound."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pixelpact.contract.contract import load_all
from pixelpact.sources.lint.linting import lint
from pixelpact.sources.lint.rules.table import RULES

from .lint_documents import (
    ANSWER,
    CURL,
    ERROR,
    FIELDS,
    MODEL,
    OK,
    OPERATION,
    PATH,
    REQUEST,
    SAMPLE,
    SPEC,
    URL,
    findings,
    rules,
    spec_with,
)

Change = tuple[tuple[Any, ...], Any]
TEXT = (*FIELDS, "prompt", "description")
CREDITS = (*ANSWER, "properties", "meta", "properties", "credits_used")
SEVERAL = [(*FIELDS, "image"), {"type": "string", "description": "An array of up to 16 images."}]
FORM = f"curl {URL} -H 'Authorization: Bearer <KEY>' -F 'model={MODEL}' -F 'prompt=A kite.'"
FAULTS: dict[str, list[Change]] = {
    "PL101": [(SAMPLE, CURL.replace("A kite.", "A kite\\'s tail."))],
    "PL103": [(SAMPLE, CURL.replace(MODEL, "acme/other"))],
    "PL104": [(SAMPLE, CURL.replace('"prompt": "A kite.", ', ""))],
    "PL105": [(SAMPLE, CURL.replace('"size"', '"image_size"'))],
    "PL106": [(SAMPLE, CURL.replace("1024x1024", "1888x301"))],
    "PL108": [(SAMPLE, CURL.replace(PATH, "/"))],
    "PL110": [(SAMPLE, FORM)],
    "PL114": [
        (
            (*OPERATION, "x-codeSamples"),
            [{"lang": "cURL", "source": CURL}, {"lang": "shell", "source": CURL.replace("kite", "bird")}],
        )
    ],
    "PL401": [(("security",), None)],
    "PL402": [((*OK, "description"), None)],
    "PL403": [(("components", "securitySchemes", "key", "in"), "header")],
    "PL404": [(("security",), [{"token": []}])],
    "PL405": [((*OK, "content"), None)],
    "PL406": [((*OPERATION, "responses", "400"), None)],
    "PL407": [(("paths", "/v2"), {"post": SPEC["paths"][PATH]["post"] | {"x-codeSamples": []}})],
    "PL411": [((*FIELDS, "style"), {"$ref": "#/components/schemas/undefined"})],
    "PL412": [((*FIELDS, "style"), "oil")],
    "PL412 no JSON Schema": [((*FIELDS, "seed", "maximum"), "9")],
    "PL413": [((*FIELDS, "style"), {"$ref": "styles.json#/style"})],
    "PL414": [((*FIELDS, "style", "type"), None)],
    "PL415 outside its enum": [((*FIELDS, "style", "default"), "chalk")],
    "PL415 of another type": [((*FIELDS, "watermark", "default"), "false")],
    "PL416": [((*FIELDS, "style", "example"), 7)],
    "PL416 of a whole body": [((*OPERATION, "requestBody", "content", "application/json", "example"), {"prompt": "A"})],
    "PL417": [((*ANSWER, "properties", "meta"), {"type": "object", "nullable": True, "required": ["credits_used"]}
               | {"properties": {"credits_used": {"type": "number"}}})],
    "PL418": [((*ANSWER, "required"), ["data", "colour"])],
    "PL419": [((*FIELDS, "seed", "minimum"), 10), ((*FIELDS, "seed", "description"), "A number.")],
    "PL421 a length": [(TEXT, "Max 500 characters.")],
    "PL421 a count": [((*FIELDS, "image_urls", "description"), "Up to 3 images.")],
    "PL421 a range": [((*FIELDS, "seed", "description"), "A number (0-99).")],
    "PL421 a default": [((*FIELDS, "style", "description"), 'Defaults to "ink".')],
    "PL421 a scale": [((*FIELDS, "level"), {"type": "string", "enum": ["1", "2", "3"]}
                       | {"description": "1 being the most strict and 2 being the most free."})],
    "PL421 a step": [((*FIELDS, "width"), {"type": "integer", "minimum": 100, "description": "A multiple of 32."})],
    "PL422": [(tuple(SEVERAL[0]), SEVERAL[1])],
    "PL423 sides or area": [((*FIELDS, "wh"), {"type": "string", "description": "Between [512x512, 2048x2048]."})],
    "PL424": [((*CREDITS, "description"), "The number of tokens consumed.")],
    "PL425": [((*FIELDS, "image_urls", "description"), "URLs, or Base64.")],
    "PL426": [((*FIELDS, "seed", "description"), "It is always returned in the response.")],
    "PL501": [(TEXT, "Bearer k3y9q7Zb1XwTq7Zb1XwTq7Zb1XwT")],
    "PL503": [(TEXT, "It doesn\u00e2\u20ac\u2122t matter.")],
}  # fmt: skip
SOUND: dict[str, list[Change]] = {
    "a stated length that is the limit": [(TEXT, "Max 400 characters.")],
    "a step with an offset": [
        ((*FIELDS, "frames"), {"type": "integer", "minimum": 18, "description": "A multiple of 12 plus 6."})
    ],
    "a list in one string": [
        ((*FIELDS, "colours"), {"type": "string", "description": "A comma-separated list of files and colours."})
    ],
    "an enum of two types": [((*FIELDS, "style"), {"enum": ["oil", 1]})],
    "a picture as the answer": [((*OK, "content"), {"image/png": {"schema": {"type": "string", "format": "binary"}}})],
    "an answer without content": [((*OPERATION, "responses"), {"204": {"description": "Done."}, "default": ERROR})],
    "fields that branches share": [
        ((*REQUEST, "anyOf"), [{"properties": {"seed": {}}, "required": ["seed", "prompt"]}, {}])
    ],
    "a default of null": [((*FIELDS, "style", "default"), None), ((*FIELDS, "style", "nullable"), True)],
    "no security where nothing speaks of keys": [
        (("security",), None),
        (("components",), None),
        ((*OPERATION, "x-codeSamples"), None),
    ],
}  # fmt: skip
PAGE = "# A page\n\nOf no model.\n"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(fault: str, tmp_path: Path) -> None:
    assert rules(tmp_path, PAGE, spec_with(*FAULTS[fault])) == {fault.split()[0]}


@pytest.mark.parametrize("case", SOUND)
def test_what_is_sound_is_not_accused(case: str, tmp_path: Path) -> None:
    assert rules(tmp_path, PAGE, spec_with(*SOUND[case])) == set()


def test_every_rule_about_specifications_has_a_planted_fault() -> None:
    assert {rule for rule in RULES if rule.startswith("PL4")} == {
        fault.split()[0] for fault in FAULTS if fault.startswith("PL4")
    }


def test_a_finding_stands_at_its_pointer_and_at_its_line(tmp_path: Path) -> None:
    spec = spec_with(((*FIELDS, "style", "default"), "chalk"))

    found = list(findings(tmp_path, {"a.json": spec}))

    lines = (tmp_path / "a.json").read_text().splitlines()
    assert found[0].place.pointer.endswith("/properties/style/default")
    assert '"default": "chalk"' in lines[found[0].place.line - 1]


def test_a_request_that_is_sent_as_a_form_is_held_to_the_required_fields(tmp_path: Path) -> None:
    spec = spec_with((SAMPLE, FORM.replace(f" -F 'model={MODEL}'", "")))

    assert rules(tmp_path, PAGE, spec) == {"PL104", "PL110"}


def test_what_another_document_says_is_not_called_missing(tmp_path: Path) -> None:
    spec = spec_with(((*OK, "content", "application/json", "schema"), {"$ref": "answers.json#/picture"}))

    assert rules(tmp_path, PAGE, spec) == {"PL413"}


def test_a_page_is_held_to_the_kinder_of_two_specifications(tmp_path: Path) -> None:
    sample = f"```bash\n{CURL.replace('1024x1024', '64x64')}\n```\n"
    hint = '{% hint style="info" %}\nOur models:\n\n* `' + MODEL + "`\n{% endhint %}\n"
    other = spec_with(((*FIELDS, "size"), {"type": "string"}), (SAMPLE, CURL))

    strict = [one.rule.id for one in findings(tmp_path, {"p.md": f"# A\n\n{hint}\n{sample}", "a.json": SPEC})]
    both = [one.rule.id for one in findings(tmp_path, {"b.json": other})]

    assert (strict, both) == (["PL106"], [])


def test_a_form_is_found_where_the_body_is_a_reference(tmp_path: Path) -> None:
    body = SPEC["paths"][PATH]["post"]["requestBody"]
    referred = ((*OPERATION, "requestBody"), {"$ref": "#/components/requestBodies/paint"})
    spec = spec_with(referred, (("components", "requestBodies"), {"paint": body}), (SAMPLE, FORM))

    assert rules(tmp_path, PAGE, spec) == {"PL110"}


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "string", "description": "From 1 to " + "9" * 400 + "."},
        {"anyOf": [{"type": "array", "maxItems": [1]}], "description": "Up to 3 images."},
        {"anyOf": [{"type": "string", "format": ["uri"]}], "description": "In Base64."},
    ],
    ids=["endless", "limit", "format"],
)
def test_what_is_no_limit_is_passed_over(odd: dict[str, Any], tmp_path: Path) -> None:
    assert rules(tmp_path, PAGE, spec_with(((*FIELDS, "odd"), odd))) <= {"PL412"}


def test_a_pattern_of_somebody_else_is_never_run(tmp_path: Path) -> None:
    slow = {"type": "string", "pattern": "^(a+)+$", "example": "a" * 60 + "!", "default": "a" * 60 + "!"}
    spec = spec_with(((*FIELDS, "prompt"), slow), (SAMPLE, CURL.replace("A kite.", "a" * 60 + "!")))

    assert rules(tmp_path, spec=spec) <= {"PL114"}


def test_fields_that_a_pattern_names_are_not_refused_without_it(tmp_path: Path) -> None:
    loose = {
        "type": "object",
        "patternProperties": {"^x-": {"type": "integer"}},
        "additionalProperties": False,
        "example": {"x-a": 1},
    }

    assert rules(tmp_path, spec=spec_with(((*FIELDS, "extra"), loose))) == set()


def test_a_status_that_is_a_text_is_found_in_an_example(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"type": "object"}, "example": {"statusCode": "429"}}}
    change = ((*OPERATION, "responses", "429"), {"description": "Too many.", "content": content})

    assert rules(tmp_path, spec=spec_with(change)) == {"PL210"}


@pytest.mark.parametrize("name", ["pets.json", "spec.yaml"])
def test_what_is_not_about_images_or_not_json_is_a_note_in_a_folder_and_else_an_error(
    name: str, tmp_path: Path
) -> None:
    content = spec_with((("paths",), {"/pets": {"get": {"responses": {"200": {"description": "Pets."}}}}}))
    text = "openapi: 3.0.0\npaths: {}\n" if name.endswith("yaml") else json.dumps(content)
    (tmp_path / name).write_text(text)
    (tmp_path / ".gitbook.yaml").write_text("root: ./\n")

    folder, alone = (lint([str(place)], load_all()) for place in (tmp_path, tmp_path / name))

    assert [(one.rule.id, one.place.file) for one in folder.findings] == [("PL002", str(tmp_path / name))]
    assert ([one.rule.id for one in alone.findings], alone.documents) == (["PL001"], 0)
