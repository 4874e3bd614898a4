"""What somebody at a terminal sees of a run as it goes on: the line of progress, the money, findings as they come."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping

import click

from ..checks.known import Found
from ..doors.terminal import RED, is_coloured, is_dumb, is_watched, paint
from ..sources.texts import printable

CLEAR = "\r\x1b[K"


class Live:
    """Writes to stderr, if that is a terminal. `prices` are dollars a picture of each model, where it costs any."""

    def __init__(self, prices: Mapping[str, float]) -> None:
        self._prices = prices
        self._is_on = is_watched(sys.stderr) and not is_dumb()
        self._is_coloured = is_coloured(sys.stderr)

    def overwrite(self, text: str) -> None:
        """Replace the line of progress; never by a longer one, as what is wrapped could not be replaced."""
        if self._is_on:
            width = shutil.get_terminal_size().columns - 1
            click.echo(f"{CLEAR}{printable(text)[:width]}", nl=False, err=True)

    def found(self, broken: Iterable[Found]) -> None:
        """Name what was found; all of it is told at the end."""
        for one in broken if self._is_on else ():
            line = printable(f"  !!  {one.finding.code} {one.finding.check}: {one.test}")
            click.echo(f"{CLEAR}{paint(line, RED) if self._is_coloured else line}", err=True)

    def spent(self, pictures: Mapping[str, int]) -> str:
        """What was paid so far, by the pictures of each model; nothing where nothing costs any."""
        paid = sum(count * self._prices.get(model, 0) for model, count in pictures.items())
        return f"  about ${paid:.2f} spent" if self._prices else ""
