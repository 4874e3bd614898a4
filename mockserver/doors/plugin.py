"""The pytest plugin: the suite's options, and the target that they name.

It is loaded at every pytest start of whoever has Pixelpact installed, so what is heavy is imported where it is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from . import targets

# Name, default, and what `--help` says. Each is an option `--pixelpact-…`, an ini value and a variable `PIXELPACT_…`.
OPTIONS = {
    "target": (targets.MOCK, "what to judge: mock, or the base URL of a server, as http://127.0.0.1:8080"),
    "model": ("", "judge these models only: ids, with commas between"),
    "profile": ("observed", "the reading of the docs to judge by"),
    "schemas": ("", f"folders of further schemas, with {os.pathsep!r} between"),
    "examples": ("25", "how many requests Hypothesis tries for each property and model; 0 leaves them out"),
}


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise pytest.UsageError(f"--pixelpact-examples: expected a whole number, 0 or more, received {text!r}")
    return int(text)


# An option is text until it is settled; these are more than text from then on.
READ: dict[str, Callable[[str], Any]] = {
    "model": lambda text: tuple(name.strip() for name in text.split(",") if name.strip()),
    "schemas": lambda text: tuple(Path(part) for part in text.split(os.pathsep) if part),
    "examples": _count,
}


@dataclass(frozen=True)
class Target:
    """What is judged. `strict`: assumed rules count as well, because it is our own mock."""

    name: str
    url: str
    key: str = field(repr=False)
    strict: bool


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the suite's options; a conftest in an installed package would be too late."""
    group = parser.getgroup("pixelpact", "Pixelpact: the contract of an image-generation API")
    for name, (default, text) in OPTIONS.items():
        group.addoption(f"--pixelpact-{name}", metavar=name.upper(), help=f"{text} (default: {default or 'all'})")
        parser.addini(f"pixelpact_{name}", text)


def pytest_configure(config: pytest.Config) -> None:
    """Settle each option: the command line, then the environment, then the ini file, then the default.

    An empty value counts on the command line only, where it stands for the default of one that is set elsewhere.
    """
    config.addinivalue_line("markers", "pixelpact_assumed: judge the mock alone: no evidence promises this")
    config.addinivalue_line("markers", "pixelpact_cases(kind): run once for each case of that kind, of each model")
    for name, (default, _) in OPTIONS.items():
        option = f"pixelpact_{name}"
        given = getattr(config.option, option)
        elsewhere = os.environ.get(option.upper()) or config.getini(option) or default
        text = elsewhere if given is None else given or default
        setattr(config.option, option, READ.get(name, str)(text))


@pytest.fixture(scope="session")
def pixelpact_target(pytestconfig: pytest.Config) -> Iterator[Target]:
    """The server that the contract suite judges: the mock on a socket of its own, or a URL."""
    name = pytestconfig.getoption("pixelpact_target")
    key = targets.api_key()
    if name != targets.MOCK:
        yield Target(name, _base_url(name), key, strict=False)
        return
    from ..service.app import create_app
    from ..service.settings import Settings
    from .server import Server

    settings = Settings(
        profile=pytestconfig.getoption("pixelpact_profile"), schemas=pytestconfig.getoption("pixelpact_schemas")
    )
    with Server(create_app(settings)) as server:
        yield Target(targets.MOCK, server.url, key, strict=True)


def _base_url(target: str) -> str:
    try:
        return targets.base_url(target)
    except targets.BadTarget as reason:
        pytest.exit(str(reason), returncode=pytest.ExitCode.USAGE_ERROR)
