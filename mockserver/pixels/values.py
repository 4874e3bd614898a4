"""What the picture layer is told: a size, a recipe, an encoding, the limits of an input. Plain values, no imaging."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True)
class Size:
    """Width and height in pixels; as text, the API's own `WxH`."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True)
class Recipe:
    """All that a picture depends on; `image` names the input of an edit, and is None for a drawn one."""

    model: str
    prompt: str
    seed: int
    size: Size
    guidance: float | None = None
    watermark: bool = False
    image: str | None = None

    @property
    def digest(self) -> str:
        """64 hexadecimal digits that equal recipes share and different ones do not.

        Taken over JSON with sorted keys and ASCII escapes, so that neither the hash seed of the process, nor the
        order of the fields, nor an unpaired surrogate in a prompt can change or break it.
        """
        canonical = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()

    @property
    def key(self) -> str:
        """What the composition hangs on; size, guidance and watermark alter a scene but do not replace it."""
        return json.dumps([self.model, self.prompt, self.seed])


@dataclass(frozen=True)
class Encoding:
    """How an answer is written: the JPEG quality, and where the recipe's digest goes."""

    quality: int = 95
    digest_in: Literal["artist", "comment"] = "artist"


@dataclass(frozen=True)
class Limits:
    """What an input picture may be; the defaults are those that the upstream documents."""

    formats: tuple[str, ...] = ("jpeg", "png", "webp")
    # "10 MB" is read generously, as 10 MiB: a mock must not refuse what the service may take.
    max_bytes: int = 10 * 2**20
    max_pixels: int = 36_000_000
    min_side: int = 15
    max_side: int | None = None
    min_ratio: float = 1 / 3
    max_ratio: float = 3.0
