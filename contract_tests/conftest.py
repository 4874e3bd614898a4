"""What every test of the suite is given, and how it says what it found."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict
from typing import Any

import pytest
from pixelpact.cases.asked import named
from pixelpact.cases.plan import pictures
from pixelpact.checks.findings import Finding
from pixelpact.checks.generation import Generation
from pixelpact.contract.contract import Contract
from pixelpact.contract.models import Model
from pixelpact.contract.money import Budget
from pixelpact.errors import PixelpactError

from .client import Client
from .coverage import part
from .examples import Examples, ExamplesLost
from .gallery import Gallery
from .holding import Held
from .ledger import BudgetSpent, Ledger
from .recording import Recorder
from .selection import is_asked_for, parametrise, place, the_contract, the_models, together
from .session import NotAsked, Session
from .verdicts import Verdicts
from .watching import Watch
from .workers import WARNINGS, end, is_worker, leave, whole, worker, workers, write

SESSION = pytest.StashKey[Session]()
VERDICTS = pytest.StashKey[Verdicts]()
WATCH = pytest.StashKey[Watch]()
GALLERY = pytest.StashKey[Gallery]()
RECORDED = pytest.StashKey[list[Generation]]()
FOUND = pytest.StashKey[list[Finding]]()
LAST = pytest.StashKey[list[str]]()
SUMMARY = pytest.StashKey[dict[str, Any]]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each case of its kind, or once for each model that fits its argument."""
    try:
        parametrise(metafunc)
    except PixelpactError as reason:
        # A wrong option or schema, not a wrong suite: the message is all that helps.
        raise pytest.fail.Exception(str(reason), pytrace=False) from None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is beyond the tier, and what has nothing to judge; put the rest in the plan's order."""
    kept = [item for item in items if is_asked_for(config, item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = sorted(kept, key=place)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """What a test found, and what every exchange that it made is judged by; only errors break the contract."""
    found: list[Finding] = []
    stash = pyfuncitem.config.stash
    session, watch = stash.get(SESSION, None), stash.get(WATCH, None)
    result: object = True
    why = ""
    try:
        result = yield
    except Held as held:
        found += held.findings
    except NotAsked as reason:
        why = str(reason)
    except BudgetSpent as reason:
        # The plan could not be done: whoever reads the summary must learn that.
        if session is not None:
            session.over_budget = session.over_budget or str(reason)
        why = str(reason)
    finally:
        if session is not None and watch is not None:
            fresh = session.client.taken()
            found += session.verdicts.of_any(fresh)
            found += session.fit_together(check for check in pyfuncitem.stash[LAST] if check not in session.fitted)
            watch.see(pyfuncitem.name.removeprefix("test_"), fresh, session.generations, found)
    if GALLERY in stash:
        made: list[Generation] = session.generations if session else stash.get(RECORDED, [])
        stash[GALLERY].see(pyfuncitem.name, made, found)
    pyfuncitem.stash[FOUND] = found
    if any(finding.severity == "error" for finding in found):
        raise Held(found)
    if why:
        pytest.skip(why)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A broken contract is reported by its findings, not by a traceback through the suite."""
    report = yield
    if call.when == "call":
        found = item.stash.get(FOUND, [])
        report.user_properties += [("finding", asdict(finding)) for finding in found]
        if call.excinfo and isinstance(call.excinfo.value, Held):
            report.longrepr = str(call.excinfo.value)
        elif found:
            report.sections.append((WARNINGS, "\n".join(map(str, found))))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """Note what is judged with the last test of a worker: others may have the tests of all requests together."""
    item.stash[LAST] = together(item.session) if nextitem is None and is_worker(item.config) else []
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Say what the run covered, to whoever wants to know; a worker leaves that to who shares the tests out."""
    config, stash = session.config, session.config.stash
    if VERDICTS not in stash:
        return
    run = stash.get(SESSION, None)
    models = the_models(config) if run else []
    kept = stash[WATCH].summary() if WATCH in stash else {}
    gallery = stash[GALLERY].summary() if GALLERY in stash else None
    told = {
        "asked": run is not None,
        "part": part(stash[VERDICTS], run, models),
        "kept": kept,
        "gallery": gallery,
    }
    if is_worker(config):
        leave(config, told)
        return
    stash[SUMMARY] = whole([told], models)
    config.hook.pytest_pixelpact_summary(config=config, summary=stash[SUMMARY])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The same in pytest's own terminal."""
    if config.stash.get(SESSION, None):
        write(terminalreporter, config.stash.get(SUMMARY, {}))


@pytest.fixture(scope="session")
def contract(pytestconfig: pytest.Config) -> Contract:
    """The contract that is judged by."""
    return the_contract(pytestconfig)


@pytest.fixture(scope="session")
def models(pytestconfig: pytest.Config) -> list[Model]:
    """The models that are judged."""
    return the_models(pytestconfig)


@pytest.fixture(scope="session")
def verdicts(contract: Contract, models: list[Model], pytestconfig: pytest.Config) -> Verdicts:
    """What is found, counted."""
    listed = (word for model in models for schema in model.request["properties"].values() for word in named(schema))
    public = "\n".join(word for word in listed if isinstance(word, str))
    if pytestconfig.getoption("pixelpact_gallery"):
        pytestconfig.stash[GALLERY] = Gallery()
    return pytestconfig.stash.setdefault(VERDICTS, Verdicts(contract, public))


@pytest.fixture(scope="session")
def judged(pytestconfig: pytest.Config) -> list[Generation]:
    """The generations that were found in recordings."""
    return pytestconfig.stash.setdefault(RECORDED, [])


@pytest.fixture(scope="session")
def examples(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Examples | None:
    """The examples that a campaign shares, where that is asked for and something is explored."""
    url = pytestconfig.getoption("pixelpact_database")
    if not (url and pytestconfig.getoption("pixelpact_examples")):
        return None
    try:
        return Examples(url)
    except ExamplesLost as reason:
        end(request, reason)


@pytest.fixture(scope="session")
def run(
    pixelpact_target: Any,
    contract: Contract,
    models: list[Model],
    verdicts: Verdicts,
    # Before anything is sent.
    examples: Examples | None,
    request: pytest.FixtureRequest,
    pytestconfig: pytest.Config,
) -> Iterator[Session]:
    """The run that all tests are part of."""
    option = pytestconfig.getoption
    # The mock draws for nothing; so does a test server, if exploring was asked for.
    counted = not (pixelpact_target.strict or option("pixelpact_examples"))
    session = Session(
        contract,
        Client(
            pixelpact_target.url, pixelpact_target.key, name="-".join(filter(None, ["pixelpact", worker(pytestconfig)]))
        ),
        _ledger(request, paid=pixelpact_target.paid),
        verdicts,
        pixelpact_target.strict,
        pixelpact_target.paid,
        {model.key: pictures(model, option("pixelpact_tier")) for model in models} if counted else None,
        models=tuple(models),
    )
    pytestconfig.stash[SESSION] = session
    folder, profile = option("pixelpact_record"), contract.profile
    whole = option("pixelpact_whole")
    recorder = Recorder(folder, pixelpact_target.key, keep_pictures=whole, profile=profile) if folder else None
    source = f"recorded by pixelpact from {pixelpact_target.name}"
    pytestconfig.stash[WATCH] = Watch(contract, source, recorder, option("pixelpact_observe"))
    yield session
    session.client.close()
    session.ledger.close()


def _ledger(request: pytest.FixtureRequest, *, paid: bool) -> Ledger:
    config = request.config
    if not paid:
        return Ledger(None, None, 0)
    if workers(config) > 1:
        end(request, f"expected one process where pictures cost money, received {workers(config)}: leave out -n")
    try:
        return Ledger(config.getoption("pixelpact_ledger"), Budget.parse(config.getoption("pixelpact_budget")), 0)
    except PixelpactError as reason:
        # Without a ledger nothing may be asked.
        end(request, reason)


@pytest.fixture
def session(run: Session, record_property: Callable[[str, object], None]) -> Iterator[Session]:
    """The run; what one test asks of the server is counted in its report."""
    requests, made = run.client.requests, run.pictures
    yield run
    record_property("requests", run.client.requests - requests)
    record_property("pictures", run.pictures - made)
