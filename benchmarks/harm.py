"""Picture files that were harmed: cut, bent, spliced, of sizes that they only claim, or inflating without end."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

from PIL import Image

SIDE = (48, 36)
# What a field of a header is set to: nothing, the edges of its type, more than there is.
EDGES = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
FORMS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("JPEG", "RGB", {"quality": 95}),
    ("JPEG", "RGB", {"quality": 60, "progressive": True}),
    ("JPEG", "CMYK", {"subsampling": 0}),
    ("JPEG", "L", {"restart_marker_rows": 1}),
    ("PNG", "RGB", {}),
    ("PNG", "RGBA", {}),
    ("PNG", "P", {"transparency": 3}),
    ("PNG", "1", {}),
    ("PNG", "I;16", {}),
    ("PNG", "RGB", {"save_all": True, "append_images": [Image.new("RGB", SIDE)]}),
    ("WEBP", "RGB", {"quality": 80}),
    ("WEBP", "RGBA", {"lossless": True}),
    ("WEBP", "RGB", {"save_all": True, "append_images": [Image.new("RGB", SIDE)]}),
    ("GIF", "P", {}),
    ("GIF", "P", {"save_all": True, "append_images": [Image.new("P", SIDE, 5)], "loop": 0}),
    ("BMP", "RGB", {}),
    ("BMP", "P", {}),
    ("TIFF", "RGB", {}),
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("TIFF", "RGBA", {"compression": "tiff_adobe_deflate"}),
    ("TIFF", "RGB", {"compression": "jpeg"}),
    ("TIFF", "1", {"compression": "group4"}),
    ("TIFF", "P", {"compression": "packbits"}),
    ("TIFF", "I;16", {}),
)


def sound() -> list[bytes]:
    """One whole file of each form, with EXIF that turns it where there is room for that."""
    picture = Image.radial_gradient("L").resize(SIDE)
    exif = Image.Exif()
    exif[0x0112] = 6
    return [_written(picture, *form, exif) for form in FORMS]


def _written(picture: Image.Image, form: str, mode: str, options: dict[str, object], exif: Image.Exif) -> bytes:
    deep = mode == "I;16"
    # 16 bits a pixel are not among Pillow's own conversions.
    turned = picture.convert("I").point(lambda level: level * 257).convert(mode) if deep else picture.convert(mode)
    target = io.BytesIO()
    given = {} if form in ("GIF", "BMP", "TIFF") else {"exif": exif}
    turned.save(target, form, **given, **options)
    return target.getvalue()


def harmed(lots: Random, files: Sequence[bytes]) -> bytes:
    """One of the files with a few of the ways to harm it."""
    data = bytearray(lots.choice(files))
    for _ in range(lots.choice((1, 1, 1, 2, 3, 6))):
        data = lots.choice(WAYS)(lots, data, files) or bytearray(1)
    return bytes(_sealed(data) if data.startswith(b"\x89PNG") and lots.random() < 0.7 else data)


Way = Callable[[Random, bytearray, Sequence[bytes]], bytearray]


def _flip(lots: Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    data[_at(lots, data)] ^= 1 << lots.randrange(8)
    return data


def _overwrite(lots: Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    at = _at(lots, data)
    data[at : at + lots.randrange(1, 9)] = lots.randbytes(lots.randrange(9))
    return data


def _field(lots: Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    form = lots.choice(("<I", ">I", "<H", ">H", "B"))
    at = min(_at(lots, data), len(data) - struct.calcsize(form))
    if at >= 0:
        struct.pack_into(form, data, at, lots.choice(EDGES) & (256 ** struct.calcsize(form) - 1))
    return data


def _cut(lots: Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    return data[: lots.randrange(1, len(data) + 1)]


def _repeat(lots: Random, data: bytearray, _: Sequence[bytes]) -> bytearray:
    start = _at(lots, data)
    part = data[start : start + lots.choice((4, 12, 64, 400))]
    at = _at(lots, data)
    return data[:at] + part * lots.choice((1, 2, 50)) + data[at:]


def _splice(lots: Random, data: bytearray, files: Sequence[bytes]) -> bytearray:
    other = lots.choice(files)
    return data[: _at(lots, data)] + other[lots.randrange(len(other)) :]


def _bomb(lots: Random, _: bytearray, __: Sequence[bytes]) -> bytearray:
    """A whole file of almost nothing that is a large picture, or says so."""
    return bytearray(lots.choice((_png_bomb, _gif_bomb, _webp_bomb, _jpeg_bomb, _text_bomb))(lots))


def _png_bomb(lots: Random) -> bytes:
    width, height = lots.choice(((3000, 3000), (20_000, 20_000), (2**31 - 1, 1), (1, 2**31 - 1), (6000, 6001), (0, 9)))
    depth, colour = lots.choice(((8, 2), (16, 6), (1, 0), (8, 3)))
    rows = bytes(lots.choice((100, 10**6)))
    return _png(struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, lots.randrange(2)), zlib.compress(rows, 9))


def _text_bomb(lots: Random) -> bytes:
    kind = lots.choice((b"zTXt", b"iTXt", b"iCCP"))
    squeezed = zlib.compress(bytes(3_000_000), 9)
    body = b"name\0\1\0\0\0" + squeezed if kind == b"iTXt" else b"name\0\0" + squeezed
    return _png(struct.pack(">IIBBBBB", 20, 20, 8, 2, 0, 0, 0), zlib.compress(bytes(61 * 20)), (kind, body))


def _png(header: bytes, rows: bytes, *between: tuple[bytes, bytes]) -> bytes:
    chunks = ((b"IHDR", header), *between, (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _gif_bomb(lots: Random) -> bytes:
    side = lots.choice((1, 3000, 65_535))
    frame = b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x08\x01\x00\x00"
    return b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6) + frame * lots.choice((1, 500)) + b";"


def _webp_bomb(lots: Random) -> bytes:
    kind = lots.choice((b"VP8X", b"VP8L", b"VP8 "))
    return b"RIFF" + struct.pack("<I", 60) + b"WEBP" + kind + struct.pack("<I", 40) + lots.randbytes(40)


def _jpeg_bomb(lots: Random) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (16, 16)).save(target, "JPEG", progressive=lots.random() < 0.5)
    data = bytearray(target.getvalue())
    at = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    struct.pack_into(">HH", data, at + 5, lots.choice((1, 3000, 65_500)), lots.choice((1, 3000, 65_500)))
    return bytes(data)


WAYS: tuple[Way, ...] = (_flip, _flip, _overwrite, _field, _field, _field, _cut, _repeat, _splice, _bomb)


def _at(lots: Random, data: bytearray) -> int:
    """A place: half of them among the first bytes, where the structure is."""
    return lots.randrange(max(1, min(len(data), lots.choice((64, 200, 10**6)))))


def _sealed(data: bytearray) -> bytearray:
    """A PNG whose checksums hold again, so that what was harmed is read."""
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if at + 12 + length > len(data):
            break
        struct.pack_into(">I", data, at + 8 + length, zlib.crc32(data[at + 4 : at + 8 + length]))
        at += 12 + length
    return data
