"""Small photographs to send, and a look at what comes back."""

from __future__ import annotations

import io
from functools import cache
from random import Random

from PIL import Image

SIDE = 96


@cache
def jpeg(number: int) -> bytes:
    """A small JPEG, another for each number: flat fields under noise."""
    chance = Random(number)
    noise = Image.frombytes("RGB", (SIDE, SIDE), chance.randbytes(SIDE * SIDE * 3))
    flat = Image.new("RGB", (SIDE, SIDE), tuple(chance.randbytes(3)))
    file = io.BytesIO()
    Image.blend(flat, noise, 0.2).resize((640, 480)).save(file, "JPEG", quality=80)
    return file.getvalue()


def size(content: bytes) -> tuple[int, int]:
    """Width and height of a picture that can be read."""
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        return picture.size
