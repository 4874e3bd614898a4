"""The installed suite against servers it has never met: it finds each planted fault, and nothing in a clean mock."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from threading import Thread

import pytest
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from werkzeug.wrappers import Request, Response

from .faults import DREAM, EDIT, FAULTS, GONE, Body, Fault, Faulty, without
from .judging import Done, judged

# What else is behind a URL: a mock that is bent, but not wrong


def unreachable(body: Body) -> Body:
    return {**body, "data": [{"url": "http://127.0.0.1:1/picture.jpeg"}]}


def late_the_second_time() -> Callable[[Body], Body]:
    """The second answer of all, which is the anchor's, is a minute late."""
    answers = count(1)
    return lambda body: {**body, "created": body["created"] + 60} if next(answers) == 2 else body


def any_prompt(body: Body) -> Body:
    return {**body, "prompt": "x"} if body.get("prompt") == "" else body


def bare(_: Request, response: Response) -> Response:
    """An answer without any header that only our own mock must have."""
    for name in ("x-request-id", "x-client-request-id", "access-control-allow-origin"):
        response.headers.pop(name, None)
    return response


def limited(request: Request, posted: list[Body]) -> Response | None:
    """The first request is asked to come again."""
    # It is no less posted.
    asked = request.method == "POST" and not posted
    return Response("{}", 429, {"Retry-After": "0"}, content_type="application/json") if asked else None


def partial(request: Request, _: list[Body]) -> Response | None:
    """No other path than the one, and a list without the model."""
    if request.path.endswith("/models"):
        return Response('{"data": [{"id": "somebody/else"}]}', content_type="application/json")
    other = request.path in ("/v1/images/generations/", "/images/generations")
    return Response("{}", 404, content_type="application/json") if other else None


def failing_once() -> Callable[[Request, list[Body]], Response | None]:
    """The first time that a body comes, there is an error."""
    seen: set[bytes] = set()

    def instead(request: Request, _: list[Body]) -> Response | None:
        new = request.method == "POST" and request.get_data() not in seen
        seen.add(request.get_data())
        return Response("{}", 500, content_type="application/json") if new else None

    return instead


@dataclass(frozen=True)
class Judged:
    """A run of the suite, and the server that it ran on."""

    done: Done
    app: Faulty


OTHERS: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "clean-l0": (Fault("", "not image-pixels", f"{DREAM}, {EDIT}"), ("--pixelpact-tier", "l0")),
    "clean-l1": (Fault("", "not image-pixels"), ("--pixelpact-tier", "l1")),
    "clean-l2": (Fault("", "not broken"), ("--pixelpact-tier", "l2")),
    "clean-l3": (Fault("", "not image-pixels"), ()),
    "clean-edits": (Fault("", "not image-pixels", EDIT), ()),
    "seed-unread": (Fault("", "request_is_refused and -seed-", body=without("seed")), ()),
    "retired-l0": (Fault("", "documented or broken or pairs", instead=GONE), ("--pixelpact-tier", "l0")),
    "retired-l3": (Fault("", "documented or broken or pairs", instead=GONE), ()),
    "late-anchor": (
        Fault("", "first_documented or pairs or relate or links", answer=late_the_second_time()),
        ("--pixelpact-tier", "l1"),
    ),
    "limited": (Fault("", "first_documented or (together and rate-limit)", instead=limited), ()),
    "any-prompt": (Fault("", "prompt-minLength and request_is_refused", body=any_prompt), ()),
    "bare": (Fault("", "first_documented or access or session", after=bare), ()),
    "partial": (Fault("", "other_paths or models_are_listed", instead=partial), ()),
    "failing-once": (
        Fault("", "any_valid_request", EDIT, instead=failing_once()),
        ("--pixelpact-examples", "20"),
    ),
    "unreachable": (Fault("", "first_documented", answer=unreachable), ()),
}
RUNS: dict[str, tuple[Fault, tuple[str, ...]]] = OTHERS | {name: (fault, ()) for name, fault in FAULTS.items()}


@pytest.fixture(scope="module")
def judgements(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Judged]:
    """What the suite says of each server; asked for again, it is not judged again."""

    @cache
    def judge(name: str) -> Judged:
        fault, arguments = RUNS[name]
        app = Faulty(create_app(), fault)
        with Server(app) as server:
            within = ("-k", fault.within, *arguments)
            done = judged(tmp_path_factory.mktemp("judged"), f"{server.url}/v1/", *within, model=fault.model)
        return Judged(done, app)

    return judge


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_its_check(fault: str, judgements: Callable[[str], Judged]) -> None:
    done = judgements(fault).done

    assert done.returncode == 1, done.stdout
    assert f"{FAULTS[fault].finding}\n  promised  " in done.stdout, done.stdout
    assert f"\n  repeat    {FAULTS[fault].repeated_by}" in done.stdout


@pytest.mark.parametrize(
    ("run", "pictures"), [("clean-l0", 0), ("clean-l1", 3), ("clean-l2", 8), ("clean-l3", 24), ("clean-edits", 24)]
)
def test_a_clean_mock_behind_a_url_costs_so_many_pictures_and_nothing_is_found(
    run: str, pictures: int, judgements: Callable[[str], Judged]
) -> None:
    found = judgements(run)

    assert found.done.returncode == 0, found.done.stdout
    assert " passed" in found.done.stdout
    assert "pixelpact warnings" not in found.done.stdout
    assert len(found.app.made) == pictures


def test_the_first_request_of_all_is_the_documented_one(judgements: Callable[[str], Judged]) -> None:
    app = judgements("clean-l3").app

    assert app.posted[0] is app.made[0]
    assert app.made[0]["prompt"].startswith("A T-Rex relaxing on a beach")


def test_what_is_free_comes_before_the_second_picture(judgements: Callable[[str], Judged]) -> None:
    app = judgements("clean-l3").app

    second = next(number for number, body in enumerate(app.posted) if body is app.made[1])
    assert second > 100


def test_after_two_broken_requests_that_were_accepted_no_more_are_sent(judgements: Callable[[str], Judged]) -> None:
    found = judgements("seed-unread")

    assert found.done.stdout.count("PX301 refusal\n") == 2
    assert "2 broken requests were accepted, and each may be billed" in found.done.stdout
    # One to find out what is accepted, and the two that should not have been: none is tried again.
    assert ["seed" in body for body in found.app.posted] == [False, True, True]


def test_every_picture_that_was_paid_for_is_judged(judgements: Callable[[str], Judged]) -> None:
    found = judgements("late-anchor")

    assert len(found.app.made) == 3
    assert "PX107 clock\n" in found.done.stdout


@pytest.mark.parametrize("run", ["retired-l0", "retired-l3"])
def test_of_a_retired_model_nothing_else_is_judged_and_that_is_said(
    run: str, judgements: Callable[[str], Judged]
) -> None:
    found = judgements(run)

    assert "PX301" not in found.done.stdout
    assert f"RETIRED {DREAM}: 404 " in found.done.stdout
    assert f"{DREAM} is retired" in found.done.stdout
    assert len(found.app.posted) <= 3


def test_a_retired_model_is_a_finding(judgements: Callable[[str], Judged]) -> None:
    done = judgements("retired-l3").done

    assert (done.returncode, done.stdout.count("\n  promised  ")) == (1, 1), done.stdout
    assert "PX102 retired\n" in done.stdout


def test_a_request_that_was_asked_to_wait_is_a_warning(judgements: Callable[[str], Judged]) -> None:
    done = judgements("limited").done

    assert done.returncode == 0, done.stdout
    assert "PX510 rate-limit (warning)\n" in done.stdout
    assert "came      429, 1 times, with Retry-After 0\n" in done.stdout


def test_a_stranger_is_not_accused_of_what_is_only_assumed(judgements: Callable[[str], Judged]) -> None:
    done = judgements("any-prompt").done

    assert (done.returncode, "PX301 refusal\n" in done.stdout) == (0, False), done.stdout
    assert "PX301 refusal (warning)\n" in done.stdout


def test_a_stranger_may_lack_what_only_our_own_mock_must_have(judgements: Callable[[str], Judged]) -> None:
    done = judgements("bare").done

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("warning", ["PX406 alias (warning)", "PX410 models-list (warning)"])
def test_what_a_server_may_do_without_is_a_warning(warning: str, judgements: Callable[[str], Judged]) -> None:
    done = judgements("partial").done

    assert done.returncode == 0, done.stdout
    assert f"\n{warning}\n" in done.stdout


def test_a_link_that_cannot_be_followed_is_a_finding_and_no_crash(judgements: Callable[[str], Judged]) -> None:
    done = judgements("unreachable").done

    assert done.returncode == 1, done.stdout
    assert "came      0 no answer: ConnectError" in done.stdout


def test_what_exploring_finds_once_and_not_again_is_a_flaky_finding(judgements: Callable[[str], Judged]) -> None:
    done = judgements("failing-once").done

    assert (done.returncode, done.stdout.count("\n  promised  ")) == (1, 1), done.stdout
    assert "PX101 status (flaky)\n" in done.stdout
    assert "\n  repeat    curl -sS -X POST http://127.0.0.1:" in done.stdout
    assert "Flaky" not in done.stdout
    assert "Traceback" not in done.stdout


CRASHING = """
from pixelpact.checks import generation

def crash(*_):
    raise RuntimeError("the suite is broken")

generation.collect = crash
"""


def test_a_crash_of_exploring_is_told_without_the_pictures_of_a_request(tmp_path: Path) -> None:
    (tmp_path / "crashing.py").write_text(CRASHING)

    with Server(create_app()) as server:
        explored = ("-k", "any_valid_request", "--pixelpact-examples", "5")
        done = judged(tmp_path, server.url, "-p", "crashing", *explored, model=EDIT)

    assert done.returncode == 1, done.stdout
    assert "RuntimeError: the suite is broken" in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 400


@contextmanager
def saying(answer: bytes) -> Iterator[str]:
    """A server that says the same to whatever it is asked, and hangs up."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,)).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


GARBLED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("answer", [b"", GARBLED], ids=["nothing", "garbled"])
def test_a_server_that_gives_no_answer_is_a_finding_and_no_crash(answer: bytes, tmp_path: Path) -> None:
    with saying(answer) as url:
        done = judged(tmp_path, url, "-k", "first_documented", model=DREAM)

    assert done.returncode == 1, done.stdout
    assert "PX101 status\n" in done.stdout
    assert "\n  came      0 no answer: " in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
