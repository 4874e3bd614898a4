import io
from dataclasses import replace
from importlib.resources import files

import pytest
from PIL import Image
from pixelpact.errors import PictureRefused
from pixelpact.pixels.encode import read_digest
from pixelpact.pixels.measure import difference, facts, survival
from pixelpact.pixels.render import render, stand_in
from pixelpact.pixels.values import Encoding, Limits, Recipe, Size

RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
DRAWN = Recipe("bytedance/seedream-3.0", "T-rex on a beach", 7, Size(1888, 301))
EDITED = Recipe("bytedance/seededit-3.0-i2i", "Add a bird", 7, Size(1152, 864), image="r")


def test_a_drawn_answer_is_like_the_recorded_ones() -> None:
    found = facts(render(DRAWN, Encoding(95)))
    assert (found.container, found.size, found.decodable) == ("jpeg", Size(1888, 301), True)
    assert (found.subsampling, found.quality, found.progressive) == ("4:2:0", 95, False)
    assert found.spread > 20


@pytest.mark.parametrize("digest_in", ["artist", "comment"])
def test_an_answer_carries_the_digest_of_its_recipe(digest_in: str) -> None:
    encoding = Encoding(digest_in="artist" if digest_in == "artist" else "comment")
    assert read_digest(render(DRAWN, encoding)) == DRAWN.digest


def test_an_edited_answer_is_the_callers_picture() -> None:
    answer = render(EDITED, Encoding(99, "comment"), RACCOON)
    assert facts(answer).size == Size(1152, 864)
    assert survival(RACCOON, answer).within_8 > 0.9


def test_equal_requests_are_equal_bytes() -> None:
    assert render(DRAWN, Encoding()) == render(DRAWN, Encoding())
    assert render(EDITED, Encoding(), RACCOON) == render(EDITED, Encoding(), RACCOON)


def test_another_seed_is_another_picture() -> None:
    assert difference(render(DRAWN, Encoding()), render(replace(DRAWN, seed=8), Encoding())) > 8


def test_a_picture_beyond_the_limits_is_refused() -> None:
    with pytest.raises(PictureRefused, match="max_bytes"):
        render(EDITED, Encoding(), RACCOON, Limits(max_bytes=100))


def test_a_stand_in_is_a_picture_that_may_be_edited() -> None:
    found = facts(stand_in("https://cdn.example.com/photos/t-rex.png"))
    assert (found.container, found.size, found.quality) == ("jpeg", Size(1024, 768), 90)
    assert found.spread > 20


def test_another_file_has_another_stand_in() -> None:
    assert difference(stand_in("https://example.com/a.png"), stand_in("https://example.com/b.png")) > 8


def test_what_may_be_secret_in_a_url_does_not_reach_the_stand_in() -> None:
    open_url = stand_in("https://example.com/a.png")
    assert open_url == stand_in("https://user:password@example.com:8443/token/a.png?X-Tos-Signature=secret#secret")


@pytest.mark.parametrize(
    "url", ["", "http://[", "a.png", "https://example.com/", "data:,x", "http://猫.jp/%E7%8C%AB", "\0"]
)
def test_anything_given_as_a_url_has_a_stand_in(url: str) -> None:
    assert Image.open(io.BytesIO(stand_in(url))).size == (1024, 768)
