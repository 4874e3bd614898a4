"""The bulk of the calls: whole requests in a fixed mixture, each with the status that it must be answered with."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from ..speed.calls import EDIT, INVALID, VALID, written
from .client import jpeg

KEYS = 20
TURNS = 60
WRONG = "invalid-key"


def requests(folder: Path) -> tuple[list[str], list[int]]:
    """The files of the requests in the order they are sent, and the status expected of each."""
    files, expected = [], []
    for number, (status, key, body) in enumerate(_mixture(Random(1))):
        files.append(written(folder, f"bulk-{number}", body, key=key))
        expected.append(status)
    return files, expected


def _mixture(chance: Random) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Of 20 calls: 13 valid, 4 refused for their body, one for its key, one edit, and one picture in base64."""
    for turn in range(TURNS):
        for place in range(20):
            key = f"bulk-{chance.randrange(KEYS)}"
            yield _one(place, turn, key)


def _one(place: int, turn: int, key: str) -> tuple[int, str, dict[str, Any]]:
    if place == 0:
        return 401, WRONG, VALID
    if place < 5:
        return 400, key, BROKEN[place - 1]
    if place == 5:
        image = f"data:image/jpeg;base64,{base64.b64encode(jpeg(turn % 20)).decode()}"
        return 200, key, {"model": EDIT, "prompt": f"make it night {turn}", "image": image}
    if place == 6:
        return 200, key, {**VALID, "size": "512x512", "seed": turn % 50, "response_format": "b64_json"}
    return 200, key, {**VALID, "seed": turn, "prompt": f"a lighthouse, number {place}"}


BROKEN: tuple[dict[str, Any], ...] = (
    INVALID,
    {key: value for key, value in VALID.items() if key != "prompt"},
    {**VALID, "size": "1x1"},
    {**VALID, "model": EDIT, "image": "data:image/jpeg;base64,AAAA"},
)
