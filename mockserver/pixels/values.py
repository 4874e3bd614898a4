"""What the picture layer is told: a size, a recipe, an encoding, the limits of an input. Plain values, no imaging."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

# What an answer can be written as; its media type is `image/` and this.
Container = Literal["jpeg", "png", "webp", "tiff"]
CONTAINERS: tuple[Container, ...] = ("jpeg", "png", "webp", "tiff")
# libjpeg stops here, though the format would go to 65535; libwebp as its format does. The rest has room for 2^31.
LONGEST_SIDES: dict[Container, int] = {"jpeg": 65_500, "png": 2**31 - 1, "webp": 16_383, "tiff": 2**31 - 1}
# The fields of a recipe that its digest does not count while they are so.
LATER: dict[str, Any] = {"container": "jpeg", "index": 0, "references": (), "masks": ()}
USUAL = tuple(LATER.values())
CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
NULL, WORDS = "null", {True: "true", False: "false"}


@dataclass(frozen=True)
class Size:
    """Width and height in pixels; as text, the API's own `WxH`."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


# What stands for a picture that is not fetched.
STAND_IN = Size(1024, 768)


@dataclass(frozen=True)
class Recipe:
    """All that a picture depends on; `image` names the input of an edit, and is None for a drawn one.

    `index` tells the pictures of one answer apart, from 0 on; `references` name the further pictures that were sent,
    `masks` those that tell where to edit: they count in the digest, and do not show.
    """

    model: str
    prompt: str
    seed: int
    size: Size
    guidance: float | None = None
    watermark: bool = False
    image: str | None = None
    container: Container = "jpeg"
    index: int = 0
    references: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()

    @property
    def json(self) -> dict[str, Any]:
        """The recipe as JSON; what came later than the first recipes only where it says something."""
        first = {
            "model": self.model,
            "prompt": self.prompt,
            "seed": self.seed,
            "size": {"width": self.size.width, "height": self.size.height},
            "guidance": self.guidance,
            "watermark": self.watermark,
            "image": self.image,
        }
        later = (self.container, self.index, self.references, self.masks)
        if later != USUAL:
            first |= {name: value for name, value in zip(LATER, later, strict=True) if value != LATER[name]}
        return first

    @cached_property
    def canonical(self) -> bytes:
        """The recipe as JSON with sorted keys and ASCII escapes.

        So neither the hash seed of the process, nor the order of the fields, nor an unpaired surrogate in a prompt can
        change or break it.
        """
        if self.image is not None or (self.container, self.index, self.references, self.masks) != USUAL:
            return CANONICAL.encode(self.json).encode("ascii")
        # The same, several times as fast: most are so.
        text, size = CANONICAL.encode, self.size
        return (
            f'{{"guidance":{NULL if self.guidance is None else repr(self.guidance)},"image":null,'
            f'"model":{text(self.model)},"prompt":{text(self.prompt)},"seed":{self.seed},'
            f'"size":{{"height":{size.height},"width":{size.width}}},"watermark":{WORDS[self.watermark]}}}'
        ).encode("ascii")

    @cached_property
    def digest(self) -> str:
        """64 hexadecimal digits that equal recipes share and different ones do not."""
        return hashlib.sha256(self.canonical).hexdigest()

    @property
    def key(self) -> str:
        """What the composition hangs on; size, guidance and watermark alter a scene but do not replace it."""
        return json.dumps([self.model, self.prompt, self.seed, *([self.index] if self.index else [])])


@dataclass(frozen=True)
class Encoding:
    """How an answer is written: its container, the quality of a JPEG or WebP, and where a JPEG has its digest."""

    quality: int = 95
    digest_in: Literal["artist", "comment"] = "artist"
    container: Container = "jpeg"


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


@dataclass(frozen=True)
class Source:
    """A caller's picture as a file, and what it may be."""

    data: bytes
    limits: Limits = Limits()
