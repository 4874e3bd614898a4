import io
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image
from pixelpact.errors import PictureRefused
from pixelpact.pixels.encode import encode, read_digest
from pixelpact.pixels.magic import container
from pixelpact.pixels.values import CONTAINERS, LONGEST_SIDES, Container, Encoding

DIGEST = "0123456789abcdef" * 4
PICTURE = Image.linear_gradient("L").resize((200, 120)).convert("RGB")


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments before the scan, read by nothing but the standard."""
    at = 2
    while data[at + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield data[at + 1], data[at + 4 : at + 2 + length]
        at += 2 + length


@pytest.mark.parametrize("encoding", [Encoding(95), Encoding(99, "comment"), Encoding(50)])
def test_an_answer_is_a_baseline_jpeg_of_three_components_4_2_0(encoding: Encoding) -> None:
    frame = dict(segments(encode(PICTURE, encoding, DIGEST)))[0xC0]
    assert struct.unpack(">BHHB", frame[:6]) == (8, 120, 200, 3)
    assert [frame[7], frame[10], frame[13]] == [0x22, 0x11, 0x11]


@pytest.mark.parametrize("quality", [50, 90, 95, 99, 100])
def test_its_tables_are_the_standard_ones_at_that_quality(quality: int) -> None:
    reference = io.BytesIO()
    Image.new("RGB", (8, 8)).save(reference, "JPEG", quality=quality)
    expected = [part for marker, part in segments(reference.getvalue()) if marker == 0xDB]
    answer = encode(PICTURE, Encoding(quality), DIGEST)
    assert [part for marker, part in segments(answer) if marker == 0xDB] == expected


def test_the_artist_of_the_exif_is_the_digest() -> None:
    answer = encode(PICTURE, Encoding(digest_in="artist"), DIGEST)
    picture = Image.open(io.BytesIO(answer))
    assert dict(picture.getexif()) == {315: DIGEST}
    assert "comment" not in picture.info


def test_the_comment_is_the_digest_and_there_is_no_exif() -> None:
    found = dict(segments(encode(PICTURE, Encoding(digest_in="comment"), DIGEST)))
    assert found[0xFE] == DIGEST.encode()
    assert 0xE1 not in found


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_picture_is_written_in_the_container_that_is_asked_for(name: Container) -> None:
    answer = encode(PICTURE, Encoding(container=name), DIGEST)
    read = Image.open(io.BytesIO(answer))
    assert (container(answer), read.format, read.mode, read.size) == (name, name.upper(), "RGB", (200, 120))


@pytest.mark.parametrize("name", ["png", "tiff"])
def test_a_lossless_container_keeps_every_pixel(name: Container) -> None:
    answer = encode(PICTURE, Encoding(container=name), DIGEST)
    assert Image.open(io.BytesIO(answer)).tobytes() == PICTURE.tobytes()


def test_other_containers_have_the_digest_where_other_readers_look() -> None:
    png, webp, tiff = (
        Image.open(io.BytesIO(encode(PICTURE, Encoding(container=name), DIGEST))) for name in CONTAINERS[1:]
    )
    assert png.info["Comment"] == DIGEST
    assert [read.getexif()[ExifTags.Base.Artist] for read in (webp, tiff)] == [DIGEST, DIGEST]


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("place", ["artist", "comment"])
def test_a_digest_is_read_back(name: Container, place: str) -> None:
    encoding = Encoding(digest_in="artist" if place == "artist" else "comment", container=name)
    assert read_digest(encode(PICTURE, encoding, DIGEST)) == DIGEST


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_digest_is_not_seen_where_there_is_none(name: Container) -> None:
    plain = io.BytesIO()
    PICTURE.save(plain, name)
    assert read_digest(plain.getvalue()) is None


@pytest.mark.parametrize("said", [{"comment": "made by hand"}, {"comment": DIGEST.upper()}])
def test_another_comment_is_no_digest(said: dict[str, str]) -> None:
    commented = io.BytesIO()
    PICTURE.save(commented, "JPEG", **said)
    assert read_digest(commented.getvalue()) is None


@given(st.sampled_from(CONTAINERS), st.data())
def test_reading_a_digest_survives_any_bytes(name: Container, data: st.DataObject) -> None:
    answer = bytearray(encode(PICTURE.resize((16, 16)), Encoding(container=name), DIGEST))
    for at in data.draw(st.lists(st.integers(0, len(answer) - 1), max_size=6)):
        answer[at] = data.draw(st.integers(0, 255))
    assert read_digest(bytes(answer)) in {None, DIGEST} or len(read_digest(bytes(answer)) or "") == 64


@pytest.mark.parametrize("name", CONTAINERS)
def test_equal_pictures_are_equal_bytes(name: Container) -> None:
    encoding = Encoding(container=name)
    assert encode(PICTURE, encoding, DIGEST) == encode(PICTURE.copy(), encoding, DIGEST)


def test_a_side_that_no_jpeg_writer_can_write_is_refused() -> None:
    encode(Image.new("RGB", (65_500, 1)), Encoding(), DIGEST)
    with pytest.raises(PictureRefused, match="max_side"):
        encode(Image.new("RGB", (65_501, 1)), Encoding(), DIGEST)


@pytest.mark.parametrize("name", ["png", "webp", "tiff"])
def test_the_longest_side_of_a_container_can_be_written(name: Container) -> None:
    longest = min(LONGEST_SIDES[name], 70_000)
    assert (
        Image.open(io.BytesIO(encode(Image.new("RGB", (longest, 1)), Encoding(container=name), DIGEST))).width
        == longest
    )


def test_a_longer_side_than_a_webp_can_have_is_refused() -> None:
    with pytest.raises(PictureRefused, match="at most 16383 pixels"):
        encode(Image.new("RGB", (16_384, 1)), Encoding(container="webp"), DIGEST)
