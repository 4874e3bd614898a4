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
    "target": (targets.MOCK, "what to judge: mock, live, or the base URL of a server, as http://127.0.0.1:8080"),
    "model": ("", "judge these models only: ids, with commas between"),
    "profile": ("observed", "the reading of the docs to judge by"),
    "schemas": ("", f"folders of further schemas, with {os.pathsep!r} between"),
    "tier": ("", "how much to ask for: l0 no picture, l1 3 a model, l2 8, l3 24 (live: l1; else l3)"),
    "budget": ("0.50", "what the live API may cost: dollars, as 0.50, or pictures, as 8p"),
    "ledger": ("pixelpact-ledger.jsonl", "the file in which every paid request is entered before it is sent"),
    "examples": ("", "explore with so many requests a property and model (the mock without a tier: 25; else 0)"),
    "exchanges": ("", "judge the recorded exchanges of this folder, and no server"),
    "record": ("", "a folder in which to keep every exchange, without its secrets"),
    "whole": ("", "1: keep the recorded pictures whole, not their thumbnails and facts alone"),
    "observe": ("", "1: tell the summary what every answer looked like"),
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


def _path(text: str) -> Path | None:
    return Path(text).resolve() if text else None


# An option is text until it is settled; these are more than text from then on.
READ: dict[str, Callable[[str], Any]] = {
    "model": lambda text: tuple(name.strip() for name in text.split(",") if name.strip()),
    "schemas": lambda text: tuple(Path(part) for part in text.split(os.pathsep) if part),
    "examples": _count,
    "tier": _tier,
    "ledger": lambda text: Path(text).resolve(),
    "record": _path,
    "exchanges": _path,
    "observe": bool,
    "whole": bool,
}


@dataclass(frozen=True)
class Target:
    """What is judged. `strict`: assumed rules count too, as it is our own mock. `paid`: pictures cost money."""

    name: str
    url: str
    key: str = field(repr=False)
    strict: bool
    paid: bool = False


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
        parser.addini(f"pixelpact_{name}", text)


def pytest_configure(config: pytest.Config) -> None:
    """Settle each option: the command line, then the environment, then the ini file, then the default.

    An empty value counts on the command line only, where it stands for the default of one that is set elsewhere.
    """
    config.addinivalue_line("markers", "pixelpact_explore: not in a plan that is counted")
    config.addinivalue_line("markers", "pixelpact_doubtful: a refusal that only an assumption promises: late, for free")
    config.addinivalue_line("markers", "pixelpact_tier(name): the first tier in which the test runs")
    config.addinivalue_line("markers", "pixelpact_cases(kind): run once for each case of that kind, of each model")
    for name, (default, _) in OPTIONS.items():
        option = f"pixelpact_{name}"
        given = getattr(config.option, option)
        elsewhere = os.environ.get(option.upper()) or config.getini(option) or default
        text = elsewhere if given is None else given or default
        setattr(config.option, option, READ.get(name, str)(text))
    _settle_by_target(config.option)


def _settle_by_target(option: Any) -> None:
    """What is asked for where nobody said: nothing is explored where it costs money, and little is planned."""
    option.pixelpact_paid = targets.is_paid(option.pixelpact_target)
    if option.pixelpact_examples is None:
        # A tier that was asked for is a plan, and nothing beyond it.
        whole = option.pixelpact_target == targets.MOCK and not option.pixelpact_tier
        option.pixelpact_examples = 25 if whole else 0
    option.pixelpact_tier = option.pixelpact_tier or ("l1" if option.pixelpact_paid else "l3")
    option.pixelpact_examples *= not option.pixelpact_paid


@pytest.fixture(scope="session")
def pixelpact_target(pytestconfig: pytest.Config) -> Iterator[Target]:
    """The server that the contract suite judges: the mock on a socket of its own, or a URL."""
    name = pytestconfig.getoption("pixelpact_target")
    if name != targets.MOCK:
        place = _resolved(name)
        yield Target(place.name, place.url, place.key, strict=False, paid=place.paid)
        return
    from ..service.app import create_app
    from ..service.settings import Settings
    from .server import Server

    settings = Settings(
        profile=pytestconfig.getoption("pixelpact_profile"), schemas=pytestconfig.getoption("pixelpact_schemas")
    )
    with Server(create_app(settings)) as server:
        yield Target(targets.MOCK, server.url, targets.api_key(), strict=True)


def _resolved(target: str) -> targets.Place:
    try:
        return targets.resolve(target, os.environ)
    except targets.BadTarget as reason:
        pytest.exit(str(reason), returncode=pytest.ExitCode.USAGE_ERROR)
