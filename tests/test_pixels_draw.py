import os
import subprocess
import sys
from dataclasses import replace
from itertools import combinations

import pytest
from PIL import ImageChops, ImageStat
from pixelpact.pixels import mark
from pixelpact.pixels.draw import draw
from pixelpact.pixels.measure import difference
from pixelpact.pixels.values import Recipe, Size

FOX = Recipe("bytedance/seedream-3.0", "A red fox jumping over a frozen lake", 7, Size(512, 512))

SIZES = [
    Size(1888, 301),
    Size(301, 1888),
    Size(555, 543),
    Size(512, 512),
    Size(2048, 2048),
    Size(4096, 4096),
    Size(65535, 5),
    Size(5, 65535),
    Size(64, 64),
    Size(15, 15),
    Size(1, 1),
]

PRINT_DIGESTS = """
import hashlib
from pixelpact.pixels.draw import draw
from pixelpact.pixels.values import Recipe, Size
recipe = Recipe("bytedance/seedream-3.0", "A red fox jumping over a frozen lake", 7, Size(512, 512))
print(recipe.digest, hashlib.sha256(draw(recipe).tobytes()).hexdigest())
"""


@pytest.mark.parametrize("watermark", [False, True])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_picture_has_exactly_the_size_asked_for(size: Size, watermark: bool) -> None:
    picture = draw(replace(FOX, size=size, watermark=watermark))
    assert (picture.mode, picture.size) == ("RGB", (size.width, size.height))


@pytest.mark.parametrize("size", [Size(1888, 301), Size(301, 1888), Size(512, 512)], ids=str)
def test_a_picture_is_not_blank(size: Size) -> None:
    assert max(ImageStat.Stat(draw(replace(FOX, size=size))).stddev) > 20


def test_equal_recipes_are_equal_pictures_in_every_process() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", PRINT_DIGESTS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert runs[0].split()[0].decode() == FOX.digest


def test_other_seeds_are_plainly_other_pictures() -> None:
    pictures = [draw(replace(FOX, seed=seed)) for seed in range(8)]
    assert min(difference(one, other) for one, other in combinations(pictures, 2)) > 10


def test_other_prompts_are_plainly_other_pictures() -> None:
    pictures = [draw(replace(FOX, prompt=prompt)) for prompt in ("A cat", "A dog", "A harbour", "Snow")]
    assert min(difference(one, other) for one, other in combinations(pictures, 2)) > 10


def test_guidance_is_visible_and_keeps_the_scene() -> None:
    faint, vivid = draw(replace(FOX, guidance=1.0)), draw(replace(FOX, guidance=10.0))
    assert difference(faint, vivid) > 3
    assert difference(faint.convert("L"), vivid.convert("L")) < difference(faint, draw(replace(FOX, seed=8))) / 2


@pytest.mark.parametrize("size", SIZES[:4] + SIZES[8:], ids=str)
def test_a_watermark_changes_the_bottom_right_corner_alone(size: Size) -> None:
    recipe = replace(FOX, size=size)
    changed = ImageChops.difference(draw(recipe), draw(replace(recipe, watermark=True))).getbbox()
    corner = mark.box(size.width, size.height)
    assert changed is not None
    assert changed[0] >= corner[0]
    assert changed[1] >= corner[1]


def test_the_corner_of_the_mark_is_small() -> None:
    left, top, right, bottom = mark.box(1024, 1024)
    assert (right - left) * (bottom - top) < 0.02 * 1024 * 1024


def test_the_prompt_is_set_in_light_letters_on_a_dark_panel() -> None:
    panel = draw(replace(FOX, size=Size(1024, 1024))).convert("L").crop((87, 838, 500, 892)).histogram()
    assert sum(panel[:90]) > 0.6 * sum(panel)
    assert sum(panel[200:]) > 0.05 * sum(panel)


def test_a_long_prompt_stays_clear_of_the_mark() -> None:
    corner = draw(replace(FOX, prompt="m" * 2000)).crop(mark.box(512, 512)).convert("L")
    assert corner.histogram()[200:] == [0] * 56


@pytest.mark.parametrize(
    "prompt",
    [
        "猫が屋根の上にいる",
        "🐦🦊",
        "line\nbreak\ttab\0nul\x7f",
        "مرحبا بالعالم",
        "\ud800 unpaired",
        "a" * 5000,
        "word " * 5000,
        " ",
        "",
        "naïve café",
    ],
)
def test_any_prompt_can_be_drawn(prompt: str) -> None:
    assert draw(replace(FOX, prompt=prompt)).size == (512, 512)


def test_a_digest_is_64_hexadecimal_digits_and_tells_every_field() -> None:
    others = [
        replace(FOX, model="m"),
        replace(FOX, prompt="p"),
        replace(FOX, seed=8),
        replace(FOX, size=Size(512, 513)),
        replace(FOX, guidance=2.5),
        replace(FOX, watermark=True),
        replace(FOX, image="f" * 64),
    ]
    digests = {recipe.digest for recipe in [FOX, *others]}
    assert len(digests) == 8
    assert all(len(digest) == 64 and int(digest, 16) for digest in digests)
