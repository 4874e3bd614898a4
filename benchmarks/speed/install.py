"""The peers, in a folder of their own: installed once, each apart, at the versions written here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NPM = {
    "@stoplight/prism-cli": "5.16.0",
    "openapi-backend": "5.21.2",
    "@copilotkit/aimock": "1.43.0",
    "@mockoon/cli": "9.9.0",
    "wiremock": "3.13.2",
}
PYPI = {
    "gunicorn": ("gunicorn==27.0.1", "flask==3.1.3"),
    "connexion": ("connexion[flask,uvicorn]==3.3.0", "uvicorn==0.54.0"),
}
LONGEST = 600  # seconds that one installation may take


class NotInstalled(RuntimeError):
    """A peer that cannot be had here, and why."""


@dataclass(frozen=True)
class Cache:
    """The folder that holds what was installed."""

    folder: Path

    def npm(self, package: str) -> Path:
        """The folder with the `node_modules` of a package. Raises `NotInstalled`."""
        _needed("node", "npm")
        folder = self.folder / "npm" / package.replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        _once(folder, [f"{package}@{NPM[package]}"], ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"])
        return folder

    def pypi(self, package: str) -> Path:
        """The folder with the programs of a package's own environment. Raises `NotInstalled`."""
        folder = self.folder / "pypi" / package
        programs = folder / "bin"
        if not programs.exists():
            _run([sys.executable, "-m", "venv", str(folder)], folder.parent)
        pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _once(folder, PYPI[package], pip)
        return programs

    def jar(self) -> Path:
        """WireMock, which needs Java. Raises `NotInstalled`."""
        _needed("java")
        return next(self.npm("wiremock").glob("node_modules/wiremock/build/*.jar"))


def _once(folder: Path, wanted: Sequence[str], command: Sequence[str]) -> None:
    stamp = folder / "installed.json"
    if stamp.exists() and json.loads(stamp.read_text("utf-8")) == [*wanted]:
        return
    print(f"installing {', '.join(wanted)}", file=sys.stderr)
    _run([*command, *wanted], folder)
    stamp.write_text(json.dumps([*wanted]), "utf-8")


def _needed(*programs: str) -> None:
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        raise NotInstalled(f"needs {', '.join(missing)}")


def _run(command: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST, check=False)
    except (OSError, subprocess.TimeoutExpired) as reason:
        raise NotInstalled(str(reason)) from reason
    if done.returncode:
        raise NotInstalled(f"exit {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}")
