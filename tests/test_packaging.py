"""The wheel: one top-level name of our own, every data file in it, and the entry points."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def tracked() -> list[str]:
    """Every file of the checkout that git has or would have; never what a build left behind."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy, so that nothing of the build ever lies in the checkout."""
    copy, made = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for name in tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", *isolation(), "--outdir", str(made), str(copy)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return zipfile.ZipFile(next(made.glob("*.whl")))


def isolation() -> list[str]:
    """Whether the backend must be fetched: only one from version 77 on knows our metadata."""
    found = [part.version for part in importlib.metadata.distributions(name="setuptools")]
    return ["--no-isolation"] if found and int(found[0].partition(".")[0]) >= 77 else ["--installer", "pip"]


def test_the_wheel_has_one_top_level_name_of_our_own(wheel: zipfile.ZipFile) -> None:
    (own, info) = sorted({name.partition("/")[0] for name in wheel.namelist()})

    assert own == "pixelpact"
    assert info.startswith("pixelpact-")
    assert info.endswith(".dist-info")


def test_every_data_file_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    data = [name for name in tracked() if name.startswith(("schemas/", "fixtures/")) and not name.endswith(".py")]

    assert len(data) > 20
    assert [name for name in data if f"pixelpact/{name}" not in wheel.namelist()] == []


def test_every_module_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    own = [name.replace("mockserver/", "") for name in tracked() if name.startswith("mockserver/")]
    suite = [name for name in tracked() if name.startswith("contract_tests/")]

    assert "contract_tests/conftest.py" in suite
    assert "py.typed" in own
    assert [name for name in own + suite if f"pixelpact/{name}" not in wheel.namelist()] == []


def test_nothing_but_the_product_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    suffixes = {Path(name).suffix for name in wheel.namelist() if ".dist-info/" not in name}

    assert suffixes == {".py", ".json", ".jpg", ".md", ".typed", ".html", ".css", ".js", ".svg"}
    assert [name for name in wheel.namelist() if name.startswith("pixelpact/tests")] == []


def test_the_command_and_the_plugin_are_declared(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith("/entry_points.txt")]
    declared = ConfigParser()
    declared.read_string(wheel.read(name).decode())

    assert {section: dict(declared[section]) for section in declared.sections()} == {
        "console_scripts": {"pixelpact": "pixelpact.cli.main:main"},
        "pytest11": {"pixelpact": "pixelpact.doors.plugin"},
    }


def test_the_licence_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    assert [name for name in wheel.namelist() if name.endswith("/licenses/LICENSE")] != []
