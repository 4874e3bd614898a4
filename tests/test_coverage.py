"""Contract coverage: what the calls in a journal have exercised, and how that is added up and shown."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixelpact.contract.contract import Contract, load
from pixelpact.doors.coverage_plugin import percentage
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Size
from pixelpact.service.app import create_app, mock_of
from pixelpact.service.coverage import BadCoverage, Coverage, cover, exercised, items
from pixelpact.service.coverage_probes import ERRORS, FAULTS, LINKS, NOT_TO_BE_MET, Item
from pixelpact.service.coverage_report import MOST_LINES, WIDTH, as_json, as_junit, as_text, in_short, write
from pixelpact.service.faultkinds import KINDS
from pixelpact.service.journal import API, DOWNLOAD, Entry

pytest_plugins = ["pytester"]
CONTRACT = load()
DRAW, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
BRUSH = "acme/brush-1"
OURS = {"x-source": {"*": "no-evidence"}}
# Keywords and nestings that the packaged models do not have.
FIELDS: dict[str, Any] = {
    "model": {"enum": [BRUSH], **OURS},
    "prompt": {"type": "string", "minLength": 2, "maxLength": 501, **OURS},
    "style": {"const": "oil", **OURS},
    "steps": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 51, "default": 20, **OURS},
    "strength": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, **OURS},
    "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 500, **OURS},
    "loras": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"enum": ["a", "b"], **OURS}, **OURS},
    "image_size": {
        "anyOf": [
            {"type": "string", "enum": ["square", "wide"], **OURS},
            {
                "type": "object",
                "required": ["width"],
                "properties": {
                    "width": {"type": "integer", "minimum": 64, **OURS},
                    "height": {"type": "integer", "default": 64, **OURS},
                },
                **OURS,
            },
            {"type": "null", **OURS},
        ],
        **OURS,
    },
    "side": {"type": "string", "x-size": {"minSide": 256, "maxSide": 512}, **OURS},
    "n": {"type": ["integer", "string"], **OURS},
    "either": {
        "anyOf": [{"type": "integer", "minimum": 0, **OURS}, {"type": "string", "x-size": {"minSide": 8}, **OURS}],
        **OURS,
    },
    "old": {"type": "string", "deprecated": True, **OURS},
    "ignored": {"description": "Read, and nothing is promised."},
}
DATA_URI = {"picture": "image/png", "form": "data-uri", "bytes": 9, "sha256": "ab"}


def called(hop: str = API, status: int = 200, method: str = "POST", **facts: Any) -> Entry:
    return Entry(hop, datetime(2026, 6, 1, tzinfo=UTC), "id", method, "/", status, 1.0, facts)


def drawn(**fields: Any) -> Entry:
    return called(model=DRAW, form="url", body={"model": DRAW, "prompt": "A fox.", **fields})


def edited(image: Any) -> Entry:
    return called(model=EDIT, form="url", body={"model": EDIT, "prompt": "A hat.", "image": image})


def downloaded(status: int = 200, method: str = "GET", **facts: Any) -> Entry:
    return called(DOWNLOAD, status, method, **facts)


def names(found: Iterable[Item], group: str, field: str | None = None) -> set[str]:
    return {item.name for item in found if item.group == group and field in (None, item.field)}


@pytest.fixture(scope="module")
def brush(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """A contract with one more model, whose schema is a file and nothing else."""
    folder = tmp_path_factory.mktemp("schemas")
    place = folder / "acme" / "brush-1"
    place.mkdir(parents=True)
    request = {
        "type": "object",
        "required": ["model", "prompt"],
        "properties": FIELDS,
        "x-output-size": [{"as": "fixed", "size": "640x480", "source": "no-evidence"}],
        **OURS,
    }
    schema = "https://json-schema.org/draft/2020-12/schema"
    (place / "request.json").write_text(json.dumps({"$schema": schema, "$defs": {"all": request}}))
    model = {
        "id": BRUSH,
        "title": "Brush 1",
        "task": "draw",
        "status": "current",
        "credits": 1,
        "picture": {"container": "jpeg", "quality": 90, "digest": "artist", "folder": "brush"},
        "profiles": {"observed": {"request": "request.json#/$defs/all"}},
        "x-source": {},
    }
    (place / "model.json").write_text(json.dumps(model))
    return load(folder)


# What a call exercises


@pytest.mark.parametrize(
    ("field", "value", "done"),
    [
        ("guidance_scale", 1, {"=1 (minimum)"}),
        ("guidance_scale", 10.0, {"=10 (maximum)"}),
        ("guidance_scale", 2.5, {" inside"}),
        ("guidance_scale", True, set()),
        ("watermark", True, {"=true"}),
        ("watermark", False, {"=false"}),
        ("response_format", "b64_json", {"=b64_json"}),
        ("size", "512x512", {" at minArea (262,144 pixels)"}),
        ("size", "4096x1024", {" at maxArea (4,194,304 pixels)"}),
        ("size", "1888x301", {" inside"}),
        ("seed", -1, {"=-1 (minimum)"}),
        ("seed", 2147483647, {"=2147483647 (maximum)"}),
        ("prompt", "x", {" of 1 character (minLength)"}),
        ("prompt", "xy", set()),
    ],
)
def test_a_value_exercises_what_its_schema_says_of_it(field: str, value: Any, done: set[str]) -> None:
    found = exercised(CONTRACT, [drawn(**{field: value})])

    assert names(found, DRAW, field) == {field, *(f"{field}{label}" for label in done)}


def test_a_field_left_out_exercises_its_default() -> None:
    found = exercised(CONTRACT, [drawn()])

    defaults = {
        "response_format left out (url)",
        "size left out (1024x1024)",
        "seed left out (-1)",
        "guidance_scale left out (2.5)",
        "watermark left out (false)",
    }
    assert names(found, DRAW) == {"prompt", "answered as url", *defaults}


@pytest.mark.parametrize(
    ("image", "done"),
    [
        (DATA_URI, {" as data-uri", " in png"}),
        ({**DATA_URI, "form": "base64", "picture": "image/jpeg"}, {" as base64", " in jpeg"}),
        ("https://pictures.example/cat.png", {" as url"}),
        ("data:image/png;base64,iVBO", {" as data-uri"}),
        ("iVBORw0KGgo=", {" as base64"}),
    ],
)
def test_an_edit_exercises_the_form_and_the_format_of_its_picture(image: Any, done: set[str]) -> None:
    found = exercised(CONTRACT, [edited(image)])

    assert names(found, EDIT, "image") == {"image", *(f"image{label}" for label in done)}


def test_a_refused_request_exercises_the_refusal_and_no_field() -> None:
    entry = called(status=400, kind="invalid_request", body={"model": DRAW, "watermark": True})

    assert set(names(exercised(CONTRACT, [entry]), DRAW)) == set()
    assert names(exercised(CONTRACT, [entry]), ERRORS) == {"invalid_request"}


def test_a_right_request_that_fails_exercises_its_fields_too() -> None:
    body = {"model": DRAW, "prompt": "A fox.", "watermark": True}

    found = exercised(CONTRACT, [called(status=403, kind="out_of_credits", body=body)])

    assert "watermark=true" in names(found, DRAW)
    assert "answered as url" not in names(found, DRAW)


@pytest.mark.parametrize("name", sorted(CONTRACT.errors.keys() - NOT_TO_BE_MET))
def test_an_error_is_exercised_by_a_call_that_met_it(name: str) -> None:
    assert names(exercised(CONTRACT, [called(status=400, kind=name)]), ERRORS) == {name}


@pytest.mark.parametrize(
    ("fault", "status", "met"),
    [
        ("status", 429, {"too_many_requests"}),
        ("status", 404, {"not_found"}),
        ("status", 400, {"invalid_request"}),
        ("status", 418, set()),
        ("moderation", 400, {"moderation"}),
        ("html", 502, set()),
    ],
)
def test_a_fault_in_the_words_of_the_api_is_the_error_of_its_status(fault: str, status: int, met: set[str]) -> None:
    entry = called(status=status, faults=["latency", fault], body={"model": DRAW, "prompt": "A fox."})

    assert names(exercised(CONTRACT, [entry]), ERRORS) == met


def test_an_error_of_the_store_is_none_of_the_api() -> None:
    found = exercised(CONTRACT, [downloaded(500, faults=["status"]), downloaded(500, kind="internal")])

    assert names(found, ERRORS) == set()


@pytest.mark.parametrize(("name", "hop"), [(name, hop) for name, kind in KINDS.items() for hop in kind.on])
def test_a_fault_is_exercised_on_the_hop_that_it_hit(name: str, hop: str) -> None:
    assert names(exercised(CONTRACT, [called(hop, faults=[name])]), FAULTS) == {f"{name} on {hop}"}


@pytest.mark.parametrize(
    ("entry", "done"),
    [
        (downloaded(), {"downloaded"}),
        (downloaded(206), {"downloaded"}),
        (downloaded(method="HEAD"), set()),
        (downloaded(403, kind="expired"), {"expired"}),
        (downloaded(403, faults=["expired"]), {"expired"}),
        (downloaded(403, kind="tampered"), set()),
        (drawn(), set()),
    ],
)
def test_links_are_exercised_by_downloads(entry: Entry, done: set[str]) -> None:
    assert names(exercised(CONTRACT, [entry]), LINKS) == done


@pytest.mark.parametrize("body", [None, [], "text", {"model": ["errors"]}, {"model": "errors"}, {"model": None}])
def test_a_body_that_names_no_model_exercises_nothing(body: Any) -> None:
    assert exercised(CONTRACT, [called(body=body)]) == {}


def test_a_model_that_is_called_like_a_group_counts_nothing_twice() -> None:
    found = exercised(CONTRACT, [called(status=400, kind="invalid_request", body={"model": ERRORS})])

    assert set(found.values()) == {1}


def test_calls_are_counted() -> None:
    found = exercised(CONTRACT, [drawn(seed=7), drawn(seed=8), drawn()])

    assert {item.name: times for item, times in found.items() if item.field == "seed"} == {
        "seed": 2,
        "seed inside": 2,
        "seed left out (-1)": 1,
    }


# Models of any schema


def test_another_model_needs_no_code(brush: Contract) -> None:
    found = names(items(brush, [BRUSH]), BRUSH)

    assert found == {
        *("prompt", "prompt of 2 characters (minLength)"),
        *("style", "style=oil", "style left out"),
        *("steps", "steps=1 (exclusiveMinimum)", "steps=50 (exclusiveMaximum)", "steps inside", "steps left out (20)"),
        *("strength", "strength=1 (maximum)", "strength inside", "strength left out"),
        *("name", "name of 500 characters (maxLength)", "name left out"),
        *("loras", "loras of 1 item (minItems)", "loras of 2 items (maxItems)", "loras left out"),
        *("loras[]=a", "loras[]=b"),
        *("image_size", "image_size as string", "image_size as object", "image_size=null", "image_size left out"),
        *("image_size=square", "image_size=wide"),
        *("image_size.width", "image_size.width=64 (minimum)", "image_size.width inside"),
        *("image_size.height", "image_size.height left out (64)"),
        *("side", "side at minSide (256 pixels)", "side at maxSide (512 pixels)", "side inside", "side left out"),
        *("n", "n as integer", "n as string", "n left out"),
        *("either", "either as integer", "either as string", "either=0 (minimum)", "either at minSide (8 pixels)"),
        *("either inside", "either left out"),
        *("answered as url", "answered as b64_json"),
    }


@pytest.mark.parametrize(
    ("fields", "done"),
    [
        ({"steps": 1}, {"steps", "steps=1 (exclusiveMinimum)"}),
        ({"steps": 2}, {"steps", "steps inside"}),
        ({"strength": 0.001}, {"strength", "strength inside"}),
        ({"name": "a" * 500}, {"name", "name of 500 characters (maxLength)"}),
        ({"loras": ["b", "b"]}, {"loras", "loras of 2 items (maxItems)", "loras[]=b"}),
        ({"image_size": "wide"}, {"image_size", "image_size as string", "image_size=wide"}),
        ({"image_size": None}, {"image_size", "image_size=null"}),
        (
            {"image_size": {"width": 64}},
            {
                *("image_size", "image_size as object", "image_size.width", "image_size.width=64 (minimum)"),
                "image_size.height left out (64)",
            },
        ),
        ({"side": "256x512"}, {"side", "side at minSide (256 pixels)", "side at maxSide (512 pixels)"}),
        ({"side": "300x300"}, {"side", "side inside"}),
        ({"n": "2"}, {"n", "n as string"}),
        ({"n": True}, {"n"}),
        ({"either": 9}, {"either", "either as integer", "either inside"}),
        ({"either": "9x9"}, {"either", "either as string", "either inside"}),
        ({"old": "x", "ignored": 1, "nobody": "knows"}, set()),
    ],
)
def test_values_of_another_model_are_told_by_its_keywords(
    brush: Contract, fields: dict[str, Any], done: set[str]
) -> None:
    plain = exercised(brush, [called(body={"model": BRUSH, "prompt": "A fox."})])

    found = exercised(brush, [called(body={"model": BRUSH, "prompt": "A fox.", **fields})])

    assert names(found, BRUSH) - names(plain, BRUSH) == done


def test_what_no_journal_tells_is_listed_and_not_counted(brush: Contract) -> None:
    found = cover(brush, [called(body={"model": BRUSH})])

    assert found.untold == (f"{BRUSH} prompt: maxLength", f"{BRUSH} name: pattern", f"{BRUSH} old: deprecated")


def test_every_item_of_the_packaged_models_has_a_name_of_its_own() -> None:
    found = [(item.group, item.name) for item in items(CONTRACT)]

    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", sorted(NOT_TO_BE_MET))
def test_an_error_that_no_journal_has_is_not_asked_for(name: str) -> None:
    assert name in CONTRACT.errors
    assert name not in names(items(CONTRACT), ERRORS)


# The journal of a real mock


def test_the_mock_writes_what_coverage_reads() -> None:
    app = create_app()
    tenant = mock_of(app).tenants.hold("test-key")
    photograph = base64.b64encode(sample(Size(64, 48), "jpeg")).decode()
    tenant.faults.add("status", code=503, match={"prompt": "Fail."})
    tenant.faults.add("latency", seconds=0, on="download")

    def post(**body: Any) -> Any:
        headers = {"Authorization": "Bearer test-key"}
        return app.test_client().post("/v1/images/generations", json=body, headers=headers).get_json()

    post(model=EDIT, prompt="A hat.", image=f"data:image/jpeg;base64,{photograph}", response_format="b64_json")
    post(model=EDIT, prompt="A hat.", image=photograph)
    post(model=DRAW, prompt="Fail.", watermark=True)
    post(model=DRAW, prompt="A fox.", guidance_scale=11)
    link = post(model=DRAW, prompt="A fox.", size="512x512")["data"][0]["url"]
    app.test_client().get(link)
    tenant.clock.advance(hours=25)
    app.test_client().get(link)

    found = exercised(CONTRACT, tenant.journal.entries)
    edit = names(found, EDIT)
    assert {"image as data-uri", "image as base64", "image in jpeg", "answered as b64_json", "answered as url"} <= edit
    assert {"watermark=true", "size at minArea (262,144 pixels)", "answered as url"} <= names(found, DRAW)
    assert names(found, DRAW, "guidance_scale") == {"guidance_scale left out (2.5)"}
    assert names(found, ERRORS) == {"unavailable", "invalid_request"}
    assert names(found, FAULTS) == {"status on api", "latency on download"}
    assert names(found, LINKS) == {"downloaded", "expired"}


# Coverage


def test_only_models_that_a_call_named_count() -> None:
    found = cover(CONTRACT, [drawn()])

    assert found.groups == (DRAW, ERRORS, FAULTS, LINKS)
    assert found.unused == (EDIT,)


def test_a_download_names_no_model() -> None:
    assert cover(CONTRACT, [downloaded(model=DRAW)]).unused == (EDIT, DRAW)


def test_all_is_a_hundred_percent_and_all_but_one_is_less() -> None:
    done = dict.fromkeys(items(CONTRACT, []), 1)

    assert Coverage(done).percent == 100
    assert Coverage({**done, Item(LINKS, "one", "more"): 0}).percent < 100


def test_what_is_missing_begins_with_what_is_most_useful() -> None:
    found = cover(CONTRACT, [drawn(size="512x512")])

    missing = [item.name for item in found.missing_of(DRAW)]

    assert missing[:4] == ["response_format", "seed", "guidance_scale", "watermark"]
    assert missing[-1] == "size left out (1024x1024)"
    errors = [item.name for item in found.missing_of(ERRORS)]
    assert errors[:2] == ["too_many_requests", "internal"]
    assumed = [CONTRACT.errors[name].source.standing == "assumed" for name in errors]
    assert assumed == sorted(assumed)


ENTRIES = st.lists(
    st.sampled_from(
        [
            drawn(),
            drawn(seed=7, watermark=True),
            edited(DATA_URI),
            downloaded(),
            called(status=429, kind="too_many_requests", faults=["status"]),
        ]
    ),
    max_size=6,
)


@given(ENTRIES, ENTRIES)
def test_what_two_workers_saw_is_what_one_would_have_seen(one: list[Entry], other: list[Entry]) -> None:
    merged = cover(CONTRACT, one).merged(cover(CONTRACT, other))

    whole = cover(CONTRACT, one + other)
    assert merged.to_json() == whole.to_json()
    assert as_text(merged) == as_text(whole)


@given(ENTRIES)
def test_a_coverage_comes_back_from_its_json(entries: list[Entry]) -> None:
    found = cover(CONTRACT, entries)

    assert Coverage.from_json(json.loads(as_json(found))) == found


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "expected form 1, received null"),
        ({"coverage": 2}, "expected form 1, received 2"),
        ({"coverage": 1, "items": [{}], "models": [], "untold": []}, "another form"),
        ({"coverage": 1, "items": []}, "another form: KeyError"),
    ],
)
def test_json_of_another_form_is_refused(value: Any, says: str) -> None:
    with pytest.raises(BadCoverage, match=says):
        Coverage.from_json(value)


# Reports

SHORT = Coverage(
    {
        Item(DRAW, "size", "size sent", 0, "size"): 0,
        Item(DRAW, "size=a", "size sent as a", 1, "size"): 0,
        Item(DRAW, "seed", "seed sent", 0, "seed"): 2,
        Item(DRAW, "seed=1 (maximum)", "seed sent as 1, its maximum", 2, "seed"): 0,
        Item(ERRORS, "internal", "500 Internal Server Error"): 1,
        Item(LINKS, "expired", "a link followed after it had expired"): 0,
    },
    (DRAW, EDIT, "acme/one", "acme/other"),
    (f"{DRAW} image: maxBytes",),
    (DRAW, EDIT),
)
TEXT = """\
contract coverage: 33 %, 2 of 6 exercised

bytedance/seedream-3.0    1 of 4
  missing: size (never sent), seed=1 (maximum)

errors                    1 of 1

links                     0 of 1
  missing: expired

not used: bytedance/seededit-3.0-i2i

models known besides: 2; one that no test calls does not count, here or for a minimum

not counted, as no journal tells of them:
  bytedance/seedream-3.0 image: maxBytes
"""


def test_the_text_says_what_is_missing_by_group() -> None:
    assert as_text(SHORT) == TEXT


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        (set(), "box (never sent), boxes=1"),
        ({"box"}, "box.side (never sent), box=a, box[]=b, boxes=1"),
        ({"box", "box.side"}, "box=a, box[]=b, box.side=2, boxes=1"),
    ],
)
def test_a_field_that_was_never_sent_stands_for_all_that_is_in_it(sent: set[str], missing: str) -> None:
    fields = {"box": "box", "box=a": "box", "box[]=b": "box[]", "box.side": "box.side", "box.side=2": "box.side"}
    found = Coverage(
        {
            Item(LINKS, name, "", int("=" in name), field): int(name in sent)
            for name, field in {**fields, "boxes=1": "boxes"}.items()
        }
    )

    assert as_text(found).splitlines()[-1] == f"  missing: {missing}"


def test_the_text_of_many_items_keeps_to_its_width_and_says_how_many_more_there_are() -> None:
    many = Coverage({Item(LINKS, f"item {number} {'x' * (number * 90 % 200)}", ""): 0 for number in range(300)})

    lines = as_text(many).splitlines()

    assert max(map(len, lines)) <= WIDTH
    assert len(lines) == 3 + MOST_LINES
    shown = sum(line.count("item") for line in lines)
    assert all(line.endswith(",") for line in lines[3:-1])
    assert "xxx…" in lines[-2] + lines[-1]
    assert lines[-1].endswith(f"and {300 - shown} more")


def test_nothing_called_is_said_and_is_no_coverage() -> None:
    assert in_short(Coverage()) == "contract coverage: 0 %, no test called the mock"


def test_almost_all_is_not_rounded_up_to_all() -> None:
    almost = Coverage({Item(LINKS, str(number), ""): min(number, 1) for number in range(1000)})

    assert in_short(almost) == "contract coverage: 99 %, 999 of 1000 exercised"


def test_junit_has_a_case_for_each_item_and_skips_what_is_missing() -> None:
    root = ElementTree.fromstring(as_junit(SHORT))

    suites = {suite.get("name"): (suite.get("tests"), suite.get("skipped")) for suite in root}
    assert suites == {DRAW: ("4", "3"), ERRORS: ("1", "0"), LINKS: ("1", "1")}
    skipped = {case.get("name") for case in root.iter("testcase") if case.find("skipped") is not None}
    assert skipped == {item.name for item in SHORT.missing}
    assert root.findtext("failure") is None


def test_junit_can_hold_what_no_xml_document_can() -> None:
    odd = Coverage({Item(LINKS, "a\x00<b>\ud800&", "a\x0b"): 0})

    (case,) = ElementTree.fromstring(as_junit(odd)).iter("testcase")

    assert case.get("name") == "a\ufffd<b>\ufffd&"


@pytest.mark.parametrize(("name", "start"), [("c.json", "{"), ("c.XML", "<?xml"), ("c.txt", "contract"), ("c", "con")])
def test_the_suffix_decides_the_form_of_the_file(tmp_path: Path, name: str, start: str) -> None:
    write(SHORT, tmp_path / "new" / name)

    assert (tmp_path / "new" / name).read_text("utf-8").startswith(start)


# In pytest

LOADED = "import sys, pixelpact.doors.coverage_plugin; print(*sys.modules)"
CONFTEST = """
from datetime import UTC, datetime

import pytest
from pixelpact.contract.contract import load
from pixelpact.doors.coverage_plugin import NAME, install
from pixelpact.service.journal import Entry


def pytest_addoption(parser):
    parser.addoption("--to", default="")
    parser.addoption("--least", type=float, default=0)


def pytest_configure(config):
    install(config, config.getoption("--to"), config.getoption("--least"))


@pytest.fixture
def call(request):
    entries = []

    def call(**body):
        body = {"model": "bytedance/seedream-3.0", "prompt": "x", **body}
        entries.append(Entry("api", datetime.now(UTC), "id", "POST", "/", 200, 1.0, {"body": body, "form": "url"}))

    yield call
    collector = request.config.pluginmanager.get_plugin(NAME)
    if collector:
        collector.add(load(), entries)
"""
TESTS = """
import pytest


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_seeds(call, seed):
    call(seed=seed)


def test_marks(call):
    call(watermark=True)


def test_does_not_call():
    pass
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """Six tests, of which five call the mock."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)
    return pytester


def covered(path: Path) -> Coverage:
    return Coverage.from_json(json.loads(path.read_text("utf-8")))


def times(path: Path) -> dict[str, int]:
    return {item.name: times for item, times in covered(path).counts.items() if times}


def test_the_side_in_pytest_loads_nothing_of_the_service() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout.split()

    assert "pixelpact.doors.coverage_plugin" in loaded
    assert not [name for name in loaded if name.startswith(("pixelpact.service", "pixelpact.contract"))]


def test_the_coverage_of_a_run_is_written_and_told_in_a_line(project: pytest.Pytester) -> None:
    result = project.runpytest("--to=made/coverage.json")

    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines(["*= pixelpact coverage =*", "contract coverage: 1? %*", "written to */made/*"])
    assert times(project.path / "made" / "coverage.json")["seed inside"] == 4


def test_two_workers_report_what_one_process_would(project: pytest.Pytester) -> None:
    project.runpytest("--to=one.json")

    result = project.runpytest("--to=two.json", "-n2")

    result.assert_outcomes(passed=6)
    assert (project.path / "two.json").read_text("utf-8") == (project.path / "one.json").read_text("utf-8")


def test_a_dash_shows_all_of_it(project: pytest.Pytester) -> None:
    result = project.runpytest("--to=-")

    result.stdout.fnmatch_lines(["bytedance/seedream-3.0 *", "  missing: response_format (*", "not used: *"])


def test_below_the_minimum_a_run_that_passed_fails(project: pytest.Pytester) -> None:
    result = project.runpytest("--least=60.5")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["FAILED: contract coverage is 1?.* %, --pixelpact-coverage-min asks for 60.5 %"])


@pytest.mark.parametrize("line", [["--least=15"], ["--least=60", "--collect-only"], []])
def test_what_is_enough_or_not_asked_for_fails_nothing(project: pytest.Pytester, line: list[str]) -> None:
    assert project.runpytest(*line).ret == pytest.ExitCode.OK


def test_without_being_asked_for_nothing_is_said(project: pytest.Pytester) -> None:
    result = project.runpytest()

    result.stdout.no_fnmatch_line("*pixelpact coverage*")


def test_a_worker_that_crashed_takes_only_its_own_calls_along(project: pytest.Pytester) -> None:
    project.makepyfile(test_crash="import os\n\ndef test_crash():\n    os._exit(1)\n")

    result = project.runpytest("--to=c.json", "-n2", "--dist=loadfile")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert times(project.path / "c.json")["seed inside"] == 4


def test_a_file_that_cannot_be_written_fails_the_run_with_the_reason(project: pytest.Pytester) -> None:
    (project.path / "taken").write_text("")

    result = project.runpytest("--to=taken/c.json")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["FAILED: cannot write */taken/c.json: *"])


@pytest.mark.parametrize(("text", "share"), [("", 0), ("0", 0), ("60", 60), ("99.5", 99.5), ("100", 100)])
def test_a_minimum_is_a_percentage(text: str, share: float) -> None:
    assert percentage(text) == share


@pytest.mark.parametrize("text", ["-1", "101", "all", "nan", "60 %"])
def test_a_minimum_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(pytest.UsageError, match="--pixelpact-coverage-min: expected a percentage from 0 to 100, rec"):
        percentage(text)
