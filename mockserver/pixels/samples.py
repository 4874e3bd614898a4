"""Small pictures to send: of any size, in any container, with enough in them to be recognised again."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from .values import Size


def sample(size: Size, container: str = "png") -> bytes:
    """Return a picture of that size: two gradients and a soft disc, a few hundred bytes when small."""
    # Drawn small and enlarged: a large one stays quick to make and to send.
    small = (min(size.width, 256), min(size.height, 256))
    across = Image.linear_gradient("L").rotate(90).resize(small)
    down = Image.linear_gradient("L").resize(small)
    disc = ImageOps.invert(Image.radial_gradient("L")).resize(small)
    picture = Image.merge("RGB", (across, down, disc)).quantize(48)
    return _written(picture.resize((size.width, size.height), Image.Resampling.NEAREST), container)


def truncated(size: Size, container: str = "png") -> bytes:
    """Return a sample that ends halfway."""
    whole = sample(size, container)
    return whole[: len(whole) // 2]


def _written(picture: Image.Image, container: str) -> bytes:
    target = io.BytesIO()
    # A palette, where the container has one, makes 36 megapixels a tenth of a second.
    whole = picture if container in ("png", "bmp") else picture.convert("RGB")
    whole.save(target, format=container, **({"quality": 90} if container in ("jpeg", "webp") else {}))
    return target.getvalue()
