"""How much of a small picture an edit may touch, in blocks of 32 pixels: on few of them, one thing is soon too much.

The documented rule wants three quarters of all blocks kept; what stands here leaves a little more than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from zlib import crc32

from .mark import Box
from .values import Recipe, Size

BLOCK = 32
TOUCHED = 0.22
THIN = 6
# In blocks, the side of the room in which a thing covers its middle block, whatever its outline.
WHOLE = 3
# Below this side no thing can keep to a block without filling the picture.
SMALLEST = 2 * BLOCK


@dataclass(frozen=True)
class Room:
    """A square of whole blocks: its corner, and its side in blocks."""

    left: int
    top: int
    blocks: int

    @property
    def side(self) -> int:
        """In pixels."""
        return self.blocks * BLOCK

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        return self.left, self.top, self.left + self.side, self.top + self.side


def budget(size: Size) -> int:
    """Return how many blocks of a picture may be touched."""
    return int(TOUCHED * _count(size.width) * _count(size.height))


def touched(box: Box) -> int:
    """Return how many blocks a box reaches into."""
    left, top, right, bottom = box
    return (_count(right) - left // BLOCK) * (_count(bottom) - top // BLOCK)


def widest(length: int) -> int:
    """Return how many blocks a square of that side reaches into at most, wherever it lies."""
    return (_count(length - 1) + 1) ** 2


def blocks(size: Size, left: int) -> int:
    """Return the side, in blocks, of the largest room that a budget has left, never less than one block."""
    most = min(WHOLE, size.width // BLOCK, size.height // BLOCK)
    return max(1, *(side for side in range(most + 1) if side * side <= left), 0)


def chosen(recipe: Recipe, lots: Random, side: int) -> Room:
    """Return a room for the thing; further pictures that were sent move it elsewhere."""
    across, down = _places(recipe.size.width, side), _places(recipe.size.height, side)
    place, places = lots.randrange(across * down), across * down
    if recipe.references and places > 1:
        place += 1 + crc32("\n".join(recipe.references).encode("utf-8", "surrogatepass")) % (places - 1)
    row, column = divmod(place % places, across)
    return Room(column * BLOCK, row * BLOCK, side)


def _places(length: int, side: int) -> int:
    # Decoders blend the colours of neighbouring pixels: a block of hardly any would be lost with the one beside it.
    thin = 0 < length % BLOCK < THIN
    return max(1, length // BLOCK - thin - side + 1)


def _count(length: int) -> int:
    return -(-length // BLOCK)
