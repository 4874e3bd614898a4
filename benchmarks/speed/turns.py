"""Turns: one contender started, loaded, weighed and ended, with the reference measured before and after it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from .calls import EDIT, INVALID, VALID, asked, large, written
from .contenders import REFERENCE, Contender, Place
from .documents import PATH, Documents
from .install import Cache, NotInstalled
from .processes import NotStarted, Started, free_port, running, started
from .sample import Plan, Sample, Unanswered, sampled_by

REFUSALS = (NotInstalled, NotStarted, Unanswered, OSError, subprocess.CalledProcessError)
# What is sent: the call, over how many connections.
LOADS = {
    "valid": ("valid", 16),
    "invalid": ("invalid", 16),
    "valid, 1 connection": ("valid", 1),
    "valid, 64 connections": ("valid", 64),
}
LARGE = "4 MiB"


@dataclass(frozen=True)
class Turn:
    """What came of one turn: seconds to the first answer, MB after the loads, and a sample for each load."""

    name: str
    starts: Sequence[float] = ()
    memory: float = 0.0
    samples: Mapping[str, Sample] = field(default_factory=dict)
    reference: Mapping[str, float] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True)
class Ground:
    """What all turns stand on: the cache, a scratch folder with the requests, and how long a load takes."""

    cache: Cache
    folder: Path
    seconds: float

    def request(self, name: str) -> str:
        """The file of a request."""
        return str(self.folder / f"{name}.http")

    def documents(self, model: str) -> Documents:
        """The specification of a model."""
        return Documents(model, self.folder / model.replace("/", "-"))


def ground(cache: Path, folder: Path, seconds: float) -> Ground:
    """The ground, with the requests written."""
    written(folder, "valid", VALID)
    written(folder, "invalid", INVALID)
    written(folder, LARGE, large())
    written(folder, "parsed", large(), "/parsed")
    return Ground(Cache(cache), folder, seconds)


@contextmanager
def reference(base: Ground) -> Iterator[Started]:
    """The fixed server that all are measured beside."""
    with serving(base, REFERENCE, VALID["model"], PATH) as server:
        yield server


def reference_rates(base: Ground, server: Started) -> dict[str, float]:
    """The reference's answers a second to the valid call, and its milliseconds for a body of 4 MiB."""
    quick = sampled_by(Plan(server.port, [base.request("valid")], seconds=min(2.0, base.seconds)))
    slow = sampled_by(Plan(server.port, [base.request("parsed")], connections=1, seconds=min(1.0, base.seconds)))
    return {"valid": quick.rate, LARGE: slow.p50}


def turn(base: Ground, one: Contender) -> Turn:
    """One contender's turn, without what the reference gives beside it."""
    try:
        return Turn(one.name, *_loaded(base, one))
    except REFUSALS as reason:
        return Turn(one.name, problem=str(reason))


def beside(one: Turn, before: Mapping[str, float], after: Mapping[str, float]) -> Turn:
    """A turn with what the reference gave: the mean of before and after it."""
    return replace(one, reference={name: (before[name] + after[name]) / 2 for name in after})


def _loaded(base: Ground, one: Contender) -> tuple[list[float], float, dict[str, Sample]]:
    samples = {}
    with serving(base, one, VALID["model"], PATH) as server:
        for name, (call, connections) in LOADS.items():
            status = one.refuses or 400 if call == "invalid" else 200
            if _applies(one, call, connections):
                samples[name] = _sample(base, server, call, connections, one.warmup if name == "valid" else 0.3, status)
        starts, memory = [server.seconds], server.memory
    with serving(base, one, EDIT, PATH) as server:
        samples[LARGE] = _sample(base, server, LARGE, 1, 0.5, 200)
        starts.append(server.seconds)
    return starts, memory, samples


def _applies(one: Contender, call: str, connections: int) -> bool:
    return one.is_ours or (connections == 16 and (call == "valid" or one.refuses is not None))


def _sample(base: Ground, server: Started, call: str, connections: int, warmup: float, status: int) -> Sample:
    files = [base.request(call)]
    sampled_by(Plan(server.port, files, connections, warmup, 0.0))
    before = server.worked
    sample = sampled_by(Plan(server.port, files, connections, base.seconds, 0.0))
    if set(sample.statuses) != {str(status)}:
        raise Unanswered(f"{call}: expected {status} alone, received {dict(sample.statuses)}")
    sample = replace(sample, cost=(server.worked - before) * 1000 / sample.requests)
    print(_line(call, connections, sample), file=sys.stderr)
    return sample


def _line(call: str, connections: int, sample: Sample) -> str:
    took = f"p50 {sample.p50:7.2f} p99 {sample.p99:7.2f} ms"
    return f"    {call:8} {connections:3} connections {sample.rate:9,.0f}/s {took}, {sample.cost:.3f} ms of processor"


@contextmanager
def serving(base: Ground, one: Contender, model: str, path: str, prefix: Sequence[str] = ()) -> Iterator[Started]:
    """A contender that has answered one valid call. Raises what `REFUSALS` names."""
    with ExitStack() as stack:
        address = stack.enter_context(redis(base.folder)) if one.needs_redis else ""
        place = Place(base.cache, base.documents(model), free_port(), address)
        command, environment = [*prefix, *one.command(place)], one.environment(place)
        folder = one.folder(base.cache)
        body = large() if model == EDIT else VALID
        yield stack.enter_context(started(command, place.port, asked(body, path), environment, folder))


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The address of a Redis server that keeps nothing on disk. Raises `NotInstalled`."""
    program = shutil.which("redis-server")
    if not program:
        raise NotInstalled("needs redis-server")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with running([program, *options], {}, folder):
        yield f"redis://127.0.0.1:{port}/0"
