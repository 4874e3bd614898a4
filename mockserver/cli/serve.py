"""`pixelpact serve`: the mock in the foreground."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import PixelpactError
from .mocking import filled, mock_options, settings

if TYPE_CHECKING:
    import socket

    from _typeshed.wsgi import WSGIApplication

    from ..service.settings import Settings


class CannotTell(PixelpactError):
    """Nobody can be told where the server is."""


APART = "without --state, each worker has a journal, credits, limits, faults and a clock of its own"


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    callback=filled,
    help="The address to listen on. Links lead to the host that a caller asks for.",
)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    envvar="PIXELPACT_WORKERS",
    help="How many processes answer. Give --state with more than one.",
)
@click.option("--quiet", is_flag=True, help="No line for each call.")
@click.option(
    "--keep",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="How many calls of each key are kept to be looked at. Without, and with --state: 1000.",
)
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
def serve(host: str, port: int, *, workers: int, quiet: bool, watch: bool, **mock: Any) -> None:
    """Run the mock on a port of this machine.

    The first line on stdout is its base URL; calls are logged on stderr. Ctrl-C stops it: calls under way are answered
    first, and a second one stops at once. What it serves as an OpenAPI document: /openapi.json.

    \b
    Example:
      pixelpact serve --port 8080
      curl http://127.0.0.1:8080/v1/images/generations -H 'Authorization: Bearer test-key' \\
        -H 'Content-Type: application/json' \\
        -d '{"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "1888x301"}'
    """
    from ..doors.sockets import base_url, listening

    _hold_together(workers, watch=watch, schemas=mock["schemas"])
    chosen = settings(**mock)
    with listening(host, port) as listener, ExitStack() as stack:
        url = base_url(host, listener)

        def ready() -> None:
            _print(url)
            look = _to_look(host, url, token=bool(chosen.control_token))
            _tell(f"profile {mock['profile']}; base for OpenAI clients: {url}/v1; to look: {look}; Ctrl-C stops")

        if workers > 1:
            shared = stack.enter_context(_together(chosen))
            done = _many(shared, listener, workers, ready, quiet=quiet, watch=watch)
        else:
            done = _one(chosen, listener, ready, quiet=quiet, watch=watch)
    _tell("stopped")
    if not done:
        # A thread is busy still, and Python would wait for it.
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(0)


def _hold_together(workers: int, *, watch: bool, schemas: tuple[Path, ...]) -> None:
    """Raise UsageError for what does not go together, or not here."""
    if watch and not schemas:
        raise click.UsageError("--watch: expected --schemas DIR beside it, received none")
    if workers > 1 and not hasattr(os, "fork"):
        raise click.UsageError("--workers: more than one is not for this system")


def _to_look(host: str, url: str, *, token: bool) -> str:
    """Where the workbench answers: without a token to this machine alone, by a name of its own."""
    from ..service.calls import CONTROL

    if host in ("", "0.0.0.0", "::"):
        here = f"http://127.0.0.1:{url.rpartition(':')[2]}{CONTROL}"
        return here if token else f"{here} (from elsewhere: --control-token)"
    if token or host == "localhost" or host == "::1" or host.startswith("127."):
        return f"{url}{CONTROL}"
    return "start it with --control-token"


def _print(url: str) -> None:
    """The first line on stdout, for whoever reads it; who cannot be told hears of it."""
    try:
        click.echo(url)
    except BrokenPipeError:
        # Its reader has gone, as that of a log may.
        return
    except OSError as reason:
        raise CannotTell(f"stdout: expected to be written to, received: {reason.strerror}") from reason


def _tell(line: str) -> None:
    """A line on stderr; that nobody can read it stops no server."""
    with suppress(OSError, ValueError):
        click.echo(line, err=True)


@contextmanager
def _together(chosen: Settings) -> Iterator[Settings]:
    """The settings of workers: they have one folder of uploads."""
    from tempfile import TemporaryDirectory

    if not chosen.state:
        _tell(APART)
    with TemporaryDirectory() as folder:
        yield replace(chosen, uploads=chosen.uploads or Path(folder))


def _many(
    chosen: Settings, listener: socket.socket, count: int, ready: Callable[[], None], *, quiet: bool, watch: bool
) -> bool:
    from ..doors.connection import GRACE
    from ..doors.workers import Workers

    def work(number: int, begun: Callable[[], None], watched: int) -> int:
        # What a change of the schemas comes to is said once.
        _one(chosen, listener, begun, quiet=quiet, watch=watch, is_first=number == 1, watched=watched)
        return 0

    Workers(count, work, _tell, GRACE).run(ready)
    return True


def _one(
    chosen: Settings,
    listener: socket.socket,
    ready: Callable[[], None],
    *,
    quiet: bool,
    watch: bool,
    is_first: bool = True,
    watched: int | None = None,
) -> bool:
    """Serve in this process; whether all that was under way has ended."""
    from ..doors.calllog import CallLog
    from ..doors.serving import Serving

    with ExitStack() as stack:
        if watch:
            from ..doors.watching import Watching

            say = _tell if is_first else (lambda _: None)
            app: WSGIApplication = stack.enter_context(Watching(chosen, say))
        else:
            from ..service.lane import lane
            from ..service.mock import build

            app = lane(build(chosen))
        if not quiet:
            log = CallLog()
            log.begin()
            stack.callback(log.end)
        return Serving(app, listener, chosen.body_limit).run(ready, watched)
