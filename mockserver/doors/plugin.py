"""The pytest plugin: the suite's options, and the target that they name.

It is loaded at every pytest start of whoever has Pixelpact installed, so what is heavy is imported where it is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..errors import PixelpactError

if TYPE_CHECKING:
    from flask import Flask

    from ..service.mock import Mock
    from ..service.settings import Settings
    from .handle import Handle, Session
    from .targets import Place, Target

MOCK = "mock"
RAISED = pytest.StashKey[BaseException | None]()

# Name, default, and what `--help` says. Each is an option `--pixelpact-…`, an ini value and a variable `PIXELPACT_…`.
OPTIONS = {
    "target": (MOCK, "what to judge: mock, live, or the base URL of a server, as http://127.0.0.1:8080"),
    "model": ("", "judge these models only: ids or patterns, with commas between, or all"),
    "profile": ("observed", "the reading of the docs to judge by"),
    "schemas": ("", f"folders of further schemas, with {os.pathsep!r} between"),
    "tier": ("", "how much to ask for: l0 no picture, l1 3 a model, l2 8, l3 24 (live: l1; else l3)"),
    "budget": ("0.50", "what the live API may cost: dollars, as 0.50, or pictures, as 8p"),
    "ledger": ("pixelpact-ledger.jsonl", "the file in which every paid request is entered before it is sent"),
    "examples": ("", "explore with so many requests a property and model (the mock without a tier: 25; else 0)"),
    "database": (
        "",
        "explore with what others found first, and keep what is found: a Redis, as redis://127.0.0.1:6379/0",
    ),
    "exchanges": ("", "judge the recorded exchanges of this folder, and no server"),
    "record": ("", "a folder in which to keep every exchange, without its secrets"),
    "whole": ("", "1: keep the recorded pictures whole, not their thumbnails and facts alone"),
    "coverage": (
        "",
        "how much of the contract the tests exercised: to this file (.json, .xml for JUnit, else text), or -",
    ),
    "coverage-min": ("", "fail the run if less than so many percent of the contract were exercised"),
    "observe": ("", "1: tell the summary what every answer looked like"),
    "gallery": ("", "1: give the summary the pictures of the run, small"),
}
TIERS = ("l0", "l1", "l2", "l3")


def _count(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit()):
        raise pytest.UsageError(f"--pixelpact-examples: expected a whole number, 0 or more, received {text!r}")
    return int(text) if text else None


def _tier(text: str) -> str | None:
    if text and text not in TIERS:
        raise pytest.UsageError(f"--pixelpact-tier: expected one of {', '.join(TIERS)}, received {text!r}")
    return text or None


def _database(text: str) -> str:
    if text:
        places = import_module("..contract_tests.places", __package__)
        try:
            places.place(text)
        except PixelpactError as reason:
            raise pytest.UsageError(f"--pixelpact-database: {reason}") from None
    return text


def _path(text: str) -> Path | None:
    return Path(text).resolve() if text else None


# An option is text until it is settled; these are more than text from then on.
READ: dict[str, Callable[[str], Any]] = {
    "model": lambda text: tuple(name.strip() for name in text.split(",") if name.strip()),
    "schemas": lambda text: tuple(Path(part) for part in text.split(os.pathsep) if part),
    "examples": _count,
    "tier": _tier,
    "database": _database,
    "ledger": lambda text: Path(text).resolve(),
    "record": _path,
    "exchanges": _path,
    "observe": bool,
    "gallery": bool,
    "whole": bool,
}


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare `pytest_pixelpact_summary(config, summary)`: what the suite says of a run as a whole, when it ends."""
    pluginmanager.add_hookspecs(_Hooks)


class _Hooks:
    def pytest_pixelpact_summary(self, config: pytest.Config, summary: dict[str, Any]) -> None:
        """Take what the suite says of a run as a whole; every value is JSON."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the suite's options; a conftest in an installed package would be too late."""
    group = parser.getgroup("pixelpact", "Pixelpact: the contract of an image-generation API")
    for name, (default, text) in OPTIONS.items():
        group.addoption(
            f"--pixelpact-{name}", metavar=name.upper(), help=f"{text} (default: {default})" if default else text
        )
        parser.addini(f"pixelpact_{name.replace('-', '_')}", text)


def pytest_configure(config: pytest.Config) -> None:
    """Settle each option: the command line, then the environment, then the ini file, then the default.

    An empty value counts on the command line only, where it stands for the default of one that is set elsewhere.
    """
    config.addinivalue_line("markers", "pixelpact_explore: not in a plan that is counted")
    config.addinivalue_line("markers", "pixelpact_doubtful: a refusal that only an assumption promises: late, for free")
    config.addinivalue_line("markers", "pixelpact_tier(name): the first tier in which the test runs")
    config.addinivalue_line("markers", "pixelpact_cases(kind): run once for each case of that kind, of each model")
    for name, (default, _) in OPTIONS.items():
        option = f"pixelpact_{name.replace('-', '_')}"
        given = getattr(config.option, option)
        elsewhere = os.environ.get(option.upper()) or config.getini(option) or default
        text = elsewhere if given is None else given or default
        setattr(config.option, option, READ.get(name, str)(text))
    _settle_by_target(config.option)
    if config.getoption("dist", "no") != "no":
        # By name: in a checkout the suite lies in another folder.
        import_module("..contract_tests.workers", __package__).install(config)
    if config.option.pixelpact_coverage or config.option.pixelpact_coverage_min:
        from . import coverage_plugin

        least = coverage_plugin.percentage(config.option.pixelpact_coverage_min)
        coverage_plugin.install(config, config.option.pixelpact_coverage, least)


def _settle_by_target(option: Any) -> None:
    """What is asked for where nobody said: nothing is explored where it costs money, and little is planned."""
    option.pixelpact_paid = _is_paid(option.pixelpact_target)
    if option.pixelpact_examples is None:
        # A tier that was asked for is a plan, and nothing beyond it.
        whole = option.pixelpact_target == MOCK and not option.pixelpact_tier
        option.pixelpact_examples = 25 if whole else 0
    option.pixelpact_tier = option.pixelpact_tier or ("l1" if option.pixelpact_paid else "l3")
    option.pixelpact_examples *= not option.pixelpact_paid


def _is_paid(target: str) -> bool:
    if target == MOCK:
        return False
    from .targets import is_paid

    return is_paid(target)


@pytest.fixture(scope="session")
def pixelpact_settings(pytestconfig: pytest.Config) -> Settings:
    """What the mock of `pixelpact_server` and `pixelpact_mock` is started with: override it to have another."""
    from ..service.settings import Settings

    return Settings(
        profile=pytestconfig.getoption("pixelpact_profile"), schemas=pytestconfig.getoption("pixelpact_schemas")
    )


@pytest.fixture(scope="session")
def pixelpact_session(pixelpact_settings: Settings, pytestconfig: pytest.Config) -> Iterator[Session]:
    """The mock on a socket for the whole session: for what is started once, and has one tenant or several."""
    from ..service.app import create_app, mock_of
    from .handle import Session
    from .server import Server

    app = create_app(pixelpact_settings)
    with Server(app) as server:
        session = Session(server.url, mock_of(app), _counting(pytestconfig, mock_of(app)))
        yield session
        session.close()


@pytest.fixture
def pixelpact_server(pixelpact_session: Session) -> Iterator[Handle]:
    """The mock on a socket, and a key of the test's own: no other test sees its journal, faults, clock or credits."""
    handle = pixelpact_session.tenant()
    yield handle
    pixelpact_session.release(handle)


@pytest.fixture(scope="session")
def _pixelpact_app(pixelpact_settings: Settings) -> Flask:
    from dataclasses import replace

    from ..service.app import create_app

    return create_app(replace(pixelpact_settings, one_tenant=True))


@pytest.fixture(scope="session")
def pixelpact_allow_hosts() -> Collection[str]:
    """The hosts that a program may really call beside `pixelpact_mock`: override it to name some."""
    return ()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what a test ended with for `pixelpact_mock`, which says what the test does not."""
    if call.excinfo and "pixelpact_mock" in getattr(item, "fixturenames", ()):
        item.stash[RAISED] = call.excinfo.value
    return (yield)


@pytest.fixture
def pixelpact_mock(
    _pixelpact_app: Flask, pixelpact_allow_hosts: Collection[str], request: pytest.FixtureRequest
) -> Iterator[Handle]:
    """The mock in process: `https://api.aimlapi.com` of httpx, httpx2, requests and aiohttp is answered by it.

    Whatever key the program sends, it is the test's one tenant. Any other host is refused, and fails the test.
    """
    from ..service.app import mock_of
    from .handle import Session
    from .interception import Interception
    from .targets import DEFAULT_KEY, LIVE_BASE

    mock = mock_of(_pixelpact_app)
    session = Session(LIVE_BASE, mock, _counting(request.config, mock))
    # Of a test that is run again, the first run has left its own.
    request.node.stash[RAISED] = None
    sockets = [request.getfixturevalue("pixelpact_session").url] if "pixelpact_server" in request.fixturenames else []
    allowed = [*pixelpact_allow_hosts, *(url.partition("://")[2] for url in sockets)]
    with Interception(_pixelpact_app, allow_hosts=allowed) as interception:
        yield session.tenant(next(iter(mock.settings.api_keys), DEFAULT_KEY))
    session.close()
    swallowed = interception.swallowed(request.node.stash[RAISED])
    if swallowed:
        pytest.fail(f"pixelpact_mock: the program called {', '.join(swallowed)}", pytrace=False)


def _counting(config: pytest.Config, mock: Mock) -> Callable[[Handle], None]:
    """Counts what the calls of a tenant have exercised, if that is asked for."""
    collector = config.pluginmanager.get_plugin("pixelpact-coverage")

    def count(handle: Handle) -> None:
        if collector:
            strangers = mock.tenants.strangers
            refused = [] if strangers is handle.tenant else strangers.journal.entries
            collector.add(mock.contract, [*handle.journal.entries, *refused])
            strangers.journal.clear()

    return count


@pytest.fixture(scope="session")
def pixelpact_target(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Iterator[Target]:
    """The server that the contract suite judges: the mock on a socket of its own, or a URL."""
    from .targets import Target, api_key

    name = pytestconfig.getoption("pixelpact_target")
    if name != MOCK:
        place = _resolved(name, request)
        yield Target(place.name, place.url, place.key, strict=False, paid=place.paid)
        return
    from ..service.app import create_app
    from ..service.settings import Settings
    from .server import Server

    # Not `pixelpact_settings`: what is judged is the mock as it comes.
    settings = Settings(
        profile=pytestconfig.getoption("pixelpact_profile"), schemas=pytestconfig.getoption("pixelpact_schemas")
    )
    with Server(create_app(settings)) as server:
        yield Target(MOCK, server.url, api_key(), strict=True)


def _resolved(target: str, request: pytest.FixtureRequest) -> Place:
    from .targets import BadTarget, resolve

    try:
        return resolve(target, os.environ)
    except BadTarget as reason:
        import_module("..contract_tests.workers", __package__).end(request, reason)
        raise
