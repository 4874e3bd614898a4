"""`pixelpact serve`: the mock in the foreground."""

from __future__ import annotations

import logging
import signal
from contextlib import nullcontext, suppress
from typing import Any

import click

from .mocking import mock_options, settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@mock_options
@click.option(
    "--control-token",
    envvar="PIXELPACT_CONTROL_TOKEN",
    default="",
    help="Open /_pixelpact/ to other machines that send this as X-Pixelpact-Token. Without: to this machine alone.",
)
@click.option(
    "--watch",
    is_flag=True,
    # Read before --schemas: a folder that is watched need not be there yet.
    is_eager=True,
    help="Look at the --schemas folders all the time: what changes is served from the next request on.",
)
def serve(host: str, port: int, *, watch: bool, **mock: Any) -> None:
    """Run the mock on a port of this machine.

    The first line on stdout is its base URL; calls are logged on stderr. Ctrl-C stops it. What it serves as an OpenAPI
    document: /openapi.json.

    \b
    Example:
      pixelpact serve --port 8080
      curl http://127.0.0.1:8080/v1/images/generations -H 'Authorization: Bearer test-key' \\
        -H 'Content-Type: application/json' \\
        -d '{"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "1888x301"}'
    """
    from ..doors.server import Server
    from ..doors.watching import Watching
    from ..service.app import create_app

    if watch and not mock["schemas"]:
        raise click.UsageError("--watch: expected --schemas DIR beside it, received none")
    chosen = settings(**mock)
    watching = Watching(chosen, lambda line: click.echo(line, err=True)) if watch else None
    server = Server(watching or create_app(chosen), host, port)
    _log_calls()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), watching or nullcontext():
        click.echo(server.url)
        click.echo(f"profile {mock['profile']}; base for OpenAI clients: {server.url}/v1; Ctrl-C stops", err=True)
        server.serve_forever()
    click.echo("stopped", err=True)


def _log_calls() -> None:
    """A line on stderr for each call."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("pixelpact.calls")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
