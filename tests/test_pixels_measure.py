import hashlib
import io
from importlib.resources import files

import pytest
from PIL import Image, ImageOps
from pixelpact.errors import PictureRefused
from pixelpact.pixels.measure import Facts, difference, facts, survival
from pixelpact.pixels.values import Size

RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
PHOTO = Image.open(io.BytesIO(RACCOON))


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def test_the_facts_of_a_photograph() -> None:
    found = facts(RACCOON)
    assert (found.container, found.size, found.decodable, found.problem) == ("jpeg", Size(1024, 768), True, None)
    assert (found.quality, found.progressive) == (88, False)
    assert found.spread > 40


def test_the_digest_is_of_the_pixels_not_of_the_file() -> None:
    expected = hashlib.sha256(PHOTO.tobytes()).hexdigest()
    assert {facts(saved(PHOTO, "PNG")).digest, facts(saved(PHOTO, "WEBP", lossless=True)).digest} == {expected}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_container_is_told_by_the_bytes(form: str) -> None:
    assert facts(saved(PHOTO.resize((64, 48)), form)).container == form.lower()


def test_every_quality_of_a_jpeg_is_read_off_its_tables() -> None:
    files_written = [saved(Image.new("RGB", (8, 8)), "JPEG", quality=quality) for quality in range(1, 101)]
    assert [facts(written).quality for written in files_written] == list(range(1, 101))


def test_tables_of_ones_own_have_no_quality() -> None:
    assert facts(saved(PHOTO.resize((64, 48)), "JPEG", qtables=[[7] * 64, [9] * 64])).quality is None


@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_the_subsampling_of_a_jpeg_is_told(sampling: str) -> None:
    assert facts(saved(PHOTO.resize((64, 48)), "JPEG", subsampling=sampling)).subsampling == sampling


def test_a_progressive_jpeg_is_told() -> None:
    assert facts(saved(PHOTO.resize((64, 48)), "JPEG", progressive=True)).progressive


@pytest.mark.parametrize("colour", ["black", "white", "red", (128, 128, 128)])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_blank_picture_has_no_spread(colour: str | tuple[int, int, int], form: str) -> None:
    assert facts(saved(Image.new("RGB", (512, 512), colour), form)).spread < 1


def test_colours_of_one_brightness_are_not_blank() -> None:
    picture = Image.new("RGB", (64, 64), (200, 0, 0))
    picture.paste((0, 102, 0), (0, 0, 32, 64))
    assert facts(saved(picture, "PNG")).spread > 40


@pytest.mark.parametrize("cut", [1, 2, 100, 50_000])
def test_a_truncated_jpeg_is_not_decodable(cut: int) -> None:
    found = facts(RACCOON[:-cut])
    assert (found.decodable, found.size) == (False, Size(1024, 768))
    assert "truncated" in str(found.problem)


@pytest.mark.parametrize("data", [b"", b"{}", b"<html>no</html>"])
def test_what_is_no_picture_is_unknown(data: bytes) -> None:
    assert facts(data) == Facts("unknown", problem="not a picture of a known format")


def resized() -> Image.Image:
    return PHOTO.resize((1152, 864), Image.Resampling.LANCZOS)


def test_a_picture_merely_resized_survives_whole() -> None:
    left = survival(RACCOON, saved(resized(), "PNG"))
    assert (left.within_8, left.median, left.strongest, left.changed) == (1.0, 0.0, 0.0, None)


@pytest.mark.parametrize(
    "other",
    [
        ImageOps.mirror(resized()),
        ImageOps.invert(resized()),
        resized().rotate(180),
        Image.linear_gradient("L").resize((1152, 864)).convert("RGB"),
        Image.new("RGB", (1152, 864), "grey"),
    ],
    ids=["mirrored", "inverted", "turned", "unrelated", "blank"],
)
def test_another_picture_does_not_pass_for_an_edit(other: Image.Image) -> None:
    left = survival(RACCOON, other)
    assert left.within_8 < 0.4
    assert left.median > 16


def test_a_change_is_found_where_it_is() -> None:
    after = resized()
    after.paste((255, 0, 255), (320, 64, 416, 160))
    left = survival(RACCOON, after)
    assert left.changed == (320, 64, 416, 160)
    assert left.strongest > 60
    assert left.within_8 == 1 - 9 / (36 * 27)


def test_a_shift_of_tone_is_measured_with_its_sign() -> None:
    before = Image.new("RGB", (64, 64), (100, 100, 100))
    assert survival(before, Image.new("RGB", (64, 64), (103, 100, 98))).shift == (3, 0, -2)


def test_a_small_difference_is_not_rounded_off() -> None:
    before = Image.new("RGB", (64, 64))
    after = before.copy()
    after.paste((1, 0, 0), (0, 0, 32, 16))
    assert survival(before, after).strongest == pytest.approx(1 / 6)


def test_blocks_at_the_edges_may_be_partial() -> None:
    before = Image.new("RGB", (40, 33))
    after = before.copy()
    after.paste("white", (32, 32, 40, 33))
    left = survival(before, after)
    assert (left.strongest, left.within_8, left.changed) == (255, 0.75, (32, 32, 40, 33))


def test_a_difference_is_the_mean_over_pixels_and_channels() -> None:
    assert difference(Image.new("RGB", (8, 8)), Image.new("RGB", (8, 8), (30, 0, 0))) == pytest.approx(10)
    assert difference(RACCOON, RACCOON) == 0


def test_pictures_of_two_sizes_have_no_difference() -> None:
    with pytest.raises(PictureRefused, match="size: expected 8x8, received 9x8"):
        difference(Image.new("RGB", (8, 8)), Image.new("RGB", (9, 8)))


@pytest.mark.parametrize("data", [b"", RACCOON[:5000]])
def test_what_cannot_be_decoded_cannot_be_compared(data: bytes) -> None:
    with pytest.raises(PictureRefused):
        survival(RACCOON, data)


def test_a_bomb_is_neither_decoded_nor_compared() -> None:
    bomb = b"RIFF\xff\xff\0\0WEBPVP8X" + b"\xff" * 40
    assert facts(bomb).problem == "16777216x16777216 is more than 50331648 pixels"
    with pytest.raises(PictureRefused, match="max_pixels"):
        survival(RACCOON, bomb)


def test_the_judge_does_not_know_what_it_judges() -> None:
    source = files("pixelpact.pixels").joinpath("measure.py").read_text("utf-8")
    assert not [name for name in ("draw", "edit", "encode", "render") if f"import {name}" in source]
