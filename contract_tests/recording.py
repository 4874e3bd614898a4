"""Recordings: exchanges kept as files that are judged again offline. Nothing is written that looks like a secret."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pixelpact.checks.exchange import Exchange
from pixelpact.checks.generation import Picture
from pixelpact.checks.lifting import lifted
from pixelpact.checks.redaction import REQUEST_HEADERS, Redaction, SecretSurvived, survivors
from pixelpact.contract.parsing import parse
from pixelpact.errors import InvalidJson
from pixelpact.pixels.measure import Facts
from pixelpact.pixels.thumbnail import thumbnail

LONGEST_NAME = 80
Files = dict[str, bytes]
Document = dict[str, Any]


@dataclass(frozen=True)
class Recorder:
    """Writes exchanges into a folder; `key` is the one that is sent, so that it is found wherever it comes back.

    Pictures inside of requests and answers are always kept, as nothing could be judged without them; those behind links
    as a thumbnail, and with `keep_pictures` as they came.
    """

    folder: Path
    key: str = field(repr=False)
    keep_pictures: bool = False
    profile: str | None = None

    def record(
        self, name: str, source: str, exchange: Exchange, pictures: Sequence[Picture] = (), note: str = ""
    ) -> Path:
        """The file of an exchange, new in any case. Raises SecretSurvived, and writes nothing, if a secret is left."""
        document, files = self._described(exchange)
        seen = [self._picture(picture, files) for picture in pictures if picture.form == "url"]
        head = {"name": name, "source": source, "note": note, "profile": self.profile}
        whole = {**head, **document, "pictures": seen}
        text = json.dumps({key: value for key, value in whole.items() if value is not None}, indent=2) + "\n"
        self._refuse_survivors(text, files)
        for path, data in files.items():
            _write(self.folder / path, data)
        # Last, so that no recording names a picture that is not there.
        return _write_new(self.folder, _file_name(name), text)

    @cached_property
    def _redaction(self) -> Redaction:
        return Redaction(self.key)

    def _described(self, exchange: Exchange) -> tuple[Document, Files]:
        redaction, parts = self._redaction, urlsplit(exchange.url)
        request, files = self._body(exchange.request_body)
        answer, more = self._body(exchange.body)
        is_raw = isinstance(request, str)
        described = {
            "recorded": _time(exchange.moment),
            "path": redaction.text(f"{parts.path}?{parts.query}" if parts.query else parts.path),
            "method": exchange.method,
            "raw" if is_raw else "request": _packed(request) if is_raw else request,
            "request_headers": redaction.headers(exchange.request_headers, REQUEST_HEADERS),
            "status": exchange.status,
            "headers": redaction.headers(exchange.headers),
            "answer": _readable(answer) if isinstance(answer, str) else answer,
            "seconds": round(exchange.seconds, 3),
        }
        return described, {**files, **more}

    def _body(self, body: bytes) -> tuple[Any, Files]:
        """A body as a recording has it: an object or array less its pictures, else a text, each byte a character."""
        try:
            value = parse(body)
            json.dumps(value, allow_nan=False)
            if isinstance(value, dict | list):
                value, files = lifted(value)
                return self._redaction.json(value), files
        except (InvalidJson, ValueError, RecursionError):
            # Numbers that are too large, and bodies that are too deep, are read by few: they are kept as they came.
            pass
        return self._redaction.text(body.decode("latin-1")), {}

    def _picture(self, picture: Picture, files: Files) -> Document:
        """What is known of a picture behind a link; its files are added to those to be written."""
        seen: Document = {"pointer": picture.pointer}
        if picture.exchange is not None:
            headers = self._redaction.headers(picture.exchange.headers)
            seen |= {"status": picture.exchange.status, "headers": headers}
        if picture.data is None or picture.facts is None:
            return seen
        digest, small = hashlib.sha256(picture.data).hexdigest(), thumbnail(picture.data)
        seen |= {"sha256": digest, "bytes": len(picture.data), "facts": _facts(picture.facts)}
        # What is no picture may be a page that tells anything.
        if self.keep_pictures and picture.facts.container != "unknown":
            seen["file"] = f"pictures/{digest}.{picture.facts.container}"
            files[seen["file"]] = picture.data
        if small is not None:
            seen["thumbnail"] = f"pictures/{digest}.thumb.jpeg"
            files[seen["thumbnail"]] = small
        return seen

    def _refuse_survivors(self, text: str, files: Mapping[str, bytes]) -> None:
        found = survivors(text, self.key)
        found += [f"{path}: the key that was sent" for path, data in files.items() if self._redaction.holds_key(data)]
        if found:
            raise SecretSurvived(tuple(found))


def _packed(text: str) -> str:
    return base64.b64encode(text.encode("latin-1")).decode()


def _readable(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "replace")


def _time(moment: float | None) -> str | None:
    return None if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def _facts(facts: Facts) -> Document:
    size = {"size": str(facts.size)} if facts.size else {}
    return {name: value for name, value in {**asdict(facts), **size}.items() if value is not None}


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:LONGEST_NAME] or "exchange"


def _write(path: Path, data: bytes) -> None:
    """A file that is there as a whole or not at all; of one name, it has one content."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)


def _write_new(folder: Path, stem: str, text: str) -> Path:
    """A new file, beside whatever has the name already. Its unfinished form holds the name against other processes."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}.json"
        part = path.with_name(f".{path.name}.part")
        try:
            file = part.open("x", encoding="utf-8")
        except FileExistsError:
            continue
        with file:
            file.write(text)
        # Only now: whoever had the name before may have finished in between.
        if not path.exists():
            part.replace(path)
            return path
        part.unlink()
    raise AssertionError("counting never ends")
