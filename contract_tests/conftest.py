"""What every test of the suite is given: the contract, its models and cases, the client, and a way to report."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pytest
from pixelpact.cases.boundary import boundary
from pixelpact.cases.broken import broken
from pixelpact.cases.case import Case
from pixelpact.cases.documented import documented
from pixelpact.cases.malformed import malformed
from pixelpact.checks.findings import Finding
from pixelpact.contract.contract import Contract, load
from pixelpact.contract.models import Model
from pixelpact.errors import PixelpactError, UnknownName

from .client import Client

CONTRACT = pytest.StashKey[Contract]()
SOURCES: dict[str, Callable[[Model], Iterator[Case]]] = {
    "documented": documented,
    "boundary": boundary,
    "broken": broken,
    "malformed": malformed,
}

# What a test's argument asks for: any model, one that takes a picture, one that answers in both forms.
ARGUMENTS: dict[str, Callable[[Model], bool]] = {
    "model": lambda _: True,
    "editor": lambda model: bool(model.images),
    "two_form_model": lambda model: len(model.forms) == 2,
    "linking_model": lambda model: "url" in model.forms,
}


class Broken(AssertionError):
    """The contract does not hold; `findings` say where."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n\n".join(map(str, findings)))
        self.findings = tuple(findings)


def hold(findings: Sequence[Finding]) -> None:
    """Raise Broken if there are findings."""
    if findings:
        raise Broken(findings)


def the_contract(config: pytest.Config) -> Contract:
    """The contract under the chosen profile and schemas, read once."""
    if CONTRACT not in config.stash:
        folders = config.getoption("pixelpact_schemas")
        config.stash[CONTRACT] = load(*folders, profile=config.getoption("pixelpact_profile"))
    return config.stash[CONTRACT]


def models(config: pytest.Config) -> list[Model]:
    """The models to judge. Raises UnknownName for one that is not there."""
    contract = the_contract(config)
    wanted = list(dict.fromkeys(config.getoption("pixelpact_model"))) or list(contract.models)
    for name in wanted:
        if name not in contract.models:
            raise UnknownName("model", name, tuple(contract.models))
    return [contract.models[name] for name in wanted]


def is_strict(config: pytest.Config) -> bool:
    """Whether what is only assumed counts: on our own mock, as it is no reason to accuse a server that is not ours."""
    return bool(config.getoption("pixelpact_target") == "mock")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each case of its kind, or once for each model that fits its argument."""
    try:
        _parametrise(metafunc)
    except PixelpactError as reason:
        # A wrong option or schema, not a wrong suite: the message is all that helps.
        raise pytest.fail.Exception(str(reason), pytrace=False) from None


def _parametrise(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("pixelpact_cases")
    if "case" in metafunc.fixturenames and marker:
        strict = is_strict(metafunc.config)
        pairs = [(model, case) for model in models(metafunc.config) for case in SOURCES[marker.args[0]](model)]
        fair = [(model, case) for model, case in pairs if strict or not (case.refused and case.assumed)]
        metafunc.parametrize(("model", "case"), fair, ids=[f"{model.name}-{case.name}" for model, case in fair])
        return
    for name, fits in ARGUMENTS.items():
        if name in metafunc.fixturenames:
            chosen = [model for model in models(metafunc.config) if fits(model)]
            metafunc.parametrize(name, chosen, ids=[model.name for model in chosen])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has nothing to judge and, on a server that is not ours, what only an assumption promises."""
    strict = is_strict(config)
    # pytest names a test so for which there is no model, or no case that is fair.
    left_out = [item for item in items if "[NOTSET" in item.name or not (strict or _is_fair(item))]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _is_fair(item: pytest.Item) -> bool:
    return item.get_closest_marker("pixelpact_assumed") is None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A broken contract is reported by its findings, not by a traceback through the suite."""
    report = yield
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, Broken):
        report.longrepr = str(error)
        report.user_properties += [("finding", asdict(finding)) for finding in error.findings]
    return report


@pytest.fixture(scope="session")
def contract(pytestconfig: pytest.Config) -> Contract:
    """The contract that is judged by."""
    return the_contract(pytestconfig)


@pytest.fixture(scope="session")
def connection(pixelpact_target: Any) -> Iterator[Client]:
    """The way to the server, for all tests."""
    client = Client(pixelpact_target.url, pixelpact_target.key, pixelpact_target.strict)
    yield client
    client.close()


@pytest.fixture
def client(connection: Client, record_property: Callable[[str, object], None]) -> Iterator[Client]:
    """The way to the server; what one test asks of it is counted in its report."""
    requests, pictures = connection.requests, connection.pictures
    yield connection
    record_property("requests", connection.requests - requests)
    record_property("pictures", connection.pictures - pictures)
