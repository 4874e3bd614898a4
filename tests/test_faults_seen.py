"""Each fault as real clients see it: like the real fault of that name, and as it is written here."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from pixelpact.doors.handle import Handle
from pixelpact.service.faultkinds import KINDS

from examples.acceptance.faults import NODE, Cell, Column, Look, by_node, differences, shown, table
from examples.acceptance.homes import make
from examples.acceptance.probe import Probe
from tests.observers import CLIENTS, PATIENT, Seen
from tests.real_faults import API, CONDUCTS, DOWNLOAD, LATE, PATIENCE, really, worded

# What each client raises, with the status that the exception tells; `-` for nothing. Both clients of httpx raise alike.
RAISED = """
                httpx               requests             openai             aiohttp                 urllib
late            ReadTimeout         ReadTimeout          APITimeoutError    SocketTimeoutError      TimeoutError
timeout         ReadTimeout         ReadTimeout          APITimeoutError    SocketTimeoutError      TimeoutError
reset           ReadError           ConnectionError      APIConnectionError ClientOSError           ConnectionResetError
empty           RemoteProtocolError ConnectionError      APIConnectionError ServerDisconnectedError RemoteDisconnected
truncated       RemoteProtocolError ChunkedEncodingError APIConnectionError ClientPayloadError      IncompleteRead
malformed-chunk RemoteProtocolError ChunkedEncodingError APIConnectionError ClientResponseError:400 IncompleteRead
dribble         -                   -                    -                  -                       -
content-type    -                   -                    -                  ContentTypeError:200    -
garbage         JSONDecodeError     JSONDecodeError      JSONDecodeError    JSONDecodeError         JSONDecodeError
refused         HTTPStatusError     HTTPError            by-status          ClientResponseError     HTTPError
"""
LIBRARIES, *ROWS = [line.split() for line in RAISED.strip().splitlines()]
TABLE = {name: dict(zip(LIBRARIES, cells, strict=True)) for name, *cells in ROWS}
BY_STATUS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    429: "RateLimitError",
    500: "InternalServerError",
    502: "InternalServerError",
    503: "InternalServerError",
    504: "InternalServerError",
}
STATUS = {**{str(status): status for status in BY_STATUS}, "html": 502, "moderation": 400, "expired": 403}
WELL = {API: "a link", DOWNLOAD: "a picture, image/jpeg"}
# A picture is not read as JSON is: its type and its bytes are what came.
PICTURES = {
    "dribble": WELL[DOWNLOAD],
    "content-type": "a picture, text/plain",
    "garbage": "no picture, application/json",
}
IN_PROCESS = [client for client in CLIENTS if client != "urllib"]


def expected(client: str, hop: str, name: str) -> str:
    """What is written above, in the words of `Seen.short`."""
    library = client.removesuffix("-async")
    if name in STATUS:
        status = STATUS[name]
        return f"{BY_STATUS[status] if library == 'openai' else TABLE['refused'][library]}:{status}"
    raised = TABLE[name][library]
    if hop == DOWNLOAD:
        return PICTURES.get(name, raised)
    return WELL[API] if raised == "-" else raised


def hops(client: str) -> list[str]:
    return [API, DOWNLOAD] if CLIENTS[client].download else [API]


# `latency` has a test of its own: what is seen of it is its time.
CASES = [
    (client, hop, name) for client in CLIENTS for hop in hops(client) for name in CONDUCTS[hop] if name != "latency"
]


def look(client: str, hop: str, name: str, base: str, key: str) -> Seen:
    return CLIENTS[client].see(hop, base, key, PATIENCE.get(name, PATIENT))


@cache
def seen_really(client: str, hop: str, name: str) -> Seen:
    with really(hop, name) as base:
        return look(client, hop, name, base, "a key")


@pytest.fixture
def real(client: str, hop: str, name: str) -> Seen:
    """What is seen of the real fault."""
    return seen_really(client, hop, name)


@pytest.mark.parametrize(("client", "hop", "name"), CASES)
def test_a_fault_on_the_socket_is_seen_as_the_real_one(
    client: str, hop: str, name: str, real: Seen, pixelpact_server: Handle
) -> None:
    pixelpact_server.faults.add(**worded(name, hop))

    seen = look(client, hop, name, pixelpact_server.url, pixelpact_server.api_key)

    assert seen.short == expected(client, hop, name)
    assert seen == real


# The real fault is seen first: once the mock is in the process, no other server can be reached.
@pytest.mark.parametrize(("client", "hop", "name"), [case for case in CASES if case[0] in IN_PROCESS])
def test_a_fault_in_process_is_seen_as_the_real_one(
    client: str, hop: str, name: str, real: Seen, pixelpact_mock: Handle
) -> None:
    pixelpact_mock.faults.add(**worded(name, hop))

    seen = look(client, hop, name, pixelpact_mock.url, pixelpact_mock.api_key)

    assert seen.short == expected(client, hop, name)
    # Where there is no connection, an exception has fewer causes, and may say it in the words of TLS.
    assert (seen.raised[:1], seen.facts, seen.value) == (real.raised[:1], real.facts, real.value)


def test_every_kind_of_fault_is_compared_on_each_hop() -> None:
    planted = {(worded(name, hop)["kind"], hop) for hop in CONDUCTS for name in CONDUCTS[hop]}

    assert planted == {(name, hop) for name, kind in KINDS.items() for hop in kind.on}


ALIKE = [("reset", "empty"), ("truncated", "malformed-chunk"), ("502", "html"), ("404", "moderation")]


@pytest.mark.parametrize(("name", "other"), ALIKE)
@pytest.mark.parametrize("client", CLIENTS)
def test_faults_that_are_alike_are_told_apart(client: str, name: str, other: str) -> None:
    assert seen_really(client, API, name) != seen_really(client, API, other)


# Node's own fetch; what the OpenAI SDK for Node sees takes npm, and `python -m examples.acceptance.faults`.


FETCH = {
    "late": "TimeoutError",
    "timeout": "TimeoutError",
    "reset": "TypeError (ECONNRESET)",
    "empty": "TypeError (UND_ERR_SOCKET)",
    "truncated": "TypeError (UND_ERR_RES_CONTENT_LENGTH_MISMATCH)",
    "malformed-chunk": "TypeError (HPE_INVALID_CHUNK_SIZE)",
    "garbage": "SyntaxError",
    # It raises for no status; the probe does.
    **{name: f"Refused:{status}" for name, status in STATUS.items()},
}
BY_FETCH = {API: FETCH, DOWNLOAD: FETCH | PICTURES}


@pytest.fixture(scope="module")
def fetch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Look]:
    if shutil.which("node") is None:
        pytest.skip("no node")
    made = make(replace(NODE, packages=()), tmp_path_factory.mktemp("node"))
    with Probe(made.probe("faults_seen"), made.folder) as probe:
        yield by_node(probe, "fetch")


@pytest.mark.parametrize(("hop", "name"), [(hop, name) for hop in CONDUCTS for name in CONDUCTS[hop]])
def test_a_fault_is_seen_by_fetch_as_the_real_one(hop: str, name: str, fetch: Look, pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add(**worded(name, hop))
    patience = PATIENCE.get(name, PATIENT)

    seen = fetch(hop, pixelpact_server.url, pixelpact_server.api_key, patience)

    assert shown(seen) == BY_FETCH[hop].get(name, WELL[hop])
    with really(hop, name) as base:
        assert seen == fetch(hop, base, "a key", patience)


def test_the_acceptance_tells_what_is_seen_otherwise() -> None:
    reset, empty = (seen_really("httpx", API, name) for name in ("reset", "empty"))
    found = [("reset", [Cell("httpx", reset, reset), None]), ("empty", [Cell("httpx", reset, empty), None])]
    clients = [Column("httpx", CLIENTS["httpx"].see), Column("OpenAI Node", CLIENTS["openai"].see)]

    assert table(found, clients).splitlines()[2:] == [
        "| reset | `ReadError` = real |  |",
        "| empty | **`ReadError`, real `RemoteProtocolError`** |  |",
    ]
    assert [line.partition("\n")[0] for line in differences(found)] == ["- empty, httpx"]


# Time, and whoever has none


WAITING = [(client, hop) for client in CLIENTS for hop in hops(client)]


def kept_waiting(client: str, hop: str, handle: Handle) -> tuple[Seen, float]:
    handle.faults.add(**worded("latency", hop))
    start = time.monotonic()
    seen = look(client, hop, "latency", handle.url, handle.api_key)
    return seen, time.monotonic() - start


@pytest.mark.parametrize(("client", "hop"), WAITING)
def test_a_late_answer_comes_no_sooner_than_asked(client: str, hop: str, pixelpact_server: Handle) -> None:
    seen, took = kept_waiting(client, hop, pixelpact_server)

    assert seen == seen_really(client, hop, "latency")
    assert LATE <= took < PATIENT


@pytest.mark.parametrize(("client", "hop"), [case for case in WAITING if case[0] in IN_PROCESS])
def test_a_late_answer_in_process_comes_no_sooner_than_asked(client: str, hop: str, pixelpact_mock: Handle) -> None:
    seen, took = kept_waiting(client, hop, pixelpact_mock)

    assert not seen.raised
    assert LATE <= took < PATIENT


def gave_up(handle: Handle, hop: str, name: str, client: str) -> list[str]:
    """The verdicts on a client that gave up, as soon as the journal has noticed."""
    handle.faults.add(**worded(name, hop))
    look(client, hop, name, handle.url, handle.api_key)
    deadline = time.monotonic() + PATIENT
    while not handle.journal.last.facts.get("gone") and time.monotonic() < deadline:
        time.sleep(0.005)
    assert (handle.journal.last.hop, handle.journal.last.facts["gone"]) == (hop, True)
    return [verdict.code for verdict in handle.verdicts() if verdict.code != "never-downloaded"]


@pytest.mark.parametrize(("client", "hop"), WAITING)
def test_a_client_that_does_not_wait_for_a_late_answer_is_impatient(
    client: str, hop: str, pixelpact_server: Handle
) -> None:
    assert gave_up(pixelpact_server, hop, "late", client) == ["impatient"]


@pytest.mark.parametrize(("client", "hop"), WAITING)
def test_a_client_that_turns_away_from_no_answer_is_not_impatient(
    client: str, hop: str, pixelpact_server: Handle
) -> None:
    assert gave_up(pixelpact_server, hop, "timeout", client) == []


@pytest.mark.parametrize(("client", "hop"), [case for case in WAITING if case[0] in IN_PROCESS])
def test_a_client_in_process_that_does_not_wait_is_impatient(client: str, hop: str, pixelpact_mock: Handle) -> None:
    assert gave_up(pixelpact_mock, hop, "late", client) == ["impatient"]
