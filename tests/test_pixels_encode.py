import io
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pixelpact.errors import PictureRefused
from pixelpact.pixels.encode import encode, read_digest
from pixelpact.pixels.values import Encoding

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


@pytest.mark.parametrize("encoding", [Encoding(digest_in="artist"), Encoding(digest_in="comment")])
def test_a_digest_is_read_back(encoding: Encoding) -> None:
    assert read_digest(encode(PICTURE, encoding, DIGEST)) == DIGEST


def test_a_digest_is_not_seen_where_there_is_none() -> None:
    plain, commented = io.BytesIO(), io.BytesIO()
    PICTURE.save(plain, "JPEG")
    PICTURE.save(commented, "JPEG", comment="made by hand")
    assert [read_digest(file.getvalue()) for file in (plain, commented)] == [None, None]


@given(st.data())
def test_reading_a_digest_survives_any_bytes(data: st.DataObject) -> None:
    answer = bytearray(encode(PICTURE.resize((16, 16)), Encoding(), DIGEST))
    for at in data.draw(st.lists(st.integers(0, 300), max_size=6)):
        answer[at] = data.draw(st.integers(0, 255))
    assert read_digest(bytes(answer)) in {None, DIGEST} or len(read_digest(bytes(answer)) or "") == 64


def test_equal_pictures_are_equal_bytes() -> None:
    assert encode(PICTURE, Encoding(), DIGEST) == encode(PICTURE.copy(), Encoding(), DIGEST)


def test_a_side_that_no_jpeg_writer_can_write_is_refused() -> None:
    encode(Image.new("RGB", (65_500, 1)), Encoding(), DIGEST)
    with pytest.raises(PictureRefused, match="max_side"):
        encode(Image.new("RGB", (65_501, 1)), Encoding(), DIGEST)
