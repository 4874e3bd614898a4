"""Recorded exchanges, read from a folder and made again what they were, so that the same checks judge them offline.

`fixtures/exchanges/README.md` describes the files. What a file does not say is not held against the server.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from dataclasses import replace as changed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..contract.breaches import Breach, InvalidRequest, closest
from ..contract.contract import Contract
from ..contract.images import NotAnImage, read_image
from ..contract.models import Model
from ..contract.parsing import parse
from ..errors import InvalidJson, PixelpactError
from ..pixels.measure import Facts
from ..pixels.values import Size
from .errors import Refusal
from .exchange import Exchange
from .findings import Unjudged
from .generation import Generation, Picture, collect
from .redaction import REFERENCE
from .validity import breaches, is_malformed

# Where nothing listens: a recording is repeated on a server of the reader's choice.
HOST = "https://recorded.invalid"
PATH = "/v1/images/generations"
ENDPOINT = re.compile(r"(?:/[^?]*)?/images/generations/?")
JSON = {"content-type": "application/json"}
# What a refusal may mean that is the request's own fault; all else is the account's, the network's or the server's.
CLIENT_FAULTS = (400, 413, 415, 422)
# What is not said of a picture is no reason to accuse it.
HARMLESS = {"decodable": True, "spread": 64.0, "roughness": 8.0}


@dataclass
class BadRecording(PixelpactError):
    """A file is no recording; `pointer` is the JSON pointer of the place, `rule` what it breaks."""

    file: str
    pointer: str
    rule: str

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}: {self.rule}"


@dataclass(frozen=True)
class Seen:
    """What was recorded of a picture behind a link; `data` only where the whole file was kept."""

    status: int
    headers: Mapping[str, str] | None
    data: bytes | None
    facts: Facts | None


@dataclass(frozen=True)
class Recorded:
    """A recorded exchange. `payload` is the request's body, `body` the answer's; None where the file does not say."""

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

    def exchange(self, success: int = 200) -> Exchange:
        """What went over the wire; `success` is the status where the file does not say."""
        status = success if self.status is None else self.status
        asked = (self.method, f"{HOST}{self._path()}", self.request_headers, self.payload or b"")
        return Exchange(*asked, status, self.headers, self.body or b"", self.seconds, self.moment)

    def generation(self, contract: Contract) -> Generation:
        """The generation that it is. Raises InvalidRequest if it names no model of the contract."""
        model = self._model(contract)
        exchange = self.exchange(model.success)
        collected = collect(model, exchange, lambda _: exchange) if exchange.accepted else ()
        pictures = tuple(self._seen(picture) for picture in collected)
        body = self._body(model, pictures)
        return Generation(model, body, exchange, pictures, _input(model, body))

    def refusal(self, contract: Contract, statuses: tuple[int, ...] = (), broken: Breach | None = None) -> Refusal:
        """The refusal that it is; without `statuses`, its own is one that it may have."""
        exchange = self.exchange()
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
        if self._is_elsewhere():
            return Unjudged(f"{self.method} {self._path()} makes no pictures")
        return self._judged_answer(contract)

    def _judged_refusal(self, contract: Contract) -> Generation | Refusal:
        unknown = self.status not in CLIENT_FAULTS or self.payload is None or self._is_elsewhere()
        if unknown or self._is_malformed() or self._broken(contract) or self._is_linked(contract):
            return self.refusal(contract)
        return self.generation(contract)

    def _judged_answer(self, contract: Contract) -> Generation | Refusal | Unjudged:
        if self.payload is not None and self._is_malformed():
            return self.refusal(contract, CLIENT_FAULTS)
        named = self.model if self.payload is None else self._asked().get("model")
        if named is None and self.payload is None:
            return Unjudged("neither a request nor a model was recorded")
        if isinstance(named, str) and not {named, self.model} & contract.models.keys():
            return Unjudged(f"no schema of the model {named!r}")
        # What is only assumed to be a rule accuses nobody of having none.
        broken = [breach for breach in self._broken(contract) if not breach.assumed or breach.pointer in ("", "/model")]
        return self.refusal(contract, (400, 404, 422), broken[0]) if broken else self.generation(contract)

    def _broken(self, contract: Contract) -> list[Breach]:
        if self.payload is None:
            return []
        try:
            return list(breaches(contract.check_model(self._asked()), self.payload))
        except InvalidRequest as reason:
            return list(reason.breaches)

    def _is_linked(self, contract: Contract) -> bool:
        """Whether the request, which is valid, has a picture behind a link: nobody knows what lay there."""
        asked, rules = self._asked(), self._model(contract).images
        return any(read_image(rule, str(asked[name])).url for name, rule in rules.items() if name in asked)

    def _model(self, contract: Contract) -> Model:
        asked = self._asked()
        return contract.check_model({"model": self.model, **asked} if self.model else asked)

    def _body(self, model: Model, pictures: tuple[Picture, ...]) -> Mapping[str, Any]:
        """What was asked for; of a request that is not known, it is taken to be what came."""
        if self.payload is not None:
            return self._asked()
        ways = [way["field"] for way in model.request["x-output-size"] if way["as"] == "WxH"]
        sizes = [str(picture.facts.size) for picture in pictures if picture.facts and picture.facts.size]
        forms = [picture.form for picture in pictures]
        return {
            "model": model.id,
            **dict(zip(["response_format"], forms, strict=False)),
            **dict(zip(ways, sizes, strict=False)),
        }

    def _asked(self) -> dict[str, Any]:
        return _object(self.payload or b"")

    def _is_malformed(self) -> bool:
        return is_malformed(self.payload or b"", self.request_headers.get("content-type", ""))

    def _is_elsewhere(self) -> bool:
        return self.method != "POST" or not ENDPOINT.fullmatch(self._path().partition("?")[0])

    def _path(self) -> str:
        """The path; if neither it nor the request is known, what the answer says."""
        if self.path is not None or self.payload is not None:
            return self.path or PATH
        told = _object(self.body or b"")
        named = told.get("path", told.get("instance"))
        return named if isinstance(named, str) and named.startswith("/") else PATH

    def _seen(self, picture: Picture) -> Picture:
        if picture.form != "url" or picture.problem:
            return picture
        seen = self.pictures.get(picture.pointer)
        if seen is None:
            return changed(picture, data=None, exchange=None)
        known = seen.headers is not None or seen.status != 200
        got = Exchange("GET", picture.text, {}, b"", seen.status, seen.headers or {}, seen.data or b"")
        return changed(picture, data=seen.data, exchange=got if known else None, measured=seen.facts)


def load(folder: Path) -> list[Recorded]:
    """Every recording of a folder, by name. Raises BadRecording, naming file, pointer and rule."""
    if not folder.is_dir():
        raise BadRecording(str(folder), "", "expected a folder of recordings")
    found = [_read(path) for path in sorted(folder.glob("[!.]*.json"))]
    return sorted(found, key=lambda one: one.name)


def _read(path: Path) -> Recorded:
    try:
        document = parse(path.read_bytes())
    except (InvalidJson, OSError) as reason:
        raise BadRecording(str(path), "", f"expected a file of JSON: {reason}") from reason
    return Reader(path).recorded(document)


@dataclass(frozen=True)
class Reader:
    """Reads one file; the files that it names must lie in its folder."""

    path: Path

    def recorded(self, document: Any) -> Recorded:
        """The recording in a document. Raises BadRecording."""
        given = self._checked(document, FIELDS, "")
        values: dict[str, Any] = {
            name: self._headers(given, name, "") for name in ("request_headers", "headers") if name in given
        }
        values |= {name: given[name] for name in PLAIN if name in given}
        if "recorded" in given:
            values["moment"] = self._moment(given["recorded"])
        if "answer" in given:
            values["body"] = self._bytes(given["answer"], "/answer")
        if "request" in given or "raw" in given:
            values["payload"] = self._payload(given)
        entries = enumerate(given.get("pictures", []))
        pictures = dict(self._picture(entry, f"/pictures/{index}") for index, entry in entries)
        return Recorded(**{"name": self.path.stem, **values}, file=self.path, pictures=pictures)

    def _picture(self, entry: Any, pointer: str) -> tuple[str, Seen]:
        given = self._checked(entry, PICTURE_FIELDS, pointer)
        if "pointer" not in given:
            raise self._bad(f"{pointer}/pointer", "a value is required")
        data = self._file(given["file"], f"{pointer}/file") if "file" in given else None
        if data is not None and given.get("sha256", "") not in ("", hashlib.sha256(data).hexdigest()):
            raise self._bad(f"{pointer}/sha256", f"expected that of {given['file']}")
        headers = self._headers(given, "headers", pointer) if "headers" in given else None
        facts = self._facts(given["facts"], f"{pointer}/facts") if "facts" in given else None
        return given["pointer"], Seen(given.get("status", 200), headers, data, facts)

    def _facts(self, given: Mapping[str, Any], pointer: str) -> Facts:
        known = {name: value for name, value in given.items() if name in {field.name for field in fields(Facts)}}
        size = re.fullmatch(r"([0-9]{1,9})x([0-9]{1,9})", str(known.get("size", "0x0")))
        numbers = all(isinstance(known.get(name, 0), int | float) for name in ("spread", "roughness"))
        if size is None or not isinstance(known.get("container"), str) or not numbers:
            raise self._bad(
                pointer, "expected a container, as `jpeg`, a size as `640x512`, spread and roughness as numbers"
            )
        measured = Size(int(size[1]), int(size[2])) if "size" in known else None
        return Facts(**{**HARMLESS, **known, "size": measured})

    def _headers(self, given: Mapping[str, Any], name: str, pointer: str) -> dict[str, str]:
        wrong = [key for key, value in given[name].items() if not isinstance(value, str)]
        if wrong:
            raise self._bad(f"{pointer}/{name}/{wrong[0]}", "expected a string")
        return {key.lower(): value for key, value in given[name].items()}

    def _moment(self, text: str) -> float:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as reason:
            raise self._bad("/recorded", f"expected a time in ISO 8601: {reason}") from reason
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def _payload(self, given: Mapping[str, Any]) -> bytes:
        if "request" in given and "raw" in given:
            raise self._bad("/raw", "expected either request or raw")
        if "request" in given:
            return self._bytes(given["request"], "/request")
        try:
            return base64.b64decode(given["raw"], validate=True)
        except (binascii.Error, ValueError) as reason:
            raise self._bad("/raw", f"expected base64: {reason}") from reason

    def _bytes(self, value: Any, pointer: str) -> bytes:
        """A body: a string as it is, all else as JSON with its pictures in it again."""
        if isinstance(value, str):
            return value.encode("utf-8", "replace")
        return json.dumps(self._restored(value, pointer)).encode()

    def _restored(self, value: Any, pointer: str) -> Any:
        if isinstance(value, dict):
            return {key: self._restored(inner, f"{pointer}/{key}") for key, inner in value.items()}
        if isinstance(value, list):
            return [self._restored(inner, f"{pointer}/{index}") for index, inner in enumerate(value)]
        if isinstance(value, str) and "$picture:" in value:
            return REFERENCE.sub(lambda match: self._in_base64(match["file"], pointer), value)
        return value

    def _in_base64(self, name: str, pointer: str) -> str:
        data = self._file(name, pointer)
        return data.decode("ascii", "replace") if name.endswith(".b64") else base64.b64encode(data).decode()

    def _file(self, name: str, pointer: str) -> bytes:
        folder = self.path.parent.resolve()
        path = (folder / name).resolve()
        # A recording of someone else's must not make a report of what lies elsewhere on this machine.
        if not path.is_relative_to(folder):
            raise self._bad(pointer, f"expected a file beside {self.path.name}, not {name!r}")
        try:
            return path.read_bytes()
        except OSError as reason:
            raise self._bad(pointer, f"expected a file: {reason.strerror} of {name!r}") from reason

    def _checked(self, value: Any, known: Mapping[str, tuple[type, ...]], pointer: str) -> dict[str, Any]:
        """The fields of an object that are not null, each known and of its type."""
        if not isinstance(value, dict):
            raise self._bad(pointer, "expected an object")
        for name, inner in value.items():
            if name not in known:
                meant = closest(name, list(known))
                raise self._bad(f"{pointer}/{name}", f"no such field{f', did you mean {meant}?' if meant else ''}")
            if inner is not None and (not isinstance(inner, known[name]) or isinstance(inner, bool)):
                raise self._bad(f"{pointer}/{name}", f"expected {' or '.join(TYPES[kind] for kind in known[name])}")
        return {name: inner for name, inner in value.items() if inner is not None}

    def _bad(self, pointer: str, rule: str) -> BadRecording:
        return BadRecording(str(self.path), pointer, rule)


def _object(data: bytes) -> dict[str, Any]:
    try:
        body = parse(data)
    except InvalidJson:
        return {}
    return body if isinstance(body, dict) else {}


def _input(model: Model, body: Mapping[str, Any]) -> bytes | None:
    try:
        return next(
            (read_image(rule, str(body[name])).data for name, rule in model.images.items() if name in body), None
        )
    except NotAnImage:
        return None


TYPES: dict[type, str] = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    dict: "an object",
    list: "an array",
}
PLAIN = ("name", "source", "note", "model", "profile", "path", "method", "status", "seconds")
FIELDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("name", "source", "note", "recorded", "model", "profile", "path", "method", "raw"), (str,)),
    **dict.fromkeys(("meets", "request_headers", "headers"), (dict,)),
    **{
        "request": (dict, list),
        "status": (int,),
        "answer": (dict, list, str),
        "seconds": (int, float),
        "pictures": (list,),
    },
}
PICTURE_FIELDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("pointer", "file", "sha256", "thumbnail"), (str,)),
    **{"status": (int,), "headers": (dict,), "bytes": (int,), "facts": (dict,)},
}
