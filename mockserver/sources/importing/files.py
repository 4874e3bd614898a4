"""A set of schemas on disk: written whole or not at all, the same bytes for the same content."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ...errors import PixelpactError

WIDTH = 110
PROCESS, PART = "process", ".part"


class OutputUnusable(PixelpactError):
    """The folder that schemas are to be written to cannot be."""


def text_of(content: Any) -> str:
    """JSON in our style: two spaces, and on one line what fits there."""
    return f"{_written(content, 0)}\n"


def files_of(folder: Path) -> Iterator[str]:
    """The JSON files of a folder but for hidden ones, by their path in it, sorted."""
    found = (path.relative_to(folder) for path in folder.rglob("*.json") if path.is_file())
    return iter(sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts)))


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder beside `out` to build in, gone at the end. Raises OutputUnusable."""
    if out.exists() and not out.is_dir():
        raise OutputUnusable(f"{out} is no folder")
    stage = out.parent / f".{out.name}.importing"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if stage.exists() and not _is_alive(stage):
            # One that was killed left it.
            _removed(stage)
    except OSError as error:
        raise OutputUnusable(f"{out} cannot be made: {error.strerror}") from error
    try:
        stage.mkdir()
    except FileExistsError as error:
        raise OutputUnusable(f"another import writes to {out}; if none does, remove {stage}") from error
    except OSError as error:
        raise OutputUnusable(f"{stage} cannot be made: {error.strerror}") from error
    try:
        (stage / PROCESS).write_text(str(os.getpid()))
        yield stage
    except OSError as error:
        raise OutputUnusable(f"{out} cannot be written: {error.strerror}") from error
    finally:
        _removed(stage)


def _removed(stage: Path) -> None:
    """Remove a stage, first of all its name: what is broken off here must not count as an import that runs."""
    with suppress(OSError):
        stage = stage.rename(stage.with_name(f"{stage.name}-{os.getpid()}"))
    shutil.rmtree(stage, ignore_errors=True)


def _is_alive(stage: Path) -> bool:
    """Whether the import that made a stage still runs; where nobody can say, it does."""
    try:
        process = int((stage / PROCESS).read_text())
        if os.name == "posix":
            os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True
    return True


def lay(texts: Mapping[str, str], folder: Path, suffix: str = "") -> None:
    """Write files into a folder, each with the suffix after its name."""
    for path, text in texts.items():
        file = folder / f"{path}{suffix}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="\n")


def exchange(stage: Path, out: Path, texts: Mapping[str, str | None]) -> None:
    """Bring files into `out`, each at one stroke; None removes one. What fails or is broken off is undone."""
    new, old = stage / "new", stage / "old"
    there = out.exists()
    # Whoever loads the folder above must not take them for schemas.
    lay({path: text for path, text in texts.items() if text is not None}, new, PART if there else "")
    if not there:
        # As one stroke.
        new.mkdir(exist_ok=True)
        new.replace(out)
        return
    done: list[str] = []
    try:
        for path in sorted(texts, key=lambda path: _order(path, goes=texts[path] is None)):
            _keep(out / path, old / f"{path}{PART}")
            done.append(path)
            if texts[path] is None:
                (out / path).unlink(missing_ok=True)
            else:
                (out / path).parent.mkdir(parents=True, exist_ok=True)
                (new / f"{path}{PART}").replace(out / path)
    except BaseException:
        for path in reversed(done):
            _restore(out / path, old / f"{path}{PART}")
        raise
    _tidy(out, [path for path, text in texts.items() if text is None])


def _order(path: str, *, goes: bool) -> tuple[int, str]:
    """Sources before the rules that name them, a model after what it refers to; one that goes, before all of that."""
    name = path.rpartition("/")[2]
    if goes:
        return 0 if name == "model.json" else 4, path
    return {"sources.json": 1, "model.json": 3}.get(name, 2), path


def _keep(file: Path, copy: Path) -> None:
    if file.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)


def _restore(file: Path, copy: Path) -> None:
    if copy.exists():
        copy.replace(file)
    else:
        file.unlink(missing_ok=True)


def _tidy(out: Path, removed: list[str]) -> None:
    """Remove the folders that nothing is left in."""
    for path in removed:
        folder = (out / path).parent
        while folder != out and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def _written(content: Any, indent: int) -> str:
    flat = json.dumps(content, allow_nan=False)
    if not isinstance(content, (dict, list)) or not content or _fits(content, flat, indent):
        return flat
    inner = " " * (indent + 2)
    if isinstance(content, list):
        lines = [inner + _written(item, indent + 2) for item in content]
        return "[\n{}\n{}]".format(",\n".join(lines), " " * indent)
    lines = [f"{inner}{json.dumps(key)}: {_written(value, indent + 2)}" for key, value in content.items()]
    return "{{\n{}\n{}}}".format(",\n".join(lines), " " * indent)


def _fits(content: Any, flat: str, indent: int) -> bool:
    if len(flat) + indent > WIDTH:
        return False
    parts = content.values() if isinstance(content, dict) else content
    return not any(isinstance(part, (dict, list)) and part and indent < 2 for part in parts)
