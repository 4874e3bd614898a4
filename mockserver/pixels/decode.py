"""A caller's picture, let in or refused: every limit in its order, the size before any pixel is decoded."""

from __future__ import annotations

from PIL import Image

from ..errors import PictureRefused
from . import containers, exif
from .values import Limits, Size


def open_input(data: bytes, limits: Limits) -> Image.Image:
    """Return the picture in RGB, upright, transparency over white.

    Raises PictureRefused for any bytes that are not such a picture within the limits; its rule is, in this order,
    max_bytes, format, max_pixels, min_side, max_side, min_ratio, max_ratio or decodable.
    """
    if len(data) > limits.max_bytes:
        raise PictureRefused("max_bytes", f"at most {limits.max_bytes} bytes", f"{len(data)} bytes")
    _check_format(data, limits)
    try:
        _check_size(Size(*containers.announced(data)), limits)
        picture = containers.header(data)
        _check_ratio(picture, limits)
        picture.load()
        return containers.rgb(picture)
    except containers.UNREADABLE as error:
        raise PictureRefused("decodable", "a picture that can be decoded", _said(error)) from error


def _check_format(data: bytes, limits: Limits) -> None:
    found = containers.container(data)
    allowed = [name for name in limits.formats if name in containers.OPENERS]
    if found not in allowed:
        raise PictureRefused("format", " or ".join(allowed), "not an image" if found == "unknown" else found)


def _check_size(size: Size, limits: Limits) -> None:
    if size.width * size.height > limits.max_pixels:
        raise PictureRefused("max_pixels", f"at most {limits.max_pixels} pixels", str(size))
    if min(size.width, size.height) < limits.min_side:
        raise PictureRefused("min_side", f"at least {limits.min_side} pixels a side", str(size))
    if limits.max_side is not None and max(size.width, size.height) > limits.max_side:
        raise PictureRefused("max_side", f"at most {limits.max_side} pixels a side", str(size))


def _check_ratio(picture: Image.Image, limits: Limits) -> None:
    turned = exif.orientation(picture.info.get("exif", b"")) >= 5
    width, height = picture.size[::-1] if turned else picture.size
    # Multiplied out, as 100/300 and the decimal 1/3 of a schema are not the same float.
    if width < limits.min_ratio * height - 1e-6 * height:
        raise PictureRefused(
            "min_ratio", f"a width of at least {limits.min_ratio:.4g} of the height", f"{width}x{height}"
        )
    if width > limits.max_ratio * height + 1e-6 * height:
        raise PictureRefused(
            "max_ratio", f"a width of at most {limits.max_ratio:.4g} of the height", f"{width}x{height}"
        )


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]
