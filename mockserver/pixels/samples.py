"""Small pictures to send: of any size, in any container, with enough in them to be recognised again."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageOps

from .values import Size


def sample(size: Size, container: str = "png", mode: str = "RGB") -> bytes:
    """Return a picture of that size: two gradients and a soft disc, a few hundred bytes when small.

    `mode` is Pillow's: another than RGB, as cameras and scanners write, must be one that the container has.
    """
    # Drawn small and enlarged: a large one stays quick to make and to send.
    picture = _small(min(size.width, 256), min(size.height, 256))
    resized = picture.resize((size.width, size.height), Image.Resampling.NEAREST)
    return _written(resized if mode == "RGB" else _in_mode(resized.convert("RGB"), mode), container)


def truncated(size: Size, container: str = "png") -> bytes:
    """Return a sample that ends halfway."""
    whole = sample(size, container)
    return whole[: len(whole) // 2]


@lru_cache(16)
def _small(width: int, height: int) -> Image.Image:
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    disc = ImageOps.invert(Image.radial_gradient("L")).resize((width, height))
    return Image.merge("RGB", (across, down, disc)).quantize(48)


def _in_mode(picture: Image.Image, mode: str) -> Image.Image:
    """The picture in another mode; 16 bits a pixel are not in Pillow's own conversions."""
    if mode == "I;16":
        return picture.convert("L").convert("I").point(lambda level: level * 257).convert("I;16")
    return picture.convert(mode)


def _written(picture: Image.Image, container: str) -> bytes:
    target = io.BytesIO()
    # A palette, where the container has one, makes 36 megapixels a tenth of a second.
    whole = picture.convert("RGB") if picture.mode == "P" and container not in ("png", "bmp") else picture
    whole.save(target, format=container, **({"quality": 90} if container in ("jpeg", "webp") else {}))
    return target.getvalue()
