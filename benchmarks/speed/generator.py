"""The load generator as a process beside the server, under a limit of time."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from .sample import Plan, Sample

ROOT = Path(__file__).parents[2]


class Unanswered(RuntimeError):
    """A load that gave no sample; with what its process said."""


def sampled_by(plan: Plan) -> Sample:
    """What came of a plan. Raises `Unanswered`."""
    longest = 60 + plan.warmup + plan.seconds
    command = [sys.executable, "-m", "benchmarks.speed.load"]
    given = json.dumps(asdict(plan))
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, cwd=ROOT, timeout=longest, check=False
        )
    except subprocess.TimeoutExpired as reason:
        raise Unanswered(f"no sample within {longest:.0f} s") from reason
    if done.returncode:
        raise Unanswered(done.stderr.strip()[-300:])
    return Sample(**json.loads(done.stdout))
