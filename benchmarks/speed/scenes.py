"""Scenes that only a mock with real pictures has: a client that draws beside others, base64, and a million calls."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from subprocess import Popen
from typing import IO

from .calls import VALID, written
from .contenders import OURS
from .documents import PATH
from .processes import running, said
from .sample import ROOT, Plan, Unanswered, sampled_by
from .turns import Ground, serving

SHIPPED = OURS[0]
FEW = 1_000
LONGEST = 900.0  # seconds for the million


def beside_drawing(base: Ground, _: int) -> dict[str, float]:
    """POST at 1 and 16 connections, while another client draws and fetches 4096x4096 pictures without a pause."""
    found = {}
    with serving(base, SHIPPED, VALID["model"], PATH) as server:
        drawing = [
            sys.executable,
            "-m",
            "benchmarks.speed.drawing_client",
            str(server.port),
            str(base.seconds * 2 + 30),
        ]
        with running(drawing, {}, ROOT) as (client, printed):
            for connections in (1, 16):
                plan = Plan(server.port, [base.request("valid")], connections, base.seconds, warmup=1.0)
                found[f"beside drawing, {connections}"] = sampled_by(plan).p99
            drawn = _printed(client, printed)
    return {**found, "beside drawing": max(found.values()), "drawn beside": float(len(drawn))}


def _printed(client: Popen[bytes], printed: IO[bytes]) -> list[str]:
    """A line for each picture. Raises `Unanswered` where the client gave up."""
    is_alive = client.poll() is None
    lines = said(printed).decode().splitlines()
    if not is_alive or not lines:
        raise Unanswered(f"the drawing client gave up: {' '.join(lines)[-300:]}")
    return lines


def base64(base: Ground, _: int) -> dict[str, float]:
    """Pictures of 1024x1024 in base64 a second, each another, from one process held to one core."""
    files = [written(base.folder, f"b64-{seed}", _with(seed=seed, response_format="b64_json")) for seed in range(400)]
    pinned = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    with serving(base, SHIPPED, VALID["model"], PATH, pinned) as server:
        return {"b64": sampled_by(Plan(server.port, files, 4, base.seconds)).rate}


def growth(base: Ground, requests: int) -> dict[str, float]:
    """MB after a thousand calls, and how many more after all."""
    with serving(base, SHIPPED, VALID["model"], PATH) as server:
        plan = Plan(server.port, [base.request("valid")], seconds=LONGEST, warmup=0, count=FEW)
        sampled_by(plan)
        before = server.memory
        came = sampled_by(Plan(server.port, [base.request("valid")], seconds=LONGEST, warmup=0, count=requests))
        return {"after 1,000": before, "growth": server.memory - before, "requests": float(came.requests)}


def _with(**changes: object) -> dict[str, object]:
    return {**VALID, **changes}


SCENES: dict[str, Callable[[Ground, int], dict[str, float]]] = {
    "POST beside a client that draws": beside_drawing,
    "base64": base64,
    "memory after many calls": growth,
}
