"""Colour, for people at a terminal who have not asked for none; a file or a program gets plain text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

GREEN, YELLOW, RED, CYAN, FAINT = "32", "33", "31", "36", "2"
# By the first digit of a status.
STATUSES = {2: GREEN, 3: CYAN, 4: YELLOW, 5: RED}


def is_watched(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal; a process may be started without any."""
    return stream is not None and stream.isatty()


def is_coloured(stream: TextIO | None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether colours are seen there, and wanted: see no-color.org."""
    return is_watched(stream) and not environ.get("NO_COLOR") and not is_dumb(environ)


def is_dumb(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a terminal obeys nothing, so that no line can be written over another."""
    return environ.get("TERM") == "dumb"


def paint(text: str, colour: str) -> str:
    """A text in a colour."""
    return f"\x1b[{colour}m{text}\x1b[0m"
