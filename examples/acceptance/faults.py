"""`python -m examples.acceptance.faults`: each fault as real clients see it, beside the real fault of that name.

Real is a server on plain sockets that knows no Pixelpact, `tests/real_faults.py`; ours is the mock that `pixelpact
serve` starts. What is compared is all that a program has in its hands: the exception and its causes, their texts, the
status, the wait, the words of a refusal.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx

from tests.observers import BODY, CLIENTS, PATIENT, Seen, error_of, link_of, picture_of, refusal, settled
from tests.real_faults import API, CONDUCTS, PATIENCE, really, worded

from .homes import Home, NotHere, make
from .mock import serving
from .probe import Probe

NODE = Home("node", ("openai@6.49.0",))
TITLES = {"late": "latency (beyond the read timeout)"}
NOTE = "The SDKs follow no links. fetch raises for no status: `Refused` is what the program raised itself."
# hop, base, key, read timeout
Look = Callable[[str, str, str, float], Seen]


@dataclass(frozen=True)
class Column:
    """A client. One that is an SDK follows no links."""

    title: str
    look: Look
    downloads: bool = True


@dataclass(frozen=True)
class Cell:
    """What a client saw of a fault, and of the real one."""

    title: str
    ours: Seen
    real: Seen

    def __str__(self) -> str:
        same = self.ours == self.real
        return f"`{shown(self.ours)}` = real" if same else f"**`{shown(self.ours)}`, real `{shown(self.real)}`**"


Row = tuple[str, Sequence[Cell | None]]


def shown(seen: Seen) -> str:
    """The exception, and the code of its last cause where Node gives one."""
    code = seen.raised[-1].partition(" ")[2] if seen.raised else ""
    return f"{seen.short} ({code})" if code else seen.short


def by_node(probe: Probe, client: str) -> Look:
    """What a client of Node sees, in the form of those of Python."""

    def look(hop: str, base: str, key: str, patience: float) -> Seen:
        asked = {"client": client, "hop": hop, "base": base, "key": key, "patience": patience, "body": BODY}
        (came,) = probe.ask([asked])
        if "link" in came:
            return Seen(value=link_of(base, came["link"]))
        return _raised(came) if "chain" in came else Seen(value=picture_of(came["type"], came["jpeg"]))

    return look


def _raised(came: Mapping[str, Any]) -> Seen:
    raised = tuple(error["raised"] for error in came["chain"])
    told = came["refusal"]
    if told is None:
        return Seen(raised, tuple(settled(error["says"]) for error in came["chain"]))
    headers = {"Content-Type": told["type"], "Retry-After": told["wait"]}
    facts = refusal(told["status"], headers, (told["text"] or "").encode())
    sdk = told.get("sdk")
    # Its text is its status and what the answer says, which is another one each time.
    return Seen(raised, (), facts | ({**sdk, "error": sdk["error"] and error_of(sdk["error"])} if sdk else {}))


def columns(probe: Probe | None) -> list[Column]:
    """The clients of this environment, and those of Node if they are here."""
    python = {"httpx": "httpx", "requests": "requests", "OpenAI Python": "openai"}
    ours = [Column(title, CLIENTS[name].see, bool(CLIENTS[name].download)) for title, name in python.items()]
    if probe is None:
        return ours
    node = [Column("OpenAI Node", by_node(probe, "openai"), downloads=False), Column("fetch", by_node(probe, "fetch"))]
    return [*ours, *node]


def rows(server: str, clients: Sequence[Column]) -> Iterator[Row]:
    """A row for each fault on each hop."""
    for hop, conducts in CONDUCTS.items():
        for name in conducts:
            title = f"status,code={name}" if name.isdecimal() else TITLES.get(name, name)
            cells = [_cell(server, client, hop, name) for client in clients]
            yield (title if hop == API else f"{title},on=download"), cells


def _cell(server: str, client: Column, hop: str, name: str) -> Cell | None:
    if hop != API and not client.downloads:
        return None
    # A key of its own: no other cell's faults.
    key = f"{client.title}-{hop}-{name}".replace(" ", "-")
    headers = {"Authorization": f"Bearer {key}"}
    httpx.post(f"{server}/_pixelpact/faults", json=worded(name, hop), headers=headers).raise_for_status()
    patience = PATIENCE.get(name, PATIENT)
    with really(hop, name) as real:
        return Cell(client.title, client.look(hop, server, key, patience), client.look(hop, real, key, patience))


def table(found: Sequence[Row], clients: Sequence[Column]) -> str:
    """The rows in Markdown."""
    heads = ["fault", *(client.title for client in clients)]
    lines = [heads, ["---"] * len(heads), *([title, *(str(cell or "") for cell in cells)] for title, cells in found)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def differences(found: Sequence[Row]) -> list[str]:
    """Each fault that a client saw otherwise than the real one."""
    return [
        f"- {title}, {cell.title}\n  - ours: {cell.ours}\n  - real: {cell.real}"
        for title, cells in found
        for cell in cells
        if cell and cell.ours != cell.real
    ]


def _probe(stack: ExitStack, keep: Path | None) -> Probe | None:
    folder = keep.resolve() if keep else Path(stack.enter_context(tempfile.TemporaryDirectory()))
    try:
        made = make(NODE, folder)
    except NotHere as reason:
        print(f"OpenAI Node and fetch are not here: {reason}", file=sys.stderr)
        return None
    return stack.enter_context(Probe(made.probe("faults_seen"), made.folder))


@click.command()
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Keep what npm installs in this folder, for another time."
)
def main(keep: Path | None) -> None:
    """Print what each client sees of each fault; the end is 1 if any sees what it would not see of the real one."""
    with ExitStack() as stack:
        clients = columns(_probe(stack, keep))
        found = [*rows(stack.enter_context(serving("observed")), clients)]
    wrong = differences(found)
    print("\n".join([table(found, clients), "", NOTE, *wrong]))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
