"""`python -m benchmarks.drawing | python -m benchmarks.results drawing`: what a benchmark printed, into RESULTS.md."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

RESULTS = Path(__file__).parent / "RESULTS.md"


def marked(text: str, name: str, content: str) -> str:
    """A document with the part between a name's marks replaced, or added at its end."""
    begin, end = f"<!-- {name}: generated -->", f"<!-- {name}: end -->"
    part = f"{begin}\n{content}\n{end}"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _: part, text) if begin in text else f"{text.rstrip()}\n\n{part}\n".lstrip()


def keep(name: str, content: str) -> None:
    """Put a part into the file of results."""
    RESULTS.write_text(marked(RESULTS.read_text("utf-8"), name, content.strip()), "utf-8")


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Put standard input into the part of RESULTS.md of that NAME."""
    keep(name, sys.stdin.read())


if __name__ == "__main__":
    main()
