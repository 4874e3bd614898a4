"""What it takes to repeat a finding by its line on another machine: the key, the server, and a body kept in a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..checks.recorded import HOST
from ..contract.parsing import parse
from ..doors.targets import MOCK, OTHER_KEY, is_paid
from ..errors import InvalidJson
from .report import Run

# Last on its line and in no quotes: no address that a server gave can pass for such a file.
FILE = re.compile(r" --data-binary @(/[^\s']*/pixelpact-bodies-\w+/[0-9a-f]{16}\.json)$", re.MULTILINE)
URL = re.compile(r"^curl -sS (?:-X \S+ )?'?(https?://[^/\s']+)", re.MULTILINE)
HERE = {"127.0.0.1", "localhost", "::1"}
# A longer text in a body is a picture, or too long on purpose: so much of it is shown, and of a nest so many levels.
LONG, HEAD, DEEP = 300, 60, 8


@dataclass(frozen=True)
class Body:
    """A body that a line takes from a file. `length` is in bytes; `text` is all of it but what is long in it."""

    length: int
    text: str


def bodies(curl: str) -> Iterator[Body | None]:
    """The bodies of the lines that take one from a file; None for a file that is not there any more."""
    for name in dict.fromkeys(FILE.findall(curl)):
        try:
            data = Path(name).read_bytes()
        except OSError:
            yield None
        else:
            yield Body(len(data), _shown(data))


def needs(run: Run, curls: Iterable[str]) -> Iterator[str]:
    """What a reader has to do before a line works, in sentences; what stands between backticks is code."""
    servers = list(dict.fromkeys(found for curl in curls for found in URL.findall(curl)))
    paid = ", and each picture is paid for again" if any(map(is_paid, (run.target, *servers))) else ""
    yield f"A line that repeats a finding takes the key from the variable `{OTHER_KEY}`{paid}."
    for server in servers:
        parts = urlsplit(server)
        if server == HOST:
            key = f'-H "Authorization: Bearer ${OTHER_KEY}"'
            yield f"No server was recorded: put yours in place of `{HOST}`, and add `{key}`."
        elif parts.hostname in HERE and run.target == MOCK:
            command = f"pixelpact serve --profile {run.profile} --port {parts.port}"
            yield f"The server of this run is gone with it: start `{command}`, which takes any key."
        elif parts.hostname in HERE:
            yield f"`{server}` is on the machine that ran this."


def _shown(data: bytes) -> str:
    try:
        return json.dumps(_cut(parse(data), DEEP), indent=2, ensure_ascii=False)
    except InvalidJson:
        return str(_cut(data.decode("utf-8", "replace"), 1))


def _cut(value: Any, deep: int) -> Any:
    """A value with the beginnings of its long texts."""
    if isinstance(value, str) and len(value) > LONG:
        return f"{value[:HEAD]}… ({len(value):,} characters)"
    if isinstance(value, (list, dict)) and not deep:
        return "…"
    if isinstance(value, list):
        return [_cut(part, deep - 1) for part in value]
    return {name: _cut(part, deep - 1) for name, part in value.items()} if isinstance(value, dict) else value
