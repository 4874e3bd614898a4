"""What is served, told without compiling a schema: ids, titles, prices, folders of pictures, paths.

A model is compiled when a request names it, so that a mock of a hundred begins as fast as one of two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..contract.catalogue import Entry
from ..contract.contract import Contract
from .calls import CONTROL

VERSION = "/v1"
# First parts of paths that are the mock's own; those of the API are in the contract.
OWN = frozenset({CONTROL.strip("/"), "health", "models", VERSION.strip("/")})
# Where the pictures of a model lie whose folder's name is taken.
ELSEWHERE = "pictures"


def spellings(path: str) -> tuple[str, ...]:
    """The ways to write a path of the API: as it is documented, and without its version."""
    return (path, path.removeprefix(VERSION)) if path.startswith(f"{VERSION}/") else (path,)


def served(contract: Contract) -> dict[str, str]:
    """Every spelling of a path of the contract, and the path that it is one of."""
    return {spelt: path for path in contract.paths for spelt in spellings(path)}


def listed(contract: Contract, gone: Collection[str] = (), *, pricing: bool = False) -> list[dict[str, Any]]:
    """The models in the form of the API's list, each id once: clients filter by `type` and show `info.name`.

    Those whose keys are `gone` are left out; `pricing` adds what a picture takes.
    """
    found: dict[str, dict[str, Any]] = {}
    for entry, fields in _files(contract):
        if entry.key not in gone:
            price = {"pricing": {"credits": fields["credits"]}} if pricing else {}
            known = found.setdefault(entry.id, {**_listed(entry.id, fields["title"]), **price})
            known["endpoints"].append(entry.path)
    return list(found.values())


def prices(contract: Contract) -> dict[str, int]:
    """The credits that a picture of each model takes, by the model's key."""
    return {entry.key: fields["credits"] for entry, fields in _files(contract)}


def folders(contract: Contract) -> frozenset[str]:
    """Every folder that pictures lie in."""
    return frozenset(places(contract).values())


def places(contract: Contract) -> dict[str, str]:
    """The folder that pictures lie in, by the one that a model names: that, unless it would hide a path of the API."""
    taken = OWN | {spelt.split("/")[1] for spelt in served(contract)}
    named = {fields["picture"]["folder"] for _, fields in _files(contract)}
    return {name: ELSEWHERE if name in taken else name for name in named}


def _files(contract: Contract) -> Iterator[tuple[Entry, Mapping[str, Any]]]:
    return ((entry, contract.documents.by_path[entry.file]) for entry in contract.entries)


def _listed(id: str, title: str) -> dict[str, Any]:
    developer = id.partition("/")[0] if "/" in id else ""
    return {"id": id, "type": "image", "info": {"name": title, "developer": developer}, "features": [], "endpoints": []}
