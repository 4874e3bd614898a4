"""Requests cut out of bytes: what is read, what is refused, and that another reader of HTTP reads the same."""

from __future__ import annotations

from typing import Any

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixelpact.doors.chunks import Refused
from pixelpact.doors.incoming import HEAD_LIMIT, TARGET_LIMIT, Incoming, Reader, heads
from pixelpact.service.calls import HEAD

LIMIT = 1000
GET = b"GET /a HTTP/1.1\r\nHost: here\r\n\r\n"
CHUNKED = b"POST /a HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"


def read(data: bytes, size: int = 0) -> list[dict[str, Any]]:
    """The environs of all requests in it, fed in parts of so many bytes, with their bodies."""
    reader = Reader(LIMIT, heads({}))
    found = []
    step = size or len(data)
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step])
        while (incoming := reader.next()) is not None:
            found.append(whole(incoming))
    return found


def whole(incoming: Incoming) -> dict[str, Any]:
    environ = incoming.environ({})
    body = environ.pop("wsgi.input").read()
    return {**environ, "body": body}


def test_a_request_is_read_as_wsgi_has_it() -> None:
    (environ,) = read(
        b"POST /v1/%6dodels/%C3%A4?x=%201 HTTP/1.1\r\nHost: Here:80\r\nX-One: a\r\nx-one:\tb \r\nX_One: c\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 2\r\nX-Latin: \xe4\r\n\r\n{}"
    )

    assert environ == {
        "REQUEST_METHOD": "POST",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "PATH_INFO": "/v1/models/\xc3\xa4",
        "QUERY_STRING": "x=%201",
        "REQUEST_URI": "/v1/%6dodels/%C3%A4?x=%201",
        "RAW_URI": "/v1/%6dodels/%C3%A4?x=%201",
        "HTTP_HOST": "Here:80",
        "HTTP_X_ONE": "a,b",
        "HTTP_X_LATIN": "\xe4",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "2",
        HEAD: {},
        "body": b"{}",
    }


def test_what_follows_from_a_head_is_kept_for_its_next_request_and_for_no_other() -> None:
    first, again, other = read(GET + GET + GET.replace(b"GET", b"PUT"))
    first[HEAD]["known"] = True

    assert (again[HEAD], other[HEAD]) == ({"known": True}, {})


@pytest.mark.parametrize("size", [1, 2, 3, 7, 0])
def test_requests_are_cut_in_the_same_places_however_they_come(size: int) -> None:
    chunked = CHUNKED + b"2;x=y\r\n{}\r\nA\r\n0123456789\r\n0\r\nX-Trailer: x\r\n\r\n"
    sized = b"POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"

    found = read(GET + b"\r\n" + chunked + sized + GET, size)

    assert [(each["PATH_INFO"], each["body"]) for each in found] == [
        ("/a", b""),
        ("/a", b"{}0123456789"),
        ("/b", b"abc"),
        ("/a", b""),
    ]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /a\r\n\r\n", 400),
        (b"GET  /a HTTP/1.1\r\n\r\n", 400),
        (b"GET /a HTTP/2.0\r\n\r\n", 400),
        (b"GET /a\x00 HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nHost : here\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nX: a\r\n b\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nX: a\nY: b\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nX: a\x00\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nHost: one\r\nHost: two\r\n\r\n", 400),
        (b"GET http://[::1/ HTTP/1.1\r\n\r\n", 400),
        (b"POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n{", 400),
        (b"POST /a HTTP/1.1\r\nContent-Length: +1\r\n\r\n{", 400),
        (b"POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n{", 400),
        (b"POST /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /a HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (CHUNKED + b"0x1\r\n{\r\n0\r\n\r\n", 400),
        (CHUNKED + b"1\r\n{}\r\n0\r\n\r\n", 400),
        (CHUNKED + b"-1\r\n", 400),
        (CHUNKED + b"1" * 5000, 400),
        (CHUNKED + b"0\r\n" + b"x" * 70_000, 431),
        (b"GET /" + b"a" * TARGET_LIMIT + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET /" + b"a" * (TARGET_LIMIT + 200), 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * HEAD_LIMIT + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * (HEAD_LIMIT + 1), 431),
    ],
)
def test_what_could_be_read_in_two_ways_or_is_too_long_is_refused(data: bytes, status: int) -> None:
    with pytest.raises(Refused, match=f"^{status} "):
        read(data)


def test_the_longest_target_is_read() -> None:
    target = "/" + "a" * (TARGET_LIMIT - 1)

    (environ,) = read(f"GET {target} HTTP/1.1\r\n\r\n".encode())

    assert environ["PATH_INFO"] == target


@pytest.mark.parametrize(
    ("target", "path", "host"),
    [
        (b"//v1/models", "/v1/models", "here"),
        (b"http://There:9/a?b", "/a", "There:9"),
        (b"*", "*", "here"),
        (b"/a#b", "/a", "here"),
    ],
)
def test_an_odd_target_is_read_as_werkzeug_reads_it(target: bytes, path: str, host: str) -> None:
    (environ,) = read(b"GET %b HTTP/1.1\r\nHost: here\r\n\r\n" % target)

    assert (environ["PATH_INFO"], environ["HTTP_HOST"]) == (path, host)


@pytest.mark.parametrize(
    ("version", "connection", "keeps"),
    [
        (b"1.1", b"", True),
        (b"1.1", b"Connection: Close\r\n", False),
        (b"1.1", b"Connection: x, close\r\n", False),
        (b"1.0", b"", False),
        (b"1.0", b"Connection: keep-alive\r\n", True),
    ],
)
def test_a_connection_stays_if_both_sides_know(version: bytes, connection: bytes, keeps: bool) -> None:
    reader = Reader(LIMIT, heads({}))
    reader.feed(b"GET / HTTP/%b\r\n%b\r\n" % (version, connection))
    incoming = reader.next()

    assert incoming is not None
    assert incoming.head.keep is keeps


def test_a_body_in_crumbs_is_refused_once_they_are_many() -> None:
    reader = Reader(10**6, heads({}))
    reader.feed(CHUNKED + b"1\r\na\r\n" * 10_000)
    assert reader.next() is None
    reader.feed(b"1\r\na\r\n")
    with pytest.raises(Refused, match="400"):
        reader.next()


@pytest.mark.parametrize("head", [b"Content-Length: 1001", b"Transfer-Encoding: chunked"])
def test_a_body_over_the_limit_is_told_as_soon_as_it_is_known(head: bytes) -> None:
    reader = Reader(LIMIT, heads({}))
    reader.feed(b"POST / HTTP/1.1\r\n%b\r\n\r\n" % head)
    if head.startswith(b"T"):
        reader.feed(b"FFFFFF\r\n" + b"x" * (LIMIT + 1))
    incoming = reader.next()

    assert incoming is not None
    assert incoming.is_cut
    assert incoming.size <= LIMIT + 1


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True).filter(
    lambda name: name.lower() not in ("host", "content-length", "transfer-encoding", "connection", "content-type")
)
VALUES = st.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True)


@given(
    st.sampled_from(["GET", "POST", "PATCH"]),
    st.from_regex(r"/[A-Za-z0-9/]{0,20}", fullmatch=True).filter(lambda path: "//" not in path),
    st.dictionaries(NAMES, VALUES, max_size=5),
    st.lists(st.binary(min_size=1, max_size=300), max_size=3),
    st.integers(1, 50),
)
def test_another_reader_of_http_reads_the_same(
    method: str, path: str, headers: dict[str, str], parts: list[bytes], size: int
) -> None:
    sender = h11.Connection(h11.CLIENT)
    framing = [("Host", "here"), ("Transfer-Encoding", "chunked")]
    sent = sender.send(h11.Request(method=method, target=path, headers=[*framing, *headers.items()])) or b""
    sent += b"".join(sender.send(h11.Data(data=part)) or b"" for part in parts)
    sent += sender.send(h11.EndOfMessage()) or b""

    (environ,) = read(sent, size)

    names = {name.upper().replace("-", "_") for name in headers}
    told = {f"HTTP_{name}": [v for n, v in headers.items() if n.upper().replace("-", "_") == name] for name in names}
    assert (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == (method, path)
    assert {name: environ[name] for name in told} == {name: ",".join(values) for name, values in told.items()}
    assert environ["body"] == b"".join(parts)[: len(environ["body"])]
    assert len(environ["body"]) == len(b"".join(parts))


def refusal(data: bytes, size: int) -> str:
    try:
        read(data, size)
    except Refused as refused:
        return str(refused)[:3]
    return ""


@given(st.binary(max_size=200), st.integers(1, 20))
def test_no_bytes_do_more_than_be_refused(data: bytes, size: int) -> None:
    assert refusal(data, size) in ("", "400", "414", "431", "501")


@given(st.binary(max_size=200), st.integers(1, 20))
def test_no_chunks_do_more_than_be_refused(data: bytes, size: int) -> None:
    assert refusal(CHUNKED + data, size) in ("", "400", "431")
