"""A caller's picture is decoded once, and known from then on: by its bytes, and by the limits that it was held to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pixelpact.errors import PictureRefused
from pixelpact.pixels import decode
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Limits, Size
from pixelpact.service.inputs import Opened

PICTURE = sample(Size(64, 48))


def test_a_picture_that_is_known_is_not_decoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened()
    first = opened.size(PICTURE, "digest", Limits())
    monkeypatch.delattr(decode, "measured")
    assert (first, opened.size(PICTURE, "digest", Limits())) == ((64, 48), (64, 48))


def test_a_picture_that_is_known_is_held_to_other_limits_anew() -> None:
    opened = Opened()
    opened.size(PICTURE, "digest", Limits())
    with pytest.raises(PictureRefused):
        opened.size(PICTURE, "digest", replace(Limits(), min_side=50))


def test_what_was_refused_is_refused_again() -> None:
    opened = Opened()
    for _ in range(2):
        with pytest.raises(PictureRefused):
            opened.size(b"no picture", "digest", Limits())


def test_of_more_pictures_than_are_kept_the_oldest_is_decoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened(most=2)
    for digest in ("first", "second", "third"):
        opened.size(PICTURE, digest, Limits())
    monkeypatch.delattr(decode, "measured")
    assert opened.size(PICTURE, "third", Limits()) == (64, 48)
    with pytest.raises(ImportError):
        opened.size(PICTURE, "first", Limits())
