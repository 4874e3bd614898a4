"""Where a client lives: a virtual environment or an npm folder, as some cannot share one; or this machine itself."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .probes import browser

ROOT = Path(__file__).parents[2]
PROBES = Path(__file__).parent / "probes"
READY = "ready"


class NotHere(Exception):
    """What a client needs is not to be had on this machine. Says what."""


@dataclass(frozen=True)
class Home:
    """What a client needs: packages of one language, a tool, or nothing."""

    language: str = "python"
    packages: tuple[str, ...] = ()
    tool: str = ""

    @property
    def name(self) -> str:
        """A name for its folder; other packages have another."""
        digest = hashlib.sha256(json.dumps([sys.version, *self.packages]).encode()).hexdigest()[:10]
        return f"{self.language}-{digest}"


@dataclass(frozen=True)
class Made:
    """A home that is ready: what starts a program of its language, and where."""

    start: tuple[str, ...]
    folder: Path

    def probe(self, name: str, *arguments: str) -> list[str]:
        """The command of a probe program."""
        if self.start == ("node",):
            return [*self.start, str(self.folder / f"{name}.mjs"), *arguments]
        return [*self.start, "-m", f"{__package__}.probes.{name}", *arguments]

    def example(self, name: str) -> list[str]:
        """The command of an example, as its reader would type it."""
        if self.start == ("node",):
            return [*self.start, str(shutil.copy(ROOT / "examples" / name, self.folder / "example.mjs"))]
        start = ("bash",) if name.endswith(".sh") else self.start
        return [*start, str(ROOT / "examples" / name)]


def make(home: Home, keep: Path) -> Made:
    """The home, made in `keep` unless it is there already. Raises NotHere."""
    if home.tool and not _tool(home.tool):
        raise NotHere(f"no {home.tool}")
    return MAKERS[home.language](home, keep / home.name)


def _python(home: Home, folder: Path) -> Made:
    if not home.packages:
        return Made((sys.executable,), ROOT)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (folder / READY).exists():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)], folder.parent)
        _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *home.packages], folder)
        (folder / READY).touch()
    return Made((str(python),), ROOT)


def _node(home: Home, folder: Path) -> Made:
    if not shutil.which("node"):
        raise NotHere("no node")
    folder.mkdir(parents=True, exist_ok=True)
    if home.packages and not (folder / READY).exists():
        if not shutil.which("npm"):
            raise NotHere("no npm")
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        _run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *home.packages], folder)
        (folder / READY).touch()
    # A module finds its packages beside itself alone.
    for program in PROBES.glob("*.mjs"):
        shutil.copy(program, folder)
    return Made(("node",), folder)


MAKERS: Mapping[str, Callable[[Home, Path], Made]] = {"python": _python, "node": _node}
TOOLS: Mapping[str, Callable[[], str | None]] = {"chromium": browser.installed}


def version(home: Home, client: str) -> str:
    """What runs there: the client's own package where several share a home."""
    if home.packages:
        return " ".join([name for name in home.packages if name.startswith(f"{client}==")] or home.packages)
    if home.language == "python" and not home.tool:
        return f"Python {platform.python_version()}"
    program = _tool(home.tool or home.language)
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout if program else ""
    return " ".join(said.split()[:2])


def _tool(name: str) -> str | None:
    return TOOLS.get(name, lambda: shutil.which(name))()


def _run(command: list[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "rror" in line] or ["it said nothing"]
        raise NotHere(f"{Path(command[0]).name} {command[1]}: {lines[0].strip()}")
