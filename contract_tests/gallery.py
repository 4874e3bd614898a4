"""The pictures of a run as people look through them: small, each once, and only where a report is wanted."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any

from pixelpact.checks.findings import Finding
from pixelpact.checks.generation import Generation, Picture
from pixelpact.contract.rules import Dimensions
from pixelpact.contract.sizes import promised_sizes
from pixelpact.pixels.measure import facts
from pixelpact.pixels.thumbnail import thumbnail

# A report of a few hundred pictures stays below 2 MB. In characters of base64, of all pictures together.
MOST = 1_300_000
# While a run goes on, its pictures may take so many times that.
AHEAD = 8
SIDE, QUALITY = 160, 40
# As many as a run of all models makes find room if they are smaller.
SMALLER = (112, 80)
# The pictures of findings are to be looked at closely; the first of them, and no more than this part of all.
CLOSE_SIDE, CLOSE_QUALITY, MOST_CLOSE, CLOSE_SHARE = 480, 60, 40, 0.5
# Of a check, those of so many findings: a page shows fewer of them whole, but some may be known ones.
MOST_OF_A_CHECK = 6
LONGEST_PROMPT = 160
Shown = dict[str, Any]


@dataclass
class Gallery:
    """Looks at each new picture once. `close` are those of findings, `left_out` counts what there was no room for."""

    most: int = MOST
    pictures: dict[str, Shown] = field(default_factory=dict)
    close: list[Shown] = field(default_factory=list)
    left_out: int = 0
    _told: Counter[str] = field(default_factory=Counter)
    _seen: int = 0
    _taken: int = 0

    def see(self, test: str, generations: Sequence[Generation], findings: Iterable[Finding]) -> None:
        """What one test made, and found; `generations` are those of the whole run."""
        fresh, self._seen = generations[self._seen :], len(generations)
        found = list(findings)
        near = self._near(found)
        for generation in fresh:
            codes = sorted({one.code for one in found if generation.exchange.number in (one.request, one.beside)})
            for picture in generation.pictures:
                self._keep(test, generation, picture, codes)
        for generation in generations if near else ():
            if generation.exchange.number in near:
                self._keep_close(test, generation)

    def summary(self) -> Shown:
        """What was kept, as JSON."""
        return {"pictures": list(self.pictures.values()), "close": self.close, "left_out": self.left_out}

    def _near(self, findings: Iterable[Finding]) -> set[int]:
        """The requests whose pictures are looked at closely: of a finding on two of them, both."""
        near = set()
        for one in findings:
            self._told[one.check] += 1
            if self._told[one.check] <= MOST_OF_A_CHECK:
                near |= {one.request, one.beside}
        return near - {0}

    def _keep(self, test: str, generation: Generation, picture: Picture, codes: list[str]) -> None:
        data = picture.data or picture.small
        if not data or picture.facts is None:
            return
        digest = hashlib.sha256(data).hexdigest()
        known = self.pictures.get(digest)
        if known:
            known["times"] += 1
            known["codes"] = sorted({*known["codes"], *codes})
            return
        if self._taken > self.most * AHEAD:
            self.left_out += 1
            return
        shown = _text(data, SIDE, QUALITY)
        self._taken += len(shown or "")
        prompt = str(generation.body.get("prompt", ""))
        self.pictures[digest] = {
            "model": generation.model.key,
            "test": test,
            "request": generation.exchange.number,
            "size": str(picture.facts.size or ""),
            "bytes": len(picture.data or b""),
            "container": picture.facts.container,
            "prompt": prompt if len(prompt) <= LONGEST_PROMPT else f"{prompt[:LONGEST_PROMPT]}…",
            "codes": codes,
            "times": 1,
            "webp": shown,
        }

    def _keep_close(self, test: str, generation: Generation) -> None:
        promised = [f"{width}x{height}" for width, height in _promised(generation)]
        sent = next(iter(generation.inputs.values()), b"")
        for picture in generation.pictures:
            data = picture.data or picture.small
            if not data or picture.facts is None or len(self.close) >= MOST_CLOSE:
                continue
            self.close.append(
                {
                    "test": test,
                    "request": generation.exchange.number,
                    "pointer": picture.pointer,
                    "size": str(picture.facts.size or ""),
                    "promised": promised,
                    "webp": _text(data, CLOSE_SIDE, CLOSE_QUALITY),
                    "input": _text(sent, CLOSE_SIDE // 2, CLOSE_QUALITY) if sent else None,
                    "input_size": str(facts(sent).size or "") if sent else "",
                }
            )


def merged(parts: Iterable[Shown], most: int = MOST) -> Shown:
    """The galleries of several processes as one that keeps to its size: pictures of findings first, then each model's.

    Of the models, one picture of each is taken after the other, so that no model has all the room.
    """
    told = list(parts)
    close = list(_within((one for part in told for one in part["close"]), int(most * CLOSE_SHARE)))
    room = most - sum(map(_length, close))
    pictures = _once(one for part in told for one in part["pictures"])
    # What could not be decoded is no picture that there was no room for.
    unreadable = sum(one["times"] for one in pictures if not one["webp"])
    drawn = _smaller([one for one in pictures if one["webp"]], room)
    by_model: dict[str, list[Shown]] = {}
    for one in sorted(drawn, key=lambda one: not one["codes"]):
        by_model.setdefault(one["model"], []).append(one)
    turns = chain.from_iterable(zip_longest(*by_model.values()))
    kept = sorted(_within(filter(None, turns), room), key=lambda one: one["model"])
    left_out = sum(one["times"] for one in drawn) - sum(one["times"] for one in kept)
    beyond = sum(part["left_out"] for part in told)
    return {"pictures": kept, "close": close, "left_out": left_out + beyond, "unreadable": unreadable}


def _smaller(pictures: list[Shown], room: int) -> list[Shown]:
    """The pictures, all of them as small as need be, and no smaller than can be looked at."""
    for side in SMALLER:
        if sum(map(_length, pictures)) <= room:
            break
        pictures = [{**one, "webp": _again(one["webp"], side)} for one in pictures]
    return pictures


def _again(text: str, side: int) -> str:
    small = _text(base64.b64decode(text), side, QUALITY) or text
    return min(small, text, key=len)


def _once(shown: Iterable[Shown]) -> list[Shown]:
    """Each picture once, whichever processes have it: what is one picture is one when it is small."""
    found: dict[str, Shown] = {}
    undrawn = []
    for one in shown:
        known = found.setdefault(one["webp"], one) if one["webp"] else None
        if known is None:
            undrawn.append(one)
        elif known is not one:
            together = {"times": known["times"] + one["times"], "codes": sorted({*known["codes"], *one["codes"]})}
            found[one["webp"]] = {**known, **together}
    return [*found.values(), *undrawn]


def _within(shown: Iterable[Shown], room: int) -> Iterator[Shown]:
    """As many as there is room for, the first ones."""
    for one in shown:
        room -= _length(one)
        if room < 0:
            return
        yield one


def _length(shown: Mapping[str, Any]) -> int:
    return len(shown["webp"] or "") + len(shown.get("input") or "")


def _text(data: bytes, side: int, quality: int) -> str | None:
    small = thumbnail(data, side, container="webp", quality=quality)
    return base64.b64encode(small).decode() if small else None


def _promised(generation: Generation) -> tuple[Dimensions, ...]:
    """The sizes that the request was promised, as far as they are known."""
    model = generation.model
    measured = {name: facts(data).size for name, data in generation.inputs.items()}
    known = {name: (size.width, size.height) for name, size in measured.items() if size}
    if not generation.asked:
        return ()
    found = promised_sizes(model.request, generation.body, known, model.sources)
    return tuple(dict.fromkeys(size.dimensions for size in found))
