"""The Markdown table of all runs, a column for each tool, and the names of what is not as it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .faults import CLASSES
from .runs import Run

Results = Mapping[str, Sequence[Run]]


def table(results: Results) -> str:
    """All of it, as lines."""
    told = [row for row in _rows(results) if {*row[1:]} != {"-"}]
    rows = [["", *results], ["---", *("---:" for _ in results)], *told]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", *(line for tool, runs in results.items() for line in _exceptions(tool, runs))])


def _rows(results: Results) -> Iterator[list[str]]:
    for label, kinds in {**{name: {name} for name in CLASSES}, "**all planted**": {*CLASSES}}.items():
        yield [label, *(_found([run for run in runs if run.kind in kinds]) for runs in results.values())]
    mutants = [[run for run in runs if run.kind == "mutants"] for runs in results.values()]
    yield ["**mutants**", *(_found(runs) for runs in mutants)]
    yield ["mutants, but for the permitted", *(_found([run for run in runs if not run.permitted]) for runs in mutants)]
    yield ["planted in the answer, found by request", *(_latest(runs) for runs in results.values())]
    benign = [[run for run in runs if run.kind == "benign"] for runs in results.values()]
    yield ["benign, with an error", *(_share(runs, "found") for runs in benign)]
    yield ["benign, with a warning", *(_share(runs, "warned") for runs in benign)]
    for name in ("pictures", "requests", "seconds"):
        yield [f"{name}: clean / most", *(_counted(runs, name) for runs in results.values())]


def _found(runs: Sequence[Run]) -> str:
    found = sum(run.is_found for run in runs)
    return f"{found} of {len(runs)} ({100 * found / len(runs):.0f} %)" if runs else "-"


def _share(runs: Sequence[Run], verdict: str) -> str:
    return f"{_count(runs, verdict)} of {len(runs)}" if runs else "-"


def _count(runs: Sequence[Run], verdict: str) -> int:
    return sum(run.verdict == verdict for run in runs)


def _latest(runs: Sequence[Run]) -> str:
    ordinals = sorted(run.request for run in runs if run.kind == "answer" and run.request is not None)
    return f"{ordinals[len(ordinals) // 2]} (median), {ordinals[-1]} (last)" if ordinals else "-"


def _counted(runs: Sequence[Run], name: str) -> str:
    clean = " + ".join(f"{getattr(run, name):.0f}" for run in runs if run.kind == "clean")
    return f"{clean} / {max(getattr(run, name) for run in runs if run.kind != 'benign'):.0f}"


def _exceptions(tool: str, runs: Sequence[Run]) -> Iterator[str]:
    for run in runs:
        right = run.verdict == "missed" if run.kind in ("clean", "benign") else run.is_found
        if not right and not (run.permitted and run.verdict != "broke"):
            said = run.problem or ", ".join([*run.errors, *run.warnings][:3])
            yield f"- {tool}: {run.kind}: {run.name}: {run.verdict} {said}".rstrip()
