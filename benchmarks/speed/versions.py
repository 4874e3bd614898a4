"""Which versions of everything were measured."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterable
from importlib import metadata

from .contenders import REFERENCE, Contender

OURS = ("pixelpact", "granian", "flask", "werkzeug", "jsonschema", "pillow")
PROGRAMS = {
    "node": ("node", "--version"),
    "java": ("java", "-version"),
    "redis": ("redis-server", "--version"),
}


def versions(measured: Iterable[Contender]) -> dict[str, str]:
    """Of ours and what it stands on, of each peer, and of what runs them."""
    peers = {one.name: one.version for one in (REFERENCE, *measured) if one.version}
    programs = {name: _said(command) for name, command in PROGRAMS.items()}
    return {"python": platform.python_version(), **_own(), **peers, **programs}


def _own() -> dict[str, str]:
    found = {}
    for name in OURS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _said(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return "not here"
    return (done.stdout or done.stderr).partition("\n")[0].strip()
