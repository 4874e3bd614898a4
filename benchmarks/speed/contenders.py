"""Who is measured: how each is started on a port, what of the calls applies to it, and what it does with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..judge import script
from .documents import Documents
from .install import NPM, PYPI, Cache

SERVERS = Path(__file__).parent / "servers"
FILES = {"FULL": "full", "PLAIN": "plain", "MOCKOON": "mockoon", "AIMOCK": "aimock", "WIREMOCK": "wiremock"}
ON_PATH = {"PYTHONPATH": str(SERVERS), "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class Place:
    """What a start is given."""

    cache: Cache
    documents: Documents
    port: int
    redis: str = ""


Command = Callable[[Place], list[str]]


@dataclass(frozen=True)
class Contender:
    """A server, as whoever uses it would start it.

    `refuses` is its answer to the invalid call, where it has one; `warmup` the seconds of load that are not counted.
    """

    name: str
    version: str
    does: str
    command: Command
    folder: Callable[[Cache], Path] = field(default=lambda cache: cache.folder)
    environment: Callable[[Place], Mapping[str, str]] = field(default=lambda _: {})
    refuses: int | None = 400
    needs_redis: bool = False
    warmup: float = 2.0

    @property
    def is_ours(self) -> bool:
        """Whether it is Pixelpact."""
        return self.name.startswith("pixelpact")


def _ours(*options: str) -> Command:
    return lambda place: [script("pixelpact"), "serve", "--port", str(place.port), *options]


def _with_state(*options: str) -> Command:
    return lambda place: [*_ours(*options)(place), "--state", place.redis]


def _gunicorn(place: Place) -> list[str]:
    program = place.cache.pypi("gunicorn") / "gunicorn"
    socket = place.documents.folder / f"gunicorn-{place.port}.ctl"
    address = f"127.0.0.1:{place.port}"
    return [str(program), "-w", "2", "-b", address, "--control-socket", str(socket), "bare:app"]


def _node(package: str, program: str, *options: str) -> Command:
    def command(place: Place) -> list[str]:
        return ["node", str(place.cache.npm(package) / "node_modules/.bin" / program), *_filled(options, place)]

    return command


def _filled(options: tuple[str, ...], place: Place) -> list[str]:
    """The options with the port and the files of this start; only the file that is asked for is made."""
    return [_value(option, place) for option in options]


def _value(option: str, place: Place) -> str:
    if option in FILES:
        return str(getattr(place.documents, FILES[option]))
    return str(place.port) if option == "PORT" else option


def _backend(place: Place) -> list[str]:
    return ["node", str(SERVERS / "openapi_backend.mjs"), *_filled(("PORT", "PLAIN"), place)]


def _wiremock(place: Place) -> list[str]:
    options = ("--port", "PORT", "--bind-address", "127.0.0.1", "--root-dir", "WIREMOCK")
    return ["java", "-jar", str(place.cache.jar()), *_filled(options, place)]


def _connexion(place: Place) -> list[str]:
    return [str(place.cache.pypi("connexion") / "uvicorn"), "connexion_app:app", "--port", str(place.port)]


PRISM = "@stoplight/prism-cli"
PRISM_OPTIONS = ("mock", "--port", "PORT", "FULL")
MOCKOON = "@mockoon/cli"
AIMOCK = "@copilotkit/aimock"
EVERYTHING = "validates, signs the URL, checks its own answer, journal, credits"
REFERENCE = Contender(
    "reference",
    ", ".join(PYPI["gunicorn"]),
    "bare Flask behind gunicorn, sync, 2 processes, a connection a call: nothing",
    _gunicorn,
    environment=lambda _: ON_PATH,
    refuses=None,
)
OURS = (
    Contender("pixelpact", "", f"{EVERYTHING}, a line of log", _ours()),
    Contender("pixelpact --quiet", "", EVERYTHING, _ours("--quiet")),
    Contender("pixelpact --workers 2", "", f"{EVERYTHING}, a line of log", _ours("--workers", "2")),
    Contender("pixelpact --workers 2 --quiet", "", EVERYTHING, _ours("--workers", "2", "--quiet")),
    Contender(
        "pixelpact --workers 2 --state",
        "",
        f"{EVERYTHING}, a line of log; all of it shared through Redis",
        _with_state("--workers", "2"),
        needs_redis=True,
    ),
)
PEERS = (
    Contender(
        "prism", NPM[PRISM], "validates, static example, some lines of log", _node(PRISM, "prism", *PRISM_OPTIONS)
    ),
    Contender(
        "prism, log off",
        NPM[PRISM],
        "validates, static example",
        _node(PRISM, "prism", *PRISM_OPTIONS, "--verboseLevel", "silent"),
    ),
    Contender(
        "openapi-backend",
        NPM["openapi-backend"],
        "validates, static example; Node's own server, a 30-line handler",
        _backend,
        folder=lambda cache: cache.npm("openapi-backend"),
    ),
    Contender(
        "aimock",
        NPM[AIMOCK],
        "looks whether a prompt is there, static answer, journal",
        _node(AIMOCK, "llmock", "--port", "PORT", "--fixtures", "AIMOCK"),
        refuses=None,
    ),
    Contender(
        "wiremock", NPM["wiremock"], "one schema matcher, fixed stub, journal", _wiremock, refuses=404, warmup=10.0
    ),
    Contender(
        "mockoon",
        NPM[MOCKOON],
        "fixed stub, a line of log",
        _node(MOCKOON, "mockoon-cli", "start", "-d", "MOCKOON", "-p", "PORT", "-l", "127.0.0.1", "-X"),
        refuses=None,
    ),
    Contender(
        "connexion",
        ", ".join(PYPI["connexion"]),
        "validates, fixed answer, a line of log",
        _connexion,
        environment=lambda place: {**ON_PATH, "DOCUMENT": str(place.documents.plain)},
    ),
)


def contenders(only: Sequence[str], *, peers: bool) -> list[Contender]:
    """Those of these names, or all; peers where they are wanted. Raises ValueError."""
    known = {one.name: one for one in (*PEERS, *OURS)}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise ValueError(f"{unknown[0]!r}, expected one of {', '.join(known)}")
    return [one for name, one in known.items() if (name in only or not only) and (peers or one.is_ours or name in only)]
