import hashlib
import io
import struct
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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


# TIFF

TIFFS = {
    "plain": saved(PHOTO.resize((64, 48)), "TIFF"),
    "lzw": saved(PHOTO.resize((64, 48)), "TIFF", compression="tiff_lzw"),
    "deflate": saved(PHOTO.resize((64, 48)), "TIFF", compression="tiff_adobe_deflate"),
    "packbits": saved(PHOTO.resize((64, 48)), "TIFF", compression="packbits"),
    "alpha": saved(PHOTO.resize((64, 48)).convert("RGBA"), "TIFF"),
    "several": saved(PHOTO.resize((64, 48)), "TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9))]),
    "named": saved(PHOTO.resize((64, 48)), "TIFF", tiffinfo={315: "somebody", 274: 1}),
}


def turned(data: bytes) -> bytes:
    return saved(Image.open(io.BytesIO(data)), "TIFF", tiffinfo={274: 6})


@pytest.mark.parametrize("name", TIFFS)
def test_a_tiff_has_the_pixels_of_its_first_picture(name: str) -> None:
    found = facts(TIFFS[name])
    expected = hashlib.sha256(PHOTO.resize((64, 48)).tobytes()).hexdigest()
    assert (found.container, found.size, found.problem, found.digest) == ("tiff", Size(64, 48), None, expected)


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "I;16"])
def test_a_tiff_of_other_colours_is_read(mode: str) -> None:
    grey = PHOTO.resize((64, 48)).convert("L")
    picture = (
        grey.convert("I").point(lambda level: level * 257).convert("I;16") if mode == "I;16" else grey.convert(mode)
    )
    found = facts(saved(picture, "TIFF"))
    assert (found.decodable, found.grey) == (True, True)
    assert found.spread > 30


def test_a_tiff_is_as_large_as_a_viewer_shows_it() -> None:
    found = facts(turned(TIFFS["plain"]))
    assert (found.size, found.digest) == (
        Size(48, 64),
        hashlib.sha256(PHOTO.resize((64, 48)).transpose(Image.Transpose.ROTATE_270).tobytes()).hexdigest(),
    )


def test_a_jpeg_in_a_tiff_is_a_tiff() -> None:
    found = facts(saved(PHOTO.resize((64, 48)), "TIFF", compression="jpeg"))
    assert (found.container, found.decodable, found.quality) == ("tiff", True, None)


def entry(data: bytes | bytearray, tag: int) -> int:
    """Where an entry of a little-endian TIFF begins."""
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    places = range(start + 2, start + 2 + 12 * count, 12)
    return next(at for at in places if struct.unpack_from("<H", data, at)[0] == tag)


# Each would make Pillow warn, or worse.
BROKEN = {
    "no directory": TIFFS["plain"][:8],
    "directory beyond the end": b"II*\0" + struct.pack("<I", 2**31) + bytes(40),
    "no width": TIFFS["plain"].replace(struct.pack("<HHI", 256, 4, 1), struct.pack("<HHI", 1, 4, 1), 1),
    "cut": TIFFS["deflate"][: len(TIFFS["deflate"]) // 2],
    "no strips": TIFFS["lzw"].replace(struct.pack("<HH", 273, 4), struct.pack("<HH", 1, 4), 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_tiff_is_not_decodable(name: str) -> None:
    found = facts(BROKEN[name])
    assert (found.container, found.decodable) == ("tiff", False)
    assert found.problem


def test_a_tiff_bomb_is_not_decoded() -> None:
    huge = bytearray(TIFFS["lzw"])
    for tag in (256, 257):
        struct.pack_into("<HI", huge, entry(huge, tag) + 2, 4, 1)
        struct.pack_into("<I", huge, entry(huge, tag) + 8, 2**17)
    assert facts(bytes(huge)).problem == "131072x131072 is more than 50331648 pixels"


@pytest.mark.parametrize(("tag", "count"), [(315, 2**31), (258, 2**30), (273, 2**20), (305, 10**6), (270, 10**6)])
def test_an_entry_that_claims_too_much_is_passed_over_without_a_warning(tag: int, count: int) -> None:
    claims = bytearray(saved(PHOTO.resize((64, 48)), "TIFF", tiffinfo={270: "x" * 9, 305: "y" * 9, 315: "z" * 9}))
    struct.pack_into("<I", claims, entry(claims, tag) + 4, count)
    assert facts(bytes(claims)).container == "tiff"


def test_entries_of_more_bytes_than_the_file_has_are_refused_without_a_warning() -> None:
    claims = bytearray(TIFFS["plain"])
    for tag in (273, 279):
        struct.pack_into("<II", claims, entry(claims, tag) + 4, len(claims) // 4 - 2, 8)
    assert facts(bytes(claims)).problem == "entries of more bytes than there are"


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(TIFFS)), st.data())
def test_any_bytes_of_a_tiff_are_measured_without_a_warning(name: str, data: st.DataObject) -> None:
    changed = bytearray(TIFFS[name])
    (start,) = struct.unpack_from("<I", changed, 4)
    near = st.integers(start, len(changed) - 1) if start < len(changed) else st.integers(0, 7)
    for at in data.draw(st.lists(near | st.integers(0, len(changed) - 1), max_size=6)):
        changed[at] = data.draw(st.integers(0, 255))
    assert facts(bytes(changed[: data.draw(st.integers(4, len(changed)))])).container in ("tiff", "unknown")
