"""Samples by language: what each says that it sends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from .code import Call, Code, NotReadable
from .javascript_samples import javascript_calls
from .python_samples import python_calls
from .shell_samples import shell_calls

START = re.compile(r"\s*([A-Z]+) +(\S+) +HTTP/[\d.]+\s*$", re.MULTILINE)


def http_calls(source: str) -> tuple[Call, ...]:
    """The request of an HTTP message; none where the text is no request. Raises NotReadable."""
    start = START.match(source)
    if not start:
        return ()
    head, _, content = source[start.end() :].replace("\r\n", "\n").partition("\n\n")
    lines = [line.partition(":") for line in head.strip().split("\n") if ":" in line]
    headers = {name.strip(): value.strip() for name, _, value in lines}
    host = next((value for name, value in headers.items() if name.lower() == "host"), "")
    body = content.strip()
    try:
        sent = json.loads(body) if body else None
    except ValueError:
        sent = body
    url = start[2] if "://" in start[2] else f"https://{host}{start[2]}"
    return (Call(start[1], url, headers, sent, "json" if body else "", source[: start.end()].strip().count("\n") + 1),)


SHELLS = ("curl", "bash", "sh", "shell", "zsh", "console", "shellscript")
Reader = Callable[[str], tuple[Call, ...]]
READERS: dict[str, Reader] = {
    **dict.fromkeys(("python", "py", "python3"), python_calls),
    **dict.fromkeys(("javascript", "js", "node", "nodejs", "node.js", "typescript", "ts", "mjs"), javascript_calls),
    **dict.fromkeys(SHELLS, shell_calls),
    **dict.fromkeys(("http",), http_calls),
}


def is_sample(code: Code) -> bool:
    """Whether it is in a language whose requests are read."""
    return code.lang.lower() in READERS


def read_calls(code: Code) -> tuple[Call, ...]:
    """The requests that a sample sends, in order. Raises NotReadable where it is not valid in its language."""
    try:
        return READERS[code.lang.lower()](code.source)
    except RecursionError as error:
        raise NotReadable("nested too deeply") from error
