"""The stylesheet and the scripts, as files for a server, or as text for a page that has everything in it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def asset(name: str) -> tuple[bytes, str]:
    """The bytes and the media type of a file. Raises KeyError for a name that none has."""
    return _assets()[name]


def inline(name: str) -> str:
    """A file as text."""
    return asset(name)[0].decode()


def digest(name: str) -> str:
    """What a Content-Security-Policy allows a file by that stands in the page: `sha256-…`."""
    return "sha256-" + base64.b64encode(hashlib.sha256(asset(name)[0]).digest()).decode()


@cache
def _assets() -> dict[str, tuple[bytes, str]]:
    folder = files(__package__).joinpath("static")
    kinds = {each.name: TYPES.get("." + each.name.rpartition(".")[2]) for each in folder.iterdir()}
    return {name: (folder.joinpath(name).read_bytes(), kind) for name, kind in kinds.items() if kind}
