import io
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files

import pytest
from PIL import Image, ImageChops
from pixelpact.pixels import jpeg, poster
from pixelpact.pixels.canvas import Canvas
from pixelpact.pixels.draw import draw
from pixelpact.pixels.draw import poster as drawn_in_bands
from pixelpact.pixels.encode import encode, read_digest
from pixelpact.pixels.measure import difference, facts
from pixelpact.pixels.poster import Whole, bands, rows
from pixelpact.pixels.render import render
from pixelpact.pixels.values import Encoding, Recipe, Size

RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
PHOTO = Image.open(io.BytesIO(RACCOON)).convert("RGB")
OPTIONS = {"quality": 95, "subsampling": "4:2:0"}
FOX = Recipe("bytedance/seedream-3.0", "A red fox", 7, Size(1024, 1024))
DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bands of one block of rows, so that a small picture has many."""
    monkeypatch.setattr(poster, "BAND", 1)


def at_once(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", **OPTIONS)
    return written.getvalue()


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("size", [(64, 64), (33, 250), (250, 33), (100, 16), (17, 17), (1, 40), (640, 481)])
def test_a_jpeg_of_many_bands_has_the_pixels_of_one_that_is_written_at_once(size: tuple[int, int]) -> None:
    picture = PHOTO.resize(size)

    file = jpeg.written(Whole(picture), OPTIONS)

    read = Image.open(io.BytesIO(file))
    # Where bands meet, a decoder blends colours, as it does within.
    assert (read.size, difference(read, Image.open(io.BytesIO(at_once(picture)))) == 0) == (size, True)


@pytest.mark.usefixtures("narrow")
def test_bands_are_parted_by_restart_markers_in_their_order() -> None:
    file = jpeg.written(Whole(PHOTO.resize((64, 200))), OPTIONS)

    scan = file[file.index(b"\xff\xda") :]
    markers = [scan[at + 1] for at in range(len(scan) - 1) if scan[at] == 0xFF and 0xD0 <= scan[at + 1] <= 0xD9]
    assert markers == [*(0xD0 + number % 8 for number in range(12)), 0xD9]
    assert struct.pack(">HHH", 0xFFDD, 4, 4) in file
    assert file.count(b"\xff\xc0") == 1


def test_a_picture_of_one_band_has_no_restart_markers() -> None:
    assert jpeg.written(Whole(PHOTO.resize((64, 64))), OPTIONS) == at_once(PHOTO.resize((64, 64)))


@pytest.mark.parametrize("place", ["artist", "comment"])
def test_a_picture_of_many_bands_carries_its_digest_once(place: str) -> None:
    encoding = Encoding(digest_in="artist" if place == "artist" else "comment")

    file = encode(PHOTO.resize((2048, 1536)), encoding, DIGEST)

    assert (read_digest(file), file.count(DIGEST.encode())) == (DIGEST, 1)
    assert (facts(file).quality, facts(file).subsampling, facts(file).progressive) == (95, "4:2:0", False)


def test_no_band_is_larger_than_is_held_in_a_cache() -> None:
    recipe = replace(FOX, size=Size(4096, 2048))
    sizes = [band.size for band in bands(Whole(draw(recipe)))]
    assert sizes == [(4096, 256)] * 8
    assert rows((65_500, 1)) == 16


def test_a_band_is_the_callers_to_change() -> None:
    picture = PHOTO.resize((64, 64))
    before = picture.tobytes()
    Whole(picture).band(0, 64).paste("red", (0, 0, 64, 64))
    assert picture.tobytes() == before


def test_threads_that_draw_at_once_draw_the_same() -> None:
    recipes = [replace(FOX, seed=seed, watermark=seed % 2 == 0, size=Size(512, 384)) for seed in range(6)]
    alone = [render(recipe, Encoding()) for recipe in recipes]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda recipe: render(recipe, Encoding()), recipes * 4))

    assert together == alone * 4


@pytest.mark.parametrize("size", [Size(64, 64), Size(65, 33), Size(4096, 2048)], ids=str)
def test_edges_are_smooth(size: Size) -> None:
    canvas = Canvas(size.width, size.height)
    canvas.wash(0, 0, 0, size.height)
    canvas.shape((0, 0, 1, 0.77, 0, 1), (size.width, 0, 0, 0, size.height, 0), 200)
    assert set(canvas.band(0, size.height).tobytes()) == {0, 100, 200}


def test_each_row_is_the_sum_of_the_two_that_are_painted_for_it() -> None:
    canvas = Canvas(5, 6)
    canvas.wash(10, 10, 0, 6)
    # From the lower half of the row 1 on, down to the upper half of the row 4.
    canvas.shape((0, 1.5, 5, 1.5, 5, 4, 0, 4), (1, 0, 0, 0, 1, 0), 200)
    columns = {canvas.band(0, 6).crop((left, 0, left + 1, 6)).tobytes() for left in range(5)}
    assert columns == {bytes((10, 105, 200, 200, 105, 10))}


@pytest.mark.parametrize("step", [16, 48])
def test_a_scene_is_the_same_in_bands_of_any_height_but_for_the_edges_where_they_meet(step: int) -> None:
    made = drawn_in_bands(FOX)
    whole = made.band(0, 1024)
    parts = Image.new(whole.mode, whole.size)
    for upper in range(0, 1024, step):
        parts.paste(made.band(upper, min(1024, upper + step)), (0, upper))
    gaps = ImageChops.difference(whole.convert("RGB"), parts.convert("RGB")).convert("L").histogram()
    assert sum(gaps[1:]) < 0.002 * 1024 * 1024
