"""A folder of recordings, read: every file checked, every picture that it names put back.

`fixtures/exchanges/README.md` describes the files.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..contract.breaches import closest
from ..contract.parsing import parse
from ..errors import InvalidJson, PixelpactError
from ..pixels.measure import Facts
from ..pixels.values import Size
from .lifting import BYTES, REFERENCE, decoded
from .recorded import Recorded, Seen

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


def load(folder: Path) -> list[Recorded]:
    """Every recording of a folder, by name. Raises BadRecording, naming file, pointer and rule."""
    if not folder.is_dir():
        raise BadRecording(str(folder), "", "expected a folder of recordings")
    found = [_read(path) for path in sorted(folder.glob("[!.]*.json"))]
    named = sorted(found, key=lambda one: one.name)
    return [replace(one, number=number) for number, one in enumerate(named, 1)]


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
        return given["pointer"], Seen(given.get("status", 200), headers, data, facts, self._small(given, pointer))

    def _small(self, given: Mapping[str, Any], pointer: str) -> bytes | None:
        """The picture for people, which a recording can do without."""
        with suppress(BadRecording):
            return self._file(given["thumbnail"], f"{pointer}/thumbnail") if "thumbnail" in given else None
        return None

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
        if not isinstance(value, str):
            return value
        if listed := BYTES.fullmatch(value):
            return list(decoded(self._in_base64(listed["file"], pointer)))
        return REFERENCE.sub(lambda match: self._in_base64(match["file"], pointer), value)

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
