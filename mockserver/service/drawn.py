"""Pictures that were drawn lately, kept so that the call and the download of one draw it once; within a limit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from threading import Lock

from ..pixels.values import Recipe

MOST = 32
# In bytes, of all that are kept.
ROOM = 2**26


@dataclass(frozen=True)
class Drawn:
    """The file of a picture."""

    data: bytes

    @cached_property
    def sha256(self) -> str:
        """64 hexadecimal digits, of the file; taken once."""
        return sha256(self.data).hexdigest()


class Gallery:
    """Draws, and keeps the last pictures that there is room for. Threads may draw at once."""

    def __init__(self, draw: Callable[[Recipe], bytes], most: int = MOST, room: int = ROOM) -> None:
        self._draw = draw
        self._most = most
        self._room = room
        self._kept: OrderedDict[Recipe, Drawn] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def drawn(self, recipe: Recipe) -> Drawn:
        """The picture of a recipe, drawn unless it is kept."""
        with self._lock:
            if recipe in self._kept:
                self._kept.move_to_end(recipe)
                return self._kept[recipe]
        made = Drawn(self._draw(recipe))
        with self._lock:
            self._keep(recipe, made)
        return made

    def _keep(self, recipe: Recipe, made: Drawn) -> None:
        if recipe in self._kept or len(made.data) > self._room:
            return
        self._kept[recipe] = made
        self._size += len(made.data)
        while self._size > self._room or len(self._kept) > self._most:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.data)
