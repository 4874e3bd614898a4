"""The guarded fetch, against servers of this machine that note every connection."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixelpact.service.fetch import Fetcher, FetchRefused

Answer = Callable[[BaseHTTPRequestHandler], None]
PICTURE = b"\x89PNG picture"
SHORT = 0.2  # seconds
PUBLIC_TRUST = ssl.create_default_context()
PUBLIC = "93.184.215.14"


class Server(ThreadingHTTPServer):
    """Answers each path with `answers[path]`; counts connections, keeps the headers of requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {"/picture": sends(PICTURE)}
        self.connections = 0
        self.seen: list[dict[str, str]] = []
        self.names: list[str | None] = []

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def get_request(self) -> tuple[socket.socket, Any]:
        connection = super().get_request()
        self.connections += 1
        return connection

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        self.server.answers[self.path](self)

    def log_message(self, *_: object) -> None:
        pass


def sends(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def writes(raw: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(raw)

    return answer


def redirects(location: str, status: int = 302) -> Answer:
    return sends(b"", status, Location=location, Set_Cookie="tracked=1")


def drips(start: bytes, drop: bytes, pause: float = 0.02) -> Answer:
    """Say `start`, then `drop` again and again until the client has enough, or the test has failed."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        end = time.monotonic() + 10 * SHORT
        with suppress(OSError):
            while time.monotonic() < end:
                handler.wfile.write(drop)
                time.sleep(pause)

    return answer


def running(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, args=(0.005,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    yield from running(Server())


@pytest.fixture
def other() -> Iterator[Server]:
    yield from running(Server())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key in one file, for `localhost` and for no address."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl to make a certificate")
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command: list[str | Path] = [
        "openssl",
        "req",
        "-x509",
        *kind,
        *subject,
        "-keyout",
        file,
        "-out",
        file.with_suffix(".crt"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    file.write_text(file.read_text() + file.with_suffix(".crt").read_text())
    return file


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[Server]:
    server = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: server.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    yield from running(server)


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


Resolve = Callable[..., list[str]]


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Let a name have these addresses; returns the list of names asked for, addresses left out."""
    real = socket.getaddrinfo

    def install(name: str, *addresses: str) -> list[str]:
        asked: list[str] = []

        def fake(host: str, port: int, *rest: Any, **options: Any) -> list[Any]:
            if host != name:
                return real(host, port, *rest, **options)
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", fake)
        return asked

    return install


def fetcher(*places: Server | str, **options: Any) -> Fetcher:
    """One that may fetch from these servers or places; reading the trusted certificates takes it most of its time."""
    hosts = frozenset(place if isinstance(place, str) else place.place for place in places)
    return Fetcher(hosts, **{"tls": PUBLIC_TRUST, **options})


def refusal(fetcher: Fetcher, url: str) -> FetchRefused:
    with pytest.raises(FetchRefused) as caught:
        fetcher.fetch(url)
    return caught.value


def test_an_allowed_picture_is_fetched(server: Server) -> None:
    assert fetcher(server).fetch(f"http://{server.place}/picture") == PICTURE


def test_a_listed_name_in_another_case_is_fetched(server: Server) -> None:
    allowing = fetcher(f"LocalHost:{server.server_port}")

    assert allowing.fetch(f"HTTP://LOCALHOST:{server.server_port}/picture") == PICTURE


# Every way to say "this machine", or another, that is not the listed way. {port} is the server's own.
FORMS = [
    "http://localhost:{port}/",
    "http://127.0.0.1/",
    "http://127.0.0.1:1/",
    "https://127.0.0.1:{port}@example.com/",
    "http://127.0.0.1:{port}.example.com/",
    "http://user@127.0.0.1:{port}/",
    "http://user:password@127.0.0.1:{port}/",
    "http://:@127.0.0.1:{port}/",
    "http://@127.0.0.1:{port}/",
    "http://example.com@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@example.com/",
    "http://127.0.0.1:{port}\\.example.com/",
    "http:\\\\127.0.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.1:{port}/",
    "http://0x7f.0x0.0x0.0x1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.0.0.01:{port}/",
    "http://127.0.0.2:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://127.0.0.1%00.example.com:{port}/",
    "http://127.0.0.1%2eexample.com:{port}/",
    "http://\u2460\u2461\u2466.0.0.1:{port}/",
    "http://127\u30020\u30020\u30021:{port}/",
    "http://127.0.0.1:{port}:80/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:-1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.google.internal/",
    "http://127.0.0.1:{port}/\r\nHost: example.com",
    "http://127.0.0.1:{port}/\ud800",
    "http:127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "file://127.0.0.1:{port}/etc/passwd",
    "gopher://127.0.0.1:{port}/_GET",
    "unix:///var/run/docker.sock",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "http://",
    "",
    "\0",
]


@pytest.mark.parametrize("form", FORMS, ids=ascii)
def test_a_form_that_is_not_listed_reaches_nothing(form: str, server: Server) -> None:
    url = form.format(port=server.server_port)

    refused = refusal(fetcher(server), url)

    assert not fetcher(server).allows(url)
    assert refused.reason.startswith("expected ")
    assert server.connections == 0


# The system reads these as 127.0.0.1: a listed number is judged by where it leads.
@pytest.mark.parametrize("number", ["2130706433", "0x7f000001", "0x7f.1", "017700000001", "127.1", "127.0.1", "0"])
def test_a_listed_number_that_leads_home_reaches_nothing(number: str, server: Server) -> None:
    place = f"{number}:{server.server_port}"

    refused = refusal(fetcher(place), f"http://{place}/picture")

    assert refused.reason.startswith("expected public addresses, received ")
    assert server.connections == 0


PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_listed_name_with_a_private_address_reaches_nothing(address: str, server: Server, resolve: Resolve) -> None:
    place = f"images.example:{server.server_port}"
    resolve("images.example", PUBLIC, address)

    refused = refusal(fetcher(place), f"http://{place}/picture")

    assert refused.reason == f"expected public addresses, received {[address]}"
    assert server.connections == 0


def test_localhost_that_leads_elsewhere_reaches_nothing(server: Server, resolve: Resolve) -> None:
    resolve("localhost", "127.0.0.1", "10.0.0.1")

    refused = refusal(fetcher("localhost"), "http://localhost/picture")

    assert refused.reason == "expected public addresses, received ['10.0.0.1']"


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::1111", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"])
def test_a_public_address_is_connected_to_as_it_was_judged(
    address: str, resolve: Resolve, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[object] = []

    def unreachable(place: object, *_: object, **__: object) -> None:
        connected.append(place)
        raise OSError("no network in a test")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    asked = resolve("images.example", address)

    refused = refusal(fetcher("images.example"), "http://images.example/picture")

    assert connected == [(address, 80)]
    assert asked == ["images.example"]
    assert refused.reason == "expected an HTTP answer, received ConnectError"


def test_a_name_is_resolved_once_and_its_server_is_told_the_name(server: Server, resolve: Resolve) -> None:
    place = f"localhost:{server.server_port}"
    asked = resolve("localhost", "127.0.0.1")

    assert fetcher(place).fetch(f"http://{place}/picture") == PICTURE
    assert asked == ["localhost"]
    assert server.seen[0]["host"] == place


def test_the_next_address_is_tried_when_one_does_not_answer(server: Server, resolve: Resolve) -> None:
    place = f"localhost:{server.server_port}"
    resolve("localhost", "127.0.0.9", "127.0.0.1")

    assert fetcher(place).fetch(f"http://{place}/picture") == PICTURE


def test_addresses_are_tried_in_order_and_once(resolve: Resolve, monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[object] = []

    def unreachable(place: object, *_: object, **__: object) -> None:
        connected.append(place)
        raise OSError("no network in a test")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    addresses = [f"93.184.215.{number}" for number in range(9)]
    resolve("images.example", *addresses, *addresses)

    refusal(fetcher("images.example"), "http://images.example/picture")

    assert connected == [(address, 80) for address in addresses]


def test_a_name_that_the_resolver_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    refused = refusal(fetcher("images.example"), "http://images.example/picture")

    assert refused.reason == "expected a name with an address, received none"


def test_a_name_that_the_resolver_cannot_spell_is_refused() -> None:
    name = "a" * 64 + ".example"

    refused = refusal(fetcher(name), f"http://{name}/picture")

    assert refused.reason == "expected a name with an address, received none"


def test_a_name_without_an_address_is_refused(resolve: Resolve) -> None:
    resolve("images.example")

    refused = refusal(fetcher("images.example"), "http://images.example/picture")

    assert refused.reason == "expected a name with an address, received none"


@pytest.mark.parametrize(
    ("entry", "url", "allowed"),
    [
        ("images.example", "http://images.example/a.png", True),
        ("images.example", "https://images.example/a.png", True),
        ("images.example", "http://images.example:80/a.png", True),
        ("images.example", "https://images.example:80/a.png", False),
        ("images.example", "https://images.example:8443/a.png", False),
        ("images.example:443", "https://images.example/a.png", True),
        ("images.example:443", "http://images.example/a.png", False),
        ("Images.Example", "https://iMAGES.eXAMPLE/a.png", True),
        ("images.example", "https://images.example./a.png", False),
        ("images.example", "https://cdn.images.example/a.png", False),
        ("images.example", "https://images.example.org/a.png", False),
        ("images.example", "https://images.example/a@b\\c.png?d=e@f", True),
        ("xn--bcher-kva.example", "https://b\xfccher.example/a.png", True),
        ("[::1]:8000", "http://[::1]:8000/a.png", True),
        ("[::1]", "http://[::1]/a.png", True),
        ("[::1]", "http://[::1]:8000/a.png", False),
        ("*", "http://images.example/a.png", False),
        ("", "http:///a.png", False),
    ],
)
def test_a_host_is_allowed_exactly_as_listed(entry: str, url: str, allowed: bool) -> None:
    assert fetcher(entry).allows(url) == allowed


NOTHING_ALLOWED = fetcher()
ONE_ALLOWED = fetcher("images.example")
pieces = st.lists(
    st.sampled_from(
        ["http:", "//", ":", "/", "\\", "@", "a", ".", "?", "#", "%2f", "[", "]", ":80", ":443", "images.example"]
    )
    | st.characters(exclude_categories=()),
    max_size=4,
).map("".join) | st.just("")


@given(st.builds("{}//{}images.example{}".format, st.sampled_from(["http:", "https:", "HTTP:"]), pieces, pieces))
def test_another_parser_finds_the_listed_host_in_whatever_is_allowed(url: str) -> None:
    assert not ONE_ALLOWED.allows(url) or urlsplit(url).hostname == "images.example"


def test_nothing_is_allowed_by_default_of_the_operator() -> None:
    assert not NOTHING_ALLOWED.allows("https://images.example/a.png")


def test_the_http_library_is_imported_for_an_allowed_host_alone() -> None:
    program = """
import sys
from pixelpact.service.app import create_app
from pixelpact.service.settings import Settings
for hosts in ((), ("images.example",)):
    create_app(Settings(allowed_hosts=frozenset(hosts))).test_client().post(
        "/v1/images/generations",
        json={"model": "bytedance/seededit-3.0-i2i", "prompt": "a", "image": "http://other.example/a.png"},
        headers={"Authorization": "Bearer key"},
    )
    print("httpx" in sys.modules)
"""

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_an_allowed_host_is_followed_without_cookies(status: int, server: Server, other: Server) -> None:
    server.answers["/"] = redirects(f"http://{other.place}/picture", status)

    assert fetcher(server, other).fetch(f"http://{server.place}/") == PICTURE
    assert "cookie" not in other.seen[0]


def test_a_relative_redirect_is_followed(server: Server) -> None:
    server.answers["/a/b?c"] = redirects("../picture")

    assert fetcher(server).fetch(f"http://{server.place}/a/b?c") == PICTURE


def test_a_relative_redirect_stays_with_the_name(server: Server) -> None:
    place = f"localhost:{server.server_port}"
    server.answers["/"] = redirects("/picture")

    assert fetcher(place).fetch(f"http://{place}/") == PICTURE
    assert [request["host"] for request in server.seen] == [place, place]


def test_a_redirect_to_a_host_that_is_not_listed_reaches_nothing(server: Server, other: Server) -> None:
    server.answers["/"] = redirects(f"http://{other.place}/picture?key=1")

    refused = refusal(fetcher(server), f"http://{server.place}/")

    assert refused.url == f"http://{other.place}/picture"
    assert refused.reason == f"expected a host of ['{server.place}'], received '{other.place}'"
    assert other.connections == 0


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "//evil.example/", "http://[", "http://a:b/", "\\\\evil\\x", "?"],
)
def test_a_redirect_to_what_is_no_allowed_url_is_refused(location: str, server: Server) -> None:
    server.answers["/"] = redirects(location)
    server.answers |= dict.fromkeys(["/?", "/%5C%5Cevil%5Cx"], sends(b"", 404))

    refusal(fetcher(server), f"http://{server.place}/")


def test_a_redirect_to_a_user_on_an_allowed_host_is_refused(server: Server) -> None:
    server.answers["/"] = redirects(f"http://user:password@{server.place}/picture")

    refused = refusal(fetcher(server), f"http://{server.place}/")

    assert refused.reason == "expected a plain host, without user or backslash"
    assert refused.url == f"http://{server.place}/picture"
    assert server.connections == 1


def test_as_many_redirects_as_allowed_are_followed(server: Server) -> None:
    server.answers |= {"/2": redirects("/1"), "/1": redirects("/picture")}

    assert fetcher(server, max_redirects=2).fetch(f"http://{server.place}/2") == PICTURE


def test_one_redirect_more_is_refused(server: Server) -> None:
    server.answers |= {"/3": redirects("/2"), "/2": redirects("/1"), "/1": redirects("/picture")}

    refused = refusal(fetcher(server, max_redirects=2), f"http://{server.place}/3")

    assert refused.reason == "expected at most 2 redirects, received more"
    assert server.connections == 3


@pytest.mark.parametrize("status", [201, 204, 206, 300, 302, 304, 401, 404, 500])
def test_only_status_200_is_a_picture(status: int, server: Server) -> None:
    server.answers["/"] = sends(b"", status)

    refused = refusal(fetcher(server), f"http://{server.place}/")

    assert refused.reason == f"expected status 200, received {status}"


def test_a_body_of_exactly_the_limit_is_fetched(server: Server) -> None:
    server.answers["/"] = sends(b"x" * 1000)

    assert fetcher(server, max_bytes=1000).fetch(f"http://{server.place}/") == b"x" * 1000


def test_one_byte_more_is_refused(server: Server) -> None:
    server.answers["/"] = sends(b"x" * 1001)

    refused = refusal(fetcher(server, max_bytes=1000), f"http://{server.place}/")

    assert refused.reason == "expected at most 1000 bytes, received more"


def test_a_body_without_end_is_cut_at_the_limit(server: Server) -> None:
    server.answers["/"] = drips(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000, pause=0)

    refused = refusal(fetcher(server, max_bytes=100_000), f"http://{server.place}/")

    assert refused.reason == "expected at most 100000 bytes, received more"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_packed_body_is_refused_unopened(coding: str, server: Server) -> None:
    server.answers["/"] = sends(b"bomb", Content_Encoding=coding)

    refused = refusal(fetcher(server), f"http://{server.place}/")

    assert refused.reason == f"expected a body without coding, received '{coding}'"
    assert server.seen[0]["accept-encoding"] == "identity"


HEAD = b"HTTP/1.1 200 OK\r\n"
SLOW = {
    "silence": drips(b"", b""),
    "a drip of headers": drips(HEAD, b"X-Drip: 1\r\n"),
    "a drip of a status": drips(b"HTTP/1.1 200 ", b"O"),
    "a drip of a body": drips(HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
    "a drip of a body without length": drips(HEAD + b"\r\n", b"x"),
    "a drip of chunks": drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "redirects without end": redirects("/"),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
def test_a_slow_server_is_left_in_time(answer: Answer, server: Server) -> None:
    server.answers["/"] = answer
    start = time.monotonic()

    refused = refusal(fetcher(server, timeout=SHORT, max_redirects=10**6), f"http://{server.place}/")

    assert refused.reason == f"expected an answer within {SHORT} s, received none"
    assert time.monotonic() - start < SHORT + 0.5


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
def test_a_slow_server_is_left_in_time_behind_tls(answer: Answer, tls_server: Server, trusting: ssl.SSLContext) -> None:
    tls_server.answers["/"] = answer
    place = f"localhost:{tls_server.server_port}"
    start = time.monotonic()

    refused = refusal(fetcher(place, tls=trusting, timeout=SHORT, max_redirects=10**6), f"https://{place}/")

    assert refused.reason == f"expected an answer within {SHORT} s, received none"
    assert time.monotonic() - start < SHORT + 0.5


def test_a_connection_that_comes_too_late_is_cut_at_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.create_connection

    def late(*arguments: Any, **options: Any) -> socket.socket:
        time.sleep(SHORT)
        return connect(*arguments, **options)

    monkeypatch.setattr(socket, "create_connection", late)
    server.answers["/"] = SLOW["a drip of headers"]
    start = time.monotonic()

    refusal(fetcher(server, timeout=SHORT / 2), f"http://{server.place}/")

    assert time.monotonic() - start < SHORT + 0.5


def test_a_connection_is_awaited_no_longer_than_the_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    awaited: list[float] = []

    def silent(_place: object, timeout: float, **_: object) -> None:
        awaited.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)

    refused = refusal(fetcher("127.0.0.1", timeout=3), "http://127.0.0.1/")

    assert refused.reason == "expected an answer within 3 s, received none"
    assert 2 < awaited[0] <= 3


def test_a_slow_resolver_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(5) and [])

    refused = refusal(fetcher("images.example", timeout=SHORT), "http://images.example/")
    answered.set()

    assert refused.reason == f"expected an answer within {SHORT} s, received none"


@pytest.mark.parametrize("noise", [b"", b"\x16\x03\x01", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
def test_a_broken_answer_is_refused(noise: bytes, server: Server) -> None:
    server.answers["/"] = writes(noise)

    refused = refusal(fetcher(server), f"http://{server.place}/")

    assert refused.reason == "expected an HTTP answer, received RemoteProtocolError"


def test_proxies_of_the_environment_are_not_asked(
    server: Server, other: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{other.place}")
    monkeypatch.setenv("ALL_PROXY", f"http://{other.place}")

    assert fetcher(server).fetch(f"http://{server.place}/picture") == PICTURE
    assert other.connections == 0


def test_tls_is_judged_by_the_name_though_the_connection_goes_to_the_address(
    tls_server: Server, trusting: ssl.SSLContext
) -> None:
    place = f"localhost:{tls_server.server_port}"

    assert fetcher(place, tls=trusting).fetch(f"https://{place}/picture") == PICTURE
    assert tls_server.names == ["localhost"]


def test_a_certificate_for_another_name_is_refused(tls_server: Server, trusting: ssl.SSLContext) -> None:
    refused = refusal(fetcher(tls_server, tls=trusting), f"https://{tls_server.place}/picture")

    assert refused.reason == "expected an HTTP answer, received ConnectError"
    assert tls_server.seen == []


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_server: Server) -> None:
    place = f"localhost:{tls_server.server_port}"

    refusal(Fetcher(frozenset({place})), f"https://{place}/picture")

    assert tls_server.seen == []


def test_a_slow_handshake_is_left_in_time(trusting: ssl.SSLContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        place = f"127.0.0.1:{deaf.getsockname()[1]}"
        start = time.monotonic()

        refused = refusal(fetcher(place, timeout=SHORT, tls=trusting), f"https://{place}/")

    assert refused.reason == f"expected an answer within {SHORT} s, received none"
    assert time.monotonic() - start < SHORT + 0.5


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://images.example/a.png?X-Tos-Signature=secret#part", "https://images.example/a.png"),
        ("https://user:secret@images.example/a.png", "https://images.example/a.png"),
        ("https://secret@images.example", "https://images.example"),
        ("https:\\\\user:secret@images.example/a.png", "https://images.example/a.png"),
        ("https:user:secret@images.example/a.png", "https://images.example/a.png"),
        ("https://images.example/" + "a" * 1000, "https://images.example/" + "a" * 177),
    ],
)
def test_a_refusal_shows_neither_query_nor_user(url: str, shown: str) -> None:
    refused = refusal(NOTHING_ALLOWED, url)

    assert refused.url == shown
    assert "secret" not in str(refused)
