"""`python -m benchmarks.speed`: ours and the peers in turn on one specification, each beside one reference."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from ..results import keep
from .contenders import Contender, contenders
from .proof import Figures
from .scenes import SCENES
from .summary import problems, summaries
from .table import machine, report, versions
from .turns import REFUSALS, Ground, Turn, beside, ground, reference, reference_rates, turn

CACHE = Path.home() / ".cache" / "pixelpact-benchmarks"


@click.command()
@click.option("--only", multiple=True, metavar="NAME", help="Measure only this contender. Can be given more than once.")
@click.option("--peers/--no-peers", default=True, show_default=True, help="Measure others beside ours.")
@click.option("--scenes/--no-scenes", default=True, show_default=True, help="Measure what only ours can do, too.")
@click.option("--seconds", default=5.0, show_default=True, type=click.FloatRange(0.2), help="How long a load takes.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Turns of each contender.")
@click.option("--requests", default=1_000_000, show_default=True, help="After how many memory must not have grown.")
@click.option("--cache", default=CACHE, show_default=True, type=click.Path(path_type=Path), help="Holds the peers.")
@click.option("--out", type=click.Path(path_type=Path), help="Write every sample to this file, as JSON.")
@click.option("--write", "is_kept", is_flag=True, help="Put the tables into RESULTS.md.")
def main(
    *,
    only: Sequence[str],
    peers: bool,
    scenes: bool,
    seconds: float,
    rounds: int,
    requests: int,
    cache: Path,
    out: Path | None,
    is_kept: bool,
) -> None:
    """Install the peers, measure each in turn, and print how all compare, and what of the demands on ours holds."""
    try:
        chosen = contenders(only, peers=peers)
    except ValueError as reason:
        raise click.BadParameter(str(reason), param_hint="--only") from reason
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="benchmark-") as folder:
        base = ground(cache.absolute(), Path(folder), seconds)
        turns = _turns(base, chosen, rounds)
        figures = Figures(summaries(turns), _scenes(base, requests) if scenes else {})
    known = versions(chosen)
    text = report(figures, problems(turns), known, rounds)
    print(text)
    if out:
        content = {"machine": machine(), "versions": known, "turns": [*map(asdict, turns)], "scenes": figures.scenes}
        out.write_text(json.dumps(content, indent=1), "utf-8")
    if is_kept:
        keep("speed", text)


def _turns(base: Ground, chosen: Sequence[Contender], rounds: int) -> list[Turn]:
    turns: list[Turn] = []
    with reference(base) as server:
        before = reference_rates(base, server)
        for number in range(1, rounds + 1):
            for one in chosen:
                if any(past.problem and past.name == one.name for past in turns):
                    continue
                print(f"round {number}/{rounds}: {one.name} (reference {before['valid']:,.0f}/s)", file=sys.stderr)
                came = turn(base, one)
                print(*(f"    {line}" for line in [came.problem] if line), file=sys.stderr, end="")
                after = reference_rates(base, server)
                turns.append(beside(came, before, after))
                before = after
    return turns


def _scenes(base: Ground, requests: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, scene in SCENES.items():
        print(f"scene: {name}", file=sys.stderr)
        try:
            found |= scene(base, requests)
        except REFUSALS as reason:
            print(f"    not measured: {reason}", file=sys.stderr)
    return found


if __name__ == "__main__":
    main()
