import io
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pixelpact.errors import PictureRefused
from pixelpact.pixels.encode import read_digest
from pixelpact.pixels.measure import difference, facts, survival
from pixelpact.pixels.render import render, stand_in
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import CANONICAL, CONTAINERS, Container, Encoding, Limits, Recipe, Size, Source

RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
DRAWN = Recipe("bytedance/seedream-3.0", "T-rex on a beach", 7, Size(1888, 301))
EDITED = Recipe("bytedance/seededit-3.0-i2i", "Add a bird", 7, Size(1152, 864), image="r")


def test_a_drawn_answer_is_like_the_recorded_ones() -> None:
    found = facts(render(DRAWN, Encoding(95)))
    assert (found.container, found.size, found.decodable) == ("jpeg", Size(1888, 301), True)
    assert (found.subsampling, found.quality, found.progressive) == ("4:2:0", 95, False)
    assert found.spread > 20


@given(
    st.text(),
    st.integers(0, 2**63),
    st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    st.booleans(),
)
def test_a_recipe_of_the_first_kind_is_written_as_every_other(
    prompt: str, seed: int, guidance: float | None, watermark: bool
) -> None:
    recipe = Recipe("a/b", prompt, seed, Size(1888, 301), guidance, watermark)
    assert recipe.canonical == CANONICAL.encode(recipe.json).encode()


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


def test_a_recipe_of_today_has_the_digest_of_yesterday() -> None:
    assert DRAWN.json.keys() == {"model", "prompt", "seed", "size", "guidance", "watermark", "image"}
    assert DRAWN.digest == "4916e56b66b7b86258d7affbe694a6388e48ee3c4c3bdb777230bf36e378680b"
    assert EDITED.digest == "b8a7002a13b5e744effdcbdddac735d4854a8dd27c5610de9d00d17f3759f298"


@pytest.mark.parametrize("other", [{"index": 1}, {"container": "png"}, {"references": ("a",)}])
def test_what_came_later_to_a_recipe_counts_where_it_is_said(other: dict[str, Any]) -> None:
    changed = replace(DRAWN, **other)
    assert changed.digest != DRAWN.digest
    assert replace(changed, container="jpeg", index=0, references=()).digest == DRAWN.digest


def test_another_index_is_another_picture() -> None:
    several = [render(replace(DRAWN, index=index), Encoding()) for index in range(4)]
    assert min(difference(one, other) for one, other in pairwise(several)) > 8


def test_another_index_is_another_edit_of_the_same_picture() -> None:
    first, second = (render(replace(EDITED, index=index), Encoding(), RACCOON) for index in range(2))
    assert min(survival(RACCOON, answer).within_8 for answer in (first, second)) > 0.9
    assert survival(first, second).strongest > 40


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_picture_is_the_same_in_every_container(name: Container) -> None:
    recipe = replace(DRAWN, container=name)
    answer = render(recipe, Encoding(90, container=name))
    assert (facts(answer).container, read_digest(answer)) == (name, recipe.digest)
    assert difference(answer, render(DRAWN, Encoding(95))) < 3


REFERENCES = [Source(RACCOON), Source(sample(Size(90, 60))), Source(sample(Size(60, 90), "webp"))]


def test_every_reference_shows_in_the_result() -> None:
    answers = [render(DRAWN, Encoding(), references=REFERENCES[:count]) for count in range(4)]
    changes = [survival(one, other).strongest for one, other in pairwise(answers)]
    assert min(changes) > 30


def test_an_edit_keeps_the_rest_however_many_references_are_laid_on_it() -> None:
    alone = render(EDITED, Encoding(99), RACCOON)
    answers = [render(EDITED, Encoding(99), RACCOON, references=REFERENCES * times) for times in (1, 2, 6)]
    assert min(survival(alone, answer).within_8 for answer in answers) > 0.9


@pytest.mark.parametrize("size", [Size(1, 1), Size(16, 3000), Size(3000, 16), Size(9, 9)])
def test_references_are_laid_on_a_picture_of_any_size(size: Size) -> None:
    answer = render(replace(DRAWN, size=size), Encoding(), references=REFERENCES * 5)
    assert facts(answer).size == size


def test_a_reference_beyond_its_limits_is_refused() -> None:
    with pytest.raises(PictureRefused, match="max_bytes"):
        render(DRAWN, Encoding(), references=[Source(RACCOON, Limits(max_bytes=100))])


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
