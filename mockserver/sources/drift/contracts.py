"""Schemas of the kit as a side: a profile of the packaged contract, all of it, or a folder of schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...contract.catalogue import Entry
from ...contract.contract import Contract, load, load_all
from .values import SCHEMAS, Offer, Schema, Side

PACKAGED = "the packaged contract"
USUAL = "observed"
DATED = re.compile(r"[0-9]{4}-[0-9]{2}")
# The lowest of the layers that a folder is laid on.
GIVEN = 2


def profile_side(name: str, profile: str) -> Side:
    """The packaged contract under a profile. Raises UnknownName."""
    contract = load(profile=profile)
    return Side(name, tuple(_offer(contract, entry) for entry in contract.entries))


def folder_side(name: str, folder: Path) -> Side:
    """The models of a folder of schemas, each under the usual profile or else its newest. Raises SchemaError."""
    contracts = load_all(folder.resolve())
    return Side(name, tuple(_offers(contracts, [USUAL, *_dated(contracts)], GIVEN)))


def packaged() -> Side:
    """Every model of the packaged contract, as the docs have it last."""
    contracts = load_all()
    return Side(PACKAGED, tuple(_offers(contracts, [*_dated(contracts), USUAL])))


def packaged_ids() -> set[str]:
    """The id of every model of the packaged contract."""
    return {entry.id for contract in load_all().values() for entry in contract.entries}


def _dated(contracts: Mapping[str, Contract]) -> list[str]:
    """The profiles that are one dated reading of the docs each, the newest first."""
    return sorted(filter(DATED.fullmatch, contracts), reverse=True)


def _offers(contracts: Mapping[str, Contract], profiles: Sequence[str], layer: int = 0) -> Iterator[Offer]:
    """The models from a layer up, each under the first of the profiles that has it."""
    found: set[str] = set()
    for contract in (contracts[profile] for profile in profiles):
        entries = [entry for entry in contract.entries if entry.layer >= layer and entry.key not in found]
        found |= {entry.key for entry in entries}
        yield from (_offer(contract, entry) for entry in entries)


def _offer(contract: Contract, entry: Entry) -> Offer:
    model = contract.models[entry.key]
    return Offer(
        model.id,
        f"POST {model.path}",
        model.origin,
        SCHEMAS,
        model.request,
        {str(model.success): _answer(contract, entry)},
        contract.error,
        facts={"standing": model.status, "price": f"{model.credits} credits", "picture": model.picture.container},
        documented=frozenset(name for name, source in model.sources.items() if source.standing == "documented"),
    )


def _answer(contract: Contract, entry: Entry) -> Schema | None:
    """A model's answer. An imported one without its own has the form of others, which its file did not promise."""
    model = contract.models[entry.key]
    own = contract.documents.by_path[entry.file]["profiles"].get(contract.profile, {})
    return None if model.origin and "answer" not in own else model.answer
