"""What is promised about models: by the specifications that are linted together, else by the contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...contract.breaches import Breach, find_breaches
from ...contract.contract import Contract
from ...contract.models import Model
from ..openapi.spec import Operation, Spec
from .code import split_url
from .soundness import is_sound, judge

LIVE = "https://api.aimlapi.com"
DATED = re.compile(r"\d{4}-\d{2}")
Schema = Mapping[str, Any]
Breaches = Callable[[Any], Iterable[Breach]]


@dataclass(frozen=True, eq=False)
class Promise:
    """What one source says of a model at a path: what a request may be, and what comes back.

    `origin` names the source, `pointer` the operation in it if it is a specification; `status` is `current` unless the
    contract knows better. An operation that names no model promises for the model of an empty name.
    """

    model: str
    path: str
    host: str
    origin: str
    request: Schema
    answers: tuple[Schema, ...]
    request_breaches: Breaches
    answer_breaches: Breaches
    pointer: str = ""
    status: str = "current"

    @property
    def whose(self) -> str:
        """Who has the fields of a request, for a finding."""
        return f"`{self.model}`" if self.model else "the operation"

    @property
    def fields(self) -> Mapping[str, Any]:
        """The schema of each field that a request may have."""
        found: Mapping[str, Any] = self.request.get("properties", {})
        return found

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that a request must have."""
        return tuple(self.request.get("required", ()))


@dataclass(frozen=True, eq=False)
class Library:
    """Every promise, by model. A specification's goes before the contract's."""

    specified: Mapping[str, tuple[Promise, ...]] = field(default_factory=dict)
    readings: tuple[Contract, ...] = ()

    def of(self, model: str) -> tuple[Promise, ...]:
        """What is promised of a model; nothing where it is unknown."""
        return self.specified.get(model) or self.contracted(model)

    def contracted(self, model: str) -> tuple[Promise, ...]:
        """What the contract promises of a model, in the first of its readings that has it."""
        for contract in self.readings:
            keys = [entry.key for entry in contract.entries if entry.id == model]
            if keys:
                return tuple(_contracted(contract.models[key]) for key in keys)
        return ()

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The id of every model."""
        entries = (entry for contract in self.readings for entry in contract.entries)
        return tuple(dict.fromkeys([*filter(None, self.specified), *(entry.id for entry in entries)]))


def library(specs: Iterable[Spec], contracts: Mapping[str, Contract]) -> Library:
    """What specifications and a contract promise: of the contract the newest of its dated readings of the docs."""
    specified: dict[str, tuple[Promise, ...]] = {}
    for spec in specs:
        for promise in (promise for operation in spec.operations for promise in _specified(spec, operation)):
            specified[promise.model] = (*specified.get(promise.model, ()), promise)
    # `observed` is evidence, not documentation: it would forgive what no page documents.
    dated = sorted((name for name in contracts if DATED.fullmatch(name)), reverse=True)
    names = [*dated, *(name for name in contracts if name not in dated)]
    return Library(specified, tuple(contracts[name] for name in names))


def host_of(spec: Spec) -> str:
    """The first server of a specification that is a full URL."""
    servers = spec.document.get("servers")
    listed = servers if isinstance(servers, list) else []
    urls = [str(server.get("url", "")) for server in listed if isinstance(server, dict)]
    return next((url for url in urls if url.startswith("http")), LIVE).rstrip("/")


def _specified(spec: Spec, operation: Operation) -> Iterator[Promise]:
    if operation.request is None:
        return
    sound = operation.request if is_sound(operation.request) else {}
    request = judge(sound)
    good = [answer for status, answer in operation.answers.items() if answer and status.startswith("2")]
    answers = tuple(answer for answer in good if is_sound(answer))
    judges = [judge(answer) for answer in answers]
    for model in operation.models or ("",):
        yield Promise(
            model=model,
            path=split_url(host_of(spec)).path + operation.path,
            host=split_url(host_of(spec)).netloc,
            origin=spec.name,
            request=sound,
            answers=answers,
            request_breaches=lambda body: find_breaches(request, body, {}),
            answer_breaches=lambda answer: _fewest(find_breaches(each, answer, {}) for each in judges),
            pointer=operation.pointer,
        )


def _contracted(model: Model) -> Promise:
    return Promise(
        model=model.id,
        path=model.path,
        host=split_url(LIVE).netloc,
        origin=f"the contract, after {model.origin}" if model.origin else f"the contract, reading {model.profile}",
        request=model.request,
        answers=(model.answer,),
        request_breaches=model.breaches,
        answer_breaches=model.answer_breaches,
        status=model.status,
    )


def _fewest(found: Iterable[Iterable[Breach]]) -> list[Breach]:
    return min(map(list, found), key=len, default=[])
