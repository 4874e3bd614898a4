"""Which tests run, for which models and cases, and in which order: what the target and the tier ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from pixelpact.cases.boundary import boundary
from pixelpact.cases.broken import broken
from pixelpact.cases.case import Case
from pixelpact.cases.documented import documented
from pixelpact.cases.malformed import malformed
from pixelpact.cases.pictures import fetching
from pixelpact.cases.plan import odd, relations, rows
from pixelpact.cases.relations import ANCHOR
from pixelpact.checks.recordings import load as load_recorded
from pixelpact.contract.contract import Contract, load
from pixelpact.contract.models import Model

CONTRACT = pytest.StashKey[Contract]()
SOURCES: dict[str, Callable[[Model], Iterable[Case]]] = {
    "documented": documented,
    "boundary": boundary,
    "broken": broken,
    "malformed": malformed,
    "odd": odd,
    "pairs": rows,
    "triples": lambda model: rows(model, 3),
}
# What a test's argument asks for: any model, one that fetches a picture, one that answers with links.
ARGUMENTS: dict[str, Callable[[Model], bool]] = {
    "model": lambda _: True,
    "editor": lambda model: bool(fetching(model, "http://pixelpact.example/picture.png")),
    "linking_model": lambda model: "url" in model.forms,
}
# A documented request first, as it shows most faults of form at once; then all that is free if it is refused; then
# what is counted, the least of it last; then what only an assumption refuses, where a picture is left.
ORDER = (
    "test_the_first_documented",
    "test_documented",
    "test_access",
    "test_requests",
    "test_pairs",
    "test_relations",
    "test_links",
    "odd",
    "doubtful",
    "test_explored",
    "test_session",
    "test_recorded",
)


def the_contract(config: pytest.Config) -> Contract:
    """The contract under the chosen profile and schemas, read once."""
    if CONTRACT not in config.stash:
        folders = config.getoption("pixelpact_schemas")
        config.stash[CONTRACT] = load(*folders, profile=config.getoption("pixelpact_profile"))
    return config.stash[CONTRACT]


def the_models(config: pytest.Config) -> list[Model]:
    """The models to judge: those named, or the usual. Raises UnknownName for a name that no model has."""
    return the_contract(config).chosen(config.getoption("pixelpact_model"))


def names(models: Sequence[Model]) -> dict[str, str]:
    """What each model is called in a test's name, by its key: its own name, or the key where two have that name."""
    times = Counter(model.name for model in models)
    return {model.key: model.name if times[model.name] == 1 else model.key for model in models}


def is_strict(config: pytest.Config) -> bool:
    """Whether what is only assumed counts: on our own mock, as it is no reason to accuse a server that is not ours."""
    return bool(config.getoption("pixelpact_target") == "mock")


def parametrise(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each case of its kind, or for each model that fits its argument. Raises PixelpactError."""
    models = the_models(metafunc.config)
    if "recorded" in metafunc.fixturenames:
        folder = metafunc.config.getoption("pixelpact_exchanges")
        found = load_recorded(folder) if folder else []
        metafunc.parametrize("recorded", found, ids=[one.name for one in found])
        return
    marker = metafunc.definition.get_closest_marker("pixelpact_cases")
    explores = metafunc.definition.get_closest_marker("pixelpact_explore") is not None
    if explores and not metafunc.config.getoption("pixelpact_examples"):
        # It will be left out: its cases need not be made.
        metafunc.parametrize([name for name in ("model", "case") if name in metafunc.fixturenames], [])
    elif "case" in metafunc.fixturenames and marker:
        pairs = [(model, case) for model in models for case in SOURCES[marker.args[0]](model)]
        _with_model(metafunc, "case", models, [(model, case, _marks(metafunc.config, case)) for model, case in pairs])
    elif "relation" in metafunc.fixturenames:
        known = [(model, relation) for model in models for relation in relations(model)]
        tiered = [(model, each, [pytest.mark.pixelpact_tier(each.tier)]) for model, each in known]
        _with_model(metafunc, "relation", models, tiered)
    else:
        for name, fits in ARGUMENTS.items():
            if name in metafunc.fixturenames:
                chosen = [model for model in models if fits(model)]
                metafunc.parametrize(name, chosen, ids=[names(models)[model.key] for model in chosen])


def is_asked_for(config: pytest.Config, item: pytest.Item) -> bool:
    """Whether a test is within the tier, has anything to judge, and may be sent to this target.

    Recorded exchanges are judged alone, with no target.
    """
    if ("test_recorded" in item.nodeid) != (config.getoption("pixelpact_exchanges") is not None):
        return False
    # pytest names a test so for which there is no model, or no case.
    if "[NOTSET" in item.name:
        return False
    if item.get_closest_marker("pixelpact_explore") and not config.getoption("pixelpact_examples"):
        return False
    if item.get_closest_marker("pixelpact_doubtful") and config.getoption("pixelpact_paid"):
        return False
    tiers = [marker.args[0] for marker in item.iter_markers("pixelpact_tier")]
    return bool(max(tiers, default="l0") <= config.getoption("pixelpact_tier"))


def place(item: pytest.Item) -> int:
    """The stage of a test."""
    if item.get_closest_marker("pixelpact_doubtful"):
        return ORDER.index("doubtful")
    if "test_an_odd_request" in item.nodeid:
        return ORDER.index("odd")
    return next(number for number, word in enumerate(ORDER) if word in item.nodeid)


def together(session: pytest.Session) -> list[str]:
    """The checks on all requests together that are asked for."""
    params = [
        item.callspec.params
        for item in session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    ]
    return [str(each["check"]) for each in params if "check" in each]


def _with_model(
    metafunc: pytest.Metafunc, name: str, models: Sequence[Model], rows: list[tuple[Model, Any, list[Any]]]
) -> None:
    known = names(models)
    params = [
        pytest.param(model, each, id=f"{known[model.key]}-{each.name}", marks=marks) for model, each, marks in rows
    ]
    metafunc.parametrize(("model", name), params)


def _marks(config: pytest.Config, case: Case) -> list[Any]:
    """What is accepted and in no plan is explored with; what only assumptions refuse is doubtful on a stranger."""
    if case.refused:
        doubtful = case.assumed and not is_strict(config)
        return [pytest.mark.pixelpact_tier("l3"), pytest.mark.pixelpact_doubtful] if doubtful else []
    if case.name.startswith("pairs-"):
        # The relations change the first, so it comes with them.
        return [pytest.mark.pixelpact_tier("l1" if case.name == ANCHOR else "l3")]
    return [] if case.tolerated else [pytest.mark.pixelpact_explore]
