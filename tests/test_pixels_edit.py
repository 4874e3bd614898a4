import io
from dataclasses import replace
from importlib.resources import files
from itertools import product
from random import Random

import pytest
from PIL import Image, ImageChops, ImageOps
from pixelpact.pixels import mark, objects
from pixelpact.pixels.edit import COLOURS, CONTRAST, contrast, edit
from pixelpact.pixels.encode import encode
from pixelpact.pixels.measure import difference, survival
from pixelpact.pixels.render import render
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Encoding, Limits, Recipe, Size, Source

RACCOON = Image.open(io.BytesIO(files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()))
BIRD = Recipe("bytedance/seededit-3.0-i2i", "Add a bird to the foreground of the photo.", 3, Size(1152, 864), image="r")
PROMPTS = [
    "Add a bird to the foreground of the photo.",
    "Add a crown to the T-rex's head.",
    "silver wings",
    "Turn round",
]


@pytest.mark.parametrize("size", [Size(1152, 864), Size(512, 1536), Size(1536, 512), Size(64, 64), Size(5, 5)], ids=str)
def test_an_edit_has_exactly_the_size_asked_for(size: Size) -> None:
    picture = edit(replace(BIRD, size=size), RACCOON)
    assert (picture.mode, picture.size) == ("RGB", (size.width, size.height))


@pytest.mark.parametrize("prompt", PROMPTS)
def test_an_edit_keeps_the_picture_but_for_one_thing(prompt: str) -> None:
    recipe = replace(BIRD, prompt=prompt)
    answer = encode(edit(recipe, RACCOON), Encoding(99), recipe.digest)
    left = survival(RACCOON, answer)
    assert left.within_8 > 0.9
    assert 0.5 < left.median < 4
    assert left.strongest >= 60
    assert max(map(abs, left.shift)) < 5


BACKGROUNDS = {
    "black": Image.new("RGB", (1024, 768), "black"),
    "white": Image.new("RGB", (1024, 768), "white"),
    "grey": Image.new("RGB", (1024, 768), (128, 128, 128)),
    "red": Image.new("RGB", (1024, 768), "red"),
    "teal": Image.new("RGB", (1024, 768), (0, 190, 210)),
    "yellow": Image.new("RGB", (1024, 768), (255, 214, 10)),
    "gradient": Image.linear_gradient("L").resize((1024, 768)).convert("RGB"),
    "noise": Image.frombytes("RGB", (256, 192), Random(1).randbytes(256 * 192 * 3)).resize((1024, 768)),
}


@pytest.mark.parametrize("name", sorted(objects.OBJECTS))
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_a_thing_stands_out_whatever_is_behind_it(name: str, background: str) -> None:
    recipe = replace(BIRD, prompt=name, size=Size(864, 640))
    assert survival(BACKGROUNDS[background], edit(recipe, BACKGROUNDS[background])).strongest >= 60


def test_one_colour_at_least_stands_out_from_any_background() -> None:
    backgrounds = product(range(0, 256, 15), repeat=3)
    assert min(max(contrast(colour, there) for colour in COLOURS) for there in backgrounds) >= CONTRAST


def test_the_change_is_one_region_about_a_fifth_of_the_shorter_side() -> None:
    changed = survival(Image.new("RGB", (1152, 864), "grey"), edit(BIRD, Image.new("RGB", (1152, 864), "grey"))).changed
    assert changed is not None
    assert max(changed[2] - changed[0], changed[3] - changed[1]) < 0.33 * 864


def test_equal_recipes_are_equal_edits() -> None:
    assert edit(BIRD, RACCOON).tobytes() == edit(BIRD, RACCOON).tobytes()


def test_another_seed_puts_the_thing_elsewhere() -> None:
    places = {survival(RACCOON, edit(replace(BIRD, seed=seed), RACCOON)).changed for seed in range(6)}
    assert len(places) > 3


def test_no_edit_leaves_a_picture_as_it_was() -> None:
    plain = Image.new("RGB", (1152, 864), "black")
    corner = edit(BIRD, plain).crop((0, 0, 32, 32))
    assert 0 < difference(corner, plain.crop((0, 0, 32, 32))) <= 4


def test_a_watermark_changes_the_bottom_right_corner_alone() -> None:
    changed = ImageChops.difference(edit(BIRD, RACCOON), edit(replace(BIRD, watermark=True), RACCOON)).getbbox()
    corner = mark.box(1152, 864)
    assert changed is not None
    assert (changed[0] >= corner[0], changed[1] >= corner[1]) == (True, True)


def test_the_picture_given_is_not_changed() -> None:
    given = ImageOps.mirror(RACCOON)
    before = given.tobytes()
    edit(replace(BIRD, size=Size(1024, 768)), given)
    assert given.tobytes() == before


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Add a crown to the T-rex's head.", "crown"),
        ("two birds", "bird"),
        ("a couple of silver WINGS", "butterfly"),
        ("Startle me", None),
        ("", None),
    ],
)
def test_the_prompt_names_the_thing(prompt: str, name: str | None) -> None:
    assert objects.named(prompt) == name


SMALL = [Size(128, 128), Size(129, 129), Size(128, 384), Size(161, 161), Size(221, 221), Size(225, 225), Size(300, 300)]


@pytest.mark.parametrize("watermark", [False, True])
@pytest.mark.parametrize("count", [1, 2, 10])
@pytest.mark.parametrize("size", [*SMALL, Size(442, 442), Size(512, 512)], ids=str)
def test_an_edit_keeps_three_quarters_of_a_picture_of_any_size(size: Size, count: int, watermark: bool) -> None:
    data = sample(size)
    others = [Source(data, Limits())] * (count - 1)
    asked = replace(BIRD, size=size, watermark=watermark, references=("r",) * (count - 1), prompt="")
    answers = [render(replace(asked, seed=seed), Encoding(90), data, references=others) for seed in range(6)]
    left = [survival(data, answer) for answer in answers]
    assert (min(each.within_8 for each in left) >= 0.78, min(each.strongest for each in left) >= 40) == (True, True)


@pytest.mark.parametrize("name", sorted(objects.OBJECTS))
@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("side", [128, 160, 221])
def test_a_thing_stands_out_on_a_small_picture_too(name: str, background: str, side: int) -> None:
    recipe = replace(BIRD, prompt=name, size=Size(side, side))
    small = BACKGROUNDS[background].resize((side, side))
    assert survival(small, edit(recipe, small)).strongest >= 40


@pytest.mark.parametrize("size", [*SMALL, Size(442, 442)], ids=str)
def test_further_pictures_move_the_thing_on_a_small_picture(size: Size) -> None:
    recipe = replace(BIRD, size=size)
    alone, several = edit(recipe, RACCOON), edit(replace(recipe, references=("a",)), RACCOON)
    assert survival(alone, several).strongest > 40


@pytest.mark.parametrize("size", SMALL, ids=str)
def test_a_small_edit_is_marked_in_its_corner(size: Size) -> None:
    recipe = replace(BIRD, size=size, prompt="bird", seed=4)
    marked = edit(replace(recipe, watermark=True), RACCOON)
    left, top, right, bottom = mark.box(size.width, size.height, short=True)
    plain = RACCOON.resize((size.width, size.height), Image.Resampling.LANCZOS)
    gap = ImageChops.difference(marked, plain).crop((left, top, right, bottom)).convert("L")
    assert max(gap.tobytes()) > 20


@pytest.mark.parametrize("size", [Size(1152, 864), Size(512, 384), Size(1000, 750)], ids=str)
def test_an_edit_of_a_large_jpeg_keeps_it_though_it_is_decoded_smaller(size: Size) -> None:
    large = RACCOON.resize((3000, 2250))
    written = io.BytesIO()
    large.save(written, "JPEG", quality=92)
    left = survival(large, render(replace(BIRD, size=size), Encoding(99), written.getvalue()))
    assert (left.within_8 > 0.9, left.median < 4, left.strongest >= 60) == (True, True, True)
