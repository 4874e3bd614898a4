"""`python -m benchmarks.drawing`: pictures beside libjpeg-turbo alone, which encodes or decodes the same ones.

All times are processor times of one thread, so that other work on the machine counts little; each is the best of some
rounds, in which another picture is made each time. Ratios are speeds: 0.6 is a recipe drawn and encoded in the time of
1.67 encodings of its finished picture.
"""

from __future__ import annotations

import base64
import io
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files

import click
import PIL
from PIL import Image, features
from pixelpact.pixels.decode import measured
from pixelpact.pixels.render import render
from pixelpact.pixels.samples import sample
from pixelpact.pixels.values import Container, Encoding, Limits, Recipe, Size, Source

QUALITY = 95
FOX = Recipe("bytedance/seedream-3.0", "A red fox jumping over a frozen lake at dawn", 1, Size(1024, 1024))
BIRD = Recipe("bytedance/seededit-3.0-i2i", "Add a bird to the foreground", 1, Size(1152, 864), image="sha256:0")
SIZES = (Size(1024, 1024), Size(1888, 301), Size(2048, 2048), Size(2560, 1440), Size(4096, 4096))
LETTERED = "A city of glass towers under two moons, seen from a garden, with rain on the leaves. " * 8
SAVED: dict[str, dict[str, object]] = {
    "jpeg": {"quality": QUALITY, "subsampling": "4:2:0"},
    "png": {"compress_level": 1},
    "webp": {"quality": QUALITY, "method": 2},
    "tiff": {"compression": "tiff_adobe_deflate"},
}
Work = Callable[[], object]


def kinds(size: Size) -> Iterator[tuple[str, Recipe, Sequence[Source]]]:
    """Every kind of drawn picture of a size."""
    plain = replace(FOX, size=size)
    yield "plain", plain, ()
    yield "long prompt", replace(plain, prompt=LETTERED), ()
    yield "watermark", replace(plain, watermark=True), ()
    sent = [Source(sample(Size(640, 480), "jpeg")), Source(sample(Size(480, 640)))]
    yield "2 references", replace(plain, references=("a", "b")), sent


def saved(picture: Image.Image, container: str = "jpeg") -> bytes:
    """A picture as a file, by Pillow alone."""
    target = io.BytesIO()
    picture.save(target, container, **SAVED[container])
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    """The picture in a file, all of it."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def seconds(works: Sequence[tuple[Work, ...]], rounds: int) -> list[float]:
    """Processor time of each column of works, over all rows: by turns, each at its best."""
    best = [[float("inf")] * len(row) for row in works]
    for _ in range(rounds):
        for number, row in enumerate(works):
            for column, work in enumerate(row):
                start = time.thread_time()
                work()
                best[number][column] = min(best[number][column], time.thread_time() - start)
    return [sum(column) / len(works) for column in zip(*best, strict=True)]


def compared(recipe: Recipe, sent: Sequence[Source], seeds: int, rounds: int) -> tuple[float, float]:
    """Seconds of encoding alone, after decoding what was sent, and of drawing and encoding; the mean of some seeds."""
    container: Container = recipe.container
    works: list[tuple[Work, ...]] = []
    for seed in range(seeds):
        one = replace(recipe, seed=seed)
        drawn = partial(render, one, Encoding(QUALITY, container=container), references=sent)
        # The very pixels that were encoded: a decoded JPEG's are others, and compress a little better.
        lossless = partial(render, one, Encoding(container="png"), references=sent)
        picture = opened(lossless()).convert("RGB")
        works.append((partial(_raw, picture, container, [each.data for each in sent]), drawn))
    alone, whole = seconds(works, rounds)
    return alone, whole


def _raw(picture: Image.Image, container: str, sent: Sequence[bytes]) -> None:
    for data in sent:
        opened(data)
    saved(picture, container)


def photograph(size: Size) -> bytes:
    """A photograph of that size, as a camera would save it."""
    raccoon = files("pixelpact.fixtures").joinpath("photographs/raccoon.jpg").read_bytes()
    picture = opened(raccoon).resize((size.width, size.height), Image.Resampling.BICUBIC)
    return saved(picture)


def waiting(busy: Work, length: float) -> list[float]:
    """How much later than after a millisecond another thread had its turn, in seconds, while something is repeated."""
    stop = threading.Event()

    def repeat() -> None:
        while not stop.is_set():
            busy()

    thread = threading.Thread(target=repeat)
    thread.start()
    late, end = [], time.perf_counter() + length
    while (start := time.perf_counter()) < end:
        time.sleep(0.001)
        late.append(time.perf_counter() - start - 0.001)
    stop.set()
    thread.join()
    return sorted(late)


def report(rounds: int) -> Iterator[str]:
    """The lines of a Markdown table, and what stands below it."""
    yield "| picture | encoding alone | drawn and encoded | ratio |"
    yield "| --- | ---: | ---: | ---: |"
    for size in SIZES:
        seeds = 8 if size.width * size.height <= 2**21 else 3
        for name, recipe, sent in kinds(size):
            yield _row(f"{size} {name}", *compared(recipe, sent, seeds, rounds))
    for container in ("png", "webp", "tiff"):
        recipe = replace(FOX, container=container)
        yield _row(f"{recipe.size} {container}", *compared(recipe, (), 4, max(2, rounds // 2)))
    yield from _edits(rounds)
    yield from _figures(rounds)


def _edits(rounds: int) -> Iterator[str]:
    camera = photograph(Size(4000, 3000))
    edited = partial(render, BIRD, Encoding(99, "comment"), camera)
    alone, whole = seconds([(lambda: saved(opened(camera)), edited)], rounds)
    yield _row("edit of 12 megapixels to 1152x864, beside its decoding and encoding", alone, whole)
    alone, whole = seconds([(lambda: opened(camera), lambda: measured(camera, Limits()))], rounds)
    yield _row("12 megapixels let in, beside their decoding", alone, whole)


def _figures(rounds: int) -> Iterator[str]:
    recipes = [replace(FOX, seed=seed) for seed in range(8)]
    (inline,) = seconds([(partial(_inline, recipe),) for recipe in recipes], rounds)
    yield ""
    yield f"- `b64_json` at 1024x1024: {1 / inline:.0f} a second on one core"
    largest = replace(FOX, size=Size(4096, 4096))
    (alone,) = seconds([(lambda: render(largest, Encoding(QUALITY)),)], rounds)
    yield f"- 4096x4096 alone: {alone * 1000:.0f} ms"
    late = waiting(lambda: render(largest, Encoding(QUALITY)), 4)
    yield f"- another thread waits meanwhile: {late[len(late) // 2] * 1000:.1f} ms in the median, " + (
        f"{late[len(late) * 99 // 100] * 1000:.1f} at p99, {late[-1] * 1000:.1f} at most"
    )
    yield f"- Python {platform.python_version()}, Pillow {PIL.__version__}, " + ", ".join(
        f"{name} {features.version(name)}" for name in ("libjpeg_turbo", "webp", "zlib_ng", "libtiff")
    )


def _inline(recipe: Recipe) -> bytes:
    return base64.b64encode(render(recipe, Encoding(QUALITY)))


def _row(name: str, alone: float, whole: float) -> str:
    return f"| {name} | {alone * 1000:.1f} ms | {whole * 1000:.1f} ms | {alone / whole:.2f} |"


@click.command()
@click.option("--rounds", default=15, show_default=True, type=click.IntRange(1), help="Of which the best counts.")
def main(rounds: int) -> None:
    """Print the table."""
    for line in report(rounds):
        print(line, flush=True)
    sys.exit(0)


if __name__ == "__main__":
    main()
