import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pixelpact.pixels import lettering


def test_the_font_has_a_glyph_of_its_own_for_all_that_is_called_legible() -> None:
    font = lettering.font(40)
    missing = bytes(font.getmask("\uffff"))
    assert [char for char in lettering.GLYPHS if bytes(font.getmask(char)) == missing] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve café", "naive cafe"),
        ("a\nb\t c", "a b c"),
        ("猫", "U+732B"),
        ("x🐦y", "x U+1F426 y"),
        ("\0", "U+0000"),
        ("\ud800", "U+D800"),
    ],
)
def test_what_the_font_lacks_is_spelt_out(text: str, shown: str) -> None:
    assert lettering.legible(text) == shown


@given(st.text(), st.floats(4, 60))
def test_broken_lines_keep_every_letter_and_the_width(text: str, width: float) -> None:
    shown = lettering.legible(text)
    lines = lettering.broken(shown, width)
    assert "".join(lines).replace(" ", "") == shown.replace(" ", "")
    assert all(lettering.ems(line) <= width + 1e-6 for line in lines)


@example("0", 40.0, 86.0, 69.0)
@given(st.text(string.printable, min_size=1), st.floats(40, 2000), st.floats(12, 900), st.floats(1, 200))
def test_a_fitted_text_stays_in_its_box(text: str, width: float, height: float, largest: float) -> None:
    block = lettering.fit(text, width, height, largest)
    assert block is None or (block.width <= width + 1e-6 and block.height <= height + 1e-6)


def test_a_text_too_long_for_its_box_ends_with_an_ellipsis() -> None:
    block = lettering.fit("word " * 400, 200, 40, 30)
    assert block is not None
    assert block.lines[-1].endswith("…")


def test_a_text_too_long_for_any_box_ends_with_an_ellipsis() -> None:
    block = lettering.fit("word " * 100_000, 4000, 4000, 30)
    assert block is not None
    assert block.lines[-1].endswith("…")


def test_a_box_without_room_for_a_line_takes_no_text() -> None:
    assert lettering.fit("word", 3, 3, 30) is None
