"""What can be measured of a picture that any server sent: its file, how blank it is, what is left of the one before.

Judges the drawing, so it knows nothing of it: nothing here is shared with `draw`, `edit` or `encode`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from statistics import fmean, median

from PIL import Image, ImageChops, ImageStat
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from ..errors import PictureRefused
from . import containers, quantisation
from .magic import container
from .values import Size

Picture = bytes | Image.Image

# A judge does not take a bomb from the server that it judges; three times the largest documented answer.
MOST_PIXELS = 3 * 4096 * 4096
# Levels of 255: the chroma of a JPEG without colour stays below the first, one colour of a JPEG below the second.
GREY = 0.75
FLAT = 0.75
FILL = 4
BORDER = 4
# Where one colour varies so much, another that is as dark as this all over is lost.
LIVELY = 20
DARK = 6
COLOURS = ("red", "green", "blue")
SAMPLING = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}


@dataclass(frozen=True)
class Facts:
    """What a file is. `size` is the header's; `problem` says why it is not `decodable`.

    `spread` tells a blank picture: the largest of the standard deviations of its red, green and blue, in levels of 255.
    One colour gives 0 (below 1 after JPEG), a photograph 30 to 80. `digest` is the SHA-256 of the decoded RGB pixels.
    `grey` has no colour anywhere; `flat` names a half of one colour, if there is one, and `filled` says that it is the
    black, white or grey that a canvas or a decoder begins with; `lost` names a colour that is missing while others are
    there; `roughness` is the mean difference of neighbouring pixels in levels of 255: pictures have 1 to
    25, noise 50 and more. `subsampling`, `quality` (of the standard tables, else None) and `progressive` are a JPEG's.
    """

    container: str
    size: Size | None = None
    decodable: bool = False
    problem: str | None = None
    spread: float = 0.0
    digest: str | None = None
    subsampling: str | None = None
    quality: int | None = None
    progressive: bool = False
    grey: bool = False
    flat: str | None = None
    filled: bool = False
    lost: str | None = None
    roughness: float = 0.0


@dataclass(frozen=True)
class Survival:
    """What is left of a picture in another, by blocks: the mean absolute difference per pixel, in levels of 255.

    `within_8` and `within_16` are shares of blocks; `median` and `strongest` are blocks; `shift` is the mean of after
    less before, for red, green and blue; `changed` is the box (left, top, right, bottom) around the blocks that differ
    by more than 32 levels, None if there are none.
    """

    within_8: float
    within_16: float
    median: float
    strongest: float
    shift: tuple[float, float, float]
    changed: tuple[int, int, int, int] | None


def facts(data: bytes) -> Facts:
    """Return what a file is; whatever the bytes, it raises nothing."""
    kind = container(data)
    if kind not in containers.OPENERS:
        return Facts(kind, problem="not a picture of a known format")
    size: Size | None = None
    try:
        size = Size(*containers.announced(data))
        if size.width * size.height > MOST_PIXELS:
            return Facts(kind, size, problem=f"{size} is more than {MOST_PIXELS} pixels")
        picture = containers.header(data)
        picture.load()
        return _described(kind, size, picture)
    except containers.UNREADABLE as error:
        return Facts(kind, size, problem=str(error) or type(error).__name__)


def survival(before: Picture, after: Picture, block: int = 32) -> Survival:
    """Compare two pictures, the first resized (Lanczos) to the size of the second; blocks at far edges may be partial.

    Raises PictureRefused if either cannot be decoded, or is too large to be.
    """
    later = _opened(after)
    former = _opened(before).resize(later.size, Image.Resampling.LANCZOS)
    levels = _blocks(ImageChops.difference(former, later), block)
    return Survival(
        within_8=fmean(level <= 8 for level in levels),
        within_16=fmean(level <= 16 for level in levels),
        median=median(levels),
        strongest=max(levels),
        shift=_shift(former, later),
        changed=_changed(levels, block, later.size),
    )


def difference(a: Picture, b: Picture) -> float:
    """Return the mean absolute difference per pixel and channel between two pictures, in levels of 255.

    Raises PictureRefused if either cannot be decoded, or their sizes differ.
    """
    first, second = _opened(a), _opened(b)
    if first.size != second.size:
        raise PictureRefused("size", str(Size(*first.size)), str(Size(*second.size)))
    return fmean(ImageStat.Stat(ImageChops.difference(first, second)).mean)


def _described(kind: str, size: Size, picture: Image.Image) -> Facts:
    flat = containers.rgb(picture)
    told = ImageStat.Stat(flat)
    spread = max(told.stddev)
    half, filled = _flat_half(flat)
    found = Facts(
        kind,
        size,
        decodable=True,
        spread=spread,
        digest=hashlib.sha256(flat.tobytes()).hexdigest(),
        grey=_is_grey(flat),
        flat=half,
        filled=filled,
        lost=_lost(told) if spread > LIVELY else None,
        roughness=_roughness(flat),
    )
    if not isinstance(picture, JpegImageFile):
        return found
    return replace(
        found,
        subsampling=SAMPLING.get(get_sampling(picture)),
        quality=quantisation.quality(picture.quantization),
        progressive=bool(picture.info.get("progressive")),
    )


def _is_grey(picture: Image.Image) -> bool:
    red, green, blue = picture.split()
    gaps = [ImageStat.Stat(ImageChops.difference(red, other)).mean[0] for other in (green, blue)]
    return max(gaps) < GREY


def _flat_half(picture: Image.Image) -> tuple[str | None, bool]:
    """Return which half is of one colour, or at least its end, and whether the colour is one that nobody painted."""
    small = picture.reduce(max(1, min(picture.size) // 128))
    width, height = small.size
    # A little less than half: the border may lie inside of a block of the encoder.
    across, down = max(1, width // 2 - BORDER), max(1, height // 2 - BORDER)
    halves = {
        "upper": (0, 0, width, down),
        "lower": (0, height - down, width, height),
        "left": (0, 0, across, height),
        "right": (width - across, 0, width, height),
    }
    for name, box in halves.items():
        known = ImageStat.Stat(small.crop(box))
        if max(known.stddev) < FLAT:
            return name, any(_is_level(known.mean, level) for level in (0, 128, 255))
    # Of a file that was cut, and ended in good form, a decoder fills the end with grey.
    end = ImageStat.Stat(small.crop((0, height - max(1, height // 5 - BORDER), width, height)))
    return ("lower", True) if max(end.stddev) < FLAT and _is_level(end.mean, 128) else (None, False)


def _is_level(means: list[float], level: int) -> bool:
    return max(abs(mean - level) for mean in means) < FILL


def _lost(told: ImageStat.Stat) -> str | None:
    """Return the colour that is as good as missing, if any: dark all over, but for what the encoder makes of edges."""
    each = zip(COLOURS, told.mean, told.stddev, strict=True)
    return next((name for name, mean, spread in each if mean < DARK and spread < DARK), None)


def _roughness(picture: Image.Image) -> float:
    """Return the mean difference of neighbours in the middle of the picture."""
    width, height = picture.size
    middle = picture.crop((width // 2 - 64, height // 2 - 64, width // 2 + 64, height // 2 + 64)).convert("L")
    return ImageStat.Stat(ImageChops.difference(middle, ImageChops.offset(middle, 1, 0))).mean[0]


def _opened(picture: Picture) -> Image.Image:
    if isinstance(picture, Image.Image):
        return picture.convert("RGB")
    try:
        if container(picture) not in containers.OPENERS:
            raise PictureRefused("format", "a picture", "not an image")
        size = Size(*containers.announced(picture))
        if size.width * size.height > MOST_PIXELS:
            raise PictureRefused("max_pixels", f"at most {MOST_PIXELS} pixels", str(size))
        opened = containers.header(picture)
        opened.load()
        return containers.rgb(opened)
    except containers.UNREADABLE as error:
        raise PictureRefused(
            "decodable", "a picture that can be decoded", f"{type(error).__name__}: {error}"
        ) from error


def _blocks(gaps: Image.Image, block: int) -> list[float]:
    """Return the mean of each block over the three channels, row by row; not in bytes, which would round it."""
    bands = [band.convert("F").reduce(block).get_flattened_data() for band in gaps.split()]
    return [fmean(levels) for levels in zip(*bands, strict=True)]


def _shift(former: Image.Image, later: Image.Image) -> tuple[float, float, float]:
    means = zip(ImageStat.Stat(later).mean, ImageStat.Stat(former).mean, strict=True)
    red, green, blue = (after - before for after, before in means)
    return red, green, blue


def _changed(levels: list[float], block: int, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    columns = -(-size[0] // block)
    spots = [(at % columns * block, at // columns * block) for at, level in enumerate(levels) if level > 32]
    if not spots:
        return None
    across, down = [x for x, _ in spots], [y for _, y in spots]
    return min(across), min(down), min(size[0], max(across) + block), min(size[1], max(down) + block)
