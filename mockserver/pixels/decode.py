"""A caller's picture, let in or refused: every limit in its order, the size before any pixel is decoded."""

from __future__ import annotations

from PIL import Image
from PIL.ImageFile import ImageFile

from ..errors import PictureRefused
from . import containers, exif
from .magic import container
from .values import Limits, Size


def open_input(data: bytes, limits: Limits, enough: Size | None = None) -> Image.Image:
    """Return the picture in RGB, upright, transparency over white; a large JPEG smaller, if less is `enough`.

    Raises PictureRefused for any bytes that are not such a picture within the limits; its rule is, in this order,
    max_bytes, format, max_pixels, min_side, max_side, min_ratio, max_ratio or decodable.
    """
    _check_file(data, limits)
    try:
        picture = _header(data, limits)
        if enough:
            containers.spare(picture, _turned((enough.width, enough.height), picture))
        picture.load()
        return containers.rgb(picture)
    except containers.UNREADABLE as error:
        raise _undecodable(error) from error


def measured(data: bytes, limits: Limits) -> Size:
    """Return the size of a picture as a viewer sees it, of which all pixels were read. Raises as `open_input` does."""
    _check_file(data, limits)
    try:
        picture = _header(data, limits)
        size = Size(*_turned(picture.size, picture))
        containers.spare(picture, (1, 1))
        picture.load()
        # What has no colours is found out here.
        containers.rgb(picture)
    except containers.UNREADABLE as error:
        raise _undecodable(error) from error
    return size


def _header(data: bytes, limits: Limits) -> ImageFile:
    _check_size(Size(*containers.announced(data)), limits)
    picture = containers.header(data)
    _check_ratio(picture, limits)
    return picture


def _check_file(data: bytes, limits: Limits) -> None:
    if len(data) > limits.max_bytes:
        raise PictureRefused("max_bytes", f"at most {limits.max_bytes} bytes", f"{len(data)} bytes")
    found = container(data)
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
    width, height = _turned(picture.size, picture)
    # Multiplied out, as 100/300 and the decimal 1/3 of a schema are not the same float.
    if width < limits.min_ratio * height - 1e-6 * height:
        raise PictureRefused(
            "min_ratio", f"a width of at least {limits.min_ratio:.4g} of the height", f"{width}x{height}"
        )
    if width > limits.max_ratio * height + 1e-6 * height:
        raise PictureRefused(
            "max_ratio", f"a width of at most {limits.max_ratio:.4g} of the height", f"{width}x{height}"
        )


def _turned(size: tuple[int, int], picture: Image.Image) -> tuple[int, int]:
    """A size as seen before or after the picture is turned upright."""
    across, down = size
    return (down, across) if exif.orientation(picture.info.get("exif", b"")) >= 5 else size


def _undecodable(error: BaseException) -> PictureRefused:
    return PictureRefused("decodable", "a picture that can be decoded", f"{type(error).__name__}: {error}"[:200])
