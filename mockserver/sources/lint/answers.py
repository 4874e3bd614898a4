"""Answers as documents print them: JSON, and what is meant as JSON."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .code import NotReadable, position

LABEL = re.compile(r"\s*(?P<label>[A-Za-z][\w ()/.-]{0,40}:)\s*(?=[{\[])")
PYTHON_WORDS = re.compile(r"\b(None|True|False)\b|\bu?'")
ELISION = re.compile(r"(?<![\w\"'])\.\.\.(?!\w)|…|\[Object\]|\[Array\]|// ?\.\.\.|\.\.\.\s*(?=[\"'])")
LONGEST_JSON5 = 200_000
SHORTENED = "shortened, so that it is no JSON"
PYTHON, JSON5 = "Python's repr", "JSON5"


@dataclass(frozen=True)
class Answer:
    """An answer's value, and what had to be forgiven to read it: nothing, where it is JSON."""

    value: Any
    forgiven: tuple[str, ...] = ()


def read_answer(text: str) -> Answer:
    """The answer that a text prints. Raises NotReadable where no reading makes sense of it."""
    label = LABEL.match(text)
    forgiven = (f"a label, `{label['label']}`",) if label else ()
    content = text[label.end() :] if label else text
    for kind, read in READERS:
        try:
            return Answer(read(content), (*forgiven, kind) if kind else forgiven)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    if ELISION.search(content):
        raise NotReadable(SHORTENED)
    raise _reason(text, label.end() if label else 0)


def _reason(text: str, start: int) -> NotReadable:
    """Why the text is no JSON from that offset on."""
    try:
        json.loads(text[start:])
    except json.JSONDecodeError as error:
        return NotReadable(f"not JSON: {error.msg}", *position(text, start + error.pos))
    except RecursionError:
        pass
    return NotReadable("not JSON: nested too deeply")


def _python(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = ast.literal_eval(text.strip())
    if not isinstance(value, (dict, list)) or not PYTHON_WORDS.search(text):
        raise ValueError("no Python value")
    return json.loads(json.dumps(value, default=str))


def _json5(text: str) -> Any:
    # Slow and seldom needed.
    import json5

    if len(text) > LONGEST_JSON5:
        raise ValueError("too long")
    return json5.loads(text)


READERS: tuple[tuple[str, Callable[[str], Any]], ...] = (("", json.loads), (PYTHON, _python), (JSON5, _json5))
