"""Where documents are found: files, folders and URLs, each read as bytes with the name that a person would use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .problems import Problem

MOST_BYTES = 20_000_000
SECONDS = 30.0
TOO_LARGE = f"larger than {MOST_BYTES // 1_000_000} MB"
SECRET_WORDS = ("key", "token", "secret", "signature", "credential", "password", "auth")


class Found(NamedTuple):
    """A document as it was found. `name` is its path in the folder given, or the file's name, or the URL."""

    name: str
    data: bytes


class NotFetched(Exception):
    """A URL that gave no document; `status` is what it answered, if it did."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


def gather(places: Sequence[str], suffixes: tuple[str, ...] = (".json",)) -> Iterator[Found | Problem]:
    """Every document of the places, in their order; the files of a folder sorted, with those of its folders."""
    for place in places:
        if place.lower().startswith(("http://", "https://")):
            yield _fetched(place)
        else:
            yield from _on_disk(place, suffixes)


def _on_disk(place: str, suffixes: tuple[str, ...]) -> Iterator[Found | Problem]:
    if not place:
        yield Problem("the place given", "", "empty")
        return
    try:
        yield from _files(Path(place), suffixes)
    except OSError as error:
        yield Problem(place, "", f"cannot be read: {error.strerror}")


def _files(path: Path, suffixes: tuple[str, ...]) -> Iterator[Found | Problem]:
    if path.is_file():
        yield _read(path, path.name)
        return
    if not path.is_dir():
        yield Problem(str(path), "", "neither a file nor a folder" if path.exists() else "no such file or folder")
        return
    refused: list[OSError] = []
    walked = os.walk(path, onerror=refused.append)
    known = (Path(folder, name) for folder, _, names in walked for name in names)
    files = sorted(file for file in known if file.suffix.lower() in suffixes and file.is_file())
    for error in refused:
        yield Problem(str(error.filename), "", f"cannot be read: {error.strerror}")
    if not files and not refused:
        yield Problem(str(path), "", f"no {' or '.join(suffixes)} file in this folder")
    for file in files:
        yield _read(file, file.relative_to(path).as_posix())


def _read(path: Path, name: str) -> Found | Problem:
    try:
        if path.stat().st_size > MOST_BYTES:
            return Problem(name, "", TOO_LARGE)
        return Found(name, path.read_bytes())
    except OSError as error:
        return Problem(name, "", f"cannot be read: {error.strerror}")


def fetch(url: str, *, follow: bool, accept: str = "*/*") -> bytes:
    """What a URL answers with. Raises NotFetched."""
    # Only a network needs it, and it takes a while to load.
    import httpx

    try:
        options: dict[str, Any] = {"timeout": SECONDS, "follow_redirects": follow, "headers": {"Accept": accept}}
        with httpx.stream("GET", url, **options) as response:
            if response.status_code != httpx.codes.OK:
                raise NotFetched(f"answered {response.status_code}", response.status_code)
            data = bytearray()
            for piece in response.iter_bytes():
                data += piece
                if len(data) > MOST_BYTES:
                    raise NotFetched(TOO_LARGE)
    except httpx.TimeoutException as error:
        raise NotFetched(f"no answer within {SECONDS:.0f} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotFetched(f"cannot be fetched: {error}") from error
    return bytes(data)


def _fetched(url: str) -> Found | Problem:
    name = _presentable(url)
    try:
        return Found(name, fetch(url, follow=True))
    except NotFetched as error:
        return Problem(name, "", error.reason)


def _presentable(url: str) -> str:
    """A URL without what may be secret: who asks, and the values of parameters that sound like it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the URL given"
    query = [(name, "***" if _is_secret(name) else value) for name, value in parse_qsl(parts.query, True)]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, urlencode(query, safe="/*"), ""))


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_WORDS)
