"""Recorded exchanges, made again what they were, so that the same checks judge them offline.

What a recording does not say is not held against the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from ..contract.breaches import Breach, InvalidRequest
from ..contract.contract import PATH, Contract
from ..contract.images import read_image
from ..contract.models import Model
from ..contract.parsing import parse
from ..errors import InvalidJson
from ..pixels.measure import Facts
from .endpoints import served
from .errors import Refusal
from .exchange import Exchange
from .findings import Unjudged
from .generation import Generation, Picture, collect
from .validity import breaches, is_malformed

# Where nothing listens: a recording is repeated on a server of the reader's choice.
HOST = "https://recorded.invalid"
JSON = {"content-type": "application/json"}
# What a refusal may mean that is the request's own fault; all else is the account's, the network's or the server's.
CLIENT_FAULTS = (400, 413, 415, 422)


@dataclass(frozen=True)
class Seen:
    """What was recorded of a picture behind a link; `data` only where the whole was kept, else perhaps `small`."""

    status: int
    headers: Mapping[str, str] | None
    data: bytes | None
    facts: Facts | None
    small: bytes | None = None


@dataclass(frozen=True)
class Recorded:
    """A recorded exchange. `payload` is the request's body, `body` the answer's; None where the file does not say.

    `number` is its place in its folder.
    """

    name: str
    file: Path
    source: str = ""
    note: str = ""
    model: str | None = None
    profile: str | None = None
    path: str | None = None
    method: str = "POST"
    payload: bytes | None = None
    request_headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    body: bytes | None = None
    seconds: float = 0.0
    moment: float | None = None
    pictures: Mapping[str, Seen] = field(default_factory=dict)
    number: int = 0

    def exchange(self, success: int = 200, path: str = PATH) -> Exchange:
        """What went over the wire; `success` and `path` are status and path where the file does not say."""
        status = success if self.status is None else self.status
        return Exchange(
            self.method,
            f"{HOST}{self._path(path)}",
            self.request_headers,
            self.payload or b"",
            status,
            self.headers,
            self.body or b"",
            self.seconds,
            self.moment,
            self.number,
        )

    def generation(self, contract: Contract) -> Generation:
        """The generation that it is. Raises InvalidRequest if it names no model of the contract."""
        model = self._model(contract)
        exchange = self.exchange(model.success, model.path)
        collected = collect(model, exchange, lambda _: exchange) if exchange.accepted else ()
        pictures = tuple(self._seen(picture) for picture in collected)
        known = self.payload is not None
        return Generation(model, self._asked() if known else {"model": model.id}, exchange, pictures, asked=known)

    def refusal(self, contract: Contract, statuses: tuple[int, ...] = (), broken: Breach | None = None) -> Refusal:
        """The refusal that it is; without `statuses`, its own is one that it may have."""
        meant = self._meant(contract)
        exchange = self.exchange(path=meant.path if meant else PATH)
        return Refusal(contract, exchange, statuses or (exchange.status,), broken.sources if broken else ())

    def judged_as(self, contract: Contract) -> Generation | Refusal | Unjudged:
        """What the checks should take it for: a valid request and its pictures, a refusal, or nothing, and why.

        A valid request that was refused for its content is a generation: its status is what is wrong. A refusal for
        another reason (401, 429, 503…) may always come, so that only its body is judged.
        """
        if self.body is None or self.status == 0:
            return Unjudged("no answer was recorded")
        if not self.exchange().accepted:
            return self._judged_refusal(contract)
        if self._is_elsewhere(contract):
            return Unjudged(f"{self.method} {self._path()} makes no pictures")
        return self._judged_answer(contract)

    def _judged_refusal(self, contract: Contract) -> Generation | Refusal:
        unknown = self.status not in CLIENT_FAULTS or self.payload is None or self._is_elsewhere(contract)
        if unknown or self._is_malformed() or self._broken(contract) or self._is_linked(contract):
            return self.refusal(contract)
        return self.generation(contract)

    def _judged_answer(self, contract: Contract) -> Generation | Refusal | Unjudged:
        if self.payload is not None and self._is_malformed():
            return self.refusal(contract, CLIENT_FAULTS)
        named = self.model if self.payload is None else self._asked().get("model")
        if named is None and self.payload is None:
            return Unjudged("neither a request nor a model was recorded")
        if isinstance(named, str) and self.model not in contract.models and not self._is_served(contract, named):
            return Unjudged(f"no schema of the model {named!r}")
        # What is only assumed to be a rule accuses nobody of having none.
        broken = [breach for breach in self._broken(contract) if not breach.assumed or breach.pointer in ("", "/model")]
        return self.refusal(contract, (400, 404, 422), broken[0]) if broken else self.generation(contract)

    def _broken(self, contract: Contract) -> list[Breach]:
        if self.payload is None:
            return []
        try:
            return list(breaches(contract.check_model(self._asked(), self._endpoint(contract)), self.payload))
        except InvalidRequest as reason:
            return list(reason.breaches)

    def _is_linked(self, contract: Contract) -> bool:
        """Whether the request, which is valid, has a picture behind a link: nobody knows what lay there."""
        pictures = self._model(contract).inputs(self._asked())
        return any(read_image(picture.rule, picture.value).url for picture in pictures)

    def _is_served(self, contract: Contract, named: str) -> bool:
        try:
            return bool(contract.check_model({"model": named}, self._endpoint(contract)))
        except InvalidRequest:
            return False

    def _model(self, contract: Contract) -> Model:
        asked, meant = self._asked(), self._meant(contract)
        if meant and (self.path is None or "model" not in asked):
            return meant
        return contract.check_model({"model": self.model, **asked} if self.model else asked, self._endpoint(contract))

    def _meant(self, contract: Contract) -> Model | None:
        """The model that the file or the request names, wherever it is served."""
        asked = self._asked().get("model")
        named = [contract.models[key] for key in (self.model, asked) if isinstance(key, str) and key in contract.models]
        return next((model for model in named if asked in (None, model.id)), None)

    def _endpoint(self, contract: Contract) -> str:
        """The path of the contract that was asked; where none is told, that of the model."""
        meant = self._meant(contract)
        return served(contract.paths, self._path(meant.path if meant else PATH)) or PATH

    def _asked(self) -> dict[str, Any]:
        return _object(self.payload or b"")

    def _is_malformed(self) -> bool:
        return is_malformed(self.payload or b"", self.request_headers.get("content-type", ""))

    def _is_elsewhere(self, contract: Contract) -> bool:
        return self.method != "POST" or (self.path is not None and served(contract.paths, self.path) is None)

    def _path(self, otherwise: str = PATH) -> str:
        """The path; if neither it nor the request is known, what the answer says."""
        if self.path is not None or self.payload is not None:
            return self.path or otherwise
        told = _object(self.body or b"")
        named = told.get("path", told.get("instance"))
        return named if isinstance(named, str) and named.startswith("/") else otherwise

    def _seen(self, picture: Picture) -> Picture:
        if picture.form != "url" or picture.problem:
            return picture
        seen = self.pictures.get(picture.pointer)
        if seen is None:
            return changed(picture, data=None, exchange=None)
        known = seen.headers is not None or seen.status != 200
        got = Exchange("GET", picture.text, {}, b"", seen.status, seen.headers or {}, seen.data or b"")
        return changed(picture, data=seen.data, exchange=got if known else None, measured=seen.facts, small=seen.small)


def _object(data: bytes) -> dict[str, Any]:
    try:
        body = parse(data)
    except InvalidJson:
        return {}
    return body if isinstance(body, dict) else {}
