"""`pixelpact serve`: the mock in the foreground."""

from __future__ import annotations

import logging
import signal
from contextlib import suppress
from pathlib import Path

import click

from . import options


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@options.profile
@options.schemas
@click.option(
    "--api-key",
    multiple=True,
    envvar="PIXELPACT_SERVE_API_KEY",
    help="Accept this key only. Can be given more than once. Without: any key but those that begin with `invalid`.",
)
@click.option(
    "--allow-host",
    multiple=True,
    help="Fetch a caller's image from this host; a URL of any other is stood in for. Can be given more than once.",
)
@click.option("--strict", is_flag=True, help="Refuse fields that the schema does not know.")
def serve(
    host: str,
    port: int,
    profile: str,
    schemas: tuple[Path, ...],
    api_key: tuple[str, ...],
    allow_host: tuple[str, ...],
    strict: bool,
) -> None:
    """Run the mock on a port of this machine.

    The first line on stdout is its base URL; calls are logged on stderr. Ctrl-C stops it.

    \b
    Example:
      pixelpact serve --port 8080
      curl http://127.0.0.1:8080/v1/images/generations -H 'Authorization: Bearer test-key' \\
        -H 'Content-Type: application/json' \\
        -d '{"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "1888x301"}'
    """
    from ..doors.server import Server
    from ..service.app import create_app
    from ..service.settings import Settings

    settings = Settings(
        profile=profile,
        schemas=schemas,
        api_keys=frozenset(api_key),
        allowed_hosts=frozenset(allow_host),
        strict=strict,
    )
    server = Server(create_app(settings), host, port)
    _log_calls()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        click.echo(server.url)
        click.echo(f"profile {profile}; base for OpenAI clients: {server.url}/v1; Ctrl-C stops", err=True)
        server.serve_forever()
    click.echo("stopped", err=True)


def _log_calls() -> None:
    """A line on stderr for each call."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("pixelpact.calls")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
