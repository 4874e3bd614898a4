"""A share of `python -m benchmarks.hostile`, always the same files."""

from __future__ import annotations

import os

import pytest
from pixelpact.pixels import quiet
from pixelpact.pixels.measure import facts

from benchmarks import hostile
from benchmarks.harm import FORMS, sound

COUNT = 150


def test_harmed_pictures_are_read_or_refused_and_nothing_else() -> None:
    with hostile.overheard() as said:
        report = hostile.tried(6, COUNT)
        report.said = said()

    assert report.is_fine, report
    assert report.outcomes.total() == COUNT * len(hostile.READERS)
    assert {"edit: decodable", "edit: max_pixels", "edit: read"} <= report.outcomes.keys()


@pytest.mark.parametrize("number", range(len(FORMS)))
def test_what_is_harmed_is_sound_before(number: int) -> None:
    assert facts(sound()[number]).decodable


def test_what_a_library_writes_to_stderr_is_overheard() -> None:
    with hostile.overheard() as said:
        os.write(2, b"hush")
        heard = said()

    assert heard == "hush"


def test_a_broken_tiff_says_nothing_on_stderr() -> None:
    (squeezed,) = (
        data
        for (_, mode, options), data in zip(FORMS, sound(), strict=True)
        if options and mode == "RGBA" and data[:2] == b"II"
    )
    with hostile.overheard() as said:
        found = facts(squeezed[:8] + bytes(200) + squeezed[208:])
        heard = said()

    assert (found.decodable, heard) == (False, "")


def test_pillow_is_let_alone_where_libtiff_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.Image.core.__file__", "/nowhere.so")
    quiet.silence.cache_clear()
    quiet.silence()
    quiet.silence.cache_clear()
