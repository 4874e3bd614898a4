"""What is served now, for all that outlives a change of it: tenants and their journals ask here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from ..contract.contract import Contract
from ..contract.models import Model
from ..pixels.values import Recipe
from . import listing
from .artefacts import Artefacts

Value = TypeVar("Value")


class Latest:
    """The contract of now and what draws its pictures; whoever holds this sees each change.

    `drawable` are the models of now by key, and all that were served before: links to their pictures live on, in
    `folders`. `prices` are those of now, in credits a picture.
    """

    def __init__(self, contract: Contract, artefacts: Artefacts) -> None:
        self.folders: frozenset[str] = frozenset()
        self.change(contract, artefacts, contract.models)

    def change(self, contract: Contract, artefacts: Artefacts, drawable: Mapping[str, Model]) -> None:
        """Serve another contract from now on."""
        self.prices = listing.prices(contract)
        self.folders |= listing.folders(contract)
        self.drawable = drawable
        self.artefacts = artefacts
        self.contract = contract

    def draw(self, recipe: Recipe) -> bytes:
        """The picture of a recipe, as it is drawn now."""
        return self.artefacts.draw(recipe)


class Live(Mapping[str, Value]):
    """A mapping that is another each time that it is asked: `now` gives that of the moment."""

    def __init__(self, now: Callable[[], Mapping[str, Value]]) -> None:
        self._now = now

    def __getitem__(self, key: str) -> Value:
        return self._now()[key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._now()

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())


class Drawable(Mapping[str, Model]):
    """The models of a contract, and those of before that it has not."""

    def __init__(self, models: Mapping[str, Model], before: Mapping[str, Model]) -> None:
        self._models = models
        self._former = {key: before[key] for key in before if key not in models}

    def __getitem__(self, key: str) -> Model:
        return self._models[key] if key in self._models else self._former[key]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._models, *self._former])

    def __len__(self) -> int:
        return len(self._models) + len(self._former)
