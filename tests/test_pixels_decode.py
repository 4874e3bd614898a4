import io
import struct
import zlib
from importlib.resources import files

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from pixelpact.errors import PictureRefused
from pixelpact.pixels.decode import measured, open_input
from pixelpact.pixels.measure import facts, survival
from pixelpact.pixels.values import Limits, Size

LIMITS = Limits()
EVERY_FORMAT = Limits(formats=("jpeg", "png", "webp", "gif", "bmp"), min_side=1, min_ratio=0, max_ratio=1e9)
RULES = {"max_bytes", "format", "max_pixels", "min_side", "max_side", "min_ratio", "max_ratio", "decodable"}
RACCOON = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
SMALL = Image.open(io.BytesIO(RACCOON)).resize((48, 36))


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *between: bytes, depth: int = 8, colour: int = 2, rows: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(between) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def refusal(data: bytes, limits: Limits = LIMITS) -> PictureRefused:
    with pytest.raises(PictureRefused) as caught:
        open_input(data, limits)
    return caught.value


def deep_grey() -> Image.Image:
    return SMALL.convert("L").convert("I").point(lambda level: level * 257).convert("I;16")


MODES = {
    "jpeg": saved(SMALL, "JPEG", quality=99, subsampling=0),
    "jpeg-progressive": saved(SMALL, "JPEG", quality=99, subsampling=0, progressive=True),
    "jpeg-cmyk": saved(SMALL.convert("CMYK"), "JPEG", quality=99, subsampling=0),
    "png": saved(SMALL, "PNG"),
    "png-rgba": saved(SMALL.convert("RGBA"), "PNG"),
    "png-animated": saved(SMALL, "PNG", save_all=True, append_images=[SMALL.rotate(90)]),
    "webp": saved(SMALL, "WEBP", lossless=True),
    "webp-animated": saved(SMALL, "WEBP", lossless=True, save_all=True, append_images=[SMALL.rotate(90)]),
    "bmp": saved(SMALL, "BMP"),
}
GREYS = {
    "jpeg": saved(SMALL.convert("L"), "JPEG", quality=99),
    "png": saved(SMALL.convert("L"), "PNG"),
    "png-alpha": saved(SMALL.convert("LA"), "PNG"),
    "png-16-bit": saved(deep_grey(), "PNG"),
}


def apart(one: Image.Image, other: Image.Image) -> float:
    pairs = zip(one.tobytes(), other.tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / len(one.tobytes())


@pytest.mark.parametrize("name", MODES)
def test_every_kind_of_colour_picture_is_read(name: str) -> None:
    picture = open_input(MODES[name], EVERY_FORMAT)
    assert picture.mode == "RGB"
    assert apart(picture, SMALL) < 2


@pytest.mark.parametrize("name", GREYS)
def test_every_kind_of_grey_picture_is_read(name: str) -> None:
    assert apart(open_input(GREYS[name], LIMITS), SMALL.convert("L").convert("RGB")) < 2


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_palette_is_read(form: str) -> None:
    reduced = SMALL.quantize(16)
    assert open_input(saved(reduced, form), EVERY_FORMAT).tobytes() == reduced.convert("RGB").tobytes()


def test_one_bit_a_pixel_is_read() -> None:
    bits = SMALL.convert("1")
    assert open_input(saved(bits, "PNG"), LIMITS).tobytes() == bits.convert("RGB").tobytes()


def test_transparency_is_laid_over_white() -> None:
    clear = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    half = Image.new("RGBA", (20, 20), (0, 0, 0, 128))
    tinted = [open_input(saved(picture, "PNG"), LIMITS).getpixel((9, 9)) for picture in (clear, half)]
    assert tinted == [(255, 255, 255), (127, 127, 127)]


def test_a_transparent_palette_entry_is_white() -> None:
    paletted = Image.new("P", (20, 20), 1)
    paletted.putpalette([0, 0, 0, 255, 0, 0])
    assert open_input(saved(paletted, "PNG", transparency=1), LIMITS).getpixel((9, 9)) == (255, 255, 255)


def test_a_transparent_colour_of_16_bits_does_no_harm() -> None:
    rows = (b"\0" + b"\x12\x34" * 3 * 20) * 20
    data = png(20, 20, chunk(b"tRNS", b"\x12\x34" * 3), depth=16, colour=2, rows=rows)
    assert open_input(data, LIMITS).size == (20, 20)


QUARTERS = Image.new("RGB", (40, 20), "white")
QUARTERS.paste("red", (0, 0, 20, 10))
QUARTERS.paste("blue", (20, 10, 40, 20))
# Where red and blue are once each orientation is undone: by the standard's table of where row 0 and column 0 are.
UPRIGHT = {
    1: ((40, 20), (5, 5), (35, 15)),
    2: ((40, 20), (35, 5), (5, 15)),
    3: ((40, 20), (35, 15), (5, 5)),
    4: ((40, 20), (5, 15), (35, 5)),
    5: ((20, 40), (5, 5), (15, 35)),
    6: ((20, 40), (15, 5), (5, 35)),
    7: ((20, 40), (15, 35), (5, 5)),
    8: ((20, 40), (5, 35), (15, 5)),
}


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("turn", UPRIGHT)
def test_a_picture_is_turned_upright(turn: int, form: str) -> None:
    exif = Image.Exif()
    exif[274] = turn
    size, red, blue = UPRIGHT[turn]
    picture = open_input(saved(QUARTERS, form, exif=exif), LIMITS)
    assert picture.size == size
    assert apart(picture.crop((red[0], red[1], red[0] + 1, red[1] + 1)), Image.new("RGB", (1, 1), "red")) < 12
    assert apart(picture.crop((blue[0], blue[1], blue[0] + 1, blue[1] + 1)), Image.new("RGB", (1, 1), "blue")) < 12


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0II*\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"x"]
)
def test_malformed_exif_is_no_reason_to_refuse(exif: bytes) -> None:
    assert open_input(saved(SMALL, "JPEG", exif=exif), LIMITS).size == SMALL.size


@pytest.mark.parametrize("size", [(15, 45), (45, 15), (15, 15), (16, 16), (300, 100), (100, 300)])
def test_a_size_just_inside_is_taken(size: tuple[int, int]) -> None:
    assert open_input(saved(Image.new("RGB", size), "PNG"), LIMITS).size == size


@pytest.mark.parametrize(
    ("size", "rule"),
    [
        ((14, 20), "min_side"),
        ((20, 14), "min_side"),
        ((301, 100), "max_ratio"),
        ((100, 301), "min_ratio"),
        ((3001, 1000), "max_ratio"),
        ((1000, 3001), "min_ratio"),
    ],
)
def test_a_size_just_outside_is_refused(size: tuple[int, int], rule: str) -> None:
    assert refusal(saved(Image.new("RGB", size), "PNG")).rule == rule


def test_the_ratio_is_that_of_the_upright_picture() -> None:
    exif = Image.Exif()
    exif[274] = 6
    wide = Limits(min_ratio=1.5)
    lying = saved(Image.new("RGB", (20, 40)), "PNG", exif=exif)
    assert open_input(lying, wide).size == (40, 20)
    assert refusal(saved(Image.new("RGB", (20, 40)), "PNG"), wide).rule == "min_ratio"


def test_bytes_are_counted_before_anything_else() -> None:
    data = saved(SMALL, "PNG")
    assert open_input(data, Limits(max_bytes=len(data))).size == SMALL.size
    assert refusal(data, Limits(max_bytes=len(data) - 1)) == PictureRefused(
        "max_bytes", f"at most {len(data) - 1} bytes", f"{len(data)} bytes"
    )
    assert refusal(b"x" * 11 * 2**20).rule == "max_bytes"


def test_pixels_are_counted_to_the_last() -> None:
    data = saved(Image.new("RGB", (40, 30)), "PNG")
    assert open_input(data, Limits(max_pixels=1200)).size == (40, 30)
    assert refusal(data, Limits(max_pixels=1199)).rule == "max_pixels"


def test_the_longest_side_is_a_limit_if_it_is_given() -> None:
    assert refusal(saved(SMALL, "PNG"), Limits(max_side=47)).rule == "max_side"
    assert open_input(saved(SMALL, "PNG"), Limits(max_side=48)).size == SMALL.size


@pytest.mark.parametrize(
    ("data", "received"),
    [
        (b"", "not an image"),
        (b"<html>", "not an image"),
        (b"%PDF-1.7", "not an image"),
        (saved(SMALL, "GIF"), "gif"),
        (saved(SMALL, "BMP"), "bmp"),
        (saved(SMALL, "TIFF"), "tiff"),
    ],
)
def test_another_format_is_refused_by_its_bytes(data: bytes, received: str) -> None:
    assert refusal(data) == PictureRefused("format", "jpeg or png or webp", received)


@pytest.mark.parametrize("size", [(6001, 6000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    assert refusal(png(*size)).rule == "max_pixels"


@pytest.mark.parametrize("kind", [b"VP8X", b"VP8L", b"VP8 "])
def test_a_webp_bomb_is_refused_by_its_header(kind: bytes) -> None:
    assert refusal(b"RIFF\xff\xff\0\0WEBP" + kind + b"\xff" * 40).rule == "max_pixels"


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_a_chunk_that_inflates_without_end_is_not_inflated(kind: bytes) -> None:
    squeezed = zlib.compress(b"\0" * 70_000_000, 9)
    body = b"name\0\1\0\0\0" + squeezed if kind == b"iTXt" else b"name\0\0" + squeezed
    data = png(20, 20, *[chunk(kind, body)] * 4, rows=(b"\0" + b"\x80" * 60) * 20)
    assert open_input(data, LIMITS).getpixel((9, 9)) == (128, 128, 128)


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_cut_picture_is_refused(name: str, share: float) -> None:
    data = MODES[name]
    assert refusal(data[: int(len(data) * share)]).rule == "decodable"
    assert not facts(data[: int(len(data) * share)]).decodable


SOURCES = [*MODES.values(), *GREYS.values(), saved(SMALL.quantize(16), "GIF")]


@st.composite
def harmed(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SOURCES)))
    for _ in range(draw(st.integers(0, 6))):
        # Half of the harm goes to the first bytes, where the structure is.
        at = draw(st.integers(0, min(len(data), draw(st.sampled_from((100, 10**6)))) - 1))
        data[at : at + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return bytes(data[: draw(st.integers(1, len(data)))] if draw(st.booleans()) else data)


@settings(max_examples=400, deadline=None)
@given(st.one_of(harmed(), st.binary(), st.binary().map(b"\x89PNG\r\n\x1a\n".__add__)))
@example(b"BM")
@example(png(20, 20, depth=8, colour=3, rows=(b"\0" * 21) * 20))
def test_any_bytes_are_a_picture_or_refused(data: bytes) -> None:
    try:
        outcome = open_input(data, EVERY_FORMAT).mode
    except PictureRefused as refused:
        outcome = refused.rule
    assert outcome in {"RGB", *RULES}
    assert facts(data).decodable or facts(data).problem


def test_no_setting_of_pillow_is_touched() -> None:
    assert (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES) == (1024 * 1024 * 1024 // 4 // 3, False)


# Decoded smaller, where that is enough

LARGE = Image.open(io.BytesIO(RACCOON)).resize((2000, 1500))
LARGE_JPEG = saved(LARGE, "JPEG", quality=92)


@pytest.mark.parametrize(
    ("enough", "size"),
    [
        (Size(200, 150), (250, 188)),
        (Size(400, 300), (500, 375)),
        (Size(500, 375), (1000, 750)),
        (Size(900, 100), (2000, 1500)),
        (Size(2000, 1500), (2000, 1500)),
        (Size(4000, 3000), (2000, 1500)),
    ],
)
def test_a_large_jpeg_comes_smaller_but_larger_than_is_enough(enough: Size, size: tuple[int, int]) -> None:
    assert open_input(LARGE_JPEG, LIMITS, enough).size == size


def test_what_is_enough_is_told_of_the_upright_picture() -> None:
    exif = Image.Exif()
    exif[274] = 6
    lying = saved(LARGE.resize((1600, 800)), "JPEG", exif=exif)
    assert open_input(lying, LIMITS, Size(150, 600)).size == (400, 800)


def test_another_format_is_decoded_whole() -> None:
    assert open_input(saved(SMALL, "PNG"), LIMITS, Size(4, 3)).size == SMALL.size


def test_what_came_smaller_is_the_same_picture() -> None:
    less = open_input(LARGE_JPEG, LIMITS, Size(600, 450))
    assert survival(LARGE_JPEG, less.resize((600, 450), Image.Resampling.LANCZOS)).strongest < 3


@pytest.mark.parametrize("turn", UPRIGHT)
def test_a_picture_is_measured_as_a_viewer_sees_it(turn: int) -> None:
    exif = Image.Exif()
    exif[274] = turn
    data = saved(QUARTERS, "JPEG", exif=exif)
    assert measured(data, LIMITS) == Size(*UPRIGHT[turn][0]) == Size(*open_input(data, LIMITS).size)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("name", ["jpeg", "jpeg-progressive", "png", "webp"])
def test_a_cut_picture_is_not_measured(name: str, share: float) -> None:
    data = MODES[name]
    with pytest.raises(PictureRefused, match="decodable"):
        measured(data[: int(len(data) * share)], LIMITS)


@settings(max_examples=200, deadline=None)
@given(harmed())
def test_whatever_is_measured_can_be_opened_and_whatever_is_not_cannot(data: bytes) -> None:
    try:
        size, rule = measured(data, EVERY_FORMAT), None
    except PictureRefused as refused:
        size, rule = None, refused.rule
    if rule is None:
        assert size == Size(*open_input(data, EVERY_FORMAT).size)
    else:
        assert refusal(data, EVERY_FORMAT).rule == rule
