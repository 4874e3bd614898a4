"""The programs of `examples/` as their readers run them, and the acceptance of the clients that are here anyway."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app
from werkzeug.wrappers import Request, Response

from examples.acceptance import checks_plain, checks_sdk
from examples.acceptance.checks_plain import Check, Client
from examples.acceptance.homes import ROOT, Home, NotHere, make
from examples.acceptance.mock import serving
from examples.acceptance.probe import Probe, ProbeDied
from examples.acceptance.probes.browser import installed
from examples.acceptance.setups import SETUPS, Known, Setup
from examples.acceptance.verdicts import Result, Verdict, judged, table
from examples.resilient import Client as Resilient
from examples.resilient import NoPicture
from tests.faults import Fault, Faulty, headed, swapped, without

EXAMPLES = Path(__file__).parents[1] / "examples"
BODY = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "512x512"}
Sizes = dict[str, tuple[int, int]]


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app()


@pytest.fixture(scope="module")
def server(app: Any) -> Iterator[Server]:
    with Server(app) as running:
        yield running


# The programs


def run(command: list[str], server: str, folder: Path, key: str = "test-key") -> subprocess.CompletedProcess[str]:
    base = f"{server}/v1"
    given = {"AIML_API_BASE": base, "AIML_API_KEY": key, "OPENAI_BASE_URL": base, "OPENAI_API_KEY": key}
    quiet = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    environment = {**os.environ, **given, **quiet}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def sizes(folder: Path) -> Sizes:
    """Every picture of a folder, and how large it is."""
    return {file.name: Image.open(io.BytesIO(file.read_bytes())).size for file in folder.glob("*.jpg")}


def python(name: str, *arguments: str) -> list[str]:
    return [sys.executable, str(EXAMPLES / name), *arguments]


def needing(package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(importlib.util.find_spec(package) is None, reason=f"{package} is not installed")


with_curl = pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="no curl or bash")
WIDE: Sizes = {"lighthouse.jpg": (1888, 301)}
SQUARE: Sizes = dict.fromkeys(("lighthouse.jpg", *(f"lighthouse-{seed}.jpg" for seed in range(4))), (1024, 1024))
EDITED: Sizes = dict.fromkeys(("lighthouse.jpg", "bird.jpg"), (1152, 864))
PROGRAMS = [
    pytest.param(python("requests_python.py"), WIDE, id="requests"),
    pytest.param(python("httpx_python.py"), SQUARE, id="httpx"),
    pytest.param(python("openai_python.py"), EDITED, id="openai"),
    pytest.param(python("resilient.py", "a fox", "fox.jpg"), {"fox.jpg": (1024, 1024)}, id="resilient"),
    pytest.param(python("aiohttp_python.py"), WIDE, id="aiohttp", marks=needing("aiohttp")),
    pytest.param(
        python("litellm_python.py"), {**EDITED, "square.jpg": (1024, 1024)}, id="litellm", marks=needing("litellm")
    ),
    pytest.param(["bash", str(EXAMPLES / "curl.sh")], WIDE, id="curl", marks=with_curl),
]


@pytest.mark.parametrize(("command", "pictures"), PROGRAMS)
def test_an_example_keeps_its_pictures_and_tells_of_them(
    server: Server, tmp_path: Path, command: list[str], pictures: Sizes
) -> None:
    done = run(command, server.url, tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert sizes(tmp_path) == pictures
    told = dict(re.findall(r"([\w-]+\.jpg)[:,] ([0-9]+) bytes", done.stdout))
    assert told == {file.name: str(file.stat().st_size) for file in tmp_path.glob("*.jpg")}


REFUSED = [program for program in PROGRAMS if program.id in {"requests", "resilient", "curl"}]


@pytest.mark.parametrize(("command", "pictures"), REFUSED)
def test_an_example_with_a_wrong_key_says_so_and_fails(
    server: Server, tmp_path: Path, command: list[str], pictures: Sizes
) -> None:
    done = run(command, server.url, tmp_path, key="invalid-key")

    assert done.returncode != 0
    assert "requires a valid API key" in done.stderr
    assert "invalid-key" not in done.stdout + done.stderr
    assert not [*tmp_path.glob("*.jpg")]


def test_the_openai_example_tells_cost_request_and_refusal(server: Server, tmp_path: Path) -> None:
    done = run(python("openai_python.py"), server.url, tmp_path)

    assert len(re.findall(r"bytes, 63000 credits, request [0-9a-f-]{36}$", done.stdout, re.MULTILINE)) == 2
    assert "guidance_scale: expected at most 10 (maximum), received 11" in done.stdout


@pytest.mark.parametrize("folder", ["openai_node", "ai_sdk"])
def test_an_example_for_node_pins_what_the_acceptance_runs(folder: str) -> None:
    pins = json.loads((EXAMPLES / folder / "package.json").read_text())["dependencies"]

    (setup,) = [setup for setup in SETUPS if setup.example == f"{folder}/draw.mjs"]
    assert {f"{name}@{version}" for name, version in pins.items()} == {*setup.home.packages}


KINDS = ("*.py", "*.sh", "*.html", "*/*.mjs")


def test_every_example_is_in_the_table_of_the_readme() -> None:
    told = (EXAMPLES / "README.md").read_text("utf-8")

    ours = {str(file.relative_to(EXAMPLES)) for kind in KINDS for file in EXAMPLES.glob(kind)} - {"__init__.py"}
    assert ours - {*re.findall(r"\]\(([\w./]+)\)", told)} == set()


# The resilient client


@dataclass
class Flaky:
    """The mock, after the answers that are planned for each method."""

    app: Any
    posts: list[Response] = field(default_factory=list)
    gets: list[Response] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        method = environ["REQUEST_METHOD"]
        self.asked.append(method)
        planned = {"POST": self.posts, "GET": self.gets}[method]
        return (planned.pop(0) if planned else self.app)(environ, start_response)


def failing(status: int, **headers: str) -> Response:
    return Response(
        '{"message": "not today"}', status, {name.replace("_", "-"): value for name, value in headers.items()}
    )


def expired() -> Response:
    return Response("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", 403)


def resilient(answering: Any, waits: list[float]) -> Resilient:
    http = httpx.Client(transport=httpx.WSGITransport(app=answering))
    return Resilient("http://mock", "test-key", sleep=waits.append, http=http)


def by_resilient(flaky: Flaky) -> tuple[bytes, list[float]]:
    waits: list[float] = []
    return resilient(flaky, waits).picture(**BODY), waits


def test_what_goes_well_is_asked_for_once(app: Any) -> None:
    flaky = Flaky(app)

    data, waits = by_resilient(flaky)

    assert (flaky.asked, waits) == (["POST", "GET"], [])
    assert data.startswith(b"\xff\xd8")


@pytest.mark.parametrize(("told", "waited"), [("7", 7), ("1.5", 1.5), ("60", 60)])
def test_a_429_is_asked_again_after_its_retry_after(app: Any, told: str, waited: float) -> None:
    flaky = Flaky(app, [failing(429, Retry_After=told)])

    _, waits = by_resilient(flaky)

    assert (flaky.asked, waits) == (["POST", "POST", "GET"], [waited])


def test_a_retry_after_may_be_a_date(app: Any) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)

    _, (wait,) = by_resilient(Flaky(app, [failing(503, Retry_After=date)]))

    assert 27 < wait <= 30


@pytest.mark.parametrize("told", ["soon", "-5", "", "0", "Sun, 22 Nov 2020 15:00:00 GMT"])
def test_a_retry_after_that_says_nothing_leaves_the_own_wait(app: Any, told: str) -> None:
    _, (wait,) = by_resilient(Flaky(app, [failing(429, Retry_After=told)]))

    assert 0.25 <= wait <= 0.5


def test_a_wait_beyond_patience_is_not_waited(app: Any) -> None:
    flaky, waits = Flaky(app, [failing(429, Retry_After="61")]), list[float]()

    with pytest.raises(NoPicture, match="told to wait 61 s: 429 not today"):
        resilient(flaky, waits).picture(**BODY)

    assert (flaky.asked, waits) == (["POST"], [])


def test_three_500s_are_outlasted_with_growing_waits(app: Any) -> None:
    flaky = Flaky(app, [failing(500), failing(500), failing(500)])

    _, waits = by_resilient(flaky)

    assert flaky.asked == ["POST"] * 4 + ["GET"]
    assert [low <= wait <= 2 * low for low, wait in zip((0.25, 0.5, 1), waits, strict=True)] == [True] * 3


def test_the_fourth_500_is_the_last(app: Any) -> None:
    flaky, waits = Flaky(app, [failing(500) for _ in range(5)]), list[float]()

    with pytest.raises(NoPicture, match="gave up after 4 attempts: 500 not today"):
        resilient(flaky, waits).picture(**BODY)

    assert (flaky.asked, len(waits)) == (["POST"] * 4, 3)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_what_is_wrong_is_not_sent_again(app: Any, status: int) -> None:
    flaky, waits = Flaky(app, [failing(status)]), list[float]()

    with pytest.raises(NoPicture, match=f"{status} not today"):
        resilient(flaky, waits).picture(**BODY)

    assert (flaky.asked, waits) == (["POST"], [])


def test_a_page_of_a_gateway_is_told_by_its_status(app: Any) -> None:
    flaky = Flaky(app, [Response("<html>", 502) for _ in range(4)])

    with pytest.raises(NoPicture, match="gave up after 4 attempts: 502 Bad Gateway"):
        resilient(flaky, []).picture(**BODY)


def test_an_expired_link_is_asked_for_again(app: Any) -> None:
    flaky = Flaky(app, gets=[expired()])

    data, waits = by_resilient(flaky)

    assert (flaky.asked, waits) == (["POST", "GET", "POST", "GET"], [])
    assert data.startswith(b"\xff\xd8")


def test_a_link_that_is_always_expired_is_asked_for_twice(app: Any) -> None:
    flaky = Flaky(app, gets=[expired(), expired(), expired()])

    with pytest.raises(NoPicture, match="403"):
        by_resilient(flaky)

    assert flaky.asked == ["POST", "GET", "POST", "GET"]


def test_a_download_is_tried_again_alone(app: Any) -> None:
    flaky = Flaky(app, gets=[failing(503)])

    by_resilient(flaky)

    assert flaky.asked == ["POST", "GET", "GET"]


@pytest.mark.parametrize(
    ("error", "sent"),
    [(httpx.ConnectError("refused"), 4), (httpx.ReadTimeout("slow"), 1), (httpx.WriteError("cut"), 1)],
)
def test_only_a_request_that_never_arrived_is_sent_again(error: httpx.TransportError, sent: int) -> None:
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        raise error

    http = httpx.Client(transport=httpx.MockTransport(answer))
    with pytest.raises((NoPicture, httpx.TransportError), match=str(error)):
        Resilient("http://mock", "test-key", sleep=lambda _: None, http=http).picture(**BODY)

    assert len(calls) == sent


def test_a_download_that_breaks_off_is_tried_again(app: Any) -> None:
    errors = [httpx.ReadError("cut"), httpx.ReadTimeout("slow")]
    to_app = httpx.WSGITransport(app=app)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and errors:
            raise errors.pop()
        return to_app.handle_request(request)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    data = Resilient("http://mock", "test-key", sleep=lambda _: None, http=http).picture(**BODY)

    assert data.startswith(b"\xff\xd8")


def test_the_client_does_not_show_its_key() -> None:
    assert "sk-secret" not in repr(Resilient("http://mock", "sk-secret"))


def test_the_link_gets_no_key(app: Any) -> None:
    keys: list[str | None] = []

    def noting(environ: dict[str, Any], start_response: Any) -> Any:
        keys.append(environ.get("HTTP_AUTHORIZATION"))
        return app(environ, start_response)

    resilient(noting, []).picture(**BODY)

    assert keys == ["Bearer test-key", None]


# The acceptance of all clients


def accepted(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "examples.acceptance", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_the_acceptance_lists_every_client_with_what_it_cannot_pass() -> None:
    said = accepted("--list").stdout

    assert re.findall(r"^([\w-]+) \(", said, re.MULTILINE) == [setup.name for setup in SETUPS]
    assert "fails: 1888x301: `aiml/` sends `size` as `image_size`" in said


def test_the_acceptance_of_a_name_that_is_none_is_a_wrong_usage() -> None:
    done = accepted("no-such-client")

    assert done.returncode == 2
    assert "expected some of openai-python-1" in done.stderr


TOOLS = [
    pytest.param("urllib", 16, id="urllib"),
    pytest.param("curl", 17, id="curl", marks=with_curl),
    pytest.param("browser", 16, id="browser", marks=pytest.mark.skipif(installed() is None, reason="no chromium")),
    pytest.param("fetch", 16, id="fetch", marks=pytest.mark.skipif(shutil.which("node") is None, reason="no node")),
]


@pytest.mark.parametrize(("name", "checks"), TOOLS)
def test_a_client_of_this_machine_passes_every_check(name: str, checks: int) -> None:
    done = accepted(name, "--all")

    assert done.returncode == 0, done.stdout
    assert f" | {checks} of {checks} |  |  |" in done.stdout


MADE = make(Home(), ROOT)


def setup_of(name: str) -> Setup:
    (found,) = [setup for setup in SETUPS if setup.name == name]
    return found


def refusing(status: int, text: bytes) -> Fault:
    """A server that refuses a body with that in it."""
    return Fault("", "", instead=lambda request, _: failing(status) if text in request.data else None)


def missing(ending: str) -> Fault:
    """A server without the paths of that ending."""
    return Fault("", "", instead=lambda request, _: failing(404) if request.path.endswith(ending) else None)


def without_a_key(request: Request, response: Response) -> Response:
    return failing(403) if "Authorization" in request.headers else response


NO_DATA = Fault("", "", answer=lambda body: {**body, "data": []})
WORDLESS = Fault("", "", refusal=lambda body, _: {**body, "message": "", "error": {"message": ""}})
PLANTED = {
    "link": Fault("", "", answer=lambda body: {**body, "created": str(body["created"])}),
    "1888x301": Fault("", "", body=swapped),
    "555x543": refusing(400, b"555x543"),
    "download-with-a-key": Fault("", "", picture=without_a_key),
    "b64_json": Fault("", "", body=without("response_format")),
    "stray-fields": refusing(400, b"negative_prompt"),
    "edit-3-mib": refusing(413, b"data:image"),
    "edit-dead-url": refusing(400, b"pictures.invalid"),
    "trailing-slash": missing("/"),
    "base-without-v1": Fault(
        "", "", instead=lambda request, _: failing(404) if request.path.startswith("/images") else None
    ),
    "no-key": Fault("", "", headers=lambda _: {"authorization": "Bearer k"}),
    "no-prompt": WORDLESS,
    "no-image": WORDLESS,
    "bad-enum": WORDLESS,
    "bad-json": WORDLESS,
    "eight-at-once": NO_DATA,
}


def reasons(check: Check, app: Any, fault: Fault, probe: Probe) -> list[str]:
    """Why a client does not pass a check on a server with that fault."""
    with Server(Faulty(app, fault)) as bent:
        return [*check(Client(probe.ask, bent.url))]


@pytest.fixture(scope="module")
def urllib() -> Iterator[Probe]:
    with Probe(MADE.probe("plain", "urllib"), ROOT) as probe:
        yield probe


@pytest.mark.parametrize("name", checks_plain.CHECKS)
def test_a_fault_of_the_server_fails_the_check_of_its_name(app: Any, urllib: Probe, name: str) -> None:
    check = checks_plain.CHECKS[name]

    assert reasons(check, app, PLANTED[name], urllib)
    assert not reasons(check, app, Fault("", ""), urllib)


BY_LIBRARY = {
    **PLANTED,
    "link": Fault("", "", body=lambda body: {**body, "response_format": "b64_json"}),
    "created": Fault("", "", answer=lambda body: {**body, "created": None}),
    "base-with-slash": NO_DATA,
    "request-id": Fault("", "", after=headed("x-request-id", None, 200)),
    "wrong-key": WORDLESS,
}
LIBRARY = replace(setup_of("openai-python-3"), home=Home(), example="")


@pytest.fixture(scope="module")
def library() -> Iterator[Probe]:
    with Probe(MADE.probe(*LIBRARY.probe), ROOT) as probe:
        yield probe


@pytest.mark.parametrize("name", LIBRARY.asked)
def test_a_fault_of_the_server_fails_the_check_of_a_library(app: Any, library: Probe, name: str) -> None:
    assert reasons(checks_sdk.CHECKS[name], app, BY_LIBRARY[name], library)


def test_the_installed_openai_passes_every_check(app: Any, server: Server) -> None:
    result = judged(LIBRARY, MADE, server.url)

    assert [str(verdict) for verdict in result.wrong] == []
    assert len(result.verdicts) == len(checks_sdk.CHECKS) - 1


def test_an_example_that_fails_is_told(server: Server) -> None:
    result = judged(replace(LIBRARY, checks={}, example="no_such_program.py"), MADE, server.url)

    (verdict,) = result.wrong
    assert verdict.check == "example"
    assert "No such file" in str(verdict)


KNOWN = Known("RuntimeError: no images", "it reads images")
VERDICTS = [
    pytest.param((), None, True, id="passes"),
    pytest.param(("expected 200, received 500",), None, False, id="fails"),
    pytest.param(("expected a picture, received RuntimeError: no images",), KNOWN, True, id="fails-as-known"),
    pytest.param(("expected a picture, received TypeError: no images",), KNOWN, False, id="fails-otherwise"),
    pytest.param((), KNOWN, False, id="is-mended"),
]


@pytest.mark.parametrize(("reasons", "known", "right"), VERDICTS)
def test_a_known_failure_must_come_and_no_other(reasons: tuple[str, ...], known: Known | None, right: bool) -> None:
    result = Result(LIBRARY, (Verdict("link", reasons, known),))

    assert (not result.wrong) is right
    assert ("expected to" in table([result])) is not right
    assert ("known: it reads images" in table([result])) is (right and known is not None)


def test_a_client_that_is_not_here_says_what_is_missing() -> None:
    with pytest.raises(NotHere, match="no no-such-tool") as caught:
        make(Home(tool="no-such-tool"), ROOT)

    told = table([Result(LIBRARY, missing=str(caught.value))])
    assert "- openai-python-3: not here: no no-such-tool" in told


def test_a_profile_that_the_mock_does_not_have_is_not_here() -> None:
    with pytest.raises(NotHere, match="unknown profile 'of-tomorrow'"), serving("of-tomorrow"):
        pass


@pytest.mark.parametrize(
    ("program", "said"),
    [("raise SystemExit('no such module')", "no such module"), ("input(); print('no JSON')", "it said nothing")],
)
def test_a_probe_that_dies_says_its_last_words(program: str, said: str) -> None:
    with Probe([sys.executable, "-c", program], ROOT) as probe, pytest.raises(ProbeDied, match=said):
        probe.ask([{}])


def test_a_probe_that_hangs_is_ended() -> None:
    hanging = [sys.executable, "-c", "import time; time.sleep(60)"]

    with Probe(hanging, ROOT, patience=0.3) as probe, pytest.raises(ProbeDied):
        probe.ask([{}])
