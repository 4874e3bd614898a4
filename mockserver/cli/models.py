"""`pixelpact models`: what can be served and judged, as a list or as an OpenAPI document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options

if TYPE_CHECKING:
    from ..contract.contract import Contract
    from ..contract.models import Model
    from ..contract.sources import Source

Contracts = Mapping[str, "Contract"]


@click.command()
@options.schemas
@click.option("--model", "names", multiple=True, metavar="PATTERN", help="Only these: an id, or bytedance/*.")
@click.option("--long", "at_length", is_flag=True, help="All that is known of each.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.option("--openapi", is_flag=True, help="Print what is served as an OpenAPI 3.1 document.")
@click.option("--server", metavar="URL", help="With --openapi: as a mock there serves it. Without: the live API.")
@click.option("--profile", help="With --openapi: the reading of the docs to go by. Without: observed.")
def models(
    schemas: tuple[Path, ...],
    names: tuple[str, ...],
    server: str | None,
    profile: str | None,
    *,
    at_length: bool,
    as_json: bool,
    openapi: bool,
) -> None:
    """List the models and profiles that can be served and judged.

    \b
    Examples:
      pixelpact models --model 'bytedance/*'
      pixelpact models --openapi --server http://127.0.0.1:8080
    """
    from ..contract.contract import DEFAULT_PROFILE, load, load_all

    if not openapi and (server or profile):
        raise click.UsageError("--server, --profile: expected beside --openapi, received without it")
    if openapi:
        return _print_openapi(load(*schemas, profile=profile or DEFAULT_PROFILE), names, server)
    contracts = load_all(*schemas)
    known = _chosen(contracts, names)
    if as_json:
        rows = [_row(model, contracts) for model in known]
        summaries = {name: contract.summary for name, contract in contracts.items()}
        click.echo(json.dumps({"models": rows, "profiles": summaries}, indent=2, ensure_ascii=False))
        return None
    for line in (_at_length if at_length else _in_short)(known, contracts):
        click.echo(line)
    return None


def _print_openapi(contract: Contract, names: Sequence[str], server: str | None) -> None:
    from ..contract.openapi import SERVER, document

    chosen = contract.chosen(names) if names else None
    made = document(contract, server or SERVER, chosen, mock=server is not None)
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))


def _chosen(contracts: Contracts, names: Sequence[str]) -> list[Model]:
    """The models of those names, each as in the first profile that has it. Raises UnknownName."""
    from ..errors import UnknownName

    known: dict[str, Model] = {}
    for contract in contracts.values():
        new = [key for key in contract.models if key not in known]
        known |= {key: contract.models[key] for key in new}
    if not names:
        return list(known.values())
    chosen: dict[str, Model] = {}
    for name in names:
        found: dict[str, Model] = {}
        for contract in contracts.values():
            try:
                found |= {model.key: known[model.key] for model in contract.chosen([name])}
            except UnknownName:
                continue
        if not found:
            raise UnknownName("model", name, tuple(known))
        chosen |= found
    return list(chosen.values())


def _profiles(model: Model, contracts: Contracts) -> list[str]:
    return [name for name, contract in contracts.items() if model.key in contract.models]


def _source(model: Model) -> Source:
    """Where the model's request was read: its file of the docs."""
    from ..contract.sources import names_of

    named = names_of(model.request, "properties")
    return model.sources[named[0]] if named else model.promised_by[0]


def _row(model: Model, contracts: Contracts) -> dict[str, Any]:
    source = _source(model)
    return {
        **{key: getattr(model, key) for key in ("id", "title", "task", "status", "credits")},
        "profiles": _profiles(model, contracts),
        **{key: getattr(model, key) for key in ("key", "path", "origin")},
        "source": {key: value for key, value in vars(source).items() if value is not None and key != "sha256"},
        "sha256": source.sha256,
    }


def _in_short(known: Sequence[Model], contracts: Contracts) -> list[str]:
    """A line a model, by path and vendor; then the profiles."""
    if not known:
        return ["no model"]
    cells = {model.key: _cells(model) for model in known}
    widths = [max(map(len, column)) for column in zip(*cells.values(), strict=True)]
    lines: list[str] = []
    for path in dict.fromkeys(model.path for model in known):
        lines += [path]
        for model in sorted((model for model in known if model.path == path), key=lambda model: model.key):
            padded = [cell.ljust(width) for cell, width in zip(cells[model.key], widths, strict=True)]
            lines += [f"  {'  '.join(padded)}".rstrip()]
    return [*lines, "", f"{_counted(known)}; credits are for one picture", "", *_summaries(contracts)]


def _cells(model: Model) -> tuple[str, ...]:
    source = _source(model)
    return model.key, model.task, model.status, f"{model.credits:>7,}", _place(source)


def _place(source: Source) -> str:
    """Where, briefly: the file with its commit and date."""
    file = source.place.split(",")[0].split()[-1].rpartition("/")[2] or source.place
    return " ".join(filter(None, [file, source.commit and f"at {source.commit[:8]}", source.date]))


def _counted(known: Sequence[Model]) -> str:
    times = Counter(model.status for model in known)
    told = ", ".join(f"{times[status]} {status}" for status in ("current", "deprecated", "removed") if times[status])
    return f"{len(known)} model{'s' * (len(known) != 1)} ({told})"


def _at_length(known: Sequence[Model], contracts: Contracts) -> list[str]:
    """All of each model; then the profiles."""
    lines: list[str] = []
    for model in known:
        row = _row(model, contracts)
        lines += [
            "{key}  {title}, {task}, {status}, {credits:,} credits a picture".format(**row),
            f"  path: {model.path}",
            f"  source: {_source(model)}",
            *([f"  imported from: {model.origin}, sha256 {row['sha256']}"] if model.origin else []),
            f"  profiles: {', '.join(row['profiles'])}",
        ]
    return [*lines, "", *_summaries(contracts)]


def _summaries(contracts: Contracts) -> list[str]:
    return [f"{name:<17}{contract.summary}" for name, contract in contracts.items()]
