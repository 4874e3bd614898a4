"""Faults in the pictures: their size, their file, what they show, and what decides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from .bends import LINK, changed, downloads, headed, is_b64, painted, recooked, sized, when
from .pictures import encoded, opened
from .rules import fitted, given
from .wire import EDIT, Fault, PictureHook, Recipe

SHAPES = ((1024, 1024), (864, 1152), (1152, 864), (1280, 720), (720, 1280))


def filed(file: Callable[[bytes], bytes]) -> Fault:
    """The file is spoilt."""
    return Fault(file=lambda data, _: file(data))


def edited(paint: PictureHook[Image.Image]) -> Fault:
    """The answer to an edit is another picture, which the caller's may decide."""
    return Fault(EDIT, picture=paint)


def unedited(recipe: Recipe) -> Image.Image:
    """The caller's picture, at the size promised."""
    return fitted(recipe.image or LINK)


def halved(picture: Image.Image) -> Image.Image:
    """A picture whose lower half never came."""
    copy = picture.copy()
    copy.paste((128, 128, 128), (0, picture.height // 2, *picture.size))
    return copy


def noise(picture: Image.Image) -> Image.Image:
    """Nothing but noise."""
    return Image.frombytes("RGB", picture.size, Random(picture.width).randbytes(3 * picture.width * picture.height))


def grey(picture: Image.Image) -> Image.Image:
    """A picture without its colours."""
    return picture.convert("L").convert("RGB")


def framed(picture: Image.Image) -> Image.Image:
    """A picture made lower, with black bars above and below."""
    return ImageOps.pad(picture.resize((picture.width, picture.height // 2)), picture.size)


PICTURES = {
    "one-pixel-wider": sized(lambda width, height: (width + 1, height)),
    "one-pixel-lower": sized(lambda width, height: (width, height - 1)),
    "sides-swapped": sized(lambda width, height: (height, width)),
    "sides-of-2048-at-most": sized(lambda width, height: (min(width, 2048), min(height, 2048))),
    "sides-of-512-at-least": sized(lambda width, height: (max(width, 512), max(height, 512))),
    "multiples-of-8": sized(lambda width, height: (width // 8 * 8, height // 8 * 8)),
    "half-as-large": sized(lambda width, height: (width // 2, height // 2)),
    "always-1024x1024": sized(lambda *_: (1024, 1024)),
    "usual-shapes-only": sized(lambda width, height: min(SHAPES, key=lambda to: abs(to[0] / to[1] - width / height))),
    "blank": painted(lambda picture: Image.new("RGB", picture.size, (200, 200, 200))),
    "half-blank": painted(halved),
    "noise": painted(noise),
    "grey": painted(grey),
    "tiny-enlarged": painted(lambda picture: picture.resize((4, 4)).resize(picture.size)),
    "truncated": filed(lambda data: data[: len(data) // 2]),
    "end-missing": filed(lambda data: data[:-200]),
    "png-called-jpeg": filed(lambda data: encoded(opened(data).quantize(16), "png")),
    "webp-called-jpeg": filed(lambda data: encoded(opened(data), "webp", quality=10, method=0)),
    "no-picture": filed(lambda _: b"<html><body>Not found</body></html>"),
    "no-bytes": filed(lambda _: b""),
    "called-png": downloads(headed(content_type="image/png"), 200),
    "called-bytes": downloads(headed(content_type="application/octet-stream"), 200),
    "edit-unchanged": edited(lambda _, recipe: unedited(recipe)),
    "edit-barely-changed": edited(lambda picture, recipe: Image.blend(unedited(recipe), picture, 0.04)),
    "edit-unrelated": recooked(EDIT, image=None),
    "edit-of-the-stand-in": edited(lambda picture, _: fitted(LINK).resize(picture.size)),
    "edit-mirrored": painted(ImageOps.mirror, EDIT),
    "edit-upside-down": painted(ImageOps.flip, EDIT),
    "edit-inverted": painted(ImageOps.invert, EDIT),
    "edit-grey": painted(grey, EDIT),
    "edit-blurred": painted(lambda picture: picture.filter(ImageFilter.GaussianBlur(12)), EDIT),
    "edit-toned": painted(lambda picture: ImageChops.add(picture, Image.new("RGB", picture.size, (40, 0, 0))), EDIT),
    "edit-dark": painted(lambda picture: ImageEnhance.Brightness(picture).enhance(0.6), EDIT),
    "edit-shifted": painted(lambda picture: ImageChops.offset(picture, 40, 40), EDIT),
    "edit-colours-swapped": painted(lambda picture: Image.merge("RGB", picture.split()[::-1]), EDIT),
    "edit-coarse": painted(lambda picture: picture.reduce(24).resize(picture.size, Image.Resampling.NEAREST), EDIT),
    "edit-framed": painted(framed, EDIT),
    "edit-sides-swapped": sized(lambda width, height: (height, width), EDIT),
    "edit-square": sized(lambda *_: (1024, 1024), EDIT),
    "edit-one-row-off": sized(lambda width, height: (width + 32, height), EDIT),
    "edit-as-large-as-the-input": edited(lambda picture, recipe: picture.resize(given(recipe.image or LINK).size)),
}
DETERMINISM = {
    "seed-ignored": Fault(recipe=lambda recipe, at: replace(recipe, seed=at.ordinal)),
    "one-picture-for-every-seed": recooked(seed=7),
    "seed-0-is-none": Fault(recipe=lambda recipe, at: replace(recipe, seed=recipe.seed or at.ordinal)),
    "seed-of-16-bits": recooked(seed=lambda recipe: recipe.seed % 65_536),
    "constant-without-seed": Fault(body=lambda body, _: {"seed": 42, **body}),
    "minus-1-is-a-seed": Fault(body=lambda body, _: changed(body, ("seed",), lambda now: 77 if now == -1 else now)),
    "b64-of-another-picture": Fault(recipe=when(is_b64, lambda recipe, _: replace(recipe, seed=recipe.seed + 1))),
    "prompt-ignored": recooked(prompt="always this"),
    "guidance-ignored": recooked(guidance=2.5),
    "watermark-ignored": recooked(watermark=False),
    "watermark-always": recooked(watermark=True),
    "prompt-of-the-request-before": Fault(
        recipe=lambda recipe, at: replace(recipe, prompt=str(at.before.get("prompt")))
    ),
    "edit-seed-ignored": Fault(EDIT, recipe=lambda recipe, at: replace(recipe, seed=at.ordinal)),
    "edit-prompt-ignored": recooked(EDIT, prompt="always this"),
    "another-picture-each-download": downloads(
        lambda answer, at: replace(answer, body=encoded(ImageChops.offset(opened(answer.body), 50 * at.ordinal))), 200
    ),
}
