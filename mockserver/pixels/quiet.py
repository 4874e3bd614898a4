"""libtiff, kept from writing to stderr: it has a handler that prints each malformed file, and Pillow leaves it there.

The library is found through Pillow's own module; where the system does not look into it, all stays as it was.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache

from PIL import Image

HANDLERS = ("TIFFSetErrorHandler", "TIFFSetWarningHandler")


@cache
def silence() -> None:
    """Take the handlers away, once in a process; what went wrong is still raised by Pillow."""
    with suppress(OSError, AttributeError, TypeError):
        # Pillow does not declare it as exported.
        library = ctypes.CDLL(Image.core.__file__)  # type: ignore[attr-defined]
        for name in HANDLERS:
            setter = getattr(library, name)
            setter.argtypes, setter.restype = [ctypes.c_void_p], ctypes.c_void_p
            setter(None)
