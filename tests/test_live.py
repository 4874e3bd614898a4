"""The live API, stood in for by a mock under its variables: planned, priced, counted, stopped; recorded; compared."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings
from werkzeug.wrappers import Request, Response

from .judging import spoken

DREAM, EDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
MOCK = create_app()
KEY = "sk-live-0123456789abcdef"


class Till:
    """The mock, and what it would have charged for."""

    def __init__(self) -> None:
        self.app = create_app(Settings(api_keys=frozenset({KEY})))
        self.sold = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        response = Response.from_app(self.app, environ, buffered=True)
        self.sold += environ["REQUEST_METHOD"] == "POST" and response.status_code == 200
        return response(environ, start_response)


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def live(till: Till) -> Iterator[dict[str, str]]:
    with Server(till) as server:
        yield {**os.environ, "AIML_API_BASE": server.url, "AIML_API_KEY": KEY}


def entries(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "pixelpact-ledger.jsonl").read_text("utf-8").splitlines()]


def test_a_run_without_a_tier_is_small_priced_before_it_starts_and_in_the_ledger(
    till: Till, live: dict[str, str], tmp_path: Path
) -> None:
    done = spoken(tmp_path, live, "verify", "--target", "live", "--model", DREAM)

    assert (done.returncode, till.sold) == (0, 3), done.stdout + done.stderr
    assert done.stdout.startswith("plan l1: ")
    assert f"\n  {DREAM}: 3 pictures at most, about $0.09 at $0.0315 a picture\n" in done.stdout
    assert "\n3 pictures, $0.0945 of $0.50\n" in done.stdout
    settled = [entry for entry in entries(tmp_path) if entry["event"] == "settle"]
    assert [(entry["usd"], entry["pictures"]) for entry in settled] == [(0.0315, 1)] * 3
    assert entries(tmp_path)[-1]["event"] == "close"


@pytest.mark.parametrize(("budget", "sold"), [("0.13", 4), ("2p", 2)])
def test_a_budget_that_is_spent_stops_the_run_with_4(
    budget: str, sold: int, till: Till, live: dict[str, str], tmp_path: Path
) -> None:
    done = spoken(tmp_path, live, "verify", "--target", "live", "--model", DREAM, "--tier", "l3", "--budget", budget)

    assert (done.returncode, till.sold) == (4, sold), done.stdout + done.stderr
    assert "\nSTOPPED  " in done.stdout


def test_what_a_run_that_crashed_had_spent_counts_against_the_next(
    till: Till, live: dict[str, str], tmp_path: Path
) -> None:
    spoken(tmp_path, live, "verify", "--target", "live", "--model", DREAM, "--budget", "3p")
    ledger = tmp_path / "pixelpact-ledger.jsonl"
    lines = ledger.read_text("utf-8").splitlines(keepends=True)
    ledger.write_text("".join(line for line in lines if '"close"' not in line))

    done = spoken(tmp_path, live, "verify", "--target", "live", "--model", DREAM, "--budget", "3p")

    assert (done.returncode, till.sold) == (4, 3), done.stdout + done.stderr
    assert "carried from a run that did not end" in done.stdout


def test_the_free_tier_makes_no_picture(till: Till, live: dict[str, str], tmp_path: Path) -> None:
    done = spoken(tmp_path, live, "verify", "--target", "live", "--model", DREAM, "--tier", "l0")

    assert (done.returncode, till.sold) == (0, 0), done.stdout + done.stderr


def test_nothing_is_explored_where_it_costs_money(till: Till, live: dict[str, str], tmp_path: Path) -> None:
    done = spoken(tmp_path, live, "verify", "--target", "live", "--model", DREAM, "--examples", "5")

    assert (done.returncode, till.sold) == (0, 3), done.stdout + done.stderr


def test_the_live_key_is_in_no_output_and_no_file(live: dict[str, str], tmp_path: Path) -> None:
    done = spoken(tmp_path, live, "record", "kept", "--target", "live", "--model", DREAM)

    assert done.returncode == 0, done.stdout + done.stderr
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 100
    assert [path for path in kept if KEY.encode() in path.read_bytes()] == []
    assert KEY not in done.stdout + done.stderr


def gone(environ: dict[str, Any], start_response: Any) -> Any:
    data = Request(environ).get_data()
    environ["wsgi.input"] = io.BytesIO(data)
    if b'"prompt"' not in data:
        return MOCK(environ, start_response)
    told = {"message": "The model is deprecated", "timestamp": "2026-11-22T10:00:00Z"}
    return Response(json.dumps(told), 404, content_type="application/json")(environ, start_response)


def test_a_retired_model_is_said_loudly_and_nothing_else_is_asked_of_it(tmp_path: Path) -> None:
    with Server(gone) as server:
        environment = {**os.environ, "AIML_API_BASE": server.url, "AIML_API_KEY": KEY}
        done = spoken(tmp_path, environment, "verify", "--target", "live", "--model", DREAM)

    assert done.returncode == 1, done.stdout + done.stderr
    assert f"\nRETIRED  {DREAM}: 404 " in done.stdout
    assert "\nPX102 retired: 1 finding\n" in done.stdout


# Recorded, and judged again with no server


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    done = spoken(folder, dict(os.environ), "record", "kept", "--model", DREAM, "--tier", "l1", "--pictures")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "kept"


def test_recorded_exchanges_hold_offline(recordings: Path, tmp_path: Path) -> None:
    done = spoken(tmp_path, dict(os.environ), "verify", "--exchanges", str(recordings))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 findings, 0 requests, 0 pictures" in done.stdout


def test_a_fault_in_a_recorded_exchange_is_found_offline(recordings: Path, tmp_path: Path) -> None:
    (first,) = recordings.glob("the_first_documented*.json")
    changed = json.loads(first.read_text("utf-8"))
    changed["answer"]["created"] = str(changed["answer"]["created"])
    (tmp_path / "changed.json").write_text(json.dumps({**changed, "pictures": []}))

    done = spoken(tmp_path, dict(os.environ), "verify", "--exchanges", str(tmp_path))

    assert done.returncode == 1, done.stdout + done.stderr
    assert "\nPX104 schema: 1 finding\n" in done.stdout


def test_documented_exchanges_hold_offline(tmp_path: Path) -> None:
    documented = Path(__file__).parents[1] / "fixtures" / "exchanges"

    done = spoken(tmp_path, dict(os.environ), "verify", "--exchanges", str(documented))

    assert done.returncode == 0, done.stdout + done.stderr


# Compared


def test_a_mock_is_like_its_own_skeletons(tmp_path: Path) -> None:
    kept = Path(__file__).parents[1] / "fixtures" / "skeletons" / "mock-observed.json"

    done = spoken(tmp_path, dict(os.environ), "verify", "--tier", "l1", "--against", str(kept))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n0 differences between the two\n" in done.stdout


def test_a_difference_between_two_servers_is_named_with_its_likely_owner(tmp_path: Path) -> None:
    def numbered(environ: dict[str, Any], start_response: Any) -> Any:
        response = Response.from_app(plain, environ, buffered=True)
        response.headers["x-replica"] = "7"
        return response(environ, start_response)

    plain = create_app()
    with Server(numbered) as server:
        done = spoken(tmp_path, dict(os.environ), "verify", "--tier", "l1", "--model", DREAM, "--against", server.url)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "\nheader x-replica (" in done.stdout
    assert "\n  likely mock or docs: the contract allows both\n" in done.stdout
