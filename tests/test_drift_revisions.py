"""The docs' own revisions: every change that is known of them is reported with its class, and no other one."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pixelpact.sources.drift.compare import compare
from pixelpact.sources.drift.contracts import packaged
from pixelpact.sources.drift.reading import read_side, read_sides, side_of
from pixelpact.sources.drift.report import as_json, as_markdown, as_text
from pixelpact.sources.openapi.spec import Found

DOCS = Path(__file__).parents[2] / "shared" / "docs"
REVISIONS = DOCS / "revisions"
SKELETONS = Path(__file__).parents[1] / "fixtures" / "skeletons" / "mock-observed.json"
EDIT, DREAM = "seededit-3.0-i2i", "seedream-3.0"
B, R, H = "breaking", "risky", "harmless"
Row = tuple[str, str, str, str]

LOOSE: Row = ("wording", "endpoint", H, H)
TYPED: Row = ("type-spelt", "request/model", H, H)
KEYLESS: Row = ("security-dropped", "endpoint/security", R, H)
NO_GUIDANCE: Row = ("default-dropped", "request/guidance_scale", R, H)
GUIDANCE: Row = ("default-stated", "request/guidance_scale", H, H)
MARK_DEPRECATED: Row = ("deprecated", "request/watermark", R, H)
MARK_IN_USE: Row = ("undeprecated", "request/watermark", H, H)
NEW_STATUS: Row = ("status-replaced", "answer 200", R, B)
NEW_FORM: Row = ("replaced", "answer 200", H, B)
CREDITS: Row = ("field-renamed", "answer 200/meta/usage/tokens_used", H, B)

CHANGES: dict[tuple[str, str, str], set[Row]] = {
    (EDIT, "20250805", "20250812"): {
        ("list-stated", "request/size", B, H),
        ("default-stated", "request/size", H, H),
        ("prose-dropped", "request/size", R, H),
        ("prose-changed", "request/image", R, H),
        LOOSE,
    },
    (EDIT, "20250812", "20250826"): {GUIDANCE, MARK_DEPRECATED, LOOSE},
    (EDIT, "20250826", "20251120"): {NEW_STATUS, NEW_FORM, LOOSE},
    (EDIT, "20251120", "20251125"): {KEYLESS, NO_GUIDANCE, MARK_IN_USE, TYPED, LOOSE},
    (EDIT, "20251125", "20260116"): {CREDITS, LOOSE},
    (DREAM, "20250704", "20250826"): {
        ("answer-described", "answer 201", H, R),
        ("security-spelt", "endpoint/security/access-token/in", H, H),
        ("field-added", "request/aspect_ratio", H, H),
        ("prose-changed", "request/size", R, H),
        ("deprecated", "request/size", R, H),
        GUIDANCE,
        MARK_DEPRECATED,
        LOOSE,
    },
    (DREAM, "20250826", "20251120"): {NEW_STATUS, NEW_FORM, LOOSE},
    (DREAM, "20251120", "20251125"): {
        ("field-removed", "request/aspect_ratio", B, H),
        ("undeprecated", "request/size", H, H),
        KEYLESS,
        NO_GUIDANCE,
        MARK_IN_USE,
        TYPED,
        LOOSE,
    },
    (DREAM, "20251125", "20260116"): {CREDITS, LOOSE},
}
SAID = [
    ((EDIT, "20250805", "20250812"), "request/size", "area: 262144 to 4194304 pixels", "no limit"),
    (
        (EDIT, "20250805", "20250812"),
        "request/image",
        "bytes: 50 mb; count: at most 16 pictures; format: jpeg, png, webp; form: array",
        "form: base64, url; case: lower case",
    ),
    ((DREAM, "20250704", "20250826"), "request/size", "area: 262144 to 4194304 pixels", "size: 512x512 to 2048x2048"),
    ((EDIT, "20250826", "20251120"), "answer 200", "201", "200"),
    ((EDIT, "20251125", "20260116"), "answer 200/meta/usage/tokens_used", "tokens_used", "credits_used"),
    (
        (DREAM, "20251120", "20251125"),
        "request/aspect_ratio",
        "string, one of 1:1 | 16:9 | 9:16 | 3:4 | 4:3, default 1:1",
        "none",
    ),
]

pytestmark = pytest.mark.skipif(not REVISIONS.is_dir(), reason="the vendor's files are not part of the kit")


def path(model: str, day: str) -> str:
    return str(REVISIONS / f"{model}.{day}.json")


def rows(pair: tuple[str, str, str]) -> list[dict[str, Any]]:
    model, old, new = pair
    changes: list[dict[str, Any]] = json.loads(as_json(compare(*read_sides(path(model, old), path(model, new)))))[
        "changes"
    ]
    return changes


def place(row: dict[str, Any]) -> str:
    return f"{row['part']}{row['path']}"


def test_every_revision_has_its_place_in_the_list_of_changes() -> None:
    files = sorted(file.name for file in REVISIONS.glob("*.json"))
    days = {model: [name.split(".")[-2] for name in files if name.startswith(model)] for model in (EDIT, DREAM)}
    pairs = {(model, *pair) for model, of in days.items() for pair in pairwise(of)}
    assert pairs == {*CHANGES}


@pytest.mark.parametrize("pair", CHANGES, ids="-".join)
def test_the_changes_between_two_revisions_are_those_that_are_known(pair: tuple[str, str, str]) -> None:
    assert {(row["kind"], place(row), row["callers"], row["answers"]) for row in rows(pair)} == CHANGES[pair]


@pytest.mark.parametrize(("pair", "where", "before", "after"), SAID, ids=range(len(SAID)))
def test_what_was_and_what_is_are_told(pair: tuple[str, str, str], where: str, before: str, after: str) -> None:
    assert (before, after) in [(row["before"], row["after"]) for row in rows(pair) if place(row) == where]


def test_samples_tags_and_ids_are_told_as_such() -> None:
    (loose,) = [row for row in rows((EDIT, "20251120", "20251125")) if row["kind"] == "wording"]
    parts = ["samples", "operation id", "tags", "title and version of the document", "descriptions of the answers"]
    assert loose["after"].split("; ")[-5:] == parts


def test_a_revision_has_not_drifted_from_itself() -> None:
    for revision in sorted(REVISIONS.glob("*.json")):
        assert compare(*read_sides(str(revision), str(revision))).findings == ()


def permuted(node: Any, chance: random.Random) -> Any:
    """The same document in another order: of members, of required fields, of listed values."""
    if isinstance(node, dict):
        return {
            key: chance.sample(value, len(value))
            if key in ("required", "enum") and isinstance(value, list)
            else permuted(value, chance)
            for key, value in chance.sample(list(node.items()), len(node))
        }
    return [permuted(item, chance) for item in node] if isinstance(node, list) else node


@pytest.mark.parametrize("revision", sorted(REVISIONS.glob("*.json")), ids=lambda file: file.stem)
def test_a_revision_in_another_order_with_other_samples_is_one_harmless_change(revision: Path) -> None:
    content = permuted(json.loads(revision.read_bytes()), random.Random(5))
    content["paths"]["/v1/images/generations"]["post"]["x-codeSamples"] = [{"lang": "cURL", "source": "curl"}]
    contents = (revision.read_bytes(), json.dumps(content).encode())
    old, new = (side_of("", [Found(revision.name, data)]) for data in contents)
    (found,) = compare(old, new).findings
    assert (found.change.kind, str(found.severity)) == ("wording", H)
    assert {part.partition(" of ")[0] for part in found.change.after.split("; ")} == {"order", "samples"}


@pytest.mark.parametrize("pair", CHANGES, ids="-".join)
def test_no_sentence_of_the_docs_is_in_a_report(pair: tuple[str, str, str]) -> None:
    model, old, new = pair
    comparison = compare(*read_sides(path(model, old), path(model, new)))
    told = as_text(comparison) + as_markdown(comparison) + as_json(comparison)
    sentences = {text for day in (old, new) for text in described(json.loads(Path(path(model, day)).read_bytes()))}
    assert [text for text in sentences if len(text) > 25 and text in told] == []


def described(node: Any) -> list[str]:
    inside = [*node.values()] if isinstance(node, dict) else node if isinstance(node, list) else []
    own = [node["description"]] if isinstance(node, dict) and isinstance(node.get("description"), str) else []
    return [*own, *(text for value in inside for text in described(value))]


@pytest.mark.parametrize("pair", [pair for pair in CHANGES if pair[2] <= "20251125"], ids="-".join)
def test_two_files_of_megabytes_take_less_than_two_seconds_of_work(pair: tuple[str, str, str]) -> None:
    start = time.process_time()
    rows(pair)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("profile", "file"),
    [
        ("profile:2026-01", f"{EDIT}.20260116"),
        ("profile:2026-01", f"{DREAM}.20260116"),
        ("profile:2025-11", f"{EDIT}.20251125"),
        ("profile:2025-11", f"{DREAM}.20251125"),
        ("profile:2025-08", f"{EDIT}.20250826"),
        ("profile:2025-08", f"{DREAM}.20250826"),
    ],
)
def test_a_profile_of_the_kit_has_not_drifted_from_the_revision_it_was_read_from(profile: str, file: str) -> None:
    found = compare(*read_sides(profile, str(REVISIONS / f"{file}.json"))).findings
    assert [one.change for one in found if one.change.kind != "type-spelt"] == []


def test_a_recording_of_the_mock_is_refuted_by_the_revision_before_last() -> None:
    found = compare(*read_sides(str(SKELETONS), path(DREAM, "20250826"))).findings
    assert [one.change.kind for one in found] == ["status-replaced", "replaced"]


def test_a_folder_has_the_last_of_its_revisions() -> None:
    comparison = compare(*read_sides(str(REVISIONS), str(DOCS / "specs")))
    assert {found.change.kind for found in comparison.findings} == {"model-added"}
    assert f"bytedance/{EDIT}: 6 files tell of it, {EDIT}.20260116.json was compared" in comparison.notes


def test_the_models_that_the_kit_imported_have_not_drifted_from_their_files() -> None:
    side = packaged()
    files = {path.name for path in (DOCS / "specs").iterdir()}
    # Two were imported of other commits of the docs.
    here = replace(side, offers=tuple(offer for offer in side.offers if not offer.file or offer.file in files))
    comparison = compare(here, read_side(str(DOCS / "specs")))
    assert comparison.models >= 38
    assert [found for found in comparison.findings if found.severity] == []
