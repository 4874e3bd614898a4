"""The suite under pytest-xdist: the verdicts of one process, told once, and nothing spent twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pixelpact.contract_tests.coverage import Part, summary
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from werkzeug.wrappers import Request

from .faults import DREAM, FAULTS, Body, Fault, Faulty
from .judging import Done, judged

SHARED_OUT = ("load", "worksteal")
# Leaves what the suite says of a run as a whole, a line each time.
SAYING = """
import json
from pathlib import Path

def pytest_pixelpact_summary(summary):
    with Path("said.jsonl").open("a") as file:
        file.write(json.dumps(summary) + "\\n")
"""
FREE = ("-p", "saying", "--pixelpact-tier", "l0", "-k", "request_is_refused and -seed-")


def tight_lipped(body: Body, _: object) -> Body:
    """A refusal that does not name the field."""
    told: Body = json.loads(json.dumps(body).replace("seed", "something"))
    return told


@dataclass(frozen=True)
class Judged:
    """A run, what it said as a whole, and the ids of its requests."""

    done: Done
    said: list[dict[str, Any]]
    ids: list[str]


def judged_free(folder: Path, *arguments: str) -> Judged:
    """A run in which nothing may cost anything, on a server that has one fault that is a warning."""
    (folder / "saying.py").write_text(SAYING)
    ids: list[str] = []

    def noting(request: Request) -> dict[str, str]:
        ids.append(request.headers["x-client-request-id"])
        return {}

    with Server(Faulty(create_app(), Fault("", "", headers=noting, refusal=tight_lipped))) as server:
        done = judged(folder, server.url, *FREE, *arguments, model=DREAM)
    lines = (folder / "said.jsonl").read_text("utf-8").splitlines()
    return Judged(done, [json.loads(line) for line in lines], ids)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judged_free(tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judged_free(tmp_path_factory.mktemp("shared"), "-n2")


@pytest.mark.parametrize("dist", SHARED_OUT)
def test_two_processes_find_what_only_all_requests_together_show(dist: str, tmp_path: Path) -> None:
    # The first has the test with the pictures, the other the one that looks at all requests.
    two = ("-k", "far-seed or (together and unique-link)", "--dist", dist)

    with Server(Faulty(create_app(), FAULTS["one-link"])) as server:
        done = judged(tmp_path, server.url, "-n2", *two, model=DREAM)

    assert done.returncode == 1, done.stdout
    assert "PX506 unique-link\n  promised  " in done.stdout, done.stdout


def test_two_processes_say_once_what_one_says(alone: Judged, shared: Judged) -> None:
    assert alone.said[0]["coverage"]["keywords"]["refused"][0] >= 3
    assert shared.said == alone.said


def test_two_processes_warn_of_what_one_warns_of(alone: Judged, shared: Judged) -> None:
    one, two = (run.done.stdout.count(" (warning)\n  promised  ") for run in (alone, shared))

    assert (alone.done.returncode, shared.done.returncode) == (0, 0), shared.done.stdout
    assert one == two > 3, shared.done.stdout


def test_no_two_requests_of_two_processes_have_one_id(shared: Judged) -> None:
    assert {name.rpartition("-")[0] for name in shared.ids} == {"pixelpact-gw0", "pixelpact-gw1"}
    assert len(shared.ids) == len(set(shared.ids))


def test_where_pictures_cost_money_two_processes_ask_for_nothing(tmp_path: Path) -> None:
    app = Faulty(create_app(), Fault("", ""))
    with Server(app) as server:
        live = {"AIML_API_BASE": server.url, "AIML_API_KEY": "sk-pixelpact-secret"}
        done = judged(tmp_path, "live", "-n2", model=DREAM, environ=live)

    assert done.returncode == pytest.ExitCode.INTERRUPTED, done.stdout
    assert "expected one process where pictures cost money, received 2: leave out -n" in done.stdout
    assert (app.posted, list(tmp_path.glob("*ledger*"))) == ([], [])


def test_what_several_processes_covered_is_one_whole() -> None:
    def told(**session: Any) -> Part:
        none: Part = {"accepted": [], "refused": [], "rows": {}, "spent": None, "budget": None, "retired": {}}
        return {"made": {"status": 2}, "unjudged": {"edit": {"no input": 1}}, "session": none | session}

    parts = [told(budget="spent"), told(retired={"a/b": "404"}), {**told(), "session": None}]

    whole = summary(parts, [])

    assert whole["checks"]["status"] == {"ran": 6, "unjudged": {}}
    assert whole["checks"]["edit"] == {"ran": 0, "unjudged": {"no input": 3}}
    assert (whole["budget"], whole["retired"]) == ("spent", {"a/b": "404"})
