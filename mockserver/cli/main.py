"""The `pixelpact` command: its verbs are loaded when they are called, so that `--help` is quick."""

from __future__ import annotations

import importlib
import sys

import click

from ..errors import PixelpactError

VERBS = {
    "models": "List the models and profiles that can be served and judged.",
    "serve": "Run the mock on a port of this machine.",
    "verify": "Judge a server by the contract: the mock, the live API, or any base URL.",
    "record": "Keep the exchanges of a run as fixtures, without their secrets.",
    "exec": "Run a program of any language with a mock of its own.",
    "env": "Print the variables that point a program at the mock.",
    "explain": "Say what a finding means, by its code.",
    "import": "Make schemas of the docs' OpenAPI files.",
    "lint-docs": "Report where pages and specifications contradict themselves, each other and the contract.",
    "drift": "Say what changed between two readings of the docs, and whom it breaks.",
}
# The exit code after Ctrl-C: click's own would be that of findings.
INTERRUPTED = 130
# Where a verb is no name in Python.
MODULES = {"import": "import_", "lint-docs": "lint_docs"}


class _Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in VERBS:
            return None
        name = MODULES.get(cmd_name, cmd_name)
        command: click.Command = getattr(importlib.import_module(f"..{name}", __name__), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb; Ctrl-C ends it at any time, and be it while it is loaded."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pixelpact")
def cli() -> None:
    """Pixelpact holds an image-generation API to its word, down to the pixel.

    \b
    Example:
      pixelpact verify --target mock
    """


def main() -> None:
    """Run the command; what is wrong with its input is one clear line and exit code 2."""
    try:
        cli(standalone_mode=True)
    except PixelpactError as error:
        click.echo(f"pixelpact: {error}", err=True)
        sys.exit(2)
