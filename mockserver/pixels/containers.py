"""Picture files, opened with suspicion: what a file is by its first bytes, its size by its header, its pixels in RGB.

The plugins of Pillow are called directly, not through `Image.open`, whose limit on pixels is a warning that callers may
have turned into anything. Nothing here changes a setting of Pillow's.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from math import ceil
from typing import IO

from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from . import exif, tiff
from .magic import PNG, container

# What Pillow raises on bytes made to harm it: each was met by fuzzing, or stands in its sources on the way that we go.
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class QuietJpeg(JpegImageFile):
    """A JPEG whose EXIF is not parsed: Pillow would, for the resolution, and warn of what is malformed in it."""

    def getexif(self) -> Image.Exif:
        """Return nothing."""
        return Image.Exif()


OPENERS: dict[str, Callable[[IO[bytes]], ImageFile]] = {
    "jpeg": QuietJpeg,
    "png": PngImageFile,
    "webp": WebPImageFile,
    "gif": GifImageFile,
    "bmp": BmpImageFile,
    "tiff": TiffImageFile,
}

# How much larger than needed a picture is decoded at least: what is resized a little less differs by 2 levels at most,
# in the worst block of a photograph, from what was decoded whole; without that, by 6.
SPARE = 1.2

# What undoes each orientation of EXIF.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def header(data: bytes) -> ImageFile:
    """Return a picture of which only the header is read; its pixels come with `load()`. Raises one of UNREADABLE."""
    kind = container(data)
    return OPENERS[kind](io.BytesIO(BARE[kind](data) if kind in BARE else data))


def spare(picture: ImageFile, enough: tuple[int, int]) -> None:
    """Have a JPEG whose header was read decoded at a half, a quarter or an eighth, if that is larger than is enough."""
    if isinstance(picture, JpegImageFile):
        across, down = enough
        picture.draft(None, (ceil(SPARE * across), ceil(SPARE * down)))


def announced(data: bytes) -> tuple[int, int]:
    """Return the width and height that the header states. Raises one of UNREADABLE."""
    # Pillow makes room for all of a WebP as it opens it; so its header is read here.
    return _webp_size(data) if container(data) == "webp" else header(data).size


def rgb(picture: Image.Image) -> Image.Image:
    """Return the picture in RGB: upright as its EXIF says, transparency over white, 16-bit grey scaled, first frame."""
    turn = TURNS.get(exif.orientation(picture.info.get("exif", b"")))
    flat = _flat(picture)
    return flat.transpose(turn) if turn is not None else flat


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # 16 bits a pixel: Pillow's own conversion clips to white, so scale first.
        return picture.convert("I").point(lambda level: level * (1 / 257) + 0.5).convert("L").convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return picture.convert("RGB")


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Give the kind of each chunk of a PNG, where it begins and where it ends; none behind the last."""
    at = len(PNG)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, at, at + 12 + length
        at += 12 + length
        if kind == b"IEND":
            return


def webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Give the kind of each chunk of a WebP, and where its content begins and ends."""
    at = len(b"RIFF____WEBP")
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, at + 8, at + 8 + length
        at += 8 + length + length % 2


def _bare_png(data: bytes) -> bytes:
    """Return a PNG without the chunks that do not touch the still picture: texts and profiles that may inflate without
    end, frames, colours that Pillow ignores.
    """
    kept = [(at, end) for kind, at, end in png_chunks(data) if kind[:1].isupper() or kind in (b"tRNS", b"eXIf")]
    return b"".join([PNG, *(data[at:end] for at, end in kept)])


BARE: dict[str, Callable[[bytes], bytes]] = {"png": _bare_png, "tiff": tiff.bare}


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF
